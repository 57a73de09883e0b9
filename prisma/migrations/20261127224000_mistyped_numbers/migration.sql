-- CreateTable
CREATE TABLE "mistyped_numbers" (
    "person_id" UUID NOT NULL,
    "number" TEXT NOT NULL,

    CONSTRAINT "mistyped_numbers_pkey" PRIMARY KEY ("person_id","number")
);

-- CreateIndex
CREATE INDEX "mistyped_numbers_number_idx" ON "mistyped_numbers"("number");
