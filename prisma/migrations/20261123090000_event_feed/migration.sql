-- CreateTable
CREATE TABLE "early_events" (
    "institution" TEXT NOT NULL,
    "event_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "result_uid" TEXT NOT NULL,
    "student_uid" UUID NOT NULL,
    "module_uid" TEXT NOT NULL,
    "grade" TEXT,
    "examination_date" DATE,
    "happened_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "early_events_pkey" PRIMARY KEY ("institution","event_id")
);

-- CreateIndex
CREATE INDEX "early_events_institution_result_uid_idx" ON "early_events"("institution", "result_uid");

-- CreateIndex
CREATE INDEX "result_rows_student_uid_idx" ON "result_rows"("student_uid");

ALTER TABLE "early_events" ADD CONSTRAINT "early_events_kind" CHECK ("kind" IN ('attested', 'annulled'));
ALTER TABLE "early_events" ADD CONSTRAINT "early_events_content"
  CHECK (("grade" IS NOT NULL) = ("kind" = 'attested') AND ("examination_date" IS NOT NULL) = ("kind" = 'attested'));
