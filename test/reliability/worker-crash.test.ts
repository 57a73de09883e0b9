import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { queues } from '../../workflows/queues.js';
import { command, commitsHeardOf, inPostgres, inTemporal, saying } from '../support/command.js';
import { filledList, mailTo, sentList, type ListInHand } from '../support/lists.js';
import { mortalWorker } from '../support/mortal-worker.js';
import { audited, bankIdOrder, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { attested, inDays, keysOf, lettersTo, posted, subscribed } from '../support/subscriptions.js';
import { eventually, personOf, type Login } from '../support/university.js';
import type { Failpoint } from '../support/worker-process.js';

const pause = (ms: number) => new Promise((later) => setTimeout(later, ms));
const worker = mortalWorker();
/** Letters to the examiner about a list. */
const received = async (list: ListInHand) =>
  (await mailTo(worker.at, personOf('eva').email)).filter((letter) => letter.subject.includes(list.number));

describe('a worker killed while it posts a letter', () => {
  const letterOf = async (list: ListInHand) =>
    worker.at.world.db.outbox.findFirstOrThrow({
      where: { channel: 'mail', caseId: (await inPostgres(worker.at, list.number)).id },
    });

  async function sentThrough(failpoint: Failpoint['at']): Promise<ListInHand> {
    const { at } = worker;
    const list = await filledList(at);
    const dying = await worker.doomed({ at: failpoint });
    const sent = await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
    expect(sent).toMatchObject({ status: 200, body: { case: { state: 'with-examiner' } } });
    expect(await dying.ended).toBe('SIGKILL');
    expect((await letterOf(list)).state).toBe('claimed');
    await worker.replaced();
    return list;
  }

  async function expectUncertain(list: ListInHand, sink: number): Promise<void> {
    const { at } = worker;
    await eventually('the letter is uncertain', async () => (await letterOf(list)).state === 'uncertain');
    expect(await letterOf(list)).toMatchObject({ attempts: 1, problem: 'died-in-the-gap', claimedBy: null });
    expect(await received(list)).toHaveLength(sink);
    const shown = await list.read();
    expect(shown).toMatchObject({ state: 'with-examiner', needsAttention: true });
    expect(shown.promised).toMatchObject({ uncertain: 1 });
    expect(
      (await at.as('karin').get('/result-lists?attention=true')).body.items.map((item: { number: string }) => item.number),
    ).toContain(list.number);
    expect((await audited(at, 'mail.uncertain')).at(-1)).toMatchObject({
      actor: 'system',
      details: { problem: 'died-in-the-gap' },
    });
    await swept(at);
    expect(await received(list)).toHaveLength(sink);
    expect((await letterOf(list)).state).toBe('uncertain');
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  }

  it('after the claim and before sending: nothing went, the letter is uncertain, and the sweep finds it', async () => {
    const list = await sentThrough('mail-before-send');
    await worker.at.world.db
      .$executeRaw`UPDATE outbox SET claimed_at = claimed_at - interval '6 minutes' WHERE state = 'claimed'`;
    await swept(worker.at);
    await expectUncertain(list, 0);
  });

  it('after sending and before recording: it went once, is uncertain, and the next attempt sends nothing', async () => {
    const list = await sentThrough('mail-after-send');
    await worker.missed(`result-list/${list.number}`);
    await expectUncertain(list, 1);
  });
});

describe('a worker killed while it sends a code by SMS', () => {
  it('RL-39 has sent it once: that it may have gone is kept, and no later attempt and no sweep sends it again', async () => {
    const { at } = worker;
    const list = await sentList(at);
    const dying = await worker.doomed({ at: 'sms-after-send' });
    const asked = await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    expect(asked.status).toBe(202);
    expect(await dying.ended).toBe('SIGKILL');
    const code = async () =>
      at.world.db.outbox.findFirstOrThrow({ where: { channel: 'sms', caseId: (await inPostgres(at, list.number)).id } });
    expect(await code()).toMatchObject({ state: 'claimed', attempts: 1 });

    await worker.replaced();
    await worker.missed(`result-list/${list.number}`);
    await eventually('it is uncertain', async () => (await code()).state === 'uncertain');
    await swept(at);
    expect(await code()).toMatchObject({ state: 'uncertain', attempts: 1, problem: 'died-in-the-gap', claimedBy: null });
    const messages = at.simulators.elks.phone(personOf('eva').mobile).filter(({ text }) => text.includes(` ${list.number} `));
    expect(messages).toHaveLength(1);
    const place = asked.headers.get('Location') ?? '';
    const typed = await at.as('eva').post(`${place}/check`, { code: /(\d{5})\./.exec(messages[0]!.text)?.[1] });
    expect((await sign(at, list, typed.body.proof)).body).toMatchObject({ case: { state: 'signed' } });
  });
});

describe("a worker killed between BankID's answer and its storing", () => {
  it('RL-40 shows a signature whose completion died with the worker as not received: sign again', async () => {
    const { at } = worker;
    const list = await sentList(at);
    const dying = await worker.doomed({ at: 'bankid-after-complete' });
    const place = await bankIdOrder(at, list);
    await inTheApp(at, 'sign', { personNumber: personOf('eva').personNumber });
    expect(await dying.ended).toBe('SIGKILL');
    expect((await at.as('eva').get(place)).body).toMatchObject({ state: 'started', proof: null });

    await worker.replaced();
    await worker.missed(`bankid-order/${place.split('/').at(-1)}`);
    const lost = await eventually('the order has ended', async () => {
      const { body } = await at.as('eva').get(place, { 'Accept-Language': 'en' });
      return body.state !== 'started' && body;
    });
    expect(lost).toMatchObject({ state: 'lost', proof: null, text: 'The signature was not received. Sign again.' });
    expect(await ended(at, place)).toMatchObject({ text: 'Underskriften nådde inte fram. Signera igen.' });
    expect((await audited(at, 'signing.bankid')).at(-1)).toMatchObject({ outcome: 'refused', rule: 'RL-40', code: 'lost' });
    expect((await list.read()).state).toBe('with-examiner');
    expect((await sign(at, list, await proofByBankId(at, list))).body).toMatchObject({ case: { state: 'signed' } });
  });
});

describe('a worker killed between COMMIT and answer', () => {
  it.each([
    ['send', 'withdraw'],
    ['withdraw', 'send'],
  ] as const)(
    'leaves one legal outcome of %s and, 60 ms behind, %s, and one answer for each key',
    async (...names) => {
      const { at } = worker;
      const list = await filledList(at);
      const bodies = { send: { version: await list.version() }, withdraw: {} };
      const [first, second] = names.map((name) => command(at, { login: 'tove', list: list.number, name, body: bodies[name] }));
      const letters = async () => (await received(list)).length;
      const before = { step: (await inPostgres(at, list.number)).step, heardOf: await commitsHeardOf(at, list.number) };
      const dying = await worker.doomed({ at: 'after-commit' });

      const answers = [first!.give(), pause(60).then(() => second!.give())];
      expect(await dying.ended).toBe('SIGKILL');
      expect((await inPostgres(at, list.number)).step).toBe(before.step + 1);
      expect(await commitsHeardOf(at, list.number)).toBe(before.heardOf);

      await worker.replaced();
      await Promise.all(answers);
      const settled = await Promise.all([first!.settle(), second!.settle()]);
      const won = settled.findIndex((answer) => answer.status === 200);
      expect(settled[won]).toMatchObject({
        status: 200,
        body: { case: { step: before.step + 1, state: names[won] === 'send' ? 'with-examiner' : 'withdrawn' } },
      });
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
      const entries = [...(await audited(at, 'result-list.send')), ...(await audited(at, 'result-list.withdraw'))].filter(
        (entry) => entry.case === id,
      );
      expect(entries.filter((entry) => entry.outcome === 'done')).toHaveLength(1);
      expect(entries.filter((entry) => entry.outcome === 'refused')).toHaveLength(1);
      expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
      if (names[won] === 'send') await eventually('the examiner is mailed', async () => (await letters()) > 0);
      expect(await letters()).toBe(names[won] === 'send' ? 1 : 0);
    },
    120_000,
  );
});

describe('a worker killed while it tells subscribers', () => {
  const toldOf = async (login: Login) =>
    (
      await worker.at.world.db.subscriptionTold.findMany({
        where: { personId: personOf(login).id },
        orderBy: { studentUid: 'asc' },
      })
    ).map((one) => one.studentUid);
  const begun = () =>
    worker.at.world.temporal.workflow.start('tellSubscribers', { taskQueue: queues.cases, workflowId: `tell-${randomUUID()}` });

  /** Keeps a case locked until what is given has ended. */
  const whileLocked = (number: string, work: () => Promise<void>): Promise<void> =>
    worker.at.world.db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM cases WHERE number = ${BigInt(number)} FOR UPDATE`;
      await work();
    });

  it('SU-01 has told some and not others; the next run tells the others, and nobody twice', async () => {
    const { at } = worker;
    attested(at, 'TEN1', [
      [0, 'B'],
      [1, 'C'],
    ]);
    attested(at, 'LAB1', [
      [0, 'G'],
      [1, 'G'],
    ]);
    await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(30) });
    const second = await subscribed(at.as('eva'), { course: 'XX1000', until: inDays(30) });
    await whileLocked(second, async () => {
      await begun();
      await eventually('the first is told', async () => (await toldOf('tove')).length > 0);
      await worker.kill();
    });
    expect([await toldOf('tove'), await toldOf('eva')]).toEqual([keysOf(0, 1), []]);
    await worker.replaced();
    await (await begun()).result();
    expect([await toldOf('tove'), await toldOf('eva')]).toEqual([keysOf(0, 1), keysOf(0, 1)]);
    await posted(at);
    await (await begun()).result();
    await posted(at);
    for (const login of ['tove', 'eva'])
      expect((await lettersTo(at, login, 'XX1000')).map(({ text }) => text.slice(0, 10))).toEqual(['2 studente']);
  }, 120_000);
});
