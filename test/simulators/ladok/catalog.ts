import { createHash } from 'node:crypto';
import { courses, students, type SampleCourse, type SampleModule, type SampleStudent } from '../sample.js';

/** Grades low to high with those that pass, by the code of the scale. */
const scales: Record<string, { sv: string; en: string; grades: readonly string[]; passing: readonly string[] }> = {
  UG: { sv: 'Tvågradig betygsskala', en: 'Two-grade scale', grades: ['U', 'G'], passing: ['G'] },
  UV: { sv: 'Tregradig betygsskala', en: 'Three-grade scale', grades: ['U', 'G', 'VG'], passing: ['G', 'VG'] },
  TH: { sv: 'Fyrgradig betygsskala', en: 'Four-grade scale', grades: ['U', '3', '4', '5'], passing: ['3', '4', '5'] },
  AF: {
    sv: 'Sjugradig betygsskala',
    en: 'Seven-grade scale',
    grades: ['F', 'FX', 'E', 'D', 'C', 'B', 'A'],
    passing: ['E', 'D', 'C', 'B', 'A'],
  },
};

export interface Grade {
  readonly id: number;
  readonly code: string;
  readonly passing: boolean;
}
export interface Scale {
  readonly id: number;
  readonly code: string;
  readonly sv: string;
  readonly en: string;
  readonly grades: readonly Grade[];
}
export interface Occasion {
  readonly uid: string;
  readonly code: string;
  readonly from: string;
  readonly to: string;
  readonly course: SampleCourse;
  readonly registered: readonly SampleStudent[];
}

/** A course as something to report on, as its modules are. */
export const wholeOf = ({ code, instanceUid, name, credits, scale, titleWanted }: SampleCourse): SampleModule => ({
  code,
  instanceUid,
  name,
  credits,
  scale,
  ...(titleWanted ? { titleWanted } : {}),
});

const digest = (...parts: readonly (string | number)[]) => createHash('sha256').update(parts.join('/')).digest('hex');

/** The same parts always give the same uid, so a restart with the same folder changes nothing. */
export const uidOf = (...parts: readonly (string | number)[]): string => {
  const hex = digest(...parts);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/**
 * The catalogue of one simulated institution. Ids of scales and grades follow from `larosateId` and are different in every
 * institution.
 */
export function catalogOf(larosateId: number) {
  const taken = new Set<number>();
  const idOf = (name: string) => {
    for (let round = 0; ; round++) {
      const id = 100_000 + (parseInt(digest(larosateId, name, round).slice(0, 8), 16) % 900_000);
      if (!taken.has(id)) {
        taken.add(id);
        return id;
      }
    }
  };
  const allScales: Scale[] = Object.entries(scales).map(([code, { sv, en, grades, passing }]) => ({
    id: idOf(`scale ${code}`),
    code,
    sv,
    en,
    grades: grades.map((grade) => ({ id: idOf(`grade ${code} ${grade}`), code: grade, passing: passing.includes(grade) })),
  }));
  const scaleByCode = (code: string): Scale => {
    const scale = allScales.find((s) => s.code === code);
    if (!scale) throw new Error(`the sample names a scale that does not exist: ${code}`);
    return scale;
  };
  const occasions: Occasion[] = courses.flatMap((course) =>
    course.occasions.map(({ code, uid, from, to, registered }) => ({
      uid,
      code,
      from,
      to,
      course,
      registered: registered.flatMap((index) => students[index] ?? []),
    })),
  );
  const studyResults = new Map(
    occasions.flatMap(({ course, registered }) =>
      registered.map((one) => [uidOf('studieresultat', one.uid, course.courseUid), { student: one, course }] as const),
    ),
  );
  return {
    scales: allScales,
    scaleByCode,
    scaleById: (id: number) => allScales.find((s) => s.id === id),
    occasions,
    occasion: (uid: string) => occasions.find((o) => o.uid === uid),
    /** A module, or a course as a whole, by the uid that is reported on. */
    moduleOf: (instanceUid: string): { course: SampleCourse; module: SampleModule } | undefined => {
      for (const course of courses) {
        const module = [...course.modules, wholeOf(course)].find((m) => m.instanceUid === instanceUid);
        if (module) return { course, module };
      }
      return undefined;
    },
    /** The education (not the instance) a module is a version of. */
    educationUid: (instanceUid: string) => uidOf('education', instanceUid),
    /** A Studieresultat gathers everything one student does on one course. */
    studyResultUid: (student: SampleStudent, course: SampleCourse) => uidOf('studieresultat', student.uid, course.courseUid),
    studyResult: (uid: string) => studyResults.get(uid),
    student: (uid: string) => students.find((s) => s.uid === uid),
    studentByPersonNumber: (personNumber: string) => students.find((s) => s.personNumber === personNumber),
    scoreDefinitionUid: uidOf('noteringsdefinition', larosateId, 'SKRIVNINGSPOANG'),
  };
}

export type Catalog = ReturnType<typeof catalogOf>;
