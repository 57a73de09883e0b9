import { describe, expect, it } from '../spec.js';
import { handledBy } from '../../workflows/complaint/deadline.js';
import { definition } from '../../workflows/complaint/definition.js';
import { warnings } from '../../workflows/complaint/offered.js';
import * as schema from '../../workflows/complaint/schema.js';
import {
  aComplaint,
  anEntry,
  assessed,
  at,
  decided,
  given,
  lettersOf,
  member,
  no,
  ordersOf,
  today,
  writesOf,
  zone,
} from '../support/complaint-asks.js';
import { actor, registrar } from '../support/list-asks.js';

describe('a committee', () => {
  const appoint = (body: object, facts: object = {}, complaint = aComplaint('received')) =>
    given('appoint', complaint, body, facts);
  const two = {
    members: [
      { person: 'mons', external: false },
      { person: 'marte', external: true },
    ],
  };

  it('GC-14 has a name by which it is known, and GC-15 the next number of the unit', () => {
    const found = appoint(two);
    expect(decided(found)).toMatchObject({
      state: 'received',
      due: { on: '2026-07-11' },
      wake: '2026-07-04T07:00:00.000Z',
      data: { committees: { second: { number: 3, name: 'Klagekommisjon 2. gangs sensur' } } },
    });
    expect(writesOf(found)).toMatchObject([
      { write: 'committee', id: 'committee', number: 3, name: 'Klagekommisjon 2. gangs sensur', members: two.members },
      { write: 'appointed', round: 2, committee: 'committee' },
    ]);
    expect(lettersOf(found)).toEqual([]);
  });

  it('GC-15 may be one of the unit that is there', () => {
    expect(writesOf(appoint({ committee: 3 }))).toEqual([{ write: 'appointed', round: 2, committee: 'committee' }]);
    expect(no(given('appoint', aComplaint('received'), { committee: 9 }, { proposed: [], committee: undefined }))).toBe(
      'GC-15 no-such-committee',
    );
  });

  it('GC-13 holds nobody who set the first grade, has seen it, or is no member today, and is large enough', () => {
    const with2 = (other: object) => appoint(two, { proposed: [member('mons', other), member('marte', { external: true })] });
    expect(
      [with2({ mayBe: false }), with2({ firstExaminer: true }), with2({ hasSeen: true }), with2({ satBefore: true })].map(no),
    ).toEqual(['GC-13 not-a-committee-member', 'GC-13 set-the-first-grade', 'GC-13 has-seen-first-grade', 'no refusal']);
    expect(no(appoint(two, { proposed: [member('marte', { external: true })] }))).toBe('GC-13 committee-too-small');
    expect(no(appoint(two, { proposed: [member('mons'), member('marte')] }))).toBe('GC-13 committee-too-small');
    expect(no(appoint(two, { proposed: [member('marte', { external: true }), member('marte')] }))).toBe(
      'GC-13 committee-too-small',
    );
  });

  it('GC-14 takes a name for a committee in which every letter can be seen', () => {
    const members = [{ person: '7b4bf3a2-5b1d-4d6c-9d0f-0a6b1f9b2c11' }];
    const taken = (name: string) => schema.commands.appoint.safeParse({ name, members }).success;
    expect(['Klagekommisjon Åse Đ', 'Kl\u202eage', 'Kl\u2066age', 'Klage\nto', 'Kl\0age', 'Kl\ud800age'].map(taken)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });

  it('GC-13 takes nobody twice, and no number that cannot be one', () => {
    const [mons, marte] = ['7b4bf3a2-5b1d-4d6c-9d0f-0a6b1f9b2c11', '7b4bf3a2-5b1d-4d6c-9d0f-0a6b1f9b2c12'];
    const taken = (body: object) => schema.commands.appoint.safeParse(body).success;
    expect(
      [
        [mons, marte],
        [mons, mons],
        [mons, mons.toUpperCase()],
      ].map((all) => taken({ members: all.map((person) => ({ person })) })),
    ).toEqual([true, false, false]);
    expect([taken({ committee: 2_147_483_647 }), taken({ committee: 2_147_483_648 })]).toEqual([true, false]);
  });

  it('GC-13 needs a yes of its own where the staff register does not know who set the first grade', () => {
    for (const complaint of [aComplaint('received'), aComplaint('to-further-assessment')]) {
      expect(no(appoint(two, { unknownExaminers: ['4711'] }, complaint))).toBe('GC-13 unknown-first-examiners');
      expect(decided(appoint({ ...two, confirmed: true }, { unknownExaminers: ['4711'] }, complaint))).toMatchObject({
        record: { unknownExaminers: 1 },
      });
    }
    expect(
      no(
        appoint(
          { ...two, confirmed: true },
          {
            proposed: [member('mons', { firstExaminer: true }), member('marte', { external: true })],
            unknownExaminers: ['4711'],
          },
        ),
      ),
    ).toBe('GC-13 set-the-first-grade');
    const shown = warnings(aComplaint('received').data, undefined, ['4711']);
    expect(shown).toMatchObject([{ code: 'unknown-first-examiners', rule: 'GC-13', en: expect.stringContaining('4711') }]);
    expect(warnings(aComplaint('explaining', { type: 'explanation' }).data, undefined, ['4711'])).toEqual([]);
  });

  it('GC-32 of the further assessment holds nobody who set the first or the second grade, but may hold who has seen the first', () => {
    const further = (other: object) =>
      appoint(
        two,
        { proposed: [member('mons', other), member('marte', { external: true })] },
        aComplaint('to-further-assessment'),
      );
    expect([further({ firstExaminer: true }), further({ satBefore: true }), further({ hasSeen: true })].map(no)).toEqual([
      'GC-13 set-the-first-grade',
      'GC-32 sat-in-second-grading',
      'no refusal',
    ]);
    expect(writesOf(further({}))).toMatchObject([{ name: 'Klagekommisjon 3. gangs sensur' }, { round: 3 }]);
  });

  it('GC-13 that is changed while it has the case is told so', () => {
    expect(lettersOf(appoint(two, {}, assessed(2)))).toEqual(['appointed mons', 'appointed marte']);
  });

  it('GC-16 gets the case with the day it was sent, and is told', () => {
    const complaint = aComplaint('received', { committees: { second: { number: 1, name: 'K' } } });
    const found = given('send', complaint, { sent: '2026-06-21' });
    expect(decided(found)).toMatchObject({
      state: 'with-committee',
      waitingFor: 'committee-member',
      due: { on: '2026-07-11' },
      data: { sentOn: '2026-06-21' },
    });
    expect([lettersOf(found), ordersOf(found)]).toEqual([['appointed mons', 'appointed marte'], [['keep-in-fs', {}]]]);
    expect(no(given('send', aComplaint('received')))).toBe('GC-13 no-committee');
    expect([given('send', complaint, { sent: '2026-06-19' }), given('send', complaint, { sent: '2026-06-23' })].map(no)).toEqual([
      'GC-16 day-too-early',
      'GC-16 day-too-late',
    ]);
    expect(no(given('send', aComplaint('to-further-assessment', { committees: { second: { number: 1, name: 'K' } } })))).toBe(
      'GC-13 no-committee',
    );
  });

  it('GC-17 gets another last day with a reason, and it is kept who set it', () => {
    const complaint = aComplaint('received', { committees: { second: { number: 1, name: 'K' } } });
    const found = decided(given('send', complaint, { deadline: { on: '2026-07-20', reason: 'Holidays' } }));
    expect(found).toMatchObject({
      due: {
        on: '2026-07-20',
        ends: '2026-07-20T22:00:00.000Z',
        why: { from: '2026-06-20', weeks: 3, moved: [{ from: '2026-07-11', by: 'siri', movedOn: today }] },
      },
      wake: '2026-07-13T07:00:00.000Z',
      data: { deadlineReason: { reason: 'Holidays' } },
    });
    expect(no(given('move-deadline', complaint, { on: '2026-06-21', reason: 'Past' }))).toBe('GC-17 day-too-early');
    const until = (on: string) =>
      [
        given('move-deadline', complaint, { on, reason: 'Long' }),
        given('send', complaint, { deadline: { on, reason: 'Long' } }),
      ].map(no);
    expect([until('2027-06-20'), until('2027-06-21'), until('9999-12-31')]).toEqual([
      ['no refusal', 'no refusal'],
      ...Array.from({ length: 2 }, () => ['GC-17 day-too-late', 'GC-17 day-too-late']),
    ]);
  });
});

describe('reminders', () => {
  const remind = (complaint: ReturnType<typeof aComplaint>, when: string, facts: object = {}) =>
    given('remind', complaint, {}, facts, registrar, { at: when, today: when.slice(0, 10) });

  it('GC-17 go to the case worker and the committee, and nobody is told before the moment', () => {
    const waiting = { ...assessed(2), wake: '2026-07-04T07:00:00.000Z' };
    expect(no(remind(waiting, '2026-07-04T06:59:59.000Z'))).toBe('GC-17 not-due');
    const found = remind(waiting, '2026-07-04T07:00:00.000Z');
    expect(lettersOf(found)).toEqual(['reminder siri', 'reminder mons', 'reminder marte']);
    expect(decided(found)).toMatchObject({
      state: 'with-committee',
      due: { on: '2026-07-11' },
      wake: '2026-07-08T07:00:00.000Z',
    });
  });

  it('GC-17 go to the case worker alone before it was sent, and to the examiners who are asked to explain', () => {
    expect(lettersOf(remind(aComplaint('received'), '2026-07-08T07:00:00.000Z'))).toEqual(['reminder siri']);
    expect(
      lettersOf(
        remind(
          aComplaint(
            'explaining',
            { type: 'explanation' },
            { waitingFor: 'examiner', due: handledBy('explanation', '2026-06-20', zone) },
          ),
          '2026-07-08T07:00:00.000Z',
        ),
      ),
    ).toEqual(['reminder siri', 'reminder eva']);
  });

  it('GC-17 are given in no state in which nobody has a step to take', () => {
    for (const state of ['registering', 'not-entered', 'closed', 'withdrawn', 'dismissed', 'explained'] as const)
      expect(definition.commands.remind.in).not.toContain(state);
  });
});

describe('a case that lies', () => {
  const [weekly, none] = ['2026-06-29T07:00:00.000Z', { examOffice: [] }];

  it('GC-17 counts from receipt also before it is confirmed, and follows that day', () => {
    const read = given(
      'protocol-read',
      aComplaint('opened', {}, { due: null, wake: null }),
      {},
      { awaited: 'done', entry: anEntry() },
      registrar,
    );
    expect(decided(read)).toMatchObject({ state: 'to-confirm', due: { on: '2026-07-11' }, wake: '2026-07-04T07:00:00.000Z' });
    expect(definition.commands.remind.in).toContain('to-confirm');
    expect(decided(given('describe', aComplaint('to-confirm'), { version: 2, received: '2026-06-16' }))).toMatchObject({
      due: { on: '2026-07-07' },
      wake: '2026-06-30T07:00:00.000Z',
    });
  });

  it('GC-41 reminds the exam office each week, and asks for attention where nobody holds the role', () => {
    for (const state of ['to-check', 'to-correct', 'to-lift'] as const) {
      const waiting = aComplaint(state, {}, { due: null, wake: at, waitingFor: 'exam-office' });
      expect([
        lettersOf(given('remind', waiting, {}, {}, registrar)),
        decided(given('remind', waiting, {}, {}, registrar)).wake,
      ]).toEqual([[`${state} egil`], weekly]);
      expect(decided(given('remind', waiting, {}, none, registrar)).needsAttention).toBe(true);
      expect(definition.commands.remind.in).toContain(state);
    }
    const registering = aComplaint('registering', { entering: { grading: 'g', order: 'o' } });
    expect(decided(given('entered', registering, {}, { awaited: 'done' }))).toMatchObject({
      wake: weekly,
      needsAttention: false,
    });
    expect(decided(given('entered', registering, {}, { awaited: 'done', ...none })).needsAttention).toBe(true);
    expect(decided(given('report-wrong', aComplaint('to-check'), { reason: 'x' }, none))).toMatchObject({
      wake: weekly,
      needsAttention: true,
    });
    expect(decided(given('withdraw', aComplaint('received', { blocked: true }), {}, none))).toMatchObject({
      state: 'to-lift',
      wake: weekly,
      needsAttention: true,
    });
    expect(
      decided(given('confirm', aComplaint('to-confirm', { type: 'explanation' }), {}, { examiners: [] })).needsAttention,
    ).toBe(true);
  });

  it('GC-09 is handed over to another case worker, and reminds whoever holds the role where nobody was', () => {
    const handed = decided(
      given('describe', aComplaint('received'), { version: 2, responsible: 'sara' }, { theirInitials: 'SA' }),
    );
    expect(handed.data).toMatchObject({ responsible: 'sara', initials: 'SA' });
    expect(no(given('describe', aComplaint('received'), { version: 2, responsible: 'egil' }))).toBe('GC-09 not-a-case-worker');
    const overdue = aComplaint('received', {}, { wake: at });
    expect([
      lettersOf(given('remind', overdue, {}, {}, registrar)),
      lettersOf(given('remind', overdue, {}, { caseWorkers: ['sara', 'sigrid'] }, registrar)),
    ]).toEqual([['reminder siri'], ['reminder sara', 'reminder sigrid']]);
    expect(decided(given('remind', overdue, {}, { caseWorkers: [] }, registrar)).needsAttention).toBe(true);
  });

  it('GC-01 shows whether its course was in a pilot also where the day of receipt is changed', () =>
    expect(
      decided(
        given(
          'describe',
          aComplaint('to-confirm'),
          { version: 2, received: '2026-06-16' },
          {
            pilots: [
              { from: '2026-01-01', value: [{ course: 'MAT1000', about: 'x' }] },
              { from: '2026-06-17', value: [] },
            ],
          },
        ),
      ).data.procedure,
    ).toBe('pilot'));

  it('GC-08 tells anew whether it came too late when the day of receipt is changed, and only then', () => {
    const late = { on: '2026-06-19', basis: 'grade' };
    const of = (received: string | undefined, data: object, explainedOn?: string) => {
      const found = given(
        'describe',
        aComplaint('to-confirm', { entry: anEntry({ gradedOn: '2026-05-29' }), ...data }),
        { version: 2, ...(received === undefined ? { note: 'x' } : { received }) },
        explainedOn === undefined ? {} : { explainedOn },
      );
      return decided(found).data;
    };
    for (const data of [of('2026-06-19', { late }), of('2026-06-20', { late }, '2026-06-01'), of(undefined, {})])
      expect(data).not.toHaveProperty('late');
    expect([of('2026-06-20', { received: '2026-06-19' }).late, of(undefined, { late }).late]).toEqual([late, late]);
  });

  it('GC-17 keeps each day that was set, with its reason', () => {
    const first = decided(given('move-deadline', aComplaint('received'), { on: '2026-07-15', reason: 'Holidays' }));
    const second = decided(
      given('move-deadline', aComplaint('received', first.data, { due: first.due ?? null }), {
        on: '2026-07-20',
        reason: 'An examiner is ill',
      }),
    );
    expect(second.data.extensions).toMatchObject([
      { from: '2026-07-11', on: '2026-07-15', reason: 'Holidays', by: 'siri' },
      { from: '2026-07-15', on: '2026-07-20', reason: 'An examiner is ill' },
    ]);
  });

  it('GC-16 tells a committee that has it no more, or was replaced', () => {
    expect(lettersOf(given('withdraw', assessed(2)))).toEqual(['withdrawn student', 'released mons', 'released marte']);
    expect(
      lettersOf(
        given('dismiss', aComplaint('halted', { halted: { by: 'siri', at, from: 'with-committee' } }), { reason: 'Late' }),
      ),
    ).toEqual(['dismissed student', 'released mons', 'released marte']);
    expect(lettersOf(given('dismiss', aComplaint('received'), { reason: 'Late' }))).toEqual(['dismissed student']);
    const replaced = given(
      'appoint',
      assessed(2),
      {
        members: [
          { person: 'mons', external: false },
          { person: 'nora', external: true },
        ],
      },
      { proposed: [member('mons'), member('nora', { external: true })] },
    );
    expect(lettersOf(replaced)).toEqual(['appointed mons', 'appointed nora', 'released marte']);
  });

  it('GC-44 tells the committee that has it that it is halted, and that it goes on', () => {
    for (const round of [2, 3] as const) {
      const halted = given('halt', assessed(round), { reason: 'Printed' });
      expect(lettersOf(halted)).toEqual(['halted mons', 'halted marte']);
      const resumed = given('resume', aComplaint('halted', decided(halted).data), { diplomaReturned: true });
      expect(lettersOf(resumed)).toEqual(['resumed mons', 'resumed marte']);
    }
    for (const state of ['received', 'to-further-assessment']) {
      const halted = given('halt', aComplaint(state), { reason: 'Printed' });
      const resumed = given('resume', aComplaint('halted', decided(halted).data), { diplomaReturned: true });
      expect([lettersOf(halted), lettersOf(resumed)]).toEqual([[], []]);
    }
  });

  it('GC-36 tells examiners who were asked to explain, and have not, that they need not any more', () => {
    const asked = aComplaint('explaining', { type: 'explanation' });
    const facts = { examiners: ['eva', 'erik'] };
    const erik = actor('erik', { role: 'examiner', course: 'MAT1000' });
    const all = ['no-explanation-needed eva', 'no-explanation-needed erik'];
    expect(lettersOf(given('withdraw', asked, {}, facts))).toEqual(['withdrawn student', ...all]);
    expect(lettersOf(given('dismiss', asked, { reason: 'Late' }, facts))).toEqual(['dismissed student', ...all]);
    expect(lettersOf(given('explain', asked, { text: 'It lacks its proof' }, facts, erik))).toEqual([
      'explanation-given student',
      'no-explanation-needed eva',
    ]);
  });

  it('GC-15 has FS told of its committee as soon as it is appointed', () => {
    for (const complaint of [aComplaint('received'), assessed(2), assessed(3)])
      expect(ordersOf(given('appoint', complaint, { committee: 3 }))).toEqual([['keep-in-fs', {}]]);
  });

  it('GC-37 takes a grade that was only logged out of the log when the complaint is dismissed', () =>
    expect(
      writesOf(
        given(
          'dismiss',
          aComplaint('to-further-assessment'),
          { reason: 'Late' },
          { log: [{ id: 'second', round: 2, grade: 'A', inProtocol: false }] },
        ),
      ),
    ).toEqual([{ write: 'delete-gradings', ids: ['second'] }]));
});
