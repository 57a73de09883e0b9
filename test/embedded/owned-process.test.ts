import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  endLeftovers,
  endProcess,
  freePort,
  refuseSecondStart,
  spawnOwned,
  StartProblem,
  untilAnswering,
  writableFolder,
} from '../../api/embedded/owned-process.js';
import { isAlive, processIdentity, type ProcessIdentity } from '../../api/embedded/process-identity.js';

let folder: string;
const started: ProcessIdentity[] = [];
const mine = (pid: number | undefined) => {
  const one = pid === undefined ? undefined : processIdentity(pid);
  if (one) started.push(one);
};

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'registrar-owned-'));
});

afterEach(async () => {
  for (const one of started.splice(0)) await endProcess(one, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const script = ['--import', 'tsx', '--input-type=module', '-e'];
const sleeper = ['-e', 'console.log("up"); setInterval(() => {}, 1000)'];
const stubborn = ['-e', 'process.on("SIGTERM", () => console.log("no")); console.log("up"); setInterval(() => {}, 1000)'];

const own = async (name: string, args: readonly string[]) => {
  const logFile = path.join(folder, `${name}.log`);
  const owned = await spawnOwned({ name, command: process.execPath, args, stateDir: folder, logFile });
  mine(owned.pid);
  await until(() => owned.lastLines().includes('up'));
  return owned;
};

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 2_000) throw new Error('waited in vain');
    await sleep(25);
  }
}

async function killedParent(name: string, args: readonly string[]): Promise<number> {
  const program = `
    import { spawnOwned } from ${JSON.stringify(path.resolve('api/embedded/owned-process.ts'))};
    const owned = await spawnOwned({ name: ${JSON.stringify(name)}, command: process.execPath, args: ${JSON.stringify(args)},
      stateDir: ${JSON.stringify(folder)}, logFile: ${JSON.stringify(path.join(folder, `${name}.log`))} });
    console.log(owned.pid);
  `;
  const parent = spawn(process.execPath, [...script, program], { stdio: ['ignore', 'pipe', 'inherit'] });
  mine(parent.pid);
  const pid = await new Promise<number>((resolve, reject) => {
    parent.stdout.once('data', (chunk: Buffer) => resolve(Number(String(chunk))));
    parent.once('exit', () => reject(new Error('the parent ended too early')));
  });
  mine(pid);
  const logFile = path.join(folder, `${name}.log`);
  await until(() => existsSync(logFile) && readFileSync(logFile, 'utf8').includes('up'));
  parent.removeAllListeners('exit');
  const gone = new Promise((resolve) => parent.once('exit', resolve));
  parent.kill('SIGKILL');
  await gone;
  return pid;
}

describe('children that are ours', () => {
  it('records a child, ends it when asked and forgets it', async () => {
    const owned = await own('sleeper', sleeper);
    const record = JSON.parse(readFileSync(path.join(folder, 'sleeper.json'), 'utf8'));
    expect(record).toMatchObject({ ...processIdentity(owned.pid), command: [process.execPath, ...sleeper] });
    expect(record.pid).toBe(owned.pid);
    await Promise.all([owned.stop(), owned.stop()]);
    expect(processIdentity(owned.pid)).toBeUndefined();
    expect(readdirSync(folder)).not.toContain('sleeper.json');
  });

  it('starts a child in a group of its own, which Ctrl-C does not reach', async () => {
    const owned = await own('sleeper', sleeper);
    const groupOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[2];
    expect(groupOf(owned.pid)).toBe(String(owned.pid));
    await owned.stop();
  });

  it('kills a child that does not end within ten seconds', async () => {
    const owned = await own('stubborn', stubborn);
    const before = Date.now();
    await owned.stop();
    expect(Date.now() - before).toBeGreaterThanOrEqual(9_900);
    expect(owned.lastLines()).toContain('no');
    expect(processIdentity(owned.pid)).toBeUndefined();
  });

  it('ends a child that outlived its killed parent', async () => {
    const pid = await killedParent('orphan', sleeper);
    expect(processIdentity(pid)).toBeDefined();
    expect(await endLeftovers(folder)).toEqual(['orphan']);
    expect(processIdentity(pid)).toBeUndefined();
    expect(await endLeftovers(folder)).toEqual([]);
  });

  it('leaves a process alone that only has the number of a former child', async () => {
    const owned = await own('sleeper', sleeper);
    const file = path.join(folder, 'sleeper.json');
    const record = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...record, startTime: `${record.startTime}0` }));
    expect(await endLeftovers(folder)).toEqual([]);
    expect(isAlive({ pid: owned.pid, startTime: record.startTime })).toBe(true);
    expect(existsSync(file)).toBe(false);
    await owned.stop();
  });

  it('refuses a second start while the first one is alive', async () => {
    const owned = await own('sleeper', sleeper);
    const file = path.join(folder, 'sleeper.json');
    const record = JSON.parse(readFileSync(file, 'utf8'));
    const other = await own('other', sleeper);
    rmSync(path.join(folder, 'other.json'));
    writeFileSync(file, JSON.stringify({ ...record, parent: processIdentity(other.pid) }));
    await expect(endLeftovers(folder)).rejects.toThrow(`Registrar is already running on ${folder} as process ${other.pid}`);
    expect(() => refuseSecondStart({ stateDir: folder, name: 'postgres' })).not.toThrow();
    expect(processIdentity(owned.pid)).toBeDefined();
    await other.stop();
    await expect(endLeftovers(folder)).resolves.toEqual(['sleeper']);
  });

  it('says in one sentence when a program is not there', async () => {
    const logFile = path.join(folder, 'ghost.log');
    const start = spawnOwned({ name: 'ghost', command: '/nowhere/ghost', args: [], stateDir: folder, logFile });
    const message = 'ghost could not be started: /nowhere/ghost is not there or may not be run.';
    await expect(start).rejects.toMatchObject({ name: 'StartProblem', message });
  });

  it('shows the last lines of a child that ends at its start', async () => {
    const owned = await own('failing', ['-e', 'console.log("up"); console.error("no such schema"); process.exit(3)']);
    const waiting = untilAnswering({ owned, answers: () => Promise.reject(new Error('not yet')) });
    await expect(waiting).rejects.toThrow(/^failing ended at its start \(3\)\. It said:\n[^]*no such schema$/);
  });

  it('ends a child that never answers', async () => {
    const owned = await own('mute', sleeper);
    const waiting = untilAnswering({ owned, answers: () => Promise.reject(new Error('not yet')), timeoutMs: 200 });
    await expect(waiting).rejects.toThrow(StartProblem);
    expect(processIdentity(owned.pid)).toBeUndefined();
  });
});

describe('ports and folders', () => {
  const listening = async (host: string) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host, port: 0 }, resolve));
    return { port: (server.address() as { port: number }).port, close: () => new Promise((resolve) => server.close(resolve)) };
  };

  it.each(['127.0.0.1', '0.0.0.0'])('says how to go on when a port is taken on %s', async (host) => {
    const server = await listening(host);
    const message = `Port ${server.port} is taken. Set TEMPORAL_PORT to another one, or end what uses it.`;
    await expect(freePort({ wanted: server.port, variable: 'TEMPORAL_PORT' })).rejects.toThrow(new StartProblem(message));
    await server.close();
    await expect(freePort({ wanted: server.port, variable: 'TEMPORAL_PORT' })).resolves.toBe(server.port);
  });

  it('finds a free port when none is wanted', async () => {
    expect(await freePort({ variable: 'TEMPORAL_PORT' })).toBeGreaterThan(1_023);
  });

  it('says how to go on when a folder cannot be made', () => {
    writeFileSync(path.join(folder, 'file'), '');
    const inside = path.join(folder, 'file', 'data');
    const message = `The folder ${inside} cannot be written (ENOTDIR). Set REGISTRAR_HOME to another one, or change its rights.`;
    expect(() => writableFolder({ folder: inside, variable: 'REGISTRAR_HOME' })).toThrow(StartProblem);
    expect(() => writableFolder({ folder: inside, variable: 'REGISTRAR_HOME' })).toThrow(message);
  });

  it('says how to go on when a folder is not ours', async () => {
    if (process.getuid?.() === 0) {
      const closed = path.join(folder, 'closed');
      mkdirSync(closed);
      chmodSync(closed, 0o755);
      chmodSync(folder, 0o755);
      const program = `
        const { writableFolder } = await import(${JSON.stringify(path.resolve('api/embedded/owned-process.ts'))});
        process.setgid(65534); process.setuid(65534);
        try { writableFolder({ folder: ${JSON.stringify(closed)} }); } catch (cause) { console.log(cause.name, cause.message); }
      `;
      const child = spawn(process.execPath, [...script, program], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      child.stdout.on('data', (chunk) => (said += chunk));
      await new Promise((resolve) => child.once('close', resolve));
      expect(said.trim()).toBe(
        `StartProblem The folder ${closed} cannot be written (EACCES). Choose another one, or change its rights.`,
      );
    } else {
      expect(() => writableFolder({ folder: '/proc/registrar' })).toThrow(StartProblem);
    }
  });
});
