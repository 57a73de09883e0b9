-- CreateIndex
CREATE INDEX "result_rows_person_number_idx" ON "result_rows"("person_number");
