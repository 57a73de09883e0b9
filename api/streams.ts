import { setTimeout } from 'node:timers/promises';
import type { Context } from 'hono';
import { streamSSE } from 'hono/streaming';
import { parseAccept } from 'hono/utils/accept';
import { problem } from './problem.js';
import type { ApiEnv } from './sign-in.js';

/**
 * One thing that is told: its kind, when it happened, what it is about, and how that stands. Told again only where it stands
 * otherwise.
 */
export interface Told {
  readonly event: string;
  readonly at: string;
  readonly name: string;
  readonly data: unknown;
}

/** How everything stands now. `over`: nothing more comes. `waits`: it will be long before anything does. */
export interface Standing {
  readonly events: readonly Told[];
  readonly over: boolean;
  readonly waits: boolean;
}

/**
 * Opens a stream of server-sent events: `look` is asked again and again, and what stands otherwise than at the look before is
 * told.
 */
export interface Streams {
  open(c: Context<ApiEnv>, look: () => Promise<Standing>): Response;
}

/** How many streams there may be, and how often each looks. */
export interface StreamLimits {
  /** Streams of this process, and of them of one person. */
  readonly most: number;
  readonly mostAPerson: number;
  /** How often is looked while something happens, and while it waits. */
  readonly lookMs: number;
  readonly lookWaitingMs: number;
  readonly aliveMs: number;
  /** How long a stream lasts before its client has to come back, and its rights are looked at anew. */
  readonly longestMs: number;
}

const usual: StreamLimits = {
  most: 200,
  mostAPerson: 5,
  lookMs: 500,
  lookWaitingMs: 5_000,
  aliveMs: 15_000,
  longestMs: 10 * 60_000,
};
/**
 * A client that comes back is told once more what happened shortly before: a transaction may be seen later than the moment it
 * carries.
 */
const OVERLAP_MS = 60_000;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/**
 * Holds the streams of one process: a bounded number, each ended when it is over, its client is gone, its time is up or the
 * process closes.
 */
export function createStreams({
  closing,
  limits,
}: { closing?: AbortSignal | undefined; limits?: Partial<StreamLimits> | undefined } = {}): Streams {
  const { most, mostAPerson, lookMs, lookWaitingMs, aliveMs, longestMs } = { ...usual, ...limits };
  const open = new Map<string, number>();
  const count = () => [...open.values()].reduce((sum, one) => sum + one, 0);
  const free = (person: string) => {
    const left = (open.get(person) ?? 1) - 1;
    if (left > 0) open.set(person, left);
    else open.delete(person);
  };
  const wantsIt = (c: Context) => {
    const wanted = parseAccept(c.req.header('Accept') ?? '*/*');
    return wanted.some(({ type, q }) => q > 0 && ['text/event-stream', 'text/*', '*/*'].includes(type.toLowerCase()));
  };

  return {
    open(c, look) {
      const person = c.get('known').actor.id;
      if (!wantsIt(c)) return problem(c, { code: 'not-acceptable', status: 406 });
      if (count() >= most || (open.get(person) ?? 0) >= mostAPerson || closing?.aborted)
        return problem(c, { code: 'too-many-streams', status: 429, headers: { 'Retry-After': '10' } });
      // Nobody reads what a HEAD would be told, and so nobody would end it.
      if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' });
      open.set(person, (open.get(person) ?? 0) + 1);
      const last = c.req.header('Last-Event-ID');
      const since =
        last && MOMENT.test(last) && !Number.isNaN(Date.parse(last)) ? new Date(Date.parse(last) - OVERLAP_MS).toISOString() : '';
      // What stands in between and gathers answers (nginx) has to let events through one by one.
      c.header('X-Accel-Buffering', 'no');
      return streamSSE(
        c,
        async (stream) => {
          const gone = new AbortController();
          stream.onAbort(() => gone.abort());
          const until = AbortSignal.any([gone.signal, AbortSignal.timeout(longestMs), ...(closing ? [closing] : [])]);
          const ended = new Promise<void>((end) => until.addEventListener('abort', () => end(), { once: true }));
          // Nobody waits for a client that does not read.
          const orEnded = (work: Promise<unknown>) => Promise.race([work, ended]);
          const pause = async (ms: number) => {
            const timer = new AbortController();
            await orEnded(setTimeout(ms, undefined, { signal: timer.signal }).catch(() => undefined));
            timer.abort();
          };
          const told = new Map<string, string>();
          let spoke = Date.now();
          let first = true;
          try {
            while (!until.aborted) {
              const { events, over, waits } = await look();
              for (const { event, at, name, data } of events) {
                const text = JSON.stringify(data);
                if (told.get(name) === text) continue;
                told.set(name, text);
                if (first && at < since) continue;
                await orEnded(stream.writeSSE({ event, id: at, data: text }));
                if (until.aborted) return;
                spoke = Date.now();
              }
              first = false;
              if (over) return;
              if (Date.now() - spoke >= aliveMs) {
                await orEnded(stream.write(': alive\n\n'));
                spoke = Date.now();
              }
              await pause(waits ? lookWaitingMs : lookMs);
            }
          } finally {
            free(person);
          }
        },
        // The client comes back; what went wrong is nothing to tell it.
        async () => undefined,
      );
    },
  };
}
