import { hashOf } from '../case/seal.js';

/**
 * What a BankID signature was believed by: PEM of the chain from the signer to the root that was trusted then, and when it was
 * judged (ISO 8601).
 */
export interface Evidence {
  readonly judgedAt: string;
  readonly certificateChain: readonly string[];
}

/** The hash by which the audit holds the evidence, so that it can be proven when the roots of today are others. */
export const evidenceHash = (
  { signature, ocspResponse }: { readonly signature: string; readonly ocspResponse: string },
  { judgedAt, certificateChain }: Evidence,
): string => hashOf({ signature, ocspResponse, judgedAt, certificateChain });
