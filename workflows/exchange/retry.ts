import { addDays, dayOf, wallTime, type CivilDate, type Instant } from '../rules/civil-time.js';

/** When what is down is asked again: each local day at the wall time of the order, to a last day (RX-25). */
export interface Retrying {
  /** `HH:mm` on the clock of the zone when the order was given. */
  readonly time: string;
  readonly zone: string;
  /** The day whose attempt was the latest. */
  readonly on: CivilDate;
  /** The last day with an attempt. */
  readonly until: CivilDate;
}

/**
 * The next attempt after a moment: the first later day whose wall time has not passed; undefined after the last day. Counted from
 * the wall time of the order, never from the attempt before, so that the hour that a spring night leaves out does not stay left
 * out. A day has one attempt, also the one with two such hours.
 */
export function nextAttempt({ time, zone, on, until }: Retrying, after: Instant): Instant | undefined {
  const today = dayOf(after, zone);
  const day = [addDays(on, 1), today, addDays(today, 1)].find((one) => one > on && wallTime(one, time, zone) > after);
  return day !== undefined && day <= until ? wallTime(day, time, zone) : undefined;
}
