import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openUniversity, personOf, type University } from '../support/university.js';
import { callWith } from '../support/staff.js';
import { bodies, operationsOf, problemShape, type Operation } from '../support/operations.js';
import { student } from '../simulators/sample.js';

describe('who is not signed in', () => {
  let at: University;
  let operations: Operation[];
  let bad: Record<string, string | undefined>;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    operations = (await operationsOf(at)).operations.filter((one) => !one.open);
    const { id, email, mobile, login: _login, roles: _roles, ...person } = personOf('tove');
    await at.world.db.person.create({ data: { id, institution: 'bth', givenName: person.givenName, surname: person.surname, personNumber: person.personNumber, email, mobile: mobile ?? null, language: 'sv', changedAt: new Date(), roles: { create: { role: 'teacher', validFrom: new Date('2012-08-01') } } } });
    const { makeToken } = at.simulators.identityProvider;
    const good = await makeToken({ sub: id });
    const [head, body, signature] = good.split('.') as [string, string, string];
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object;
    const other = Buffer.from(JSON.stringify({ ...claims, sub: personOf('eva').id })).toString('base64url');
    bad = {
      none: undefined, nonsense: 'nonsense', 'three empty parts': '..', expired: await makeToken({ sub: id, expiresInSeconds: -60 }), 'signed with a foreign key': await makeToken({ sub: id, foreignKey: true }),
      'without a signature': await makeToken({ sub: id, alg: 'none' }), 'signed with the public key as secret': await makeToken({ sub: id, alg: 'HS256' }),
      'for another audience': await makeToken({ sub: id, aud: 'somebody-else' }), 'of another issuer': await makeToken({ sub: id, iss: 'https://elsewhere.example' }),
      'of somebody whom the staff register never named': await makeToken({ sub: 'b0000000-0000-4000-8000-0000000000ff' }), 'of a student': await makeToken({ sub: student(0).uid }),
      'of a name instead of an id': await makeToken({ sub: 'tove' }), 'with another body under the signature': `${head}.${other}.${signature}`, 'with the signature cut off': `${head}.${body}.`,
    };
    expect(await callWith(at, good, 'GET', '/me')).toMatchObject({ status: 200, body: { id, institution: 'bth', roles: [{ role: 'teacher' }] } });
  });
  afterAll(() => at.close());

  it('gets 401 everywhere, whatever is wrong with the token, and always the same sentence', async () => {
    const answers = new Set<string>();
    for (const { method, url, path } of operations) {
      for (const [what, token] of Object.entries(bad)) {
        const { status, headers, body } = await callWith(at, token, method, url, method === 'POST' ? { body: JSON.stringify(bodies[path]), headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' } } : {});
        expect({ method, url, what, status, challenge: headers.get('WWW-Authenticate'), type: headers.get('Content-Type') }).toEqual({ method, url, what, status: 401, challenge: 'Bearer', type: 'application/problem+json' });
        expect(body).toMatchObject({ ...problemShape(expect), code: 'sign-in-needed', status: 401 });
        answers.add(JSON.stringify({ ...body, requestId: '', instance: '' }));
      }
    }
    expect(answers.size).toBe(1);
    expect(operations.length).toBeGreaterThan(20);
  });

  it('leaves no trace of a person in the database', async () => {
    expect(await at.world.db.case.count()).toBe(0);
    expect(await at.world.db.command.count()).toBe(0);
    expect(await at.world.db.auditEntry.count()).toBe(0);
  });

  it('is not let in by another scheme', async () => {
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id });
    for (const Authorization of [`Basic ${token}`, token, `bearer\t${token}`, `Bearer ${token} ${token}`, `Bearer  ${token}`]) expect((await at.app.request('/me', { headers: { Authorization } })).status).toBe(401);
    expect((await at.app.request(`/me?access_token=${token}`)).status).toBe(401);
  });

  it('may still read health, version and documentation', async () => {
    for (const path of ['/livez', '/version', '/openapi.json', '/docs', '/problems/wrong-state']) expect((await at.app.request(path)).status).toBe(200);
  });
});
