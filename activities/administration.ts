import { refuse, type Actor, type Refusal } from '../workflows/process.js';
import { may } from '../workflows/rights.js';
import type { Transaction } from '../prisma/client.js';
import type { Trace } from './case/once.js';

/** Who edits the portal, from which sign-in. */
export interface Portal {
  readonly actor: Actor;
  /** Names the sign-in, not the person: another sign-in has another. */
  readonly session: string;
}

/** A sign-in that lasts longer than a working day switches the mode on again. */
const HOURS = 12;

/** Whether this sign-in has administration mode on. */
export async function isAdministering(tx: Transaction, { actor, session }: Portal): Promise<boolean> {
  const rows = await tx.$queryRaw<object[]>`
    SELECT FROM administration_modes WHERE session = ${session} AND person_id = ${actor.id}::uuid AND switched_at > now() - make_interval(hours => ${HOURS}::int)`;
  return rows.length > 0;
}

/** RL-54, RL-55: switches administration mode for this sign-in; those who may not edit the portal have no such switch. */
export async function switchAdministration(
  tx: Transaction,
  input: Portal & { on: boolean },
  trace: Trace,
): Promise<{ readonly on: boolean } | Refusal> {
  const { actor, session, on } = input;
  if (!may(actor, 'edit-portal')) {
    const no = refuse('forbidden', 'RL-55', 'not-yours-to-give', { command: 'administration-mode' });
    await trace({ caseId: null, details: { on } }, no);
    return no;
  }
  await tx.$executeRaw`DELETE FROM administration_modes WHERE session = ${session} OR switched_at < now() - make_interval(hours => ${HOURS}::int)`;
  if (on)
    await tx.$executeRaw`INSERT INTO administration_modes (session, person_id) VALUES (${session}, ${actor.id}::uuid) ON CONFLICT (session) DO UPDATE SET switched_at = now()`;
  await trace({ caseId: null, details: { on } });
  return { on };
}

/** RL-55: the portal's own content is edited by operations, and only while administration mode is on. */
export async function mayEditPortal(tx: Transaction, portal: Portal, command: string): Promise<Refusal | undefined> {
  if (!may(portal.actor, 'edit-portal')) return refuse('forbidden', 'RL-55', 'not-yours-to-give', { command });
  return (await isAdministering(tx, portal)) ? undefined : refuse('forbidden', 'RL-55', 'administration-mode-off');
}
