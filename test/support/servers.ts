import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workflowBundle } from '../../activities/bundle.js';
import { searchAttributeTypes } from '../../activities/temporal.js';
import { startPostgres } from '../../api/embedded/postgres-server.js';
import { progress, withProgress } from '../../api/embedded/progress.js';
import { findTemporalBinary, startTemporalServer } from '../../api/embedded/temporal-server.js';
import { makeTemplate } from './database.js';

/** The real servers that tests and recordings run on, told to them by the environment. */
export interface Servers {
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** Starts a real PostgreSQL and a real Temporal server, makes the database that is copied, and builds the workflow bundle. */
export async function startServers(): Promise<Servers> {
  const folder = mkdtempSync(join(tmpdir(), 'registrar-test-'));
  chmodSync(folder, 0o755);
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const one of stops.reverse()) await one();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const binary = await findTemporalBinary({ progress });
    const postgres = await startPostgres({
      dataDir: join(folder, 'postgres'),
      logFile: join(folder, 'logs', 'postgres.log'),
      stateDir: join(folder, 'state'),
    });
    stops.push(() => postgres.stop());
    const temporal = await startTemporalServer({
      binary,
      searchAttributes: searchAttributeTypes(),
      logFile: join(folder, 'logs', 'temporal.log'),
      stateDir: join(folder, 'state'),
      uiPort: false,
    });
    stops.push(() => temporal.stop());
    await withProgress('applying the migrations', makeTemplate(postgres.url));
    const bundle = await withProgress('building the workflows', workflowBundle());
    const env = {
      TZ: 'UTC',
      TEST_POSTGRES_URL: postgres.url,
      TEST_TEMPORAL_ADDRESS: temporal.address,
      TEST_TEMPORAL_BINARY: binary,
      TEST_BUNDLE: bundle.codePath,
    };
    return { env, stop };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
