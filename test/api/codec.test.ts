import { randomBytes } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import { describe, expect, it } from '@jest/globals';
import { createCodec } from '../../activities/codec.js';
import { codecRoutes } from '../../api/routes/codec.js';
import type { ApiEnv } from '../../api/sign-in.js';

const codec = createCodec(new Map([['k1', randomBytes(32)]]));
const plain = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('"a secret word"') };

const door = () => {
  const app = new OpenAPIHono<ApiEnv>();
  codecRoutes(app, { codec, uiOrigin: 'http://127.0.0.1:8233', secret: 'abcdef' });
  return app;
};

const decode = async (secret: string) => {
  const [sealed] = await codec.encode([plain]);
  const wire = { metadata: Object.fromEntries(Object.entries(sealed?.metadata ?? {}).map(([key, value]) => [key, Buffer.from(value).toString('base64')])), data: Buffer.from(sealed?.data ?? []).toString('base64') };
  return door().request(`/codec/${encodeURIComponent(secret)}/decode`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ payloads: [wire] }) });
};

describe('the codec door of the Temporal UI', () => {
  it('decodes for whoever knows the address', async () => {
    const { payloads } = (await (await decode('abcdef')).json()) as { payloads: { data: string }[] };
    expect(Buffer.from(payloads[0]?.data ?? '', 'base64').toString()).toBe('"a secret word"');
  });

  it.each(['abcdeg', 'abcdeå', 'abcde', 'abcdefg'])('is shut for %s', async (secret) => {
    expect((await decode(secret)).status).toBe(401);
  });
});
