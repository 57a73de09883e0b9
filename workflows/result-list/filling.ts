import type { Ask, Birth, BirthAsk, Refusal } from '../process.js';
import { anOrder, refuse, stay } from '../process.js';
import { isCivilDate, type CivilDate } from '../rules/civil-time.js';
import {
  correctedLetter,
  examines,
  MOST_STUDENTS,
  staleness,
  students,
  type CatalogueFacts,
  type ListAsk,
  type ListData,
  type ListDecision,
  type ListFacts,
  type ListRow,
  type ListWrite,
  type OrderName,
  type RegisteredFor,
} from './list.js';
import { enteredBy } from './four-eyes.js';
import { elsewhere, fetchProblem, leaving, titleProblem, warnings, withEligible } from './whole-course.js';
import type { BirthBody, Body } from './schema.js';

/** RL-01: one module or a whole course, and it has to exist. */
export function birth(ask: BirthAsk<CatalogueFacts, BirthBody>): Birth<ListData, ListWrite> | Refusal {
  const { body, facts, actor } = ask;
  const examiner = examines(actor, body.course);
  if (body.kind === 'T34' && !examiner) return refuse('forbidden', 'RL-24', 'not-yours-to-give', { command: 'create' });
  if (!facts.about)
    return body.kind === 'T33'
      ? refuse('invalid', 'RL-01', 'unknown-module', { course: body.course, module: body.module })
      : refuse('invalid', 'RL-01', 'unknown-course', { course: body.course });
  const untitled = titleProblem(body, facts);
  if (untitled) return untitled;
  const list: Birth<ListData, ListWrite> = {
    state: 'draft',
    scope: body.course,
    waitingFor: examiner ? 'examiner' : 'teacher',
    data: { listKind: body.kind, ...facts.about, ...(body.title === undefined ? {} : { title: body.title }) },
    record: { kind: body.kind, course: body.course, ...(body.kind === 'T33' ? { module: body.module } : {}) },
    ...(facts.discontinued ? { answer: { warnings: warnings({ discontinued: true }) } } : {}),
  };
  return body.kind === 'T34' ? withEligible(list, ask) : list;
}

/** RL-16..22: dates and grades are judged, a missing date is not: the draft is kept and the row carries the error. */
export function edit(ask: Ask<ListData, ListFacts, Body<'save'>>): ListDecision | Refusal {
  const { body, facts } = ask;
  const stale = staleness(ask, body.version);
  if (stale) return stale;
  const named = new Set<string>();
  const twice = body.rows.filter(({ student }) => named.has(student) || !named.add(student));
  if (twice.length) return refuse('invalid', 'RL-14', 'student-twice', students(twice));
  const here = new Set(facts.rows.map((row) => row.student));
  const gone = leaving(ask);
  if ('refused' in gone) return gone;
  const given = body.rows.flatMap(({ notNow, ...row }) =>
    notNow ? [] : [{ ...row, score: row.score?.replace(',', '.') ?? null }],
  );
  const strangers = body.rows.filter((row) => !here.has(row.student));
  if (strangers.length) return refuse('invalid', 'RL-10', 'not-on-list', students(strangers));
  const unreal = new Set(
    [...new Set(given.map((row) => row.examinationDate))].filter((date) => date !== null && !isCivilDate(date)),
  );
  const undated = given.filter((row) => unreal.has(row.examinationDate));
  if (undated.length) return refuse('invalid', 'RL-18', 'bad-date', students(undated));
  const early = given.filter((row) => row.examinationDate !== null && row.examinationDate > ask.today);
  if (early.length) return refuse('invalid', 'RL-19', 'future-date', students(early));
  const foreign = given.filter((row) => row.grade !== null && !facts.grades.some((grade) => grade.code === row.grade));
  if (foreign.length)
    return refuse('invalid', 'RL-16', 'grade-not-in-scale', { ...students(foreign), scale: ask.case.data.scale.code });
  const [left, saved] = [new Set(gone.students), new Map<string, ListRow>(given.map((row) => [row.student, row]))];
  const after = facts.rows.flatMap((row) => (left.has(row.student) ? [] : [saved.get(row.student) ?? row]));
  return stay(ask.case, {
    data: enteredBy(ask),
    writes: [{ write: 'rows', rows: given }, ...gone.writes],
    record: { rows: given.length, ...(gone.students.length ? { notNow: gone.students.length } : {}) },
    answer: { problems: problemsOf(after, facts.registrations) },
  });
}

/** RL-38: the examiner's own correction; whoever sent the list is told. */
export function correct(ask: Ask<ListData, ListFacts, Body<'correct'>>): ListDecision | Refusal {
  const decided = edit(ask);
  return decided.refused ? decided : { ...decided, promises: correctedLetter(ask) };
}

/** RL-10: takes students off the list. */
export function remove(ask: ListAsk<'remove'>): ListDecision | Refusal {
  const stale = staleness(ask, ask.body.version);
  if (stale) return stale;
  const here = new Set(ask.facts.rows.map((row) => row.student));
  const strangers = ask.body.students.filter((student) => !here.has(student));
  if (strangers.length) return refuse('invalid', 'RL-10', 'not-on-list', { count: strangers.length, rows: strangers });
  return stay(ask.case, {
    data: enteredBy(ask),
    writes: [{ write: 'remove', students: ask.body.students }],
    record: { rows: ask.body.students.length },
  });
}

/** RL-10..15: what to fetch is written down, the fetching is done outside the request. */
export function fetch(ask: ListAsk<'fetch'>): ListDecision | Refusal {
  const problem = fetchProblem(ask) ?? ('room' in ask.body ? anotherCourse(ask, ask.body.room) : undefined);
  if (problem) return problem;
  if (ask.facts.rows.length >= MOST_STUDENTS) return refuse('conflict', 'RL-14', 'list-full', { most: MOST_STUDENTS });
  return { ...ordered(ask, 'fetch', ask.body, { whom: ask.body.from }), data: enteredBy(ask) };
}

/** RL-23: asks the register anew who is registered. */
export const checkRegistrations = (ask: ListAsk<'check-registrations'>): ListDecision =>
  ordered(ask, 'check-registrations', {}, {});

/** RL-11: the exams are the register's. */
export const findExams = (ask: ListAsk<'find-exams'>): ListDecision | Refusal =>
  elsewhere(ask) ?? ordered(ask, 'find-exams', {}, {});

/** RL-15: the columns are the platform's. */
export const findColumns = (ask: ListAsk<'find-columns'>): ListDecision | Refusal =>
  elsewhere(ask) ?? anotherCourse(ask, ask.body.room) ?? ordered(ask, 'find-columns', ask.body, {});

const anotherCourse = ({ case: list }: Ask<ListData, ListFacts>, room: string): Refusal | undefined =>
  room.startsWith(`${list.data.course.code}-`)
    ? undefined
    : refuse('invalid', 'RL-12', 'room-of-another-course', { course: list.data.course.code });

const ordered = (ask: Ask<ListData, ListFacts>, name: OrderName, body: unknown, record: Record<string, unknown>): ListDecision =>
  stay(ask.case, { ...anOrder(ask.fresh, name, body), record: { order: ask.fresh, ...record }, answer: { order: ask.fresh } });

/**
 * What is wrong with one row, in the order a person would mend it. `date-missing`, of a row with a grade, also reads "lacks term
 * registration" (RL-22); a dated row is marked whether it has a grade or not (RL-23).
 */
export function rowProblem(row: ListRow, registered: Registered): 'date-missing' | 'not-registered' | null {
  if (row.examinationDate === null) return row.grade === null ? null : 'date-missing';
  return registered(row.student, row.examinationDate) ? null : 'not-registered';
}

/** Whether a student is registered on a day. */
export type Registered = (student: string, date: CivilDate) => boolean;

/**
 * RL-23: registered on the day of the student's own examination. Sorts the registrations once, however many rows then ask: a list
 * may have a thousand.
 */
export function registeredBy(registrations: readonly RegisteredFor[]): Registered {
  const periods = new Map<string, RegisteredFor[]>();
  for (const period of registrations) periods.set(period.student, [...(periods.get(period.student) ?? []), period]);
  return (student, date) => (periods.get(student) ?? []).some(({ from, to }) => from <= date && date <= to);
}

/** The problems of all rows that have one, by student. */
export const problemsOf = (
  rows: readonly ListRow[],
  registrations: readonly RegisteredFor[],
): Record<string, 'date-missing' | 'not-registered'> => {
  const registered = registeredBy(registrations);
  const found: Record<string, 'date-missing' | 'not-registered'> = {};
  for (const row of rows) {
    const problem = rowProblem(row, registered);
    if (problem) found[row.student] = problem;
  }
  return found;
};
