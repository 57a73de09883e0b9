import {
  promisedLetter,
  refuse,
  type Actor,
  type Ask,
  type Birth,
  type BirthAsk,
  type CaseView,
  type Decision,
  type Promised,
  type Refusal,
  type Rules,
} from '../process.js';
import { addYears, isCivilDate, lastDayOfTerm, type CivilDate } from '../rules/civil-time.js';
import { untilDay, wrongPeriod } from '../rules/period.js';
import type { DelegationCommand } from './definition.js';
import type { BirthBody } from './schema.js';

/** What a delegation holds. */
export interface DelegationData {
  readonly course: { readonly code: string; readonly nameSv: string; readonly nameEn: string };
  /** The examiner, by id. */
  readonly for: string;
  /** Who acts for the examiner, by id. */
  readonly to: string;
  /** Both days count as whole days, in the institution's zone. */
  readonly from: CivilDate;
  readonly until: CivilDate;
  readonly reason: string;
}

/** From a day to a day, both whole; null: open. */
export interface Span {
  readonly from: CivilDate;
  readonly until: CivilDate | null;
}

/** What the birth is told. */
export interface DelegationFacts {
  readonly zone: string;
  /** The course as the catalogue has it; absent where it does not. */
  readonly course?: DelegationData['course'] | undefined;
  /** The examiner that was named, or whoever asks; with when they examine the course themselves. */
  readonly for?: { readonly id: string; readonly examines: readonly Span[] } | undefined;
  /** The person named, of the same institution; with when they hold any role of their own. */
  readonly to?: { readonly id: string; readonly employed: readonly Span[] } | undefined;
  /** What this examiner has delegated to this person on the course already, not ended and not expired. */
  readonly open: readonly { readonly number: string; readonly from: CivilDate; readonly until: CivilDate }[];
}

/** What a decision writes: that somebody holds the role for the examiner, or not any more. */
export type DelegationWrite = { readonly write: 'given'; readonly data: DelegationData } | { readonly write: 'taken' };

/** `given`: to who acts; `given-for-you`: to the examiner when the course office did it; `ended`: to both but who ended it. */
export type LetterName = 'given' | 'given-for-you' | 'ended';

const RULE = 'RL-36';
type DelegationAsk = Ask<DelegationData, DelegationFacts>;
type DelegationDecision = Decision<DelegationData, DelegationWrite>;

const onDay = (spans: readonly Span[], day: CivilDate) =>
  spans.some(({ from, until }) => from <= day && (until === null || until >= day));
const isOffice = (actor: Actor) => actor.roles.some((held) => held.role === 'course-office');
const holds = (actor: Actor, course: string, forSomebody: boolean) =>
  actor.roles.some((held) => held.role === 'examiner' && held.course === course && Boolean(held.for) === forSomebody);

/**
 * Whose role it is to give: an examiner's own, and any examiner's by the course office. What one holds for somebody is not passed
 * on.
 */
function notTheirs({ actor, body, facts }: BirthAsk<DelegationFacts, BirthBody>): Refusal | undefined {
  if (isOffice(actor)) return undefined;
  if (body.for === undefined || facts.for?.id === actor.id) {
    if (holds(actor, body.course, false)) return undefined;
    if (holds(actor, body.course, true)) return refuse('forbidden', RULE, 'not-passed-on', { course: body.course });
  }
  return refuse('forbidden', RULE, 'not-yours-to-give', { command: 'create' });
}

/** RL-36: dated, for one course, from an examiner of it to somebody else of the staff. */
function birth(ask: BirthAsk<DelegationFacts, BirthBody>): Birth<DelegationData, DelegationWrite> | Refusal {
  const { body, actor, facts, today, fresh } = ask;
  const stopped = notTheirs(ask);
  if (stopped) return stopped;
  const { from = today } = body;
  const until = body.until ?? (isCivilDate(from) ? lastDayOfTerm(from) : from);
  const wrong = wrongPeriod({ from, until, today, rule: RULE });
  if (wrong) return wrong;
  const latest = addYears(from, 1);
  if (until > latest) return refuse('invalid', RULE, 'delegated-too-long', { latest });
  if (!facts.course) return refuse('invalid', RULE, 'unknown-course', { course: body.course });
  if (!facts.for || !onDay(facts.for.examines, from))
    return refuse('conflict', RULE, 'not-examiner-then', { course: body.course, from });
  if (!facts.to || !onDay(facts.to.employed, from)) return refuse('invalid', RULE, 'no-such-person');
  if (facts.to.id === facts.for.id || facts.to.id === actor.id) return refuse('conflict', RULE, 'delegated-to-oneself');
  const same = facts.open.find((other) => other.from <= until && from <= other.until);
  if (same) return refuse('conflict', RULE, 'delegated-already', { number: same.number, until: same.until });

  const data: DelegationData = { course: facts.course, for: facts.for.id, to: facts.to.id, from, until, reason: body.reason };
  const letter = (name: LetterName, to: string): Promised => ({
    channel: 'mail',
    key: `mail:${name}:${fresh}`,
    payload: { letter: name, to },
  });
  return {
    state: 'active',
    scope: body.course,
    waitingFor: null,
    data,
    due: untilDay({ until, today, zone: facts.zone, rule: RULE }),
    writes: [{ write: 'given', data }],
    promises: [letter('given', data.to), ...(data.for === actor.id ? [] : [letter('given-for-you', data.for)])],
    record: { course: body.course, for: data.for, delegate: data.to, from, until },
  };
}

/** Whom it is to end it: both it is between, and the course office. */
export const mayEnd = ({ data }: CaseView<DelegationData>, actor: Actor): boolean =>
  isOffice(actor) || [data.for, data.to].includes(actor.id);

const over = (
  { case: { data } }: DelegationAsk,
  state: 'ended' | 'expired',
  promises: readonly Promised[] = [],
): DelegationDecision => ({ state, data, waitingFor: null, writes: [{ write: 'taken' }], promises });

function end(ask: DelegationAsk): DelegationDecision | Refusal {
  const { case: delegation, actor } = ask;
  if (!mayEnd(delegation, actor)) return refuse('forbidden', RULE, 'not-yours-to-give', { command: 'end' });
  const others = [delegation.data.for, delegation.data.to].filter((person) => person !== actor.id);
  return over(
    ask,
    'ended',
    others.map((person) => promisedLetter(delegation, 'ended' satisfies LetterName, person, delegation.step)),
  );
}

/** The last day is over, as both were told at the beginning. */
const due = (ask: DelegationAsk): DelegationDecision | Refusal =>
  ask.case.due && ask.at < ask.case.due.ends ? refuse('conflict', RULE, 'not-due') : over(ask, 'expired');

/** The rules of a delegation. */
export const rules: Rules<DelegationData, DelegationFacts, DelegationWrite, DelegationCommand> & { birth: typeof birth } = {
  birth,
  commands: { end, due },
};
