import { randomBytes } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import {
  endProcess,
  freePort,
  refuseSecondStart,
  spawnOwned,
  StartProblem,
  untilAnswering,
  writableFolder,
} from './owned-process.js';
import { findPostgresPrograms, run, serverUser, type PostgresPrograms, type ServerUser } from './postgres-programs.js';
import { processCommand, processIdentity } from './process-identity.js';
import { progress as print, withProgress, type Progress } from './progress.js';

const MAJOR = '18';
const OWNER = 'registrar';
const DATABASE = 'registrar';
const PASSWORD_FILE = 'registrar.password';

/** A running PostgreSQL server with database `registrar`. */
export interface PostgresServer {
  /** For the database `registrar`, with the password: not for logs. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Settles when the server has ended, by us or by itself. */
  readonly ended: Promise<unknown>;
  /** Ends connections, writes everything down, ends; safe to call twice. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL of npm on a data folder, which is made at the first start (UTF-8, sorted by code point; letters as
 * Unicode has them). A server that outlived a killed parent is ended first, cleanly, and never adopted: so port, settings and
 * log are always the ones asked for, at the price of a fraction of a second. Listens on 127.0.0.1 only. The log holds no values
 * of rows. Throws StartProblem when the port is taken, a folder cannot be used, or another Registrar runs on it.
 */
export async function startPostgres({
  dataDir: given,
  port: wanted,
  logFile,
  stateDir = path.dirname(given),
  progress = print,
}: {
  readonly dataDir: string;
  /** On 127.0.0.1; 0 or left out for any free one. */
  readonly port?: number;
  readonly logFile: string;
  /** Folder of the record by which a later start recognises it; the one around the data folder when left out. */
  readonly stateDir?: string;
  readonly progress?: Progress;
}): Promise<PostgresServer> {
  const dataDir = path.resolve(given);
  const user = await serverUser();
  const programs = await findPostgresPrograms(user);
  writableFolder({ folder: path.dirname(dataDir) });
  await reachable(path.dirname(dataDir), user);
  refuseSecondStart({ stateDir, name: 'postgres' });
  if (existsSync(dataDir)) await endLeftoverServer(dataDir);
  const port = await freePort({ wanted, variable: 'POSTGRES_PORT' });
  if (!existsSync(dataDir)) await withProgress('making the database', initialise({ dataDir, programs, user }), progress);
  const password = passwordOf(dataDir);

  const urlOf = (database: string) => `postgresql://${OWNER}:${password}@127.0.0.1:${port}/${database}`;
  const start = async () => {
    const started = await spawnOwned({
      name: 'postgres',
      command: programs.postgres,
      args: [
        '-D',
        dataDir,
        '-p',
        String(port),
        ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      cwd: path.dirname(dataDir),
      stateDir,
      logFile,
      stopSignal: 'SIGINT',
      user,
    });
    await untilAnswering({ owned: started, answers: () => makeDatabase(urlOf('postgres')), timeoutMs: 120_000 });
    return started;
  };
  const owned = await withProgress('starting PostgreSQL', afterItsOrphans(start), progress);
  return { url: urlOf(DATABASE), port, pid: owned.pid, logFile, ended: owned.ended, stop: owned.stop };
}

/**
 * On the command line, so that a data folder made by an older Registrar gets them too. Errors of statements, whose texts may
 * hold values, go to who made them and not into the log.
 */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  max_connections: '200',
};

/**
 * Starts again while the connections of a killed server have not yet seen that it is gone: PostgreSQL refuses as long as they
 * hold its memory, which is a moment. Throws what the last start threw after 15 s.
 */
async function afterItsOrphans<T>(start: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 15_000; ; await sleep(250)) {
    try {
      return await start();
    } catch (cause) {
      const held = cause instanceof StartProblem && cause.message.includes('pre-existing shared memory block');
      if (!held || Date.now() > until) throw cause;
    }
  }
}

async function reachable(folder: string, user: ServerUser): Promise<void> {
  if (!user) return;
  try {
    await run('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/' });
  } catch (cause) {
    throw new StartProblem(
      `User postgres, under whom PostgreSQL runs when root starts it, cannot reach ${folder}: ` +
        'start Registrar as another user than root, or keep its data in a folder that user postgres can reach.',
      { cause },
    );
  }
}

/** Makes the data folder beside its place and moves it there whole: one that was interrupted is simply made again. */
async function initialise({
  dataDir,
  programs,
  user,
}: {
  readonly dataDir: string;
  readonly programs: PostgresPrograms;
  readonly user: ServerUser;
}): Promise<void> {
  const making = `${dataDir}.new`;
  const secrets = mkdtempSync(path.join(tmpdir(), 'registrar-'));
  const passwordFile = path.join(secrets, 'password');
  const own = (file: string) => user && chownSync(file, user.uid, user.gid);
  try {
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { mode: 0o700 });
    const password = randomBytes(24).toString('base64url');
    writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
    [making, secrets, passwordFile].forEach(own);
    await run(
      programs.initdb,
      [
        `--pgdata=${making}`,
        `--username=${OWNER}`,
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...user, cwd: path.dirname(dataDir), env: { ...process.env, LC_ALL: 'C' } },
    );
    writeFileSync(path.join(making, PASSWORD_FILE), password, { mode: 0o600 });
    own(path.join(making, PASSWORD_FILE));
    renameSync(making, dataDir);
  } catch (cause) {
    const said = (cause as { stderr?: string }).stderr?.trim().split('\n').at(-1) ?? (cause as Error).message;
    throw new StartProblem(`The database could not be made in ${dataDir}: ${said}`, { cause });
  } finally {
    rmSync(secrets, { recursive: true, force: true });
  }
}

function passwordOf(dataDir: string): string {
  const version = path.join(dataDir, 'PG_VERSION');
  const made = existsSync(version) ? readFileSync(version, 'utf8').trim() : undefined;
  const held = made === undefined ? 'no database' : `a database of PostgreSQL ${made}`;
  if (made !== MAJOR || !existsSync(path.join(dataDir, PASSWORD_FILE)))
    throw new StartProblem(
      `The folder ${dataDir} holds ${held} and none that Registrar made with PostgreSQL ${MAJOR}: ` +
        'choose another folder, or move this one away.',
    );
  return readFileSync(path.join(dataDir, PASSWORD_FILE), 'utf8').trim();
}

/**
 * Ends the server that still holds the data folder, told by `postmaster.pid` (line 1 its process, line 2 its folder) and by its
 * command. A file whose number belongs to something else by now, or that came with a copy of the folder, would keep PostgreSQL
 * from starting: it is removed, and that process left alone. So would the number of a killed server that its parent has not
 * yet collected: ours takes its place, which PostgreSQL passes over as its own parent's, and still looks whether any
 * connection of that server lives. What cannot be told is left to PostgreSQL, which then refuses.
 */
async function endLeftoverServer(dataDir: string): Promise<void> {
  const file = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const [pid = '', folder = '', ...rest] = readFileSync(file, 'utf8').split('\n');
  const identity = Number(pid) > 1 ? processIdentity(Number(pid)) : undefined;
  if (!identity) return writeFileSync(file, [process.pid, folder, ...rest].join('\n'));
  const command = processCommand(identity.pid);
  if (command === undefined) return;
  const here = existsSync(folder) && realpathSync(folder) === realpathSync(dataDir);
  if (here && /postgres/.test(command) && command.includes(folder)) await endProcess(identity, 'SIGINT');
  else if (!here || !/postgres/.test(command)) rmSync(file, { force: true });
}

async function makeDatabase(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}
