import { randomUUID } from 'node:crypto';
import { createMeters } from '../../api/meters.js';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { eventually, openUniversity, type University } from '../support/university.js';
import { operationsOf } from '../support/operations.js';

describe('the service itself', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const get = (path: string) => at.app.request(path);

  it('says that it lives and which version it is, to anybody', async () => {
    expect(await (await get('/livez')).json()).toEqual({ live: true });
    expect(await (await get('/version')).json()).toEqual({ version: '0.0.0', buildId: 'test' });
  });

  it('is ready with database, migrations, Temporal and a worker', async () => {
    const answer = await eventually('ready', async () => {
      const tried = await get('/readyz');
      return tried.status === 200 && tried;
    });
    expect(await answer.json()).toEqual({
      ready: true,
      parts: { database: true, migrations: true, temporal: true, worker: true },
    });
  });

  it('looks once for however many ask at a time whether it is ready, and opens no connection for it', async () => {
    const service = at.world.temporal.workflowService;
    const real = service.getSystemInfo.bind(service);
    let looks = 0;
    service.getSystemInfo = ((...asked: Parameters<typeof real>) => {
      looks += 1;
      return real(...asked);
    }) as typeof service.getSystemInfo;
    const connections = async () =>
      (
        await at.world.db.$queryRaw<{ pid: number }[]>`
          SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND application_name NOT LIKE 'registrar%' AND backend_start > now() - interval '1 minute'`
      ).length;
    const before = await connections();
    await new Promise((over) => setTimeout(over, 500));
    const asked = Promise.all(Array.from({ length: 300 }, async () => (await get('/readyz')).status));
    const during = await connections();
    expect(new Set(await asked)).toEqual(new Set([200]));
    expect([looks, during]).toEqual([1, before]);
    service.getSystemInfo = real;
  });

  it('is not ready when its workers asked for work last more than 75 seconds ago', async () => {
    const service = at.world.temporal.workflowService;
    const real = service.describeTaskQueue.bind(service);
    const polled = async (secondsAgo: number) => {
      const seconds = Math.floor(Date.now() / 1_000) - secondsAgo;
      service.describeTaskQueue = (async () => ({ pollers: [{ lastAccessTime: { seconds } }] })) as unknown as typeof real;
      await new Promise((over) => setTimeout(over, 500));
      const answer = await get('/readyz');
      return [answer.status, ((await answer.json()) as any).parts.worker];
    };
    expect([await polled(60), await polled(80)]).toEqual([
      [200, true],
      [503, false],
    ]);
    service.describeTaskQueue = real;
    await eventually('ready again', async () => (await get('/readyz')).status === 200);
  });

  it('is not ready with a migration that was not applied, and says so with 503', async () => {
    await at.world.db.$executeRaw`UPDATE _prisma_migrations SET migration_name = 'another', checksum = 'another'`;
    const answer = await eventually('it is not ready', async () => {
      const tried = await get('/readyz');
      return tried.status === 503 && tried;
    });
    expect(await answer.json()).toMatchObject({ ready: false, parts: { database: true, migrations: false } });
  });

  it('describes itself in OpenAPI 3.1', async () => {
    const { document, operations } = await operationsOf(at);
    expect(document).toMatchObject({
      openapi: '3.1.0',
      info: { title: 'Registrar', version: '0.0.0' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    });
    const text = JSON.stringify(document);
    expect(text).not.toContain('"nullable"');
    for (const [, ref] of text.matchAll(/"\$ref":"#\/([^"]+)"/g))
      expect(ref?.split('/').reduce((inner: any, part) => inner?.[part], document)).toBeDefined();
    for (const { path, method, described } of operations) {
      const declared = (described.parameters ?? [])
        .filter((parameter: any) => parameter.in === 'path')
        .map((parameter: any) => parameter.name);
      expect({ path, declared: declared.sort() }).toEqual({
        path,
        declared: [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort(),
      });
      for (const parameter of described.parameters ?? [])
        expect(parameter).toMatchObject({
          name: expect.any(String),
          in: expect.stringMatching(/^(path|query|header)$/),
          schema: expect.any(Object),
        });
      for (const parameter of described.parameters ?? []) if (parameter.in === 'path') expect(parameter.required).toBe(true);
      expect(described.summary).toEqual(expect.any(String));
      expect(Object.keys(described.responses).length).toBeGreaterThan(0);
      for (const [status, response] of Object.entries<any>(described.responses)) {
        expect(status).toMatch(/^[2-5]\d\d$/);
        expect(response.description).toEqual(expect.any(String));
      }
      if (method === 'POST') expect(described.requestBody?.required).toBe(true);
    }
  });

  it('RL-28 says by whom else than by role a command is given, where a rule narrows it', async () => {
    const { document } = await operationsOf(at);
    expect(document.paths['/result-lists/{number}/send'].post.description).toBe(
      'By teacher (institution), examiner (course); in draft. On the list of a whole course (T34) by an examiner of it alone (RL-28). Rule RL-36.',
    );
  });

  it('shows examples that fit, where a form alone would not tell, and calls many lists many', async () => {
    const { document } = await operationsOf(at);
    const save = document.paths['/result-lists/{number}/save'].post.requestBody.content['application/json'].schema;
    expect(save.properties.rows.items.properties).toMatchObject({
      grade: { example: 'B' },
      examinationDate: { example: '2026-11-02' },
    });
    expect([document.paths['/result-lists'].get.summary, document.paths['/result-lists/{number}'].get.summary]).toEqual([
      'Result lists',
      'One result list',
    ]);
  });

  it('describes every route it has, and none that it has not', async () => {
    const { operations } = await operationsOf(at);
    const pages = ['/', '/docs/', '/favicon.ico', '/openapi.json', '/docs', '/docs/{asset}', '/docs-start.js'];
    const real = new Set(
      at.app.routes
        .filter((route) => route.method !== 'ALL')
        .map((route) => `${route.method} ${route.path.replace(/:(\w+)(\{[^}]*\})?/g, '{$1}')}`),
    );
    const described = operations.map(({ method, path }) => `${method} ${path}`);
    expect([...described].sort()).toEqual(
      [...real].filter((route) => !pages.includes(route.split(' ')[1] ?? '') && !route.includes(' /resultatutveksling/')).sort(),
    );
    expect(described.length).toBeGreaterThan(25);
  });

  it('shows its description from the own house: nothing is loaded from elsewhere', async () => {
    const page = await get('/docs');
    const html = await page.text();
    expect(page.status).toBe(200);
    expect(page.headers.get('Content-Security-Policy')).toContain("default-src 'self'");
    const sources = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] as string);
    expect(sources).toHaveLength(3);
    for (const source of sources) {
      expect(source).toMatch(/^\/docs/);
      const asset = await get(source);
      expect({ source, status: asset.status }).toEqual({ source, status: 200 });
      expect((await asset.text()).length).toBeGreaterThan(50);
    }
    expect((await get('/docs/package.json')).status).toBe(404);
    expect((await get('/docs/..%2Fpackage.json')).status).toBe(404);
  });

  it('RL-37 counts what is not kept yet by an index that holds nothing else, and no promise of before', async () => {
    const { db } = at.world;
    const asked: string[] = [];
    const listening = new Proxy(db, {
      get: (target, name) =>
        name === '$queryRaw'
          ? (text: TemplateStringsArray) => {
              asked.push(text.join(''));
              return target.$queryRaw(text);
            }
          : Reflect.get(target, name),
    });
    const promise = { institution: 'bth', channel: 'mail', payload: {}, attempts: 1, claimedAt: new Date() };
    for (const state of ['done', 'failed', 'failed', 'uncertain'])
      await db.outbox.create({ data: { ...promise, state, key: randomUUID() } });
    const text = await createMeters(listening).text();
    expect(text.split('\n').filter((line) => line.startsWith('registrar_outbox'))).toEqual(
      expect.arrayContaining([
        'registrar_outbox{channel="mail",state="failed"} 2',
        'registrar_outbox{channel="mail",state="uncertain"} 1',
      ]),
    );
    expect(text).not.toContain('state="done"');
    expect(asked).toHaveLength(1);
    const plan = await db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
      return tx.$queryRawUnsafe(`EXPLAIN ${asked[0]}`);
    });
    expect(JSON.stringify(plan)).toContain('outbox_not_done');
  });

  it('explains each refusal in three languages', async () => {
    const answer = await get('/problems/wrong-state');
    expect(await answer.json()).toMatchObject({
      code: 'wrong-state',
      sv: expect.stringContaining('läget'),
      nb: expect.stringContaining('tilstanden'),
      en: expect.stringContaining('not possible'),
    });
    for (const code of ['nothing', '__proto__', 'constructor', 'toString'])
      expect((await get(`/problems/${code}`)).status).toBe(404);
  });

  it('gives every answer an id and safe headers', async () => {
    const [one, other] = [await get('/livez'), await get('/nowhere')];
    expect(one.headers.get('X-Request-Id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(other.headers.get('X-Request-Id')).not.toBe(one.headers.get('X-Request-Id'));
    expect(one.headers.get('X-Content-Type-Options')).toBe('nosniff');
  });
});
