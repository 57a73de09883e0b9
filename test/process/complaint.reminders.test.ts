import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { assessedAnew, complaintIn, confirmed, protocolOf, settled, taken, type ComplaintInHand } from '../support/complaints.js';
import { mailTo } from '../support/lists.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('reminders of a complaint', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const caseOf = ({ number }: ComplaintInHand) => at.world.db.case.findFirstOrThrow({ where: { number: BigInt(number) } });
  const overdue = ({ number }: ComplaintInHand) =>
    at.world.db.$executeRaw`UPDATE cases SET wakes_at = now() - interval '1 minute' WHERE number = ${BigInt(number)}`;
  const remind = async (complaint: ComplaintInHand, step: number) =>
    (
      await at.world.commits.advance({
        caseId: (await caseOf(complaint)).id,
        command: 'remind',
        step,
        at: new Date().toISOString(),
      })
    ).outcome as { status: string; case?: object; refusal?: { code: string } } | null;
  const promised = async (complaint: ComplaintInHand) =>
    at.world.db.outbox.count({ where: { caseId: (await caseOf(complaint)).id, key: { startsWith: 'mail:reminder:' } } });
  const late = async (complaint: ComplaintInHand) => {
    await at.world.db.$executeRaw`UPDATE outbox SET created_at = created_at - interval '1 hour' WHERE key LIKE 'mail:reminder:%'`;
    await swept(at);
    await settled(complaint);
  };
  const mails = async (complaint: ComplaintInHand, login: string) =>
    (await mailTo(at, personOf(login).email)).filter(({ subject }) =>
      subject.includes(`Påminnelse: klagesak ${complaint.number}`),
    );

  it('GC-17 mails the case worker and the committee the last day', async () => {
    const complaint = await assessedAnew(at, { student: '100001' });
    await settled(complaint);
    const { due, step } = await complaint.read();
    await overdue(complaint);
    expect(await remind(complaint, step)).toMatchObject({ status: 'done', case: { step: step + 1, due: { on: due.on } } });
    await late(complaint);
    for (const login of ['siri', 'mons', 'marte'])
      expect((await mails(complaint, login)).map(({ text }) => text.includes(due.on))).toEqual([true]);
    expect(await mails(complaint, 'egil')).toEqual([]);
  });

  it('GC-17 that meet the decision come before it or not at all', async () => {
    for (const [round, student] of ['100002', '100006', '100007', '100008'].entries()) {
      const complaint = await assessedAnew(at, { student });
      await settled(complaint);
      const { step } = await complaint.read();
      await overdue(complaint);
      const [decided, reminded] = await Promise.all([
        complaint.give('siri', 'register-grade', { grade: protocolOf(at, student).karakter }),
        round % 2 ? remind(complaint, step) : new Promise((later) => setTimeout(later, 15)).then(() => remind(complaint, step)),
      ]);
      expect([decided.status, decided.body.case?.state]).toEqual([200, 'registering']);
      expect([await promised(complaint), decided.body.case.step]).toEqual(
        reminded?.status === 'done' ? [3, step + 2] : [0, step + 1],
      );
      expect((await caseOf(complaint)).dueOn).toBeNull();
    }
  });

  it('GC-17 are refused once it is decided, and one that was promised before is not sent any more', async () => {
    const complaint = await assessedAnew(at, { student: '100009' });
    await settled(complaint);
    const { step } = await complaint.read();
    await overdue(complaint);
    expect(await remind(complaint, step)).toMatchObject({ status: 'done' });
    await taken(complaint, 'siri', 'register-grade', { grade: 'B' });
    await complaintIn(complaint, 'to-check');
    await late(complaint);
    expect([await promised(complaint), ...(await mails(complaint, 'mons'))]).toEqual([3]);
    expect(await remind(complaint, (await complaint.read()).step)).toMatchObject({
      status: 'refused',
      refusal: { code: 'not-due' },
    });
  });

  it('GC-17 that is on its way to the mail server when the case is decided is not sent any more', async () => {
    const complaint = await assessedAnew(at, { student: '100003' });
    await settled(complaint);
    const { step } = await complaint.read();
    await overdue(complaint);
    expect(await remind(complaint, step)).toMatchObject({ status: 'done' });
    const { id } = await caseOf(complaint);
    at.simulators.mailbox.faults.push({ match: `RCPT ${personOf('mons').email}`, effect: 'slow', ms: 3_000, times: 1 });
    const sent = late(complaint);
    await eventually('it is held by the mail server', async () => at.simulators.mailbox.faults.length === 0);
    const [held] = await at.world.db.outbox.findMany({
      where: { caseId: id, key: { startsWith: 'mail:reminder:' }, state: 'claimed' },
    });
    expect(held?.payload).toMatchObject({ to: personOf('mons').id });
    await taken(complaint, 'siri', 'register-grade', { grade: 'B' });
    await sent;
    await settled(complaint);
    expect([
      await mails(complaint, 'mons'),
      (await at.world.db.outbox.findUniqueOrThrow({ where: { id: held?.id ?? '' } })).state,
    ]).toEqual([[], 'done']);
  });

  it('GC-36 that is withdrawn while the grade is registered ends in exactly one of the two', async () => {
    for (const student of ['100010', '100011', '100012']) {
      const complaint = await assessedAnew(at, { student });
      const answers = await Promise.all([
        complaint.give('siri', 'register-grade', { grade: protocolOf(at, student).karakter }),
        complaint.give('siri', 'withdraw', {}),
      ]);
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
      const { state, data } = await complaint.read();
      expect(state === 'withdrawn' ? 'withdrawn' : 'graded').toBe(answers[1].status === 200 ? 'withdrawn' : 'graded');
      expect(data.decision === 'withdrawn').toBe(state === 'withdrawn');
      expect((await complaint.file()).gradings).toHaveLength(state === 'withdrawn' ? 0 : 1);
    }
  });

  it('GC-17 is told with its reason, and a halted case is counted on', async () => {
    const complaint = await confirmed(at, { student: '100004' });
    const { state, due, step } = await complaint.read();
    expect([state, due]).toMatchObject(['halted', { rule: 'GC-17', why: { basis: 'received', weeks: 3 } }]);
    await settled(complaint);
    await overdue(complaint);
    expect(await remind(complaint, step)).toMatchObject({ status: 'done', case: { state: 'halted', due: { on: due.on } } });
    await late(complaint);
    expect(await mails(complaint, 'siri')).toHaveLength(1);
  });
});
