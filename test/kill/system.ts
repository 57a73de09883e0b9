import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { workflowBundle } from '../../activities/bundle.js';
import { readConfig, type Config } from '../../activities/config.js';
import { prepare } from '../../activities/prepare.js';
import { setCurrentVersion } from '../../activities/rollout.js';
import { connect, searchAttributeTypes } from '../../activities/temporal.js';
import { spawnOwned, untilAnswering, type OwnedProcess } from '../../api/embedded/owned-process.js';
import { startPostgres } from '../../api/embedded/postgres-server.js';
import { findTemporalBinary, startTemporalServer } from '../../api/embedded/temporal-server.js';
import { queues } from '../../workflows/queues.js';
import { freePorts } from '../support/ports.js';
import { startIssuer, type Issuer } from './issuer.js';
import type { Part } from './operation-log.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

type Running = Pick<OwnedProcess, 'pid' | 'stop'> & { readonly ended: Promise<unknown> };
type Urls = Record<
  | 'ladok'
  | 'bankId'
  | 'elks'
  | 'mailbox'
  | 'staffRegister'
  | 'studentPortal'
  | 'registrySystem'
  | 'identityProvider'
  | 'itslearning'
  | 'fs'
  | 'archive'
  | 'exchangeRegistry',
  string
> & { smtp: { host: string; port: number }; institutions: Record<string, string> };

/**
 * A whole Registrar of separate processes on ports of its own, as in production, any of which may be killed and started again.
 */
export interface System {
  readonly api: string;
  readonly config: Config;
  readonly temporalAddress: string;
  readonly outside: Urls;
  readonly issuer: Issuer;
  /** SIGKILL, by its process id. */
  kill(part: Part): Promise<number>;
  /** The same again on the same port; resolves when it answers. */
  start(part: Part): Promise<void>;
  /** What the worker and the API wrote. */
  logOf(part: Part): string;
  stop(): Promise<void>;
}

/**
 * Starts it in a temporary folder; `endedByItself` is told of a part that went down without being killed, which is started again.
 */
export async function startSystem(input: {
  endedByItself: (part: Part) => void;
  progress: (line: string) => void;
}): Promise<System> {
  const { progress } = input;
  const folder = mkdtempSync(join(tmpdir(), 'registrar-kill-'));
  chmodSync(folder, 0o755);
  const [stateDir, logs] = [join(folder, 'state'), join(folder, 'logs')];
  const parts = new Map<Part, Running>();
  const killed = new Set<number>();
  const ends: (() => Promise<void>)[] = [];
  let stopping = false;
  const interrupted = () => void stop().then(() => process.exit(130));
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
    for (const part of ['api', 'worker', 'temporal'] as const) await parts.get(part)?.stop();
    for (const end of ends.reverse()) await end();
    await parts.get('database')?.stop();
    rmSync(folder, { recursive: true, force: true });
  };

  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, interrupted);
  try {
    const issuer = await startIssuer();
    ends.push(() => issuer.close());
    const binary = await findTemporalBinary({ progress });
    const outside = await startSimulators({
      stateDir,
      logFile: join(logs, 'simulators.log'),
      folder: join(folder, 'simulators'),
      ends,
    });
    const apiPort = await freePorts(3);
    const [postgresPort, temporalPort] = [apiPort + 1, apiPort + 2];
    const database = () =>
      startPostgres({
        dataDir: join(folder, 'postgres'),
        port: postgresPort,
        logFile: join(logs, 'postgres.log'),
        stateDir,
        progress: () => undefined,
      });
    const temporal = () =>
      startTemporalServer({
        binary,
        dbFile: join(folder, 'temporal.db'),
        port: temporalPort,
        uiPort: false,
        searchAttributes: searchAttributeTypes(),
        logFile: join(logs, 'temporal.log'),
        stateDir,
        progress: () => undefined,
      });
    const [server, hub, bundle] = [await database(), await temporal(), await workflowBundle({ progress })];
    const rootsFile = join(folder, 'bankid-roots.pem');
    writeFileSync(rootsFile, await (await fetch(`${outside.bankId}/__sim/root.pem`)).text());
    const exchangeKeyFile = await enterOurselves({
      folder,
      registry: outside.exchangeRegistry,
      api: `http://127.0.0.1:${apiPort}`,
    });
    const env: Record<string, string> = {
      TZ: 'UTC',
      DATABASE_URL: server.url,
      MASTER_SECRET: randomBytes(32).toString('base64'),
      PAYLOAD_KEYS: `k1:${randomBytes(32).toString('base64')}`,
      TEMPORAL_ADDRESS: hub.address,
      TEMPORAL_NAMESPACE: 'registrar',
      BUILD_ID: bundle.buildId,
      PUBLIC_URL: `http://127.0.0.1:${apiPort}`,
      API_PORT: String(apiPort),
      LOG_LEVEL: 'info',
      OIDC_ISSUER: issuer.url,
      OIDC_JWKS_URL: `${issuer.url}/jwks.json`,
      LADOK_URL: outside.ladok,
      BANKID_URL: outside.bankId,
      BANKID_ROOTS_FILE: rootsFile,
      SMS_URL: outside.elks,
      SMS_USER: 'registrar',
      SMS_PASSWORD: 'simulated',
      SMTP_HOST: outside.smtp.host,
      SMTP_PORT: String(outside.smtp.port),
      MAIL_FROM: 'registrar@bth.example',
      MAIL_HOST: 'registrar.bth.example',
      STAFF_REGISTER_URL: outside.staffRegister,
      STAFF_REGISTER_TOKEN: 'simulated',
      STUDENT_PORTAL_URL: outside.studentPortal,
      STUDENT_PORTAL_TOKEN: 'simulated',
      REGISTRY_SYSTEM_URL: outside.registrySystem,
      REGISTRY_SYSTEM_TOKEN: 'simulated',
      ITSLEARNING_URL: `${outside.itslearning}/ContentImport`,
      ITSLEARNING_USER: 'registrar',
      ITSLEARNING_PASSWORD: 'simulated',
      ITSLEARNING_ENTERPRISE_URL: `${outside.itslearning}/WCFServiceLibrary`,
      ITSLEARNING_ENTERPRISE_USER: 'registrar',
      ITSLEARNING_ENTERPRISE_PASSWORD: 'simulated',
      FS_URL: outside.fs,
      FS_USER: 'registrar',
      FS_PASSWORD: 'simulated',
      FS_INSTITUTION: '9901',
      ARCHIVE_URL: `${outside.archive}/api`,
      ARCHIVE_TOKEN: 'simulated',
      EXCHANGE_REGISTRY_URL: outside.exchangeRegistry,
      EXCHANGE_CODE: 'bth.example',
      EXCHANGE_KEY_FILE: exchangeKeyFile,
    };
    const config = readConfig(env);
    await prepare({ config, address: hub.address, progress: () => undefined });

    const logOf = (part: Part) => readFileSync(join(logs, `${part}.log`), 'utf8');
    const polling = () => logOf('worker').split('the worker polls').length;
    const child = (name: 'worker' | 'api', file: string) =>
      spawnOwned({
        name,
        command: process.execPath,
        args: ['--import', 'tsx', join(root, file)],
        cwd: root,
        env: {
          PATH: process.env['PATH'],
          HOME: process.env['HOME'],
          TEMPORAL_CONFIG_FILE: join(folder, 'no-temporal-profile.toml'),
          ...env,
        },
        stateDir,
        logFile: join(logs, `${name}.log`),
      });
    const starters: Record<Part, () => Promise<Running>> = {
      // Its children may need a moment to notice that the postmaster is gone, and refuse the folder until then.
      database: () => tried(database),
      temporal: () => tried(temporal),
      worker: async () => {
        const before = parts.has('worker') ? polling() : 1;
        const owned = await child('worker', 'activities/worker-main.ts');
        await untilAnswering({
          owned,
          timeoutMs: 120_000,
          answers: async () => polling() > before || Promise.reject(new Error('not polling')),
        });
        return owned;
      },
      api: async () => {
        const owned = await child('api', 'api/server.ts');
        await untilAnswering({ owned, answers: () => fetch(`http://127.0.0.1:${apiPort}/livez`) });
        return owned;
      },
    };
    const put = (part: Part, running: Running) => {
      parts.set(part, running);
      void running.ended.then(async () => {
        if (stopping || killed.has(running.pid) || parts.get(part) !== running) return;
        input.endedByItself(part);
        await start(part);
      });
    };
    const start = async (part: Part) => put(part, await starters[part]());
    put('database', server);
    put('temporal', hub);
    await start('worker');
    await start('api');
    const client = await connect({ namespace: config.TEMPORAL_NAMESPACE, keys: config.payloadKeys, address: hub.address });
    await setCurrentVersion(client, bundle.buildId);
    await client.connection.close();
    return {
      api: `http://127.0.0.1:${apiPort}`,
      config,
      temporalAddress: hub.address,
      outside,
      issuer,
      start,
      logOf,
      stop,
      kill: async (part) => {
        const running = parts.get(part) as Running;
        killed.add(running.pid);
        process.kill(running.pid, 'SIGKILL');
        await running.ended;
        return running.pid;
      },
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}

/** Makes our key and has the simulated registry list us with it; gives the key's file. */
async function enterOurselves({ folder, registry, api }: { folder: string; registry: string; api: string }): Promise<string> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const file = join(folder, 'exchange-key.pem');
  writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  const keys = [publicKey.export({ type: 'spki', format: 'pem' })];
  const ours = { number: '399', nb: 'Eksempelhøgskolen', en: 'Example University', url: `${api}/resultatutveksling/v1`, keys };
  await fetch(`${registry}/__sim/institutions/bth.example`, { method: 'PUT', body: JSON.stringify(ours) });
  return file;
}

/** Brings staff and courses, as the product does at its start. */
export async function refresh(system: System): Promise<void> {
  const client = await connect({
    namespace: system.config.TEMPORAL_NAMESPACE,
    keys: system.config.payloadKeys,
    address: system.temporalAddress,
  });
  await client.workflow.execute('refresh', { taskQueue: queues.cases, workflowId: `refresh-for-load-${Date.now()}` });
  await client.connection.close();
}

async function tried<T>(begin: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await begin();
    } catch (cause) {
      if (attempt === 40) throw cause;
      await new Promise((later) => setTimeout(later, 250));
    }
  }
}

async function startSimulators(input: {
  stateDir: string;
  logFile: string;
  folder: string;
  ends: (() => Promise<void>)[];
}): Promise<Urls> {
  const owned = await spawnOwned({
    name: 'simulators',
    command: process.execPath,
    args: ['--import', 'tsx', join(root, 'test/simulators/main.ts')],
    cwd: root,
    stateDir: input.stateDir,
    logFile: input.logFile,
    env: { ...process.env, SIM_FOLDER: input.folder, SIM_PORT_BASE: '' },
  });
  input.ends.push(() => owned.stop());
  let urls: Urls | undefined;
  const answers = async () =>
    void (urls = (JSON.parse(/^\{"urls".*\}$/m.exec(readFileSync(input.logFile, 'utf8'))?.[0] ?? '') as { urls: Urls }).urls);
  await untilAnswering({ owned, answers });
  return urls as unknown as Urls;
}
