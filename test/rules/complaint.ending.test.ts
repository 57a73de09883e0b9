import { describe, expect, it } from '../spec.js';
import { definition } from '../../workflows/complaint/definition.js';
import { notOffered } from '../../workflows/complaint/offered.js';
import { commandsFor } from '../../workflows/process.js';
import {
  aComplaint,
  anEntry,
  assessed,
  at,
  born,
  caseWorker,
  decided,
  given,
  lettersOf,
  no,
  ordersOf,
  today,
  tried,
  writesOf,
} from '../support/complaint-asks.js';
import { actor } from '../support/list-asks.js';

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
