import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Envelope } from '../../workflows/case-workflow.js';

/** SHA-256 in hex over the canonical JSON of a value (RFC 8785), so that equal content has equal hashes whatever wrote it. */
export const hashOf = (value: unknown): string => createHash('sha256').update(canonical(value)).digest('hex');

/** The canonical JSON text of a value. */
export function canonical(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new Error('only JSON has a canonical form');
  return text;
}

/** The key under which a command happens once: who, for what, which command, and the caller's own Idempotency-Key. */
export const commandKey = (input: { caller: string; about: string; command: string; idempotencyKey: string }): string =>
  hashOf(input);

const macOf = (envelope: Omit<Envelope, 'mac'>, secret: Buffer): string =>
  createHmac('sha256', secret)
    .update([envelope.key, envelope.caseId, envelope.command, envelope.bodyHash, envelope.caller].join('\n'))
    .digest('hex');

/** Seals a command so that `commit` believes it and a bare Temporal client cannot act. */
export const seal = (envelope: Omit<Envelope, 'mac'>, secret: Buffer): Envelope => ({
  ...envelope,
  mac: macOf(envelope, secret),
});

/** Whether the API sealed this envelope. */
export function isSealed(envelope: Envelope, secret: Buffer): boolean {
  const { mac, ...rest } = envelope;
  const expected = Buffer.from(macOf(rest, secret), 'hex');
  const given = Buffer.from(mac, 'hex');
  return given.length === expected.length && timingSafeEqual(given, expected);
}
