import { describe, expect, it } from '../spec.js';
import { simulate, type Institution, type Simulated, type Simulation } from '../../workflows/complaint/simulation.js';

const oslo: Institution = {
  zone: 'Europe/Oslo',
  calendar: { country: 'NO', own: [] },
  protection: 'neither',
  pilots: [{ from: '0001-01-01', value: [] }],
};
const asked = (other: Partial<Simulated> = {}): Simulated => ({
  type: 'grading',
  received: '2026-12-23',
  gradedOn: '2026-12-10',
  course: 'MAT1000',
  scale: 'letters',
  ...other,
});
function simulated(other: Partial<Simulated> = {}, institution: Partial<Institution> = {}): Simulation {
  const found = simulate(asked(other), { ...oslo, ...institution });
  if ('refused' in found) throw new Error(found.code);
  return found;
}
const story = ({ stages }: Simulation) => stages.map(({ command, state, waitingFor }) => [command, state, waitingFor]);

describe('what would happen to a complaint', () => {
  it('GC-17 has its deadline three weeks on, over new year and over both clock changes, with the reason', () => {
    expect(simulated().deadline).toMatchObject({
      on: '2027-01-13',
      ends: '2027-01-13T23:00:00.000Z',
      rule: 'GC-17',
      why: { basis: 'received', from: '2026-12-23', weeks: 3 },
    });
    expect(simulated({ received: '2026-03-09', gradedOn: '2026-03-01' }).deadline).toMatchObject({
      on: '2026-03-30',
      ends: '2026-03-30T22:00:00.000Z',
    });
    expect(simulated({ received: '2026-10-05', gradedOn: '2026-10-01' }).deadline).toMatchObject({
      on: '2026-10-26',
      ends: '2026-10-26T23:00:00.000Z',
    });
  });

  it("GC-17 reminds the case worker and the committee seven and three days before, then each working day, by the institution's days off", () => {
    const { reminders, reminded } = simulated(
      {},
      { calendar: { country: 'NO', own: [{ date: '2027-01-15', name: 'Planleggingsdag' }] } },
    );
    expect(reminders).toEqual([
      '2027-01-06T08:00:00.000Z',
      '2027-01-10T08:00:00.000Z',
      '2027-01-14T08:00:00.000Z',
      '2027-01-18T08:00:00.000Z',
      '2027-01-19T08:00:00.000Z',
    ]);
    expect(reminded).toEqual(['case-worker', 'committee-member']);
  });

  it('GC-16 goes from reading the protocol to the committee, and tells who is asked for each step', () => {
    const found = simulated();
    expect(story(found)).toEqual([
      ['protocol-read', 'to-confirm', 'case-worker'],
      ['confirm', 'received', 'case-worker'],
      ['appoint', 'received', 'case-worker'],
      ['send', 'with-committee', 'committee-member'],
    ]);
    expect(found.stages[1]).toMatchObject({
      letters: [{ letter: 'acknowledged', to: 'student' }],
      orders: ['keep-in-fs', 'archive'],
    });
    expect(found.stages[3]?.letters).toEqual([{ letter: 'appointed', to: 'committee-member' }]);
  });

  it('GC-04 asks the examiner for an explanation, in two weeks and without a committee', () => {
    const found = simulated({ type: 'explanation' });
    expect(story(found)).toEqual([
      ['protocol-read', 'to-confirm', 'case-worker'],
      ['confirm', 'explaining', 'examiner'],
    ]);
    expect(found).toMatchObject({
      deadline: { on: '2027-01-06' },
      reminded: ['case-worker', 'examiner'],
      protection: null,
      furtherAssessment: null,
    });
    expect(found.stages[1]?.letters).toEqual([
      { letter: 'acknowledged', to: 'student' },
      { letter: 'explanation-asked', to: 'examiner' },
    ]);
  });

  it('GC-04 leaves a formal error with the case worker', () => {
    expect(story(simulated({ type: 'formal-error' })).at(-1)).toEqual(['confirm', 'received', 'case-worker']);
  });

  it('GC-04 says by when the student has to ask, counted from an explanation where there was one, and whether it is late', () => {
    expect(simulated({ gradedOn: '2026-12-01' })).toMatchObject({
      lastDay: { on: '2026-12-22', why: { basis: 'grade' } },
      late: true,
    });
    expect(simulated({ gradedOn: '2026-12-01', explainedOn: '2026-12-08' })).toMatchObject({
      lastDay: { on: '2026-12-29', why: { basis: 'explanation' } },
      late: false,
    });
    expect(simulated({ gradedOn: '2026-12-02' }).late).toBe(false);
  });

  it('GC-42 follows what the institution has set, unless the case worker chooses otherwise', () => {
    expect(simulated({}, { protection: 'block' })).toMatchObject({ protection: 'block', postponedUntil: null });
    expect(simulated({}, { protection: 'block' }).stages[1]?.orders).toContain('block');
    expect(simulated({ choice: 'neither' }, { protection: 'block' }).stages[1]?.orders).not.toContain('block');
    expect(simulated({ choice: 'postponement' })).toMatchObject({ protection: 'postponement', postponedUntil: '2027-01-13' });
  });

  it('GC-44 halts at once with a diploma on the grade, and still has its deadline', () => {
    for (const diploma of ['printed', 'produced'] as const) {
      const found = simulated({ diploma });
      expect(story(found).at(-1)).toEqual(['confirm', 'halted', 'case-worker']);
      expect(found.deadline.on).toBe('2027-01-13');
    }
  });

  it('GC-32 can be assessed further by the distance of two grades, never with two of them, as judged where there is no order', () => {
    expect(
      (['letters', 'passed-failed', 'without-order'] as const).map((scale) => simulated({ scale }).furtherAssessment),
    ).toEqual(['by-distance', 'never', 'judged']);
  });

  it('GC-01 shows whether the course is in a pilot on the day of receipt', () => {
    const pilots = [
      { from: '0001-01-01', value: [] },
      { from: '2026-12-20', value: [{ course: 'MAT1000', about: 'Digital' }] },
    ];
    expect(simulated({}, { pilots }).procedure).toBe('pilot');
    expect(simulated({ received: '2026-12-19' }, { pilots }).procedure).toBe('usual');
    expect(simulated({ course: 'MAT2000' }, { pilots }).procedure).toBe('usual');
  });
});
