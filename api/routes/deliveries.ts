import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { mendedSignal } from '../../workflows/case-workflow.js';
import { reasonOf } from '../../workflows/order-reasons.js';
import { once } from '../../activities/case/once.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import { mend, troubledOf, type Mending } from '../../activities/troubled.js';
import type { CommandPath } from '../command-path.js';
import { languageOf, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { openFor } from './cases.js';
import { idempotencyKey, json, number, page, problems } from './shapes.js';

const troubledShape = z
  .object({
    id: z.uuid(),
    channel: z.enum(['mail', 'sms', 'order', 'start']),
    state: z.enum(['uncertain', 'failed']),
    problem: z.string().nullable(),
    problemText: z.string().nullable().describe('Of an order: the problem as a sentence'),
    letter: z.string().nullable(),
    to: z.string().nullable().describe("A person's id, or the student's key on the list"),
    attempts: z.number().int(),
    promisedAt: z.string(),
    endedAt: z.string().nullable(),
  })
  .openapi('TroubledDelivery');

const mendedShape = z
  .object({
    id: z.uuid(),
    state: z.enum(['pending', 'done']),
    needsAttention: z.boolean().describe('Whether the case still needs somebody'),
  })
  .openapi('MendedDelivery');

const mendings: Readonly<Record<Mending, { readonly summary: string; readonly done: string }>> = {
  'send-again': { summary: 'Have it delivered once more, whatever became of it', done: 'On its way again' },
  settled: { summary: 'Say that it did arrive, or does not matter any more: somebody has looked', done: 'Counts as done' },
};

/** The promises of a case that need a person, and what a person may do about them. For every process alike. */
export function deliveryRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { definition } = process;
  const { db } = world;
  const tag = definition.title.en;

  app.openapi(
    createRoute({
      method: 'get',
      path: `/${definition.path}/{number}/deliveries`,
      tags: [tag],
      summary: 'Letters and other promises that are uncertain or failed',
      request: {
        params: z.object({ number }),
        query: page.extend({ after: z.uuid().optional().openapi({ description: '`next` of the page before' }) }),
      },
      responses: {
        200: json(z.object({ items: z.array(troubledShape), next: z.string().nullable() }), 'A page of them'),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await openFor(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const { limit, after } = c.req.valid('query');
      const found = await troubledOf(db, { caseId: subject.id, after, limit: limit + 1 });
      const language = languageOf(c);
      const items = found
        .slice(0, limit)
        .map((one) => ({ ...one, problemText: (one.channel === 'order' && reasonOf(one.problem)?.[language]) || null }));
      return c.json({ items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null }, 200);
    },
  );

  for (const how of Object.keys(mendings) as Mending[])
    app.openapi(
      createRoute({
        method: 'post',
        path: `/${definition.path}/{number}/deliveries/{id}/${how}`,
        tags: [tag],
        summary: mendings[how].summary,
        description: `By ${Object.entries(definition.mendedBy)
          .map(([role, reach]) => `${role} (${reach})`)
          .join(', ')}; only what is uncertain or failed.`,
        request: {
          params: z.object({ number, id: z.uuid().toLowerCase() }),
          headers: z.object({ 'idempotency-key': idempotencyKey }),
          body: { required: true, content: { 'application/json': { schema: z.strictObject({}) } } },
        },
        responses: { 200: json(mendedShape, mendings[how].done), ...problems },
      }),
      async (c) => {
        const { actor } = c.get('known');
        const { number: caseNumber, id } = c.req.valid('param');
        const mended = await once(
          db,
          {
            action: `${definition.kind}.${how}`,
            about: `${definition.kind}/${caseNumber}/${id}`,
            body: {},
            idempotencyKey: c.req.valid('header')['idempotency-key'],
            actor,
            requestId: c.get('requestId'),
          },
          (tx, trace) => mend(tx, { process, number: caseNumber, id, actor, how }, trace),
        );
        if ('refused' in mended) return refused(c, mended) as never;
        void world.temporal.workflow
          .getHandle(`${definition.kind}/${caseNumber}`)
          .signal(mendedSignal)
          .catch(() => undefined);
        return c.json(mended, 200);
      },
    );
}
