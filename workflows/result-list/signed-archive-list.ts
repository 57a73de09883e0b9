import type { Refusal } from '../process.js';
import { refuse, stay } from '../process.js';
import { inForce, type Timeline } from '../settings/values.js';
import type { ListAsk, ListData, ListDecision, ListRow } from './list.js';

/**
 * RL-49, RL-50: rows with a grade whose examination date lies before the electronic signature was enough; they need the signed
 * archive list besides.
 */
export const needingSignedArchiveList = <Row extends Pick<ListRow, 'grade' | 'examinationDate'>>(
  rows: readonly Row[],
  signature: Timeline<'electronic-signature'>,
): Row[] =>
  rows.filter(
    ({ grade, examinationDate }) => grade !== null && examinationDate !== null && !inForce(signature, examinationDate).enough,
  );

/** What signing writes down about it, row by row by the procedure of that day; nothing on a list without such rows. */
export function signedArchiveList(
  rows: readonly ListRow[],
  signature: Timeline<'electronic-signature'>,
): Pick<ListData, 'signedArchiveList'> {
  const { length } = needingSignedArchiveList(rows, signature);
  return length ? { signedArchiveList: { rows: length } } : {};
}

/** RL-58: what stops the definitive entry. */
export const unconfirmed = ({ signedArchiveList: needed }: ListData): Refusal | undefined =>
  needed && !needed.confirmed ? refuse('conflict', 'RL-58', 'signed-archive-list-missing', { count: needed.rows }) : undefined;

/** Commands that a list does not have, as it is: one without such rows never meets the signed archive list. */
export const without = ({ signedArchiveList: needed }: ListData): readonly string[] =>
  needed && !needed.confirmed ? [] : ['confirm-signed-archive-list'];

/** RL-58: the course office has the archive list before it, signed by hand. */
export function confirmSignedArchiveList(ask: ListAsk<'confirm-signed-archive-list'>): ListDecision | Refusal {
  const { case: list, actor, at } = ask;
  const needed = list.data.signedArchiveList;
  if (!needed) return refuse('conflict', 'RL-58', 'no-signed-archive-list-needed');
  if (needed.confirmed) return refuse('conflict', 'RL-58', 'signed-archive-list-confirmed');
  return stay(list, {
    data: { ...list.data, signedArchiveList: { ...needed, confirmed: { by: actor.id, at } } },
    record: { rows: needed.rows },
  });
}
