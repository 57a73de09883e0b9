import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import type { CaseView } from '../../workflows/process.js';
import type { ListData, WorkingFacts } from '../../workflows/result-list/list.js';
import { dueOf, nextReminder } from '../../workflows/result-list/reminders.js';
import { rules } from '../../workflows/result-list/rules.js';
import { addDays, dayOf, endOfDay, wallTime } from '../../workflows/rules/civil-time.js';
import { addWorkingDays, isWorkingDay } from '../../workflows/rules/working-days.js';
import { aList, anAsk, aRow, registrar, someFacts } from '../support/list-asks.js';

const working: WorkingFacts = { zone: 'Europe/Stockholm', calendar: { country: 'SE', own: [] }, days: 10 };
const examined = (...days: (string | null)[]) => days.map((examinationDate) => ({ grade: 'B', examinationDate }));
const dates = fc.integer({ min: 0, max: 5 * 365 }).map((days) => addDays('2025-01-01', days));

describe('the day by which a list is signed', () => {
  it('RL-37 is ten working days after it was sent, and says which days off were skipped', () => {
    expect(dueOf('2026-12-18', examined('2026-12-18'), working)).toEqual({
      on: '2027-01-08',
      ends: '2027-01-08T23:00:00.000Z',
      rule: 'RL-37',
      why: {
        basis: 'sent',
        from: '2026-12-18',
        workingDays: 10,
        skipped: [
          { date: '2026-12-24', name: 'Julafton' },
          { date: '2026-12-25', name: 'Juldagen' },
          { date: '2026-12-31', name: 'Nyårsafton' },
          { date: '2027-01-01', name: 'Nyårsdagen' },
          { date: '2027-01-06', name: 'Trettondedag jul' },
        ],
      },
    });
    expect(dueOf('2026-11-23', [], { ...working, days: 3 })).toMatchObject({
      on: '2026-11-26',
      why: { workingDays: 3, skipped: [] },
    });
  });

  it('RL-37 is at most fifteen working days after the latest examination of a row with a grade', () => {
    expect(dueOf('2026-11-23', examined('2026-11-02', '2026-11-09', null), working)).toMatchObject({
      on: '2026-11-30',
      why: { basis: 'examination', from: '2026-11-09', workingDays: 15 },
    });
    const ungraded = [...examined('2026-11-09'), { grade: null, examinationDate: '2026-11-20' }];
    expect(dueOf('2026-11-23', ungraded, working)).toMatchObject({ why: { from: '2026-11-09' } });
  });

  it('RL-37 is the next working day where those fifteen are over', () => {
    expect(dueOf('2026-11-20', examined('2026-01-09'), working)).toMatchObject({
      on: '2026-11-23',
      why: { basis: 'examination-long-ago', from: '2026-11-20', workingDays: 1 },
    });
    expect(dueOf('2026-11-23', examined('2026-11-02'), working)).toMatchObject({
      on: '2026-11-24',
      why: { basis: 'examination-long-ago' },
    });
  });

  it('RL-37 is a working day after it was sent, never past either limit that is still ahead', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 30 }), (sentOn, before, days) => {
        const latest = addDays(sentOn, -before);
        const { on, ends } = dueOf(sentOn, examined(latest), { ...working, days });
        expect([on > sentOn, isWorkingDay(on, working.calendar), ends]).toEqual([true, true, endOfDay(on, working.zone)]);
        expect(on <= addWorkingDays(sentOn, days, working.calendar)).toBe(true);
        const longest = addWorkingDays(latest, 15, working.calendar);
        expect(on <= longest || (longest <= sentOn && on === addWorkingDays(sentOn, 1, working.calendar))).toBe(true);
      }),
    );
  });
});

describe('the moments of reminding', () => {
  const days = (on: string, after: string, n: number) => {
    const found: string[] = [];
    for (let at = after; found.length < n;) found.push((at = nextReminder(on, at, working)));
    return found;
  };

  it('RL-37 are three working days before, and on each second working day after, at nine', () => {
    expect(days('2026-12-18', '2026-12-04T09:00:00.000Z', 5)).toEqual([
      '2026-12-15T08:00:00.000Z',
      '2026-12-22T08:00:00.000Z',
      '2026-12-28T08:00:00.000Z',
      '2026-12-30T08:00:00.000Z',
      '2027-01-05T08:00:00.000Z',
    ]);
  });

  it('RL-37 are at nine by the clock on the wall, whichever way the clock was changed', () => {
    expect(days('2026-03-27', '2026-03-20T12:00:00.000Z', 3)).toEqual([
      '2026-03-24T08:00:00.000Z',
      '2026-03-31T07:00:00.000Z',
      '2026-04-02T07:00:00.000Z',
    ]);
    expect(days('2026-10-23', '2026-10-16T12:00:00.000Z', 2)).toEqual(['2026-10-20T07:00:00.000Z', '2026-10-27T08:00:00.000Z']);
  });

  it('RL-37 that were missed are not made up for: the next one lies ahead', () => {
    expect(nextReminder('2026-11-30', '2026-12-09T12:00:00.000Z', working)).toBe('2026-12-10T08:00:00.000Z');
    expect(nextReminder('2026-11-24', '2026-11-23T12:00:00.000Z', working)).toBe('2026-11-26T08:00:00.000Z');
  });

  it('RL-37 always lie ahead, on a working day, and none is left out', () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: -40, max: 60 }), (day, ahead) => {
        const on = addWorkingDays(day, 1, working.calendar);
        const after = wallTime(addDays(on, ahead), '12:00', working.zone);
        const next = nextReminder(on, after, working);
        const local = dayOf(next, working.zone);
        expect([next > after, isWorkingDay(local, working.calendar), next]).toEqual([
          true,
          true,
          wallTime(local, '09:00', working.zone),
        ]);
        expect(nextReminder(on, wallTime(local, '08:59', working.zone), working)).toBe(next);
        expect(nextReminder(on, next, working) > next).toBe(true);
      }),
    );
  });
});

describe('a reminder', () => {
  const due = { on: '2026-11-18', ends: '2026-11-18T23:00:00.000Z', rule: 'RL-37' };
  const waiting = (other: Partial<CaseView<ListData>> = {}) =>
    aList({ state: 'with-examiner', waitingFor: 'examiner', due, wake: '2026-11-20T08:00:00.000Z', ...other });
  const given = (now: string, list = waiting(), facts = someFacts([], { examiners: ['eva', 'ebbe'] })) =>
    rules.commands.remind({ ...anAsk({ list, body: {}, facts, by: registrar }), at: now, today: now.slice(0, 10) });
  const to = (verdict: ReturnType<typeof given>) =>
    verdict.refused ? verdict.code : verdict.promises?.map((one) => one.payload['to']);

  it('RL-37 goes to every examiner, leaves the list as it is, and says when the next one goes', () => {
    const verdict = given('2026-11-20T08:00:00.000Z');
    expect(verdict).toMatchObject({
      state: 'with-examiner',
      waitingFor: 'examiner',
      due,
      wake: '2026-11-24T08:00:00.000Z',
      data: waiting().data,
      promises: [
        { channel: 'mail', payload: { letter: 'reminder', to: 'eva' } },
        { payload: { letter: 'reminder', to: 'ebbe' } },
      ],
    });
  });

  it('RL-37 goes to the course office too from more than five working days after', () => {
    expect(to(given('2026-11-25T08:00:00.000Z'))).toEqual(['eva', 'ebbe']);
    expect(to(given('2026-11-26T08:00:00.000Z'))).toEqual(['eva', 'ebbe', 'karin']);
  });

  it('RL-37 goes to the course office where nobody examines the course any more', () => {
    expect(to(given('2026-11-20T08:00:00.000Z', waiting(), someFacts([], { examiners: [] })))).toEqual(['karin']);
  });

  it('RL-37 is not sent before its moment, and never to a list without one', () => {
    expect(to(given('2026-11-20T07:59:59.999Z'))).toBe('not-due');
    expect(to(given('2026-11-20T08:00:00.000Z', waiting({ wake: null })))).toBe('not-due');
  });

  it('RL-37 is under another key each time, and under the same one when it is decided again', () => {
    const key = (step: number) => {
      const verdict = given('2026-11-20T08:00:00.000Z', waiting({ step }));
      return verdict.refused ? '' : verdict.promises?.[0]?.key;
    };
    expect(key(3)).toBe(key(3));
    expect(key(3)).not.toBe(key(4));
  });

  it('RL-37 is called off when the list leaves the examiner, and kept when it is corrected', () => {
    expect(rules.commands.return(anAsk({ list: waiting(), body: { reason: 'Look again' }, facts: someFacts([]) }))).toMatchObject(
      { due: null, wake: null },
    );
    const row = { student: 's1', grade: 'A', examinationDate: '2026-11-02', score: null };
    expect(
      rules.commands.correct(anAsk({ list: waiting(), body: { version: 7, rows: [row] }, facts: someFacts([aRow('s1')]) })),
    ).toMatchObject({ due, wake: '2026-11-20T08:00:00.000Z' });
  });
});
