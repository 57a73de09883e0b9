import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { adviserAmongFifty, nora, orderedFor } from '../support/exchange.js';
import { eventually, openUniversity, type University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

describe('a worker killed while it asks institutions', () => {
  let at: University;
  let worker: WorkerProcess;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    worker = await firstWorkerProcess(at);
  });
  afterAll(async () => {
    await worker?.kill();
    await at?.close();
  });

  it('RX-18 forgets no institution, brings no result in twice, and asks those again alone that had not answered', async () => {
    const { all, of } = at.simulators.institutions;
    const slow = ['alta.example', 'volda.example', 'stord.example'];
    for (const code of slow) of(code).behave({ slow: 15_000 });
    const order = await orderedFor(at, await adviserAmongFifty(at), nora);
    await eventually(
      'the slow ones alone are left',
      async () =>
        (await order.inquiries())
          .filter(({ state }) => state === 'open')
          .map(({ partner }) => partner)
          .sort()
          .join() === [...slow].sort().join(),
    );
    const before = await order.inquiries();
    await worker.kill();
    for (const code of slow) of(code).behave({ slow: 0 });
    expect(await at.world.db.exchangePlace.count({ where: { holder: { not: null } } })).toBe(slow.length);
    worker = await startWorkerProcess(at);
    const killed = Date.now();
    await order.inState('complete', 90_000);
    expect(Date.now() - killed).toBeLessThan(60_000);
    const after = await order.inquiries();
    expect(after).toHaveLength(50);
    expect(after.filter(({ partner }) => !slow.includes(partner))).toEqual(
      before.filter(({ partner }) => !slow.includes(partner)),
    );
    for (const { code, calls, most } of all) {
      expect({ code, asked: calls.filter(({ route }) => route === 'status').length }).toEqual({
        code,
        asked: slow.includes(code) ? 2 : 1,
      });
      expect(most()).toBeLessThanOrEqual(4);
      expect(new Set(calls.map(({ requestId }) => requestId)).size).toBe(1);
    }
    const studies = await at.world.db.externalStudy.findMany({ where: { personId: order.person } });
    const keys = (await at.world.db.externalResult.findMany({ where: { studyId: { in: studies.map(({ id }) => id) } } }))
      .map(({ key }) => key)
      .sort();
    expect(keys).toEqual(['e-hms-1', 'e-mat-1', 'e-mod-1', 'e-opp-1', 'e-sam-1', 'g-bac-1']);
    expect(await at.world.db.externalChange.count({ where: { caseId: order.id } })).toBe(0);
  }, 240_000);
});
