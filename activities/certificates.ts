import type { X509Certificate } from 'node:crypto';
import { algorithmOf, bitsOf, contentOf, inside, soleElement, tags } from './der.js';

const SMALLEST_RSA_KEY = 2048;

/**
 * RSA and ECDSA, each with SHA-256, 384 and 512: the hash by the object identifier in hex. What is not here is too weak, or
 * unknown.
 */
export const soundSignatures: ReadonlyMap<string, string> = new Map(
  ['sha256', 'sha384', 'sha512'].flatMap(
    (hash, place) =>
      [
        [`2a864886f70d01010${'bcd'[place]}`, hash],
        [`2a8648ce3d04030${place + 2}`, hash],
      ] as const,
  ),
);

/**
 * What Node does not tell about a certificate: names, serial number and key as DER, and what it was signed with (object
 * identifier in hex). Throws `NotDer`.
 */
export function partsOf(certificate: X509Certificate) {
  const [signed, algorithm] = inside(soleElement(certificate.raw), tags.sequence);
  const [serialNumber, , , , subject, key] = inside(signed, tags.sequence).filter(({ tag }) => tag !== tags.choice0);
  return {
    serialNumber: contentOf(serialNumber, tags.integer),
    subject: subject?.raw ?? Buffer.alloc(0),
    key: bitsOf(inside(key, tags.sequence)[1]),
    signedWith: algorithmOf(algorithm),
  };
}

/** Whether an authority issued a certificate, by name and by signature. */
export const issued = (by: X509Certificate, certificate: X509Certificate): boolean =>
  by.ca && certificate.checkIssued(by) && certificate.verify(by.publicKey);

/** What speaks against a certificate at that time. One that is trusted by itself may be signed with anything. */
export function faultOf(
  certificate: X509Certificate,
  { at, trusted = false }: { readonly at: Date; readonly trusted?: boolean },
): 'weak-algorithm' | 'outside-validity' | undefined {
  const { asymmetricKeyType, asymmetricKeyDetails } = certificate.publicKey;
  if (asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) < SMALLEST_RSA_KEY) return 'weak-algorithm';
  if (!trusted && !soundSignatures.has(partsOf(certificate).signedWith)) return 'weak-algorithm';
  return new Date(certificate.validFrom) <= at && at <= new Date(certificate.validTo) ? undefined : 'outside-validity';
}
