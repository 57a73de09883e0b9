-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "progress" JSONB;
