import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { NotSent, Refused } from '../../activities/delivery.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { readCase, type Found } from '../../activities/case/case-row.js';
import { createPost } from '../../activities/post.js';
import { listLetters } from '../../activities/result-list/post.js';
import { MailDeferred, type Letter } from '../../activities/mail.js';
import { student } from '../simulators/sample.js';
import { caseIdOf } from '../support/envelopes.js';
import { delivered, mailTo, sentList, signedList, type ListInHand } from '../support/lists.js';
import { enter, inState, played, registeredList } from '../support/register.js';
import { audited, proofByBankId, sign } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('a letter', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  const attribute = async (list: ListInHand) => {
    const described = await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).describe();
    return described.typedSearchAttributes.getAll().find(({ key }) => key.name === 'RegistrarNeedsAttention')?.value;
  };
  const lettersOf = async (list: ListInHand, like = 'mail:') =>
    at.world.db.outbox.findMany({ where: { caseId: await caseIdOf(at, list), key: { startsWith: like } } });

  it('RL-37 has one Message-ID at every try, also when the list was corrected meanwhile', async () => {
    const list = await sentList(at);
    const [row] = await lettersOf(list);
    const tried: Letter[] = [];
    const post = createPost({
      db: at.world.db,
      mailHost: 'bth.example',
      letters: {
        'result-list': listLetters({ db: at.world.db, portal: undefined as never, publicUrl: 'https://registrar.example' }),
      },
      free: {},
      mailer: {
        send: async (letter: Letter) => {
          tried.push(letter);
          throw new MailDeferred('RCPT TO', 451);
        },
      } as never,
    });
    const attempt = (attempts: number) =>
      post({
        id: row!.id,
        institution: 'bth',
        caseId: row!.caseId,
        key: row!.key,
        payload: row!.payload as Record<string, unknown>,
        attempts,
      });
    await expect(attempt(1)).rejects.toThrow('mail-deferred');
    const correct = async (grade: string) => {
      const [first] = await list.rows('eva');
      const rows = [{ student: first.student, grade, examinationDate: '2026-11-03', score: null }];
      const corrected = await at.as('eva').post(`/result-lists/${list.number}/correct`, { version: await list.version(), rows });
      expect(corrected.status).toBe(200);
    };
    await correct('C');
    await expect(attempt(2)).rejects.toThrow('mail-deferred');
    await correct('D');
    await expect(attempt(3)).rejects.toThrow('mail-deferred');
    expect(tried).toHaveLength(3);
    expect(new Set(tried.map(({ messageId }) => messageId)).size).toBe(1);
    await delivered(list);
    const kept = (await mailTo(at, personOf('eva').email))
      .filter(({ subject }) => subject.includes(list.number))
      .map(({ messageId }) => messageId.split('@')[0]);
    expect(kept).toEqual([tried[0]?.messageId.split('@')[0]]);
  });

  it.each([
    ['RL-38', 'returned', 'Once more', ['return', 'send']],
    ['RL-53', 'signing-back', 'fungerar igen', ['sign']],
  ] as const)('%s is not sent late: %s, when it is no longer true', async (_rule, letter, words, steps) => {
    const list = await sentList(at);
    const written = async () =>
      listLetters({ db: at.world.db, portal: undefined as never, publicUrl: 'https://registrar.example' })({
        subject: ((await readCase(at.world.db, { id: await caseIdOf(at, list) })) as Found).subject,
        letter,
        to: personOf('tove').id,
        payload: {},
      });
    const given = async (step: 'return' | 'send' | 'sign') => {
      const version = await list.version();
      if (step === 'sign') return sign(at, list, await proofByBankId(at, list));
      if (step === 'send') return at.as('tove').post(`/result-lists/${list.number}/send`, { version });
      return at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Once more' });
    };
    for (const step of steps.slice(0, -1)) expect((await given(step)).status).toBe(200);
    expect((await written())?.text.join(' ')).toContain(words);
    expect((await given(steps.at(-1) as 'send')).status).toBe(200);
    expect(await written()).toBeUndefined();
  });

  it('RL-47 is tried again when the portal refuses to tell the address, and not when it does not know the student', async () => {
    const list = await sentList(at);
    await delivered(list);
    const caseId = await caseIdOf(at, list);
    const { subject } = (await readCase(at.world.db, { id: caseId })) as Found;
    const posted = (contact: () => Promise<undefined>) =>
      listLetters({ db: at.world.db, portal: { contact } as never, publicUrl: 'https://registrar.example' })({
        subject,
        letter: 'grade',
        to: student(0).uid,
        payload: {},
      });
    await expect(posted(() => Promise.reject(new PartnerRefused('student portal', 403, 'No entry')))).rejects.toEqual(
      new NotSent('portal-refused'),
    );
    await expect(posted(() => Promise.reject(new PartnerUnavailable('student portal', 'timeout')))).rejects.toEqual(
      new NotSent('portal-unavailable'),
    );
    await expect(posted(async () => undefined)).rejects.toEqual(new Refused('no-contact'));
  });

  it('RL-48 does not go while the portal refuses to show the result that it speaks of', async () => {
    const list = await signedList(at);
    await delivered(list);
    const { subject } = (await readCase(at.world.db, { id: await caseIdOf(at, list) })) as Found;
    const posted = (publish: () => Promise<unknown>) =>
      listLetters({
        db: at.world.db,
        portal: { contact: async () => ({ email: 'student@bth.example', language: 'sv' }), publish } as never,
        publicUrl: 'https://registrar.example',
      })({ subject, letter: 'grade', to: student(0).uid, payload: {} });
    for (const status of [401, 403, 409, 422])
      await expect(posted(() => Promise.reject(new PartnerRefused('student portal', status, 'No')))).rejects.toEqual(
        new NotSent('portal-refused'),
      );
    await expect(posted(() => Promise.reject(new PartnerUnavailable('student portal', 'timeout')))).rejects.toEqual(
      new NotSent('portal-unavailable'),
    );
    expect((await posted(async () => 'published'))?.text.join(' ')).toContain('visas inom kort i Studentportalen');
  });

  it('RL-38 that may not have gone keeps the attention of the list through every later step, in Postgres and in Temporal', async () => {
    at.simulators.mailbox.faults.push({ match: `DATA ${personOf('eva').email}`, effect: 'drop', times: 1 });
    const list = await sentList(at);
    await eventually('the letter is uncertain', async () => (await lettersOf(list)).some(({ state }) => state === 'uncertain'));
    await eventually('Temporal shows it', () => attribute(list));
    const seen = async (state: string) => {
      expect(await inState(list, state)).toMatchObject({ state, needsAttention: true });
      const { needsAttention, step } = await list.read();
      await eventually(
        'the workflow has heard',
        async () => (await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).query<any>('case'))?.step === step,
      );
      expect([needsAttention, await attribute(list)]).toEqual([true, true]);
    };
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
    await seen('signed');
    await enter(at, list);
    await seen('registered');
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'informed');
    expect(await list.read()).toMatchObject({ state: 'informed', needsAttention: true });
  });

  it('RL-38 that was settled leaves no attention behind at the next step', async () => {
    at.simulators.mailbox.faults.push({ match: `DATA ${personOf('eva').email}`, effect: 'drop', times: 1 });
    const list = await sentList(at);
    await eventually('the letter is uncertain', async () => (await list.read()).needsAttention);
    await at.world.db.outbox.updateMany({
      where: { caseId: await caseIdOf(at, list), state: 'uncertain' },
      data: { state: 'done' },
    });
    expect((await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Once more' })).status).toBe(200);
    expect((await list.read()).needsAttention).toBe(false);
    expect(await attribute(list)).toBe(false);
  });

  it('RL-47 to a mailbox that says "later" for ever is given up after three days: the list comes to its end and asks for attention', async () => {
    at.simulators.ladok.store.drafts = [];
    at.simulators.ladok.store.attested = [];
    const address = student(1).email;
    const before = (await mailTo(at, address)).length;
    const list = await registeredList(at);
    at.simulators.mailbox.faults.push({ match: `RCPT ${address}`, effect: 'temporary' });
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'arrived');
    await eventually(
      'only this one is left',
      async () =>
        (await lettersOf(list, 'mail:grade:')).filter(({ state, attempts }) => state !== 'done' && attempts > 0).length === 1,
    );
    await at.world.db.$executeRaw`
      UPDATE outbox SET created_at = created_at - interval '3 days', claimed_at = CASE state WHEN 'claimed' THEN claimed_at ELSE claimed_at - interval '3 days' END
      WHERE state IN ('pending', 'claimed')`;
    await swept(at);
    expect(await inState(list, 'informed')).toMatchObject({ needsAttention: true, promised: { failed: 1 } });
    expect((await mailTo(at, address)).length).toBe(before);
    expect((await audited(at, 'mail.failed')).at(-1)).toMatchObject({ actor: 'system', details: { problem: 'mail-deferred' } });
    at.simulators.mailbox.faults.length = 0;
    await swept(at);
    expect((await mailTo(at, address)).length).toBe(before);
  });
});
