import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { delivered, filledList, mailTo, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { archiveList } from '../support/register.js';
import { audited, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { auditOf, changeStaff, newcomer, refreshed } from '../support/staff.js';
import { inDays } from '../support/subscriptions.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

const [eva, erik, tove] = (['eva', 'erik', 'tove'] as const).map((login) => personOf(login).id) as [string, string, string];

describe('acting for an examiner', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const ask = (login: Login, body: object) =>
    at.as(login).post('/delegations', { course: 'XX1000', to: erik, until: inDays(30), reason: 'On leave.', ...body });
  const delegated = async (login: Login = 'eva', body: object = {}): Promise<string> => {
    const born = await ask(login, body);
    expect(born).toMatchObject({ status: 201, body: { case: { kind: 'delegation', state: 'active' } } });
    return born.body.case.number;
  };
  const end = (login: Login, number: string) => at.as(login).post(`/delegations/${number}/end`, {});
  const over = async (number: string) => expect((await end('karin', number)).status).toBe(200);
  afterEach(async () => {
    const { items } = (await at.as('karin').get('/delegations?state=active')).body;
    for (const { number } of items) await over(number);
  });
  const no = async (answer: Promise<{ status: number; body: any }>) => {
    const { status, body } = await answer;
    return [status, body.rule, body.code];
  };
  const offered = async (list: ListInHand, login: Login) => (await list.read(login)).commands.map((one: any) => one.name);
  const letters = async (login: Login, about: string) =>
    (await mailTo(at, personOf(login).email)).filter(({ subject }) => subject.includes(about));

  it('RL-36 is told by mail, seen by whom it concerns, and kept in the audit without the reason', async () => {
    const born = await ask('karin', { for: personOf('eva').email, to: personOf('erik').email, reason: 'On parental leave.' });
    expect(born).toMatchObject({
      status: 201,
      body: { case: { due: { on: inDays(30), rule: 'RL-36', why: { basis: 'chosen', from: inDays(0) } } } },
    });
    const { number } = born.body.case;
    const first = await eventually('he is told', async () =>
      (await letters('erik', 'You act for the examiner of XX1000')).at(-1),
    );
    expect(first.text).toContain(
      `You act for Eva Examinator, examiner of XX1000 (Example course), from ${inDays(0)} until ${inDays(30)}.`,
    );
    const second = await eventually('she is told', async () =>
      (await letters('eva', 'Du har fått en ställföreträdare på XX1000')).at(-1),
    );
    expect(second.text).toContain('Kurs- och programstöd har utsett Erik Annan till ställföreträdare för dig');

    expect((await at.as('erik').get(`/delegations/${number}`)).body).toMatchObject({
      stateText: 'Active',
      data: { for: eva, to: erik, from: inDays(0), until: inDays(30), reason: 'On parental leave.' },
      people: { [eva]: 'Eva Examinator', [erik]: 'Erik Annan' },
      commands: [{ name: 'end' }],
    });
    const seen = async (login: Login) =>
      (await at.as(login).get('/delegations?state=active')).body.items.map((item: any) => item.number);
    for (const login of ['erik', 'eva', 'karin', 'rut'] as const) expect([login, await seen(login)]).toEqual([login, [number]]);
    expect(await seen('tove')).toEqual([]);
    expect(await no(at.as('tove').get(`/delegations/${number}`))).toEqual([403, 'RL-36', 'not-yours-to-open']);
    const colleague = await newcomer(at, [{ role: 'examiner', course: 'XX1000' }]);
    expect((await colleague.get(`/delegations/${number}`)).body).toMatchObject({ number, commands: [] });
    expect((await colleague.get('/delegations')).body.items.map((item: any) => item.number)).toEqual([number]);

    const [entry] = (await auditOf(at, `delegation/${number}`)).filter(({ action }) => action === 'delegation.create');
    expect(entry).toMatchObject({
      outcome: 'done',
      actor: personOf('karin').id,
      details: { course: 'XX1000', for: eva, delegate: erik, from: inDays(0), until: inDays(30) },
    });
    expect(JSON.stringify(entry)).not.toContain('parental');
    await over(number);
    await eventually('she is told of the end', async () =>
      (await letters('eva', 'Ställföreträdarskapet på XX1000 är avslutat')).at(-1),
    );
    await eventually('he is told of the end', async () => (await letters('erik', 'The delegation on XX1000 has ended')).at(-1));
  });

  it.each(['sms', 'bankid'] as const)('RL-36 shows X for Y after a signature by %s wherever the signer is shown', async (way) => {
    const number = await delegated();
    const list = await sentList(at);
    await delivered(list);
    expect((await letters('erik', list.number)).at(-1)?.text).toContain(
      'You get this letter because you act for Eva Examinator.',
    );
    expect((await letters('eva', list.number)).at(-1)?.text).not.toContain('ställföreträdare');
    expect(await list.read('erik')).toMatchObject({ actsFor: eva });
    expect(await list.read('eva')).toMatchObject({ actsFor: null });
    const signed = await sign(at, list, await (way === 'sms' ? proofBySms : proofByBankId)(at, list, 'erik'), 'erik');
    expect(signed.status).toBe(200);

    expect(await list.read('erik')).toMatchObject({
      data: { signed: { by: erik, for: eva } },
      people: { [erik]: 'Erik Annan', [eva]: 'Eva Examinator' },
    });
    expect((await archiveList(at, list)).replace(/\s+/g, ' ')).toContain('Erik Annan för Eva Examinator');
    expect((await at.as('rut').get(`/result-lists/${list.number}/verification`, { 'Accept-Language': 'en' })).body).toMatchObject(
      { holds: true, signed: { by: erik, for: eva, name: 'Erik Annan for Eva Examinator' } },
    );
    await delivered(list);
    for (const login of ['eva', 'karin'] as const)
      expect((await letters(login, `${list.number} är signerad`)).map(({ text }) => text)).toEqual([
        expect.stringContaining('Det gjordes av Erik Annan för Eva Examinator.'),
      ]);
    const entries = (await auditOf(at, `result-list/${list.number}`)).filter(
      ({ actor, outcome }) => actor === erik && outcome === 'done',
    );
    const told = Object.fromEntries(entries.map(({ action, details }) => [action, details?.for]));
    expect(told).toMatchObject({
      'result-list.sign': eva,
      [`result-list.${way === 'sms' ? 'request-code' : 'order-bankid'}`]: eva,
    });
    await over(number);
    expect((await list.read('erik')).data.signed).toMatchObject({ by: erik, for: eva });
    expect((await at.as('rut').get(`/result-lists/${list.number}/verification`)).body.holds).toBe(true);
  });

  it('RL-36 tells whoever sent a list who corrected it, and for whom where somebody acted for the examiner', async () => {
    await delegated();
    for (const [login, words] of [
      ['eva', undefined],
      ['erik', 'Det gjordes av Erik Annan för Eva Examinator.'],
    ] as const) {
      const list = await sentList(at);
      const [{ student }] = await list.rows(login);
      const corrected = await at
        .as(login)
        .post(`/result-lists/${list.number}/correct`, {
          version: await list.version(),
          rows: [{ student, grade: 'C', examinationDate: '2026-11-03', score: null }],
        });
      expect(corrected.status).toBe(200);
      await delivered(list);
      const { text } = await eventually('she is told', async () => (await letters('tove', `${list.number} har rättats`)).at(-1));
      if (words) expect(text).toContain(words);
      else expect(text).not.toContain('Det gjordes av');
    }
  });

  it('RL-36 keeps for whom many lists were signed at once', async () => {
    await delegated();
    const lists = [await sentList(at), await sentList(at)];
    const asked = await at
      .as('erik')
      .post('/result-lists/order-bankid', {
        lists: await Promise.all(lists.map(async (list) => ({ number: list.number, version: await list.version() }))),
      });
    expect(asked.status).toBe(202);
    const place = asked.headers.get('Location') ?? '';
    await eventually('BankID has the order', async () => (await at.as('erik').get(place)).body.state !== 'ordered');
    await inTheApp(at, 'sign', { personNumber: personOf('erik').personNumber });
    const proofs = (await ended(at, place, 'erik')).lists.map(({ number, version, proof }: any) => ({ number, version, proof }));
    expect((await at.as('erik').post('/result-lists/sign', { lists: proofs })).body.items).toMatchObject([
      { outcome: 'done' },
      { outcome: 'done' },
    ]);
    for (const list of lists) {
      expect((await list.read('erik')).data.signed).toMatchObject({ by: erik, for: eva });
      await delivered(list);
      expect(await letters('eva', `${list.number} är signerad`)).toHaveLength(1);
    }
    const traced = (await audited(at, 'result-list.order-bankid')).filter(
      ({ details }) => details.bankIdOrder === asked.body.order,
    );
    expect(traced.map(({ details }) => details.for)).toEqual([eva, eva]);
  });

  it('RL-36 is found by the verification when for whom was changed', async () => {
    const number = await delegated();
    const list = await sentList(at);
    expect((await sign(at, list, await proofByBankId(at, list, 'erik'), 'erik')).status).toBe(200);
    await over(number);
    const failing = async () =>
      (await at.as('rut').get(`/result-lists/${list.number}/verification`)).body.checks
        .filter((one: any) => !one.passed)
        .map((one: any) => [one.name, one.detail]);
    await at.world.db.$executeRaw`UPDATE cases SET data = data #- '{signed,for}' WHERE number = ${BigInt(list.number)}`;
    expect(await failing()).toEqual([
      ['record', 'for'],
      ['audit-entries', 'for'],
    ]);
  });

  it('RL-36 lasts from its first day to its last, and is gone with the next command when it was ended', async () => {
    const list = await sentList(at);
    const inForce = async () => (await offered(list, 'erik')).includes('sign');
    const later = await delegated('eva', { from: inDays(1) });
    expect(await inForce()).toBe(false);
    expect((await at.as('erik').get(`/delegations/${later}`)).body.commands).toMatchObject([{ name: 'end' }]);
    expect(await no(end('tove', later))).toEqual([403, 'RL-36', 'not-yours-to-give']);
    expect((await end('erik', later)).status).toBe(200);
    const number = await delegated('eva', { until: inDays(0) });
    expect(await inForce()).toBe(true);
    const proof = await proofBySms(at, list, 'erik');
    expect((await end('erik', number)).status).toBe(200);
    expect(await inForce()).toBe(false);
    expect(await no(sign(at, list, proof, 'erik'))).toEqual([403, 'RL-38', 'not-yours-to-give']);
    expect(await no(end('eva', number))).toEqual([409, 'RL-36', 'wrong-state']);
    await delegated('eva', { until: inDays(0) });
    await at.world.db
      .$executeRaw`UPDATE roles SET valid_from = valid_from - 2, valid_to = valid_to - 1 WHERE for_person IS NOT NULL`;
    expect(await inForce()).toBe(false);
  });

  it('RL-36 ends with the examiner’s own role, and with the employment of who acts', async () => {
    const [list] = [await sentList(at), await delegated()];
    const inForce = async () => (await at.as('erik').get('/me')).body.roles.some((one: any) => one.for === eva);
    expect(await inForce()).toBe(true);
    await refreshed(at);
    expect(await inForce()).toBe(true);
    await changeStaff(at, eva, { roles: [{ role: 'teacher' }, { role: 'examiner', course: 'ZZ3000' }] });
    expect(await inForce()).toBe(false);
    expect(await offered(list, 'erik')).not.toContain('sign');
    await changeStaff(at, eva, { roles: personOf('eva').roles });
    expect(await inForce()).toBe(true);
    await changeStaff(at, erik, { roles: [] });
    expect((await at.as('erik').get('/me')).body.roles).toEqual([]);
    await changeStaff(at, erik, { roles: personOf('erik').roles });
    expect(await inForce()).toBe(true);
  });

  it('RL-36 is refused with its rule and kept in the audit: passed on, to a stranger, to oneself, twice, too long, by who may not', async () => {
    const number = await delegated();
    const stranger = 'b0000000-0000-4000-8000-00000000ffff';
    expect(await no(ask('erik', { to: tove }))).toEqual([403, 'RL-36', 'not-passed-on']);
    expect(await no(ask('tove', {}))).toEqual([403, 'RL-36', 'not-yours-to-give']);
    expect(await no(ask('rut', {}))).toEqual([403, 'RL-36', 'not-yours-to-give']);
    for (const to of [stranger, 'nobody@bth.example'])
      expect(await no(ask('eva', { to }))).toEqual([422, 'RL-36', 'no-such-person']);
    expect(await no(ask('eva', { to: eva }))).toEqual([409, 'RL-36', 'delegated-to-oneself']);
    expect(await no(ask('karin', { for: eva, to: personOf('karin').id }))).toEqual([409, 'RL-36', 'delegated-to-oneself']);
    expect(await no(ask('karin', { for: tove }))).toEqual([409, 'RL-36', 'not-examiner-then']);
    expect(await no(ask('eva', {}))).toEqual([409, 'RL-36', 'delegated-already']);
    expect(await no(ask('eva', { to: tove, until: inDays(400) }))).toEqual([422, 'RL-36', 'delegated-too-long']);
    expect(await no(end('tove', number))).toEqual([403, 'RL-36', 'not-yours-to-give']);
    const refused = (await audited(at, 'delegation.create')).filter(({ outcome }) => outcome === 'refused');
    expect(refused.map(({ rule, code }) => `${rule} ${code}`)).toEqual([
      'RL-36 not-passed-on',
      'RL-36 not-yours-to-give',
      'RL-36 not-yours-to-give',
      'RL-36 no-such-person',
      'RL-36 no-such-person',
      'RL-36 delegated-to-oneself',
      'RL-36 delegated-to-oneself',
      'RL-36 not-examiner-then',
      'RL-36 delegated-already',
      'RL-36 delegated-too-long',
    ]);
  });

  it('RL-36 does not get round four eyes, neither by who entered nor in their name', async () => {
    expect((await at.as('olle').post('/me/administration-mode', { on: true })).status).toBe(200);
    expect(
      (await at.as('olle').post('/settings/four-eyes', { value: true, from: '2020-01-01', reason: 'For this test.' })).status,
    ).toBe(200);
    await delegated();
    const [evas, eriks, toves] = [await filledList(at, 'eva'), await filledList(at, 'erik'), await filledList(at, 'tove')];
    const order = async (list: ListInHand, login: Login) =>
      at.as(login).post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    expect(await no(order(evas, 'erik'))).toEqual([403, 'RL-36', 'entered-it-yourself']);
    expect(await no(order(eriks, 'erik'))).toEqual([403, 'RL-36', 'entered-it-yourself']);
    expect((await sign(at, toves, await proofBySms(at, toves, 'erik'), 'erik')).status).toBe(200);
    expect(
      (await audited(at, 'result-list.request-code'))
        .filter(({ outcome }) => outcome === 'refused')
        .map(({ details }) => details),
    ).toEqual([{ for: eva }, { for: eva }]);
  });
});
