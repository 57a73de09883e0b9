import { refuse, type Due, type Refusal, type Text } from '../process.js';
import { endOfDay, isCivilDate, type CivilDate } from './civil-time.js';

/** Days that somebody gave: real ones, not gone by, in order. `rule` is what a refusal cites. */
export function wrongPeriod({
  from,
  until,
  today,
  rule,
}: {
  from: CivilDate;
  until: CivilDate;
  today: CivilDate;
  rule: string;
}): Refusal | undefined {
  const unreal = Object.entries({ from, until }).flatMap(([field, date]) => (isCivilDate(date) ? [] : [field]));
  if (unreal.length) return refuse('invalid', rule, 'not-a-day', { fields: unreal });
  if (from < today) return refuse('invalid', rule, 'begins-before-today', { today });
  return until < from ? refuse('invalid', rule, 'ends-before-it-begins', { from, until }) : undefined;
}

/** What the last day of a period is counted from: somebody chose it. */
export const chosen = {
  chosen: { sv: 'att sista dagen valdes', nb: 'at siste dag ble valgt', en: 'when the last day was chosen' },
} as const satisfies Readonly<Record<string, Text>>;

/** The deadline of a period: its last whole day in the zone, as somebody chose it today. */
export const untilDay = ({
  until,
  today,
  zone,
  rule,
}: {
  until: CivilDate;
  today: CivilDate;
  zone: string;
  rule: string;
}): Due => ({
  on: until,
  ends: endOfDay(until, zone),
  rule,
  why: { basis: 'chosen' satisfies keyof typeof chosen, from: today, skipped: [] },
});
