import type { Ladok } from '../ladok.js';
import { LADOK_PARALLEL } from './call.js';
import { eachAtMost } from '../at-a-time.js';
import { LadokRefused } from './refused.js';
import type { DraftContent, GradeScale, ReportRow } from './terms.js';

/** One row of a result list on its way to Ladok. The grade by its code, the date `YYYY-MM-DD`, the score as it shall be shown. */
export interface TransferRow {
  readonly studentUid: string;
  readonly gradeCode: string;
  readonly examinationDate: string;
  readonly score?: string;
}

/** Why a row is not where it should be. The words for people are made elsewhere. */
export type TransferReason =
  | 'grade-not-in-scale'
  | 'not-on-occasion'
  | 'ready-with-other-content'
  | 'attested-with-other-content'
  | 'changed-meanwhile'
  | 'annulled'
  | 'annulled-later'
  | 'attested-with-other-content-later'
  | 'refused-by-ladok';

/**
 * Where a row stands, read back from Ladok. `sent`: a draft with our content. `ready`: marked ready with it. `attested`: decided
 * with it. `differs`: Ladok says something else, a person must look. `refused`: it was not taken. `message` is Ladok's own text,
 * Swedish, for staff.
 */
export interface TransferOutcome {
  readonly studentUid: string;
  readonly status: 'sent' | 'ready' | 'attested' | 'differs' | 'refused';
  readonly resultUid?: string;
  readonly reason?: TransferReason;
  readonly message?: string;
}

type Wanted = DraftContent & { readonly studentUid: string };
type Rows = ReadonlyMap<string, ReportRow>;
type Place = 'absent' | 'create' | 'update' | 'mark' | 'ready' | 'ready-other' | 'attested' | 'attested-other';

const LARGEST_BATCH = 100;

const sameValue = (a: string, b: string) => a === b || (a.trim() !== '' && Number(a) === Number(b));

const says = (wanted: Wanted, found: { gradeId?: number; date?: string; notes?: DraftContent['notes']; title?: string }) =>
  found.gradeId === wanted.gradeId &&
  found.date === wanted.date &&
  (found.title ?? wanted.title) === wanted.title &&
  (!found.notes ||
    (wanted.notes ?? []).every((note) =>
      found.notes?.some((n) => n.definitionUid === note.definitionUid && sameValue(n.value, note.value)),
    ));

/** Where a row stands, and so what is to be done next. An older attested result is an earlier attempt and in nobody's way. */
function place(wanted: Wanted, row: ReportRow | undefined): Place {
  if (!row) return 'absent';
  if (row.attested && says(wanted, row.attested)) return 'attested';
  if (row.attested && (row.attested.date ?? wanted.date) >= wanted.date) return 'attested-other';
  if (!row.draft) return 'create';
  if (row.draft.status === 'ready') return says(wanted, row.draft) ? 'ready' : 'ready-other';
  return says(wanted, row.draft) ? 'mark' : 'update';
}

const batches = <Item>(items: readonly Item[]): Item[][] =>
  items.length === 0 ? [] : [items.slice(0, LARGEST_BATCH), ...batches(items.slice(LARGEST_BATCH))];

/**
 * Brings rows of a result list into Ladok (RL-46): reads first, creates the drafts that are missing, updates those that differ
 * under their lock, marks ready when `ready` is given (uids of Ladok users: who reports, who shall attest), and answers what it
 * then reads back. Safe to repeat after any crash: nothing is created without a look, what is marked ready or attested is never
 * overwritten, a lost lock is never forced. A refused row does not stop the others. Throws `PartnerUnavailable` and refusals that
 * concern no single row (certificate, rights, an error inside Ladok); then some rows may be done, and repeating goes on from
 * there.
 */
export async function transfer({
  ladok,
  moduleInstanceUid,
  occasionUids,
  rows,
  scale,
  title,
  ready,
}: {
  ladok: Ladok;
  moduleInstanceUid: string;
  occasionUids: readonly string[];
  rows: readonly TransferRow[];
  scale: GradeScale;
  title?: string | undefined;
  ready?: { markedBy: string; deciders: readonly string[] };
}): Promise<TransferOutcome[]> {
  if (new Set(rows.map((r) => r.studentUid)).size < rows.length) throw new TypeError('a student has two rows in one transfer');
  const scoreDefinition = rows.some((r) => r.score !== undefined) ? await ladok.scoreDefinition() : '';
  const wanted = rows.flatMap(({ studentUid, gradeCode, examinationDate, score }): Wanted[] => {
    const grade = scale.grades.find((g) => g.code === gradeCode);
    const notes = score === undefined ? [] : [{ definitionUid: scoreDefinition, value: score }];
    return grade
      ? [{ studentUid, gradeId: grade.id, scaleId: scale.id, date: examinationDate, notes, ...(title && { title }) }]
      : [];
  });
  const refusals = new Map<string, LadokRefused>();

  const read = async (): Promise<Rows> => {
    const found = new Map<string, ReportRow>();
    for (const row of await ladok.reportRows({ moduleInstanceUid, occasionUids }))
      if (row.draft || row.attested || !found.has(row.studentUid)) found.set(row.studentUid, row);
    return found;
  };
  const at = (where: Place, seen: Rows) => wanted.filter((w) => place(w, seen.get(w.studentUid)) === where);

  /** All in one call; when Ladok refuses that, reads again and tries those that still need it one by one. */
  async function write({
    some,
    seen,
    send,
    still,
  }: {
    some: readonly Wanted[];
    seen: Rows;
    send: (some: readonly Wanted[], seen: Rows) => Promise<void>;
    still: (one: Wanted, fresh: Rows) => boolean;
  }) {
    try {
      return await send(some, seen);
    } catch (error) {
      if (!(error instanceof LadokRefused && error.concernsContent)) throw error;
    }
    const fresh = await read();
    const alone = async (one: Wanted) => {
      try {
        await send([one], fresh);
      } catch (error) {
        if (!(error instanceof LadokRefused && error.concernsContent)) throw error;
        refusals.set(one.studentUid, error);
      }
    };
    await eachAtMost({ items: some.filter((one) => still(one, fresh)), atOnce: LADOK_PARALLEL, work: alone });
  }

  const create = (some: readonly Wanted[], seen: Rows) =>
    ladok.createDrafts(
      some.flatMap((one) => {
        const row = seen.get(one.studentUid);
        return row ? [{ ...one, moduleInstanceUid, studyResultUid: row.studyResultUid }] : [];
      }),
    );
  const update = (some: readonly Wanted[], seen: Rows) =>
    ladok.updateDrafts(
      some.flatMap((one) => {
        const draft = seen.get(one.studentUid)?.draft;
        const others = (draft?.notes ?? []).filter((n) => !one.notes?.some((own) => own.definitionUid === n.definitionUid));
        return draft ? [{ ...one, notes: [...others, ...(one.notes ?? [])], resultUid: draft.resultUid, lock: draft.lock }] : [];
      }),
    );
  const markReady = (who: NonNullable<typeof ready>) => (some: readonly Wanted[], seen: Rows) => {
    const drafts = some.flatMap((one) => seen.get(one.studentUid)?.draft ?? []);
    return ladok.markReady({ ...who, resultUids: drafts.map((d) => d.resultUid), lock: drafts[0]?.lock ?? '' });
  };

  const before = await read();
  const missing = at('create', before);
  const differing = at('update', before);
  const lockOf = (one: { studentUid: string }, seen: Rows) => seen.get(one.studentUid)?.draft?.lock;
  const stillAt = (where: Place) => (one: Wanted, fresh: Rows) => place(one, fresh.get(one.studentUid)) === where;
  for (const some of batches(missing)) await write({ some, seen: before, send: create, still: stillAt('create') });
  for (const some of batches(differing))
    await write({
      some,
      seen: before,
      send: update,
      still: (one, fresh) => stillAt('update')(one, fresh) && lockOf(one, fresh) === lockOf(one, before),
    });
  const drafted = missing.length || differing.length ? await read() : before;

  const unmarked = ready ? at('mark', drafted) : [];
  if (ready) {
    const locks = [...new Set(unmarked.map((one) => lockOf(one, drafted)))];
    await eachAtMost({
      items: locks.flatMap((lock) => batches(unmarked.filter((one) => lockOf(one, drafted) === lock))),
      atOnce: LADOK_PARALLEL,
      work: (some) => write({ some, seen: drafted, send: markReady(ready), still: stillAt('mark') }),
    });
  }
  const after = unmarked.length ? await read() : drafted;

  /** Ladok's words for a refusal: the obstacle it names, else the message it refused with. */
  async function explained(row: ReportRow, refusal: LadokRefused): Promise<string> {
    const { studyResultUid, draft } = row;
    const found = await ladok
      .obstacles(draft ? { studyResultUid, resultUid: draft.resultUid } : { studyResultUid, moduleInstanceUid })
      .catch((error: unknown) => {
        if (error instanceof LadokRefused) return [];
        throw error;
      });
    return found.find((o) => o.blocking)?.text || refusal.staffText;
  }

  async function outcome({ studentUid }: TransferRow): Promise<TransferOutcome> {
    const one = wanted.find((w) => w.studentUid === studentUid);
    if (!one) return { studentUid, status: 'refused', reason: 'grade-not-in-scale' };
    const row = after.get(studentUid);
    const where = place(one, row);
    if (!row) return { studentUid, status: 'refused', reason: 'not-on-occasion' };
    const resultUid = where.startsWith('attested') ? row.attested?.resultUid : row.draft?.resultUid;
    const known = { studentUid, ...(resultUid && { resultUid }) };
    if (where === 'ready' || where === 'attested') return { ...known, status: where };
    if (where === 'ready-other') return { ...known, status: 'refused', reason: 'ready-with-other-content' };
    if (where === 'attested-other') return { ...known, status: 'differs', reason: 'attested-with-other-content' };
    const refusal = refusals.get(studentUid);
    const changed = where === 'update' && lockOf(one, after) !== lockOf(one, before);
    if (refusal && !changed)
      return { ...known, status: 'refused', reason: 'refused-by-ladok', message: await explained(row, refusal) };
    return where === 'mark' ? { ...known, status: 'sent' } : { ...known, status: 'differs', reason: 'changed-meanwhile' };
  }

  return eachAtMost({ items: rows, atOnce: LADOK_PARALLEL, work: outcome });
}
