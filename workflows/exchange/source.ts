import type { Answered } from './asking.js';
import { gradeOrder } from './changes.js';

/** A result of our own as the three questions look at it. Days are YYYY-MM-DD. */
export interface OwnResult {
  readonly kind: 'assessment' | 'qualification';
  readonly passed: boolean;
  readonly withdrawn: boolean;
  /** That its grade was entered wrongly, and is reported and not put right yet (GC-29). */
  readonly reportedWrong: boolean;
  /** Of a qualification: the day of its diploma (Dato_Utlev_Vitn). */
  readonly diplomaOn: string | null;
}

/** How we stand to the exchange on the day of the question (RX-02, RX-03, RX-11). */
export interface Standing {
  readonly active: boolean;
  readonly reserved: boolean;
  /** That we want a consent of our own besides the asker's. */
  readonly wantsOwnConsent: boolean;
}

/** What is asked of us about one person. */
export interface Asked {
  readonly basis: 'consent' | 'statute';
  /** The consent given to who asks (RX-07), where that is the basis. */
  readonly consent: { readonly answer: string; readonly on: string } | null;
  /** The last answer given to us, null where there is none. */
  readonly ownConsent: string | null;
  /** Whether anybody here has the number. */
  readonly known: boolean;
  readonly results: readonly OwnResult[];
  /** Today in our zone: what RX-27 calls the fetch date. */
  readonly today: string;
}

const achieved = ({ passed, withdrawn }: Pick<OwnResult, 'passed' | 'withdrawn'>): boolean => passed && !withdrawn;

/** RX-27: a degree is kept back until the day after its diploma. */
const heldBack = (result: OwnResult, today: string): boolean =>
  result.kind === 'qualification' && (result.diplomaOn === null || result.diplomaOn >= today);

/**
 * Whether a result is handed over: passed, not withdrawn, not known to be wrong, and a degree after the day of its diploma (RX-13,
 * RX-27, GC-29).
 */
export const handedOver = (result: OwnResult, today: string): boolean =>
  achieved(result) && !result.reportedWrong && !heldBack(result, today);

/**
 * RX-01, RX-11: a consent that was given to who asks, and one of our own where we want that. A day that has not come here yet may
 * have come there.
 */
function consents({ active, wantsOwnConsent }: Standing, { basis, consent, ownConsent }: Asked): boolean {
  const theirs = basis === 'statute' || consent?.answer === 'J';
  return active && theirs && (!wantsOwnConsent || ownConsent === 'J');
}

/**
 * The three questions (RX-11). A no tells nothing further: not whether the person is known where we do not share, have reserved
 * ourselves, or lack the consent.
 */
export function answersTo(standing: Standing, asked: Asked): Answered {
  const { active: shares, reserved } = standing;
  const consent = !reserved && consents(standing, asked);
  const known = consent && asked.known;
  const results = known ? asked.results : [];
  return {
    shares,
    reserved,
    consent,
    known,
    hasPassedResults: results.some((one) => handedOver(one, asked.today)),
    degreesHeldBack: results.filter((one) => achieved(one) && heldBack(one, asked.today)).length,
  };
}

/** What a protocol says of a result now, for whether a later assessment takes its place. */
export interface Assessed {
  readonly passed: boolean;
  readonly withdrawn: boolean;
  readonly result: string | null;
}

/**
 * Whether a later assessment of the same thing takes the place of what stands: not where it is failed or worse than a passed one,
 * for the best result counts.
 */
export function takesThePlaceOf(standing: Assessed, later: Assessed): boolean {
  if (!achieved(standing)) return true;
  if (!later.passed) return false;
  const [before, after] = [gradeOrder(standing.result), gradeOrder(later.result)];
  return before < 0 || after < 0 || after <= before;
}
