import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { RoleName } from '../../workflows/process.js';
import { roleTexts } from '../../workflows/roles.js';
import { addressesOf, endAddress, makeAddress, ownerOf, secretOf } from '../../activities/calendar/addresses.js';
import { deadlineCalendar } from '../../activities/calendar/feed.js';
import { once } from '../../activities/case/once.js';
import type { World } from '../../activities/index.js';
import { problem, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { idempotencyKey, json, problems } from './shapes.js';

const role = z.enum(Object.keys(roleTexts) as [RoleName, ...RoleName[]]);
const listed = z
  .object({
    id: z.string(),
    role,
    madeAt: z.string(),
    fetchedOn: z.string().nullable().describe('The last day a calendar program asked'),
  })
  .openapi('CalendarAddress');

/** Deadlines for calendar programs: addresses that their owner makes, lists and ends, and what is found there. */
export function calendarRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, processes, config } = world;
  const key = config.secrets.calendar;
  const headers = z.object({ 'idempotency-key': idempotencyKey });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/me/calendars',
      tags: ['Calendar'],
      summary: 'Make a calendar address for one of your roles',
      description:
        'Whoever has the address can read the deadlines there without signing in, so it is told here alone. It shows what you may see at each fetch, and ends when you end it.',
      request: {
        headers,
        body: {
          required: true,
          content: { 'application/json': { schema: z.strictObject({ role: role.describe('A role that you hold') }) } },
        },
      },
      responses: {
        201: json(z.object({ id: z.string(), role, address: z.string().describe('For a calendar program') }), 'Made'),
        ...problems,
      },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const body = c.req.valid('json');
      const made = await once(
        db,
        {
          action: 'me.make-calendar',
          about: 'calendars',
          body,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => makeAddress(tx, { actor, role: body.role, key }, trace),
      );
      return (
        'refused' in made
          ? refused(c, made)
          : c.json({ ...made, address: `${config.PUBLIC_URL}/calendars/${secretOf(made.id, key)}.ics` }, 201)
      ) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/me/calendars',
      tags: ['Calendar'],
      summary: 'Your calendar addresses, without their secrets',
      responses: { 200: json(z.object({ items: z.array(listed) }), 'Addresses'), ...problems },
    }),
    async (c) => c.json({ items: await addressesOf(db, c.get('known').actor.id) }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/me/calendars/{id}/end',
      tags: ['Calendar'],
      summary: 'End a calendar address: from now on nothing is found there',
      request: {
        params: z.object({ id: z.uuid().toLowerCase() }),
        headers,
        body: { required: true, content: { 'application/json': { schema: z.strictObject({}) } } },
      },
      responses: { 200: json(z.object({ id: z.string(), ended: z.literal(true) }), 'Ended'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const { id } = c.req.valid('param');
      const ended = await once(
        db,
        {
          action: 'me.end-calendar',
          about: `calendar/${id}`,
          body: {},
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => endAddress(tx, { actor, id }, trace),
      );
      return ('refused' in ended ? refused(c, ended) : c.json(ended, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/calendars/{calendar}',
      tags: ['Calendar'],
      summary: 'Deadlines for a calendar program (iCalendar), at an address that was made at /me/calendars',
      security: [],
      description:
        'Needs no sign-in: the address is the secret. The open cases that wait for its role today, at most 1000, in the language of its owner.',
      request: { params: z.object({ calendar: z.string().max(100) }) },
      responses: { 200: { description: 'iCalendar', content: { 'text/calendar': { schema: z.string() } } }, 404: problems[404] },
    }),
    async (c) => {
      const secret = /^([\w-]{43})\.ics$/.exec(c.req.valid('param').calendar)?.[1];
      const owner = secret && (await ownerOf(db, secret, new Date().toISOString()));
      if (!owner) return problem(c, { code: 'no-such-page', status: 404 });
      return c.body(await deadlineCalendar({ db, processes, publicUrl: config.PUBLIC_URL }, owner), 200, {
        'Content-Type': 'text/calendar; charset=utf-8',
      }) as never;
    },
  );
}
