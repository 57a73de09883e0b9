import type { Transaction } from '../../prisma/client.js';
import type { Eligible } from '../ladok/eligible.js';
import type { FetchedStudent } from './rows.js';

/**
 * RL-25, RL-27: notes what is completed, and puts the grade in where nobody has typed one. Answers how many rows that changed.
 */
export async function noteCompleted(
  tx: Transaction,
  caseId: string,
  students: readonly (FetchedStudent | (FetchedStudent & Eligible))[],
): Promise<number> {
  const given = JSON.stringify(
    students.flatMap((one) => ('modules' in one ? [{ s: one.student, m: one.modules, g: one.grade }] : [])),
  );
  return tx.$executeRaw`
    UPDATE result_rows r SET modules = n.m, grade = coalesce(r.grade, n.g)
    FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, m jsonb, g text)
    WHERE r.case_id = ${caseId}::uuid AND r.student_uid = n.s AND (r.modules IS DISTINCT FROM n.m OR (r.grade IS NULL AND n.g IS NOT NULL))`;
}
