import { refuse, type Refusal } from '../process.js';
import { registeredOn } from './filling.js';
import { letter, stay, type ListAsk, type ListDecision, type ListRow, type RegisteredFor } from './list.js';

/** RL-31: rows, graded or not, without valid registration on their own date. A row without one is neither registered nor not (RL-22). */
export const notRegistered = <Row extends Pick<ListRow, 'student' | 'examinationDate'>>(rows: readonly Row[], registrations: readonly RegisteredFor[]): Row[] =>
  rows.filter(({ student, examinationDate }) => examinationDate !== null && !registeredOn(student, examinationDate, registrations));

/** RL-30, RL-32: the collected list, to whoever asks for it and to nobody else. It is written when it is sent: no promise holds a personal number. */
export function mailNotRegistered(ask: ListAsk<'mail-not-registered'>): ListDecision | Refusal {
  const { case: list, facts, actor } = ask;
  const { length } = notRegistered(facts.rows, facts.registrations);
  if (length === 0) return refuse('conflict', 'RL-31', 'nobody-not-registered');
  return stay(list, { promises: [letter(list, 'not-registered', actor.id, list.step)], record: { rows: length } });
}
