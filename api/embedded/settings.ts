import { createHash, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { StartProblem } from './owned-process.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** An empty one is none. */
const unlessEmpty = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema);
const port = (usual: number, last = 65_535) => unlessEmpty(z.coerce.number().int().min(1).max(last).default(usual));
/** The simulated systems take so many ports from the first on. */
const SIMULATED_PORTS = 70;

/** What the embedded start takes from the environment; everything has a usual value. */
const settings = z.object({
  REGISTRAR_DATA: unlessEmpty(z.string().optional()),
  DATABASE_URL: unlessEmpty(z.string().startsWith('postgres').optional()),
  API_PORT: port(8080),
  TEMPORAL_PORT: port(7233),
  TEMPORAL_UI_PORT: port(8233),
  POSTGRES_PORT: port(15_432),
  SIM_PORT_BASE: port(9_100, 65_535 - SIMULATED_PORTS + 1),
  METRICS_PORT: port(9_464),
  WORKER_METRICS_PORT: port(9_465),
});
/** The settings of `npm start`, and the folder of its data. */
export type Settings = z.infer<typeof settings> & { readonly folder: string };

/**
 * Reads them, or throws StartProblem naming the one that is wrong. The data folder lies in the checkout unless root keeps it
 * where user postgres cannot reach.
 */
export function readSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  const parsed = settings.safeParse(env);
  if (!parsed.success) {
    const names = [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))];
    const forms = [
      ...(names.some((name) => name.includes('PORT'))
        ? ['ports are numbers from 1 to 65535, and SIM_PORT_BASE the first of seventy']
        : []),
      ...(names.includes('DATABASE_URL') ? ['DATABASE_URL begins with postgres'] : []),
    ];
    const given = names.map((name) => (name === 'DATABASE_URL' ? name : `${name} (now ${env[name]})`));
    throw new StartProblem(`${given.join(', ')}: ${forms.join(', ')}. Unset what you did not mean to set.`);
  }
  const read = parsed.data;
  return { ...read, folder: path.resolve(read.REGISTRAR_DATA ?? usualFolder()) };
}

const usualFolder = (): string => {
  const beside = path.join(root, '.registrar');
  return process.getuid?.() === 0 && !openToAll(root)
    ? `/var/lib/registrar-${createHash('sha256').update(root).digest('hex').slice(0, 8)}`
    : beside;
};

/** PostgreSQL never runs as root: its own user has to get through every folder above its data. */
const openToAll = (folder: string): boolean =>
  (statSync(folder).mode & 0o001) !== 0 && (folder === path.dirname(folder) || openToAll(path.dirname(folder)));

const kept = z.object({ masterSecret: z.string(), payloadKey: z.string() });

/** The keys of this installation, made at the first start and readable by their owner alone. */
export function readKeys(folder: string): z.infer<typeof kept> {
  const file = path.join(folder, 'keys.json');
  if (existsSync(file)) return kept.parse(JSON.parse(readFileSync(file, 'utf8')));
  const made = { masterSecret: randomBytes(32).toString('base64'), payloadKey: randomBytes(32).toString('base64') };
  writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return made;
}

/**
 * The RSA key of this installation for the exchange of results, made at the first start: its file, and its public half in PEM.
 */
export function exchangeKey(folder: string): { readonly file: string; readonly publicKey: string } {
  const file = path.join(folder, 'exchange-key.pem');
  if (!existsSync(file)) {
    writeFileSync(
      `${file}.new`,
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
      { mode: 0o600 },
    );
    renameSync(`${file}.new`, file);
  }
  return { file, publicKey: createPublicKey(readFileSync(file)).export({ type: 'spki', format: 'pem' }).toString() };
}
