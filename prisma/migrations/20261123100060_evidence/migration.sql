-- AlterTable
ALTER TABLE "bankid_orders" ADD COLUMN     "evidence" JSONB;
