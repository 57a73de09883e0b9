/** An element of DER (X.690): the byte that says what it is, its content, and the whole of it. */
export interface Der {
  readonly tag: number;
  readonly content: Buffer;
  readonly raw: Buffer;
}

/** The kinds of element that certificates and OCSP answers are made of. */
export const tags = {
  integer: 0x02,
  bits: 0x03,
  octets: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  time: 0x18,
  sequence: 0x30,
  choice0: 0xa0,
  choice1: 0xa1,
  choice2: 0xa2,
} as const;

/** Bytes that DER does not allow, or an element of another kind than has to stand there. */
export class NotDer extends Error {
  override readonly name = 'NotDer';
}

/**
 * The elements that stand one after the other and fill `bytes`. Throws `NotDer`, also for what only BER allows: a length left
 * open, or written longer than it has to be.
 */
export function elementsIn(bytes: Buffer): readonly Der[] {
  const found: Der[] = [];
  for (let at = 0; at < bytes.length;) {
    const tag = bytes[at] as number;
    const first = bytes[at + 1] ?? 0x80;
    const extra = first < 0x80 ? 0 : first & 0x7f;
    if ((tag & 0x1f) === 0x1f || first === 0x80 || extra > 4 || at + 2 + extra > bytes.length) throw new NotDer('not DER');
    const length = extra ? bytes.readUIntBE(at + 2, extra) : first;
    const start = at + 2 + extra;
    const end = start + length;
    if ((extra && (length < 0x80 || bytes[at + 2] === 0)) || end > bytes.length) throw new NotDer('not DER');
    found.push({ tag, content: bytes.subarray(start, end), raw: bytes.subarray(at, end) });
    at = end;
  }
  return found;
}

/** The content of an element of that kind. Throws `NotDer` where it is missing or of another. */
export function contentOf(element: Der | undefined, tag: number): Buffer {
  if (element?.tag !== tag) throw new NotDer(`no element ${tag}`);
  return element.content;
}

/** A string of whole bytes. Throws `NotDer` where bits are left over. */
export function bitsOf(element: Der | undefined): Buffer {
  const [unused, ...bytes] = contentOf(element, tags.bits);
  if (unused !== 0) throw new NotDer('bits left over');
  return Buffer.from(bytes);
}

/** The elements inside one of that kind. */
export const inside = (element: Der | undefined, tag: number): readonly Der[] => elementsIn(contentOf(element, tag));

/** The one element that `bytes` are. */
export function soleElement(bytes: Buffer): Der {
  const [one, ...more] = elementsIn(bytes);
  if (!one || more.length > 0) throw new NotDer('not one element');
  return one;
}

/** The object identifier that an `AlgorithmIdentifier` begins with, in hex. */
export const algorithmOf = (element: Der | undefined): string =>
  contentOf(inside(element, tags.sequence)[0], tags.oid).toString('hex');
