import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { caseQuery, mendedSignal } from '../../workflows/case-workflow.js';
import { addDays } from '../../workflows/rules/civil-time.js';
import { complaintIn, complaintInHand, mathematics, opened, taken, type ComplaintInHand } from '../support/complaints.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('a complaint that nobody has confirmed', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterEach(() => {
    at.simulators.fs.faults.length = 0;
  });
  afterAll(() => at?.close());

  const workflowOf = ({ number }: ComplaintInHand) => at.world.temporal.workflow.getHandle(`complaint/${number}`);
  const rowOf = ({ number }: ComplaintInHand) => at.world.db.case.findFirstOrThrow({ where: { number: BigInt(number) } });

  it('GC-08 has its workflow wait for the new deadline when the day of receipt is changed', async () => {
    const complaint = await opened(at, { student: '100001' });
    const { version, data, step } = await complaint.read();
    const before = await eventually('the workflow heard of the reading', async () => {
      const seen = await workflowOf(complaint).query(caseQuery);
      return seen?.state === 'to-confirm' && seen;
    });
    await taken(complaint, 'siri', 'describe', { version, received: addDays(data.received, -2) });
    const { due } = await complaint.read();
    expect(due.on).toBe(addDays(before.due?.on ?? '', -2));
    const heard = await eventually(
      'the workflow heard of the edit',
      async () => {
        const seen = await workflowOf(complaint).query(caseQuery);
        return seen?.due?.on === due.on && seen;
      },
      15_000,
    );
    expect(heard).toMatchObject({
      step,
      due: { on: due.on, ends: due.ends },
      wake: (await rowOf(complaint)).wakesAt?.toISOString(),
    });
    const { events } = await workflowOf(complaint).fetchHistory();
    const timers = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [timer.startToFireTimeout?.seconds?.toString()] : [],
    );
    expect(timers.length).toBeGreaterThan(1);
    expect(timers.at(-1)).not.toBe(timers.at(-2));
  });

  it('GC-17 has a deadline and is reminded of while FS does not answer, and goes on when it does', async () => {
    at.simulators.fs.faults.push({ match: '*', effect: '500' });
    const made = await at.as('siri').post('/complaints', { type: 'grading', unit: mathematics, student: '100002' });
    const complaint = complaintInHand(at, made.body.case.number);
    expect(await complaint.read()).toMatchObject({
      state: 'opened',
      due: { rule: 'GC-17', why: { basis: 'received', weeks: 3 } },
    });
    await eventually(
      'the workflow waits',
      async () =>
        (
          await workflowOf(complaint)
            .query(caseQuery)
            .catch(() => undefined)
        )?.wake,
    );
    await at.world.db
      .$executeRaw`UPDATE cases SET wakes_at = now() + interval '2 seconds', version = version + 1 WHERE number = ${BigInt(complaint.number)}`;
    await workflowOf(complaint).signal(mendedSignal);
    const { id } = await rowOf(complaint);
    await eventually(
      'it has reminded',
      async () => (await at.world.db.outbox.count({ where: { caseId: id, key: { startsWith: 'mail:reminder:' } } })) === 1,
      20_000,
    );
    expect(await complaint.read()).toMatchObject({ state: 'opened', step: 1 });
    at.simulators.fs.faults.length = 0;
    expect(await complaintIn(complaint, 'to-confirm')).toMatchObject({ step: 2, waitingFor: 'case-worker' });
  });
});
