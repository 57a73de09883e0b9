import type { Database, Transaction } from '../prisma/client.js';
import { MailDeferred } from './mail.js';
import { PartnerUnavailable } from './outbound.js';

/** The outside systems whose health people are told of. */
export type PartnerName = 'sms' | 'bankid' | 'ladok' | 'mail' | 'portal';

const FAILURES_IN_A_ROW = 3;
const SILENCE_MS = 30_000;

/** Whether a system counts as up: it does until it was seen down (design §12: three failures in a row, or 30 s without an answer). */
export async function isUp(tx: Transaction, partner: PartnerName): Promise<boolean> {
  const rows = await tx.$queryRaw<{ up: boolean }[]>`SELECT up FROM partner_health WHERE partner = ${partner}`;
  return rows[0]?.up ?? true;
}

/** Keeps what was seen: a failure is counted, an answer counts from nought again. */
export async function seen(db: Database, partner: PartnerName, answered: boolean, silentMs = 0): Promise<void> {
  if (answered) {
    // Nearly always nothing is to be changed, and looking needs no lock and no write to the disk.
    const rows = await db.$queryRaw<{ well: boolean }[]>`SELECT up AND failures = 0 AS well FROM partner_health WHERE partner = ${partner}`;
    if (rows[0]?.well) return;
    await db.$executeRaw`
      INSERT INTO partner_health (partner, up, failures, since) VALUES (${partner}, true, 0, now())
      ON CONFLICT (partner) DO UPDATE SET up = true, failures = 0, since = CASE WHEN partner_health.up THEN partner_health.since ELSE now() END
      WHERE NOT partner_health.up OR partner_health.failures > 0`;
    return;
  }
  const atOnce = silentMs >= SILENCE_MS ? FAILURES_IN_A_ROW : 1;
  await db.$executeRaw`
    INSERT INTO partner_health (partner, up, failures, since) VALUES (${partner}, ${atOnce >= FAILURES_IN_A_ROW}::boolean IS NOT TRUE, ${atOnce}, now())
    ON CONFLICT (partner) DO UPDATE SET failures = partner_health.failures + ${atOnce}, up = partner_health.failures + ${atOnce} < ${FAILURES_IN_A_ROW},
      since = CASE WHEN partner_health.up AND partner_health.failures + ${atOnce} >= ${FAILURES_IN_A_ROW} THEN now() ELSE partner_health.since END`;
}

/** Whether a failure means that nothing usable came; a refusal is an answer. */
export const isSilent = (cause: unknown): boolean => cause instanceof PartnerUnavailable || cause instanceof MailDeferred;

/** Calls an outside system and keeps whether it answered. A refusal is an answer. */
export async function watched<T>(db: Database, partner: PartnerName, call: () => Promise<T>): Promise<T> {
  const began = Date.now();
  try {
    const answer = await call();
    await seen(db, partner, true);
    return answer;
  } catch (cause) {
    await seen(db, partner, !isSilent(cause), Date.now() - began);
    throw cause;
  }
}
