import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { errors, generateKeyPair, SignJWT } from 'jose';
import { createApi } from '../../api/app.js';
import { createMeters } from '../../api/meters.js';
import { tokenVerifier } from '../../api/sign-in.js';
import { createLogger } from '../../activities/logger.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { callWith } from '../support/staff.js';
import { bodies, operationsOf, problemShape, type Operation } from '../support/operations.js';
import { student } from '../simulators/sample.js';

/** What stands in the log about a request, once all of it is there: it is written a little later. */
const logged = (at: University, requestId: string | null, lines: number): Promise<any[]> =>
  eventually('the log has it', async () => {
    const found = readFileSync(at.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes(`"requestId":"${requestId}"`))
      .map((line) => JSON.parse(line));
    return found.length === lines && found;
  });

describe('who is not signed in', () => {
  let at: University;
  let operations: Operation[];
  let bad: Record<string, string | undefined>;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    operations = (await operationsOf(at)).operations.filter((one) => !one.open);
    const { id, email, mobile, login: _login, roles: _roles, ...person } = personOf('tove');
    await at.world.db.person.create({
      data: {
        id,
        institution: 'bth',
        givenName: person.givenName,
        surname: person.surname,
        personNumber: person.personNumber,
        email,
        mobile: mobile ?? null,
        language: 'sv',
        changedAt: new Date(),
        roles: { create: { role: 'teacher', validFrom: new Date('2012-08-01') } },
      },
    });
    const { makeToken } = at.simulators.identityProvider;
    const good = await makeToken({ sub: id });
    const [head, body, signature] = good.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const own = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'my-own' })
      .sign((await generateKeyPair('RS256')).privateKey);
    const other = Buffer.from(JSON.stringify({ ...claims, sub: personOf('eva').id })).toString('base64url');
    bad = {
      none: undefined,
      nonsense: 'nonsense',
      'three empty parts': '..',
      expired: await makeToken({ sub: id, expiresInSeconds: -60 }),
      'signed with a key that nobody published': own,
      'signed with a foreign key': await makeToken({ sub: id, foreignKey: true }),
      'without a signature': await makeToken({ sub: id, alg: 'none' }),
      'signed with the public key as secret': await makeToken({ sub: id, alg: 'HS256' }),
      'for another audience': await makeToken({ sub: id, aud: 'somebody-else' }),
      'of another issuer': await makeToken({ sub: id, iss: 'https://elsewhere.example' }),
      'of a name instead of an id': await makeToken({ sub: 'tove' }),
      'with another body under the signature': `${head}.${other}.${signature}`,
      'with the signature cut off': `${head}.${body}.`,
    };
    expect(await callWith(at, good, 'GET', '/me')).toMatchObject({
      status: 200,
      body: { id, institution: 'bth', roles: [{ role: 'teacher' }] },
    });
  });
  afterAll(() => at.close());

  it('gets 401 everywhere, whatever is wrong with the token, and always the same sentence', async () => {
    const answers = new Set<string>();
    for (const { method, url, path } of operations) {
      for (const [what, token] of Object.entries(bad)) {
        const { status, headers, body } = await callWith(
          at,
          token,
          method,
          url,
          method === 'POST'
            ? { body: JSON.stringify(bodies[path]), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' } }
            : {},
        );
        expect({
          method,
          url,
          what,
          status,
          challenge: headers.get('WWW-Authenticate'),
          type: headers.get('Content-Type'),
        }).toEqual({ method, url, what, status: 401, challenge: 'Bearer', type: 'application/problem+json' });
        expect(body).toMatchObject({ ...problemShape(expect), code: 'sign-in-needed', status: 401 });
        answers.add(JSON.stringify({ ...body, requestId: '', instance: '' }));
      }
    }
    expect(answers.size).toBe(1);
    expect(operations.length).toBeGreaterThan(20);
  });

  it('gets 403 everywhere with a good token of somebody who is no staff: a student, or whom the staff register never named', async () => {
    for (const sub of [student(0).uid, 'b0000000-0000-4000-8000-0000000000ff']) {
      const token = await at.simulators.identityProvider.makeToken({ sub });
      for (const { method, url, path } of operations) {
        const { status, body } = await callWith(
          at,
          token,
          method,
          url,
          method === 'POST'
            ? { body: JSON.stringify(bodies[path]), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' } }
            : {},
        );
        expect({ method, url, status, ...body }).toEqual({
          method,
          url,
          ...problemShape(expect),
          status: 403,
          code: 'not-yours-to-open',
        });
      }
    }
  });

  it('leaves no trace of a person in the database', async () => {
    expect(await at.world.db.case.count()).toBe(0);
    expect(await at.world.db.command.count()).toBe(0);
    expect(await at.world.db.auditEntry.count()).toBe(0);
  });

  it('is not let in by another scheme', async () => {
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id });
    for (const Authorization of [`Basic ${token}`, token, `bearer\t${token}`, `Bearer ${token} ${token}`, `Bearer  ${token}`])
      expect((await at.app.request('/me', { headers: { Authorization } })).status).toBe(401);
    expect((await at.app.request(`/me?access_token=${token}`)).status).toBe(401);
    expect((await at.app.request('/me', { headers: { Authorization: `bearer ${token}` } })).status).toBe(200);
  });

  it('may still read health, version and documentation', async () => {
    for (const path of ['/livez', '/version', '/openapi.json', '/docs', '/problems/wrong-state'])
      expect((await at.app.request(path)).status).toBe(200);
    for (const path of ['/', '/docs/']) expect((await at.app.request(path)).headers.get('Location')).toBe('/docs');
    expect((await at.app.request('/favicon.ico')).status).toBe(204);
    expect((await at.app.request('//result-lists')).status).toBe(401);
  });

  it.each([
    ['/Anna.Andersson/19900101', 'no such route'],
    ['/result-lists/Anna.Andersson', '/result-lists/:number'],
    ['/me', '/me'],
  ])('leaves of the address %s no more than the pattern of its route in the log', async (path, route) => {
    const answer = await at.app.request(path);
    expect(answer.status).toBe(401);
    const lines = await logged(at, answer.headers.get('X-Request-Id'), 2);
    expect(lines.map((line) => [line.msg, line.route])).toEqual([
      ['not signed in', route],
      ['request', route],
    ]);
    expect(readFileSync(at.logFile, 'utf8')).not.toContain('Anna');
  });
});

describe('while the keys of the sign-in cannot be had', () => {
  let at: University;
  let token: string;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    token = await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id });
  });
  afterAll(() => at.close());
  const apiWith = (keys: Parameters<typeof tokenVerifier>[0]['keys']) => {
    const meters = createMeters(at.world.db);
    const verify = tokenVerifier({ issuer: at.config.OIDC_ISSUER, audience: at.config.OIDC_AUDIENCE, keys });
    const app = createApi({
      world: at.world,
      verify,
      meters,
      logger: createLogger({ level: 'info', name: 'test', file: at.logFile }),
      version: { version: '0.0.0', buildId: 'test' },
    });
    return {
      app,
      meters,
      me: (bearer: string, language = 'en') =>
        app.request('/me', { headers: { Authorization: `Bearer ${bearer}`, 'Accept-Language': language } }),
    };
  };
  const nowhere = 'http://127.0.0.1:1/jwks.json';
  const answering = (effect: string) => {
    at.simulators.identityProvider.faults.push({ match: 'GET /jwks.json', effect, times: 1 });
    return at.config.OIDC_JWKS_URL;
  };

  it.each<[string, () => Parameters<typeof tokenVerifier>[0]['keys']]>([
    ['nobody answers', () => nowhere],
    ['the issuer fails', () => answering('500')],
    ['a page comes instead', () => answering('502-html')],
    ['half an answer comes', () => answering('malformed')],
    ['something else comes', () => `${at.config.OIDC_ISSUER}/.well-known/openid-configuration`],
    ['the answer takes too long', () => () => Promise.reject(new errors.JWKSTimeout())],
  ])('a caller is told to come again when %s: counted, logged, and never "sign in"', async (_what, keys) => {
    const api = apiWith(keys());
    const answer = await api.me(token);
    expect({
      status: answer.status,
      retryAfter: answer.headers.get('Retry-After'),
      challenge: answer.headers.get('WWW-Authenticate'),
    }).toEqual({ status: 503, retryAfter: '5', challenge: null });
    const body: any = await answer.json();
    expect(body).toMatchObject({
      ...problemShape(expect),
      status: 503,
      code: 'sign-in-not-now',
      detail: expect.stringContaining('cannot be checked right now'),
    });
    expect(await api.meters.text()).toContain('registrar_sign_in_away_total 1');
    expect((await logged(at, body.requestId, 2))[0]).toMatchObject({
      level: 50,
      msg: 'a sign-in cannot be checked',
      error: expect.any(String),
    });
  });

  it('says so in the language of the reader', async () => {
    const said = await Promise.all(
      ['sv', 'nb', 'en'].map(async (language) => ((await (await apiWith(nowhere).me(token, language)).json()) as any).detail),
    );
    expect(said.map((text) => text.split(' ')[0])).toEqual(['Inloggningen', 'Innloggingen', 'The']);
  });

  it('a token that is none is refused all the same, and pages without sign-in are there', async () => {
    const api = apiWith(nowhere);
    for (const none of [
      'nonsense',
      '..',
      await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id, alg: 'none' }),
      await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id, alg: 'HS256' }),
    ])
      expect((await api.me(none)).status).toBe(401);
    expect((await api.app.request('/livez')).status).toBe(200);
    expect(await api.meters.text()).toContain('registrar_sign_in_away_total 0');
  });

  it('somebody is let in again as soon as the keys come', async () => {
    const api = apiWith(answering('500'));
    expect((await api.me(token)).status).toBe(503);
    expect(
      (await api.me(await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id, expiresInSeconds: -60 }))).status,
    ).toBe(401);
    expect((await api.me(token)).status).toBe(403);
    await at.world.db.person.create({
      data: {
        id: personOf('tove').id,
        institution: 'bth',
        givenName: 'Tove',
        surname: 'Test',
        personNumber: personOf('tove').personNumber,
        email: 'tove@bth.example',
        language: 'sv',
        changedAt: new Date(),
      },
    });
    expect((await api.me(token)).status).toBe(200);
  });
});

describe('a token that was good', () => {
  it('is believed for a minute without its signature being looked at, never past its end, and no other with it', async () => {
    const { publicKey, privateKey } = await generateKeyPair('RS256');
    let [clock, looks] = [Date.parse('2026-11-27T12:00:00Z'), 0];
    const verify = tokenVerifier({
      issuer: 'https://issuer.example',
      audience: 'registrar',
      keys: () => {
        looks += 1;
        return publicKey;
      },
      now: () => clock,
    });
    const lasting = (seconds: number) =>
      new SignJWT({ sub: personOf('tove').id })
        .setProtectedHeader({ alg: 'RS256' })
        .setIssuer('https://issuer.example')
        .setAudience('registrar')
        .setIssuedAt(clock / 1_000)
        .setExpirationTime(clock / 1_000 + seconds)
        .sign(privateKey);
    const [long, short] = [await lasting(3_600), await lasting(20)];
    const first = await verify(long);
    expect(await verify(long)).toEqual(first);
    expect([first?.person, looks]).toEqual([personOf('tove').id, 1]);
    expect(await verify(`${long.slice(0, -6)}AAAAAA`)).toBeUndefined();
    expect(await verify(short)).toMatchObject({ person: personOf('tove').id });
    looks = 0;
    clock += 26_000;
    expect([await verify(short), (await verify(long))?.person, looks]).toEqual([undefined, personOf('tove').id, 1]);
    clock += 35_000;
    expect([(await verify(long))?.person, looks]).toEqual([personOf('tove').id, 2]);
  });
});
