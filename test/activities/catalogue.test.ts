import { afterAll, beforeAll, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { CourseOccasion } from '../../activities/ladok/terms.js';
import { createUpkeep } from '../../activities/upkeep.js';
import { createDatabase, type Database } from '../../prisma/client.js';
import { institution } from '../simulators/sample.js';
import { freshDatabase } from '../support/database.js';

const uid = (of: string) => `c9000000-0000-4000-8000-00000000${of}`;
const names = { sv: 'Kurs', en: 'Course' };
/** An occasion of a version of VV5000; the register gives them in the order of their codes, whenever they begin. */
const occasion = (code: string, version: string, from: string, modules: readonly string[]): CourseOccasion => ({
  courseCode: 'VV5000',
  names,
  courseInstanceUid: uid(`${version}000`),
  scaleId: 1,
  occasionUid: uid(code),
  occasionCode: code,
  from,
  to: `${from.slice(0, 4)}-12-31`,
  modules: modules.map((module, place) => ({
    code: module,
    instanceUid: uid(`${version}00${place + 1}`),
    names,
    credits: 1,
    scaleId: 1,
  })),
});

let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
beforeAll(async () => {
  database = await freshDatabase();
  db = createDatabase({ url: database.url });
  const { code, name, zone, language } = institution;
  await db.institution.create({ data: { code, name, zone, language } });
});
afterAll(async () => {
  await db?.$disconnect();
  await database?.drop();
});

const refreshed = (courses: readonly CourseOccasion[]) =>
  new MockActivityEnvironment().run(
    createUpkeep({
      db,
      institution: institution.code,
      ladok: { courses: async () => courses, gradeScale: async (id: number) => ({ id, code: 'UG', names, grades: [] }) },
    } as unknown as Parameters<typeof createUpkeep>[0]).refreshCatalogue,
  );
const course = () => db.course.findFirst({ where: { code: 'VV5000' } });
const modules = async () =>
  Object.fromEntries(
    (await db.courseModule.findMany({ where: { courseCode: 'VV5000' } })).map((one) => [one.moduleCode, one.moduleUid]),
  );

const old = occasion('1111', '1', '2021-01-18', ['TEN1', 'GONE']);
const now = occasion('0001', '2', '2024-01-15', ['TEN1', 'NEW1']);
const planned = occasion('2222', '3', '2998-01-15', ['TEN1']);
const later = occasion('3333', '4', '2999-01-15', ['TEN1']);

it('RL-01 takes course and modules from the version that began last, not from one that is still to begin', async () => {
  await refreshed([now, old, planned, later]);
  expect([(await course())?.uid, await modules()]).toEqual([
    uid('2000'),
    { TEN1: uid('2001'), GONE: uid('1002'), NEW1: uid('2002') },
  ]);
});

it('RL-01 takes the version that begins first where none has begun', async () => {
  await refreshed([later, planned]);
  expect([(await course())?.uid, (await modules())['TEN1']]).toEqual([uid('3000'), uid('3001')]);
});

it('RL-23 knows of each occasion on what the results of its students are reported', async () => {
  await refreshed([now, old]);
  const kept = await db.courseOccasion.findMany({ where: { uid: { in: [uid('0001'), uid('1111')] } }, orderBy: { uid: 'asc' } });
  expect(kept.map(({ reportsOn }) => reportsOn)).toEqual([
    [uid('2000'), uid('2001'), uid('2002')],
    [uid('1000'), uid('1001'), uid('1002')],
  ]);
});
