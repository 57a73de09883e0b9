-- What a command says is bound by the audit: by a hash that its salt keeps from being guessed.
ALTER TABLE "commands" ADD COLUMN "salt" UUID NOT NULL DEFAULT gen_random_uuid();

-- A command is never another one; its case and its outcome come once.
CREATE TRIGGER commands_kept BEFORE UPDATE OF "key", "name", "caller", "body", "body_hash", "asked_at", "salt" ON "commands"
  FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER commands_decided_once BEFORE UPDATE OF "outcome", "decided_at" ON "commands"
  FOR EACH ROW WHEN (OLD."outcome" IS NOT NULL) EXECUTE FUNCTION never_changed();
CREATE TRIGGER commands_of_one_case BEFORE UPDATE OF "case_id" ON "commands"
  FOR EACH ROW WHEN (OLD."case_id" IS NOT NULL) EXECUTE FUNCTION never_changed();
CREATE TRIGGER commands_stay BEFORE DELETE ON "commands" FOR EACH ROW EXECUTE FUNCTION never_changed();
CREATE TRIGGER commands_whole BEFORE TRUNCATE ON "commands" FOR EACH STATEMENT EXECUTE FUNCTION never_changed();
