import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { seen } from '../../activities/health.js';
import { mailTo, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { alsoExaminer, audited, bankIdOrder, ended, sign } from '../support/signing.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('when signing is back', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
    await alsoExaminer(at, 'erik', 'XX1000');
  });
  afterAll(() => at.close());

  const letters = async (login: Login) =>
    (await mailTo(at, personOf(login).email)).filter((mail) => mail.subject === 'Det går att signera igen');
  const promised = async () => {
    const rows = await at.world.db.outbox.findMany({ where: { key: { startsWith: 'mail:signing-back:' } } });
    return rows.map((row) => (row.payload as { to: string }).to);
  };
  const late = () =>
    at.world.db
      .$executeRaw`UPDATE outbox SET created_at = created_at - interval '2 minutes' WHERE key LIKE 'mail:signing-back:%'`;
  const tried = async (list: ListInHand, login: Login, command = 'request-code') =>
    at.as(login).post(`/result-lists/${list.number}/${command}`, { version: await list.version() });
  const goesDown = async (way: 'sms' | 'bankid') => {
    for (let n = 0; n < 3; n += 1) await seen(at.world.db, way, false);
  };

  it('RL-53 who was refused and still has a list to sign is mailed once, whoever did not try or has signed is not', async () => {
    const [waiting, other, signed] = [await sentList(at), await sentList(at), await sentList(at)];
    const proof = await proofBySms(at, signed);
    await goesDown('sms');
    for (const [list, login] of [
      [waiting, 'eva'],
      [other, 'eva'],
      [signed, 'erik'],
    ] as const)
      expect(await tried(list, login)).toMatchObject({ status: 409, body: { code: 'signing-down' } });
    expect((await sign(at, signed, proof)).status).toBe(200);
    await swept(at);
    expect(await promised()).toEqual([personOf('eva').id]);
    await late();
    await swept(at);
    const [letter, ...more] = await eventually('the letter has come', async () => {
      const found = await letters('eva');
      return found.length > 0 && found;
    });
    expect(more).toEqual([]);
    expect(letter?.text).toContain(waiting.number);
    expect(letter?.text).toContain('inget behöver matas in igen');
    expect(await letters('erik')).toEqual([]);
    expect(await audited(at, 'signing.back')).toMatchObject([
      { actor: 'system', outcome: 'done', details: { way: 'sms', told: 1 } },
    ]);
    expect((await sign(at, waiting, await proofBySms(at, waiting))).status).toBe(200);
    expect((await sign(at, other, await proofBySms(at, other))).status).toBe(200);
  });

  it('RL-53 goes by the outage: another one is told of anew, and what was met in the one before is over', async () => {
    const list = await sentList(at);
    await goesDown('sms');
    expect((await tried(list, 'erik')).status).toBe(409);
    await Promise.all([1, 2, 3, 4].map(() => seen(at.world.db, 'sms', true)));
    expect((await promised()).sort()).toEqual([personOf('eva').id, personOf('erik').id].sort());
    await goesDown('sms');
    await seen(at.world.db, 'sms', true);
    expect(await promised()).toHaveLength(2);
    await goesDown('sms');
    expect((await tried(list, 'erik')).status).toBe(409);
    await seen(at.world.db, 'sms', true);
    expect((await promised()).filter((to) => to === personOf('erik').id)).toHaveLength(2);
  });

  it('RL-53 counts an order that was lost on the way down, and only the way that is back', async () => {
    const list = await sentList(at);
    const before = (await promised()).length;
    at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/*', effect: 'maintenance' });
    for (let n = 0; n < 3; n += 1) expect(await ended(at, await bankIdOrder(at, list))).toMatchObject({ state: 'not-started' });
    at.simulators.bankId.faults.length = 0;
    await goesDown('sms');
    await seen(at.world.db, 'sms', true);
    expect((await promised()).length).toBe(before);
    await swept(at);
    expect((await promised()).length).toBe(before + 1);
    expect((await audited(at, 'signing.back')).at(-1)).toMatchObject({ details: { way: 'bankid', told: 1 } });
  });

  it('RL-53 no failure that is no outage tells anybody', async () => {
    const before = (await promised()).length;
    await seen(at.world.db, 'sms', false);
    await seen(at.world.db, 'sms', true);
    expect((await promised()).length).toBe(before);
    expect(await at.world.db.partnerHealth.findUnique({ where: { partner: 'sms' } })).toMatchObject({ up: true, failures: 0 });
  });
});
