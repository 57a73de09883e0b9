import { Prisma, type Database, type Transaction } from '../../prisma/client.js';
import { append, type AuditEvent } from '../audit.js';
import type { Ladok } from '../ladok.js';
import { eachAtMost } from '../at-a-time.js';
import { LADOK_PARALLEL } from '../ladok/call.js';
import type { FeedEvent, FeedPage } from '../ladok/feed.js';
import { LadokRefused } from '../ladok/refused.js';

/** An event as it is kept: the grade by its code. */
type Kept = Omit<FeedEvent, 'kind'> & {
  readonly kind: FeedEvent['kind'];
  readonly grade: string | null;
  readonly examinationDate: string | null;
};

const reportsOn = Prisma.sql`coalesce(c.data #>> '{module,uid}', c.data #>> '{course,uid}') AS module_uid`;

/**
 * Lists that wait for the register, with the students and what they wait for: a module or a course. Rows of a list that went on
 * at a person's word, before anybody had attested them, are waited for still.
 */
const waiting = (institution: string) => Prisma.sql`
  SELECT c.id, r.student_uid, ${reportsOn} FROM cases c JOIN result_rows r ON r.case_id = c.id
  WHERE c.institution = ${institution} AND c.kind = 'result-list' AND c.state IN ('registering', 'registered')
  UNION ALL
  SELECT c.id, t.student_uid, ${reportsOn} FROM row_transfers t JOIN cases c ON c.id = t.case_id
  WHERE t.state IN ('sent', 'ready') AND c.institution = ${institution} AND c.kind = 'result-list' AND c.state IN ('arrived', 'informed')`;

/**
 * The register decided otherwise than was signed: a person has to look, and the audit says since when. Where a person has looked
 * already, and let the list go on, only what was decided since then counts. Call it last (AU-02).
 */
export async function askForAttention(tx: Transaction, caseId: string, institution: string): Promise<void> {
  const first = await tx.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${caseId}::uuid AND NOT needs_attention
    AND (state NOT IN ('arrived', 'informed') OR EXISTS (SELECT FROM row_transfers t WHERE t.case_id = cases.id AND t.reason IN ('annulled-later', 'attested-with-other-content-later')))`;
  if (first > 0) await append(tx, trace(institution, 'result-list.differs', caseId));
}

const trace = (institution: string, action: string, caseId: string | null, details?: AuditEvent['details']): AuditEvent => ({
  institution,
  caseId,
  actor: 'system',
  action,
  outcome: 'done',
  rule: 'RL-46',
  at: new Date().toISOString(),
  ...(details ? { details } : {}),
});

/**
 * Brings rows and events together by the id of the result, whichever came first (RL-46): a row that waits is attested, or differs
 * where the newest event says otherwise than the row, which nobody changes once it is signed. An annulled result differs, also
 * where it was attested. What differs after its list had arrived says so. The cases have to be locked: who stores an id and who keeps an event so see each other.
 */
export async function matchEvents(tx: Transaction, institution: string, caseIds: readonly string[]): Promise<void> {
  const changed = await tx.$queryRaw<{ case_id: string; state: string }[]>`
    UPDATE row_transfers t SET state = n.state, changed_at = now(),
      reason = CASE WHEN n.state = 'differs' THEN CASE n.kind WHEN 'annulled' THEN 'annulled' ELSE 'attested-with-other-content' END
        || CASE WHEN c.state IN ('arrived', 'informed') THEN '-later' ELSE '' END END
    FROM cases c, (
      SELECT DISTINCT ON (o.case_id, o.student_uid) o.case_id, o.student_uid, e.kind,
        CASE WHEN e.kind = 'attested' AND r.grade = e.grade AND r.examination_date = e.examination_date THEN 'attested' ELSE 'differs' END AS state
      FROM row_transfers o JOIN result_rows r USING (case_id, student_uid) JOIN early_events e ON e.institution = ${institution} AND e.result_uid = o.result_uid
      WHERE o.case_id = ANY (${caseIds}::uuid[]) ORDER BY o.case_id, o.student_uid, e.happened_at DESC, e.kind
    ) n
    WHERE c.id = t.case_id AND t.case_id = n.case_id AND t.student_uid = n.student_uid AND t.state <> 'differs' AND (t.state <> 'attested' OR n.kind = 'annulled')
    RETURNING t.case_id, t.state`;
  const differing = new Set(changed.filter((row) => row.state === 'differs').map((row) => row.case_id));
  for (const caseId of differing) await askForAttention(tx, caseId, institution);
}

/**
 * Results that were annulled after their list had arrived: they differ by now, and the list asks for attention once more, whether
 * it is closed or not.
 */
async function annulLater(tx: Transaction, institution: string, resultUids: readonly string[]): Promise<void> {
  const changed = await tx.$queryRaw<{ case_id: string }[]>`
    UPDATE row_transfers t SET state = 'differs', reason = 'annulled-later', changed_at = now() FROM cases c
    WHERE c.id = t.case_id AND c.institution = ${institution} AND c.state IN ('arrived', 'informed') AND t.state IN ('sent', 'ready', 'attested') AND t.result_uid = ANY (${resultUids}::text[])
    RETURNING t.case_id`;
  for (const caseId of new Set(changed.map((row) => row.case_id))) await askForAttention(tx, caseId, institution);
}

/** Those of a page's events that a list waits for, with the code of the grade: ids of grades are the register's own. */
async function awaited(deps: { db: Database; ladok: Ladok; institution: string }, events: readonly FeedEvent[]): Promise<Kept[]> {
  const { db, ladok, institution } = deps;
  const rows = await db.$queryRaw<{ event: string }[]>`
    SELECT DISTINCT n.e AS event FROM (${waiting(institution)}) w
    JOIN jsonb_to_recordset(${given(events)}::jsonb) AS n(e text, s uuid, m text) ON n.s = w.student_uid AND n.m = w.module_uid`;
  const wanted = new Set(rows.map((row) => row.event));
  const some = events.filter((event) => wanted.has(event.eventId));
  const ids = [...new Set(some.flatMap((event) => (event.kind === 'attested' ? [event.scaleId] : [])))];
  const scales = await eachAtMost({ items: ids, atOnce: LADOK_PARALLEL, work: (id) => ladok.gradeScale(id).catch(unknownScale) });
  const codes = new Map(scales.flatMap((scale) => scale?.grades.map((grade) => [grade.id, grade.code] as const) ?? []));
  return some.map((event) =>
    event.kind === 'attested'
      ? { ...event, grade: codes.get(event.gradeId) ?? `unknown ${event.gradeId}`, examinationDate: event.date }
      : { ...event, grade: null, examinationDate: null },
  );
}

const unknownScale = (cause: unknown): undefined => {
  if (!(cause instanceof LadokRefused && cause.concernsContent)) throw cause;
};

const given = (events: readonly FeedEvent[]) =>
  JSON.stringify(events.map((event) => ({ e: event.eventId, s: event.studentUid, m: event.moduleInstanceUid })));

/** Takes in what a page brought and moves the cursor, in one transaction. False: somebody else has moved it, and reads on. */
function takeIn(
  db: Database,
  page: {
    institution: string;
    from: string | undefined;
    id: string;
    events: readonly Kept[];
    annulled: readonly string[];
    noted: readonly AuditEvent[];
  },
): Promise<boolean> {
  const { institution, events, annulled } = page;
  const name = cursorName(institution);
  return db.$transaction(async (tx) => {
    await tx.$executeRaw`INSERT INTO cursors (name, value) VALUES (${name}, ${page.id}) ON CONFLICT (name) DO NOTHING`;
    const [cursor] = await tx.$queryRaw<{ value: string }[]>`SELECT value FROM cursors WHERE name = ${name} FOR UPDATE`;
    if (cursor?.value !== (page.from ?? page.id)) return false;
    if (page.from && page.from !== page.id) await tx.$executeRaw`UPDATE cursors SET value = ${page.id} WHERE name = ${name}`;
    const rows = JSON.stringify(events);
    const locked = await tx.$queryRaw<{ id: string }[]>`
      SELECT id FROM cases WHERE id IN (SELECT case_id FROM row_transfers WHERE result_uid = ANY (${annulled}::text[])) OR id IN (
        SELECT w.id FROM (${waiting(institution)}) w
        JOIN jsonb_to_recordset(${rows}::jsonb) AS n("studentUid" uuid, "moduleInstanceUid" text) ON n."studentUid" = w.student_uid AND n."moduleInstanceUid" = w.module_uid
      ) ORDER BY id FOR UPDATE`;
    await tx.$executeRaw`
      INSERT INTO early_events (institution, event_id, kind, result_uid, student_uid, module_uid, grade, examination_date, happened_at)
      SELECT ${institution}, n."eventId", n.kind, n."resultUid", n."studentUid", n."moduleInstanceUid", n.grade, n."examinationDate", n.at
      FROM jsonb_to_recordset(${rows}::jsonb)
        AS n("eventId" uuid, kind text, "resultUid" text, "studentUid" uuid, "moduleInstanceUid" text, grade text, "examinationDate" date, at timestamptz)
      ON CONFLICT (institution, event_id) DO NOTHING`;
    await tx.$executeRaw`
      DELETE FROM early_events e WHERE e.institution = ${institution}
        AND NOT EXISTS (SELECT FROM (${waiting(institution)}) w WHERE w.student_uid = e.student_uid AND w.module_uid = e.module_uid)`;
    await matchEvents(
      tx,
      institution,
      locked.map((row) => row.id),
    );
    if (annulled.length > 0) await annulLater(tx, institution, annulled);
    for (const event of page.noted) await append(tx, event);
    return true;
  });
}

const cursorName = (institution: string) => `ladok-feed/${institution}`;

/**
 * Reads the register's event feed from where it stopped to its newest page, and marks what was attested (RL-46). At the first
 * start it begins at the newest page. The page it stopped at is read once more each time: it may have grown. Nothing happens
 * twice, whatever is read again; an event that no list waits for is not kept, one that comes before our own id is. A page that is
 * gone is a gap: it goes on at the newest one and says so in the audit, and so it does about entries it could not read, once a
 * page is behind it. Asking for attested results remains the second way, and finds what was missed. Begins no page once it is
 * `over`: the rest is for the next time. Throws `PartnerUnavailable` and refusals; then the cursor stands where it stood.
 */
export async function followFeed(deps: { db: Database; ladok: Ladok; institution: string; over?: AbortSignal }): Promise<void> {
  const { db, ladok, institution } = deps;
  const note = (action: string, details: AuditEvent['details']) => trace(institution, action, null, details);
  let from = (await db.cursor.findUnique({ where: { name: cursorName(institution) } }))?.value;
  let next = from;
  let left: FeedPage | undefined;
  while (!deps.over?.aborted) {
    const found = await ladok.feedPage(next);
    const page = found ?? (await ladok.feedPage());
    if (!page) return;
    const noted = [
      ...(left?.unreadable ? [note('ladok-feed.unreadable', { page: left.id, entries: left.unreadable })] : []),
      ...(found || page.id === from ? [] : [note('ladok-feed.gap', { from: next, to: page.id })]),
    ];
    const annulled = page.events.flatMap((event) => (event.kind === 'annulled' ? [event.resultUid] : []));
    const taken = await takeIn(db, { institution, from, id: page.id, events: await awaited(deps, page.events), annulled, noted });
    if (!taken || !page.next) return;
    [from, next, left] = [page.id, page.next, page];
  }
}
