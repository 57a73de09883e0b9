import { holds, refuse, type Actor, type Channel, type Refusal } from '../workflows/process.js';
import { may } from '../workflows/rights.js';
import type { Database, Transaction } from '../prisma/client.js';
import { readCase, troubled } from './case/case-row.js';
import type { Trace } from './case/once.js';
import type { Process } from './case/registered-process.js';

/**
 * A promise that needs a person: nobody knows whether it was kept (`uncertain`), or it was not and never will be by itself
 * (`failed`).
 */
export interface TroubledPromise {
  readonly id: string;
  readonly channel: Channel;
  readonly state: 'uncertain' | 'failed';
  /** A code without personal data. */
  readonly problem: string | null;
  /** Which letter and to whom: a person's id, or the student's key on the list. Null for what is no letter. */
  readonly letter: string | null;
  readonly to: string | null;
  readonly attempts: number;
  readonly promisedAt: string;
  readonly endedAt: string | null;
}

/**
 * The troubled promises of a case, or those of an institution that belong to none, by id, `limit` of them after the one named.
 * Codes by SMS are not among them: whoever asked for one asks again.
 */
export async function troubledOf(
  db: Database,
  ask: { institution: string; caseId: string | null; after?: string | undefined; limit: number },
): Promise<TroubledPromise[]> {
  const rows = await db.outbox.findMany({
    where: {
      institution: ask.institution,
      caseId: ask.caseId,
      channel: { not: 'sms' },
      state: { in: ['uncertain', 'failed'] },
      ...(ask.after ? { id: { gt: ask.after } } : {}),
    },
    orderBy: { id: 'asc' },
    take: ask.limit,
  });
  return rows.map((row) => {
    const { letter, to } = row.payload as { letter?: string; to?: string };
    return {
      id: row.id,
      channel: row.channel as Channel,
      state: row.state as TroubledPromise['state'],
      problem: row.problem,
      letter: letter ?? null,
      to: to ?? null,
      attempts: row.attempts,
      promisedAt: row.createdAt.toISOString(),
      endedAt: row.doneAt?.toISOString() ?? null,
    };
  });
}

/** What a person may do about a troubled promise: have it kept again, or say that it was kept after all. */
export type Mending = 'send-again' | 'settled';

/** How the promise stands now. */
export interface Mended {
  readonly id: string;
  readonly state: 'pending' | 'done';
}

/** How the promise of a case stands now, and whether the case still needs a person. */
export interface MendedOfCase extends Mended {
  readonly needsAttention: boolean;
}

/** Puts it back with its whole time before it once more, or takes it for kept; false where it is not troubled. */
const put = async (tx: Transaction, { id, how }: { readonly id: string; readonly how: Mending }): Promise<boolean> =>
  (how === 'settled'
    ? await tx.$executeRaw`UPDATE outbox SET state = 'done', done_at = now() WHERE id = ${id}::uuid AND state IN ('uncertain', 'failed')`
    : await tx.$executeRaw`
      UPDATE outbox SET state = 'pending', problem = NULL, attempts = 0, created_at = now(), claimed_at = NULL, done_at = NULL
      WHERE id = ${id}::uuid AND state IN ('uncertain', 'failed')`) > 0;

const stateAfter = { settled: 'done', 'send-again': 'pending' } as const satisfies Record<Mending, Mended['state']>;

/**
 * Mends a troubled promise that belongs to no case, as the letter about a consent does (RX-08): operations, for there is no case
 * whose people would. The sweep delivers what is pending.
 */
export async function mendFree(
  tx: Transaction,
  ask: { id: string; actor: Actor; how: Mending },
  trace: Trace,
): Promise<Mended | Refusal> {
  const { actor, how, id } = ask;
  const no = async (refusal: Refusal) => {
    await trace({ caseId: null, details: { promise: id } }, refusal);
    return refusal;
  };
  if (!may(actor, 'mend-letters')) return no(refuse('forbidden', 'registrar', 'not-yours-to-give', { command: how }));
  const promised = await tx.outbox.findFirst({
    where: { id, institution: actor.institution, caseId: null, channel: { not: 'sms' } },
  });
  if (!promised) return no(refuse('missing', 'registrar', 'no-such-page'));
  if (!(await put(tx, { id, how }))) return no(refuse('conflict', 'registrar', 'not-troubled'));
  await trace({ caseId: null, details: { promise: promised.key, was: promised.state } });
  return { id, state: stateAfter[how] };
}

/**
 * Mends a troubled promise, in the transaction of the command and its trace (AU-02). A letter sent again keeps its key, and with
 * it its Message-ID, and has its whole time before it once more. Whether the case is closed makes no difference: the sweep
 * delivers what is pending.
 */
export async function mend(
  tx: Transaction,
  ask: { process: Process; number: string; id: string; actor: Actor; how: Mending },
  trace: Trace,
): Promise<MendedOfCase | Refusal> {
  const { actor, how, id } = ask;
  const { definition } = ask.process;
  const subject = (await readCase(tx, { kind: definition.kind, number: ask.number }, true))?.subject;
  const mine = subject?.institution === actor.institution ? subject : undefined;
  const about = mine ? { caseId: mine.id, subject: `${mine.kind}/${mine.number}` } : { caseId: null };
  const no = async (refusal: Refusal) => {
    await trace({ ...about, details: { promise: id } }, refusal);
    return refusal;
  };
  if (!mine) return no(refuse('missing', 'registrar', 'no-such-case'));
  if (!holds(definition.mendedBy, actor, mine))
    return no(refuse('forbidden', 'registrar', 'not-yours-to-give', { command: how }));
  const barred = await ask.process.store?.bars?.(tx, mine, actor);
  if (barred) return no(barred);
  const promised = await tx.outbox.findFirst({ where: { id, caseId: mine.id, channel: { not: 'sms' } } });
  if (!promised) return no(refuse('missing', 'registrar', 'no-such-page'));
  if (!(await put(tx, { id, how }))) return no(refuse('conflict', 'registrar', 'not-troubled'));
  // Somebody did outside what was ordered: whoever waits for it goes on.
  if (how === 'settled')
    await tx.order.updateMany({
      where: { id: { in: orderIn(promised.payload) }, caseId: mine.id, state: 'open' },
      data: { state: 'done', result: { settled: true }, doneAt: new Date() },
    });
  const obstacle = (await ask.process.store?.obstacle(tx, mine)) ?? false;
  const rows = await tx.$queryRaw<{ needs_attention: boolean }[]>`
    UPDATE cases SET needs_attention = ${obstacle}::boolean OR ${troubled(mine.id)} WHERE id = ${mine.id}::uuid RETURNING needs_attention`;
  await trace({ ...about, details: { promise: promised.key, was: promised.state } });
  return { id, state: stateAfter[how], needsAttention: rows[0]?.needs_attention ?? false };
}

/** The order that a promise is about, if it is about one. */
const orderIn = (payload: unknown): string[] => [(payload as { order?: string }).order ?? []].flat();
