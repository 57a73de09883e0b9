import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { courses, student } from '../simulators/sample.js';
import { filledList, newList, ordered, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { played } from '../support/register.js';
import { proofByBankId, sign } from '../support/signing.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('a draft is saved', () => {
  let at: University;
  let list: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    list = await newList(at, 'tove');
    await ordered(at, 'tove', await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'term', term: '20262' }));
  });
  const row = (index: number, other: object = {}) => ({
    student: student(index).uid,
    grade: 'B',
    examinationDate: '2026-11-02',
    ...other,
  });
  const save = async (rows: object[], login = 'tove') =>
    at.as(login).post(`/result-lists/${list.number}/save`, { version: await list.version(), rows });
  const command = async (name: string, login = 'tove', body: object = {}) =>
    at.as(login).post(`/result-lists/${list.number}/${name}`, { version: await list.version(), ...body });
  const kept = async (index: number, headers = {}) =>
    (await at.as('tove').get(`/result-lists/${list.number}/rows?limit=100`, headers)).body.items.find(
      (one: any) => one.student === student(index).uid,
    );

  it('RL-16 with a grade and a date for each student, RL-17 and a score where there is one', async () => {
    const saved = await save([
      row(0, { grade: 'A', score: '14,83' }),
      row(1, { grade: 'F', score: null }),
      row(2, { grade: null, examinationDate: null }),
    ]);
    expect(saved).toMatchObject({ status: 200, body: { case: { state: 'draft' }, answer: { problems: {} } } });
    expect(await kept(0)).toMatchObject({ grade: 'A', examinationDate: '2026-11-02', score: '14.83', problem: null });
    expect(await kept(1)).toMatchObject({ grade: 'F', examinationDate: '2026-11-02', score: null });
    expect(await kept(2)).toMatchObject({ grade: null, examinationDate: null, score: null });
  });

  it('RL-17 refuses a score that is no number', async () => {
    for (const score of ['many', '1e3', '-4', '12345', '1.234', ''])
      expect(await save([row(0, { score })])).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    expect(await kept(0)).toMatchObject({ grade: null, score: null });
  });

  it('RL-16 refuses a grade that is not in the scale of the module, and keeps nothing of that save', async () => {
    const refused = await save([row(0), row(1, { grade: 'VG' })]);
    expect(refused).toMatchObject({
      status: 422,
      body: { rule: 'RL-16', code: 'grade-not-in-scale', details: { count: 1, rows: [student(1).uid], scale: 'AF' } },
    });
    expect(await kept(0)).toMatchObject({ grade: null });
    expect(await command('send')).toMatchObject({ status: 409, body: { rule: 'RL-16', code: 'nothing-to-report' } });
  });

  it.each(['2026-02-30', '2026-11-31', '02/11/2026', '2026-11-2', '20261102', 'yesterday', '0000-01-01'])(
    'RL-18 refuses the date %s',
    async (examinationDate) => {
      expect(await save([row(0), row(1, { examinationDate })])).toMatchObject({
        status: 422,
        body: { rule: 'RL-18', code: 'bad-date', details: { count: 1, rows: [student(1).uid] } },
      });
      expect(await kept(0)).toMatchObject({ grade: null, examinationDate: null });
    },
  );

  it('RL-18 takes the 29th of February in a leap year', async () => {
    expect((await save([row(0, { examinationDate: '2024-02-29' })])).status).toBe(200);
    expect(await save([row(0, { examinationDate: '2025-02-29' })])).toMatchObject({ status: 422, body: { rule: 'RL-18' } });
    expect(await kept(0)).toMatchObject({ examinationDate: '2024-02-29' });
  });

  it('RL-19 refuses an examination that has not been held yet, and takes one of long ago', async () => {
    const tomorrow = new Date(Date.now() + 36 * 3_600_000).toISOString().slice(0, 10);
    for (const examinationDate of [tomorrow, '9999-12-31'])
      expect(await save([row(0, { examinationDate })])).toMatchObject({
        status: 422,
        body: { rule: 'RL-19', code: 'future-date' },
      });
    expect((await save([row(0, { examinationDate: '2014-05-05' })])).status).toBe(200);
    expect(await kept(0)).toMatchObject({ examinationDate: '2014-05-05' });
  });

  it('RL-21 keeps a date of its own for each student', async () => {
    const dates = ['2026-09-15', '2026-10-20', '2026-11-02'];
    await save(dates.map((examinationDate, index) => row(index, { examinationDate })));
    expect((await Promise.all([0, 1, 2].map((index) => kept(index)))).map((one) => one.examinationDate)).toEqual(dates);
  });

  it('RL-22 stores a row without its date, and the row says why it cannot go on in three languages', async () => {
    const saved = await save([row(0, { examinationDate: null }), row(1)]);
    expect(saved).toMatchObject({ status: 200, body: { answer: { problems: { [student(0).uid]: 'date-missing' } } } });
    const said = async (language: string) => (await kept(0, { 'Accept-Language': language })).problemText;
    expect(await kept(0)).toMatchObject({ grade: 'B', examinationDate: null, problem: 'date-missing' });
    expect(await said('sv-SE')).toContain('Saknar terminsregistrering');
    expect(await said('nb-NO')).toContain('Mangler semesterregistrering');
    expect(await said('en-GB')).toContain('Lacks term registration');
    expect(await kept(1)).toMatchObject({ problem: null, problemText: null });
  });

  it('RL-22 neither sends nor signs while a grade lacks its date', async () => {
    await save([row(0, { examinationDate: null }), row(1)]);
    const expected = {
      status: 409,
      body: { rule: 'RL-22', code: 'date-missing', details: { count: 1, rows: [student(0).uid] } },
    };
    expect(await command('send')).toMatchObject(expected);
    for (const name of ['request-code', 'order-bankid']) expect(await command(name, 'eva')).toMatchObject(expected);
    expect(await command('sign', 'eva', { proof: 'b0000000-0000-4000-8000-000000000009' })).toMatchObject(expected);
    expect((await list.read()).state).toBe('draft');
    await save([row(0)]);
    expect((await command('send')).status).toBe(200);
  });

  it('RL-23 is checked against the date of each student: dated outside the registration, or registered on no occasion', async () => {
    await ordered(
      at,
      'tove',
      await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'single', personNumber: student(25).personNumber }),
    );
    const saved = await save([
      row(0),
      row(1, { examinationDate: '2026-08-30' }),
      row(2, { examinationDate: '2026-08-31' }),
      row(25),
    ]);
    expect(saved).toMatchObject({
      status: 200,
      body: { answer: { problems: { [student(1).uid]: 'not-registered', [student(25).uid]: 'not-registered' } } },
    });
    expect(Object.keys(saved.body.answer.problems)).toHaveLength(2);
    expect(await kept(25, { 'Accept-Language': 'sv' })).toMatchObject({
      problem: 'not-registered',
      problemText: 'Saknar giltig registrering på examinationsdatumet i den version av kursen som listan gäller.',
    });
  });

  it('RL-23 counts no registration on another version of the course, and lets nobody be signed whom the register would refuse', async () => {
    const where = { courseCode: 'XX1000', term: '20262' };
    const { reportsOn } = await at.world.db.courseOccasion.findFirstOrThrow({ where });
    try {
      await at.world.db.courseOccasion.updateMany({ where, data: { reportsOn: ['another version', 'a module of it'] } });
      expect(await save([row(0)])).toMatchObject({ body: { answer: { problems: { [student(0).uid]: 'not-registered' } } } });
      expect(await kept(0)).toMatchObject({ problem: 'not-registered' });
      expect(await command('request-code', 'eva')).toMatchObject({
        status: 409,
        body: { rule: 'RL-23', code: 'not-registered' },
      });
      await at.world.db.courseOccasion.updateMany({ where, data: { reportsOn: [] } });
      expect(await kept(0)).toMatchObject({ problem: null });
    } finally {
      await at.world.db.courseOccasion.updateMany({ where, data: { reportsOn } });
    }
    expect(reportsOn).toContain(courses[0]?.modules[0]?.instanceUid);
    expect(await kept(0)).toMatchObject({ problem: null });
  });

  it.each([
    ['a code', proofBySms],
    ['an order at BankID', proofByBankId],
  ])(
    'RL-23 hears of a registration that ended since the fetch with %s, also from who enters and signs',
    async (_what, proofBy) => {
      const own = await filledList(at, 'eva');
      await played(at.simulators.ladok, '/__sim/discontinue', {
        studentUID: student(0).uid,
        kurstillfalleUID: courses[0]?.occasions[0]?.uid,
        datum: '2026-10-01',
      });
      try {
        const proof = await proofBy(at, own, 'eva');
        await eventually('the registrations were read anew', async () =>
          (await own.rows('eva')).some((one) => one.student === student(0).uid && one.problem === 'not-registered'),
        );
        expect(await sign(at, own, proof)).toMatchObject({
          status: 409,
          body: { rule: 'RL-23', details: { rows: [student(0).uid] } },
        });
      } finally {
        at.simulators.ladok.store.discontinued.length = 0;
      }
    },
  );

  it('RL-23 saves and sends such a row, and does not let it be signed', async () => {
    await ordered(
      at,
      'tove',
      await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'single', personNumber: student(25).personNumber }),
    );
    await save([row(0), row(25)]);
    const refused = {
      status: 409,
      body: { rule: 'RL-23', code: 'not-registered', details: { count: 1, rows: [student(25).uid] } },
    };
    expect(await command('request-code', 'eva')).toMatchObject(refused);
    expect((await command('send')).status).toBe(200);
    for (const name of ['request-code', 'order-bankid']) expect(await command(name, 'eva')).toMatchObject(refused);
    expect(await command('sign', 'eva', { proof: 'b0000000-0000-4000-8000-000000000009' })).toMatchObject(refused);
    const corrected = await command('correct', 'eva', { rows: [row(25, { grade: null })] });
    expect(corrected.status).toBe(200);
    expect((await command('request-code', 'eva')).status).toBe(202);
  });

  it('RL-23 hears of a registration that ended meanwhile, before the list is signed', async () => {
    const sent = await sentList(at);
    const proof = await proofBySms(at, sent);
    await played(at.simulators.ladok, '/__sim/discontinue', {
      studentUID: student(0).uid,
      kurstillfalleUID: courses[0]?.occasions[0]?.uid,
      datum: '2026-10-01',
    });
    const order = await ordered(at, 'karin', await at.as('karin').post(`/result-lists/${sent.number}/check-registrations`));
    expect(order).toMatchObject({ state: 'done', name: 'check-registrations' });
    const signed = await at.as('eva').post(`/result-lists/${sent.number}/sign`, { version: await sent.version(), proof });
    expect(signed).toMatchObject({ status: 409, body: { rule: 'RL-23', details: { count: 1, rows: [student(0).uid] } } });
    expect((await sent.read()).state).toBe('with-examiner');
    at.simulators.ladok.store.discontinued.length = 0;
    await ordered(at, 'karin', await at.as('karin').post(`/result-lists/${sent.number}/check-registrations`));
    expect(
      (await at.as('eva').post(`/result-lists/${sent.number}/sign`, { version: await sent.version(), proof })).body,
    ).toMatchObject({ case: { state: 'signed' } });
  });

  it('RL-07 has no field for credits, neither taken nor shown; the exam score is another thing', async () => {
    for (const field of ['points', 'credits', 'poäng'])
      expect(await save([row(0, { [field]: 7.5 })])).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    expect(await save([row(0, { score: '17.5' })])).toMatchObject({ status: 200 });
    const shown = await kept(0);
    expect(shown).toMatchObject({ grade: 'B', score: '17.5' });
    expect(Object.keys(shown).filter((name) => /point|credit|po[äa]ng/i.test(name))).toEqual([]);
  });

  it('RL-10 refuses a row of somebody who is not on the list', async () => {
    expect(await save([row(0), row(25)])).toMatchObject({
      status: 422,
      body: { rule: 'RL-10', code: 'not-on-list', details: { count: 1 } },
    });
    const other = await filledList(at);
    expect((await other.rows()).length).toBe(12);
    expect(await kept(0)).toMatchObject({ grade: null });
  });
});
