import { describe, expect, it } from '../spec.js';
import { afterAnswers, afterFetch } from '../../workflows/exchange/asking.js';
import { definition } from '../../workflows/exchange/definition.js';
import type { Outcome } from '../../workflows/exchange/outcomes.js';
import { rules, type AgainFacts, type BirthFacts, type ExchangeData, type Inquiry } from '../../workflows/exchange/rules.js';
import { admit, type CaseView } from '../../workflows/process.js';
import { defaults, type Timeline } from '../../workflows/settings/values.js';
import type { SettingName, SettingValue } from '../../workflows/settings/schema.js';
import { actor, registrar } from '../support/list-asks.js';

const adviser = actor('stine', { role: 'study-adviser' });
const zone = 'Europe/Oslo';
const since = <Name extends SettingName>(name: Name, value: SettingValue<Name>): Timeline<Name> => [
  ...defaults[name].values,
  { from: '2026-01-01', value },
];

const some = (other: Partial<BirthFacts> = {}, settings: Partial<BirthFacts['settings']> = {}): BirthFacts => ({
  approval: { state: 'in-progress', person: 'a-person' },
  ready: true,
  numberKind: 'birth',
  consent: { seq: '7', answer: 'J' },
  partners: ['a.example', 'b.example'],
  settings: {
    'exchange-module': since('exchange-module', true),
    'exchange-reserved': defaults['exchange-reserved'].values,
    'exchange-legal-basis': defaults['exchange-legal-basis'].values,
    'exchange-retry-days': defaults['exchange-retry-days'].values,
    'exchange-test-numbers': defaults['exchange-test-numbers'].values,
    'exchange-support': defaults['exchange-support'].values,
    ...settings,
  },
  ...other,
});

const ordered = (facts: BirthFacts, today = '2026-11-20') =>
  rules.birth({ body: { approval: '4711' }, actor: adviser, facts, at: `${today}T12:15:30.000Z`, today, zone, fresh: 'fresh' });

describe('ordering external education', () => {
  it('RX-10 asks everybody, and keeps the basis, the consent and the time on the clock', () => {
    expect(ordered(some())).toMatchObject({
      state: 'running',
      scope: null,
      waitingFor: null,
      writes: [{ write: 'ask', round: 1, partners: ['a.example', 'b.example'] }],
      data: {
        approval: '4711',
        person: 'a-person',
        basis: { basis: 'consent', citation: 'lov 15. juni 2018 nr. 38 om behandling av personopplysninger' },
        consent: '7',
        orderedAt: '2026-11-20T12:15:30.000Z',
        asked: 2,
        round: 1,
        retry: { time: '13:15', zone, on: '2026-11-20', until: '2026-12-04' },
      },
      record: { approval: '4711', basis: 'consent', consent: '7', asked: 2 },
    });
  });

  it('RX-25 tries again for as many days as are set on the day of the order', () => {
    const days = [...since('exchange-retry-days', 30), { from: '2026-11-21', value: 3 }];
    expect(ordered(some({}, { 'exchange-retry-days': days }))).toMatchObject({ data: { retry: { until: '2026-12-20' } } });
  });

  const refusals: readonly [string, string, string, BirthFacts][] = [
    ['RX-10', 'no-such-case', 'without an approval case', { ...some(), approval: undefined }],
    [
      'RX-10',
      'approval-not-in-progress',
      'in a finished approval case',
      some({ approval: { state: 'finished', person: 'a-person' } }),
    ],
    ['RX-02', 'exchange-off', 'while the module is off', some({}, { 'exchange-module': defaults['exchange-module'].values })],
    [
      'RX-02',
      'exchange-off',
      'before the module is on',
      some({}, { 'exchange-module': [...defaults['exchange-module'].values, { from: '2026-11-21', value: true }] }),
    ],
    [
      'RX-03',
      'exchange-reserved',
      'while we have reserved ourselves',
      some({}, { 'exchange-reserved': since('exchange-reserved', true) }),
    ],
    ['RX-04', 'exchange-not-ready', 'while the registry does not list us', some({ ready: false })],
    ['RX-04', 'exchange-not-ready', 'while there is nobody to ask', some({ partners: [] })],
    ['RX-32', 'not-a-student', 'for somebody who is not registered', { ...some(), numberKind: undefined }],
    ['RX-31', 'test-number-not-allowed', 'for a synthetic number', some({ numberKind: 'synthetic' })],
    ['RX-31', 'test-number-not-allowed', 'for a test person', some({ numberKind: 'fs-test' })],
    ['RX-01', 'no-consent', 'without consent', { ...some(), consent: undefined }],
    ['RX-01', 'no-consent', 'after the consent was withdrawn', some({ consent: { seq: '8', answer: 'N' } })],
    ['RX-10', 'exchange-running', 'while another order for the person runs', some({ open: '4700' })],
  ];
  for (const [rule, code, when, facts] of refusals)
    it(`${rule} is refused ${when}`, () => expect(ordered(facts)).toMatchObject({ refused: true, rule, code }));

  it('RX-04 says whom to ask', () =>
    expect(ordered(some({ ready: false }))).toMatchObject({ details: { support: 'fs-support@sikt.example' } }));

  it('RX-31 allows test numbers where the institution has set so', () => {
    for (const numberKind of ['synthetic', 'fs-test'])
      expect(ordered(some({ numberKind }, { 'exchange-test-numbers': since('exchange-test-numbers', true) }))).toMatchObject({
        state: 'running',
      });
  });

  it('RX-01 needs no consent where statute is the basis, and keeps that basis', () => {
    const basis = since('exchange-legal-basis', { basis: 'statute', citation: 'lov X' });
    expect(ordered({ ...some({}, { 'exchange-legal-basis': basis }), consent: undefined })).toMatchObject({
      data: { basis: { basis: 'statute', citation: 'lov X' }, consent: null },
    });
  });
});

describe('the answer of one institution', () => {
  const yes = { shares: true, reserved: false, consent: true, known: true, hasPassedResults: true, degreesHeldBack: 0 };
  it('RX-12 leads to a fetch after three times yes alone', () => {
    expect(afterAnswers(yes)).toBe('fetch');
    for (const [no, outcome] of [
      [{ shares: false }, 'not-sharing'],
      [{ reserved: true }, 'reserved'],
      [{ consent: false }, 'no-consent-there'],
      [{ known: false }, 'unknown-there'],
      [{ hasPassedResults: false }, 'nothing-passed'],
    ] as const)
      expect(afterAnswers({ ...yes, ...no })).toBe(outcome);
    expect(afterAnswers({ ...yes, shares: false, reserved: true, consent: false, known: false })).toBe('not-sharing');
    expect(afterAnswers({ ...yes, consent: false, known: false })).toBe('no-consent-there');
  });

  it('RX-27 says that a degree is held back, with other results and without', () => {
    expect(afterAnswers({ ...yes, hasPassedResults: false, degreesHeldBack: 1 })).toBe('degree-held-back');
    expect(afterAnswers({ ...yes, known: false, degreesHeldBack: 1 })).toBe('unknown-there');
    expect(afterFetch({ degreesHeldBack: 1 }, 3)).toBe('degree-held-back');
    expect(afterFetch({ degreesHeldBack: 0 }, 3)).toBe('fetched');
    expect(afterFetch({ degreesHeldBack: 0 }, 0)).toBe('nothing-passed');
  });
});

const anOrder = (
  state: string,
  data: Partial<ExchangeData> = {},
  other: Partial<CaseView<ExchangeData>> = {},
): CaseView<ExchangeData> => ({
  id: 'an-order',
  number: '4712',
  kind: 'exchange',
  institution: 'bth',
  state,
  step: 2,
  version: 1,
  scope: null,
  waitingFor: null,
  due: null,
  wake: null,
  needsAttention: false,
  createdBy: 'stine',
  data: {
    approval: '4711',
    person: 'a-person',
    basis: { basis: 'consent', citation: 'lov' },
    consent: '7',
    orderedAt: '2026-11-20T12:15:30.000Z',
    asked: 3,
    round: 1,
    retry: { time: '13:15', zone, on: '2026-11-20', until: '2026-12-04' },
    ...data,
  },
  ...other,
});
const waiting = (data: Partial<ExchangeData> = {}) =>
  anOrder('waiting', data, {
    wake: '2026-11-21T12:15:00.000Z',
    due: { on: '2026-12-04', ends: '2026-12-04T23:00:00.000Z', rule: 'RX-25' },
  });

const none = { results: 0, new: 0, improved: 0, corrected: 0, withdrawn: 0 };
const inquiry = (partner: string, outcome: Outcome | null, other: Partial<Inquiry> = {}): Inquiry => ({
  partner,
  outcome,
  state: outcome ? 'answered' : 'open',
  ...other,
});

function given(
  command: keyof typeof rules.commands,
  order: CaseView<ExchangeData>,
  inquiries: readonly Inquiry[],
  at: string,
  body: object = {},
  more: Partial<AgainFacts> = {},
) {
  const { settings, consent } = some();
  return rules.commands[command]({
    case: order,
    body: body as never,
    actor: command === 'stop' || command === 'extend' ? adviser : registrar,
    facts: { inquiries, settings, consent, ...more },
    at,
    today: at.slice(0, 10),
    zone,
    fresh: 'fresh',
  });
}

describe('a round that has ended', () => {
  const at = '2026-11-20T12:16:30.000Z';
  const fetched = inquiry('a.example', 'fetched', { brought: { ...none, results: 4 } });

  it('RX-18 is not over while an institution has not been asked', () => {
    expect(given('round-ended', anOrder('running'), [fetched, inquiry('b.example', null)], at)).toMatchObject({
      refused: true,
      rule: 'RX-18',
      code: 'still-asking',
    });
  });

  it('RX-18 is complete when all have answered, whatever they answered, and the orderer is told', () => {
    expect(
      given(
        'round-ended',
        anOrder('running'),
        [fetched, inquiry('b.example', 'unknown-there'), inquiry('c.example', 'reserved')],
        at,
      ),
    ).toMatchObject({
      state: 'complete',
      due: null,
      wake: null,
      needsAttention: false,
      data: { brought: { results: 4, new: 0 } },
      promises: [{ channel: 'mail', payload: { letter: 'complete', to: 'stine' } }],
      record: { round: 1, outcomes: { fetched: 1, 'unknown-there': 1, reserved: 1 }, reserved: ['c.example'] },
    });
  });

  it('RX-24 says so when it brought changes', () => {
    for (const change of ['new', 'improved', 'corrected', 'withdrawn'] as const)
      expect(
        given(
          'round-ended',
          anOrder('running'),
          [inquiry('a.example', 'fetched', { brought: { ...none, results: 4, [change]: 1 } })],
          at,
        ),
      ).toMatchObject({ promises: [{ payload: { letter: 'complete-with-changes' } }] });
  });

  it('RX-17 asks for attention when a document was rejected', () => {
    for (const outcome of ['rejected-signature', 'rejected-person', 'rejected-format'] as const)
      expect(given('round-ended', anOrder('running'), [fetched, inquiry('b.example', outcome)], at)).toMatchObject({
        state: 'complete',
        needsAttention: true,
        record: { rejected: ['b.example'] },
      });
  });

  it('RX-25 waits for the same time the next day where one is down, at most to the last day, and says why', () => {
    const decision = given('round-ended', anOrder('running'), [fetched, inquiry('b.example', 'down')], at);
    expect(decision).toMatchObject({
      state: 'waiting',
      wake: '2026-11-21T12:15:00.000Z',
      needsAttention: false,
      record: { down: ['b.example'] },
      due: {
        on: '2026-12-04',
        ends: '2026-12-04T23:00:00.000Z',
        rule: 'RX-25',
        why: { basis: 'ordered', from: '2026-11-20', days: 14, skipped: [] },
      },
    });
    expect((decision as { promises?: unknown }).promises).toBeUndefined();
  });

  it('RX-25 tries no more after the last day, waits until it is over, and is not complete then', () => {
    const last = { round: 15, retry: { time: '13:15', zone, on: '2026-12-04', until: '2026-12-04' } };
    expect(
      given('round-ended', anOrder('running', last), [inquiry('b.example', 'down')], '2026-12-04T12:16:00.000Z'),
    ).toMatchObject({ state: 'waiting', wake: null, due: { on: '2026-12-04' } });
    expect(
      given('round-ended', anOrder('running', last), [inquiry('b.example', 'down')], '2026-12-04T23:00:00.000Z'),
    ).toMatchObject({
      state: 'not-complete',
      needsAttention: true,
      promises: [{ payload: { letter: 'not-complete', to: 'stine' } }],
    });
  });
});

describe('a waiting order', () => {
  const down = [inquiry('a.example', 'fetched'), inquiry('b.example', 'down'), inquiry('c.example', 'down')];

  it('RX-25 asks those again that are down, and nobody else, in a round of its own', () => {
    expect(given('ask-again', waiting(), down, '2026-11-21T12:15:00.000Z')).toMatchObject({
      state: 'running',
      due: null,
      wake: null,
      data: { round: 2, retry: { on: '2026-11-21', time: '13:15', until: '2026-12-04' } },
      writes: [{ write: 'ask', round: 2, partners: ['b.example', 'c.example'] }],
    });
    expect(given('ask-again', waiting(), down, '2026-11-21T12:14:59.999Z')).toMatchObject({ refused: true, code: 'not-due' });
  });

  describe('by the settings of the day', () => {
    const at = '2026-11-21T12:15:00.000Z';
    const again = (more: Partial<AgainFacts>, data: Partial<ExchangeData> = {}) =>
      given('ask-again', waiting(data), down, at, {}, more);
    const statute = { basis: { basis: 'statute', citation: 'lov X' } as const, consent: null };
    const onStatute = some(
      {},
      { 'exchange-legal-basis': since('exchange-legal-basis', { basis: 'statute', citation: 'lov Y' }) },
    ).settings;

    it.each([
      [
        'RX-02 asks nobody again once the module is off',
        'exchange-off',
        { 'exchange-module': [...since('exchange-module', true), { from: '2026-11-21', value: false }] },
      ],
      [
        'RX-03 asks nobody again once we have reserved ourselves',
        'exchange-reserved',
        { 'exchange-reserved': [...defaults['exchange-reserved'].values, { from: '2026-11-21', value: true }] },
      ],
    ] as const)('%s, and ends not complete with the reason', (_title, closed, settings) => {
      const decision = again({ settings: some({}, settings).settings });
      expect(decision).toMatchObject({
        state: 'not-complete',
        needsAttention: true,
        data: { closed, round: 1 },
        record: { closed, down: ['b.example', 'c.example'] },
        promises: [{ payload: { letter: 'not-complete', to: 'stine' } }],
      });
      expect((decision as { writes?: unknown }).writes).toEqual([{ write: 'settle-earlier' }]);
      expect(
        given('ask-again', waiting(), down, '2026-11-21T12:14:59.999Z', {}, { settings: some({}, settings).settings }),
      ).toMatchObject({ refused: true, code: 'not-due' });
    });

    it.each([
      ['without an answer', undefined],
      ['after an N', { seq: '8', answer: 'N' }],
    ] as const)('RX-01 asks nobody where a statute suffices no more, %s', (_when, consent) => {
      expect(again({ consent }, statute)).toMatchObject({
        state: 'running',
        data: { round: 2, basis: { basis: 'consent' } },
        writes: [{ write: 'no-consent', round: 2, partners: ['b.example', 'c.example'] }],
        record: { basis: 'consent', noConsent: ['b.example', 'c.example'] },
      });
    });

    it('RX-01 goes on with the consent where a statute suffices no more, and with the statute as long as it does', () => {
      expect(again({ consent: { seq: '9', answer: 'J' } }, statute)).toMatchObject({
        data: { basis: { basis: 'consent' }, consent: '9' },
        writes: [{ write: 'ask' }],
        record: { basis: 'consent', consent: '9' },
      });
      expect(again({ settings: onStatute, consent: undefined }, statute)).toMatchObject({
        data: { basis: { basis: 'statute', citation: 'lov Y' }, consent: null },
        writes: [{ write: 'ask' }],
      });
    });

    it('RX-01 needs the consent of an order on consent also where a statute would suffice by now', () => {
      expect(again({ settings: onStatute, consent: { seq: '8', answer: 'N' } })).toMatchObject({
        data: { basis: { basis: 'consent' } },
        writes: [{ write: 'no-consent' }],
      });
    });
  });

  it('RX-25 counts a late attempt for the day it was for', () => {
    const late = { ...waiting(), wake: '2026-11-21T22:59:00.000Z' };
    expect(given('ask-again', late, down, '2026-11-21T23:00:30.000Z')).toMatchObject({ data: { retry: { on: '2026-11-21' } } });
  });

  it('RX-26 is not complete when the last day has passed, and says who never answered', () => {
    expect(given('due', waiting(), down, '2026-12-04T22:59:59.999Z')).toMatchObject({ refused: true, code: 'not-due' });
    expect(given('due', waiting(), down, '2026-12-04T23:00:00.000Z')).toMatchObject({
      state: 'not-complete',
      needsAttention: true,
      record: { down: ['b.example', 'c.example'] },
      promises: [{ payload: { letter: 'not-complete' } }],
    });
  });

  it('RX-25 is stopped with a reason, which the audit does not hold, and drops what is open', () => {
    const decision = given(
      'stop',
      anOrder('running'),
      [
        inquiry('a.example', 'fetched', { brought: { ...none, results: 2 } }),
        inquiry('b.example', null),
        inquiry('c.example', 'down'),
      ],
      '2026-11-20T12:16:00.000Z',
      { reason: 'Feil person' },
    );
    expect(decision).toMatchObject({
      state: 'stopped',
      writes: [{ write: 'drop' }],
      needsAttention: false,
      data: { stopped: { by: 'stine', reason: 'Feil person' }, brought: { results: 2 } },
      record: { left: ['b.example', 'c.example'] },
    });
    expect(JSON.stringify((decision as { record?: unknown }).record)).not.toContain('Feil person');
  });
});

describe('extending an order', () => {
  const at = '2026-11-24T09:00:00.000Z';
  const longer = (order: CaseView<ExchangeData>, until: string) =>
    given('extend', order, [], at, { until, reason: 'De er nede lenge' });

  it('RX-25 moves the last day, says from which day and by whom, and tries again in time', () => {
    const order = waiting({ retry: { time: '13:15', zone, on: '2026-11-24', until: '2026-11-24' } });
    expect(longer({ ...order, wake: null }, '2026-12-31')).toMatchObject({
      state: 'waiting',
      wake: '2026-11-25T12:15:00.000Z',
      data: { retry: { until: '2026-12-31', moved: [{ from: '2026-11-24', by: 'stine', movedOn: '2026-11-24' }] } },
      due: { on: '2026-12-31', ends: '2026-12-31T23:00:00.000Z', why: { days: 4, moved: [{ from: '2026-11-24' }] } },
    });
  });

  it('RX-25 is possible while a round runs, which goes on', () => {
    expect(longer(anOrder('running'), '2026-12-31')).toMatchObject({
      state: 'running',
      due: null,
      wake: null,
      data: { round: 1, retry: { until: '2026-12-31' } },
    });
  });

  it('RX-25 is refused for a day that is none, is not later, or lies more than 400 days after the order', () => {
    const no = (until: string) => longer(waiting(), until);
    expect(no('2026-02-30')).toMatchObject({ refused: true, rule: 'RX-25', code: 'not-a-day' });
    expect(no('2026-12-04')).toMatchObject({ refused: true, rule: 'RX-25', code: 'not-later', details: { until: '2026-12-04' } });
    expect(no('2027-12-25')).toMatchObject({ state: 'waiting' });
    expect(no('2027-12-26')).toMatchObject({
      refused: true,
      rule: 'RX-25',
      code: 'retried-too-long',
      details: { latest: '2027-12-25' },
    });
    expect(
      longer(waiting({ retry: { time: '13:15', zone, on: '2026-11-20', until: '2026-11-20' } }), '2026-11-24'),
    ).toMatchObject({ refused: true, code: 'not-later' });
  });
});

describe('who may do what with an order', () => {
  it('RX-10 is a matter of study advisers, in the states the commands are for', () => {
    const other = actor('siri', { role: 'case-worker' });
    for (const command of ['stop', 'extend']) {
      for (const state of ['running', 'waiting']) expect(admit(definition, command, anOrder(state), adviser)).toBeUndefined();
      for (const state of definition.final)
        expect(admit(definition, command, anOrder(state), adviser)).toMatchObject({ rule: 'RX-25', code: 'wrong-state' });
      expect(admit(definition, command, anOrder('running'), other)).toMatchObject({ rule: 'RX-25', code: 'not-yours-to-give' });
    }
    for (const command of ['round-ended', 'ask-again', 'due'])
      expect(admit(definition, command, anOrder('running'), adviser)).toMatchObject({ code: 'not-yours-to-give' });
  });
});
