import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import {
  keyIdOf,
  NotSigned,
  ownKey,
  publicKey,
  signAnswer,
  signRequest,
  verifyAnswer,
  verifyRequest,
} from '../../activities/exchange/http-signature.js';
import { simulatedKey } from '../simulators/institutions/keys.js';

const keyAt = (place: number) => ownKey(simulatedKey(place).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const [north, south, stranger] = [keyAt(1), keyAt(2), keyAt(54)];
const institutions = [
  { code: 'south.example', keys: [south.publicKey] },
  { code: 'north.example', keys: [keyAt(3).publicKey, north.publicKey] },
];
const at = new Date('2026-11-20T10:00:00Z');
const url = new URL('https://registrar.bth.example/resultatutveksling/v1/status?a=b');
const body = 'national_number=01819000049&basis=consent';
const minutes = (count: number) => new Date(at.getTime() + count * 60_000);

interface Given {
  headers: Headers;
  body: string;
  url: URL;
  method: string;
  at: Date;
  host: string;
}
const request = (key = north): Given => ({
  headers: new Headers({
    ...signRequest({ key, method: 'POST', url, body, requestId: 'r-00000001', at }).headers,
    Host: url.host,
  }),
  body,
  url,
  method: 'POST',
  at,
  host: url.host,
});
const asked = (given: Partial<Given> = {}) => verifyRequest({ ...request(), institutions, ...given });
const reasonOf = (work: () => unknown) => {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof NotSigned)) throw cause;
    return cause.reason;
  }
};
const changed = (name: string, value: string | null, from = request()) => {
  if (value === null) from.headers.delete(name);
  else from.headers.set(name, value);
  return { headers: from.headers };
};

/** A request whose day and time stand in `Date`, as others sign it. */
function dated(when: Date): { headers: Headers } {
  const { headers } = request();
  headers.delete('Original-Date');
  headers.set('Date', when.toUTCString());
  const rest = ['host', 'date', 'digest', 'x-request-id'];
  const names = ['(request-target)', ...rest];
  const lines = [
    `(request-target): post ${url.pathname}${url.search}`,
    ...rest.map((name) => `${name}: ${headers.get(name) ?? ''}`),
  ];
  const signature = sign('sha256', Buffer.from(lines.join('\n')), north.privateKey).toString('base64');
  headers.set(
    'Authorization',
    `Signature keyId="${north.id}",algorithm="rsa-sha256",headers="${names.join(' ')}",signature="${signature}"`,
  );
  return { headers };
}

describe('the signature of a request', () => {
  it('AU-08 tells which institution asks, and under which id', () => {
    expect(asked()).toEqual({
      code: 'north.example',
      requestId: 'r-00000001',
      signature: expect.stringMatching(/^[A-Za-z0-9+/]{342}==$/),
    });
    expect(verifyRequest({ ...request(south), institutions }).code).toBe('south.example');
    expect(request().headers.get('Authorization')).toContain(`keyId="${keyIdOf(north.publicKey)}"`);
  });

  it('AU-08 takes the day and time from either header', () => {
    const from = request();
    const lines = from.headers.get('Authorization') ?? '';
    expect(lines).toContain('(request-target) host original-date digest x-request-id');
    expect(reasonOf(() => asked(changed('Original-Date', null)))).toBe('too-little');
    expect(asked(dated(at))).toMatchObject({ code: 'north.example', requestId: 'r-00000001' });
    expect(reasonOf(() => asked(dated(minutes(6))))).toBe('wrong-time');
    const other = dated(at).headers;
    other.set('Date', minutes(1).toUTCString());
    expect(reasonOf(() => asked({ headers: other }))).toBe('wrong-signature');
  });

  it.each([
    ['no signature', () => changed('Authorization', null), 'no-signature'],
    ['a token instead', () => changed('Authorization', 'Bearer abc'), 'no-signature'],
    [
      'a field that comes twice',
      () => changed('Authorization', `${request().headers.get('Authorization')},keyId="x"`),
      'no-signature',
    ],
    [
      'another way of signing',
      () => changed('Authorization', (request().headers.get('Authorization') ?? '').replace('rsa-sha256', 'rsa-sha1')),
      'no-signature',
    ],
    [
      'a body that is not signed',
      () => changed('Authorization', (request().headers.get('Authorization') ?? '').replace(' digest', '')),
      'too-little',
    ],
    [
      'a target that is not signed',
      () => changed('Authorization', (request().headers.get('Authorization') ?? '').replace('(request-target) ', '')),
      'too-little',
    ],
    ['a key of nobody', () => request(stranger), 'unknown-key'],
    [
      'another signature',
      () =>
        changed('Authorization', (request().headers.get('Authorization') ?? '').replace(/signature="..../, 'signature="AAAA')),
      'wrong-signature',
    ],
    ['another digest header', () => changed('Digest', 'SHA-256=x'), 'wrong-signature'],
    ['another request id', () => changed('X-Request-Id', 'r-00000002'), 'wrong-signature'],
    ['another body', () => ({ body: `${body}&x=y` }), 'wrong-digest'],
    ['another method', () => ({ method: 'PUT' }), 'wrong-signature'],
    [
      'another target',
      () => ({ url: new URL('https://registrar.bth.example/resultatutveksling/v1/results?a=b') }),
      'wrong-signature',
    ],
    ['another query', () => ({ url: new URL('https://registrar.bth.example/resultatutveksling/v1/status') }), 'wrong-signature'],
    ['a request to somebody else', () => ({ host: 'north.example' }), 'wrong-host'],
    ['one of six minutes ago', () => ({ at: minutes(6) }), 'wrong-time'],
    ['one of in six minutes', () => ({ at: minutes(-6) }), 'wrong-time'],
  ] as const)('AU-08 refuses %s', (_name, given, reason) => {
    expect(reasonOf(() => asked(given()))).toBe(reason);
  });

  it('AU-08 allows clocks to differ by four minutes, and the same request to come again', () => {
    const once = request();
    for (const now of [minutes(4), minutes(-4), minutes(4)]) expect(asked({ ...once, at: now }).code).toBe('north.example');
  });

  it('AU-08 takes a key that two institutions have for neither', () => {
    expect(
      reasonOf(() =>
        verifyRequest({ ...request(), institutions: [...institutions, { code: 'third.example', keys: [north.publicKey] }] }),
      ),
    ).toBe('unknown-key');
  });
});

describe('the signature of an answer', () => {
  const { signature, headers: sent } = signRequest({ key: north, method: 'POST', url, body, requestId: 'r-00000001', at });
  const answer = '{"shares":true}';
  const signedBy = (key = south, requestSignature = signature) =>
    new Headers(signAnswer({ key, body: answer, requestId: 'r-00000001', requestSignature, at }));
  const taken = (more: object = {}) =>
    verifyAnswer({
      headers: signedBy(),
      body: answer,
      keys: [keyAt(3).publicKey, south.publicKey],
      requestId: 'r-00000001',
      requestSignature: signature,
      at,
      ...more,
    });

  it('RX-11 is taken from the institution that was asked', () => {
    expect(sent['X-Request-Id']).toBe('r-00000001');
    expect(() => taken()).not.toThrow();
  });

  it.each([
    ['none', { headers: new Headers() }, 'no-signature'],
    ['that of another institution', { headers: signedBy(north) }, 'unknown-key'],
    ['one over another body', { body: '{"shares":false}' }, 'wrong-digest'],
    ['one to another question', { headers: signedBy(south, 'b3RoZXI=') }, 'other-request'],
    ['one to the same question at another time', { requestId: 'r-00000002' }, 'other-request'],
    ['one of six minutes ago', { at: minutes(6) }, 'wrong-time'],
  ] as const)('RX-11 refuses %s', (_name, more, reason) => {
    expect(reasonOf(() => taken(more))).toBe(reason);
  });
});

describe('keys', () => {
  it('RX-04 are RSA of 2048 bits or more', () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const curve = generateKeyPairSync('ed25519');
    for (const { privateKey, publicKey: shown } of [weak, curve]) {
      expect(() => ownKey(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow('not an RSA key');
      expect(() => publicKey(shown.export({ type: 'spki', format: 'pem' }).toString())).toThrow('not an RSA key');
    }
    expect(north.id).toBe(simulatedKey(1).id);
  });
});
