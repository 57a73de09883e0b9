import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { Prisma, type Transaction } from '../../prisma/client.js';
import { freeze } from './frozen.js';
import { nonVisible, visibleText, type Laid } from './signed-text.js';

/** A list that is laid before the signer, and the case it is. */
export type LaidCase = Laid & { readonly caseId: string };

/** Lays the version of a list that is there now before the signer: from here on it is frozen. */
export async function lay(tx: Transaction, list: CaseView<ListData>): Promise<LaidCase> {
  const { hash, frozen } = await freeze(tx, list);
  return {
    caseId: list.id,
    number: list.number,
    hash,
    frozen,
    course: list.data.course.nameSv,
    ...(list.data.module ? { module: list.data.module.nameSv } : {}),
  };
}

/** Whether a person has an order under way: one that nobody ended is given up after ten minutes. */
export const hasOrder = (person: string): Prisma.Sql =>
  Prisma.sql`EXISTS (SELECT 1 FROM bankid_orders b WHERE b.person_id = ${person}::uuid AND b.ended_at IS NULL AND b.created_at > now() - interval '10 minutes')`;

/** Writes an order at BankID for one list or many (RL-40): the texts that are signed, and each list with version and hash. */
export async function placeOrder(
  tx: Transaction,
  order: { readonly id: string; readonly person: string; readonly from: string | null; readonly lists: readonly LaidCase[] },
): Promise<void> {
  const { id, person, lists } = order;
  await tx.$executeRaw`
    INSERT INTO bankid_orders (id, person_id, end_user_ip, visible_text, non_visible)
    VALUES (${id}::uuid, ${person}::uuid, ${order.from ?? '127.0.0.1'}, ${visibleText(lists)}, ${nonVisible(lists)})`;
  await tx.bankIdOrderList.createMany({
    data: lists.map(({ caseId, hash, frozen }, place) => ({ orderId: id, caseId, place, version: frozen.header.version, hash })),
  });
}
