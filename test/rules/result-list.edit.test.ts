import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { problemsOf } from '../../workflows/result-list/filling.js';
import { notRegistered } from '../../workflows/result-list/not-registered.js';
import type { ListRow, RegisteredFor } from '../../workflows/result-list/list.js';
import { rules } from '../../workflows/result-list/rules.js';
import { sendable, signable } from '../../workflows/result-list/signing.js';
import { addDays, isCivilDate } from '../../workflows/rules/civil-time.js';
import { aList, anAsk, aRow, someFacts, today } from '../support/list-asks.js';

const day = fc.integer({ min: 0, max: 400 }).map((n) => addDays('2026-01-01', n));
const student = fc.constantFrom('s1', 's2', 's3', 's4', 's5');
const row = fc.record({
  student,
  grade: fc.constantFrom('A', 'F', null),
  examinationDate: fc.option(day),
  score: fc.constant(null),
}) as fc.Arbitrary<ListRow>;
const rows = fc.uniqueArray(row, { selector: (one) => one.student });
const registration = fc.record({ student, from: day, to: day }) as fc.Arbitrary<RegisteredFor>;
const registrations = fc.array(registration, { maxLength: 8 });
const save = (given: readonly ListRow[], here: readonly ListRow[] = given) =>
  rules.commands.save(anAsk({ body: { version: 7, rows: given }, facts: someFacts(here) }));

const exists = (text: string) => {
  const [, y, m, d] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  const date = new Date(`${y}-${m}-${d}T00:00:00Z`);
  return y !== undefined && Number(y) > 0 && !Number.isNaN(date.getTime()) && date.toISOString().slice(0, 10) === text;
};

describe('dates', () => {
  it('RL-18 are days that exist, written YYYY-MM-DD', () => {
    const two = (most: number) => fc.integer({ min: 0, max: most }).map((n) => String(n).padStart(2, '0'));
    const written = fc
      .tuple(
        fc.integer({ min: 0, max: 9999 }).map((y) => String(y).padStart(4, '0')),
        two(14),
        two(33),
      )
      .map((parts) => parts.join('-'));
    fc.assert(
      fc.property(written, (text) => isCivilDate(text) === exists(text)),
      { numRuns: 3_000 },
    );
  });

  it.each([
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-1-2',
    '26-11-02',
    '20261102',
    '2026/11/02',
    '2026-11-02T00:00',
    ' 2026-11-02',
    '2026-11-02\n',
    '0000-01-01',
    '２０２６-11-02',
  ])('RL-18 refuses %j', (examinationDate) => {
    expect(save([aRow('s1', { examinationDate })])).toMatchObject({
      refused: true,
      kind: 'invalid',
      rule: 'RL-18',
      code: 'bad-date',
      details: { count: 1, rows: ['s1'] },
    });
  });

  it('RL-19 never lie after today', () => {
    fc.assert(
      fc.property(day, (examinationDate) => {
        const verdict = save([aRow('s1', { examinationDate })]);
        expect(verdict.refused ? verdict.rule : 'taken').toBe(examinationDate > today ? 'RL-19' : 'taken');
      }),
    );
  });

  it("RL-21 are each row's own", () => {
    const given = [
      aRow('s1', { examinationDate: '2026-10-01' }),
      aRow('s2', { examinationDate: '2026-11-22' }),
      aRow('s3', { examinationDate: null }),
    ];
    expect(save(given)).toMatchObject({ writes: [{ write: 'rows', rows: given }] });
  });
});

describe('what is wrong with the rows', () => {
  it('RL-22 a grade without a date, whatever the registrations say', () => {
    fc.assert(
      fc.property(rows, registrations, (some, periods) => {
        const undated = some.filter((one) => one.grade !== null && one.examinationDate === null).map((one) => one.student);
        expect(
          Object.entries(problemsOf(some, periods))
            .filter(([, problem]) => problem === 'date-missing')
            .map(([who]) => who),
        ).toEqual(undated);
      }),
    );
  });

  it('RL-23 a dated grade: a registration over that very day mends it, and it alone', () => {
    fc.assert(
      fc.property(rows, registrations, (some, periods) => {
        const before = problemsOf(some, periods);
        for (const [who, problem] of Object.entries(before)) {
          if (problem !== 'not-registered') continue;
          const on = some.find((one) => one.student === who)?.examinationDate as string;
          expect(problemsOf(some, [...periods, { student: who, from: on, to: on }])).toEqual({ ...before, [who]: undefined });
          expect(
            problemsOf(some, [
              ...periods,
              { student: who, from: addDays(on, 1), to: addDays(on, 9) },
              { student: who, from: addDays(on, -9), to: addDays(on, -1) },
            ]),
          ).toEqual(before);
          expect(problemsOf(some, [...periods, { student: 'somebody-else', from: '2000-01-01', to: '2099-01-01' }])).toEqual(
            before,
          );
        }
      }),
    );
  });

  it('RL-23 counts both the first and the last day of a registration', () => {
    const periods = [{ student: 's1', from: '2026-08-31', to: '2026-11-02' }];
    const on = (examinationDate: string) => problemsOf([aRow('s1', { examinationDate })], periods)['s1'];
    expect([on('2026-08-30'), on('2026-08-31'), on('2026-11-02'), on('2026-11-03')]).toEqual([
      'not-registered',
      undefined,
      undefined,
      'not-registered',
    ]);
  });

  it('RL-22 a row without a grade lacks no date', () => {
    fc.assert(
      fc.property(rows, registrations, (some, periods) => {
        const ungraded = some.map((one) => ({ ...one, grade: null }));
        expect(Object.values(problemsOf(ungraded, periods))).not.toContain('date-missing');
      }),
    );
  });

  it('RL-23 marks a dated row without valid registration whatever its grade, just those that the collected list counts', () => {
    fc.assert(
      fc.property(rows, registrations, (some, periods) => {
        const marked = Object.entries(problemsOf(some, periods)).filter(([, problem]) => problem === 'not-registered');
        expect(marked.map(([who]) => who).sort()).toEqual(
          notRegistered(some, periods)
            .map((one) => one.student)
            .sort(),
        );
      }),
    );
  });

  it('RL-23 stops no signature for a dated row without a grade', () => {
    const some = [aRow('s1'), aRow('s2', { grade: null })];
    const periods = [{ student: 's1', from: '2026-08-31', to: '2027-01-17' }];
    expect(problemsOf(some, periods)).toEqual({ s2: 'not-registered' });
    expect(signable(some, periods)).toBeUndefined();
  });

  it('RL-22 stops sending for a missing date and nothing else; RL-23 stops signing besides', () => {
    fc.assert(
      fc.property(rows, registrations, (some, periods) => {
        const problems = Object.values(
          problemsOf(
            some.filter((one) => one.grade !== null),
            periods,
          ),
        );
        const graded = some.some((one) => one.grade !== null);
        expect(sendable(some)?.rule).toBe(!graded ? 'RL-16' : problems.includes('date-missing') ? 'RL-22' : undefined);
        expect(signable(some, periods)?.rule).toBe(
          !graded
            ? 'RL-16'
            : problems.includes('date-missing')
              ? 'RL-22'
              : problems.includes('not-registered')
                ? 'RL-23'
                : undefined,
        );
      }),
    );
  });
});

describe('a list of a thousand', () => {
  it('RL-23 is judged by looking at each registration a few times, not once for each row', () => {
    let looked = 0;
    const students = Array.from({ length: 1_000 }, (_, n) => `s${n}`);
    const periods = students.map((who) => ({
      get student() {
        looked += 1;
        return who;
      },
      from: '2026-01-01',
      to: '2026-12-31',
    }));
    expect(
      problemsOf(
        students.map((who) => aRow(who, { examinationDate: '2026-03-01' })),
        periods,
      ),
    ).toEqual({});
    expect(looked).toBeLessThanOrEqual(5_000);
  });
});

describe('saving', () => {
  it('writes what was given and nothing more, or refuses and writes nothing', () => {
    fc.assert(
      fc.property(rows, rows, (given, here) => {
        const verdict = save(given, here);
        if (verdict.refused) {
          expect(verdict).not.toHaveProperty('writes');
          expect(
            given.some((one) => !here.some((other) => other.student === one.student)) ||
              given.some((one) => (one.examinationDate ?? '') > today),
          ).toBe(true);
        } else {
          expect(verdict.writes).toEqual([{ write: 'rows', rows: given }]);
          expect(verdict).toMatchObject({ state: 'draft', record: { rows: given.length } });
        }
      }),
    );
  });

  it('RL-22 answers with the problems of the whole list as it will stand', () => {
    const here = [aRow('s1', { examinationDate: null }), aRow('s2'), aRow('s3')];
    const verdict = rules.commands.save(
      anAsk({
        body: { version: 7, rows: [aRow('s2', { examinationDate: null })] },
        facts: someFacts(here, { registrations: [] }),
      }),
    );
    expect(verdict).toMatchObject({ answer: { problems: { s1: 'date-missing', s2: 'date-missing', s3: 'not-registered' } } });
  });

  it('RL-14 refuses the same student twice', () => {
    expect(save([aRow('s1'), aRow('s1', { grade: 'A' })], [aRow('s1')])).toMatchObject({ rule: 'RL-14', code: 'student-twice' });
  });

  it('RL-16 refuses a grade that the scale does not hold', () => {
    expect(save([aRow('s1', { grade: 'VG' }), aRow('s2')])).toMatchObject({
      rule: 'RL-16',
      code: 'grade-not-in-scale',
      details: { count: 1, rows: ['s1'], scale: 'AF' },
    });
  });

  it('RL-17 keeps an exam score with a point, however it was typed', () => {
    const body = {
      version: 7,
      rows: [
        { ...aRow('s1'), score: '14,83' },
        { ...aRow('s2'), score: undefined },
      ],
    };
    expect(rules.commands.save(anAsk({ body, facts: someFacts([aRow('s1'), aRow('s2')]) }))).toMatchObject({
      writes: [{ rows: [{ score: '14.83' }, { score: null }] }],
    });
  });

  it('RL-38 refuses what was read before somebody else saved', () => {
    const ask = anAsk({ body: { version: 6, rows: [aRow('s1')] }, facts: someFacts([aRow('s1')]) });
    for (const command of ['save', 'correct'] as const)
      expect(rules.commands[command](ask)).toMatchObject({
        kind: 'conflict',
        code: 'changed-meanwhile',
        details: { version: 7 },
      });
    expect(rules.commands.correct({ ...ask, case: aList({ version: 6, state: 'with-examiner' }) }).refused).toBeUndefined();
  });
});
