import { timingSafeEqual } from 'node:crypto';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { cors } from 'hono/cors';
import type { PayloadCodec } from '@temporalio/common';
import { problem } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';

/**
 * How the Temporal UI has payloads decoded (design §5). `secret` is part of the address: made anew at each embedded start and known on the
 * loopback only. In production `signedIn` decides, and the secret is left out.
 */
export interface CodecDoor {
  readonly codec: PayloadCodec;
  readonly uiOrigin: string;
  readonly secret?: string;
  readonly signedIn?: (token: string) => Promise<boolean>;
}

interface WirePayload { metadata?: Record<string, string>; data?: string }

const fromWire = (payload: WirePayload) => ({
  metadata: Object.fromEntries(Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))])),
  data: new Uint8Array(Buffer.from(payload.data ?? '', 'base64')),
});
const toWire = (payload: { metadata?: Record<string, Uint8Array> | null; data?: Uint8Array | null }): WirePayload => ({
  metadata: Object.fromEntries(Object.entries(payload.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  data: Buffer.from(payload.data ?? new Uint8Array()).toString('base64'),
});

const same = (a: string, b: string) => {
  const [given, wanted] = [Buffer.from(a), Buffer.from(b)];
  return given.length === wanted.length && timingSafeEqual(given, wanted);
};

/** Adds `/codec/{secret}/decode` (and `/codec/decode` behind the sign-in), as the UI calls it. Only decoding: nothing is ever encoded for a stranger. */
export function codecRoutes(app: OpenAPIHono<ApiEnv>, door: CodecDoor): void {
  app.use('/codec/*', cors({ origin: door.uiOrigin, allowHeaders: ['Content-Type', 'X-Namespace', 'Authorization'], allowMethods: ['POST'], credentials: true }));
  app.on('POST', ['/codec/:secret/decode', '/codec/decode'], async (c) => {
    const secret = c.req.param('secret');
    const token = /^Bearer (\S+)$/.exec(c.req.header('Authorization') ?? '')?.[1];
    const allowed = door.secret ? secret !== undefined && same(secret, door.secret) : token !== undefined && ((await door.signedIn?.(token)) ?? false);
    if (!allowed) return problem(c, { code: 'sign-in-needed', status: 401 });
    const { payloads } = await c.req.json<{ payloads?: WirePayload[] }>();
    if (!Array.isArray(payloads) || payloads.length > 1_000) return problem(c, { code: 'invalid-input', status: 422, details: { fields: ['payloads'] } });
    const decoded = await door.codec.decode(payloads.map(fromWire) as never);
    return c.json({ payloads: decoded.map((payload) => toWire(payload as never)) }, 200, { 'Cache-Control': 'no-store' });
  });
}
