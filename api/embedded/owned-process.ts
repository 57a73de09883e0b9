import { spawn } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, Socket } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { isAlive, processIdentity, type ProcessIdentity } from './process-identity.js';

/** Why Registrar cannot start, in one sentence for the person who started it: show the message alone, without a stack. */
export class StartProblem extends Error {
  override readonly name = 'StartProblem';
}

const Identity = z.strictObject({ pid: z.int().positive(), startTime: z.string() });
const Signal = z.enum(['SIGTERM', 'SIGINT', 'SIGQUIT']);
const Ownership = z.strictObject({
  ...Identity.shape,
  name: z.string(),
  command: z.array(z.string()),
  stopSignal: Signal,
  startedAt: z.number(),
  parent: Identity,
});
type Ownership = z.infer<typeof Ownership>;

/** A child process that is ours, and will be known as ours by the next start if this process is killed. */
export interface OwnedProcess {
  readonly name: string;
  readonly pid: number;
  /** Settles, never rejects, when the process has ended; `code` is null when a signal ended it. */
  readonly ended: Promise<{ readonly code: number | null }>;
  /** The last lines it wrote, for a message. */
  lastLines(): string;
  /** Asks it to end, waits, kills it and what it started after 10 s. Safe to call twice. */
  stop(): Promise<void>;
}

/** A program that `npm start` runs and ends. */
export interface OwnedCommand {
  /** Unique within `stateDir`; letters, digits and dashes. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Folder of the records by which leftovers are recognised. */
  readonly stateDir: string;
  /** Both output streams are appended here. */
  readonly logFile: string;
  /** What asks it to end; SIGTERM when left out. */
  readonly stopSignal?: z.infer<typeof Signal>;
  /** Another user to run as; only root may. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

const GRACE_MS = 10_000;

/**
 * Starts a child in a group of its own, so that Ctrl-C in the terminal reaches us alone and we end the children in order. Give
 * a command that is the process itself (`node --import tsx file.ts`, `exec` in a shell wrapper): a wrapper killed alone would
 * leave its child behind. Throws StartProblem when the command cannot be run or a folder cannot be written.
 */
export async function spawnOwned(given: OwnedCommand): Promise<OwnedProcess> {
  const { name, command, args, stateDir, logFile, stopSignal = 'SIGTERM' } = given;
  writableFolder({ folder: stateDir });
  writableFolder({ folder: path.dirname(logFile) });
  const log = openSync(logFile, 'a');
  const { cwd, env, user } = given;
  const child = spawn(command, args, { cwd, env, detached: true, stdio: ['ignore', log, log], ...user });
  closeSync(log);
  const ended = new Promise<{ code: number | null }>((resolve) => child.once('exit', (code) => resolve({ code })));
  const { pid } = child;
  if (pid === undefined) {
    const cause = await new Promise<Error>((resolve) => child.once('error', resolve));
    throw new StartProblem(`${name} could not be started: ${command} is not there or may not be run.`, { cause });
  }
  child.on('error', () => undefined);
  const identity = processIdentity(pid) ?? { pid, startTime: 'unknown' };
  const self = processIdentity(process.pid) ?? { pid: process.pid, startTime: 'unknown' };
  const record = path.join(stateDir, `${name}.json`);
  const owned: Ownership = { ...identity, name, command: [command, ...args], stopSignal, startedAt: Date.now(), parent: self };
  writeFileSync(`${record}.new`, `${JSON.stringify(owned, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${record}.new`, record);

  let stopping: Promise<void> | undefined;
  const stop = async () => {
    await endProcess(identity, stopSignal);
    await ended;
    if (readOwnership(record)?.startTime === identity.startTime) rmSync(record, { force: true });
  };
  return { name, pid, ended, lastLines: () => tail(logFile), stop: () => (stopping ??= stop()) };
}

const tail = (logFile: string): string => {
  try {
    return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-5).join('\n');
  } catch {
    return '';
  }
};

function signal(target: number, name: NodeJS.Signals): void {
  try {
    process.kill(target, name);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
}

/** Ends one process, known by number and start time: asks, waits up to 10 s, then kills it with its group. */
export async function endProcess(identity: ProcessIdentity, stopSignal: NodeJS.Signals): Promise<void> {
  if (!isAlive(identity)) return;
  signal(identity.pid, stopSignal);
  const until = Date.now() + GRACE_MS;
  while (isAlive(identity) && Date.now() < until) await sleep(25);
  if (!isAlive(identity)) return;
  signal(-identity.pid, 'SIGKILL');
  while (isAlive(identity)) await sleep(25);
}

const readOwnership = (record: string): Ownership | undefined => {
  try {
    return Ownership.parse(JSON.parse(readFileSync(record, 'utf8')));
  } catch {
    return undefined;
  }
};

function ownerships(stateDir: string): { readonly record: string; readonly owned: Ownership }[] {
  writableFolder({ folder: stateDir });
  const records = readdirSync(stateDir)
    .filter((file) => file.endsWith('.json'))
    .map((file) => path.join(stateDir, file));
  return records.flatMap((record) => {
    const owned = readOwnership(record);
    return owned ? [{ record, owned }] : [];
  });
}

/**
 * Throws StartProblem when another living process of Registrar has a living child (only the one called `name`, if given)
 * recorded here.
 */
export function refuseSecondStart({ stateDir, name }: { readonly stateDir: string; readonly name?: string }): void {
  const running = ownerships(stateDir).find(
    ({ owned }) => (!name || owned.name === name) && owned.parent.pid !== process.pid && isAlive(owned.parent) && isAlive(owned),
  );
  if (running)
    throw new StartProblem(
      `Registrar is already running on ${stateDir} as process ${running.owned.parent.pid}: end that one first.`,
    );
}

/**
 * Ends children that outlived a killed parent, the youngest first, so that no port and no file stays taken; returns their
 * names. Call it before anything is started. A process that only has the number of a former child is left alone. Throws
 * StartProblem when the parent that recorded a child is still alive: Registrar runs already on this folder.
 */
export async function endLeftovers(stateDir: string): Promise<string[]> {
  refuseSecondStart({ stateDir });
  const endedNames: string[] = [];
  for (const { record, owned } of ownerships(stateDir).sort((a, b) => b.owned.startedAt - a.owned.startedAt)) {
    if (isAlive(owned)) {
      await endProcess(owned, owned.stopSignal);
      endedNames.push(owned.name);
    }
    rmSync(record, { force: true });
  }
  return endedNames;
}

/**
 * Waits until `answers` resolves. Throws StartProblem when the process ends before that or the time is over, with the last
 * lines it wrote.
 */
export async function untilAnswering({
  owned,
  answers,
  timeoutMs = 60_000,
}: {
  readonly owned: OwnedProcess;
  /** One try; rejects when there is no answer yet. */
  readonly answers: () => Promise<unknown>;
  readonly timeoutMs?: number;
}): Promise<void> {
  let over: { readonly code: number | null } | undefined;
  void owned.ended.then((result) => (over = result));
  for (const until = Date.now() + timeoutMs; ; await sleep(50)) {
    if (over) {
      const how = over.code ?? 'by a signal';
      throw new StartProblem(`${owned.name} ended at its start (${how}). It said:\n${owned.lastLines()}`);
    }
    try {
      return void (await answers());
    } catch (cause) {
      if (Date.now() < until) continue;
      await owned.stop();
      const message = `${owned.name} does not answer after ${timeoutMs / 1000} s. It said:\n${owned.lastLines()}`;
      throw new StartProblem(message, { cause });
    }
  }
}

/**
 * A port on 127.0.0.1: the wanted one, or any free one when it is left out or 0. `variable` is the environment variable that
 * chooses it. Throws StartProblem when the wanted one is taken.
 */
export async function freePort({
  wanted = 0,
  variable,
}: {
  readonly wanted?: number;
  readonly variable: string;
}): Promise<number> {
  const taken = `Port ${wanted} is taken. Set ${variable} to another one, or end what uses it.`;
  if (wanted !== 0 && (await somebodyListens(wanted))) throw new StartProblem(taken);
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const refused = `Port ${wanted} may not be used (${cause.code}). Set ${variable} to another one.`;
      reject(new StartProblem(cause.code === 'EADDRINUSE' ? taken : refused, { cause }));
    });
    server.listen({ host: '127.0.0.1', port: wanted, exclusive: true }, () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

const somebodyListens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new Socket();
    const answer = (listens: boolean) => {
      socket.destroy();
      resolve(listens);
    };
    socket.setTimeout(1_000, () => answer(false));
    socket.once('connect', () => answer(true)).once('error', () => answer(false));
    socket.connect({ host: '127.0.0.1', port });
  });

/** Step by step: where a parent can hold none, as /proc, Node's own recursion never comes back. */
function makeFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeFolder(path.dirname(folder));
  mkdirSync(folder);
}

/** Makes a folder if it is not there. Throws StartProblem when it cannot be made or written. */
export function writableFolder({ folder, variable }: { readonly folder: string; readonly variable?: string }): void {
  try {
    makeFolder(folder);
    accessSync(`${folder}${path.sep}`, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const way = variable ? `Set ${variable} to another one, or` : 'Choose another one, or';
    throw new StartProblem(
      `The folder ${folder} cannot be written (${(cause as NodeJS.ErrnoException).code}). ${way} change its rights.`,
      { cause },
    );
  }
}
