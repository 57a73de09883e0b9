import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { filledList, proofBySms, sentList, signedList, type ListInHand } from '../support/lists.js';
import { archiveList, enter, inState, mailed, printedControlNumber } from '../support/register.js';
import { alsoExaminer, audited, check, proofByBankId, sign } from '../support/signing.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('what an institution has set about signing', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
    expect((await at.as('olle').post('/me/administration-mode', { on: true })).status).toBe(200);
  });
  afterAll(() => at.close());

  const set = async (name: string, value: unknown, from = '2020-01-01') => {
    const answer = await at.as('olle').post(`/settings/${name}`, { value, from, reason: 'For this test.' });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  };
  const offered = async (list: ListInHand, login: Login) => (await list.read(login)).commands.map((one: any) => one.name);

  describe('the signed archive list', () => {
    let list: ListInHand;
    const [old, first] = [student(0).uid, student(1).uid];
    const rowsPage = async (which: ListInHand) =>
      (await at.as('eva').get(`/result-lists/${which.number}/rows?limit=100`, { 'Accept-Language': 'en' })).body;
    const needing = async () =>
      (await rowsPage(list)).items.filter((row: any) => row.needsSignedArchiveList).map((row: any) => row.student);

    beforeAll(async () => {
      for (const uid of [old, first])
        await at.world.db.registration.create({
          data: {
            institution: 'bth',
            studentUid: uid,
            occasionUid: randomUUID(),
            courseCode: 'XX1000',
            fromDate: new Date('2010-01-01'),
            toDate: new Date('2019-12-31'),
            takenAt: new Date(),
          },
        });
      list = await filledList(at);
      const rows = [
        { student: old, grade: 'B', examinationDate: '2015-05-31', score: null },
        { student: first, grade: 'C', examinationDate: '2015-06-01', score: null },
      ];
      expect(
        (await at.as('tove').post(`/result-lists/${list.number}/save`, { version: await list.version(), rows })).body,
      ).toMatchObject({ answer: { problems: {} } });
      expect((await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() })).status).toBe(200);
    });

    it('RL-50 is said to be needed before signing, on the list and on each row before the day: the day itself is in (RL-49)', async () => {
      expect((await rowsPage(list)).signedArchiveList).toEqual({
        rows: 1,
        text: expect.stringContaining('signed by hand as well'),
        confirmed: false,
      });
      expect(await needing()).toEqual([old]);
      const usual = await rowsPage(await filledList(at));
      expect(usual.signedArchiveList).toBeNull();
      expect(usual.items.filter((row: any) => row.needsSignedArchiveList)).toEqual([]);
    });

    it('RL-51 follows the procedure in force on the date of each row, by whose decision it is', async () => {
      const decision = { decidedBy: 'Rektor', decidedOn: '2015-05-01' };
      await set('electronic-signature', { enough: false, ...decision }, '2015-06-01');
      await set('electronic-signature', { enough: true, ...decision }, '2015-06-02');
      expect(new Set(await needing())).toEqual(new Set([old, first]));
      expect((await at.as('eva').get('/settings/electronic-signature?on=2016-01-01')).body.value).toEqual({
        enough: true,
        ...decision,
      });
      await set('electronic-signature', { enough: true, ...decision }, '2015-06-01');
      expect(await needing()).toEqual([old]);
    });

    it('RL-58 does not stop the signature, but the definitive entry, until the course office has confirmed it', async () => {
      expect((await sign(at, list, await proofBySms(at, list))).status).toBe(200);
      expect((await mailed(at, personOf('karin').email, (mail) => mail.subject.includes(list.number))).text).toContain(
        'skrivas under för hand',
      );
      expect((await list.read()).data.signedArchiveList).toEqual({ rows: 1 });
      expect(await needing()).toEqual([old]);
      for (const enough of [true, false]) {
        await set('electronic-signature', { enough, decidedBy: 'Rektor', decidedOn: null }, '2015-05-01');
        expect([await needing(), (await rowsPage(list)).signedArchiveList.rows]).toEqual([[old], 1]);
      }
      expect(await offered(list, 'karin')).toEqual(['confirm-signed-archive-list', 'enter']);
      const controlNumber = await printedControlNumber(at, list);
      expect(await archiveList(at, list)).toContain('skrivas under för hand');
      const enters = () => at.as('karin').post(`/result-lists/${list.number}/enter`, { controlNumber });
      expect(await enters()).toMatchObject({
        status: 409,
        body: { rule: 'RL-58', code: 'signed-archive-list-missing', details: { count: 1 } },
      });
      for (const login of ['tove', 'eva', 'olle'] as const)
        expect(await at.as(login).post(`/result-lists/${list.number}/confirm-signed-archive-list`)).toMatchObject({
          status: 403,
          body: { rule: 'RL-58', code: 'not-yours-to-give' },
        });
      expect(await enters()).toMatchObject({ status: 409, body: { rule: 'RL-58' } });
      expect((await list.read()).state).toBe('signed');

      expect(await at.as('karin').post(`/result-lists/${list.number}/confirm-signed-archive-list`)).toMatchObject({
        status: 200,
        body: { case: { state: 'signed', waitingFor: 'course-office' } },
      });
      expect((await list.read()).data.signedArchiveList).toEqual({
        rows: 1,
        confirmed: { by: personOf('karin').id, at: expect.any(String) },
      });
      expect((await rowsPage(list)).signedArchiveList.confirmed).toBe(true);
      expect(await offered(list, 'karin')).toEqual(['enter']);
      expect(await at.as('karin').post(`/result-lists/${list.number}/confirm-signed-archive-list`)).toMatchObject({
        status: 409,
        body: { rule: 'RL-58', code: 'signed-archive-list-confirmed' },
      });
      const traced = (await auditOf(at, `result-list/${list.number}`)).filter(
        (entry) => entry.action === 'result-list.confirm-signed-archive-list' && entry.outcome === 'done',
      );
      expect(traced).toMatchObject([{ actor: personOf('karin').id, details: { rows: 1 } }]);
      expect((await enters()).status).toBe(200);
      await inState(list, 'registered');
    });

    it('RL-58 is never met by a list without such rows, and not by one signed before the procedure was set otherwise', async () => {
      const usual = await signedList(at);
      expect(await offered(usual, 'karin')).toEqual(['enter']);
      expect(await at.as('karin').post(`/result-lists/${usual.number}/confirm-signed-archive-list`)).toMatchObject({
        status: 409,
        body: { rule: 'RL-58', code: 'no-signed-archive-list-needed' },
      });
      const decision = { decidedBy: 'Rektor', decidedOn: null };
      await set('electronic-signature', { enough: false, ...decision }, '2026-01-01');
      expect((await rowsPage(usual)).signedArchiveList).toBeNull();
      await enter(at, usual);
      expect((await rowsPage(await filledList(at))).signedArchiveList).toMatchObject({ rows: 12 });
      await set('electronic-signature', { enough: true, ...decision }, '2026-01-01');
    });
  });

  describe('four eyes', () => {
    const first = async (list: ListInHand, login: Login) => {
      const [row] = await list.rows(login);
      return {
        version: await list.version(),
        rows: [{ student: row.student, grade: 'C', examinationDate: '2026-11-03', score: null }],
      };
    };
    const attempts = async (list: ListInHand, login: Login) =>
      Promise.all(
        ['request-code', 'order-bankid'].map(async (command) =>
          at.as(login).post(`/result-lists/${list.number}/${command}`, { version: await list.version() }),
        ),
      );

    it('RL-36 are not asked for: the examiner who entered signs', async () => {
      const list = await filledList(at, 'eva');
      expect((await list.read()).data.enteredBy).toEqual([personOf('eva').id]);
      expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
    });

    it('RL-36 keep who corrected from signing where they are asked for, also with a proof from before, and let another examiner', async () => {
      await alsoExaminer(at, 'erik', 'XX1000');
      const list = await sentList(at);
      const before = await proofByBankId(at, list);
      await set('four-eyes', true);
      expect((await at.as('eva').post(`/result-lists/${list.number}/correct`, await first(list, 'eva'))).status).toBe(200);
      for (const answer of [...(await attempts(list, 'eva')), await sign(at, list, before)])
        expect(answer).toMatchObject({ status: 403, body: { rule: 'RL-36', code: 'entered-it-yourself' } });
      expect((await list.read()).state).toBe('with-examiner');
      expect((await audited(at, 'result-list.sign')).at(-1)).toMatchObject({ outcome: 'refused', rule: 'RL-36' });
      expect((await sign(at, list, await proofByBankId(at, list, 'erik'), 'erik')).status).toBe(200);
      await set('four-eyes', false);
    });

    it('RL-36 keep who only fetched the students from signing where they are asked for, as of that day', async () => {
      const list = await filledList(at, 'eva');
      await set('four-eyes', true, '2999-01-01');
      expect((await attempts(list, 'eva')).map(({ status }) => status)).toEqual([202, 202]);
      await set('four-eyes', true);
      expect((await attempts(list, 'eva')).map(({ status }) => status)).toEqual([403, 403]);
      await set('four-eyes', false);
    });
  });

  it.each([8, 5])('RL-39 sends a code of %i digits where that is set, and takes no other', async (digits) => {
    await set('code-length', digits, '2021-01-01');
    const list = await sentList(at);
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    const asked = await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    const place = asked.headers.get('Location') ?? '';
    await eventually('the code is sent', async () => (await at.as('eva').get(place)).body.state === 'sent');
    expect((await at.as('eva').get(place)).body.digits).toBe(digits);
    const text =
      at.simulators.elks.phone(personOf('eva').mobile).find((message) => message.text.includes(` ${list.number} `))?.text ?? '';
    const code = /är (\d+)\./.exec(text)?.[1] ?? '';
    expect(code).toHaveLength(digits);
    expect((await check(at, { place }, digits === 5 ? `${code}0` : code.slice(0, 5))).status).toBe(409);
    expect((await check(at, { place }, code)).status).toBe(201);
  });
});
