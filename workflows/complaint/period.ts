/** When something is assessed, as FS names it: the year, and a month or a season (`vurdtidkode`). */
export interface AssessmentTime {
  readonly year: number;
  readonly term: string;
}

/** The month by which a term stands in the order of a year; a season by its last. */
export const monthOf: Readonly<Record<string, number>> = {
  JAN: 1,
  FEB: 2,
  MAR: 3,
  APR: 4,
  MAI: 5,
  JUN: 6,
  JUL: 7,
  AUG: 8,
  SEP: 9,
  OKT: 10,
  NOV: 11,
  DES: 12,
  VÅR: 6,
  SOM: 8,
  HØST: 12,
};

/** Where a term that nobody knows stands in its year: between spring and autumn. */
export const MIDDLE = 7;

/** Puts times in order: year and month as one number, `202606`. */
export const orderOf = ({ year, term }: AssessmentTime): number => year * 100 + (monthOf[term] ?? MIDDLE);

/** Reads `2026-JUN`; undefined for what is no time of assessment. */
export function timeFrom(text: string): AssessmentTime | undefined {
  const [, year, term = ''] = /^(\d{4})-(\p{Lu}{3,4})$/u.exec(text.normalize('NFC')) ?? [];
  return year !== undefined && Object.hasOwn(monthOf, term) ? { year: Number(year), term } : undefined;
}
