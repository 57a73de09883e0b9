import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createHash } from 'node:crypto';
import { verifyChain } from '../../activities/audit.js';
import type { Transaction } from '../../prisma/client.js';
import { filledList, sentList, signedList, type ListInHand } from '../support/lists.js';
import { auditOf, swept } from '../support/staff.js';
import { openUniversity, personOf, type University } from '../support/university.js';

class Undo extends Error {}

describe('the audit', () => {
  let at: University;
  let list: ListInHand;
  let last: number;
  beforeAll(async () => {
    at = await openUniversity();
    list = await signedList(at);
    await sentList(at);
    await filledList(at, 'eva');
    last = Number((await at.world.db.auditHead.findUniqueOrThrow({ where: { institution: 'bth' } })).seq);
  });
  afterAll(() => at.close());
  const journal = () => at.simulators.registrySystem.journal('bth');

  /** What verification says after something was done behind the product's back; undone afterwards. */
  const afterTampering = async (tamper: (tx: Transaction) => Promise<unknown>, guarded = false) => {
    let report: unknown;
    await at.world.db
      .$transaction(async (tx) => {
        if (!guarded)
          for (const table of ['audit_entries', 'audit_heads', 'commands'])
            await tx.$executeRawUnsafe(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
        await tamper(tx);
        report = await verifyChain(tx as never, 'bth');
        throw new Undo();
      })
      .catch((cause: unknown) => {
        if (!(cause instanceof Undo)) throw cause;
      });
    return report;
  };

  it('AU-01 holds every entry of teacher and examiner and the signing, in the order they were made', async () => {
    const entries = await auditOf(at, `result-list/${list.number}`);
    expect(entries.map((entry) => [entry.actor, entry.action])).toEqual(
      expect.arrayContaining([
        [personOf('tove').id, 'result-list.create'],
        [personOf('tove').id, 'result-list.fetch'],
        [personOf('tove').id, 'result-list.save'],
        [personOf('tove').id, 'result-list.send'],
        [personOf('eva').id, 'result-list.request-code'],
        [personOf('eva').id, 'result-list.sign'],
      ]),
    );
    const actions = entries.map((entry) => entry.action);
    const order = ['create', 'fetch', 'save', 'send', 'request-code', 'sign'].map((name) =>
      actions.indexOf(`result-list.${name}`),
    );
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it('AU-01 is handed over to the registry system whole, in order, with its hashes', async () => {
    await swept(at);
    const kept = await at.world.db.auditEntry.findMany({ where: { institution: 'bth' }, orderBy: { seq: 'asc' } });
    expect(journal().map(({ seq, entry, hash }) => ({ seq, entry, hash }))).toEqual(
      kept.map((row) => ({ seq: Number(row.seq), entry: row.entry, hash: row.hash })),
    );
    expect(
      at.simulators.registrySystem.log.filter((line) => line['event'] === 'entry').map((line: any) => line.entry.seq),
    ).toEqual(kept.map((_row, index) => index + 1));
    let previous: string | null = null;
    for (const { entry, hash, previousHash } of journal()) {
      expect(previousHash).toBe(previous);
      expect(
        createHash('sha256')
          .update((previousHash ?? '0'.repeat(64)) + entry)
          .digest('hex'),
      ).toBe(hash);
      previous = hash;
    }
  });

  it('AU-01 goes on where it stopped when the registry system was away, and hands nothing over twice', async () => {
    const before = journal().length;
    at.simulators.registrySystem.faults.push({ match: 'PUT /journal/*', effect: '500' });
    await filledList(at);
    await swept(at);
    expect(journal()).toHaveLength(before);
    at.simulators.registrySystem.faults.length = 0;
    await swept(at);
    await swept(at);
    const head = await at.world.db.auditHead.findUniqueOrThrow({ where: { institution: 'bth' } });
    expect(journal().at(-1)).toMatchObject({ seq: Number(head.seq), hash: head.hash });
    expect(at.simulators.registrySystem.log.filter((line) => line['event'] === 'entry')).toHaveLength(Number(head.seq));
  });

  it('AU-02 proves its chain to the auditor and to operations, and to nobody else', async () => {
    const head = await at.world.db.auditHead.findUniqueOrThrow({ where: { institution: 'bth' } });
    for (const login of ['rut', 'olle'])
      expect(await at.as(login).get('/audit/verify')).toMatchObject({
        status: 200,
        body: { ok: true, institution: 'bth', entries: expect.any(Number) },
      });
    expect(Number(head.seq)).toBeGreaterThanOrEqual(last);
    for (const login of ['tove', 'eva', 'karin'])
      for (const path of ['/audit', '/audit/verify'])
        expect(await at.as(login).get(path)).toMatchObject({ status: 403, body: { rule: 'AU-02', code: 'not-yours-to-open' } });
    const refused = (await auditOf(at)).filter((entry) => entry.action.startsWith('audit.') && entry.outcome === 'refused');
    expect(refused).toHaveLength(6);
  });

  it.each([
    ['UPDATE', "UPDATE audit_entries SET entry = replace(entry, 'a', 'b') WHERE seq = 3"],
    ['DELETE', 'DELETE FROM audit_entries WHERE seq = 3'],
    ['TRUNCATE', 'TRUNCATE audit_entries'],
    ['TRUNCATE of several', 'TRUNCATE audit_entries, audit_heads CASCADE'],
    ['DELETE of the head', 'DELETE FROM audit_heads'],
    ['TRUNCATE of the head', 'TRUNCATE audit_heads'],
    ['another body of a command', `UPDATE commands SET body = jsonb_set(body, '{body,version}', '99') WHERE name = 'save'`],
    ['another caller of a command', `UPDATE commands SET caller = '${personOf('erik').id}' WHERE name = 'save'`],
    ['another outcome of a command', "UPDATE commands SET outcome = NULL WHERE name = 'save'"],
    ['another case of a command', "UPDATE commands SET case_id = NULL WHERE name = 'save'"],
    ['DELETE of a command', "DELETE FROM commands WHERE name = 'save'"],
    ['TRUNCATE of the commands', 'TRUNCATE commands'],
  ])('AU-02 refuses %s in the database itself', async (_what, statement) => {
    await expect(at.world.db.$executeRawUnsafe(statement)).rejects.toThrow('append-only');
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it.each([
    ['a changed entry', 'UPDATE audit_entries SET entry = replace(entry, \'"done"\', \'"refused"\') WHERE seq = 5', 'hash'],
    [
      'a changed entry with a new hash of its own',
      "UPDATE audit_entries SET entry = entry || ' ', hash = encode(sha256(convert_to(previous_hash || entry || ' ', 'UTF8')), 'hex') WHERE seq = 4",
      'link',
    ],
    ['a removed entry', 'DELETE FROM audit_entries WHERE seq = 5', 'gap'],
    ['a removed first entry', 'DELETE FROM audit_entries WHERE seq = 1', 'gap'],
  ])('AU-02 names the first bad entry after %s', async (what, statement, why) => {
    const seq = what.includes('first') ? '1' : '5';
    expect(await afterTampering((tx) => tx.$executeRawUnsafe(statement))).toEqual({ ok: false, institution: 'bth', seq, why });
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('AU-02 misses the newest entries when they are cut off', async () => {
    const report = await afterTampering((tx) => tx.$executeRawUnsafe('DELETE FROM audit_entries WHERE seq > 8'));
    expect(report).toEqual({ ok: false, institution: 'bth', seq: '9', why: 'head' });
  });

  it('AU-02 finds an entry that was hidden from its case', async () => {
    const report = await afterTampering((tx) =>
      tx.$executeRawUnsafe(
        'UPDATE audit_entries SET case_id = NULL WHERE seq = (SELECT min(seq) FROM audit_entries WHERE seq > 4 AND case_id IS NOT NULL)',
      ),
    );
    expect(report).toMatchObject({ ok: false, why: 'case-differs' });
  });

  it('AU-02 misses a case that was removed, and finds one that came in by the back door', async () => {
    const { id } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const first = await at.world.db.auditEntry.findFirstOrThrow({ where: { caseId: id }, orderBy: { seq: 'asc' } });
    expect(await afterTampering((tx) => tx.$executeRaw`DELETE FROM cases WHERE id = ${id}::uuid`, true)).toEqual({
      ok: false,
      institution: 'bth',
      seq: String(first.seq),
      why: 'case-missing',
    });
    const planted = (tx: Transaction) => tx.$executeRaw`
      INSERT INTO cases (id, number, kind, institution, state, data, created_by, created_at, changed_at)
      SELECT gen_random_uuid(), 987654321, kind, institution, 'signed', data, created_by, now(), now() FROM cases WHERE id = ${id}::uuid`;
    expect(await afterTampering(planted, true)).toMatchObject({ ok: false, why: 'case-missing' });
  });

  it('AU-01 names the entry whose grade is another by now, or whose command is gone', async () => {
    const saved = await at.world.db.$queryRaw<{ seq: bigint; key: string }[]>`
      SELECT seq, entry::jsonb->>'key' AS key FROM audit_entries WHERE entry::jsonb->>'action' = 'result-list.save' ORDER BY seq`;
    const { seq, key } = saved[0]!;
    const wrong = { ok: false, institution: 'bth', seq: String(seq) };
    const changed = (tx: Transaction) =>
      tx.$executeRaw`UPDATE commands SET body = jsonb_set(body, '{body,rows,0,grade}', '"C"') WHERE key = ${key}`;
    expect(await afterTampering(changed)).toEqual({ ...wrong, why: 'content-differs' });
    const removed = (tx: Transaction) => tx.$executeRaw`DELETE FROM commands WHERE key = ${key}`;
    expect(await afterTampering(removed)).toEqual({ ...wrong, why: 'content-missing' });
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('AU-02 shows the auditor what was tampered with', async () => {
    await at.world.db.$executeRawUnsafe('ALTER TABLE audit_entries DISABLE TRIGGER USER');
    await at.world.db.$executeRawUnsafe("UPDATE audit_entries SET entry = entry || ' ' WHERE seq = 7");
    await at.world.db.$executeRawUnsafe('ALTER TABLE audit_entries ENABLE TRIGGER USER');
    expect((await at.as('rut').get('/audit/verify')).body).toEqual({ ok: false, institution: 'bth', seq: '7', why: 'hash' });
  });
});
