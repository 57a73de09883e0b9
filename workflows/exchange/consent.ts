import { refuse, type Refusal } from '../process.js';
import { isCivilDate, type CivilDate } from '../rules/civil-time.js';

/** Whether a student accepts that their results are fetched from elsewhere: J, or N. As the document writes it. */
export type ConsentAnswer = 'J' | 'N';

/**
 * Where an answer came from: the student in Studentweb (RX-06), staff for them (RX-08), or an application for admission (RX-09).
 */
export type ConsentSource = 'studentweb' | 'staff' | 'application';

/** The type as the consent record spells it; the type that is switched on is spelled RESUTVEKSL (RX-05, RX-07). Both are kept. */
export const CONSENT_RECORD = 'RESULTATUTVEKS';
export const CONSENT_TYPE = 'RESUTVEKSL';

/** An answer that somebody wants to write down. */
export interface ConsentAsk {
  readonly answer: ConsentAnswer;
  /** The day the student answered, YYYY-MM-DD. */
  readonly on: CivilDate;
  readonly today: CivilDate;
  readonly cameFrom: ConsentSource;
  readonly reason?: string | undefined;
  /** Whether students are asked on that day: the consent type is active. */
  readonly asked: boolean;
  /** The day of the newest answer there is. */
  readonly newest?: CivilDate | undefined;
}

/**
 * Whether an answer can be written down. What came last counts, so none is dated before the one that is there: a consent on paper
 * that turns up late must not undo a withdrawal. A student is asked only where the type is active, but can always withdraw. Staff
 * give a reason.
 */
export function admitConsent({ answer, on, today, cameFrom, reason, asked, newest }: ConsentAsk): Refusal | undefined {
  if (!isCivilDate(on)) return refuse('invalid', 'RX-07', 'not-a-day', { fields: ['on'] });
  if (on > today) return refuse('invalid', 'RX-07', 'day-too-late', { date: on, latest: today });
  if (newest && on < newest) return refuse('conflict', 'RX-07', 'day-too-early', { date: on, earliest: newest });
  if (cameFrom === 'staff' && !reason) return refuse('invalid', 'RX-08', 'consent-needs-reason');
  if (cameFrom === 'studentweb' && answer === 'J' && !asked) return refuse('conflict', 'RX-05', 'consent-not-asked');
  return undefined;
}
