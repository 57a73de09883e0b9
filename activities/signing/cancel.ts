import { refuse, type Refusal } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';
import type { Trace } from '../case/once.js';

/**
 * Stops an order of one's own at BankID (RL-40). Once BankID has told that it was signed, or the order has ended, it is too late.
 * Traced for each of its lists.
 */
export async function cancelOrder(
  tx: Transaction,
  input: { id: string; person: string },
  trace: Trace,
): Promise<{ readonly state: 'cancelling' } | Refusal> {
  const { id, person } = input;
  const stopped = await tx.$executeRaw`
    UPDATE bankid_orders SET state = 'cancelling' WHERE id = ${id}::uuid AND person_id = ${person}::uuid AND ended_at IS NULL AND completion IS NULL`;
  const own = stopped > 0 || (await tx.bankIdOrder.count({ where: { id, personId: person } })) > 0;
  const lists = own
    ? await tx.bankIdOrderList.findMany({ where: { orderId: id }, orderBy: { place: 'asc' } })
    : [{ caseId: null }];
  const refusal =
    stopped > 0 ? undefined : own ? refuse('conflict', 'RL-40', 'bankid-ended') : refuse('missing', 'RL-40', 'no-such-page');
  for (const { caseId } of lists) await trace({ caseId, details: { order: id } }, refusal);
  return refusal ?? { state: 'cancelling' };
}
