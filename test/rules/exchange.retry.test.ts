import fc from 'fast-check';
import { describe, expect, it } from '../spec.js';
import { nextAttempt } from '../../workflows/exchange/retry.js';
import { addDays, dayOf, daysBetween, timeOf } from '../../workflows/rules/civil-time.js';

const zone = 'Europe/Stockholm';
/** The attempts of an order given at a moment, as many as asked for, each looked for right after the one before. */
const attempts = (orderedAt: string, count: number, days = 400): (string | undefined)[] => {
  const from = dayOf(orderedAt, zone);
  const retry = { time: timeOf(orderedAt, zone), zone, until: addDays(from, days) };
  const found: (string | undefined)[] = [];
  for (let on = from, after = orderedAt; found.length < count;) {
    const next = nextAttempt({ ...retry, on }, after);
    found.push(next);
    if (!next) break;
    [on, after] = [dayOf(next, zone), next];
  }
  return found;
};

describe('the time of the next attempt', () => {
  it('RX-25 is 03:30 on the night that leaves 02:30 out, and 02:30 again the day after', () => {
    expect(attempts('2026-03-28T01:30:00.000Z', 2)).toEqual(['2026-03-29T01:30:00.000Z', '2026-03-30T00:30:00.000Z']);
  });

  it('RX-25 is the first 02:30 on the night that has two, and comes once', () => {
    expect(attempts('2026-10-24T00:30:00.000Z', 2)).toEqual(['2026-10-25T00:30:00.000Z', '2026-10-26T01:30:00.000Z']);
    expect(attempts('2026-10-25T01:30:00.000Z', 1)).toEqual(['2026-10-26T01:30:00.000Z']);
  });

  it('RX-25 is 23 hours after 09:00 in spring and 25 in autumn', () => {
    expect(attempts('2026-03-28T08:00:00.000Z', 1)).toEqual(['2026-03-29T07:00:00.000Z']);
    expect(attempts('2026-10-24T07:00:00.000Z', 1)).toEqual(['2026-10-25T08:00:00.000Z']);
  });

  it('RX-25 comes once on each local day, at the time of the order, to the last day and never after it', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2024-01-01'), max: new Date('2035-12-31'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 400 }),
        (moment, days) => {
          const orderedAt = moment.toISOString();
          const all = attempts(orderedAt, 500, days);
          expect(all.pop()).toBeUndefined();
          const found = all as string[];
          expect(found.map((one) => daysBetween(dayOf(orderedAt, zone), dayOf(one, zone)))).toEqual(
            Array.from({ length: days }, (_, i) => i + 1),
          );
          const times = new Set(found.map((one) => timeOf(one, zone)));
          times.delete(timeOf(orderedAt, zone));
          for (const other of times) expect(other.startsWith('03:')).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('RX-25 leaves out days that have passed, and keeps to the clock after them', () => {
    const retry = { time: '09:00', zone, on: '2026-11-01', until: '2026-11-15' };
    expect(nextAttempt(retry, '2026-11-04T12:00:00.000Z')).toBe('2026-11-05T08:00:00.000Z');
    expect(nextAttempt(retry, '2026-11-04T05:00:00.000Z')).toBe('2026-11-04T08:00:00.000Z');
    expect(nextAttempt(retry, '2026-11-15T12:00:00.000Z')).toBeUndefined();
  });
});
