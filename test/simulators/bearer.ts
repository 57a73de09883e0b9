import { createMiddleware } from 'hono/factory';

/** Asks for `Authorization: Bearer` on all routes but the simulator's own; any token will do unless one is given. */
export const bearer = (token?: string) =>
  createMiddleware(async (c, next) => {
    if (new URL(c.req.url).pathname.startsWith('/__sim')) return next();
    const given = /^Bearer (.+)$/.exec(c.req.header('Authorization') ?? '')?.[1];
    if (!given || (token && given !== token)) return c.json({ error: 'no valid token' }, 401, { 'WWW-Authenticate': 'Bearer' });
    await next();
  });
