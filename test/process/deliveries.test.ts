import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { caseQuery, searchAttributes } from '../../workflows/case-workflow.js';
import { student } from '../simulators/sample.js';
import { delivered, filledList, mailTo, sentList, signedList, type ListInHand } from '../support/lists.js';
import { enter, inState, played, registeredList } from '../support/register.js';
import { auditOf, newcomer, swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('a letter that is uncertain or failed', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    at.simulators.mailbox.faults.length = 0;
    await eventually(
      'no letter is on its way',
      async () => (await at.world.db.outbox.count({ where: { channel: 'mail', state: { in: ['pending', 'claimed'] } } })) === 0,
    );
  });

  const address = (list: ListInHand, rest = '') => `/result-lists/${list.number}/deliveries${rest}`;
  const troubled = async (list: ListInHand, login: Login = 'karin'): Promise<any[]> =>
    (await at.as(login).get(address(list))).body.items;
  const mend = (list: ListInHand, id: string, how: string, login: Login = 'olle', key: string = randomUUID()) =>
    at.as(login).post(address(list, `/${id}/${how}`), {}, { key });
  const letters = async (list: ListInHand, login: string) =>
    (await mailTo(at, personOf(login).email)).filter((letter) => letter.subject.includes(list.number));
  const needsAttention = async (list: ListInHand) => (await list.read()).needsAttention;
  const shownToOperators = async (list: ListInHand) => {
    const handle = at.world.temporal.workflow.getHandle(`result-list/${list.number}`);
    const [described, seen] = [await handle.describe(), await handle.query(caseQuery)];
    return [described.typedSearchAttributes.get(searchAttributes.needsAttention), seen?.needsAttention];
  };
  const traces = async (list: ListInHand) =>
    (await auditOf(at, `result-list/${list.number}`)).filter((entry) => /\.(send-again|settled)$/.test(entry.action));

  /** A list whose letter to the examiner was refused by the mail server, or came to an unknown end. */
  async function troubledList(effect: 'permanent' | 'accept-then-drop' = 'permanent'): Promise<{ list: ListInHand; id: string }> {
    at.simulators.mailbox.faults.push({
      match: `${effect === 'permanent' ? 'RCPT' : 'DATA'} ${personOf('eva').email}`,
      effect,
      times: 1,
    });
    const list = await sentList(at);
    const [one] = await eventually('the letter is in trouble', async () => {
      const found = await troubled(list);
      return found.length === 1 && found;
    });
    return { list, id: one.id };
  }

  it('RL-37 is told with what is known of it, and without a name or an address', async () => {
    const { list } = await troubledList();
    expect(await troubled(list)).toEqual([
      {
        id: expect.any(String),
        channel: 'mail',
        state: 'failed',
        problem: 'mail-refused',
        problemText: null,
        letter: 'sent-to-examiner',
        to: personOf('eva').id,
        attempts: 1,
        promisedAt: expect.stringMatching(/^\d{4}-.*Z$/),
        endedAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
    ]);
    const other = await troubledList('accept-then-drop');
    expect(await troubled(other.list)).toMatchObject([{ state: 'uncertain', problem: 'unknown-outcome' }]);
    const sound = await sentList(at);
    await delivered(sound);
    expect(await troubled(sound)).toEqual([]);
  });

  it('RL-37 is sent again once under one key, with the same Message-ID, and then nobody has to look any more, in Postgres and in Temporal', async () => {
    const { list, id } = await troubledList('accept-then-drop');
    await eventually('operators see it', async () => (await shownToOperators(list)).every(Boolean));
    expect(await needsAttention(list)).toBe(true);
    const key = randomUUID();
    const again = await mend(list, id, 'send-again', 'olle', key);
    expect(again).toMatchObject({ status: 200, body: { id, state: 'pending', needsAttention: false } });
    expect(await mend(list, id, 'send-again', 'olle', key)).toMatchObject({ status: 200, body: again.body });
    const [first, second, ...more] = await eventually('it has arrived twice', async () => {
      const found = await letters(list, 'eva');
      return found.length > 1 && found;
    });
    expect(more).toEqual([]);
    expect(second?.messageId).toBe(first?.messageId);
    expect(await troubled(list)).toEqual([]);
    expect(await needsAttention(list)).toBe(false);
    await eventually('operators see that it is over', async () =>
      (await shownToOperators(list)).every((shown) => shown === false),
    );
    expect((await list.read()).state).toBe('with-examiner');
    expect((await traces(list)).map((entry) => [entry.action, entry.outcome, entry.actor, entry.details.was])).toEqual([
      ['result-list.send-again', 'done', personOf('olle').id, 'uncertain'],
    ]);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('RL-37 counts as done when somebody says that it is settled, and is not sent', async () => {
    const { list, id } = await troubledList();
    expect(await mend(list, id, 'settled', 'karin')).toMatchObject({
      status: 200,
      body: { id, state: 'done', needsAttention: false },
    });
    expect(await troubled(list)).toEqual([]);
    expect((await list.read()).promised).not.toHaveProperty('failed');
    await eventually('operators see that it is over', async () =>
      (await shownToOperators(list)).every((shown) => shown === false),
    );
    await swept(at);
    expect(await letters(list, 'eva')).toEqual([]);
    expect(await traces(list)).toMatchObject([
      { action: 'result-list.settled', outcome: 'done', actor: personOf('karin').id, details: { was: 'failed' } },
    ]);
  });

  it('RL-37 is mended once: what is on its way or done is refused, and so is what is no letter of this list', async () => {
    const { list, id } = await troubledList();
    const other = await troubledList();
    const sms = await at.world.db.outbox.create({
      data: {
        institution: 'bth',
        caseId: (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id,
        channel: 'sms',
        key: `sms:${randomUUID()}`,
        payload: {},
        state: 'uncertain',
      },
    });
    await mend(list, id, 'settled');
    for (const how of ['settled', 'send-again']) {
      expect(await mend(list, id, how)).toMatchObject({ status: 409, body: { code: 'not-troubled' } });
      expect(await mend(list, other.id, how)).toMatchObject({ status: 404, body: { code: 'no-such-page' } });
      expect(await mend(list, sms.id, how)).toMatchObject({ status: 404, body: { code: 'no-such-page' } });
      expect(await at.as('olle').post(`/result-lists/999999999999999/deliveries/${id}/${how}`)).toMatchObject({
        status: 404,
        body: { code: 'no-such-case' },
      });
    }
    expect(await troubled(other.list)).toHaveLength(1);
    expect((await traces(list)).filter((entry) => entry.outcome === 'refused').map((entry) => entry.code)).toEqual([
      'not-troubled',
      'no-such-page',
      'no-such-page',
      'not-troubled',
      'no-such-page',
      'no-such-page',
    ]);
    expect((await auditOf(at)).filter((entry) => entry.code === 'no-such-case' && entry.details.promise === id)).toHaveLength(2);
    expect(await letters(list, 'eva')).toEqual([]);
  });

  it('RL-37 keeps the list in sight until the last one is mended', async () => {
    const { list, id } = await troubledList();
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const second = await at.world.db.outbox.create({
      data: {
        institution: 'bth',
        caseId,
        channel: 'mail',
        key: `mail:${randomUUID()}`,
        payload: { letter: 'signed', to: personOf('karin').id },
        state: 'uncertain',
        doneAt: new Date(),
      },
    });
    expect(await mend(list, id, 'settled')).toMatchObject({ body: { needsAttention: true } });
    expect(await needsAttention(list)).toBe(true);
    expect(await mend(list, second.id, 'settled')).toMatchObject({ body: { needsAttention: false } });
    expect(await needsAttention(list)).toBe(false);
  });

  it('RL-46 does not hide rows that the register refused', async () => {
    await played(at.simulators.ladok, '/__sim/obstacle', {
      studentUID: student(2).uid,
      vid: 'skapa',
      text: 'Studenten har ett hinder',
    });
    const list = await registeredList(at);
    await played(at.simulators.ladok, '/__sim/obstacle', { studentUID: student(2).uid, borttagen: true });
    expect(await needsAttention(list)).toBe(true);
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const letter = await at.world.db.outbox.create({
      data: {
        institution: 'bth',
        caseId,
        channel: 'mail',
        key: `mail:${randomUUID()}`,
        payload: { letter: 'signed', to: personOf('karin').id },
        state: 'failed',
        doneAt: new Date(),
      },
    });
    expect(await mend(list, letter.id, 'settled')).toMatchObject({ status: 200, body: { needsAttention: true } });
    expect(await needsAttention(list)).toBe(true);
  });

  it.each<[Login, number]>([
    ['olle', 200],
    ['karin', 200],
    ['eva', 200],
    ['tove', 200],
    ['erik', 403],
    ['rut', 403],
  ])(
    'RL-03 is mended by operations, the course office, the examiner and whoever made the list: %s is answered %i',
    async (login, status) => {
      const { list, id } = await troubledList();
      expect((await at.as(login).get(address(list))).status).toBe(200);
      const answer = await mend(list, id, 'settled', login);
      expect(answer.status).toBe(status);
      if (status !== 403) return;
      expect(answer.body.code).toBe('not-yours-to-give');
      expect(await traces(list)).toMatchObject([
        { action: 'result-list.settled', outcome: 'refused', code: 'not-yours-to-give', actor: personOf(login).id },
      ]);
      expect(await troubled(list)).toHaveLength(1);
    },
  );

  it('RL-03 is shown to nobody who may not open the list', async () => {
    const { list } = await troubledList();
    const guest = await newcomer(at, [{ role: 'planner' }]);
    expect(await guest.get(address(list))).toMatchObject({ status: 403, body: { code: 'not-yours-to-open' } });
  });

  it('RL-47 goes out again from a list that has ended, and is told page by page', async () => {
    const list = await signedList(at);
    await enter(at, list);
    await inState(list, 'registered');
    for (const index of [1, 3, 5])
      at.simulators.mailbox.faults.push({ match: `RCPT ${student(index).email}`, effect: 'permanent', times: 1 });
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'informed');
    expect(await needsAttention(list)).toBe(true);
    const lost = await troubled(list);
    expect(lost.map((one) => one.to).sort()).toEqual([1, 3, 5].map((index) => student(index).uid).sort());
    const pages: any[] = [];
    for (let next: string | null = ''; next !== null;) {
      const { body }: any = await at.as('karin').get(address(list, `?limit=1${next ? `&after=${next}` : ''}`));
      pages.push(...body.items);
      next = body.next;
    }
    expect(pages).toEqual(lost);

    for (const one of lost) expect((await mend(list, one.id, 'send-again', 'karin')).status).toBe(200);
    expect(await needsAttention(list)).toBe(false);
    await at.world.db.$executeRaw`UPDATE outbox SET created_at = created_at - interval '2 minutes' WHERE state = 'pending'`;
    await swept(at);
    for (const index of [1, 3, 5])
      expect((await mailTo(at, student(index).email)).filter((letter) => letter.subject.includes('XX1000'))).not.toEqual([]);
    expect(await list.read()).toMatchObject({ state: 'informed', needsAttention: false, promised: { done: expect.any(Number) } });
    expect((await list.read()).promised).not.toHaveProperty('pending');
  });

  it('RL-37 has its whole time before it when it is sent again', async () => {
    const list = await filledList(at);
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const old = await at.world.db.outbox.create({
      data: {
        institution: 'bth',
        caseId,
        channel: 'mail',
        key: `mail:${randomUUID()}`,
        payload: { letter: 'sent-to-examiner', to: personOf('eva').id },
        state: 'failed',
        attempts: 40,
        createdAt: new Date('2026-01-01'),
        doneAt: new Date(),
      },
    });
    at.simulators.mailbox.faults.push({ match: `RCPT ${personOf('eva').email}`, effect: 'temporary', times: 1 });
    expect((await mend(list, old.id, 'send-again')).status).toBe(200);
    await eventually(
      'it has arrived at the second try',
      async () => (await at.world.db.outbox.findUniqueOrThrow({ where: { id: old.id } })).state === 'done',
    );
  });
});
