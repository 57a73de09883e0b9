import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '../../workflows/process.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import type { ApiEnv } from '../sign-in.js';
import { openFor, respond } from './cases.js';
import { json, number, problems } from './shapes.js';

const orderShape = z
  .object({ state: z.enum(['open', 'done', 'failed']), name: z.string(), orderedAt: z.string(), result: z.record(z.string(), z.unknown()).nullable() })
  .openapi('Order');

/** How the work outside went that was ordered for a case of a process. */
export function orderRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { definition } = process;
  if (!definition.orders) return;

  app.openapi(
    createRoute({
      method: 'get', path: `/${definition.path}/{number}/orders/{order}`, tags: [definition.title.en], summary: 'How ordered work went',
      request: { params: z.object({ number, order: z.uuid() }) }, responses: { 200: json(orderShape, 'The order'), ...problems },
    }),
    async (c) => {
      const subject = await openFor(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const order = await world.db.order.findFirst({ where: { id: c.req.valid('param').order, caseId: subject.id } });
      if (!order) return respond(c, { is: 'answer', outcome: { status: 'refused', refusal: refuse('missing', 'registrar', 'no-such-page') } }) as never;
      return c.json({ state: order.state as 'open', name: order.name, orderedAt: order.orderedAt.toISOString(), result: order.result as Record<string, unknown> | null }, 200);
    },
  );
}
