import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import type { ListData, TransferState } from '../../workflows/result-list/list.js';
import { definition as delegation } from '../../workflows/delegation/definition.js';
import { systemStates } from '../../workflows/process.js';
import { definition as resultList } from '../../workflows/result-list/definition.js';
import { rules } from '../../workflows/result-list/rules.js';
import { actor, aList, anAsk, aRow, courseOffice, examiner, registrar, someFacts } from '../support/list-asks.js';

const rows = [aRow('s1'), aRow('s2'), aRow('s3', { grade: null })];
const signed = { version: 7, hash: 'h', by: 'eva', method: 'sms' as const, at: '2026-11-22T09:00:00.000Z' };
const open = (states: readonly TransferState[]) => states.filter((one) => one === 'sent' || one === 'ready').length;
const state = fc.constantFrom<TransferState>('sent', 'ready', 'attested', 'differs', 'refused');

describe('the states in which Registrar itself has the next step', () => {
  it.each([
    [resultList, ['registering', 'entering', 'registered', 'arrived']],
    [delegation, []],
  ])('are told by the definition, without those in which it only waits for a moment', (definition, states) => {
    expect(systemStates(definition).sort()).toEqual([...states].sort());
  });
});

describe('sending', () => {
  it('RL-36 goes to every examiner of the course, RL-37 each mailed once', () => {
    const verdict = rules.commands.send(anAsk({ body: { version: 7 }, facts: someFacts(rows, { examiners: ['eva', 'ebbe'] }) }));
    expect(verdict).toMatchObject({ state: 'with-examiner', waitingFor: 'examiner', data: { sentBy: 'tove' } });
    const mails = verdict.refused ? [] : (verdict.promises ?? []).filter((one) => one.channel === 'mail');
    expect(mails.map((one) => one.payload)).toEqual([
      { letter: 'sent-to-examiner', to: 'eva' },
      { letter: 'sent-to-examiner', to: 'ebbe' },
    ]);
    expect(new Set(mails.map((one) => one.key)).size).toBe(2);
  });

  it('RL-36 is refused while the course has no examiner', () => {
    expect(rules.commands.send(anAsk({ body: { version: 7 }, facts: someFacts(rows, { examiners: [] }) }))).toMatchObject({
      kind: 'conflict',
      rule: 'RL-36',
      code: 'nobody-examines',
    });
  });

  it('RL-37 mails again when the list is sent a second time', () => {
    const key = (step: number) => {
      const verdict = rules.commands.send(anAsk({ list: aList({ step }), body: { version: 7 }, facts: someFacts(rows) }));
      return verdict.refused ? '' : verdict.promises?.[0]?.key;
    };
    expect(key(3)).not.toBe(key(5));
    expect(key(3)).toBe(key(3));
  });
});

describe('returning', () => {
  it('RL-28 waits for whoever fills the list: the examiner where it is of a whole course', () => {
    const back = (data: Partial<ListData>) =>
      rules.commands.return(
        anAsk({
          list: aList({ state: 'with-examiner', data: { ...aList().data, ...data } }),
          body: { reason: 'Look again' },
          facts: someFacts(rows),
          by: examiner,
        }),
      );
    expect(back({})).toMatchObject({ state: 'draft', waitingFor: 'teacher' });
    expect(back({ listKind: 'T34' })).toMatchObject({ state: 'draft', waitingFor: 'examiner' });
  });
});

describe('signing', () => {
  const proof = {
    id: 'p',
    person: 'eva',
    caseId: 'a-list',
    version: 7,
    hash: 'h',
    method: 'sms' as const,
    expired: false,
    used: false,
  };
  const sign = (other: object = {}, contentHash: string | null = 'h', office = ['karin'], by = examiner) =>
    rules.commands.sign(
      anAsk({
        list: aList({ state: 'with-examiner' }),
        body: { version: 7, proof: 'p' },
        facts: someFacts(rows, { proof: { ...proof, ...other }, contentHash, courseOffice: office }),
        by,
      }),
    );

  it('RL-43 mails the signer and the course office', () => {
    const verdict = sign();
    expect(verdict).toMatchObject({
      state: 'signed',
      waitingFor: 'course-office',
      data: { signed: { version: 7, hash: 'h', by: 'eva', method: 'sms' } },
    });
    expect(verdict.refused ? [] : verdict.promises?.map((one) => one.payload)).toEqual([
      { letter: 'signed', to: 'eva' },
      { letter: 'signed', to: 'karin' },
    ]);
  });

  it('RL-43 mails the examiner who was signed for as well, and nobody twice', () => {
    const forEster = actor('eva', { role: 'examiner', course: 'XX1000', for: 'ester' });
    const told = (office: string[]) => {
      const verdict = sign({}, 'h', office, forEster);
      return verdict.refused ? [] : verdict.promises?.map((one) => one.payload['to']);
    };
    expect(told(['karin'])).toEqual(['eva', 'ester', 'karin']);
    expect(told(['ester', 'karin', 'eva'])).toEqual(['eva', 'ester', 'karin']);
  });

  it('RL-43 asks for attention where nobody of the course office is there to be mailed', () => {
    expect(sign({}, 'h', [])).toMatchObject({ state: 'signed', needsAttention: true, promises: [{ payload: { to: 'eva' } }] });
    expect(sign()).toMatchObject({ needsAttention: false });
  });

  it('AU-11 asks for attention where nobody of the course office but the signer is there to enter it', () => {
    expect(sign({}, 'h', ['eva'])).toMatchObject({ state: 'signed', needsAttention: true });
    expect(sign({}, 'h', ['eva', 'karin'])).toMatchObject({ needsAttention: false });
  });

  it.each([
    ['of another list', { caseId: 'other' }, 'proof-not-valid'],
    ['of somebody else', { person: 'erik' }, 'not-your-proof'],
    ['that was used', { used: true }, 'proof-not-valid'],
    ['that ran out', { expired: true }, 'proof-not-valid'],
    ['of an older version', { version: 6 }, 'content-changed'],
    ['of other content', { hash: 'other' }, 'content-changed'],
  ])('RL-38 refuses a proof %s', (_what, other, code) => {
    expect(sign(other)).toMatchObject({ refused: true, code });
  });

  it('RL-38 refuses when the rows are not those that were frozen', () => {
    expect([sign({}, 'changed'), sign({}, null)]).toMatchObject([{ code: 'content-changed' }, { code: 'content-changed' }]);
  });
});

describe('the definitive entry', () => {
  const enter = (controlNumber: string, by = courseOffice, whom: { for?: string } = {}) =>
    rules.commands.enter(
      anAsk({
        list: aList({ state: 'signed', data: { ...aList().data, signed: { ...signed, ...whom } } }),
        body: { controlNumber },
        facts: someFacts([], { controlNumber: '1234567889' }),
        by,
      }),
    );

  it('AU-11 is made by nobody who signed, or in whose name it was signed, whatever else they are', () => {
    const both = actor('eva', { role: 'examiner', course: 'XX1000' }, { role: 'course-office' });
    const no = { kind: 'forbidden', rule: 'AU-11', code: 'signed-it-yourself' };
    expect(enter('1234567889', both)).toMatchObject(no);
    expect(enter('1234567889', actor('ester', { role: 'course-office' }), { for: 'ester' })).toMatchObject(no);
    expect(enter('1234567889', courseOffice, { for: 'ester' })).toMatchObject({ state: 'registering' });
  });

  it('RL-45 takes the number with or without its gaps', () => {
    expect([enter('1234567889'), enter('1234 5678 89'), enter('1234-5678-89')]).toMatchObject(
      Array(3).fill({ state: 'registering', data: { entered: { by: 'karin' } } }),
    );
  });

  it('RL-45 tells a slip of the hand from the number of another list', () => {
    expect(enter('1234567888')).toMatchObject({ kind: 'conflict', rule: 'RL-45', code: 'control-number-mistyped' });
    expect(enter('9999999952')).toMatchObject({ kind: 'conflict', rule: 'RL-45', code: 'control-number-wrong' });
  });
});

describe('the way in the register', () => {
  const of = (states: readonly TransferState[]) =>
    someFacts(
      states.map((_s, i) => aRow(`s${i}`)),
      { transfers: states.map((one, i) => ({ student: `s${i}`, state: one })) },
    );
  const list = (now: string) => aList({ state: now, data: { ...aList().data, signed } });

  it('RL-46 needs attention exactly when a row was refused or differs', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), (states) => {
        expect(
          rules.commands.transferred(anAsk({ list: list('registering'), body: {}, facts: of(states), by: registrar })),
        ).toMatchObject({
          state: 'registered',
          waitingFor: states.includes('refused') || states.includes('differs') ? 'course-office' : 'attester',
          needsAttention: states.includes('refused') || states.includes('differs'),
        });
      }),
    );
  });

  it('RL-46 has not arrived before every row is attested', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), (states) => {
        const verdict = rules.commands.attested(anAsk({ list: list('registered'), body: {}, facts: of(states), by: registrar }));
        expect(verdict.refused ? verdict.code : verdict.state).toBe(
          states.every((one) => one === 'attested') ? 'arrived' : 'not-all-arrived',
        );
      }),
    );
  });

  it('RL-46 repeats only where a row is missing, refused or differs', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), (states) => {
        const verdict = rules.commands['transfer-again'](
          anAsk({ list: list('registered'), body: {}, facts: of(states), by: courseOffice }),
        );
        expect(verdict.refused ? verdict.code : verdict.state).toBe(
          states.every((one) => one === 'attested' || one === 'ready') ? 'nothing-to-repeat' : 'registering',
        );
      }),
    );
  });

  it('RL-47 promises one letter a graded student, under a key that stays the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), (n) => {
        const ask = anAsk({
          list: list('registered'),
          body: {},
          facts: of(Array<TransferState>(n).fill('attested')),
          by: registrar,
        });
        const verdict = rules.commands.attested(ask);
        const again = rules.commands.attested({ ...ask, at: '2026-12-24T00:00:00.000Z', fresh: 'another' });
        const keys = verdict.refused ? [] : (verdict.promises ?? []).map((one) => one.key);
        expect(new Set(keys).size).toBe(n);
        expect(again.refused ? [] : again.promises?.map((one) => one.key)).toEqual(keys);
      }),
    );
  });

  it('RL-47 writes to nobody without a grade, and to nobody whose row the register refused', () => {
    const facts = someFacts(rows, {
      transfers: [
        { student: 's1', state: 'attested' },
        { student: 's2', state: 'refused' },
      ],
    });
    const verdict = rules.commands['confirm-arrival'](
      anAsk({ list: list('registered'), body: { reason: 'entered by hand', untold: 1 }, facts, by: courseOffice }),
    );
    expect(verdict).toMatchObject({
      state: 'arrived',
      data: { arrived: { by: 'course-office', reason: 'entered by hand', untold: 1 } },
      record: { untold: 1 },
      promises: [{ channel: 'mail', payload: { letter: 'grade', to: 's1' } }],
    });
  });

  it('RL-47 has whoever confirms the arrival say how many students get no letter', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1 }), fc.option(fc.nat(4), { nil: undefined }), (states, untold) => {
        const verdict = rules.commands['confirm-arrival'](
          anAsk({
            list: list('registered'),
            body: { reason: 'seen there', unattested: open(states), ...(untold === undefined ? {} : { untold }) },
            facts: of(states),
            by: courseOffice,
          }),
        );
        const count = states.filter((one) => one === 'refused' || one === 'differs').length;
        if (count === (untold ?? 0))
          expect(verdict).toMatchObject({ state: 'arrived', promises: { length: states.length - count } });
        else expect(verdict).toMatchObject({ kind: 'conflict', rule: 'RL-47', code: 'students-untold', details: { count } });
      }),
    );
  });

  it('RL-46 has whoever confirms the arrival say how many rows nobody has attested, and keeps it', () => {
    const confirm = (states: readonly TransferState[], unattested?: number) =>
      rules.commands['confirm-arrival'](
        anAsk({
          list: list('registered'),
          body: { reason: 'seen there', ...(unattested === undefined ? {} : { unattested }) },
          facts: of(states),
          by: courseOffice,
        }),
      );
    const no = { kind: 'conflict', rule: 'RL-46', code: 'rows-not-attested' };
    const some = ['ready', 'sent', 'awaited', 'attested'] as const;
    for (const said of [undefined, 0, 2, 4]) expect(confirm(some, said)).toMatchObject({ ...no, details: { count: 3 } });
    expect(confirm(some, 3)).toMatchObject({
      state: 'arrived',
      data: { arrived: { unattested: 3 } },
      record: { unattested: 3, attested: 1 },
      promises: { length: 4 },
    });
    expect(confirm(['attested'], 1)).toMatchObject({ ...no, details: { count: 0 } });
    expect(confirm(['attested'])).toMatchObject({ state: 'arrived' });
  });

  it('RL-46 lets an annulment after the end be noted once, and where there is one', () => {
    const ask = (changedLater: number) =>
      anAsk({
        list: { ...list('informed'), needsAttention: true },
        body: { reason: 'looked at' },
        facts: someFacts(rows, { changedLater }),
        by: courseOffice,
      });
    expect(rules.commands['note-annulment'](ask(2))).toMatchObject({
      state: 'informed',
      needsAttention: false,
      writes: [{ write: 'annulments-noted' }],
      record: { changed: 2 },
    });
    expect(rules.commands['note-annulment'](ask(0))).toMatchObject({ kind: 'conflict', rule: 'RL-46', code: 'nothing-annulled' });
  });

  it('RL-47 keeps a letter that may not have gone in sight after the end', () => {
    const ask = (needsAttention: boolean) =>
      anAsk({ list: { ...list('arrived'), needsAttention }, body: {}, facts: someFacts(rows), by: registrar });
    expect(rules.commands.told(ask(true))).toMatchObject({ state: 'informed', needsAttention: true });
    expect(rules.commands.told(ask(false))).toMatchObject({ state: 'informed', needsAttention: false });
  });

  it('RL-47 tells nobody a grade that the register holds otherwise', () => {
    const facts = someFacts(rows, {
      transfers: [
        { student: 's1', state: 'differs' },
        { student: 's2', state: 'attested' },
      ],
    });
    const verdict = rules.commands['confirm-arrival'](
      anAsk({ list: list('registered'), body: { reason: 'entered by hand', untold: 1 }, facts, by: courseOffice }),
    );
    expect(verdict).toMatchObject({ promises: [{ payload: { to: 's2' } }] });
    expect(verdict.refused ? [] : verdict.promises).toHaveLength(1);
  });
});
