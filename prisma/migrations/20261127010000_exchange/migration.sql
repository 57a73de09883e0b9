-- CreateTable
CREATE TABLE "students" (
    "person_id" UUID NOT NULL,
    "institution" TEXT NOT NULL,
    "birth_date" DATE NOT NULL,
    "number_kind" TEXT NOT NULL,
    "registered_by" UUID NOT NULL,
    "registered_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "students_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "former_numbers" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "person_id" UUID NOT NULL,
    "number" TEXT NOT NULL,
    "number_kind" TEXT NOT NULL,
    "replaced_by" UUID NOT NULL,
    "replaced_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT NOT NULL,

    CONSTRAINT "former_numbers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "consents" (
    "seq" BIGSERIAL NOT NULL,
    "institution" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "answer" CHAR(1) NOT NULL,
    "answered_on" DATE NOT NULL,
    "came_from" TEXT NOT NULL,
    "entered_by" UUID NOT NULL,
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "reason" TEXT,

    CONSTRAINT "consents_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "exchange_partners" (
    "code" TEXT NOT NULL,
    "number" TEXT NOT NULL,
    "name_nb" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "keys" TEXT[],
    "listed" BOOLEAN NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exchange_partners_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "exchange_places" (
    "partner" TEXT NOT NULL,
    "place" INTEGER NOT NULL,
    "holder" UUID,
    "until" TIMESTAMPTZ(3),

    CONSTRAINT "exchange_places_pkey" PRIMARY KEY ("partner","place")
);

-- CreateTable
CREATE TABLE "exchange_inquiries" (
    "case_id" UUID NOT NULL,
    "partner" TEXT NOT NULL,
    "round" INTEGER NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "outcome" TEXT,
    "details" JSONB,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "asked_at" TIMESTAMPTZ(3),
    "answered_at" TIMESTAMPTZ(3),

    CONSTRAINT "exchange_inquiries_pkey" PRIMARY KEY ("case_id","partner","round")
);

-- CreateTable
CREATE TABLE "exchange_quarantine" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "case_id" UUID NOT NULL,
    "partner" TEXT NOT NULL,
    "reason" TEXT NOT NULL,
    "document" BYTEA NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "exchange_quarantine_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "external_studies" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "institution" TEXT NOT NULL,
    "person_id" UUID NOT NULL,
    "partner" TEXT NOT NULL,
    "case_id" UUID NOT NULL,
    "document_hash" CHAR(64) NOT NULL,
    "fetched_at" TIMESTAMPTZ(3) NOT NULL,
    "generated_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_there_at" TIMESTAMPTZ(3),

    CONSTRAINT "external_studies_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "external_results" (
    "study_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "part_of" TEXT,
    "category" TEXT NOT NULL,
    "code" TEXT,
    "name_nb" TEXT,
    "name_en" TEXT,
    "thesis_title" TEXT,
    "term" TEXT,
    "credits" TEXT,
    "credit_scheme" TEXT,
    "result" TEXT,
    "grading_scheme" TEXT,
    "passed_on" DATE,
    "description" TEXT,
    "withdrawn_on" DATE,

    CONSTRAINT "external_results_pkey" PRIMARY KEY ("study_id","key")
);

-- CreateTable
CREATE TABLE "external_changes" (
    "seq" BIGSERIAL NOT NULL,
    "study_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "partner" TEXT NOT NULL,
    "code" TEXT,
    "key" TEXT NOT NULL,
    "change" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "external_changes_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "protocol_results" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "institution" TEXT NOT NULL,
    "person_number" TEXT NOT NULL,
    "given_name" TEXT,
    "surname" TEXT,
    "kind" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "part_of" TEXT,
    "category" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name_nb" TEXT NOT NULL,
    "name_en" TEXT NOT NULL,
    "thesis_title" TEXT,
    "term" TEXT,
    "credits" TEXT,
    "result" TEXT,
    "grading_scheme" TEXT,
    "passed" BOOLEAN NOT NULL,
    "passed_on" DATE,
    "diploma_on" DATE,
    "withdrawn_on" DATE,
    "description" TEXT,
    "came_from" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "protocol_results_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "protocol_readings" (
    "institution" TEXT NOT NULL,
    "person_number" TEXT NOT NULL,
    "reader_id" UUID NOT NULL,

    CONSTRAINT "protocol_readings_pkey" PRIMARY KEY ("institution","person_number","reader_id")
);

-- CreateTable
CREATE TABLE "disclosures" (
    "seq" BIGSERIAL NOT NULL,
    "institution" TEXT NOT NULL,
    "request_id" TEXT NOT NULL,
    "partner" TEXT NOT NULL,
    "person_number" TEXT NOT NULL,
    "question" TEXT NOT NULL,
    "basis" TEXT NOT NULL,
    "outcome" TEXT NOT NULL,
    "keys" TEXT[],
    "asked_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "disclosures_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "onward_notices" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "institution" TEXT NOT NULL,
    "partner" TEXT NOT NULL,
    "person_number" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "tried_at" TIMESTAMPTZ(3),
    "told_at" TIMESTAMPTZ(3),

    CONSTRAINT "onward_notices_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "students_institution_idx" ON "students"("institution");

-- CreateIndex
CREATE INDEX "former_numbers_person_id_idx" ON "former_numbers"("person_id");

-- CreateIndex
CREATE INDEX "consents_institution_person_id_seq_idx" ON "consents"("institution", "person_id", "seq");

-- CreateIndex
CREATE INDEX "exchange_inquiries_case_id_answered_at_idx" ON "exchange_inquiries"("case_id", "answered_at");

-- CreateIndex
CREATE UNIQUE INDEX "exchange_quarantine_case_id_partner_hash_key" ON "exchange_quarantine"("case_id", "partner", "hash");

-- CreateIndex
CREATE UNIQUE INDEX "external_studies_institution_person_id_partner_key" ON "external_studies"("institution", "person_id", "partner");

-- CreateIndex
CREATE INDEX "external_changes_case_id_idx" ON "external_changes"("case_id");

-- CreateIndex
CREATE INDEX "protocol_results_institution_person_number_idx" ON "protocol_results"("institution", "person_number");

-- CreateIndex
CREATE UNIQUE INDEX "protocol_results_institution_key_key" ON "protocol_results"("institution", "key");

-- CreateIndex
CREATE INDEX "disclosures_institution_person_number_idx" ON "disclosures"("institution", "person_number");

-- CreateIndex
CREATE INDEX "disclosures_keys_idx" ON "disclosures" USING GIN ("keys");

-- CreateIndex
CREATE UNIQUE INDEX "disclosures_institution_partner_request_id_question_key" ON "disclosures"("institution", "partner", "request_id", "question");

-- CreateIndex
CREATE INDEX "onward_notices_institution_told_at_idx" ON "onward_notices"("institution", "told_at");

-- CreateIndex
CREATE UNIQUE INDEX "onward_notices_institution_partner_key_changed_at_key" ON "onward_notices"("institution", "partner", "key", "changed_at");

-- What was answered, disclosed and changed is on record for good.
CREATE TRIGGER consents_kept BEFORE UPDATE OR DELETE ON consents FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER consents_whole BEFORE TRUNCATE ON consents FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
CREATE TRIGGER disclosures_kept BEFORE UPDATE OR DELETE ON disclosures FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER disclosures_whole BEFORE TRUNCATE ON disclosures FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
CREATE TRIGGER external_changes_kept BEFORE UPDATE OR DELETE ON external_changes FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER external_changes_whole BEFORE TRUNCATE ON external_changes FOR EACH STATEMENT EXECUTE FUNCTION never_changed();

ALTER TABLE consents ADD CONSTRAINT consents_answer CHECK (answer IN ('J', 'N'));
ALTER TABLE exchange_inquiries ADD CONSTRAINT exchange_inquiries_state CHECK (state IN ('open', 'answered', 'dropped') AND (state = 'answered') = (outcome IS NOT NULL));

-- What is there about a person: read by the student, and handed over when two persons become one (RX-29).
CREATE INDEX "cases_about_person" ON "cases" ("institution", ("data"->>'person')) WHERE "kind" IN ('approval', 'exchange');

-- Which order of a person is not over (RX-10): looked up at each order, and each time an approval case is opened.
CREATE INDEX "cases_open_exchange" ON "cases" (("data"->>'person')) WHERE "kind" = 'exchange' AND "closed_at" IS NULL;
