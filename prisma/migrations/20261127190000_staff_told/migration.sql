-- When the staff register last changed somebody, by its own clock: what it said earlier must not come after what it said later.
ALTER TABLE "persons" ADD COLUMN "told_at" TIMESTAMPTZ(3);
