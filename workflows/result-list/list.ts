import type { Actor, Ask, Birth, CaseView, Decision, HeldRole, OrderOf, OrderWrite, Promised, Refusal } from '../process.js';
import { actsFor, moveOn, promisedLetter, refuse } from '../process.js';
import type { CivilDate } from '../rules/civil-time.js';
import type { WorkingTime } from '../rules/reminding.js';
import type { Timeline } from '../settings/values.js';
import type { definition, ListState } from './definition.js';
import type { Body, BodyName } from './schema.js';

/** What a list is about, without students: kept in the case. */
export interface ListData {
  /** T33: results of one module; T34: final grades of a whole course (RL-01). */
  readonly listKind: 'T33' | 'T34';
  /** `uid` is the version of the course that a T34 reports on. */
  readonly course: { readonly code: string; readonly nameSv: string; readonly nameEn: string; readonly uid?: string };
  /** On a T33 only. */
  readonly module?: { readonly code: string; readonly nameSv: string; readonly nameEn: string; readonly uid: string };
  /** Of the degree project, which is one a list (RL-04). */
  readonly title?: string;
  readonly scale: { readonly id: string; readonly code: string };
  /** Who sent it, to be told of a correction or a return (RL-38). */
  readonly sentBy?: string;
  /** The day it was last sent, whose settings its deadline follows. */
  readonly sentOn?: CivilDate;
  /** `for`: the examiner that `by` acted for (RL-36). */
  readonly returned?: { readonly reason: string; readonly by: string; readonly for?: string; readonly at: string };
  /** Who entered or fetched any of it, for institutions where they may not sign it (RL-36). */
  readonly enteredBy?: readonly string[];
  /**
   * RL-23: the list whose rows without valid registration this one is made of, and the ones that were made of this one's, by
   * number.
   */
  readonly movedFrom?: string;
  readonly movedTo?: readonly string[];
  readonly signed?: {
    readonly version: number;
    readonly hash: string;
    readonly by: string;
    readonly for?: string;
    readonly method: Method;
    readonly at: string;
  };
  /** RL-58: that some rows need the signed archive list besides, how many, and who of the course office has it before them. */
  readonly signedArchiveList?: { readonly rows: number; readonly confirmed?: { readonly by: string; readonly at: string } };
  readonly entered?: { readonly by: string; readonly at: string };
  /**
   * Arrived by the register's word, or by a person's of the course office, shown as such; then also how many get no letter,
   * because the register refused or decided otherwise, and of how many rows nobody had attested there as far as we knew.
   */
  readonly arrived?: {
    readonly by: 'register' | 'course-office';
    readonly at: string;
    readonly reason?: string;
    readonly untold?: number;
    readonly unattested?: number;
  };
}

/** How a list is signed. */
export type Method = 'sms' | 'bankid';

/** What a list reports on in the register, by its uid there and its code: a module, or a course as a whole. */
export const reportedOn = ({ module, course }: ListData): { readonly uid: string; readonly code: string } =>
  module ?? { uid: course.uid ?? '', code: course.code };

/** A row as kept. */
export interface ListRow {
  readonly student: string;
  readonly grade: string | null;
  readonly examinationDate: CivilDate | null;
  readonly score: string | null;
}

/** A stretch of a student's registration on the course, from the dated snapshot (RL-23). Both days count. */
export interface RegisteredFor {
  readonly student: string;
  readonly from: CivilDate;
  readonly to: CivilDate;
}

/** That somebody signed a frozen version: one code or one order at BankID, used once. */
export interface Proof {
  readonly id: string;
  readonly person: string;
  readonly caseId: string;
  readonly version: number;
  readonly hash: string;
  readonly method: Method;
  readonly expired: boolean;
  readonly used: boolean;
}

/**
 * What the institution has set about signing: from which days on the electronic signature is enough, whether who entered may not
 * sign, how long a code is.
 */
export interface ListSettings {
  readonly electronicSignature: Timeline<'electronic-signature'>;
  readonly fourEyes: boolean;
  readonly codeDigits: number;
}

/** The days the institution works, and how many of them the examiner has. */
export interface WorkingFacts extends WorkingTime {
  readonly days: number;
}

/** What the rules of a list are told, read in the transaction that decides. */
export interface ListFacts {
  readonly rows: readonly ListRow[];
  readonly registrations: readonly RegisteredFor[];
  readonly grades: readonly { readonly code: string; readonly passing: boolean }[];
  /** Who is examiner of the course today. */
  readonly examiners: readonly string[];
  readonly courseOffice: readonly string[];
  readonly health: { readonly sms: boolean; readonly bankId: boolean };
  readonly settings: ListSettings;
  /** What the day by which the examiner signs is counted with. */
  readonly working: WorkingFacts;
  /** About the person asking for a code. */
  readonly signer?: {
    readonly mobile: 'none' | 'changed-today' | 'ready';
    readonly locked: boolean;
    readonly codesLastHour: number;
    readonly codesLastDay: number;
    readonly openBankId: boolean;
  };
  readonly proof?: Proof | undefined;
  /** Hash of the rows as they are now, with the salts of the frozen version; null where this version was never frozen. */
  readonly contentHash?: string | null;
  readonly controlNumber?: string;
  /** The register takes no step from outside. */
  readonly entryByHand?: boolean;
  /** Number of a list that is about to be made. */
  readonly freshNumber?: string;
  /** Rows that the register annulled or decided otherwise after the list had arrived, and that nobody has noted yet. */
  readonly changedLater?: number;
  readonly transfers?: readonly { readonly student: string; readonly state: TransferState }[];
}

/**
 * How far a row has come in the register: told apart, because sent is not arrived (RL-46). `awaited`: a person enters it there.
 */
export type TransferState = 'awaited' | 'sent' | 'ready' | 'attested' | 'differs' | 'refused';

/** Work outside that is ordered for a list. */
export type OrderName = OrderOf<typeof definition>;

/** What a decision writes in the list's own tables. */
export type ListWrite =
  | { readonly write: 'rows'; readonly rows: readonly ListRow[] }
  | { readonly write: 'remove'; readonly students: readonly string[] }
  | {
      readonly write: 'move';
      readonly students: readonly string[];
      readonly id: string;
      readonly number: string;
      readonly birth: Birth<ListData>;
    }
  | OrderWrite<OrderName>
  | { readonly write: 'code'; readonly id: string; readonly digits: number }
  | { readonly write: 'bankid'; readonly id: string }
  | { readonly write: 'signature'; readonly proof: Proof; readonly for?: string }
  | { readonly write: 'await-entry' }
  | { readonly write: 'transfer-again' }
  | { readonly write: 'annulments-noted' }
  | { readonly write: 'in-protocol' };

/** How many students a list holds. */
export const MOST_STUDENTS = 1_000;

/** What the catalogue says of a course and its module. */
export interface CatalogueFacts {
  /** What the list would report on; absent where the catalogue does not have it. */
  readonly about?: Pick<ListData, 'course' | 'module' | 'scale'> | undefined;
  /** A degree project: the register wants its title (RL-04). */
  readonly titleWanted?: boolean;
  /** The course is discontinued (RL-06). */
  readonly discontinued?: boolean;
}

/** What a rule of the list is asked. */
export type ListAsk<Name extends BodyName> = Ask<ListData, ListFacts, Body<Name>>;
/** What it answers. */
export type ListDecision = Decision<ListData, ListWrite>;

/** The list moves on (`moveOn`). */
export const become = (state: ListState, ask: { case: CaseView<ListData> }, rest: Partial<ListDecision> = {}): ListDecision =>
  moveOn(state, ask.case, rest);

/** A letter, promised once for its occasion. */
export const letter = (list: CaseView<ListData>, name: LetterName, to: string, occasion: number | string): Promised =>
  promisedLetter(list, name, to, occasion);

/**
 * RL-38: whoever sent the list is told that its content was changed since, and where somebody acted for the examiner, who did
 * (RL-36). The case does not keep that, so the promise does.
 */
export function correctedLetter({ case: list, actor }: Pick<Ask<ListData, ListFacts>, 'case' | 'actor'>): Promised[] {
  const { sentBy } = list.data;
  if (list.state !== 'with-examiner' || !sentBy) return [];
  const told = letter(list, 'corrected', sentBy, list.version);
  const whom = actsFor(examining(actor, list.scope));
  return [whom ? { ...told, payload: { ...told.payload, by: actor.id, for: whom } } : told];
}

/** The letters of a list: to staff by person, to a student by the register's key. */
export type LetterName =
  'sent-to-examiner' | 'reminder' | 'corrected' | 'returned' | 'signed' | 'grade' | 'signing-back' | 'not-registered';

/** Which rows a refusal is about: how many, and the first hundred by the register's key. */
export const students = (rows: readonly { student: string }[]) => ({
  count: rows.length,
  rows: rows.map((row) => row.student).slice(0, 100),
});

/** The roles by which somebody is examiner of the course today, or acts for one. */
export const examining = (actor: Actor, course: string | null): HeldRole[] =>
  actor.roles.filter((held) => held.role === 'examiner' && held.course === course);
/** Whether somebody examines a course, by a role of their own or for another. */
export const examines = (actor: Actor, course: string | null): boolean => examining(actor, course).length > 0;

/** RL-38: who writes has seen what stands there. */
export const staleness = (ask: { case: CaseView<ListData> }, version: number): Refusal | undefined =>
  version === ask.case.version ? undefined : refuse('conflict', 'RL-38', 'changed-meanwhile', { version: ask.case.version });
