import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import { refuse, type Actor, type CaseView, type Refusal } from '../../workflows/process.js';
import { may } from '../../workflows/rights.js';
import { Prisma, type Transaction } from '../../prisma/client.js';

/**
 * A student on a course whose first assessment somebody must not see. `numbers`: all by which they may stand elsewhere; empty where
 * FS told no national number, and anybody on the course may be the one.
 */
export interface Unseen {
  readonly course: string;
  readonly studentNumber: string;
  readonly numbers: readonly string[];
}

/** Numbers that persons had, also by mistake: a result entered under a mistyped one is still theirs (RX-29). */
const had = Prisma.sql`(SELECT person_id, number FROM former_numbers UNION ALL SELECT person_id, number FROM mistyped_numbers)`;

/** The numbers of the student `s` of a complaint: FS's own, the national one it told, and whatever that was or is by now (RX-29). */
const numbersOf = Prisma.sql`ARRAY(
  SELECT unnest(ARRAY[s.student_number, s.person_number]) WHERE s.person_number IS NOT NULL
  UNION SELECT unnest(p.person_number || ARRAY(SELECT f.number FROM ${had} f WHERE f.person_id = p.id)) FROM students t JOIN persons p ON p.id = t.person_id
  WHERE t.institution = s.institution AND (p.person_number = s.person_number OR p.id IN (SELECT f.person_id FROM ${had} f WHERE f.number = s.person_number)))`;

/**
 * Whose first grade, explanation and reasons a person must not see by any route, whatever roles they hold (BE-15): the
 * students of every open complaint whose second grading they sit on. Empty, from one look into an index, for whoever sits on
 * none.
 */
export async function unseenBy(tx: Transaction, person: string): Promise<Unseen[]> {
  const rows = await tx.$queryRaw<{ course: string; student_number: string; numbers: string[] }[]>`
    SELECT s.course, s.student_number, ${numbersOf} AS numbers
    FROM complaint_members m
    JOIN complaint_appointments a ON a.committee_id = m.committee_id AND a.round = 2 AND a.replaced_at IS NULL
    JOIN cases c ON c.id = a.case_id AND c.closed_at IS NULL JOIN complaint_students s ON s.case_id = a.case_id
    WHERE m.person_id = ${person}::uuid`;
  return rows.map((row) => ({ course: row.course, studentNumber: row.student_number, numbers: row.numbers }));
}

/**
 * The courses on which somebody must not see the results of whoever has or had one of these numbers, for they assess them anew
 * (BE-15).
 */
export const coursesUnseenBy = async (
  tx: Transaction,
  { person, numbers }: { readonly person: string; readonly numbers: readonly string[] },
): Promise<readonly string[]> =>
  (await unseenBy(tx, person))
    .filter((one) => one.numbers.length === 0 || one.numbers.some((number) => numbers.includes(number)))
    .map(({ course }) => course);

/** Whether a result is about one of these courses: a module's code begins with its course's. */
export const isOnOneOf = (courses: readonly string[], code: string): boolean =>
  courses.some((course) => code === course || code.startsWith(`${course} `));

/**
 * Whether a result list holds a grade that this person must not see (BE-15). Waits for whoever is appointing them to assess a
 * result of the course: they may be among those.
 */
export async function hidesFrom(
  tx: Transaction,
  list: { readonly id: string; readonly institution: string; readonly scope: string | null },
  { id, roles }: Pick<Actor, 'id' | 'roles'>,
): Promise<boolean> {
  if (roles.some(({ role }) => role === 'committee-member'))
    await tx.$queryRaw`
      SELECT pg_advisory_xact_lock_shared(hashtextextended(key, 0))::text FROM (
        SELECT DISTINCT 'sight ' || s.institution || ' ' || s.course || ' ' || s.student_number AS key FROM complaint_students s
        JOIN cases c ON c.id = s.case_id AND c.closed_at IS NULL WHERE s.institution = ${list.institution} AND s.course = ${list.scope} ORDER BY 1) held`;
  const unseen = (await unseenBy(tx, id)).filter(({ course }) => course === list.scope);
  if (unseen.length === 0 || unseen.some(({ numbers }) => numbers.length === 0)) return unseen.length > 0;
  const numbers = unseen.flatMap((one) => one.numbers);
  const rows = await tx.$queryRaw<object[]>`
    SELECT FROM result_rows WHERE case_id = ${list.id}::uuid AND (person_number = ANY (${numbers}) OR student_uid::text = ANY (${numbers})) LIMIT 1`;
  return rows.length > 0;
}

/**
 * The complaints that somebody must not see through what was recorded of them either, by id: those about the results they assess
 * anew.
 */
export async function hiddenFrom(tx: Transaction, person: string): Promise<ReadonlySet<string>> {
  const unseen = await unseenBy(tx, person);
  if (unseen.length === 0) return new Set();
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT case_id AS id FROM complaint_students
    WHERE (course, student_number) IN (SELECT * FROM unnest(${unseen.map(({ course }) => course)}::text[], ${unseen.map(({ studentNumber }) => studentNumber)}::text[]))`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Whether somebody reads a complaint whole: by role, in the further assessment, or as the examiner who is asked to explain; never
 * from the committee of an open second grading.
 */
export async function seesWhole(tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<boolean> {
  if (await assesses(tx, complaint, actor.id)) return false;
  if (may(actor, 'read-complaint-whole') || explains(complaint, actor)) return true;
  return (await roundsOf(tx, complaint.id, actor.id)).includes(3);
}

/**
 * What a person is shown of a complaint's data: whoever does not read it whole sees neither decision nor reasons, whose words may
 * tell the first grade (BE-15).
 */
export async function shownOf(
  tx: Transaction,
  complaint: CaseView<ComplaintData>,
  actor: Actor,
): Promise<Readonly<Record<string, unknown>>> {
  const { decision: _decision, dismissed: _dismissed, ...rest } = complaint.data;
  return (await seesWhole(tx, complaint, actor)) ? { ...complaint.data } : (withoutReasons(rest) as Record<string, unknown>);
}

const withoutReasons = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (field, held: unknown) => (field === 'reason' ? undefined : held)));

/**
 * Whether somebody sits on the committee of an open second grading of the student on the course that a complaint is about: this
 * one or another.
 */
async function assesses(tx: Transaction, complaint: CaseView<ComplaintData>, person: string): Promise<boolean> {
  const unseen = await unseenBy(tx, person);
  if (unseen.length === 0) return false;
  const { studentNumber } = await tx.complaintStudent.findUniqueOrThrow({
    where: { caseId: complaint.id },
    select: { studentNumber: true },
  });
  return unseen.some((one) => one.course === complaint.scope && one.studentNumber === studentNumber);
}

/** Of some people, those who do not sit there. */
export async function notAssessing(
  tx: Transaction,
  complaint: CaseView<ComplaintData>,
  people: readonly string[],
): Promise<string[]> {
  const free: string[] = [];
  for (const person of people) if (!(await assesses(tx, complaint, person))) free.push(person);
  return free;
}

/** GC-13: who assesses anew gives no command about the result, of which the answer could tell the first grade. */
export const bars = async (tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<Refusal | undefined> =>
  actor.id !== 'system' && (await assesses(tx, complaint, actor.id))
    ? refuse('forbidden', 'GC-13', 'sits-on-the-committee')
    : undefined;

const explains = ({ data, scope }: CaseView<ComplaintData>, actor: Actor): boolean =>
  data.type === 'explanation' && actor.roles.some(({ role, course }) => role === 'examiner' && course === scope);

/** The rounds of a complaint on whose committee somebody sits. */
const roundsOf = async (tx: Transaction, caseId: string, person: string): Promise<number[]> =>
  (
    await tx.$queryRaw<{ round: number }[]>`
    SELECT a.round FROM complaint_appointments a JOIN complaint_members m ON m.committee_id = a.committee_id
    WHERE a.case_id = ${caseId}::uuid AND a.replaced_at IS NULL AND m.person_id = ${person}::uuid`
  ).map(({ round }) => round);

/**
 * Whether a complaint may be opened by somebody whose role does not open all of them: who sits on its committee, or is asked to
 * explain.
 */
export const admits = async (tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<boolean> =>
  explains(complaint, actor) || (await roundsOf(tx, complaint.id, actor.id)).length > 0;

/** The complaints that are open to somebody in that way, by id: those whose committee, of the rounds named, they sit on, or explain. */
async function concerning(tx: Transaction, actor: Actor, rounds: Prisma.Sql): Promise<string[]> {
  const courses = actor.roles.flatMap(({ role, course }) => (role === 'examiner' && course ? [course] : []));
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT a.case_id AS id FROM complaint_members m JOIN complaint_appointments a ON a.committee_id = m.committee_id AND a.replaced_at IS NULL
    JOIN cases c ON c.id = a.case_id WHERE m.person_id = ${actor.id}::uuid AND ${rounds}
    UNION SELECT id FROM cases WHERE institution = ${actor.institution} AND kind = 'complaint' AND scope = ANY (${courses}) AND data->>'type' = 'explanation'`;
  return rows.map(({ id }) => id);
}

/** All of them. */
export const admittedTo = (tx: Transaction, actor: Actor): Promise<string[]> => concerning(tx, actor, Prisma.sql`true`);

/** Those that wait for them: of two committees of a case the one of the round that runs. */
export const awaiting = (tx: Transaction, actor: Actor): Promise<string[]> =>
  concerning(tx, actor, Prisma.sql`a.round = CASE c.state WHEN 'with-further-committee' THEN 3 ELSE 2 END`);

/** What a new assessor must not see. */
export interface Undisclosed {
  readonly firstGrade: string | null;
  readonly explanation: string | null;
  readonly explainedAt: string | null;
  readonly reasons: string | null;
  readonly note: string | null;
}

/** Reads it for Registrar's own use: rules, FS, the student's letters. For a person: `discloseTo`. */
export async function undisclosedOf(tx: Transaction, caseId: string): Promise<Undisclosed> {
  const kept = await tx.complaintUndisclosed.findUniqueOrThrow({ where: { caseId } });
  return {
    firstGrade: kept.firstGrade,
    explanation: kept.explanation,
    explainedAt: kept.explainedAt?.toISOString() ?? null,
    reasons: kept.reasons,
    note: kept.note,
  };
}

/**
 * The student on the course that a complaint is about: whoever reads of them waits for whoever is being appointed, and the other
 * way.
 */
async function lockResult(tx: Transaction, { id }: CaseView<ComplaintData>, how: 'read' | 'appoint'): Promise<void> {
  const { institution, course, studentNumber } = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: id } });
  const key = `sight ${institution} ${course} ${studentNumber}`;
  if (how === 'read') await tx.$queryRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${key}, 0))::text`;
  else await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))::text`;
}

/**
 * The courses on which somebody must not see the results of a person, for they assess them anew (BE-15), and keeps that they
 * read the others: they cannot be appointed to assess one afterwards (GC-13). Holds off whoever is being appointed until the
 * transaction ends. `numbers`: all that the person has or had.
 */
export async function readsProtocol(
  tx: Transaction,
  ask: { readonly institution: string; readonly numbers: readonly string[]; readonly person: string },
): Promise<readonly string[]> {
  const { institution, person } = ask;
  const numbers = [...ask.numbers];
  await tx.$queryRaw`
    SELECT pg_advisory_xact_lock_shared(hashtextextended(key, 0))::text FROM (
      SELECT DISTINCT 'sight ' || institution || ' ' || course || ' ' || student_number AS key FROM complaint_students
      WHERE institution = ${institution} AND (person_number = ANY (${numbers}) OR student_number = ANY (${numbers})
        OR person_number IN (SELECT m.number FROM mistyped_numbers m JOIN persons p ON p.id = m.person_id WHERE p.institution = ${institution} AND p.person_number = ANY (${numbers}))) ORDER BY 1) held`;
  await tx.protocolReading.createMany({
    data: numbers.map((personNumber) => ({ institution, personNumber, readerId: person })),
    skipDuplicates: true,
  });
  return coursesUnseenBy(tx, { person, numbers });
}

/**
 * Who cannot sit in the second grading, for they handle or handled, explained, read, or gave a command of any complaint about
 * this student on this course, open or closed, or made, opened or gave a command of a result list that has or had a grade of
 * theirs, or read or wrote their results on our protocols (GC-13). A list had one where a command that was obeyed names them, and
 * where their row was moved from it (RL-23); a module that they have completed counts as a grade (RL-25). A command that was
 * refused because it was not theirs to give tells nothing, and does not count. Holds off whoever is about to read of it until the
 * transaction ends.
 */
export async function haveSeen(tx: Transaction, complaint: CaseView<ComplaintData>): Promise<ReadonlySet<string>> {
  await lockResult(tx, complaint, 'appoint');
  const rows = await tx.$queryRaw<{ id: string }[]>`
    WITH RECURSIVE mine AS (SELECT s.institution, s.course, s.student_number, ${numbersOf} AS numbers FROM complaint_students s WHERE s.case_id = ${complaint.id}::uuid),
    named AS (
      SELECT mine.*, jsonb_build_object('uids', to_jsonb(mine.numbers || ARRAY(SELECT DISTINCT r.student_uid::text FROM result_rows r WHERE r.person_number = ANY (mine.numbers)))) AS uids FROM mine),
    same AS (
      SELECT c.id, c.created_by, c.data->>'responsible' AS responsible FROM mine
      JOIN complaint_students s ON (s.institution, s.course, s.student_number) = (mine.institution, mine.course, mine.student_number) JOIN cases c ON c.id = s.case_id),
    lists AS (
      SELECT l.id, l.institution, l.created_by, l.data->>'movedFrom' AS moved_from FROM named JOIN cases l ON l.institution = named.institution AND l.kind = 'result-list' AND l.scope = named.course
      WHERE EXISTS (SELECT FROM result_rows r WHERE r.case_id = l.id AND (r.grade IS NOT NULL OR r.modules <> '[]')
          AND (named.numbers = '{}' OR r.person_number = ANY (named.numbers) OR r.student_uid::text = ANY (named.numbers)))
        OR EXISTS (SELECT FROM commands o WHERE o.case_id = l.id AND o.name IN ('save', 'correct', 'remove') AND o.outcome->>'status' = 'done'
          AND (named.numbers = '{}' OR jsonb_path_exists(o.body->'body', '$.rows[*].student ? (@ == $uids[*])', named.uids)
            OR jsonb_path_exists(o.body->'body', '$.students[*] ? (@ == $uids[*])', named.uids)))
      UNION SELECT l.id, l.institution, l.created_by, l.data->>'movedFrom' FROM lists JOIN cases l ON l.institution = lists.institution AND l.kind = 'result-list' AND l.number = lists.moved_from::bigint),
    given AS (
      SELECT caller, body->'body'->>'responsible' AS handed_to, outcome->>'status' AS status FROM commands
      WHERE case_id IN (SELECT id FROM same UNION SELECT id FROM lists) AND caller <> 'system' AND outcome IS NOT NULL AND outcome->'refusal'->>'kind' IS DISTINCT FROM 'forbidden')
    SELECT created_by::text AS id FROM same UNION SELECT responsible FROM same
    UNION SELECT caller FROM given UNION SELECT handed_to FROM given WHERE status = 'done' AND handed_to IS NOT NULL
    UNION SELECT u.explained_by::text FROM complaint_undisclosed u JOIN same ON same.id = u.case_id WHERE u.explained_by IS NOT NULL
    UNION SELECT d.person_id::text FROM complaint_disclosures d JOIN same ON same.id = d.case_id
    UNION SELECT r.reader_id::text FROM mine JOIN protocol_readings r ON r.institution = mine.institution AND (r.person_number = ANY (mine.numbers) OR mine.numbers = '{}' AND r.person_number IN (
      SELECT p.person_number FROM protocol_results p WHERE p.institution = mine.institution AND (p.code = mine.course OR starts_with(p.code, mine.course || ' '))))
    UNION SELECT created_by::text FROM lists UNION SELECT o.person_id::text FROM case_openings o JOIN lists ON lists.id = o.case_id`;
  return new Set(rows.map(({ id }) => id));
}

/**
 * Keeps that somebody who reads a complaint whole opened it: its decision and reasons may tell the first grade. Who is shown the
 * shortened case alone, as its committee is, has seen nothing and may stay.
 */
export async function keepOpening(tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<void> {
  await lockResult(tx, complaint, 'read');
  if (await seesWhole(tx, complaint, actor)) await keepDisclosure(tx, complaint, actor);
}

const keepDisclosure = (tx: Transaction, { id }: CaseView<ComplaintData>, actor: Actor) =>
  tx.$executeRaw`INSERT INTO complaint_disclosures (case_id, person_id) VALUES (${id}::uuid, ${actor.id}::uuid) ON CONFLICT DO NOTHING`;

/**
 * The one way in which a person reads it: undefined for who must not, and kept who did, for they cannot sit in the second
 * grading. Call it with the case locked.
 */
export async function discloseTo(
  tx: Transaction,
  complaint: CaseView<ComplaintData>,
  actor: Actor,
): Promise<Undisclosed | undefined> {
  await lockResult(tx, complaint, 'read');
  if (!(await seesWhole(tx, complaint, actor))) return undefined;
  await keepDisclosure(tx, complaint, actor);
  return undisclosedOf(tx, complaint.id);
}

/**
 * As `discloseTo`, for complaints that stand together in a report or the audit: by id, without those that the reader must not
 * see. Who reads one is kept, also of a closed one; the open ones about the same results are locked, so that nobody is appointed
 * to one meanwhile.
 */
export async function discloseAll(
  tx: Transaction,
  ids: readonly string[],
  actor: Actor,
): Promise<ReadonlyMap<string, Undisclosed>> {
  if (!may(actor, 'read-complaint-whole')) return new Map();
  await tx.$queryRaw`
    SELECT FROM cases WHERE closed_at IS NULL AND id IN (
      SELECT s.case_id FROM complaint_students read JOIN complaint_students s ON (s.institution, s.course, s.student_number) = (read.institution, read.course, read.student_number)
      WHERE read.case_id = ANY (${[...ids]}::uuid[])) ORDER BY id FOR SHARE`;
  const unseen = await unseenBy(tx, actor.id);
  const rows = await tx.$queryRaw<
    {
      id: string;
      first_grade: string | null;
      explanation: string | null;
      explained_at: Date | null;
      reasons: string | null;
      note: string | null;
    }[]
  >`
    SELECT c.id, u.first_grade, u.explanation, u.explained_at, u.reasons, u.note
    FROM cases c JOIN complaint_undisclosed u ON u.case_id = c.id JOIN complaint_students s ON s.case_id = c.id
    WHERE c.id = ANY (${[...ids]}::uuid[]) AND c.institution = ${actor.institution}
      AND (s.course, s.student_number) NOT IN (SELECT * FROM unnest(${unseen.map(({ course }) => course)}::text[], ${unseen.map(({ studentNumber }) => studentNumber)}::text[]))
    ORDER BY c.id`;
  const read = rows.map(({ id }) => id);
  await tx.$executeRaw`INSERT INTO complaint_disclosures (case_id, person_id) SELECT id, ${actor.id}::uuid FROM unnest(${read}::uuid[]) AS shown (id) ON CONFLICT DO NOTHING`;
  return new Map(
    rows.map((row) => [
      row.id,
      {
        firstGrade: row.first_grade,
        explanation: row.explanation,
        explainedAt: row.explained_at?.toISOString() ?? null,
        reasons: row.reasons,
        note: row.note,
      },
    ]),
  );
}
