import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig, type Config } from '../activities/config.js';
import { workflowBundle } from '../activities/bundle.js';
import { prepare } from '../activities/prepare.js';
import { setCurrentVersion } from '../activities/rollout.js';
import { connect, patiently, searchAttributeTypes } from '../activities/temporal.js';
import { createDatabase } from '../prisma/client.js';
import { queues } from '../workflows/queues.js';
import {
  endLeftovers,
  refuseSecondStart,
  spawnOwned,
  StartProblem,
  untilAnswering,
  writableFolder,
  freePort,
  type OwnedProcess,
} from './embedded/owned-process.js';
import { startPostgres } from './embedded/postgres-server.js';
import { progress as print, withProgress, type Progress } from './embedded/progress.js';
import { playSample } from './embedded/sample-play.js';
import { exchangeKey, readKeys, readSettings, type Settings } from './embedded/settings.js';
import { findTemporalBinary, startTemporalServer } from './embedded/temporal-server.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Where everything is, once it runs. */
export interface Running {
  readonly api: string;
  readonly temporalUi: string;
  readonly mailbox: string;
  readonly phone: string;
  readonly identityProvider: string;
  /** Ends when something of ours ended by itself: its name. */
  readonly broken: Promise<string>;
  /** Ends everything in reverse order. */
  stop(): Promise<void>;
}

interface Stoppable {
  readonly name: string;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** Why a start that was called off has not come to its end. */
class CalledOff extends Error {
  override readonly name = 'CalledOff';
}

/**
 * Starts a whole university on this machine, in order; what was started is ended again when something fails or the start is
 * called `off`.
 */
export async function startEmbedded(settings: Settings, progress: Progress = print, off?: AbortSignal): Promise<Running> {
  const { folder } = settings;
  const stateDir = path.join(folder, 'state');
  const logs = path.join(folder, 'logs');
  const started: Stoppable[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () =>
    (stopping ??= (async () => {
      for (const one of started.toReversed()) await one.stop();
    })());
  const keep = <T extends Omit<Stoppable, 'name'>>(name: string, one: T): T => {
    started.push({ name, ended: one.ended, stop: () => one.stop() });
    return one;
  };
  const calledOff = new Promise<never>((_on, reject) => off?.addEventListener('abort', () => reject(new CalledOff())));

  const begin = async (): Promise<Running> => {
    writableFolder({ folder, variable: 'REGISTRAR_DATA' });
    mkdirSync(logs, { recursive: true });
    refuseSecondStart({ stateDir });
    for (const name of await endLeftovers(stateDir)) progress(`ended ${name}, which an earlier start had left running`);
    const keys = readKeys(folder);
    const firstStart = !existsSync(path.join(folder, 'played'));
    await refuseTakenPorts(settings);
    if (settings.DATABASE_URL) await refuseForeignDatabase(settings.DATABASE_URL, progress);

    const binary = await findTemporalBinary({ progress });
    if (off?.aborted) throw new CalledOff();
    const codecSecret = randomBytes(18).toString('hex');
    const api = `http://127.0.0.1:${settings.API_PORT}`;
    progress('starting PostgreSQL, the Temporal server and the simulated outside systems');
    const postgres = settings.DATABASE_URL
      ? undefined
      : keep(
          'PostgreSQL',
          await startPostgres({
            dataDir: path.join(folder, 'postgres'),
            port: settings.POSTGRES_PORT,
            logFile: path.join(logs, 'postgres.log'),
            stateDir,
            progress,
          }),
        );
    const outside = await startOutside({ settings, stateDir, logFile: path.join(logs, 'simulators.log'), keep, api });
    const temporal = keep(
      'the Temporal server',
      await startTemporalServer({
        binary,
        dbFile: path.join(folder, 'temporal.db'),
        port: settings.TEMPORAL_PORT,
        uiPort: settings.TEMPORAL_UI_PORT,
        searchAttributes: searchAttributeTypes(),
        codecEndpoint: `${api}/codec/${codecSecret}`,
        logFile: path.join(logs, 'temporal.log'),
        stateDir,
        progress,
      }),
    );

    const rootsFile = path.join(folder, 'bankid-roots.pem');
    writeFileSync(rootsFile, await (await fetch(`${outside.bankId}/__sim/root.pem`)).text());
    const bundle = await withProgress('building the workflows', workflowBundle(), progress);
    const own = exchangeKey(folder);
    await enterOurselves({ registry: outside.exchangeRegistry, publicKey: own.publicKey, api });
    const env = environmentOf({
      settings,
      databaseUrl: postgres?.url ?? settings.DATABASE_URL ?? '',
      keys,
      address: temporal.address,
      outside,
      api,
      rootsFile,
      exchangeKeyFile: own.file,
      buildId: bundle.buildId,
    });
    const config = readConfig(env);
    writeFileSync(path.join(folder, 'database-url'), config.DATABASE_URL, { mode: 0o600 });
    writeFileSync(path.join(folder, 'registry-system-url'), config.REGISTRY_SYSTEM_URL);
    await withProgress('preparing the database', prepare({ config, address: temporal.address, progress }), progress);

    const child = (name: string, file: string, more: Record<string, string>) =>
      spawnOwned({
        name,
        command: process.execPath,
        args: ['--import', 'tsx', path.join(root, file)],
        cwd: root,
        env: { ...withoutTemporal(process.env, folder), ...env, ...more },
        stateDir,
        logFile: path.join(logs, `${name}.log`),
      });
    keep(
      'the worker',
      await child('worker', 'activities/worker-main.ts', { METRICS_PORT: String(settings.WORKER_METRICS_PORT) }),
    );
    const server = keep(
      'the API',
      await child('api', 'api/server.ts', { CODEC_SECRET: codecSecret, TEMPORAL_UI_ORIGIN: temporal.uiUrl ?? '' }),
    );
    await withProgress(
      'starting worker and API',
      becomeReady({ config, address: temporal.address, buildId: bundle.buildId, api, server }),
      progress,
    );
    if (firstStart) {
      // Before it is played: what a start that was killed has played in part cannot be played again.
      writeFileSync(path.join(folder, 'played'), new Date().toISOString());
      await withProgress(
        'bringing people and courses, playing one list to its end, a complaint to its committee and an order of results from elsewhere',
        playSample({ api, outside, secrets: config.secrets }).catch((cause: Error) => progress(cause.message)),
        progress,
      );
    }
    const broken = Promise.race(started.map((one) => one.ended.then(() => one.name)));
    return {
      api,
      temporalUi: temporal.uiUrl ?? '',
      mailbox: outside.mailbox,
      phone: `${outside.elks}/__sim/messages`,
      identityProvider: outside.identityProvider,
      broken,
      stop,
    };
  };

  const beginning = begin();
  try {
    return await Promise.race([beginning, calledOff]);
  } catch (cause) {
    beginning.catch(() => undefined);
    await stop();
    // The beginning has not heard of it, and may have started one more meanwhile.
    if (cause instanceof CalledOff) while ((await endLeftovers(stateDir)).length > 0);
    throw cause;
  }
}

/** The environment without where somebody's own Temporal is: an exported address or key, or a profile in a file of theirs. */
const withoutTemporal = (env: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('TEMPORAL_'))),
  // No such file is there, and none is needed; an empty one the SDK cannot read.
  TEMPORAL_CONFIG_FILE: path.join(folder, 'no-temporal-profile.toml'),
});

/** The simulated outside systems, as a child process of their own: their code is not ours to import. */
export interface Outside {
  readonly ladok: string;
  readonly bankId: string;
  readonly elks: string;
  readonly mailbox: string;
  readonly staffRegister: string;
  readonly studentPortal: string;
  readonly registrySystem: string;
  readonly identityProvider: string;
  readonly itslearning: string;
  readonly fs: string;
  readonly archive: string;
  readonly exchangeRegistry: string;
  readonly smtp: { readonly host: string; readonly port: number };
}

const SIMULATORS = [
  'ladok',
  'bankId',
  'elks',
  'smtp',
  'mailbox',
  'staffRegister',
  'studentPortal',
  'registrySystem',
  'identityProvider',
  'itslearning',
  'fs',
  'archive',
  'exchangeRegistry',
] as const;
/** The fifty simulated institutions of the exchange listen from here on. */
const INSTITUTIONS = Array.from({ length: 50 }, (_, place) => 20 + place);

/** All ports are looked at before anything is started. */
async function refuseTakenPorts(settings: Settings): Promise<void> {
  const own = [
    'API_PORT',
    'METRICS_PORT',
    'WORKER_METRICS_PORT',
    'TEMPORAL_PORT',
    'TEMPORAL_UI_PORT',
    ...(settings.DATABASE_URL ? [] : (['POSTGRES_PORT'] as const)),
  ] as const;
  const base = settings.SIM_PORT_BASE;
  const simulated = `SIM_PORT_BASE (now ${base}; thirteen ports from there, and fifty from ${base + 20})`;
  const asked = [
    ...own.map((variable) => ({ wanted: settings[variable], variable: variable as string })),
    ...[...SIMULATORS.keys(), ...INSTITUTIONS].map((place) => ({ wanted: base + place, variable: simulated })),
  ];
  const wants = new Map<number, string>();
  for (const { wanted, variable } of asked) {
    const other = wants.get(wanted);
    if (other) throw new StartProblem(`${other} and ${variable} both take port ${wanted}. Set one of them to another.`);
    wants.set(wanted, variable);
  }
  for (const one of asked) await freePort(one);
}

/** Says which database is used, and leaves one alone that holds something else. */
async function refuseForeignDatabase(url: string, progress: Progress): Promise<void> {
  const { host, pathname } = new URL(url);
  const at = `${host}${pathname}`;
  const db = createDatabase({ url, connections: 1, name: 'registrar-start' });
  try {
    const tables = await db.$queryRaw<
      { name: string }[]
    >`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'`;
    if (tables.length > 0 && !tables.some(({ name }) => name === 'row_transfers'))
      throw new StartProblem(
        `The database at ${at} (DATABASE_URL) holds tables that are not Registrar's. Name an empty one, or unset DATABASE_URL to have one of its own started.`,
      );
  } catch (cause) {
    if (cause instanceof StartProblem) throw cause;
    throw new StartProblem(
      `The database at ${at} (DATABASE_URL) cannot be reached. Start it, or unset DATABASE_URL to have one of its own started.`,
      { cause },
    );
  } finally {
    await db.$disconnect();
  }
  progress(`using the database at ${at} (DATABASE_URL)`);
}

async function startOutside(input: {
  settings: Settings;
  stateDir: string;
  logFile: string;
  api: string;
  keep: (name: string, one: OwnedProcess) => OwnedProcess;
}): Promise<Outside> {
  const base = input.settings.SIM_PORT_BASE;
  const owned = input.keep(
    'the simulators',
    await spawnOwned({
      name: 'simulators',
      command: process.execPath,
      args: ['--import', 'tsx', path.join(root, 'test/simulators/main.ts')],
      cwd: root,
      stateDir: input.stateDir,
      logFile: input.logFile,
      env: {
        ...process.env,
        SIM_FOLDER: path.join(input.settings.folder, 'simulators'),
        SIM_PORT_BASE: String(base),
        SIM_API_URL: `${input.api}/me`,
      },
    }),
  );
  const at = (name: (typeof SIMULATORS)[number]) => `http://127.0.0.1:${base + SIMULATORS.indexOf(name)}`;
  const outside = {
    ladok: at('ladok'),
    bankId: at('bankId'),
    elks: at('elks'),
    mailbox: at('mailbox'),
    staffRegister: at('staffRegister'),
    studentPortal: at('studentPortal'),
    registrySystem: at('registrySystem'),
    identityProvider: at('identityProvider'),
    itslearning: at('itslearning'),
    fs: at('fs'),
    archive: at('archive'),
    exchangeRegistry: at('exchangeRegistry'),
    smtp: { host: '127.0.0.1', port: base + SIMULATORS.indexOf('smtp') },
  };
  await untilAnswering({ owned, answers: async () => void (await fetch(`${outside.identityProvider}/jwks.json`)) });
  return outside;
}

function environmentOf(input: {
  settings: Settings;
  databaseUrl: string;
  keys: { masterSecret: string; payloadKey: string };
  address: string;
  outside: Outside;
  api: string;
  rootsFile: string;
  exchangeKeyFile: string;
  buildId: string;
}): Record<string, string> {
  const { settings, outside, api } = input;
  return {
    DATABASE_URL: input.databaseUrl,
    MASTER_SECRET: input.keys.masterSecret,
    PAYLOAD_KEYS: `k1:${input.keys.payloadKey}`,
    TEMPORAL_ADDRESS: input.address,
    TEMPORAL_NAMESPACE: 'registrar',
    BUILD_ID: input.buildId,
    PUBLIC_URL: api,
    API_PORT: String(settings.API_PORT),
    METRICS_PORT: String(settings.METRICS_PORT),
    OIDC_ISSUER: outside.identityProvider,
    OIDC_JWKS_URL: `${outside.identityProvider}/jwks.json`,
    LADOK_URL: outside.ladok,
    BANKID_URL: outside.bankId,
    BANKID_ROOTS_FILE: input.rootsFile,
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
    EXCHANGE_CODE: OURSELVES,
    EXCHANGE_KEY_FILE: input.exchangeKeyFile,
  };
}

const OURSELVES = 'bth.example';

/** Has the simulated registry of the exchange list us, with the key of this installation. */
async function enterOurselves({ registry, publicKey, api }: { registry: string; publicKey: string; api: string }): Promise<void> {
  const answer = await fetch(`${registry}/__sim/institutions/${OURSELVES}`, {
    method: 'PUT',
    body: JSON.stringify({
      number: '399',
      nb: 'Eksempelhøgskolen',
      en: 'Example University',
      url: `${api}/resultatutveksling/v1`,
      keys: [publicKey],
    }),
  });
  if (!answer.ok) throw new Error(`the simulated registry of the exchange answers ${answer.status}`);
}

/**
 * Makes the worker's build current and waits until the API says that commands can be taken; then people and courses are brought.
 */
async function becomeReady(input: {
  config: Config;
  address: string;
  buildId: string;
  api: string;
  server: OwnedProcess;
}): Promise<void> {
  const client = await connect({
    namespace: input.config.TEMPORAL_NAMESPACE,
    keys: input.config.payloadKeys,
    address: input.address,
  });
  await setCurrentVersion(client, input.buildId);
  await untilAnswering({
    owned: input.server,
    answers: async () => {
      const answer = await fetch(`${input.api}/readyz`);
      if (!answer.ok) throw new Error('not ready');
    },
  });
  const refresh = {
    taskQueue: queues.cases,
    workflowId: `refresh-at-start-${Date.now()}`,
    workflowIdConflictPolicy: 'USE_EXISTING',
  } as const;
  await patiently(() => client.workflow.execute('refresh', refresh));
  await client.connection.close();
}

/** What is said once it runs. */
const welcome = (at: Running, folder: string): string => `
Registrar runs.

  API           ${at.api}
  API docs      ${at.api}/docs
  Temporal UI   ${at.temporalUi}/namespaces/registrar/workflows?query=RegistrarKind+IS+NOT+NULL
  Mailbox       ${at.mailbox}
  Phone (SMS)   ${at.phone}
  Sign in       ${at.identityProvider}   (lists the sample people)
  Data, logs    ${folder}, ${path.join(folder, 'logs')}

  A token:  curl -s ${at.identityProvider}/token/tove     teacher
            curl -s ${at.identityProvider}/token/eva      examiner of XX1000
            curl -s ${at.identityProvider}/token/erik     examiner of YY2000 and MAT1000
            curl -s ${at.identityProvider}/token/karin    course office
            curl -s ${at.identityProvider}/token/olle     operations
            curl -s ${at.identityProvider}/token/rut      auditor
            curl -s ${at.identityProvider}/token/siri     case worker of complaints
            curl -s ${at.identityProvider}/token/egil     exam office
            curl -s ${at.identityProvider}/token/mons     committee member
            curl -s ${at.identityProvider}/token/stina    study adviser
            curl -s ${at.identityProvider}/token/test1    student, fetched for (test2: not at the first start)

Ctrl-C ends everything. What is open goes on at the next start.
`;

async function main(): Promise<void> {
  const settings = readSettings();
  const off = new AbortController();
  const interrupted = new Promise<'interrupted'>((resolve) => {
    off.signal.addEventListener('abort', () => {
      print('stopping');
      resolve('interrupted');
    });
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => off.abort());
  // A terminal that was closed takes nothing more, and that must not end us before what we started.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const running = await startEmbedded(settings, print, off.signal).catch((cause: unknown) => {
    if (!(cause instanceof CalledOff)) throw cause;
    process.exit(0);
  });
  console.log(welcome(running, settings.folder));
  const outcome = await Promise.race([interrupted, running.broken]);
  if (outcome !== 'interrupted')
    console.error(
      `${outcome} has ended by itself; its log lies in ${path.join(settings.folder, 'logs')}. Everything is being stopped.`,
    );
  await running.stop();
  process.exit(outcome === 'interrupted' ? 0 : 1);
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  main().catch((cause: unknown) => {
    console.error(cause instanceof StartProblem ? cause.message : cause);
    process.exit(1);
  });
