import { addDays, type CivilDate, type Instant } from '../rules/civil-time.js';
import { nextReminding, type WorkingTime } from '../rules/reminding.js';

const DAYS_BEFORE = [7, 3];
const EACH = 1;

/**
 * The first moment of reminding after another (docs/decisions.md): seven and three days before "Sensurfrist", then each working day after
 * it.
 */
export const nextReminder = (deadline: CivilDate, after: Instant, working: WorkingTime): Instant =>
  nextReminding({ before: DAYS_BEFORE.map((days) => addDays(deadline, -days)), deadline, each: EACH }, after, working);

/** The first `count` moments of reminding after another, as they come while nobody decides. */
export function remindersAfter(deadline: CivilDate, after: Instant, ask: WorkingTime & { readonly count: number }): Instant[] {
  const found: Instant[] = [];
  while (found.length < ask.count) found.push(nextReminder(deadline, found.at(-1) ?? after, ask));
  return found;
}
