import { describe, expect, it } from '../spec.js';
import { commands } from '../../workflows/complaint/schema.js';
import {
  aComplaint,
  anEntry,
  assessed,
  caseWorker,
  decided,
  examOffice,
  given,
  no,
  ordersOf,
  tried,
  writesOf,
} from '../support/complaint-asks.js';
import { actor } from '../support/list-asks.js';

describe('what a complaint keeps', () => {
  describe('when it rests for the diploma', () => {
    const printed = anEntry({ diploma: 'printed' });
    const { data } = decided(given('confirm', aComplaint('to-confirm', { entry: printed })));
    const resumed = (body: object, kept = data) => given('resume', aComplaint('halted', kept), body);
    const by = { by: 'siri', at: expect.any(String) };

    it('GC-06 does not go on while a printed diploma is out, and goes on when it is back', () => {
      expect(commands.resume.safeParse({}).success).toBe(false);
      expect(no(resumed({ diplomaReturned: false }))).toBe('GC-06 diploma-not-back');
      const back = decided(resumed({ diplomaReturned: true }));
      expect([back.state, back.data.resumed]).toEqual(['received', { ...by, diplomaReturned: true }]);
      expect(back.record).toEqual({ resumed: 'received', diplomaReturned: true, byFaculty: false });
    });

    it('GC-07 goes on without it only with what was agreed with the faculty, which is kept and traced', () => {
      expect(commands.resume.safeParse({ diplomaReturned: false, faculty: '  ' }).success).toBe(false);
      for (const diploma of ['produced', null] as const)
        expect(no(resumed({ diplomaReturned: false }, { ...data, entry: anEntry({ diploma }) }))).toBe('GC-07 diploma-not-back');
      const faculty = 'It was sent out; the faculty calls the student';
      const agreed = decided(resumed({ diplomaReturned: false, faculty }));
      expect([agreed.state, agreed.data.resumed]).toEqual(['received', { ...by, diplomaReturned: false, reason: faculty }]);
      expect(agreed.record).toEqual({ resumed: 'received', diplomaReturned: false, byFaculty: true });
    });
  });

  it('GC-11 is not finished in any step before its grade stands in the protocol', () => {
    const entering = { grading: 'g', order: 'o' };
    const registering = aComplaint('registering', { decision: 'in-favour', entering });
    const steps = [
      given('appoint', aComplaint('received'), {
        members: [
          { person: 'mons', external: false },
          { person: 'marte', external: true },
        ],
      }),
      given('move-deadline', aComplaint('received'), { on: '2026-07-20', reason: 'Illness' }),
      given('halt', assessed(2), { reason: 'Printed' }),
      given('register-grade', assessed(2), { grade: 'B' }),
      given('register-grade', assessed(2), { grade: 'A' }),
      given('entered', registering, {}, { awaited: 'failed' }),
    ];
    expect(steps.map((step) => [decided(step).state, decided(step).data.finished])).toEqual([
      ['received', false],
      ['received', false],
      ['halted', false],
      ['registering', false],
      ['to-further-assessment', false],
      ['not-entered', false],
    ]);
    expect(decided(given('entered', registering, {}, { awaited: 'done' })).data.finished).toBe(true);
  });

  it('GC-47 keeps the deadline it had when it was decided, for the report, through all that follows', () => {
    const sent = decided(given('register-grade', assessed(2), { grade: 'B' }));
    const stands = decided(given('entered', aComplaint('registering', sent.data, { due: null }), {}, { awaited: 'done' }));
    const wrong = decided(given('report-wrong', aComplaint('to-check', stands.data, { due: null }), { reason: 'Typed B for D' }));
    const right = decided(given('correct', aComplaint('to-correct', wrong.data, { due: null }), { grade: 'D' }, {}, examOffice));
    const dismissed = decided(given('dismiss', aComplaint('received'), { reason: 'Late' }));
    for (const { due, data } of [sent, stands, wrong, right, dismissed])
      expect([due, data.deadline?.on, data.deadline?.why]).toEqual([null, '2026-07-11', expect.objectContaining({ weeks: 3 })]);
  });

  it('AU-09 deletes a wrong grade from the log alone, traced; the protocol is corrected by the exam office', () => {
    const log = [{ id: 'g', round: 2, grade: 'B', inProtocol: true }] as const;
    const wrong = given(
      'report-wrong',
      aComplaint('to-check', { decision: 'in-favour', finished: true, entering: { grading: 'g', order: 'o' } }),
      { reason: 'Typed B for D' },
      { log },
    );
    expect(writesOf(wrong)).toEqual([{ write: 'delete-gradings', ids: ['g'] }]);
    expect(ordersOf(wrong).map(([name]) => name)).not.toContain('enter-grade');
    expect(decided(wrong).record).toMatchObject({ deleted: ['g'] });
    expect(
      ordersOf(given('correct', aComplaint('to-correct'), { grade: 'D' }, { protocolGrade: 'B' }, examOffice)).map(
        ([name]) => name,
      ),
    ).toContain('enter-grade');
  });

  it('AU-11 is checked and corrected by no case worker', () => {
    const waiting = { 'to-check': 'closed', 'to-correct': 'registering', 'to-lift': 'dismissed' } as const;
    for (const [command, state] of [
      ['check', 'to-check'],
      ['correct', 'to-correct'],
      ['lift-block', 'to-lift'],
    ] as const) {
      const complaint = aComplaint(state, { blocked: true, ...(state === 'to-lift' ? { decision: 'dismissed' as const } : {}) });
      for (const other of [
        caseWorker,
        actor('ada', { role: 'auditor' }),
        actor('ole', { role: 'operations' }),
        actor('mons', { role: 'committee-member' }),
      ])
        expect(tried(command, complaint, other, { grade: 'D' })).toMatchObject({
          refused: true,
          kind: 'forbidden',
          code: 'not-yours-to-give',
        });
      expect(decided(tried(command, complaint, examOffice, { grade: 'D' })).state).toBe(waiting[state]);
    }
  });

  it('AU-11 is checked by nobody who registered the grade, also with both roles', () => {
    const both = (id: string) => actor(id, { role: 'case-worker' }, { role: 'exam-office' });
    const graded = (by: string) => {
      const { data } = decided(tried('register-grade', assessed(2), both(by), { grade: 'B' }));
      return decided(given('entered', aComplaint('registering', data, { due: null }), {}, { awaited: 'done' })).data;
    };
    const check = (by: string, data: ReturnType<typeof graded>) =>
      tried('check', aComplaint('to-check', data, { due: null }), both(by));
    expect(check('bo', graded('bo'))).toMatchObject({ kind: 'forbidden', rule: 'AU-11', code: 'registered-by-you' });
    expect(decided(check('bo', graded('siri'))).state).toBe('closed');
    const corrected = (by: string) => {
      const wrong = decided(tried('report-wrong', aComplaint('to-check', graded('bo')), both(by), { reason: 'Typed B for D' }));
      const right = decided(tried('correct', aComplaint('to-correct', wrong.data), both(by), { grade: 'D' }));
      return decided(given('entered', aComplaint('registering', right.data, { due: null }), {}, { awaited: 'done' })).data;
    };
    expect(decided(check('egil', corrected('egil'))).state).toBe('closed');
    expect(no(check('bo', corrected('bo')))).toBe('AU-11 registered-by-you');
  });
});
