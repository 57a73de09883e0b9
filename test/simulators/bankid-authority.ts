import 'reflect-metadata';
import { createHash, createPrivateKey, randomBytes, sign, webcrypto, X509Certificate, type KeyObject } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';

/** Somebody's BankID: the certificates as PEM, the person's first, without the root; and the key that signs. */
export interface Identity {
  readonly certificates: readonly string[];
  readonly privateKey: KeyObject;
}

export interface PersonToIssue {
  /** Twelve digits: the certificate's subject serialNumber. */
  readonly personNumber: string;
  readonly givenName: string;
  readonly surname: string;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** What the authority hashes with when it issues; SHA-256 unless a test wants a weak one. */
  readonly hash?: 'SHA-256' | 'SHA-1';
  /** Bits of the person's key, 2048 unless a test wants a weak one. */
  readonly bits?: number;
  /** Who issues it, instead of the intermediate: a certificate (PEM) and a key that need not belong together. */
  readonly issuer?: { readonly certificate: string; readonly key: KeyObject };
}

export interface BankIdAuthority {
  readonly rootPem: string;
  issue(person: PersonToIssue): Promise<Identity>;
  /** An OCSP responder with a certificate of the authority that issues people's. */
  responder(more?: Pick<PersonToIssue, 'notBefore' | 'notAfter' | 'hash'>): Promise<Identity>;
  /** That authority itself, which may answer as well. */
  readonly issuer: Identity;
}

interface Kept {
  certificate: string;
  key: string;
}
interface Chain {
  root: Kept;
  intermediate: Kept;
}

const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 };
/** Object identifier of the subject's serialNumber, which holds the personal number. */
const SERIAL_NUMBER = '2.5.4.5';
const DAY = 86_400_000;
const serial = () => `4${randomBytes(8).toString('hex').slice(1)}`;
const pemOf = async (key: webcrypto.CryptoKey) =>
  x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY');
const keyFrom = (pem: string, hash = 'SHA-256') =>
  webcrypto.subtle.importKey('pkcs8', x509.PemConverter.decodeFirst(pem), { ...rsa, hash }, true, ['sign']);

interface ToIssue {
  readonly subject: x509.JsonName;
  readonly issuer?: { readonly certificate: x509.X509Certificate; readonly key: webcrypto.CryptoKey };
  /** For an authority: how many authorities may stand below it. */
  readonly authority?: number;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  readonly hash?: string;
  readonly bits?: number;
  readonly more?: readonly x509.Extension[];
}

async function makeCertificate({
  subject,
  issuer,
  authority,
  notBefore,
  notAfter,
  hash = 'SHA-256',
  bits = 2048,
  more = [],
}: ToIssue) {
  const keys = await webcrypto.subtle.generateKey({ ...rsa, modulusLength: bits }, true, ['sign', 'verify']);
  const { keyCertSign, cRLSign, nonRepudiation } = x509.KeyUsageFlags;
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject,
    issuer: issuer?.certificate.subject ?? subject,
    notBefore: notBefore ?? new Date(Date.now() - DAY),
    notAfter: notAfter ?? new Date(Date.now() + (authority === undefined ? 1 : 10) * 365 * DAY),
    signingAlgorithm: { ...rsa, hash },
    publicKey: keys.publicKey,
    signingKey: issuer?.key ?? keys.privateKey,
    extensions: [
      new x509.BasicConstraintsExtension(authority !== undefined, authority, true),
      new x509.KeyUsagesExtension(authority === undefined ? nonRepudiation : keyCertSign | cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer?.certificate.publicKey ?? keys.publicKey),
      ...more,
    ],
  });
  return { certificate, key: keys.privateKey };
}

async function makeChain(): Promise<Chain> {
  const named = (CN: string): x509.JsonName => [{ CN: [CN] }, { O: ['Example bank for tests'] }];
  const root = await makeCertificate({ subject: named('Test root, trusted by nobody'), authority: 2 });
  const intermediate = await makeCertificate({ subject: named('Test customer authority'), issuer: root, authority: 0 });
  const kept = async (made: typeof root) => ({ certificate: made.certificate.toString('pem'), key: await pemOf(made.key) });
  return { root: await kept(root), intermediate: await kept(intermediate) };
}

/**
 * A certificate authority shaped as BankID's: root, intermediate, person. With a folder its keys are kept in
 * `bankid-authority.json` and outlive the process, so a root that was trusted before a restart still is.
 */
export async function bankIdAuthority({ folder }: { folder?: string } = {}): Promise<BankIdAuthority> {
  const file = folder && join(folder, 'bankid-authority.json');
  const kept = file && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Chain) : undefined;
  const chain = kept ?? (await makeChain());
  if (folder && file && !kept) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(chain), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  const { intermediate } = chain;
  const usual = { certificate: intermediate.certificate, key: createPrivateKey(intermediate.key) };
  const signing = async (by: { certificate: string; key: KeyObject }, hash?: string) => ({
    certificate: new x509.X509Certificate(by.certificate),
    key: await keyFrom(by.key.export({ type: 'pkcs8', format: 'pem' }) as string, hash),
  });

  return {
    rootPem: chain.root.certificate,
    issuer: { certificates: [intermediate.certificate], privateKey: usual.key },
    async responder(more = {}) {
      const subject: x509.JsonName = [{ CN: ['Test customer authority OCSP signing'] }, { O: ['Example bank for tests'] }];
      const forOcsp = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.ocspSigning], true);
      const made = await makeCertificate({ subject, issuer: await signing(usual, more.hash), more: [forOcsp], ...more });
      return { certificates: [made.certificate.toString('pem')], privateKey: createPrivateKey(await pemOf(made.key)) };
    },
    async issue({ personNumber, givenName, surname, issuer = usual, ...more }) {
      const subject: x509.JsonName = [
        { C: ['SE'] },
        { CN: [`${givenName} ${surname}`] },
        { SN: [surname] },
        { G: [givenName] },
        { [SERIAL_NUMBER]: [personNumber] },
      ];
      const made = await makeCertificate({ subject, issuer: await signing(issuer, more.hash), ...more });
      const certificates = [made.certificate.toString('pem'), intermediate.certificate];
      return { certificates, privateKey: createPrivateKey(await pemOf(made.key)) };
    },
  };
}

/** What a signed document says and, for tests of the checker, how it departs from what BankID makes. */
export interface ToSign {
  readonly identity: Identity;
  /** Base64, as the relying party sent it. */
  readonly visible: string;
  readonly nonVisible?: string;
  readonly functionId?: 'Signing' | 'Identification';
  readonly omitReference?: 'bidSignedData' | 'bidKeyInfo';
  /** A further signed element, with a reference of its own. */
  readonly extraObject?: boolean;
  /** What ends every 76 characters of a certificate; nothing unless given. */
  readonly lineBreak?: string;
  readonly transform?: string | null;
  readonly canonicalization?: string;
  readonly digest?: 'sha256' | 'sha1';
  readonly signature?: 'rsa-sha256' | 'rsa-sha1';
}

const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const TYPES = 'http://www.bankid.com/signature/v1.0.0/types';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const digests = { sha256: 'http://www.w3.org/2001/04/xmlenc#sha256', sha1: `${DSIG}sha1` };
const signatures = { 'rsa-sha256': 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'rsa-sha1': `${DSIG}rsa-sha1` };
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/**
 * The XML that BankID returns when somebody has signed: an XMLDSig with two references. Every signed element is written in its
 * canonical form, each with its own xmlns, so that what is hashed is the very text that stands in the document.
 */
export function signedDocument(order: ToSign): string {
  const { identity, digest = 'sha256', signature = 'rsa-sha256', transform = C14N, canonicalization = C14N } = order;
  const broken = (text: string) => text.replace(/.{76}/g, `$&${order.lineBreak ?? ''}`);
  const certificates = identity.certificates.map(
    (pem) => `<X509Certificate>${broken(new X509Certificate(pem).raw.toString('base64'))}</X509Certificate>`,
  );
  const keyInfo = `<KeyInfo xmlns="${DSIG}" Id="bidKeyInfo"><X509Data>${certificates.join('')}</X509Data></KeyInfo>`;
  const signedData = [
    `<bankIdSignedData xmlns="${TYPES}" Id="bidSignedData">`,
    `<usrVisibleData charset="UTF-8" visible="wysiwys">${order.visible}</usrVisibleData>`,
    order.nonVisible === undefined ? '' : `<usrNonVisibleData>${order.nonVisible}</usrNonVisibleData>`,
    `<srvInfo><name>${base64('cn=Registrar')}</name><nonce>${randomBytes(20).toString('base64')}</nonce></srvInfo>`,
    `<clientInfo><funcId>${order.functionId ?? 'Signing'}</funcId><version>${base64('7.0')}</version></clientInfo>`,
    '</bankIdSignedData>',
  ].join('');
  const extra = order.extraObject ? `<Object xmlns="${DSIG}" Id="extra">more</Object>` : '';

  const reference = (id: string, text: string) =>
    `<Reference${id === 'bidSignedData' ? ` Type="${TYPES}"` : ''} URI="#${id}">` +
    (transform === null ? '' : `<Transforms><Transform Algorithm="${transform}"></Transform></Transforms>`) +
    `<DigestMethod Algorithm="${digests[digest]}"></DigestMethod>` +
    `<DigestValue>${createHash(digest).update(text).digest('base64')}</DigestValue></Reference>`;
  const references = [
    order.omitReference === 'bidSignedData' ? '' : reference('bidSignedData', signedData),
    order.omitReference === 'bidKeyInfo' ? '' : reference('bidKeyInfo', keyInfo),
    extra && reference('extra', extra),
  ];
  const signedInfo =
    `<SignedInfo xmlns="${DSIG}"><CanonicalizationMethod Algorithm="${canonicalization}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${signatures[signature]}"></SignatureMethod>${references.join('')}</SignedInfo>`;
  const hash = signature === 'rsa-sha1' ? 'sha1' : 'sha256';
  const value = sign(hash, Buffer.from(signedInfo), identity.privateKey).toString('base64');
  return (
    `<?xml version="1.0" encoding="UTF-8" standalone="no"?><Signature xmlns="${DSIG}">${signedInfo}` +
    `<SignatureValue>${value}</SignatureValue>${keyInfo}<Object>${signedData}</Object>${extra}</Signature>`
  );
}
