/**
 * One result as it travels: a passed assessment or an achieved qualification (RX-13..16). Fields that a document lacks are
 * absent.
 */
export interface ReportedResult {
  /** The source's identifier of the result: the same as long as it is about the same thing, also when its grade changes. */
  readonly key: string;
  /** The `key` of the qualification it belongs to (RX-14). */
  readonly partOf?: string;
  readonly category: 'qualification' | 'course' | 'module' | 'thesis' | 'other';
  readonly code?: string;
  readonly nameNb?: string;
  /** Where `nameNb` is not Norwegian. */
  readonly nameLanguage?: 'sv';
  readonly nameEn?: string;
  readonly thesisTitle?: string;
  /** As people write it: `2026 VÅR`. */
  readonly term?: string;
  /** A decimal number as text: `7.5`. */
  readonly credits?: string;
  readonly creditScheme?: string;
  readonly result?: string;
  /** What the grades mean, as the document says it: `A-F; A to E pass, F fail.` */
  readonly gradingScheme?: string;
  /** YYYY-MM-DD. */
  readonly passedOn?: string;
  readonly description?: string;
}

/** Whom a document is about. */
export interface ReportedLearner {
  /** National number, digits only. */
  readonly nationalNumber: string;
  readonly givenNames: string;
  readonly familyName: string;
  /** YYYY-MM-DD. */
  readonly birthDate?: string;
}

/** What one institution says about one person: passed results only, a qualification before its parts. */
export interface Report {
  readonly learner: ReportedLearner;
  readonly issuer: {
    readonly code: string;
    readonly nameNb: string;
    readonly nameEn?: string;
    readonly country: string;
    readonly url: string;
  };
  /** ISO 8601 in UTC, of this century. */
  readonly generatedAt: string;
  readonly results: readonly ReportedResult[];
}
