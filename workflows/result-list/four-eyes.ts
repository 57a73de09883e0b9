import { actsFor, refuse, type Ask, type HeldRole, type Refusal } from '../process.js';
import { examining, type ListData, type ListFacts } from './list.js';

type AnyAsk = Ask<ListData, ListFacts>;

/**
 * What the list is about once this person has entered or fetched something: who did is kept, for institutions where they may not
 * sign (RL-36).
 */
export function enteredBy({ case: list, actor }: AnyAsk): ListData {
  const before = list.data.enteredBy ?? [];
  return before.includes(actor.id) ? list.data : { ...list.data, enteredBy: [...before, actor.id] };
}

/** The roles by which this person may sign: where four eyes are asked for, none that is held for somebody who entered. */
const signing = ({ case: list, actor, facts }: AnyAsk): HeldRole[] =>
  examining(actor, list.scope).filter(
    (held) => !(facts.settings.fourEyes && held.for && list.data.enteredBy?.includes(held.for)),
  );

/** Whom this person signs for; undefined where they are examiner of the course themselves. */
export const signsFor = (ask: AnyAsk): string | undefined => actsFor(signing(ask));

/** RL-36, where four eyes are asked for: who entered any of it does not sign it, nor does anybody sign it in their name. */
export function fourEyes(ask: AnyAsk): Refusal | undefined {
  const { case: list, actor, facts } = ask;
  if (!facts.settings.fourEyes) return undefined;
  return list.data.enteredBy?.includes(actor.id) || signing(ask).length === 0
    ? refuse('forbidden', 'RL-36', 'entered-it-yourself')
    : undefined;
}
