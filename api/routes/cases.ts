import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  actsFor,
  commandsFor,
  mayOpen,
  readableScopes,
  refuse,
  type Actor,
  type CaseView,
  type Definition,
  type Warning,
} from '../../workflows/process.js';
import { append } from '../../activities/audit.js';
import { readCase } from '../../activities/case/case-row.js';
import { keptOut, narrowed } from '../../activities/case/opening.js';
import { namesOf } from '../../activities/case/people.js';
import type { Process } from '../../activities/case/registered-process.js';
import { hidesFrom } from '../../activities/complaint/sight.js';
import { canonical } from '../../activities/case/seal.js';
import type { World } from '../../activities/index.js';
import { addressOf } from '../caller-address.js';
import type { CommandPath, Given } from '../command-path.js';
import { languageOf, problem, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { notices } from './notices.js';
import { doneShape, dueShape, idempotencyKey, json, number, page, problems, warnings } from './shapes.js';

const caseShape = z
  .object({
    number: z.string(),
    kind: z.string(),
    state: z.string(),
    stateText: z.string(),
    step: z.number().int(),
    version: z.number().int(),
    waitingFor: z.string().nullable(),
    due: dueShape,
    needsAttention: z.boolean(),
    data: z.record(z.string(), z.unknown()),
    commands: z.array(z.object({ name: z.string(), title: z.string() })).describe('What you may do now'),
    people: z.record(z.string(), z.string()).describe('Names of the people in data, by id'),
    actsFor: z
      .string()
      .nullable()
      .describe('Whom you act for on its course, by id (RL-36); null where you are examiner yourself, or neither'),
    notices: z.array(z.object({ code: z.string(), sv: z.string(), nb: z.string(), en: z.string() })),
    warnings,
    promised: z
      .record(z.string(), z.number().int())
      .describe('Letters and other promises by how they stand: pending, done, uncertain, failed'),
  })
  .openapi('Case');

const rowShape = z
  .object({
    number: z.string(),
    state: z.string(),
    stateText: z.string(),
    scope: z.string().nullable(),
    waitingFor: z.string().nullable(),
    due: dueShape,
    needsAttention: z.boolean(),
    changedAt: z.string(),
  })
  .openapi('CaseRow');

/** Reads a case for somebody, traces the opening of somebody else's once a day, or answers why not. */
export async function openFor(
  c: Context<ApiEnv>,
  world: World,
  path: CommandPath,
  process: Process,
): Promise<CaseView | Response> {
  const known = c.get('known');
  const { definition } = process;
  const found = await readCase(world.db, { kind: definition.kind, number: c.req.param('number') ?? '0' });
  const action = `${definition.kind}.open`;
  const requestId = c.get('requestId');
  const no = (kind: 'missing' | 'forbidden', caseId: string | null) =>
    path
      .traced(
        refuse(
          kind,
          kind === 'missing' ? 'registrar' : definition.openRule,
          kind === 'missing' ? 'no-such-case' : 'not-yours-to-open',
        ),
        { known, requestId, action, caseId },
      )
      .then((given) => respond(c, given));
  if (!found || found.subject.institution !== known.actor.institution) return no('missing', null);
  const { subject } = found;
  const byRole =
    mayOpen(definition, subject, known.actor, false) &&
    !(await keptOut(world.db, { definition, subject, actor: known.actor, on: known.today }));
  if (!byRole && !(await process.store?.admits?.(world.db, subject, known.actor))) return no('forbidden', subject.id);
  await traceOpening(world, process, { subject, actor: known.actor, day: known.today, requestId });
  return subject;
}

/**
 * As `openFor`, for whatever shows the results of a list: not for somebody who assesses one of them anew and must not see the
 * first grade (BE-15).
 */
export async function openWithResults(
  c: Context<ApiEnv>,
  world: World,
  path: CommandPath,
  process: Process,
): Promise<CaseView | Response> {
  const subject = await openFor(c, world, path, process);
  if (subject instanceof Response || !(await hidesFrom(world.db, subject, c.get('known').actor))) return subject;
  const given = await path.traced(refuse('forbidden', 'GC-13', 'sits-on-the-committee'), {
    known: c.get('known'),
    requestId: c.get('requestId'),
    action: `${subject.kind}.open`,
    caseId: subject.id,
  });
  return respond(c, given);
}

/** Notes that somebody opened somebody else's case: once a person, case and day. */
export async function traceOpening(
  world: World,
  process: Process,
  opening: { readonly subject: CaseView; readonly actor: Actor; readonly day: string; readonly requestId: string },
): Promise<void> {
  const { subject, actor, day, requestId } = opening;
  if (subject.createdBy === actor.id) return;
  await world.db.$transaction(async (tx) => {
    await process.store?.opened?.(tx, subject, actor);
    const first = await tx.$executeRaw`
      INSERT INTO case_openings (person_id, case_id, day) VALUES (${actor.id}::uuid, ${subject.id}::uuid, ${new Date(`${day}T00:00:00Z`)}::date) ON CONFLICT DO NOTHING`;
    if (first === 0) return;
    await append(tx, {
      institution: subject.institution,
      caseId: subject.id,
      subject: `${subject.kind}/${subject.number}`,
      actor: actor.id,
      action: `${subject.kind}.opened`,
      outcome: 'done',
      requestId,
      at: new Date().toISOString(),
    });
  });
}

/**
 * Puts the end of a command into HTTP: 200, 201 or 202, or a problem. Canonical, so that a repeated command is answered byte for
 * byte.
 */
export function respond(
  c: Context<ApiEnv>,
  given: Given,
  how: { born?: string; order?: (answer: Record<string, unknown>) => string } = {},
): Response {
  if (given.is === 'busy') return problem(c, { code: 'too-busy', status: 429, headers: { 'Retry-After': '1' } });
  if (given.is === 'not-now') return problem(c, { code: 'not-now', status: 503, headers: { 'Retry-After': '2' } });
  if (given.is === 'accepted') return c.json({ accepted: true }, 202, { Location: `/commands/${given.key}` });
  if (given.outcome.status === 'refused') return refused(c, given.outcome.refusal);
  const { case: snapshot, answer } = given.outcome;
  const body = canonical({ case: snapshot, ...(answer ? { answer } : {}) });
  const type = { 'Content-Type': 'application/json' };
  if (how.born) return c.body(body, 201, { ...type, Location: `/${how.born}/${snapshot.number}` });
  if (how.order && answer) return c.body(body, 202, { ...type, Location: how.order(answer) });
  return c.body(body, 200, type);
}

/** Every id that stands anywhere in a value. */
const idsIn = (value: unknown): string[] => [
  ...new Set(JSON.stringify(value).match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)),
];

/** What has to be seen about a case though it stops nothing. */
export const warningsOf = async (world: World, process: Process, subject: CaseView): Promise<Warning[]> => [
  ...((await process.store?.warnings?.(world.db, subject)) ?? []),
];

/** Routes of one process, derived from its definition: birth, list, read, and one for each command people give. */
export function caseRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { definition, schema } = process;
  const tag = definition.title.en;
  const stateText = (state: string, c: Context) => definition.states[state]?.[languageOf(c)] ?? state;

  app.openapi(
    createRoute({
      method: 'post',
      path: `/${definition.path}`,
      tags: [tag],
      summary: definition.birth.title.en,
      request: {
        headers: z.object({ 'idempotency-key': idempotencyKey }),
        body: { required: true, content: { 'application/json': { schema: schema.birth } } },
      },
      responses: { 201: json(doneShape, 'Made'), ...problems },
    }),
    async (c) =>
      respond(
        c,
        await path.bear({
          process,
          body: c.req.valid('json'),
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          known: c.get('known'),
          requestId: c.get('requestId'),
        }),
        { born: definition.path },
      ) as never,
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: `/${definition.path}`,
      tags: [tag],
      summary: `${definition.title.en}s`,
      request: {
        query: page.extend({
          state: z.enum(Object.keys(definition.states) as [string, ...string[]]).optional(),
          scope: z.string().max(40).optional(),
          waitingFor: z.string().max(40).optional(),
          attention: z.enum(['true']).optional(),
        }),
      },
      responses: {
        200: json(z.object({ items: z.array(rowShape), next: z.string().nullable() }), 'A page, the newest first'),
        ...problems,
      },
    }),
    async (c) => {
      const known = c.get('known');
      const asked = c.req.valid('query');
      const scopes = readableScopes(
        definition,
        known.actor,
        await narrowed(world.db, definition, known.actor.institution, known.today),
      );
      const all = scopes.includes('any');
      const admitted = all ? [] : ((await process.store?.admittedTo?.(world.db, known.actor)) ?? []);
      const rows = await world.db.case.findMany({
        where: {
          institution: known.actor.institution,
          kind: definition.kind,
          ...(all ? {} : { OR: [{ createdBy: known.actor.id }, { scope: { in: [...scopes] } }, { id: { in: [...admitted] } }] }),
          ...(asked.state ? { state: asked.state } : {}),
          ...(asked.scope ? { scope: asked.scope } : {}),
          ...(asked.waitingFor ? { waitingFor: asked.waitingFor } : {}),
          ...(asked.attention ? { needsAttention: true } : {}),
          ...(asked.after ? { number: { lt: BigInt(asked.after) } } : {}),
        },
        orderBy: { number: 'desc' },
        take: asked.limit + 1,
      });
      const items = rows
        .slice(0, asked.limit)
        .map((row) => ({
          number: String(row.number),
          state: row.state,
          stateText: stateText(row.state, c),
          scope: row.scope,
          waitingFor: row.waitingFor,
          needsAttention: row.needsAttention,
          due:
            row.dueOn && row.dueEnds && row.dueRule
              ? { on: row.dueOn.toISOString().slice(0, 10), ends: row.dueEnds.toISOString(), rule: row.dueRule }
              : null,
          changedAt: row.changedAt.toISOString(),
        }));
      return c.json({ items, next: rows.length > asked.limit ? (items.at(-1)?.number ?? null) : null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: `/${definition.path}/{number}`,
      tags: [tag],
      summary: `One ${definition.title.en.toLowerCase()}`,
      request: { params: z.object({ number }) },
      responses: { 200: json(caseShape, 'The case, who is next, and what you may do'), ...problems },
    }),
    async (c) => {
      const subject = await openFor(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const promised = await world.db.outbox.groupBy({
        by: ['state'],
        where: { caseId: subject.id, channel: { in: ['mail', 'sms', 'order'] } },
        _count: true,
      });
      const language = languageOf(c);
      const whom = actsFor(
        c.get('known').actor.roles.filter((held) => held.course !== undefined && held.course === subject.scope),
      );
      const data =
        (await process.store?.shown?.(world.db, subject, c.get('known').actor)) ?? (subject.data as Record<string, unknown>);
      const people = await namesOf(world.db, idsIn([data, whom]));
      const without = (await process.store?.without?.(world.db, subject, c.get('known').actor)) ?? [];
      return c.json(
        {
          number: subject.number,
          kind: subject.kind,
          state: subject.state,
          stateText: stateText(subject.state, c),
          step: subject.step,
          version: subject.version,
          waitingFor: subject.waitingFor,
          due: subject.due,
          needsAttention: subject.needsAttention,
          data,
          people,
          actsFor: whom ?? null,
          commands: commandsFor(definition, subject, c.get('known').actor)
            .filter((name) => !without.includes(name))
            .map((name) => ({ name, title: definition.commands[name]?.title[language] ?? name })),
          notices: await notices(world.db, subject.institution),
          warnings: await warningsOf(world, process, subject),
          promised: Object.fromEntries(promised.map((row) => [row.state, row._count])),
        },
        200,
      );
    },
  );

  for (const [command, words] of Object.entries(definition.commands)) {
    if (words.by.system) continue;
    app.openapi(
      createRoute({
        method: 'post',
        path: `/${definition.path}/{number}/${command}`,
        tags: [tag],
        summary: words.title.en,
        description: `${words.kind === 'order' ? 'Work outside, answered with 202 and the place to look. ' : ''}By ${Object.entries(
          words.by,
        )
          .map(([role, reach]) => `${role} (${reach})`)
          .join(', ')}; in ${words.in.join(', ')}.${words.except ? ` ${words.except}.` : ''} Rule ${words.rule}.`,
        request: {
          params: z.object({ number }),
          headers: z.object({ 'idempotency-key': idempotencyKey }),
          body: { required: true, content: { 'application/json': { schema: schema.commands[command] as z.ZodType } } },
        },
        responses: { 200: json(doneShape, 'Done'), 202: json(z.object({}), 'Accepted: look at Location'), ...problems },
      }),
      async (c) => {
        const given = await path.give({
          process,
          command,
          number: c.req.valid('param').number,
          body: c.req.valid('json'),
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          known: c.get('known'),
          requestId: c.get('requestId'),
          from: addressOf(c, world.config.TRUSTED_PROXIES),
        });
        return respond(
          c,
          given,
          words.kind === 'order' ? { order: (answer) => placeToLook(definition, c.req.valid('param').number, answer) } : {},
        ) as never;
      },
    );
  }
}

/** Where an ordered work can be watched: the first id of the answer names it. */
const placeToLook = (definition: Definition, caseNumber: string, answer: Record<string, unknown>): string => {
  if (typeof answer['code'] === 'string') return `/signing/codes/${answer['code']}`;
  if (typeof answer['bankIdOrder'] === 'string') return `/signing/bankid/${answer['bankIdOrder']}`;
  return `/${definition.path}/${caseNumber}/orders/${String(answer['order'])}`;
};
