import { describe, expect, it } from '../spec.js';
import { definition } from '../../workflows/complaint/definition.js';
import { notOffered, warnings } from '../../workflows/complaint/offered.js';
import {
  aComplaint,
  anEntry,
  assessed,
  born,
  caseWorker,
  decided,
  given,
  lettersOf,
  no,
  ordersOf,
  today,
  tried,
  unit,
  writesOf,
} from '../support/complaint-asks.js';
import { actor, registrar } from '../support/list-asks.js';

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
