import { workflowBundle } from './bundle.js';
import { certificates, readConfig } from './config.js';
import { createActivities, openPartners, openWorld, type Activities, type Partners } from './index.js';
import { createLogger } from './logger.js';
import { installRuntime, startWorkers } from './worker.js';

/** What a test may put around the outside systems and the activities; the product gives nothing. */
export interface Around {
  readonly partners?: (partners: Partners) => Partners;
  readonly activities?: (activities: Activities) => Activities;
  readonly bankIdPollMs?: number;
}

/** The worker as a process of its own: everything it needs is in the environment. Ends on SIGTERM when what it does is done. */
export async function runWorker(around: Around = {}): Promise<void> {
  const config = readConfig();
  const logger = createLogger({ level: config.LOG_LEVEL, name: 'worker' });
  installRuntime({ logger, ...(config.METRICS_PORT ? { metrics: `${config.API_HOST}:${config.METRICS_PORT}` } : {}) });
  const bundle = await workflowBundle({ progress: (line) => logger.info(line) });
  const world = await openWorld({ config, name: 'registrar-worker', connections: 20 });
  const partners = openPartners(config);
  const activities = createActivities({
    world,
    partners: around.partners?.(partners) ?? partners,
    roots: certificates(config.BANKID_ROOTS_FILE),
    ...(around.bankIdPollMs ? { bankIdPollMs: around.bankIdPollMs } : {}),
  });
  const workers = await startWorkers({
    at: { namespace: config.TEMPORAL_NAMESPACE },
    keys: config.payloadKeys,
    bundle,
    buildId: config.BUILD_ID ?? bundle.buildId,
    activities: around.activities?.(activities) ?? activities,
  });
  logger.info({ buildId: config.BUILD_ID ?? bundle.buildId }, 'the worker polls');
  const stop = () => void workers.shutdown();
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  await workers.done;
  await partners.close();
  await world.close();
  logger.info('the worker has ended');
}
