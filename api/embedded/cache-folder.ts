import { accessSync, constants, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawn } from 'node:child_process';
import { StartProblem, writableFolder } from './owned-process.js';
import { withProgress, type Progress } from './progress.js';

/**
 * Where fetched servers are kept for all clones of this user: REGISTRAR_CACHE, else `registrar` in XDG_CACHE_HOME, else in
 * `~/.cache`.
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  if (env['REGISTRAR_CACHE']) return path.resolve(env['REGISTRAR_CACHE']);
  return path.join(env['XDG_CACHE_HOME'] || path.join(homedir(), '.cache'), 'registrar');
}

/** Whether there is a file that may be run. */
export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** The full path of a program on PATH; undefined when it is not there. */
export function onPath(program: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const names = process.platform === 'win32' ? [`${program}.exe`, `${program}.cmd`] : [program];
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  return folders.flatMap((folder) => names.map((name) => path.join(folder, name))).find(isExecutable);
}

/**
 * The executable an environment variable names; undefined when it is not set. Throws StartProblem when it names something else.
 */
export function namedExecutable(variable: string, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const file = env[variable];
  if (!file) return undefined;
  if (!isExecutable(file))
    throw new StartProblem(`${variable} is set to ${file}, which is not a file that may be run: correct or unset it.`);
  return path.resolve(file);
}

/**
 * Runs a program that fetches something, with nothing on the console but progress. `label` continues "still". Resolves to the
 * reason in what it wrote when it failed or took longer than `limitMs`, and to undefined when it succeeded.
 */
export async function runQuietly(given: {
  readonly command: string;
  readonly args: readonly string[];
  readonly label: string;
  readonly limitMs: number;
  readonly progress: Progress;
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const { command, args, label, limitMs, progress, cwd, env } = given;
  const posix = process.platform !== 'win32';
  const child = spawn(command, args, { cwd, env, detached: posix, stdio: ['ignore', 'pipe', 'pipe'] });
  const killAll = () => {
    try {
      if (posix && child.pid) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };
  let said = '';
  const keep = (chunk: Buffer) => (said = `${said}${String(chunk)}`.slice(-4_000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    killAll();
  }, limitMs);
  process.once('exit', killAll);
  const done = new Promise<string | undefined>((resolve) => {
    child.once('error', (cause) => resolve(cause.message));
    child.once('exit', (code) => resolve(code === 0 ? undefined : late ? `no result after ${limitMs / 1000} s` : reasonIn(said)));
  });
  try {
    return await withProgress(label, done, progress);
  } finally {
    clearTimeout(limit);
    process.off('exit', killAll);
    if (!late) killAll();
  }
}

function reasonIn(said: string): string {
  const lines = said.trim().split('\n');
  const reason = lines.find((line) => /error|cannot|failed/i.test(line)) ?? lines.at(-1) ?? '';
  return reason.trim().slice(0, 200) || 'no reason given';
}

const FETCH = `
import { TestWorkflowEnvironment } from '@temporalio/testing';
const [kind, downloadDir, version] = process.argv.slice(1);
const server = { executable: { type: 'cached-download', downloadDir, version } };
const create = kind === 'dev-server' ? TestWorkflowEnvironment.createLocal : TestWorkflowEnvironment.createTimeSkipping;
try {
  const environment = await create.call(TestWorkflowEnvironment, { server });
  await environment.teardown();
  process.exit(0);
} catch (cause) {
  console.error(cause.message);
  process.exit(1);
}
`;

/**
 * Lets the Temporal SDK download one of its test servers and moves it to `file`. The SDK only downloads while starting one, and
 * has no time limit: so that happens in a process of its own, ended after a minute without a result. Resolves to why it failed,
 * else undefined.
 */
export async function sdkDownload(given: {
  readonly kind: 'dev-server' | 'time-skipping';
  /** A release, or `default` for the one made for this SDK. */
  readonly version: string;
  readonly file: string;
  readonly progress: Progress;
}): Promise<string | undefined> {
  const { kind, version, file, progress } = given;
  const downloadDir = `${file}.download`;
  writableFolder({ folder: path.dirname(file), variable: 'REGISTRAR_CACHE' });
  rmSync(downloadDir, { recursive: true, force: true });
  mkdirSync(downloadDir, { recursive: true });
  try {
    const problem = await runQuietly({
      command: process.execPath,
      args: ['--input-type=module', '-e', FETCH, kind, downloadDir, version],
      cwd: path.dirname(fileURLToPath(import.meta.url)),
      label: `downloading the ${kind === 'dev-server' ? 'Temporal server' : 'time-skipping server'}`,
      limitMs: 60_000,
      progress,
    });
    const fetched = readdirSync(downloadDir)
      .map((name) => path.join(downloadDir, name))
      .find(isExecutable);
    if (!fetched || fetched.endsWith('.downloading')) return problem ?? 'nothing was downloaded';
    renameSync(fetched, file);
    return undefined;
  } finally {
    rmSync(downloadDir, { recursive: true, force: true });
  }
}
