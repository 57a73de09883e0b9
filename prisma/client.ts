import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient, type Prisma } from './generated/client.js';

export { Prisma } from './generated/client.js';
export type Database = PrismaClient;
/** A database, or a transaction on one. */
export type Transaction = Prisma.TransactionClient;

/**
 * Opens a pool on a PostgreSQL server. Nothing waits without end: 5 s for a connection, 3 s for a statement and for a lock.
 * @param connections most connections held at a time
 */
export function createDatabase(input: { url: string; connections?: number; name?: string }): Database {
  const adapter = new PrismaPg({
    connectionString: input.url,
    max: input.connections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 3_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    application_name: input.name ?? 'registrar',
  }, { onPoolError: () => undefined, onConnectionError: () => undefined, statementNameGenerator: statementNames() });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 5_000, timeout: 10_000 } });
}

/** More texts than there are in this code; beyond it (lists of changing length) a statement has no name and is parsed each time. */
const MOST_NAMES = 300;

/**
 * Names statements by the hash of their text, so that the server parses and plans each once a connection. A name never means two texts, not even to a
 * pooler that hands one connection to several processes by mistake.
 */
function statementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined) return known;
    if (names.size >= MOST_NAMES) return '';
    const name = `r${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
    names.set(sql, name);
    return name;
  };
}

/** A `date` column as the text the rules use, and back. Prisma hands dates over as midnight UTC. */
export const civil = (date: Date): string => date.toISOString().slice(0, 10);
export const civilOrNull = (date: Date | null): string | null => (date ? civil(date) : null);
export const asDate = (date: string): Date => new Date(`${date}T00:00:00.000Z`);
