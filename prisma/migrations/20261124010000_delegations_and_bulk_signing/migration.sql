-- Roles that somebody holds for an examiner by a delegation, and for whom a list was signed (RL-36).
ALTER TABLE "roles" ADD COLUMN "for_person" UUID, ADD COLUMN "case_id" UUID;
ALTER TABLE "signatures" ADD COLUMN "for_person" UUID;

-- One order at BankID may be about many lists, and is the source of a proof for each of them.
CREATE TABLE "bankid_order_lists" (
    "order_id" UUID NOT NULL,
    "case_id" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "version" INTEGER NOT NULL,
    "hash" CHAR(64) NOT NULL,

    CONSTRAINT "bankid_order_lists_pkey" PRIMARY KEY ("order_id","case_id")
);
CREATE INDEX "bankid_order_lists_case_id_idx" ON "bankid_order_lists"("case_id");
INSERT INTO "bankid_order_lists" ("order_id", "case_id", "place", "version", "hash") SELECT "id", "case_id", 0, "version", "hash" FROM "bankid_orders";
ALTER TABLE "bankid_orders" DROP COLUMN "case_id", DROP COLUMN "version", DROP COLUMN "hash";
DROP INDEX "signing_proofs_source_id_key";
CREATE UNIQUE INDEX "signing_proofs_source_id_case_id_key" ON "signing_proofs"("source_id", "case_id");
