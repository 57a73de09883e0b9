import { refuse, stay, type Ask, type Due, type DueReason, type Refusal } from '../process.js';
import { endOfDay, type CivilDate, type Instant } from '../rules/civil-time.js';
import { nextReminding } from '../rules/reminding.js';
import { addWorkingDays, daysOffBetween } from '../rules/working-days.js';
import type { ListBasis } from './definition.js';
import {
  letter,
  type ListAsk,
  type ListData,
  type ListDecision,
  type ListFacts,
  type ListRow,
  type WorkingFacts,
} from './list.js';

/** Working days after the latest examination by which the examiner signs, however late the list was sent. */
const AFTER_EXAMINATION = 15;
const FIRST_BEFORE = 3;
const EACH = 2;
/** Working days after the deadline from which the course office is reminded too. */
const OFFICE_AFTER = 5;

const counted = (basis: ListBasis, from: CivilDate, workingDays: number, { calendar, zone }: WorkingFacts): Due => {
  const on = addWorkingDays(from, workingDays, calendar);
  const why: DueReason = { basis, from, workingDays, skipped: daysOffBetween(from, on, calendar) };
  return { on, ends: endOfDay(on, zone), rule: 'RL-37', why };
};

/**
 * The last day to sign (docs/decisions.md): working days from the day it was sent, at most fifteen from its
 * latest examination. Where those are over, the first working day after it was sent: nothing is due before somebody could do it.
 */
export function dueOf(
  sentOn: CivilDate,
  rows: readonly Pick<ListRow, 'grade' | 'examinationDate'>[],
  working: WorkingFacts,
): Due {
  const usual = counted('sent', sentOn, working.days, working);
  const latest = rows
    .flatMap((row) => (row.grade !== null && row.examinationDate !== null ? [row.examinationDate] : []))
    .sort()
    .at(-1);
  const longest = latest === undefined ? usual : counted('examination', latest, AFTER_EXAMINATION, working);
  if (usual.on <= longest.on) return usual;
  return longest.on > sentOn ? longest : counted('examination-long-ago', sentOn, 1, working);
}

/**
 * The first moment of reminding after another: three working days before the deadline, then on each second working day after it.
 */
export const nextReminder = (on: CivilDate, after: Instant, working: WorkingFacts): Instant =>
  nextReminding({ before: [addWorkingDays(on, -FIRST_BEFORE, working.calendar)], deadline: on, each: EACH }, after, working);

/** What sending a list adds to it: by when it is signed, and the first reminder. */
export function deadline({ today, at, facts }: ListAsk<'send'>): Pick<ListDecision, 'due' | 'wake'> {
  const due = dueOf(today, facts.rows, facts.working);
  return { due, wake: nextReminder(due.on, at, facts.working) };
}

/**
 * RL-37: the examiners are reminded, the course office too when it is late or nobody examines any more. That the day is over
 * decides nothing.
 */
export function remind(ask: Ask<ListData, ListFacts>): ListDecision | Refusal {
  const { case: list, facts, at, today } = ask;
  if (!list.due || !list.wake || at < list.wake) return refuse('conflict', 'RL-37', 'not-due');
  const late = today > addWorkingDays(list.due.on, OFFICE_AFTER, facts.working.calendar);
  const to = new Set([...facts.examiners, ...(late || facts.examiners.length === 0 ? facts.courseOffice : [])]);
  return stay(list, {
    wake: nextReminder(list.due.on, at, facts.working),
    promises: [...to].map((person) => letter(list, 'reminder', person, list.step)),
    record: { reminded: to.size, due: list.due.on, late },
  });
}
