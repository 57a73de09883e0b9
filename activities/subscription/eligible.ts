import type { Ladok } from '../ladok.js';
import { LADOK_PARALLEL } from '../ladok/call.js';
import { eachAtMost } from '../ladok/eachAtMost.js';
import type { CourseOccasion } from '../ladok/terms.js';
import type { EligibleStudents } from './telling.js';

/**
 * Who can get a final grade (RL-24), by the register: every module of the student's version of the course is passed and attested, and there
 * is no final grade yet (an attested result of the course itself). Throws what the adapter throws.
 */
export function eligibleStudents(ladok: Pick<Ladok, 'courses' | 'gradeScale' | 'reportRows' | 'attestedResults'>): EligibleStudents {
  async function passed(module: CourseOccasion['modules'][number], occasionUids: readonly string[]): Promise<ReadonlySet<string>> {
    const { grades } = await ladok.gradeScale(module.scaleId);
    const passing = new Set(grades.filter((grade) => grade.passing).map((grade) => grade.id));
    const rows = await ladok.reportRows({ moduleInstanceUid: module.instanceUid, occasionUids });
    return new Set(rows.filter(({ attested }) => attested?.gradeId !== undefined && passing.has(attested.gradeId)).map((row) => row.studentUid));
  }

  async function ofVersion(occasions: readonly CourseOccasion[]): Promise<string[]> {
    const modules = occasions[0]?.modules ?? [];
    const sets = await eachAtMost({ items: modules, atOnce: LADOK_PARALLEL, work: (module) => passed(module, occasions.map((one) => one.occasionUid)) });
    return [...(sets[0] ?? [])].filter((student) => sets.every((set) => set.has(student)));
  }

  return async (course) => {
    const occasions = await ladok.courses({ courseCode: course });
    const versions = [...new Set(occasions.map((one) => one.courseInstanceUid))];
    const candidates = new Set((await Promise.all(versions.map((uid) => ofVersion(occasions.filter((one) => one.courseInstanceUid === uid))))).flat());
    const courseUid = occasions.find((one) => one.courseUid)?.courseUid;
    const open = await eachAtMost({
      items: [...candidates], atOnce: LADOK_PARALLEL,
      work: async (studentUid) => {
        const results = await ladok.attestedResults({ studentUid, ...(courseUid ? { courseUid } : {}) });
        return results.some((one) => one.moduleCode === course || versions.some((uid) => uid === one.moduleInstanceUid)) ? [] : [studentUid];
      },
    });
    return open.flat();
  };
}
