import type { Outcome } from './outcomes.js';

/** The answer to the three questions (RX-11). */
export interface Answered {
  readonly shares: boolean;
  readonly reserved: boolean;
  /** False where the source wants a consent of its own and has none. */
  readonly consent: boolean;
  /** Whether the source knows the number at all. */
  readonly known: boolean;
  readonly hasPassedResults: boolean;
  /** Qualifications whose diploma date is missing or not before today (RX-27). */
  readonly degreesHeldBack: number;
}

/** RX-12: only three times yes leads to a fetch; else the first no decides. */
export function firstNo(
  answered: Answered,
): 'not-sharing' | 'reserved' | 'no-consent' | 'unknown' | 'nothing-passed' | undefined {
  if (!answered.shares) return 'not-sharing';
  if (answered.reserved) return 'reserved';
  if (!answered.consent) return 'no-consent';
  if (!answered.known) return 'unknown';
  return answered.hasPassedResults ? undefined : 'nothing-passed';
}

/** What follows from an answer; a degree that is held back is told where there is nothing else (RX-27). */
export function afterAnswers(answered: Answered): Outcome | 'fetch' {
  const no = firstNo(answered);
  if (no === 'no-consent') return 'no-consent-there';
  if (no === 'unknown') return 'unknown-there';
  if (no === 'nothing-passed' && answered.degreesHeldBack > 0) return 'degree-held-back';
  return no ?? 'fetch';
}

/** How a fetch ended that brought so many results. */
export function afterFetch({ degreesHeldBack }: Pick<Answered, 'degreesHeldBack'>, results: number): Outcome {
  if (degreesHeldBack > 0) return 'degree-held-back';
  return results > 0 ? 'fetched' : 'nothing-passed';
}
