import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { readCase } from '../../activities/case/case-row.js';
import { complaintLetters } from '../../activities/complaint/post.js';
import { listLetters } from '../../activities/result-list/post.js';
import type { StudentPortal } from '../../activities/student-portal.js';
import type { LetterName } from '../../workflows/complaint/complaint.js';
import { kept } from '../support/complaint-rows.js';
import { newList } from '../support/lists.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('a letter that is late', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const [sits, sat] = [personOf('mons').id, personOf('marte').id];
  const appointed = (round: 2 | 3) => [
    { round, number: round, members: [{ person: sits, external: false }] },
    { round, number: round + 10, members: [{ person: sat, external: false }], replaced: true },
  ];
  const complaintIn = async (state: string, round: 2 | 3 = 2, data: object = {}) => {
    const { id } = await kept(at, personOf('siri').id, {
      state,
      data,
      committees: appointed(round),
      dueOn: '2026-07-11',
      student: { number: randomUUID() },
    });
    return id;
  };
  const goes = async (id: string, letter: LetterName, to: string): Promise<boolean> => {
    const found = await readCase(at.world.db, { id });
    if (!found) throw new Error('there is no such case');
    const write = complaintLetters({ db: at.world.db, publicUrl: 'http://registrar.example' });
    return (await write({ subject: found.subject, letter, to, payload: {} })) !== undefined;
  };
  const halted = (from: string) => ({ halted: { by: 'system', at: '2026-06-21T10:00:00Z', from } });

  it('GC-16 tells somebody that they sit on the committee only while they do and it has the case', async () => {
    for (const [state, round, data, told] of [
      ['with-committee', 2, {}, true],
      ['with-further-committee', 3, {}, true],
      ['with-further-committee', 2, {}, false],
      ['halted', 2, halted('with-committee'), true],
      ['halted', 2, halted('received'), false],
      ['closed', 2, halted('with-committee'), false],
      ['to-lift', 2, {}, false],
      ['received', 2, {}, false],
    ] as const) {
      const id = await complaintIn(state, round, data);
      expect({ state, data, told: await goes(id, 'appointed', sits) }).toEqual({ state, data, told });
      expect(await goes(id, 'appointed', sat)).toBe(false);
      expect({ state, data, released: await goes(id, 'released', sits) }).toEqual({ state, data, released: !told });
      expect(await goes(id, 'released', sat)).toBe(true);
    }
  });

  it('GC-04 asks the examiner to explain only while that is waited for', async () => {
    const asked = async (state: string) => goes(await complaintIn(state), 'explanation-asked', personOf('erik').id);
    expect([await asked('explaining'), await asked('explained'), await asked('closed')]).toEqual([true, false, false]);
  });

  it('GC-41 asks the exam office for what it has before it, and for nothing else', async () => {
    const letters = ['to-check', 'to-correct', 'to-lift'] as const;
    for (const state of [...letters, 'closed'])
      for (const letter of letters)
        expect([state, letter, await goes(await complaintIn(state), letter, personOf('egil').id)]).toEqual([
          state,
          letter,
          state === letter,
        ]);
  });

  it('RL-37 tells the examiner of a list only while it is with them', async () => {
    const { number } = await newList(at, 'tove');
    const found = await readCase(at.world.db, { kind: 'result-list', number });
    if (!found) throw new Error('there is no such list');
    const write = listLetters({ db: at.world.db, portal: {} as StudentPortal, publicUrl: 'http://registrar.example' });
    const told = async (state: string) =>
      (await write({ subject: { ...found.subject, state }, letter: 'sent-to-examiner', to: personOf('eva').id, payload: {} })) !==
      undefined;
    expect([await told('with-examiner'), await told('draft'), await told('withdrawn'), await told('signed')]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
