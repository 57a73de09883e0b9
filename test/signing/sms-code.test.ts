import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList } from '../support/lists.js';
import { changeStaff } from '../support/staff.js';
import { audited, check, codeFor, sign, wrong } from '../support/signing.js';
import { eventually, openUniversity, personOf, type Answer, type University } from '../support/university.js';

const seenBy = ({ status, body, headers }: Answer) => {
  const { requestId, instance, ...rest } = body;
  expect([typeof requestId, typeof instance]).toEqual(['string', 'string']);
  return { status, type: headers.get('Content-Type'), language: headers.get('Content-Language'), rest };
};

const forgetLimits = (at: University) =>
  at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;

describe('the code by SMS', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  it('RL-39 sends five digits to the number in the staff register and signs with them', async () => {
    const list = await sentList(at);
    const challenge = await codeFor(at, list);
    expect(challenge.code).toMatch(/^\d{5}$/);
    expect(at.simulators.elks.phone(personOf('eva').mobile)).toHaveLength(1);
    expect(at.simulators.elks.phone()).toHaveLength(1);
    const typed = await check(at, challenge, challenge.code);
    expect(typed.status).toBe(201);
    const signed = await sign(at, list, typed.body.proof);
    expect(signed.body).toMatchObject({ case: { state: 'signed' } });
    expect((await list.read()).data.signed).toMatchObject({ method: 'sms', by: personOf('eva').id });
    expect(await audited(at, 'signing.check-code')).toMatchObject([
      { outcome: 'done', actor: personOf('eva').id, details: { why: 'passed', challenge: challenge.id } },
    ]);
  });

  it('RL-39 refuses a wrong, old, used, strange, unknown and over-guessed code with one and the same answer, and the audit keeps why', async () => {
    await forgetLimits(at);
    const [list, other] = [await sentList(at), await sentList(at)];
    const answers: Record<string, Answer> = {};

    const used = await codeFor(at, list);
    expect((await check(at, used, used.code)).status).toBe(201);
    answers['used'] = await check(at, used, used.code);

    const replaced = await codeFor(at, list);
    const old = await codeFor(at, list);
    answers['replaced'] = await check(at, replaced, replaced.code);
    answers['wrong'] = await check(at, old, wrong(old.code));
    await at.world.db.$executeRaw`UPDATE signing_codes SET expires_at = now() - interval '1 second' WHERE id = ${old.id}::uuid`;
    answers['expired'] = await check(at, old, old.code);

    const guessed = await codeFor(at, other);
    for (const by of [1, 2, 3]) await check(at, guessed, wrong(guessed.code, by));
    answers['guessed-too-often'] = await check(at, guessed, guessed.code);

    const evas = await codeFor(at, list);
    answers['somebody-else'] = await check(at, evas, evas.code, 'erik');
    answers['unknown'] = await check(at, { place: `/signing/codes/${randomUUID()}` }, '12345');

    const english = { 'Accept-Language': 'en' };
    const first = await at.as('eva').post(`${used.place}/check`, { code: used.code }, { headers: english });
    const same = await Promise.all(
      Object.entries(answers).map(async ([name, answer]) => (name === 'somebody-else' ? undefined : seenBy(answer))),
    );
    expect(new Set(same.filter(Boolean).map((seen) => JSON.stringify(seen))).size).toBe(1);
    const eriks = await at.as('erik').post(`${evas.place}/check`, { code: evas.code }, { headers: english });
    expect(seenBy(eriks)).toEqual(seenBy(first));
    expect(first).toMatchObject({ status: 409, body: { code: 'code-not-accepted', rule: 'RL-39' } });

    const refused = (await audited(at, 'signing.check-code')).filter((entry) => entry.outcome === 'refused');
    const why = (challenge: string) =>
      refused.filter((entry) => entry.details.challenge === challenge).map((entry) => entry.details.why);
    expect(why(used.id)).toEqual(['used', 'used']);
    expect(why(replaced.id)).toEqual(['replaced']);
    expect(why(old.id)).toEqual(['wrong', 'expired']);
    expect(why(guessed.id)).toEqual(['wrong', 'wrong', 'wrong', 'guessed-too-often']);
    expect(why(evas.id)).toEqual(['somebody-else', 'somebody-else']);
    expect(refused.find((entry) => entry.details.challenge === evas.id)).toMatchObject({
      actor: personOf('erik').id,
      case: null,
    });
    expect(refused.at(-3)?.details.why).toBe('unknown');

    expect((await check(at, evas, evas.code)).status).toBe(201);
  });

  it('RL-39 shows a code to nobody but the person who asked for it', async () => {
    await forgetLimits(at);
    const challenge = await codeFor(at, await sentList(at));
    expect((await at.as('eva').get(challenge.place)).body).toMatchObject({ state: 'sent', digits: 5 });
    const [strange, none] = [await at.as('erik').get(challenge.place), await at.as('erik').get(`/signing/codes/${randomUUID()}`)];
    expect(strange.status).toBe(404);
    expect(seenBy(strange)).toEqual(seenBy(none));
  });

  it('RL-39 counts one try for one Idempotency-Key however often it comes, and refuses the key with another code', async () => {
    await forgetLimits(at);
    const challenge = await codeFor(at, await sentList(at));
    const key = randomUUID();
    const answers = await Promise.all(Array.from({ length: 12 }, () => check(at, challenge, wrong(challenge.code), 'eva', key)));
    expect(new Set(answers.map((answer) => `${answer.status} ${answer.body.code}`))).toEqual(new Set(['409 code-not-accepted']));
    expect((await at.world.db.signingCode.findUnique({ where: { id: challenge.id } }))?.tries).toBe(1);
    expect(await check(at, challenge, challenge.code, 'eva', key)).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
    expect((await at.world.db.signingCode.findUnique({ where: { id: challenge.id } }))?.tries).toBe(1);

    const right = randomUUID();
    const passed = await Promise.all(Array.from({ length: 8 }, () => check(at, challenge, challenge.code, 'eva', right)));
    expect(passed.map((answer) => answer.status)).toEqual(Array(8).fill(201));
    expect(new Set(passed.map((answer) => answer.body.proof)).size).toBe(1);
    expect(await at.world.db.signingProof.count({ where: { sourceId: challenge.id } })).toBe(1);
  });

  it('RL-39 sends a code once, however the provider answers: an unknown end is shown and never repeated', async () => {
    await forgetLimits(at);
    const list = await sentList(at);
    const ask = async () =>
      (await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() })).headers.get(
        'Location',
      ) ?? '';
    const sent = () => at.simulators.elks.store.messages.length;
    const state = (place: string, wanted: string) =>
      eventually(`the code is ${wanted}`, async () => (await at.as('eva').get(place)).body.state === wanted);
    const before = sent();

    at.simulators.elks.faults.push({ match: 'POST /a1/sms', effect: 'timeout-after-commit', times: 1, ms: 10 });
    const gone = await ask();
    await state(gone, 'uncertain');
    expect(sent()).toBe(before + 1);
    expect((await list.read()).needsAttention).toBe(false);

    at.simulators.elks.faults.push({ match: 'POST /a1/sms', effect: '429', times: 2 });
    const late = await ask();
    await state(late, 'sent');
    expect(sent()).toBe(before + 2);
    expect(
      await at.world.db.outbox.findMany({
        where: { channel: 'sms', key: { in: [gone, late].map((place) => `sms:${place.split('/').at(-1)}`) } },
        orderBy: { createdAt: 'asc' },
      }),
    ).toMatchObject([
      { state: 'uncertain', attempts: 1 },
      { state: 'done', attempts: 3 },
    ]);
  });

  it('RL-39 asks for the mobile number of the staff register, and for a day of rest after it was changed', async () => {
    await forgetLimits(at);
    const list = await sentList(at);
    const ask = async () => at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    const eva = { where: { id: personOf('eva').id } };
    await at.world.db.person.update({ ...eva, data: { mobileChangedAt: new Date() } });
    expect(await ask()).toMatchObject({ status: 409, body: { code: 'mobile-changed', rule: 'RL-39' } });
    await at.world.db.person.update({ ...eva, data: { mobileChangedAt: null, mobile: null } });
    expect(await ask()).toMatchObject({ status: 409, body: { code: 'no-mobile', rule: 'RL-39' } });
    await at.world.db.person.update({ ...eva, data: { mobile: personOf('eva').mobile as string } });
    expect((await ask()).status).toBe(202);
  });

  it('RL-39 sends no code to a number that the staff register told of after it was asked for, and says why', async () => {
    await forgetLimits(at);
    const list = await sentList(at);
    const sent = () => at.simulators.elks.store.messages.length;
    const before = sent();
    // The provider takes nothing until the number has been changed.
    at.simulators.elks.faults.push({ match: 'POST /a1/sms', effect: '429', times: 1 });
    const asked = await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    const place = asked.headers.get('Location') ?? '';
    await eventually('it was tried', async () =>
      at.world.db.outbox.findFirst({ where: { key: `sms:${place.split('/').at(-1)}`, attempts: 1, state: 'pending' } }),
    );
    await changeStaff(at, personOf('eva').id, { mobile: '+46700000000' });
    try {
      const failed = await eventually('the code has failed', async () => {
        const { body } = await at.as('eva').get(place, { 'Accept-Language': 'en' });
        return body.state === 'failed' && body;
      });
      expect(failed).toMatchObject({
        problem: 'mobile-changed',
        problemText: 'The mobile number was changed less than a day ago. Sign with BankID or wait.',
      });
      expect(sent()).toBe(before);
      expect((await list.read()).needsAttention).toBe(false);
    } finally {
      await changeStaff(at, personOf('eva').id, { mobile: personOf('eva').mobile });
    }
  });
});
