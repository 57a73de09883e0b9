import { randomUUID } from 'node:crypto';
import type { Envelope } from '../../workflows/case-workflow.js';
import { writeDown } from '../../activities/case/command-row.js';
import { commandKey, hashOf, seal } from '../../activities/case/seal.js';
import type { ListInHand } from './lists.js';
import { personOf, type Login, type University } from './university.js';

/** A case by its number. */
type Numbered = Pick<ListInHand, 'number'>;

/** The id that the database knows a case by. */
export const caseIdOf = async (at: University, list: Numbered): Promise<string> =>
  (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;

/** Writes a command down and seals it, as the API does before it sends it on its way. */
export async function sealedCommand(
  at: University,
  input: { list: Numbered; command: string; login: Login; body: unknown },
): Promise<Envelope> {
  const caseId = await caseIdOf(at, input.list);
  const caller = personOf(input.login).id;
  const key = commandKey({ caller, about: caseId, command: input.command, idempotencyKey: randomUUID() });
  await writeDown(at.world.db, { key, caseId, name: input.command, caller, body: input.body, from: null });
  return seal({ key, caseId, command: input.command, bodyHash: hashOf(input.body), caller }, at.config.secrets.envelope);
}

/** What is decided about a command; null while it is not. */
export const outcomeOf = async (at: University, key: string): Promise<any> =>
  (await at.world.db.command.findUniqueOrThrow({ where: { key } })).outcome;
