import { hardened } from '../hardened-xml.js';
import { Rejected, type Institution } from '../institution.js';
import type { Report } from '../report.js';
import { readElmo } from './read.js';
import { SignatureRefused, signedText } from './signature.js';

const LIMITS = { bytes: 8 * 1024 * 1024, elements: 20_000 };

/** What a step gives, or what its failure means. */
const orRejected = <T>(step: () => T, otherwise: Rejected['reason']): T => {
  try {
    return step();
  } catch (cause) {
    throw new Rejected(cause instanceof SignatureRefused ? 'rejected-signature' : otherwise);
  }
};

/**
 * Believes a document and reads it, or throws `Rejected`: never "read with a warning". It has to be ELMO, signed as a whole with
 * a key that the registry has for the institution that was asked, issued by that institution, and about the person who was asked
 * about. The person is known by the number alone (RX-29): names and birth date may differ. What is read comes from the canonical
 * text that was signed.
 */
export async function judge({
  institution,
  nationalNumber,
  document,
}: {
  institution: Institution;
  nationalNumber: string;
  document: Buffer;
}): Promise<Report> {
  const text = orRejected(() => hardened(document, LIMITS), 'rejected-format');
  const signed = orRejected(() => signedText(text, institution.keys), 'rejected-format');
  const { report } = orRejected(() => readElmo(signed), 'rejected-format');
  if (report.issuer.code !== institution.code) throw new Rejected('rejected-signature');
  if (report.learner.nationalNumber !== nationalNumber) throw new Rejected('rejected-person');
  return report;
}
