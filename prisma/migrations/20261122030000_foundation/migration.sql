-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "institutions" (
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "zone" TEXT NOT NULL,
    "language" TEXT NOT NULL,

    CONSTRAINT "institutions_pkey" PRIMARY KEY ("code")
);

-- CreateTable
CREATE TABLE "settings" (
    "institution" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "from_date" DATE NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("institution","key","from_date")
);

-- CreateTable
CREATE TABLE "persons" (
    "id" UUID NOT NULL,
    "institution" TEXT NOT NULL,
    "given_name" TEXT NOT NULL,
    "surname" TEXT NOT NULL,
    "person_number" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "mobile" TEXT,
    "mobile_changed_at" TIMESTAMPTZ(3),
    "language" TEXT NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "persons_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "roles" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "person_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "course" TEXT,
    "valid_from" DATE NOT NULL,
    "valid_to" DATE,

    CONSTRAINT "roles_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "grade_scales" (
    "institution" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "grades" JSONB NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "grade_scales_pkey" PRIMARY KEY ("institution","id")
);

-- CreateTable
CREATE TABLE "course_modules" (
    "institution" TEXT NOT NULL,
    "course_code" TEXT NOT NULL,
    "module_code" TEXT NOT NULL,
    "course_name_sv" TEXT NOT NULL,
    "course_name_en" TEXT NOT NULL,
    "module_name_sv" TEXT NOT NULL,
    "module_name_en" TEXT NOT NULL,
    "module_uid" UUID NOT NULL,
    "scale_id" TEXT NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "course_modules_pkey" PRIMARY KEY ("institution","course_code","module_code")
);

-- CreateTable
CREATE TABLE "course_occasions" (
    "institution" TEXT NOT NULL,
    "uid" UUID NOT NULL,
    "course_code" TEXT NOT NULL,
    "term" TEXT NOT NULL,
    "from_date" DATE NOT NULL,
    "to_date" DATE NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "course_occasions_pkey" PRIMARY KEY ("institution","uid")
);

-- CreateTable
CREATE TABLE "registrations" (
    "institution" TEXT NOT NULL,
    "student_uid" UUID NOT NULL,
    "occasion_uid" UUID NOT NULL,
    "course_code" TEXT NOT NULL,
    "from_date" DATE NOT NULL,
    "to_date" DATE NOT NULL,
    "taken_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "registrations_pkey" PRIMARY KEY ("institution","student_uid","occasion_uid")
);

-- CreateTable
CREATE TABLE "cases" (
    "id" UUID NOT NULL,
    "number" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "institution" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "step" INTEGER NOT NULL DEFAULT 0,
    "version" INTEGER NOT NULL DEFAULT 1,
    "scope" TEXT,
    "data" JSONB NOT NULL,
    "waiting_for" TEXT,
    "due_on" DATE,
    "due_ends" TIMESTAMPTZ(3),
    "due_rule" TEXT,
    "needs_attention" BOOLEAN NOT NULL DEFAULT false,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "closed_at" TIMESTAMPTZ(3),

    CONSTRAINT "cases_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "commands" (
    "key" CHAR(64) NOT NULL,
    "case_id" UUID,
    "name" TEXT NOT NULL,
    "caller" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "body_hash" CHAR(64) NOT NULL,
    "outcome" JSONB,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "commands_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "audit_entries" (
    "institution" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "case_id" UUID,
    "entry" TEXT NOT NULL,
    "previous_hash" CHAR(64) NOT NULL,
    "hash" CHAR(64) NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("institution","seq")
);

-- CreateTable
CREATE TABLE "audit_heads" (
    "institution" TEXT NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" CHAR(64) NOT NULL,

    CONSTRAINT "audit_heads_pkey" PRIMARY KEY ("institution")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "institution" TEXT NOT NULL,
    "case_id" UUID,
    "channel" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'pending',
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "problem" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "claimed_at" TIMESTAMPTZ(3),
    "claimed_by" TEXT,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "orders" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "body" JSONB NOT NULL,
    "ordered_by" UUID NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'open',
    "result" JSONB,
    "ordered_at" TIMESTAMPTZ(3) NOT NULL,
    "done_at" TIMESTAMPTZ(3),

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "result_rows" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "case_id" UUID NOT NULL,
    "student_uid" UUID NOT NULL,
    "person_number" TEXT NOT NULL,
    "surname" TEXT NOT NULL,
    "given_name" TEXT NOT NULL,
    "grade" TEXT,
    "examination_date" DATE,
    "score" TEXT,

    CONSTRAINT "result_rows_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "frozen_versions" (
    "case_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "content" TEXT NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "frozen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "frozen_versions_pkey" PRIMARY KEY ("case_id","version")
);

-- CreateTable
CREATE TABLE "signatures" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "case_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "person_id" UUID NOT NULL,
    "method" TEXT NOT NULL,
    "proof_id" UUID NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "signatures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_codes" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "digits" INTEGER NOT NULL,
    "tries" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "ending" TEXT,

    CONSTRAINT "signing_codes_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_failures" (
    "person_id" UUID NOT NULL,
    "in_a_row" INTEGER NOT NULL,
    "locked_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_failures_pkey" PRIMARY KEY ("person_id")
);

-- CreateTable
CREATE TABLE "bankid_orders" (
    "id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "end_user_ip" TEXT NOT NULL,
    "visible_text" TEXT NOT NULL,
    "non_visible" TEXT NOT NULL,
    "state" TEXT NOT NULL DEFAULT 'ordered',
    "hint_code" TEXT,
    "order_ref" TEXT,
    "auto_start_token" TEXT,
    "qr_start_token" TEXT,
    "qr_start_secret" TEXT,
    "started_at" TIMESTAMPTZ(3),
    "completion" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "bankid_orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_proofs" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "case_id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" CHAR(64) NOT NULL,
    "method" TEXT NOT NULL,
    "source_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_proofs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "row_transfers" (
    "case_id" UUID NOT NULL,
    "student_uid" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "result_uid" TEXT,
    "reason" TEXT,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "row_transfers_pkey" PRIMARY KEY ("case_id","student_uid")
);

-- CreateTable
CREATE TABLE "partner_health" (
    "partner" TEXT NOT NULL,
    "up" BOOLEAN NOT NULL,
    "failures" INTEGER NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "partner_health_pkey" PRIMARY KEY ("partner")
);

-- CreateTable
CREATE TABLE "case_openings" (
    "person_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "day" DATE NOT NULL,

    CONSTRAINT "case_openings_pkey" PRIMARY KEY ("person_id","case_id","day")
);

-- CreateTable
CREATE TABLE "cursors" (
    "name" TEXT NOT NULL,
    "value" TEXT NOT NULL,

    CONSTRAINT "cursors_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE INDEX "roles_person_id_idx" ON "roles"("person_id");

-- CreateIndex
CREATE INDEX "roles_role_course_idx" ON "roles"("role", "course");

-- CreateIndex
CREATE INDEX "course_occasions_institution_course_code_term_idx" ON "course_occasions"("institution", "course_code", "term");

-- CreateIndex
CREATE INDEX "registrations_institution_course_code_idx" ON "registrations"("institution", "course_code");

-- CreateIndex
CREATE UNIQUE INDEX "cases_number_key" ON "cases"("number");

-- CreateIndex
CREATE INDEX "cases_institution_kind_state_number_idx" ON "cases"("institution", "kind", "state", "number" DESC);

-- CreateIndex
CREATE INDEX "cases_institution_kind_number_idx" ON "cases"("institution", "kind", "number" DESC);

-- CreateIndex
CREATE INDEX "cases_institution_kind_scope_number_idx" ON "cases"("institution", "kind", "scope", "number" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_case_id_idx" ON "audit_entries"("case_id");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_key_key" ON "outbox"("key");

-- CreateIndex
CREATE INDEX "outbox_case_id_idx" ON "outbox"("case_id");

-- CreateIndex
CREATE INDEX "orders_case_id_idx" ON "orders"("case_id");

-- CreateIndex
CREATE UNIQUE INDEX "result_rows_case_id_student_uid_key" ON "result_rows"("case_id", "student_uid");

-- CreateIndex
CREATE UNIQUE INDEX "signatures_proof_id_key" ON "signatures"("proof_id");

-- CreateIndex
CREATE UNIQUE INDEX "signatures_case_id_version_key" ON "signatures"("case_id", "version");

-- CreateIndex
CREATE INDEX "signing_codes_person_id_created_at_idx" ON "signing_codes"("person_id", "created_at");

-- CreateIndex
CREATE INDEX "bankid_orders_person_id_idx" ON "bankid_orders"("person_id");

-- CreateIndex
CREATE UNIQUE INDEX "signing_proofs_source_id_key" ON "signing_proofs"("source_id");

-- AddForeignKey
ALTER TABLE "roles" ADD CONSTRAINT "roles_person_id_fkey" FOREIGN KEY ("person_id") REFERENCES "persons"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What the database guards by itself.
ALTER TABLE "cases" ADD CONSTRAINT "cases_counts" CHECK ("step" >= 0 AND "version" >= 1);
ALTER TABLE "cases" ADD CONSTRAINT "cases_due_whole" CHECK (("due_on" IS NULL) = ("due_ends" IS NULL) AND ("due_on" IS NULL) = ("due_rule" IS NULL));
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_state" CHECK ("state" IN ('pending', 'claimed', 'done', 'uncertain', 'failed'));
ALTER TABLE "outbox" ADD CONSTRAINT "outbox_channel" CHECK ("channel" IN ('mail', 'sms', 'order', 'start'));
ALTER TABLE "orders" ADD CONSTRAINT "orders_state" CHECK ("state" IN ('open', 'done', 'failed'));
ALTER TABLE "row_transfers" ADD CONSTRAINT "row_transfers_state" CHECK ("state" IN ('sent', 'ready', 'attested', 'differs', 'refused'));
ALTER TABLE "signing_codes" ADD CONSTRAINT "signing_codes_digits" CHECK ("digits" BETWEEN 5 AND 8);
ALTER TABLE "signing_codes" ADD CONSTRAINT "signing_codes_tries" CHECK ("tries" BETWEEN 0 AND 3);
ALTER TABLE "signing_proofs" ADD CONSTRAINT "signing_proofs_method" CHECK ("method" IN ('sms', 'bankid'));

-- What is looked for while most rows are long done.
CREATE INDEX "outbox_open" ON "outbox" ("created_at") WHERE "state" IN ('pending', 'claimed');
CREATE INDEX "outbox_open_of_case" ON "outbox" ("case_id") WHERE "state" IN ('pending', 'claimed');
CREATE INDEX "commands_under_way" ON "commands" ("case_id") WHERE "outcome" IS NULL;

-- The audit: appended to in the transaction of the change, hashed over the stored text, never changed.
CREATE FUNCTION audit_append(p_institution text, p_case uuid, p_entry text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  last_seq bigint;
  last_hash char(64);
  new_hash char(64);
BEGIN
  INSERT INTO audit_heads (institution, seq, hash) VALUES (p_institution, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
  SELECT seq, hash INTO last_seq, last_hash FROM audit_heads WHERE institution = p_institution FOR UPDATE;
  new_hash := encode(sha256(convert_to(last_hash || p_entry, 'UTF8')), 'hex');
  INSERT INTO audit_entries (institution, seq, case_id, entry, previous_hash, hash)
    VALUES (p_institution, last_seq + 1, p_case, p_entry, last_hash, new_hash);
  UPDATE audit_heads SET seq = last_seq + 1, hash = new_hash WHERE institution = p_institution;
  RETURN last_seq + 1;
END $$;

CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER audit_entries_kept BEFORE UPDATE OR DELETE ON audit_entries FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER audit_entries_whole BEFORE TRUNCATE ON audit_entries FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
CREATE TRIGGER audit_heads_kept BEFORE DELETE ON audit_heads FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER audit_heads_whole BEFORE TRUNCATE ON audit_heads FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
CREATE TRIGGER signatures_kept BEFORE UPDATE OR DELETE ON signatures FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER signatures_whole BEFORE TRUNCATE ON signatures FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
