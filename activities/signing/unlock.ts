import { refuse, type Actor, type Refusal } from '../../workflows/process.js';
import { may } from '../../workflows/rights.js';
import type { Transaction } from '../../prisma/client.js';
import type { Trace } from '../case/once.js';

/**
 * Opens the SMS way of somebody who typed ten wrong codes in a row (RL-39). By operations of the same institution; the count
 * begins anew, the limits of codes an hour and a day stay. The reason rests with the command: the audit holds no free text.
 */
export async function unlockSigning(
  tx: Transaction,
  input: { person: string; actor: Actor },
  trace: Trace,
): Promise<{ readonly person: string; readonly locked: false } | Refusal> {
  const { person, actor } = input;
  const no = async (refusal: Refusal) => {
    await trace({ caseId: null, details: { person } }, refusal);
    return refusal;
  };
  if (!may(actor, 'unlock-signing')) return no(refuse('forbidden', 'RL-39', 'not-yours-to-give', { command: 'unlock-signing' }));
  const found = await tx.$queryRaw<
    object[]
  >`SELECT id FROM persons WHERE id = ${person}::uuid AND institution = ${actor.institution} FOR NO KEY UPDATE`;
  if (found.length === 0) return no(refuse('missing', 'registrar', 'no-such-person'));
  const opened =
    await tx.$executeRaw`UPDATE signing_failures SET in_a_row = 0, locked_at = NULL WHERE person_id = ${person}::uuid AND locked_at IS NOT NULL`;
  if (opened === 0) return no(refuse('conflict', 'RL-39', 'not-locked'));
  await trace({ caseId: null, details: { person } });
  return { person, locked: false };
}
