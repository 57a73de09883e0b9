-- AlterTable
ALTER TABLE "cases" ADD COLUMN     "due_why" JSONB,
ADD COLUMN     "wakes_at" TIMESTAMPTZ(3);
