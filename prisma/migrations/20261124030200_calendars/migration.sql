-- CreateTable
CREATE TABLE "calendar_addresses" (
    "id" UUID NOT NULL,
    "person_id" UUID NOT NULL,
    "role" TEXT NOT NULL,
    "secret_hash" CHAR(64) NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "fetched_on" DATE,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "calendar_addresses_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "calendar_addresses_secret_hash_key" ON "calendar_addresses"("secret_hash");

-- CreateIndex
CREATE INDEX "calendar_addresses_person_id_idx" ON "calendar_addresses"("person_id");
