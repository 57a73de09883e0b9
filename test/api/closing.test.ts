import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createLogger } from '../../activities/logger.js';
import { createApi } from '../../api/app.js';
import { filledList } from '../support/lists.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('a process of the API that ends', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  it('RL-35 tells of a step that was accepted, and does not wait for what becomes of it', async () => {
    const list = await filledList(at);
    const closing = new AbortController();
    const app = createApi({
      world: at.world,
      logger: createLogger({ level: 'silent', name: 'test' }),
      version: { version: '0', buildId: 'x' },
      closing: closing.signal,
      verify: async () => ({ person: personOf('tove').id, session: 's' }),
    });
    const version = await list.version();
    const answered = await at.world.db.$transaction(
      async (tx) => {
        await tx.$queryRaw`SELECT FROM cases WHERE number = ${BigInt(list.number)} FOR UPDATE`;
        const answer = Promise.resolve(
          app.request(`/result-lists/${list.number}/send`, {
            method: 'POST',
            headers: { Authorization: 'Bearer any', 'Idempotency-Key': randomUUID(), 'Content-Type': 'application/json' },
            body: JSON.stringify({ version }),
          }),
        );
        await sleep(3_500);
        const began = Date.now();
        closing.abort();
        const { status, headers } = await answer;
        return { status, place: headers.get('Location'), took: Date.now() - began };
      },
      { timeout: 60_000 },
    );
    expect(answered).toEqual({ status: 202, place: expect.any(String), took: expect.any(Number) });
    expect(answered.took).toBeLessThan(2_000);
    await eventually('it was sent', async () => (await list.read()).state === 'with-examiner');
    expect((await at.as('tove').get(answered.place ?? '')).status).toBe(200);
  });
});
