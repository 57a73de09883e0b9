import { randomBytes, randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { workflowBundle, type WorkflowFiles } from '../../activities/bundle.js';
import { writeDown, type Outcome } from '../../activities/case/command-row.js';
import { createCommits, type Commits } from '../../activities/case/commit.js';
import { processesFrom } from '../../activities/case/registered-process.js';
import { startOf } from '../../workflows/process.js';
import { commandKey, hashOf, seal } from '../../activities/case/seal.js';
import { payloadKeys } from '../../activities/codec.js';
import { secretsFrom } from '../../activities/secrets.js';
import type { Ourselves } from '../../activities/exchange/ourselves.js';
import { dataConverter, searchAttributeTypes } from '../../activities/temporal.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import type { CommitActivities, DeliveryActivities } from '../../workflows/case-workflow.js';
import * as registry from '../../workflows/processes.js';
import { queues } from '../../workflows/queues.js';
import { institution, staff } from '../simulators/sample.js';
import { freshDatabase } from './database.js';
import { eventually, personOf, quiet, type Login } from './university.js';

const types = { Keyword: 2, Bool: 5, Datetime: 6 } as const;

/** A case on a server whose time a test moves. */
export interface SkippedCase {
  readonly id: string;
  readonly number: string;
  readonly workflowId: string;
}

/**
 * The commits of Registrar over a real database, and its workflows on a server that skips time. No outside systems, and no API.
 */
export interface Skipping {
  readonly db: Database;
  readonly client: Client;
  readonly commits: Commits;
  /** The server's time. */
  now(): Promise<string>;
  /** Sleeps until some milliseconds after (below zero: before) a moment. */
  until(moment: string, ms: number): Promise<void>;
  /** Makes a case and starts its workflow. */
  born(kind: string, login: Login, body: object): Promise<SkippedCase>;
  give(one: SkippedCase, login: Login, command: string, body: object): Promise<Outcome>;
  stateOf(one: SkippedCase): Promise<string>;
  /** Waits until the workflow has started so many timers. */
  waits(one: SkippedCase, timers?: number): Promise<void>;
  close(): Promise<void>;
}

/** The SDK gives its server five seconds to start, which a busy machine takes longer for. */
export async function patiently<T>(start: () => Promise<T>): Promise<T> {
  for (let left = 5; ; left -= 1) {
    try {
      return await start();
    } catch (cause) {
      if (left === 0) throw cause;
    }
  }
}

/**
 * Opens one with the sample people in it. `more` brings a process of the test's own, `activities` what else workflows ask for, on
 * every queue; `own`: who we are in the exchange.
 */
export async function openSkipping(
  input: { more?: { processes: Record<string, unknown>; files: WorkflowFiles }; activities?: object; own?: Ourselves } = {},
): Promise<Skipping> {
  quiet();
  const secrets = secretsFrom(randomBytes(32));
  const database = await freshDatabase();
  const db = createDatabase({ url: database.url });
  const { code, name, zone, language } = institution;
  await db.institution.create({ data: { code, name, zone, language } });
  for (const { id, givenName, surname, personNumber, email, roles } of staff) {
    await db.person.create({
      data: { id, institution: code, givenName, surname, personNumber, email, language: 'sv', changedAt: new Date() },
    });
    await db.role.createMany({ data: roles.map(({ role, from }) => ({ personId: id, role, validFrom: asDate(from) })) });
  }
  const processes = processesFrom(secrets, { ...registry, ...input.more?.processes }, input.own);
  const commits = createCommits({ db, processes, secret: secrets.envelope });
  const converter = dataConverter(payloadKeys(`k1:${randomBytes(32).toString('base64')}`));
  const skipping = await patiently(() =>
    TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path: process.env['TEST_TIME_SKIPPING'] as string } },
      client: { dataConverter: converter },
    }),
  );
  const { client } = skipping;
  const searchAttributes = Object.fromEntries(
    Object.entries(searchAttributeTypes()).map(([key, type]) => [key, types[type as keyof typeof types]]),
  );
  await skipping.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  const { codePath } = await workflowBundle(input.more ? { more: input.more.files } : {});
  const { open, commit, advance } = commits;
  const activities: CommitActivities & DeliveryActivities = {
    open,
    commit,
    advance,
    deliver: async () => ({ needsAttention: false }),
    ...input.activities,
  };
  const base = { connection: skipping.nativeConnection, dataConverter: converter, activities };
  const workers = await Promise.all(
    Object.values(queues).map((taskQueue) =>
      Worker.create({ ...base, taskQueue, ...(taskQueue === queues.cases ? { workflowBundle: { codePath } } : {}) }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  const now = async () => new Date(await skipping.currentTimeMs()).toISOString();

  async function born(kind: string, login: Login, body: object): Promise<SkippedCase> {
    const made = await commits.bear({ kind, key: hashOf(randomUUID()), caller: personOf(login).id, body, at: await now() });
    if (made.status !== 'done') throw new Error(`no case was made: ${JSON.stringify(made)}`);
    const row = await db.case.findFirstOrThrow({ where: { number: BigInt(made.case.number) } });
    const process = processes.get(kind);
    if (!process) throw new Error(`no process ${kind}`);
    const start = startOf(process, { id: row.id, number: made.case.number, institution: code, scope: row.scope });
    await client.workflow.start(start.workflow, { taskQueue: queues.cases, workflowId: start.id, args: [start.input] });
    return { id: row.id, number: made.case.number, workflowId: start.id };
  }

  async function give(one: SkippedCase, login: Login, command: string, body: object): Promise<Outcome> {
    const caller = personOf(login).id;
    const key = commandKey({ caller, about: one.id, command, idempotencyKey: randomUUID() });
    await writeDown(db, { key, caseId: one.id, name: command, caller, body, from: null });
    const envelope = seal({ key, caseId: one.id, command, bodyHash: hashOf(body), caller }, secrets.envelope);
    return client.workflow.getHandle(one.workflowId).executeUpdate<Outcome, [unknown]>(command, { args: [envelope] });
  }

  return {
    db,
    client,
    commits,
    now,
    born,
    give,
    until: async (moment, ms) => skipping.sleep(Math.max(0, Date.parse(moment) + ms - (await skipping.currentTimeMs()))),
    stateOf: async (one) => (await db.case.findUniqueOrThrow({ where: { id: one.id } })).state,
    waits: async (one, timers = 1) =>
      void (await eventually('the workflow waits', async () => {
        const { events } = await client.workflow.getHandle(one.workflowId).fetchHistory();
        return (events ?? []).filter((event) => event.timerStartedEventAttributes).length === timers;
      })),
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await skipping.teardown();
      await db.$disconnect();
      await database.drop();
    },
  };
}
