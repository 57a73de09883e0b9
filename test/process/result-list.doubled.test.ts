import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import type { Ladok } from '../../activities/ladok.js';
import type { Itslearning } from '../../activities/itslearning.js';
import { createOrders } from '../../activities/orders.js';
import { listOrders } from '../../activities/result-list/orders.js';
import { newList } from '../support/lists.js';
import { openUniversity, personOf, type University } from '../support/university.js';
import { student } from '../simulators/sample.js';

describe('a register that tells of one student twice', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  it('RL-14 fetches such a student once, and an order that was carried out meanwhile adds nobody', async () => {
    const list = await newList(at, 'tove');
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const told = { studentUid: student(0).uid, personNumber: student(0).personNumber, surname: 'Öberg', givenName: 'Åsa' };
    let meanwhile: () => Promise<unknown> = async () => undefined;
    const ladok = { participants: async () => [told, told, (await meanwhile(), told)] } as unknown as Ladok;
    const carryOut = createOrders({
      db: at.world.db,
      orders: { 'result-list': listOrders({ db: at.world.db, ladok, itslearning: {} as Itslearning }) },
    });
    const order = async () => {
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
      return { id, carry: () => carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts: 1 }) };
    };

    await (await order()).carry();
    expect((await list.rows()).map((row) => row.student)).toEqual([told.studentUid]);

    await at.world.db.resultRow.deleteMany({ where: { caseId } });
    const slow = await order();
    meanwhile = () => at.world.db.order.update({ where: { id: slow.id }, data: { state: 'done' } });
    await slow.carry();
    expect(await list.rows()).toEqual([]);
  });
});
