import { refuse, type Refusal } from '../process.js';
import { isCivilDate, type CivilDate } from './civil-time.js';

/** Days that somebody gave: real ones, not gone by, in order. `rule` is what a refusal cites. */
export function wrongPeriod({ from, until, today, rule }: { from: CivilDate; until: CivilDate; today: CivilDate; rule: string }): Refusal | undefined {
  const unreal = Object.entries({ from, until }).flatMap(([field, date]) => (isCivilDate(date) ? [] : [field]));
  if (unreal.length) return refuse('invalid', rule, 'not-a-day', { fields: unreal });
  if (from < today) return refuse('invalid', rule, 'begins-before-today', { today });
  return until < from ? refuse('invalid', rule, 'ends-before-it-begins', { from, until }) : undefined;
}
