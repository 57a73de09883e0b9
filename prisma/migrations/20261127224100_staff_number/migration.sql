-- The number that the staff register tells, apart from the one that somebody has as a student.
ALTER TABLE "persons" ADD COLUMN "staff_number" TEXT;

UPDATE "persons" p SET "staff_number" = "person_number"
WHERE NOT EXISTS (SELECT FROM "students" s WHERE s."person_id" = p."id")
  OR EXISTS (SELECT FROM "roles" r WHERE r."person_id" = p."id" AND r."role" <> 'student');
