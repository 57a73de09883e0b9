import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { queues } from '../../workflows/queues.js';
import { attested, inDays, keysOf, lettersTo, posted, subscribed } from '../support/subscriptions.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

describe('a worker killed while it tells subscribers', () => {
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

  const toldOf = async (login: Login) => (await at.world.db.subscriptionTold.findMany({ where: { personId: personOf(login).id }, orderBy: { studentUid: 'asc' } })).map((one) => one.studentUid);
  const begun = () => at.world.temporal.workflow.start('tellSubscribers', { taskQueue: queues.cases, workflowId: `tell-${randomUUID()}` });

  /** Keeps a case locked until what is given has ended. */
  const whileLocked = (number: string, work: () => Promise<void>): Promise<void> =>
    at.world.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM cases WHERE number = ${BigInt(number)} FOR UPDATE`;
      await work();
    });

  it('SU-01 has told some and not others; the next run tells the others, and nobody twice', async () => {
    attested(at, 'TEN1', [[0, 'B'], [1, 'C']]);
    attested(at, 'LAB1', [[0, 'G'], [1, 'G']]);
    await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(30) });
    const second = await subscribed(at.as('eva'), { course: 'XX1000', until: inDays(30) });
    await whileLocked(second, async () => {
      await begun();
      await eventually('the first is told', async () => (await toldOf('tove')).length > 0);
      await worker.kill();
    });
    expect([await toldOf('tove'), await toldOf('eva')]).toEqual([keysOf(0, 1), []]);
    worker = await startWorkerProcess(at);
    await (await begun()).result();
    expect([await toldOf('tove'), await toldOf('eva')]).toEqual([keysOf(0, 1), keysOf(0, 1)]);
    await posted(at);
    await (await begun()).result();
    await posted(at);
    for (const login of ['tove', 'eva']) expect((await lettersTo(at, login, 'XX1000')).map(({ text }) => text.slice(0, 10))).toEqual(['2 studente']);
  }, 120_000);
});
