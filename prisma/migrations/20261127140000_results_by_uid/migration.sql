-- CreateIndex
CREATE INDEX "row_transfers_result_uid_idx" ON "row_transfers"("result_uid");
