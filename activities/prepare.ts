import { migrate } from '../prisma/migrate.js';
import { createDatabase } from '../prisma/client.js';
import { workflowBundle } from './bundle.js';
import { ConfigProblem, readConfig, type Config } from './config.js';
import { ensureSchedules, setCurrentVersion } from './rollout.js';
import { connect, prepareNamespace } from './temporal.js';

/**
 * Makes database and Temporal fit for this code: migrations, institution, namespace, search attributes, schedules. May be
 * repeated.
 */
export async function prepare(input: { config: Config; address?: string; progress: (line: string) => void }): Promise<void> {
  const { config } = input;
  await migrate({ url: config.DATABASE_URL, progress: input.progress });
  const db = createDatabase({ url: config.DATABASE_URL, connections: 1, name: 'registrar-prepare' });
  const institution = { name: config.INSTITUTION_NAME, zone: config.INSTITUTION_ZONE, language: config.INSTITUTION_LANGUAGE };
  await db.institution.upsert({
    where: { code: config.INSTITUTION_CODE },
    create: { code: config.INSTITUTION_CODE, ...institution },
    update: institution,
  });
  await db.$disconnect();
  const client = await connect({
    namespace: config.TEMPORAL_NAMESPACE,
    keys: config.payloadKeys,
    ...(input.address ? { address: input.address } : {}),
  });
  await prepareNamespace(client);
  await ensureSchedules(client, config.INSTITUTION_ZONE);
  await client.connection.close();
}

/** The deploy step after the new workers poll: open cases go on with the new build. */
export async function rollOut(config: Config): Promise<string> {
  const buildId = config.BUILD_ID ?? (await workflowBundle()).buildId;
  const client = await connect({ namespace: config.TEMPORAL_NAMESPACE, keys: config.payloadKeys });
  await setCurrentVersion(client, buildId);
  await client.connection.close();
  return buildId;
}

if (process.argv[1]?.endsWith('prepare.ts')) {
  const progress = (line: string) => console.log(line);
  const step =
    process.argv[2] === 'roll-out'
      ? rollOut(readConfigOrEnd()).then((buildId) => progress(`current version: ${buildId}`))
      : prepare({ config: readConfigOrEnd(), progress });
  step.then(
    () => progress('prepared'),
    (cause: unknown) => {
      console.error(cause instanceof Error ? cause.message : cause);
      process.exit(1);
    },
  );
}

function readConfigOrEnd(): Config {
  try {
    return readConfig();
  } catch (cause) {
    if (!(cause instanceof ConfigProblem)) throw cause;
    console.error(cause.message);
    process.exit(1);
  }
}
