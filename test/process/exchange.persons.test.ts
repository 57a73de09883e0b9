import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { auditOf, refreshed, swept } from '../support/staff.js';
import { openForExchange, registered, setting, testStudent } from '../support/students.js';
import { eventually, openUniversity, type Answer, type University } from '../support/university.js';

/**
 * The two test persons of the document with the results it gives them, over real calls to the simulated institutions, and nothing
 * but HTTP.
 */
describe('the exchange of results, from consent to the finished case', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
    await refreshed(at);
  });
  afterAll(() => at?.close());

  const from = {
    test1: { institution: '216', code: 'RES-100', key: '216-res-100', grade: 'C' },
    test2: { institution: '214', code: 'RES-OAL', key: '214-res-oal', grade: 'B' },
  } as const;
  const approvals: Record<string, string> = {};
  const order = (login: string): Promise<Answer> =>
    at.as('stina').post('/exchanges', { approval: approvals[login]?.split('/').at(-1) });
  const ended = async (made: Answer) => {
    const place = made.headers.get('Location') ?? '';
    const body = await eventually('the order ends', async () => {
      const answer = await at.as('stina').get(place);
      return ['complete', 'not-complete', 'waiting'].includes(answer.body.state) && answer.body;
    });
    return { place, body };
  };
  const studies = async (login: string) => (await at.as('stina').get(`${approvals[login]}/external-studies`)).body.items;
  const open = async (login: 'test1' | 'test2') => {
    const made = await at.as('stina').post('/approvals', { person: testStudent(login).id });
    expect(made.status).toBe(201);
    approvals[login] = made.headers.get('Location') ?? '';
  };

  it('RX-32 a person is registered before there is a case about them', async () => {
    expect(await at.as('stina').post('/approvals', { person: testStudent('test1').id })).toMatchObject({
      status: 422,
      body: { rule: 'RX-32', code: 'not-a-student' },
    });
    expect(
      await at
        .as('stina')
        .post('/students', {
          number: '01536112185',
          givenName: 'Testperson1',
          surname: 'Resultatutveksling',
          birthDate: '1961-03-01',
          email: 'test1@student.bth.example',
          language: 'nb',
        }),
    ).toMatchObject({ status: 409, body: { rule: 'RX-31' } });
    await setting(at, 'exchange-test-numbers', true);
    for (const login of ['test1', 'test2'] as const) {
      await registered(at, login);
      await open(login);
    }
  });

  it('RX-02 an order is refused while the module is off, and then for every other reason in turn: reserved, a test number, no consent', async () => {
    const no = async (rule: string, code: string) =>
      expect(await order('test1')).toMatchObject({ status: 409, body: { rule, code } });
    await no('RX-02', 'exchange-off');
    await openForExchange(at);
    await setting(at, 'exchange-reserved', true);
    await no('RX-03', 'exchange-reserved');
    await setting(at, 'exchange-reserved', false);
    await setting(at, 'exchange-test-numbers', false);
    await no('RX-31', 'test-number-not-allowed');
    await setting(at, 'exchange-test-numbers', true);
    await no('RX-01', 'no-consent');
  });

  it('RX-04 an institution that is not made ready is told whom to turn to', async () => {
    await at.world.db.exchangePartner.update({ where: { code: 'bth.example' }, data: { listed: false } });
    expect(await order('test1')).toMatchObject({
      status: 409,
      body: { rule: 'RX-04', code: 'exchange-not-ready', details: { support: 'fs-support@sikt.example' } },
    });
    await refreshed(at);
  });

  it.each(['test1', 'test2'] as const)(
    'RX-31 the result of %s comes from its institution, and from nowhere else',
    async (login) => {
      const { institution, code, grade } = from[login];
      expect((await at.as(login).post('/consents', { answer: 'J' })).status).toBe(201);
      const made = await order(login);
      expect(made.status).toBe(201);
      const { place, body } = await ended(made);
      expect(body).toMatchObject({ state: 'complete', data: { asked: 50, brought: { results: 1 } } });
      const { items } = (await at.as('stina').get(`${place}/institutions`)).body;
      expect(items).toHaveLength(50);
      expect(items.filter((one: any) => one.outcome === 'fetched').map((one: any) => one.institution.number)).toEqual([
        institution,
      ]);
      expect(items.filter((one: any) => one.outcome === 'unknown-there')).toHaveLength(49);
      const [study, ...others] = await studies(login);
      expect(others).toEqual([]);
      expect(study).toMatchObject({
        institution: { number: institution },
        results: [
          {
            code,
            result: grade,
            category: 'course',
            nameNb: expect.any(String),
            nameEn: expect.any(String),
            credits: '7.5',
            term: expect.any(String),
          },
        ],
      });
    },
  );

  it('RX-22 nothing is fetched by itself when a result is improved and another one is added at the source', async () => {
    const source = at.simulators.institutions.of('216');
    const asked = source.calls.length;
    source.change('01536112185', { key: '216-res-100', grade: 'B' });
    source.change('01536112185', {
      key: '216-res-200',
      code: 'RES-200',
      nb: 'Resultatutveksling 2',
      grade: 'C',
      date: '2026-06-01',
    });
    await refreshed(at);
    await swept(at);
    expect(source.calls).toHaveLength(asked);
    expect((await studies('test1'))[0].results.map((one: any) => [one.code, one.result])).toEqual([['RES-100', 'C']]);
    source.change('01536112185', { key: '216-res-200', withdrawn: true });
  });

  it('RX-33 a result that is changed at the source after the first fetch comes over with the next one, which says what changed', async () => {
    at.simulators.institutions.of('216').change('01536112185', { key: '216-res-100', grade: 'A' });
    expect((await studies('test1'))[0].results[0].result).toBe('C');
    const { place, body } = await ended(await order('test1'));
    expect(body.data.brought).toMatchObject({ results: 1, improved: 1, new: 0, corrected: 0, withdrawn: 0 });
    expect((await at.as('stina').get(`${place}/changes`)).body.items).toEqual([
      expect.objectContaining({
        change: 'improved',
        result: expect.objectContaining({ code: 'RES-100' }),
        fields: expect.objectContaining({ result: { from: 'C', to: 'A' } }),
      }),
    ]);
    expect((await studies('test1'))[0].results[0].result).toBe('A');
    await swept(at);
    const letters = await eventually('the letter', async () => {
      const found = JSON.parse(await (await at.simulators.mailbox.app.request('/messages?to=stina@bth.example')).text()) as {
        subject: string;
        text: string;
      }[];
      return found.some(({ subject }) => subject.includes('endringer')) && found;
    });
    expect(JSON.stringify(letters)).not.toMatch(/Testperson|01536112185/);
  });

  it('RX-20 the case is finished in its ordinary way, shows the external studies still, and nothing can be ordered in it', async () => {
    expect((await at.as('stina').get(approvals['test1'] as string)).body).toMatchObject({
      state: 'in-progress',
      stateText: expect.any(String),
    });
    expect(await at.as('stina').post(`${approvals['test1']}/finish`)).toMatchObject({
      status: 200,
      body: { case: { state: 'finished' } },
    });
    expect(await studies('test1')).toHaveLength(1);
    expect(await order('test1')).toMatchObject({ status: 409, body: { rule: 'RX-10', code: 'approval-not-in-progress' } });
  });

  it('RX-07 after a withdrawal nothing can be ordered, and what was fetched stays', async () => {
    expect((await at.as('test2').post('/consents', { answer: 'N' })).status).toBe(201);
    expect(await order('test2')).toMatchObject({ status: 409, body: { rule: 'RX-01', code: 'no-consent' } });
    expect(await studies('test2')).toHaveLength(1);
  });

  it('RX-01 by statute an order needs no consent, keeps the basis it ran on, and says so at each institution', async () => {
    await setting(at, 'exchange-legal-basis', { basis: 'statute', citation: 'the statute of the test' }, '2026-01-01');
    const { body } = await ended(await order('test2'));
    expect(body.data).toMatchObject({ basis: { basis: 'statute', citation: 'the statute of the test' }, consent: null });
    const { calls } = at.simulators.institutions.of('214');
    expect(calls.at(-1)).toMatchObject({ basis: 'statute', route: 'results' });
    expect(calls.find(({ basis }) => basis === 'consent')).toMatchObject({
      consentType: 'RESULTATUTVEKS',
      consentAnswer: 'J',
      consentOn: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect((await at.as('test2').get('/me/exchange')).body.orders.map((one: any) => one.basis.basis)).toEqual([
      'statute',
      'consent',
    ]);
  });

  it('RX-26 staff see which transfer did not succeed and why, and can end it', async () => {
    const source = at.simulators.institutions.of('214');
    source.behave({ down: { how: '503' } });
    const { place, body } = await ended(await order('test2'));
    expect(body).toMatchObject({ state: 'waiting', due: { rule: 'RX-25' } });
    const down = (await at.as('stina').get(`${place}/institutions`)).body.items.filter((one: any) => one.outcome === 'down');
    expect(down).toMatchObject([
      {
        institution: { number: '214' },
        outcomeText: { nb: 'Svarer ikke, spørres på nytt' },
        details: { hint: 'status', status: 503 },
        hint: { en: expect.stringContaining('next day') },
      },
    ]);
    expect((await at.as('stina').get(approvals['test2'] as string)).body.warnings).toMatchObject([{ code: 'exchange-running' }]);
    expect(await at.as('stina').post(`${place}/stop`, { reason: 'Ordered anew tomorrow.' })).toMatchObject({
      status: 200,
      body: { case: { state: 'stopped' } },
    });
    expect(await studies('test2')).toHaveLength(1);
    source.behave({ down: null });
  });

  it('RX-28 that an institution has reserved itself is seen, and stands in the audit', async () => {
    const source = at.simulators.institutions.of('214');
    source.behave({ reserved: true });
    const { place, body } = await ended(await order('test2'));
    expect(body.state).toBe('complete');
    const { items } = (await at.as('stina').get(`${place}/institutions`)).body;
    expect(items.filter((one: any) => one.outcome === 'reserved')).toMatchObject([
      { institution: { number: '214' }, outcomeText: { en: 'The institution has reserved itself' } },
    ]);
    const entries = await auditOf(at, `exchange/${place.split('/').at(-1)}`);
    expect(entries.find(({ action }) => action === 'exchange.round-ended').details).toMatchObject({
      reserved: ['hint.example'],
      outcomes: { reserved: 1 },
    });
    expect(source.calls.at(-1)).toMatchObject({ route: 'status' });
    source.behave({ reserved: false });
  });

  it('AU-08 each order stands in the audit with its moment, its basis, its end and how many ended how, and no person', async () => {
    const orders = (await auditOf(at)).filter(({ action, outcome }) => action.startsWith('exchange.') && outcome === 'done');
    expect(orders.filter(({ action }) => action === 'exchange.create').map(({ details }) => details)).toEqual(
      Array.from({ length: 6 }, () => expect.objectContaining({ asked: 50, basis: expect.stringMatching(/consent|statute/) })),
    );
    expect(orders.filter(({ action }) => action === 'exchange.round-ended').map(({ details }) => details.outcomes)).toEqual([
      ...Array.from({ length: 4 }, () => ({ fetched: 1, 'unknown-there': 49 })),
      { down: 1, 'unknown-there': 49 },
      { reserved: 1, 'unknown-there': 49 },
    ]);
    expect(orders.find(({ action }) => action === 'exchange.stop')).toMatchObject({
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      details: expect.objectContaining({ left: expect.anything() }),
    });
    expect(JSON.stringify(await auditOf(at))).not.toMatch(/01536112185|19588312510|Testperson/);
  });
});
