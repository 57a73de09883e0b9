import type { RefusalCode } from './refusals.js';
import type { CivilDate, Instant } from './rules/civil-time.js';
import type { DayOff } from './rules/working-days.js';

/** The languages in which people are spoken to. */
export type Language = 'sv' | 'nb' | 'en';
/** One sentence in all three. */
export type Text = Readonly<Record<Language, string>>;

/** Roles that people, systems and Registrar itself hold. */
export type RoleName =
  | 'teacher'
  | 'examiner'
  | 'course-office'
  | 'exam-office'
  | 'case-worker'
  | 'study-adviser'
  | 'accommodation-officer'
  | 'planner'
  | 'committee-member'
  | 'student'
  | 'operations'
  | 'auditor'
  | 'integration'
  | 'system'
  /** Whoever attests in the register: waited for, holds no role here. */
  | 'attester';

/** A role a person has today; `course` narrows it to one course code. */
export interface HeldRole {
  readonly role: RoleName;
  readonly course?: string;
  /** Whom somebody acts for who was given the role for a while. */
  readonly for?: string;
}

/** Who gives a command. `system` is Registrar itself: a deadline, an answer from outside. */
export interface Actor {
  readonly id: string;
  readonly institution: string;
  readonly roles: readonly HeldRole[];
}

/** Where a right reaches: any case of the institution, those of the course the role is for, or one's own. */
export type Reach = 'institution' | 'course' | 'own';

/** The words of a command: what it is, who may give it, in which states. What it does is a rule. */
export interface CommandWords<State extends string = string> {
  /** A step moves the case, an edit changes a draft's content, an order is work outside that is answered with 202. */
  readonly kind: 'step' | 'edit' | 'order';
  readonly by: Readonly<Partial<Record<RoleName, Reach>>>;
  readonly in: readonly State[];
  /** Where a rule narrows `by` further: English, for the description of the API. The rule decides, this says so. */
  readonly except?: string;
  /** The requirement that a refusal for role or state cites. */
  readonly rule: string;
  readonly title: Text;
}

/** The words of a process, a plain value: routes, rights, OpenAPI, handlers and details are derived from it. */
export interface Definition<State extends string = string, Name extends string = string, Order extends string = string> {
  /** As in ids: `result-list/4711`. */
  readonly kind: string;
  /** As in addresses: `/result-lists`. */
  readonly path: string;
  readonly title: Text;
  readonly states: Readonly<Record<State, Text>>;
  readonly final: readonly State[];
  readonly birth: { readonly by: Readonly<Partial<Record<RoleName, Reach>>>; readonly rule: string; readonly title: Text };
  readonly commands: Readonly<Record<Name, CommandWords<State>>>;
  /** Roles whose holders may open a case they neither made nor wait for (RL-03). */
  readonly readers: readonly RoleName[];
  /** Of them those who, where the institution has set so, open only cases whose scope is a course their role is for. */
  readonly narrowing?: { readonly setting: 'only-own-courses'; readonly roles: readonly RoleName[] };
  /** The requirement that a refusal to open a case cites. */
  readonly openRule: string;
  /** The command that a passed wake gives; `remind` unless told. */
  readonly wakes?: string;
  /** What its deadlines are counted from, by the `basis` of a `DueReason`: "counted from ...". */
  readonly bases?: Readonly<Record<string, Text>>;
  /** Names of the work outside that is ordered for its cases, by a person's command or by a step. */
  readonly orders?: readonly Order[];
  /** Who may mend a promise that is uncertain or failed: send it again, or say that it is settled. */
  readonly mendedBy: Readonly<Partial<Record<RoleName, Reach>>>;
}

/** Keeps the literal types of a definition. */
export const defineProcess = <const State extends string, const Name extends string, const Order extends string = never>(
  definition: Definition<State, Name, Order>,
): Definition<State, Name, Order> => definition;

/** States in which Registrar itself has a step to take: not those in which it only waits for a deadline or a reminder. */
export const systemStates = (definition: Definition): string[] => [
  ...new Set(
    Object.entries(definition.commands).flatMap(([name, words]) =>
      words.by.system && name !== 'due' && name !== (definition.wakes ?? 'remind') ? words.in : [],
    ),
  ),
];

/** The names of a process's orders. */
export type OrderOf<Process extends Definition> = NonNullable<Process['orders']>[number];

/** A deadline: the day, the moment it has passed, and the rule it comes from. */
export interface Due {
  readonly on: CivilDate;
  readonly ends: Instant;
  readonly rule: string;
  readonly why?: DueReason;
}

/**
 * How the day of a deadline came about: what it is counted from, in working days, days or weeks, and the days off that were
 * skipped, Saturdays and Sundays left out.
 */
export interface DueReason {
  readonly basis: string;
  readonly from: CivilDate;
  readonly workingDays?: number;
  readonly days?: number;
  readonly weeks?: number;
  readonly skipped: readonly DayOff[];
  /** Each time a person set another day, in order: from which day, who (an id), and on which day they did. */
  readonly moved?: readonly { readonly from: CivilDate; readonly by: string; readonly movedOn: CivilDate }[];
}

/** A case as Postgres has it. */
export interface CaseView<Data = unknown> {
  readonly id: string;
  readonly number: string;
  readonly kind: string;
  readonly institution: string;
  readonly state: string;
  readonly step: number;
  readonly version: number;
  readonly scope: string | null;
  readonly data: Data;
  readonly waitingFor: RoleName | null;
  readonly due: Due | null;
  /** When Registrar looks at the case by itself, by the command that the definition names in `wakes`, else `remind`. */
  readonly wake?: Instant | null;
  readonly needsAttention: boolean;
  readonly createdBy: string;
}

/** A no with its reason. `rule` is a requirement id (or `registrar` for the house's own), `code` names the text people read. */
export interface Refusal {
  readonly refused: true;
  readonly rule: string;
  readonly code: RefusalCode;
  readonly kind: 'forbidden' | 'conflict' | 'invalid' | 'missing' | 'unavailable';
  /** What the sentence needs: counts, states, ids. No personal data: a refusal is written to the audit. */
  readonly details?: Readonly<Record<string, string | number | readonly string[]>>;
}

/** A no, with its reason. */
export const refuse = (kind: Refusal['kind'], rule: string, code: RefusalCode, details?: Refusal['details']): Refusal => ({
  refused: true,
  kind,
  rule,
  code,
  ...(details ? { details } : {}),
});

/** An effect the transaction promises: a row in the outbox. The key makes it happen once. */
export interface Promised {
  readonly channel: Channel;
  readonly key: string;
  readonly payload: Readonly<Record<string, unknown>>;
}
/** What starts a workflow: its name, its id, which is started once, and a line for operators. */
export interface Start {
  readonly workflow: string;
  readonly id: string;
  readonly input: unknown;
  readonly summary?: string;
}

/** What starts the workflow of a case; its id is the case as people say it. */
export function startOf(
  {
    workflow,
    definition: { kind, title },
  }: { readonly workflow: string; readonly definition: Pick<Definition, 'kind' | 'title'> },
  {
    id,
    number,
    institution,
    scope,
  }: { readonly id: string; readonly number: string; readonly institution: string; readonly scope: string | null },
): Start {
  return {
    workflow,
    id: `${kind}/${number}`,
    input: { caseId: id, kind, institution },
    summary: [`${title.en} ${number}`, ...(scope ? [scope] : [])].join(', '),
  };
}

/** The start of a workflow, promised once for its case. */
export const promisedStart = (caseId: string, start: Start): Promised => ({
  channel: 'start',
  key: `start:${caseId}`,
  payload: { ...start },
});

/**
 * A letter, promised once for its occasion. `to` is a person, or a student by the register's key; the process's post knows which
 * by the name.
 */
export const promisedLetter = (subject: CaseView, name: string, to: string, occasion: number | string): Promised => ({
  channel: 'mail',
  key: `mail:${name}:${subject.id}:${occasion}:${to}`,
  payload: { letter: name, to },
});
/** Work outside that is ordered: a row that says what, and with its end how it went. */
export interface OrderWrite<Name extends string = string> {
  readonly write: 'order';
  readonly id: string;
  readonly name: Name;
  readonly body: unknown;
}
/** An order as a decision makes it: written down, and promised. `id` belongs to no other; it stands in the order's address. */
export const anOrder = <Name extends string>(
  id: string,
  name: Name,
  body: unknown,
): { readonly writes: readonly [OrderWrite<Name>]; readonly promises: readonly [Promised] } => ({
  writes: [{ write: 'order', id, name, body }],
  promises: [{ channel: 'order', key: `order:${id}`, payload: { order: id } }],
});
/** The ways out, each with a task queue of its own. */
export type Channel = 'mail' | 'sms' | 'order' | 'start';

/** A yes: what the case becomes, what is written besides (the process's own tables), what is promised to the world. */
export interface Decision<Data = unknown, Write = unknown> {
  readonly refused?: false;
  readonly state: string;
  readonly data: Data;
  readonly waitingFor: RoleName | null;
  readonly due?: Due | null;
  /** When the command of a wake (`wakes` of the definition, else `remind`) is given next; like `due` it is gone unless carried on. */
  readonly wake?: Instant | null;
  readonly needsAttention?: boolean;
  /** A step after which nothing holds that was shown, asked for or proved before it: the version counts too. */
  readonly voids?: true;
  readonly writes?: readonly Write[];
  readonly promises?: readonly Promised[];
  /** For the audit: facts without names and grades. */
  readonly record?: Readonly<Record<string, unknown>>;
  /** For the caller, beside the case. */
  readonly answer?: Readonly<Record<string, unknown>>;
}

/** The case stays where it is: what a decision changes of it is in `rest`. */
export const stay = <Data, Write>(subject: CaseView<Data>, rest: Partial<Decision<Data, Write>> = {}): Decision<Data, Write> => ({
  state: subject.state,
  data: subject.data,
  waitingFor: subject.waitingFor,
  due: subject.due,
  wake: subject.wake ?? null,
  needsAttention: subject.needsAttention,
  ...rest,
});
/** The case moves on: no deadline, no reminder and nobody to wait for unless said. */
export const moveOn = <Data, Write>(
  state: string,
  subject: CaseView<Data>,
  rest: Partial<Decision<Data, Write>> = {},
): Decision<Data, Write> => ({
  ...stay(subject),
  due: null,
  wake: null,
  needsAttention: false,
  waitingFor: null,
  ...rest,
  state,
});

/** The case as decided: a step counts the case on, an edit its content; a step that voids what was before counts both. */
export const nextCase = (subject: CaseView, decision: Decision, counts: 'step' | 'version'): CaseView => ({
  ...subject,
  state: decision.state,
  data: decision.data,
  waitingFor: decision.waitingFor,
  due: decision.due ?? null,
  wake: decision.wake ?? null,
  needsAttention: decision.needsAttention ?? false,
  step: subject.step + (counts === 'step' ? 1 : 0),
  version: subject.version + (counts === 'version' || decision.voids ? 1 : 0),
});

/** What the birth of a case is asked. Time is a parameter: `at` is the moment, `today` the local day of the institution. */
export interface BirthAsk<Facts, Body = unknown> {
  readonly body: Body;
  readonly actor: Actor;
  readonly facts: Facts;
  readonly at: Instant;
  readonly today: CivilDate;
  /** The institution's zone (IANA). */
  readonly zone: string;
  /** An id nobody has yet, so that a rule needs no chance. */
  readonly fresh: string;
}

/** What a rule is asked about a case that is there. */
export interface Ask<Data, Facts, Body = unknown> extends BirthAsk<Facts, Body> {
  readonly case: CaseView<Data>;
}

/** Something that stops nothing but has to be seen. */
export interface Warning extends Text {
  readonly code: string;
  readonly rule: string;
}

/** How a case begins. */
export interface Birth<Data = unknown, Write = unknown> extends Decision<Data, Write> {
  /** Course code or another narrow field that a role's reach is compared with. */
  readonly scope: string | null;
}

/** The rules of a process: pure functions, one for its birth and one for each command. */
export interface Rules<Data, Facts, Write, Name extends string = string> {
  readonly birth: (ask: BirthAsk<Facts, never>) => Birth<Data, Write> | Refusal;
  readonly commands: { readonly [K in Name]: (ask: Ask<Data, Facts, never>) => Decision<Data, Write> | Refusal };
}

const reaches = (reach: Reach, held: HeldRole, actor: Actor, scope: string | null, createdBy: string | null): boolean =>
  reach === 'institution' || (reach === 'course' ? held.course !== undefined && held.course === scope : createdBy === actor.id);

type Rights = Readonly<Partial<Record<RoleName, Reach>>>;
type About = { readonly institution: string; readonly scope: string | null; readonly createdBy: string | null };

/** The roles by which a right reaches this case: by institution, and the course or ownership it is narrowed to. */
const reaching = (by: Rights, actor: Actor, about: About): HeldRole[] =>
  actor.institution !== about.institution
    ? []
    : actor.roles.filter((held) => {
        const reach = by[held.role];
        return reach !== undefined && reaches(reach, held, actor, about.scope, about.createdBy);
      });

/** Whether a right reaches this case. */
export const holds = (by: Rights, actor: Actor, about: About): boolean => reaching(by, actor, about).length > 0;

/** Whom somebody acts for with these roles; undefined where one of them is their own. */
export const actsFor = (roles: readonly HeldRole[]): string | undefined =>
  roles.some((held) => !held.for) ? undefined : roles[0]?.for;

/** Whom somebody acts for with a command (RL-36); undefined where the right is their own, or nobody's. */
export const givesFor = (definition: Definition, command: string, actor: Actor, about: About): string | undefined =>
  actsFor(reaching(definition.commands[command]?.by ?? {}, actor, about));

/** Whether somebody may open a case at all: those it concerns by role, and its maker. `narrow`: the narrowing is in force. */
export const mayOpen = (
  definition: Definition,
  subject: Pick<CaseView, 'institution' | 'scope' | 'createdBy'>,
  actor: Actor,
  narrow: boolean,
): boolean =>
  actor.institution === subject.institution &&
  (subject.createdBy === actor.id ||
    readableScopes(definition, actor, narrow).some((held) => held === 'any' || held === subject.scope));

/** What somebody reads of a process: `any` case of the institution, or those of a course. Their own they read besides. */
export const readableScopes = ({ readers, narrowing }: Definition, actor: Actor, narrow: boolean): readonly string[] =>
  actor.roles
    .filter((held) => readers.includes(held.role))
    .flatMap((held) => (narrow && narrowing?.roles.includes(held.role) ? (held.course ?? []) : 'any'));

/** Role, institution and state of a command, in that order: the refusals every process shares. */
export function admit(definition: Definition, command: string, subject: CaseView, actor: Actor): Refusal | undefined {
  const words = definition.commands[command];
  if (!words) return refuse('missing', 'registrar', 'no-such-command');
  if (!holds(words.by, actor, subject)) return refuse('forbidden', words.rule, 'not-yours-to-give', { command });
  if (!words.in.includes(subject.state)) return refuse('conflict', words.rule, 'wrong-state', { command, state: subject.state });
  return undefined;
}

/** The commands this person may give now, by role and state. */
export const commandsFor = (definition: Definition, subject: CaseView, actor: Actor): string[] =>
  Object.keys(definition.commands).filter(
    (name) => !definition.commands[name]?.by.system && admit(definition, name, subject, actor) === undefined,
  );
