import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection, WorkflowUpdateStage, type WorkflowHandle } from '@temporalio/client';
import pg from 'pg';
import { spawnOwned, untilAnswering } from '../../../api/embedded/owned-process.js';
import type { System } from '../../kill/system.js';

/** Bare cases, each a running workflow; a step is one Update, accepted and then answered. */
export interface Bare {
  step(place: number): Promise<void>;
  stop(): Promise<void>;
}

const update = async (handle: WorkflowHandle) => {
  const under = await handle.startUpdate<unknown, [string]>('step', {
    args: [randomUUID()],
    updateId: randomUUID(),
    waitForStage: WorkflowUpdateStage.ACCEPTED,
  });
  await under.result();
};

/** Starts the bare worker beside Registrar, on the same Temporal and the same database. */
export async function startBare(system: System, cases: number): Promise<Bare> {
  const { DATABASE_URL, TEMPORAL_NAMESPACE } = system.config;
  const db = new pg.Client({ connectionString: DATABASE_URL });
  await db.connect();
  await db.query(
    'CREATE TABLE IF NOT EXISTS bare_steps (id bigserial PRIMARY KEY, case_id text NOT NULL, body text NOT NULL, at timestamptz NOT NULL DEFAULT now())',
  );
  await db.end();
  const folder = mkdtempSync(join(tmpdir(), 'registrar-bare-'));
  const logFile = join(folder, 'worker.log');
  const owned = await spawnOwned({
    name: 'bare-worker',
    command: process.execPath,
    args: ['--import', 'tsx', fileURLToPath(new URL('worker.ts', import.meta.url))],
    stateDir: folder,
    logFile,
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TZ: 'UTC',
      ADDRESS: system.temporalAddress,
      NAMESPACE: TEMPORAL_NAMESPACE,
      DATABASE_URL,
    },
  });
  await untilAnswering({
    owned,
    timeoutMs: 120_000,
    answers: async () => readFileSync(logFile, 'utf8').includes('polls') || Promise.reject(new Error('not yet')),
  });
  const connection = await Connection.connect({ address: system.temporalAddress });
  const client = new Client({ connection, namespace: TEMPORAL_NAMESPACE });
  await untilAnswering({
    owned,
    answers: () =>
      client.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: TEMPORAL_NAMESPACE,
        deploymentName: 'bare',
        buildId: 'bare',
        ignoreMissingTaskQueues: true,
        identity: 'bench',
      }),
  });
  const handles = await Promise.all(
    Array.from({ length: cases }, (_, n) =>
      client.workflow.start('bare', {
        taskQueue: 'bare',
        workflowId: `bare/${n}`,
        args: [{ case: `bare/${n}` }],
        workflowTaskTimeout: '5s',
      }),
    ),
  );
  await Promise.all(handles.map(update));
  return {
    step: (place) => update(handles[place % handles.length] as WorkflowHandle),
    stop: async () => {
      await connection.close();
      await owned.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
