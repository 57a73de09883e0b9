import { continueAsNew, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import { leftUndone } from '../left-undone.js';
import { queues } from '../queues.js';
import type { Instant } from '../rules/civil-time.js';

/** What is asked of the register, and promised to subscribers, once a day (SU-01, SU-04). `at` is the moment of the run. */
export interface TellingActivities {
  /** Promises a letter about each subscription that ends within a week. May be repeated. */
  announceEnds(input: { at: Instant }): Promise<void>;
  /** Course codes that somebody subscribes to on that day. */
  subscribedCourses(input: { at: Instant }): Promise<readonly string[]>;
  /**
   * Promises each subscriber of the course one letter about those who can get a final grade and whom nobody told them of. May be
   * repeated.
   */
  tellOf(input: { course: string; at: Instant }): Promise<void>;
}

const telling = proxyActivities<TellingActivities>({
  taskQueue: queues.register,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '1m',
  retry: { maximumAttempts: 2 },
});

/** The register answers four calls at a time. */
const AT_ONCE = 4;
/** Pauses before what failed is asked once more, the same morning; then the next day does it. */
const AGAIN_AFTER = ['15m', '1h', '3h'] as const;

/** What is left of a run that continues as new. */
export interface TellingInput {
  readonly courses?: readonly string[];
  readonly failed?: readonly string[];
  readonly round?: number;
}

const now = (): Instant => new Date().toISOString();

async function told(course: string): Promise<boolean> {
  return telling.tellOf({ course, at: now() }).then(
    () => true,
    (cause: unknown) => {
      leftUndone(`a course was not looked up: ${course}`)(cause);
      return false;
    },
  );
}

/**
 * Runs daily at 06:00 by the institution's clock: four courses at a time, the next four when all of those are done. One that the
 * register does not answer for is left until all the others are done, then asked for again.
 */
export async function tellSubscribers(input: TellingInput = {}): Promise<void> {
  if (!input.courses) await telling.announceEnds({ at: now() }).catch(leftUndone('what ends soon was not announced'));
  let left = [...(input.courses ?? (await telling.subscribedCourses({ at: now() })))];
  let failed = [...(input.failed ?? [])];
  for (let round = input.round ?? 0; ; round += 1) {
    while (left.length > 0) {
      const some = left.splice(0, AT_ONCE);
      const done = await Promise.all(some.map(told));
      failed.push(...some.filter((_, i) => !done[i]));
      if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof tellSubscribers>({ courses: left, failed, round });
    }
    const pause = AGAIN_AFTER[round];
    if (failed.length === 0 || !pause) return;
    await sleep(pause, { summary: 'ask once more for what failed' });
    [left, failed] = [failed, []];
  }
}
