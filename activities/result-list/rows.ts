import { civilOrNull, Prisma, type Transaction } from '../../prisma/client.js';
import type { CaseView } from '../../workflows/process.js';
import { reportedOn, type ListData, type ListRow, type RegisteredFor } from '../../workflows/result-list/list.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { CompletedModule } from '../ladok/eligible.js';

/** A row with the person it is about. Name is two fields (RL-08). */
export interface StoredRow extends ListRow {
  readonly personNumber: string;
  readonly surname: string;
  readonly givenName: string;
  /** On the list of a whole course: what the student has completed (RL-25). */
  readonly modules?: readonly CompletedModule[];
}

/** RL-09: one order, whichever way the rows came: surname, first name, number, in the alphabet of the institution's language. */
export function inListOrder<R extends Pick<StoredRow, 'surname' | 'givenName' | 'personNumber'>>(
  rows: readonly R[],
  language: string,
): R[] {
  const collator = new Intl.Collator(language);
  return rows.toSorted(
    (a, b) =>
      collator.compare(a.surname, b.surname) ||
      collator.compare(a.givenName, b.givenName) ||
      a.personNumber.localeCompare(b.personNumber, 'en'),
  );
}

/** All rows of a list, in list order. */
export async function readRows(tx: Transaction, caseId: string): Promise<StoredRow[]> {
  const rows = await tx.$queryRaw<
    {
      student_uid: string;
      person_number: string;
      surname: string;
      given_name: string;
      grade: string | null;
      examination_date: Date | null;
      score: string | null;
      modules: CompletedModule[] | null;
      language: string;
    }[]
  >`SELECT r.student_uid, r.person_number, r.surname, r.given_name, r.grade, r.examination_date, r.score, r.modules, i.language
    FROM result_rows r JOIN cases c ON c.id = r.case_id JOIN institutions i ON i.code = c.institution WHERE r.case_id = ${caseId}::uuid`;
  return inListOrder(
    rows.map((row) => ({
      student: row.student_uid,
      personNumber: row.person_number,
      surname: row.surname,
      givenName: row.given_name,
      grade: row.grade,
      examinationDate: civilOrNull(row.examination_date),
      score: row.score,
      ...(row.modules ? { modules: row.modules } : {}),
    })),
    rows[0]?.language ?? 'sv',
  );
}

/**
 * The dated snapshot of registrations on the list's course, of the students on the list: in the version of the course that the
 * list reports on (RL-23), for the register takes no result of another.
 */
export async function readRegistrations(
  tx: Transaction,
  list: Pick<CaseView, 'id' | 'institution' | 'scope' | 'data'>,
): Promise<RegisteredFor[]> {
  const { uid } = reportedOn(list.data as ListData);
  const rows = await tx.$queryRaw<{ student_uid: string; from_date: Date; to_date: Date }[]>`
    SELECT g.student_uid, g.from_date, g.to_date FROM registrations g
    JOIN result_rows r ON r.student_uid = g.student_uid AND r.case_id = ${list.id}::uuid
    LEFT JOIN course_occasions o ON o.institution = g.institution AND o.uid = g.occasion_uid
    WHERE g.institution = ${list.institution} AND g.course_code = ${list.scope}
      AND (coalesce(cardinality(o.reports_on), 0) = 0 OR ${uid} = ANY (o.reports_on))`;
  return rows.map((row) => ({
    student: row.student_uid,
    from: row.from_date.toISOString().slice(0, 10),
    to: row.to_date.toISOString().slice(0, 10),
  }));
}

/** Writes grade, date and score of students who are on the list: one statement however many rows. */
export async function saveRows(tx: Transaction, caseId: string, rows: readonly ListRow[]): Promise<void> {
  const given = JSON.stringify(rows.map((row) => ({ s: row.student, g: row.grade, d: row.examinationDate, p: row.score })));
  await tx.$executeRaw`
    UPDATE result_rows r SET grade = n.g, examination_date = n.d, score = n.p
    FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, g text, d date, p text) WHERE r.case_id = ${caseId}::uuid AND r.student_uid = n.s`;
}

/** Takes students off the list. */
export const removeRows = (tx: Transaction, caseId: string, students: readonly string[]) =>
  tx.$executeRaw`DELETE FROM result_rows WHERE case_id = ${caseId}::uuid AND student_uid IN (${Prisma.join(students.map((s) => Prisma.sql`${s}::uuid`))})`;

/** A student as the register hands them over, with what a source knows of the result besides (RL-11, RL-15). */
export interface FetchedStudent {
  readonly student: string;
  readonly personNumber: string;
  readonly surname: string;
  readonly givenName: string;
  readonly examinationDate?: CivilDate | null;
  readonly grade?: string | null;
}

/**
 * What a fetch did to a list: who is new, who was there already, on how many of those an empty grade or date was filled, and how
 * many of them the source knows otherwise than the list: by another name or number, with another grade or date.
 */
export interface Added {
  readonly added: number;
  readonly alreadyThere: number;
  readonly filled: number;
  readonly different: number;
}

/**
 * RL-14: adds whoever is not there yet, and fills what is empty; a student fetched twice is one row, and nothing that stands
 * there is replaced.
 */
export async function addStudents(tx: Transaction, caseId: string, students: readonly FetchedStudent[]): Promise<Added> {
  const rows = JSON.stringify(
    students.map((s) => ({
      s: s.student,
      n: s.personNumber,
      l: s.surname,
      f: s.givenName,
      d: s.examinationDate ?? null,
      g: s.grade ?? null,
    })),
  );
  const given = Prisma.sql`jsonb_to_recordset(${rows}::jsonb) AS n(s uuid, n text, l text, f text, d date, g text)`;
  const differing = await tx.$queryRaw<{ n: bigint }[]>`
    SELECT count(*) AS n FROM result_rows r JOIN ${given} ON n.s = r.student_uid
    WHERE r.case_id = ${caseId}::uuid AND ((r.person_number, r.surname, r.given_name) IS DISTINCT FROM (n.n, n.l, n.f) OR r.examination_date <> n.d OR r.grade <> n.g)`;
  const filled = await tx.$executeRaw`
    UPDATE result_rows r SET examination_date = coalesce(r.examination_date, n.d), grade = coalesce(r.grade, n.g) FROM ${given}
    WHERE r.case_id = ${caseId}::uuid AND r.student_uid = n.s AND ((r.examination_date IS NULL AND n.d IS NOT NULL) OR (r.grade IS NULL AND n.g IS NOT NULL))`;
  const added = await tx.$executeRaw`
    INSERT INTO result_rows (case_id, student_uid, person_number, surname, given_name, examination_date, grade)
    SELECT ${caseId}::uuid, n.s, n.n, n.l, n.f, n.d, n.g FROM ${given} ON CONFLICT (case_id, student_uid) DO NOTHING`;
  return { added, alreadyThere: students.length - added, filled, different: Number(differing[0]?.n ?? 0) };
}
