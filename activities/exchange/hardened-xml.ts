import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { unescaped } from '../xml-text.js';

/** An element with its namespace; texts are unescaped and joined. */
export interface Element {
  readonly namespace: string;
  readonly name: string;
  /** By their names as written: `xml:lang`. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** A text is no XML that is read here. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
  constructor(readonly reason: 'too-large' | 'not-utf8' | 'forbidden-markup' | 'too-deep' | 'too-many-elements' | 'not-xml') {
    super(`the XML is not read (${reason})`);
  }
}

/** How much is read: bytes, and elements, which take most of the time. */
export interface Limits {
  readonly bytes: number;
  readonly elements: number;
}

const DEEPEST = 48;
const CDATA = '#cdata';
/** Characters that no XML holds, and some columns do not take. */
// oxlint-disable-next-line no-control-regex
const NO_CHARACTER = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/;
const TAG = /<(\/?)(?:[^"'<>]|"[^"<]*"|'[^'<]*')*?(\/?)>/g;

/**
 * The text of a document from outside, fit to be parsed: UTF-8, no DTD (and so no entities of its own, and nothing outside that
 * it names), no processing instruction, neither deeper nor larger than allowed, well-formed. Throws `Unreadable`.
 */
export function hardened(bytes: Uint8Array, limits: Limits): string {
  if (bytes.byteLength > limits.bytes) throw new Unreadable('too-large');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/^<\?xml [^<>?]*\?>/, '');
  } catch {
    throw new Unreadable('not-utf8');
  }
  const marked = text.replaceAll(/<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>/g, '');
  if (/<[!?]/.test(marked)) throw new Unreadable('forbidden-markup');
  let [depth, elements] = [0, 0];
  for (const [, closes, isEmpty] of marked.matchAll(TAG)) {
    depth += closes ? -1 : isEmpty ? 0 : 1;
    elements += closes ? 0 : 1;
    if (depth > DEEPEST) throw new Unreadable('too-deep');
    if (elements > limits.elements) throw new Unreadable('too-many-elements');
  }
  // Deprecated in favour of another package; the parsers alone take text that is not well-formed.
  // oxlint-disable-next-line typescript/no-deprecated
  if (NO_CHARACTER.test(text) || XMLValidator.validate(text) !== true) throw new Unreadable('not-xml');
  return text;
}

type Parsed = Record<string, unknown> & { readonly ':@'?: Record<string, string> };
type Scope = Readonly<Record<string, string>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  cdataPropName: CDATA,
});

/** What an attribute declares: a prefix, or nothing. */
const declared = (name: string) => (name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice('xmlns:'.length) : undefined);

const elements = (nodes: readonly Parsed[], outer: Scope): Element[] =>
  nodes.flatMap((node) => {
    const tag = Object.keys(node).find((key) => key !== ':@');
    if (tag === undefined || tag === '#text' || tag === CDATA) return [];
    const attributes = Object.fromEntries(Object.entries(node[':@'] ?? {}).map(([name, value]) => [name, unescaped(value)]));
    const own = Object.entries(attributes).flatMap(([name, value]) =>
      declared(name) === undefined ? [] : [[declared(name), value]],
    );
    const scope: Scope = { ...outer, ...Object.fromEntries(own) };
    const [prefix, name] = tag.includes(':') ? [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)] : ['', tag];
    const inner = node[tag] as Parsed[];
    const text = inner
      .map((child) => (typeof child['#text'] === 'string' ? unescaped(child['#text']) : rawIn(child[CDATA])))
      .join('');
    return [{ namespace: scope[prefix] ?? '', name, attributes, children: elements(inner, scope), text }];
  });

/** What stands in a CDATA section means itself. */
const rawIn = (section: unknown): string =>
  Array.isArray(section)
    ? (section as Parsed[]).map((part) => (typeof part['#text'] === 'string' ? part['#text'] : '')).join('')
    : '';

/** The outermost element of a text that `hardened` gave, or that a signature was verified over. Throws `Unreadable`. */
export function rootOf(text: string): Element {
  try {
    const [root, ...others] = elements(parser.parse(text) as Parsed[], {});
    if (root && others.length === 0) return root;
  } catch {
    throw new Unreadable('not-xml');
  }
  throw new Unreadable('not-xml');
}

/** The children with this name in the element's own namespace: what others have added is not seen. */
export const childrenOf = (element: Element, name: string): readonly Element[] =>
  element.children.filter((child) => child.name === name && child.namespace === element.namespace);

/** The first of them. */
export const childOf = (element: Element, name: string): Element | undefined => childrenOf(element, name)[0];

/** A token's text: white space at its ends and in rows counts as one blank. Undefined where nothing is left. */
export const tokenOf = (element: Element | undefined): string | undefined =>
  element?.text.replaceAll(/\s+/g, ' ').trim() || undefined;
