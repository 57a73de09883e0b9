import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList } from '../support/lists.js';
import { audited, bankIdOrder, ended, inTheApp } from '../support/signing.js';
import { openUniversity, personOf, type University } from '../support/university.js';

const eva = { personNumber: personOf('eva').personNumber };

describe('cancelling an order at BankID', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const orderOf = (place: string) => place.split('/').at(-1) as string;
  const traced = async (order: string) =>
    (await audited(at, 'signing.cancel-bankid')).filter(
      (entry) => entry.details.order === order || entry.details.about === order,
    );

  it('RL-40 happens once under its key, is answered the same again, and is traced once', async () => {
    const place = await bankIdOrder(at, await sentList(at));
    const key = randomUUID();
    const first = await at.as('eva').post(`${place}/cancel`, {}, { key });
    expect(first).toMatchObject({ status: 202, body: { state: 'cancelling' } });
    await ended(at, place);
    expect(await at.as('eva').post(`${place}/cancel`, {}, { key })).toMatchObject({ status: 202, body: first.body });
    expect(await traced(orderOf(place))).toMatchObject([
      { outcome: 'done', actor: personOf('eva').id, case: expect.any(String), key: expect.any(String) },
    ]);
    const command = (await traced(orderOf(place)))[0].key;
    expect(await at.world.db.command.findFirst({ where: { key: command } })).toMatchObject({
      name: 'cancel-bankid',
      outcome: { status: 'done' },
    });
    expect(await at.as('eva').get(`/commands/${command}`)).toMatchObject({
      status: 200,
      body: { answer: { state: 'cancelling' } },
    });
    expect((await at.as('erik').get(`/commands/${command}`)).status).toBe(404);
  });

  it("RL-40 is refused, and the refusal is in the audit, when the order has ended, is not there, or is somebody else's", async () => {
    const place = await bankIdOrder(at, await sentList(at));
    const strange = `/signing/bankid/${randomUUID()}`;
    expect(await at.as('erik').post(`${place}/cancel`)).toMatchObject({
      status: 404,
      body: { code: 'no-such-page', rule: 'RL-40' },
    });
    expect(await at.as('eva').post(`${strange}/cancel`)).toMatchObject({ status: 404, body: { code: 'no-such-page' } });
    await inTheApp(at, 'sign', eva);
    expect(await ended(at, place)).toMatchObject({ state: 'complete' });
    expect(await at.as('eva').post(`${place}/cancel`)).toMatchObject({
      status: 409,
      body: { code: 'bankid-ended', rule: 'RL-40' },
    });
    expect((await at.as('eva').get(place)).body).toMatchObject({ state: 'complete', proof: expect.any(String) });
    expect(await traced(orderOf(place))).toMatchObject([
      { outcome: 'refused', code: 'no-such-page', rule: 'RL-40', actor: personOf('erik').id, case: null },
      { outcome: 'refused', code: 'bankid-ended', rule: 'RL-40', actor: personOf('eva').id, case: expect.any(String) },
    ]);
    expect(await traced(orderOf(strange))).toMatchObject([{ outcome: 'refused', code: 'no-such-page', case: null }]);
  });

  it('RL-40 comes too late for a signature that is kept and not yet judged', async () => {
    const place = await bankIdOrder(at, await sentList(at));
    const id = orderOf(place);
    const kept = await at.world.db.bankIdOrder.findUniqueOrThrow({ where: { id } });
    await at.stopWorker();
    await at.world.db
      .$executeRaw`UPDATE bankid_orders SET completion = '{"signature":"","user":{"personNumber":""}}'::jsonb WHERE id = ${id}::uuid`;
    expect(kept.endedAt).toBeNull();
    expect(await at.as('eva').post(`${place}/cancel`)).toMatchObject({ status: 409, body: { code: 'bankid-ended' } });
    expect((await at.world.db.bankIdOrder.findUniqueOrThrow({ where: { id } })).state).toBe('started');
    await at.restartWorker();
  });
});
