import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { caseIdOf } from '../support/envelopes.js';
import { delivered, mailTo, sentList, type ListInHand } from '../support/lists.js';
import { proofByBankId, sign } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('reminders of a list', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  const overdue = (list: ListInHand) =>
    at.world.db.$executeRaw`UPDATE cases SET wakes_at = now() - interval '1 minute' WHERE number = ${BigInt(list.number)}`;
  const remind = async (list: ListInHand, step: number) => {
    const { outcome } = await at.world.commits.advance({
      caseId: await caseIdOf(at, list),
      command: 'remind',
      step,
      at: new Date().toISOString(),
    });
    return outcome as { status: string; case?: { step: number }; refusal?: { code: string } } | null;
  };
  const reminders = async (list: ListInHand) =>
    at.world.db.outbox.count({ where: { caseId: await caseIdOf(at, list), key: { startsWith: 'mail:reminder:' } } });
  const late = async (list: ListInHand) => {
    await at.world.db.$executeRaw`UPDATE outbox SET created_at = created_at - interval '1 hour' WHERE key LIKE 'mail:reminder:%'`;
    await swept(at);
    await delivered(list);
  };
  const mails = async (list: ListInHand) =>
    (await mailTo(at, personOf('eva').email)).filter(
      ({ subject }) => subject === `Resultatlista ${list.number} väntar fortfarande på signering`,
    );

  it('RL-37 shows by when it is to be signed and why, and takes that back when it is', async () => {
    const list = await sentList(at);
    const { due } = await list.read();
    expect(due).toMatchObject({
      rule: 'RL-37',
      why: { basis: expect.any(String), from: expect.any(String), workingDays: expect.any(Number), skipped: expect.any(Array) },
    });
    expect(due.on > due.why.from).toBe(true);
    expect((await at.as('tove').get('/result-lists?state=with-examiner')).body.items[0].due.on).toBe(due.on);
    expect((await sign(at, list, await proofByBankId(at, list))).body.case).toMatchObject({ state: 'signed', due: null });
  });

  it('RL-37 mails the examiner the last day', async () => {
    const list = await sentList(at);
    const { due, step } = await list.read();
    await overdue(list);
    expect(await remind(list, step)).toMatchObject({ status: 'done', case: { step: step + 1 } });
    await late(list);
    const [mail, ...more] = await mails(list);
    expect(more).toEqual([]);
    expect(mail?.text).toContain(due.on);
    expect(await list.read()).toMatchObject({ state: 'with-examiner', due: { on: due.on } });
  });

  it('RL-37 is mailed by the sweep where the workflow was never told of the moment that an edit has set, and once', async () => {
    const list = await sentList(at);
    await delivered(list);
    const { step } = await list.read();
    await at.world.db.$executeRaw`
      UPDATE cases SET wakes_at = now() - interval '10 minutes', changed_at = now() - interval '10 minutes', version = version + 1 WHERE number = ${BigInt(list.number)}`;
    await swept(at);
    await eventually('the reminder is promised', async () => (await reminders(list)) === 1);
    await swept(at);
    await delivered(list);
    expect(await mails(list)).toHaveLength(1);
    expect((await list.read()).step).toBe(step + 1);
  });

  it('RL-37 is refused once it is signed, and promises nothing', async () => {
    const list = await sentList(at);
    const proof = await proofByBankId(at, list);
    const before = (await list.read()).step;
    await overdue(list);
    expect((await sign(at, list, proof)).status).toBe(200);
    expect(await remind(list, before)).toBeNull();
    expect(await remind(list, (await list.read()).step)).toMatchObject({ status: 'refused', refusal: { code: 'wrong-state' } });
    expect(await reminders(list)).toBe(0);
  });

  it('RL-37 that meets the signature comes before it or not at all', async () => {
    for (let round = 0; round < 4; round += 1) {
      const list = await sentList(at);
      const proof = await proofByBankId(at, list);
      const { step } = await list.read();
      await overdue(list);
      const [signed, reminded] = await Promise.all([
        sign(at, list, proof),
        round % 2 ? remind(list, step) : new Promise((later) => setTimeout(later, 15)).then(() => remind(list, step)),
      ]);
      expect(signed.status).toBe(200);
      expect([await reminders(list), signed.body.case.step]).toEqual(reminded?.status === 'done' ? [1, step + 2] : [0, step + 1]);
    }
  });

  it('RL-37 promised but not yet on its way when the list is signed is not sent any more', async () => {
    const list = await sentList(at);
    const proof = await proofByBankId(at, list);
    await delivered(list);
    const { step } = await list.read();
    await overdue(list);
    expect(await remind(list, step)).toMatchObject({ status: 'done' });
    expect((await sign(at, list, proof)).status).toBe(200);
    await late(list);
    expect([await reminders(list), await mails(list)]).toEqual([1, []]);
  });
});
