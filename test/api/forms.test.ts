import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { openUniversity, personOf, type Answer, type University } from '../support/university.js';
import { auditOf, callWith } from '../support/staff.js';
import { bodies, operationsOf, problemShape, type Operation } from '../support/operations.js';

/** What a teacher is told who sends a fitting body about something that is not there. */
const refusals: Readonly<Record<string, [number, string]>> = {
  '/signing/codes/{id}/check': [409, 'code-not-accepted'],
  '/people/{id}/unlock-signing': [403, 'not-yours-to-give'],
  '/subscriptions': [422, 'ends-too-late'],
  '/delegations': [403, 'not-yours-to-give'],
  '/approvals': [403, 'not-yours-to-give'],
  '/exchanges': [403, 'not-yours-to-give'],
  '/students': [403, 'not-yours-to-give'],
  '/students/{person}/replace-number': [403, 'not-yours-to-give'],
  '/protocol': [403, 'not-yours-to-give'],
  '/protocol/{result}/correct': [403, 'not-yours-to-give'],
  '/protocol/{result}/withdraw': [403, 'not-yours-to-give'],
  '/find-student': [403, 'not-yours-to-give'],
  '/consents': [404, 'not-a-student'],
  '/deliveries/{id}/send-again': [403, 'not-yours-to-give'],
  '/deliveries/{id}/settled': [403, 'not-yours-to-give'],
  '/complaints': [403, 'not-yours-to-give'],
  '/me/calendars/{id}/end': [404, 'no-such-calendar'],
  ...Object.fromEntries(
    Object.keys(bodies)
      .filter((path) => /^\/(me\/administration|settings|notices)/.test(path))
      .map((path) => [path, [403, 'not-yours-to-give']]),
  ),
};

/** Values of the list below that fit after all: another truth, no days off, a type of consent that is not active. */
const fits = (path: string, field: string, other: unknown, value: unknown) =>
  (other === true && typeof value === 'boolean') ||
  (other === null && path === '/settings/exchange-consent') ||
  (Array.isArray(other) &&
    ['/settings/holidays', '/settings/grade-words', '/settings/complaint-pilots'].includes(path) &&
    field === 'value');

describe('the form of a request', () => {
  let at: University;
  let token: string;
  let posts: Operation[];
  let all: Operation[];
  beforeAll(async () => {
    at = await openUniversity();
    token = await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id });
    all = (await operationsOf(at)).operations;
    posts = all.filter((one) => one.method === 'POST');
  });
  afterAll(() => at.close());
  const send = (operation: Operation, body: string | undefined, headers: Record<string, string> = {}) =>
    callWith(at, token, 'POST', operation.url, {
      ...(body === undefined ? {} : { body }),
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers },
    });
  const expectProblem = (operation: Operation, answer: Answer, status: number, code: string) =>
    expect({ contentType: answer.headers.get('Content-Type'), ...answer.body }).toEqual({
      contentType: 'application/problem+json',
      ...problemShape(expect),
      status,
      code,
      instance: operation.url,
      requestId: answer.headers.get('X-Request-Id'),
      ...(answer.body.details ? { details: expect.any(Object) } : {}),
    });

  it('is known for every POST of the document', () => {
    expect(posts.map((one) => one.path).sort()).toEqual(Object.keys(bodies).sort());
    for (const { described, path } of posts) {
      const schema = described.requestBody.content['application/json'].schema;
      for (const one of schema.oneOf ?? schema.anyOf ?? [schema])
        expect({ path, strict: one.additionalProperties }).toEqual({ path, strict: false });
    }
  });

  it('is accepted with a body that fits: the refusal is then about the case, not about the form', async () => {
    for (const operation of posts) {
      const { status, body } = await send(operation, JSON.stringify(bodies[operation.path]));
      if (['/result-lists', '/me/calendars'].includes(operation.path)) expect(status).toBe(201);
      else if (body.items)
        expect([operation.path, status, body.items]).toEqual([
          operation.path,
          200,
          [expect.objectContaining({ outcome: 'refused', code: 'no-such-case' })],
        ]);
      else
        expect({ path: operation.path, refused: [status, body.code] }).toEqual({
          path: operation.path,
          refused: refusals[operation.path] ?? [
            404,
            /^\/(result-lists|subscriptions|delegations|complaints|approvals|exchanges)\//.test(operation.path)
              ? 'no-such-case'
              : 'no-such-page',
          ],
        });
    }
  });

  it('is refused with 422 for a field that nobody knows', async () => {
    for (const operation of posts) {
      const answer = await send(operation, JSON.stringify({ ...bodies[operation.path], nobodyKnowsThis: 1 }));
      expectProblem(operation, answer, 422, 'invalid-input');
      expect(answer.body.details.fields).toEqual(['nobodyKnowsThis']);
    }
  });

  it('is refused with 422 for a query that nobody knows', async () => {
    for (const url of [
      '/result-lists?foo=1',
      '/result-lists/4711/rows?foo=1',
      '/audit?foo=1',
      '/settings?foo=1',
      '/notices?foo=1',
    ]) {
      const answer = await callWith(at, token, 'GET', url);
      expect({ url, status: answer.status, fields: answer.body.details?.fields }).toEqual({ url, status: 422, fields: ['foo'] });
    }
  });

  it('is refused with 422 for each field that is missing or of another type', async () => {
    for (const operation of posts)
      for (const [field, value] of Object.entries(bodies[operation.path] as Record<string, unknown>)) {
        const { [field]: _left, ...without } = bodies[operation.path] as Record<string, unknown>;
        expectProblem(operation, await send(operation, JSON.stringify(without)), 422, 'invalid-input');
        for (const other of [null, true, [], {}, typeof value === 'string' ? 7 : 'text'].filter(
          (one) => !fits(operation.path, field, one, value),
        )) {
          const { status } = await send(operation, JSON.stringify({ ...without, [field]: other }));
          expect({ url: operation.url, field, other, status }).toEqual({ url: operation.url, field, other, status: 422 });
        }
      }
  }, 600_000);

  it('is refused with 422 for a body that is no object', async () => {
    for (const operation of posts)
      for (const body of ['null', '[]', '"text"', '7', 'true'])
        expectProblem(operation, await send(operation, body), 422, 'invalid-input');
  });

  it('is refused with 400 without a usable Idempotency-Key', async () => {
    for (const operation of posts) {
      const missing = await callWith(at, token, 'POST', operation.url, {
        body: JSON.stringify(bodies[operation.path]),
        headers: { 'Content-Type': 'application/json' },
      });
      expectProblem(operation, missing, 400, 'key-needed');
      expect(missing.body.details.fields).toEqual(['idempotency-key']);
      for (const key of ['', 'two words', 'x'.repeat(201), 'åäö'])
        expect((await send(operation, JSON.stringify(bodies[operation.path]), { 'Idempotency-Key': key })).status).toBe(400);
    }
  });

  it('is refused with 400 when it is no JSON', async () => {
    for (const operation of posts)
      for (const body of ['{', '', '{"a":1,}', "{'a':1}", 'NaN', '{"version":1}}'])
        expectProblem(operation, await send(operation, body), 400, 'malformed');
  });

  it('is refused with 415 when it says it is something else, or nothing', async () => {
    for (const operation of posts) {
      for (const type of [
        'text/plain',
        'application/xml',
        'application/x-www-form-urlencoded',
        'multipart/form-data',
        'application/jsonp',
        'text/json',
      ])
        expectProblem(
          operation,
          await send(operation, JSON.stringify(bodies[operation.path]), { 'Content-Type': type }),
          415,
          'wrong-media-type',
        );
      expect((await callWith(at, token, 'POST', operation.url, { headers: { 'Idempotency-Key': 'k' } })).status).toBe(415);
      expect(
        (await send(operation, JSON.stringify(bodies[operation.path]), { 'Content-Type': 'application/json; charset=utf-8' }))
          .status,
      ).not.toBe(415);
    }
  });

  it('is refused with 413 when it is larger than a mebibyte', async () => {
    const large = JSON.stringify({ reason: 'x'.repeat(1024 * 1024) });
    for (const operation of posts) expectProblem(operation, await send(operation, large), 413, 'too-large');
  });

  it('is refused with 405 for a method that the address has not, which names those it has', async () => {
    for (const path of new Set(all.map((one) => one.path))) {
      const mine = all.filter((one) => one.path === path);
      const has = mine.map((one) => one.method);
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((one) => !has.includes(one as 'GET'))) {
        const { status, body, headers } = await callWith(at, token, method, mine[0]?.url ?? '', {
          headers: { 'Content-Type': 'application/json' },
        });
        expect({ path, method, status, code: body.code }).toEqual({ path, method, status: 405, code: 'method-not-allowed' });
        expect(
          headers
            .get('Allow')
            ?.split(', ')
            .filter((one) => one !== 'HEAD' && one !== 'OPTIONS')
            .sort(),
        ).toEqual([...has].sort());
      }
    }
  });

  it('is refused with 404 at an address that is none', async () => {
    for (const path of [
      '/nowhere',
      '/result-list',
      '/result-lists/4711/abolish',
      '/result-lists/4711/rows/1',
      '/signing',
      '/codec/decode',
      '/metrics',
      '/.env',
      '/result-lists/4711/attested',
    ])
      for (const method of ['GET', 'POST']) {
        const answer = await callWith(
          at,
          token,
          method,
          path,
          method === 'POST' ? { body: '{}', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' } } : {},
        );
        expect({ path, method, status: answer.status, code: answer.body.code }).toEqual({
          path,
          method,
          status: 404,
          code: 'no-such-page',
        });
      }
  });

  it('is in the audit when a signed-in caller was refused for it, without the content', async () => {
    const operation = posts.find((one) => one.path.endsWith('/return')) as Operation;
    const answer = await send(operation, JSON.stringify({ reason: 'Said of Anna Andersson', Anna: 'secret' }));
    const entry = (await auditOf(at)).find((one) => one.requestId === answer.body.requestId);
    expect(entry).toMatchObject({
      actor: personOf('tove').id,
      action: 'request.refused',
      outcome: 'refused',
      code: 'invalid-input',
    });
    expect(JSON.stringify(entry)).not.toContain('Anna');
  });

  it.each([
    ['/result-lists/19900101-Anna.Andersson/return', '/result-lists/:number/return'],
    ['/signing/codes/Anna.Andersson/check', '/signing/codes/:id/check'],
    ['/Anna.Andersson%00', 'no such route'],
  ])('puts the pattern of the route into the audit, not the address %s that the caller wrote', async (url, route) => {
    const answer = await callWith(at, token, 'POST', url, {
      body: '{"reason":"abc"}',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    const entry = (await auditOf(at)).find((one) => one.requestId === answer.body.requestId);
    expect(entry).toMatchObject({ action: 'request.refused', details: { route } });
    expect(JSON.stringify(entry)).not.toContain('Anna');
  });
});
