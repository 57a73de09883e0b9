import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

/**
 * How institutions know each other's requests and answers: HTTP signatures as EWP uses them (draft-cavage-http-signatures-07,
 * `rsa-sha256`; a key is called by the SHA-256 of its public half, in hex). What is signed: target, host, day and time, digest of
 * the body and request id; of an answer also the signature that it answers, so that no answer fits another question. A request
 * may be sent again within five minutes: the questions change nothing, and notices carry an id.
 */
export interface OwnKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** PEM, as the registry lists it. */
  readonly publicKey: string;
}

/** A body and headers are not what an institution has signed. The reason names no person. */
export class NotSigned extends Error {
  override readonly name = 'NotSigned';
  constructor(
    readonly reason:
      | 'no-signature'
      | 'too-little'
      | 'unknown-key'
      | 'wrong-signature'
      | 'wrong-digest'
      | 'wrong-host'
      | 'wrong-time'
      | 'other-request',
  ) {
    super(`the HTTP signature is not accepted (${reason})`);
  }
}

/** Minutes by which two clocks may differ, in milliseconds. */
export const SKEW_MS = 5 * 60_000;
const MOST_BITS = 16_384;
const LEAST_BITS = 2_048;

/** What a public key in PEM is called: the SHA-256 of its DER, in hex. */
export const keyIdOf = (pem: string): string =>
  createHash('sha256')
    .update(Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64'))
    .digest('hex');

/** An RSA public key that may be used: 2048 bits or more. Throws for anything else. */
export function publicKey(pem: string): KeyObject {
  const key = createPublicKey(pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < LEAST_BITS || bits > MOST_BITS)
    throw new Error('not an RSA key of 2048 bits or more');
  return key;
}

/** Our own key, from its PEM. Throws unless it is an RSA key of 2048 bits or more. */
export function ownKey(pem: string): OwnKey {
  const privateKey = createPrivateKey(pem);
  const shown = createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString();
  publicKey(shown);
  return { id: keyIdOf(shown), privateKey, publicKey: shown };
}

const digestOf = (body: Uint8Array | string): string => `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

const signed = (
  key: OwnKey,
  lines: readonly (readonly [string, string])[],
): { readonly signature: string; readonly value: string } => {
  const text = lines.map(([name, value]) => `${name}: ${value}`).join('\n');
  const signature = sign('sha256', Buffer.from(text), key.privateKey).toString('base64');
  return {
    signature,
    value: `keyId="${key.id}",algorithm="rsa-sha256",headers="${lines.map(([name]) => name).join(' ')}",signature="${signature}"`,
  };
};

const target = (method: string, { pathname, search }: URL) => `${method.toLowerCase()} ${pathname}${search}`;

/** The headers that go with a request, and its signature, which the answer has to repeat. */
export function signRequest({
  key,
  method,
  url,
  body,
  requestId,
  at,
}: {
  readonly key: OwnKey;
  readonly method: string;
  readonly url: URL;
  readonly body: string;
  readonly requestId: string;
  readonly at: Date;
}): { readonly headers: Readonly<Record<string, string>>; readonly signature: string } {
  const [date, digest] = [at.toUTCString(), digestOf(body)];
  const { signature, value } = signed(key, [
    ['(request-target)', target(method, url)],
    ['host', url.host],
    ['original-date', date],
    ['digest', digest],
    ['x-request-id', requestId],
  ]);
  const headers = {
    'Original-Date': date,
    Digest: digest,
    'X-Request-Id': requestId,
    Authorization: `Signature ${value}`,
    'Accept-Signature': 'rsa-sha256',
    'Want-Digest': 'SHA-256',
  };
  return { headers, signature };
}

/** The headers of an answer to a request that was verified. */
export function signAnswer({
  key,
  body,
  requestId,
  requestSignature,
  at,
}: {
  readonly key: OwnKey;
  readonly body: Uint8Array | string;
  readonly requestId: string;
  readonly requestSignature: string;
  readonly at: Date;
}): Readonly<Record<string, string>> {
  const [date, digest] = [at.toUTCString(), digestOf(body)];
  const { value } = signed(key, [
    ['original-date', date],
    ['digest', digest],
    ['x-request-id', requestId],
    ['x-request-signature', requestSignature],
  ]);
  return {
    'Original-Date': date,
    Digest: digest,
    'X-Request-Id': requestId,
    'X-Request-Signature': requestSignature,
    Signature: value,
  };
}

interface Claim {
  readonly keyId: string;
  readonly names: readonly string[];
  readonly signature: string;
}

/** The fields of a signature header. A header that comes twice, or a field that does, is none. */
function claimIn(value: string | null): Claim {
  const fields = [...(value ?? '').matchAll(/(\w+)="([^"]*)"(?:, *|$)/g)];
  const found = new Map(fields.map(([, name = '', text = '']) => [name, text]));
  const [keyId, names, signature] = [found.get('keyId'), found.get('headers'), found.get('signature')];
  if (!keyId || !names || !signature || found.size !== fields.length || fields.map(([whole]) => whole).join('') !== value)
    throw new NotSigned('no-signature');
  if (found.get('algorithm') !== 'rsa-sha256') throw new NotSigned('no-signature');
  return { keyId: keyId.toLowerCase(), names: names.toLowerCase().split(' '), signature };
}

const demand = (holds: boolean, reason: NotSigned['reason']): void => {
  if (!holds) throw new NotSigned(reason);
};

/** What a claim says of headers and body, and whether its time is now; the target stands in for a header. */
function judge({
  claim,
  demanded,
  headers,
  body,
  key,
  at,
  named,
}: {
  readonly claim: Claim;
  readonly demanded: readonly string[];
  readonly headers: Headers;
  readonly body: Uint8Array | string;
  readonly key: KeyObject;
  readonly at: Date;
  readonly named?: string;
}): void {
  const dated = ['original-date', 'date'].find((name) => claim.names.includes(name));
  if (!dated || !demanded.every((name) => claim.names.includes(name)) || new Set(claim.names).size !== claim.names.length)
    throw new NotSigned('too-little');
  const lines = claim.names.map((name) => {
    const value = name === '(request-target)' ? named : headers.get(name);
    if (value === null || value === undefined) throw new NotSigned('too-little');
    return `${name}: ${value}`;
  });
  demand(verify('sha256', Buffer.from(lines.join('\n')), key, Buffer.from(claim.signature, 'base64')), 'wrong-signature');
  demand(headers.get('Digest') === digestOf(body), 'wrong-digest');
  demand(Math.abs(at.getTime() - Date.parse(headers.get(dated) ?? '')) <= SKEW_MS, 'wrong-time');
}

/**
 * Which institution has signed a request (its code), with the id and the signature that the answer repeats. `host` is ours, as
 * the registry lists our address: a request to somebody else is none to us. A key that several institutions have speaks for none
 * of them. Throws `NotSigned`.
 */
export function verifyRequest({
  method,
  url,
  host,
  headers,
  body,
  at,
  institutions,
}: {
  readonly method: string;
  readonly url: URL;
  readonly host: string;
  readonly headers: Headers;
  readonly body: Uint8Array | string;
  readonly at: Date;
  readonly institutions: readonly { readonly code: string; readonly keys: readonly string[] }[];
}): { readonly code: string; readonly requestId: string; readonly signature: string } {
  const header = headers.get('Authorization') ?? '';
  demand(/^Signature /i.test(header), 'no-signature');
  const claim = claimIn(header.slice('Signature '.length));
  const owners = institutions.flatMap(({ code, keys }) =>
    keys.filter((key) => keyIdOf(key) === claim.keyId).map((key) => ({ code, key })),
  );
  const [owner] = owners;
  if (!owner || new Set(owners.map(({ code }) => code)).size > 1) throw new NotSigned('unknown-key');
  judge({
    claim,
    demanded: ['(request-target)', 'host', 'digest', 'x-request-id'],
    headers,
    body,
    key: publicKey(owner.key),
    at,
    named: target(method, url),
  });
  demand(headers.get('Host')?.toLowerCase() === host.toLowerCase(), 'wrong-host');
  return { code: owner.code, requestId: headers.get('X-Request-Id') ?? '', signature: claim.signature };
}

/** Whether one of these keys has signed this answer to this request; throws `NotSigned` where it has not. */
export function verifyAnswer({
  headers,
  body,
  keys,
  requestId,
  requestSignature,
  at,
}: {
  readonly headers: Headers;
  readonly body: Uint8Array | string;
  readonly keys: readonly string[];
  readonly requestId: string;
  readonly requestSignature: string;
  readonly at: Date;
}): void {
  const claim = claimIn(headers.get('Signature'));
  const known = keys.find((key) => keyIdOf(key) === claim.keyId);
  if (!known) throw new NotSigned('unknown-key');
  judge({ claim, demanded: ['digest', 'x-request-id', 'x-request-signature'], headers, body, key: publicKey(known), at });
  demand(headers.get('X-Request-Id') === requestId && headers.get('X-Request-Signature') === requestSignature, 'other-request');
}
