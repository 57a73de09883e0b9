-- Roles that somebody holds for an examiner by a delegation, and for whom a list was signed (RL-36).
ALTER TABLE "roles" ADD COLUMN "for_person" UUID, ADD COLUMN "case_id" UUID;
ALTER TABLE "signatures" ADD COLUMN "for_person" UUID;
