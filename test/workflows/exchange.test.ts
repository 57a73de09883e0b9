import type { WorkflowHandle } from '@temporalio/client';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createRounds } from '../../activities/exchange/ask-round.js';
import { ownKey } from '../../activities/exchange/http-signature.js';
import { createPlaces } from '../../activities/exchange/places.js';
import { asDate } from '../../prisma/client.js';
import { addDays, dayOf, timeOf, wallTime } from '../../workflows/rules/civil-time.js';
import type { RoundActivities } from '../../workflows/exchange/workflow.js';
import { institution } from '../simulators/sample.js';
import { aPerson, codesOf, fakeInstitutions, listed, passed, setFor } from '../support/exchange.js';
import { openSkipping, type Skipping } from '../support/skipping.js';
import { personOf } from '../support/university.js';

const { zone } = institution;
type Events = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>;
const own = {
  code: 'bth.example',
  key: ownKey(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()),
};

describe('an order of which an institution is down for long', () => {
  const fake = fakeInstitutions();
  const [up, down] = codesOf(2) as [string, string];
  const askedAt: string[] = [];
  let rounds: RoundActivities;
  let skip: Skipping;
  beforeAll(async () => {
    skip = await openSkipping({ own, activities: { askRound: (input: { caseId: string }) => rounds.askRound(input) } });
    const { db } = skip;
    const institutions: typeof fake.institutions = {
      ...fake.institutions,
      ask: async (one, question, off) => {
        if (one.code === down) askedAt.push(await skip.now());
        return fake.institutions.ask(one, question, off);
      },
    };
    rounds = createRounds({ db, institutions, judge: fake.judge, places: createPlaces(db) });
    await listed(db, [up, down], own);
    await setFor(db, { 'exchange-module': true, 'exchange-retry-days': 400 });
    await db.role.create({ data: { personId: personOf('tove').id, role: 'study-adviser', validFrom: asDate('2020-01-01') } });
  });
  afterAll(() => skip?.close());

  const order = async () => {
    const approval = await skip.born('approval', 'tove', { person: await aPerson(skip.db) });
    return skip.born('exchange', 'tove', { approval: approval.number });
  };

  /** How many events each run of a workflow has, the newest first. */
  async function eventsOf(workflowId: string): Promise<number[]> {
    const counts: number[] = [];
    for (let runId: string | undefined = (await skip.client.workflow.getHandle(workflowId).describe()).runId; runId;) {
      const events: Events = (await skip.client.workflow.getHandle(workflowId, runId).fetchHistory()).events ?? [];
      counts.push(events.length);
      runId = events[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId || undefined;
    }
    return counts;
  }

  it('RX-25 asks it once on each of 400 local days at the same time on the clock, and nobody else, and its history stays bounded', async () => {
    fake.behave(up, { results: [passed('a', 'B')] });
    fake.behave(down, { down: 'timeout' });
    const today = dayOf(await skip.now(), zone);
    await skip.until(wallTime(addDays(today, 1), '02:30', zone), 5_000);
    const one = await order();
    const first = dayOf(await skip.now(), zone);
    await skip.client.workflow.getHandle(one.workflowId).result();
    expect(await skip.stateOf(one)).toBe('not-complete');
    expect(askedAt.map((at) => dayOf(at, zone))).toEqual(Array.from({ length: 401 }, (_, i) => addDays(first, i)));
    const other = askedAt.filter((at) => timeOf(at, zone) !== '02:30');
    expect(other.map((at) => timeOf(at, zone))).toEqual(['03:30']);
    expect(fake.asked(up)).toBe(1);
    expect(await skip.db.exchangeInquiry.count({ where: { caseId: one.id } })).toBe(402);
    // Not the server's own time: with nothing left to wait for it may have skipped on.
    const { closeTime } = await skip.client.workflow.getHandle(one.workflowId).describe();
    expect(dayOf(closeTime?.toISOString() ?? '', zone)).toBe(addDays(first, 401));
    const counts = await eventsOf(one.workflowId);
    expect(counts.length).toBeGreaterThan(1);
    expect(Math.max(...counts)).toBeLessThan(5_000);
  }, 600_000);
});
