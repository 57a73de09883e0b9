import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import type { Actor, CaseView } from '../../workflows/process.js';
import { addDays, addYears } from '../../workflows/rules/civil-time.js';
import { rules, type SubscriptionData, type SubscriptionFacts } from '../../workflows/subscription/rules.js';
import { courseOffice, otherExaminer, registrar, teacher } from '../support/list-asks.js';

const course = { code: 'XX1000', nameSv: 'Exempelkurs', nameEn: 'Example course' };
const some = (other: Partial<SubscriptionFacts> = {}): SubscriptionFacts => ({ course, open: [], ...other });

const born = (
  body: { until: string; from?: string },
  other: { today?: string; facts?: SubscriptionFacts; by?: Actor; zone?: string } = {},
) => {
  const today = other.today ?? '2026-11-22';
  return rules.birth({
    body: { course: 'XX1000', ...body },
    actor: other.by ?? teacher,
    facts: other.facts ?? some(),
    at: `${today}T10:00:00.000Z`,
    today,
    zone: other.zone ?? 'Europe/Stockholm',
    fresh: 'fresh-id',
  });
};

const aSubscription = (
  due: CaseView['due'] = { on: '2027-11-22', ends: '2027-11-22T23:00:00.000Z', rule: 'SU-04' },
): CaseView<SubscriptionData> => ({
  id: 'a-subscription',
  number: '4711',
  kind: 'subscription',
  institution: 'bth',
  state: 'active',
  step: 0,
  version: 1,
  scope: 'XX1000',
  waitingFor: null,
  due,
  needsAttention: false,
  createdBy: 'tove',
  data: { course, from: '2026-11-22', until: '2027-11-22' },
});

const given = (command: 'due' | 'end', at: string) => {
  const ask = {
    case: aSubscription(),
    body: {} as never,
    actor: command === 'due' ? registrar : teacher,
    facts: some(),
    at,
    today: at.slice(0, 10),
    zone: 'Europe/Stockholm',
    fresh: 'fresh-id',
  };
  return rules.commands[command](ask);
};

describe('subscribing', () => {
  it('SU-01 is to a course code of the catalogue, from today unless told', () => {
    expect(born({ until: '2027-06-30' })).toMatchObject({
      state: 'active',
      scope: 'XX1000',
      waitingFor: null,
      data: { course, from: '2026-11-22', until: '2027-06-30' },
    });
    expect(born({ from: '2027-01-18', until: '2027-06-30' })).toMatchObject({ data: { from: '2027-01-18' } });
    expect(born({ until: '2027-06-30' }, { facts: some({ course: undefined }) })).toMatchObject({
      refused: true,
      kind: 'invalid',
      rule: 'SU-01',
      code: 'unknown-course',
      details: { course: 'XX1000' },
    });
  });

  it('SU-02 needs no examiner of the course', () => {
    for (const by of [teacher, otherExaminer, courseOffice])
      expect(born({ until: '2027-06-30' }, { by })).toMatchObject({ state: 'active' });
  });

  it('SU-03 is refused to one person twice for days that overlap, and open for days that do not', () => {
    const facts = some({ open: [{ number: '17', from: '2026-12-01', until: '2027-01-31' }] });
    const no = {
      refused: true,
      kind: 'conflict',
      rule: 'SU-03',
      code: 'subscribed-already',
      details: { number: '17', until: '2027-01-31' },
    };
    expect(born({ until: '2026-12-01' }, { facts })).toMatchObject(no);
    expect(born({ from: '2027-01-31', until: '2027-06-30' }, { facts })).toMatchObject(no);
    expect(born({ from: '2026-12-24', until: '2026-12-24' }, { facts })).toMatchObject(no);
    expect(born({ until: '2026-11-30' }, { facts })).toMatchObject({ state: 'active' });
    expect(born({ from: '2027-02-01', until: '2027-06-30' }, { facts })).toMatchObject({ state: 'active' });
  });

  it('SU-04 ends at most on the same date three years on', () => {
    const last = (today: string, until: string) => born({ until }, { today });
    expect(last('2026-11-22', '2029-11-22')).toMatchObject({ state: 'active', due: { on: '2029-11-22', rule: 'SU-04' } });
    expect(last('2026-11-22', '2029-11-23')).toMatchObject({
      refused: true,
      kind: 'invalid',
      rule: 'SU-04',
      code: 'ends-too-late',
      details: { latest: '2029-11-22' },
    });
    expect(last('2028-02-29', '2031-02-28')).toMatchObject({ state: 'active', due: { on: '2031-02-28' } });
    expect(last('2028-02-29', '2031-03-01')).toMatchObject({ code: 'ends-too-late', details: { latest: '2031-02-28' } });
    expect(last('2025-02-28', '2028-02-28')).toMatchObject({ state: 'active' });
    expect(last('2025-02-28', '2028-02-29')).toMatchObject({ code: 'ends-too-late' });
  });

  it('SU-04 counts three years from today, also where it begins later', () => {
    expect(born({ from: '2029-11-01', until: '2029-11-22' })).toMatchObject({ state: 'active' });
    expect(born({ from: '2029-11-01', until: '2029-11-23' })).toMatchObject({ code: 'ends-too-late' });
  });

  it('SU-04 lasts the whole last day in the zone of the institution', () => {
    const ends = (until: string, zone = 'Europe/Stockholm') => {
      const verdict = born({ until }, { zone });
      return verdict.refused ? verdict.code : verdict.due?.ends;
    };
    expect(ends('2027-01-31')).toBe('2027-01-31T23:00:00.000Z');
    expect(ends('2027-06-30')).toBe('2027-06-30T22:00:00.000Z');
    expect(ends('2027-06-30', 'Atlantic/Faroe')).toBe('2027-06-30T23:00:00.000Z');
    expect(ends('2026-11-22')).toBe('2026-11-22T23:00:00.000Z');
  });

  it('SU-04 is refused for days that are none, gone by, or the wrong way round', () => {
    expect(born({ until: '2027-02-29' })).toMatchObject({
      kind: 'invalid',
      rule: 'SU-04',
      code: 'not-a-day',
      details: { fields: ['until'] },
    });
    expect(born({ from: '22/11', until: 'soon' })).toMatchObject({ code: 'not-a-day', details: { fields: ['from', 'until'] } });
    expect(born({ from: '2026-11-21', until: '2027-06-30' })).toMatchObject({
      rule: 'SU-04',
      code: 'begins-before-today',
      details: { today: '2026-11-22' },
    });
    expect(born({ until: '2026-11-21' })).toMatchObject({ rule: 'SU-04', code: 'ends-before-it-begins' });
    expect(born({ from: '2027-02-01', until: '2027-01-31' })).toMatchObject({ rule: 'SU-04', code: 'ends-before-it-begins' });
  });

  it('SU-04 takes every day from today to the last, and none after it', () => {
    const day = fc.integer({ min: 0, max: 20_000 }).map((n) => addDays('2020-01-01', n));
    fc.assert(
      fc.property(day, fc.integer({ min: 0, max: 1_200 }), (today, ahead) => {
        const until = addDays(today, ahead);
        expect(Boolean(born({ until }, { today }).refused)).toBe(until > addYears(today, 3));
      }),
    );
  });
});

describe('a subscription', () => {
  it('SU-04 expires when its last day is over, not before, and says so once', () => {
    expect(given('due', '2027-11-22T22:59:59.999Z')).toMatchObject({
      refused: true,
      kind: 'conflict',
      rule: 'SU-04',
      code: 'not-due',
    });
    expect(given('due', '2027-11-22T23:00:00.000Z')).toEqual({
      state: 'expired',
      data: aSubscription().data,
      waitingFor: null,
      promises: [{ channel: 'mail', key: 'mail:expired:a-subscription:0:tove', payload: { letter: 'expired', to: 'tove' } }],
    });
  });

  it('SU-05 is ended early without a letter', () => {
    expect(given('end', '2026-12-01T10:00:00.000Z')).toEqual({ state: 'ended', data: aSubscription().data, waitingFor: null });
  });
});
