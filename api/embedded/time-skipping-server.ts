import { chmodSync, copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheFolder, isExecutable, onPath, runQuietly } from './cache-folder.js';
import { foundOrFetched, madeApart } from './fetched-program.js';
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
export async function findTimeSkippingServer({
  progress = print,
  env = process.env,
}: { readonly progress?: Progress; readonly env?: NodeJS.ProcessEnv } = {}): Promise<string> {
  const name = process.platform === 'win32' ? 'temporal-test-server.exe' : 'temporal-test-server';
  const downloaded = path.join(cacheFolder(env), 'bin', name);
  const folder = path.join(cacheFolder(env), `time-skipping-${VERSION}`);
  const wrapper = path.join(folder, 'temporal-test-server');
  const [java, maven] = [onPath('java', env), onPath('mvn', env)];
  return foundOrFetched(
    {
      name: 'time-skipping Temporal server',
      variable: 'TEMPORAL_TEST_SERVER_PATH',
      there: () => (isExecutable(downloaded) ? downloaded : java && isExecutable(wrapper) ? wrapper : undefined),
      lookedAt: [downloaded, wrapper],
      download: { kind: 'time-skipping', version: 'default', file: downloaded },
      otherwise: {
        trying: 'Maven',
        source: `io.temporal:temporal-test-server:${VERSION} from Maven Central`,
        file: wrapper,
        make: async () =>
          java && maven ? fetchJars({ maven, folder, progress, env }) : `${java ? 'mvn' : 'java'} is not on PATH`,
      },
      advice: 'Install Java 11 or newer and Maven, or set TEMPORAL_TEST_SERVER_PATH to an executable of that server.',
    },
    { progress, env },
  );
}

const fetchJars = ({
  maven,
  folder,
  progress,
  env,
}: {
  readonly maven: string;
  readonly folder: string;
  readonly progress: Progress;
  readonly env: NodeJS.ProcessEnv;
}): Promise<string | undefined> =>
  madeApart({
    within: path.dirname(folder),
    make: async (making) => {
      const whole = path.join(making, 'server');
      const lib = path.join(whole, 'lib');
      mkdirSync(lib, { recursive: true });
      copyFileSync(pom, path.join(whole, 'pom.xml'));
      const problem = await runQuietly({
        command: maven,
        args: ['-B', '-q', 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${lib}`],
        cwd: whole,
        env,
        label: 'fetching the time-skipping server with Maven',
        limitMs: MAVEN_LIMIT_MS,
        progress,
      });
      if (problem !== undefined) return problem;
      if (!existsSync(path.join(lib, `temporal-test-server-${VERSION}.jar`))) return 'the jar did not come';
      const wrapper = path.join(whole, 'temporal-test-server');
      writeFileSync(wrapper, `#!/bin/sh\nexec java -cp "$(dirname "$0")/lib/*" ${MAIN_CLASS} "$@"\n`);
      chmodSync(wrapper, 0o755);
      rmSync(folder, { recursive: true, force: true });
      renameSync(whole, folder);
      return undefined;
    },
  });
