import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { promisedSignal } from '../../workflows/case-workflow.js';
import type { Refusal } from '../../workflows/process.js';
import { orderForMany } from '../../activities/result-list/bulk-order.js';
import { MOST_LISTS } from '../../activities/result-list/signed-text.js';
import { eachAtMost } from '../../activities/at-a-time.js';
import type { Process } from '../../activities/case/registered-process.js';
import { startPromised, type World } from '../../activities/index.js';
import { addressOf } from '../caller-address.js';
import type { CommandPath, Given } from '../command-path.js';
import { problem, refused, sentenceOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { idempotencyKey, json, number, problems } from './shapes.js';

/** Lists that are signed at the same time. */
const AT_ONCE = 8;
/**
 * How long a list waits in vain, with no other answered meanwhile, before the rest is not tried: nothing takes commands, and each
 * would wait as long. A single list that has no answer holds up no other.
 */
const IN_VAIN_MS = 1_500;

const version = z.number().int().min(1).max(1_000_000).describe('Version of the content as you read it');
const lists = <S extends z.ZodObject>(item: S) =>
  z.strictObject({
    lists: z
      .array(item)
      .min(1)
      .max(MOST_LISTS)
      .refine((all) => new Set(all.map((one) => String(one['number']).replace(/^0+/, ''))).size === all.length, {
        error: 'each list once',
      }),
  });
const ordered = lists(z.strictObject({ number, version }));
const proven = lists(
  z.strictObject({ number, version, proof: z.uuid().describe('Of this list: the order or the code gave it') }),
);

const refusal = {
  rule: z.string().optional(),
  code: z.string().optional(),
  text: z.string().optional().describe("Why not, in the reader's language"),
};
const orderShape = z
  .object({
    order: z.string().nullable().describe('Null where no list can be signed'),
    items: z.array(
      z.object({
        number: z.string(),
        outcome: z.enum(['done', 'refused']),
        version: z.number().int().optional(),
        sha256: z.string().optional(),
        ...refusal,
      }),
    ),
  })
  .openapi('BulkOrder');
const signedShape = z
  .object({
    items: z.array(
      z.object({
        number: z.string(),
        outcome: z.enum(['done', 'refused', 'not-now']).describe('not-now: give the same again with the same key'),
        state: z.string().optional(),
        ...refusal,
      }),
    ),
  })
  .openapi('BulkSigned');

/**
 * Many lists at once (BE-19): each answers for itself, and all of it may be given again with the same key. Comes before the
 * routes of a single list.
 */
export function bulkRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const headers = z.object({ 'idempotency-key': idempotencyKey });
  const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } });
  const why = (c: Context<ApiEnv>, no: Refusal) => ({
    outcome: 'refused' as const,
    rule: no.rule,
    code: no.code,
    text: sentenceOf(c, no),
  });

  // Otherwise these two would be taken for the number of a list.
  for (const address of ['/result-lists/order-bankid', '/result-lists/sign'])
    app.all(address, async (c, next) =>
      c.req.method === 'POST' ? next() : problem(c, { code: 'method-not-allowed', status: 405, headers: { Allow: 'POST' } }),
    );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/result-lists/order-bankid',
      tags: ['Result list'],
      summary: 'Sign many lists with one BankID order (RL-40)',
      description: `At most ${MOST_LISTS} lists. Those that can be signed are in the order, the others say why not. What is signed names every list with version and hash.`,
      request: { headers, body: body(ordered) },
      responses: {
        200: json(orderShape, 'No list can be signed'),
        202: json(orderShape, 'Ordered: look at Location'),
        ...problems,
      },
    }),
    async (c) => {
      const placed = await orderForMany(world, {
        known: c.get('known'),
        lists: c.req.valid('json').lists,
        idempotencyKey: c.req.valid('header')['idempotency-key'],
        requestId: c.get('requestId'),
        from: addressOf(c, world.config.TRUSTED_PROXIES),
      });
      if ('refused' in placed) return refused(c, placed) as never;
      const answer = {
        order: placed.order,
        items: placed.items.map((one) => (one.outcome === 'done' ? one : { number: one.number, ...why(c, one.refusal) })),
      };
      if (!placed.order) return c.json(answer, 200) as never;
      void startPromised(world, `bankid:${placed.order}`).catch(() => undefined);
      for (const list of placed.checking ?? [])
        void world.temporal.workflow
          .getHandle(`${process.definition.kind}/${list}`)
          .signal(promisedSignal, ['order'])
          .catch(() => undefined);
      return c.json(answer, 202, { Location: `/signing/bankid/${placed.order}` }) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/result-lists/sign',
      tags: ['Result list'],
      summary: 'Sign many lists, each with its own proof (RL-38)',
      description: `At most ${MOST_LISTS} lists. Each is signed by its own \`sign\`, or says why not; a list that was changed meanwhile stops no other. While nothing takes commands the rest is \`not-now\` without being tried.`,
      request: { headers, body: body(proven) },
      responses: { 200: json(signedShape, 'What became of each'), ...problems },
    }),
    async (c) => {
      const ended = (given: Given) => {
        if (given.is !== 'answer') return { outcome: 'not-now' as const };
        return given.outcome.status === 'done'
          ? { outcome: 'done' as const, state: given.outcome.case.state }
          : why(c, given.outcome.refusal);
      };
      let [answered, inVain] = [0, false];
      const signed = async (one: string, given: object): Promise<Given> => {
        if (inVain) return { is: 'not-now' };
        const [before, began] = [answered, Date.now()];
        const answer = await path.give({
          process,
          command: 'sign',
          number: one,
          body: given,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          known: c.get('known'),
          requestId: c.get('requestId'),
          from: addressOf(c, world.config.TRUSTED_PROXIES),
        });
        if (answer.is === 'answer') answered += 1;
        inVain = answered === before && Date.now() - began >= IN_VAIN_MS;
        return answer;
      };
      const items = await eachAtMost({
        items: c.req.valid('json').lists,
        atOnce: AT_ONCE,
        work: async ({ number: one, ...given }) => ({ number: one, ...ended(await signed(one, given)) }),
      });
      return c.json({ items }, 200);
    },
  );
}
