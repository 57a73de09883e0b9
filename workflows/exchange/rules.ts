import {
  moveOn,
  promisedLetter,
  refuse,
  stay,
  type Ask,
  type Birth,
  type BirthAsk,
  type Decision,
  type Due,
  type DueReason,
  type Refusal,
  type Rules,
} from '../process.js';
import { addDays, dayOf, daysBetween, endOfDay, isCivilDate, timeOf, type CivilDate, type Instant } from '../rules/civil-time.js';
import { inForce, type Timeline } from '../settings/values.js';
import type { SettingValue } from '../settings/schema.js';
import type { ExchangeCommand } from './definition.js';
import type { Outcome } from './outcomes.js';
import { nextAttempt, type Retrying } from './retry.js';
import type { BirthBody, Body } from './schema.js';

/** RX-25: for how long what is down is asked again at most, however often somebody extends it. */
const MOST_DAYS = 400;
/** RX-31: kinds of numbers that nobody real has: allowed only where the setting `exchange-test-numbers` says so. */
export const testNumbers: readonly string[] = ['synthetic', 'fs-test'];

/** What an order knows: ids and counts. */
export interface ExchangeData {
  /** Number of the approval case it was given in. */
  readonly approval: string;
  /** Id of the person. */
  readonly person: string;
  /**
   * On what it is fetched, as in force on the day of the order (RX-01); consent from the day on that what is down is asked again
   * and a statute suffices no more.
   */
  readonly basis: SettingValue<'exchange-legal-basis'>;
  /** Sequence number of the consent it rests on (RX-07); null where none is needed. */
  readonly consent: string | null;
  readonly orderedAt: Instant;
  /** How many institutions are asked. */
  readonly asked: number;
  /** 1 on the day of the order, one more each time that what is down is asked again. */
  readonly round: number;
  readonly retry: Retrying & Pick<DueReason, 'moved'>;
  /** What its fetches have brought in so far. */
  readonly brought?: Brought;
  /** Why what is down was not asked again: the institution takes no part any more (RX-02, RX-03). */
  readonly closed?: Closed;
  /** Who stopped it (an id), and why. */
  readonly stopped?: { readonly by: string; readonly reason: string };
}

/** Why an institution takes no part: its module is off, or it has reserved itself. */
export type Closed = 'exchange-off' | 'exchange-reserved';

/** What was imported: results in the documents, and what was otherwise before (RX-24). */
export interface Brought {
  readonly results: number;
  readonly new: number;
  readonly improved: number;
  readonly corrected: number;
  readonly withdrawn: number;
}

/** One institution as it was asked last. */
export interface Inquiry {
  readonly partner: string;
  readonly state: 'open' | 'answered' | 'dropped';
  readonly outcome: Outcome | null;
  readonly brought?: Brought;
}

/** What the birth of an order is told. */
export interface BirthFacts {
  /** The approval case, where there is one with that number. */
  readonly approval?: { readonly state: string; readonly person: string };
  /** What the institution has set, by days. */
  readonly settings: {
    readonly [
      Name in
        | 'exchange-module'
        | 'exchange-reserved'
        | 'exchange-legal-basis'
        | 'exchange-retry-days'
        | 'exchange-test-numbers'
        | 'exchange-support'
    ]: Timeline<Name>;
  };
  /** The registry of the exchange lists us with the key that we sign with (RX-04). */
  readonly ready: boolean;
  /** The kind of the person's number, where they are registered (RX-32). */
  readonly numberKind?: string;
  /** The newest answer to being fetched for (RX-07). */
  readonly consent?: { readonly seq: string; readonly answer: 'J' | 'N' };
  /** Number of an order for the person that is not over. */
  readonly open?: string;
  /** The institutions to be asked, by code. */
  readonly partners: readonly string[];
}

/** What the rules of an order are told of the world. */
export interface ExchangeFacts {
  readonly inquiries: readonly Inquiry[];
}

/** What asking again is told besides: whether it may still be asked. */
export interface AgainFacts extends ExchangeFacts, Pick<BirthFacts, 'consent'> {
  readonly settings: Pick<BirthFacts['settings'], 'exchange-module' | 'exchange-reserved' | 'exchange-legal-basis'>;
}

/**
 * What an order writes: institutions to be asked in a round, or left unasked in it for want of consent; that nobody waits for the
 * open ones any more; or that it answers for the earlier orders of its approval case, which need nobody any more.
 */
export type ExchangeWrite =
  | { readonly write: 'ask' | 'no-consent'; readonly round: number; readonly partners: readonly string[] }
  | { readonly write: 'drop' }
  | { readonly write: 'settle-earlier' };

/** The letters of an order, all to whoever gave it. */
export type LetterName = 'complete' | 'complete-with-changes' | 'not-complete';

type AnyFacts = ExchangeFacts | AgainFacts | BirthFacts;
type ExchangeAsk<B = unknown> = Ask<ExchangeData, AnyFacts, B>;

/** RX-02, RX-03: whether the institution takes part on a day. */
function closedOn(settings: AgainFacts['settings'], today: CivilDate): Closed | undefined {
  if (!inForce(settings['exchange-module'], today)) return 'exchange-off';
  return inForce(settings['exchange-reserved'], today) ? 'exchange-reserved' : undefined;
}

/** Why nothing can be fetched here at all, or for this person. */
function wrongOrder({ facts, today }: Pick<BirthAsk<BirthFacts>, 'facts' | 'today'>, needsConsent: boolean): Refusal | undefined {
  const { approval, settings } = facts;
  if (!approval) return refuse('invalid', 'RX-10', 'no-such-case');
  if (approval.state !== 'in-progress') return refuse('conflict', 'RX-10', 'approval-not-in-progress');
  const closed = closedOn(settings, today);
  if (closed) return refuse('conflict', closed === 'exchange-off' ? 'RX-02' : 'RX-03', closed);
  if (!facts.ready || facts.partners.length === 0)
    return refuse('conflict', 'RX-04', 'exchange-not-ready', { support: inForce(settings['exchange-support'], today) });
  if (facts.numberKind === undefined) return refuse('conflict', 'RX-32', 'not-a-student');
  if (testNumbers.includes(facts.numberKind) && !inForce(settings['exchange-test-numbers'], today))
    return refuse('conflict', 'RX-31', 'test-number-not-allowed');
  if (needsConsent && facts.consent?.answer !== 'J') return refuse('conflict', 'RX-01', 'no-consent');
  return facts.open === undefined ? undefined : refuse('conflict', 'RX-10', 'exchange-running', { number: facts.open });
}

function birth({ body, facts, at, today, zone }: BirthAsk<AnyFacts, BirthBody>): Birth<ExchangeData, ExchangeWrite> | Refusal {
  const told = facts as BirthFacts;
  const basis = inForce(told.settings['exchange-legal-basis'], today);
  const needsConsent = basis.basis === 'consent';
  const no = wrongOrder({ facts: told, today }, needsConsent);
  if (no) return no;
  const retry = {
    time: timeOf(at, zone),
    zone,
    on: today,
    until: addDays(today, inForce(told.settings['exchange-retry-days'], today)),
  };
  const consent = needsConsent ? (told.consent?.seq ?? null) : null;
  return {
    state: 'running',
    scope: null,
    waitingFor: null,
    data: {
      approval: body.approval,
      person: told.approval?.person ?? '',
      basis,
      consent,
      orderedAt: at,
      asked: told.partners.length,
      round: 1,
      retry,
    },
    writes: [{ write: 'ask', round: 1, partners: told.partners }],
    record: {
      approval: body.approval,
      basis: basis.basis,
      ...(consent === null ? {} : { consent }),
      asked: told.partners.length,
      orderedAt: at,
    },
  };
}

const inquiriesOf = ({ facts }: ExchangeAsk): readonly Inquiry[] => (facts as ExchangeFacts).inquiries;
const codes = (inquiries: readonly Inquiry[], fits: (outcome: Outcome) => boolean): string[] =>
  inquiries.filter(({ outcome }) => outcome !== null && fits(outcome)).map(({ partner }) => partner);
const downOf = (ask: ExchangeAsk): string[] => codes(inquiriesOf(ask), (outcome) => outcome === 'down');
const isRejected = (outcome: Outcome): boolean => outcome.startsWith('rejected-');
const anyRejected = (ask: ExchangeAsk): boolean =>
  inquiriesOf(ask).some(({ outcome }) => outcome !== null && isRejected(outcome));

/** AU-08: how many ended how, and by code those that did not take part or could not be believed. */
function tally(ask: ExchangeAsk): Readonly<Record<string, unknown>> {
  const inquiries = inquiriesOf(ask);
  const counts: Record<string, number> = {};
  for (const { outcome } of inquiries) if (outcome !== null) counts[outcome] = (counts[outcome] ?? 0) + 1;
  const named = {
    down: downOf(ask),
    reserved: codes(inquiries, (outcome) => outcome === 'reserved'),
    rejected: codes(inquiries, isRejected),
  };
  return {
    round: ask.case.data.round,
    outcomes: counts,
    ...Object.fromEntries(Object.entries(named).filter(([, partners]) => partners.length > 0)),
  };
}

function broughtBy(inquiries: readonly Inquiry[]): Brought {
  const sum = (name: keyof Brought) => inquiries.reduce((all, { brought }) => all + (brought?.[name] ?? 0), 0);
  return {
    results: sum('results'),
    new: sum('new'),
    improved: sum('improved'),
    corrected: sum('corrected'),
    withdrawn: sum('withdrawn'),
  };
}

const changesIn = (brought: Brought): number => brought.new + brought.improved + brought.corrected + brought.withdrawn;

const lastDay = ({ retry, orderedAt }: ExchangeData): Due => {
  const from = dayOf(orderedAt, retry.zone);
  const why = {
    basis: 'ordered',
    from,
    days: daysBetween(from, retry.moved?.[0]?.from ?? retry.until),
    skipped: [],
    ...(retry.moved ? { moved: retry.moved } : {}),
  };
  return { on: retry.until, ends: endOfDay(retry.until, retry.zone), rule: 'RX-25', why };
};

const withBrought = (ask: ExchangeAsk): ExchangeData => ({ ...ask.case.data, brought: broughtBy(inquiriesOf(ask)) });

/** RX-26: over without all of them; the orderer is told which, and why where it is not their silence. */
function notComplete(ask: ExchangeAsk, why: Pick<ExchangeData, 'closed'> = {}): Decision<ExchangeData, ExchangeWrite> {
  const letter = promisedLetter(ask.case, 'not-complete' satisfies LetterName, ask.case.createdBy, ask.case.step);
  return moveOn('not-complete', ask.case, {
    data: { ...withBrought(ask), ...why },
    needsAttention: true,
    writes: [{ write: 'settle-earlier' }],
    promises: [letter],
    record: { ...tally(ask), ...why },
  });
}

/** All have been asked: over, unless some are down and days are left. */
function roundEnded(ask: ExchangeAsk): Decision<ExchangeData, ExchangeWrite> | Refusal {
  const { case: order, at } = ask;
  if (inquiriesOf(ask).some(({ state }) => state === 'open')) return refuse('conflict', 'RX-18', 'still-asking');
  const data = withBrought(ask);
  if (downOf(ask).length === 0) {
    const name: LetterName = changesIn(data.brought as Brought) > 0 ? 'complete-with-changes' : 'complete';
    return moveOn('complete', order, {
      data,
      needsAttention: anyRejected(ask),
      writes: [{ write: 'settle-earlier' }],
      promises: [promisedLetter(order, name, order.createdBy, order.step)],
      record: { ...tally(ask), brought: data.brought },
    });
  }
  const due = lastDay(data);
  return due.ends <= at
    ? notComplete(ask)
    : moveOn('waiting', order, {
        data,
        due,
        wake: nextAttempt(data.retry, at) ?? null,
        needsAttention: anyRejected(ask),
        record: tally(ask),
      });
}

/**
 * RX-25: those that are down, and all three questions anew, as far as they may be asked by the settings of the day. An order on a
 * statute goes on with consent where that is the basis by now, and asks nobody without one; an order on consent stays one.
 */
function askAgain(ask: ExchangeAsk): Decision<ExchangeData, ExchangeWrite> | Refusal {
  const { case: order, at } = ask;
  if (!order.wake || at < order.wake) return refuse('conflict', 'RX-25', 'not-due');
  const { settings, consent: newest } = ask.facts as AgainFacts;
  const closed = closedOn(settings, ask.today);
  if (closed) return notComplete(ask, { closed });
  const { data } = order;
  const partners = downOf(ask);
  const round = data.round + 1;
  const basis = data.basis.basis === 'consent' ? data.basis : inForce(settings['exchange-legal-basis'], ask.today);
  const consent = basis.basis === 'consent' && newest?.answer === 'J' ? newest.seq : null;
  const may = basis.basis === 'statute' || consent !== null;
  return moveOn('running', order, {
    data: {
      ...data,
      round,
      basis,
      consent: consent ?? data.consent,
      retry: { ...data.retry, on: dayOf(order.wake, data.retry.zone) },
    },
    needsAttention: order.needsAttention,
    writes: [{ write: may ? 'ask' : 'no-consent', round, partners }],
    record: { round, basis: basis.basis, ...(consent === null ? {} : { consent }), [may ? 'asked' : 'noConsent']: partners },
  });
}

const due = (ask: ExchangeAsk): Decision<ExchangeData, ExchangeWrite> | Refusal =>
  ask.case.due && ask.at < ask.case.due.ends ? refuse('conflict', 'RX-25', 'not-due') : notComplete(ask);

/** Nobody is asked any more; what was imported stays. */
function stop(ask: ExchangeAsk<Body<'stop'>>): Decision<ExchangeData, ExchangeWrite> {
  const left = inquiriesOf(ask)
    .filter(({ state, outcome }) => state === 'open' || outcome === 'down')
    .map(({ partner }) => partner);
  return moveOn('stopped', ask.case, {
    data: { ...withBrought(ask), stopped: { by: ask.actor.id, reason: ask.body.reason } },
    needsAttention: anyRejected(ask),
    writes: [{ write: 'drop' }],
    record: { ...tally(ask), left },
  });
}

/** Another last day, later than the one before. */
function extend({
  case: order,
  body,
  at,
  today,
  actor,
}: ExchangeAsk<Body<'extend'>>): Decision<ExchangeData, ExchangeWrite> | Refusal {
  const { data } = order;
  const { until } = body;
  const before = data.retry.until > today ? data.retry.until : today;
  const latest = addDays(dayOf(data.orderedAt, data.retry.zone), MOST_DAYS);
  if (!isCivilDate(until)) return refuse('invalid', 'RX-25', 'not-a-day', { fields: ['until'] });
  if (until <= before) return refuse('invalid', 'RX-25', 'not-later', { until: before });
  if (until > latest) return refuse('invalid', 'RX-25', 'retried-too-long', { latest });
  const moved = [...(data.retry.moved ?? []), { from: data.retry.until, by: actor.id, movedOn: today }];
  const longer: ExchangeData = { ...data, retry: { ...data.retry, until, moved } };
  const waits = order.state === 'waiting' ? { due: lastDay(longer), wake: nextAttempt(longer.retry, at) ?? null } : {};
  return stay(order, { data: longer, ...waits, record: { from: data.retry.until, until } });
}

/** The rules of an order. */
export const rules: Rules<ExchangeData, AnyFacts, ExchangeWrite, ExchangeCommand> & { birth: typeof birth } = {
  birth,
  commands: { stop, extend, 'round-ended': roundEnded, 'ask-again': askAgain, due },
};
