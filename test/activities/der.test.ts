import { describe, expect, it } from '../spec.js';
import { bitsOf, contentOf, elementsIn, inside, NotDer, soleElement, tags } from '../../activities/der.js';

const bytes = (hex: string) => Buffer.from(hex.replace(/ /g, ''), 'hex');

describe('DER', () => {
  it('is read element by element, short and long ones', () => {
    const long = Buffer.concat([bytes('04 81 80'), Buffer.alloc(128, 7)]);
    const longer = Buffer.concat([bytes('04 82 01 00'), Buffer.alloc(256, 8)]);
    const read = elementsIn(Buffer.concat([bytes('02 01 05 30 00'), long, longer]));
    expect(read.map(({ tag, content }) => [tag, content.length])).toEqual([
      [0x02, 1],
      [0x30, 0],
      [0x04, 128],
      [0x04, 256],
    ]);
    expect(read[2]?.raw.equals(long)).toBe(true);
    expect(inside(soleElement(bytes('30 03 02 01 05')), tags.sequence)[0]?.content).toEqual(bytes('05'));
    expect(elementsIn(Buffer.alloc(0))).toEqual([]);
  });

  it.each([
    ['a length that is left open', `30 80 ${'05 00'.repeat(64)}`],
    ['a length of one byte written with two', '02 81 01 05'],
    ['a length with a leading zero', `04 82 00 80 ${'07'.repeat(128)}`],
    ['a length of more than four bytes', '04 87 01 00 00 00 00 00 00 07'],
    ['more content promised than there is', '02 02 05'],
    ['no length at all', '02'],
    ['a length cut off', '04 82 01'],
    ['a tag of several bytes', '1f 01 00'],
  ])('is not %s', (_what, hex) => {
    expect(() => elementsIn(bytes(hex))).toThrow(NotDer);
  });

  it('is of the kind that has to stand there', () => {
    const [one] = elementsIn(bytes('02 01 05'));
    expect(contentOf(one, tags.integer)).toEqual(bytes('05'));
    expect(() => contentOf(one, tags.octets)).toThrow(NotDer);
    expect(() => contentOf(undefined, tags.octets)).toThrow(NotDer);
    for (const hex of ['', '02 01 05 02 01 06']) expect(() => soleElement(bytes(hex))).toThrow(NotDer);
  });

  it('has bits in whole bytes', () => {
    expect(bitsOf(soleElement(bytes('03 03 00 ab cd')))).toEqual(bytes('ab cd'));
    for (const hex of ['03 02 04 a0', '03 00']) expect(() => bitsOf(soleElement(bytes(hex)))).toThrow(NotDer);
  });
});
