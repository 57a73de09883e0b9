-- Nothing was ever kept in the table of before.
DROP TABLE "settings";

-- CreateTable
CREATE TABLE "settings" (
    "seq" BIGSERIAL NOT NULL,
    "institution" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "from_date" DATE NOT NULL,
    "value" JSONB NOT NULL,
    "set_by" UUID NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("seq")
);

-- CreateTable
CREATE TABLE "administration_modes" (
    "session" CHAR(64) NOT NULL,
    "person_id" UUID NOT NULL,
    "switched_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "administration_modes_pkey" PRIMARY KEY ("session")
);

-- CreateTable
CREATE TABLE "notices" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "institution" TEXT NOT NULL,
    "sv" TEXT NOT NULL,
    "nb" TEXT NOT NULL,
    "en" TEXT NOT NULL,
    "from_time" TIMESTAMPTZ(3) NOT NULL,
    "to_time" TIMESTAMPTZ(3),
    "set_by" UUID NOT NULL,
    "set_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_by" UUID,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "notices_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "settings_institution_name_from_date_idx" ON "settings"("institution", "name", "from_date");

-- CreateIndex
CREATE INDEX "notices_institution_from_time_idx" ON "notices"("institution", "from_time");

-- Who met an outage is looked up when it is over, among all commands there ever were.
CREATE INDEX "commands_signing_down" ON "commands" ("decided_at") WHERE "outcome"->'refusal'->>'code' = 'signing-down';

ALTER TABLE "notices" ADD CONSTRAINT "notices_times" CHECK ("to_time" IS NULL OR "to_time" > "from_time");
ALTER TABLE "notices" ADD CONSTRAINT "notices_ended" CHECK (("ended_at" IS NULL) = ("ended_by" IS NULL));

CREATE TRIGGER settings_kept BEFORE UPDATE OR DELETE ON settings FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER settings_whole BEFORE TRUNCATE ON settings FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
