-- A complaint that ended before its second yes has no decision and is in no report. The second yes has always ordered the archive.
UPDATE "cases" c SET "data" = (c."data" - 'decision' - 'communicated') || '{"neverConfirmed": true}'
WHERE c."kind" = 'complaint' AND c."state" = 'withdrawn'
  AND NOT EXISTS (SELECT FROM "orders" o WHERE o."case_id" = c."id" AND o."name" = 'archive');
