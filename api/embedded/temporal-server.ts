import { Connection } from '@temporalio/client';
import { renameSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, isExecutable, onPath, runQuietly } from './cache-folder.js';
import { foundOrFetched, madeApart } from './fetched-program.js';
import { freePort, spawnOwned, untilAnswering, writableFolder } from './owned-process.js';
import { progress as print, withProgress, type Progress } from './progress.js';

/** The last release of the Temporal CLI that `go install` can build. */
const CLI_VERSION = 'v1.5.1';
const CLI_MODULE = `github.com/temporalio/cli/cmd/temporal@${CLI_VERSION}`;
const GO_LIMIT_MS = 25 * 60_000;
const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/**
 * The path of the Temporal CLI, whose development server is used: TEMPORAL_CLI_PATH, `temporal` on PATH, the cache, the SDK's
 * download, built with Go; whatever is fetched stays in the cache. Building takes minutes, shown by `progress`. Throws
 * StartProblem naming every way.
 */
export async function findTemporalBinary({
  progress = print,
  env = process.env,
}: { readonly progress?: Progress; readonly env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  const cached = path.join(cacheFolder(env), 'bin', executableName);
  const go = onPath('go', env);
  return foundOrFetched(
    {
      name: 'Temporal server',
      variable: 'TEMPORAL_CLI_PATH',
      there: () => onPath('temporal', env) ?? (isExecutable(cached) ? cached : undefined),
      lookedAt: ['temporal on PATH', cached],
      download: { kind: 'dev-server', version: CLI_VERSION, file: cached },
      otherwise: {
        trying: 'to build it with Go',
        source: `go install ${CLI_MODULE}`,
        file: cached,
        make: async () => (go ? goInstall({ go, cached, progress, env }) : 'Go is not on PATH'),
      },
      advice:
        'Install the Temporal CLI (https://docs.temporal.io/cli), or Go 1.24 or newer, or set TEMPORAL_CLI_PATH to a temporal executable.',
    },
    { progress, env },
  );
}

const goInstall = ({
  go,
  cached,
  progress,
  env,
}: {
  readonly go: string;
  readonly cached: string;
  readonly progress: Progress;
  readonly env: NodeJS.ProcessEnv;
}): Promise<string | undefined> =>
  madeApart({
    within: path.dirname(cached),
    make: async (building) => {
      const problem = await runQuietly({
        command: go,
        args: ['install', '-ldflags', '-s -w', CLI_MODULE],
        env: { ...env, GOBIN: building },
        cwd: path.dirname(cached),
        label: 'building the Temporal server with Go (up to 10 minutes the first time)',
        limitMs: GO_LIMIT_MS,
        progress,
      });
      if (problem === undefined) renameSync(path.join(building, executableName), cached);
      return problem;
    },
  });

/** Temporal's numbers of the types of search attributes, by the names its command line has for them. */
const ATTRIBUTE_TYPES: Readonly<Record<string, number>> = {
  Text: 1,
  Keyword: 2,
  Int: 3,
  Double: 4,
  Bool: 5,
  Datetime: 6,
  KeywordList: 7,
};

/** A running Temporal development server. */
export interface TemporalServer {
  /** `host:port` of the frontend. */
  readonly address: string;
  readonly uiUrl?: string;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the server has ended, by us or by itself. */
  readonly ended: Promise<unknown>;
  /** SIGTERM, then SIGKILL after 10 s. */
  stop(): Promise<void>;
}

/** How a development server of Temporal is started. */
export interface TemporalServerOptions {
  readonly binary: string;
  /** Where it keeps its state; in memory when left out. */
  readonly dbFile?: string;
  /** Ports on 127.0.0.1; 0 or left out for any free one. `uiPort` false: no UI. */
  readonly port?: number;
  readonly uiPort?: number | false;
  /** Made if it is not there; closed histories stay `retentionDays`. */
  readonly namespace?: string;
  readonly retentionDays?: number;
  /** Name to type (Keyword, KeywordList, Text, Int, Double, Bool, Datetime). */
  readonly searchAttributes: Readonly<Record<string, string>>;
  /** Address by which the UI has payloads decoded. */
  readonly codecEndpoint?: string;
  readonly logFile: string;
  /** Folder of the record by which a later start recognises it; beside the log when left out. */
  readonly stateDir?: string;
  readonly progress?: Progress;
}

/**
 * Starts Temporal's development server as a process of ours and waits until namespace and search attributes can be used;
 * attributes that a later release has more are added. Eager dispatch of activities is on: it halves the time of a step. Throws
 * StartProblem when a port is taken or the server does not come up.
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { binary, dbFile, searchAttributes, codecEndpoint, logFile } = options;
  const { namespace = 'registrar', retentionDays = 30, progress = print } = options;
  const port = await freePort({ wanted: options.port, variable: 'TEMPORAL_PORT' });
  const uiPort = options.uiPort === false ? undefined : await freePort({ wanted: options.uiPort, variable: 'TEMPORAL_UI_PORT' });
  if (dbFile) writableFolder({ folder: path.dirname(dbFile) });
  const owned = await spawnOwned({
    name: 'temporal',
    command: binary,
    args: [
      'server',
      'start-dev',
      '--ip=127.0.0.1',
      `--port=${port}`,
      `--namespace=${namespace}`,
      '--log-level=warn',
      '--dynamic-config-value=system.enableActivityEagerExecution=true',
      ...(dbFile ? ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=FULL'] : []),
      ...(uiPort === undefined ? ['--headless'] : ['--ui-port', String(uiPort)]),
      ...(codecEndpoint ? ['--ui-codec-endpoint', codecEndpoint] : []),
      ...Object.entries(searchAttributes).flatMap(([name, type]) => ['--search-attribute', `${name}=${type}`]),
    ],
    stateDir: options.stateDir ?? path.dirname(logFile),
    logFile,
  });
  const address = `127.0.0.1:${port}`;
  const ready = untilAnswering({ owned, answers: () => prepare({ address, namespace, retentionDays, searchAttributes }) });
  await withProgress('starting the Temporal server', ready, progress);
  const uiUrl = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
  return { address, uiUrl, pid: owned.pid, logFile, ended: owned.ended, stop: owned.stop };
}

async function prepare({
  address,
  namespace,
  retentionDays,
  searchAttributes,
}: {
  readonly address: string;
  readonly namespace: string;
  readonly retentionDays: number;
  readonly searchAttributes: Readonly<Record<string, string>>;
}): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 2_000 });
  try {
    await connection.withDeadline(Date.now() + 5_000, async () => {
      await connection.workflowService.getSystemInfo({});
      const seconds = retentionDays * 24 * 60 * 60;
      const { config } = await connection.workflowService.describeNamespace({ namespace });
      if (Number(config?.workflowExecutionRetentionTtl?.seconds) !== seconds) {
        const retention = { workflowExecutionRetentionTtl: { seconds: seconds as never } };
        await connection.workflowService.updateNamespace({ namespace, config: retention });
      }
      const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
      const missing = Object.entries(searchAttributes).filter(([name]) => !(name in customAttributes));
      // The server reads its flags for a namespace when it makes it, never again.
      if (missing.length > 0) {
        const added = Object.fromEntries(missing.map(([name, type]) => [name, ATTRIBUTE_TYPES[type] ?? 0]));
        await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: added });
      }
      const query = Object.keys(searchAttributes)
        .map((name) => `${name} IS NULL`)
        .join(' AND ');
      await connection.workflowService.countWorkflowExecutions({ namespace, query });
    });
  } finally {
    await connection.close();
  }
}
