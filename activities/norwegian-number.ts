import fnrvalidator from '@navikt/fnrvalidator';

/**
 * What a Norwegian national number is: `birth` (fødselsnummer), `d-number` (day + 40), `h-number` (month + 40), `synthetic`
 * (month + 80, and day + 40 with month + 40), `fs-test` (FS's own test persons, month + 50; of January and February they are read
 * as h-numbers, from which nothing tells them), and `temporary`: eleven digits that fit none of these, given by an FS institution
 * to somebody who has no number yet (RX-29, RX-31).
 */
export type NumberKind = 'birth' | 'd-number' | 'h-number' | 'synthetic' | 'fs-test' | 'temporary';

/** A number in the one form we store: eleven digits. */
export interface NorwegianNumber {
  readonly kind: NumberKind;
  readonly digits: string;
  /** Day, month and the year's last two digits, `DDMMYY`, as the number tells them. Not there where it is temporary. */
  readonly born?: string;
}

const kinds: Readonly<Record<string, { readonly kind: NumberKind; readonly day: number; readonly month: number }>> = {
  fnr: { kind: 'birth', day: 0, month: 0 },
  dnr: { kind: 'd-number', day: 40, month: 0 },
  hnr: { kind: 'h-number', day: 0, month: 40 },
  tnr: { kind: 'synthetic', day: 0, month: 80 },
  'dnr-and-hnr': { kind: 'synthetic', day: 40, month: 40 },
  'dnr-and-tnr': { kind: 'synthetic', day: 40, month: 80 },
};

const two = (digits: string, from: number, less: number) => String(Number(digits.slice(from, from + 2)) - less).padStart(2, '0');
const bornIn = (digits: string, day: number, month: number) =>
  `${two(digits, 0, day)}${two(digits, 2, month)}${digits.slice(4, 6)}`;

/** FS adds 50 to the month; day and control digits are as in any number. */
function fsTest(digits: string, reasons: readonly string[]): NorwegianNumber | undefined {
  if (reasons.join() !== 'invalid date') return undefined;
  const born = bornIn(digits, 0, 50);
  const [day, month] = [Number(born.slice(0, 2)), Number(born.slice(2, 4))];
  const real =
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    new Date(Date.UTC(2000 + Number(born.slice(4)), month - 1, day)).getUTCDate() === day;
  return real ? { kind: 'fs-test', digits, born } : undefined;
}

/**
 * Reads a national number as people write it, with or without the space in its middle. `temporary`: somebody declares that it is
 * a temporary one, which it then has to be. Gives undefined for anything else: not eleven digits, wrong control digits, a day
 * that does not exist, a real number that is declared temporary.
 */
export function norwegianNumber(
  text: string,
  { temporary = false }: { readonly temporary?: boolean } = {},
): NorwegianNumber | undefined {
  const digits = text.replaceAll(/[ \u00a0]/g, '');
  if (!/^\d{11}$/.test(digits)) return undefined;
  const found = fnrvalidator.idnr(digits);
  const known = found.status === 'valid' ? kinds[found.type] : undefined;
  const read = known
    ? { kind: known.kind, digits, born: bornIn(digits, known.day, known.month) }
    : fsTest(digits, found.status === 'invalid' ? found.reasons : []);
  if (temporary) return read ? undefined : { kind: 'temporary', digits };
  return read;
}
