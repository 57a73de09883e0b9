import { refuse, type Refusal } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';
import type { Trace } from '../case/once.js';

/** Stops an order of one's own at BankID (RL-40). Once BankID has told that it was signed, or the order has ended, it is too late. */
export async function cancelOrder(tx: Transaction, input: { id: string; person: string }, trace: Trace): Promise<{ readonly state: 'cancelling' } | Refusal> {
  const details = { order: input.id };
  const stopped = await tx.$queryRaw<{ case_id: string }[]>`
    UPDATE bankid_orders SET state = 'cancelling' WHERE id = ${input.id}::uuid AND person_id = ${input.person}::uuid AND ended_at IS NULL AND completion IS NULL
    RETURNING case_id`;
  if (stopped[0]) {
    await trace({ caseId: stopped[0].case_id, details });
    return { state: 'cancelling' };
  }
  const own = await tx.bankIdOrder.findFirst({ where: { id: input.id, personId: input.person }, select: { caseId: true } });
  const refusal = own ? refuse('conflict', 'RL-40', 'bankid-ended') : refuse('missing', 'RL-40', 'no-such-page');
  await trace({ caseId: own?.caseId ?? null, details }, refusal);
  return refusal;
}
