import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../activities/bundle.js';
import { writeDown, type Outcome } from '../../activities/case/command-row.js';
import { createCommits, type Commits } from '../../activities/case/commit.js';
import { processesFrom } from '../../activities/case/registered-process.js';
import { commandKey, hashOf, seal } from '../../activities/case/seal.js';
import { payloadKeys } from '../../activities/codec.js';
import { secretsFrom } from '../../activities/secrets.js';
import { dataConverter, searchAttributeTypes } from '../../activities/temporal.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import * as registry from '../../workflows/processes.js';
import type { CommitActivities, DeliveryActivities } from '../../workflows/case-workflow.js';
import { queues } from '../../workflows/queues.js';
import { addDays, dayOf, endOfDay } from '../../workflows/rules/civil-time.js';
import * as keyLoan from '../fixtures/toy/index.js';
import { institution, staff } from '../simulators/sample.js';
import { freshDatabase } from '../support/database.js';
import { eventually, personOf, quiet } from '../support/university.js';
import { patiently } from '../support/skipping.js';

const workflowFile = fileURLToPath(new URL('../fixtures/toy/workflow.ts', import.meta.url));
const ZONE = 'Europe/Oslo';
const caller = personOf('karin').id;
const secrets = secretsFrom(randomBytes(32));
const types = { Keyword: 2, Bool: 5, Datetime: 6 } as const;

let skipping: TestWorkflowEnvironment;
let client: Client;
let database: Awaited<ReturnType<typeof freshDatabase>>;
let db: Database;
let commits: Commits;
let worker: Worker;
let running: Promise<void>;

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
  commits = createCommits({ db, processes: processesFrom(secrets, { ...registry, keyLoan }), secret: secrets.envelope });
  const converter = dataConverter(payloadKeys(`k1:${randomBytes(32).toString('base64')}`));
  skipping = await patiently(() =>
    TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path: process.env['TEST_TIME_SKIPPING'] as string } },
      client: { dataConverter: converter },
    }),
  );
  client = skipping.client;
  const searchAttributes = Object.fromEntries(
    Object.entries(searchAttributeTypes()).map(([key, type]) => [key, types[type as keyof typeof types]]),
  );
  await skipping.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  const { codePath } = await workflowBundle({ more: { keyLoan: workflowFile } });
  const { open, commit, advance } = commits;
  const activities: CommitActivities & DeliveryActivities = {
    open,
    commit,
    advance,
    deliver: async () => ({ needsAttention: false }),
  };
  worker = await Worker.create({
    connection: skipping.nativeConnection,
    taskQueue: queues.cases,
    workflowBundle: { codePath },
    dataConverter: converter,
    activities,
  });
  running = worker.run();
}, 120_000);

afterAll(async () => {
  worker?.shutdown();
  await running;
  await skipping?.teardown();
  await db?.$disconnect();
  await database?.drop();
});

interface Loan {
  readonly id: string;
  readonly number: string;
  readonly on: string;
  readonly ends: string;
}

const now = async () => new Date(await skipping.currentTimeMs()).toISOString();
const workflowOf = (loan: Loan) => client.workflow.getHandle(`key-loan/${loan.number}`);

async function lent(days: number): Promise<Loan> {
  const at = await now();
  const on = addDays(dayOf(at, ZONE), days);
  const born = await commits.bear({ kind: 'key-loan', key: hashOf(randomUUID()), caller, body: { key: 'A1', until: on }, at });
  if (born.status !== 'done') throw new Error(`no loan was made: ${JSON.stringify(born)}`);
  const { id, number } = await db.case.findFirstOrThrow({ where: { number: BigInt(born.case.number) } });
  const input = { caseId: id, kind: 'key-loan', institution: institution.code };
  await client.workflow.start('keyLoan', { taskQueue: queues.cases, workflowId: `key-loan/${number}`, args: [input] });
  const loan = { id, number: String(number), on, ends: endOfDay(on, ZONE) };
  await timer(loan);
  return loan;
}

const timers = async (loan: Loan) =>
  ((await workflowOf(loan).fetchHistory()).events ?? []).flatMap((event) => event.timerStartedEventAttributes ?? []);
const timer = (loan: Loan, count = 1) => eventually('the workflow waits', async () => (await timers(loan)).length === count);

async function give(loan: Loan, command: string, body: object): Promise<Outcome> {
  const key = commandKey({ caller, about: loan.id, command, idempotencyKey: randomUUID() });
  await writeDown(db, { key, caseId: loan.id, name: command, caller, body, from: null });
  const envelope = seal({ key, caseId: loan.id, command, bodyHash: hashOf(body), caller }, secrets.envelope);
  return workflowOf(loan).executeUpdate<Outcome, [unknown]>(command, { args: [envelope] });
}

const stateOf = async (loan: Loan) => (await db.case.findUniqueOrThrow({ where: { id: loan.id } })).state;
const dues = (loan: Loan) => db.command.findMany({ where: { caseId: loan.id, name: 'due' } });
const until = async (moment: string, ms: number) =>
  skipping.sleep(Math.max(0, Date.parse(moment) + ms - (await skipping.currentTimeMs())));
const overdue = (loan: Loan) => eventually('the loan is overdue', async () => (await stateOf(loan)) === 'overdue');

describe('a deadline', () => {
  it('is committed once when it has passed, under the case and the step it belongs to', async () => {
    const loan = await lent(21);
    await until(loan.ends, -1_000);
    expect([await stateOf(loan), await dues(loan)]).toEqual(['lent', []]);
    await until(loan.ends, 1_000);
    await overdue(loan);
    const [due, ...more] = await dues(loan);
    expect(more).toEqual([]);
    expect(due?.key).toBe(hashOf({ system: loan.id, command: 'due', step: 0 }));
    expect(due?.outcome).toMatchObject({ status: 'done', case: { state: 'overdue', step: 1 } });
    const late = (due?.decidedAt?.getTime() ?? 0) - Date.parse(loan.ends);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
    const again = await commits.advance({ caseId: loan.id, command: 'due', step: 0, at: await now() });
    expect(again.outcome).toEqual(due?.outcome);
    expect(await dues(loan)).toHaveLength(1);
    expect(await workflowOf(loan).query('case')).toMatchObject({ step: 1, state: 'overdue', needsAttention: true, due: null });
  });

  it('is kept by an answer one second before it, and nothing is committed later', async () => {
    const loan = await lent(5);
    await until(loan.ends, -1_000);
    expect(await give(loan, 'return', {})).toMatchObject({ status: 'done', case: { state: 'returned', step: 1 } });
    await until(loan.ends, 10 * 86_400_000);
    expect(await workflowOf(loan).result()).toEqual({ state: 'returned' });
    expect(await dues(loan)).toEqual([]);
    expect(await stateOf(loan)).toBe('returned');
  });

  it('has passed for an answer one second after it', async () => {
    const loan = await lent(5);
    await until(loan.ends, 1_000);
    await overdue(loan);
    expect(await give(loan, 'extend', { until: addDays(loan.on, 7) })).toMatchObject({
      status: 'refused',
      refusal: { code: 'wrong-state', rule: 'KEY-3' },
    });
    expect(await give(loan, 'return', {})).toMatchObject({ status: 'done', case: { state: 'returned', step: 2 } });
    expect(await dues(loan)).toHaveLength(1);
    expect(await workflowOf(loan).result()).toEqual({ state: 'returned' });
  });

  it('moves when it is extended, and passes on the new day only', async () => {
    const loan = await lent(10);
    const on = addDays(loan.on, 14);
    const ends = endOfDay(on, ZONE);
    expect(await give(loan, 'extend', { until: on })).toMatchObject({
      status: 'done',
      case: { state: 'lent', step: 1, due: { on, ends } },
    });
    await timer(loan, 2);
    await until(loan.ends, 86_400_000);
    expect([await stateOf(loan), await dues(loan)]).toEqual(['lent', []]);
    await until(ends, 1_000);
    await overdue(loan);
    expect((await dues(loan)).map((due) => due.key)).toEqual([hashOf({ system: loan.id, command: 'due', step: 1 })]);
  });

  it('may lie three years ahead, over every change of the clock in between', async () => {
    const loan = await lent(3 * 365);
    await until(loan.ends, -1_000);
    expect(await stateOf(loan)).toBe('lent');
    await until(loan.ends, 1_000);
    await overdue(loan);
    expect(await dues(loan)).toHaveLength(1);
  });
});
