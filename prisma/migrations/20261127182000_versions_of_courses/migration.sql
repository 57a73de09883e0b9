-- AlterTable
ALTER TABLE "course_occasions" ADD COLUMN     "reports_on" TEXT[] DEFAULT ARRAY[]::TEXT[];
