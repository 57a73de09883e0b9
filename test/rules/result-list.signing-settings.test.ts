import { describe, expect, it } from '../spec.js';
import type { ListData, ListSettings } from '../../workflows/result-list/list.js';
import { rules } from '../../workflows/result-list/rules.js';
import { checkDigits } from '../../workflows/rules/control-number.js';
import { without } from '../../workflows/result-list/signed-archive-list.js';
import {
  aList,
  actor,
  anAsk,
  aRow,
  at,
  courseOffice,
  examiner,
  someFacts,
  teacher,
  usualSettings,
} from '../support/list-asks.js';

const controlNumber = `12345678${checkDigits('12345678')}`;
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
const signer = { mobile: 'ready' as const, locked: false, codesLastHour: 0, codesLastDay: 0, openBankId: false };
const registrations = ['old', 'first', 'new', 'ungraded'].map((student) => ({ student, from: '2010-01-01', to: '2027-01-17' }));
const withData = (data: Partial<ListData>, state = 'with-examiner') => aList({ state, data: { ...aList().data, ...data } });
const facts = (rows = [aRow('new')], settings: Partial<ListSettings> = {}) =>
  someFacts(rows, { proof, signer, contentHash: 'h', registrations, settings: { ...usualSettings, ...settings } });

describe('the day from which the electronic signature is enough', () => {
  const sign = (rows: ReturnType<typeof aRow>[], settings: Partial<ListSettings> = {}) =>
    rules.commands.sign(
      anAsk({ list: withData({}), body: { version: 7, proof: 'p' }, facts: facts(rows, settings), by: examiner }),
    );
  const old = aRow('old', { examinationDate: '2015-05-31' });
  const first = aRow('first', { examinationDate: '2015-06-01' });

  it('RL-49 counts the day itself in: nothing but the signature is needed from 2015-06-01', () => {
    const verdict = sign([first, aRow('new')]);
    expect(verdict).toMatchObject({ state: 'signed' });
    expect((verdict as { data: ListData }).data).not.toHaveProperty('signedArchiveList');
  });

  it('RL-50 is asked row by row: the row before is counted, one without a grade is not', () => {
    expect(sign([old, first, aRow('new'), aRow('ungraded', { grade: null, examinationDate: '2010-01-01' })])).toMatchObject({
      state: 'signed',
      data: { signedArchiveList: { rows: 1 } },
    });
  });

  it('RL-51 may be another, by another decision', () => {
    const electronicSignature = [
      { from: '0001-01-01', value: { enough: false, decidedBy: 'Rektor', decidedOn: '2019-11-12' } },
      { from: '2020-01-01', value: { enough: true, decidedBy: 'Rektor', decidedOn: '2019-11-12' } },
    ];
    expect(sign([first, aRow('new')], { electronicSignature })).toMatchObject({ data: { signedArchiveList: { rows: 1 } } });
  });

  const needed = { signedArchiveList: { rows: 2 } };
  const signed = { signed: { version: 7, hash: 'h', by: 'eva', method: 'sms' as const, at } };
  const enter = (data: Partial<ListData>) =>
    rules.commands.enter(
      anAsk({
        list: withData({ ...signed, ...data }, 'signed'),
        body: { controlNumber },
        facts: { ...facts(), controlNumber },
        by: courseOffice,
      }),
    );
  const confirm = (data: Partial<ListData>) =>
    rules.commands['confirm-signed-archive-list'](
      anAsk({ list: withData({ ...signed, ...data }, 'signed'), body: {}, facts: facts(), by: courseOffice }),
    );

  it('RL-58 holds up the definitive entry until the course office has confirmed the signed archive list', () => {
    expect(enter(needed)).toMatchObject({
      refused: true,
      kind: 'conflict',
      rule: 'RL-58',
      code: 'signed-archive-list-missing',
      details: { count: 2 },
    });
    const confirmed = confirm(needed);
    expect(confirmed).toMatchObject({
      state: 'signed',
      data: { signedArchiveList: { rows: 2, confirmed: { by: 'karin', at } } },
    });
    expect(enter((confirmed as { data: ListData }).data)).toMatchObject({ state: 'registering' });
  });

  it('RL-58 is not met by a list without such rows', () => {
    expect(enter({})).toMatchObject({ state: 'registering' });
    expect(confirm({})).toMatchObject({ refused: true, rule: 'RL-58', code: 'no-signed-archive-list-needed' });
    expect(without(withData({}).data)).toEqual(['confirm-signed-archive-list']);
    expect(without(withData(needed).data)).toEqual([]);
  });

  it('RL-58 is confirmed once', () => {
    const confirmed = { signedArchiveList: { rows: 2, confirmed: { by: 'karin', at } } };
    expect(confirm(confirmed)).toMatchObject({ refused: true, rule: 'RL-58', code: 'signed-archive-list-confirmed' });
    expect(without(withData(confirmed).data)).toEqual(['confirm-signed-archive-list']);
  });
});

describe('four eyes', () => {
  const rows = [{ student: 'new', grade: 'B', examinationDate: '2026-11-02', score: null }];
  const given = {
    save: { version: 7, rows },
    correct: { version: 7, rows },
    remove: { version: 7, students: ['new'] },
    fetch: { from: 'term', term: '20262' },
  } as const;

  it.each(Object.entries(given))('RL-36 keeps who gave %s, once, beside those before', (command, body) => {
    const give = (list: ReturnType<typeof aList>, by = teacher) =>
      (
        rules.commands[command as keyof typeof given](anAsk({ list, body: body as never, facts: facts(), by })) as {
          data: ListData;
        }
      ).data;
    expect(give(withData({}, 'draft')).enteredBy).toEqual(['tove']);
    expect(give(withData({ enteredBy: ['tove'] }, 'draft')).enteredBy).toEqual(['tove']);
    expect(give(withData({ enteredBy: ['tove'] }, 'draft'), examiner).enteredBy).toEqual(['tove', 'eva']);
  });

  const attempts = (by: typeof examiner, enteredBy: string[], fourEyes: boolean) => {
    const ask = <Body>(body: Body) => anAsk({ list: withData({ enteredBy }), body, facts: facts(undefined, { fourEyes }), by });
    return [
      rules.commands['request-code'](ask({ version: 7 })),
      rules.commands['order-bankid'](ask({ version: 7 })),
      rules.commands.sign(ask({ version: 7, proof: 'p' })),
    ].map((verdict) => (verdict.refused ? `${verdict.rule} ${verdict.code}` : 'yes'));
  };
  const no = Array.from({ length: 3 }, () => 'RL-36 entered-it-yourself');
  const yes = ['yes', 'yes', 'yes'];
  const forSomebody = (whom: string) => actor('eva', { role: 'teacher' }, { role: 'examiner', course: 'XX1000', for: whom });

  it('RL-36 lets who entered sign as long as it is off', () => expect(attempts(examiner, ['eva'], false)).toEqual(yes));
  it('RL-36 refuses who entered, asking for a code, ordering at BankID and signing, where it is on', () =>
    expect(attempts(examiner, ['tove', 'eva'], true)).toEqual(no));
  it('RL-36 lets another sign where it is on', () => expect(attempts(examiner, ['tove'], true)).toEqual(yes));
  it('RL-36 is not got round by acting for somebody: neither who entered signs, nor anybody in their name', () => {
    expect(attempts(forSomebody('ebbe'), ['eva'], true)).toEqual(no);
    expect(attempts(forSomebody('ebbe'), ['ebbe'], true)).toEqual(no);
    expect(attempts(forSomebody('ebbe'), ['tove'], true)).toEqual(yes);
  });

  const signedBy = (by: typeof examiner, enteredBy: string[], fourEyes: boolean) => {
    const verdict = rules.commands.sign(
      anAsk({ list: withData({ enteredBy }), body: { version: 7, proof: 'p' }, facts: facts(undefined, { fourEyes }), by }),
    );
    const { data, writes, record } = verdict as unknown as {
      data: ListData;
      writes: { for?: string }[];
      record: { for?: string };
    };
    expect([writes[0]?.for, record.for]).toEqual([data.signed?.for, data.signed?.for]);
    return data.signed?.for;
  };
  const forEither = actor(
    'eva',
    { role: 'examiner', course: 'XX1000', for: 'ebbe' },
    { role: 'examiner', course: 'XX1000', for: 'ester' },
  );
  it('RL-36 keep for whom a list was signed, and never for who entered it', () => {
    expect(signedBy(examiner, ['tove'], true)).toBeUndefined();
    expect(signedBy(forSomebody('ebbe'), ['tove'], true)).toBe('ebbe');
    expect(signedBy(forEither, ['ebbe'], false)).toBe('ebbe');
    expect(signedBy(forEither, ['ebbe'], true)).toBe('ester');
    expect(signedBy(actor('eva', ...examiner.roles, ...forEither.roles), ['ebbe'], true)).toBeUndefined();
  });
});

describe('the code', () => {
  it('RL-39 is as long as the institution wants it', () => {
    const ask = anAsk({ list: withData({}), body: { version: 7 }, facts: facts(undefined, { codeDigits: 8 }), by: examiner });
    expect(rules.commands['request-code'](ask)).toMatchObject({ writes: [{ write: 'code', digits: 8 }, { write: 'order' }] });
  });
});
