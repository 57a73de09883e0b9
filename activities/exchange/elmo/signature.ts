import { SignedXml } from 'xml-crypto';
import { publicKey, type OwnKey } from '../http-signature.js';
import { rootOf, type Element } from '../hardened-xml.js';
import { DSIG } from './vocabulary.js';

const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const ENVELOPED = `${DSIG}enveloped-signature`;
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
const RSA_SHA512 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512';
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const SHA512 = 'http://www.w3.org/2001/04/xmlenc#sha512';

/**
 * Signs a document as a whole: one enveloped signature at its end, RSA with SHA-256. No key goes with it: whoever checks has it
 * from the registry.
 */
export function signed(xml: string, key: OwnKey): string {
  const signer = new SignedXml({
    privateKey: key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: RSA_SHA256,
    canonicalizationAlgorithm: C14N,
    getKeyInfoContent: () => null,
  });
  signer.addReference({ xpath: '/*', isEmptyUri: true, transforms: [ENVELOPED, C14N], digestAlgorithm: SHA256 });
  signer.computeSignature(xml, { location: { reference: '/*', action: 'append' } });
  return signer.getSignedXml();
}

/** A document is not signed by an institution in the way that is accepted. */
export class SignatureRefused extends Error {
  override readonly name = 'SignatureRefused';
  constructor(
    readonly reason: 'not-signed' | 'unexpected-structure' | 'unexpected-references' | 'weak-algorithm' | 'wrong-signature',
  ) {
    super(`the signature of a document is not accepted (${reason})`);
  }
}

const demand = (holds: boolean, reason: SignatureRefused['reason']): void => {
  if (!holds) throw new SignatureRefused(reason);
};

const isSignature = ({ namespace, name }: Element) => namespace === DSIG && name === 'Signature';
const signaturesIn = (element: Element): number =>
  (isSignature(element) ? 1 : 0) + element.children.reduce((sum, child) => sum + signaturesIn(child), 0);

const algorithm = (element: Element | undefined, name: string): string | undefined =>
  element?.name === name && element.namespace === DSIG ? element.attributes['Algorithm'] : undefined;
const within = (value: string | undefined, allowed: readonly string[]): boolean => value !== undefined && allowed.includes(value);

/**
 * The form of the signature before any cryptography: one, at the end of the document, over the whole of it, with nothing cut out
 * but itself.
 */
function inspect(root: Element): void {
  const signature = root.children.at(-1);
  if (!signature || signaturesIn(root) === 0) throw new SignatureRefused('not-signed');
  demand(isSignature(signature) && signaturesIn(root) === 1, 'unexpected-structure');
  const names = signature.children.map(({ namespace, name }) => (namespace === DSIG ? name : '?')).join(' ');
  demand(/^SignedInfo SignatureValue(?: KeyInfo)?$/.test(names), 'unexpected-structure');
  const [canonicalization, method, reference, ...others] = signature.children[0]?.children ?? [];
  demand(
    algorithm(canonicalization, 'CanonicalizationMethod') !== undefined && algorithm(method, 'SignatureMethod') !== undefined,
    'unexpected-structure',
  );
  demand(
    reference?.name === 'Reference' && reference.namespace === DSIG && others.length === 0 && reference.attributes['URI'] === '',
    'unexpected-references',
  );
  demand(
    within(algorithm(canonicalization, 'CanonicalizationMethod'), [C14N, EXCLUSIVE]) &&
      within(algorithm(method, 'SignatureMethod'), [RSA_SHA256, RSA_SHA512]),
    'weak-algorithm',
  );
  const [transforms, digest, value, ...rest] = reference?.children ?? [];
  demand(transforms?.name === 'Transforms' && value?.name === 'DigestValue' && rest.length === 0, 'unexpected-structure');
  demand(within(algorithm(digest, 'DigestMethod'), [SHA256, SHA512]), 'weak-algorithm');
  const [first, second, ...more] = transforms?.children ?? [];
  demand(algorithm(first, 'Transform') === ENVELOPED && more.length === 0, 'weak-algorithm');
  demand(second === undefined || within(algorithm(second, 'Transform'), [C14N, EXCLUSIVE]), 'weak-algorithm');
  const bare = [canonicalization, method, digest, first, second].every((one) => one === undefined || one.children.length === 0);
  demand(bare, 'weak-algorithm');
}

/** The signature as it stands in the text. It has to declare its namespace itself, as all known signers have it. */
function sliceOf(text: string): string {
  const starts = [...text.matchAll(/<((?:[\w.-]+:)?Signature)(?=[\s>])/g)];
  const [start, ...others] = starts;
  if (!start || others.length > 0) throw new SignatureRefused('unexpected-structure');
  const end = new RegExp(`</${start[1]?.replaceAll('.', '\\.')}\\s*>`).exec(text.slice(start.index));
  if (!end) throw new SignatureRefused('unexpected-structure');
  const slice = text.slice(start.index, start.index + end.index + end[0].length);
  demand(isSignature(rootOf(slice)), 'unexpected-structure');
  return slice;
}

/**
 * The canonical text that one of `keys` (PEM, from the registry) has signed; nothing else of the document is read from here on.
 * Keys and certificates inside the document are not looked at. `text` is what `hardened` gave. Throws `SignatureRefused`, and
 * `Unreadable` for what is no XML.
 */
export function signedText(text: string, keys: readonly string[]): string {
  inspect(rootOf(text));
  const slice = sliceOf(text);
  for (const key of keys) {
    const checker = new SignedXml({ publicCert: publicKey(key), getCertFromKeyInfo: () => null });
    let holds = false;
    try {
      checker.loadSignature(slice);
      holds = checker.checkSignature(text);
    } catch {
      holds = false;
    }
    if (!holds) continue;
    const [reference, ...others] = checker.getReferences();
    const asInspected =
      within(checker.signatureAlgorithm, [RSA_SHA256, RSA_SHA512]) &&
      others.length === 0 &&
      within(reference?.digestAlgorithm, [SHA256, SHA512]) &&
      (reference?.transforms ?? []).every((one) => within(one, [ENVELOPED, C14N, EXCLUSIVE]));
    const [canonical, ...more] = checker.getSignedReferences();
    if (!asInspected || canonical === undefined || more.length > 0) throw new SignatureRefused('unexpected-references');
    return canonical;
  }
  throw new SignatureRefused('wrong-signature');
}
