import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isExecutable, namedExecutable, onPath, runQuietly, sdkDownload } from './cache-folder.js';
import { StartProblem, writableFolder } from './owned-process.js';
import { progress as print, type Progress } from './progress.js';

/** The release in `pom.xml`. */
const VERSION = '1.38.0';
const MAIN_CLASS = 'io.temporal.testserver.TestServer';
const MAVEN_LIMIT_MS = 10 * 60_000;
const pom = path.join(path.dirname(fileURLToPath(import.meta.url)), 'pom.xml');

/**
 * The path of an executable that is Temporal's time-skipping server, for tests: TEMPORAL_TEST_SERVER_PATH, the cache, the SDK's
 * download, jars from Maven Central with a wrapper around Java; whatever is fetched stays in the cache. Give it to
 * `TestWorkflowEnvironment.createTimeSkipping` as `{ server: { executable: { type: 'existing-path', path } } }`.
 * Throws StartProblem naming every way.
 */
export async function findTimeSkippingServer({ progress = print, env = process.env }: {
  readonly progress?: Progress;
  readonly env?: NodeJS.ProcessEnv;
} = {}): Promise<string> {
  const named = namedExecutable('TEMPORAL_TEST_SERVER_PATH', env);
  if (named) return named;
  const name = process.platform === 'win32' ? 'temporal-test-server.exe' : 'temporal-test-server';
  const downloaded = path.join(cacheFolder(env), 'bin', name);
  if (isExecutable(downloaded)) return downloaded;
  const folder = path.join(cacheFolder(env), `time-skipping-${VERSION}`);
  const wrapper = path.join(folder, 'temporal-test-server');
  const java = onPath('java', env);
  if (java && isExecutable(wrapper)) return wrapper;

  progress('Fetching the time-skipping Temporal server (once; it is kept for later runs)');
  const download = await sdkDownload({ kind: 'time-skipping', version: 'default', file: downloaded, progress });
  if (download === undefined) return downloaded;
  progress(`The download did not work (${download}); trying Maven`);
  const maven = onPath('mvn', env);
  const jars = java && maven ? await fetchJars({ maven, folder, progress, env }) : `${java ? 'mvn' : 'java'} is not on PATH`;
  if (jars === undefined) return wrapper;
  throw new StartProblem(
    'There is no time-skipping Temporal server. Looked for: TEMPORAL_TEST_SERVER_PATH (not set); ' +
      `${downloaded} and ${wrapper} (not there); download by the Temporal SDK (${download}); ` +
      `io.temporal:temporal-test-server:${VERSION} from Maven Central (${jars}). ` +
      'Install Java 11 or newer and Maven, or set TEMPORAL_TEST_SERVER_PATH to an executable of that server.',
  );
}

async function fetchJars({ maven, folder, progress, env }: {
  readonly maven: string;
  readonly folder: string;
  readonly progress: Progress;
  readonly env: NodeJS.ProcessEnv;
}): Promise<string | undefined> {
  const parent = path.dirname(folder);
  writableFolder({ folder: parent, variable: 'REGISTRAR_CACHE' });
  const making = mkdtempSync(path.join(parent, '.time-skipping-'));
  const lib = path.join(making, 'lib');
  try {
    copyFileSync(pom, path.join(making, 'pom.xml'));
    mkdirSync(lib);
    const problem = await runQuietly({
      command: maven,
      args: ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
      cwd: making,
      env,
      label: 'fetching the time-skipping server with Maven',
      limitMs: MAVEN_LIMIT_MS,
      progress,
    });
    if (problem !== undefined) return problem;
    if (!existsSync(path.join(lib, `temporal-test-server-${VERSION}.jar`))) return 'the jar did not come';
    const wrapper = path.join(making, 'temporal-test-server');
    writeFileSync(wrapper, `#!/bin/sh\nexec java -cp "$(dirname "$0")/lib/*" ${MAIN_CLASS} "$@"\n`);
    chmodSync(wrapper, 0o755);
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
    return undefined;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
