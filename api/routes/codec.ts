import { timingSafeEqual } from 'node:crypto';
import { z, type OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import type { PayloadCodec } from '@temporalio/common';
import { refuse } from '../../workflows/process.js';
import { may } from '../../workflows/rights.js';
import type { CommandPath } from '../command-path.js';
import { problem } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';

/**
 * How the Temporal UI has payloads decoded. `secret` is part of the address: made anew at each embedded start and known on the
 * loopback only. In production it is left out, and the door stands behind the sign-in, for operations alone.
 */
export interface CodecDoor {
  readonly codec: PayloadCodec;
  readonly uiOrigin: string;
  readonly secret?: string;
}

const wirePayload = z.object({ metadata: z.record(z.string(), z.string()).nullish(), data: z.string().nullish() });
const wirePayloads = z.object({ payloads: z.array(wirePayload).max(1_000) });
type WirePayload = z.infer<typeof wirePayload>;

const fromWire = (payload: WirePayload) => ({
  metadata: Object.fromEntries(
    Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))]),
  ),
  data: new Uint8Array(Buffer.from(payload.data ?? '', 'base64')),
});
const toWire = (payload: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }): WirePayload => ({
  metadata: Object.fromEntries(
    Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
  ),
  data: Buffer.from(payload.data ?? new Uint8Array()).toString('base64'),
});

const same = (a: string, b: string) => {
  const [given, wanted] = [Buffer.from(a), Buffer.from(b)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** Lets the UI's page ask at all: before the sign-in, because a browser asks first without a token. */
export const codecOrigin = (app: OpenAPIHono<ApiEnv>, door: CodecDoor) =>
  app.use(
    '/codec/*',
    cors({
      origin: door.uiOrigin,
      allowHeaders: ['Content-Type', 'X-Namespace', 'Authorization'],
      allowMethods: ['POST'],
      credentials: true,
    }),
  );

/**
 * Adds `/codec/{secret}/decode`, or `/codec/decode` behind the sign-in, as the UI calls it. Only decoding: nothing is ever
 * encoded for a stranger.
 */
export function codecRoutes(app: OpenAPIHono<ApiEnv>, door: CodecDoor, path: CommandPath): void {
  app.post(door.secret ? '/codec/:secret/decode' : '/codec/decode', async (c) => {
    const known = c.get('known');
    if (door.secret && !same(c.req.param('secret') ?? '', door.secret))
      return problem(c, { code: 'sign-in-needed', status: 401 });
    if (!door.secret && !may(known.actor, 'decode-payloads'))
      return respond(
        c,
        await path.traced(refuse('forbidden', 'AU-02', 'not-yours-to-open'), {
          known,
          requestId: c.get('requestId'),
          action: 'codec.decode',
          caseId: null,
        }),
      );
    const asked = wirePayloads.safeParse(await c.req.json<unknown>().catch(() => undefined));
    if (!asked.success) return problem(c, { code: 'invalid-input', status: 400, details: { fields: ['payloads'] } });
    const decoded = await door.codec.decode(asked.data.payloads.map(fromWire) as never);
    return c.json({ payloads: decoded.map((payload) => toWire(payload as never)) }, 200, { 'Cache-Control': 'no-store' });
  });
}
