import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { NotSent } from '../../activities/delivery.js';
import { orderReasons } from '../../workflows/order-reasons.js';
import type { Itslearning } from '../../activities/itslearning.js';
import type { Ladok } from '../../activities/ladok.js';
import { PartnerRefused, PartnerUnavailable, SaidNo } from '../../activities/outbound.js';
import { createOrders } from '../../activities/orders.js';
import { listOrders } from '../../activities/result-list/orders.js';
import { caseIdOf } from '../support/envelopes.js';
import { newList, type ListInHand } from '../support/lists.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('an order that cannot be carried out', () => {
  let at: University;
  let list: ListInHand;
  let caseId: string;
  beforeAll(async () => {
    at = await openUniversity();
    list = await newList(at, 'tove');
    caseId = await caseIdOf(at, list);
  });
  afterAll(() => at.close());

  const ordered = async () => {
    const id = randomUUID();
    await at.world.db.order.create({
      data: {
        id,
        caseId,
        name: 'fetch',
        body: { from: 'term', term: '20262' },
        orderedBy: personOf('tove').id,
        orderedAt: new Date(),
      },
    });
    return id;
  };
  const read = async (id: string) => (await at.as('tove').get(`/result-lists/${list.number}/orders/${id}`)).body;

  it.each([
    ['the register is down', new PartnerUnavailable('ladok', 'status', 503), 'register-unavailable'],
    ['somebody before the register refuses', new PartnerRefused('ladok', 403, 'No entry'), 'refused-by-register'],
    ['something is wrong with Registrar', new TypeError('participants is not iterable'), 'fault-in-registrar'],
  ] as const)('RL-10 ends at its sixth try, with a reason, when %s; nothing is added', async (_when, cause, reason) => {
    const carryOut = createOrders({
      db: at.world.db,
      orders: {
        'result-list': listOrders({
          db: at.world.db,
          ladok: { participants: () => Promise.reject(cause) } as unknown as Ladok,
          itslearning: {} as Itslearning,
        }),
      },
    });
    const id = await ordered();
    const attempt = (attempts: number) => carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts });
    for (const attempts of [1, 5]) {
      await expect(attempt(attempts)).rejects.toEqual(new NotSent(reason));
      expect((await read(id)).state).toBe('open');
    }
    await attempt(6);
    expect(await read(id)).toMatchObject({ state: 'failed', result: { reason }, reasonText: orderReasons[reason].sv });
    const inEnglish = { 'Accept-Language': 'en' };
    expect([
      (await at.as('tove').get(`/result-lists/${list.number}/orders/${id}`, inEnglish)).body,
      (await at.as('tove').get(`/result-lists/${list.number}/orders`, inEnglish)).body.items[0],
    ]).toMatchObject(Array(2).fill({ reasonText: orderReasons[reason].en }));
    expect(await list.rows()).toEqual([]);
  });

  it('RL-10 ends as well when every try was the death of its worker', async () => {
    let asked = 0;
    const carryOut = createOrders({
      db: at.world.db,
      orders: {
        'result-list': listOrders({
          db: at.world.db,
          ladok: { participants: async () => ((asked += 1), []) } as unknown as Ladok,
          itslearning: {} as Itslearning,
        }),
      },
    });
    const id = await ordered();
    await carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts: 7 });
    expect([asked, await read(id)]).toMatchObject([0, { state: 'failed', result: { reason: 'fault-in-registrar' } }]);
  });

  it('is tried again, and tells nobody more than that the fault is ours, where nothing carries it out', async () => {
    const carryOut = createOrders({ db: at.world.db, orders: {} });
    const id = await ordered();
    const attempt = (attempts: number) => carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts });
    await expect(attempt(1)).rejects.toEqual(new NotSent('fault-in-registrar'));
    await attempt(6);
    expect(await read(id)).toMatchObject({ state: 'failed', result: { reason: 'fault-in-registrar' } });
  });

  it('is tried on and on where nobody sits and waits for it', async () => {
    const away = () => Promise.reject(new PartnerUnavailable('archive', 'timeout'));
    const carryOut = createOrders({
      db: at.world.db,
      orders: { 'result-list': { fetch: Object.assign(away, { patient: true as const }) } },
    });
    const id = await ordered();
    await expect(carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts: 400 })).rejects.toEqual(
      new NotSent('archive-unavailable'),
    );
    expect(await read(id)).toMatchObject({ state: 'open', result: null });
  });

  it('says in its own words what a partner said no to, by the partner who did, at the first try', async () => {
    class NotThere extends SaidNo {
      override readonly partner = 'archive';
      override readonly staffText = 'Journalen er lukket.';
    }
    const carryOut = createOrders({
      db: at.world.db,
      orders: { 'result-list': { fetch: () => Promise.reject(new NotThere('no')) } },
    });
    const id = await ordered();
    await carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts: 1 });
    expect(await read(id)).toMatchObject({
      state: 'failed',
      result: { reason: 'refused-by-archive', message: 'Journalen er lukket.' },
    });
  });
});
