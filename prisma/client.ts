import { createHash } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { PrismaClient, type Prisma } from './generated/client.js';

export { Prisma } from './generated/client.js';
/** The database, as everything but migrations uses it. */
export type Database = PrismaClient;
/** A database, or a transaction on one. */
export type Transaction = Prisma.TransactionClient;

/** A PostgreSQL server, and how many connections to it are held at most (ten). */
interface Server {
  readonly url: string;
  readonly connections?: number;
  readonly name?: string;
}

/**
 * Opens a pool of connections. Nothing waits without end: 5 s for a connection, 3 s for a statement and for a lock. A connection
 * that breaks fails whoever uses it and nobody else: also in the moment after it was handed out, when nobody listens to it yet,
 * and its error would end the process.
 */
export function openPool({ url, connections, name }: Server): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections ?? 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 3_000,
    lock_timeout: 3_000,
    idle_in_transaction_session_timeout: 10_000,
    keepAlive: true,
    application_name: name ?? 'registrar',
  });
  pool.on('connect', (client) => void client.on('error', () => undefined));
  pool.on('error', () => undefined);
  return pool;
}

/** Opens a database over a pool of its own (`openPool`), which `$disconnect` closes. */
export function createDatabase(input: Server): Database {
  const adapter = new PrismaPg(openPool(input), { disposeExternalPool: true, statementNameGenerator: statementNames() });
  return new PrismaClient({ adapter, transactionOptions: { maxWait: 5_000, timeout: 10_000 } });
}

/**
 * More texts than there are in this code; beyond it (lists of changing length) a statement has no name and is parsed each time.
 */
const MOST_NAMES = 300;

/**
 * Names statements by the hash of their text, so that the server parses and plans each once a connection. A name never means two
 * texts, not even to a pooler that hands one connection to several processes by mistake.
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
/** As `civil`, null for none. */
export const civilOrNull = (date: Date | null): string | null => (date ? civil(date) : null);
/** A civil date as Prisma writes it into a `date` column. */
export const asDate = (date: string): Date => new Date(`${date}T00:00:00.000Z`);

/** Codes of Prisma, of sockets and of PostgreSQL: no connection, no time, no lock. */
const away = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  '57P01',
  '57P02',
  '57P03',
  '08006',
  '08001',
  '08003',
  '53300',
  '57014',
  '55P03',
  '40001',
  '40P01',
]);

/**
 * Whether an error says that the database is away, restarting or overloaded, or that somebody else held a lock: nothing is known
 * to be wrong with what was asked.
 */
export function isAway(cause: unknown): boolean {
  for (let at: unknown = cause, depth = 0; at && depth < 6; depth += 1) {
    const {
      code,
      meta,
      cause: under,
      message,
    } = at as {
      code?: string;
      meta?: { code?: string; driverAdapterError?: unknown };
      cause?: unknown;
      message?: string;
      originalCode?: string;
    };
    const original = (at as { originalCode?: string }).originalCode;
    if ((code && away.has(code)) || (original && away.has(original)) || (meta?.code && away.has(meta.code))) return true;
    if (
      message &&
      /Connection terminated|connection timeout|server closed the connection|timeout exceeded when trying to connect|Can't reach database|not queryable/i.test(
        message,
      )
    )
      return true;
    at = under ?? meta?.driverAdapterError;
  }
  return false;
}
