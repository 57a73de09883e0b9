import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { checkDigits, mistyped } from '../../workflows/rules/control-number.js';

const eight = fc.stringMatching(/^\d{8}$/);
const whole = eight.map((digits) => digits + checkDigits(digits));
const place = fc.integer({ min: 0, max: 9 });

describe('the check digits of a control number', () => {
  it('RL-45 accepts every number that was printed', () => {
    fc.assert(fc.property(whole, (number) => /^\d{10}$/.test(number) && !mistyped(number)));
  });

  it('RL-45 finds every single wrong digit, in the number and in its check digits', () => {
    fc.assert(
      fc.property(whole, place, place, (number, at, digit) => {
        fc.pre(number[at] !== String(digit));
        return mistyped(number.slice(0, at) + digit + number.slice(at + 1));
      }),
      { numRuns: 2_000 },
    );
  });

  it('RL-45 finds every two neighbours that changed places', () => {
    fc.assert(
      fc.property(whole, fc.integer({ min: 0, max: 8 }), (number, at) => {
        fc.pre(number[at] !== number[at + 1]);
        return mistyped(number.slice(0, at) + number[at + 1] + number[at] + number.slice(at + 2));
      }),
      { numRuns: 2_000 },
    );
  });

  it('RL-45 finds a digit that is missing or too many', () => {
    fc.assert(
      fc.property(whole, place, (number, at) => mistyped(number.slice(0, at) + number.slice(at + 1)) && mistyped(number + at)),
    );
  });

  it.each([
    ['00000000', '98'],
    ['12345678', '89'],
    ['99999999', '52'],
  ])('RL-45 knows the check digits of %s', (digits, expected) => {
    const remainder = Number(BigInt(digits + expected) % 97n);
    expect(remainder).toBe(1);
    expect(checkDigits(digits)).toBe(expected);
  });
});
