/** A Swedish person's number in the one form we store. */
export interface PersonNumber {
  /** `samordningsnummer`: day + 60. `interim`: given by Ladok to somebody without either; holds one letter. */
  readonly kind: 'personnummer' | 'samordningsnummer' | 'interim';
  /** Twelve characters without separator, YYYYMMDDNNNC; in an interim number the ninth is a letter. */
  readonly digits: string;
}

const SHAPE =
  /^(?<century>18|19|20)?(?<year>\d{2})(?<month>\d{2})(?<day>\d{2})(?<sign>[-+]?)(?<serial>\d{3}|[A-Z]\d{2})(?<check>\d)$/;

const weighed = (digit: number, weight: number) => (digit * weight > 9 ? digit * weight - 9 : digit * weight);

const luhnHolds = (ten: string) =>
  [...ten].reduce((sum, digit, place) => sum + weighed(Number(digit), place % 2 ? 1 : 2), 0) % 10 === 0;

const isDay = (year: number, month: number, day: number) => {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
};

/**
 * Serials set aside for test persons: 98x, and among those born from 1990 on 238 and 239. Before 1990 the serial told the
 * county, and 238 and 239 were given to real people.
 */
const isTestSerial = (year: number, serial: string) => serial.startsWith('98') || (year >= 1990 && /^23[89]$/.test(serial));

/**
 * Reads a Swedish personnummer, samordningsnummer or interim number as people write it: `YYYYMMDD-NNNC`, `YYMMDD-NNNC`, the
 * same without separator, or `+` instead of `-` from the year somebody turns 100. Gives undefined for anything else: a day
 * that does not exist or has not come yet, a wrong check digit, serial 000, a sign that contradicts the year.
 *
 * `testNumbers: false` refuses numbers of test persons, as a production system should. An interim number's last digit is
 * not checked (nothing public says how it is made). `today` decides the century of a short form.
 */
export function swedishPersonNumber(
  text: string,
  { testNumbers, today = new Date() }: { readonly testNumbers: boolean; readonly today?: Date },
): PersonNumber | undefined {
  const parts = SHAPE.exec(text.trim().toUpperCase())?.groups as
    { century?: string; year: string; month: string; day: string; sign: string; serial: string; check: string } | undefined;
  if (!parts) return undefined;
  const thisYear = today.getUTCFullYear();
  const latest = thisYear - ((((thisYear - Number(parts.year)) % 100) + 100) % 100);
  const year = parts.century ? Number(parts.century + parts.year) : latest - (parts.sign === '+' ? 100 : 0);
  if (parts.sign === '+' && thisYear - year < 100) return undefined;

  const coordination = Number(parts.day) > 60;
  const interim = /[A-Z]/.test(parts.serial);
  const [month, day] = [Number(parts.month), Number(parts.day) - (coordination ? 60 : 0)];
  if (!isDay(year, month, day) || Date.UTC(year, month - 1, day) > today.getTime()) return undefined;

  const digits = `${year}${parts.month}${parts.day}${parts.serial}${parts.check}`;
  if (interim) return coordination ? undefined : { kind: 'interim', digits };
  if (parts.serial === '000' || !luhnHolds(digits.slice(2))) return undefined;
  if (!testNumbers && isTestSerial(year, parts.serial)) return undefined;
  return { kind: coordination ? 'samordningsnummer' : 'personnummer', digits };
}

/** A person's number as people write it: twelve digits get the hyphen, others stand as they came. */
export const personNumberText = (number: string): string =>
  /^\d{8}[\dA-Z]\d{3}$/.test(number) ? `${number.slice(0, 8)}-${number.slice(8)}` : number;
