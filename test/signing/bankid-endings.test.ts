import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList, type ListInHand } from '../support/lists.js';
import { audited, bankIdOrder, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const eva = { personNumber: personOf('eva').personNumber };

describe('how an order to sign with BankID ends', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  const order = async (list: ListInHand, login = 'eva') =>
    at.as(login).post(`/result-lists/${list.number}/order-bankid`, { version: await list.version() });
  const text = async (place: string, language: string) =>
    (await at.as('eva').get(place, { 'Accept-Language': language })).body.text;

  it('RL-40 says "sign again" when the completion was told and did not reach us', async () => {
    const list = await sentList(at);
    const place = await bankIdOrder(at, list);
    await eventually('the next look may complete it', async () =>
      at.simulators.bankId.store.orders.some((one) => one.collects > 3),
    );
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/collect', effect: 'timeout-after-commit', times: 1, ms: 10 });
    await inTheApp(at, 'sign', eva);
    expect(await ended(at, place)).toMatchObject({ state: 'lost', proof: null });
    expect([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).toEqual([
      'Underskriften nådde inte fram. Signera igen.',
      'Signaturen kom ikke frem. Signer på nytt.',
      'The signature was not received. Sign again.',
    ]);
    expect((await audited(at, 'signing.bankid')).at(-1)).toMatchObject({ outcome: 'refused', code: 'lost' });
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-40 refuses a second order of the same person while one runs, and takes it afterwards', async () => {
    const [list, other] = [await sentList(at), await sentList(at)];
    const place = await bankIdOrder(at, list);
    expect(await order(list)).toMatchObject({ status: 409, body: { code: 'bankid-running', rule: 'RL-40' } });
    expect(await order(other)).toMatchObject({ status: 409, body: { code: 'bankid-running', rule: 'RL-40' } });
    expect((await at.as('eva').get(place)).body.state).toBe('started');
    await inTheApp(at, 'sign', eva);
    const { proof } = await ended(at, place);
    expect((await sign(at, list, proof)).status).toBe(200);
    expect((await sign(at, other, await proofByBankId(at, other))).status).toBe(200);
  });

  it('RL-40 takes one of five orders that a person gives on five lists at once', async () => {
    const lists = await Promise.all(Array.from({ length: 5 }, () => sentList(at)));
    const answers = await Promise.all(lists.map((list) => order(list)));
    expect(answers.map((answer) => answer.status).sort()).toEqual([202, 409, 409, 409, 409]);
    const place = answers.find((answer) => answer.status === 202)?.headers.get('Location') ?? '';
    await eventually('BankID has it', async () => (await at.as('eva').get(place)).body.state === 'started');
    expect(at.simulators.bankId.store.orders.filter((one) => one.state === 'pending')).toHaveLength(1);
    await at.as('eva').post(`${place}/cancel`);
    expect(await ended(at, place)).toMatchObject({ state: 'cancelled' });
  });

  it('RL-40 can be cancelled by the person, here and in the app', async () => {
    const list = await sentList(at);
    const here = await bankIdOrder(at, list);
    expect(await at.as('eva').post(`${here}/cancel`)).toMatchObject({ status: 202, body: { state: 'cancelling' } });
    expect(await ended(at, here)).toMatchObject({ state: 'cancelled', proof: null, text: 'Underskriften avbröts.' });
    expect(at.simulators.bankId.store.orders.filter((one) => one.state === 'pending')).toEqual([]);
    const inApp = await bankIdOrder(at, list);
    await inTheApp(at, 'cancel-in-app', eva);
    expect(await ended(at, inApp)).toMatchObject({
      state: 'failed',
      hintCode: 'userCancel',
      text: 'Du avbröt i BankID-appen. Inget är signerat.',
    });
    expect((await list.read()).state).toBe('with-examiner');
  });

  it('RL-40 keeps a cancellation that came before BankID had the order', async () => {
    const list = await sentList(at);
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/sign', effect: 'delay', times: 1, ms: 400 });
    const place = (await order(list)).headers.get('Location') ?? '';
    expect((await at.as('eva').get(place)).body.state).toBe('ordered');
    expect((await at.as('eva').post(`${place}/cancel`)).status).toBe(202);
    expect(await ended(at, place)).toMatchObject({ state: 'cancelled' });
    expect(at.simulators.bankId.store.orders.filter((one) => one.state === 'pending')).toEqual([]);
  });

  it.each(['expiredTransaction', 'certificateErr', 'startFailed', 'notSupportedByUserApp', 'transactionRiskBlocked'])(
    'RL-40 tells the person that it ended with %s',
    async (hintCode) => {
      const place = await bankIdOrder(at, await sentList(at));
      await inTheApp(at, 'fail', { hintCode, ...eva });
      expect(await ended(at, place)).toMatchObject({ state: 'failed', hintCode, proof: null });
      expect(new Set([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).size).toBe(3);
    },
  );

  /** An order whose answer is lost: BankID has it, and nobody collects it. */
  const unanswered = async (list: ListInHand): Promise<string> => {
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/sign', effect: 'timeout-after-commit', times: 1, ms: 10 });
    const place = (await order(list)).headers.get('Location') ?? '';
    expect(await ended(at, place)).toMatchObject({ state: 'not-started', proof: null });
    expect(at.simulators.bankId.store.orders.filter((one) => one.state === 'pending')).toHaveLength(1);
    return place;
  };

  it('RL-40 says that BankID did not answer, and what to do about a signature that shows in the app all the same', async () => {
    const list = await sentList(at);
    const place = await unanswered(list);
    expect(await text(place, 'sv')).toBe(
      'BankID svarade inte när underskriften beställdes. Visas den ändå i din BankID-app, avbryt den där: den räknas inte. Försök sedan igen.',
    );
    expect(new Set([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).size).toBe(3);
    await inTheApp(at, 'cancel-in-app', eva);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-40 takes a signature that nobody collects for none, and the next order at once', async () => {
    const list = await sentList(at);
    const place = await unanswered(list);
    await inTheApp(at, 'sign', eva);
    expect([(await at.as('eva').get(place)).body.proof, (await list.read()).state]).toEqual([null, 'with-examiner']);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-40 passes on that BankID has stopped the order which nobody collects, and the one after that is taken', async () => {
    const list = await sentList(at);
    await unanswered(list);
    const stopped = await bankIdOrder(at, list);
    expect(await ended(at, stopped)).toMatchObject({ state: 'failed', hintCode: 'alreadyInProgress', proof: null });
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-40 comes to its end also where its workflow is cancelled, and the next order is taken at once', async () => {
    const list = await sentList(at);
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/sign', effect: 'delay', times: 1, ms: 1_500 });
    const place = (await order(list)).headers.get('Location') ?? '';
    const workflow = at.world.temporal.workflow.getHandle(`bankid-order/${place.split('/').at(-1)}`);
    const underWay = () => workflow.describe().then(({ raw }) => raw.pendingActivities?.[0]?.lastStartedTime);
    await eventually('BankID is asked', () => underWay().catch(() => undefined));
    await workflow.cancel();
    await expect(workflow.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await ended(at, place)).toMatchObject({ state: 'not-started', proof: null });
    await eventually('BankID has the order that nobody follows', async () =>
      at.simulators.bankId.store.orders.some((one) => one.state === 'pending'),
    );
    await inTheApp(at, 'cancel-in-app', eva);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
  });

  it('RL-40 has time to be kept while the database is away, and a worker that dies is noticed within half a minute', async () => {
    const place = await bankIdOrder(at, await sentList(at));
    await inTheApp(at, 'sign', eva);
    await ended(at, place);
    const workflow = at.world.temporal.workflow.getHandle(`bankid-order/${place.split('/').at(-1)}`);
    const asked = ((await workflow.fetchHistory()).events ?? []).flatMap(
      (event) => event.activityTaskScheduledEventAttributes ?? [],
    );
    expect(
      asked.map(({ activityType, startToCloseTimeout, heartbeatTimeout }) => [
        activityType?.name,
        Number(startToCloseTimeout?.seconds),
        Number(heartbeatTimeout?.seconds),
      ]),
    ).toEqual([
      ['startBankId', 15 * 60, 30],
      ['collectBankId', 3 * 24 * 60 * 60, 30],
    ]);
  });
});
