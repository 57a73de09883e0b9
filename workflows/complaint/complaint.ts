import {
  anOrder,
  moveOn,
  promisedLetter,
  refuse,
  type Ask,
  type CaseView,
  type Decision,
  type Due,
  type OrderOf,
  type OrderWrite,
  type Promised,
  type Refusal,
} from '../process.js';
import { addDays, dayOf, isCivilDate, wallTime, type CivilDate } from '../rules/civil-time.js';
import type { Calendar } from '../rules/working-days.js';
import type { Timeline } from '../settings/values.js';
import type { ComplaintType } from './deadline.js';
import type { ComplaintState, definition } from './definition.js';
import { nextReminder } from './reminders.js';
import type { Body, BodyName } from './schema.js';

/**
 * Names one assessment unit (vurderingsenhet) as FS does: `emnekode`, `versjonskode`, `vurdkombkode`, `arstall`, `vurdtidkode`.
 */
export interface AssessmentUnit {
  readonly course: string;
  readonly version: string;
  readonly combination: string;
  readonly year: number;
  readonly term: string;
}

/** The best grade stands first where the scale is ordered; one of two grades needs no order. */
export interface Scale {
  readonly kind: 'letters' | 'passed-failed' | 'other';
  readonly ordered: boolean;
  readonly grades: readonly { readonly grade: string; readonly passing: boolean }[];
}

/** GC-23, GC-24: TIL GUNST, TIL UGUNST, UENDRET, AVVIST, TRUKKET; `explained` ends an explanation (docs/decisions.md). */
export type ComplaintDecision = 'in-favour' | 'against' | 'unchanged' | 'dismissed' | 'withdrawn' | 'explained';
/** GC-42: "Sperr mot visning på karakterutskrift", "Utsettelse av vitnemålsutstedelse", or none of them. */
export type Protection = 'block' | 'postponement' | 'neither';
/** Second grading, or the further assessment that two or more grades ask for (GC-32). */
export type Round = 2 | 3;
/** Whether the notice of a grade went to the student before it was found to be wrong. */
export type Notice = 'gone' | 'held-back' | 'perhaps';
/** What became of a complaint about a formal error (docs/decisions.md). */
export type ErrorOutcome = 'no-error' | 'no-effect' | 'annulled' | 'held-anew';

/** Somebody's words about a step, as the case keeps them. `by` is a person's id. */
interface Said {
  readonly by: string;
  readonly at: string;
  readonly reason?: string;
}

/** What the protocol says of the result, without its grade and without persons: kept in the case (GC-02). */
export interface Entry {
  readonly courseNameNb: string;
  readonly courseNameEn: string;
  readonly scale: Scale;
  readonly gradedOn: CivilDate;
  /** The unit that this part grade is summed into (GC-26). */
  readonly top: AssessmentUnit | null;
  readonly diploma: 'produced' | 'printed' | null;
  /** That the result was blocked when the protocol was read. */
  readonly blocked: boolean;
  /** The place (sted) that offers the course, and its campus, where FS tells them (GC-47). */
  readonly place?: { readonly code: string; readonly name: string };
  readonly campus?: string;
  /** When it really was assessed, where that is not the unit's own time: of a part grade (GC-47, reell tid). */
  readonly realTime?: { readonly year: number; readonly term: string };
}

/**
 * What a complaint is about, without the student and without grades: first grade, explanation and the student's reasons are in
 * `complaint_undisclosed`, the new grades in `complaint_gradings`. The decision, and words that people gave as a `reason`, may
 * tell the first grade: who must not know it is shown the rest (`shownOf`).
 */
export interface ComplaintData {
  readonly type: ComplaintType;
  readonly unit: AssessmentUnit;
  /** "Klage mottatt" (GC-08): the legal date, whose settings the case follows. */
  readonly received: CivilDate;
  /** GC-09: who is responsible, and their initials in FS. */
  readonly responsible: string;
  readonly initials: string;
  /** GC-10: number of the archive's case. */
  readonly journalNumber?: string;
  /** GC-01: whether the course was in a pilot on the day of receipt. It is shown, and varies no step. */
  readonly procedure: 'usual' | 'pilot';
  readonly entry?: Entry;
  /**
   * The last day to ask, where it was received after it; from the day of the grade or of an explanation. It stops nothing: the
   * case worker dismisses.
   */
  readonly late?: { readonly on: CivilDate; readonly basis: string };
  readonly protection?: Protection;
  readonly protectionReason?: Said;
  /** That the result is blocked, as far as we ordered (or found) it. */
  readonly blocked?: boolean;
  /**
   * That a block found when the protocol was read was that of another complaint about the result, and so none that is to stay.
   */
  readonly blockIsOurs?: boolean;
  /** The earliest day of a diploma (GC-45, GC-46). */
  readonly postponedUntil?: CivilDate;
  /** GC-15: the committees of this case by round, as people say them. */
  readonly committees?: Readonly<Partial<Record<'second' | 'further', { readonly number: number; readonly name: string }>>>;
  /** "Sendt ny kommisjon" (GC-16), the newest. */
  readonly sentOn?: CivilDate;
  readonly deadlineReason?: Said;
  /** GC-17: each time the deadline was set to another day, with the reason. */
  readonly extensions?: readonly (Said & { readonly from: CivilDate; readonly on: CivilDate })[];
  /** GC-44: where it goes on. */
  readonly halted?: Said & { readonly from: ComplaintState };
  /** GC-06, GC-07: whether the diploma is back, and what was agreed with the faculty. */
  readonly resumed?: Said & { readonly diplomaReturned: boolean };
  /** GC-24: why it was dismissed, which the student is told. */
  readonly dismissed?: Said;
  readonly formalError?: Said & { readonly outcome: ErrorOutcome };
  /** GC-03: that it ended before the second yes, as one that was opened on the wrong student: without a decision, in no report. */
  readonly neverConfirmed?: true;
  readonly decision?: ComplaintDecision;
  /** "Sensurfrist" as it was when it was decided: from then on nobody is reminded of it, and it is reported (GC-47). */
  readonly deadline?: Due;
  /** "Vedtak formidlet" (GC-22). */
  readonly communicated?: CivilDate;
  /** "Ferdigbehandlet" (GC-11, GC-21). */
  readonly finished: boolean;
  /** The entry in the log of re-gradings that is being put, or stands, in the protocol. */
  readonly entering?: { readonly grading: string; readonly order: string };
  /** What it goes back to when a grade that FS has not taken is deleted (GC-30). */
  readonly before?: { readonly state: ComplaintState; readonly due: Due | null };
  /**
   * GC-29: that a wrong grade was registered, and what had become of the student's notice of it (not there: gone); who entered
   * the right one (GC-31).
   */
  readonly wrong?: Said & { readonly notice?: Notice };
  readonly corrected?: Said;
  /** AU-11: who registered the committee's grade, the newest. */
  readonly registered?: Said;
  readonly checked?: Said;
  /** GC-30: why a grade that had only been logged was deleted, the newest. */
  readonly deletedGrade?: Said;
}

/**
 * Work outside for a complaint. All of it is patient, may be repeated, and reads the case as it is then; bodies in `OrderBody`.
 */
export type OrderName = OrderOf<typeof definition>;

/**
 * What each order carries; whatever is about a person stays in the tables and is read by `activities/complaint/effects.ts`.
 *
 * - `read-protocol`: entry, names of the course, the student; kept by `keepProtocol`. No such result: fails as `no-such-result`.
 *   Result `{}`.
 * - `keep-in-fs`: registers the complaint in FS unless it is there, or changes it to what the case says now. Result `{}`.
 * - `archive`: the archive's case and in it what the document is; the first answers the journal number, kept by
 *   `keepJournalNumber` (GC-10).
 * - `block`: "Sperr mot visning på karakterutskrift" J or N (GC-29, GC-41..43).
 * - `postpone-diploma`: VTM-UTSETTELSE until that day, or taken back with null (GC-45, GC-46).
 * - `enter-grade`: one entry of the log of re-gradings into the protocol, change status KLAGE, also an unchanged one (GC-18,
 *   GC-19). Another grade in the protocol than the one it replaces: fails as `protocol-changed`.
 * - `recalculate`: FS571.001 for the top grade, change status KLAGE; a trial writes nothing in FS (GC-26..28). `after` is the
 *   trial (an order's id) whose outcome is written, `grading` the entry of the log that it is about. What came out is kept by
 *   `keepRecalculation`, for it names grades. Result `{ changes: n }`.
 */
export interface OrderBody {
  readonly 'read-protocol': Record<string, never>;
  readonly 'keep-in-fs': Record<string, never>;
  readonly archive: { readonly document: 'complaint' | 'decision' };
  readonly block: { readonly blocked: boolean };
  readonly 'postpone-diploma': { readonly until: CivilDate | null };
  readonly 'enter-grade': { readonly grading: string };
  readonly recalculate: { readonly trial: boolean; readonly grading: string; readonly after?: string };
}

/** One entry of the log of re-gradings, as the rules need it; deleted ones are left out (GC-30, GC-37). */
export interface Grading {
  readonly id: string;
  readonly round: Round;
  readonly grade: string;
  readonly inProtocol: boolean;
}

/** Somebody to be appointed, and what speaks against it (GC-13, BE-15). */
export interface Proposed {
  readonly person: string;
  readonly external: boolean;
  /** Holds the role committee-member today. */
  readonly mayBe: boolean;
  readonly firstExaminer: boolean;
  /** Handles, explained or read a complaint about this student on this course, or opened a result list with the grade. */
  readonly hasSeen: boolean;
  /** Sat in the second grading of this case. */
  readonly satBefore: boolean;
}

/** What the institution had set on the day of receipt. */
export interface ComplaintSettings {
  readonly protection: Protection;
  /** At least so many members, and of them so many external. */
  readonly committee: { readonly members: number; readonly external: number };
}

/** What the rules are told, read in the transaction that decides. */
export interface ComplaintFacts {
  readonly calendar: Calendar;
  readonly settings: ComplaintSettings;
  /** Ids nobody has yet, for decisions that order more than one thing. */
  readonly ids: readonly string[];
  /** How the newest order ended that the story waits for. */
  readonly awaited?: 'open' | 'done' | 'failed';
  readonly entry?: Entry;
  readonly firstGrade?: string;
  /** What stands in the protocol now: the newest grade that was entered, also when it was deleted from the log. */
  readonly protocolGrade?: string;
  /** About the same result: when it was explained, where it was. */
  readonly explainedOn?: CivilDate;
  readonly log: readonly Grading[];
  /** What has become of the student's notice of the grade that was entered last. */
  readonly notice?: Notice;
  readonly proposed: readonly Proposed[];
  /** First examiners by a number that is nobody's in the staff register. */
  readonly unknownExaminers?: readonly string[];
  /** The committee that was named by its number, or the number a new one gets. */
  readonly committee?: { readonly id: string; readonly number: number; readonly name: string };
  /** Who sits on the committee of the round that runs. */
  readonly sitting: readonly string[];
  readonly examOffice: readonly string[];
  readonly examiners: readonly string[];
  /** Who holds the role case-worker today (GC-09). */
  readonly caseWorkers: readonly string[];
  /** Initials of whoever the case is handed over to. */
  readonly theirInitials?: string;
  /** That they sit on the committee of an open second grading of the result, and so could give the case no command (GC-13). */
  readonly theyAssess?: boolean;
  readonly pilots?: Timeline<'complaint-pilots'>;
  /**
   * Recalculations of the top grade after the newest grading: the newest trial that is done, and whether it was written; `needed`
   * when that grading changed the grade, or the top was written for an earlier one.
   */
  readonly recalculated: { readonly trial?: string; readonly written: boolean; readonly needed: boolean };
  /** That another open complaint about the same result has it blocked. */
  readonly blockedByOthers?: boolean;
  /** That one of them found no block of somebody else before its own. */
  readonly blockIsOurs?: boolean;
}

/** What the birth is told. `open`: the number of a complaint of the same type about the same result that is not finished. */
export interface BirthFacts {
  readonly calendar: Calendar;
  readonly initials: string;
  readonly pilots: Timeline<'complaint-pilots'>;
  readonly open?: string;
}

/** What a decision writes in the complaint's own tables. */
export type ComplaintWrite =
  | OrderWrite<OrderName>
  | { readonly write: 'born'; readonly student: string; readonly reasons: string | null }
  | { readonly write: 'described'; readonly note?: string; readonly reasons?: string }
  /** Added to the note on the decision (GC-12). */
  | { readonly write: 'noted'; readonly text: string }
  | {
      readonly write: 'committee';
      readonly id: string;
      readonly number: number;
      readonly name: string;
      readonly members: readonly { readonly person: string; readonly external: boolean }[];
    }
  | { readonly write: 'appointed'; readonly round: Round; readonly committee: string }
  /** The committee of the round has the case no more. */
  | { readonly write: 'released'; readonly round: Round }
  | {
      readonly write: 'grading';
      readonly id: string;
      readonly round: Round;
      readonly grade: string;
      readonly passed: boolean;
      readonly replaces: string;
      readonly reason: string | null;
    }
  /** The grade stands in the protocol: the event "grade changed" is written with it (BE-07). */
  | { readonly write: 'in-protocol'; readonly grading: string }
  | { readonly write: 'delete-gradings'; readonly ids: readonly string[] }
  | { readonly write: 'explanation'; readonly text: string };

/** The letters of a complaint: to staff by person, to the student as `student`. */
export type LetterName =
  | 'acknowledged'
  | 'explanation-asked'
  | 'explanation-given'
  | 'appointed'
  | 'reminder'
  | 'further-assessment'
  | 'result'
  | 'dismissed'
  | 'withdrawn'
  | 'formal-error'
  | 'to-check'
  | 'to-correct'
  | 'to-lift'
  | 'released'
  | 'halted'
  | 'resumed'
  | 'no-explanation-needed';

/** The reader of a letter that goes to the student. */
export const STUDENT = 'student';

/** A command on a complaint with its body. */
export type ComplaintAsk<Name extends BodyName> = Ask<ComplaintData, ComplaintFacts, Body<Name>>;
/** Any command on a complaint, or what Registrar does by itself. */
export type AnyAsk = Ask<ComplaintData, ComplaintFacts>;
/** What a rule of a complaint decides. */
export type ComplaintOutcome = Decision<ComplaintData, ComplaintWrite>;

/** The case moves on (`moveOn`). */
export const become = (
  state: ComplaintState,
  ask: { case: CaseView<ComplaintData> },
  rest: Partial<ComplaintOutcome> = {},
): ComplaintOutcome => moveOn(state, ask.case, rest);
/**
 * It moves on, or stays, under a deadline: somebody is reminded of it. An explanation that nobody can give asks for attention.
 */
export const counting = (
  state: ComplaintState,
  ask: AnyAsk,
  due: Due | null,
  rest: Partial<ComplaintOutcome> = {},
): ComplaintOutcome =>
  become(state, ask, {
    due,
    wake: due && nextReminder(due.on, ask.at, { zone: ask.zone, calendar: ask.facts.calendar }),
    waitingFor: ask.case.waitingFor,
    needsAttention: state === 'explaining' && ask.facts.examiners.length === 0,
    ...rest,
  });

/** It waits for the exam office, which is told, and reminded each week. Where nobody holds the role it asks for attention. */
export const atExamOffice = (
  state: 'to-check' | 'to-correct' | 'to-lift',
  ask: AnyAsk,
  { promises = [], ...rest }: Partial<ComplaintOutcome> = {},
): ComplaintOutcome =>
  become(state, ask, {
    waitingFor: 'exam-office',
    wake: wallTime(addDays(dayOf(ask.at, ask.zone), 7), '09:00', ask.zone),
    needsAttention: ask.facts.examOffice.length === 0,
    ...rest,
    promises: [...promises, ...ask.facts.examOffice.map((person) => letter(ask.case, state, person))],
  });

type Wanted = { readonly [Name in OrderName]: readonly [name: Name, body: OrderBody[Name]] }[OrderName];

/** Several orders of one decision, under ids that nobody has yet. */
export function ordered(
  { facts }: AnyAsk,
  ...wanted: readonly Wanted[]
): { readonly writes: readonly OrderWrite<OrderName>[]; readonly promises: readonly Promised[] } {
  const all = wanted.map(([name, body], i) => anOrder(facts.ids[i] ?? '', name, body));
  return { writes: all.flatMap(({ writes }) => writes), promises: all.flatMap(({ promises }) => promises) };
}

/** Days that exist, and lie between two others where those are named. */
export function wrongDay(
  rule: string,
  field: string,
  date: CivilDate | undefined,
  between: { readonly from?: CivilDate; readonly to?: CivilDate },
): Refusal | undefined {
  if (date === undefined) return undefined;
  if (!isCivilDate(date)) return refuse('invalid', rule, 'not-a-day', { fields: [field] });
  if (between.to !== undefined && date > between.to) return refuse('invalid', rule, 'day-too-late', { date, latest: between.to });
  return between.from !== undefined && date < between.from
    ? refuse('invalid', rule, 'day-too-early', { date, earliest: between.from })
    : undefined;
}

/** That the grade was annulled for a formal error: it is assessed anew, and no more stands as it was (GC-04). */
export const isAnnulled = ({ formalError }: ComplaintData): boolean => formalError?.outcome === 'annulled';

/** GC-03: that the second yes is missing, so that student, FS and archive have not heard of it. */
export const isUnconfirmed = ({ state, data }: CaseView<ComplaintData>): boolean =>
  state === 'opened' || state === 'to-confirm' || data.neverConfirmed === true;

/** The deadline, also of a case that is decided and has none to be reminded of. */
export const deadlineOf = ({ due, data }: CaseView<ComplaintData>): Pick<ComplaintData, 'deadline'> => {
  const deadline = due ?? data.deadline;
  return deadline ? { deadline } : {};
};

/** That a committee assesses it, in either round. */
export const hasCommittee = (state: string): boolean => state === 'with-committee' || state === 'with-further-committee';

/** The round whose committee a state is about. */
export const roundOf = (state: string): Round =>
  state === 'to-further-assessment' || state === 'with-further-committee' ? 3 : 2;

/** A letter, promised once for its occasion. */
export const letter = (complaint: CaseView<ComplaintData>, name: LetterName, to: string): Promised =>
  promisedLetter(complaint, name, to, complaint.step);
