import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createDatabase, isAway, openPool, type Database } from '../../prisma/client.js';
import { freshDatabase } from '../support/database.js';

describe('the database client', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  beforeAll(async () => void (database = await freshDatabase()));
  afterAll(() => database.drop());

  /** The names under which one process has its statements prepared, after it gave these in this order. */
  const named = async (...statements: ((db: Database) => Promise<unknown>)[]): Promise<Map<string, string>> => {
    const db = createDatabase({ url: database.url, connections: 1 });
    try {
      for (const give of statements) await give(db);
      const rows = await db.$queryRaw<
        { name: string; statement: string }[]
      >`SELECT name, statement FROM pg_prepared_statements WHERE statement LIKE '%institutions%' OR statement LIKE '%persons%'`;
      return new Map(rows.map(({ name, statement }) => [name, statement]));
    } finally {
      await db.$disconnect();
    }
  };

  it('prepares a statement under the same name in every process, and under that name no other', async () => {
    const institutions = (db: Database) => db.institution.count();
    const persons = (db: Database) => db.person.count();
    const [one, other] = [await named(institutions, persons), await named(persons, institutions)];
    expect(one.size).toBeGreaterThanOrEqual(2);
    expect(new Map([...other].sort())).toEqual(new Map([...one].sort()));
  });

  it('survives a server that ends a connection which was handed out and which nobody listens to yet, and says that it is away', async () => {
    const [pool, db] = [openPool({ url: database.url, connections: 1 }), createDatabase({ url: database.url })];
    try {
      const client = await pool.connect();
      const {
        rows: [{ pid }],
      } = await client.query('SELECT pg_backend_pid() AS pid');
      const ended = new Promise((end) => client.once('end', end));
      await db.$queryRaw`SELECT pg_terminate_backend(${pid}::int)`;
      await ended;
      const failed: unknown = await client.query('SELECT 1').then(
        () => undefined,
        (cause: unknown) => cause,
      );
      expect(isAway(failed)).toBe(true);
      client.release(true);
      expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await pool.end();
      await db.$disconnect();
    }
  });
});
