-- Written by hand: what the metrics count of the outbox, which keeps what is done for ever.
CREATE INDEX "outbox_not_done" ON "outbox" ("channel", "state") WHERE "state" <> 'done';
