import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { mendedSignal } from '../../workflows/case-workflow.js';
import { reasonOf } from '../../workflows/order-reasons.js';
import { refuse, type Language } from '../../workflows/process.js';
import { holding, may } from '../../workflows/rights.js';
import { once } from '../../activities/case/once.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import { mend, mendFree, troubledOf, type Mending, type TroubledPromise } from '../../activities/troubled.js';
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

const freelyMendedShape = mendedShape.omit({ needsAttention: true }).openapi('MendedFreeDelivery');

const mendings: Readonly<Record<Mending, { readonly summary: string; readonly done: string }>> = {
  'send-again': { summary: 'Have it delivered once more, whatever became of it', done: 'On its way again' },
  settled: { summary: 'Say that it did arrive, or does not matter any more: somebody has looked', done: 'Counts as done' },
};

const troubledPage = z.object({ items: z.array(troubledShape), next: z.string().nullable() });
const wanted = page.extend({ after: z.uuid().optional().openapi({ description: '`next` of the page before' }) });
const promiseId = z.uuid().toLowerCase();
const nothing = { required: true, content: { 'application/json': { schema: z.strictObject({}) } } } as const;

const pageOf = (found: readonly TroubledPromise[], limit: number, language: Language) => {
  const items = found
    .slice(0, limit)
    .map((one) => ({ ...one, problemText: (one.channel === 'order' && reasonOf(one.problem)?.[language]) || null }));
  return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
};

/**
 * The promises that belong to no case and need a person, as the letter to a student for whom somebody entered a consent (RX-08):
 * no case asks for attention, so operations look here.
 */
export function freeDeliveryRoutes(app: OpenAPIHono<ApiEnv>, { db }: World, path: CommandPath): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/deliveries',
      tags: ['Service'],
      summary: 'Letters and other promises of no case that are uncertain or failed',
      description: `By ${holding('mend-letters')}.`,
      request: { query: wanted },
      responses: { 200: json(troubledPage, 'A page of them'), ...problems },
    }),
    async (c) => {
      const known = c.get('known');
      const { institution } = known.actor;
      if (!may(known.actor, 'mend-letters')) {
        const no = refuse('forbidden', 'registrar', 'not-yours-to-open');
        await path.traced(no, { known, requestId: c.get('requestId'), action: 'deliveries.open', caseId: null });
        return refused(c, no) as never;
      }
      const { limit, after } = c.req.valid('query');
      const found = await troubledOf(db, { institution, caseId: null, after, limit: limit + 1 });
      return c.json(pageOf(found, limit, languageOf(c)), 200);
    },
  );

  for (const how of Object.keys(mendings) as Mending[])
    app.openapi(
      createRoute({
        method: 'post',
        path: `/deliveries/{id}/${how}`,
        tags: ['Service'],
        summary: mendings[how].summary,
        description: `By ${holding('mend-letters')}; only what belongs to no case, and is uncertain or failed.`,
        request: { params: z.object({ id: promiseId }), headers: z.object({ 'idempotency-key': idempotencyKey }), body: nothing },
        responses: { 200: json(freelyMendedShape, mendings[how].done), ...problems },
      }),
      async (c) => {
        const { actor } = c.get('known');
        const { id } = c.req.valid('param');
        const mended = await once(
          db,
          {
            action: `deliveries.${how}`,
            about: id,
            body: {},
            idempotencyKey: c.req.valid('header')['idempotency-key'],
            actor,
            requestId: c.get('requestId'),
          },
          (tx, trace) => mendFree(tx, { id, actor, how }, trace),
        );
        return 'refused' in mended ? (refused(c, mended) as never) : c.json(mended, 200);
      },
    );
}

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
      request: { params: z.object({ number }), query: wanted },
      responses: { 200: json(troubledPage, 'A page of them'), ...problems },
    }),
    async (c) => {
      const subject = await openFor(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const { limit, after } = c.req.valid('query');
      const found = await troubledOf(db, { institution: subject.institution, caseId: subject.id, after, limit: limit + 1 });
      return c.json(pageOf(found, limit, languageOf(c)), 200);
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
          params: z.object({ number, id: promiseId }),
          headers: z.object({ 'idempotency-key': idempotencyKey }),
          body: nothing,
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
