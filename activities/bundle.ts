import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';
import * as registry from '../workflows/processes.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const workflows = join(root, 'workflows');
const versionOf = (name: string) => (createRequire(import.meta.url)(`${name}/package.json`) as { version: string }).version;
/** What else is in the bundle: a new release of either is a new build. */
const within = `${versionOf('@temporalio/worker')} ${versionOf('luxon')}`;

/** A prebuilt bundle of all workflows; `buildId` names its content and the releases it was made with. */
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

const sources = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .flatMap((entry) => (entry.isDirectory() ? sources(join(folder, entry.name)) : [join(folder, entry.name)]))
    .sort();

/**
 * Builds the bundle, or finds it built: it is made anew when any file under `workflows/` or a library in it has changed. The
 * entry is written from the registry, so that a process needs one line there and none here.
 */
export async function workflowBundle(
  input: { folder?: string; more?: WorkflowFiles; progress?: (line: string) => void } = {},
): Promise<Bundle> {
  const folder = input.folder ?? join(root, 'build');
  const files = { ...own(), ...input.more };
  const hash = createHash('sha256')
    .update(within)
    .update(JSON.stringify(Object.entries(files).map(([name, file]) => [name, relative(root, file)])));
  for (const source of [...sources(workflows), ...Object.values(input.more ?? {}).flatMap((one) => sources(dirname(one)))])
    hash.update(relative(root, source)).update(readFileSync(source));
  const buildId = hash.digest('hex').slice(0, 16);
  const codePath = join(folder, `workflows-${buildId}.js`);
  if (existsSync(codePath)) return { codePath, buildId };
  input.progress?.('building the workflow bundle');
  mkdirSync(folder, { recursive: true });
  const entry = join(folder, `entry-${buildId}.ts`);
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
