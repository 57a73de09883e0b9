-- AlterTable
ALTER TABLE "course_modules" ADD COLUMN     "credits" TEXT;

-- AlterTable
ALTER TABLE "courses" ADD COLUMN     "credits" TEXT;

-- AlterTable
ALTER TABLE "protocol_results" ADD COLUMN     "name_language" TEXT;

-- What came from lists has the name that the register gives it, in Swedish.
UPDATE "protocol_results" SET "name_language" = 'sv' WHERE "came_from" = 'result-list';
