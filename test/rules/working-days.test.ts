import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { Temporal } from 'temporal-polyfill';
import { addDays } from '../../workflows/rules/civil-time.js';
import {
  addWorkingDays,
  countryOf,
  daysOffBetween,
  easterOf,
  isWorkingDay,
  publicHolidays,
  type Calendar,
} from '../../workflows/rules/working-days.js';

const plain: Calendar = { country: null, own: [] };
const sweden: Calendar = { country: 'SE', own: [] };
const dates = fc.integer({ min: 0, max: 15 * 365 }).map((days) => addDays('2020-01-01', days));
const calendars = fc.record({
  country: fc.constantFrom('SE' as const, 'NO' as const, null),
  own: fc.array(fc.record({ date: dates, name: fc.constant('Own') }), { maxLength: 30 }),
});
const datesOf = (country: 'SE' | 'NO', year: number) => publicHolidays(country, year).map(({ date }) => date.slice(5));

describe('working days', () => {
  it('are counted over weekends, the day itself left out, in both directions', () => {
    expect(addWorkingDays('2026-11-20', 1, plain)).toBe('2026-11-23');
    expect(addWorkingDays('2026-11-22', 5, plain)).toBe('2026-11-27');
    expect(addWorkingDays('2026-11-23', -1, plain)).toBe('2026-11-20');
    expect(addWorkingDays('2026-11-22', 0, plain)).toBe('2026-11-22');
  });

  it('are counted over Christmas as Sweden and Norway keep it', () => {
    expect(addWorkingDays('2026-12-22', 3, sweden)).toBe('2026-12-29');
    expect(addWorkingDays('2026-12-22', 3, { country: 'NO', own: [] })).toBe('2026-12-28');
    expect(addWorkingDays('2026-12-22', 3, plain)).toBe('2026-12-25');
  });

  it('leave out the institution’s own days off, and name what was skipped', () => {
    const own = { ...sweden, own: [{ date: '2026-12-23', name: 'Stängt' }] };
    expect(addWorkingDays('2026-12-22', 1, own)).toBe('2026-12-28');
    expect(daysOffBetween('2026-12-22', '2026-12-28', own)).toEqual([
      { date: '2026-12-23', name: 'Stängt' },
      { date: '2026-12-24', name: 'Julafton' },
      { date: '2026-12-25', name: 'Juldagen' },
    ]);
  });

  it('lie at the end of exactly so many of them', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 60 }), calendars, (date, n, calendar) => {
        const end = addWorkingDays(date, n, calendar);
        let counted = 0;
        for (let day = addDays(date, 1); day <= end; day = addDays(day, 1)) counted += isWorkingDay(day, calendar) ? 1 : 0;
        expect([counted, isWorkingDay(end, calendar)]).toEqual([n, true]);
      }),
    );
  });

  it('lead back where they came from, over the same days off', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 1, max: 60 }), calendars, (date, n, calendar) => {
        const start = addWorkingDays(date, 1, calendar);
        expect(addWorkingDays(addWorkingDays(start, n, calendar), -n, calendar)).toBe(start);
        expect(addWorkingDays(start, n + 1, calendar)).toBe(addWorkingDays(addWorkingDays(start, n, calendar), 1, calendar));
      }),
    );
  });

  it('and the days off named between two days make up the weekdays', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 0, max: 90 }), calendars, (date, span, calendar) => {
        const end = addDays(date, span);
        const named = daysOffBetween(date, end, calendar).map((off) => off.date);
        for (let day = addDays(date, 1); day <= end; day = addDays(day, 1)) {
          const weekend = Temporal.PlainDate.from(day).dayOfWeek > 5;
          expect([day, named.includes(day)]).toEqual([day, !weekend && !isWorkingDay(day, calendar)]);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('public holidays', () => {
  it('know Easter', () => {
    const known = {
      2000: '04-23',
      2008: '03-23',
      2011: '04-24',
      2019: '04-21',
      2026: '04-05',
      2027: '03-28',
      2028: '04-16',
      2038: '04-25',
      2049: '04-18',
      2285: '03-22',
    };
    for (const [year, day] of Object.entries(known)) expect(easterOf(Number(year))).toBe(`${year}-${day}`);
  });

  it('are those of Sweden, from 2026 to 2028', () => {
    const fixed = (others: string[]) =>
      ['01-01', '01-06', '05-01', '06-06', '12-24', '12-25', '12-26', '12-31', ...others].sort();
    expect(datesOf('SE', 2026)).toEqual(fixed(['04-03', '04-05', '04-06', '05-14', '05-24', '06-19', '06-20', '10-31']));
    expect(datesOf('SE', 2027)).toEqual(fixed(['03-26', '03-28', '03-29', '05-06', '05-16', '06-25', '06-26', '11-06']));
    expect(datesOf('SE', 2028)).toEqual(fixed(['04-14', '04-16', '04-17', '05-25', '06-04', '06-23', '06-24', '11-04']));
  });

  it('are those of Norway, from 2026 to 2028', () => {
    const fixed = (others: string[]) => ['01-01', '05-01', '05-17', '12-25', '12-26', ...others].sort();
    expect(datesOf('NO', 2026)).toEqual(fixed(['04-02', '04-03', '04-05', '04-06', '05-14', '05-24', '05-25']));
    expect(datesOf('NO', 2027)).toEqual(fixed(['03-25', '03-26', '03-28', '03-29', '05-06', '05-16', '05-17']));
    expect(datesOf('NO', 2028)).toEqual(fixed(['04-13', '04-14', '04-16', '04-17', '05-25', '06-04', '06-05']));
  });

  it('belong to the country of the zone, and to none where it is not known', () => {
    expect([countryOf('Europe/Stockholm'), countryOf('Europe/Oslo'), countryOf('Europe/Helsinki')]).toEqual(['SE', 'NO', null]);
  });
});
