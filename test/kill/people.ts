import type { System } from './system.js';

/**
 * People who are made up for the load, beside the sample's own: enough examiners that the limit of five codes an hour stops
 * nobody.
 */
export interface People {
  readonly teachers: readonly string[];
  /** By course. */
  readonly examiners: Readonly<Record<string, readonly string[]>>;
  readonly courseOffice: string;
  readonly caseWorkers: readonly string[];
  readonly examOffice: string;
  /** Members of committees: two of a second grading, two of a third. */
  readonly second: readonly string[];
  readonly further: readonly string[];
  /** An examiner of no course: may never sign. */
  readonly stranger: string;
}

/** The phone of somebody made up. */
export const phoneOf = (person: string): string => `+4670${1_000_000 + Number(person.slice(-12))}`;

const CASE_WORKERS = 8;
const id = (n: number) => `b1000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Adds them to the simulated staff register; the product fetches them from there. */
export async function hire(system: System, counts: { teachers: number; examiners: number }): Promise<People> {
  const from = '2012-08-01';
  const role = (name: string, course: string | null = null) => ({ role: name, course, from, to: null });
  const put = async (n: number, login: string, roles: unknown[]) => {
    const answer = await fetch(`${system.outside.staffRegister}/__sim/staff/${id(n)}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json', Authorization: 'Bearer simulated' },
      body: JSON.stringify({
        login,
        givenName: 'Last',
        surname: `Prov ${n}`,
        personNumber: '198001012392',
        email: `${login}@bth.example`,
        mobile: phoneOf(id(n)),
        language: 'sv',
        roles,
      }),
    });
    if (!answer.ok) throw new Error(`the staff register did not take ${login}: ${answer.status}`);
    return id(n);
  };
  const teachers = [];
  const examiners: Record<string, string[]> = { XX1000: [], YY2000: [] };
  for (let n = 0; n < counts.teachers; n += 1) teachers.push(await put(1_000 + n, `load-teacher${n}`, [role('teacher')]));
  for (let n = 0; n < counts.examiners; n += 1) {
    const course = n % 4 === 3 ? 'YY2000' : 'XX1000';
    examiners[course]?.push(await put(2_000 + n, `load-examiner${n}`, [role('teacher'), role('examiner', course)]));
  }
  const several = (count: number, first: number, name: string) =>
    Promise.all(Array.from({ length: count }, (_, n) => put(first + n, `load-${name}${n}`, [role(name)])));
  const [caseWorkers, [examOffice = ''], members] = [
    await several(CASE_WORKERS, 4_000, 'case-worker'),
    await several(1, 4_100, 'exam-office'),
    await several(4, 4_200, 'committee-member'),
  ];
  const courseOffice = await put(3_000, 'load-office', [role('course-office')]);
  return {
    teachers,
    examiners,
    courseOffice,
    caseWorkers,
    examOffice,
    second: members.slice(0, 2),
    further: members.slice(2),
    stranger: await put(3_001, 'load-stranger', [role('examiner', 'ZZ9999')]),
  };
}
