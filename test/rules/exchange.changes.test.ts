import fc from 'fast-check';
import { describe, expect, it } from '../spec.js';
import { changesBetween, type Held } from '../../workflows/exchange/changes.js';

const scheme = 'A-F; A to E pass, F fail.';
const held = (key: string, fields: Record<string, string | null> = {}, withdrawnOn: string | null = null): Held => ({
  key,
  withdrawnOn,
  fields: { code: 'RES-100', result: 'C', gradingScheme: scheme, passedOn: '2025-06-01', ...fields },
});
const TODAY = '2026-11-27';

describe('what a fetch changes', () => {
  it('RX-24 says nothing where all is as before', () => {
    expect(changesBetween([held('a'), held('b')], [held('b'), held('a')], TODAY)).toEqual([]);
  });

  it('RX-24 says what is new, with every field it has', () => {
    expect(changesBetween([held('a')], [held('a'), held('b', { passedOn: null })], TODAY)).toEqual([
      {
        key: 'b',
        change: 'new',
        fields: {
          code: { from: null, to: 'RES-100' },
          result: { from: null, to: 'C' },
          gradingScheme: { from: null, to: scheme },
        },
      },
    ]);
  });

  it('RX-24 says that a grade improved, with the day that came with it', () => {
    expect(changesBetween([held('a')], [held('a', { result: 'B', passedOn: '2026-06-01' })], TODAY)).toEqual([
      {
        key: 'a',
        change: 'improved',
        fields: { passedOn: { from: '2025-06-01', to: '2026-06-01' }, result: { from: 'C', to: 'B' } },
      },
    ]);
  });

  it.each([
    ['a worse grade', { result: 'D' }],
    ['a grade without order', { result: 'Bestått' }],
    ['a failed one', { result: 'F' }],
    ['no grade', { result: null }],
    ['another name', { code: 'RES-101' }],
    ['a better grade on another scale', { result: 'A', gradingScheme: 'A-E of another place' }],
    ['several letters', { result: 'AB' }],
    ['an empty text', { result: '' }],
  ])('RX-24 says that %s was corrected', (_name, fields) => {
    expect(changesBetween([held('a')], [held('a', fields)], TODAY).map(({ change }) => change)).toEqual(['corrected']);
  });

  it('RX-24 says that passed instead of a letter has no order', () => {
    expect(
      changesBetween([held('a', { result: 'Bestått' })], [held('a', { result: 'A' })], TODAY).map(({ change }) => change),
    ).toEqual(['corrected']);
  });

  it('RX-24 says what is gone once, with the day, and after the rest', () => {
    expect(changesBetween([held('a'), held('b'), held('old', {}, '2026-01-01')], [held('b', { result: 'A' })], TODAY)).toEqual([
      { key: 'b', change: 'improved', fields: { result: { from: 'C', to: 'A' } } },
      { key: 'a', change: 'withdrawn', fields: { withdrawnOn: { from: null, to: TODAY } } },
    ]);
  });

  it('RX-24 says that what was withdrawn and is there again was corrected, however good it is', () => {
    expect(changesBetween([held('a', {}, '2026-01-01')], [held('a', { result: 'A' })], TODAY)).toEqual([
      {
        key: 'a',
        change: 'corrected',
        fields: { result: { from: 'C', to: 'A' }, withdrawnOn: { from: '2026-01-01', to: null } },
      },
    ]);
  });

  it('RX-24 says of every result at most one thing, and of none what is the same', () => {
    const some = fc.uniqueArray(
      fc.record({
        key: fc.constantFrom('a', 'b', 'c', 'd'),
        result: fc.constantFrom('A', 'B', 'F', null),
        withdrawn: fc.boolean(),
      }),
      { selector: ({ key }) => key },
    );
    fc.assert(
      fc.property(some, some, (before, after) => {
        const old = before.map(({ key, result, withdrawn }) => held(key, { result }, withdrawn ? '2026-01-01' : null));
        const changes = changesBetween(
          old,
          after.map(({ key, result }) => held(key, { result })),
          TODAY,
        );
        const same: string[] = after
          .filter(({ key, result }) => before.some((one) => one.key === key && one.result === result && !one.withdrawn))
          .map(({ key }) => key);
        const told = changes.map(({ key }) => key);
        expect(new Set(told).size).toBe(told.length);
        expect(told.filter((key) => same.includes(key))).toEqual([]);
        expect(told.length).toBe(
          after.length -
            same.length +
            before.filter(({ key, withdrawn }) => !withdrawn && !after.some((one) => one.key === key)).length,
        );
      }),
    );
  });
});
