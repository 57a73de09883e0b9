import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';

/**
 * What can go wrong with an outside system. `match` is "METHOD /path" with `*` as wildcard; `times` counts down (absent: until
 * cleared).
 */
export interface Fault {
  readonly match: string;
  readonly effect: 'delay' | '500' | '502-html' | 'timeout-before' | 'timeout-after-commit' | '429' | 'malformed' | (string & {});
  times?: number;
  /** Milliseconds, for `delay` and the time-outs. */
  readonly ms?: number;
}

/**
 * What every simulated outside system has: an append-only log of writes, a switchboard of faults, and a store that survives a
 * restart when it is given a folder. It shares no code and no types with the adapter that talks to it.
 */
export interface Simulator<Store extends object> {
  readonly app: Hono;
  readonly store: Store;
  /** Call after changing the store; with a folder it is written to disk before the answer leaves. */
  save(): void;
  /** Adds a line to the sink's log: the kill run counts these. */
  note(line: Record<string, unknown>): void;
  readonly log: readonly Record<string, unknown>[];
  readonly faults: Fault[];
  /** Takes one fault with this effect for the request, if one is set (for effects only the simulator itself can play). */
  takeFault(method: string, path: string, effect: string): Fault | undefined;
  listen(port?: number): Promise<{ url: string; port: number; close(): Promise<void> }>;
}

const fits = (pattern: string, method: string, path: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((s) => s.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
      .join('.*')}$`,
  ).test(`${method} ${path}`);

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Makes a simulator; routes are added to `app` by its owner. Admin routes live under `/__sim`. */
export function simulator<Store extends object>(name: string, empty: () => Store, folder?: string): Simulator<Store> {
  const storeFile = folder && join(folder, `${name}.json`);
  const logFile = folder && join(folder, `${name}.log`);
  if (storeFile) mkdirSync(dirname(storeFile), { recursive: true });
  const store: Store = { ...empty(), ...(storeFile && existsSync(storeFile) ? JSON.parse(readFileSync(storeFile, 'utf8')) : {}) };
  const written = logFile && existsSync(logFile) ? readFileSync(logFile, 'utf8') : '';
  // A killed process may leave half a line behind; it was never answered for, and the next line must not be glued to it.
  const finished = written.slice(0, written.lastIndexOf('\n') + 1);
  if (logFile && finished !== written) truncateSync(logFile, Buffer.byteLength(finished));
  const log: Record<string, unknown>[] = finished
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l));
  const faults: Fault[] = [];
  const save = () => {
    if (!storeFile) return;
    writeFileSync(`${storeFile}.new`, JSON.stringify(store));
    renameSync(`${storeFile}.new`, storeFile);
  };
  const note = (line: Record<string, unknown>) => {
    const whole = { at: new Date().toISOString(), ...line };
    log.push(whole);
    if (logFile) appendFileSync(logFile, JSON.stringify(whole) + '\n');
  };
  const take = (method: string, path: string, wanted: (f: Fault) => boolean) => {
    const at = faults.findIndex((f) => wanted(f) && fits(f.match, method, path) && f.times !== 0);
    const fault = faults[at];
    if (fault?.times !== undefined && --fault.times === 0) faults.splice(at, 1);
    return fault;
  };

  const app = new Hono();
  const general = ['delay', '500', '502-html', 'timeout-before', 'timeout-after-commit', '429', 'malformed'];
  app.use(async (c, next) => {
    const path = new URL(c.req.url).pathname;
    if (path.startsWith('/__sim')) return next();
    const method = c.req.method;
    const body = method === 'GET' ? '' : await c.req.raw.clone().text();
    const fault = take(method, path, (f) => general.includes(f.effect));
    if (fault?.effect === 'delay') await pause(fault.ms ?? 1_000);
    if (fault?.effect === '500') return c.json({ error: 'simulated failure' }, 500);
    if (fault?.effect === '502-html') return c.html('<html><body>Bad Gateway</body></html>', 502);
    if (fault?.effect === '429') return c.json({ error: 'too many requests' }, 429, { 'Retry-After': '1' });
    if (fault?.effect === 'malformed') return c.text('{"half":', 200, { 'Content-Type': 'application/json' });
    if (fault?.effect === 'timeout-before') {
      await pause(fault.ms ?? 120_000);
      return c.body(null, 504);
    }
    await next();
    if (method !== 'GET' && !['/collect'].some((quiet) => path.endsWith(quiet)))
      note({ method, path, status: c.res.status, bodyHash: createHash('sha256').update(body).digest('hex') });
    if (fault?.effect === 'timeout-after-commit') {
      await pause(fault.ms ?? 120_000);
      c.res = new Response(null, { status: 504 });
    }
  });
  app.post('/__sim/faults', async (c) => {
    faults.push(await c.req.json<Fault>());
    return c.body(null, 204);
  });
  app.delete('/__sim/faults', (c) => {
    faults.length = 0;
    return c.body(null, 204);
  });
  app.get('/__sim/log', (c) => c.json(log));
  app.get('/__sim/health', (c) => c.text('ok'));

  return {
    app,
    store,
    save,
    note,
    log,
    faults,
    takeFault: (method, path, effect) => take(method, path, (f) => f.effect === effect),
    listen: (port = 0) =>
      new Promise((ready, failed) => {
        const server: ServerType = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, (info: AddressInfo) =>
          ready({
            url: `http://127.0.0.1:${info.port}`,
            port: info.port,
            close: () =>
              new Promise<void>((closed) => {
                server.close(() => closed());
                if ('closeAllConnections' in server) server.closeAllConnections();
              }),
          }),
        );
        server.once('error', failed);
      }),
  };
}
