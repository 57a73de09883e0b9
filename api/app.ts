import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { routePath } from 'hono/route';
import { HTTPException } from 'hono/http-exception';
import { methodNotAllowed } from 'hono/method-not-allowed';
import { secureHeaders } from 'hono/secure-headers';
import { append } from '../activities/audit.js';
import { whoIs, type Known } from '../activities/case/people.js';
import { ownKey } from '../activities/exchange/http-signature.js';
import type { World } from '../activities/index.js';
import type { Logger } from '../activities/logger.js';
import { isStudentAtMost } from '../activities/students.js';
import { createCommandPath } from './command-path.js';
import { isAway } from '../prisma/client.js';
import type { Meters } from './meters.js';
import { problem } from './problem.js';
import { bulkRoutes } from './routes/bulk.js';
import { calendarRoutes } from './routes/calendars.js';
import { caseRoutes } from './routes/cases.js';
import { codecOrigin, codecRoutes, type CodecDoor } from './routes/codec.js';
import { complaintProtocolRoutes } from './routes/complaint-protocol.js';
import { complaintReportRoutes } from './routes/complaint-reports.js';
import { complaintSimulationRoutes } from './routes/complaint-simulation.js';
import { complaintRoutes } from './routes/complaints.js';
import { consentRoutes } from './routes/consents.js';
import { deliveryRoutes, freeDeliveryRoutes } from './routes/deliveries.js';
import { exchangeSourceRoutes } from './routes/exchange-source.js';
import { approvalRoutes, exchangeRoutes } from './routes/exchanges.js';
import { orderRoutes } from './routes/orders.js';
import { peopleRoutes } from './routes/people.js';
import { portalRoutes } from './routes/portal.js';
import { protocolRoutes } from './routes/protocol.js';
import { resultListRoutes } from './routes/result-lists.js';
import { docsRoutes, openRoutes, serviceRoutes } from './routes/service.js';
import { signingRoutes } from './routes/signing.js';
import { studentRoutes } from './routes/students.js';
import { verificationRoutes } from './routes/verification.js';
import { SignInAway, type ApiEnv, type Verify } from './sign-in.js';
import { createStreams, type StreamLimits } from './streams.js';
import { unkeepable } from './unkeepable.js';

const LARGEST_BODY = 1024 * 1024;

/** What the API is made of; the same for tests, the embedded start and a server of its own. */
export interface ApiParts {
  readonly world: World;
  readonly verify: Verify;
  readonly logger: Logger;
  readonly version: { readonly version: string; readonly buildId: string };
  readonly meters?: Meters;
  /** Aborted when the process ends: streams are closed then. */
  readonly closing?: AbortSignal;
  readonly streams?: Partial<StreamLimits>;
  /** The way in for the Temporal UI's decoding. */
  readonly codec?: CodecDoor;
}

const open =
  /^\/$|^\/(livez|readyz|version|openapi\.json|docs|docs-start\.js|favicon\.ico|problems|calendars|resultatutveksling)(\/|$)/;

/** All that a student, or whoever holds no role, reaches of what wants a sign-in: their own, and what everybody is told. */
const ofStudents = /^(GET \/(me|me\/consents|me\/exchange|consent-questions|notices|contacts)|POST \/consents)$/;
/** RL-03: a list stays open to its maker when their role has ended; it is the list that says so. */
const ofMakers = /^GET \/result-lists(\/|$)/;

/** The pattern of the route that was asked for: what a caller wrote comes neither into the log nor into the audit. */
const routeOf = (c: Context): string => {
  const pattern = routePath(c, -1);
  return pattern.endsWith('*') ? 'no such route' : pattern;
};

/** Builds the API: middleware in order, then the routes of every process, derived from the registry. */
export function createApi(parts: ApiParts): OpenAPIHono<ApiEnv> {
  const { world, logger } = parts;
  const path = createCommandPath(world, parts.closing);
  const definitions = [...world.processes.values()].map((process) => process.definition);
  const isOpen = (c: Context) => open.test(c.req.path) || (parts.codec?.secret !== undefined && c.req.path.startsWith('/codec/'));

  const app = new OpenAPIHono<ApiEnv>({
    defaultHook: async (result, c) => {
      if (result.success) return undefined;
      const { issues } = result.error;
      const places = issues.map((issue) => issue.path.join('.') || result.target);
      const named = issues.flatMap((issue) =>
        issue.code === 'unrecognized_keys'
          ? issue.keys.map((key) => [...issue.path, key.slice(0, 60)].join('.'))
          : issue.path.join('.') || result.target,
      );
      return wrongForm(c, places, result.target === 'header' ? 400 : 422, named);
    },
  });

  /**
   * A request whose form is wrong; in the audit when it would have changed something. The caller's own names of fields (`named`)
   * are told to the caller alone.
   */
  async function wrongForm(c: Context<ApiEnv>, places: readonly string[], status: 400 | 422, named = places): Promise<Response> {
    const { known, requestId } = c.var;
    const few = (all: readonly string[]) => [...new Set(all)].slice(0, 20);
    const code = status === 400 && places.includes('idempotency-key') ? 'key-needed' : 'invalid-input';
    if (known && c.req.method !== 'GET')
      await append(world.db, {
        institution: known.actor.institution,
        caseId: null,
        actor: known.actor.id,
        action: 'request.refused',
        outcome: 'refused',
        rule: 'registrar',
        code,
        requestId,
        at: new Date().toISOString(),
        details: { route: routeOf(c), fields: few(places).map((field) => field.slice(0, 60)) },
      });
    return problem(c, { code, status, details: { fields: few(named) } });
  }

  app.use(async (c, next) => {
    const requestId = randomUUID();
    const began = performance.now();
    c.set('requestId', requestId);
    c.set('definitions', definitions);
    await next();
    if (!c.res.headers.has('X-Request-Id')) c.header('X-Request-Id', requestId);
    if (!c.res.headers.has('Cache-Control')) c.header('Cache-Control', 'no-store');
    const ms = Math.round(performance.now() - began);
    parts.meters?.request({ method: c.req.method, status: c.res.status, seconds: ms / 1_000 });
    logger.info({ requestId, method: c.req.method, route: routeOf(c), status: c.res.status, ms }, 'request');
  });
  app.use(secureHeaders());
  app.use(
    bodyLimit({
      maxSize: LARGEST_BODY,
      onError: (c) => problem(c, { code: 'too-large', status: 413, headers: { Connection: 'close' } }),
    }),
  );
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) =>
        problem(c, { code: 'method-not-allowed', status: 405, headers: { Allow: methods.join(', ') } }),
    }),
  );
  if (parts.codec) codecOrigin(app, parts.codec);
  app.use(async (c, next) => {
    if (isOpen(c)) return next();
    const token = /^Bearer ([\w.~+/=-]{1,8000})$/i.exec(c.req.header('Authorization') ?? '')?.[1];
    const signedIn = token ? await parts.verify(token) : undefined;
    const known = signedIn ? await whoIs(world.db, { person: signedIn.person, at: new Date().toISOString() }) : undefined;
    if (signedIn && !known) {
      logger.warn({ requestId: c.get('requestId'), route: routeOf(c) }, 'signed in, but not staff');
      return problem(c, { code: 'not-yours-to-open', status: 403 });
    }
    if (!signedIn || !known) {
      logger.warn({ requestId: c.get('requestId'), route: routeOf(c) }, 'not signed in');
      return problem(c, { code: 'sign-in-needed', status: 401, headers: { 'WWW-Authenticate': 'Bearer' } });
    }
    c.set('known', known);
    c.set('session', signedIn.session);
    return next();
  });
  app.use(async (c, next) => {
    const known = c.get('known') as Known | undefined;
    const asked = `${c.req.method} ${c.req.path}`;
    if (!known || !isStudentAtMost(known.actor) || ofStudents.test(asked)) return next();
    const isStudent = known.actor.roles.length > 0;
    if (!isStudent && ofMakers.test(asked)) return next();
    const rule = isStudent ? 'RX-32' : 'registrar';
    await append(world.db, {
      institution: known.actor.institution,
      caseId: null,
      actor: known.actor.id,
      action: 'request.refused',
      outcome: 'refused',
      rule,
      code: 'not-yours-to-open',
      requestId: c.get('requestId'),
      at: new Date().toISOString(),
      details: { route: routeOf(c) },
    });
    return problem(c, { code: 'not-yours-to-open', rule, status: 403 });
  });
  app.use(async (c, next) => {
    const carries = c.req.method === 'POST' || c.req.method === 'PUT';
    if (carries && !isOpen(c) && !/^application\/json\s*(;|$)/i.test(c.req.header('Content-Type') ?? ''))
      return problem(c, { code: 'wrong-media-type', status: 415 });
    if (c.req.url.includes('%00')) return wrongForm(c, ['address'], 422);
    if (carries && !isOpen(c) && unkeepable(await c.req.text())) return wrongForm(c, ['text'], 422);
    return next();
  });

  openRoutes(app, world, parts.version);
  exchangeSourceRoutes(app, world, { logger, key: ownKey(readFileSync(world.config.EXCHANGE_KEY_FILE, 'utf8')) });
  docsRoutes(app, parts.version.version);
  if (parts.codec) codecRoutes(app, parts.codec, path);
  const lists = world.processes.get('result-list');
  if (lists) bulkRoutes(app, world, path, lists);
  for (const process of world.processes.values()) {
    caseRoutes(app, world, path, process);
    deliveryRoutes(app, world, path, process);
    orderRoutes(app, world, path, process);
  }
  if (lists) {
    resultListRoutes(app, world, path, lists);
    verificationRoutes(app, world, path, lists);
  }
  const complaints = world.processes.get('complaint');
  if (complaints) {
    complaintRoutes(app, world, path, complaints);
    complaintProtocolRoutes(app, world, path, complaints);
    complaintReportRoutes(app, world, path);
    complaintSimulationRoutes(app, world);
  }
  const exchanges = world.processes.get('exchange');
  if (exchanges) exchangeRoutes(app, world, path, exchanges, createStreams({ closing: parts.closing, limits: parts.streams }));
  const approvals = world.processes.get('approval');
  if (approvals && exchanges) approvalRoutes(app, world, path, { approvals, exchanges });
  signingRoutes(app, world);
  peopleRoutes(app, world);
  protocolRoutes(app, world, path);
  studentRoutes(app, world, path);
  consentRoutes(app, world, path);
  freeDeliveryRoutes(app, world, path);
  portalRoutes(app, world);
  calendarRoutes(app, world);
  serviceRoutes(app, world, path);

  app.notFound((c) => problem(c, { code: 'no-such-page', status: 404 }));
  app.onError((cause, c) => {
    if (cause instanceof HTTPException && cause.status < 500)
      return problem(c, { code: cause.status === 415 ? 'wrong-media-type' : 'malformed', status: cause.status });
    if (cause instanceof SignInAway) {
      const under = cause.cause as { message?: string; code?: string; cause?: { code?: string } } | undefined;
      parts.meters?.signInAway();
      logger.error(
        { requestId: c.get('requestId'), error: under?.message, code: under?.code ?? under?.cause?.code },
        'a sign-in cannot be checked',
      );
      return problem(c, { code: 'sign-in-not-now', status: 503, headers: { 'Retry-After': '5' } });
    }
    if (isAway(cause)) return problem(c, { code: 'not-now', status: 503, headers: { 'Retry-After': '2' } });
    logger.error(
      {
        requestId: c.get('requestId'),
        error: cause.name,
        code: (cause as { code?: string }).code,
        where: cause.stack?.split('\n')[1]?.trim(),
      },
      'request failed',
    );
    return problem(c, { code: 'our-fault', status: 500, details: { requestId: c.get('requestId') } });
  });
  return app;
}
