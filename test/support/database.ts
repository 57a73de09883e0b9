import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Database } from '../../prisma/client.js';
import { migrate } from '../../prisma/migrate.js';

const TEMPLATE = 'registrar_template';

const named = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
};

async function asOwner(url: string, statements: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/** Makes the migrated database that every test copies. */
export async function makeTemplate(url: string): Promise<void> {
  await asOwner(url, [`CREATE DATABASE ${TEMPLATE}`]);
  await migrate({ url: named(url, TEMPLATE) });
}

/** A database of a test's own, a copy of the migrated one. */
export async function freshDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const server = process.env['TEST_POSTGRES_URL'];
  if (!server) throw new Error('Start the tests with npm test: they need its servers.');
  const name = `test_${randomBytes(6).toString('hex')}`;
  await asOwner(server, [`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`]);
  return { url: named(server, name), drop: () => asOwner(server, [`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`]) };
}

/** Does something while a table is not to be had, as in the moment of a failover: every statement about it fails at once. */
export async function without<T>(db: Database, table: string, work: () => Promise<T>): Promise<T> {
  await db.$executeRawUnsafe(`ALTER TABLE ${table} RENAME TO ${table}_away`);
  try {
    return await work();
  } finally {
    await db.$executeRawUnsafe(`ALTER TABLE ${table}_away RENAME TO ${table}`);
  }
}
