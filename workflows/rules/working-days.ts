import { addDays, weekdayOf, type CivilDate } from './civil-time.js';

/** A day off and what it is called where it is kept. */
export interface DayOff {
  readonly date: CivilDate;
  readonly name: string;
}

/** Countries whose public holidays are known. */
export type Country = 'SE' | 'NO';

/** The days off beside Saturdays and Sundays: a country's public holidays, and the institution's own. */
export interface Calendar {
  readonly country: Country | null;
  readonly own: readonly DayOff[];
}

/** The country a zone (IANA) lies in; null where its holidays are not known. */
export const countryOf = (zone: string): Country | null =>
  zone === 'Europe/Stockholm' ? 'SE' : zone === 'Europe/Oslo' ? 'NO' : null;

/** Easter Sunday of a Gregorian year (Meeus, Jones and Butcher). */
export function easterOf(year: number): CivilDate {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const f = Math.floor((b + 8) / 25);
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - f + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const n = h + l - 7 * Math.floor((a + 11 * h + 22 * l) / 451) + 114;
  return civil(year, Math.floor(n / 31), (n % 31) + 1);
}

const civil = (year: number, month: number, day: number): CivilDate =>
  `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;

/** The first day of that weekday (1 is Monday) on or after a day. */
const onOrAfter = (date: CivilDate, weekday: number): CivilDate => addDays(date, (weekday - weekdayOf(date) + 7) % 7);

type Holidays = (year: number) => readonly (readonly [CivilDate, string])[];

/** Sweden: lag (1989:253) om allmänna helgdagar, and the three eves that lag (1930:173) puts beside them. */
const swedish: Holidays = (year) => {
  const easter = easterOf(year);
  const midsummerEve = onOrAfter(civil(year, 6, 19), 5);
  return [
    [civil(year, 1, 1), 'Nyårsdagen'],
    [civil(year, 1, 6), 'Trettondedag jul'],
    [addDays(easter, -2), 'Långfredagen'],
    [easter, 'Påskdagen'],
    [addDays(easter, 1), 'Annandag påsk'],
    [civil(year, 5, 1), 'Första maj'],
    [addDays(easter, 39), 'Kristi himmelsfärdsdag'],
    [addDays(easter, 49), 'Pingstdagen'],
    [civil(year, 6, 6), 'Sveriges nationaldag'],
    [midsummerEve, 'Midsommarafton'],
    [addDays(midsummerEve, 1), 'Midsommardagen'],
    [onOrAfter(civil(year, 10, 31), 6), 'Alla helgons dag'],
    [civil(year, 12, 24), 'Julafton'],
    [civil(year, 12, 25), 'Juldagen'],
    [civil(year, 12, 26), 'Annandag jul'],
    [civil(year, 12, 31), 'Nyårsafton'],
  ];
};

/** Norway: lov om helligdager og helligdagsfred, with the first and the seventeenth of May. */
const norwegian: Holidays = (year) => {
  const easter = easterOf(year);
  return [
    [civil(year, 1, 1), 'Første nyttårsdag'],
    [addDays(easter, -3), 'Skjærtorsdag'],
    [addDays(easter, -2), 'Langfredag'],
    [easter, 'Første påskedag'],
    [addDays(easter, 1), 'Andre påskedag'],
    [civil(year, 5, 1), 'Første mai'],
    [civil(year, 5, 17), 'Grunnlovsdagen'],
    [addDays(easter, 39), 'Kristi himmelfartsdag'],
    [addDays(easter, 49), 'Første pinsedag'],
    [addDays(easter, 50), 'Andre pinsedag'],
    [civil(year, 12, 25), 'Første juledag'],
    [civil(year, 12, 26), 'Andre juledag'],
  ];
};

/** Worked out once: a deadline looks at each of its days. */
const workedOut = new Map<string, readonly DayOff[]>();

/** The public holidays of a country in a year, named in its language, by date. */
export function publicHolidays(country: Country, year: number): readonly DayOff[] {
  const known = workedOut.get(`${country} ${year}`);
  if (known) return known;
  const found = (country === 'SE' ? swedish : norwegian)(year)
    .map(([date, name]) => ({ date, name }))
    .sort((a, b) => (a.date < b.date ? -1 : 1));
  workedOut.set(`${country} ${year}`, found);
  return found;
}

const isWeekend = (date: CivilDate): boolean => weekdayOf(date) > 5;

/** What a day is called that is off whatever its weekday. */
const nameOfDayOff = (date: CivilDate, { country, own }: Calendar): string | undefined =>
  [...own, ...(country ? publicHolidays(country, Number(date.slice(0, 4))) : [])].find((one) => one.date === date)?.name;

/** Monday to Friday, and nobody's day off. */
export const isWorkingDay = (date: CivilDate, calendar: Calendar): boolean =>
  !isWeekend(date) && nameOfDayOff(date, calendar) === undefined;

/** The nth working day after a day, or before it where n is below zero; the day itself is not counted. 0 answers the day. */
export function addWorkingDays(date: CivilDate, n: number, calendar: Calendar): CivilDate {
  let [found, left] = [date, Math.abs(n)];
  while (left > 0) {
    found = addDays(found, Math.sign(n));
    if (isWorkingDay(found, calendar)) left -= 1;
  }
  return found;
}

/** The days off from Monday to Friday after one day and up to another. */
export function daysOffBetween(after: CivilDate, upTo: CivilDate, calendar: Calendar): DayOff[] {
  const found: DayOff[] = [];
  for (let date = addDays(after, 1); date <= upTo; date = addDays(date, 1)) {
    const name = nameOfDayOff(date, calendar);
    if (name !== undefined && !isWeekend(date)) found.push({ date, name });
  }
  return found;
}
