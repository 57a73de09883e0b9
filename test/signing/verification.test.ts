import { mock } from 'node:test';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { extractText, getDocumentProxy } from 'unpdf';
import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { readCase } from '../../activities/case/case-row.js';
import { verifyList } from '../../activities/result-list/verification.js';
import type { Transaction } from '../../prisma/client.js';
import { bankIdAuthority } from '../simulators/bankid-authority.js';
import { sentList, signedList, type ListInHand } from '../support/lists.js';
import { audited, proofByBankId, sign } from '../support/signing.js';
import { openUniversity, personOf, type University } from '../support/university.js';

class Undo extends Error {}

const both = ['content', 'rows', 'record', 'proof', 'audit-entries', 'audit-chain'];
const ofBankId = [
  'content',
  'rows',
  'record',
  'proof',
  'signed-data',
  'signature',
  'certificates',
  'certificate-status',
  'evidence',
  'audit-entries',
  'audit-chain',
];
/** With a signature or a chain that does not hold nothing else of it is believed. */
const unproven = { 'signed-data': 'not-proven', 'certificate-status': 'not-proven', evidence: 'evidence-differs' };

describe('verifying a signature', () => {
  let at: University;
  let bySms: ListInHand;
  let byBankId: ListInHand;
  /** Signed with BankID by the same person, so that its evidence can be put in the place of the other's. */
  let another: ListInHand;
  let rootElsewhere: string;
  beforeAll(async () => {
    at = await openUniversity();
    const signedWithBankId = async () => {
      const list = await sentList(at);
      expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
      return list;
    };
    [bySms, another, byBankId] = [await signedList(at), await signedWithBankId(), await signedWithBankId()];
    rootElsewhere = (await bankIdAuthority()).rootPem;
  });
  afterAll(() => at.close());

  const verification = (list: ListInHand, language = 'en') =>
    at.as('karin').get(`/result-lists/${list.number}/verification`, { 'Accept-Language': language });
  const verified = async (tx: Transaction, list: ListInHand) =>
    verifyList(tx, (await readCase(tx, { kind: 'result-list', number: list.number }))?.subject as CaseView<ListData>);
  const idOf = async (list: ListInHand) =>
    (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;
  const orderOf = async (list: ListInHand) => {
    const { orderId } = await at.world.db.bankIdOrderList.findFirstOrThrow({ where: { caseId: await idOf(list) } });
    return at.world.db.bankIdOrder.findUniqueOrThrow({ where: { id: orderId } });
  };

  /**
   * The checks that do not hold, with reason and detail, after something was done behind the product's back; undone afterwards.
   */
  const afterTampering = async (list: ListInHand, tamper: (tx: Transaction, id: string) => Promise<unknown>) => {
    const id = await idOf(list);
    let report: Awaited<ReturnType<typeof verified>>;
    await at.world.db
      .$transaction(async (tx) => {
        for (const table of ['audit_entries', 'signatures'])
          await tx.$executeRawUnsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        await tamper(tx, id);
        report = await verified(tx, list);
        throw new Undo();
      })
      .catch((cause: unknown) => {
        if (!(cause instanceof Undo)) throw cause;
      });
    const failed = report?.checks.filter(({ fault }) => fault) ?? [];
    expect(report?.holds).toBe(failed.length === 0);
    return {
      reasons: Object.fromEntries(failed.map(({ name, fault }) => [name, fault?.code])),
      details: Object.fromEntries(
        failed.flatMap(({ name, fault }) => (fault?.detail === undefined ? [] : [[name, fault.detail]])),
      ),
    };
  };

  it.each(['sms', 'bankid'] as const)('RL-38 proves each check of a list that was signed by %s', async (method) => {
    const list = method === 'sms' ? bySms : byBankId;
    const { status, body } = await verification(list);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      number: list.number,
      version: await list.version(),
      rows: 12,
      holds: true,
      signed: { by: personOf('eva').id, name: 'Eva Examinator', method },
    });
    expect(body.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(body.checks.map((one: any) => one.name)).toEqual(method === 'sms' ? both : ofBankId);
    expect(body.checks.every((one: any) => one.passed && one.reason === null && one.text === null)).toBe(true);
    expect(Number(body.audit.to)).toBeGreaterThan(Number(body.audit.from));
    if (method === 'sms') expect(body.root).toBeNull();
    else expect(body.root).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(JSON.stringify(body)).not.toContain(personOf('eva').personNumber);
  });

  it('names the stretch of the audit that was walked, and the hashes at both ends', async () => {
    const { audit } = (await verification(byBankId)).body;
    const entries = await at.world.db.auditEntry.findMany({
      where: { seq: { gte: BigInt(audit.from), lte: BigInt(audit.to) } },
      orderBy: { seq: 'asc' },
    });
    expect([entries[0]?.previousHash, entries.at(-1)?.hash]).toEqual([audit.before, audit.after]);
    expect([entries[0], entries.at(-1)].map((one) => JSON.parse(one?.entry ?? '{}').action)).toEqual([
      'result-list.create',
      'result-list.sign',
    ]);
  });

  it('RL-38 is a document too, in Swedish unless asked otherwise, and none before the signing', async () => {
    const place = `/result-lists/${byBankId.number}/verification/document`;
    const fetched = async (query: string) => {
      const answer = await at.app.request(`${place}${query}`, {
        headers: { Authorization: `Bearer ${await at.simulators.identityProvider.makeToken({ sub: personOf('karin').id })}` },
      });
      expect([answer.status, answer.headers.get('Content-Type'), answer.headers.get('Cache-Control')]).toEqual([
        200,
        'application/pdf',
        'no-store',
      ]);
      return (await extractText(await getDocumentProxy(new Uint8Array(await answer.arrayBuffer())), { mergePages: true })).text;
    };
    const [sv, en] = [await fetched(''), await fetched('?language=en')];
    expect(sv).toContain('Signaturen stämmer. Alla kontroller är godkända.');
    expect(en).toContain('The signature holds. All checks passed.');
    for (const text of [sv, en])
      for (const part of [byBankId.number, 'XX1000', 'TEN1', 'Eva Examinator', (await verification(byBankId)).body.sha256])
        expect(text).toContain(part);
    expect((await at.as('karin').get(`/result-lists/${(await sentList(at)).number}/verification/document`)).status).toBe(409);
  });

  it('RL-38 has nothing to verify before the signing, and traces that somebody tried', async () => {
    const list = await sentList(at);
    expect(await verification(list)).toMatchObject({ status: 409, body: { code: 'wrong-state', rule: 'RL-38' } });
    expect((await audited(at, 'result-list.verify')).at(-1)).toMatchObject({
      outcome: 'refused',
      code: 'wrong-state',
      actor: personOf('karin').id,
    });
  });

  it('RL-38 shows in three languages that the signed content differs, when a row was changed behind its back', async () => {
    const row = await at.world.db.resultRow.findFirstOrThrow({ where: { caseId: await idOf(another), grade: 'B' } });
    await at.world.db.resultRow.update({ where: { id: row.id }, data: { grade: 'A' } });
    const [sv, nb, en] = [
      await verification(another, 'sv'),
      await verification(another, 'nb'),
      await verification(another, 'en'),
    ];
    expect(en?.body.holds).toBe(false);
    expect(en?.body.checks.filter((one: any) => !one.passed)).toEqual([
      {
        name: 'rows',
        title: 'The rows of the list are those that were signed.',
        passed: false,
        reason: 'rows-differ',
        detail: null,
        text: 'The signed content differs: rows of the list were changed after the signing.',
      },
    ]);
    const text = (answer: typeof sv) => answer?.body.checks.find((one: any) => !one.passed).text;
    expect([text(sv), text(nb)]).toEqual([
      'Det signerade innehållet avviker: listans rader har ändrats efter signeringen.',
      'Det signerte innholdet avviker: radene på listen er endret etter signeringen.',
    ]);
    await at.world.db.resultRow.update({ where: { id: row.id }, data: { grade: 'B' } });
    expect((await verification(another)).body.holds).toBe(true);
  });

  const sql = (text: string) => (tx: Transaction, id: string) => tx.$executeRawUnsafe(text, id);

  it.each<[string, string, Record<string, string>, Record<string, string>]>([
    [
      'a grade in the kept content',
      `UPDATE frozen_versions SET content = replace(content, '"grade":"B"', '"grade":"A"') WHERE case_id = $1::uuid`,
      { content: 'content-differs' },
      {},
    ],
    [
      'kept content and hash alike',
      `UPDATE frozen_versions SET content = replace(content, '"grade":"B"', '"grade":"A"'), hash = repeat('0', 64) WHERE case_id = $1::uuid`,
      { content: 'content-differs' },
      {},
    ],
    [
      'kept content made unreadable',
      `UPDATE frozen_versions SET content = '{' WHERE case_id = $1::uuid`,
      { content: 'content-differs', rows: 'not-kept' },
      {},
    ],
    [
      'kept content taken away',
      'DELETE FROM frozen_versions WHERE case_id = $1::uuid',
      { content: 'not-kept', rows: 'not-kept' },
      {},
    ],
    [
      'a row taken away',
      `DELETE FROM result_rows WHERE id = (SELECT id FROM result_rows WHERE case_id = $1::uuid LIMIT 1)`,
      { rows: 'rows-differ' },
      {},
    ],
    ['the score of a row', `UPDATE result_rows SET score = '1' WHERE case_id = $1::uuid`, { rows: 'rows-differ' }, {}],
    ['the names of the rows', `UPDATE result_rows SET surname = 'Aa' WHERE case_id = $1::uuid`, { rows: 'rows-differ' }, {}],
    [
      'the signer of the signature',
      `UPDATE signatures SET person_id = gen_random_uuid() WHERE case_id = $1::uuid`,
      { record: 'records-disagree' },
      { record: 'person' },
    ],
    [
      'the time of the signature',
      `UPDATE signatures SET signed_at = signed_at - interval '1 day' WHERE case_id = $1::uuid`,
      { record: 'records-disagree' },
      { record: 'time' },
    ],
    [
      'the signed hash in the case',
      `UPDATE cases SET data = jsonb_set(data, '{signed,hash}', to_jsonb(repeat('0', 64))) WHERE id = $1::uuid`,
      {
        content: 'content-differs',
        rows: 'rows-differ',
        record: 'records-disagree',
        proof: 'records-disagree',
        'audit-entries': 'records-disagree',
      },
      { record: 'sha256', 'audit-entries': 'sha256' },
    ],
    [
      'a proof that was never used',
      'UPDATE signing_proofs SET used_at = NULL WHERE case_id = $1::uuid',
      { proof: 'records-disagree' },
      { proof: 'used' },
    ],
    [
      'a proof for another version',
      'UPDATE signing_proofs SET version = version + 1 WHERE case_id = $1::uuid',
      { proof: 'records-disagree' },
      { proof: 'proof' },
    ],
    [
      'another proof in the signature',
      `UPDATE signatures SET proof_id = gen_random_uuid() WHERE case_id = $1::uuid`,
      { proof: 'not-kept', 'audit-entries': 'not-audited' },
      { 'audit-entries': 'signing.check-code' },
    ],
    [
      'the code, as if it had expired',
      `UPDATE signing_codes SET ending = 'replaced' WHERE case_id = $1::uuid`,
      { proof: 'records-disagree' },
      { proof: 'ending' },
    ],
    [
      "the code, as if it was another person's",
      `UPDATE signing_codes SET person_id = gen_random_uuid() WHERE case_id = $1::uuid`,
      { proof: 'records-disagree' },
      { proof: 'code' },
    ],
  ])('RL-38 finds in a list signed by SMS: %s', async (_what, text, reasons, details) => {
    const found = await afterTampering(bySms, sql(text));
    expect(found.reasons).toEqual(reasons);
    expect(found.details).toMatchObject(details);
  });

  it.each([
    ['is edited without touching a row', 'UPDATE cases SET version = version + 1 WHERE id = $1::uuid'],
    [
      'is sorted in another language',
      `UPDATE institutions SET language = 'en' FROM cases c WHERE c.id = $1::uuid AND code = c.institution`,
    ],
  ])('RL-38 still proves a list that %s after the signing', async (_what, text) => {
    expect((await afterTampering(bySms, sql(text))).reasons).toEqual({});
  });

  const action = (name: string) =>
    `institution = 'bth' AND case_id = $1::uuid AND entry LIKE '%"action":"${name}"%"outcome":"done"%'`;
  it.each<[string, string, Record<string, string>, string | undefined]>([
    [
      'the hash in the entry of the signing',
      `UPDATE audit_entries SET entry = regexp_replace(entry, '"hash":"[0-9a-f]{8}', '"hash":"00000000') WHERE ${action('result-list.sign')}`,
      { 'audit-entries': 'records-disagree', 'audit-chain': 'chain-broken' },
      'sha256',
    ],
    [
      'the signing taken away',
      `DELETE FROM audit_entries WHERE ${action('result-list.sign')}`,
      { 'audit-entries': 'not-audited', 'audit-chain': 'chain-broken' },
      'result-list.sign',
    ],
    [
      'the check of the code taken away',
      `DELETE FROM audit_entries WHERE ${action('signing.check-code')}`,
      { 'audit-entries': 'not-audited', 'audit-chain': 'chain-broken' },
      'signing.check-code',
    ],
    [
      'an entry made unreadable',
      `UPDATE audit_entries SET entry = '{' WHERE ${action('result-list.send')}`,
      { 'audit-chain': 'chain-broken' },
      undefined,
    ],
    [
      'an entry written anew with its own hash',
      `UPDATE audit_entries SET entry = entry || ' ', hash = encode(sha256(convert_to(previous_hash || entry || ' ', 'UTF8')), 'hex') WHERE ${action('result-list.send')}`,
      { 'audit-chain': 'chain-broken' },
      undefined,
    ],
    [
      'the first entry of all taken away',
      `DELETE FROM audit_entries WHERE institution = 'bth' AND case_id = $1::uuid AND seq = 1`,
      { 'audit-chain': 'chain-broken' },
      undefined,
    ],
  ])('AU-02 finds in the audit: %s', async (_what, text, reasons, detail) => {
    const found = await afterTampering(bySms, sql(text));
    expect(found.reasons).toEqual(reasons);
    if (detail) expect(found.details['audit-entries']).toBe(detail);
    if (reasons['audit-chain']) expect(found.details['audit-chain']).toMatch(/^\d+$/);
  });

  const order =
    (
      change: (
        kept: { completion: any; evidence: any },
        other: { completion: any; evidence: any },
      ) => { completion?: object; evidence?: object | string },
    ) =>
    async (tx: Transaction, id: string) => {
      const [kept, other] = [await orderOf(byBankId), await orderOf(another)];
      const made = { completion: kept.completion, evidence: kept.evidence, ...change(kept, other) };
      await tx.$executeRaw`UPDATE bankid_orders SET completion = ${JSON.stringify(made.completion)}::jsonb, evidence = ${JSON.stringify(made.evidence)}::jsonb WHERE id IN (SELECT order_id FROM bankid_order_lists WHERE case_id = ${id}::uuid)`;
    };
  const forged = (signature: string, part: RegExp, by: string) =>
    Buffer.from(Buffer.from(signature, 'base64').toString('utf8').replace(part, by)).toString('base64');
  const gone = {
    'signed-data': 'not-kept',
    signature: 'not-kept',
    certificates: 'not-kept',
    'certificate-status': 'not-kept',
    evidence: 'not-kept',
  };

  it.each<[string, (tx: Transaction, id: string) => Promise<unknown>, Record<string, string>, Record<string, string>]>([
    [
      "another list's signature in its place",
      order((_kept, other) => ({ completion: other.completion, evidence: other.evidence })),
      { 'signed-data': 'names-another', evidence: 'evidence-differs' },
      {},
    ],
    [
      'a certificate of another person than the signer',
      (tx) => tx.$executeRaw`UPDATE persons SET staff_number = '198001012392' WHERE id = ${personOf('eva').id}::uuid`,
      { 'signed-data': 'other-person' },
      {},
    ],
    [
      'another value of the signature',
      order(({ completion }) => ({
        completion: { ...completion, signature: forged(completion.signature, /<SignatureValue>..../, '<SignatureValue>AAAA') },
      })),
      { ...unproven, signature: 'signature-wrong', certificates: 'not-proven' },
      { signature: 'wrong-signature' },
    ],
    [
      'another text under the signature',
      order(({ completion }) => ({
        completion: { ...completion, signature: forged(completion.signature, /(<usrVisibleData[^>]*>)..../, '$1RGVu') },
      })),
      { ...unproven, signature: 'signature-wrong', certificates: 'not-proven' },
      { signature: 'wrong-signature' },
    ],
    [
      'another root',
      order(({ evidence }) => ({
        evidence: { ...evidence, certificateChain: [...evidence.certificateChain.slice(0, -1), rootElsewhere] },
      })),
      { ...unproven, certificates: 'chain-wrong' },
      { certificates: 'untrusted-chain' },
    ],
    [
      'another time, at which the certificates did not hold',
      order(({ evidence }) => ({ evidence: { ...evidence, judgedAt: '1999-01-01T00:00:00.000Z' } })),
      { ...unproven, certificates: 'chain-wrong' },
      { certificates: 'outside-validity' },
    ],
    [
      "another signature's OCSP answer",
      order(({ completion }, other) => ({ completion: { ...completion, ocspResponse: other.completion.ocspResponse } })),
      { 'certificate-status': 'status-wrong', evidence: 'evidence-differs' },
      { 'certificate-status': 'other-signature' },
    ],
    [
      'a moment of judgement a second later',
      order(({ evidence }) => ({
        evidence: { ...evidence, judgedAt: new Date(Date.parse(evidence.judgedAt) + 1_000).toISOString() },
      })),
      { evidence: 'evidence-differs' },
      {},
    ],
    ['evidence without certificates', order(({ evidence }) => ({ evidence: { ...evidence, certificateChain: [] } })), gone, {}],
    [
      'a root that is no certificate',
      order(({ evidence }) => ({ evidence: { ...evidence, certificateChain: ['-----BEGIN'] } })),
      gone,
      {},
    ],
    [
      'the answer of BankID taken away',
      (tx, id) =>
        tx.$executeRaw`UPDATE bankid_orders SET completion = NULL WHERE id IN (SELECT order_id FROM bankid_order_lists WHERE case_id = ${id}::uuid)`,
      gone,
      {},
    ],
    [
      'the order, as if it had failed',
      (tx, id) =>
        tx.$executeRaw`UPDATE bankid_orders SET state = 'failed' WHERE id IN (SELECT order_id FROM bankid_order_lists WHERE case_id = ${id}::uuid)`,
      { proof: 'records-disagree' },
      { proof: 'ending' },
    ],
    [
      'another version of the list in the order',
      (tx, id) => tx.$executeRaw`UPDATE bankid_order_lists SET version = version + 1 WHERE case_id = ${id}::uuid`,
      { proof: 'records-disagree' },
      { proof: 'order' },
    ],
    [
      'the list taken out of the order',
      (tx, id) => tx.$executeRaw`DELETE FROM bankid_order_lists WHERE case_id = ${id}::uuid`,
      { proof: 'not-kept' },
      {},
    ],
    [
      'the signature taken away',
      (tx, id) => tx.$executeRaw`DELETE FROM signatures WHERE case_id = ${id}::uuid`,
      { ...gone, record: 'not-kept', proof: 'not-kept', 'audit-entries': 'not-audited' },
      {},
    ],
    [
      'the order in the audit taken away',
      sql(`DELETE FROM audit_entries WHERE ${action('signing.bankid')}`),
      { evidence: 'evidence-differs', 'audit-entries': 'not-audited', 'audit-chain': 'chain-broken' },
      { 'audit-entries': 'signing.bankid' },
    ],
    [
      "another case's entry in between",
      async (tx, id) => tx.$executeRaw`
      UPDATE audit_entries SET case_id = NULL, entry = entry || ' ' WHERE case_id = ${id}::uuid AND entry LIKE '%"action":"result-list.save"%'`,
      { 'audit-chain': 'chain-broken' },
      {},
    ],
  ])('RL-40 finds in a list signed with BankID: %s', async (_what, tamper, reasons, details) => {
    const found = await afterTampering(byBankId, tamper);
    expect(found.reasons).toEqual(reasons);
    expect(found.details).toMatchObject(details);
  });

  it('RL-40 holds half a century later, when every certificate has run out', async () => {
    mock.timers.enable({ apis: ['Date'], now: new Date('2076-11-23T12:00:00Z') });
    try {
      expect(await verified(at.world.db, byBankId)).toMatchObject({ holds: true });
    } finally {
      mock.timers.reset();
    }
  });
});
