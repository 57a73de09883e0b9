import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { askedBy, handledBy, movedTo } from '../../workflows/complaint/deadline.js';
import { nextReminder, remindersAfter } from '../../workflows/complaint/reminders.js';
import { addDays, dayOf, wallTime } from '../../workflows/rules/civil-time.js';
import { isWorkingDay } from '../../workflows/rules/working-days.js';

const oslo = {
  zone: 'Europe/Oslo',
  calendar: { country: 'NO', own: [{ date: '2026-11-27', name: 'Planleggingsdag' }] },
} as const;

describe('the day by which a complaint is decided', () => {
  it.each([
    ['over the spring change', '2026-03-09', '2026-03-30', '2026-03-30T22:00:00.000Z'],
    ['over the autumn change', '2026-10-05', '2026-10-26', '2026-10-26T23:00:00.000Z'],
    ['over new year', '2026-12-20', '2027-01-10', '2027-01-10T23:00:00.000Z'],
    ['over a leap day', '2028-02-10', '2028-03-02', '2028-03-02T23:00:00.000Z'],
  ])('GC-17 is three weeks after it was received, as a day in the zone, %s', (_what, received, on, ends) => {
    expect(handledBy('grading', received, 'Europe/Oslo')).toEqual({
      on,
      ends,
      rule: 'GC-17',
      why: { basis: 'received', from: received, weeks: 3, skipped: [] },
    });
  });

  it('GC-17 is the same weekday three weeks on, whatever the clocks do', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 * 365 }), fc.constantFrom('Europe/Oslo', 'Europe/Stockholm'), (days, zone) => {
        const received = addDays('2020-01-01', days);
        const { on, ends } = handledBy('grading', received, zone);
        expect([on, ends]).toEqual([addDays(received, 21), wallTime(addDays(received, 22), '00:00', zone)]);
      }),
    );
  });

  it('GC-04 is two weeks for an explanation, and three for a formal error', () => {
    expect(handledBy('explanation', '2026-11-23', 'Europe/Oslo')).toMatchObject({
      on: '2026-12-07',
      rule: 'GC-04',
      why: { weeks: 2 },
    });
    expect(handledBy('formal-error', '2026-11-23', 'Europe/Oslo')).toMatchObject({
      on: '2026-12-14',
      rule: 'GC-04',
      why: { weeks: 3 },
    });
  });

  it('GC-17 may be set to another day, and then tells from which, who did it and when', () => {
    const once = movedTo(
      handledBy('grading', '2026-03-02', 'Europe/Oslo'),
      { on: '2026-03-30', by: 'kari', movedOn: '2026-03-20' },
      'Europe/Oslo',
    );
    expect(once).toEqual({
      on: '2026-03-30',
      ends: '2026-03-30T22:00:00.000Z',
      rule: 'GC-17',
      why: {
        basis: 'received',
        from: '2026-03-02',
        weeks: 3,
        skipped: [],
        moved: [{ from: '2026-03-23', by: 'kari', movedOn: '2026-03-20' }],
      },
    });
    expect(movedTo(once, { on: '2026-04-07', by: 'ole', movedOn: '2026-03-27' }, 'Europe/Oslo').why?.moved).toEqual([
      { from: '2026-03-23', by: 'kari', movedOn: '2026-03-20' },
      { from: '2026-03-30', by: 'ole', movedOn: '2026-03-27' },
    ]);
  });
});

describe('the last day to ask', () => {
  it('GC-04 is one week after the grade for an explanation, three for a formal error or a new assessment', () => {
    const asked = (type: Parameters<typeof askedBy>[0]) => askedBy(type, { gradedOn: '2026-10-12' }, 'Europe/Oslo');
    expect([asked('explanation').on, asked('formal-error').on, asked('grading').on]).toEqual([
      '2026-10-19',
      '2026-11-02',
      '2026-11-02',
    ]);
    expect(asked('grading').why).toEqual({ basis: 'grade', from: '2026-10-12', weeks: 3, skipped: [] });
  });

  it('GC-04 counts from an explanation that came after the grade, for a new assessment alone', () => {
    const result = { gradedOn: '2026-10-12', explainedOn: '2026-10-28' };
    expect(askedBy('grading', result, 'Europe/Oslo')).toMatchObject({
      on: '2026-11-18',
      why: { basis: 'explanation', from: '2026-10-28' },
    });
    expect(askedBy('formal-error', result, 'Europe/Oslo').on).toBe('2026-11-02');
    expect(askedBy('explanation', result, 'Europe/Oslo').on).toBe('2026-10-19');
    expect(askedBy('grading', { gradedOn: '2026-10-12', explainedOn: '2026-10-01' }, 'Europe/Oslo').why?.basis).toBe('grade');
  });
});

describe('the reminders of a complaint', () => {
  it('GC-17 come seven and three days before, then each working day, at nine', () => {
    expect(remindersAfter('2026-11-26', '2026-11-05T12:00:00.000Z', { ...oslo, count: 5 })).toEqual([
      '2026-11-19T08:00:00.000Z',
      '2026-11-23T08:00:00.000Z',
      '2026-11-30T08:00:00.000Z',
      '2026-12-01T08:00:00.000Z',
      '2026-12-02T08:00:00.000Z',
    ]);
  });

  it('GC-17 come at nine by the clock on the wall, whichever way the clock was changed', () => {
    expect(remindersAfter('2026-03-30', '2026-03-09T12:00:00.000Z', { ...oslo, count: 3 })).toEqual([
      '2026-03-23T08:00:00.000Z',
      '2026-03-27T08:00:00.000Z',
      '2026-03-31T07:00:00.000Z',
    ]);
    expect(remindersAfter('2026-10-26', '2026-10-05T12:00:00.000Z', { ...oslo, count: 3 })).toEqual([
      '2026-10-19T07:00:00.000Z',
      '2026-10-23T07:00:00.000Z',
      '2026-10-27T08:00:00.000Z',
    ]);
  });

  it('GC-17 always lie ahead, after the deadline on a working day, and none is left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 * 365 }), fc.integer({ min: -40, max: 60 }), (days, ahead) => {
        const deadline = addDays('2025-01-01', days);
        const after = wallTime(addDays(deadline, ahead), '12:00', oslo.zone);
        const next = nextReminder(deadline, after, oslo);
        const local = dayOf(next, oslo.zone);
        expect([
          next > after,
          next,
          local > deadline ? isWorkingDay(local, oslo.calendar) : [addDays(deadline, -7), addDays(deadline, -3)].includes(local),
        ]).toEqual([true, wallTime(local, '09:00', oslo.zone), true]);
        expect(nextReminder(deadline, wallTime(local, '08:59', oslo.zone), oslo)).toBe(next);
      }),
    );
  });
});
