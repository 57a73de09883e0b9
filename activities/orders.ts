import type { OrderReason } from '../workflows/order-reasons.js';
import type { CaseView, OrderWrite } from '../workflows/process.js';
import type { Database, Transaction } from '../prisma/client.js';
import { append } from './audit.js';
import { readCase } from './case/case-row.js';
import { contentOf, writeDown } from './case/command-row.js';
import { hashOf } from './case/seal.js';
import { NotSent, Refused, type Way } from './delivery.js';
import { PartnerRefused, PartnerUnavailable, SaidNo } from './outbound.js';
import { addedUp, type Follow, type Progress } from './progress.js';

/**
 * How often an order that somebody waits for is tried before it ends as failed: what it needs is down, or something is wrong with
 * Registrar.
 */
const MOST_ATTEMPTS = 6;

/**
 * An order that is being carried out: for which case, by whom, and on which attempt (from 1). `id` is the same in all of them.
 */
export interface Ordered {
  readonly id: string;
  readonly body: unknown;
  readonly orderedBy: string;
  readonly attempts: number;
  readonly subject: CaseView;
  readonly zone: string;
  /** Follows one of the readings the order is made of, so that a long one shows how far it has come. */
  readonly reading: () => Follow;
}

/**
 * How an order ended, for whoever looks at its address: with a result, and what the audit keeps of it besides (no names), or a
 * code that says why not (`workflows/order-reasons.ts`). `brought`: what it wrote into the case, kept like the body of a command
 * and bound by the audit.
 */
export type Ended =
  | {
      readonly done: Readonly<Record<string, unknown>>;
      readonly event?: {
        readonly action: string;
        readonly details: Readonly<Record<string, unknown>>;
        readonly brought?: object;
      };
    }
  | { readonly failed: OrderReason };

/** What an order writes: in one transaction with its end, under the lock of the case, whose state then is `subject`. */
export type Write = (tx: Transaction, subject: CaseView) => Promise<Ended>;

/**
 * Carries out one order. Does its work outside first and throws what the adapters throw: it is tried again, at most six times,
 * which is about a minute. Answers the end, or a `Write` where Registrar's own tables change. May be repeated at any time, so
 * what it does outside has to be harmless the second time. `NotSent` and `Refused` go to the delivery as they are: not yet, or a
 * person has to mend it and sends it again.
 */
export interface CarryOut {
  (ordered: Ordered): Promise<Ended | Write>;
  /**
   * Nobody sits and waits: tried as letters are, for three days, and then the case asks for attention and a person sends it
   * again.
   */
  readonly patient?: true;
}

/** The orders of one process by name; complete by `Name`, the names in its definition. */
export type Orders<Name extends string = string> = Readonly<Record<Name, CarryOut>>;

/**
 * Carries out the orders of all processes, each by its own (`orders` by kind of case). Nothing is written before all of the work
 * outside is done.
 */
export function createOrders(deps: { db: Database; orders: Readonly<Record<string, Orders>> }): Way {
  const { db } = deps;

  const finish = (id: string, state: 'done' | 'failed', result: Readonly<Record<string, unknown>>, tx: Transaction = db) =>
    tx.$executeRaw`UPDATE orders SET state = ${state}, result = ${JSON.stringify(result)}::jsonb, done_at = now() WHERE id = ${id}::uuid AND state = 'open'`;

  const show = async (id: string, progress: Progress) =>
    void (await db.$executeRaw`UPDATE orders SET progress = ${JSON.stringify(progress)}::jsonb WHERE id = ${id}::uuid AND state = 'open'`);

  async function end({ id, subject, orderedBy }: Ordered, ended: Ended, tx: Transaction): Promise<void> {
    if ('failed' in ended) return void (await finish(id, 'failed', { reason: ended.failed }, tx));
    await finish(id, 'done', ended.done, tx);
    if (!ended.event) return;
    const { action, details, brought } = ended.event;
    const kept = brought && (await keep(tx, { order: id, caseId: subject.id, action, brought }));
    await append(tx, {
      institution: subject.institution,
      caseId: subject.id,
      subject: `${subject.kind}/${subject.number}`,
      actor: orderedBy,
      action,
      outcome: 'done',
      ...kept,
      at: new Date().toISOString(),
      details: { order: id, ...details },
    });
  }

  /** Writes down what an order brought, as a command of Registrar's own that is done. */
  async function keep(tx: Transaction, input: { order: string; caseId: string; action: string; brought: object }) {
    const { order, caseId, action, brought } = input;
    const key = hashOf({ order });
    const name = action.slice(action.indexOf('.') + 1);
    const written = await writeDown(tx, { key, caseId, name, caller: 'system', body: brought, from: null });
    await tx.$executeRaw`UPDATE commands SET outcome = '{"status": "done"}', decided_at = now() WHERE key = ${key} AND outcome IS NULL`;
    return { key, content: contentOf(written) };
  }

  const written = (ordered: Ordered, write: Write): Promise<void> =>
    db.$transaction(async (tx) => {
      const now = await readCase(tx, { id: ordered.subject.id }, true);
      if (!now || (await tx.order.findUnique({ where: { id: ordered.id } }))?.state !== 'open') return;
      await end(ordered, await write(tx, now.subject), tx);
    });

  return async ({ payload, caseId, attempts }) => {
    const order = await db.order.findUnique({ where: { id: (payload as { order: string }).order } });
    if (!order || order.state !== 'open') return;
    const fail = async (result: { reason: OrderReason; message?: string }) => void (await finish(order.id, 'failed', result));
    const found = caseId === null ? undefined : await readCase(db, { id: caseId });
    if (!found) throw new Refused('no-such-case');
    const carryOut = deps.orders[found.subject.kind]?.[order.name];
    const most = carryOut?.patient ? Infinity : MOST_ATTEMPTS;
    if (attempts > most) return fail({ reason: 'fault-in-registrar' });
    const ordered: Ordered = {
      id: order.id,
      body: order.body,
      orderedBy: order.orderedBy,
      attempts,
      ...found,
      reading: addedUp((progress) => show(order.id, progress)),
    };
    try {
      if (!carryOut) throw new Error(`nothing carries out ${order.name} for ${found.subject.kind}`);
      const outcome = await carryOut(ordered);
      await (typeof outcome === 'function' ? written(ordered, outcome) : end(ordered, outcome, db));
    } catch (cause) {
      if (cause instanceof NotSent || cause instanceof Refused) throw cause;
      const reason = reasonFor(cause);
      if (cause instanceof SaidNo) return fail({ reason, message: cause.staffText });
      if (attempts >= most) return fail({ reason });
      throw new NotSent(reason, { cause });
    }
  };
}

/** Writes down what was ordered, in the transaction that decides. */
export const writeOrder = (
  tx: Transaction,
  ask: { subject: Pick<CaseView, 'id'>; actor: { readonly id: string }; at: string },
  { id, name, body }: OrderWrite,
) =>
  tx.$executeRaw`
    INSERT INTO orders (id, case_id, name, body, ordered_by, ordered_at)
    VALUES (${id}::uuid, ${ask.subject.id}::uuid, ${name}, ${JSON.stringify(body)}::jsonb, ${ask.actor.id}::uuid, ${ask.at}::timestamptz)`;

/** What people call the partners that orders go to. */
const called = { ladok: 'register', itslearning: 'platform', fs: 'fs', archive: 'archive' } as const;

/**
 * What the person who ordered is told: a partner, or somebody before it (a proxy, a certificate), said no; it did not answer; or
 * the fault is ours.
 */
function reasonFor(cause: unknown): OrderReason {
  if (!(cause instanceof SaidNo || cause instanceof PartnerRefused || cause instanceof PartnerUnavailable))
    return 'fault-in-registrar';
  if (!Object.hasOwn(called, cause.partner)) return 'fault-in-registrar';
  const who = called[cause.partner as keyof typeof called];
  return cause instanceof PartnerUnavailable ? `${who}-unavailable` : `refused-by-${who}`;
}
