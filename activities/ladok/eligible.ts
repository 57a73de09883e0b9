import type { Ladok } from '../ladok.js';
import type { Follow } from '../progress.js';
import { LADOK_PARALLEL } from './call.js';
import { eachAtMost } from '../at-a-time.js';
import type { CourseOccasion, Module } from './terms.js';

/** A module that a student has passed, as the register attested it. */
export interface CompletedModule {
  readonly code: string;
  readonly grade: string;
  readonly date: string;
}

/**
 * Somebody who can get a final grade, by the register's key: what is completed, and the grade where a module decides it (RL-27).
 */
export interface Eligible {
  readonly student: string;
  readonly modules: readonly CompletedModule[];
  readonly grade: string | null;
}

interface Passed {
  readonly module: Module;
  readonly by: ReadonlyMap<string, CompletedModule>;
}

/**
 * RL-24, SU-01: who has passed every module of a version of the course, and has no final grade of any version yet, by what is
 * attested. Each once. Reads only, and throws what the adapter throws.
 */
export async function eligibleOf({
  ladok,
  course,
  version,
  reading,
}: {
  ladok: Pick<Ladok, 'courses' | 'gradeScale' | 'reportRows'>;
  course: string;
  version: string;
  reading?: () => Follow;
}): Promise<Eligible[]> {
  const occasions = await ladok.courses({ courseCode: course });
  const versions = [...new Set(occasions.map((one) => one.courseInstanceUid))].map((uid) =>
    occasions.filter((one) => one.courseInstanceUid === uid),
  );

  const rowsOf = (uid: string, of: readonly CourseOccasion[]) => {
    const follow = reading?.();
    return ladok.reportRows({
      moduleInstanceUid: uid,
      occasionUids: of.map((one) => one.occasionUid),
      ...(follow ? { follow } : {}),
    });
  };

  async function passed(module: Module, of: readonly CourseOccasion[]): Promise<Passed> {
    const { grades } = await ladok.gradeScale(module.scaleId);
    const by = (await rowsOf(module.instanceUid, of)).flatMap(({ studentUid, attested }) => {
      const grade = grades.find((one) => one.id === attested?.gradeId);
      return grade?.passing && attested?.date
        ? [[studentUid, { code: module.code, grade: grade.code, date: attested.date }] as const]
        : [];
    });
    return { module, by: new Map(by) };
  }

  async function ofVersion(of: readonly CourseOccasion[]): Promise<Eligible[]> {
    const [first] = of;
    if (!first) return [];
    const all = await eachAtMost({ items: first.modules, atOnce: LADOK_PARALLEL, work: (module) => passed(module, of) });
    const { grades } = await ladok.gradeScale(first.scaleId);
    const deciding = all.find(({ module }) => module.decides);
    return [...(all[0]?.by.keys() ?? [])]
      .filter((student) => all.every(({ by }) => by.has(student)))
      .map((student) => ({
        student,
        modules: all.flatMap(({ by }) => by.get(student) ?? []),
        grade: grades.find(({ code }) => code === deciding?.by.get(student)?.grade)?.code ?? null,
      }));
  }

  const final = await eachAtMost({
    items: versions,
    atOnce: LADOK_PARALLEL,
    work: (of) => rowsOf(of[0]?.courseInstanceUid ?? '', of),
  });
  const graded = new Set(final.flat().flatMap((row) => (row.attested ? [row.studentUid] : [])));
  return (await ofVersion(occasions.filter((one) => one.courseInstanceUid === version))).filter(
    ({ student }) => !graded.has(student),
  );
}
