-- AlterTable
ALTER TABLE "complaint_entries" ADD COLUMN     "unknown" TEXT[] DEFAULT ARRAY[]::TEXT[];
