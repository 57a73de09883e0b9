import { DateTime } from 'luxon';

/** A day in a civil calendar, `YYYY-MM-DD`. Not a moment: it has no zone until a zone is named. */
export type CivilDate = string & { readonly __day?: never };
/** A moment, ISO 8601 in UTC, `2026-03-30T22:00:00.000Z`. */
export type Instant = string & { readonly __moment?: never };

/** Only this file touches time zones. Every function names the zone; none asks a clock. */
const at = (instant: Instant, zone: string) => DateTime.fromISO(instant, { zone });
const day = (date: CivilDate, zone = 'UTC') => DateTime.fromISO(date, { zone });

const iso = (moment: DateTime): string => {
  const text = moment.toUTC().toISO();
  if (!text) throw new Error('not a moment');
  return text;
};

/** Whether the text is a real day written `YYYY-MM-DD` (RL-18): 2026-02-30 is not, and the year 0000 never was. */
export const isCivilDate = (text: string): text is CivilDate =>
  /^(?!0000)\d{4}-\d{2}-\d{2}$/.test(text) && DateTime.fromISO(text, { zone: 'UTC' }).isValid;

/** The local day of a moment. */
export const dayOf = (instant: Instant, zone: string): CivilDate => at(instant, zone).toFormat('yyyy-MM-dd');

/** When a legal deadline on that day has passed: the start of the next local day. */
export const endOfDay = (date: CivilDate, zone: string): Instant => iso(day(date, zone).plus({ days: 1 }).startOf('day'));

/**
 * The moment a clock on the wall (`HH:mm`) shows on that day. On the spring day a time that is left out becomes the hour after;
 * on the autumn day a time that comes twice is its first. So what happens daily is anchored on the wall time, never on the time
 * before.
 */
export function wallTime(date: CivilDate, time: string, zone: string): Instant {
  const [first] = DateTime.fromISO(`${date}T${time}`, { zone }).getPossibleOffsets();
  if (!first) throw new Error('not a moment');
  return iso(first);
}

/** What a clock on the wall shows at a moment, `HH:mm`. */
export const timeOf = (instant: Instant, zone: string): string => at(instant, zone).toFormat('HH:mm');

/** The day so many days later, or earlier. */
export const addDays = (date: CivilDate, days: number): CivilDate => day(date).plus({ days }).toFormat('yyyy-MM-dd');

/** Whole days from one day to another, below zero for one before it. */
export const daysBetween = (from: CivilDate, to: CivilDate): number => day(to).diff(day(from), 'days').days;

/** 1 is Monday, 7 is Sunday. */
export const weekdayOf = (date: CivilDate): number => day(date).weekday;

/** The same weekday so many weeks later (GC-17: three). */
export const addWeeks = (date: CivilDate, weeks: number): CivilDate => day(date).plus({ weeks }).toFormat('yyyy-MM-dd');

/** The same day some years on; 29 February becomes the 28th where there is none. */
export const addYears = (date: CivilDate, years: number): CivilDate => day(date).plus({ years }).toFormat('yyyy-MM-dd');

/** Milliseconds from one moment to another, never below zero. */
export const millisecondsUntil = (from: Instant, to: Instant): number => Math.max(0, Date.parse(to) - Date.parse(from));

/** Two lines: a moment on the wall clock of a zone, `2026-11-22 14:03:22`, and the zone, `Europe/Stockholm (UTC+01:00)`. */
export const wallClock = (instant: Instant, zone: string): string =>
  at(instant, zone).toFormat(`yyyy-MM-dd HH:mm:ss'\n${zone} (UTC'ZZ')'`);

/** The term a day lies in, as Swedish practice writes it: 20262 is the autumn of 2026, which begins in July. */
export const termOf = (date: CivilDate): string => `${date.slice(0, 4)}${Number(date.slice(5, 7)) >= 7 ? 2 : 1}`;

/** The last day of the term a day lies in. */
export const lastDayOfTerm = (date: CivilDate): CivilDate =>
  `${date.slice(0, 4)}-${termOf(date).endsWith('2') ? '12-31' : '06-30'}`;
