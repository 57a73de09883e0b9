import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { courses, student } from '../simulators/sample.js';
import { filledList, newList, ordered, sentList, type ListInHand } from '../support/lists.js';
import { openUniversity, type University } from '../support/university.js';

describe('a list is filled', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const fetch = async (list: ListInHand, body: object, login = 'tove') => {
    const answer = await at.as(login).post(`/result-lists/${list.number}/fetch`, body);
    expect(answer.status).toBe(202);
    return ordered(at, login, answer);
  };
  const term = (of: string) => ({ from: 'term', term: of });
  const single = (index: number) => ({ from: 'single', personNumber: student(index).personNumber });
  const who = async (list: ListInHand) => (await list.rows()).map((row) => row.student).sort();
  const registeredIn = (of: string) =>
    (courses[0]?.occasions.find((one) => one.term === of)?.registered ?? []).map((index) => student(index).uid).sort();

  it('RL-13 with those registered in a given term, and with nobody else', async () => {
    const [autumn, spring, never] = [await newList(at, 'tove'), await newList(at, 'tove'), await newList(at, 'tove')];
    expect(await fetch(autumn, term('20262'))).toMatchObject({
      state: 'done',
      name: 'fetch',
      result: { added: 12, alreadyThere: 0 },
    });
    expect(await fetch(spring, term('20261'))).toMatchObject({ state: 'done', result: { added: 8, alreadyThere: 0 } });
    expect(await fetch(never, term('19992'))).toMatchObject({ state: 'done', result: { added: 0, alreadyThere: 0 } });
    expect([await who(autumn), await who(spring), await who(never)]).toEqual([registeredIn('20262'), registeredIn('20261'), []]);
  });

  it('RL-10 with single students, however the number is written', async () => {
    const list = await newList(at, 'tove');
    const [a, b, c] = [student(0).personNumber, student(1).personNumber, student(25).personNumber];
    for (const personNumber of [a, `${b.slice(0, 8)}-${b.slice(8)}`, c.slice(2)])
      expect(await fetch(list, { from: 'single', personNumber })).toMatchObject({ result: { added: 1 } });
    expect(await who(list)).toEqual([0, 1, 25].map((index) => student(index).uid).sort());
  });

  it('RL-10 says that nobody has the number, or that it is no number', async () => {
    const list = await newList(at, 'tove');
    expect(await fetch(list, { from: 'single', personNumber: '19900202-2388' })).toMatchObject({
      state: 'failed',
      result: { reason: 'not-a-person-number' },
    });
    expect(await fetch(list, { from: 'single', personNumber: student(200).personNumber })).toMatchObject({
      state: 'failed',
      result: { reason: 'no-such-student' },
    });
    expect(
      await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'single', personNumber: 'nobody' }),
    ).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    expect(await list.rows()).toEqual([]);
  });

  it('RL-10 is refused to the course office, and once the list is sent', async () => {
    const list = await newList(at, 'tove');
    expect(await at.as('karin').post(`/result-lists/${list.number}/fetch`, term('20262'))).toMatchObject({
      status: 403,
      body: { rule: 'RL-10', code: 'not-yours-to-give' },
    });
    const sent = await sentList(at);
    for (const login of ['tove', 'eva'])
      expect(await at.as(login).post(`/result-lists/${sent.number}/fetch`, term('20261'))).toMatchObject({
        status: 409,
        body: { rule: 'RL-10', code: 'wrong-state' },
      });
    expect(await sent.rows()).toHaveLength(12);
  });

  it('RL-10 takes students off again, and refuses one who is not there', async () => {
    const list = await filledList(at);
    const gone = student(4).uid;
    expect(
      (await at.as('tove').post(`/result-lists/${list.number}/remove`, { version: await list.version(), students: [gone] }))
        .status,
    ).toBe(200);
    expect(await who(list)).toEqual(registeredIn('20262').filter((uid) => uid !== gone));
    expect(
      await at
        .as('tove')
        .post(`/result-lists/${list.number}/remove`, { version: await list.version(), students: [gone, student(5).uid] }),
    ).toMatchObject({ status: 422, body: { rule: 'RL-10', code: 'not-on-list' } });
    expect(await list.rows()).toHaveLength(11);
  });

  it('RL-14 one row for a student fetched twice, typed values kept, and the answer says new and already there', async () => {
    const list = await filledList(at);
    const before = await list.rows();
    expect(await fetch(list, term('20262'))).toMatchObject({
      state: 'done',
      result: { added: 0, alreadyThere: 12, different: 0 },
    });
    expect(await fetch(list, single(3))).toMatchObject({ state: 'done', result: { added: 0, alreadyThere: 1 } });
    expect(await list.rows()).toEqual(before);
    expect(before.every((row) => row.grade && row.examinationDate === '2026-11-02' && row.score === '42.5')).toBe(true);
    expect(await fetch(list, term('20261'))).toMatchObject({ result: { added: 8, alreadyThere: 0 } });
    expect(await fetch(list, single(25))).toMatchObject({ result: { added: 1, alreadyThere: 0 } });
    const after = await list.rows();
    expect(after).toHaveLength(21);
    expect(after.filter((row) => before.some((old) => old.student === row.student))).toEqual(before);
  });

  it('RL-14 says how many are known to the register by another name than on the list, and touches none', async () => {
    const list = await filledList(at);
    await at.world.db.resultRow.updateMany({ where: { studentUid: student(2).uid }, data: { surname: 'Tidigare' } });
    const before = await list.rows();
    expect(await fetch(list, term('20262'))).toMatchObject({ result: { added: 0, alreadyThere: 12, different: 1 } });
    expect(await list.rows()).toEqual(before);
  });

  it('RL-14 also when several fetches run at the same time', async () => {
    const list = await newList(at, 'tove');
    const answers = await Promise.all(
      [term('20262'), term('20262'), single(0), single(1), term('20261')].map((body) =>
        at.as('tove').post(`/result-lists/${list.number}/fetch`, body),
      ),
    );
    const results = await Promise.all(answers.map((answer) => ordered(at, 'tove', answer)));
    expect(results.map((order) => order.state)).toEqual(Array(5).fill('done'));
    expect(results.reduce((sum, order) => sum + order.result.added, 0)).toBe(20);
    expect(await who(list)).toEqual([...registeredIn('20262'), ...registeredIn('20261')].sort());
  });

  it('RL-14 refuses a draft that was read before a fetch added somebody', async () => {
    const list = await newList(at, 'tove');
    const version = await list.version();
    await fetch(list, single(0));
    const saved = await at
      .as('tove')
      .post(`/result-lists/${list.number}/save`, {
        version,
        rows: [{ student: student(0).uid, grade: 'A', examinationDate: '2026-11-02' }],
      });
    expect(saved).toMatchObject({ status: 409, body: { code: 'changed-meanwhile' } });
  });

  it('RL-09 stands in one order, whichever fetch brought the students', async () => {
    const [byTerm, oneByOne, mixed] = [await newList(at, 'tove'), await newList(at, 'tove'), await newList(at, 'tove')];
    await fetch(byTerm, term('20262'));
    for (const index of [3, 0, 11, 7, 1]) await fetch(oneByOne, single(index));
    await fetch(oneByOne, term('20262'));
    await fetch(mixed, single(5));
    await fetch(mixed, term('20262'));
    await fetch(mixed, single(2));
    const expected = [
      'Andersson',
      'Çelik',
      'Ek',
      'Haddad',
      'Lind',
      'Sárá',
      'Svensson-Østergaard',
      'Wikström',
      'Zetterström',
      'Åkesson',
      'Ärlig',
      'Öberg',
    ];
    for (const list of [byTerm, oneByOne, mixed]) expect((await list.rows()).map((row) => row.surname)).toEqual(expected);
  });

  it('RL-08 with first name and surname as two fields', async () => {
    const list = await filledList(at);
    const [row] = (await list.rows()).filter((one) => one.student === student(6).uid);
    expect(row).toMatchObject({ givenName: 'Lena', surname: 'Svensson-Østergaard' });
    expect(Object.keys(row)).not.toContain('name');
  });

  it('RL-20 leaves the date empty, and grade and score too', async () => {
    const list = await newList(at, 'tove');
    await fetch(list, term('20262'));
    await fetch(list, single(25));
    const rows = await list.rows();
    expect(rows).toHaveLength(13);
    for (const row of rows) expect(row).toMatchObject({ examinationDate: null, grade: null, score: null, problem: null });
  });
});
