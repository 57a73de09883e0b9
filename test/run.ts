import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { progress } from '../api/embedded/progress.js';
import { findTimeSkippingServer } from '../api/embedded/time-skipping-server.js';
import { startServers, type Servers } from './support/servers.js';

/**
 * `npm test`: starts a real PostgreSQL and a real Temporal server once, finds the time-skipping one, builds the workflow bundle,
 * and runs jest beside them. Arguments go to jest (`npm test -- test/api`); tests that need no server (`npm test -- test/rules`)
 * get none.
 */
const root = fileURLToPath(new URL('..', import.meta.url));
let servers: Servers | undefined;

async function main(): Promise<number> {
  const asked = process.argv.slice(2).filter((word) => !word.startsWith('-'));
  const serverless =
    asked.length > 0 &&
    asked.every((word) =>
      /^test\/rules(\/|$)|^test\/architecture\/(ci|compose|dependencies|lint|requirements|rooms|sequencer)\./.test(word),
    );
  const timeSkipping = serverless ? '' : await findTimeSkippingServer({ progress });
  if (!serverless) servers = await startServers();
  mkdirSync(join(root, 'test-results'), { recursive: true });
  const jest = spawn(
    process.execPath,
    [
      '--no-warnings',
      join(root, 'node_modules/jest/bin/jest.js'),
      '--json',
      `--outputFile=${join(root, 'test-results/results.json')}`,
      ...process.argv.slice(2),
    ],
    {
      cwd: root,
      stdio: 'inherit',
      env: {
        ...process.env,
        // What is short-lived is collected less often: a twelfth of the processor time of a run.
        NODE_OPTIONS: `${process.env['NODE_OPTIONS'] ?? ''} --import tsx --no-warnings --max-semi-space-size=64`,
        TZ: 'UTC',
        ...servers?.env,
        TEST_TIME_SKIPPING: timeSkipping,
      },
    },
  );
  const interrupted = () => jest.kill('SIGTERM');
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  return new Promise((ended) => jest.once('exit', (code) => ended(code ?? 1)));
}

const code = await main().catch((cause: unknown) => {
  console.error(cause instanceof Error && cause.name === 'StartProblem' ? cause.message : cause);
  return 1;
});
await servers?.stop();
process.exit(code);
