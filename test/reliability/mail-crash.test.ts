import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { filledList, mailTo, type ListInHand } from '../support/lists.js';
import { audited } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess, type Failpoint, type WorkerProcess } from '../support/worker-process.js';

describe('a worker killed while it posts a letter', () => {
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

  const letterOf = async (list: ListInHand) => at.world.db.outbox.findFirstOrThrow({ where: { channel: 'mail', caseId: (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id } });
  const received = async (list: ListInHand) => (await mailTo(at, personOf('eva').email)).filter((letter) => letter.subject.includes(list.number));

  async function sentThrough(failpoint: Failpoint['at']): Promise<ListInHand> {
    const list = await filledList(at);
    await worker.kill();
    const dying = await startWorkerProcess(at, { at: failpoint });
    const sent = await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
    expect(sent).toMatchObject({ status: 200, body: { case: { state: 'with-examiner' } } });
    expect(await dying.ended).toBe('SIGKILL');
    expect((await letterOf(list)).state).toBe('claimed');
    worker = await startWorkerProcess(at);
    return list;
  }

  async function expectUncertain(list: ListInHand, sink: number): Promise<void> {
    await eventually('the letter is uncertain', async () => (await letterOf(list)).state === 'uncertain', 100_000);
    expect(await letterOf(list)).toMatchObject({ attempts: 1, problem: 'died-in-the-gap', claimedBy: null });
    expect(await received(list)).toHaveLength(sink);
    const shown = await list.read();
    expect(shown).toMatchObject({ state: 'with-examiner', needsAttention: true });
    expect(shown.promised).toMatchObject({ uncertain: 1 });
    expect((await at.as('karin').get('/result-lists?attention=true')).body.items.map((item: { number: string }) => item.number)).toContain(list.number);
    expect((await audited(at, 'mail.uncertain')).at(-1)).toMatchObject({ actor: 'system', details: { problem: 'died-in-the-gap' } });
    await swept(at);
    expect(await received(list)).toHaveLength(sink);
    expect((await letterOf(list)).state).toBe('uncertain');
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  }

  it('after the claim and before sending: nothing went, the letter is uncertain, and the sweep finds it', async () => {
    const list = await sentThrough('mail-before-send');
    await at.world.db.$executeRaw`UPDATE outbox SET claimed_at = claimed_at - interval '6 minutes' WHERE state = 'claimed'`;
    await swept(at);
    await expectUncertain(list, 0);
    expect(await received(list)).toEqual([]);
  }, 120_000);

  it('after sending and before recording: it went once, is uncertain, and the next attempt sends nothing', async () => {
    const list = await sentThrough('mail-after-send');
    await expectUncertain(list, 1);
    expect(await received(list)).toHaveLength(1);
  }, 180_000);
});
