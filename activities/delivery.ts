import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Delivered } from '../workflows/case-workflow.js';
import type { Channel } from '../workflows/process.js';
import type { Database, Transaction } from '../prisma/client.js';
import { append } from './audit.js';

/** A promise that was claimed and is being kept. */
export interface Promised {
  readonly id: string;
  readonly institution: string;
  readonly caseId: string;
  readonly key: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly attempts: number;
}

/**
 * How a way out keeps one promise. Returns when the effect is certain. Throws `NotSent` when it certainly did not happen (tried again),
 * `Unknown` when nobody can know, `Refused` when it never will.
 */
export type Way = (promised: Promised) => Promise<void>;

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

/** What a crash in the gap between doing and recording means (reliability section 7). */
const afterDeath: Readonly<Record<Channel, 'uncertain' | 'pending'>> = { mail: 'uncertain', sms: 'uncertain', order: 'pending', start: 'pending' };

interface Row { id: string; institution: string; case_id: string; key: string; payload: Record<string, unknown>; attempts: number }

/** Keeps the promises of a case on one way out: claim, do, record, row by row. Over the outbox of a database. */
export function createDelivery(db: Database, ways: Readonly<Partial<Record<Channel, Way>>>) {
  const claim = async (caseId: string, channel: Channel, me: string, notAgain: readonly string[]): Promise<Promised | undefined> => {
    const rows = await db.$queryRaw<Row[]>`
      UPDATE outbox SET state = 'claimed', attempts = attempts + 1, claimed_at = now(), claimed_by = ${me}
      WHERE id = (SELECT id FROM outbox WHERE case_id = ${caseId}::uuid AND channel = ${channel} AND state = 'pending'
                    AND id <> ALL (${notAgain}::uuid[])
                  ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING id, institution, case_id, key, payload, attempts`;
    const row = rows[0];
    return row && { id: row.id, institution: row.institution, caseId: row.case_id, key: row.key, payload: row.payload, attempts: row.attempts };
  };

  /** Ends a claim. What is uncertain or refused is traced, and the case asks for attention; a code by SMS is replaced by the person who asked for it. */
  const record = async (promised: Promised, channel: Channel, state: 'done' | 'pending' | 'uncertain' | 'failed', problem: string | null): Promise<void> => {
    const unclaim = (tx: Transaction) => tx.$executeRaw`
      UPDATE outbox SET state = ${state}, problem = ${problem}, claimed_by = NULL, done_at = CASE WHEN ${state} = 'pending' THEN NULL ELSE now() END
      WHERE id = ${promised.id}::uuid AND state = 'claimed'`;
    if (state === 'done' || state === 'pending') return void (await unclaim(db));
    await db.$transaction(async (tx) => {
      if ((await unclaim(tx)) === 0) return;
      if (channel !== 'sms') await tx.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${promised.caseId}::uuid`;
      await append(tx, {
        institution: promised.institution, caseId: promised.caseId, actor: 'system', action: `${channel}.${state}`, outcome: 'done', key: promised.key,
        at: new Date().toISOString(), details: { problem: problem ?? 'unknown' },
      });
    });
  };

  /** What an attempt that died left claimed: each way has its own rule. */
  const tidy = async (claims: Promised[], channel: Channel): Promise<void> => {
    for (const promised of claims) await record(promised, channel, afterDeath[channel], 'died-in-the-gap');
  };

  const left = async (caseId: string, channel: Channel, me: string): Promise<Promised[]> =>
    (await db.$queryRaw<Row[]>`
      SELECT id, institution, case_id, key, payload, attempts FROM outbox
      WHERE case_id = ${caseId}::uuid AND channel = ${channel} AND state = 'claimed' AND claimed_by = ${me}`).map((row) => ({
      id: row.id, institution: row.institution, caseId: row.case_id, key: row.key, payload: row.payload, attempts: row.attempts,
    }));

  /** The activity: everything pending of this case on this way out. */
  async function deliver(input: { caseId: string; channel: Channel }): Promise<Delivered> {
    const { caseId, channel } = input;
    const { workflowExecution, activityId, attempt } = Context.current().info;
    const me = `${workflowExecution?.workflowId ?? ''}/${workflowExecution?.runId ?? ''}/${activityId}`;
    if (attempt > 1) await tidy(await left(caseId, channel, me), channel);
    await deliverAs(me, caseId, channel, () => Context.current().heartbeat());
    return { needsAttention: await troubled(caseId) };
  }

  /** Whether a person has to look at what became of a promise of this case. */
  const troubled = async (caseId: string): Promise<boolean> =>
    (await db.outbox.count({ where: { caseId, channel: { not: 'sms' }, state: { in: ['uncertain', 'failed'] } } })) > 0;

  async function deliverAs(me: string, caseId: string, channel: Channel, beat: () => void): Promise<void> {
    const way = ways[channel];
    if (!way) throw ApplicationFailure.nonRetryable(`no way out called ${channel}`);
    const notNow: string[] = [];
    let last: Error | undefined;
    for (let kept = 0; ; kept += 1) {
      const promised = await claim(caseId, channel, me, notNow);
      if (!promised && last) throw last;
      if (!promised) return;
      // The attempt itself is the first sign of life: a beat is a write at the server, and most cases have one row.
      if (kept > 0) beat();
      try {
        await way(promised);
      } catch (cause) {
        if (cause instanceof Unknown) {
          await record(promised, channel, 'uncertain', 'unknown-outcome');
          continue;
        }
        if (cause instanceof Refused) {
          await record(promised, channel, 'failed', cause.message);
          continue;
        }
        await record(promised, channel, 'pending', cause instanceof NotSent ? cause.message : 'error');
        notNow.push(promised.id);
        last = cause instanceof Error ? cause : new Error('a delivery failed');
        continue;
      }
      await record(promised, channel, 'done', null);
    }
  }

  /** What nobody took: pending for a minute, or claimed for so long that the claimer must be dead. For the sweep. */
  async function overdue(input: { most: number }): Promise<{ caseId: string; channel: Channel }[]> {
    const dead = await db.$queryRaw<(Row & { channel: Channel })[]>`
      SELECT id, institution, case_id, key, payload, attempts, channel FROM outbox
      WHERE state = 'claimed' AND claimed_at < now() - interval '5 minutes' LIMIT ${input.most}`;
    for (const row of dead)
      await record({ id: row.id, institution: row.institution, caseId: row.case_id, key: row.key, payload: row.payload, attempts: row.attempts }, row.channel, afterDeath[row.channel], 'died-in-the-gap');
    const rows = await db.$queryRaw<{ case_id: string; channel: Channel }[]>`
      SELECT case_id, channel FROM outbox WHERE state = 'pending'
      AND created_at < now() - CASE WHEN channel = 'start' THEN interval '5 seconds' ELSE interval '60 seconds' END
      GROUP BY case_id, channel ORDER BY min(created_at) LIMIT ${input.most}`;
    return rows.map((row) => ({ caseId: row.case_id, channel: row.channel }));
  }

  return { deliver, overdue };
}
export type Delivery = ReturnType<typeof createDelivery>;
