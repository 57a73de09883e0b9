import { mayOpen, type Actor, type CaseView, type Definition } from '../../workflows/process.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { settingOn } from '../settings.js';

/** Whether readers of a process open only cases of their courses, as the institution has set it for the day (RL-03). */
export const narrowed = async (
  tx: Transaction,
  { narrowing }: Definition,
  institution: string,
  on: CivilDate,
): Promise<boolean> => narrowing !== undefined && (await settingOn(tx, { institution, name: narrowing.setting, on }));

/** Whether somebody could open the case if readers were not kept to their courses. Asks for the setting only where it decides. */
export async function keptOut(
  tx: Transaction,
  ask: { definition: Definition; subject: CaseView; actor: Actor; on: CivilDate },
): Promise<boolean> {
  const { definition, subject, actor } = ask;
  return (
    mayOpen(definition, subject, actor, false) &&
    !mayOpen(definition, subject, actor, true) &&
    narrowed(tx, definition, subject.institution, ask.on)
  );
}
