import { createHash, verify, X509Certificate } from 'node:crypto';
import { faultOf, issued, partsOf, soundSignatures } from './certificates.js';
import { algorithmOf, bitsOf, contentOf, elementsIn, inside, soleElement, tags, type Der } from './der.js';

/**
 * Why a certificate is not known to be good. `revoked` and `unknown` are the responder's words; with any other nothing it says is
 * believed.
 */
export type Doubt =
  | 'malformed'
  | 'not-successful'
  | 'untrusted-responder'
  | 'weak-algorithm'
  | 'wrong-signature'
  | 'other-certificate'
  | 'out-of-time'
  | 'other-signature'
  | 'revoked'
  | 'unknown';

/** What was asked, and of whom. */
interface Question {
  /** BankID's `completionData`, both as they came: base64. */
  readonly ocspResponse: string;
  readonly signature: string;
  /** PEM, the signer's certificate first, as `verifySignature` proved it. */
  readonly certificateChain: readonly string[];
  /** When the signature was ordered, and when it is judged. */
  readonly ordered: Date;
  readonly at: Date;
}

class Doubtful extends Error {
  constructor(readonly reason: Doubt) {
    super(reason);
  }
}

const BASIC = '2b0601050507300101';
const NONCE = '2b0601050507300102';
const NULL = Buffer.of(5, 0);
const OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const idHashes: ReadonlyMap<string, string> = new Map([
  ['2b0e03021a', 'sha1'],
  ['608648016503040201', 'sha256'],
  ['608648016503040202', 'sha384'],
  ['608648016503040203', 'sha512'],
]);
const standings: ReadonlyMap<number, 'good' | 'revoked' | 'unknown'> = new Map([
  [0x80, 'good'],
  [0xa1, 'revoked'],
  [0x82, 'unknown'],
]);
/** How far BankID's clock and ours may be apart. */
const CLOCKS_APART_MS = 5 * 60_000;
/** SHA-1 of the signature, and twelve random bytes. */
const NONCE_BYTES = 32;

const demand = (holds: boolean, reason: Doubt): void => {
  if (!holds) throw new Doubtful(reason);
};
const digest = (hash: string, bytes: Buffer | string) => createHash(hash).update(bytes).digest();

function derOf(base64: string): Buffer {
  const der = Buffer.from(base64, 'base64');
  demand(der.toString('base64') === base64, 'malformed');
  return der;
}

function instant(element: Der | undefined): Date {
  const text = contentOf(element, tags.time).toString('latin1');
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.\d+)?Z$/.exec(text) ?? [];
  const read = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  demand(!Number.isNaN(read.getTime()), 'malformed');
  return read;
}

/** A successful basic answer (RFC 6960, 4.2.1), taken apart; nothing in it is believed yet. */
function opened(der: Buffer) {
  const [status, holder] = inside(soleElement(der), tags.sequence);
  demand(contentOf(status, tags.enumerated).equals(Buffer.of(0)), 'not-successful');
  const [kind, basic] = inside(inside(holder, tags.choice0)[0], tags.sequence);
  demand(contentOf(kind, tags.oid).toString('hex') === BASIC, 'malformed');
  const [signed, algorithm, signature, enclosed] = inside(soleElement(contentOf(basic, tags.octets)), tags.sequence);
  const [, parameters] = inside(algorithm, tags.sequence);
  demand(parameters === undefined || parameters.raw.equals(NULL), 'malformed');
  const [responder, producedAt, answers, extensions] = inside(signed, tags.sequence);
  return {
    signed: signed?.raw ?? der,
    algorithm: algorithmOf(algorithm),
    signature: bitsOf(signature),
    certificates: enclosed
      ? inside(inside(enclosed, tags.choice0)[0], tags.sequence).map(({ raw }) => new X509Certificate(raw))
      : [],
    responder,
    producedAt: instant(producedAt),
    answers: inside(answers, tags.sequence).map(({ content }) => elementsIn(content)),
    extensions: extensionsIn(extensions),
  };
}

/** Values by object identifier. One that has to be understood and is not makes the answer unreadable. */
function extensionsIn(element: Der | undefined): ReadonlyMap<string, Buffer> {
  const list = element ? inside(inside(element, tags.choice1)[0], tags.sequence) : [];
  return new Map(
    list.map((extension) => {
      const [id, ...rest] = inside(extension, tags.sequence);
      const oid = contentOf(id, tags.oid).toString('hex');
      demand(oid === NONCE || rest.length === 1, 'malformed');
      return [oid, contentOf(rest.at(-1), tags.octets)];
    }),
  );
}

type Opened = ReturnType<typeof opened>;

/**
 * The certificate whose key signed the answer: the issuer's own, or one the same issuer gave to answer for it (RFC 6960,
 * 4.2.2.2).
 */
function responderOf(answer: Opened, issuer: X509Certificate, at: Date): X509Certificate {
  const id = answer.responder;
  const isNamed = (certificate: X509Certificate) => {
    const { subject, key } = partsOf(certificate);
    return id?.tag === tags.choice1
      ? id.content.equals(subject)
      : contentOf(inside(id, tags.choice2)[0], tags.octets).equals(digest('sha1', key));
  };
  const mayAnswer = (certificate: X509Certificate) =>
    certificate.raw.equals(issuer.raw) ||
    (issued(issuer, certificate) &&
      (certificate.keyUsage ?? []).includes(OCSP_SIGNING) &&
      faultOf(certificate, { at }) === undefined);
  const responder = [issuer, ...answer.certificates].find((one) => isNamed(one) && mayAnswer(one));
  if (!responder) throw new Doubtful('untrusted-responder');
  return responder;
}

function isAbout(certificateId: Der | undefined, signer: X509Certificate, issuer: X509Certificate): boolean {
  const [algorithm, name, key, serialNumber] = inside(certificateId, tags.sequence);
  const hash = idHashes.get(algorithmOf(algorithm));
  const authority = partsOf(issuer);
  return (
    hash !== undefined &&
    contentOf(name, tags.octets).equals(digest(hash, authority.subject)) &&
    contentOf(key, tags.octets).equals(digest(hash, authority.key)) &&
    contentOf(serialNumber, tags.integer).equals(partsOf(signer).serialNumber)
  );
}

/** BankID writes the bytes of the nonce as they are (RFC 2560); newer responders put them into an octet string. */
function nonceIn(extensions: Opened['extensions']): Buffer {
  const value = extensions.get(NONCE) ?? Buffer.alloc(0);
  return value.length === NONCE_BYTES + 2 ? contentOf(soleElement(value), tags.octets) : value;
}

function judged({ ocspResponse, signature, certificateChain, ordered, at }: Question): 'good' | Doubt {
  const [signer, issuer] = certificateChain.map((pem) => new X509Certificate(pem));
  if (!signer || !issuer) throw new Doubtful('untrusted-responder');
  const answer = opened(derOf(ocspResponse));

  const hash = soundSignatures.get(answer.algorithm);
  if (hash === undefined) throw new Doubtful('weak-algorithm');
  demand(verify(hash, answer.signed, responderOf(answer, issuer, at).publicKey, answer.signature), 'wrong-signature');

  const [single, ...more] = answer.answers.filter(([id]) => isAbout(id, signer, issuer));
  if (!single || more.length > 0) throw new Doubtful('other-certificate');
  const [, standing, thisUpdate, ...rest] = single;
  extensionsIn(rest.find(({ tag }) => tag === tags.choice1));
  const inTime = (time: Date) =>
    ordered.getTime() - CLOCKS_APART_MS <= time.getTime() && time.getTime() <= at.getTime() + CLOCKS_APART_MS;
  demand(inTime(answer.producedAt) && inTime(instant(thisUpdate)), 'out-of-time');

  demand(nonceIn(answer.extensions).subarray(0, 20).equals(digest('sha1', signature)), 'other-signature');
  return standings.get(standing?.tag ?? 0) ?? 'malformed';
}

/**
 * Judges the OCSP answer that BankID hands over beside a signature (RP API 6.0 `completionData.ocspResponse`; RL-40): whether the
 * signer's certificate was good when it signed. Believed is an answer that the certificate's issuer signed, or a responder with a
 * certificate of that issuer for OCSP; that is about this certificate; that was made between the order and now, give or take five
 * minutes; and whose nonce begins with the SHA-1 of the signature's base64 text, as BankID documents it.
 */
export function judgeOcsp(question: Question): 'good' | Doubt {
  try {
    return judged(question);
  } catch (failure) {
    return failure instanceof Doubtful ? failure.reason : 'malformed';
  }
}
