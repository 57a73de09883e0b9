import { randomUUID } from 'node:crypto';
import { mock } from 'node:test';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { bankId, type BankId, type Collected } from '../../activities/bankid.js';
import { createBankIdActivities } from '../../activities/signing/bankid-order.js';
import { createDatabase, type Database } from '../../prisma/client.js';
import { bankIdSimulator } from '../simulators/bankid.js';
import { institution } from '../simulators/sample.js';
import { freshDatabase, without } from '../support/database.js';
import { personOf } from '../support/university.js';

const eva = personOf('eva');
const texts = { visibleText: 'Jag signerar lista 4711', nonVisible: '{"list":"4711"}' };
const collected: Collected = { status: 'failed', hintCode: 'userCancel' };

describe('collecting an order at BankID', () => {
  const simulated = bankIdSimulator({ minCollectMs: 0 });
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  let server: Awaited<ReturnType<typeof simulated.listen>>;
  let relyingParty: BankId;
  beforeAll(async () => {
    [database, server] = await Promise.all([freshDatabase(), simulated.listen()]);
    db = createDatabase({ url: database.url });
    relyingParty = bankId({ baseUrl: server.url });
    const { code, name, zone, language } = institution;
    await db.institution.create({ data: { code, name, zone, language } });
    await db.person.create({
      data: {
        id: eva.id,
        institution: code,
        givenName: eva.givenName,
        surname: eva.surname,
        personNumber: eva.personNumber,
        email: eva.email,
        language: 'sv',
        changedAt: new Date(),
      },
    });
  });
  afterEach(() => mock.timers.reset());
  afterAll(async () => {
    await relyingParty.close();
    await server.close();
    await db.$disconnect();
    await database.drop();
  });

  /** An order that BankID has and the person has signed: the next collect but three completes it. */
  const signedOrder = async (): Promise<string> => {
    const id = randomUUID();
    const { orderRef } = await relyingParty.sign({ endUserIp: '192.0.2.10', personNumber: eva.personNumber, ...texts });
    await db.bankIdOrder.create({
      data: { id, personId: eva.id, endUserIp: '192.0.2.10', ...texts, state: 'started', orderRef, startedAt: new Date() },
    });
    await db.bankIdOrderList.create({ data: { orderId: id, caseId: randomUUID(), place: 0, version: 1, hash: 'ab'.repeat(32) } });
    await simulated.app.request('/__sim/sign', {
      method: 'POST',
      body: JSON.stringify({ orderRef }),
      headers: { 'Content-Type': 'application/json' },
    });
    return id;
  };
  const collector = async (collect: BankId['collect'], pollMs = 20) => {
    const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    const { collectBankId } = createBankIdActivities({
      db,
      bankId: { ...relyingParty, collect },
      roots: [await simulated.rootPem()],
      pollMs,
    });
    return { env, run: (orderId: string) => env.run(collectBankId, { orderId }) };
  };
  const order = (id: string) => db.bankIdOrder.findUniqueOrThrow({ where: { id } });
  const proofs = (id: string) => db.signingProof.count({ where: { sourceId: id } });
  const signal = () => {
    let give = () => {};
    return { given: new Promise<void>((resolve) => void (give = resolve)), give: () => give() };
  };

  it('RL-40 does not lose an answer that another collector got a moment before', async () => {
    const id = await signedOrder();
    const [told, gone] = [signal(), signal()];
    let asked = 0;
    const second = await collector(async (orderRef) => {
      await told.given;
      asked += 1;
      return relyingParty.collect(orderRef).finally(gone.give);
    }, 500);
    const ending = second.run(id);
    const first = await collector(async (orderRef) => {
      const answer = await relyingParty.collect(orderRef);
      if (answer.status !== 'complete') return answer;
      told.give();
      await gone.given;
      // The answer is still under way to us while the other one decides what to think.
      await Promise.race([ending, new Promise((later) => setTimeout(later, 250))]);
      return answer;
    });
    await Promise.all([first.run(id), ending]);
    expect(await order(id)).toMatchObject({
      state: 'complete',
      completion: expect.objectContaining({ user: expect.objectContaining({ personNumber: eva.personNumber }) }),
    });
    expect([await proofs(id), asked]).toEqual([1, 1]);
  });

  it('RL-40 calls an order lost that BankID no longer knows, when nobody stored its answer', async () => {
    const id = await signedOrder();
    let asked = 0;
    const { run } = await collector((orderRef) => {
      asked += 1;
      return relyingParty.collect(orderRef);
    });
    await simulated.app.request('/__sim/clock', {
      method: 'POST',
      body: JSON.stringify({ advanceMs: 181_000 }),
      headers: { 'Content-Type': 'application/json' },
    });
    await run(id);
    expect(await order(id)).toMatchObject({ state: 'lost', completion: null });
    expect([await proofs(id), asked]).toEqual([0, 1]);
  });

  it('RL-40 beats while a call is open, so that nobody else begins to collect', async () => {
    mock.timers.enable({ apis: ['setInterval'] });
    let beats = 0;
    const { env, run } = await collector(async () => {
      const before = beats;
      mock.timers.tick(30_000);
      expect(beats - before).toBeGreaterThanOrEqual(2);
      return collected;
    });
    env.on('heartbeat', () => void (beats += 1));
    const id = await signedOrder();
    await run(id);
    expect(await order(id)).toMatchObject({ state: 'failed', hintCode: 'userCancel' });
  });

  it('RL-40 keeps an answer that it was told, also where nothing can be kept about the health of BankID', async () => {
    const id = await signedOrder();
    const { run } = await collector(relyingParty.collect);
    await without(db, 'partner_health', () => run(id));
    expect(await order(id)).toMatchObject({ state: 'complete' });
    expect(await proofs(id)).toBe(1);
  });
});
