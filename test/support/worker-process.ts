import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setCurrentVersion } from '../../activities/rollout.js';
import { refreshed } from './staff.js';
import type { University } from './university.js';

/** One version for all workers of a test: a restart is no deploy. */
const BUILD_ID = 'test';
const root = fileURLToPath(new URL('../..', import.meta.url));

/** A worker in a process of its own, as in production, that a test may kill. */
export interface WorkerProcess {
  readonly pid: number;
  /** Everything it wrote. */
  output(): string;
  /** Settles when it has ended; with the signal that ended it, if one did. */
  readonly ended: Promise<NodeJS.Signals | null>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

/** Where a worker shall die, as `failing-worker.ts` knows it. */
export interface Failpoint {
  readonly at: 'after-commit' | 'mail-before-send' | 'mail-after-send' | 'sms-after-send' | 'bankid-after-complete';
  /** For `after-commit`: how many cases have to be in the gap. */
  readonly cases?: number;
}

/** Starts a worker for a university that was opened without one, and waits until it polls. */
export async function startWorkerProcess(at: University, failpoint?: Failpoint): Promise<WorkerProcess> {
  const file = failpoint ? 'test/support/failing-worker.ts' : 'activities/worker-main.ts';
  const child = spawn(process.execPath, ['--import', 'tsx', join(root, file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TZ: 'UTC',
      NODE_ENV: 'test',
      BUILD_ID,
      ...at.env,
      ...(failpoint ? { FAILPOINT: failpoint.at, FAILPOINT_CASES: String(failpoint.cases ?? 1) } : {}),
    },
  });
  const goToo = () => child.kill('SIGKILL');
  process.once('exit', goToo);
  let written = '';
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_code, signal) => {
      process.off('exit', goToo);
      resolve(signal);
    }),
  );
  await new Promise<void>((ready, failed) => {
    const read = (chunk: Buffer) => {
      written += chunk.toString('utf8');
      if (written.includes('the worker polls')) ready();
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => failed(new Error(`the worker ended before it polled:\n${written.slice(-2_000)}`)));
  });
  return {
    pid: child.pid as number,
    output: () => written,
    ended,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The first worker of a university: makes its build the current one, and brings staff and courses. */
export async function firstWorkerProcess(at: University): Promise<WorkerProcess> {
  const worker = await startWorkerProcess(at);
  try {
    await setCurrentVersion(at.world.temporal, BUILD_ID);
    await refreshed(at);
    return worker;
  } catch (cause) {
    await worker.kill();
    throw cause;
  }
}
