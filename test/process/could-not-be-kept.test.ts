import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { writeDown } from '../../activities/case/command-row.js';
import { createCommits, type Commits } from '../../activities/case/commit.js';
import { processesFrom, type Process } from '../../activities/case/registered-process.js';
import { commandKey, hashOf, seal } from '../../activities/case/seal.js';
import { secretsFrom } from '../../activities/secrets.js';
import { asDate, createDatabase, type Database, type Transaction } from '../../prisma/client.js';
import * as keyLoan from '../fixtures/toy/index.js';
import { institution, staff } from '../simulators/sample.js';
import { freshDatabase } from '../support/database.js';
import { personOf, quiet } from '../support/university.js';

const caller = personOf('karin').id;
const secrets = secretsFrom(randomBytes(32));
const day = '2026-12-01';

/** A process whose decisions write what `writing` does: a fault that no rule foresaw. */
const faulty = (writing: (tx: Transaction) => Promise<unknown>): Process => {
  const { definition, schema, rules } = keyLoan;
  const extend = (ask: never) => ({ ...rules.commands.extend(ask), writes: ['something'] });
  const due = (ask: never) => ({ ...rules.commands.due(ask), needsAttention: false, writes: ['something'] });
  return {
    workflow: 'keyLoan',
    definition,
    schema,
    rules: { ...rules, commands: { ...rules.commands, extend, due } } as unknown as Process['rules'],
    store: {
      birthFacts: async () => undefined,
      facts: async () => undefined,
      obstacle: async () => false,
      write: async (tx) => void (await writing(tx)),
    },
  };
};

describe('a command that Postgres cannot hold', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  let commits: Commits;
  let tries = 0;
  let writing: (tx: Transaction) => Promise<unknown>;

  beforeAll(async () => {
    quiet();
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    const { code, name, zone, language } = institution;
    await db.institution.create({ data: { code, name, zone, language } });
    for (const { id, givenName, surname, personNumber, email, roles } of staff) {
      await db.person.create({
        data: { id, institution: code, givenName, surname, personNumber, email, language: 'sv', changedAt: new Date() },
      });
      await db.role.createMany({ data: roles.map(({ role, from }) => ({ personId: id, role, validFrom: asDate(from) })) });
    }
    const processes = new Map([...processesFrom(secrets), ['key-loan', faulty((tx) => ((tries += 1), writing(tx)))]]);
    commits = createCommits({ db, processes, secret: secrets.envelope });
  });
  beforeEach(() => void (tries = 0));
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  async function extended() {
    const born = await commits.bear({
      kind: 'key-loan',
      key: hashOf(randomUUID()),
      caller,
      body: { key: 'A1', until: day },
      at: '2026-11-01T12:00:00Z',
    });
    if (born.status !== 'done') throw new Error(JSON.stringify(born));
    const { id } = await db.case.findFirstOrThrow({ where: { number: BigInt(born.case.number) } });
    const body = { until: day };
    const key = commandKey({ caller, about: id, command: 'extend', idempotencyKey: randomUUID() });
    await writeDown(db, { key, caseId: id, name: 'extend', caller, body, from: null });
    const envelope = seal({ key, caseId: id, command: 'extend', bodyHash: hashOf(body), caller }, secrets.envelope);
    const give = () => commits.commit({ envelope, at: '2026-11-02T12:00:00Z' });
    const entries = async () =>
      (await db.auditEntry.findMany({ where: { caseId: id }, orderBy: { seq: 'asc' } })).map(
        ({ entry }) => JSON.parse(entry) as { action: string; code?: string },
      );
    return { id, give, entries, step: async () => (await db.case.findUniqueOrThrow({ where: { id } })).step };
  }

  it.each([
    [
      'a broken rule of the database',
      '23505',
      (tx: Transaction) => tx.signingFailure.createMany({ data: [1, 2].map((inARow) => ({ personId: caller, inARow })) }),
    ],
    ['a broken rule in SQL', '23502', (tx: Transaction) => tx.$executeRaw`INSERT INTO institutions (code) VALUES ('X')`],
    ['a number that is too large', '22003', (tx: Transaction) => tx.$queryRaw`SELECT 3000000000::int`],
  ])('is refused and traced as our fault, and changes nothing: %s', async (_what, sqlstate, does) => {
    writing = does;
    const loan = await extended();
    const { outcome, adopted } = await loan.give();
    expect(outcome).toMatchObject({
      status: 'refused',
      refusal: { code: 'could-not-be-kept', rule: 'registrar', kind: 'conflict', details: { sqlstate } },
    });
    expect([adopted?.step, await loan.step(), tries]).toEqual([0, 0, 2]);
    expect((await loan.entries()).at(-1)).toMatchObject({ action: 'key-loan.extend', code: 'could-not-be-kept' });
    expect((await loan.give()).outcome).toEqual(outcome);
    expect(tries).toBe(2);
  });

  it('is decided once more, for somebody else may only have been quicker', async () => {
    writing = (tx) => (tries === 1 ? tx.$executeRaw`INSERT INTO institutions (code) VALUES ('X')` : Promise.resolve());
    const loan = await extended();
    expect((await loan.give()).outcome).toMatchObject({ status: 'done' });
    expect([await loan.step(), tries]).toEqual([1, 2]);
  });

  it('is repeated as before where the database may hold it next time', async () => {
    writing = (tx) => tx.$queryRaw`SELECT pg_terminate_backend(pg_backend_pid())`;
    const loan = await extended();
    await expect(loan.give()).rejects.toThrow();
    expect(tries).toBe(1);
  });

  it("is repeated where it is Registrar's own, and the case asks for attention until it is kept", async () => {
    writing = (tx) => tx.$executeRaw`INSERT INTO institutions (code) VALUES ('X')`;
    const { id, step } = await extended();
    const due = () => commits.advance({ caseId: id, command: 'due', step: 0, at: '2026-12-02T12:00:00Z' });
    const attention = async () => (await db.case.findUniqueOrThrow({ where: { id } })).needsAttention;
    await expect(due()).rejects.toThrow();
    expect([await attention(), await step(), tries]).toEqual([true, 0, 2]);
    writing = () => Promise.resolve();
    expect((await due()).outcome).toMatchObject({ status: 'done', case: { state: 'overdue' } });
    expect([await attention(), await step()]).toEqual([false, 1]);
  });
});
