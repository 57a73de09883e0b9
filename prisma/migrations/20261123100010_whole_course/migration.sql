-- AlterTable
ALTER TABLE "course_modules" ADD COLUMN     "title_wanted" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "result_rows" ADD COLUMN     "modules" JSONB;

-- CreateTable
CREATE TABLE "courses" (
    "institution" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name_sv" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,
    "uid" UUID NOT NULL,
    "scale_id" TEXT NOT NULL,
    "title_wanted" BOOLEAN NOT NULL,
    "discontinued" BOOLEAN NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "courses_pkey" PRIMARY KEY ("institution","code")
);
