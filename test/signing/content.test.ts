import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { alsoExaminer, audited, bankIdOrder, check, codeFor, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('a signature holds for one content, one list and one person', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(() => at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`);

  const correct = async (list: ListInHand, grade = 'C') => {
    const [row] = await list.rows('eva');
    const answer = await at
      .as('eva')
      .post(`/result-lists/${list.number}/correct`, {
        version: await list.version(),
        rows: [{ student: row.student, grade, examinationDate: '2026-11-02' }],
      });
    expect(answer.status).toBe(200);
  };
  const proofs = {
    sms: (list: ListInHand) => proofBySms(at, list),
    bankid: (list: ListInHand) => proofByBankId(at, list),
  } as const;

  it.each(['sms', 'bankid'] as const)('RL-38 refuses a proof by %s when the list was corrected after it', async (way) => {
    const list = await sentList(at);
    const before = await list.version();
    const proof = await proofs[way](list);
    await correct(list);
    expect(await at.as('eva').post(`/result-lists/${list.number}/sign`, { version: before, proof })).toMatchObject({
      status: 409,
      body: { code: 'changed-meanwhile', rule: 'RL-38' },
    });
    expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'content-changed', rule: 'RL-38' } });
    expect((await audited(at, 'result-list.sign')).at(-1)).toMatchObject({
      outcome: 'refused',
      rule: 'RL-38',
      code: 'content-changed',
      actor: personOf('eva').id,
    });
    expect((await list.read()).state).toBe('with-examiner');
    expect(await at.world.db.signature.count({ where: { proofId: proof } })).toBe(0);
    expect((await sign(at, list, await proofs[way](list))).status).toBe(200);
  });

  it.each(['sms', 'bankid'] as const)('RL-38 refuses a proof by %s when rows were changed behind the version', async (way) => {
    const list = await sentList(at);
    const proof = await proofs[way](list);
    const { id } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const kept = await at.world.db.resultRow.findFirstOrThrow({ where: { caseId: id, grade: 'B' } });
    await at.world.db.resultRow.update({ where: { id: kept.id }, data: { grade: 'A' } });
    expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'content-changed', rule: 'RL-38' } });
    await at.world.db.resultRow.update({ where: { id: kept.id }, data: { grade: 'B' } });
    expect((await sign(at, list, proof)).status).toBe(200);
  });

  it('RL-38 refuses a code that was asked for before a correction, and asks for a new one', async () => {
    const list = await sentList(at);
    const challenge = await codeFor(at, list);
    await correct(list);
    expect(await check(at, challenge, challenge.code)).toMatchObject({
      status: 409,
      body: { code: 'content-changed', rule: 'RL-38' },
    });
    expect(await at.world.db.signingProof.count({ where: { sourceId: challenge.id } })).toBe(0);
    expect(await check(at, challenge, challenge.code)).toMatchObject({ status: 409, body: { code: 'code-not-accepted' } });
    const again = await codeFor(at, list);
    expect((await check(at, again, again.code)).status).toBe(201);
  });

  it.each(['sms', 'bankid'] as const)(
    'RL-38 refuses a proof by %s from before the list was returned, also once it is sent again',
    async (way) => {
      const list = await sentList(at);
      const proof = await proofs[way](list);
      expect((await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' })).status).toBe(200);
      expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'content-changed', rule: 'RL-38' } });
      expect(await list.read()).toMatchObject({ state: 'draft', data: { returned: { reason: 'Look once more.' } } });
      expect((await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() })).status).toBe(200);
      expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'content-changed', rule: 'RL-38' } });
      expect(await at.world.db.signature.count({ where: { proofId: proof } })).toBe(0);
      expect((await sign(at, list, await proofs[way](list))).status).toBe(200);
    },
  );

  it('RL-38 refuses a code and an order that were under way when the list was returned; the examiner signs the draft by a new proof', async () => {
    const list = await sentList(at);
    const [challenge, place] = [await codeFor(at, list), await bankIdOrder(at, list)];
    expect((await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' })).status).toBe(200);
    expect(await check(at, challenge, challenge.code)).toMatchObject({
      status: 409,
      body: { code: 'content-changed', rule: 'RL-38' },
    });
    await inTheApp(at, 'sign', { personNumber: personOf('eva').personNumber });
    const { proof } = await ended(at, place);
    expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'content-changed', rule: 'RL-38' } });
    expect((await list.read()).state).toBe('draft');
    expect((await sign(at, list, await proofBySms(at, list))).status).toBe(200);
  });

  it('RL-38 refuses a proof for another list, a used one and one that has expired', async () => {
    const [list, other] = [await sentList(at), await sentList(at)];
    const [proof, foreign] = [await proofBySms(at, list), await proofBySms(at, other)];
    expect(await sign(at, list, foreign)).toMatchObject({ status: 403, body: { code: 'proof-not-valid', rule: 'RL-38' } });
    await at.world.db.$executeRaw`UPDATE signing_proofs SET expires_at = now() - interval '1 second' WHERE id = ${proof}::uuid`;
    expect(await sign(at, list, proof)).toMatchObject({ status: 409, body: { code: 'proof-not-valid', rule: 'RL-39' } });
    expect((await sign(at, other, foreign)).status).toBe(200);
    expect(await sign(at, other, foreign)).toMatchObject({ status: 409, body: { code: 'wrong-state', rule: 'RL-38' } });
    expect(await at.world.db.signature.count({ where: { proofId: foreign } })).toBe(1);
  });

  it('RL-38 lets nobody sign, ask for a code or order BankID who is not examiner of that course', async () => {
    const list = await sentList(at);
    const proof = await proofBySms(at, list);
    const version = await list.version();
    for (const login of ['erik', 'tove', 'karin']) {
      for (const [command, body] of [
        ['sign', { version, proof }],
        ['request-code', { version }],
        ['order-bankid', { version }],
      ] as const) {
        expect(await at.as(login).post(`/result-lists/${list.number}/${command}`, body)).toMatchObject({
          status: 403,
          body: { code: 'not-yours-to-give', rule: 'RL-38' },
        });
        expect((await audited(at, `result-list.${command}`)).at(-1)).toMatchObject({
          outcome: 'refused',
          actor: personOf(login).id,
          code: 'not-yours-to-give',
        });
      }
    }
    expect((await list.read()).state).toBe('with-examiner');
    expect((await sign(at, list, proof)).status).toBe(200);
  });

  it("RL-41 refuses an examiner who signs with another examiner's proof", async () => {
    await alsoExaminer(at, 'erik', 'XX1000');
    const list = await sentList(at);
    const evas = await proofBySms(at, list);
    expect(await sign(at, list, evas, 'erik')).toMatchObject({ status: 403, body: { code: 'not-your-proof', rule: 'RL-41' } });
    expect((await audited(at, 'result-list.sign')).at(-1)).toMatchObject({
      outcome: 'refused',
      rule: 'RL-41',
      code: 'not-your-proof',
      actor: personOf('erik').id,
    });
    const signed = await sign(at, list, await proofByBankId(at, list, 'erik'), 'erik');
    expect(signed.status).toBe(200);
    expect((await list.read()).data.signed.by).toBe(personOf('erik').id);
  });
});
