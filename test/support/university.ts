import { createPublicKey, generateKeyPairSync, randomBytes, randomUUID, type KeyObject } from 'node:crypto';
import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Runtime, makeTelemetryFilterString } from '@temporalio/worker';
import { createApi } from '../../api/app.js';
import { createMeters, type Meters } from '../../api/meters.js';
import { tokenVerifier } from '../../api/sign-in.js';
import { createActivities, openPartners, openWorld, type Activities, type World } from '../../activities/index.js';
import { readConfig, type Config } from '../../activities/config.js';
import { createLogger } from '../../activities/logger.js';
import { setCurrentVersion } from '../../activities/rollout.js';
import { prepareNamespace } from '../../activities/temporal.js';
import { startWorkers, type Workers } from '../../activities/worker.js';
import type { Processes } from '../../activities/case/registered-process.js';
import { queues } from '../../workflows/queues.js';
import { startSimulators } from '../simulators/index.js';
import { institution, staff } from '../simulators/sample.js';
import { freshDatabase } from './database.js';

export type Login = 'tove' | 'eva' | 'erik' | 'karin' | 'olle' | 'rut' | (string & {});

/** An answer of the API, as tests read it. */
export interface Answer<T = any> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/**
 * A whole university in one process: API, worker, simulators, a database and a namespace of its own, on the run's real servers.
 */
export interface University {
  readonly world: World;
  readonly config: Config;
  readonly simulators: Awaited<ReturnType<typeof startSimulators>>['simulators'];
  readonly app: ReturnType<typeof createApi>;
  readonly log: string[];
  /** What its workers do, for a worker that a test starts beside them. */
  readonly activities: Activities;
  readonly meters: Meters;
  /** What the API of this university has logged. */
  readonly logFile: string;
  /** The environment of a worker or API process that belongs to this university. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls the API as somebody; `key` is made anew unless told. */
  as(login: Login): Caller;
  restartWorker(parts?: { maxCachedWorkflows?: number }): Promise<void>;
  stopWorker(): Promise<void>;
  close(): Promise<void>;
}

export interface Caller {
  get<T = any>(path: string, headers?: Record<string, string>): Promise<Answer<T>>;
  post<T = any>(path: string, body?: unknown, how?: { key?: string; headers?: Record<string, string> }): Promise<Answer<T>>;
}

/**
 * Waits until a condition holds, looking often at first and then five times a second; says what it waited for when it does not.
 */
export async function eventually<T>(what: string, look: () => Promise<T | undefined | false | null>, ms = 60_000): Promise<T> {
  const until = Date.now() + ms;
  for (let wait = 40; ; wait = Math.min(wait * 1.5, 200)) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`waited ${ms} ms in vain: ${what}`);
    await new Promise((later) => setTimeout(later, wait));
  }
}

/** Keeps the lines of the SDK out of the tests' output; the first runtime of a process stays. */
export const quiet = (): void => {
  try {
    Runtime.install({
      shutdownSignals: [],
      logger: {
        log: () => undefined,
        trace: () => undefined,
        debug: () => undefined,
        info: () => undefined,
        warn: () => undefined,
        error: () => undefined,
      },
      telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
    });
  } catch {
    return;
  }
};

const freshExchangeKey = (): KeyObject => generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
/** Of the usual university; made once a process, which takes long. */
let usualExchangeKey: KeyObject | undefined;

/** Opens a university. `processes` and `bundle` let a test bring a process of its own. */
export async function openUniversity(
  input: {
    processes?: (secrets: Config['secrets']) => Processes;
    bundle?: { codePath: string; buildId: string };
    bankIdPollMs?: number;
    worker?: boolean;
    maxCachedWorkflows?: number;
    /** A known key, a server of the test's own, worker versioning with the bundle's name as the current version. */
    payloadKeys?: string;
    address?: string;
    versioned?: boolean;
    /** Institutions of the exchange instead of those that the registry lists. */
    exchange?: NonNullable<Parameters<typeof createActivities>[0]['exchange']>;
    /** Another institution than the usual one, in the registry of the exchange of another university. */
    other?: { readonly code: string; readonly exchangeCode: string; readonly registryUrl: string };
  } = {},
): Promise<University> {
  quiet();
  const folder = mkdtempSync(join(tmpdir(), 'registrar-university-'));
  const [database, outside] = [await freshDatabase(), await startSimulators({ folder: undefined, bankId: { minCollectMs: 0 } })];
  const { urls, simulators } = outside;
  const roots = join(folder, 'roots.pem');
  writeFileSync(roots, await (await fetch(`${urls.bankId}/__sim/root.pem`)).text());
  const exchangeKey = join(folder, 'exchange.pem');
  const privateKey = input.other ? freshExchangeKey() : (usualExchangeKey ??= freshExchangeKey());
  writeFileSync(exchangeKey, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  simulators.exchangeRegistry.put({
    code: 'bth.example',
    number: '399',
    nb: 'Eksempelhøgskolen',
    en: 'Example University',
    url: 'http://127.0.0.1:9/resultatutveksling/v1',
    keys: [createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).toString('base64')],
  });
  const namespace = `test-${randomBytes(5).toString('hex')}`;
  const address = input.address ?? process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const env = {
    TEMPORAL_ADDRESS: address,
    DATABASE_URL: database.url,
    MASTER_SECRET: randomBytes(32).toString('base64'),
    PAYLOAD_KEYS: input.payloadKeys ?? `k1:${randomBytes(32).toString('base64')}`,
    TEMPORAL_NAMESPACE: namespace,
    OIDC_ISSUER: urls.identityProvider,
    OIDC_JWKS_URL: `${urls.identityProvider}/jwks.json`,
    LADOK_URL: urls.ladok,
    BANKID_URL: urls.bankId,
    BANKID_ROOTS_FILE: roots,
    SMS_URL: urls.elks,
    SMS_USER: 'user',
    SMS_PASSWORD: 'password',
    SMTP_HOST: urls.smtp.host,
    SMTP_PORT: String(urls.smtp.port),
    MAIL_FROM: 'registrar@bth.example',
    MAIL_HOST: 'registrar.bth.example',
    STAFF_REGISTER_URL: urls.staffRegister,
    STAFF_REGISTER_TOKEN: 'token',
    STUDENT_PORTAL_URL: urls.studentPortal,
    STUDENT_PORTAL_TOKEN: 'token',
    REGISTRY_SYSTEM_URL: urls.registrySystem,
    REGISTRY_SYSTEM_TOKEN: 'token',
    ITSLEARNING_URL: `${urls.itslearning}/ContentImport`,
    ITSLEARNING_USER: 'user',
    ITSLEARNING_PASSWORD: 'password',
    ITSLEARNING_ENTERPRISE_URL: `${urls.itslearning}/WCFServiceLibrary`,
    ITSLEARNING_ENTERPRISE_USER: 'user',
    ITSLEARNING_ENTERPRISE_PASSWORD: 'password',
    FS_URL: urls.fs,
    FS_USER: 'user',
    FS_PASSWORD: 'password',
    FS_INSTITUTION: '9901',
    EXCHANGE_REGISTRY_URL: input.other?.registryUrl ?? urls.exchangeRegistry,
    EXCHANGE_CODE: input.other?.exchangeCode ?? 'bth.example',
    ...(input.other ? { INSTITUTION_CODE: input.other.code } : {}),
    EXCHANGE_KEY_FILE: exchangeKey,
    ARCHIVE_URL: `${urls.archive}/api`,
    ARCHIVE_TOKEN: 'token',
  };
  const config = readConfig(env);
  const processes = input.processes?.(config.secrets);
  const world = await openWorld({ config, name: 'test', address, ...(processes ? { processes } : {}) });
  await prepareNamespace(world.temporal);
  await world.db.institution.create({
    data: { code: config.INSTITUTION_CODE, name: institution.name, zone: institution.zone, language: institution.language },
  });
  await world.db.$executeRawUnsafe(`ALTER SEQUENCE cases_number_seq RESTART WITH ${1_000 + Math.floor(Math.random() * 8_000)}`);
  const partners = openPartners(config);
  const activities = createActivities({
    world,
    partners,
    roots: [await (await fetch(`${urls.bankId}/__sim/root.pem`)).text()],
    bankIdPollMs: input.bankIdPollMs ?? 50,
    ...(input.exchange ? { exchange: input.exchange } : {}),
  });
  const bundle = input.bundle ?? { codePath: process.env['TEST_BUNDLE'] as string, buildId: 'test' };
  let workers: Workers | undefined;
  const startWorker = async (parts: { maxCachedWorkflows?: number } = {}) => {
    workers = await startWorkers({
      at: { address, namespace },
      keys: config.payloadKeys,
      bundle,
      activities,
      ...(input.versioned ? { buildId: bundle.buildId } : {}),
      ...parts,
    });
    if (input.versioned) await setCurrentVersion(world.temporal, bundle.buildId);
  };
  if (input.worker !== false) {
    await startWorker(input.maxCachedWorkflows === undefined ? {} : { maxCachedWorkflows: input.maxCachedWorkflows });
    await world.temporal.workflow.execute('refresh', { taskQueue: queues.cases, workflowId: `refresh-${randomUUID()}` });
  }
  const log: string[] = [];
  const logFile = join(folder, 'log');
  const logger = createLogger({ level: 'info', name: 'test', file: logFile });
  const meters = createMeters(world.db);
  const app = createApi({
    world,
    logger,
    meters,
    version: { version: '0.0.0', buildId: bundle.buildId },
    verify: tokenVerifier({ issuer: config.OIDC_ISSUER, audience: config.OIDC_AUDIENCE, keys: config.OIDC_JWKS_URL }),
  });
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = (login: string) => {
    const known = tokens.get(login);
    if (known) return known;
    const made = fetch(`${urls.identityProvider}/token/${login}`).then((answer) => answer.text());
    tokens.set(login, made);
    return made;
  };
  const call = async (
    login: string,
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const answer = await app.request(path, {
      method,
      headers: { Authorization: `Bearer ${(await tokenOf(login)).trim()}`, ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: /json/.test(answer.headers.get('Content-Type') ?? '') ? JSON.parse(text) : text,
    };
  };
  return {
    world,
    config,
    simulators,
    app,
    log,
    logFile,
    env,
    activities,
    meters,
    as: (login) => ({
      get: (path, headers = {}) => call(login, 'GET', path, undefined, headers),
      post: (path, body = {}, how = {}) =>
        call(login, 'POST', path, body, {
          'Content-Type': 'application/json',
          'Idempotency-Key': how.key ?? randomUUID(),
          ...how.headers,
        }),
    }),
    restartWorker: async (parts) => {
      await workers?.shutdown();
      await startWorker(parts);
    },
    stopWorker: async () => workers?.shutdown(),
    close: async () => {
      await workers?.shutdown();
      await partners.close();
      await world.close();
      await outside.close();
      await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const personOf = (login: string) => {
  const person = staff.find((one) => one.login === login);
  if (!person) throw new Error(`no sample person ${login}`);
  return person;
};
