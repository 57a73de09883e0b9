import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { sentList, type ListInHand } from '../support/lists.js';
import { audited, check, codeFor, proofByBankId, sign, wrong, type CodeInHand } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('the limits of the code by SMS', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    await at.world.db.$executeRaw`DELETE FROM signing_failures`;
  });

  const request = async (list: ListInHand) =>
    at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
  const spoil = async (challenge: CodeInHand, times: number) => {
    for (let by = 1; by <= times; by += 1) expect((await check(at, challenge, wrong(challenge.code, by))).status).toBe(409);
  };

  it('RL-39 counts at most three of four hundred guesses made at once', async () => {
    const challenge = await codeFor(at, await sentList(at));
    const place = 200 + Math.floor(Math.random() * 200);
    const guesses = Array.from({ length: 400 }, (_, i) => (i === place ? challenge.code : wrong(challenge.code, i + 1)));
    const keys = guesses.map(() => randomUUID());
    const answers = await Promise.all(guesses.map((code, i) => check(at, challenge, code, 'eva', keys[i])));
    for (const [i, answer] of answers.entries()) {
      const later = () => check(at, challenge, guesses[i]!, 'eva', keys[i]);
      if (answer.status === 503)
        answers[i] = await eventually('the guess is decided', async () => later().then((again) => again.status !== 503 && again));
    }
    const kept = await at.world.db.signingCode.findUniqueOrThrow({ where: { id: challenge.id } });
    expect(kept.tries).toBeLessThanOrEqual(3);
    expect(kept.tries).toBeGreaterThan(0);
    const compared = (await audited(at, 'signing.check-code')).filter(
      (entry) => entry.details.challenge === challenge.id && entry.details.try,
    );
    expect(compared).toHaveLength(kept.tries);
    const passed = answers.filter((answer) => answer.status === 201);
    expect(passed).toHaveLength(compared.filter((entry) => entry.details.why === 'passed').length);
    const others = answers.filter((answer) => answer.status !== 201);
    expect(others.filter((answer) => answer.status !== 409 || answer.body.code !== 'code-not-accepted')).toEqual([]);
    expect(await at.world.db.signingFailure.findUnique({ where: { personId: personOf('eva').id } })).toMatchObject({
      inARow: kept.tries - passed.length,
    });
  });

  it('RL-39 locks the SMS way after ten failures in a row over codes and lists, and BankID still signs', async () => {
    const lists = [await sentList(at), await sentList(at)] as const;
    for (const list of [lists[0], lists[1], lists[0]]) await spoil(await codeFor(at, list), 3);
    const last = await codeFor(at, lists[1]);
    await spoil(last, 1);
    const locked = await check(at, last, last.code);
    expect(locked).toMatchObject({ status: 409, body: { code: 'code-not-accepted', rule: 'RL-39' } });
    expect((await audited(at, 'signing.check-code')).at(-1)).toMatchObject({ outcome: 'refused', details: { why: 'locked' } });
    expect(await request(lists[0])).toMatchObject({ status: 409, body: { code: 'sms-locked', rule: 'RL-39' } });

    const signed = await sign(at, lists[0], await proofByBankId(at, lists[0]));
    expect(signed.body).toMatchObject({ case: { state: 'signed' } });
    expect((await lists[0].read()).data.signed.method).toBe('bankid');
  });

  it('RL-39 compares no more than ten codes of a person, even when open codes of several lists are guessed at once', async () => {
    const lists = await Promise.all([1, 2, 3, 4].map(() => sentList(at)));
    const challenges: CodeInHand[] = [];
    for (const list of lists) challenges.push(await codeFor(at, list));
    const guesses = challenges.flatMap((challenge) => [1, 2, 3].map((by) => check(at, challenge, wrong(challenge.code, by))));
    expect(new Set((await Promise.all(guesses)).map((answer) => answer.status))).toEqual(new Set([409]));
    expect(await at.world.db.signingFailure.findUnique({ where: { personId: personOf('eva').id } })).toMatchObject({
      inARow: 10,
    });
  });

  it('RL-39 starts the count again after a right code', async () => {
    const list = await sentList(at);
    for (let round = 0; round < 5; round += 1) {
      const challenge = await codeFor(at, list);
      await spoil(challenge, 2);
      expect((await check(at, challenge, challenge.code)).status).toBe(201);
    }
    expect(await at.world.db.signingFailure.findUnique({ where: { personId: personOf('eva').id } })).toMatchObject({
      inARow: 0,
      lockedAt: null,
    });
  });

  it('RL-39 gives five codes an hour, also to a person who asks on six lists at once', async () => {
    const lists = await Promise.all(Array.from({ length: 6 }, () => sentList(at)));
    const answers = await Promise.all(lists.map(request));
    const refused = answers.filter((answer) => answer.status !== 202);
    expect(refused).toMatchObject([{ status: 409, body: { code: 'too-many-codes', rule: 'RL-39' } }]);
    expect(
      await at.world.db.$queryRaw`SELECT count(*)::int AS n FROM signing_codes WHERE created_at > now() - interval '1 hour'`,
    ).toEqual([{ n: 5 }]);
  });

  it('RL-39 gives twenty codes a day', async () => {
    const list = await sentList(at);
    for (let given = 0; given < 20; given += 1) {
      expect((await request(list)).status).toBe(202);
      await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '61 minutes'`;
    }
    expect(await request(list)).toMatchObject({ status: 409, body: { code: 'too-many-codes', rule: 'RL-39' } });
  });
});
