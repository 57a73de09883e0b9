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
import { inHand, newList, type ListInHand } from '../support/lists.js';
import { MOST_STUDENTS } from '../../workflows/result-list/list.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

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

  it('RL-24 fills a list of a whole course with the first it can hold, keeps who is there, and says how many are left', async () => {
    const born = await at.as('eva').post('/result-lists', { kind: 'T34', course: 'XX1000' });
    const whole = inHand(at, born.body.case.number);
    const place = `/result-lists/${whole.number}/orders/${born.body.answer.order}`;
    await eventually('the first fetch ends', async () => (await at.as('eva').get(place)).body.state === 'done');
    const { uid } = await at.world.db.course.findFirstOrThrow({ where: { code: 'XX1000' } });
    const uidOf = (n: number) => `e9000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
    const all = Array.from({ length: MOST_STUDENTS + 2 }, (_, n) => n);
    const surname = (n: number) => `Efternamn ${String(n).padStart(4, '0')}`;
    const register = {
      courses: async () => [
        { courseInstanceUid: uid, occasionUid: 'o', scaleId: 1, modules: [{ code: 'M', instanceUid: 'm', scaleId: 1 }] },
      ],
      gradeScale: async () => ({ grades: [{ id: 1, code: 'G', passing: true }] }),
      reportRows: async ({ moduleInstanceUid }: { moduleInstanceUid: string }) =>
        moduleInstanceUid === 'm'
          ? all.map((n) => ({ studentUid: uidOf(n), attested: { resultUid: 'r', gradeId: 1, date: '2026-11-02' } }))
          : [],
      participants: async () =>
        all.toReversed().map((n) => ({ studentUid: uidOf(n), surname: surname(n), givenName: 'A', personNumber: String(n) })),
    } as unknown as Ladok;
    const last = all.at(-1) as number;
    const id = await caseIdOf(at, whole);
    await at.world.db.resultRow.create({
      data: { caseId: id, studentUid: uidOf(last), surname: surname(last), givenName: 'A', personNumber: String(last) },
    });
    const carryOut = createOrders({
      db: at.world.db,
      orders: { 'result-list': listOrders({ db: at.world.db, ladok: register, itslearning: {} as Itslearning }) },
    });
    const order = await at.world.db.order.create({
      data: {
        id: randomUUID(),
        caseId: id,
        name: 'fetch',
        body: { from: 'eligible' },
        orderedBy: personOf('eva').id,
        orderedAt: new Date(),
      },
    });
    await carryOut({ id: order.id, institution: 'bth', caseId: id, key: order.id, payload: { order: order.id }, attempts: 1 });
    expect((await at.as('eva').get(`/result-lists/${whole.number}/orders/${order.id}`)).body).toMatchObject({
      state: 'done',
      result: { added: MOST_STUDENTS - 1, alreadyThere: 1, leftOut: 2 },
    });
    const rows = await at.world.db.resultRow.findMany({ where: { caseId: id }, orderBy: { surname: 'asc' } });
    expect(rows.map((row) => row.surname)).toEqual([...all.slice(0, MOST_STUDENTS - 1), last].map(surname));

    const module = await ordered();
    await carryOut({ id: module, institution: 'bth', caseId, key: module, payload: { order: module }, attempts: 1 });
    expect(await read(module)).toMatchObject({ state: 'failed', result: { reason: 'list-full' } });
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
