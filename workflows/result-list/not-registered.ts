import { promisedStart, refuse, startOf, stay, type Actor, type CaseView, type Refusal } from '../process.js';
import { registeredBy } from './filling.js';
import { definition } from './definition.js';
import {
  correctedLetter,
  examines,
  letter,
  staleness,
  type ListAsk,
  type ListData,
  type ListDecision,
  type ListRow,
  type RegisteredFor,
} from './list.js';

/**
 * RL-31: rows, graded or not, without valid registration on their own date. A row without one is neither registered nor not
 * (RL-22).
 */
export const notRegistered = <Row extends Pick<ListRow, 'student' | 'examinationDate'>>(
  rows: readonly Row[],
  registrations: readonly RegisteredFor[],
): Row[] => {
  const registered = registeredBy(registrations);
  return rows.filter(({ student, examinationDate }) => examinationDate !== null && !registered(student, examinationDate));
};

/**
 * RL-30, RL-32: the collected list, to whoever asks for it and to nobody else. It is written when it is sent: no promise holds a
 * personal number.
 */
export function mailNotRegistered(ask: ListAsk<'mail-not-registered'>): ListDecision | Refusal {
  const { case: list, facts, actor } = ask;
  const { length } = notRegistered(facts.rows, facts.registrations);
  if (length === 0) return refuse('conflict', 'RL-31', 'nobody-not-registered');
  return stay(list, { promises: [letter(list, 'not-registered', actor.id, list.step)], record: { rows: length } });
}

/** Once a list is sent its content is the examiner's (RL-36). */
export const movableBy = (actor: Actor, list: CaseView<ListData>): boolean =>
  list.state === 'draft' || examines(actor, list.scope);

/**
 * RL-23: those rows go to a list of their own, a draft, in one step, so that they hold up nobody else. Who entered what goes
 * along; moving is no entering (RL-36). Codes for the content as it was are void.
 */
export function moveNotRegistered(ask: ListAsk<'move-not-registered'>): ListDecision | Refusal {
  const { case: list, facts, actor, fresh: id } = ask;
  if (!movableBy(actor, list)) return refuse('forbidden', 'RL-23', 'not-yours-to-give', { command: 'move-not-registered' });
  const stale = staleness(ask, ask.body.version);
  if (stale) return stale;
  const moving = notRegistered(facts.rows, facts.registrations).map((row) => row.student);
  if (moving.length === 0) return refuse('conflict', 'RL-23', 'nobody-not-registered');
  if (moving.length === facts.rows.length) return refuse('conflict', 'RL-23', 'all-not-registered');
  const number = facts.freshNumber as string;
  const { institution, scope, data } = list;
  const waitingFor = examines(actor, scope) ? 'examiner' : 'teacher';
  const born: ListData = { ...data, sentBy: undefined, returned: undefined, movedTo: undefined, movedFrom: list.number };
  return stay(list, {
    data: { ...data, movedTo: [...(data.movedTo ?? []), number] },
    writes: [{ write: 'move', students: moving, id, number, birth: { state: 'draft', scope, waitingFor, data: born } }],
    promises: [
      promisedStart(id, startOf({ workflow: 'resultList', definition }, { id, number, institution, scope })),
      ...correctedLetter(ask),
    ],
    record: { rows: moving.length, movedTo: number },
    answer: { list: number, rows: moving.length },
  });
}
