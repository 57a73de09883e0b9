import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { delivered, filledList, mailTo, proofBySms, type ListInHand } from '../support/lists.js';
import { enter, inState, played } from '../support/register.js';
import { swept } from '../support/staff.js';
import { openUniversity, type University } from '../support/university.js';

const ungraded = 4;
const graded = Array.from({ length: 12 }, (_, index) => index).filter((index) => index !== ungraded);

describe('the students are told', () => {
  let at: University;
  let list: ListInHand;
  let before: string[];
  /** A list that holds a grade for all but one, in the register as far as it takes it. */
  const entered = async () => {
    const made = await filledList(at);
    await at
      .as('tove')
      .post(`/result-lists/${made.number}/save`, {
        version: await made.version(),
        rows: [{ student: student(ungraded).uid, grade: null, examinationDate: null }],
      });
    await at.as('tove').post(`/result-lists/${made.number}/send`, { version: await made.version() });
    await at
      .as('eva')
      .post(`/result-lists/${made.number}/sign`, { version: await made.version(), proof: await proofBySms(at, made) });
    await enter(at, made);
    return made;
  };
  const results = async (index: number) =>
    (
      (await (
        await at.simulators.studentPortal.app.request(`/students/${student(index).uid}/results`, {
          headers: { Authorization: 'Bearer token' },
        })
      ).json()) as any
    ).results;
  const letters = (index: number) => mailTo(at, student(index).email);

  beforeAll(async () => {
    at = await openUniversity();
    list = await entered();
    await inState(list, 'registered');
    await delivered(list);
    await played(at.simulators.ladok, '/__sim/attest', {
      resultatUIDer: at.simulators.ladok.store.drafts.slice(0, 10).map((draft) => draft.uid),
    });
    before = at.simulators.mailbox.messages().flatMap((mail) => mail.to);
    at.simulators.mailbox.faults.push({ match: `RCPT ${student(1).email}`, effect: 'temporary', times: 1 });
    at.simulators.studentPortal.faults.push({ match: `PUT /results/*${student(5).uid}`, effect: '500', times: 1 });
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'informed');
  });
  afterAll(() => at.close());

  it('RL-47 by mail, and not before the last row has arrived', () => {
    expect(before.filter((address) => address.startsWith('student'))).toEqual([]);
    expect(before).toContain('utbildningsstod@bth.example');
  });

  it.each(graded)('RL-47 with exactly one letter to student %i, holding the own grade', async (index) => {
    const [letter, ...more] = await letters(index);
    expect(more).toEqual([]);
    const row = (await list.rows()).find((one) => one.student === student(index).uid);
    expect(letter?.text).toContain(`${student(index).language === 'en' ? 'Grade' : 'Betyg'}: ${row.grade}`);
    expect(letter?.text).toContain('2026-11-02');
    expect(letter?.subject).toMatch(/XX1000 TEN1$/);
    for (const other of graded.filter((one) => one !== index)) expect(letter?.text).not.toContain(student(other).surname);
  });

  it('RL-47 not by a letter to somebody without a grade', async () => {
    expect(await letters(ungraded)).toEqual([]);
  });

  it('RL-47 once for all: neither the sweep nor a worker that starts anew writes again', async () => {
    const sent = at.simulators.mailbox.messages().length;
    await at.restartWorker();
    await swept(at);
    expect(at.simulators.mailbox.messages()).toHaveLength(sent);
    expect(new Set(at.simulators.mailbox.messages().map((mail) => mail.messageId)).size).toBe(sent);
    expect((await list.read()).promised).toEqual({ done: expect.any(Number) });
  });

  it('RL-48 and each sees the own result in the portal', async () => {
    for (const index of graded) {
      const row = (await list.rows()).find((one) => one.student === student(index).uid);
      expect(await results(index)).toMatchObject([
        {
          studentUid: student(index).uid,
          courseCode: 'XX1000',
          moduleCode: 'TEN1',
          grade: row.grade,
          examinationDate: '2026-11-02',
        },
      ]);
    }
    expect(await results(ungraded)).toEqual([]);
    expect(Object.keys(at.simulators.studentPortal.results())).toHaveLength(graded.length);
  });

  it('RL-47 by a second list with the same results too, which finds them attested and ends by itself', async () => {
    const second = await entered();
    expect((await inState(second, 'informed')).data.arrived).toMatchObject({ by: 'register' });
    for (const index of graded) {
      const subjects = (await letters(index)).map(({ subject }) => subject);
      expect({ index, letters: subjects.length }).toEqual({ index, letters: 2 });
    }
    expect(await letters(ungraded)).toEqual([]);
  });
});
