import type { Transaction } from '../../prisma/client.js';

/**
 * Whether an order before this one asked an institution about the person, whatever it said, and if it said nothing: from then on
 * everything that comes is otherwise than before (RX-24). Not where it was stopped before anybody answered, or lacked the consent.
 */
export async function askedBefore(
  tx: Transaction,
  { caseId, institution, person }: { readonly caseId: string; readonly institution: string; readonly person: string },
): Promise<boolean> {
  const earlier = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM cases c JOIN exchange_inquiries i ON i.case_id = c.id AND i.state = 'answered' AND i.outcome <> 'no-consent'
    WHERE c.kind = 'exchange' AND c.institution = ${institution} AND c.data->>'person' = ${person} AND c.number < (SELECT number FROM cases WHERE id = ${caseId}::uuid) LIMIT 1`;
  return earlier.length > 0;
}
