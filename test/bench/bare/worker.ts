import { fileURLToPath } from 'node:url';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pg from 'pg';

/**
 * The worker of the bare workflow as a process of its own, with the options of the product's. ADDRESS, NAMESPACE and DATABASE_URL
 * are in the environment.
 */
const { ADDRESS, NAMESPACE, DATABASE_URL } = process.env;
const silent = () => undefined;
Runtime.install({
  shutdownSignals: [],
  logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
});
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address: ADDRESS }),
  namespace: NAMESPACE,
  taskQueue: 'bare',
  workflowsPath: fileURLToPath(new URL('workflow.ts', import.meta.url)),
  activities: {
    insertRow: async (input: { case: string; body: string }) => {
      const { rows } = await pool.query('INSERT INTO bare_steps (case_id, body) VALUES ($1, $2) RETURNING id', [
        input.case,
        input.body,
      ]);
      return { step: Number(rows[0].id) };
    },
  },
  shutdownGraceTime: '10s',
  stickyQueueScheduleToStartTimeout: '3s',
  maxConcurrentActivityTaskExecutions: 50,
  workerDeploymentOptions: {
    useWorkerVersioning: true,
    version: { deploymentName: 'bare', buildId: 'bare' },
    defaultVersioningBehavior: 'AUTO_UPGRADE',
  },
});
process.once('SIGTERM', () => worker.shutdown());
console.log('the bare worker polls');
await worker.run();
await pool.end();
process.exit(0);
