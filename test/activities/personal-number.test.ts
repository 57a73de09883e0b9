import { describe, expect, it } from '../spec.js';
import fc from 'fast-check';
import { swedishPersonNumber } from '../../activities/personal-number.js';
import { staff, students, withCheckDigit } from '../simulators/sample.js';

const today = new Date('2026-03-15T12:00:00Z');
const read = (text: string, testNumbers = true) => swedishPersonNumber(text, { testNumbers, today });

describe('Swedish person numbers', () => {
  it.each([
    ['19900101-2385', '199001012385'],
    ['199001012385', '199001012385'],
    ['900101-2385', '199001012385'],
    ['9001012385', '199001012385'],
    [' 19900101-2385 ', '199001012385'],
    ['121212+1212', '191212121212'],
    ['19121212+1212', '191212121212'],
    ['19121212-1212', '191212121212'],
    ['640823-3234', '196408233234'],
  ])('reads %s as a personnummer of twelve digits', (text, digits) => {
    expect(read(text)).toEqual({ kind: 'personnummer', digits });
  });

  it('reads a day above 60 as a samordningsnummer', () => {
    expect(read('19900161-2382')).toEqual({ kind: 'samordningsnummer', digits: '199001612382' });
    expect(read('900161-2382')).toEqual({ kind: 'samordningsnummer', digits: '199001612382' });
  });

  it('reads a letter in the last four as an interim number', () => {
    expect(read('19900101-T220')).toEqual({ kind: 'interim', digits: '19900101T220' });
    expect(read('900101p123')).toEqual({ kind: 'interim', digits: '19900101P123' });
  });

  it.each([
    ['a wrong check digit', '19900101-2384'],
    ['a wrong check digit of a samordningsnummer', '19900161-2383'],
    ['a day that does not exist', withCheckDigit('20250230238')],
    ['month 13', withCheckDigit('19901301238')],
    ['day 92', withCheckDigit('19900192238')],
    ['serial 000', withCheckDigit('19900101000')],
    ['a plus for somebody below 100', '19900101+2385'],
    ['two letters', '19900101-TT20'],
    ['a letter in a samordningsnummer', '19900161-T220'],
    ['a letter too many', '19900101-T2385'],
    ['a digit too few', '19900101-238'],
    ['a digit too many', '19900101-23855'],
    ['another century', withCheckDigit('17900101238')],
    ['nothing', ''],
    ['zeros', '000000000000'],
    ['digits of another script', '١٩٩٠٠١٠١٢٣٨٥'],
    ['a second line', '199001012385\n1'],
  ])('refuses %s', (_what, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('refuses a day that has not come yet', () => {
    const valid = withCheckDigit('20260401238');
    expect(swedishPersonNumber(valid, { testNumbers: true, today })).toBeUndefined();
    const later = new Date('2026-04-02T00:00:00Z');
    expect(swedishPersonNumber(valid, { testNumbers: true, today: later })).toEqual({ kind: 'personnummer', digits: valid });
  });

  it('takes the century from the sign', () => {
    const four = withCheckDigit('20250101238').slice(8);
    expect(read(`250101-${four}`)?.digits).toBe(`20250101${four}`);
    expect(read(`250101+${four}`)?.digits).toBe(`19250101${four}`);
  });

  it('refuses numbers of test persons where they are not wanted, and no real one', () => {
    expect(read('19900101-2385', false)).toBeUndefined();
    expect(read('18900101-9802', true)).toEqual({ kind: 'personnummer', digits: '189001019802' });
    expect(read('18900101-9802', false)).toBeUndefined();
    expect(read('19640823-3234', false)?.digits).toBe('196408233234');
    expect(read(staff[1]?.personNumber ?? '', false)?.kind).toBe('personnummer');
  });

  it('reads everybody of the sample world', () => {
    for (const { personNumber } of [...staff, ...students])
      expect(read(personNumber)).toEqual({ kind: 'personnummer', digits: personNumber });
  });

  it('refuses every number with one digit changed in its last ten', () => {
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 11 }), fc.integer({ min: 1, max: 9 }), (place, shift) => {
        const digits = [...'199001012385'];
        digits[place] = String((Number(digits[place]) + shift) % 10);
        expect(read(digits.join(''))).toBeUndefined();
      }),
    );
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => void read(text)));
  });
});
