import { NativeConnection, Runtime, Worker, makeTelemetryFilterString, type WorkerOptions } from '@temporalio/worker';
import { queues } from '../workflows/queues.js';
import type { Activities } from './index.js';
import type { Bundle } from './bundle.js';
import type { PayloadKeys } from './codec.js';
import type { Logger } from './logger.js';
import { connectionOptions, dataConverter, type TemporalAddress } from './temporal.js';

/** The name of Registrar's worker deployment in Temporal. */
export const DEPLOYMENT = 'registrar';

/**
 * How much a worker does at once, by task queue. A round of the exchange mostly waits, for an institution or for its place there, as
 * an order at BankID waits for the person. Ladok, itslearning, FS and the archive are asked sparingly. Upkeep has a place for each job of
 * a sweep and both refreshes, and some for those of a minute ago that were given up and still hang.
 */
export const placesOf: Readonly<Record<keyof Activities, number>> = {
  [queues.cases]: 50,
  [queues.mail]: 10,
  [queues.sms]: 10,
  [queues.bankId]: 100,
  [queues.register]: 8,
  [queues.exchange]: 300,
  [queues.upkeep]: 16,
};

/** Of what a line of the SDK or of a workflow says besides: ids, names, the attempt and the kind of a failure, never its words. */
export function withoutPersons(meta: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const { workflowId, runId, activityId, activityType, taskQueue, attempt, cause } = meta;
  const kind = typeof cause === 'string' ? { cause } : {};
  return { workflowId, runId, activityId, activityType, taskQueue, attempt, ...kind };
}

/**
 * Sends the SDK's own warnings and errors to our log, and its metrics to a port of their own when one is given. Once a process.
 */
export function installRuntime(input: { logger: Logger; metrics?: string }): void {
  const write = (level: 'warn' | 'error') => (message: string, meta?: Record<string, unknown>) =>
    input.logger[level](withoutPersons(meta), message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) =>
        level === 'ERROR' ? write('error')(message, meta) : level === 'WARN' ? write('warn')(message, meta) : undefined,
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: write('warn'),
      error: write('error'),
    },
    telemetryOptions: {
      logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }), forward: {} },
      ...(input.metrics ? { metrics: { prometheus: { bindAddress: input.metrics } } } : {}),
    },
  });
}

/** What the workers of a process are made of. */
export interface WorkerParts {
  readonly at: TemporalAddress;
  readonly keys: PayloadKeys;
  readonly bundle: Bundle;
  readonly activities: Activities;
  /**
   * Deploy name of this code; cases move to it once it is made the current version. Absent: no versioning (time-skipping server).
   */
  readonly buildId?: string;
  /** For tests: replays a case on every task. */
  readonly maxCachedWorkflows?: number;
}

/** The workers of one process: one with workflows and commits, and one for each other task queue. */
export interface Workers {
  /** Ends when the workers have been shut down, fails when one of them does. */
  readonly done: Promise<void>;
  shutdown(): Promise<void>;
}

/**
 * Starts polling. Durations are chosen so that a killed worker is noticed within seconds (machine measurements in
 * docs/decisions.md).
 */
export async function startWorkers(parts: WorkerParts): Promise<Workers> {
  const connection = await NativeConnection.connect(connectionOptions(parts.at));
  const base = {
    connection,
    namespace: parts.at.namespace,
    dataConverter: dataConverter(parts.keys),
    shutdownGraceTime: '10s',
    stickyQueueScheduleToStartTimeout: '3s',
    ...(parts.buildId
      ? {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version: { deploymentName: DEPLOYMENT, buildId: parts.buildId },
            defaultVersioningBehavior: 'AUTO_UPGRADE',
          },
        }
      : {}),
  } satisfies Partial<WorkerOptions>;
  const withWorkflows = {
    workflowBundle: { codePath: parts.bundle.codePath },
    ...(parts.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: parts.maxCachedWorkflows }),
  };
  const workers = await Promise.all(
    Object.values(queues).map((taskQueue) =>
      Worker.create({
        ...base,
        taskQueue,
        activities: parts.activities[taskQueue],
        maxConcurrentActivityTaskExecutions: placesOf[taskQueue],
        ...(taskQueue === queues.cases ? withWorkflows : {}),
      }),
    ),
  );
  const runs = Promise.all(workers.map((worker) => worker.run()));
  const done = runs.then(async () => connection.close());
  done.catch(() => undefined);
  return {
    done,
    shutdown: async () => {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await done.catch(() => undefined);
    },
  };
}
