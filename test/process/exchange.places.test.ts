import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createRounds } from '../../activities/exchange/ask-round.js';
import { createPlaces } from '../../activities/exchange/places.js';
import { startWorkers, type Workers } from '../../activities/worker.js';
import { queues } from '../../workflows/queues.js';
import { adviserAt, aPerson, approvalFor, codesOf, fakeInstitutions, ordered, setFor } from '../support/exchange.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const signal = new AbortController().signal;

describe('places at which an institution is asked', () => {
  const fake = fakeInstitutions();
  const codes = codesOf(5);
  const slow = codes[0] as string;
  let at: University;
  let other: Workers;
  let adviser: Awaited<ReturnType<typeof adviserAt>>;
  beforeAll(async () => {
    at = await openUniversity({ exchange: fake });
    adviser = await adviserAt(at, codes);
    const { db } = at.world;
    other = await startWorkers({
      at: { address: String(at.env['TEMPORAL_ADDRESS']), namespace: at.config.TEMPORAL_NAMESPACE },
      keys: at.config.payloadKeys,
      bundle: { codePath: process.env['TEST_BUNDLE'] as string, buildId: 'test' },
      activities: { ...at.activities, [queues.exchange]: createRounds({ db, places: createPlaces(db), ...fake }) },
    });
  });
  afterAll(async () => {
    await other?.shutdown();
    await at?.close();
  });

  it('RX-18 lets forty orders at once have four calls at a time to a slow institution, over two workers, and delays none of the others', async () => {
    for (const code of codes) fake.behave(code, { slow: code === slow ? 1_000 : 5 });
    const approvals: string[] = [];
    for (let i = 0; i < 40; i += 1) approvals.push(await approvalFor(adviser, await aPerson(at.world.db)));
    const orders = await Promise.all(approvals.map((approval) => ordered(at, adviser, approval)));
    const ids = orders.map(({ id }) => id);
    const leftOf = (partner: object) =>
      at.world.db.exchangeInquiry.count({ where: { caseId: { in: ids }, state: 'open', ...partner } });
    await eventually('all others have answered', async () => (await leftOf({ partner: { not: slow } })) === 0);
    expect(await leftOf({ partner: slow })).toBeGreaterThan(4);
    for (const order of orders) await order.inState('complete');
    expect(fake.most.get(slow)).toBe(4);
    for (const code of codes) {
      expect(fake.asked(code)).toBe(40);
      expect(fake.most.get(code)).toBeLessThanOrEqual(4);
    }
    expect(await at.world.db.exchangePlace.count({ where: { holder: { not: null } } })).toBe(0);
  }, 120_000);

  it('RX-18 keeps to as many as the institution has set', async () => {
    await setFor(at.world.db, { 'exchange-calls': 1 });
    fake.most.clear();
    fake.behave(slow, { slow: 200 });
    const approvals = [
      await approvalFor(adviser, await aPerson(at.world.db)),
      await approvalFor(adviser, await aPerson(at.world.db)),
      await approvalFor(adviser, await aPerson(at.world.db)),
    ];
    const orders = await Promise.all(approvals.map((approval) => ordered(at, adviser, approval)));
    for (const order of orders) await order.inState('complete');
    expect(fake.most.get(slow)).toBe(1);
  });

  it('RX-18 stays with who lives however long a call takes, and is free again soon after they died or lost it, who end their call first', async () => {
    const { db } = at.world;
    let cutOff = false;
    const $queryRaw = ((...statement: Parameters<typeof db.$queryRaw>) =>
      cutOff ? Promise.reject(new Error('away')) : db.$queryRaw(...statement)) as typeof db.$queryRaw;
    const [dying, alive] = [
      createPlaces({ $queryRaw, $executeRaw: db.$executeRaw.bind(db) } as typeof db, 600),
      createPlaces(db),
    ];
    const held = await dying.take('dead.example', 1, signal);
    const taken = alive.take('dead.example', 1, signal);
    await new Promise((later) => setTimeout(later, 1_500));
    expect(held.lost.aborted).toBe(false);
    cutOff = true;
    const first = await Promise.race([taken, new Promise((lost) => held.lost.addEventListener('abort', () => lost('lost')))]);
    expect(first).toBe('lost');
    const place = await taken;
    await held.free();
    await place.free();
    const again = await alive.take('dead.example', 1, signal);
    await place.free();
    expect(
      await at.world.db.exchangePlace.findFirst({ where: { partner: 'dead.example', holder: { not: null } } }),
    ).not.toBeNull();
    await again.free();
  });

  it('RX-18 gives a place back later when the database is away at that moment', async () => {
    const { db } = at.world;
    let away = false;
    const $executeRaw = ((...statement: Parameters<typeof db.$executeRaw>) =>
      away ? Promise.reject(new Error('away')) : db.$executeRaw(...statement)) as typeof db.$executeRaw;
    const places = createPlaces({ $queryRaw: db.$queryRaw.bind(db), $executeRaw } as typeof db);
    const place = await places.take('away.example', 1, signal);
    away = true;
    await place.free();
    expect(await db.exchangePlace.count({ where: { partner: 'away.example', holder: { not: null } } })).toBe(1);
    away = false;
    await (await places.take('away.example', 1, signal)).free();
  });

  it('RX-18 lets those who wait in one process have their turn in order, and one that is called off none', async () => {
    const places = createPlaces(at.world.db);
    const first = await places.take('turn.example', 1, signal);
    const off = new AbortController();
    const came: number[] = [];
    const waiting = [0, 1, 2].map((i) =>
      places.take('turn.example', 1, i === 1 ? off.signal : signal).then(async (place) => {
        came.push(i);
        await place.free();
      }),
    );
    waiting[1]?.catch(() => undefined);
    off.abort(new Error('called off'));
    await first.free();
    expect(await Promise.allSettled(waiting)).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'called off' } },
      { status: 'fulfilled' },
    ]);
    expect(came).toEqual([0, 2]);
  });
});
