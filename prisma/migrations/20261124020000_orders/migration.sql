-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "progress" JSONB;

-- A row that a person enters in the register is waited for as well.
ALTER TABLE "row_transfers" DROP CONSTRAINT "row_transfers_state";
ALTER TABLE "row_transfers" ADD CONSTRAINT "row_transfers_state" CHECK ("state" IN ('awaited', 'sent', 'ready', 'attested', 'differs', 'refused'));
