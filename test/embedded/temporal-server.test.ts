import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../api/embedded/cache-folder.js';
import { endLeftovers, endProcess } from '../../api/embedded/owned-process.js';
import { processIdentity, type ProcessIdentity } from '../../api/embedded/process-identity.js';
import { findTemporalBinary, startTemporalServer, type TemporalServer } from '../../api/embedded/temporal-server.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'registrar-temporal-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (file: string, text = '#!/bin/sh\nexit 1\n') => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
};

describe('finding the Temporal server', () => {
  it('keeps what it fetches in the folder the environment names', () => {
    expect(cacheFolder({ REGISTRAR_CACHE: '/a', XDG_CACHE_HOME: '/b' })).toBe('/a');
    expect(cacheFolder({ XDG_CACHE_HOME: '/b' })).toBe('/b/registrar');
    expect(cacheFolder({})).toMatch(/\/\.cache\/registrar$/);
  });

  it('takes the variable before PATH and PATH before the cache', async () => {
    const named = program(path.join(folder, 'named', 'anything'));
    const onPath = program(path.join(folder, 'path', 'temporal'));
    const cached = program(path.join(folder, 'cache', 'bin', 'temporal'));
    const PATH = `/nowhere:${path.dirname(onPath)}`;
    const env = { TEMPORAL_CLI_PATH: named, PATH, REGISTRAR_CACHE: path.join(folder, 'cache') };
    expect(await findTemporalBinary({ env })).toBe(named);
    expect(await findTemporalBinary({ env: { ...env, TEMPORAL_CLI_PATH: undefined } })).toBe(onPath);
    expect(await findTemporalBinary({ env: { REGISTRAR_CACHE: env.REGISTRAR_CACHE, PATH: '/nowhere' } })).toBe(cached);
  });

  it('says so when the variable names no program', async () => {
    const finding = findTemporalBinary({ env: { TEMPORAL_CLI_PATH: '/nowhere/temporal', PATH: '' } });
    const message = expect.stringContaining('TEMPORAL_CLI_PATH is set to /nowhere');
    await expect(finding).rejects.toMatchObject({ name: 'StartProblem', message });
  });

  it('builds with Go where the download does not work, and names every way when that fails too', async () => {
    const cache = path.join(folder, 'empty');
    const go = program(path.join(folder, 'go', 'go'), '#!/bin/sh\necho "error: no module proxy" >&2\nexit 1\n');
    const env = { REGISTRAR_CACHE: cache, PATH: path.dirname(go), HTTPS_PROXY: 'http://127.0.0.1:9' };
    const lines: string[] = [];
    const progress = (line: string) => lines.push(line);
    const message = await findTemporalBinary({ env, progress }).catch((cause: Error) => cause.message);
    const ways = ['TEMPORAL_CLI_PATH', 'temporal on PATH', path.join(cache, 'bin'), 'the Temporal SDK', 'no module proxy'];
    for (const way of ways) expect(message).toContain(way);
    program(go, '#!/bin/sh\nprintf \'#!/bin/sh\\n\' > "$GOBIN/temporal"\n/bin/chmod 755 "$GOBIN/temporal"\n');
    expect(await findTemporalBinary({ env, progress })).toBe(path.join(cache, 'bin', 'temporal'));
    expect(lines.some((line) => line.includes('trying to build it with Go'))).toBe(true);
  });
});

describe('the embedded Temporal server', () => {
  const running: TemporalServer[] = [];
  const leftovers: ProcessIdentity[] = [];
  const mine = (pid: number | undefined) => {
    const one = pid === undefined ? undefined : processIdentity(pid);
    if (one) leftovers.push(one);
  };
  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    for (const one of leftovers.splice(0)) await endProcess(one, 'SIGKILL');
  });

  const options = async (name: string) => ({
    binary: await findTemporalBinary(),
    dbFile: path.join(folder, name, 'temporal.db'),
    namespace: 'registrar',
    searchAttributes: { RegistrarKind: 'Keyword', RegistrarDue: 'Datetime' },
    logFile: path.join(folder, name, 'temporal.log'),
    progress: () => undefined,
  });

  const withClient = async <T>(address: string, work: (client: Client) => Promise<T>): Promise<T> => {
    const connection = await Connection.connect({ address });
    try {
      return await work(new Client({ connection, namespace: 'registrar' }));
    } finally {
      await connection.close();
    }
  };

  it('answers with namespace, retention and search attributes, keeps cases over a restart, takes new attributes', async () => {
    const wanted = await options('restart');
    const first = await startTemporalServer(wanted);
    running.push(first);
    await withClient(first.address, async (client) => {
      await client.workflow.start('nothing', { workflowId: 'result-list/1', taskQueue: 'nobody' });
      const { config } = await client.connection.workflowService.describeNamespace({ namespace: 'registrar' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    });
    expect((await fetch(first.uiUrl!)).status).toBe(200);
    await first.stop();
    expect(processIdentity(first.pid)).toBeUndefined();

    const searchAttributes = { ...wanted.searchAttributes, RegistrarState: 'Keyword' };
    const second = await startTemporalServer({ ...wanted, searchAttributes, uiPort: false });
    running.push(second);
    expect(second.uiUrl).toBeUndefined();
    await withClient(second.address, async (client) => {
      expect((await client.workflow.getHandle('result-list/1').describe()).status.name).toBe('RUNNING');
      const state = defineSearchAttributeKey('RegistrarState', SearchAttributeType.KEYWORD);
      const typedSearchAttributes = new TypedSearchAttributes([{ key: state, value: 'sent' }]);
      await client.workflow.start('nothing', { workflowId: 'result-list/3', taskQueue: 'nobody', typedSearchAttributes });
      expect((await client.workflow.getHandle('result-list/3').describe()).typedSearchAttributes.get(state)).toBe('sent');
      const { config } = await client.connection.workflowService.describeNamespace({ namespace: 'registrar' });
      expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 3600);
    });
  });

  it('goes on with its file and its port after the parent was killed', async () => {
    const wanted = await options('killed');
    const { progress: _, ...given } = wanted;
    const text = `
      import { startTemporalServer } from ${JSON.stringify(path.resolve('api/embedded/temporal-server.ts'))};
      const server = await startTemporalServer({ ...${JSON.stringify(given)}, uiPort: false, progress: () => {} });
      console.log(JSON.stringify(server));
    `;
    const args = ['--import', 'tsx', '--input-type=module', '-e', text];
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    mine(parent.pid);
    const said = new Promise<string>((resolve, reject) => {
      parent.stdout.once('data', (chunk: Buffer) => resolve(String(chunk)));
      parent.once('exit', () => reject(new Error('the parent ended')));
    });
    const left: { address: string; pid: number } = JSON.parse(await said);
    mine(left.pid);
    const two = { workflowId: 'result-list/2', taskQueue: 'nobody' };
    await withClient(left.address, (client) => client.workflow.start('nothing', two));
    const gone = new Promise((resolve) => parent.once('exit', resolve));
    parent.kill('SIGKILL');
    await gone;
    expect(processIdentity(left.pid)).toBeDefined();

    expect(await endLeftovers(path.dirname(wanted.logFile))).toEqual(['temporal']);
    const server = await startTemporalServer({ ...wanted, port: Number(left.address.split(':')[1]), uiPort: false });
    running.push(server);
    expect(server.address).toBe(left.address);
    const status = await withClient(server.address, (client) => client.workflow.getHandle('result-list/2').describe());
    expect(status.status.name).toBe('RUNNING');
  });

  it('says which variable chooses the port when the wanted one is taken', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
    const { port } = server.address() as { port: number };
    const wanted = await options('taken');
    await expect(startTemporalServer({ ...wanted, port })).rejects.toThrow(`Port ${port} is taken. Set TEMPORAL_PORT`);
    await expect(startTemporalServer({ ...wanted, uiPort: port })).rejects.toThrow(`Port ${port} is taken. Set TEMPORAL_UI_PORT`);
    await new Promise((resolve) => server.close(resolve));
    expect(existsSync(wanted.dbFile)).toBe(false);
  });

  it('shows what the server said when it does not come up', async () => {
    const wanted = await options('broken');
    const starting = startTemporalServer({ ...wanted, searchAttributes: { RegistrarKind: 'NoSuchType' } });
    await expect(starting).rejects.toMatchObject({ name: 'StartProblem', message: expect.stringContaining('NoSuchType') });
    expect(readFileSync(wanted.logFile, 'utf8')).toContain('NoSuchType');
  });
});
