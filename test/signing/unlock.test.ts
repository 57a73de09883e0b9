import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { sentList } from '../support/lists.js';
import { audited, check, codeFor, wrong } from '../support/signing.js';
import { openUniversity, personOf, type University } from '../support/university.js';

const eva = personOf('eva').id;
const reason = 'Anna Andersson asked at the desk, with an identity card.';

describe('opening the SMS way of somebody who is locked out', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    await at.world.db.$executeRaw`DELETE FROM signing_failures`;
  });
  const lock = () => at.world.db.signingFailure.create({ data: { personId: eva, inARow: 10, lockedAt: new Date() } });
  const unlock = (login: string, person = eva, key: string = randomUUID()) =>
    at.as(login).post(`/people/${person}/unlock-signing`, { reason }, { key });
  const traces = () => audited(at, 'people.unlock-signing');

  it('RL-39 is done by operations: the next code signs, and the count of wrong ones begins anew', async () => {
    const list = await sentList(at);
    for (const times of [3, 3, 3, 1]) {
      const challenge = await codeFor(at, list);
      for (let by = 1; by <= times; by += 1) await check(at, challenge, wrong(challenge.code, by));
    }
    expect(await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() })).toMatchObject(
      { status: 409, body: { code: 'sms-locked' } },
    );
    expect(await unlock('olle')).toMatchObject({ status: 200, body: { person: eva, locked: false } });
    const challenge = await codeFor(at, list);
    expect((await check(at, challenge, wrong(challenge.code))).status).toBe(409);
    expect(await at.world.db.signingFailure.findUnique({ where: { personId: eva } })).toEqual({
      personId: eva,
      inARow: 1,
      lockedAt: null,
    });
    expect((await check(at, challenge, challenge.code)).status).toBe(201);
  });

  it('RL-39 is traced with who did it, for whom and under which command; the reason stands with the command and not in the audit', async () => {
    await lock();
    await unlock('olle');
    const entry = (await traces()).at(-1);
    expect(entry).toMatchObject({
      actor: personOf('olle').id,
      outcome: 'done',
      details: { person: eva },
      key: expect.any(String),
      requestId: expect.any(String),
    });
    expect(JSON.stringify(entry)).not.toContain('Andersson');
    expect(await at.world.db.command.findUnique({ where: { key: entry.key } })).toMatchObject({
      caller: personOf('olle').id,
      name: 'unlock-signing',
      body: { body: { reason } },
    });
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('RL-39 happens once under its key: a lock that came later stays', async () => {
    await lock();
    const key = randomUUID();
    const before = (await traces()).length;
    const first = await unlock('olle', eva, key);
    await at.world.db.$executeRaw`UPDATE signing_failures SET in_a_row = 10, locked_at = now()`;
    expect(await unlock('olle', eva, key)).toMatchObject({ status: 200, body: first.body });
    expect((await at.world.db.signingFailure.findUniqueOrThrow({ where: { personId: eva } })).lockedAt).not.toBeNull();
    expect(await at.as('olle').post(`/people/${eva}/unlock-signing`, { reason: 'Another reason.' }, { key })).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
    expect((await traces()).slice(before).map((entry) => [entry.outcome, entry.code])).toEqual([
      ['done', undefined],
      ['refused', 'key-used-otherwise'],
    ]);
    expect(await unlock('olle')).toMatchObject({ status: 200 });
  });

  it('RL-39 happens once under its key in whatever letters the id of the person is written', async () => {
    await lock();
    const key = randomUUID();
    const first = await unlock('olle', eva, key);
    expect(await unlock('olle', eva.toUpperCase(), key)).toMatchObject({ status: 200, body: first.body });
  });

  it('RL-39 is refused and traced for whoever is not locked, for a stranger, and by anybody but operations', async () => {
    expect(await unlock('olle')).toMatchObject({ status: 409, body: { code: 'not-locked', rule: 'RL-39' } });
    await at.world.db.signingFailure.create({ data: { personId: eva, inARow: 9, lockedAt: null } });
    expect(await unlock('olle')).toMatchObject({ status: 409, body: { code: 'not-locked' } });
    expect((await at.world.db.signingFailure.findUniqueOrThrow({ where: { personId: eva } })).inARow).toBe(9);
    expect(await unlock('olle', randomUUID())).toMatchObject({ status: 404, body: { code: 'no-such-person' } });
    await at.world.db.$executeRaw`UPDATE signing_failures SET in_a_row = 10, locked_at = now()`;
    for (const login of ['tove', 'eva', 'karin', 'rut'])
      expect(await unlock(login)).toMatchObject({ status: 403, body: { code: 'not-yours-to-give', rule: 'RL-39' } });
    expect((await traces()).slice(-4).map((entry) => [entry.actor, entry.outcome, entry.code])).toEqual(
      ['tove', 'eva', 'karin', 'rut'].map((login) => [personOf(login).id, 'refused', 'not-yours-to-give']),
    );
    expect((await at.world.db.signingFailure.findUniqueOrThrow({ where: { personId: eva } })).lockedAt).not.toBeNull();
  });

  it('RL-39 does not reach a person of another institution', async () => {
    await lock();
    await at.world.db.institution.create({ data: { code: 'other', name: 'Other', zone: 'Europe/Oslo', language: 'nb' } });
    await at.world.db.person.update({ where: { id: eva }, data: { institution: 'other' } });
    expect(await unlock('olle')).toMatchObject({ status: 404, body: { code: 'no-such-person' } });
    expect((await at.world.db.signingFailure.findUniqueOrThrow({ where: { personId: eva } })).lockedAt).not.toBeNull();
  });
});
