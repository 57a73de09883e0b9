-- CreateIndex
CREATE INDEX "commands_case_id_idx" ON "commands"("case_id");

-- Who opened a complaint before it was kept whether they read it whole: all but those who sat on its second committee.
INSERT INTO "complaint_disclosures" ("case_id", "person_id")
SELECT DISTINCT o."case_id", o."person_id" FROM "case_openings" o JOIN "complaint_students" s ON s."case_id" = o."case_id"
WHERE NOT EXISTS (
  SELECT FROM "complaint_appointments" a JOIN "complaint_members" m ON m."committee_id" = a."committee_id"
  WHERE a."case_id" = o."case_id" AND a."round" = 2 AND m."person_id" = o."person_id")
ON CONFLICT DO NOTHING;
