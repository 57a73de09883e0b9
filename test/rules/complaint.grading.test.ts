import { describe, expect, it } from '../spec.js';
import { compared, passes } from '../../workflows/complaint/scale.js';
import { aComplaint, anEntry, assessed, caseWorker, decided, examOffice, given, lettersOf, letters, no, ordersOf, passedFailed, unordered, writesOf } from '../support/complaint-asks.js';

const verdict = (first: string, grade: string, scale = letters) => compared(scale, first, { grade });

describe('a new grade beside the first', () => {
  it('GC-23 is in favour, against or unchanged by the order of the scale', () => {
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map((grade) => verdict('C', grade))).toEqual([
      { decision: 'in-favour', far: true }, { decision: 'in-favour', far: false }, { decision: 'unchanged', far: false }, { decision: 'against', far: false }, { decision: 'against', far: true }, { decision: 'against', far: true },
    ]);
  });

  it('GC-32 is assessed further from two grades on, E to F being one step like the others', () => {
    const far = (first: string, grade: string) => (verdict(first, grade) as { far: boolean }).far;
    expect([far('E', 'F'), far('F', 'E'), far('D', 'F'), far('F', 'D'), far('A', 'B'), far('A', 'C')]).toEqual([false, false, true, true, false, true]);
  });

  it('GC-32 is never two apart where there are two grades, and needs no question there', () => {
    expect([verdict('S', 'B', passedFailed), verdict('B', 'S', passedFailed), verdict('B', 'B', passedFailed)]).toEqual([
      { decision: 'in-favour', far: false }, { decision: 'against', far: false }, { decision: 'unchanged', far: false },
    ]);
  });

  it('GC-32 is for the case worker to judge on a scale without order, and nowhere else', () => {
    expect(verdict('X', 'Y', unordered)).toMatchObject({ refused: true, rule: 'GC-32', code: 'not-comparable' });
    expect(verdict('X', 'X', unordered)).toEqual({ decision: 'unchanged', far: false });
    expect(compared(unordered, 'X', { grade: 'Y', judged: { decision: 'against', furtherAssessment: true } })).toEqual({ decision: 'against', far: true });
    expect(compared(letters, 'C', { grade: 'B', judged: { decision: 'against', furtherAssessment: false } })).toMatchObject({ code: 'nothing-to-judge' });
  });

  it('GC-18 is one of the scale', () => {
    expect(verdict('C', 'G')).toMatchObject({ refused: true, rule: 'GC-18', code: 'not-on-the-scale', details: { grades: ['A', 'B', 'C', 'D', 'E', 'F'] } });
  });

  it('GC-20 has the mark of its own scale: B passes in letters and in passed or failed', () => {
    expect([passes(letters, 'B'), passes(letters, 'E'), passes(letters, 'F'), passes(passedFailed, 'B'), passes(passedFailed, 'S')]).toEqual([true, true, false, true, false]);
  });
});

describe('registering the grade', () => {
  it('GC-18 puts it on its way into the protocol, with the decision and the day it was communicated', () => {
    const found = given('register-grade', assessed(2), { grade: 'B' });
    expect(decided(found)).toMatchObject({ state: 'registering', waitingFor: null, due: null, wake: null, data: { decision: 'in-favour', communicated: '2026-06-22', finished: false, entering: { grading: 'id-6', order: 'id-1' } } });
    expect(writesOf(found)).toEqual([{ write: 'grading', id: 'id-6', round: 2, grade: 'B', passed: true, replaces: 'C', reason: null }]);
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
    expect(lettersOf(found)).toEqual([]);
  });

  it('GC-19 takes an unchanged grade the same way', () => {
    const found = given('register-grade', assessed(2), { grade: 'C' });
    expect(decided(found)).toMatchObject({ state: 'registering', data: { decision: 'unchanged' } });
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
  });

  it('GC-22 takes an earlier day of communication, none to come and none before the receipt', () => {
    expect(decided(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-21' })).data.communicated).toBe('2026-06-21');
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-23' }))).toBe('GC-22 day-too-late');
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-06-19' }))).toBe('GC-22 day-too-early');
    expect(no(given('register-grade', assessed(2), { grade: 'B', communicated: '2026-02-30' }))).toBe('GC-22 not-a-day');
    const judged = { decision: 'against', furtherAssessment: false, reason: 'Weaker' };
    for (const grade of ['X', 'Y']) expect(no(given('register-grade', assessed(2, { entry: anEntry({ scale: unordered }) }), { grade, judged, communicated: '2026-06-23' }, { firstGrade: 'X' }))).toBe('GC-22 day-too-late');
  });

  it('GC-33 only logs a grade two or more from the first: no decision, nothing for FS, no letter to the student', () => {
    const found = given('register-grade', assessed(2), { grade: 'A' });
    expect(decided(found)).toMatchObject({ state: 'to-further-assessment', waitingFor: 'case-worker', due: { on: '2026-07-11' }, answer: { message: { code: 'logged-only', rule: 'GC-33' } } });
    expect(decided(found).data).not.toHaveProperty('decision');
    expect(decided(found).data.finished).toBe(false);
    expect(writesOf(found)).toEqual([{ write: 'grading', id: 'id-6', round: 2, grade: 'A', passed: true, replaces: 'C', reason: null }]);
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

  it('GC-32 keeps the case worker\'s reason with a grade of a scale without order', () => {
    const complaint = assessed(2, { entry: anEntry({ scale: unordered }) });
    const judged = { decision: 'against', furtherAssessment: true, reason: 'Of little worth beside X' };
    expect(no(given('register-grade', complaint, { grade: 'Y' }, { firstGrade: 'X' }))).toBe('GC-32 not-comparable');
    const found = given('register-grade', complaint, { grade: 'Y', judged }, { firstGrade: 'X' });
    expect(decided(found).state).toBe('to-further-assessment');
    expect(writesOf(found)).toMatchObject([{ grade: 'Y', reason: 'Of little worth beside X' }]);
    expect(decided(given('register-grade', assessed(3, { entry: anEntry({ scale: unordered }) }), { grade: 'Y', judged }, { firstGrade: 'X' }))).toMatchObject({ state: 'registering', data: { decision: 'against' } });
  });
});

describe('a grade in the protocol', () => {
  const entering = { grading: 'g', order: 'o' };
  const registering = aComplaint('registering', { decision: 'in-favour', communicated: '2026-06-22', entering });
  const toCheck = (other: object = {}) => aComplaint('to-check', { decision: 'in-favour', communicated: '2026-06-22', finished: true, entering, ...other }, { waitingFor: 'exam-office', due: null });
  const log = [{ id: 'g', round: 2, grade: 'B', inProtocol: true }] as const;

  it('GC-21 finishes the case by itself, once it stands there', () => {
    expect(no(given('entered', registering, {}, { awaited: 'open' }))).toBe('GC-18 order-under-way');
    const found = given('entered', registering, {}, { awaited: 'done' });
    expect(decided(found)).toMatchObject({ state: 'to-check', waitingFor: 'exam-office', data: { finished: true, decision: 'in-favour' } });
    expect(writesOf(found)).toEqual([{ write: 'in-protocol', grading: 'g' }]);
  });

  it('GC-25 mails the student then, changed or not, and the exam office', () => {
    expect(lettersOf(given('entered', registering, {}, { awaited: 'done' }))).toEqual(['result student', 'to-check egil']);
    expect(lettersOf(given('entered', aComplaint('registering', { decision: 'unchanged', entering }), {}, { awaited: 'done' }))).toContain('result student');
  });

  it('GC-18 that FS would not take waits for somebody, who enters it again', () => {
    const failed = given('entered', registering, {}, { awaited: 'failed' });
    expect(decided(failed)).toMatchObject({ state: 'not-entered', waitingFor: 'case-worker', needsAttention: true, data: { finished: false } });
    expect(lettersOf(failed)).toEqual([]);
    const again = given('enter-again', aComplaint('not-entered', { entering }));
    expect(decided(again)).toMatchObject({ state: 'registering', data: { entering: { grading: 'g', order: 'fresh-id' } } });
    expect(ordersOf(again)).toEqual([['enter-grade', { grading: 'g' }]]);
  });

  it('GC-41 is checked by the exam office, which lifts a block, takes back a postponement and closes the case', () => {
    const found = given('check', toCheck({ blocked: true, postponedUntil: '2026-07-11' }), {}, {}, examOffice);
    expect(decided(found)).toMatchObject({ state: 'closed', waitingFor: null, data: { blocked: false, checked: { by: 'egil' } } });
    expect(decided(found).data).not.toHaveProperty('postponedUntil');
    expect(ordersOf(found)).toEqual([['block', { blocked: false }], ['postpone-diploma', { until: null }], ['keep-in-fs', {}], ['archive', { document: 'decision' }]]);
    expect(ordersOf(given('check', toCheck(), {}, {}, examOffice)).map(([name]) => name)).toEqual(['keep-in-fs', 'archive']);
  });

  it('GC-29 that is wrong is blocked at once, whether or not it was blocked before', () => {
    for (const blocked of [false, true]) {
      const found = given('report-wrong', toCheck({ blocked }), { reason: 'Typed D for B' }, { log });
      expect(ordersOf(found)[0]).toEqual(['block', { blocked: true }]);
      expect(decided(found)).toMatchObject({ state: 'to-correct', waitingFor: 'exam-office', data: { blocked: true, finished: false, wrong: { by: 'siri', reason: 'Typed D for B' } }, answer: { message: { code: 'notice-has-gone' } } });
      expect(lettersOf(found)).toEqual(['to-correct egil']);
    }
  });

  it('GC-30 that is wrong leaves the log of re-gradings, and with it the decision', () => {
    const found = given('report-wrong', toCheck(), { reason: 'Typed D for B' }, { log: [{ id: 'second', round: 2, grade: 'F', inProtocol: false }, ...log] });
    expect(writesOf(found)).toEqual([{ write: 'delete-gradings', ids: ['g'] }]);
    expect(decided(found).data).not.toHaveProperty('decision');
    expect(decided(found).record).toEqual({ deleted: ['g'] });
  });

  it('GC-31 is put right by the exam office: over the wrong one, decided beside the first', () => {
    const found = given('correct', aComplaint('to-correct', { blocked: true, wrong: { by: 'siri', at: '' } }), { grade: 'D' }, { firstGrade: 'C', protocolGrade: 'B' }, examOffice);
    expect(decided(found)).toMatchObject({ state: 'registering', data: { decision: 'against', corrected: { by: 'egil' }, blocked: true } });
    expect(writesOf(found)).toMatchObject([{ write: 'grading', grade: 'D', replaces: 'B', round: 2 }]);
    expect(ordersOf(found)).toEqual([['enter-grade', { grading: 'id-6' }]]);
    expect(decided(given('correct', aComplaint('to-correct', { committees: { further: { number: 2, name: 'K' } } }), { grade: 'A' }, {}, examOffice)).state).toBe('registering');
  });

  it('AU-11 is closed by another unit than the one that registered it', async () => {
    const { definition } = await import('../../workflows/complaint/definition.js');
    expect(definition.commands.check.by).toEqual({ 'exam-office': 'institution' });
    expect(definition.commands.correct.by).toEqual({ 'exam-office': 'institution' });
    expect(definition.commands['register-grade'].by).toEqual({ 'case-worker': 'institution' });
  });
});

describe('the top grade of a part', () => {
  const top = { course: 'MAT1000', version: '1', combination: 'T', year: 2026, term: 'JUN' };
  const part = (other: object = {}) => aComplaint('to-check', { decision: 'in-favour', entering: { grading: 'g', order: 'o' }, entry: anEntry({ top }), ...other });

  it('GC-26 is summed again before a part grade that changed is checked', () => {
    expect(no(given('check', part(), {}, {}, examOffice))).toBe('GC-26 not-recalculated');
    expect(decided(given('check', part(), {}, { recalculated: { trial: 't', written: true } }, examOffice)).state).toBe('closed');
    expect(decided(given('check', part({ decision: 'unchanged' }), {}, {}, examOffice)).state).toBe('closed');
  });

  it('GC-28 is tried first, and what the trial showed is what is written', () => {
    expect(no(given('recalculate', part(), { trial: false }))).toBe('GC-28 trial-first');
    const trial = given('recalculate', part(), { trial: true });
    expect([ordersOf(trial), decided(trial).state, decided(trial).answer]).toEqual([[['recalculate', { trial: true }]], 'to-check', { order: 'fresh-id' }]);
    expect(ordersOf(given('recalculate', part(), { trial: false }, { recalculated: { trial: 'the-trial', written: false } }))).toEqual([['recalculate', { trial: false, after: 'the-trial' }]]);
  });

  it('GC-26 is none where the result is no part', () => {
    expect(no(given('recalculate', aComplaint('to-check'), { trial: true }, {}, caseWorker))).toBe('GC-26 no-top-grade');
  });
});
