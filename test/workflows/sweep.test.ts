import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { randomUUID } from 'node:crypto';
import { queues } from '../../workflows/queues.js';
import { newList, sentList, type ListInHand } from '../support/lists.js';
import { caseIdOf } from '../support/envelopes.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('the sweep', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterEach(() => {
    at.simulators.mailbox.faults.length = 0;
  });
  afterAll(() => at.close());

  const begun = () => at.world.temporal.workflow.start('sweep', { taskQueue: queues.cases, workflowId: `sweep-${randomUUID()}` });
  const isUp = async (partner: string) => (await at.world.db.partnerHealth.findUniqueOrThrow({ where: { partner } })).up;
  const isDown = (partner: string) =>
    at.world.db.partnerHealth.upsert({
      where: { partner },
      create: { partner, up: false, failures: 3, since: new Date() },
      update: { up: false, failures: 3 },
    });
  const letterOf = async (list: ListInHand) =>
    at.world.db.outbox.findFirstOrThrow({ where: { caseId: await caseIdOf(at, list), channel: 'mail' } });
  /** A letter of a list that nobody took, as a lost workflow leaves it. */
  const leftBehind = async (): Promise<ListInHand> => {
    const list = await sentList(at);
    await eventually('the letter is sent', async () => (await letterOf(list)).state === 'done');
    await at.world.db
      .$executeRaw`UPDATE outbox SET state = 'pending', claimed_at = NULL, created_at = created_at - interval '1 hour' WHERE id = ${(await letterOf(list)).id}::uuid`;
    return list;
  };

  it('RL-52 finds out that signing is back, and hands the audit over, while a mail server hangs', async () => {
    const list = await leftBehind();
    await isDown('sms');
    at.simulators.mailbox.faults.push({ match: 'RCPT *', effect: 'hang', ms: 20_000 });
    const sweep = await begun();
    await eventually('the letter is being sent', async () => (await letterOf(list)).state === 'claimed');
    await eventually('signing is back', () => isUp('sms'));
    const head = await at.world.db.auditHead.findUniqueOrThrow({ where: { institution: 'bth' } });
    await eventually(
      'the audit is handed over',
      async () => at.simulators.registrySystem.journal('bth').at(-1)?.seq === Number(head.seq),
    );
    expect((await letterOf(list)).state).toBe('claimed');
    expect((await sweep.describe()).status.name).toBe('RUNNING');
    await at.simulators.mailbox.app.request('/__sim/faults', { method: 'DELETE' });
    await sweep.terminate();
  });

  it('finds out about every system that is down, also while one of them hangs', async () => {
    for (const partner of ['portal', 'sms', 'ladok', 'fs', 'archive']) await isDown(partner);
    at.simulators.studentPortal.faults.push({ match: 'GET /ping', effect: 'delay', ms: 8_000, times: 1 });
    const sweep = await begun();
    await eventually('the others are back', async () =>
      (await Promise.all(['sms', 'ladok', 'fs', 'archive'].map(isUp))).every(Boolean),
    );
    expect(await isUp('portal')).toBe(false);
    await sweep.result();
  });

  it('RL-52 gives each of its jobs a minute, waiting for a place included, and one try, so that what is slow keeps no other waiting', async () => {
    const sweep = await begun();
    await sweep.result();
    const jobs = ((await sweep.fetchHistory()).events ?? []).flatMap((event) => event.activityTaskScheduledEventAttributes ?? []);
    expect(jobs.map((job) => job.activityType?.name).sort()).toEqual(
      ['followFeed', 'handOverAudit', 'overdue', 'probePartners', 'startLost', 'tellOnward'].sort(),
    );
    expect(
      new Set(
        jobs.map(({ taskQueue, startToCloseTimeout, scheduleToCloseTimeout, retryPolicy }) =>
          [
            taskQueue?.name,
            Number(startToCloseTimeout?.seconds),
            Number(scheduleToCloseTimeout?.seconds),
            retryPolicy?.maximumAttempts,
          ].join(),
        ),
      ),
    ).toEqual(new Set([`${queues.upkeep},60,60,1`]));
  });

  it('delivers what other ways out have to keep, while one hangs with more letters than it takes at once; it waits a minute for that one', async () => {
    const lists: ListInHand[] = [];
    for (let i = 0; i < 4; i += 1) lists.push(await leftBehind());
    const [, , , last] = lists as [ListInHand, ListInHand, ListInHand, ListInHand];
    const order = randomUUID();
    const caseId = await caseIdOf(at, last);
    await at.world.db.order.create({
      data: { id: order, caseId, name: 'check-registrations', body: {}, orderedBy: personOf('tove').id, orderedAt: new Date() },
    });
    await at.world.db.outbox.create({
      data: {
        institution: 'bth',
        caseId,
        channel: 'order',
        key: `order:${order}`,
        payload: { order },
        createdAt: new Date(Date.now() - 120_000),
      },
    });
    at.simulators.mailbox.faults.push({ match: 'RCPT *', effect: 'hang', ms: 20_000 });
    const sweep = await begun();
    await eventually(
      'the order is carried out',
      async () => (await at.world.db.order.findUniqueOrThrow({ where: { id: order } })).state === 'done',
    );
    const events = (await sweep.fetchHistory()).events ?? [];
    expect(events.filter((event) => event.activityTaskScheduledEventAttributes?.taskQueue?.name === queues.mail)).toHaveLength(3);
    expect(events.flatMap((event) => event.timerStartedEventAttributes?.startToFireTimeout?.seconds?.toString() ?? [])).toEqual([
      '60',
    ]);
    expect((await sweep.describe()).status.name).toBe('RUNNING');
    await sweep.terminate();
  });

  it('RL-52 does its own work while the register hangs with as many orders as are carried out at once', async () => {
    at.simulators.ladok.faults.push({ match: '* /*kurstillfallesdeltagare/filtrera', effect: 'delay', ms: 12_000 });
    await isDown('portal');
    const orders = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const { number } = await newList(at, 'tove');
        const asked = await at.as('tove').post(`/result-lists/${number}/fetch`, { from: 'term', term: '20262' });
        return asked.body.answer.order as string;
      }),
    );
    const undelivered = (state: string) =>
      at.world.db.outbox.count({ where: { key: { in: orders.map((order) => `order:${order}`) }, state } });
    await eventually('every place is taken', async () => (await undelivered('claimed')) === orders.length);
    const sweep = await begun();
    await eventually('every job is done but the one that asks the register', async () => {
      const events = (await sweep.fetchHistory()).events ?? [];
      const ended = events.map((one) => one.activityTaskCompletedEventAttributes?.scheduledEventId?.toString());
      const done = events
        .filter(({ eventId }) => ended.includes(eventId?.toString()))
        .map((one) => one.activityTaskScheduledEventAttributes?.activityType?.name);
      return ['handOverAudit', 'overdue', 'probePartners', 'startLost', 'tellOnward'].every((job) => done.includes(job));
    });
    expect(await undelivered('claimed')).toBe(orders.length);
    expect(await isUp('portal')).toBe(true);
    at.simulators.ladok.faults.length = 0;
    await sweep.terminate().catch(() => undefined);
  });

  it('RL-52 ends when it is called off, and is not taken for done', async () => {
    await isDown('portal');
    at.simulators.studentPortal.faults.push({ match: 'GET /ping', effect: 'delay', ms: 1_500, times: 1 });
    const sweep = await begun();
    const asked = ({
      activityType,
      lastStartedTime,
    }: {
      activityType?: { name?: string | null } | null;
      lastStartedTime?: unknown;
    }) => activityType?.name === 'probePartners' && lastStartedTime;
    await eventually('the portal is asked', async () => (await sweep.describe()).raw.pendingActivities?.some(asked));
    await sweep.cancel();
    await expect(sweep.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  });
});
