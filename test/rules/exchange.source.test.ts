import { describe, expect, it } from '../spec.js';
import { firstNo } from '../../workflows/exchange/asking.js';
import {
  answersTo,
  handedOver,
  takesThePlaceOf,
  type Asked,
  type OwnResult,
  type Standing,
} from '../../workflows/exchange/source.js';

const TODAY = '2026-11-27';
const standing: Standing = { active: true, reserved: false, wantsOwnConsent: false };
const course: OwnResult = { kind: 'assessment', passed: true, withdrawn: false, reportedWrong: false, diplomaOn: null };
const degree = (diplomaOn: string | null): OwnResult => ({ ...course, kind: 'qualification', diplomaOn });
const asked: Asked = {
  basis: 'consent',
  consent: { answer: 'J', on: '2026-11-01' },
  ownConsent: null,
  known: true,
  results: [course],
  today: TODAY,
};
const outcome = (more: Partial<Asked> = {}, how: Partial<Standing> = {}) =>
  firstNo(answersTo({ ...standing, ...how }, { ...asked, ...more }));
const nothing = { known: false, hasPassedResults: false, degreesHeldBack: 0 };

describe('what we answer as a source', () => {
  it('RX-12 fetches on three yes answers', () => {
    const answered = answersTo(standing, asked);
    expect(answered).toEqual({
      shares: true,
      reserved: false,
      consent: true,
      known: true,
      hasPassedResults: true,
      degreesHeldBack: 0,
    });
    expect(firstNo(answered)).toBeUndefined();
  });

  it('RX-02 shares nothing, and tells nothing, where the module is not active', () => {
    expect(answersTo({ ...standing, active: false }, asked)).toEqual({
      shares: false,
      reserved: false,
      consent: false,
      ...nothing,
    });
    expect(outcome({}, { active: false })).toBe('not-sharing');
  });

  it('RX-03 shares nothing, and tells nothing, where we have reserved ourselves', () => {
    const answered = answersTo({ ...standing, reserved: true }, asked);
    expect(answered).toEqual({ shares: true, reserved: true, consent: false, ...nothing });
    expect(outcome({}, { reserved: true })).toBe('reserved');
  });

  it.each([
    ['none', null],
    ['a no', { answer: 'N', on: '2026-11-01' }],
  ])(
    'RX-11 shares nothing, and does not tell whether it knows the person, where the consent to who asks is %s',
    (_what, consent) => {
      expect(answersTo(standing, { ...asked, consent })).toEqual({ shares: true, reserved: false, consent: false, ...nothing });
      expect(outcome({ consent })).toBe('no-consent');
    },
  );

  it('RX-01 needs no consent where the basis is a statute', () => {
    expect(outcome({ basis: 'statute', consent: null })).toBeUndefined();
  });

  it.each([
    ['J', undefined],
    ['N', 'no-consent'],
    [null, 'no-consent'],
  ] as const)('RX-11 wants a consent of its own where that is set, also beside a statute: %s', (ownConsent, becomes) => {
    expect(outcome({ ownConsent }, { wantsOwnConsent: true })).toBe(becomes);
    expect(outcome({ ownConsent, basis: 'statute', consent: null }, { wantsOwnConsent: true })).toBe(becomes);
  });

  it.each([
    ['unknown', { known: false, results: [] }],
    ['nothing-passed', { results: [] }],
    ['nothing-passed', { results: [{ ...course, passed: false }] }],
    ['nothing-passed', { results: [{ ...course, withdrawn: true }] }],
  ] as const)('RX-13 ends with %s without passed results', (becomes, more) => {
    expect(outcome(more as Partial<Asked>)).toBe(becomes);
  });

  it.each([
    ['2026-11-26', true],
    ['2026-11-27', false],
    ['2026-11-28', false],
    [null, false],
  ] as const)('RX-27 shares a degree whose diploma date is %s on the 27th: %s', (diplomaOn, shared) => {
    expect(handedOver(degree(diplomaOn), TODAY)).toBe(shared);
    expect(answersTo(standing, { ...asked, results: [degree(diplomaOn)] })).toMatchObject({
      hasPassedResults: shared,
      degreesHeldBack: shared ? 0 : 1,
    });
  });

  it('RX-13 shares no result whose wrong grade is not put right, and does not say that there is one', () => {
    const wrong = { ...course, reportedWrong: true };
    expect([handedOver(wrong, TODAY), handedOver(course, TODAY)]).toEqual([false, true]);
    expect(outcome({ results: [wrong] })).toBe('nothing-passed');
    expect(answersTo(standing, { ...asked, results: [wrong, course] })).toMatchObject({
      hasPassedResults: true,
      degreesHeldBack: 0,
    });
  });

  it('RX-27 counts no degree as held back that was withdrawn or is not achieved', () => {
    expect(
      answersTo(standing, {
        ...asked,
        results: [course, { ...degree(null), withdrawn: true }, { ...degree(null), passed: false }],
      }),
    ).toMatchObject({ hasPassedResults: true, degreesHeldBack: 0 });
  });

  it.each([
    ['C', true, 'B', true, true],
    ['C', true, 'C', true, true],
    ['B', true, 'C', true, false],
    ['E', true, 'F', false, false],
    ['F', false, 'E', true, true],
    ['F', false, 'F', false, true],
    ['G', true, 'VG', true, true],
    ['G', true, 'U', false, false],
  ] as const)(
    'RX-13 lets the best result count: %s (passed: %s), then %s (passed: %s): %s',
    (result, passed, later, laterPassed, takes) => {
      expect(
        takesThePlaceOf({ result, passed, withdrawn: false }, { result: later, passed: laterPassed, withdrawn: false }),
      ).toBe(takes);
      expect(takesThePlaceOf({ result, passed, withdrawn: true }, { result: later, passed: laterPassed, withdrawn: false })).toBe(
        true,
      );
    },
  );
});
