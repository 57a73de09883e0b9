import { randomBytes } from 'node:crypto';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { simulator, type Simulator } from './simulator.js';

/** What can befall a message on its way, as a fault of `POST /a1/sms`. */
const fates = ['duplicate-callback', 'out-of-order-callback', 'undelivered'] as const;

type Status = 'created' | 'sent' | 'delivered' | 'failed';
interface Message {
  id: string;
  created: string;
  from: string;
  to: string;
  message: string;
  status: Status;
  delivered: string | null;
  cost: number;
  parts: number;
  hidden: boolean;
  whenDelivered: string | null;
  fate: (typeof fates)[number] | null;
}
interface Store {
  messages: Message[];
}

/** What lies in a phone. */
export interface PhoneMessage {
  readonly id: string;
  readonly to: string;
  readonly from: string;
  readonly text: string;
  /** Instant, UTC, when it was handed over for sending. */
  readonly at: string;
}
export interface ElksSimulator extends Simulator<Store> {
  /** Everything that reached a phone, newest first; with `to` one phone's. */
  phone(to?: string): PhoneMessage[];
}

const E164 = /^\+[1-9]\d{6,14}$/;
const SENDER = /^[A-Za-z][A-Za-z0-9]{0,10}$/;
const COST_OF_A_PART = 5_200;
const PAGE = 100;
const REPORT_TRIES = 5;
const partsOf = (text: string) => (text.length <= 160 ? 1 : Math.ceil(text.length / 153));
/** UTC to the microsecond, without a zone, as 46elks writes instants. */
const instant = () => new Date().toISOString().replace('Z', '000');

/**
 * 46elks' SMS: `POST /a1/sms`, `GET /a1/sms`, `GET /a1/sms/{id}`, errors in plain text. Any user and password unless given.
 * `GET /__sim/messages?to=` shows what lies in the phones, with the text that `dontlog=message` keeps out of the history.
 *
 * A message is sent and delivered `stepMs` apart, with a delivery report to `whendelivered` at each step, repeated `retryMs`
 * apart until it is answered with 200 to 204, five times at most. Faults beside the general ones, all for `POST /a1/sms`:
 * `duplicate-callback`, `out-of-order-callback` (delivered before sent), `undelivered` (ends as failed) and `no-credit` (403).
 */
export function elksSimulator({
  folder,
  user,
  password,
  stepMs = 20,
  retryMs = 1_000,
}: { folder?: string; user?: string; password?: string; stepMs?: number; retryMs?: number } = {}): ElksSimulator {
  const base = simulator<Store>('elks', () => ({ messages: [] }), folder);
  const { app, store, save } = base;
  const timers = new Set<NodeJS.Timeout>();
  const later = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms).unref();
    timers.add(timer);
  };

  const report = ({ id, whenDelivered, delivered }: Message, status: Status, left = REPORT_TRIES) => {
    if (!whenDelivered) return;
    const body = new URLSearchParams({ id, status, ...(status === 'delivered' && delivered ? { delivered } : {}) });
    const again = () => left > 1 && later(retryMs, () => report({ id, whenDelivered, delivered } as Message, status, left - 1));
    fetch(whenDelivered, { method: 'POST', body, redirect: 'manual' }).then(
      (answer) => void ((answer.status < 200 || answer.status > 204) && again()),
      () => void again(),
    );
  };
  const reach = (message: Message, status: Status) => {
    message.status = status;
    if (status === 'delivered') message.delivered = instant();
    save();
  };
  /** The way of a message to the phone; one that a restart interrupted is taken up where it was. */
  const carry = (message: Message) => {
    const last = message.fate === 'undelivered' ? 'failed' : 'delivered';
    const early = message.fate === 'out-of-order-callback';
    if (message.status === 'created') {
      reach(message, 'sent');
      if (!early) report(message, 'sent');
    }
    later(stepMs, () => {
      reach(message, last);
      report(message, last);
      if (message.fate === 'duplicate-callback') later(stepMs, () => report(message, last));
      if (early) later(stepMs, () => report(message, 'sent'));
    });
  };
  const resume = () => store.messages.filter(({ status }) => status === 'created' || status === 'sent').forEach(carry);

  const refuse = (c: Context, status: 400 | 401 | 403 | 404, text: string) => c.text(text, status);
  const signedIn = createMiddleware(async (c, next) => {
    const given = /^Basic (.+)$/.exec(c.req.header('Authorization') ?? '')?.[1];
    const [name = '', ...rest] = Buffer.from(given ?? '', 'base64')
      .toString('utf8')
      .split(':');
    const word = rest.join(':');
    if (!name || !word || (user !== undefined && user !== name) || (password !== undefined && password !== word))
      return refuse(c, 401, 'API access requires Basic HTTP authentication');
    await next();
  });
  app.use('/a1/*', signedIn);

  const shown = ({ id, created, from, to, message, status, delivered, cost, parts, hidden }: Message) => ({
    id,
    status,
    direction: 'outgoing',
    from,
    to,
    ...(hidden ? {} : { message }),
    created,
    ...(delivered ? { delivered } : {}),
    cost,
    parts,
  });

  app.post('/a1/sms', async (c) => {
    const type = c.req.header('Content-Type')?.split(';')[0];
    if (type !== 'application/x-www-form-urlencoded') return refuse(c, 400, 'Expected a form');
    const form = Object.fromEntries(new URLSearchParams(await c.req.text()));
    const { from = '', to = '', message = '', whendelivered = '', dontlog = '', dryrun = '' } = form;
    if (base.takeFault('POST', '/a1/sms', 'no-credit')) return refuse(c, 403, 'Not enough credits');
    if (!SENDER.test(from) && !E164.test(from)) return refuse(c, 400, 'Invalid from');
    if (!E164.test(to)) return refuse(c, 400, 'Invalid to');
    if (!message) return refuse(c, 400, 'Missing key message');
    if (whendelivered && !URL.canParse(whendelivered)) return refuse(c, 400, 'Invalid whendelivered');
    const parts = partsOf(message);
    const cost = parts * COST_OF_A_PART;
    if (dryrun === 'yes')
      return c.json({ status: 'created', direction: 'outgoing', from, to, message, estimated_cost: cost, parts });
    const sent: Message = {
      id: `s${randomBytes(16).toString('hex')}`,
      created: instant(),
      from,
      to,
      message,
      status: 'created',
      delivered: null,
      cost,
      parts,
      hidden: dontlog === 'message',
      whenDelivered: whendelivered || null,
      fate: fates.find((fate) => base.takeFault('POST', '/a1/sms', fate)) ?? null,
    };
    store.messages.push(sent);
    save();
    later(stepMs, () => carry(sent));
    return c.json({ ...shown(sent), message });
  });

  app.get('/a1/sms', (c) => {
    const { to, start, end, limit = String(PAGE) } = c.req.query();
    const size = Number(limit);
    if (!Number.isInteger(size) || size < 1 || size > PAGE) return refuse(c, 400, 'Invalid limit');
    const found = store.messages
      .filter((one) => (!to || one.to === to) && (!start || one.created < start) && (!end || one.created > end))
      .reverse();
    const page = found.slice(0, size);
    return c.json({ data: page.map(shown), ...(found.length > size ? { next: page.at(-1)?.created } : {}) });
  });

  app.get('/a1/sms/:id', (c) => {
    const found = store.messages.find(({ id }) => id === c.req.param('id'));
    return found ? c.json(shown(found)) : refuse(c, 404, 'Not found');
  });

  const phone = (number?: string) =>
    store.messages
      .filter((one) => one.fate !== 'undelivered' && (!number || one.to === number))
      .map(({ id, to, from, message: text, created: at }) => ({ id, to, from, text, at: `${at.slice(0, -3)}Z` }))
      .reverse();
  app.get('/__sim/messages', (c) => c.json(phone(c.req.query('to'))));

  return {
    ...base,
    phone,
    async listen(port) {
      const server = await base.listen(port);
      resume();
      return {
        ...server,
        async close() {
          timers.forEach(clearTimeout);
          timers.clear();
          await server.close();
        },
      };
    },
  };
}
