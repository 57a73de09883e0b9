import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { Settings } from 'luxon';
import { Temporal } from 'temporal-polyfill';
import {
  addDays,
  addWeeks,
  addYears,
  dayOf,
  daysBetween,
  endOfDay,
  isCivilDate,
  millisecondsUntil,
  wallTime,
} from '../../workflows/rules/civil-time.js';
import { computed } from '../fixtures/civil-vectors.js';

const hour = 3_600_000;
const expected = {
  spring: ['2026-03-30', '2026-03-30T22:00:00.000Z'],
  autumn: ['2026-10-26', '2026-10-26T23:00:00.000Z'],
  newYear: ['2027-01-10', '2027-01-10T23:00:00.000Z'],
  leapDay: '2028-03-02',
  leapSubscription: '2031-02-28',
  subscription: '2029-11-22',
  retrySpring: ['2026-03-28T01:30:00.000Z', '2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z'],
  retryAutumn: ['2026-10-24T00:30:00.000Z', '2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z'],
  retryMorningSpring: ['2026-03-28T08:00:00.000Z', '2026-03-29T07:00:00.000Z'],
  retryMorningAutumn: ['2026-10-24T07:00:00.000Z', '2026-10-25T08:00:00.000Z'],
  lateEvening: ['2026-03-30', '2026-03-31'],
  wintersEvening: ['2026-10-26', '2026-10-27'],
};
const zones = ['Europe/Oslo', 'Europe/Stockholm'] as const;
const civilDates = fc
  .integer({ min: 0, max: 20 * 365 })
  .map((days) => Temporal.PlainDate.from('2020-01-01').add({ days }).toString());
const print = fileURLToPath(new URL('../fixtures/print-civil-vectors.ts', import.meta.url));

async function underZone(TZ: string): Promise<{ zone: string; computed: unknown }> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', print], {
    env: { ...process.env, TZ, NODE_OPTIONS: '' },
  });
  return JSON.parse(stdout);
}

describe('days, deadlines and clocks that change', () => {
  const clock = Settings.now;
  afterEach(() => {
    Settings.now = clock;
  });

  it.each(zones)('end deadlines and repeat retries on the right moment in %s', (zone) => {
    expect(computed()[zone]).toEqual(expected);
  });

  it('differ from the naive answer by the hour that a clock change takes or gives', () => {
    const naive = (date: string, zone: string) => Date.parse(endOfDay(date, zone)) + 21 * 24 * hour;
    expect(naive('2026-03-09', 'Europe/Oslo') - Date.parse(endOfDay(addWeeks('2026-03-09', 3), 'Europe/Oslo'))).toBe(hour);
    expect(naive('2026-10-05', 'Europe/Oslo') - Date.parse(endOfDay(addWeeks('2026-10-05', 3), 'Europe/Oslo'))).toBe(-hour);
    expect(
      millisecondsUntil(wallTime('2026-03-28', '09:00', 'Europe/Oslo'), wallTime('2026-03-29', '09:00', 'Europe/Oslo')),
    ).toBe(23 * hour);
    expect(
      millisecondsUntil(wallTime('2026-10-24', '09:00', 'Europe/Oslo'), wallTime('2026-10-25', '09:00', 'Europe/Oslo')),
    ).toBe(25 * hour);
  });

  it.each(['2026-01-15', '2026-07-15', '2026-10-25T00:45:00Z', '2026-10-25T01:45:00Z'])(
    'are the same whatever the machine clock says, as on %s',
    (now) => {
      Settings.now = () => Date.parse(now);
      for (const zone of zones) expect(computed()[zone]).toEqual(expected);
    },
  );

  it('are the same on machines in other zones', async () => {
    const [far, east] = await Promise.all([underZone('America/New_York'), underZone('Pacific/Kiritimati')]);
    expect([far.zone, east.zone]).toEqual(['America/New_York', 'Pacific/Kiritimati']);
    expect(far.computed).toEqual(Object.fromEntries(zones.map((zone) => [zone, expected])));
    expect(east.computed).toEqual(far.computed);
  });

  it('agree with a second library on 10,000 random dates', () => {
    fc.assert(
      fc.property(
        civilDates,
        fc.constantFrom(...zones),
        fc.integer({ min: -800, max: 800 }),
        fc.integer({ min: 0, max: 24 * 60 - 1 }),
        (date, zone, n, minute) => {
          const day = Temporal.PlainDate.from(date);
          const time = `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
          const moment = (zoned: Temporal.ZonedDateTime) => new Date(zoned.epochMilliseconds).toISOString();
          const shown = day
            .toPlainDateTime(Temporal.PlainTime.from(time))
            .toZonedDateTime(zone, { disambiguation: 'compatible' });
          const ours = [
            isCivilDate(date),
            addDays(date, n),
            daysBetween(date, addDays(date, n)),
            addWeeks(date, n % 60),
            addYears(date, n % 9),
            endOfDay(date, zone),
            wallTime(date, time, zone),
            dayOf(moment(shown), zone),
            dayOf(endOfDay(date, zone), zone),
          ];
          const next = day.add({ days: 1 });
          expect(ours).toEqual([
            true,
            day.add({ days: n }).toString(),
            n,
            day.add({ weeks: n % 60 }).toString(),
            day.add({ years: n % 9 }).toString(),
            moment(next.toZonedDateTime(zone)),
            moment(shown),
            shown.toPlainDate().toString(),
            next.toString(),
          ]);
        },
      ),
      { numRuns: 10_000 },
    );
  });

  it('agree with a second library at every quarter of an hour of the clock changes of twenty years', () => {
    for (let year = 2020; year < 2040; year += 1) {
      for (const month of [3, 10]) {
        const last = Temporal.PlainDate.from({ year, month, day: 31 });
        const sunday = last.subtract({ days: last.dayOfWeek % 7 });
        for (let quarter = 0; quarter < 24; quarter += 1) {
          const time = Temporal.PlainTime.from('00:00').add({ minutes: 15 * quarter });
          for (const zone of zones)
            expect(wallTime(sunday.toString(), time.toString().slice(0, 5), zone)).toBe(
              new Date(sunday.toPlainDateTime(time).toZonedDateTime(zone).epochMilliseconds).toISOString(),
            );
        }
      }
    }
  });

  it('RL-18 tells a real day from one that is not in the calendar', () => {
    for (const no of [
      '2026-02-29',
      '2026-02-30',
      '2026-13-01',
      '2026-00-10',
      '2026-1-1',
      '20260101',
      '2026-01-01T00:00',
      ' 2026-01-01',
      '',
    ])
      expect(isCivilDate(no)).toBe(false);
    for (const yes of ['2028-02-29', '2026-12-31', '0001-01-01']) expect(isCivilDate(yes)).toBe(true);
  });

  it('never wait a negative time', () => {
    expect(millisecondsUntil('2026-11-22T00:00:01.000Z', '2026-11-22T00:00:00.000Z')).toBe(0);
    expect(millisecondsUntil('2026-11-22T00:00:00.000Z', '2026-11-22T00:00:00.001Z')).toBe(1);
  });
});
