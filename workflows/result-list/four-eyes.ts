import { refuse, type Ask, type Refusal } from '../process.js';
import type { ListData, ListFacts } from './list.js';

type AnyAsk = Ask<ListData, ListFacts>;

/** What the list is about once this person has entered or fetched something: who did is kept, for institutions where they may not sign (RL-36). */
export function enteredBy({ case: list, actor }: AnyAsk): ListData {
  const before = list.data.enteredBy ?? [];
  return before.includes(actor.id) ? list.data : { ...list.data, enteredBy: [...before, actor.id] };
}

/** RL-36, where four eyes are asked for: who entered any of it does not sign it, nor does anybody sign it in their name. */
export function fourEyes({ case: list, actor, facts }: AnyAsk): Refusal | undefined {
  if (!facts.settings.fourEyes) return undefined;
  const entered = list.data.enteredBy ?? [];
  const inOthersEyes = actor.roles.some((held) => held.role === 'examiner' && held.course === list.scope && !(held.for && entered.includes(held.for)));
  return entered.includes(actor.id) || !inOthersEyes ? refuse('forbidden', 'RL-36', 'entered-it-yourself') : undefined;
}
