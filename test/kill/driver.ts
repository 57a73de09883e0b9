import { randomUUID } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { About, OperationLog } from './operation-log.js';
import type { System } from './system.js';

/** How long a command may stay without a final answer while everything is up, in ms. */
const PATIENCE_MS = 60_000;
/** Longer than the API waits for a workflow before it answers 202. */
const ANSWER_MS = 35_000;
const kept = (body: string): any => (body.startsWith('{') ? JSON.parse(body) : undefined);
const pause = (ms: number) => new Promise<void>((later) => setTimeout(later, ms));

/** The end of a command: done with its answer, or refused with its code; undefined when nobody ever said. */
export type Ended =
  | { readonly is: 'ok'; readonly status: number; readonly answer: any; readonly location: string }
  | { readonly is: 'fail'; readonly status: number; readonly code: string }
  | undefined;

interface Sent {
  readonly op: number;
  readonly caller: string;
  readonly path: string;
  readonly idempotencyKey: string;
  readonly body: string;
  readonly ended: Ended;
  readonly text: string;
}

/**
 * What drives the system over HTTP, as clients would: every command with a key of its own, asked again with the same key until
 * somebody says how it ended.
 */
export interface Driver {
  give(command: { caller: string; about: About; command: string; path: string; body: unknown }): Promise<Ended>;
  look(caller: string, path: string): Promise<any>;
  /** Asks finished commands once more, those first that were once in doubt: the answer may never change. */
  askAgain(most: number): Promise<void>;
}

export function createDriver(input: { system: System; log: OperationLog; upSince: () => number }): Driver {
  const { system, log } = input;
  const sent: Sent[] = [];
  let ops = 0;

  const call = async (caller: string, method: string, path: string, body?: string, idempotencyKey?: string) => {
    const answer = await fetch(`${system.api}${path}`, {
      method,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...(body === undefined ? {} : { body }),
      headers: {
        Authorization: `Bearer ${await system.issuer.tokenOf(caller)}`,
        ...(idempotencyKey ? { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey } : {}),
      },
    });
    return { status: answer.status, text: await answer.text(), location: answer.headers.get('Location') ?? '' };
  };

  async function give({ caller, about, command, path, body: given }: Parameters<Driver['give']>[0]): Promise<Ended> {
    const [op, idempotencyKey, body] = [(ops += 1), randomUUID(), JSON.stringify(given)];
    const began = Date.now();
    log.note({ event: 'invoke', op, caller, about, command, idempotencyKey });
    for (;;) {
      const answer = await call(caller, 'POST', path, body, idempotencyKey).catch((cause: unknown) => (cause as Error).name);
      if (typeof answer !== 'string') {
        const read = kept(answer.text);
        const over = (ended: NonNullable<Ended>) => {
          sent.push({ op, caller, path, idempotencyKey, body, ended, text: answer.text });
          return ended;
        };
        if (answer.status < 300 && read?.accepted !== true) {
          log.note({ event: 'ok', op, status: answer.status, answer: { case: read.case } });
          return over({ is: 'ok', status: answer.status, answer: read, location: answer.location });
        }
        if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) {
          log.note({ event: 'fail', op, status: answer.status, code: String(read?.code) });
          return over({ is: 'fail', status: answer.status, code: String(read?.code) });
        }
      }
      log.note({ event: 'info', op, why: typeof answer === 'string' ? answer : String(answer.status) });
      if (Date.now() - Math.max(began, input.upSince()) > PATIENCE_MS) {
        log.note({ event: 'gave-up', op });
        return undefined;
      }
      await pause(150);
    }
  }

  async function look(caller: string, path: string): Promise<any> {
    for (;;) {
      const answer = await call(caller, 'GET', path).catch(() => undefined);
      if (answer && answer.status === 200) return kept(answer.text);
      if (answer && answer.status < 500)
        throw new Error(`GET ${path.replaceAll(/[0-9a-f-]{36}/g, '…')} answered ${answer.status}`);
      await pause(150);
    }
  }

  async function askAgain(most: number): Promise<void> {
    const doubted = new Set(log.lines.flatMap((line) => (line.event === 'info' ? [line.op] : [])));
    const chosen = [...sent.filter(({ op }) => doubted.has(op)), ...sent.filter(({ op }) => !doubted.has(op))].slice(0, most);
    // Compared as JSON, not as text: what the database kept has its fields in another order. The request's id is not part of the
    // outcome.
    const outcome = (status: number, text: string) => canonicalize([status, { ...kept(text), requestId: '' }]);
    const one = async ({ op, caller, path, idempotencyKey, body, ended, text }: Sent) => {
      const answer = await call(caller, 'POST', path, body, idempotencyKey);
      log.note({
        event: 'again',
        op,
        status: answer.status,
        same: outcome(answer.status, answer.text) === outcome(ended?.status ?? 0, text),
      });
    };
    for (let at = 0; at < chosen.length; at += 4) await Promise.all(chosen.slice(at, at + 4).map(one));
  }

  return { give, look, askAgain };
}
