-- CreateTable
CREATE TABLE "subscription_told" (
    "person_id" UUID NOT NULL,
    "course_code" TEXT NOT NULL,
    "student_uid" UUID NOT NULL,
    "told_on" DATE NOT NULL,

    CONSTRAINT "subscription_told_pkey" PRIMARY KEY ("person_id","course_code","student_uid")
);
