import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import * as registry from '../workflows/processes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const workflows = join(root, 'workflows');
const lock = join(root, 'package-lock.json');
const versionOf = (name: string) => (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
/** What else is in the bundle: a new release of either is a new bundle. */
const within = `${versionOf('@temporalio/worker')} ${versionOf('luxon')}`;

/**
 * A prebuilt bundle of all workflows, in a file named by its content and the releases it was made with. `buildId` names all that
 * a worker runs: the bundle, the activities, the database's schema and client, and every library.
 */
export interface Bundle {
  readonly codePath: string;
  readonly buildId: string;
}

/** Where the workflow of a process lies; the product's own lie in `workflows/<kind>/workflow.ts`. */
export type WorkflowFiles = Readonly<Record<string, string>>;

const own = (): WorkflowFiles =>
  Object.fromEntries(
    Object.entries(registry as Record<string, { definition: { kind: string } }>).map(([name, process]) => [
      name,
      join(workflows, process.definition.kind, 'workflow.ts'),
    ]),
  );

/** What is written from the schema: it says nothing that the schema does not. */
const written = join(root, 'prisma', 'generated');
const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? sources(join(folder, entry.name)) : [join(folder, entry.name)]))
    .filter((file) => !file.startsWith(written))
    .sort();

/** What a worker runs beside the workflows: a change of any of these files is another build. */
export const besideWorkflows = (): string[] => [...sources(join(root, 'activities')), ...sources(join(root, 'prisma')), lock];

/**
 * Builds the bundle, or finds it built: it is made anew when any file under `workflows/` or a library in it has changed. The
 * entry is written from the registry, so that a process needs one line there and none here. `beside`: what else the
 * build is named by; that of the product unless told.
 */
export async function workflowBundle(
  input: { folder?: string; more?: WorkflowFiles; beside?: readonly string[]; progress?: (line: string) => void } = {},
): Promise<Bundle> {
  const folder = input.folder ?? join(root, 'build');
  const files = { ...own(), ...input.more };
  const hash = createHash('sha256')
    .update(within)
    .update(JSON.stringify(Object.entries(files).map(([name, file]) => [name, relative(root, file)])));
  for (const source of [...sources(workflows), ...Object.values(input.more ?? {}).flatMap((one) => sources(dirname(one)))])
    hash.update(relative(root, source)).update(readFileSync(source));
  const called = hash.copy().digest('hex').slice(0, 16);
  for (const file of input.beside ?? besideWorkflows()) hash.update(relative(root, file)).update(readFileSync(file));
  const buildId = hash.digest('hex').slice(0, 16);
  const codePath = join(folder, `workflows-${called}.js`);
  if (existsSync(codePath)) return { codePath, buildId };
  input.progress?.('building the workflow bundle');
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, `entry-${called}.ts`);
  const from = (target: string) =>
    JSON.stringify(
      relative(folder, target)
        .replaceAll('\\', '/')
        .replace(/^(?!\.)/, './'),
    );
  writeFileSync(
    entry,
    [
      `export * from ${from(join(workflows, 'index.ts'))};`,
      ...Object.entries(files).map(([name, file]) => `export { ${name} } from ${from(file)};`),
      '',
    ].join('\n'),
  );
  const { code } = await bundleWorkflowCode({
    workflowsPath: entry,
    failureConverterPath: join(workflows, 'failures.cjs'),
    logger: {
      log: () => undefined,
      trace: () => undefined,
      debug: () => undefined,
      info: () => undefined,
      warn: () => undefined,
      error: (message: string) => input.progress?.(message),
    },
  });
  writeFileSync(`${codePath}.${process.pid}`, code);
  renameSync(`${codePath}.${process.pid}`, codePath);
  return { codePath, buildId };
}
