-- CreateTable
CREATE TABLE "complaint_students" (
    "case_id" UUID NOT NULL,
    "institution" TEXT NOT NULL,
    "course" TEXT NOT NULL,
    "student_number" TEXT NOT NULL,
    "person_number" TEXT,
    "given_name" TEXT,
    "surname" TEXT,
    "email" TEXT,
    "language" TEXT,
    "candidate" TEXT,

    CONSTRAINT "complaint_students_pkey" PRIMARY KEY ("case_id")
);

-- CreateTable
CREATE TABLE "complaint_undisclosed" (
    "case_id" UUID NOT NULL,
    "first_grade" TEXT,
    "explanation" TEXT,
    "explained_by" UUID,
    "explained_at" TIMESTAMPTZ(3),
    "reasons" TEXT,
    "note" TEXT,

    CONSTRAINT "complaint_undisclosed_pkey" PRIMARY KEY ("case_id")
);

-- CreateTable
CREATE TABLE "complaint_entries" (
    "case_id" UUID NOT NULL,
    "entry" JSONB NOT NULL,
    "examiners" UUID[],
    "read_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "complaint_entries_pkey" PRIMARY KEY ("case_id")
);

-- CreateTable
CREATE TABLE "complaint_committees" (
    "id" UUID NOT NULL,
    "institution" TEXT NOT NULL,
    "unit" TEXT NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "made_by" UUID NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "complaint_committees_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "complaint_members" (
    "committee_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "external" BOOLEAN NOT NULL,

    CONSTRAINT "complaint_members_pkey" PRIMARY KEY ("committee_id","person_id")
);

-- CreateTable
CREATE TABLE "complaint_appointments" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "case_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "committee_id" UUID NOT NULL,
    "appointed_at" TIMESTAMPTZ(3) NOT NULL,
    "replaced_at" TIMESTAMPTZ(3),

    CONSTRAINT "complaint_appointments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "complaint_gradings" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "round" INTEGER NOT NULL,
    "grade" TEXT NOT NULL,
    "passed" BOOLEAN NOT NULL,
    "replaces" TEXT NOT NULL,
    "reason" TEXT,
    "registered_by" UUID NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,
    "in_protocol_at" TIMESTAMPTZ(3),
    "deleted_by" UUID,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "complaint_gradings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "complaint_recalculations" (
    "order_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "grading_id" UUID NOT NULL,
    "trial" BOOLEAN NOT NULL,
    "units" JSONB NOT NULL,
    "done_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "complaint_recalculations_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "complaint_disclosures" (
    "case_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "first_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "complaint_disclosures_pkey" PRIMARY KEY ("case_id","person_id")
);

-- CreateTable
CREATE TABLE "grade_changes" (
    "seq" BIGSERIAL NOT NULL,
    "institution" TEXT NOT NULL,
    "case_id" UUID NOT NULL,
    "student_number" TEXT NOT NULL,
    "unit" JSONB NOT NULL,
    "from_grade" TEXT NOT NULL,
    "to_grade" TEXT NOT NULL,
    "why" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "grade_changes_pkey" PRIMARY KEY ("seq")
);

-- CreateIndex
CREATE INDEX "complaint_students_institution_course_student_number_idx" ON "complaint_students"("institution", "course", "student_number");

-- CreateIndex
CREATE UNIQUE INDEX "complaint_committees_institution_unit_number_key" ON "complaint_committees"("institution", "unit", "number");

-- CreateIndex
CREATE INDEX "complaint_members_person_id_idx" ON "complaint_members"("person_id");

-- CreateIndex
CREATE INDEX "complaint_appointments_case_id_idx" ON "complaint_appointments"("case_id");

-- CreateIndex
CREATE INDEX "complaint_appointments_committee_id_idx" ON "complaint_appointments"("committee_id");

-- CreateIndex
CREATE INDEX "complaint_gradings_case_id_idx" ON "complaint_gradings"("case_id");

-- CreateIndex
CREATE INDEX "complaint_recalculations_case_id_idx" ON "complaint_recalculations"("case_id");

-- CreateIndex
CREATE INDEX "grade_changes_institution_seq_idx" ON "grade_changes"("institution", "seq");

-- One committee a round, of all that ever sat.
CREATE UNIQUE INDEX "complaint_appointments_current" ON "complaint_appointments"("case_id", "round") WHERE "replaced_at" IS NULL;

ALTER TABLE "complaint_appointments" ADD CONSTRAINT "complaint_appointments_round" CHECK ("round" IN (2, 3));
ALTER TABLE "complaint_gradings" ADD CONSTRAINT "complaint_gradings_deleted" CHECK (("deleted_at" IS NULL) = ("deleted_by" IS NULL));

CREATE TRIGGER grade_changes_kept BEFORE UPDATE OR DELETE ON grade_changes FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER grade_changes_whole BEFORE TRUNCATE ON grade_changes FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
