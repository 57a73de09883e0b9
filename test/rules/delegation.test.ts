import { describe, expect, it } from '../spec.js';
import { actsFor, givesFor, type Actor, type CaseView, type HeldRole } from '../../workflows/process.js';
import { definition } from '../../workflows/result-list/definition.js';
import { rules, type DelegationData, type DelegationFacts } from '../../workflows/delegation/rules.js';
import type { BirthBody } from '../../workflows/delegation/schema.js';
import { actor, aList, courseOffice, examiner, otherExaminer, registrar, teacher } from '../support/list-asks.js';

const course = { code: 'XX1000', nameSv: 'Exempelkurs', nameEn: 'Example course' };
const always = [{ from: '2012-08-01', until: null }];
const some = (other: Partial<DelegationFacts> = {}): DelegationFacts => ({
  zone: 'Europe/Stockholm',
  course,
  for: { id: 'eva', examines: always },
  to: { id: 'erik', employed: always },
  open: [],
  ...other,
});
const born = (body: Partial<BirthBody> = {}, other: { by?: Actor; facts?: DelegationFacts; today?: string } = {}) => {
  const { today = '2026-11-22' } = other;
  return rules.birth({
    body: { course: 'XX1000', to: 'erik', reason: 'On leave', ...body },
    actor: other.by ?? examiner,
    facts: other.facts ?? some(),
    at: `${today}T10:00:00.000Z`,
    today,
    zone: 'Europe/Stockholm',
    fresh: 'fresh-id',
  });
};
const no = (kind: string, code: string, details?: object) => ({
  refused: true,
  rule: 'RL-36',
  kind,
  code,
  ...(details ? { details } : {}),
});

const data: DelegationData = { course, for: 'eva', to: 'erik', from: '2026-11-22', until: '2026-12-31', reason: 'On leave' };
const aDelegation: CaseView<DelegationData> = {
  id: 'a-delegation',
  number: '4711',
  kind: 'delegation',
  institution: 'bth',
  state: 'active',
  step: 0,
  version: 1,
  scope: 'XX1000',
  waitingFor: null,
  due: { on: '2026-12-31', ends: '2026-12-31T23:00:00.000Z', rule: 'RL-36' },
  needsAttention: false,
  createdBy: 'eva',
  data,
};
const given = (command: 'end' | 'due', by: Actor, at = '2026-11-23T10:00:00.000Z') =>
  rules.commands[command]({
    case: aDelegation,
    body: {} as never,
    actor: by,
    facts: some(),
    at,
    today: at.slice(0, 10),
    zone: 'Europe/Stockholm',
    fresh: 'fresh-id',
  });
const letters = (verdict: object) => (verdict as { promises?: { payload: object }[] }).promises?.map(({ payload }) => payload);
const acting = (id: string, ...whom: string[]) =>
  actor(id, { role: 'teacher' }, ...whom.map((one): HeldRole => ({ role: 'examiner', course: 'XX1000', for: one })));

describe('delegating', () => {
  it('RL-36 is from today to the end of the term unless told', () => {
    expect(born()).toMatchObject({
      state: 'active',
      scope: 'XX1000',
      data,
      due: {
        on: '2026-12-31',
        ends: '2026-12-31T23:00:00.000Z',
        rule: 'RL-36',
        why: { basis: 'chosen', from: '2026-11-22', skipped: [] },
      },
      writes: [{ write: 'given', data }],
    });
    expect(born({}, { today: '2027-06-30' })).toMatchObject({ data: { from: '2027-06-30', until: '2027-06-30' } });
    expect(born({}, { today: '2027-07-01' })).toMatchObject({ data: { until: '2027-12-31' } });
    expect(born({ from: '2027-01-10' })).toMatchObject({ data: { from: '2027-01-10', until: '2027-06-30' } });
    expect(born({ from: '2026-12-01', until: '2027-11-30' })).toMatchObject({
      data: { from: '2026-12-01', until: '2027-11-30' },
    });
  });

  it('RL-36 is refused for days that are none, are gone by, stand the wrong way round or last more than a year', () => {
    expect(born({ until: '2027-02-29' })).toEqual(no('invalid', 'not-a-day', { fields: ['until'] }));
    expect(born({ from: 'soon' })).toEqual(no('invalid', 'not-a-day', { fields: ['from', 'until'] }));
    expect(born({ from: '2026-11-21' })).toEqual(no('invalid', 'begins-before-today', { today: '2026-11-22' }));
    expect(born({ from: '2026-12-02', until: '2026-12-01' })).toEqual(
      no('invalid', 'ends-before-it-begins', { from: '2026-12-02', until: '2026-12-01' }),
    );
    expect(born({ until: '2027-11-23' })).toEqual(no('invalid', 'delegated-too-long', { latest: '2027-11-22' }));
    expect(born({ until: '2027-11-22' })).toMatchObject({ state: 'active' });
  });

  it('RL-36 is by the examiner of the course for oneself, and by the course office for any', () => {
    expect(born()).toMatchObject({ data: { for: 'eva' } });
    expect(born({ for: 'eva@bth.example' })).toMatchObject({ data: { for: 'eva' } });
    expect(born({ for: 'eva' }, { by: courseOffice })).toMatchObject({ data: { for: 'eva' } });
    for (const by of [teacher, otherExaminer])
      expect(born({}, { by })).toEqual(no('forbidden', 'not-yours-to-give', { command: 'create' }));
    const another = actor('ebbe', { role: 'examiner', course: 'XX1000' });
    expect(born({ for: 'eva' }, { by: another })).toEqual(no('forbidden', 'not-yours-to-give', { command: 'create' }));
    expect(born({}, { by: courseOffice, facts: some({ for: { id: 'karin', examines: [] } }) })).toEqual(
      no('conflict', 'not-examiner-then', { course: 'XX1000', from: '2026-11-22' }),
    );
  });

  it('RL-36 is not passed on by whoever acts for somebody', () => {
    const facts = some({ for: { id: 'ebbe', examines: [] } });
    expect(born({}, { by: acting('ebbe', 'eva'), facts })).toEqual(no('forbidden', 'not-passed-on', { course: 'XX1000' }));
    expect(born({ for: 'eva' }, { by: acting('ebbe', 'eva') })).toEqual(
      no('forbidden', 'not-yours-to-give', { command: 'create' }),
    );
    const both = actor('ebbe', { role: 'examiner', course: 'XX1000' }, { role: 'examiner', course: 'XX1000', for: 'eva' });
    expect(born({}, { by: both, facts: some({ for: { id: 'ebbe', examines: always } }) })).toMatchObject({
      data: { for: 'ebbe' },
    });
  });

  it('RL-36 is from somebody who examines the course on the first day, to somebody else who is employed then', () => {
    const until = (day: string) => [{ from: '2012-08-01', until: day }];
    expect(born({}, { facts: some({ for: { id: 'eva', examines: until('2026-11-21') } }) })).toEqual(
      no('conflict', 'not-examiner-then', { course: 'XX1000', from: '2026-11-22' }),
    );
    expect(born({}, { facts: some({ for: { id: 'eva', examines: until('2026-11-22') } }) })).toMatchObject({ state: 'active' });
    expect(born({}, { facts: some({ to: undefined }) })).toEqual(no('invalid', 'no-such-person'));
    expect(born({}, { facts: some({ to: { id: 'erik', employed: until('2026-11-21') } }) })).toEqual(
      no('invalid', 'no-such-person'),
    );
    expect(born({}, { facts: some({ to: { id: 'erik', employed: [{ from: '2026-11-23', until: null }] } }) })).toEqual(
      no('invalid', 'no-such-person'),
    );
    expect(born({}, { facts: some({ to: { id: 'eva', employed: always } }) })).toEqual(no('conflict', 'delegated-to-oneself'));
    expect(born({ for: 'eva' }, { by: courseOffice, facts: some({ to: { id: 'karin', employed: always } }) })).toEqual(
      no('conflict', 'delegated-to-oneself'),
    );
    expect(born({}, { facts: some({ course: undefined }) })).toEqual(no('invalid', 'unknown-course', { course: 'XX1000' }));
  });

  it('RL-36 is once at a time between the same two on a course', () => {
    const facts = some({ open: [{ number: '17', from: '2026-12-01', until: '2026-12-24' }] });
    expect(born({}, { facts })).toEqual(no('conflict', 'delegated-already', { number: '17', until: '2026-12-24' }));
    expect(born({ from: '2026-12-24' }, { facts })).toEqual(
      no('conflict', 'delegated-already', { number: '17', until: '2026-12-24' }),
    );
    expect(born({ until: '2026-11-30' }, { facts })).toMatchObject({ state: 'active' });
    expect(born({ from: '2026-12-25' }, { facts })).toMatchObject({ state: 'active' });
  });

  it('RL-36 is told to who acts, and to the examiner where the course office did it', () => {
    expect(letters(born())).toEqual([{ letter: 'given', to: 'erik' }]);
    expect(letters(born({ for: 'eva' }, { by: courseOffice }))).toEqual([
      { letter: 'given', to: 'erik' },
      { letter: 'given-for-you', to: 'eva' },
    ]);
  });

  it('RL-36 is ended by either side and by the course office, and told to the others', () => {
    const ended = { state: 'ended', writes: [{ write: 'taken' }] };
    const told = (...people: string[]) => people.map((to) => ({ letter: 'ended', to }));
    const cases: [Actor, string[]][] = [
      [examiner, ['erik']],
      [acting('erik', 'eva'), ['eva']],
      [courseOffice, ['eva', 'erik']],
    ];
    for (const [by, others] of cases) {
      expect(given('end', by)).toMatchObject(ended);
      expect(letters(given('end', by))).toEqual(told(...others));
    }
    expect(given('end', actor('ebbe', { role: 'examiner', course: 'XX1000' }))).toEqual(
      no('forbidden', 'not-yours-to-give', { command: 'end' }),
    );
  });

  it('RL-36 is over when its last day is', () => {
    expect(given('due', registrar, '2026-12-31T22:59:59.999Z')).toEqual(no('conflict', 'not-due'));
    expect(given('due', registrar, '2026-12-31T23:00:00.000Z')).toMatchObject({
      state: 'expired',
      writes: [{ write: 'taken' }],
      promises: [],
    });
  });
});

describe('acting for an examiner', () => {
  const own: HeldRole = { role: 'examiner', course: 'XX1000' };
  it('RL-36 is not said of somebody who has the right themselves', () => {
    expect(actsFor([{ ...own, for: 'eva' }])).toBe('eva');
    expect(actsFor([{ ...own, for: 'eva' }, own])).toBeUndefined();
    expect(actsFor([])).toBeUndefined();
  });

  it('RL-36 is said of a command only where the right came that way', () => {
    const list = aList();
    expect(givesFor(definition, 'sign', acting('tove', 'eva'), list)).toBe('eva');
    expect(givesFor(definition, 'save', acting('tove', 'eva'), list)).toBeUndefined();
    expect(givesFor(definition, 'sign', acting('tove', 'eva'), { ...list, scope: 'YY2000' })).toBeUndefined();
    expect(givesFor(definition, 'sign', examiner, list)).toBeUndefined();
  });
});
