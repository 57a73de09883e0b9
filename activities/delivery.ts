import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Delivered } from '../workflows/case-workflow.js';
import type { Channel } from '../workflows/process.js';
import { Prisma, type Database } from '../prisma/client.js';
import { append } from './audit.js';
import { beating } from './beating.js';
import { troubled } from './case/case-row.js';

/** A promise that was claimed and is being kept. */
export interface Promised {
  readonly id: string;
  readonly institution: string;
  /** Null where the promise belongs to no case. */
  readonly caseId: string | null;
  readonly key: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}

/**
 * How a way out keeps one promise. Returns when the effect is certain, or nobody needs it any more. Throws `NotSent` when it certainly did not happen (tried
 * again), `Unknown` when nobody can know, `Refused` when it never will.
 */
export type Way = (promised: Promised) => Promise<void | 'unneeded'>;

/** Certainly not done, worth another try. */
export class NotSent extends Error {
  override readonly name = 'NotSent';
}
/** May or may not have happened: shown to staff, never repeated silently. */
export class Unknown extends Error {
  override readonly name = 'Unknown';
}
/** Will never happen; `message` is a code without personal data. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/** Days after which a promise that could not be kept is given up: it has failed, and a person looks at it. */
const MOST_DAYS = 3;

/**
 * Promises in a row that could not be kept now, after which an attempt ends: what they go through is down, may take its time to
 * say so, and the rest would only wait for it. Those never tried come first the next time.
 */
const MOST_IN_A_ROW = 3;

/** What a crash in the gap between doing and recording means (docs/temporal.md). */
export const afterDeath: Readonly<Record<Channel, 'uncertain' | 'pending'>> = {
  mail: 'uncertain',
  sms: 'uncertain',
  order: 'pending',
  start: 'pending',
};

interface Row {
  id: string;
  institution: string;
  case_id: string | null;
  key: string;
  payload: Record<string, unknown>;
  attempts: number;
  channel: Channel;
  claimed_by: string | null;
}

/** A promise and the one attempt of an activity that holds it: an attempt that was taken for dead and wakes up decides nothing. */
interface Claimed extends Promised {
  readonly claimedBy: string | null;
}

const claimedOf = (row: Row): Claimed => ({
  id: row.id,
  institution: row.institution,
  caseId: row.case_id,
  key: row.key,
  payload: row.payload,
  attempts: row.attempts,
  claimedBy: row.claimed_by,
});

/** The row of a promise, while it is held by whom we know to hold it. */
const held = ({ id, claimedBy }: Claimed) =>
  Prisma.sql`id = ${id}::uuid AND state = 'claimed' AND claimed_by IS NOT DISTINCT FROM ${claimedBy}`;

/** The rows of a case, or those that belong to none. */
const ofCase = (caseId: string | null) => (caseId === null ? Prisma.sql`case_id IS NULL` : Prisma.sql`case_id = ${caseId}::uuid`);

/** Keeps the promises of a case on one way out: claim, do, record, row by row. Over the outbox of a database. */
export function createDelivery(db: Database, ways: Readonly<Partial<Record<Channel, Way>>>) {
  const claim = async (
    caseId: string | null,
    channel: Channel,
    me: string,
    notAgain: readonly string[],
  ): Promise<Claimed | undefined> => {
    const rows = await db.$queryRaw<Row[]>`
      UPDATE outbox SET state = 'claimed', attempts = attempts + 1, claimed_at = now(), claimed_by = ${me}
      WHERE id = (SELECT id FROM outbox WHERE ${ofCase(caseId)} AND channel = ${channel} AND state = 'pending'
                    AND id <> ALL (${notAgain}::uuid[])
                  ORDER BY claimed_at NULLS FIRST, created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, institution, case_id, key, payload, attempts, channel, claimed_by`;
    return rows[0] && claimedOf(rows[0]);
  };

  /** Says that what was claimed is still being worked on, so that nobody takes the claimer for dead. */
  const renew = (caseId: string | null, me: string) =>
    db.$executeRaw`UPDATE outbox SET claimed_at = now() WHERE ${ofCase(caseId)} AND claimed_by = ${me} AND state = 'claimed'`;

  /** `unneeded`: kept by doing nothing, which the row says. */
  const kept = (promised: Claimed, unneeded: 'unneeded' | null) =>
    db.$executeRaw`UPDATE outbox SET state = 'done', problem = ${unneeded}, claimed_by = NULL, done_at = now() WHERE ${held(promised)}`;

  /**
   * Ends a claim that a person has to look at: it is traced, and the case asks for attention. A code by SMS is replaced by the
   * person who asked for it.
   */
  const lose = (promised: Claimed, channel: Channel, state: 'uncertain' | 'failed', problem: string): Promise<void> =>
    db.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM cases WHERE id = ${promised.caseId}::uuid FOR NO KEY UPDATE`;
      const ended = await tx.$executeRaw`
        UPDATE outbox SET state = ${state}, problem = ${problem}, claimed_by = NULL, done_at = now() WHERE ${held(promised)}`;
      if (ended === 0) return;
      if (channel !== 'sms') await tx.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${promised.caseId}::uuid`;
      await append(tx, {
        institution: promised.institution,
        caseId: promised.caseId,
        actor: 'system',
        action: `${channel}.${state}`,
        outcome: 'done',
        key: promised.key,
        at: new Date().toISOString(),
        details: { problem },
      });
    });

  /** Puts a claim back for another try and says so; what was promised `MOST_DAYS` ago gets none and has failed. */
  const putBack = async (promised: Claimed, channel: Channel, problem: string): Promise<boolean> => {
    const back = await db.$executeRaw`
      UPDATE outbox SET state = 'pending', problem = ${problem}, claimed_by = NULL
      WHERE ${held(promised)} AND created_at > now() - make_interval(days => ${MOST_DAYS}::int)`;
    if (back === 0) await lose(promised, channel, 'failed', problem);
    return back > 0;
  };

  /** What an attempt that died left claimed: each way has its own rule. */
  const tidy = async (claims: readonly Row[]): Promise<void> => {
    for (const row of claims)
      if (afterDeath[row.channel] === 'pending') await putBack(claimedOf(row), row.channel, 'died-in-the-gap');
      else await lose(claimedOf(row), row.channel, 'uncertain', 'died-in-the-gap');
  };

  /** What earlier attempts of an activity have left. */
  const left = (caseId: string | null, channel: Channel, activity: string): Promise<Row[]> =>
    db.$queryRaw<Row[]>`
      SELECT id, institution, case_id, key, payload, attempts, channel, claimed_by FROM outbox
      WHERE ${ofCase(caseId)} AND channel = ${channel} AND state = 'claimed' AND starts_with(claimed_by, ${`${activity}/`})`;

  /**
   * The activity: everything pending of this case on this way out, or of no case at all. Called off it stops between two
   * promises, and the next attempt goes on.
   */
  async function deliver(input: { caseId: string | null; channel: Channel }): Promise<Delivered> {
    const { caseId, channel } = input;
    const { workflowExecution, activityId, attempt } = Context.current().info;
    const activity = `${workflowExecution?.workflowId ?? ''}/${workflowExecution?.runId ?? ''}/${activityId}`;
    const me = `${activity}/${attempt}`;
    if (attempt > 1) await tidy(await left(caseId, channel, activity));
    await beating(
      () => deliverAs(me, caseId, channel),
      () => renew(caseId, me).catch(() => undefined),
    );
    if (caseId === null) return { needsAttention: false };
    const rows = await db.$queryRaw<{ yes: boolean }[]>`SELECT ${troubled(caseId)} AS yes`;
    return { needsAttention: rows[0]?.yes ?? false };
  }

  async function deliverAs(me: string, caseId: string | null, channel: Channel): Promise<void> {
    const way = ways[channel];
    if (!way) throw ApplicationFailure.nonRetryable(`no way out called ${channel}`);
    const notNow: string[] = [];
    let [last, inARow]: [Error | undefined, number] = [undefined, 0];
    for (;;) {
      goOn();
      const promised = inARow < MOST_IN_A_ROW ? await claim(caseId, channel, me, notNow) : undefined;
      if (!promised && last) throw last;
      if (!promised) return;
      inARow += 1;
      const outcome = await way(promised).then(
        (unneeded) => unneeded ?? null,
        (cause: unknown) => (cause instanceof Error ? cause : new Error('a delivery failed')),
      );
      const failure = outcome instanceof Error ? outcome : undefined;
      if (!(failure instanceof NotSent)) inARow = 0;
      if (!(outcome instanceof Error)) await kept(promised, outcome);
      else if (failure instanceof Unknown) await lose(promised, channel, 'uncertain', 'unknown-outcome');
      else if (failure instanceof Refused) await lose(promised, channel, 'failed', failure.message);
      else if (await putBack(promised, channel, failure instanceof NotSent ? failure.message : 'error')) {
        notNow.push(promised.id);
        last = failure;
      }
    }
  }

  /**
   * What nobody took: pending and not tried for a minute (at once where it belongs to no case, for then no workflow takes it), or
   * claimed with no sign of life for so long that the claimer must be dead. At most `most` cases a way out, those never tried
   * first and then those whose last try is longest ago, so that none is passed over for ever. For the sweep.
   */
  async function overdue(input: { most: number }): Promise<{ caseId: string | null; channel: Channel }[]> {
    await tidy(
      await db.$queryRaw<Row[]>`
      SELECT id, institution, case_id, key, payload, attempts, channel, claimed_by FROM outbox
      WHERE state = 'claimed' AND claimed_at < now() - interval '5 minutes' ORDER BY claimed_at LIMIT ${input.most}`,
    );
    const rows = await db.$queryRaw<{ case_id: string | null; channel: Channel }[]>`
      SELECT case_id, channel FROM (
        SELECT case_id, channel, row_number() OVER (PARTITION BY channel ORDER BY min(coalesce(claimed_at, '-infinity')), min(created_at)) AS place
        FROM outbox WHERE state = 'pending'
          AND coalesce(claimed_at, created_at) < now() - CASE WHEN case_id IS NULL AND claimed_at IS NULL THEN interval '0' WHEN channel = 'start' THEN interval '5 seconds' ELSE interval '60 seconds' END
        GROUP BY case_id, channel) late
      WHERE place <= ${input.most} ORDER BY place`;
    return rows.map((row) => ({ caseId: row.case_id, channel: row.channel }));
  }

  return { deliver, overdue };
}
/** Keeps the promises of the outbox. */
export type Delivery = ReturnType<typeof createDelivery>;

/** Ends an activity that was called off (its worker leaves, its workflow has ended): not as done, so that it is tried again. */
function goOn(): void {
  if (!Context.current().cancellationSignal.aborted) return;
  throw ApplicationFailure.create({
    message: 'called off, the rest is for the next attempt',
    type: 'called-off',
    nonRetryable: false,
    category: ApplicationFailureCategory.BENIGN,
  });
}
