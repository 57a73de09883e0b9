import { log } from '@temporalio/activity';
import type { Database, Transaction } from '../prisma/client.js';
import { MailDeferred } from './mail.js';
import { PartnerUnavailable } from './outbound.js';
import { tellSigners } from './result-list/signing-back.js';

/** The outside systems whose health people are told of. */
export type PartnerName =
  'sms' | 'bankid' | 'ladok' | 'mail' | 'portal' | 'fs' | 'archive' | 'exchange-registry' | 'staff-register' | 'registry-system';

const FAILURES_IN_A_ROW = 3;
const SILENCE_MS = 30_000;

/** Whether a system counts as up: it does until it was seen down (three failures in a row, or 30 s without an answer). */
export async function isUp(tx: Transaction, partner: PartnerName): Promise<boolean> {
  const rows = await tx.$queryRaw<{ up: boolean }[]>`SELECT up FROM partner_health WHERE partner = ${partner}`;
  return rows[0]?.up ?? true;
}

/** Keeps what was seen: a failure is counted, an answer counts from nought again. */
export async function seen(db: Database, partner: PartnerName, answered: boolean, silentMs = 0): Promise<void> {
  if (answered) {
    // Nearly always nothing is to be changed, and looking needs no lock and no write to the disk.
    const rows = await db.$queryRaw<
      { well: boolean }[]
    >`SELECT up AND failures = 0 AS well FROM partner_health WHERE partner = ${partner}`;
    if (rows[0]?.well) return;
    return db.$transaction((tx) => wellAgain(tx, partner));
  }
  const atOnce = silentMs >= SILENCE_MS ? FAILURES_IN_A_ROW : 1;
  await db.$executeRaw`
    INSERT INTO partner_health (partner, up, failures, since) VALUES (${partner}, ${atOnce >= FAILURES_IN_A_ROW}::boolean IS NOT TRUE, ${atOnce}, now())
    ON CONFLICT (partner) DO UPDATE SET failures = partner_health.failures + ${atOnce}, up = partner_health.failures + ${atOnce} < ${FAILURES_IN_A_ROW},
      since = CASE WHEN partner_health.up AND partner_health.failures + ${atOnce} >= ${FAILURES_IN_A_ROW} THEN now() ELSE partner_health.since END`;
}

/** Counts from nought; where it was down, it is back, and those who could not sign are told in the same transaction (RL-53). */
async function wellAgain(tx: Transaction, partner: PartnerName): Promise<void> {
  await tx.$executeRaw`INSERT INTO partner_health (partner, up, failures, since) VALUES (${partner}, true, 0, now()) ON CONFLICT (partner) DO NOTHING`;
  const [before] = await tx.$queryRaw<
    { up: boolean; since: Date }[]
  >`SELECT up, since FROM partner_health WHERE partner = ${partner} FOR UPDATE`;
  if (!before || before.up)
    return void (await tx.$executeRaw`UPDATE partner_health SET failures = 0 WHERE partner = ${partner} AND failures > 0`);
  await tx.$executeRaw`UPDATE partner_health SET up = true, failures = 0, since = now() WHERE partner = ${partner}`;
  if (partner === 'sms' || partner === 'bankid') await tellSigners(tx, { way: partner, since: before.since });
}

/** Whether a failure means that nothing usable came; a refusal is an answer. */
export const isSilent = (cause: unknown): boolean => cause instanceof PartnerUnavailable || cause instanceof MailDeferred;

/**
 * Calls an outside system and keeps whether it answered. A refusal is an answer. What came of the call stands, also where that
 * cannot be kept: a letter that went is not sent once more because a note about the mail server failed.
 */
export async function watched<T>(db: Database, partner: PartnerName, call: () => Promise<T>): Promise<T> {
  const began = Date.now();
  const keep = (answered: boolean): Promise<void> =>
    seen(db, partner, answered, Date.now() - began).catch((cause: unknown) =>
      log.warn('whether a system answered could not be kept', { partner, cause: (cause as Error).name }),
    );
  let answer: T;
  try {
    answer = await call();
  } catch (cause) {
    await keep(!isSilent(cause));
    throw cause;
  }
  await keep(true);
  return answer;
}
