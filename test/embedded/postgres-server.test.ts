import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { endLeftovers, endProcess } from '../../api/embedded/owned-process.js';
import { startPostgres, type PostgresServer } from '../../api/embedded/postgres-server.js';
import { processCommand, processIdentity, type ProcessIdentity } from '../../api/embedded/process-identity.js';

let folder: string;
let dataDir: string;
let logFile: string;
const running: PostgresServer[] = [];
const leftovers: ProcessIdentity[] = [];
const mine = (pid: number | undefined) => {
  const one = pid === undefined ? undefined : processIdentity(pid);
  if (one) leftovers.push(one);
};

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'registrar-postgres-'));
  chmodSync(folder, 0o755);
  dataDir = path.join(folder, 'data');
  logFile = path.join(folder, 'logs', 'postgres.log');
});

afterEach(async () => {
  for (const server of running.splice(0)) await server.stop();
});

afterAll(async () => {
  for (const one of leftovers) await endProcess(one, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const start = async (port?: number) => {
  const server = await startPostgres({ dataDir, port, logFile, progress: () => undefined });
  running.push(server);
  return server;
};

async function ask(server: { readonly url: string }, sql: string): Promise<unknown[][]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows;
  } finally {
    await client.end();
  }
}

async function killedParent(): Promise<{ url: string; port: number; pid: number }> {
  const program = `
    import { startPostgres } from ${JSON.stringify(path.resolve('api/embedded/postgres-server.ts'))};
    const server = await startPostgres({ ...${JSON.stringify({ dataDir, logFile })}, progress: () => {} });
    console.log(JSON.stringify({ url: server.url, port: server.port, pid: server.pid }));
  `;
  const args = ['--import', 'tsx', '--input-type=module', '-e', program];
  const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  mine(parent.pid);
  const gone = new Promise<never>((_, reject) => parent.once('exit', () => reject(new Error('the parent ended'))));
  const said = new Promise<string>((resolve) => parent.stdout.once('data', (chunk: Buffer) => resolve(String(chunk))));
  const left = JSON.parse(await Promise.race([said, gone]));
  mine(left.pid);
  parent.kill('SIGKILL');
  await gone.catch(() => undefined);
  return left;
}

describe('the embedded PostgreSQL', () => {
  it('is made at the first start, sorts and folds Nordic letters, and keeps its rows over a stop', async () => {
    const first = await start();
    expect(await ask(first, 'SHOW server_encoding')).toEqual([['UTF8']]);
    const known = `SELECT lower('ÅÄÖ'), current_database(), current_setting('server_version_num')::int / 10000`;
    expect(await ask(first, known)).toEqual([['åäö', 'registrar', 18]]);
    const sorted = `SELECT string_agg(x, '' ORDER BY x COLLATE "sv-SE-x-icu") FROM unnest(ARRAY['ö', 'ä', 'z', 'å']) AS x`;
    expect(await ask(first, sorted)).toEqual([['zåäö']]);
    await ask(first, 'CREATE TABLE kept (n int); INSERT INTO kept VALUES (7)');
    await first.stop();
    expect(processIdentity(first.pid)).toBeUndefined();
    expect(existsSync(path.join(dataDir, 'postmaster.pid'))).toBe(false);
    expect(await ask(await start(), 'SELECT n FROM kept')).toEqual([[7]]);
  });

  it('stops at once although somebody is still connected', async () => {
    const server = await start();
    const idle = new Client({ connectionString: server.url });
    idle.on('error', () => undefined);
    await idle.connect();
    const before = Date.now();
    await server.stop();
    expect(Date.now() - before).toBeLessThan(10_000);
  });

  it('writes no values of a refused statement into its log', async () => {
    const server = await start();
    await ask(server, 'CREATE TABLE unique_names (name text UNIQUE)');
    await ask(server, `INSERT INTO unique_names VALUES ('Canary Petterson')`);
    await expect(ask(server, `INSERT INTO unique_names VALUES ('Canary Petterson')`)).rejects.toThrow('unique');
    await expect(ask(server, `SELECT 'Canary Petterson'::uuid`)).rejects.toThrow('uuid');
    await server.stop();
    expect(readFileSync(logFile, 'utf8')).toContain('shut down');
    expect(readFileSync(logFile, 'utf8')).not.toContain('Canary');
  });

  it('takes the place of a server that outlived its killed parent, on the same port, with its rows', async () => {
    const left = await killedParent();
    await ask(left, 'CREATE TABLE before_kill (n int); INSERT INTO before_kill VALUES (1)');
    expect(processIdentity(left.pid)).toBeDefined();
    const server = await start(left.port);
    expect(processIdentity(left.pid)).toBeUndefined();
    expect(server.port).toBe(left.port);
    expect(await ask(server, 'SELECT n FROM before_kill')).toEqual([[1]]);
  });

  it('is ended among the leftovers of a killed parent, while somebody is connected', async () => {
    const left = await killedParent();
    const idle = new Client({ connectionString: left.url });
    idle.on('error', () => undefined);
    await idle.connect();
    expect(await endLeftovers(folder)).toEqual(['postgres']);
    expect(processIdentity(left.pid)).toBeUndefined();
    expect(existsSync(path.join(dataDir, 'postmaster.pid'))).toBe(false);
  });

  it('starts over a pid file whose number belongs to another process by now', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    mine(stranger.pid);
    await (await start()).stop();
    const stale = `${stranger.pid}\n${dataDir}\n1700000000\n5432\n\n127.0.0.1\n  0  0\nready\n`;
    writeFileSync(path.join(dataDir, 'postmaster.pid'), stale);
    expect(await ask(await start(), 'SELECT 1')).toEqual([[1]]);
    expect(processIdentity(stranger.pid!)).toBeDefined();
    stranger.kill('SIGKILL');
  });

  it('starts while the killed server still waits to be collected by a parent that never does', async () => {
    await (await start()).stop();
    // Under the server's own user: PostgreSQL takes no process of another one for its rival.
    const { uid, gid } = statSync(dataDir);
    const parent = spawn('sh', ['-c', 'read end <&3 & echo $!; exec sleep 600 3<&-'], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
      cwd: '/',
      uid,
      gid,
    });
    mine(parent.pid);
    const uncollected = Number(
      await new Promise<string>((resolve) => parent.stdout!.once('data', (said: Buffer) => resolve(String(said)))),
    );
    // It ends when nobody can collect it any more: a shell might, what the shell became does not.
    while (!processCommand(parent.pid!)?.startsWith('sleep')) await sleep(5);
    (parent.stdio[3] as Writable).end();
    while (processIdentity(uncollected)) await sleep(5);
    const killed = `${uncollected}\n${dataDir}\n1700000000\n5432\n\n127.0.0.1\n  0  0\nready\n`;
    writeFileSync(path.join(dataDir, 'postmaster.pid'), killed);
    expect(process.kill(uncollected, 0)).toBe(true);
    expect(await ask(await start(), 'SELECT 1')).toEqual([[1]]);
    parent.kill('SIGKILL');
  });

  it('leaves the running server alone when a copy of its folder is started', async () => {
    const original = await start();
    const copied = path.join(folder, 'copy', 'data');
    cpSync(dataDir, copied, { recursive: true, preserveTimestamps: true });
    const chown = spawn('chown', ['-R', `--reference=${dataDir}`, copied]);
    await new Promise((resolve) => chown.once('exit', resolve));
    const copyLog = path.join(folder, 'copy', 'postgres.log');
    const copy = await startPostgres({ dataDir: copied, logFile: copyLog, progress: () => undefined });
    running.push(copy);
    expect(await ask(copy, 'SELECT 1')).toEqual([[1]]);
    expect(await ask(original, 'SELECT 2')).toEqual([[2]]);
    expect(copy.pid).not.toBe(original.pid);
  });

  it('recovers after the server itself was killed', async () => {
    const server = await start();
    await ask(server, 'CREATE TABLE committed (n int); INSERT INTO committed VALUES (3)');
    process.kill(server.pid, 'SIGKILL');
    await server.ended;
    await sleep(200);
    expect(await ask(await start(), 'SELECT n FROM committed')).toEqual([[3]]);
  });

  it('says which variable chooses the port when the wanted one is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = server.address() as { port: number };
    await expect(start(port)).rejects.toThrow(`Port ${port} is taken. Set POSTGRES_PORT to another one, or end what uses it.`);
    await new Promise((resolve) => server.close(resolve));
  });

  it('refuses a folder that holds something else', async () => {
    const other = mkdtempSync(path.join(folder, 'other-'));
    const starting = startPostgres({ dataDir: other, logFile: path.join(folder, 'other.log'), progress: () => undefined });
    await expect(starting).rejects.toThrow(`The folder ${other} holds no database`);
  });
});
