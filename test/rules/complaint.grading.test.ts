import { describe, expect, it } from '../spec.js';
import { handledBy, movedTo } from '../../workflows/complaint/deadline.js';
import { notOffered, warnings } from '../../workflows/complaint/offered.js';
import { compared, passes } from '../../workflows/complaint/scale.js';
import {
  aComplaint,
  anEntry,
  assessed,
  caseWorker,
  decided,
  examOffice,
  given,
  lettersOf,
  letters,
  no,
  ordersOf,
  passedFailed,
  today,
  tried,
  unordered,
  writesOf,
} from '../support/complaint-asks.js';

const verdict = (first: string, grade: string, scale = letters) => compared(scale, first, { grade });

describe('a new grade beside the first', () => {
  it('GC-23 is in favour, against or unchanged by the order of the scale', () => {
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map((grade) => verdict('C', grade))).toEqual([
      { decision: 'in-favour', far: true },
      { decision: 'in-favour', far: false },
      { decision: 'unchanged', far: false },
      { decision: 'against', far: false },
      { decision: 'against', far: true },
      { decision: 'against', far: true },
    ]);
  });

  it('GC-32 is assessed further from two grades on, E to F being one step like the others', () => {
    const far = (first: string, grade: string) => (verdict(first, grade) as { far: boolean }).far;
    expect([far('E', 'F'), far('F', 'E'), far('D', 'F'), far('F', 'D'), far('A', 'B'), far('A', 'C')]).toEqual([
      false,
      false,
      true,
      true,
      false,
      true,
    ]);
  });

  it('GC-32 is never two apart where there are two grades, and needs no question there', () => {
    expect([verdict('S', 'B', passedFailed), verdict('B', 'S', passedFailed), verdict('B', 'B', passedFailed)]).toEqual([
      { decision: 'in-favour', far: false },
      { decision: 'against', far: false },
      { decision: 'unchanged', far: false },
    ]);
  });

  it('GC-32 is for the case worker to judge on a scale without order, and nowhere else', () => {
    expect(verdict('X', 'Y', unordered)).toMatchObject({ refused: true, rule: 'GC-32', code: 'not-comparable' });
    expect(verdict('X', 'X', unordered)).toEqual({ decision: 'unchanged', far: false });
    expect(compared(unordered, 'X', { grade: 'Y', judged: { decision: 'against', furtherAssessment: true } })).toEqual({
      decision: 'against',
      far: true,
    });
    const judged = { decision: 'against', furtherAssessment: false } as const;
    expect([
      compared(letters, 'C', { grade: 'B', judged }),
      compared(letters, 'C', { grade: 'C', judged }),
      compared(passedFailed, 'B', { grade: 'S', judged }),
    ]).toMatchObject(Array(3).fill({ rule: 'GC-32', code: 'nothing-to-judge' }));
    expect(compared(unordered, 'X', { grade: 'X', judged })).toMatchObject({ rule: 'GC-32', code: 'grade-unchanged' });
  });

  it('GC-18 is one of the scale', () => {
    expect(verdict('C', 'G')).toMatchObject({
      refused: true,
      rule: 'GC-18',
      code: 'not-on-the-scale',
      details: { grades: ['A', 'B', 'C', 'D', 'E', 'F'] },
    });
  });

  it('GC-20 has the mark of its own scale: B passes in letters and in passed or failed', () => {
    expect([
      passes(letters, 'B'),
      passes(letters, 'E'),
      passes(letters, 'F'),
      passes(passedFailed, 'B'),
      passes(passedFailed, 'S'),
    ]).toEqual([true, true, false, true, false]);
  });
});

describe('registering the grade', () => {
  it('GC-18 puts it on its way into the protocol, with the decision, and counts it as communicated no earlier than it stands there', () => {
    const found = given('register-grade', assessed(2), { grade: 'B' });
    expect(decided(found)).toMatchObject({
      state: 'registering',
      waitingFor: null,
      due: null,
      wake: null,
      data: { decision: 'in-favour', finished: false, entering: { grading: 'id-6', order: 'id-1' } },
    });
    expect(decided(found).data).not.toHaveProperty('communicated');
    expect(writesOf(found)).toEqual([
      { write: 'grading', id: 'id-6', round: 2, grade: 'B', passed: true, replaces: 'C', reason: null },
    ]);
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
    expect(lettersOf(found)).toEqual([]);
  });

  it('GC-19 takes an unchanged grade the same way', () => {
    const found = given('register-grade', assessed(2), { grade: 'C' });
    expect(decided(found)).toMatchObject({ state: 'registering', data: { decision: 'unchanged' } });
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
  });

  it('GC-22 takes an earlier day of communication, none to come and none before the receipt', () => {
    expect(decided(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-21' })).data.communicated).toBe(
      '2026-06-21',
    );
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-23' }))).toBe('GC-22 day-too-late');
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-19' }))).toBe('GC-22 day-too-early');
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-02-30' }))).toBe('GC-22 not-a-day');
    const judged = { decision: 'against', furtherAssessment: false, reason: 'Weaker' };
    for (const grade of ['X', 'Y'])
      expect(
        no(
          given(
            'register-grade',
            assessed(2, { entry: anEntry({ scale: unordered }) }),
            { grade, judged, communicated: '2026-06-23' },
            { firstGrade: 'X' },
          ),
        ),
      ).toBe('GC-22 day-too-late');
  });

  it('GC-33 only logs a grade two or more from the first: no decision, nothing for FS, no letter to the student', () => {
    const found = given('register-grade', assessed(2), { grade: 'A' });
    expect(decided(found)).toMatchObject({
      state: 'to-further-assessment',
      waitingFor: 'case-worker',
      due: { on: '2026-07-11' },
      answer: { message: { code: 'logged-only', rule: 'GC-33' } },
    });
    expect(decided(found).data).not.toHaveProperty('decision');
    expect(decided(found).data.finished).toBe(false);
    expect(writesOf(found)).toEqual([
      { write: 'grading', id: 'id-6', round: 2, grade: 'A', passed: true, replaces: 'C', reason: null },
    ]);
    expect([ordersOf(found), lettersOf(found)]).toEqual([[], ['further-assessment siri']]);
  });

  it('GC-34 says that the protocol of such a round is not sent in', () => {
    const { answer } = decided(given('register-grade', assessed(2), { grade: 'F' }));
    expect((answer as { message: { nb: string } }).message.nb).toContain('Protokollen sendes ikke inn.');
  });

  it('GC-35 takes the grade of the further assessment however far it is', () => {
    const found = given('register-grade', assessed(3), { grade: 'F' });
    expect(decided(found)).toMatchObject({ state: 'registering', data: { decision: 'against' } });
    expect(writesOf(found)).toMatchObject([{ round: 3, grade: 'F', passed: false, replaces: 'C' }]);
  });

  it("GC-32 keeps the case worker's reason with a grade of a scale without order", () => {
    const complaint = assessed(2, { entry: anEntry({ scale: unordered }) });
    const judged = { decision: 'against', furtherAssessment: true, reason: 'Of little worth beside X' };
    expect(no(given('register-grade', complaint, { grade: 'Y' }, { firstGrade: 'X' }))).toBe('GC-32 not-comparable');
    const found = given('register-grade', complaint, { grade: 'Y', judged }, { firstGrade: 'X' });
    expect(decided(found).state).toBe('to-further-assessment');
    expect(writesOf(found)).toMatchObject([{ grade: 'Y', reason: 'Of little worth beside X' }]);
    expect(
      decided(
        given(
          'register-grade',
          assessed(3, { entry: anEntry({ scale: unordered }) }),
          { grade: 'Y', judged },
          { firstGrade: 'X' },
        ),
      ),
    ).toMatchObject({ state: 'registering', data: { decision: 'against' } });
  });
});

describe('a grade in the protocol', () => {
  const entering = { grading: 'g', order: 'o' };
  const registering = aComplaint('registering', { decision: 'in-favour', communicated: '2026-06-22', entering });
  const toCheck = (other: object = {}) =>
    aComplaint(
      'to-check',
      { decision: 'in-favour', communicated: '2026-06-22', finished: true, entering, ...other },
      { waitingFor: 'exam-office', due: null },
    );
  const log = [{ id: 'g', round: 2, grade: 'B', inProtocol: true }] as const;

  it('GC-21 finishes the case by itself, once it stands there', () => {
    expect(no(given('entered', registering, {}, { awaited: 'open' }))).toBe('GC-18 order-under-way');
    const found = given('entered', registering, {}, { awaited: 'done' });
    expect(decided(found)).toMatchObject({
      state: 'to-check',
      waitingFor: 'exam-office',
      data: { finished: true, decision: 'in-favour' },
    });
    expect(writesOf(found)).toEqual([{ write: 'in-protocol', grading: 'g' }]);
  });

  it('GC-25 mails the student then, changed or not, and the exam office', () => {
    expect(lettersOf(given('entered', registering, {}, { awaited: 'done' }))).toEqual(['result student', 'to-check egil']);
    expect(
      lettersOf(given('entered', aComplaint('registering', { decision: 'unchanged', entering }), {}, { awaited: 'done' })),
    ).toContain('result student');
  });

  it('GC-18 that FS would not take waits for somebody, who enters it again', () => {
    const failed = given('entered', registering, {}, { awaited: 'failed' });
    expect(decided(failed)).toMatchObject({
      state: 'not-entered',
      waitingFor: 'case-worker',
      needsAttention: true,
      data: { finished: false },
    });
    expect(lettersOf(failed)).toEqual([]);
    const again = given('enter-again', aComplaint('not-entered', { entering }));
    expect(decided(again)).toMatchObject({ state: 'registering', data: { entering: { grading: 'g', order: 'fresh-id' } } });
    expect(ordersOf(again)).toEqual([['enter-grade', { grading: 'g' }]]);
  });

  it('GC-30 that stands in the log only is deleted, and the committee has the case again as before', () => {
    const second = { id: 'second', round: 2, grade: 'A', inProtocol: false } as const;
    const mistyped = given(
      'delete-grade',
      aComplaint('to-further-assessment', {
        committees: { second: { number: 1, name: 'K2' }, further: { number: 2, name: 'K3' } },
      }),
      { reason: 'Typed A for B' },
      { log: [second] },
    );
    expect(decided(mistyped)).toMatchObject({
      state: 'with-committee',
      waitingFor: 'committee-member',
      due: { on: '2026-07-11' },
      wake: '2026-07-04T07:00:00.000Z',
      data: { deletedGrade: { by: 'siri', reason: 'Typed A for B' } },
      record: { deleted: ['second'] },
    });
    expect([writesOf(mistyped), ordersOf(mistyped), decided(mistyped).data.committees]).toEqual([
      [
        { write: 'delete-gradings', ids: ['second'] },
        { write: 'released', round: 3 },
      ],
      [['keep-in-fs', {}]],
      { second: { number: 1, name: 'K2' } },
    ]);
    const early = given(
      'delete-grade',
      aComplaint('to-further-assessment', { committees: { second: { number: 1, name: 'K2' } } }),
      { reason: 'Typed A for B' },
      { log: [second] },
    );
    expect([writesOf(early), ordersOf(early)]).toEqual([[{ write: 'delete-gradings', ids: ['second'] }], []]);
  });

  it('GC-30 that the further committee was sent for is deleted, and that committee has the case no more', () => {
    const second = { id: 'second', round: 2, grade: 'A', inProtocol: false } as const;
    const found = tried('delete-grade', assessed(3), caseWorker, { reason: 'Typed A for B' }, { log: [second] });
    expect(decided(found)).toMatchObject({ state: 'with-committee', waitingFor: 'committee-member', due: { on: '2026-07-11' } });
    expect([writesOf(found), ordersOf(found), lettersOf(found), decided(found).data.committees]).toEqual([
      [
        { write: 'delete-gradings', ids: ['second'] },
        { write: 'released', round: 3 },
      ],
      [['keep-in-fs', {}]],
      ['released mons', 'released marte'],
      { second: { number: 1, name: 'K2' } },
    ]);
  });

  it('GC-30 that FS would not take is deleted, the protocol is read again, and the case goes on where it was', () => {
    const logged = [
      { id: 'second', round: 2, grade: 'A', inProtocol: false },
      { id: 'g', round: 3, grade: 'B', inProtocol: false },
    ] as const;
    const sent = decided(given('register-grade', assessed(3), { grade: 'B' }));
    const failed = decided(
      given(
        'entered',
        aComplaint('registering', { ...sent.data, entering: { grading: 'g', order: 'o' } }, { due: null, wake: null }),
        {},
        { awaited: 'failed' },
      ),
    );
    const found = given(
      'delete-grade',
      aComplaint('not-entered', failed.data, { due: null, wake: null }),
      { reason: 'Another grade stands there' },
      { log: logged },
    );
    expect(decided(found)).toMatchObject({ state: 'with-further-committee', due: { on: '2026-07-11' }, needsAttention: false });
    expect([writesOf(found), ordersOf(found)]).toEqual([[{ write: 'delete-gradings', ids: ['g'] }], [['read-protocol', {}]]]);
    for (const gone of ['decision', 'entering', 'communicated', 'before']) expect(decided(found).data).not.toHaveProperty(gone);
  });

  it('GC-31 that the exam office entered and FS would not take goes back to it, the wrong one standing', () => {
    const wrong = { wrong: { by: 'siri', at: '' }, blocked: true };
    const sent = decided(
      given('correct', aComplaint('to-correct', wrong, { due: null }), { grade: 'D' }, { protocolGrade: 'B' }, examOffice),
    );
    const stuck = aComplaint('not-entered', sent.data, { due: null, wake: null });
    const found = given(
      'delete-grade',
      stuck,
      { reason: 'It is E' },
      { log: [{ id: 'id-6', round: 2, grade: 'D', inProtocol: false }] },
      examOffice,
    );
    expect([decided(found).state, decided(found).waitingFor, decided(found).due, ordersOf(found)]).toEqual([
      'to-correct',
      'exam-office',
      null,
      [],
    ]);
    expect(no(given('withdraw', stuck))).toBe('GC-31 wrong-grade-stands');
  });

  it('GC-36 that FS would not take may still be withdrawn with its complaint', () => {
    const found = given(
      'withdraw',
      aComplaint('not-entered', { decision: 'in-favour', entering }, { due: null }),
      {},
      { log: [{ id: 'g', round: 2, grade: 'B', inProtocol: false }] },
    );
    expect([decided(found).state, decided(found).data.decision, writesOf(found)]).toEqual([
      'withdrawn',
      'withdrawn',
      [{ write: 'delete-gradings', ids: ['g'] }],
    ]);
    expect(decided(tried('withdraw', aComplaint('not-entered', { decision: 'in-favour', entering }), caseWorker)).state).toBe(
      'withdrawn',
    );
  });

  it('GC-41 is checked by the exam office, which lifts a block, takes back a postponement and closes the case', () => {
    const found = given('check', toCheck({ blocked: true, postponedUntil: '2026-07-11' }), {}, {}, examOffice);
    expect(decided(found)).toMatchObject({
      state: 'closed',
      waitingFor: null,
      data: { blocked: false, checked: { by: 'egil' } },
    });
    expect(decided(found).data).not.toHaveProperty('postponedUntil');
    expect(ordersOf(found)).toEqual([
      ['block', { blocked: false }],
      ['postpone-diploma', { until: null }],
      ['keep-in-fs', {}],
      ['archive', { document: 'decision' }],
    ]);
    expect(ordersOf(given('check', toCheck(), {}, {}, examOffice)).map(([name]) => name)).toEqual(['keep-in-fs', 'archive']);
  });

  it('GC-42 stays blocked while another complaint needs it, or where it was so before, until the exam office says otherwise', () => {
    const of = (body: object, facts: object, entry = anEntry()) => {
      const found = given('check', toCheck({ blocked: true, entry }), body, facts, examOffice);
      return [ordersOf(found).some(([name]) => name === 'block'), decided(found).data.blocked, decided(found).record?.['lifted']];
    };
    const [lifted, stays] = [
      [true, false, true],
      [false, true, false],
    ];
    const found = anEntry({ blocked: true });
    expect([
      of({}, {}),
      of({}, { blockedByOthers: true }),
      of({ block: 'lift' }, { blockedByOthers: true }),
      of({ block: 'leave' }, {}),
    ]).toEqual([lifted, stays, stays, stays]);
    expect([of({}, {}, found), of({ block: 'lift' }, {}, found)]).toEqual([stays, lifted]);
  });

  it('GC-42 takes the block of another complaint for none that was there before: of two that block, the last one lifts it', () => {
    const read = (blockIsOurs: boolean) =>
      decided(
        given('protocol-read', aComplaint('opened'), {}, { awaited: 'done', entry: anEntry({ blocked: true }), blockIsOurs }),
      ).data;
    const checked = (data: object, facts: object = {}) =>
      decided(given('check', toCheck({ ...data, protection: 'block' }), {}, facts, examOffice)).record?.['lifted'];
    expect([checked(read(true)), checked(read(true), { blockedByOthers: true }), checked(read(false))]).toEqual([
      true,
      false,
      false,
    ]);
    const again = decided(
      given(
        'protocol-read',
        aComplaint('opened', { blockIsOurs: true }),
        {},
        { awaited: 'done', entry: anEntry({ blocked: true }), blockIsOurs: false },
      ),
    );
    expect(again.data).not.toHaveProperty('blockIsOurs');
  });

  it('GC-29 that is wrong a second time is warned of again, whether or not the right one had been entered', () => {
    const wrong = { by: 'siri', at: '', notice: 'gone' } as const;
    const corrected = { by: 'egil', at: '' };
    const reported = decided(
      given('report-wrong', toCheck({ wrong, corrected }), { reason: 'Typed D for E' }, { log, notice: 'held-back' }),
    ).data;
    expect(warnings(reported, undefined)[0]?.code).toBe('notice-held-back');
    const deleted = decided(
      given(
        'delete-grade',
        aComplaint('not-entered', { wrong, corrected, entering, before: { state: 'to-correct', due: null } }),
        { reason: 'It is E' },
        { log },
        examOffice,
      ),
    ).data;
    expect([warnings(deleted, undefined)[0]?.code, warnings(toCheck({ wrong, corrected }).data, undefined)]).toEqual([
      'notice-has-gone',
      [],
    ]);
    for (const data of [reported, deleted]) expect(data).not.toHaveProperty('corrected');
  });

  it('GC-22 that was wrong is communicated anew, on the day the right one stands there', () => {
    const reported = decided(
      given('report-wrong', toCheck({ communicated: '2026-06-20' }), { reason: 'Typed D for B' }, { log }),
    );
    expect(reported.data).not.toHaveProperty('communicated');
    const right = decided(given('correct', aComplaint('to-correct', reported.data), { grade: 'D' }, {}, examOffice));
    expect(
      decided(
        given('entered', aComplaint('registering', right.data), {}, { awaited: 'done' }, undefined, { today: '2026-06-25' }),
      ).data.communicated,
    ).toBe('2026-06-25');
  });

  it('GC-22 counts from the day it stands in the protocol, unless somebody typed one', () => {
    const later = (data: object) =>
      decided(
        given(
          'entered',
          aComplaint('registering', { decision: 'in-favour', entering, ...data }),
          {},
          { awaited: 'done' },
          undefined,
          { today: '2026-06-25' },
        ),
      ).data.communicated;
    expect([later({}), later({ communicated: '2026-06-21' })]).toEqual(['2026-06-25', '2026-06-21']);
  });

  it('GC-29 that is wrong is blocked at once, whether or not it was blocked before', () => {
    for (const blocked of [false, true]) {
      const found = given('report-wrong', toCheck({ blocked }), { reason: 'Typed D for B' }, { log, notice: 'gone' });
      expect(ordersOf(found)[0]).toEqual(['block', { blocked: true }]);
      expect(decided(found)).toMatchObject({
        state: 'to-correct',
        waitingFor: 'exam-office',
        data: { blocked: true, finished: false, wrong: { by: 'siri', reason: 'Typed D for B' } },
        answer: { message: { code: 'notice-has-gone' } },
      });
      expect(lettersOf(found)).toEqual(['to-correct egil']);
    }
  });

  it('GC-29 that is wrong is said to have been told to the student only where it was', () => {
    const said = (['gone', 'held-back', 'perhaps'] as const)
      .map((notice) => decided(given('report-wrong', toCheck(), { reason: 'Typed D for B' }, { log, notice })))
      .map(({ data, answer }) => [(answer as { message: { code: string } }).message.code, warnings(data, undefined)[0]?.code]);
    expect(said).toEqual([
      ['notice-has-gone', 'notice-has-gone'],
      ['notice-held-back', 'notice-held-back'],
      ['notice-may-have-gone', 'notice-may-have-gone'],
    ]);
    expect(warnings(aComplaint('to-correct', { wrong: { by: 'siri', at: '' } }).data, undefined)[0]?.code).toBe(
      'notice-has-gone',
    );
  });

  it('GC-30 that is wrong leaves the log of re-gradings, and with it the decision', () => {
    const found = given(
      'report-wrong',
      toCheck(),
      { reason: 'Typed D for B' },
      { log: [{ id: 'second', round: 2, grade: 'F', inProtocol: false }, ...log] },
    );
    expect(writesOf(found)).toEqual([{ write: 'delete-gradings', ids: ['g'] }]);
    expect(decided(found).data).not.toHaveProperty('decision');
    expect(decided(found).record).toEqual({ deleted: ['g'] });
  });

  it('GC-31 is put right by the exam office: over the wrong one, decided beside the first', () => {
    const found = given(
      'correct',
      aComplaint('to-correct', { blocked: true, wrong: { by: 'siri', at: '' } }),
      { grade: 'D' },
      { firstGrade: 'C', protocolGrade: 'B' },
      examOffice,
    );
    expect(decided(found)).toMatchObject({
      state: 'registering',
      data: { decision: 'against', corrected: { by: 'egil' }, blocked: true },
    });
    expect(writesOf(found)).toMatchObject([{ write: 'grading', grade: 'D', replaces: 'B', round: 2 }]);
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
    expect(
      decided(
        given(
          'correct',
          aComplaint('to-correct', { committees: { further: { number: 2, name: 'K' } } }),
          { grade: 'A' },
          {},
          examOffice,
        ),
      ).state,
    ).toBe('registering');
  });

  describe('put right by a grade two or more from the first, before anybody assessed it further', () => {
    const wrong = { wrong: { by: 'siri', at: '' }, blocked: true, committees: { second: { number: 1, name: 'K2' } } };
    const due = movedTo(
      handledBy('grading', '2026-06-20', 'Europe/Oslo'),
      { on: '2026-07-20', by: 'siri', movedOn: today },
      'Europe/Oslo',
    );
    const corrected = (data: object, grade = 'F') =>
      given(
        'correct',
        aComplaint('to-correct', { ...wrong, ...data }, { due: null }),
        { grade },
        { protocolGrade: 'B' },
        examOffice,
      );
    const logged = corrected({ deadline: due });
    const further = (state: string) =>
      aComplaint(
        state,
        { ...decided(logged).data, committees: { ...wrong.committees, further: { number: 2, name: 'K3' } } },
        { due },
      );
    const second = { id: 'id-6', round: 2, grade: 'F', inProtocol: false } as const;

    it('GC-32 is logged only and assessed further, the wrong one standing blocked, under the deadline of before', () => {
      expect(decided(logged)).toMatchObject({
        state: 'to-further-assessment',
        waitingFor: 'case-worker',
        due,
        wake: '2026-07-13T07:00:00.000Z',
        data: { blocked: true, finished: false },
        answer: { message: { code: 'logged-only' } },
      });
      for (const none of ['decision', 'corrected', 'entering']) expect(decided(logged).data).not.toHaveProperty(none);
      expect([writesOf(logged), ordersOf(logged), lettersOf(logged)]).toEqual([
        [{ write: 'grading', id: 'id-6', round: 2, grade: 'F', passed: false, replaces: 'B', reason: null }],
        [],
        ['further-assessment siri'],
      ]);
      expect(decided(corrected({})).due).toMatchObject({ on: '2026-07-11' });
      expect(decided(corrected({ committees: further('').data.committees })).state).toBe('registering');
    });

    it('GC-35 gets the grade of the further assessment over the wrong one, which then is put right', () => {
      const found = given('register-grade', further('with-further-committee'), { grade: 'E' }, { protocolGrade: 'B' });
      expect(decided(found)).toMatchObject({ state: 'registering', data: { corrected: { by: 'siri' } } });
      expect(writesOf(found)).toMatchObject([{ round: 3, grade: 'E', replaces: 'B' }]);
    });

    it('GC-31 is neither withdrawn nor dismissed while the wrong one stands, and not offered to be', () => {
      for (const state of ['to-further-assessment', 'with-further-committee', 'halted', 'not-entered'])
        expect([
          no(given('withdraw', further(state))),
          no(given('dismiss', further(state), { reason: 'Late' })),
          notOffered(further(state)),
        ]).toEqual(['GC-31 wrong-grade-stands', 'GC-31 wrong-grade-stands', expect.arrayContaining(['withdraw', 'dismiss'])]);
    });

    it('GC-30 goes back to the exam office when it is deleted, without the further committee', () => {
      const found = given('delete-grade', further('to-further-assessment'), { reason: 'Typed F for D' }, { log: [second] });
      expect(decided(found)).toMatchObject({
        state: 'to-correct',
        waitingFor: 'exam-office',
        due: null,
        data: { deadline: due },
      });
      expect([decided(found).data.committees, writesOf(found), ordersOf(found)]).toEqual([
        wrong.committees,
        [
          { write: 'delete-gradings', ids: ['id-6'] },
          { write: 'released', round: 3 },
        ],
        [['keep-in-fs', {}]],
      ]);
    });
  });

  it('AU-11 is closed by another unit than the one that registered it', () => {
    const sent = tried('register-grade', assessed(2), caseWorker, { grade: 'B' });
    expect(no(tried('register-grade', assessed(2), examOffice, { grade: 'B' }))).toBe('GC-18 not-yours-to-give');
    const stands = aComplaint(
      'to-check',
      decided(given('entered', aComplaint('registering', decided(sent).data), {}, { awaited: 'done' })).data,
    );
    expect(no(tried('check', stands, caseWorker))).toBe('GC-41 not-yours-to-give');
    expect(decided(tried('check', stands, examOffice)).state).toBe('closed');
  });
});

describe('the top grade of a part', () => {
  const top = { course: 'MAT1000', version: '1', combination: 'T', year: 2026, term: 'JUN' };
  const part = (other: object = {}) =>
    aComplaint('to-check', { decision: 'in-favour', entering: { grading: 'g', order: 'o' }, entry: anEntry({ top }), ...other });

  it('GC-26 is summed again before a part grade that changed is checked', () => {
    const checked = (recalculated: { needed: boolean; written: boolean }, body: object = {}, other: object = {}) =>
      given('check', part(other), body, { recalculated }, examOffice);
    expect(no(checked({ needed: true, written: false }))).toBe('GC-26 not-recalculated');
    expect(no(checked({ needed: true, written: false }, {}, { decision: 'unchanged' }))).toBe('GC-26 not-recalculated');
    expect(decided(checked({ needed: true, written: true })).state).toBe('closed');
    expect(decided(checked({ needed: false, written: false })).state).toBe('closed');
  });

  it('GC-26 closes without, where FS will not, with the reason of the exam office', () => {
    const found = given(
      'check',
      part(),
      { withoutRecalculation: 'FS571 has no calculation of this course' },
      { recalculated: { needed: true, written: false } },
      examOffice,
    );
    expect(decided(found)).toMatchObject({
      state: 'closed',
      data: { checked: { by: 'egil', reason: 'FS571 has no calculation of this course' } },
      record: { withoutRecalculation: true },
    });
  });

  it('GC-28 is tried first, and what the trial showed is what is written', () => {
    expect(no(given('recalculate', part(), { trial: false }))).toBe('GC-28 trial-first');
    const trial = given('recalculate', part(), { trial: true });
    expect([ordersOf(trial), decided(trial).state, decided(trial).answer]).toEqual([
      [['recalculate', { trial: true, grading: 'g' }]],
      'to-check',
      { order: 'fresh-id' },
    ]);
    expect(
      ordersOf(
        given('recalculate', part(), { trial: false }, { recalculated: { trial: 'the-trial', written: false, needed: true } }),
      ),
    ).toEqual([['recalculate', { trial: false, grading: 'g', after: 'the-trial' }]]);
  });

  it('GC-26 is none where the result is no part', () => {
    expect(no(given('recalculate', aComplaint('to-check'), { trial: true }, {}, caseWorker))).toBe('GC-26 no-top-grade');
  });
});
