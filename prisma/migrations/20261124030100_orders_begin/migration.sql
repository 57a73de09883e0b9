-- AlterTable
ALTER TABLE "orders" ADD COLUMN     "began_at" TIMESTAMPTZ(3);
