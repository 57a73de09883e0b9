import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { append, compareWithCopy, verifyChain } from '../../activities/audit.js';
import { registrySystem, type HeldEntry, type RegistrySystem } from '../../activities/registry-system.js';
import { createUpkeep } from '../../activities/upkeep.js';
import { filledList, signedList } from '../support/lists.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the audit against the copy in the registry system', () => {
  let at: University;
  let registry: RegistrySystem;
  let handedOver: number;
  beforeAll(async () => {
    at = await openUniversity();
    registry = registrySystem({ baseUrl: at.config.REGISTRY_SYSTEM_URL, token: 'token', timeoutMs: 5_000 });
    await signedList(at);
    await filledList(at);
    await swept(at);
    await at.stopWorker();
    handedOver = (await registry.last('bth'))?.seq ?? 0;
  });
  afterAll(async () => {
    await registry?.close();
    await at?.close();
  });

  const happened = (action: string) =>
    at.world.db.$transaction((tx) =>
      append(tx, { institution: 'bth', caseId: null, actor: 'system', action, outcome: 'done', at: new Date().toISOString() }),
    );
  const compared = (entriesAfter = registry.entriesAfter) => compareWithCopy(at.world.db, { entriesAfter }, 'bth');
  /** The copy as somebody changed it, in pages of three. */
  const copyWith =
    (change: (entries: HeldEntry[]) => HeldEntry[]): RegistrySystem['entriesAfter'] =>
    async (_institution, seq) =>
      change(at.simulators.registrySystem.journal('bth'))
        .filter((entry) => entry.seq > seq)
        .slice(0, 3);
  /** `npm run audit:verify`, told where to look: how it ended and what it said. */
  const verified = (registryUrl: string) =>
    new Promise<{ status: unknown; said: string }>((ended) => {
      const env = {
        PATH: process.env['PATH'],
        DATABASE_URL: at.config.DATABASE_URL,
        REGISTRY_SYSTEM_URL: registryUrl,
        REGISTRY_SYSTEM_TOKEN: 'token',
      };
      execFile(process.execPath, ['--import', 'tsx', 'api/audit-verify.ts'], { cwd: root, env }, (failure, stdout, stderr) =>
        ended({ status: failure?.code ?? 0, said: `${stdout}${stderr}` }),
      );
    });

  it('AU-02 says in one sentence where it looked when there is nothing to verify', async () => {
    const told = (more: Record<string, string>) =>
      new Promise<{ status: unknown; stderr: string }>((ended) => {
        execFile(
          process.execPath,
          ['--import', 'tsx', 'api/audit-verify.ts'],
          { cwd: root, env: { PATH: process.env['PATH'], ...more } },
          (failure, _stdout, stderr) => ended({ status: failure?.code ?? 0, stderr: stderr.trim() }),
        );
      });
    expect(await told({ REGISTRAR_DATA: '/nowhere/registrar' })).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^Set DATABASE_URL[^\n]*\/nowhere\/registrar\)\.$/),
    });
    expect(await told({ DATABASE_URL: 'postgres://nobody:secret@127.0.0.1:1/none' })).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^The database cannot be read[^\n]*$/),
    });
  });

  it('AU-01 is handed over in pieces: once its time is over the rest is for the next sweep, which goes on there', async () => {
    const kept: number[] = [];
    const fake = (slow: () => void) => ({
      last: async () => (kept.length > 0 ? { seq: kept.at(-1), hash: '' } : undefined),
      record: async (entries: readonly { seq: number | bigint }[]) => {
        kept.push(...entries.map(({ seq }) => Number(seq)));
        if (kept.length === 3) slow();
      },
    });
    const handedOverBy = async () => {
      const worker = new MockActivityEnvironment();
      const held = fake(() => worker.cancel('CANCELLED'));
      const deps = { db: at.world.db, institution: 'bth', registrySystem: held };
      await worker.run(createUpkeep(deps as unknown as Parameters<typeof createUpkeep>[0]).handOverAudit);
      return [...kept];
    };
    expect(await handedOverBy()).toEqual([1, 2, 3]);
    expect(await handedOverBy()).toEqual(Array.from({ length: handedOver }, (_, i) => i + 1));
  });

  it('AU-01 is the same entry by entry, as far as it was handed over', async () => {
    expect(handedOver).toBeGreaterThan(8);
    expect(await compared()).toEqual({ ok: true, institution: 'bth', compared: handedOver, waiting: 0 });
    await happened('test.later');
    expect(await compared()).toEqual({ ok: true, institution: 'bth', compared: handedOver, waiting: 1 });
    expect(await compared(copyWith((entries) => entries))).toEqual({
      ok: true,
      institution: 'bth',
      compared: handedOver,
      waiting: 1,
    });
    const { status, said } = await verified(at.config.REGISTRY_SYSTEM_URL);
    expect([status, said]).toEqual([
      0,
      expect.stringContaining(`bth: ${handedOver} entries are the same in the registry system, 1 are not handed over yet`),
    ]);
  });

  it.each<[string, (entries: HeldEntry[]) => HeldEntry[], string]>([
    ['a changed text', (entries) => entries.map((one) => (one.seq === 5 ? { ...one, entry: `${one.entry} ` } : one)), 'differs'],
    ['another hash', (entries) => entries.map((one) => (one.seq === 5 ? { ...one, hash: 'ab'.repeat(32) } : one)), 'differs'],
    ['a missing entry', (entries) => entries.filter((one) => one.seq !== 5), 'missing-there'],
  ])('AU-02 names the entry that is another there: %s', async (_what, change, why) => {
    expect(await compared(copyWith(change))).toEqual({ ok: false, institution: 'bth', seq: '5', why });
  });

  it('AU-02 says that it could not look when the database goes away, and not that an entry is bad', async () => {
    const { db } = at.world;
    const { status, said } = await db.$transaction(
      async (tx) => {
        await tx.$executeRaw`LOCK TABLE audit_entries IN ACCESS EXCLUSIVE MODE`;
        const ended = verified(at.config.REGISTRY_SYSTEM_URL);
        const [reader] = await eventually('the chain is being read', async () => {
          const found = await db.$queryRaw<{ pid: number }[]>`
            SELECT pid FROM pg_stat_activity WHERE application_name = 'registrar-audit-verify' AND datname = current_database() AND wait_event_type = 'Lock'`;
          return found.length > 0 && found;
        });
        await db.$queryRaw`SELECT pg_terminate_backend(${reader?.pid}::int)`;
        return ended;
      },
      { timeout: 60_000 },
    );
    expect([status, said]).toEqual([2, expect.stringMatching(/The database cannot be read \(\w+\)[^\n]*\n$/)]);
  });

  it('says that it could not compare when the registry system is away', async () => {
    const { status, said } = await verified('http://127.0.0.1:9');
    expect([status, said]).toEqual([
      2,
      expect.stringMatching(/the chain is whole[^]*bth: not compared: registry system is not available/),
    ]);
  });

  it('AU-02 proves a chain that grows while it is read', async () => {
    let more = 3;
    const busy = at.world.db.$extends({
      query: {
        auditHead: {
          findUnique: async ({ args, query }) => {
            if (more-- > 0) await happened('test.meanwhile');
            return query(args);
          },
        },
      },
    });
    const before = await at.world.db.auditEntry.count({ where: { institution: 'bth' } });
    expect(await verifyChain(busy as never, 'bth')).toMatchObject({ ok: true, entries: before + 3 });
  });

  it('AU-02 finds a chain that was cut off and given another head, which proves itself', async () => {
    const cut = handedOver - 3;
    for (const statement of [
      ...['audit_entries', 'audit_heads'].map((table) => `ALTER TABLE ${table} DISABLE TRIGGER USER`),
      `DELETE FROM audit_entries WHERE institution = 'bth' AND seq > ${cut}`,
      `UPDATE audit_heads h SET seq = a.seq, hash = a.hash FROM audit_entries a WHERE a.institution = h.institution AND a.institution = 'bth' AND a.seq = ${cut}`,
      ...['audit_entries', 'audit_heads'].map((table) => `ALTER TABLE ${table} ENABLE TRIGGER USER`),
    ])
      await at.world.db.$executeRawUnsafe(statement);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true, entries: cut });
    expect(await compared()).toEqual({ ok: false, institution: 'bth', seq: String(cut + 1), why: 'missing-here' });
    const short = await verified(at.config.REGISTRY_SYSTEM_URL);
    expect([short.status, short.said]).toEqual([
      1,
      expect.stringContaining(`bth: entry ${cut + 1} is in the registry system and not here`),
    ]);

    for (let more = 0; more < 5; more += 1) await happened('test.written-anew');
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true, entries: cut + 5 });
    expect(await compared()).toEqual({ ok: false, institution: 'bth', seq: String(cut + 1), why: 'differs' });
    const anew = await verified(at.config.REGISTRY_SYSTEM_URL);
    expect([anew.status, anew.said]).toEqual([
      1,
      expect.stringContaining(`bth: entry ${cut + 1} is another in the registry system`),
    ]);
  });
});
