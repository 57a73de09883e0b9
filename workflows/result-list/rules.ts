import type { Ask, Birth, BirthAsk, CaseView, Decision, Promised, Refusal, Rules } from '../process.js';
import { refuse } from '../process.js';
import { isCivilDate, type CivilDate } from '../rules/civil-time.js';
import { mistyped } from '../rules/control-number.js';
import type { ListCommand, ListState } from './definition.js';
import type { BirthBody, Body, BodyName } from './schema.js';

/** What a list is about, without students: kept in the case. */
export interface ListData {
  readonly listKind: 'T33';
  readonly course: { readonly code: string; readonly nameSv: string; readonly nameEn: string };
  readonly module: { readonly code: string; readonly nameSv: string; readonly nameEn: string; readonly uid: string };
  readonly scale: { readonly id: string; readonly code: string };
  /** Who sent it, to be told of a correction or a return (RL-38). */
  readonly sentBy?: string;
  readonly returned?: { readonly reason: string; readonly by: string; readonly at: string };
  readonly signed?: { readonly version: number; readonly hash: string; readonly by: string; readonly method: Method; readonly at: string };
  readonly entered?: { readonly by: string; readonly at: string };
  /** Arrived by the register's word, or by a person's of the course office, shown as such. */
  readonly arrived?: { readonly by: 'register' | 'course-office'; readonly at: string; readonly reason?: string };
}

export type Method = 'sms' | 'bankid';

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

/** What the rules of a list are told, read in the transaction that decides. */
export interface ListFacts {
  readonly rows: readonly ListRow[];
  readonly registrations: readonly RegisteredFor[];
  readonly grades: readonly { readonly code: string; readonly passing: boolean }[];
  /** Who is examiner of the course today. */
  readonly examiners: readonly string[];
  readonly courseOffice: readonly string[];
  readonly health: { readonly sms: boolean; readonly bankId: boolean };
  /** About the person asking for a code. */
  readonly signer?: {
    readonly mobile: 'none' | 'changed-today' | 'ready'; readonly locked: boolean; readonly codesLastHour: number; readonly codesLastDay: number;
    readonly openBankId: boolean;
  };
  readonly proof?: Proof | undefined;
  /** Hash of the rows as they are now, with the salts of the frozen version; null where this version was never frozen. */
  readonly contentHash?: string | null;
  readonly controlNumber?: string;
  readonly transfers?: readonly { readonly student: string; readonly state: TransferState }[];
}

/** How far a row has come in the register: told apart, because sent is not arrived (RL-46). */
export type TransferState = 'sent' | 'ready' | 'attested' | 'differs' | 'refused';

/** What a decision writes in the list's own tables. */
export type ListWrite =
  | { readonly write: 'rows'; readonly rows: readonly ListRow[] }
  | { readonly write: 'remove'; readonly students: readonly string[] }
  | { readonly write: 'order'; readonly id: string; readonly name: 'fetch' | 'check-registrations'; readonly body: unknown }
  | { readonly write: 'code'; readonly id: string }
  | { readonly write: 'bankid'; readonly id: string }
  | { readonly write: 'signature'; readonly proof: Proof }
  | { readonly write: 'transfer-again' };

export const MOST_STUDENTS = 1_000;

export interface CatalogueFacts {
  readonly module?: Omit<ListData, 'listKind'> | undefined;
}

type ListAsk<Name extends BodyName> = Ask<ListData, ListFacts, Body<Name>>;
type ListDecision = Decision<ListData, ListWrite>;

const stay = (list: CaseView<ListData>, rest: Partial<ListDecision> = {}): ListDecision => ({
  state: list.state, data: list.data, waitingFor: list.waitingFor, due: list.due, needsAttention: list.needsAttention, ...rest,
});
const become = (state: ListState, ask: { case: CaseView<ListData> }, rest: Partial<ListDecision> = {}): ListDecision => ({
  ...stay(ask.case), due: null, needsAttention: false, waitingFor: null, ...rest, state,
});

/** What is wrong with one row, in the order a person would mend it. `no-date` also reads "lacks term registration" (RL-22). */
export function rowProblem(row: ListRow, registrations: readonly RegisteredFor[]): 'no-date' | 'not-registered' | null {
  if (row.grade === null) return null;
  if (row.examinationDate === null) return 'no-date';
  return registeredOn(row.student, row.examinationDate, registrations) ? null : 'not-registered';
}

/** RL-23: registered on the day of the student's own examination. */
export const registeredOn = (student: string, date: CivilDate, registrations: readonly RegisteredFor[]): boolean =>
  registrations.some((period) => period.student === student && period.from <= date && date <= period.to);

/** The problems of all rows that have one, by student. */
export const problemsOf = (rows: readonly ListRow[], registrations: readonly RegisteredFor[]): Record<string, 'no-date' | 'not-registered'> => {
  const found: Record<string, 'no-date' | 'not-registered'> = {};
  for (const row of rows) {
    const problem = rowProblem(row, registrations);
    if (problem) found[row.student] = problem;
  }
  return found;
};

const students = (rows: readonly { student: string }[]) => ({ count: rows.length, rows: rows.map((row) => row.student).slice(0, 100) });

/** RL-01: one module, and it has to exist on the course. */
function birth({ body, facts, actor }: BirthAsk<CatalogueFacts, BirthBody>): Birth<ListData> | Refusal {
  if (!facts.module) return refuse('invalid', 'RL-01', 'unknown-module', { course: body.course, module: body.module });
  return {
    state: 'draft', scope: body.course, waitingFor: actor.roles.some((r) => r.role === 'examiner' && r.course === body.course) ? 'examiner' : 'teacher',
    data: { listKind: 'T33', ...facts.module }, record: { kind: body.kind, course: body.course, module: body.module },
  };
}

/** RL-16..22: dates and grades are judged, a missing date is not: the draft is kept and the row carries the error. */
function edit(ask: Ask<ListData, ListFacts, Body<'save'>>): ListDecision | Refusal {
  const { body, facts } = ask;
  const stale = staleness(ask, body.version);
  if (stale) return stale;
  const given = body.rows.map((row) => ({ ...row, score: row.score?.replace(',', '.') ?? null }));
  const twice = given.filter((row, i) => given.findIndex((other) => other.student === row.student) !== i);
  if (twice.length) return refuse('invalid', 'RL-14', 'student-twice', students(twice));
  const here = new Set(facts.rows.map((row) => row.student));
  const strangers = given.filter((row) => !here.has(row.student));
  if (strangers.length) return refuse('invalid', 'RL-10', 'not-on-list', students(strangers));
  const undated = given.filter((row) => row.examinationDate !== null && !isCivilDate(row.examinationDate));
  if (undated.length) return refuse('invalid', 'RL-18', 'bad-date', students(undated));
  const early = given.filter((row) => row.examinationDate !== null && row.examinationDate > ask.today);
  if (early.length) return refuse('invalid', 'RL-19', 'future-date', students(early));
  const foreign = given.filter((row) => row.grade !== null && !facts.grades.some((grade) => grade.code === row.grade));
  if (foreign.length) return refuse('invalid', 'RL-16', 'grade-not-in-scale', { ...students(foreign), scale: ask.case.data.scale.code });
  const after = facts.rows.map((row) => given.find((g) => g.student === row.student) ?? row);
  return stay(ask.case, {
    writes: [{ write: 'rows', rows: given }],
    record: { rows: given.length },
    answer: { problems: problemsOf(after, facts.registrations) },
  });
}

/** RL-38: the examiner's own correction; whoever sent the list is told. */
function correct(ask: Ask<ListData, ListFacts, Body<'correct'>>): ListDecision | Refusal {
  const decided = edit(ask);
  if (decided.refused || !ask.case.data.sentBy) return decided;
  return { ...decided, promises: [letter(ask.case, 'corrected', ask.case.data.sentBy, ask.case.version)] };
}

function remove(ask: ListAsk<'remove'>): ListDecision | Refusal {
  const stale = staleness(ask, ask.body.version);
  if (stale) return stale;
  const here = new Set(ask.facts.rows.map((row) => row.student));
  const strangers = ask.body.students.filter((student) => !here.has(student));
  if (strangers.length) return refuse('invalid', 'RL-10', 'not-on-list', { count: strangers.length, rows: strangers });
  return stay(ask.case, { writes: [{ write: 'remove', students: ask.body.students }], record: { rows: ask.body.students.length } });
}

/** RL-10, RL-13: what to fetch is written down, the fetching is done outside the request. */
function fetch(ask: ListAsk<'fetch'>): ListDecision | Refusal {
  if (ask.facts.rows.length >= MOST_STUDENTS) return refuse('conflict', 'RL-14', 'list-full', { most: MOST_STUDENTS });
  return ordered(ask, 'fetch', ask.body, { whom: ask.body.from });
}

const checkRegistrations = (ask: ListAsk<'check-registrations'>): ListDecision => ordered(ask, 'check-registrations', {}, {});

const ordered = (ask: Ask<ListData, ListFacts>, name: 'fetch' | 'check-registrations', body: unknown, record: Record<string, unknown>): ListDecision =>
  stay(ask.case, {
    writes: [{ write: 'order', id: ask.fresh, name, body }],
    promises: [{ channel: 'order', key: `order:${ask.fresh}`, payload: { order: ask.fresh } }],
    record: { order: ask.fresh, ...record },
    answer: { order: ask.fresh },
  });

const staleness = (ask: { case: CaseView<ListData> }, version: number): Refusal | undefined =>
  version === ask.case.version ? undefined : refuse('conflict', 'RL-38', 'changed-meanwhile', { version: ask.case.version });

/** RL-22: what stops sending: nothing to report, or a grade without its date. */
export function sendable(rows: readonly ListRow[]): Refusal | undefined {
  const graded = rows.filter((row) => row.grade !== null);
  if (graded.length === 0) return refuse('conflict', 'RL-16', 'nothing-to-report');
  const undated = graded.filter((row) => row.examinationDate === null);
  return undated.length ? refuse('conflict', 'RL-22', 'date-missing', students(undated)) : undefined;
}

/** RL-23: what stops signing besides: a dated grade without valid registration. */
export function signable(rows: readonly ListRow[], registrations: readonly RegisteredFor[]): Refusal | undefined {
  const stopped = sendable(rows);
  if (stopped) return stopped;
  const unregistered = rows.filter((row) => rowProblem(row, registrations) === 'not-registered');
  return unregistered.length ? refuse('conflict', 'RL-23', 'not-registered', students(unregistered)) : undefined;
}

const letter = (list: CaseView<ListData>, name: LetterName, to: string, occasion: number | string): Promised => ({
  channel: 'mail', key: `mail:${name}:${list.id}:${occasion}:${to}`, payload: { letter: name, to },
});

/** The letters of a list: to staff by person, to a student by the register's key. */
export type LetterName = 'sent-to-examiner' | 'corrected' | 'returned' | 'signed' | 'grade';

/** RL-36, RL-37: to the examiners of the course, who are mailed. */
function send(ask: ListAsk<'send'>): ListDecision | Refusal {
  const { case: list, facts, actor } = ask;
  const stopped = staleness(ask, ask.body.version) ?? sendable(facts.rows);
  if (stopped) return stopped;
  if (facts.examiners.length === 0) return refuse('conflict', 'RL-36', 'nobody-examines', { course: list.data.course.code });
  return become('with-examiner', ask, {
    waitingFor: 'examiner',
    data: { ...list.data, sentBy: actor.id, returned: undefined },
    writes: [{ write: 'order', id: ask.fresh, name: 'check-registrations', body: {} }],
    promises: [
      ...facts.examiners.map((examiner) => letter(list, 'sent-to-examiner', examiner, list.step)),
      { channel: 'order', key: `order:${ask.fresh}`, payload: { order: ask.fresh } },
    ],
    record: { version: list.version, rows: facts.rows.length },
  });
}

/** RL-38: back with a reason; the sender is told. */
function giveBack(ask: ListAsk<'return'>): ListDecision {
  const { case: list, body, actor, at } = ask;
  return become('draft', ask, {
    waitingFor: 'teacher',
    data: { ...list.data, returned: { reason: body.reason, by: actor.id, at } },
    promises: [letter(list, 'returned', list.data.sentBy ?? list.createdBy, list.step)],
    record: { version: list.version },
  });
}

/** RL-39, RL-52 and the code rules: from the staff register's number, at most five an hour and twenty a day, none while locked. */
function requestCode(ask: ListAsk<'request-code'>): ListDecision | Refusal {
  const { facts, case: list } = ask;
  const stopped = staleness(ask, ask.body.version) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!facts.health.sms) return refuse('unavailable', 'RL-52', 'signing-down');
  if (facts.signer?.mobile !== 'ready') return refuse('conflict', 'RL-39', facts.signer?.mobile === 'changed-today' ? 'mobile-changed' : 'no-mobile');
  if (facts.signer.locked) return refuse('conflict', 'RL-39', 'sms-locked');
  if (facts.signer.codesLastHour >= 5 || facts.signer.codesLastDay >= 20) return refuse('conflict', 'RL-39', 'too-many-codes');
  return stay(list, {
    writes: [{ write: 'code', id: ask.fresh }],
    promises: [{ channel: 'sms', key: `sms:${ask.fresh}`, payload: { code: ask.fresh } }],
    record: { code: ask.fresh, version: list.version },
    answer: { code: ask.fresh },
  });
}

/** RL-40, RL-42: BankID instead; no code is sent. One order in flight for a person. */
function orderBankId(ask: ListAsk<'order-bankid'>): ListDecision | Refusal {
  const { facts, case: list } = ask;
  const stopped = staleness(ask, ask.body.version) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!facts.health.bankId) return refuse('unavailable', 'RL-52', 'signing-down');
  if (facts.signer?.openBankId) return refuse('conflict', 'RL-40', 'bankid-running');
  return stay(list, {
    writes: [{ write: 'bankid', id: ask.fresh }],
    promises: [{ channel: 'start', key: `bankid:${ask.fresh}`, payload: { workflow: 'bankIdOrder', id: `bankid-order/${ask.fresh}`, input: { orderId: ask.fresh } } }],
    record: { bankIdOrder: ask.fresh, version: list.version },
    answer: { bankIdOrder: ask.fresh },
  });
}

/** RL-35, RL-38..41, RL-43: the proof is the signer's own, for this list, this version and this content, and is used up here. */
function sign(ask: ListAsk<'sign'>): ListDecision | Refusal {
  const { facts, case: list, actor, at } = ask;
  const { proof } = facts;
  const stopped = staleness(ask, ask.body.version) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!proof || proof.caseId !== list.id) return refuse('forbidden', 'RL-38', 'proof-not-valid');
  if (proof.person !== actor.id) return refuse('forbidden', 'RL-41', 'not-your-proof');
  if (proof.used || proof.expired) return refuse('conflict', 'RL-39', 'proof-not-valid');
  if (proof.version !== list.version || proof.hash !== facts.contentHash) return refuse('conflict', 'RL-38', 'content-changed');
  return become('signed', ask, {
    waitingFor: 'course-office',
    data: { ...list.data, signed: { version: list.version, hash: proof.hash, by: actor.id, method: proof.method, at } },
    writes: [{ write: 'signature', proof }],
    promises: [actor.id, ...facts.courseOffice.filter((person) => person !== actor.id)].map((person) => letter(list, 'signed', person, list.version)),
    record: { version: list.version, hash: proof.hash, method: proof.method, proof: proof.id },
  });
}

/** RL-45, RL-46, AU-04: the control number from the archive list ties the entry to the signed content. */
function enter(ask: ListAsk<'enter'>): ListDecision | Refusal {
  const typed = ask.body.controlNumber.replace(/[ -]/g, '');
  if (mistyped(typed)) return refuse('conflict', 'RL-45', 'control-number-mistyped');
  if (typed !== ask.facts.controlNumber) return refuse('conflict', 'RL-45', 'control-number-wrong');
  return become('registering', ask, {
    data: { ...ask.case.data, entered: { by: ask.actor.id, at: ask.at } },
    record: { version: ask.case.data.signed?.version, hash: ask.case.data.signed?.hash },
  });
}

const count = (facts: ListFacts) => {
  const states: Record<TransferState, number> = { sent: 0, ready: 0, attested: 0, differs: 0, refused: 0 };
  for (const row of facts.transfers ?? []) states[row.state] += 1;
  return states;
};

/** RL-46: written and read back. Rows the register refused need a person; the others go on. */
function transferred(ask: Ask<ListData, ListFacts>): ListDecision {
  const states = count(ask.facts);
  return become('registered', ask, {
    waitingFor: 'course-office', needsAttention: states.refused + states.differs > 0, record: { ...states },
  });
}

function transferAgain(ask: ListAsk<'transfer-again'>): ListDecision | Refusal {
  const states = count(ask.facts);
  if (states.refused + states.differs + states.sent === 0) return refuse('conflict', 'RL-46', 'nothing-to-repeat');
  return become('registering', ask, { writes: [{ write: 'transfer-again' }], record: { ...states } });
}

/** RL-47: the students are told once the register says that every row is attested. */
function attested(ask: Ask<ListData, ListFacts>): ListDecision | Refusal {
  const states = count(ask.facts);
  if (states.attested < (ask.facts.transfers ?? []).length) return refuse('conflict', 'RL-46', 'not-all-arrived');
  return arrived(ask, { by: 'register', at: ask.at });
}

/** Where the register cannot be asked, a person of the course office says so, and it is shown as such. */
const confirmArrival = (ask: ListAsk<'confirm-arrival'>): ListDecision =>
  arrived(ask, { by: 'course-office', at: ask.at, reason: ask.body.reason });

const arrived = (ask: Ask<ListData, ListFacts>, how: NonNullable<ListData['arrived']>): ListDecision =>
  become('arrived', ask, {
    data: { ...ask.case.data, arrived: how },
    promises: ask.facts.rows
      .filter((row) => row.grade !== null && !ask.facts.transfers?.some((t) => t.student === row.student && (t.state === 'refused' || t.state === 'differs')))
      .map((row) => letter(ask.case, 'grade', row.student, ask.case.data.signed?.version ?? ask.case.version)),
    record: { by: how.by, ...count(ask.facts) },
  });

/** A letter that may not have gone stays in sight after the end. */
const told = (ask: Ask<ListData, ListFacts>): ListDecision => become('informed', ask, { needsAttention: ask.case.needsAttention });

const withdraw = (ask: ListAsk<'withdraw'>): ListDecision => become('withdrawn', ask, { record: { version: ask.case.version } });

/** What a list does with each command. Role and state are judged before, for every process alike. */
export const rules: Rules<ListData, ListFacts, ListWrite, ListCommand> & { birth: typeof birth } = {
  birth,
  commands: {
    save: edit, remove, correct, fetch, 'check-registrations': checkRegistrations, send, return: giveBack, 'request-code': requestCode,
    'order-bankid': orderBankId, sign, enter, 'transfer-again': transferAgain, 'confirm-arrival': confirmArrival, withdraw, transferred, attested, told,
  },
};
