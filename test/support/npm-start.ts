import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { processIdentity } from '../../api/embedded/process-identity.js';
import { eventually } from './university.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** `npm start` as a process of its own, with what it said so far. */
export interface Started {
  readonly process: ChildProcess;
  said(): string;
  readonly ended: Promise<number | null>;
}

/** Ports for everything that `npm start` listens on, from `base` on: a hundred and thirty are enough. */
export const portsFrom = (base: number) => ({
  API_PORT: String(base),
  TEMPORAL_PORT: String(base + 1),
  TEMPORAL_UI_PORT: String(base + 2),
  POSTGRES_PORT: String(base + 3),
  METRICS_PORT: String(base + 4),
  WORKER_METRICS_PORT: String(base + 5),
  SIM_PORT_BASE: String(base + 10),
  TEMPORAL_CLI_PATH: process.env['TEST_TEMPORAL_BINARY'],
});

/** Starts it, and waits for nothing. */
export function start(env: NodeJS.ProcessEnv): Started {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'api/embedded.ts')], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: Buffer) => (said += piece.toString()));
  return { process: child, said: () => said, ended: new Promise((resolve) => child.once('exit', (code) => resolve(code))) };
}

/** Waits until it says that it runs. */
export async function ready(started: Started): Promise<Started> {
  await eventually(
    'it runs',
    async () => {
      if (started.process.exitCode !== null) throw new Error(started.said());
      return started.said().includes('Registrar runs.');
    },
    180_000,
  );
  return started;
}

/** The processes it started, by the records it keeps of them in its data folder. */
export function childrenOf(data: string): number[] {
  const state = path.join(data, 'state');
  if (!existsSync(state)) return [];
  return readdirSync(state)
    .filter((file) => file.endsWith('.json'))
    .map((file) => (JSON.parse(readFileSync(path.join(state, file), 'utf8')) as { pid: number }).pid);
}

/** Not one that has ended and is only waiting to be collected, as what outlived its parent does for a while. */
export const alive = (pid: number): boolean => processIdentity(pid) !== undefined;
