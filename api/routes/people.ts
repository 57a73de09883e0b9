import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { once } from '../../activities/case/once.js';
import { unlockSigning } from '../../activities/signing/unlock.js';
import type { World } from '../../activities/index.js';
import { refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { idempotencyKey, json, problems } from './shapes.js';

/** What operations do for a person. */
export function peopleRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  app.openapi(
    createRoute({
      method: 'post',
      path: '/people/{id}/unlock-signing',
      tags: ['Operations'],
      summary: 'Open the SMS way of somebody who typed ten wrong codes in a row (RL-39)',
      description: 'By operations.',
      request: {
        params: z.object({ id: z.uuid().toLowerCase() }),
        headers: z.object({ 'idempotency-key': idempotencyKey }),
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                reason: z.string().trim().min(3).max(2_000).describe('Who asked, and how you know that it was they'),
              }),
            },
          },
        },
      },
      responses: { 200: json(z.object({ person: z.string(), locked: z.literal(false) }), 'Open'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const person = c.req.valid('param').id;
      const opened = await once(
        world.db,
        {
          action: 'people.unlock-signing',
          about: person,
          body: c.req.valid('json'),
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => unlockSigning(tx, { person, actor }, trace),
      );
      return ('refused' in opened ? refused(c, opened) : c.json(opened, 200)) as never;
    },
  );
}
