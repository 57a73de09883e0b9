import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { filledList, graded, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { audited, ended, proofByBankId, sign } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('while signing is down', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(() => at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`);

  const ask = async (list: ListInHand, command: 'request-code' | 'order-bankid') =>
    at.as('eva').post(`/result-lists/${list.number}/${command}`, { version: await list.version() });
  const noticesOn = async (list: ListInHand) =>
    (await list.read()).notices as { code: string; sv: string; nb: string; en: string }[];

  const smsGoesDown = async (list: ListInHand) => {
    at.simulators.elks.faults.push({ match: 'POST /a1/sms', effect: '500' }, { match: 'GET /a1/sms', effect: '500' });
    for (let failures = 1; failures <= 3; failures += 1) {
      const place = (await ask(list, 'request-code')).headers.get('Location') ?? '';
      await eventually('the code is uncertain', async () => (await at.as('eva').get(place)).body.state === 'uncertain');
      expect((await at.world.db.partnerHealth.findUnique({ where: { partner: 'sms' } }))?.up).toBe(failures < 3);
    }
  };
  const bankIdGoesDown = async (list: ListInHand) => {
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/*', effect: 'maintenance' });
    for (let failures = 1; failures <= 3; failures += 1) {
      const place = (await ask(list, 'order-bankid')).headers.get('Location') ?? '';
      expect(await ended(at, place)).toMatchObject({ state: 'not-started' });
      expect((await at.world.db.partnerHealth.findUnique({ where: { partner: 'bankid' } }))?.up).toBe(failures < 3);
    }
  };
  const everythingElseGoesOn = async () => {
    const list = await filledList(at);
    expect((await graded(at, list, 'tove', 'A')).status).toBe(200);
    const sent = await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
    expect(sent.body).toMatchObject({ case: { state: 'with-examiner' } });
  };
  const rowsOf = async (list: ListInHand) =>
    (await list.rows()).map(({ student, grade, examinationDate, score }) => ({ student, grade, examinationDate, score }));

  it('RL-53 shows no notice while both ways work', async () => {
    expect(await noticesOn(await sentList(at))).toEqual([]);
  });

  it('RL-52 keeps entering, saving, sending and BankID going while SMS is down, and comes back after one good probe', async () => {
    const list = await sentList(at);
    const before = await rowsOf(list);
    await smsGoesDown(list);
    const [notice, ...more] = await noticesOn(list);
    expect(more).toEqual([]);
    expect(notice).toMatchObject({ code: 'signing-sms-down' });
    expect(await ask(list, 'request-code')).toMatchObject({ status: 409, body: { code: 'signing-down', rule: 'RL-52' } });
    expect((await audited(at, 'result-list.request-code')).at(-1)).toMatchObject({
      outcome: 'refused',
      rule: 'RL-52',
      code: 'signing-down',
    });
    await everythingElseGoesOn();
    const other = await sentList(at);
    expect((await sign(at, other, await proofByBankId(at, other))).status).toBe(200);

    await swept(at);
    expect(await ask(list, 'request-code')).toMatchObject({ status: 409, body: { code: 'signing-down' } });
    expect(await noticesOn(list)).toEqual([notice]);
    at.simulators.elks.faults.length = 0;
    await swept(at);
    expect(await noticesOn(list)).toEqual([]);
    const proof = await proofBySms(at, list);
    expect((await list.read()).needsAttention).toBe(false);
    expect((await sign(at, list, proof)).status).toBe(200);
    expect(await rowsOf(list)).toEqual(before);
  });

  it('RL-52 keeps SMS signing going while BankID is down, and comes back after one good probe', async () => {
    const [list, other] = [await sentList(at), await sentList(at)];
    await bankIdGoesDown(list);
    expect(await noticesOn(list)).toMatchObject([{ code: 'signing-bankid-down' }]);
    expect(await ask(list, 'order-bankid')).toMatchObject({ status: 409, body: { code: 'signing-down', rule: 'RL-52' } });
    expect((await sign(at, other, await proofBySms(at, other))).status).toBe(200);
    at.simulators.bankId.faults.length = 0;
    await swept(at);
    expect(await noticesOn(list)).toEqual([]);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-53 says in Swedish, Norwegian and English on every list that signing is down, when both ways are', async () => {
    const list = await sentList(at);
    const before = await rowsOf(list);
    await smsGoesDown(list);
    await bankIdGoesDown(list);
    const [notice, ...more] = await noticesOn(list);
    expect(more).toEqual([]);
    expect(notice).toEqual({
      code: 'signing-down',
      sv: 'Det går inte att signera listor just nu. Det går bra att lägga in resultat, spara och skicka till examinator; inget behöver matas in igen.',
      nb: 'Det går ikke an å signere lister akkurat nå. Det går fint å legge inn resultater, lagre og sende til sensor; ingenting må legges inn på nytt.',
      en: 'Lists cannot be signed at the moment. You can enter results, save and send to the examiner; nothing has to be entered again.',
    });
    expect(await noticesOn(await sentList(at))).toEqual([notice]);
    for (const command of ['request-code', 'order-bankid'] as const)
      expect(await ask(list, command)).toMatchObject({ status: 409, body: { code: 'signing-down', rule: 'RL-52' } });
    await everythingElseGoesOn();

    at.simulators.elks.faults.length = 0;
    at.simulators.bankId.faults.length = 0;
    await swept(at);
    expect(await noticesOn(list)).toEqual([]);
    expect(await rowsOf(list)).toEqual(before);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });
});
