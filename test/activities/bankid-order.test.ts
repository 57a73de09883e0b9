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

describe('an order at BankID', () => {
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
        personNumber: '12345678901',
        staffNumber: eva.personNumber,
        email: eva.email,
        language: 'sv',
        changedAt: new Date(),
      },
    });
  });
  let back: Promise<void> | undefined;
  afterEach(async () => {
    mock.timers.reset();
    await back;
  });
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
  /** An order that somebody gave and BankID has not heard of. */
  const newOrder = async (ago = '0 minutes'): Promise<string> => {
    const id = randomUUID();
    await db.bankIdOrder.create({ data: { id, personId: eva.id, endUserIp: '192.0.2.10', ...texts } });
    await db.bankIdOrderList.create({ data: { orderId: id, caseId: randomUUID(), place: 0, version: 1, hash: 'ab'.repeat(32) } });
    await db.$executeRawUnsafe(`UPDATE bankid_orders SET created_at = now() - interval '${ago}' WHERE id = '${id}'`);
    return id;
  };
  const start = async (orderId: string, sign: BankId['sign'] = relyingParty.sign) => {
    let asked = 0;
    const { startBankId } = createBankIdActivities({
      db,
      bankId: {
        ...relyingParty,
        sign: (asking) => {
          asked += 1;
          return sign(asking);
        },
      },
      roots: [],
      pollMs: 20,
    });
    await new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(startBankId, { orderId });
    return { asked };
  };
  /** Takes the orders away for a moment; settles when they are away. */
  const away = async () => {
    const gone = signal();
    back = without(db, 'bankid_orders', async () => {
      gone.give();
      await new Promise((later) => setTimeout(later, 200));
    });
    await gone.given;
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

  it('RL-40 keeps an answer that it was told while the database fails over', async () => {
    const id = await signedOrder();
    const { run } = await collector(async (orderRef) => {
      const answer = await relyingParty.collect(orderRef);
      if (answer.status === 'complete') await away();
      return answer;
    });
    await run(id);
    expect(await order(id)).toMatchObject({ state: 'complete' });
    expect(await proofs(id)).toBe(1);
  });

  it('RL-40 keeps what BankID calls it while the database fails over', async () => {
    const id = await newOrder();
    const started = await start(id, async (asked) => {
      const answer = await relyingParty.sign(asked);
      await away();
      return answer;
    });
    expect(started.asked).toBe(1);
    expect(await order(id)).toMatchObject({ state: 'started', orderRef: expect.any(String) });
    await relyingParty.cancel((await order(id)).orderRef as string);
  });

  it('RL-40 is not made when it has waited so long that the person may have given another', async () => {
    const [stale, fresh] = [await newOrder('6 minutes'), await newOrder('4 minutes')];
    const [late, inTime] = [await start(stale), await start(fresh)];
    expect([late.asked, inTime.asked]).toEqual([0, 1]);
    expect(await order(stale)).toMatchObject({ state: 'not-started', orderRef: null, endedAt: expect.any(Date) });
    expect(await order(fresh)).toMatchObject({ state: 'started', endedAt: null });
    await relyingParty.cancel((await order(fresh)).orderRef as string);
  });

  it('RL-40 beats while what BankID calls it cannot be kept, so that nobody takes it for dead', async () => {
    const id = await newOrder();
    mock.timers.enable({ apis: ['setInterval'] });
    let beats = 0;
    const { startBankId } = createBankIdActivities({
      db,
      bankId: {
        ...relyingParty,
        sign: async (asked) => {
          const answer = await relyingParty.sign(asked);
          mock.timers.tick(30_000);
          await away();
          return answer;
        },
      },
      roots: [],
      pollMs: 20,
    });
    const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    env.on('heartbeat', () => void (beats += 1));
    await env.run(startBankId, { orderId: id });
    expect(beats).toBeGreaterThanOrEqual(2);
    expect(await order(id)).toMatchObject({ state: 'started', orderRef: expect.any(String) });
    await relyingParty.cancel((await order(id)).orderRef as string);
  });

  it('RL-40 is judged by an answer that is kept, also where nobody follows it any more', async () => {
    const id = await signedOrder();
    const { run } = await collector(async (orderRef) => {
      const answer = await relyingParty.collect(orderRef);
      if (answer.status !== 'complete') return answer;
      await db.bankIdOrder.update({ where: { id }, data: { completion: { ...answer.completion } } });
      throw new Error('the worker dies here');
    });
    await expect(run(id)).rejects.toThrow('the worker dies here');
    const { abandonBankId } = createBankIdActivities({ db, bankId: relyingParty, roots: [await simulated.rootPem()] });
    await new MockActivityEnvironment().run(abandonBankId, { orderId: id });
    expect(await order(id)).toMatchObject({ state: 'complete' });
    expect(await proofs(id)).toBe(1);
  });
});
