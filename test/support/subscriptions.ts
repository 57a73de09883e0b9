import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createTelling, type EligibleStudents } from '../../activities/subscription/telling.js';
import { addDays, type Instant } from '../../workflows/rules/civil-time.js';
import { catalogOf } from '../simulators/ladok/catalog.js';
import { courses, institution, student } from '../simulators/sample.js';
import { mailTo } from './lists.js';
import { swept } from './staff.js';
import { eventually, personOf, type Caller, type Login, type University } from './university.js';

/** The local day, so many days from now. */
export const inDays = (days: number): string =>
  addDays(new Date().toLocaleDateString('sv-SE', { timeZone: institution.zone }), days);

/** Noon of that day in the institution's zone, or close to it. */
export const noonIn = (days: number): Instant => `${inDays(days)}T11:00:00.000Z`;

/** The register's keys of sample students. */
export const keysOf = (...indexes: number[]): string[] => indexes.map((index) => student(index).uid);

/** Subscribes; answers with the number. */
export async function subscribed(by: Caller, body: { course: string; until: string; from?: string }): Promise<string> {
  const made = await by.post('/subscriptions', body);
  if (made.status !== 201) throw new Error(`no subscription: ${JSON.stringify(made.body)}`);
  return made.body.case.number;
}

/** Looks up one course as on a day, with a register that answers as told. */
export const told = (at: University, course: string, eligible: EligibleStudents, days = 0): Promise<void> =>
  new MockActivityEnvironment().run(createTelling({ db: at.world.db, institution: institution.code, eligible }).tellOf, {
    course,
    at: noonIn(days),
  });

/** Courses that are looked up on a day. */
export const coursesOn = (at: University, days: number): Promise<readonly string[]> =>
  createTelling({ db: at.world.db, institution: institution.code, eligible: async () => [] }).subscribedCourses({
    at: noonIn(days),
  });

/** Announces what ends soon, as on a day. */
export const announced = (at: University, days: number): Promise<void> =>
  new MockActivityEnvironment().run(
    createTelling({ db: at.world.db, institution: institution.code, eligible: async () => [] }).announceEnds,
    { at: noonIn(days) },
  );

/** Delivers what is promised, as the sweep does after a minute; a workflow that just began may be quicker. */
export async function posted(at: University): Promise<void> {
  await at.world.db
    .$executeRaw`UPDATE outbox SET created_at = created_at - interval '2 minutes' WHERE channel = 'mail' AND state = 'pending'`;
  await swept(at);
  await eventually(
    'no letter is on its way',
    async () => (await at.world.db.outbox.count({ where: { channel: 'mail', state: { in: ['pending', 'claimed'] } } })) === 0,
  );
}

/** The letters that somebody has got about a course code. */
export const lettersTo = async (at: University, login: Login, course: string) =>
  (await mailTo(at, personOf(login).email)).filter(({ subject }) => subject.includes(course));

const catalog = catalogOf(institution.larosateId);

/** Has the register attest grades of sample students on one module, by codes: `[[0, 'B'], [1, 'F']]`. */
export function attested(at: University, moduleCode: string, grades: readonly (readonly [index: number, grade: string])[]): void {
  const { course, module } =
    courses
      .flatMap((one) => one.modules.map((of) => ({ course: one, module: of })))
      .find((one) => one.module.code === moduleCode) ?? {};
  if (!course || !module) throw new Error(`no sample module ${moduleCode}`);
  const scale = catalog.scaleByCode(module.scale);
  for (const [index, code] of grades)
    at.simulators.ladok.store.attested.push({
      uid: randomUUID(),
      studyResultUid: catalog.studyResultUid(student(index), course),
      moduleInstanceUid: module.instanceUid,
      status: 2,
      gradeId: scale.grades.find((grade) => grade.code === code)?.id ?? 0,
      scaleId: scale.id,
      date: '2026-11-02',
      notes: [],
      lock: '2026-11-20T10:15:30.123',
    });
}
