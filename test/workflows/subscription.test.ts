import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createTelling } from '../../activities/subscription/telling.js';
import type { TellingActivities } from '../../workflows/subscription/telling.js';
import { queues } from '../../workflows/queues.js';
import { addDays, addYears, dayOf, endOfDay, wallTime } from '../../workflows/rules/civil-time.js';
import { institution } from '../simulators/sample.js';
import { openSkipping, type Skipping } from '../support/skipping.js';
import { keysOf } from '../support/subscriptions.js';
import { eventually, personOf } from '../support/university.js';

const { code, zone } = institution;

/** The register as the daily run finds it: which courses it does not answer for, and how often. */
const register = { courses: [] as string[], silent: new Map<string, number>(), asked: [] as { course: string; at: string }[] };
const activities: TellingActivities = {
  announceEnds: async () => undefined,
  subscribedCourses: async () => register.courses,
  tellOf: async ({ course, at }) => {
    const left = register.silent.get(course) ?? 0;
    register.silent.set(course, left - 1);
    if (left > 0) throw new Error('the register does not answer');
    register.asked.push({ course, at });
  },
};

let skipping: Skipping;
beforeAll(async () => {
  skipping = await openSkipping({ activities });
  await skipping.db.course.create({
    data: {
      institution: code,
      code: 'XX1000',
      nameSv: 'Exempelkurs',
      nameEn: 'Example course',
      uid: 'c1000000-0000-4000-8000-000000001000',
      scaleId: '1',
      titleWanted: false,
      discontinued: false,
      takenAt: new Date(),
    },
  });
}, 120_000);
afterAll(() => skipping?.close());

const letters = (id: string) =>
  skipping.db.outbox.findMany({ where: { caseId: id, channel: 'mail' }, orderBy: { createdAt: 'asc' } });

describe('a subscription', () => {
  it('SU-04 lasts three years to the end of its last day, then expires with a last word; its history stays short', async () => {
    const until = addYears(dayOf(await skipping.now(), zone), 3);
    const subscription = await skipping.born('subscription', 'tove', { course: 'XX1000', until });
    await skipping.waits(subscription);
    const ends = endOfDay(until, zone);
    const telling = createTelling({ db: skipping.db, institution: code, eligible: async () => keysOf(month) });
    let month = 0;
    for (let day = dayOf(await skipping.now(), zone); day < until; day = addDays(day, 31), month += 1) {
      await skipping.until(wallTime(day, '06:00', zone), 0);
      await new MockActivityEnvironment().run(telling.tellOf, { course: 'XX1000', at: await skipping.now() });
    }
    await skipping.until(ends, -1_000);
    expect(await skipping.stateOf(subscription)).toBe('active');
    expect(await letters(subscription.id)).toHaveLength(month);
    expect(month).toBeGreaterThan(34);
    await skipping.until(ends, 1_000);
    await eventually('it has expired', async () => (await skipping.stateOf(subscription)) === 'expired');
    const handle = skipping.client.workflow.getHandle(subscription.workflowId);
    expect(await handle.result()).toEqual({ state: 'expired' });
    expect((await letters(subscription.id)).slice(month).map((letter) => letter.payload)).toEqual([
      { letter: 'expired', to: personOf('tove').id },
    ]);
    const { events } = await handle.fetchHistory();
    expect(events?.length).toBeLessThan(40);
  });

  it('SU-05 that is ended early has no last word, also when its day comes', async () => {
    const until = addYears(dayOf(await skipping.now(), zone), 1);
    const subscription = await skipping.born('subscription', 'eva', { course: 'XX1000', until });
    await skipping.waits(subscription);
    expect(await skipping.give(subscription, 'eva', 'end', {})).toMatchObject({
      status: 'done',
      case: { state: 'ended', due: null },
    });
    await skipping.until(endOfDay(until, zone), 1_000);
    expect(await skipping.client.workflow.getHandle(subscription.workflowId).result()).toEqual({ state: 'ended' });
    expect([await skipping.stateOf(subscription), await letters(subscription.id)]).toEqual(['ended', []]);
  });
});

describe('the daily run', () => {
  /** Courses by the minute in which they were looked up, the first lookup being minute 0. */
  const byMinute = (): Record<number, string[]> => {
    const found: Record<number, string[]> = {};
    const [first] = register.asked;
    for (const { course, at } of register.asked)
      (found[Math.round((Date.parse(at) - Date.parse(first?.at ?? at)) / 60_000)] ??= []).push(course);
    return Object.fromEntries(Object.entries(found).map(([minute, courses]) => [minute, courses.sort()]));
  };
  const run = async (courses: readonly string[], silent: Readonly<Record<string, number>>) => {
    Object.assign(register, { courses: [...courses], silent: new Map(Object.entries(silent)), asked: [] });
    await skipping.client.workflow.execute('tellSubscribers', { taskQueue: queues.cases, workflowId: `tell-${randomUUID()}` });
    return byMinute();
  };

  it('SU-01 looks every course up, though the register does not answer for some, which are asked again the same morning', async () => {
    expect(await run(['AA1', 'BB1', 'CC1', 'DD1', 'EE1', 'FF1'], { AA1: 3, DD1: 5 })).toEqual({
      0: ['BB1', 'CC1', 'EE1', 'FF1'],
      15: ['AA1'],
      75: ['DD1'],
    });
  });

  it('SU-01 leaves to the next day what the register never answers for', async () => {
    expect(await run(['AA1', 'BB1'], { AA1: 99 })).toEqual({ 0: ['BB1'] });
    expect(await run([], {})).toEqual({});
  });
});
