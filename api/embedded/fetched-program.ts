import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { namedExecutable, sdkDownload } from './cache-folder.js';
import { StartProblem, writableFolder } from './owned-process.js';
import type { Progress } from './progress.js';

/** Where a program is looked for, and the two ways to fetch it where it is nowhere. */
export interface WantedProgram {
  /** As in "There is no ...". */
  readonly name: string;
  /** The environment variable that names it. */
  readonly variable: string;
  /** Its path, where it is on this machine without having been named. */
  readonly there: () => string | undefined;
  /** Places that were looked at in vain, for the message. */
  readonly lookedAt: readonly string[];
  readonly download: { readonly kind: 'dev-server' | 'time-skipping'; readonly version: string; readonly file: string };
  /** What is done where the download does not work: `make` says what went wrong, or nothing, and then it lies at `file`. */
  readonly otherwise: {
    readonly trying: string;
    readonly source: string;
    readonly file: string;
    readonly make: () => Promise<string | undefined>;
  };
  /** What a person can do. */
  readonly advice: string;
}

/**
 * The path of a program: named, there already, downloaded by the SDK, or made in its own way. Throws StartProblem naming every
 * way.
 */
export async function foundOrFetched(
  wanted: WantedProgram,
  { progress, env }: { readonly progress: Progress; readonly env: NodeJS.ProcessEnv },
): Promise<string> {
  const { name, variable, otherwise } = wanted;
  const there = namedExecutable(variable, env) ?? wanted.there();
  if (there) return there;
  progress(`Fetching the ${name} (once; it is kept for later)`);
  const download = await sdkDownload({ ...wanted.download, progress });
  if (download === undefined) return wanted.download.file;
  progress(`The download did not work (${download}); trying ${otherwise.trying}`);
  const problem = await otherwise.make();
  if (problem === undefined) return otherwise.file;
  const ways = [
    `${variable} (not set)`,
    ...wanted.lookedAt.map((place) => `${place} (not there)`),
    `download by the Temporal SDK (${download})`,
    `${otherwise.source} (${problem})`,
  ];
  throw new StartProblem(`There is no ${name}. Looked for: ${ways.join('; ')}. ${wanted.advice}`);
}

/**
 * Makes something in a folder of its own within another one, so that what is interrupted leaves nothing half-made; answers with
 * what `make` says.
 */
export async function madeApart<T>({
  within,
  make,
}: {
  readonly within: string;
  readonly make: (folder: string) => Promise<T>;
}): Promise<T> {
  writableFolder({ folder: within, variable: 'REGISTRAR_CACHE' });
  const folder = mkdtempSync(path.join(within, '.making-'));
  try {
    return await make(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
