import { createHash, randomBytes, sign } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { Identity } from './bankid-authority.js';

/** What an OCSP responder answers and, for tests of the checker, how it departs from what BankID's makes. */
export interface ToAnswer {
  /** Whose certificate it is about, with its issuer's second. */
  readonly about: Identity;
  /** A certificate (PEM) whose name stands where the issuer's belongs. */
  readonly issuerNamedAs?: string;
  /** Who answers: its own certificate first. */
  readonly responder: Identity;
  /** Base64, as it stands in the completion: the nonce begins with its hash. */
  readonly signature: string;
  readonly producedAt: Date;
  /** When the status was known; as `producedAt` unless given. */
  readonly thisUpdate?: Date;
  readonly status?: 'good' | 'revoked' | 'unknown';
  /** As BankID writes it (the bare bytes), as RFC 8954 does (in an octet string), or none. */
  readonly nonce?: 'bare' | 'wrapped' | 'none';
  /** By its name, as BankID's, or by the hash of its key. */
  readonly named?: 'by-name' | 'by-key';
  /** Whether the responder's certificate comes along. */
  readonly enclosed?: boolean;
  readonly hash?: 'sha256' | 'sha1';
  /** The OCSP response status: 0 successful, 3 try later. */
  readonly outcome?: number;
  /** How often the answer about the certificate stands there. */
  readonly times?: number;
  /** A further extension that has to be understood. */
  readonly riddle?: boolean;
}

const element = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
};
const sequence = (...parts: readonly Uint8Array[]) => element(0x30, ...parts);
const octets = (...parts: readonly Uint8Array[]) => element(0x04, ...parts);
const oid = (hex: string) => element(0x06, Buffer.from(hex, 'hex'));
const nothing = element(0x05);
const yes = element(0x01, Buffer.of(0xff));
const time = (at: Date) => element(0x18, Buffer.from(at.toISOString().replace(/[-:T]|\.\d+/g, '')));
const sha1 = (text: string | Buffer) => createHash('sha1').update(text).digest();
const signedWith = { sha256: '2a864886f70d01010b', sha1: '2a864886f70d010105' } as const;
const OCSP = '2b06010505073001';

const certificate = (pem: string | undefined) => new x509.X509Certificate(pem ?? '');
const nameOf = (pem: string | undefined) => Buffer.from(certificate(pem).subjectName.toArrayBuffer());
const keyHashOf = async (pem: string | undefined) => Buffer.from(await certificate(pem).publicKey.getKeyIdentifier());

/** An OCSP answer (RFC 6960) as BankID hands it over, in base64. */
export async function ocspAnswer({
  about,
  responder,
  signature,
  producedAt,
  hash = 'sha256',
  ...more
}: ToAnswer): Promise<string> {
  if (more.outcome) return sequence(element(0x0a, Buffer.of(more.outcome))).toString('base64');
  const [own, issuer] = about.certificates;
  const [answering] = responder.certificates;
  const standing = {
    good: element(0x80),
    revoked: element(0xa1, time(new Date(producedAt.getTime() - 86_400_000))),
    unknown: element(0x82),
  }[more.status ?? 'good'];
  const serialNumber = element(0x02, Buffer.from(certificate(own).serialNumber, 'hex'));
  const id = sequence(
    sequence(oid('2b0e03021a'), nothing),
    octets(sha1(nameOf(more.issuerNamedAs ?? issuer))),
    octets(await keyHashOf(issuer)),
    serialNumber,
  );
  const single = sequence(id, standing, time(more.thisUpdate ?? producedAt));
  const bytes = Buffer.concat([sha1(signature), randomBytes(12)]);
  const nonce = sequence(oid(`${OCSP}02`), yes, octets(more.nonce === 'wrapped' ? octets(bytes) : bytes));
  const riddle = sequence(oid(`${OCSP}63`), yes, octets(nothing));
  const extensions = [...(more.nonce === 'none' ? [] : [nonce]), ...(more.riddle ? [riddle] : [])];
  const signed = sequence(
    more.named === 'by-key' ? element(0xa2, octets(await keyHashOf(answering))) : element(0xa1, nameOf(answering)),
    time(producedAt),
    sequence(...Array.from({ length: more.times ?? 1 }, () => single)),
    ...(extensions.length > 0 ? [element(0xa1, sequence(...extensions))] : []),
  );
  const basic = sequence(
    signed,
    sequence(oid(signedWith[hash]), nothing),
    element(0x03, Buffer.of(0), sign(hash, signed, responder.privateKey)),
    ...(more.enclosed === false ? [] : [element(0xa0, sequence(Buffer.from(certificate(answering).rawData)))]),
  );
  return sequence(element(0x0a, Buffer.of(0)), element(0xa0, sequence(oid(`${OCSP}01`), octets(basic)))).toString('base64');
}
