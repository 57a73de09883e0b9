import type { Answered } from '../../workflows/exchange/asking.js';

/**
 * An institution of the exchange, as the registry lists it: its SCHAC code, its address, and its RSA public keys in PEM. Never
 * the keys of a document.
 */
export interface Institution {
  readonly code: string;
  readonly url: string;
  readonly keys: readonly string[];
}

/** What is asked about whom, and on which basis (RX-01, RX-11). */
export interface Question {
  /** The same for the three questions and the fetch that follows, and when they are asked again after a crash. */
  readonly id: string;
  readonly nationalNumber: string;
  readonly basis: 'consent' | 'statute';
  /** The consent that was given to us (RX-07), where that is the basis. */
  readonly consent?: { readonly type: string; readonly answer: 'J'; readonly on: string };
}

/** The answer to the three questions, and when it was true by the source's clock, where it says so: as the moment of a document. */
export type ThreeAnswers = Answered & { readonly answeredAt?: string | undefined };

/** A document as it came, for whoever judges it. */
export interface Fetched {
  readonly document: Buffer;
}

/**
 * How institutions are spoken to. Both calls throw `PartnerUnavailable` where nothing usable came (not reached, not in time, 5xx,
 * 429, an answer that is none or is not signed by the institution), and `PartnerRefused` on another 4xx. `timeoutMs` is 90 s a
 * call: an institution may take a minute. `off` ends a call, which throws the signal's reason then.
 */
export interface Institutions {
  ask(institution: Institution, question: Question, off?: AbortSignal): Promise<ThreeAnswers>;
  fetch(institution: Institution, question: Question, off?: AbortSignal): Promise<Fetched>;
  /** Tells an institution that results which it fetched have changed here (BE-07). The id makes it harmless to tell twice. */
  tell(
    institution: Institution,
    notice: {
      readonly id: string;
      readonly nationalNumber: string;
      readonly keys: readonly string[];
      readonly changedAt: string;
    },
    off?: AbortSignal,
  ): Promise<void>;
  close(): Promise<void>;
}

/** Why a document is not believed; it is kept in quarantine and nothing of it is imported. */
export class Rejected extends Error {
  override readonly name = 'Rejected';
  constructor(readonly reason: 'rejected-signature' | 'rejected-person' | 'rejected-format') {
    super(`a document was ${reason}`);
  }
}
