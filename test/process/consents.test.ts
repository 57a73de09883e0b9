import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { auditOf, newcomer, swept } from '../support/staff.js';
import { aStudent, openForExchange, registered, setting, testStudent } from '../support/students.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const reason = 'Signed on paper at the desk.';

describe('consents', () => {
  let at: University;
  const person = testStudent('test1').id;
  beforeAll(async () => {
    at = await openUniversity();
    await openForExchange(at);
    await registered(at, 'test1');
  });
  afterAll(() => at.close());
  const lettersTo = async (email: string) =>
    JSON.parse(await (await at.simulators.mailbox.app.request(`/messages?to=${encodeURIComponent(email)}`)).text()) as {
      subject: string;
    }[];

  it('RX-06 a student is asked in Studentweb, at the places that the setting numbers, in three languages, with the law of the day', async () => {
    const { body } = await at.as('test1').get('/consent-questions');
    expect(body.items).toEqual([
      expect.objectContaining({
        type: 'RESUTVEKSL',
        record: 'RESULTATUTVEKS',
        sequence: { termRegistration: 10, studentWebModule: 20 },
        citation: 'lov 15. juni 2018 nr. 38 om behandling av personopplysninger',
        answered: null,
      }),
    ]);
    for (const language of ['sv', 'nb', 'en']) expect(body.items[0].text[language]).toContain('lov 15. juni 2018 nr. 38');
    await setting(at, 'exchange-legal-basis', { basis: 'consent', citation: 'another law' }, '2026-01-01');
    expect((await at.as('test1').get('/consent-questions')).body.items[0].text.en).toContain('another law');
  });

  it('RX-07 the answer is kept with its type, date and J, and seen by staff; a later one counts', async () => {
    expect(await at.as('test1').post('/consents', { answer: 'J' })).toMatchObject({
      status: 201,
      body: { type: 'RESULTATUTVEKS', answer: 'J', cameFrom: 'studentweb', reason: null, basis: 'consent' },
    });
    expect(await at.as('test1').post('/consents', { answer: 'N' })).toMatchObject({ status: 201 });
    const { body } = await at.as('stina').get(`/consents?person=${person}`);
    expect(body.items.map((one: any) => [one.answer, one.counts, one.told])).toEqual([
      ['N', true, null],
      ['J', false, null],
    ]);
    expect(body.people).toEqual({ [person]: 'Testperson1 Resultatutveksling' });
    expect((await at.as('test1').get('/me/consents')).body.items).toEqual(body.items);
    expect((await at.as('test1').get('/consent-questions')).body.items[0].answered).toEqual({
      answer: 'N',
      on: body.items[0].on,
    });
  });

  it('RX-08 staff enter one with a reason, and the student is told by mail', async () => {
    expect(await at.as('stina').post('/consents', { person, answer: 'J' })).toMatchObject({
      status: 422,
      body: { rule: 'RX-08', code: 'consent-needs-reason' },
    });
    const entered = await at.as('stina').post('/consents', { person, answer: 'J', reason });
    expect(entered).toMatchObject({ status: 201, body: { cameFrom: 'staff', reason, enteredBy: personOf('stina').id } });
    await swept(at);
    const told = await eventually('the letter', async () =>
      (await at.as('stina').get(`/consents?person=${person}`)).body.items.find((one: any) => one.told === 'done'),
    );
    expect(told.seq).toBe(entered.body.seq);
    const mail = JSON.stringify(await lettersTo(testStudent('test1').email));
    expect(mail).toContain('Svaret ditt om resultatutveksling er lagt inn');
    expect(mail).not.toContain('Testperson1');
    await swept(at);
    expect((await lettersTo(testStudent('test1').email)).map(({ subject }) => subject)).toEqual([
      'Svaret ditt om resultatutveksling er lagt inn',
    ]);
  });

  it('RX-08 a letter that the mail server never takes is shown with the answer', async () => {
    const other = await aStudent(at, '01819000200', '1990-01-01');
    await at.world.db.person.update({ where: { id: other }, data: { email: 'nobody at all' } });
    await at.as('egil').post('/consents', { person: other, answer: 'N', reason });
    await swept(at);
    await eventually(
      'the failure',
      async () => (await at.as('egil').get(`/consents?person=${other}`)).body.items[0].told === 'failed',
    );
  });

  it('RX-08 a letter that failed or may not have gone is seen by operations, who send it again or settle it, traced', async () => {
    const other = await aStudent(at, '01819000057', '1990-01-01');
    const moved = (email: string) => at.world.db.person.update({ where: { id: other }, data: { email } });
    await moved('nobody at all either');
    const { seq } = (await at.as('egil').post('/consents', { person: other, answer: 'N', reason })).body;
    await swept(at);
    const troubled = async () => (await at.as('olle').get('/deliveries')).body.items.filter(({ to }: any) => to === other);
    const [failed] = await eventually('the failure', async () => {
      const found = await troubled();
      return found.length > 0 && found;
    });
    expect(failed).toMatchObject({ channel: 'mail', letter: 'entered', state: 'failed', problemText: null });
    const give = (how: string, login = 'olle', id = failed.id) => at.as(login).post(`/deliveries/${id}/${how}`);
    expect(await at.as('egil').get('/deliveries')).toMatchObject({ status: 403, body: { code: 'not-yours-to-open' } });
    expect(await give('send-again', 'egil')).toMatchObject({ status: 403, body: { code: 'not-yours-to-give' } });

    await moved('moved@student.example');
    expect(await give('send-again')).toMatchObject({ status: 200, body: { id: failed.id, state: 'pending' } });
    expect(await give('settled')).toMatchObject({ status: 409, body: { code: 'not-troubled' } });
    await swept(at);
    const told = async (state: string) =>
      (await at.as('egil').get(`/consents?person=${other}`)).body.items.some((one: any) => one.seq === seq && one.told === state);
    await eventually('it has gone', () => told('done'));
    expect((await lettersTo('moved@student.example')).length).toBe(1);
    expect(await troubled()).toEqual([]);

    await at.world.db.outbox.update({ where: { id: failed.id }, data: { state: 'uncertain', problem: 'unknown-outcome' } });
    expect((await troubled())[0]).toMatchObject({ state: 'uncertain', problem: 'unknown-outcome' });
    expect(await give('settled')).toMatchObject({ status: 200, body: { id: failed.id, state: 'done' } });
    await swept(at);
    expect([await told('done'), (await lettersTo('moved@student.example')).length]).toEqual([true, 1]);
    const traced = (await auditOf(at)).filter(({ action }) => action.startsWith('deliveries.'));
    expect(traced.map(({ action, outcome, actor, details }) => [action, outcome, actor, details?.was ?? null])).toEqual([
      ['deliveries.open', 'refused', personOf('egil').id, null],
      ['deliveries.send-again', 'refused', personOf('egil').id, null],
      ['deliveries.send-again', 'done', personOf('olle').id, 'failed'],
      ['deliveries.settled', 'refused', personOf('olle').id, null],
      ['deliveries.settled', 'done', personOf('olle').id, 'uncertain'],
    ]);
  });

  it('RX-08 a letter of a case is not mended as one that belongs to none', async () => {
    const { id } = await at.world.db.case.create({
      data: {
        id: randomUUID(),
        kind: 'result-list',
        institution: 'bth',
        state: 'informed',
        data: {},
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
        closedAt: new Date(),
      },
    });
    const promised = { institution: 'bth', caseId: id, channel: 'mail', state: 'failed', key: randomUUID(), payload: {} };
    const letter = await at.world.db.outbox.create({ data: promised });
    expect(await at.as('olle').post(`/deliveries/${letter.id}/settled`)).toMatchObject({ status: 404 });
    expect((await at.as('olle').get('/deliveries')).body.items.map((one: any) => one.id)).not.toContain(letter.id);
  });

  it('RX-09 an application brings a yes or a no, by integration, and by nobody who is neither that nor handles students', async () => {
    const other = await aStudent(at, '41819000113', '1990-01-01');
    const door = await newcomer(at, [{ role: 'integration' }]);
    expect(await door.post('/consents', { person: other, answer: 'J' })).toMatchObject({
      status: 201,
      body: { cameFrom: 'application' },
    });
    expect(await door.post('/consents', { person: other, answer: 'N' })).toMatchObject({
      status: 201,
      body: { answer: 'N', cameFrom: 'application' },
    });
    const kept = (await at.as('egil').get(`/consents?person=${other}`)).body.items;
    expect(kept.map((one: any) => [one.answer, one.cameFrom])).toEqual([
      ['N', 'application'],
      ['J', 'application'],
    ]);
    expect((await door.get(`/consents?person=${other}`)).status).toBe(403);
    expect(await at.as('tove').post('/consents', { person: other, answer: 'J' })).toMatchObject({
      status: 403,
      body: { code: 'not-yours-to-give' },
    });
  });

  it('RX-05 a yes in Studentweb is refused while the type is not active, a no is not', async () => {
    await setting(at, 'exchange-consent', null, '2026-01-01');
    expect((await at.as('test1').get('/consent-questions')).body.items).toEqual([]);
    expect(await at.as('test1').post('/consents', { answer: 'J' })).toMatchObject({
      status: 409,
      body: { rule: 'RX-05', code: 'consent-not-asked' },
    });
    expect((await at.as('test1').post('/consents', { answer: 'N' })).status).toBe(201);
    await setting(at, 'exchange-consent', { termRegistration: 1, studentWebModule: 2 }, '2026-01-01');
  });

  it('RX-01 nobody is asked where the institution fetches by statute, and an answer says so', async () => {
    await setting(at, 'exchange-legal-basis', { basis: 'statute', citation: 'the statute' }, '2026-01-01');
    expect((await at.as('test1').get('/consent-questions')).body.items).toEqual([]);
    expect((await at.as('test1').post('/consents', { answer: 'N' })).body.basis).toBe('statute');
    await setting(at, 'exchange-legal-basis', { basis: 'consent', citation: 'the law' }, '2026-01-01');
  });

  it('RX-07 refuses a day in the future, one before the newest, and somebody who is no student', async () => {
    expect(await at.as('test1').post('/consents', { answer: 'J', on: '2999-01-01' })).toMatchObject({
      status: 422,
      body: { rule: 'RX-07', code: 'day-too-late' },
    });
    expect(await at.as('stina').post('/consents', { person, answer: 'J', on: '2020-01-01', reason })).toMatchObject({
      status: 409,
      body: { rule: 'RX-07', code: 'day-too-early' },
    });
    expect(await at.as('stina').post('/consents', { person: personOf('tove').id, answer: 'J', reason })).toMatchObject({
      status: 404,
      body: { rule: 'RX-32', code: 'not-a-student' },
    });
    expect(await at.as('tove').post('/consents', { answer: 'J' })).toMatchObject({
      status: 404,
      body: { rule: 'RX-32', code: 'not-a-student' },
    });
  });

  it('RX-08 is for those who handle students: nobody else enters or reads one of somebody', async () => {
    await registered(at, 'test2');
    for (const login of ['tove', 'karin', 'olle', 'test2']) {
      expect(await at.as(login).post('/consents', { person, answer: 'J', reason })).toMatchObject({
        status: 403,
        body: { rule: 'RX-08', code: 'not-yours-to-give' },
      });
      expect(await at.as(login).get(`/consents?person=${person}`)).toMatchObject({
        status: 403,
        body: { code: 'not-yours-to-open' },
      });
    }
    expect((await at.as('rut').get(`/consents?person=${person}`)).status).toBe(200);
  });

  it('AU-07 every answer is in the audit with its day, and every refused one with its rule', async () => {
    const entries = (await auditOf(at)).filter((entry) => entry.action === 'consents.enter');
    expect(entries.find((entry) => entry.outcome === 'done')).toMatchObject({
      actor: person,
      details: {
        person,
        answer: 'J',
        on: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        cameFrom: 'studentweb',
        consent: expect.any(String),
      },
    });
    expect(entries.filter((entry) => entry.outcome === 'refused').map((entry) => entry.code)).toEqual(
      expect.arrayContaining(['consent-needs-reason', 'consent-not-asked', 'day-too-late', 'not-yours-to-give']),
    );
    expect(entries.filter((entry) => entry.outcome === 'done')).toHaveLength(await at.world.db.consent.count());
  });

  it('AU-07 whoever reads what a student answered is in the audit, each time', async () => {
    const opened = async () =>
      (await auditOf(at)).filter((entry) => entry.action === 'consents.open' && entry.outcome === 'done');
    const before = (await opened()).length;
    for (const login of ['stina', 'rut']) await at.as(login).get(`/consents?person=${person}`);
    expect((await opened()).slice(before)).toMatchObject([
      { actor: personOf('stina').id, details: { person, answers: expect.any(Number) } },
      { actor: personOf('rut').id, details: { person } },
    ]);
  });

  it('AU-07 the same key enters it once', async () => {
    const before = await at.world.db.consent.count();
    const key = 'once-only';
    const [first, again] = [
      await at.as('test2').post('/consents', { answer: 'J' }, { key }),
      await at.as('test2').post('/consents', { answer: 'J' }, { key }),
    ];
    expect(again.body).toEqual(first.body);
    expect(await at.as('test2').post('/consents', { answer: 'N' }, { key })).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
    expect(await at.world.db.consent.count()).toBe(before + 1);
  });

  it('RX-07 an answer waits while results are being brought in for the person', async () => {
    const { holdPerson } = await import('../../activities/exchange/import.js');
    const order: string[] = [];
    let answered: Promise<unknown> | undefined;
    await at.world.db.$transaction(async (tx) => {
      await holdPerson(tx, person);
      answered = at
        .as('test1')
        .post('/consents', { answer: 'N' })
        .then(() => order.push('answered'));
      await new Promise((later) => setTimeout(later, 400));
      order.push('brought in');
    });
    await answered;
    expect(order).toEqual(['brought in', 'answered']);
  });
});
