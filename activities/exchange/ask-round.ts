import { Context, log } from '@temporalio/activity';
import { afterAnswers, afterFetch, type Answered } from '../../workflows/exchange/asking.js';
import type { Outcome } from '../../workflows/exchange/outcomes.js';
import type { Brought, ExchangeData } from '../../workflows/exchange/rules.js';
import type { RoundActivities } from '../../workflows/exchange/workflow.js';
import type { CaseView } from '../../workflows/process.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import { isAway, type Database, type Transaction } from '../../prisma/client.js';
import { beating } from '../beating.js';
import { readCase } from '../case/case-row.js';
import { hashOf } from '../case/seal.js';
import { PartnerRefused, PartnerUnavailable } from '../outbound.js';
import { settingOn } from '../settings.js';
import { Rejected, type Institution, type Institutions, type Question } from './institution.js';
import type { Place, Places } from './places.js';
import { gate } from '../at-a-time.js';
import { holdPerson, importNothing, importReport, mayKeep, quarantine, type ImportAsk, type Imported } from './import.js';
import { consentGiven, type NewestConsent } from './newest-consent.js';
import type { Report } from './report.js';

/** What is kept about how an inquiry ended, in `exchange_inquiries.details`: counts and codes, no persons. */
export interface InquiryDetails {
  /** What was imported, where something was fetched. */
  readonly brought?: Brought;
  /** Degrees that the source holds back (RX-27). */
  readonly degreesHeldBack?: number;
  /** Why it counts as down: how `PartnerUnavailable` says it, `refused`, `unlisted` or `unexpected`. */
  readonly hint?: 'connection' | 'timeout' | 'status' | 'malformed' | 'refused' | 'unlisted' | 'unexpected';
  readonly status?: number;
}

/** Believes a document and reads it, or throws `Rejected`. */
export type Judge = (input: { institution: Institution; nationalNumber: string; document: Buffer }) => Promise<Report>;

/** What a round needs of the world. */
export interface RoundDeps {
  readonly db: Database;
  readonly institutions: Pick<Institutions, 'ask' | 'fetch'>;
  readonly judge: Judge;
  readonly places: Places;
}

/** One open inquiry with all that is needed to ask. */
interface Open {
  readonly caseId: string;
  readonly round: number;
  readonly partner: string;
  /** Undefined where the registry lists it no more. */
  readonly institution: Institution | undefined;
}

/** The order whose round it is. */
interface Order {
  readonly subject: CaseView<ExchangeData>;
  readonly nationalNumber: string;
  readonly atOnce: number;
}

/** How an inquiry ended. */
interface Ending {
  readonly outcome: Outcome;
  readonly details?: InquiryDetails;
  /** When the institution said so, by its own clock. */
  readonly answeredAt?: string | undefined;
}

/**
 * A call to an institution that failed, told from failures of our own: those say nothing of the institution, and let the round be
 * repeated.
 */
class CallFailed extends Error {}

const called = async <T>(call: Promise<T>): Promise<T> => {
  try {
    return await call;
  } catch (cause) {
    throw new CallFailed('an institution could not be asked', { cause });
  }
};

const TRIES = 3;
const FIRST_PAUSE_MS = 1_000;
/** Statements of all rounds of a process at a time: the commits share the pool. */
const STATEMENTS_AT_ONCE = 4;

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks all institutions of a round at once and writes down each answer as it comes (RX-11, RX-18). */
export function createRounds({ db, institutions, judge, places }: RoundDeps): RoundActivities {
  const stated = gate(STATEMENTS_AT_ONCE);

  async function openOf(caseId: string): Promise<{ order: Order; open: Open[] } | undefined> {
    const subject = (await readCase(db, { id: caseId }))?.subject as CaseView<ExchangeData> | undefined;
    if (subject?.state !== 'running') return undefined;
    const { institution, data } = subject;
    const person = await db.person.findUniqueOrThrow({ where: { id: data.person } });
    const rows = await db.exchangeInquiry.findMany({ where: { caseId, state: 'open' }, orderBy: { partner: 'asc' } });
    const listed = new Map(
      (await db.exchangePartner.findMany({ where: { listed: true, code: { in: rows.map(({ partner }) => partner) } } })).map(
        (one) => [one.code, one],
      ),
    );
    const today = dayOf(new Date().toISOString(), data.retry.zone);
    const atOnce = await settingOn(db, { institution, name: 'exchange-calls', on: today });
    return {
      order: { subject, nationalNumber: person.personNumber, atOnce },
      open: rows.map(({ partner, round }) => ({ caseId, round, partner, institution: listed.get(partner) })),
    };
  }

  /**
   * What an institution may be asked on now: the order goes on, nobody has answered, and the newest consent says J where it rests
   * on one. Marks it as asked.
   */
  async function begin({ caseId, partner, round }: Open): Promise<{ readonly consent?: NewestConsent } | 'no-consent' | 'over'> {
    const [row] = await stated(
      () => db.$queryRaw<{ institution: string; person: string; basis: string }[]>`
      UPDATE exchange_inquiries i SET asked_at = coalesce(i.asked_at, now()) FROM cases c
      WHERE c.id = i.case_id AND c.state = 'running' AND i.case_id = ${caseId}::uuid AND i.partner = ${partner} AND i.round = ${round} AND i.state = 'open'
      RETURNING c.institution, c.data->>'person' AS person, c.data->'basis'->>'basis' AS basis`,
    );
    if (!row || row.basis === 'statute') return row ? {} : 'over';
    const consent = await stated(() => consentGiven(db, row));
    return consent ? { consent } : 'no-consent';
  }

  /** Ends an inquiry once; a second ending changes nothing. */
  const end = (tx: Transaction, { caseId, partner, round }: Open, { outcome, details = {} }: Ending): Promise<number> =>
    tx.$executeRaw`
      UPDATE exchange_inquiries SET state = 'answered', outcome = ${outcome}, details = ${JSON.stringify(details)}::jsonb, answered_at = now()
      WHERE case_id = ${caseId}::uuid AND partner = ${partner} AND round = ${round} AND state = 'open'`;

  const questionOf = (
    { caseId, partner, round }: Open,
    { subject, nationalNumber }: Order,
    consent: NewestConsent | undefined,
  ): Question => ({
    id: hashOf({ caseId, partner, round }).slice(0, 32),
    nationalNumber,
    basis: subject.data.basis.basis,
    ...(consent ? { consent: { type: consent.type, answer: 'J' as const, on: consent.on } } : {}),
  });

  /** The three questions and, after three times yes, the document: both at one place. */
  async function askAt(
    { lost }: Place,
    one: Open,
    institution: Institution,
    order: Order,
  ): Promise<Ending | { answers: Answered; document: Buffer } | 'over'> {
    const may = await begin(one);
    if (typeof may === 'string') return may === 'over' ? 'over' : { outcome: may };
    const answers = await called(institutions.ask(institution, questionOf(one, order, may.consent), lost));
    const next = afterAnswers(answers);
    if (next !== 'fetch')
      return {
        outcome: next,
        answeredAt: answers.answeredAt,
        ...(answers.degreesHeldBack > 0 ? { details: { degreesHeldBack: answers.degreesHeldBack } } : {}),
      };
    const still = await begin(one);
    if (typeof still === 'string') return still === 'over' ? 'over' : { outcome: still };
    return {
      answers,
      document: (await called(institutions.fetch(institution, questionOf(one, order, still.consent), lost))).document,
    };
  }

  /** Why nothing usable came, as kept. Codes only: an error's text may hold anything. */
  function downBy(cause: unknown, partner: string): Ending {
    if (cause instanceof PartnerUnavailable)
      return { outcome: 'down', details: { hint: cause.reason, ...(cause.status ? { status: cause.status } : {}) } };
    if (cause instanceof PartnerRefused) return { outcome: 'down', details: { hint: 'refused', status: cause.status } };
    log.warn('an institution could not be asked', { partner, cause: (cause as Error).name });
    return { outcome: 'down', details: { hint: 'unexpected' } };
  }

  /**
   * Tried some times quickly, each time at a place of its own; one that was silent for its whole time is not asked again in this
   * round.
   */
  async function ask(
    one: Open,
    institution: Institution,
    order: Order,
    signal: AbortSignal,
  ): Promise<Awaited<ReturnType<typeof askAt>>> {
    for (let tries = 1; ; tries += 1) {
      const place = await places.take(one.partner, order.atOnce, signal);
      try {
        return await askAt(place, one, institution, order);
      } catch (failed) {
        if (!(failed instanceof CallFailed) || place.lost.aborted) throw failed;
        const { cause } = failed;
        const again = cause instanceof PartnerUnavailable && cause.reason !== 'timeout' && tries < TRIES;
        if (!again) return downBy(cause, one.partner);
      } finally {
        await place.free();
      }
      await later(FIRST_PAUSE_MS * 2 ** (tries - 1));
    }
  }

  /**
   * Ends an inquiry together with what is kept of it, in one transaction, unless the order is over or somebody else was quicker.
   * The person is held before the order is locked, as everywhere.
   */
  const conclude = (
    one: Open,
    { subject }: Order,
    keep: (tx: Transaction, about: ImportAsk) => Promise<Ending | undefined>,
  ): Promise<void> =>
    stated(() =>
      db.$transaction(async (tx) => {
        const { institution, data } = subject;
        await holdPerson(tx, data.person);
        const open = await tx.$queryRaw<unknown[]>`
        SELECT 1 FROM cases c JOIN exchange_inquiries i ON i.case_id = c.id
        WHERE c.id = ${one.caseId}::uuid AND c.state = 'running' AND i.partner = ${one.partner} AND i.round = ${one.round} AND i.state = 'open' FOR SHARE OF c FOR UPDATE OF i`;
        if (open.length === 0) return;
        const ending = await keep(tx, {
          institution,
          personId: data.person,
          partner: one.partner,
          caseId: one.caseId,
          at: new Date().toISOString(),
        });
        if (ending) await end(tx, one, ending);
      }),
    );

  /** Undefined where the order is over: then its inquiry has been dropped. */
  const endingOf = (came: Imported, how: (brought: Brought) => Ending): Ending | undefined =>
    came.imported ? how(came.counts) : came.why === 'no-consent' ? { outcome: 'no-consent' } : undefined;

  /**
   * Believes a document and brings it in, or puts it aside as it came. Whatever goes wrong with it that is not the database being
   * away lies in the document, and would go wrong again: no document holds an order for ever.
   */
  async function take(
    one: Open,
    institution: Institution,
    order: Order,
    { answers, document }: { answers: Answered; document: Buffer },
  ): Promise<void> {
    const held = answers.degreesHeldBack > 0 ? { degreesHeldBack: answers.degreesHeldBack } : {};
    try {
      const report = await judge({ institution, nationalNumber: order.nationalNumber, document });
      await conclude(one, order, async (tx, about) =>
        endingOf(await importReport(tx, { ...about, document, report }), (brought) => ({
          outcome: afterFetch(answers, brought.results),
          details: { brought, ...held },
        })),
      );
    } catch (cause) {
      if (isAway(cause)) throw cause;
      const reason = cause instanceof Rejected ? cause.reason : 'rejected-format';
      if (!(cause instanceof Rejected))
        log.warn('a document could not be taken in', { partner: one.partner, cause: (cause as Error).name });
      await conclude(one, order, async (tx, about) => {
        if (!(await mayKeep(tx, about))) return { outcome: 'no-consent' };
        await quarantine(tx, { caseId: one.caseId, partner: one.partner, reason, document, at: about.at });
        return { outcome: reason };
      });
    }
  }

  /**
   * One institution from question to answer. `inTurn`: imports about one person one after the other, they would wait for each
   * other's lock.
   */
  async function inquire(one: Open, order: Order, inTurn: ReturnType<typeof gate>, signal: AbortSignal): Promise<void> {
    const { institution } = one;
    if (!institution) return void (await stated(() => end(db, one, { outcome: 'down', details: { hint: 'unlisted' } })));
    const answered = await ask(one, institution, order, signal);
    if (answered === 'over') return;
    await inTurn(async () => {
      if ('document' in answered) return take(one, institution, order, answered);
      const { outcome, details = {}, answeredAt } = answered;
      // It knows the person and has nothing passed of them: what it had when it was asked before is withdrawn.
      if (outcome === 'nothing-passed' || outcome === 'degree-held-back')
        return conclude(one, order, async (tx, about) =>
          endingOf(await importNothing(tx, { ...about, answeredAt }), (brought) => ({
            outcome,
            details: { brought, ...details },
          })),
        );
      await stated(() => end(db, one, answered));
    });
  }

  async function askRound({ caseId }: { caseId: string }): Promise<void> {
    const round = await openOf(caseId);
    if (!round) return;
    const { cancelled, cancellationSignal } = Context.current();
    const inTurn = gate(1);
    const asked = Promise.allSettled(round.open.map((one) => inquire(one, round.order, inTurn, cancellationSignal)));
    // Called off it does not wait for institutions: what they answer later finds its inquiry dropped, and their places end with
    // the calls.
    const ends = await beating(() => Promise.race([asked, cancelled]));
    const failed = ends.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  return { askRound };
}
