import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createApi } from '../../api/app.js';
import { tokenVerifier } from '../../api/sign-in.js';
import { createCodec } from '../../activities/codec.js';
import { createLogger } from '../../activities/logger.js';
import { problemShape } from '../support/operations.js';
import { auditOf } from '../support/staff.js';
import { openUniversity, personOf, type University } from '../support/university.js';

const uiOrigin = 'http://127.0.0.1:8233';
const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"a secret word"') };
const base64 = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('base64');

describe('the codec door of the Temporal UI', () => {
  let at: University;
  let doors: Record<'secret' | 'signIn', ReturnType<typeof createApi>>;
  beforeAll(async () => {
    at = await openUniversity();
    const door = (secret?: string) =>
      createApi({
        world: at.world,
        verify: tokenVerifier({
          issuer: at.config.OIDC_ISSUER,
          audience: at.config.OIDC_AUDIENCE,
          keys: at.config.OIDC_JWKS_URL,
        }),
        logger: createLogger({ level: 'info', name: 'test', file: at.logFile }),
        version: { version: '0.0.0', buildId: 'test' },
        codec: { codec: createCodec(at.config.payloadKeys), uiOrigin, ...(secret ? { secret } : {}) },
      });
    doors = { secret: door('abcdef'), signIn: door() };
  });
  afterAll(() => at.close());

  const sealed = async () => {
    const [one] = await createCodec(at.config.payloadKeys).encode([plain]);
    return {
      metadata: Object.fromEntries(Object.entries(one?.metadata ?? {}).map(([key, value]) => [key, base64(value)])),
      data: base64(one?.data),
    };
  };
  const decode = async (door: keyof typeof doors, path: string, headers: Record<string, string> = {}, body?: string) =>
    doors[door].request(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Origin: uiOrigin, 'X-Namespace': 'registrar', ...headers },
      body: body ?? JSON.stringify({ payloads: [await sealed()] }),
    });
  const bearer = async (login: string) => ({
    Authorization: `Bearer ${await at.simulators.identityProvider.makeToken({ sub: personOf(login).id })}`,
  });
  const words = async (answer: Response) =>
    ((await answer.json()) as any).payloads.map((one: any) => Buffer.from(one.data, 'base64').toString());
  const ways: [keyof typeof doors, string, () => Promise<Record<string, string>>][] = [
    ['secret', '/codec/abcdef/decode', async () => ({})],
    ['signIn', '/codec/decode', () => bearer('olle')],
  ];

  it('decodes for whoever knows the address', async () => {
    expect(await words(await decode('secret', '/codec/abcdef/decode'))).toEqual(['"a secret word"']);
  });

  it.each(['abcdeg', 'abcdeå', 'abcde', 'abcdefg', '%00', 'undefined'])('is shut for %s', async (secret) => {
    expect(
      (await decode('secret', `/codec/${secret === '%00' ? secret : encodeURIComponent(secret)}/decode`)).status,
    ).toBeGreaterThanOrEqual(401);
    expect((await decode('secret', '/codec/decode', await bearer('olle'))).status).toBe(404);
  });

  it('decodes for operations behind the sign-in, and lets nothing of it be kept', async () => {
    const answer = await decode('signIn', '/codec/decode', await bearer('olle'));
    expect({ status: answer.status, cache: answer.headers.get('Cache-Control') }).toEqual({ status: 200, cache: 'no-store' });
    expect(await words(answer)).toEqual(['"a secret word"']);
  });

  it('is shut for strangers behind the sign-in, also for those who know some address', async () => {
    for (const headers of [
      undefined,
      { Authorization: 'Bearer nonsense' },
      {
        Authorization: `Bearer ${await at.simulators.identityProvider.makeToken({ sub: personOf('olle').id, foreignKey: true })}`,
      },
    ])
      expect((await decode('signIn', '/codec/decode', headers)).status).toBe(401);
    expect((await decode('signIn', '/codec/abcdef/decode')).status).toBe(401);
    expect((await decode('signIn', '/codec/undefined/decode', await bearer('olle'))).status).toBe(404);
  });

  it.each(['tove', 'eva', 'karin', 'rut'])('is shut for %s behind the sign-in, and the audit has it', async (login) => {
    const answer = await decode('signIn', '/codec/decode', await bearer(login));
    const body: any = await answer.json();
    expect({ status: answer.status, ...body }).toMatchObject({ status: 403, code: 'not-yours-to-open', rule: 'AU-02' });
    expect((await auditOf(at)).find((entry) => entry.requestId === body.requestId)).toMatchObject({
      action: 'codec.decode',
      actor: personOf(login).id,
      outcome: 'refused',
    });
  });

  it.each(ways)('lets only the page of the UI ask (%s)', async (door, path, headers) => {
    const asking = (origin: string) =>
      doors[door].request(path, {
        method: 'OPTIONS',
        headers: {
          Origin: origin,
          'Access-Control-Request-Method': 'POST',
          'Access-Control-Request-Headers': 'authorization,content-type,x-namespace',
        },
      });
    const asked = await asking(uiOrigin);
    expect(asked.status).toBe(204);
    expect([asked.headers.get('Access-Control-Allow-Origin'), asked.headers.get('Access-Control-Allow-Headers')]).toEqual([
      uiOrigin,
      'Content-Type,X-Namespace,Authorization',
    ]);
    expect((await asking('http://evil.example')).headers.get('Access-Control-Allow-Origin')).not.toBe('http://evil.example');
    expect((await decode(door, path, await headers())).headers.get('Access-Control-Allow-Origin')).toBe(uiOrigin);
  });

  it.each(ways)('has a 400 for whatever is no list of payloads (%s)', async (door, path, headers) => {
    const bodies = [
      '',
      '{',
      'null',
      '[]',
      '7',
      '"payloads"',
      '{}',
      '{"payloads":null}',
      '{"payloads":{}}',
      '{"payloads":[null]}',
      '{"payloads":[7]}',
      '{"payloads":["x"]}',
      '{"payloads":[[]]}',
      '{"payloads":[{"metadata":null,"data":7}]}',
      '{"payloads":[{"metadata":[]}]}',
      '{"payloads":[{"metadata":{"encoding":7}}]}',
      '{"payloads":[{"metadata":{"encoding":null}}]}',
      '{"payloads":[{"metadata":"x"}]}',
      '{"payloads":[{"data":{}}]}',
      `{"payloads":${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      JSON.stringify({ payloads: Array.from({ length: 1_001 }, () => ({})) }),
      '\u0000',
      '{"payloads":[{"data":"\\u0000"}],}',
    ];
    for (const body of bodies) {
      const answer = await decode(door, path, await headers(), body);
      expect({ body, status: answer.status }).toEqual({ body, status: 400 });
      expect(await answer.json()).toMatchObject({ ...problemShape(expect), code: 'invalid-input', status: 400 });
    }
    expect(
      (await decode(door, path, await headers(), JSON.stringify({ payloads: [{ data: 'x'.repeat(1024 * 1024) }] }))).status,
    ).toBe(413);
  });

  it.each(ways)(
    'marks what it cannot decode, one by one, and gives back what was never encoded (%s)',
    async (door, path, headers) => {
      const good = await sealed();
      const payloads = [
        good,
        { ...good, data: 'AAAA' },
        { ...good, data: '???' },
        { metadata: { ...good.metadata, key: base64(Buffer.from('k9')) }, data: good.data },
        { metadata: { encoding: base64(Buffer.from('json/plain')) }, data: base64(Buffer.from('1')) },
        {},
        { metadata: null, data: null },
        { metadata: { ['__proto__']: 'AAAA' }, data: base64(Buffer.from('2')) },
      ];
      const answer = await decode(door, path, await headers(), JSON.stringify({ payloads }));
      expect(answer.status).toBe(200);
      const marked = '{"undecodable":true}';
      expect(await words(answer)).toEqual(['"a secret word"', marked, marked, marked, marked, '', '', '2']);
    },
  );
});
