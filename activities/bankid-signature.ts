import { X509Certificate } from 'node:crypto';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { SignedXml } from 'xml-crypto';
import { faultOf, issued } from './certificates.js';

/** Why a signature is not accepted. None of these names a person. */
export type Reason =
  | 'too-large'
  | 'not-base64'
  | 'not-xml'
  | 'forbidden-markup'
  | 'unexpected-structure'
  | 'unexpected-references'
  | 'weak-algorithm'
  | 'wrong-signature'
  | 'unusable-certificate'
  | 'untrusted-chain'
  | 'outside-validity'
  | 'not-a-signing';

/** Who signed, and the two texts that were signed, decoded from base64. */
export interface SignedContent {
  /** Twelve digits. */
  readonly personNumber: string;
  readonly visibleText: string;
  /** Empty when there was none. */
  readonly nonVisible: string;
}

/** `certificateChain` is PEM, the signer's certificate first and the trusted root last. */
export type Verdict =
  | ({ readonly valid: true; readonly certificateChain: readonly string[] } & SignedContent)
  | { readonly valid: false; readonly reason: Reason };

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

/** At least one; the signer's own comes first. */
type Certificates = readonly [X509Certificate, ...X509Certificate[]];

class Unacceptable extends Error {
  constructor(readonly reason: Reason) {
    super(reason);
  }
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const TYPES = 'http://www.bankid.com/signature/v1.0.0/types';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
/** In characters: both data fields at their largest (40 000 and 200 000), certificates, and base64 around it all. */
const LARGEST_SIGNATURE = 512 * 1024;
const LONGEST_CHAIN = 5;

const demand = (holds: boolean, reason: Reason): void => {
  if (!holds) throw new Unacceptable(reason);
};
const only = <T>(list: readonly T[], reason: Reason): T => {
  const [one] = list;
  if (list.length !== 1 || one === undefined) throw new Unacceptable(reason);
  return one;
};

/** Strict base64, save for line breaks: a Java signer writes its carriage returns as character references. */
function bytesOf(base64: string, reason: Reason): Buffer {
  const packed = base64.replace(/&#(?:13|xD);|\s/g, '');
  demand(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(packed), reason);
  return Buffer.from(packed, 'base64');
}

function utf8(bytes: Buffer, reason: Reason): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Unacceptable(reason);
  }
}

type Parsed = Record<string, unknown> & { readonly ':@'?: Record<string, string> };
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
});

const elements = (nodes: readonly Parsed[]): Element[] =>
  nodes.flatMap((node) => {
    const name = Object.keys(node).find((key) => key !== ':@');
    if (name === undefined || name === '#text') return [];
    const inner = node[name] as Parsed[];
    const text = inner.map((child) => (typeof child['#text'] === 'string' ? child['#text'] : '')).join('');
    return [{ name, attributes: node[':@'] ?? {}, children: elements(inner), text }];
  });

function rootOf(xml: string): Element {
  // Deprecated in favour of another package; the parser alone takes text that is not well-formed.
  // oxlint-disable-next-line typescript/no-deprecated
  demand(XMLValidator.validate(xml) === true, 'not-xml');
  return only(elements(parser.parse(xml) as Parsed[]), 'not-xml');
}

const child = (element: Element, name: string) =>
  only(
    element.children.filter((one) => one.name === name),
    'unexpected-structure',
  );
const isMadeOf = (element: Element, ...names: string[]) =>
  element.children.length === names.length && element.children.every(({ name }, place) => name === names[place]);

/**
 * The outer form, before any cryptography: nothing but what BankID writes. Names are compared as written, so an element
 * with a prefix is not taken for one without.
 */
function inspect(signature: Element): void {
  demand(signature.name === 'Signature' && signature.attributes.xmlns === DSIG, 'unexpected-structure');
  const [canonicalization, method, ...references] = child(signature, 'SignedInfo').children;
  demand(canonicalization?.name === 'CanonicalizationMethod' && method?.name === 'SignatureMethod', 'unexpected-structure');
  demand(canonicalization?.attributes.Algorithm === C14N && method?.attributes.Algorithm === RSA_SHA256, 'weak-algorithm');
  const uris = references.map(({ name, attributes }) => `${name} ${attributes.URI}`).sort();
  demand(uris.join() === 'Reference #bidKeyInfo,Reference #bidSignedData', 'unexpected-references');
  for (const reference of references) {
    const transforms = reference.children.length === 3 ? child(reference, 'Transforms').children : [];
    const names = [...(reference.children.length === 3 ? ['Transforms'] : []), 'DigestMethod', 'DigestValue'];
    demand(isMadeOf(reference, ...names) && transforms.length <= 1, 'unexpected-structure');
    demand(child(reference, 'DigestMethod').attributes.Algorithm === SHA256, 'weak-algorithm');
    demand(
      transforms.every((one) => one.attributes.Algorithm === C14N && one.children.length === 0),
      'weak-algorithm',
    );
  }
  demand(isMadeOf(signature, 'SignedInfo', 'SignatureValue', 'KeyInfo', 'Object'), 'unexpected-structure');
  demand(isMadeOf(child(signature, 'Object'), 'bankIdSignedData'), 'unexpected-structure');
  const ids = [child(signature, 'KeyInfo').attributes.Id, child(child(signature, 'Object'), 'bankIdSignedData').attributes.Id];
  demand(ids.join() === 'bidKeyInfo,bidSignedData', 'unexpected-structure');
}

function certificatesOf(keyInfo: Element): Certificates {
  const texts = keyInfo.children
    .flatMap(({ name, children }) => (name === 'X509Data' ? children : []))
    .filter(({ name }) => name === 'X509Certificate');
  demand(texts.length >= 1 && texts.length <= LONGEST_CHAIN, 'unusable-certificate');
  try {
    return texts.map(({ text }) => new X509Certificate(bytesOf(text, 'unusable-certificate'))) as unknown as Certificates;
  } catch {
    throw new Unacceptable('unusable-certificate');
  }
}

/** The canonical text of the two elements whose digests were verified: from here on nothing else of the document is read. */
function signedElements(xml: string, signer: X509Certificate): { readonly keyInfo: Element; readonly data: Element } {
  const checker = new SignedXml({ publicCert: signer.publicKey, getCertFromKeyInfo: () => null });
  let holds = false;
  try {
    checker.loadSignature(xml);
    holds = checker.checkSignature(xml);
  } catch {
    holds = false;
  }
  demand(holds, 'wrong-signature');
  const asInspected =
    checker.signatureAlgorithm === RSA_SHA256 &&
    checker.canonicalizationAlgorithm === C14N &&
    checker.getReferences().every(({ digestAlgorithm, transforms }) => digestAlgorithm === SHA256 && transforms.join() === C14N);
  demand(asInspected, 'weak-algorithm');
  const signed = checker.getSignedReferences().map(rootOf);
  const the = (name: string, xmlns: string, id: string) => {
    const fitting = signed.filter((one) => one.name === name && one.attributes.xmlns === xmlns && one.attributes.Id === id);
    return only(fitting, 'unexpected-references');
  };
  demand(signed.length === 2, 'unexpected-references');
  return { keyInfo: the('KeyInfo', DSIG, 'bidKeyInfo'), data: the('bankIdSignedData', TYPES, 'bidSignedData') };
}

function chainOf({
  certificates,
  roots,
  at,
}: {
  readonly certificates: Certificates;
  readonly roots: readonly X509Certificate[];
  readonly at: Date;
}): readonly X509Certificate[] {
  const [signer, ...others] = certificates;
  const chain = [signer];
  for (let last = signer; !roots.includes(last);) {
    const next = roots.find((root) => issued(root, last)) ?? others.find((one) => !chain.includes(one) && issued(one, last));
    if (!next) throw new Unacceptable('untrusted-chain');
    chain.push((last = next));
  }
  for (const certificate of chain) {
    const fault = faultOf(certificate, { at, trusted: certificate === chain.at(-1) });
    if (fault) throw new Unacceptable(fault);
  }
  return chain;
}

function personOf(certificate: X509Certificate): string {
  demand(!certificate.ca, 'unusable-certificate');
  const numbers = certificate.subject.split('\n').filter((line) => line.startsWith('serialNumber='));
  const number = only(numbers, 'unusable-certificate').slice('serialNumber='.length);
  demand(/^\d{12}$/.test(number), 'unusable-certificate');
  return number;
}

function contentOf(data: Element): Omit<SignedContent, 'personNumber'> {
  const client = data.children.filter(({ name }) => name === 'clientInfo').flatMap(({ children }) => children);
  demand(
    only(
      client.filter(({ name }) => name === 'funcId'),
      'unexpected-structure',
    ).text === 'Signing',
    'not-a-signing',
  );
  const visible = child(data, 'usrVisibleData');
  const hidden = data.children.filter(({ name }) => name === 'usrNonVisibleData');
  demand(visible.attributes.charset === 'UTF-8' && hidden.length <= 1, 'unexpected-structure');
  const read = ({ text, children }: Element) => {
    demand(children.length === 0, 'unexpected-structure');
    return utf8(bytesOf(text, 'unexpected-structure'), 'unexpected-structure');
  };
  return { visibleText: read(visible), nonVisible: hidden.map(read).join('') };
}

function verified(signature: string, roots: readonly X509Certificate[], at: Date): Verdict {
  demand(signature.length <= LARGEST_SIGNATURE, 'too-large');
  const xml = utf8(bytesOf(signature, 'not-base64'), 'not-xml');
  demand(!/<[!?]/.test(xml.replace(/^<\?xml [^<>?]*\?>/, '')), 'forbidden-markup');
  const document = rootOf(xml);
  inspect(document);
  const [claimed] = certificatesOf(child(document, 'KeyInfo'));
  demand(claimed.publicKey.asymmetricKeyType === 'rsa', 'weak-algorithm');
  const { keyInfo, data } = signedElements(xml, claimed);
  const certificates = certificatesOf(keyInfo);
  demand(certificates[0].raw.equals(claimed.raw), 'wrong-signature');
  const certificateChain = chainOf({ certificates, roots, at }).map(String);
  return { valid: true, personNumber: personOf(certificates[0]), ...contentOf(data), certificateChain };
}

/**
 * Checks a signature as BankID returns it (base64 of an XMLDSig, RP API 6.0 `completionData.signature`; RL-40, RL-41): exactly
 * two references, SHA-256 with RSA only, a chain to one of `roots` that is valid at `at`. Who signed and what was signed are read
 * from the verified elements alone. Whether the certificate was revoked is `judgeOcsp`'s to say. Throws only when `roots` are not
 * certificates.
 */
export function verifySignature({
  signature,
  roots,
  at,
}: {
  readonly signature: string;
  readonly roots: readonly string[];
  readonly at: Date;
}): Verdict {
  const trusted = roots.map((pem) => new X509Certificate(pem));
  try {
    return verified(signature, trusted, at);
  } catch (failure) {
    return { valid: false, reason: failure instanceof Unacceptable ? failure.reason : 'not-xml' };
  }
}

/**
 * Whether what was signed is what was ordered (RL-41: only one's own BankID counts). `completion` is what `verifySignature` read
 * from the signature; the person BankID names beside the signature is the caller's to compare.
 */
export function compareSigned({
  ordered,
  completion,
}: {
  readonly ordered: SignedContent;
  readonly completion: SignedContent;
}): 'same' | 'other-person' | 'other-text' | 'other-content' {
  if (completion.personNumber !== ordered.personNumber) return 'other-person';
  if (completion.visibleText !== ordered.visibleText) return 'other-text';
  return completion.nonVisible === ordered.nonVisible ? 'same' : 'other-content';
}
