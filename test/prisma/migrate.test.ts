import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { startPostgres, type PostgresServer } from '../../api/embedded/postgres-server.js';
import { migrate, newMigration, pendingMigrations, schemaDifference, type MigrationTarget } from '../../prisma/migrate.js';
import { inDatabase } from '../../prisma/schema-engine.js';

const MODEL = `
datasource db {
  provider = "postgresql"
}

model Entry {
  id    Int    @id
  text  String
  state String

  @@map("entries")
}
`;

const TABLE = `CREATE TABLE "entries" (
    "id" INTEGER NOT NULL,
    "text" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    CONSTRAINT "entries_pkey" PRIMARY KEY ("id")
);
`;

const GUARD = `-- by hand; with a semicolon in a comment
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append only; nothing is changed';
END;
$$;
CREATE TRIGGER entries_append_only BEFORE UPDATE OR DELETE ON "entries" FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER entries_no_truncate BEFORE TRUNCATE ON "entries" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE SEQUENCE list_numbers;
CREATE UNIQUE INDEX entries_one_open ON "entries" ("text") WHERE "state" = 'open';
ALTER TABLE "entries" ADD CONSTRAINT entries_positive CHECK ("id" > 0);
INSERT INTO "entries" VALUES (1, 'a;b', 'open') -- no semicolon at the end
`;

let folder: string;
let server: PostgresServer;
let databases = 0;
let target: { url: string; schemaFile: string; migrationsDir: string };

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'registrar-migrate-'));
  chmodSync(folder, 0o755);
  const logFile = path.join(folder, 'postgres.log');
  server = await startPostgres({ dataDir: path.join(folder, 'data'), logFile, progress: () => undefined });
});

afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function ask(sql: string, url = target.url): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query({ text: sql, rowMode: 'array' })).rows.flat();
  } finally {
    await client.end();
  }
}

beforeEach(async () => {
  const name = `migrate_${++databases}`;
  await ask(`CREATE DATABASE ${name}`, server.url);
  const place = path.join(folder, name);
  mkdirSync(path.join(place, 'migrations'), { recursive: true });
  target = {
    url: server.url.replace(/registrar$/, name),
    schemaFile: path.join(place, 'schema.prisma'),
    migrationsDir: path.join(place, 'migrations'),
  };
  writeFileSync(target.schemaFile, MODEL);
});

const write = (name: string, sql: string) => {
  mkdirSync(path.join(target.migrationsDir, name), { recursive: true });
  writeFileSync(path.join(target.migrationsDir, name, 'migration.sql'), sql);
};

const history = () =>
  ask(`SELECT migration_name || ' ' || CASE WHEN finished_at IS NOT NULL THEN 'done'
    WHEN rolled_back_at IS NOT NULL THEN 'given up'
    ELSE 'open' END FROM _prisma_migrations ORDER BY started_at`);

const pending = (of: MigrationTarget) =>
  inDatabase(of.url, (client) => pendingMigrations(async (sql) => (await client.query(sql)).rows, of));

describe('migrations', () => {
  it('are applied in order with their functions and triggers, once, and recorded as Prisma does', async () => {
    write('20260102000000_guard', GUARD);
    write('20260101000000_table', TABLE);
    const lines: string[] = [];
    expect(await pending(target)).toEqual(['20260101000000_table', '20260102000000_guard']);
    const applied = await migrate({ ...target, progress: (line) => lines.push(line) });
    expect(applied).toEqual(['20260101000000_table', '20260102000000_guard']);
    expect(lines).toEqual(['Migration 20260101000000_table applied', 'Migration 20260102000000_guard applied']);
    expect(await pending(target)).toEqual([]);
    expect(await migrate(target)).toEqual([]);
    expect(await history()).toEqual(['20260101000000_table done', '20260102000000_guard done']);
    expect(await ask('SELECT DISTINCT applied_steps_count FROM _prisma_migrations')).toEqual([1]);
    expect(await ask('SELECT text FROM entries')).toEqual(['a;b']);
    await expect(ask('DELETE FROM entries')).rejects.toThrow('append only; nothing is changed');
    await expect(ask('TRUNCATE entries')).rejects.toThrow('append only; nothing is changed');
    await expect(ask(`INSERT INTO entries VALUES (2, 'a;b', 'open')`)).rejects.toThrow('entries_one_open');
  });

  it('are applied once when several processes start at the same time', async () => {
    write('20260101000000_table', TABLE);
    write('20260102000000_slow', 'SELECT pg_sleep(0.5); CREATE TABLE slow (n int);');
    const applied = await Promise.all([1, 2, 3, 4].map(() => migrate(target)));
    expect(applied.flat().sort()).toEqual(['20260101000000_table', '20260102000000_slow']);
    expect(await history()).toEqual(['20260101000000_table done', '20260102000000_slow done']);
  });

  it('that fail leave nothing behind, say why, and are tried again', async () => {
    write('20260101000000_table', TABLE);
    write('20260102000000_broken', 'CREATE TABLE half (n int);\nINSERT INTO nowhere VALUES (1);');
    await expect(migrate(target)).rejects.toThrow(
      'Migration 20260102000000_broken failed and was undone: relation "nowhere" does not exist',
    );
    expect(await ask(`SELECT to_regclass('half')`)).toEqual([null]);
    expect(await pending(target)).toEqual(['20260102000000_broken']);
    write('20260102000000_broken', 'CREATE TABLE half (n int);');
    expect(await migrate(target)).toEqual(['20260102000000_broken']);
    const broken = ['20260102000000_broken given up', '20260102000000_broken done'];
    expect(await history()).toEqual(['20260101000000_table done', ...broken]);
  });

  it('refuse a COMMIT of their own', async () => {
    write('20260101000000_commit', 'CREATE TABLE a (n int); COMMIT; CREATE TABLE b (n int);');
    await expect(migrate(target)).rejects.toThrow('contains a COMMIT');
  });

  it('that were committed but not recorded are taken as done', async () => {
    write('20260101000000_table', TABLE);
    await migrate(target);
    await ask(`UPDATE _prisma_migrations SET finished_at = NULL`);
    expect(await pending(target)).toEqual(['20260101000000_table']);
    expect(await migrate(target)).toEqual([]);
    expect(await pending(target)).toEqual([]);
  });

  it('go on after the process was killed in the middle of one, even while its script still runs', async () => {
    write('20260101000000_table', TABLE);
    write('20260102000000_long', 'CREATE TABLE long (n int); SELECT pg_sleep(4);');
    const program = `
      import { migrate } from ${JSON.stringify(path.resolve('prisma/migrate.ts'))};
      await migrate(${JSON.stringify(target)});
    `;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], { stdio: 'ignore' });
    const gone = new Promise((resolve) => child.once('exit', resolve));
    const sleeping = `SELECT count(*)::int FROM pg_stat_activity WHERE query LIKE '%pg_sleep(4)%' AND wait_event = 'PgSleep'`;
    const scripts = () => ask(sleeping, server.url);
    for (let tries = 0; (await scripts())[0] !== 1; tries++) {
      if (tries > 1_000) throw new Error('the script never ran');
      await sleep(50);
    }
    child.kill('SIGKILL');
    await gone;
    expect(await history()).toEqual(['20260101000000_table done', '20260102000000_long open']);
    expect(await migrate(target)).toEqual(['20260102000000_long']);
    expect(await history()).toEqual(['20260101000000_table done', '20260102000000_long given up', '20260102000000_long done']);
    expect(await ask('SELECT count(*)::int FROM long')).toEqual([0]);
  });
});

describe('schema and migrations', () => {
  it('say the same, whatever was added by hand', async () => {
    write('20260101000000_table', TABLE);
    write('20260102000000_guard', GUARD);
    expect(await schemaDifference(target)).toBe('');
  });

  it('differ when the schema has more, in SQL; neither the database nor the server is changed by asking', async () => {
    write('20260101000000_table', TABLE);
    writeFileSync(target.schemaFile, MODEL.replace('state String', 'state String\n  added DateTime?'));
    expect(await schemaDifference(target)).toContain('ALTER TABLE "entries" ADD COLUMN     "added" TIMESTAMP(3)');
    expect(await ask(`SELECT to_regclass('entries')`)).toEqual([null]);
    expect(await ask(`SELECT datname FROM pg_database WHERE datname LIKE '%shadow%'`)).toEqual([]);
  });

  it('are brought together by a new migration', async () => {
    const now = new Date('2026-03-04T05:06:07Z');
    const file = await newMigration({ ...target, name: 'first', now });
    expect(file).toBe(path.join(target.migrationsDir, '20260304050607_first', 'migration.sql'));
    expect(readFileSync(file!, 'utf8')).toContain('CREATE TABLE "entries"');
    expect(readFileSync(path.join(target.migrationsDir, 'migration_lock.toml'), 'utf8')).toContain('provider = "postgresql"');
    expect(await schemaDifference(target)).toBe('');
    expect(await newMigration({ ...target, name: 'second' })).toBeUndefined();
    expect(readdirSync(target.migrationsDir).sort()).toEqual(['20260304050607_first', 'migration_lock.toml']);
    const empty = await newMigration({ ...target, name: 'by_hand', evenIfEmpty: true });
    expect(existsSync(empty!)).toBe(true);
    await expect(newMigration({ ...target, name: '../x' })).rejects.toThrow('a-z');
  });

  it('of Registrar itself say the same, and its migrations can be applied', async () => {
    const own = { url: target.url };
    expect(await schemaDifference(own)).toBe('');
    const applied = await migrate(own);
    expect(applied.length).toBeGreaterThan(0);
    expect(await pending(own)).toEqual([]);
  });
});
