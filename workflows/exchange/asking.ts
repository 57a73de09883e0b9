import type { Outcome } from './outcomes.js';

/** What an institution answered to the three questions (RX-11). */
export interface Answered {
  readonly shares: boolean;
  readonly reserved: boolean;
  readonly consent: boolean;
  readonly known: boolean;
  readonly hasPassedResults: boolean;
  readonly degreesHeldBack: number;
}

/**
 * RX-12: only three times yes leads to a fetch; else the first no is the outcome. A degree that is held back is told where there
 * is nothing else (RX-27).
 */
export function afterAnswers(answered: Answered): Outcome | 'fetch' {
  if (!answered.shares) return 'not-sharing';
  if (answered.reserved) return 'reserved';
  if (!answered.consent) return 'no-consent-there';
  if (!answered.known) return 'unknown-there';
  if (answered.hasPassedResults) return 'fetch';
  return answered.degreesHeldBack > 0 ? 'degree-held-back' : 'nothing-passed';
}

/** How a fetch ended that brought so many results. */
export function afterFetch({ degreesHeldBack }: Pick<Answered, 'degreesHeldBack'>, results: number): Outcome {
  if (degreesHeldBack > 0) return 'degree-held-back';
  return results > 0 ? 'fetched' : 'nothing-passed';
}
