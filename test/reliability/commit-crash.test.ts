import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { command, commitsHeardOf, inPostgres, inTemporal, saying } from '../support/command.js';
import { filledList, mailTo } from '../support/lists.js';
import { audited } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

const pause = (ms: number) => new Promise((later) => setTimeout(later, ms));

describe('a worker killed between COMMIT and answer', () => {
  let at: University;
  let worker: WorkerProcess;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    worker = await firstWorkerProcess(at);
  });
  afterAll(async () => {
    await worker.kill();
    await at.close();
  });

  it.each([['send', 'withdraw'], ['withdraw', 'send']] as const)(
    'leaves one legal outcome of %s and, 60 ms behind, %s, and one answer for each key',
    async (...names) => {
      const list = await filledList(at);
      const bodies = { send: { version: await list.version() }, withdraw: {} };
      const [first, second] = names.map((name) => command(at, { login: 'tove', list: list.number, name, body: bodies[name] }));
      const letters = (await mailTo(at, personOf('eva').email)).length;
      const before = { step: (await inPostgres(at, list.number)).step, heardOf: await commitsHeardOf(at, list.number) };
      await worker.kill();
      const dying = await startWorkerProcess(at, { at: 'after-commit' });

      const answers = [first!.give(), pause(60).then(() => second!.give())];
      expect(await dying.ended).toBe('SIGKILL');
      expect((await inPostgres(at, list.number)).step).toBe(before.step + 1);
      expect(await commitsHeardOf(at, list.number)).toBe(before.heardOf);

      worker = await startWorkerProcess(at);
      await Promise.all(answers);
      const settled = await Promise.all([first!.settle(), second!.settle()]);
      const won = settled.findIndex((answer) => answer.status === 200);
      expect(settled[won]).toMatchObject({ status: 200, body: { case: { step: before.step + 1, state: names[won] === 'send' ? 'with-examiner' : 'withdrawn' } } });
      expect(settled[1 - won]).toMatchObject({ status: 409, body: { code: 'wrong-state' } });

      for (const [i, one] of [first!, second!].entries()) {
        const again = await Promise.all([1, 2, 3, 4, 5].map(() => one.give()));
        expect(new Set(again.map(saying))).toEqual(new Set([saying(settled[i]!)]));
      }
      const { id, state, step } = await inPostgres(at, list.number);
      expect({ state, step }).toEqual({ state: names[won] === 'send' ? 'with-examiner' : 'withdrawn', step: before.step + 1 });
      await eventually('the workflow stands where Postgres does', async () => {
        const seen = await inTemporal(at, list.number);
        return seen?.step === step && seen.state === state;
      });
      const entries = [...(await audited(at, 'result-list.send')), ...(await audited(at, 'result-list.withdraw'))].filter((entry) => entry.case === id);
      expect(entries.filter((entry) => entry.outcome === 'done')).toHaveLength(1);
      expect(entries.filter((entry) => entry.outcome === 'refused')).toHaveLength(1);
      expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
      if (names[won] === 'send') await eventually('the examiner is mailed', async () => (await mailTo(at, personOf('eva').email)).length > letters);
      expect((await mailTo(at, personOf('eva').email)).length - letters).toBe(names[won] === 'send' ? 1 : 0);
    },
    120_000,
  );

  it('and what works keeps no stacks of promises, which would slow each step', async () => {
    const list = await filledList(at);
    expect(await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).query('__stack_trace')).not.toMatch(/ at /);
  });
});
