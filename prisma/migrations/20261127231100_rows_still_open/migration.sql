-- Rows that nobody has attested yet: few, among all there ever were.
CREATE INDEX "row_transfers_open" ON "row_transfers" ("case_id", "student_uid") WHERE "state" IN ('sent', 'ready');
