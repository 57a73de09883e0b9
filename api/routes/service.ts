import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse, type Actor } from '../../workflows/process.js';
import { queues } from '../../workflows/queues.js';
import { refusalTexts } from '../../workflows/refusals.js';
import { may } from '../../workflows/rights.js';
import { verifyChain } from '../../activities/audit.js';
import { discloseAll, hiddenFrom } from '../../activities/complaint/sight.js';
import type { World } from '../../activities/index.js';
import type { Transaction } from '../../prisma/client.js';
import { pendingMigrations } from '../../prisma/migrate.js';
import type { CommandPath } from '../command-path.js';
import { problem, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';
import { json, page, problems } from './shapes.js';

const within = <T>(work: Promise<T>, ms = 2_000): Promise<T> =>
  Promise.race([work, new Promise<never>((_ok, late) => setTimeout(() => late(new Error('late')), ms).unref())]);
const yes = (work: Promise<unknown>) =>
  within(work).then(
    () => true,
    () => false,
  );

/** A worker asks again at the latest after a minute; of one that has died the service tells some minutes more. */
const POLLED_MS = 75_000;

/** How long an answer about readiness is given again. */
const READY_MS = 300;

/** Looks once at a time: who asks meanwhile, or just after, gets the same answer, however many they are. */
function shared<T>(look: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= look().finally(() => setTimeout(() => (answer = undefined), READY_MS).unref()));
}

/** Health and version: no sign-in, nothing about anybody. */
export function openRoutes(app: OpenAPIHono<ApiEnv>, world: World, version: { version: string; buildId: string }): void {
  const { db, temporal } = world;
  const polled = async () => {
    const queue = await temporal.workflowService.describeTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: queues.cases },
      taskQueueType: 1,
    });
    const since = (Date.now() - POLLED_MS) / 1_000;
    if (!queue.pollers?.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds) > since)) throw new Error('nobody polls');
  };
  const migrated = async () => {
    if ((await pendingMigrations((sql) => db.$queryRawUnsafe(sql))).length > 0) throw new Error('migrations are missing');
  };
  const look = shared(async () => {
    const [database, migrations, reached, worker] = await Promise.all([
      yes(db.$queryRaw`SELECT 1`),
      yes(migrated()),
      yes(temporal.workflowService.getSystemInfo({})),
      yes(polled()),
    ]);
    return { database, migrations, temporal: reached, worker };
  });
  app.openapi(
    createRoute({
      method: 'get',
      path: '/livez',
      tags: ['Service'],
      summary: 'The process runs',
      responses: { 200: json(z.object({ live: z.literal(true) }), 'It does') },
    }),
    (c) => c.json({ live: true as const }, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/readyz',
      tags: ['Service'],
      summary: 'Commands can be taken: database, migrations, Temporal, a worker that polls',
      responses: {
        200: json(z.object({ ready: z.boolean(), parts: z.record(z.string(), z.boolean()) }), 'Ready'),
        503: json(z.object({ ready: z.boolean(), parts: z.record(z.string(), z.boolean()) }), 'Not ready, and what is missing'),
      },
    }),
    async (c) => {
      const parts = await look();
      const ready = Object.values(parts).every(Boolean);
      return c.json({ ready, parts }, ready ? 200 : 503);
    },
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/version',
      tags: ['Service'],
      summary: 'What runs',
      responses: { 200: json(z.object({ version: z.string(), buildId: z.string() }), 'Version and build of the workflows') },
    }),
    (c) => c.json(version, 200),
  );
  app.openapi(
    createRoute({
      method: 'get',
      path: '/problems/{code}',
      tags: ['Service'],
      summary: 'What a refusal means, in three languages',
      request: { params: z.object({ code: z.string().max(60) }) },
      responses: {
        200: json(z.object({ code: z.string(), sv: z.string(), nb: z.string(), en: z.string() }), 'The texts'),
        404: problems[404],
      },
    }),
    (c) => {
      const { code } = c.req.valid('param');
      if (!Object.hasOwn(refusalTexts, code)) return problem(c, { code: 'no-such-page', status: 404 }) as never;
      return c.json({ code, ...refusalTexts[code as keyof typeof refusalTexts] }, 200);
    },
  );
}

/** The reader's own page of the service: who one is, what became of a command, the audit. */
export function serviceRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath): void {
  const { db } = world;

  app.openapi(
    createRoute({
      method: 'get',
      path: '/me',
      tags: ['Service'],
      summary: 'Who you are here, and your roles today',
      responses: {
        200: json(
          z.object({
            id: z.string(),
            institution: z.string(),
            language: z.string(),
            roles: z.array(
              z.object({
                role: z.string(),
                course: z.string().optional(),
                for: z.string().optional().describe('Whom you act for (RL-36)'),
              }),
            ),
          }),
          'You',
        ),
        ...problems,
      },
    }),
    (c) => {
      const { actor, language } = c.get('known');
      return c.json({ id: actor.id, institution: actor.institution, language, roles: [...actor.roles] }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/commands/{key}',
      tags: ['Service'],
      summary: 'What became of a command answered with 202',
      request: { params: z.object({ key: z.string().regex(/^[0-9a-f]{64}$/) }) },
      responses: {
        200: json(z.record(z.string(), z.unknown()), 'Its answer'),
        202: json(z.object({ accepted: z.boolean() }), 'Not decided yet'),
        ...problems,
      },
    }),
    async (c) => {
      const found = await path.look({ key: c.req.valid('param').key, known: c.get('known') });
      if (!found) return problem(c, { code: 'no-such-page', status: 404 }) as never;
      return (found.outcome ? respond(c, { is: 'answer', outcome: found.outcome }) : c.json({ accepted: true }, 202)) as never;
    },
  );

  const mayRead = (c: { get(name: 'known'): ApiEnv['Variables']['known'] }) => may(c.get('known').actor, 'read-audit');
  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit',
      tags: ['Audit'],
      summary: 'The audit, the oldest first (AU-02)',
      description: 'By auditor, operations. An auditor who reads of a complaint here cannot assess it anew (GC-13).',
      request: {
        query: page.extend({
          subject: z
            .string()
            .regex(/^[a-z-]+\/\d{1,15}$/)
            .optional()
            .openapi({ example: 'result-list/4711' }),
        }),
      },
      responses: {
        200: json(
          z.object({
            items: z.array(z.object({ seq: z.string(), hash: z.string(), entry: z.record(z.string(), z.unknown()) })),
            next: z.string().nullable(),
          }),
          'Entries',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const known = c.get('known');
      if (!mayRead(c))
        return respond(
          c,
          await path.traced(refuse('forbidden', 'AU-02', 'not-yours-to-open'), {
            known,
            requestId: c.get('requestId'),
            action: 'audit.read',
            caseId: null,
          }),
        ) as never;
      const { limit, after, subject } = c.req.valid('query');
      const about = subject
        ? await db.case.findFirst({
            where: {
              institution: known.actor.institution,
              kind: subject.split('/')[0] ?? '',
              number: BigInt(subject.split('/')[1] ?? 0),
            },
          })
        : null;
      if (subject && !about) return refused(c, refuse('missing', 'registrar', 'no-such-case')) as never;
      const rows = await db.auditEntry.findMany({
        where: {
          institution: known.actor.institution,
          ...(about ? { caseId: about.id } : {}),
          ...(after ? { seq: { gt: BigInt(after) } } : {}),
        },
        orderBy: { seq: 'asc' },
        take: limit + 1,
      });
      const shown = rows.slice(0, limit);
      const spoken = await db.$transaction((tx) => toldOf(tx, shown, known.actor));
      const items = shown.map((row) => ({ seq: String(row.seq), hash: row.hash, entry: spoken(row) }));
      return c.json({ items, next: rows.length > limit ? (items.at(-1)?.seq ?? null) : null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/audit/verify',
      tags: ['Audit'],
      summary: 'Prove the chain, or name the first bad entry',
      responses: { 200: json(z.record(z.string(), z.unknown()), 'The report'), ...problems },
    }),
    async (c) => {
      const known = c.get('known');
      if (!mayRead(c))
        return respond(
          c,
          await path.traced(refuse('forbidden', 'AU-02', 'not-yours-to-open'), {
            known,
            requestId: c.get('requestId'),
            action: 'audit.verify',
            caseId: null,
          }),
        ) as never;
      return c.json({ ...(await verifyChain(db, known.actor.institution)) }, 200);
    },
  );
}

interface Entry {
  readonly caseId: string | null;
  readonly entry: string;
}

/**
 * What somebody is told of entries of the audit (GC-13). Who assesses the result of a complaint anew is told neither details nor
 * codes of it, and who does not read complaints whole nothing of a decision. That anybody else read of it is kept.
 */
async function toldOf(
  tx: Transaction,
  entries: readonly Entry[],
  actor: Actor,
): Promise<(row: Entry) => Readonly<Record<string, unknown>>> {
  const cases = [...new Set(entries.flatMap(({ caseId }) => caseId ?? []))];
  const disclosed = await discloseAll(tx, cases, actor);
  const hidden = await hiddenFrom(tx, actor.id);
  return ({ caseId, entry: text }) => {
    const entry = JSON.parse(text) as Record<string, unknown>;
    if (caseId && hidden.has(caseId)) return { ...entry, details: null, code: null };
    if (!caseId || disclosed.has(caseId) || !String(entry['action']).startsWith('complaint.')) return entry;
    const { decision: _decision, logged: _logged, ...rest } = (entry['details'] ?? {}) as Record<string, unknown>;
    return entry['details'] ? { ...entry, details: rest } : entry;
  };
}

const swagger = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const assets: Readonly<Record<string, string>> = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript' };

/** The API's own description and a page to read it, served from the package: nothing comes from elsewhere. */
export function docsRoutes(app: OpenAPIHono<ApiEnv>, version: string): void {
  app.doc31('/openapi.json', {
    openapi: '3.1.0',
    info: {
      title: 'Registrar',
      version,
      description:
        'Long processes of student administration. Every command needs an Idempotency-Key; every no is a problem with the id of its rule.',
    },
    security: [{ token: [] }],
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'token', { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' });
  for (const near of ['/', '/docs/']) app.get(near, (c) => c.redirect('/docs'));
  app.get('/favicon.ico', (c) => c.body(null, 204));
  app.get('/docs/:asset', (c) => {
    const asset = c.req.param('asset');
    const type = Object.hasOwn(assets, asset) ? assets[asset] : undefined;
    if (!type) return problem(c, { code: 'no-such-page', status: 404 });
    return c.body(readFileSync(join(swagger, asset)), 200, { 'Content-Type': type, 'Cache-Control': 'no-cache' });
  });
  app.get('/docs', (c) =>
    c.html(
      `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Registrar API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs-start.js"></script></body></html>`,
      200,
      { 'Content-Security-Policy': "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:" },
    ),
  );
  app.get('/docs-start.js', (c) =>
    c.body("SwaggerUIBundle({ url: '/openapi.json', dom_id: '#api', deepLinking: true });", 200, {
      'Content-Type': 'text/javascript',
    }),
  );
}
