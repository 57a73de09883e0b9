import { wallTime, type CivilDate, type Instant } from './civil-time.js';
import { addWorkingDays, type Calendar } from './working-days.js';

/** The days an institution works, in its zone (IANA). */
export interface WorkingTime {
  readonly zone: string;
  readonly calendar: Calendar;
}

/** When people are reminded of a deadline: on some days before it, in order, and after it on each so many working days. */
export interface Reminding {
  readonly before: readonly CivilDate[];
  readonly deadline: CivilDate;
  readonly each: number;
}

const REMINDED_AT = '09:00';

/** The first moment of reminding after another, at nine by the clock on the wall. One that was missed is not made up for. */
export function nextReminding({ before, deadline, each }: Reminding, after: Instant, { zone, calendar }: WorkingTime): Instant {
  const moment = (date: CivilDate) => wallTime(date, REMINDED_AT, zone);
  const ahead = before.find((date) => moment(date) > after);
  if (ahead) return moment(ahead);
  let date = addWorkingDays(deadline, each, calendar);
  while (moment(date) <= after) date = addWorkingDays(date, each, calendar);
  return moment(date);
}
