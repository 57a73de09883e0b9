import { describe, expect, it } from '../spec.js';
import { handledBy } from '../../workflows/complaint/deadline.js';
import { definition } from '../../workflows/complaint/definition.js';
import { notOffered, warnings } from '../../workflows/complaint/offered.js';
import { rules } from '../../workflows/complaint/rules.js';
import * as schema from '../../workflows/complaint/schema.js';
import { commandsFor } from '../../workflows/process.js';
import {
  aComplaint,
  anEntry,
  assessed,
  at,
  caseWorker,
  decided,
  given,
  lettersOf,
  member,
  no,
  ordersOf,
  today,
  tried,
  writesOf,
  zone,
} from '../support/complaint-asks.js';
import { actor, registrar } from '../support/list-asks.js';

const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' };
const born = (body: object = {}, facts: object = {}) =>
  rules.birth({
    body: { type: 'grading', student: '100001', unit, ...body } as never,
    actor: caseWorker,
    facts: {
      calendar: { country: 'NO', own: [] },
      initials: 'SS',
      pilots: [
        { from: '2026-01-01', value: [{ course: 'MAT1000', about: 'x' }] },
        { from: '2026-06-22', value: [] },
      ],
      ...facts,
    },
    at,
    today,
    zone,
    fresh: 'fresh-id',
  });

describe('opening a complaint', () => {
  it('GC-08 is received today unless told, and on no day to come', () => {
    expect(born()).toMatchObject({
      state: 'opened',
      scope: 'MAT1000',
      data: { received: today, initials: 'SS', finished: false },
    });
    expect(born({ received: '2026-06-18' })).toMatchObject({ data: { received: '2026-06-18' } });
    expect([born({ received: '2026-06-23' }), born({ received: '2026-06-31' })]).toMatchObject([
      { rule: 'GC-08', code: 'day-too-late' },
      { rule: 'GC-08', code: 'not-a-day' },
    ]);
  });

  it('GC-08 is received no more than five years ago, and not before the grade unless it is about a formal error', () => {
    expect(
      ['2021-06-22', '2021-06-21'].map((received) => born({ received }, { pilots: [{ from: '0001-01-01', value: [] }] })),
    ).toMatchObject([{ state: 'opened' }, { rule: 'GC-08', code: 'day-too-early' }]);
    const confirmed = (type: 'grading' | 'formal-error', received: string) =>
      no(given('confirm', aComplaint('to-confirm', { type, received }), { protection: { choice: 'neither' } }));
    expect([
      confirmed('grading', '2026-06-15'),
      confirmed('grading', '2026-06-14'),
      confirmed('formal-error', '2026-06-14'),
    ]).toEqual(['no refusal', 'GC-08 day-too-early', 'no refusal']);
    expect(
      [
        given('describe', aComplaint('to-confirm'), { version: 2, received: '2026-06-14' }),
        given('describe', aComplaint('to-confirm'), { version: 2, received: '2026-06-15' }),
      ].map(no),
    ).toEqual(['GC-08 day-too-early', 'no refusal']);
  });

  it('GC-03 has the protocol read first, and keeps student and reasons out of the case', () => {
    const found = born({ reasons: 'I wrote more than that' });
    expect(found).toMatchObject({
      writes: [
        { write: 'born', student: '100001', reasons: 'I wrote more than that' },
        { write: 'order', name: 'read-protocol', id: 'fresh-id', body: {} },
      ],
      answer: { order: 'fresh-id' },
    });
    const { data, record } = found as { data: object; record: object };
    expect(JSON.stringify([data, record])).not.toMatch(/100001|wrote/);
    expect(born({}, { open: '12' })).toMatchObject({ rule: 'GC-03', code: 'complained-already', details: { number: '12' } });
  });

  it('GC-01 shows whether its course was in a pilot on the day of receipt, and what is done otherwise there', () => {
    expect([
      born({ received: '2026-06-18' }),
      born(),
      born({ received: '2026-06-18', unit: { ...unit, course: 'MAT2000' } }),
    ]).toMatchObject([{ data: { procedure: 'pilot' } }, { data: { procedure: 'usual' } }, { data: { procedure: 'usual' } }]);
    expect(warnings(aComplaint('received').data, 'Explanations come with the grade')).toMatchObject([
      { code: 'pilot', rule: 'GC-01', en: 'The course is in a pilot: Explanations come with the grade' },
    ]);
  });

  it('GC-17 counts from birth on, with the reason, and reminds while FS does not answer', () => {
    const due = { on: '2026-07-13', rule: 'GC-17', why: { basis: 'received', from: today, weeks: 3 } };
    expect(born()).toMatchObject({ due, wake: '2026-07-06T07:00:00.000Z', waitingFor: null });
    const opened = aComplaint('opened', {}, { waitingFor: null });
    expect(no(tried('remind', opened, registrar))).toBe('GC-17 not-due');
    const found = given('remind', opened, {}, {}, registrar, { at: '2026-07-04T07:00:00.000Z', today: '2026-07-04' });
    expect(decided(found)).toMatchObject({
      state: 'opened',
      waitingFor: null,
      due: { on: '2026-07-11' },
      wake: '2026-07-08T07:00:00.000Z',
    });
    expect(lettersOf(found)).toEqual(['reminder siri']);
    expect(decided(given('read-again', aComplaint('to-confirm')))).toMatchObject({
      state: 'opened',
      waitingFor: null,
      due: { on: '2026-07-11' },
      wake: '2026-07-04T07:00:00.000Z',
    });
  });

  it('GC-08 counts anew when the day of receipt is changed', () =>
    expect(decided(given('describe', aComplaint('to-confirm'), { version: 2, received: '2026-06-18' }))).toMatchObject({
      due: { on: '2026-07-09', why: { from: '2026-06-18' } },
      wake: '2026-07-02T07:00:00.000Z',
    }));

  it('GC-09 takes the initials that are told', () =>
    expect(born({ initials: 'NN' })).toMatchObject({ data: { initials: 'NN', responsible: 'siri' } }));

  it('GC-02 shows what the protocol holds, without the grade, for somebody to confirm', () => {
    const opened = aComplaint('opened', {}, { due: null, wake: null });
    const { entry: _none, ...data } = opened.data;
    const fresh = { ...opened, data };
    expect(no(given('protocol-read', fresh, {}, { awaited: 'open' }, registrar))).toBe('GC-02 order-under-way');
    expect(
      decided(given('protocol-read', fresh, {}, { awaited: 'done', entry: anEntry({ blocked: true }) }, registrar)),
    ).toMatchObject({
      state: 'to-confirm',
      waitingFor: 'case-worker',
      data: { entry: { gradedOn: '2026-06-15' }, blocked: true },
    });
    const failed = given('protocol-read', fresh, {}, { awaited: 'failed' }, registrar);
    expect(decided(failed)).toMatchObject({ state: 'to-confirm', needsAttention: true });
    expect(no(given('confirm', { ...fresh, state: 'to-confirm' }))).toBe('GC-02 protocol-not-read');
    expect(notOffered({ ...fresh, state: 'to-confirm' })).toContain('confirm');
    expect(ordersOf(given('read-again', { ...fresh, state: 'to-confirm' }))).toEqual([['read-protocol', {}]]);
  });

  it('GC-03 counts, tells the student and asks for a journal number with the second yes', () => {
    const found = given('confirm', aComplaint('to-confirm', {}, { due: null }));
    expect(decided(found)).toMatchObject({
      state: 'received',
      waitingFor: 'case-worker',
      due: {
        on: '2026-07-11',
        rule: 'GC-17',
        ends: '2026-07-11T22:00:00.000Z',
        why: { basis: 'received', from: '2026-06-20', weeks: 3 },
      },
      wake: '2026-07-04T07:00:00.000Z',
    });
    expect(lettersOf(found)).toEqual(['acknowledged student']);
    expect(ordersOf(found)).toEqual([
      ['keep-in-fs', {}],
      ['archive', { document: 'complaint' }],
    ]);
  });

  it('GC-17 shows a complaint that came too late, from the grade or from its explanation, and stops it not', () => {
    const late = (gradedOn: string, explainedOn?: string) =>
      decided(
        given('confirm', aComplaint('to-confirm', { entry: anEntry({ gradedOn }) }), {}, explainedOn ? { explainedOn } : {}),
      ).data.late;
    expect([late('2026-05-30'), late('2026-05-29'), late('2026-05-01', '2026-06-01'), late('2026-05-01', '2026-05-29')]).toEqual([
      undefined,
      { on: '2026-06-19', basis: 'grade' },
      undefined,
      { on: '2026-06-19', basis: 'explanation' },
    ]);
    expect(warnings({ ...aComplaint('received').data, late: { on: '2026-06-19', basis: 'grade' } }, undefined)).toMatchObject([
      { code: 'late', rule: 'GC-24' },
    ]);
  });

  it('GC-12 keeps a note, and GC-10 a journal number that somebody typed, for whoever has read the newest version', () => {
    const found = given('describe', aComplaint('received'), { version: 2, note: 'Rang up', journalNumber: '2026/17' });
    expect(decided(found)).toMatchObject({ state: 'received', due: { on: '2026-07-11' }, data: { journalNumber: '2026/17' } });
    expect(writesOf(found)).toEqual([{ write: 'described', note: 'Rang up' }]);
    expect(JSON.stringify([decided(found).data, decided(found).record])).not.toContain('Rang up');
    expect(no(given('describe', aComplaint('received'), { version: 1, note: 'x' }))).toBe('GC-12 changed-meanwhile');
  });

  it('GC-13 is handed over to nobody who assesses it anew', () =>
    expect(
      no(given('describe', assessed(2), { version: 2, responsible: 'sara' }, { theirInitials: 'SA', theyAssess: true })),
    ).toBe('GC-13 assesses-it-anew'));

  it('GC-08 is changed until the deadline counts from it, GC-22 once there is a decision', () => {
    expect(decided(given('describe', aComplaint('to-confirm'), { version: 2, received: '2026-06-18' })).data.received).toBe(
      '2026-06-18',
    );
    expect(no(given('describe', aComplaint('received'), { version: 2, received: '2026-06-10' }))).toBe('GC-08 deadline-counts');
    expect(no(given('describe', aComplaint('received'), { version: 2, communicated: '2026-06-21' }))).toBe('GC-22 not-decided');
    expect(
      decided(given('describe', aComplaint('to-check', { decision: 'against' }), { version: 2, communicated: '2026-06-21' })).data
        .communicated,
    ).toBe('2026-06-21');
    const on = (communicated: string) =>
      no(given('describe', aComplaint('to-check', { decision: 'against' }), { version: 2, communicated }));
    expect([on('2026-06-19'), on('2026-06-20'), on('2026-06-22'), on('2026-06-23')]).toEqual([
      'GC-22 day-too-early',
      'no refusal',
      'no refusal',
      'GC-22 day-too-late',
    ]);
  });
});

describe('a diploma that is out', () => {
  it('GC-05 is told of, and GC-44 halts the case while the deadline counts', () => {
    const complaint = aComplaint('to-confirm', { entry: anEntry({ diploma: 'printed' }) });
    for (const diploma of ['printed', 'produced'] as const)
      expect(decided(given('confirm', aComplaint('to-confirm', { entry: anEntry({ diploma }) })))).toMatchObject({
        state: 'halted',
        waitingFor: 'case-worker',
        due: { on: '2026-07-11' },
        data: { halted: { by: 'system', from: 'received' } },
      });
    const said = warnings(complaint.data, undefined);
    expect(said).toMatchObject([
      { code: 'diploma-printed', rule: 'GC-05', nb: expect.stringContaining('er skrevet ut. Det må returneres') },
    ]);
    const [produced] = warnings(aComplaint('halted', { entry: anEntry({ diploma: 'produced' }) }).data, undefined);
    expect(produced).toMatchObject({
      code: 'diploma-produced',
      rule: 'GC-44',
      sv: expect.stringContaining('framställt men inte utskrivet'),
      nb: expect.stringContaining('produsert, men ikke skrevet ut'),
      en: expect.stringContaining('produced but not printed'),
    });
    for (const { sv, nb, en } of [definition.states.halted, definition.commands.halt.title])
      expect([sv, nb, en].join()).not.toMatch(/skrevet ut|utfärdat|issued/);
  });

  it('GC-06 lets it go on by hand, with GC-07 what the faculty said, where it stood', () => {
    const halted = decided(given('halt', assessed(2), { reason: 'The diploma went out' }));
    expect(halted).toMatchObject({
      state: 'halted',
      due: { on: '2026-07-11' },
      data: { halted: { from: 'with-committee', reason: 'The diploma went out' } },
    });
    const resumed = decided(
      given('resume', aComplaint('halted', halted.data), { diplomaReturned: true, faculty: 'They have it back' }),
    );
    expect(resumed).toMatchObject({
      state: 'with-committee',
      waitingFor: 'committee-member',
      due: { on: '2026-07-11' },
      data: { resumed: { by: 'siri', diplomaReturned: true, reason: 'They have it back' } },
    });
    expect(resumed.data).not.toHaveProperty('halted');
  });
});

describe('what stands between a result and a diploma', () => {
  const confirmed = (choice: string, reason?: string, set = 'neither') =>
    given(
      'confirm',
      aComplaint('to-confirm'),
      choice === set && !reason ? {} : { protection: { choice, ...(reason ? { reason } : {}) } },
      { settings: { protection: set as 'block', committee: { members: 2, external: 1 } } },
    );

  it('GC-42 is what the institution has set, or something else with a reason', () => {
    expect(decided(confirmed('block', undefined, 'block')).data).toMatchObject({ protection: 'block', blocked: true });
    expect(ordersOf(confirmed('block', undefined, 'block')).at(-1)).toEqual(['block', { blocked: true }]);
    expect(no(confirmed('block'))).toBe('GC-42 reason-needed');
    expect(decided(confirmed('block', 'Admission this week')).data).toMatchObject({
      protection: 'block',
      protectionReason: { reason: 'Admission this week', by: 'siri' },
    });
    expect(ordersOf(confirmed('neither')).map(([name]) => name)).toEqual(['keep-in-fs', 'archive']);
  });

  it('GC-42 is a block that nobody but the exam office lifts', () => {
    const blocked = aComplaint('received', { protection: 'block', blocked: true });
    expect(no(given('protect', blocked, { choice: 'neither' }))).toBe('GC-42 exam-office-lifts');
    const ended = aComplaint('to-lift', { decision: 'dismissed', blocked: true });
    expect([
      no(tried('lift-block', ended, caseWorker)),
      decided(tried('lift-block', ended, actor('egil', { role: 'exam-office' }))).data.blocked,
    ]).toEqual(['GC-42 not-yours-to-give', false]);
  });

  it('GC-42 is ordered also where the protocol said that the result was blocked when it was read', () => {
    const found = given('confirm', aComplaint('to-confirm', { blocked: true, entry: anEntry({ blocked: true }) }), {
      protection: { choice: 'block', reason: 'Admission' },
    });
    expect(ordersOf(found).at(-1)).toEqual(['block', { blocked: true }]);
    expect(
      ordersOf(
        given('protect', aComplaint('received', { blocked: true, protection: 'neither' }), {
          choice: 'block',
          reason: 'Admission',
        }),
      ),
    ).toEqual([['block', { blocked: true }]]);
  });

  it('GC-43 tells on the case what a block does, for as long as it stands', () => {
    const codes = (data: Parameters<typeof warnings>[0]) => warnings(data, undefined).map(({ code }) => code);
    const { data } = decided(confirmed('block', undefined, 'block'));
    const [said] = warnings(data, undefined);
    expect(said).toMatchObject({ code: 'blocked', rule: 'GC-43' });
    for (const text of [said?.sv, said?.nb, said?.en])
      expect(text).toMatch(
        /(examensbevis|vitnemål|diploma).*(betygsutdraget|karakterutskrift|transcript).*FS (och|og|and) Studentweb.*(antagning|opptakssøknad|admission)/,
      );
    const stays = decided(
      given('check', aComplaint('to-check', data), { block: 'leave' }, {}, actor('egil', { role: 'exam-office' })),
    ).data;
    const lifted = decided(given('check', aComplaint('to-check', data), {}, {}, actor('egil', { role: 'exam-office' }))).data;
    expect([codes(decided(confirmed('neither')).data), codes(stays), codes(lifted)]).toEqual([[], ['blocked'], []]);
  });

  it('GC-46 is a postponement until the day of the deadline, and follows it', () => {
    expect(ordersOf(confirmed('postponement', undefined, 'postponement')).at(-1)).toEqual([
      'postpone-diploma',
      { until: '2026-07-11' },
    ]);
    const postponed = aComplaint('received', {
      protection: 'postponement',
      postponedUntil: '2026-07-11',
      committees: { second: { number: 1, name: 'K' } },
    });
    const moved = given('move-deadline', postponed, { on: '2026-07-20', reason: 'An examiner is ill' });
    expect(decided(moved).data).toMatchObject({
      postponedUntil: '2026-07-20',
      deadlineReason: { reason: 'An examiner is ill', by: 'siri' },
    });
    expect(ordersOf(moved)).toEqual([
      ['keep-in-fs', {}],
      ['postpone-diploma', { until: '2026-07-20' }],
    ]);
    expect(ordersOf(given('send', postponed, { deadline: { on: '2026-07-15', reason: 'Sooner' } })).at(-1)).toEqual([
      'postpone-diploma',
      { until: '2026-07-15' },
    ]);
    expect(ordersOf(given('protect', postponed, { choice: 'neither' }))).toEqual([['postpone-diploma', { until: null }]]);
  });

  it('GC-43 is nothing that an explanation needs', () => {
    expect(no(given('protect', aComplaint('explaining', { type: 'explanation' }), { choice: 'block', reason: 'Because' }))).toBe(
      'GC-42 nothing-to-protect',
    );
  });
});

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

describe('an end without a new grade', () => {
  it('GC-24 is dismissed with a reason that the student is told, finished and communicated', () => {
    const found = given('dismiss', aComplaint('received'), { reason: 'It came too late' });
    expect(decided(found)).toMatchObject({
      state: 'dismissed',
      waitingFor: null,
      due: null,
      wake: null,
      data: { decision: 'dismissed', communicated: today, finished: true, dismissed: { reason: 'It came too late' } },
    });
    expect([lettersOf(found), ordersOf(found)]).toEqual([
      ['dismissed student'],
      [
        ['keep-in-fs', {}],
        ['archive', { document: 'decision' }],
      ],
    ]);
    expect(
      decided(given('dismiss', aComplaint('received'), { reason: 'Late', communicated: '2026-06-21' })).data.communicated,
    ).toBe('2026-06-21');
    const on = (communicated: string) =>
      (['dismiss', 'withdraw'] as const).map((command) =>
        no(given(command, aComplaint('received'), { reason: 'Late', communicated })),
      );
    expect([on('2026-06-23'), on('2026-06-19'), on('2026-06-20')]).toEqual([
      Array(2).fill('GC-24 day-too-late'),
      Array(2).fill('GC-24 day-too-early'),
      Array(2).fill('no refusal'),
    ]);
  });

  it('GC-36 is withdrawn in every state in which nothing stands in the protocol, and in no other', () => {
    const over = ['registering', 'to-check', 'to-correct', 'to-lift', 'closed', 'explained', 'dismissed', 'withdrawn'];
    for (const state of Object.keys(definition.states)) {
      const found = tried('withdraw', aComplaint(state), caseWorker);
      if (over.includes(state)) expect([state, no(found)]).toEqual([state, 'GC-36 wrong-state']);
      else
        expect([state, decided(found)]).toMatchObject([
          state,
          {
            state: 'withdrawn',
            due: null,
            wake: null,
            data: {
              finished: true,
              ...(['opened', 'to-confirm'].includes(state) ? {} : { decision: 'withdrawn', communicated: today }),
            },
          },
        ]);
    }
    expect(no(tried('withdraw', assessed(2), actor('egil', { role: 'exam-office' })))).toBe('GC-36 not-yours-to-give');
  });

  it('GC-37 deletes a second grade that was logged, and GC-12 keeps the note', () => {
    const found = given(
      'withdraw',
      assessed(3),
      { note: 'Rang and withdrew' },
      { log: [{ id: 'second', round: 2, grade: 'A', inProtocol: false }] },
    );
    expect(writesOf(found)).toEqual([
      { write: 'delete-gradings', ids: ['second'] },
      { write: 'noted', text: 'Rang and withdrew' },
    ]);
    expect(decided(found).record).toMatchObject({ deleted: ['second'] });
  });

  it('GC-42 leaves a block to the exam office, which no protocol will reach', () => {
    const found = given('withdraw', aComplaint('received', { protection: 'block', blocked: true }));
    expect(decided(found)).toMatchObject({
      state: 'to-lift',
      waitingFor: 'exam-office',
      data: { decision: 'withdrawn', finished: true },
    });
    expect(lettersOf(found)).toEqual(['withdrawn student', 'to-lift egil']);
    const lifted = given('lift-block', aComplaint('to-lift', decided(found).data));
    expect([decided(lifted).state, ordersOf(lifted)]).toEqual(['withdrawn', [['block', { blocked: false }]]]);
    expect(decided(given('lift-block', aComplaint('to-lift', { decision: 'dismissed', blocked: true }))).state).toBe('dismissed');
    for (const [body, facts] of [
      [{ block: 'leave' }, {}],
      [{}, { blockedByOthers: true }],
    ] as const) {
      const left = given('lift-block', aComplaint('to-lift', decided(found).data), body, facts);
      expect([decided(left).state, decided(left).data.blocked, ordersOf(left)]).toEqual(['withdrawn', true, []]);
    }
  });

  it('GC-45 takes a postponement back', () => {
    expect(
      ordersOf(
        given('dismiss', aComplaint('received', { protection: 'postponement', postponedUntil: '2026-07-11' }), {
          reason: 'Late',
        }),
      )[0],
    ).toEqual(['postpone-diploma', { until: null }]);
  });

  it('GC-03 is not dismissed before the second yes, and withdrawn tells nobody: it may be about the wrong student', () => {
    const withdrawn = (state: string) =>
      given('withdraw', aComplaint(state, { blocked: true, entry: anEntry({ blocked: true }) }));
    for (const state of ['opened', 'to-confirm']) {
      const found = withdrawn(state);
      expect([decided(found).state, lettersOf(found), ordersOf(found)]).toEqual(['withdrawn', [], []]);
      expect(decided(found).data).toMatchObject({ neverConfirmed: true, finished: true });
      for (const field of ['decision', 'communicated']) expect(decided(found).data).not.toHaveProperty(field);
      expect(writesOf(given('withdraw', aComplaint(state), { note: 'Typed 2 for 3' }))).toEqual([
        { write: 'noted', text: 'Typed 2 for 3' },
      ]);
      expect(no(given('withdraw', aComplaint(state), { communicated: today }))).toBe('GC-22 not-decided');
      expect(no(tried('dismiss', aComplaint(state), caseWorker, { reason: 'Late' }))).toBe('GC-24 wrong-state');
    }
    expect(lettersOf(withdrawn('received'))).toEqual(['withdrawn student', 'to-lift egil']);
    expect(decided(withdrawn('received')).data).not.toHaveProperty('neverConfirmed');
  });
});

describe('the other types', () => {
  it('GC-04 asks an explanation of the examiners within two weeks, and ends with it', () => {
    const asked = given('confirm', aComplaint('to-confirm', { type: 'explanation' }));
    expect(decided(asked)).toMatchObject({
      state: 'explaining',
      waitingFor: 'examiner',
      due: { on: '2026-07-04', rule: 'GC-04' },
    });
    expect(lettersOf(asked)).toEqual(['acknowledged student', 'explanation-asked eva']);
    const explained = given(
      'explain',
      aComplaint('explaining', { type: 'explanation' }),
      { text: 'Task 3 lacks its proof' },
      {},
      actor('eva', { role: 'examiner', course: 'MAT1000' }),
    );
    expect(decided(explained)).toMatchObject({
      state: 'explained',
      data: { decision: 'explained', finished: true, communicated: today },
    });
    expect([writesOf(explained), lettersOf(explained)]).toEqual([
      [{ write: 'explanation', text: 'Task 3 lacks its proof' }],
      ['explanation-given student'],
    ]);
    expect(JSON.stringify(decided(explained).data)).not.toContain('Task 3');
  });

  it('GC-04 asks for attention while there is nobody who can explain, also when the deadline moves', () => {
    const nobody = { examiners: [] };
    const asked = aComplaint('explaining', { type: 'explanation' }, { waitingFor: 'examiner', needsAttention: true });
    const moved = (facts: object) =>
      decided(given('move-deadline', asked, { on: '2026-07-20', reason: 'Nobody examines it' }, facts)).needsAttention;
    expect([
      decided(given('confirm', aComplaint('to-confirm', { type: 'explanation' }), {}, nobody)).needsAttention,
      moved(nobody),
      moved({}),
    ]).toEqual([true, true, false]);
  });

  it('GC-04 decides about a formal error: the grade stands, is assessed anew, or the examination is held anew', () => {
    const complaint = aComplaint('received', { type: 'formal-error' });
    const decide = (outcome: string) => given('decide-error', complaint, { outcome, reason: 'The fire alarm went off' });
    expect(
      ['no-error', 'no-effect', 'held-anew', 'annulled'].map((outcome) => [
        decided(decide(outcome)).state,
        decided(decide(outcome)).data.decision,
      ]),
    ).toEqual([
      ['closed', 'unchanged'],
      ['closed', 'unchanged'],
      ['closed', 'in-favour'],
      ['received', undefined],
    ]);
    expect(lettersOf(decide('annulled'))).toEqual(['formal-error student']);
    expect(decided(decide('annulled'))).toMatchObject({ due: { on: '2026-07-11' }, waitingFor: 'case-worker' });
    expect(no(given('appoint', complaint, { members: [] }))).toBe('GC-04 error-first');
    const annulled = aComplaint('received', { type: 'formal-error', formalError: { by: 'siri', at, outcome: 'annulled' } });
    expect(no(given('appoint', annulled, { members: [] }))).toBe('no refusal');
    expect([
      no(given('decide-error', annulled, { outcome: 'no-error', reason: 'x' })),
      no(given('decide-error', aComplaint('received'), { outcome: 'no-error', reason: 'x' })),
    ]).toEqual(['GC-04 no-error-to-decide', 'GC-04 no-error-to-decide']);
  });

  it('GC-04 is not dismissed once the grade was annulled, and not offered to be', () => {
    const annulled = { type: 'formal-error', formalError: { by: 'siri', at, outcome: 'annulled' } } as const;
    for (const state of ['received', 'with-committee', 'halted']) {
      const complaint = aComplaint(state, annulled);
      expect([no(given('dismiss', complaint, { reason: 'Late' })), notOffered(complaint)]).toEqual([
        'GC-04 grade-annulled',
        expect.arrayContaining(['dismiss']),
      ]);
    }
    expect(lettersOf(given('withdraw', aComplaint('received', annulled)))).toEqual(['withdrawn student']);
  });

  it('GC-04 are offered what they have', () => {
    const offered = (complaint: ReturnType<typeof aComplaint>) =>
      commandsFor(definition, complaint, caseWorker).filter((name) => !(notOffered(complaint) as string[]).includes(name));
    expect(offered(aComplaint('received'))).toEqual([
      'describe',
      'appoint',
      'send',
      'move-deadline',
      'protect',
      'halt',
      'dismiss',
      'withdraw',
    ]);
    expect(offered(aComplaint('received', { type: 'formal-error' }))).toEqual([
      'describe',
      'move-deadline',
      'protect',
      'halt',
      'decide-error',
      'dismiss',
      'withdraw',
    ]);
    expect(offered(aComplaint('explaining', { type: 'explanation' }))).toEqual([
      'describe',
      'move-deadline',
      'explain',
      'dismiss',
      'withdraw',
    ]);
    expect(offered(aComplaint('to-check'))).toEqual(['describe', 'report-wrong']);
  });

  it('GC-22 lets the communicated date and the note be put right after the end, and tells FS; GC-12 nothing else', () => {
    for (const state of ['closed', 'explained', 'dismissed', 'withdrawn'] as const) {
      const complaint = aComplaint(
        state,
        { decision: 'dismissed', communicated: today, finished: true },
        { due: null, wake: null },
      );
      const put = (body: object) => tried('describe', complaint, caseWorker, { version: 2, ...body });
      const righted = put({ communicated: '2026-06-21', note: 'Told by phone' });
      expect(decided(righted)).toMatchObject({
        state,
        due: null,
        wake: null,
        data: { decision: 'dismissed', communicated: '2026-06-21', finished: true },
        record: { changed: ['communicated', 'note'] },
      });
      expect([writesOf(righted), ordersOf(righted)]).toEqual([
        [{ write: 'described', note: 'Told by phone' }],
        [['keep-in-fs', {}]],
      ]);
      for (const other of [
        { received: '2026-06-19' },
        { reasons: 'Task 3' },
        { journalNumber: '2026/17' },
        { initials: 'EE' },
        { responsible: 'sara', note: 'Handed over' },
      ])
        expect(no(put(other))).toBe('GC-12 case-has-ended');
      expect(no(put({ communicated: '2026-06-23' }))).toBe('GC-22 day-too-late');
      expect(no(tried('describe', complaint, actor('egil', { role: 'exam-office' }), { version: 2, note: 'x' }))).toBe(
        'GC-12 not-yours-to-give',
      );
    }
    const mistaken = aComplaint('withdrawn', { neverConfirmed: true, finished: true });
    const say = (body: object) => given('describe', mistaken, { version: 2, ...body });
    expect([no(say({ communicated: today })), ordersOf(say({ note: 'The wrong student' }))]).toEqual(['GC-22 not-decided', []]);
  });

  it('AU-10 keeps who is responsible, the journal number, the communicated date and the note, from receipt to the end', () => {
    const birth = born({ received: '2026-06-20' });
    if (birth.refused) throw new Error(birth.code);
    expect(birth.data).toMatchObject({ responsible: 'siri', initials: 'SS', finished: false });
    const received = aComplaint('received', birth.data);
    const described = decided(
      given(
        'describe',
        received,
        { version: 2, note: 'Rang on Monday', journalNumber: '2026/17', responsible: 'sara' },
        { theirInitials: 'SA' },
      ),
    );
    expect(writesOf(described)).toEqual([{ write: 'described', note: 'Rang on Monday' }]);
    const { data, state } = decided(
      given('dismiss', aComplaint('received', described.data), { reason: 'Late', communicated: '2026-06-21' }),
    );
    expect([state, data]).toMatchObject([
      'dismissed',
      { responsible: 'sara', initials: 'SA', journalNumber: '2026/17', communicated: '2026-06-21' },
    ]);
    expect(data).not.toHaveProperty('note');
  });
});
