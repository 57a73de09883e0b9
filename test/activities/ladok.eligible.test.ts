import { expect, it } from '../spec.js';
import type { Ladok } from '../../activities/ladok.js';
import { eligibleOf } from '../../activities/ladok/eligible.js';

const module = (instanceUid: string, decides = false) => ({
  code: instanceUid,
  instanceUid,
  scaleId: 1,
  names: { sv: '', en: '' },
  decides,
});
const occasion = (version: string, occasionUid: string, modules: string[]) => ({
  courseInstanceUid: version,
  occasionUid,
  scaleId: 1,
  modules: modules.map((uid) => module(uid, uid === 'new-b')),
});
const occasions = [occasion('old', 'o1', ['old-a']), occasion('new', 'o2', ['new-a', 'new-b'])];
/** Who has what attested, by the version or the module: 1 is a pass, 2 is none. */
const attested: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'old-a': { olga: 1, otto: 1, ove: 1 },
  'new-a': { nils: 1, nora: 1, neo: 1, otto: 1, graham: 1 },
  'new-b': { nils: 1, nora: 2, otto: 1, graham: 1 },
  old: { graham: 1, olga: 2 },
  new: {},
};
const ladok = {
  courses: async () => occasions,
  gradeScale: async () => ({
    id: 1,
    code: 'UG',
    grades: [
      { id: 1, code: 'G', passing: true },
      { id: 2, code: 'U', passing: false },
    ],
  }),
  reportRows: async ({ moduleInstanceUid }: { moduleInstanceUid: string }) =>
    Object.entries(attested[moduleInstanceUid] ?? {}).map(([studentUid, gradeId]) => ({
      studyResultUid: studentUid,
      studentUid,
      attested: { resultUid: 'r', gradeId, date: '2026-06-01' },
    })),
} as unknown as Ladok;
const who = async (version: string) =>
  (await eligibleOf({ ladok, course: 'XX1000', version })).map(({ student }) => student).sort();

it('RL-24 takes who has passed every module of a version, each once, and nobody who has a final grade of any version', async () => {
  expect(await who('new')).toEqual(['nils', 'otto']);
  expect(await who('old')).toEqual(['otto', 'ove']);
  expect(await who('unknown')).toEqual([]);
});

it('RL-27 tells the grade of the module that decides', async () => {
  const [nils] = await eligibleOf({ ladok, course: 'XX1000', version: 'new' });
  expect(nils).toEqual({
    student: 'nils',
    modules: [
      { code: 'new-a', grade: 'G', date: '2026-06-01' },
      { code: 'new-b', grade: 'G', date: '2026-06-01' },
    ],
    grade: 'G',
  });
});
