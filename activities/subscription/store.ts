import type { Actor } from '../../workflows/process.js';
import type { SubscriptionData, SubscriptionFacts } from '../../workflows/subscription/rules.js';
import type { BirthBody } from '../../workflows/subscription/schema.js';
import type { Transaction } from '../../prisma/client.js';
import type { Store } from '../case/store.js';

/** What the birth of a subscription is told. Its commands need nothing but the case, and write nothing besides. */
export const subscriptionStore: Store<SubscriptionData, SubscriptionFacts | undefined> = {
  birthFacts,
  facts: async () => undefined,
  obstacle: async () => false,
  write: async () => undefined,
};

/** Locks the subscriber, so that two births at once cannot both find nothing open (SU-03). */
async function birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<SubscriptionFacts> {
  const { course } = ask.body as BirthBody;
  const { id, institution } = ask.actor;
  await tx.$queryRaw`SELECT id FROM persons WHERE id = ${id}::uuid FOR NO KEY UPDATE`;
  const known = await tx.course.findUnique({ where: { institution_code: { institution, code: course } } });
  const open = await tx.$queryRaw<{ number: string; from: string; until: string }[]>`
    SELECT number::text, data->>'from' AS "from", data->>'until' AS "until" FROM cases
    WHERE institution = ${institution} AND kind = 'subscription' AND scope = ${course} AND created_by = ${id}::uuid AND closed_at IS NULL ORDER BY number`;
  return { open, course: known ? { code: known.code, nameSv: known.nameSv, nameEn: known.nameEn } : undefined };
}
