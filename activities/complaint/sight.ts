import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { Actor, CaseView } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';

/** A student on a course whose first assessment somebody must not see. */
export interface Unseen {
  readonly course: string;
  readonly studentNumber: string;
  readonly personNumber: string | null;
}

/**
 * Whose first grade, explanation and reasons a person must not see by any route, whatever roles they hold (beyond 15): the students of every open complaint whose
 * second grading they sit on. Empty, from one look into an index, for whoever sits on none.
 */
export async function unseenBy(tx: Transaction, person: string): Promise<Unseen[]> {
  const rows = await tx.$queryRaw<{ course: string; student_number: string; person_number: string | null }[]>`
    SELECT s.course, s.student_number, s.person_number
    FROM complaint_members m
    JOIN complaint_appointments a ON a.committee_id = m.committee_id AND a.round = 2 AND a.replaced_at IS NULL
    JOIN cases c ON c.id = a.case_id AND c.closed_at IS NULL JOIN complaint_students s ON s.case_id = a.case_id
    WHERE m.person_id = ${person}::uuid`;
  return rows.map((row) => ({ course: row.course, studentNumber: row.student_number, personNumber: row.person_number }));
}

/** Whether a result list holds a grade that this person must not see (beyond 15). */
export async function hidesFrom(tx: Transaction, list: { readonly id: string; readonly scope: string | null }, person: string): Promise<boolean> {
  const unseen = (await unseenBy(tx, person)).filter(({ course }) => course === list.scope);
  if (unseen.length === 0) return false;
  const numbers = unseen.flatMap(({ personNumber, studentNumber }) => (personNumber ? [personNumber, studentNumber] : [studentNumber]));
  const rows = await tx.$queryRaw<object[]>`
    SELECT FROM result_rows WHERE case_id = ${list.id}::uuid AND (person_number = ANY (${numbers}) OR student_uid::text = ANY (${numbers})) LIMIT 1`;
  return rows.length > 0;
}

/** Roles that read a complaint whole, unless they sit on its committee. */
const reading: readonly string[] = ['case-worker', 'exam-office', 'auditor'];

/** Whether somebody reads a complaint whole: by role, in the further assessment, or as the examiner who is asked to explain; never from the committee of an open second grading. */
export async function seesWhole(tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<boolean> {
  const { studentNumber } = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: complaint.id }, select: { studentNumber: true } });
  const unseen = await unseenBy(tx, actor.id);
  if (unseen.some((one) => one.course === complaint.scope && one.studentNumber === studentNumber)) return false;
  if (actor.roles.some(({ role }) => reading.includes(role)) || explains(complaint, actor)) return true;
  return (await roundsOf(tx, complaint.id, actor.id)).includes(3);
}

const explains = ({ data, scope }: CaseView<ComplaintData>, actor: Actor): boolean =>
  data.type === 'explanation' && actor.roles.some(({ role, course }) => role === 'examiner' && course === scope);

/** The rounds of a complaint on whose committee somebody sits. */
const roundsOf = async (tx: Transaction, caseId: string, person: string): Promise<number[]> =>
  (await tx.$queryRaw<{ round: number }[]>`
    SELECT a.round FROM complaint_appointments a JOIN complaint_members m ON m.committee_id = a.committee_id
    WHERE a.case_id = ${caseId}::uuid AND a.replaced_at IS NULL AND m.person_id = ${person}::uuid`).map(({ round }) => round);

/** Whether a complaint may be opened by somebody whose role does not open all of them: who sits on its committee, or is asked to explain. */
export const admits = async (tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<boolean> =>
  explains(complaint, actor) || (await roundsOf(tx, complaint.id, actor.id)).length > 0;

/** The complaints that are open to somebody in that way, by id. */
export async function admittedTo(tx: Transaction, actor: Actor): Promise<string[]> {
  const courses = actor.roles.flatMap(({ role, course }) => (role === 'examiner' && course ? [course] : []));
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT a.case_id AS id FROM complaint_members m JOIN complaint_appointments a ON a.committee_id = m.committee_id AND a.replaced_at IS NULL WHERE m.person_id = ${actor.id}::uuid
    UNION SELECT id FROM cases WHERE institution = ${actor.institution} AND kind = 'complaint' AND scope = ANY (${courses}) AND data->>'type' = 'explanation'`;
  return rows.map(({ id }) => id);
}

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
  return { firstGrade: kept.firstGrade, explanation: kept.explanation, explainedAt: kept.explainedAt?.toISOString() ?? null, reasons: kept.reasons, note: kept.note };
}

/** The one way in which a person reads it: undefined for who must not, and kept who did, for they cannot sit in the second grading. Call it with the case locked. */
export async function discloseTo(tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<Undisclosed | undefined> {
  if (!(await seesWhole(tx, complaint, actor))) return undefined;
  await tx.$executeRaw`INSERT INTO complaint_disclosures (case_id, person_id) VALUES (${complaint.id}::uuid, ${actor.id}::uuid) ON CONFLICT DO NOTHING`;
  return undisclosedOf(tx, complaint.id);
}

/**
 * As `discloseTo`, for complaints that stand together in a report: by id, without those that the reader must not see. Who reads an open one is kept; the open ones
 * are locked, so that nobody is appointed to one meanwhile.
 */
export async function discloseAll(tx: Transaction, ids: readonly string[], actor: Actor): Promise<ReadonlyMap<string, Undisclosed>> {
  if (!actor.roles.some(({ role }) => reading.includes(role))) return new Map();
  await tx.$queryRaw`SELECT FROM cases WHERE id = ANY (${[...ids]}::uuid[]) AND closed_at IS NULL ORDER BY id FOR SHARE`;
  const unseen = await unseenBy(tx, actor.id);
  const rows = await tx.$queryRaw<{ id: string; open: boolean; first_grade: string | null; explanation: string | null; explained_at: Date | null; reasons: string | null; note: string | null }[]>`
    SELECT c.id, c.closed_at IS NULL AS open, u.first_grade, u.explanation, u.explained_at, u.reasons, u.note
    FROM cases c JOIN complaint_undisclosed u ON u.case_id = c.id JOIN complaint_students s ON s.case_id = c.id
    WHERE c.id = ANY (${[...ids]}::uuid[]) AND c.institution = ${actor.institution}
      AND (s.course, s.student_number) NOT IN (SELECT * FROM unnest(${unseen.map(({ course }) => course)}::text[], ${unseen.map(({ studentNumber }) => studentNumber)}::text[]))`;
  const open = rows.filter((row) => row.open).map(({ id }) => id);
  await tx.$executeRaw`INSERT INTO complaint_disclosures (case_id, person_id) SELECT id, ${actor.id}::uuid FROM unnest(${open}::uuid[]) AS shown (id) ON CONFLICT DO NOTHING`;
  return new Map(rows.map((row) => [row.id, { firstGrade: row.first_grade, explanation: row.explanation, explainedAt: row.explained_at?.toISOString() ?? null, reasons: row.reasons, note: row.note }]));
}
