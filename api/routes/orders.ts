import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { reasonOf } from '../../workflows/order-reasons.js';
import { refuse, type Language } from '../../workflows/process.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import type { Progress } from '../../activities/progress.js';
import type { CommandPath } from '../command-path.js';
import { languageOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { openFor, openWithResults, respond } from './cases.js';
import { json, number, problems } from './shapes.js';

/** More than a case has in practice: each is somebody's click. */
const MOST = 100;

const orderShape = z
  .object({
    state: z.enum(['open', 'done', 'failed']),
    name: z.string(),
    orderedAt: z.string(),
    progress: z
      .object({ done: z.number().int(), of: z.number().int() })
      .nullable()
      .describe('While it runs: how much has been read of what is known by then'),
    result: z.record(z.string(), z.unknown()).nullable(),
    reasonText: z.string().optional().describe('Why it failed, as a sentence'),
  })
  .openapi('Order');

interface Row {
  readonly state: string;
  readonly name: string;
  readonly orderedAt: Date;
  readonly progress: unknown;
  readonly result: unknown;
}

const shown = (row: Row, language: Language): z.infer<typeof orderShape> => ({
  state: row.state as 'open',
  name: row.name,
  orderedAt: row.orderedAt.toISOString(),
  progress: row.state === 'open' ? (row.progress as Progress | null) : null,
  result: row.result as Record<string, unknown> | null,
  ...reasonIn(row, language),
});

function reasonIn({ state, result }: Row, language: Language): { reasonText?: string } {
  const reason = state === 'failed' ? reasonOf((result as { reason?: unknown } | null)?.reason) : undefined;
  return reason ? { reasonText: reason[language] } : {};
}

/** How the work outside goes and went that was ordered for a case of a process. */
export function orderRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { definition } = process;
  if (!definition.orders) return;
  const tags = [definition.title.en];
  // What a fetch of a list says tells results.
  const open = definition.kind === 'result-list' ? openWithResults : openFor;

  app.openapi(
    createRoute({
      method: 'get',
      path: `/${definition.path}/{number}/orders`,
      tags,
      summary: 'What was ordered, the newest first',
      request: { params: z.object({ number }) },
      responses: {
        200: json(z.object({ items: z.array(orderShape.extend({ order: z.uuid() })) }), `The newest ${MOST}`),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await open(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const rows = await world.db.order.findMany({ where: { caseId: subject.id }, orderBy: { seq: 'desc' }, take: MOST });
      return c.json({ items: rows.map((row) => ({ order: row.id, ...shown(row, languageOf(c)) })) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: `/${definition.path}/{number}/orders/{order}`,
      tags,
      summary: 'How ordered work goes',
      request: { params: z.object({ number, order: z.uuid() }) },
      responses: { 200: json(orderShape, 'The order'), ...problems },
    }),
    async (c) => {
      const subject = await open(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const order = await world.db.order.findFirst({ where: { id: c.req.valid('param').order, caseId: subject.id } });
      if (!order)
        return respond(c, {
          is: 'answer',
          outcome: { status: 'refused', refusal: refuse('missing', 'registrar', 'no-such-page') },
        }) as never;
      return c.json(shown(order, languageOf(c)), 200);
    },
  );
}
