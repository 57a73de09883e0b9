import type { Transaction } from '../../prisma/client.js';
import type { Ladok } from '../ladok.js';
import { LADOK_PARALLEL } from '../ladok/call.js';
import { eachAtMost } from '../ladok/eachAtMost.js';
import type { GradeScale, Module, ReportRow } from '../ladok/terms.js';
import type { CompletedModule, FetchedStudent } from './rows.js';

/** Somebody who can get a final grade: what is completed, and the grade where a module decides it (RL-27). */
export interface EligibleStudent extends FetchedStudent {
  readonly modules: readonly CompletedModule[];
  readonly grade: string | null;
}

interface Passed { readonly module: Module; readonly by: ReadonlyMap<string, CompletedModule> }

const passedBy = (module: Module, { grades }: GradeScale, rows: readonly ReportRow[]): ReadonlyMap<string, CompletedModule> =>
  new Map(rows.flatMap(({ studentUid, attested }) => {
    const grade = grades.find((one) => one.id === attested?.gradeId);
    return grade?.passing && attested?.date ? [[studentUid, { code: module.code, grade: grade.code, date: attested.date }] as const] : [];
  }));

/**
 * RL-24: of these people those who have passed every module of a version of the course (`instanceUid`) and have no final grade yet, by what is
 * attested. Reads only. Throws what the adapter throws.
 */
export async function eligibleOf(
  { ladok, course, people }: { ladok: Ladok; course: { code: string; instanceUid: string }; people: readonly FetchedStudent[] },
): Promise<EligibleStudent[]> {
  const occasions = (await ladok.courses({ courseCode: course.code })).filter((one) => one.courseInstanceUid === course.instanceUid);
  const [first] = occasions;
  if (!first) return [];
  const rowsOf = (moduleInstanceUid: string) => ladok.reportRows({ moduleInstanceUid, occasionUids: occasions.map((one) => one.occasionUid) });
  const graded = new Set((await rowsOf(course.instanceUid)).flatMap((row) => (row.attested ? [row.studentUid] : [])));
  const passed = await eachAtMost({
    items: first.modules, atOnce: LADOK_PARALLEL,
    work: async (module): Promise<Passed> => ({ module, by: passedBy(module, await ladok.gradeScale(module.scaleId), await rowsOf(module.instanceUid)) }),
  });
  const { grades } = await ladok.gradeScale(first.scaleId);
  const deciding = passed.find(({ module }) => module.decides);
  const able = (student: string) => passed.length > 0 && !graded.has(student) && passed.every(({ by }) => by.has(student));
  return [...new Map(people.map((one) => [one.student, one])).values()].filter(({ student }) => able(student)).map((one) => ({
    ...one,
    modules: passed.flatMap(({ by }) => by.get(one.student) ?? []),
    grade: grades.find(({ code }) => code === deciding?.by.get(one.student)?.grade)?.code ?? null,
  }));
}

/** RL-25, RL-27: notes what is completed, and puts the grade in where nobody has typed one. Answers how many rows that changed. */
export async function noteCompleted(tx: Transaction, caseId: string, students: readonly FetchedStudent[]): Promise<number> {
  const given = JSON.stringify(students.flatMap((one) => ('modules' in one ? [{ s: one.student, m: one.modules, g: (one as EligibleStudent).grade }] : [])));
  return tx.$executeRaw`
    UPDATE result_rows r SET modules = n.m, grade = coalesce(r.grade, n.g)
    FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, m jsonb, g text)
    WHERE r.case_id = ${caseId}::uuid AND r.student_uid = n.s AND (r.modules IS DISTINCT FROM n.m OR (r.grade IS NULL AND n.g IS NOT NULL))`;
}
