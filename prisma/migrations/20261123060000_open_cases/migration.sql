-- The sweep goes round the open cases by number while most cases are long closed.
CREATE INDEX "cases_open" ON "cases" ("number") WHERE "closed_at" IS NULL;
