import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { once, type Trace } from '../../activities/case/once.js';
import { createDatabase, type Database, type Transaction } from '../../prisma/client.js';
import { refuse, type Refusal } from '../../workflows/process.js';
import { freshDatabase } from '../support/database.js';

const actor = { id: randomUUID(), institution: 'bth', roles: [] };
const refusal = refuse('forbidden', 'RX-32', 'not-yours-to-give', { command: 'find' });

describe('a command that no process decides', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    await db.institution.create({ data: { code: 'bth', name: 'BTH', zone: 'Europe/Stockholm', language: 'sv' } });
  });
  afterAll(async () => {
    await db.$disconnect();
    await database.drop();
  });

  const given = (about: string, decide: (tx: Transaction, trace: Trace) => Promise<{ done: true } | Refusal>) =>
    once(db, { action: 'students.find', about, body: {}, idempotencyKey: 'one', actor, requestId: 'request' }, decide);
  const entries = async () => (await db.auditEntry.findMany({ orderBy: { seq: 'asc' } })).map(({ entry }) => JSON.parse(entry));

  it('AU-02 leaves no refusal out of the audit, traced by its own work or not, and each in it once', async () => {
    const [own, forgotten] = [randomUUID(), randomUUID()];
    for (const _again of [1, 2]) {
      const answers = [
        await given(own, async (_tx, trace) => {
          await trace({ caseId: null, details: { person: own } }, refusal);
          return refusal;
        }),
        await given(forgotten, async () => refusal),
      ];
      expect(answers).toEqual([refusal, refusal]);
    }
    const no = { actor: actor.id, action: 'students.find', outcome: 'refused', rule: 'RX-32', code: 'not-yours-to-give' };
    expect(await entries()).toEqual([
      expect.objectContaining({ ...no, details: { person: own } }),
      expect.objectContaining({ ...no, details: { about: forgotten }, requestId: 'request', case: null }),
    ]);
  });
});
