import type { MigrationList } from '@prisma/schema-engine-wasm';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { inDatabase, ScriptFailed, withEngine } from './schema-engine.js';

const here = path.dirname(fileURLToPath(import.meta.url));

/**
 * Settles what a migration of a killed process left behind: done when its transaction said so (`schema-engine.ts`), else given
 * up. One statement, for its script may still be running.
 */
const SETTLE_UNFINISHED = `UPDATE "_prisma_migrations" SET
    finished_at = CASE WHEN applied_steps_count > 0 THEN now() END,
    rolled_back_at = CASE WHEN applied_steps_count = 0 THEN now() END
  WHERE finished_at IS NULL AND rolled_back_at IS NULL`;
/** Our note and Prisma's own count add up to 2. */
const COUNT_ONCE = `UPDATE "_prisma_migrations" SET applied_steps_count = 1
  WHERE finished_at IS NOT NULL AND applied_steps_count > 1`;
const UNFINISHED = 'SELECT migration_name FROM "_prisma_migrations" WHERE finished_at IS NULL AND rolled_back_at IS NULL';

/** Where the schema and its migrations lie; the project's own when left out. */
export interface SchemaPlace {
  /** Path of `schema.prisma`. */
  readonly schemaFile?: string;
  /** Folder with one folder per migration, each with a `migration.sql`. */
  readonly migrationsDir?: string;
}

/** A database by its PostgreSQL URL, and the schema it is held against. */
export interface MigrationTarget extends SchemaPlace {
  readonly url: string;
}

const NO_FILTERS = { externalTables: [], externalEnums: [] };
const LOCKFILE = 'migration_lock.toml';
const LOCKFILE_TEXT = '# Written by prisma/migrate.ts\nprovider = "postgresql"\n';
/** Number of the advisory lock that makes simultaneous migrations wait for each other; Prisma's own lock has another one. */
const LOCK_NUMBER = 47_112_026;

const placeOf = ({ schemaFile, migrationsDir }: SchemaPlace) => ({
  schemaFile: path.resolve(schemaFile ?? path.join(here, 'schema.prisma')),
  migrationsDir: path.resolve(migrationsDir ?? path.join(here, 'migrations')),
});

/** Names of the migration folders, oldest first; empty when there are none yet. */
async function migrationNames(migrationsDir: string): Promise<string[]> {
  if (!existsSync(migrationsDir)) return [];
  const entries = await readdir(migrationsDir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

async function readMigrations(migrationsDir: string): Promise<MigrationList> {
  const names = await migrationNames(migrationsDir);
  const lockfile = path.join(migrationsDir, LOCKFILE);
  return {
    baseDir: migrationsDir,
    lockfile: { path: LOCKFILE, content: existsSync(lockfile) ? await readFile(lockfile, 'utf8') : LOCKFILE_TEXT },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.map(async (name) => ({
        path: name,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(path.join(migrationsDir, name, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}

/**
 * Brings a database up to the newest migration with Prisma's own engine, recorded in `_prisma_migrations` as `prisma migrate
 * deploy` would. Every migration is one transaction; one that failed or was killed is tried again at the next call. Processes
 * that start at the same time wait for each other. Returns the names of what was applied now. Throws when the database does not
 * answer and, with PostgreSQL's message, when a migration fails.
 */
export async function migrate(target: MigrationTarget & { readonly progress?: (line: string) => void }): Promise<string[]> {
  const { schemaFile, migrationsDir } = placeOf(target);
  const migrationsList = await readMigrations(migrationsDir);
  return inDatabase(target.url, async (lock) => {
    await lock.query('SELECT pg_advisory_lock($1)', [LOCK_NUMBER]);
    const asked = async <Row extends object>(sql: string) => (await lock.query<Row>(sql)).rows;
    if (await hasHistory(asked)) {
      await lock.query(SETTLE_UNFINISHED);
      await lock.query(COUNT_ONCE);
    }
    if ((await pendingMigrations(asked, target)).length === 0) return [];
    const { appliedMigrationNames } = await withEngine({ url: target.url, schemaFile }, (engine) =>
      engine.applyMigrations({ migrationsList, filters: NO_FILTERS }),
    ).catch(async (cause: unknown) => {
      if (!(cause instanceof ScriptFailed)) throw cause;
      const { rows } = await lock.query<{ migration_name: string }>(UNFINISHED);
      throw new Error(`Migration ${rows[0]?.migration_name ?? ''} failed and was undone: ${cause.message}`, { cause });
    });
    await lock.query(COUNT_ONCE);
    for (const name of appliedMigrationNames) target.progress?.(`Migration ${name} applied`);
    return appliedMigrationNames;
  });
}

/** Asks a database one thing, on a connection that is there already. */
export type Asked = <Row extends object>(sql: string) => Promise<readonly Row[]>;

const hasHistory = async (asked: Asked): Promise<boolean> =>
  (await asked<{ present: boolean }>(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`))[0]?.present === true;

/**
 * Names of the migrations this code has and the database that is asked has not finished, oldest first. Changes nothing; cheap
 * enough for readiness.
 */
export async function pendingMigrations(asked: Asked, place: SchemaPlace = {}): Promise<string[]> {
  const names = await migrationNames(placeOf(place).migrationsDir);
  if (!(await hasHistory(asked))) return names;
  const rows = await asked<{ migration_name: string }>(
    'SELECT migration_name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
  );
  const done = new Set(rows.map((row) => row.migration_name));
  return names.filter((name) => !done.has(name));
}

/**
 * The SQL that would take what the migrations produce to what `schema.prisma` says; `''` when both say the same. The migrations
 * are played into a shadow database beside `url`, so its user must be allowed to create one.
 */
export async function schemaDifference(target: MigrationTarget): Promise<string> {
  const { schemaFile, migrationsDir } = placeOf(target);
  const migrations = await readMigrations(migrationsDir);
  const content = await readFile(schemaFile, 'utf8');
  const { stdout } = await withEngine({ url: target.url, schemaFile }, (engine) =>
    engine.diff({
      from: migrations.migrationDirectories.length === 0 ? { tag: 'empty' } : { tag: 'migrations', ...migrations },
      to: { tag: 'schemaDatamodel', files: [{ path: schemaFile, content }] },
      script: true,
      exitCode: null,
      filters: NO_FILTERS,
    }),
  );
  const sql = stdout ?? '';
  return sql.split('\n').every((line) => line.trim() === '' || line.startsWith('--')) ? '' : sql;
}

/**
 * Writes a new migration folder, named by the time and `name`, with the SQL that takes the migrations to `schema.prisma`. With
 * `evenIfEmpty` also when there is nothing, for SQL written by hand. Returns the path of the SQL file, or undefined when
 * nothing differs.
 */
export async function newMigration(
  target: MigrationTarget & { readonly name: string; readonly evenIfEmpty?: boolean; readonly now?: Date },
): Promise<string | undefined> {
  if (!/^[a-z0-9_]+$/.test(target.name)) throw new Error('The name of a migration is made of a-z, 0-9 and _.');
  const { migrationsDir } = placeOf(target);
  const sql = await schemaDifference(target);
  if (sql === '' && !target.evenIfEmpty) return undefined;
  const time = (target.now ?? new Date()).toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = path.join(migrationsDir, `${time}_${target.name}`);
  await mkdir(folder, { recursive: true });
  if (!existsSync(path.join(migrationsDir, LOCKFILE))) await writeFile(path.join(migrationsDir, LOCKFILE), LOCKFILE_TEXT);
  const file = path.join(folder, 'migration.sql');
  await writeFile(file, sql);
  return file;
}

const EQUAL = 'schema.prisma and the migrations say the same';

async function main(args: string[]): Promise<void> {
  const url = process.env['DATABASE_URL'];
  if (!url) throw new Error('DATABASE_URL is not set: give the database, as postgresql://user:password@host:5432/name.');
  if (args[0] === 'deploy') {
    const applied = await migrate({ url, progress: console.log });
    if (applied.length === 0) console.log('Nothing to apply.');
  } else if (args[0] === 'new' && args[1]) {
    const file = await newMigration({ url, name: args[1], evenIfEmpty: args.includes('--empty') });
    console.log(file ? `Written: ${path.relative(process.cwd(), file)}` : `${EQUAL}: nothing written.`);
  } else if (args[0] === 'diff') {
    const sql = await schemaDifference({ url });
    console.log(sql || `${EQUAL}.`);
    if (sql) process.exitCode = 1;
  } else {
    throw new Error('Say one of: deploy, diff, new <name> [--empty].');
  }
}

if (process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main(process.argv.slice(2)).catch((cause: unknown) => {
    console.error(cause instanceof Error ? cause.message : String(cause));
    process.exitCode = 1;
  });
}
