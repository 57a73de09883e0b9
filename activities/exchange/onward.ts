import { dayOf, type Instant } from '../../workflows/rules/civil-time.js';
import { Prisma, type Database, type Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { over } from '../beating.js';
import { PartnerRefused, PartnerUnavailable } from '../outbound.js';
import { settingOn } from '../settings.js';
import type { Institutions } from './institution.js';
import type { Place, Places } from './places.js';

/** What another institution tells us: results that we fetched from it have changed there since (BE-07). */
export interface ToldChange {
  readonly institution: string;
  /** SCHAC code of who tells: a known institution, whose signature holds. */
  readonly partner: string;
  /** The number under which the results were handed over. */
  readonly number: string;
  readonly keys: readonly string[];
  /** By the source's clock, as the moment in its documents. */
  readonly changedAt: Instant;
  readonly at: Instant;
  readonly requestId: string;
}

/**
 * Marks what we hold of those results as changed after it was fetched, unless the document is newer than the change. Told twice,
 * it is as told once. `later`: a fetch of that person from there is under way, and may have been answered before the change: the
 * source has to tell again. Found by number, today's or one the person had, and the source's own keys.
 */
export async function takeInChange(tx: Transaction, told: ToldChange): Promise<'taken' | 'later'> {
  const { institution, partner, number, changedAt } = told;
  const people = await tx.$queryRaw<{ id: string }[]>`
    SELECT s.person_id AS id FROM students s JOIN persons p ON p.id = s.person_id
    WHERE s.institution = ${institution} AND (p.person_number = ${number} OR EXISTS (SELECT FROM former_numbers f WHERE f.person_id = p.id AND f.number = ${number}))`;
  const ids = people.map(({ id }) => id);
  const under = await tx.$queryRaw<object[]>`
    SELECT FROM cases c JOIN exchange_inquiries q ON q.case_id = c.id AND q.partner = ${partner} AND q.state = 'open'
    WHERE c.institution = ${institution} AND c.kind = 'exchange' AND c.closed_at IS NULL AND c.data->>'person' = ANY (${ids}) LIMIT 1`;
  if (under.length > 0) return 'later';
  const marked = await tx.$executeRaw`
    UPDATE external_studies s SET changed_there_at = greatest(s.changed_there_at, ${changedAt}::timestamptz)
    WHERE s.institution = ${institution} AND s.partner = ${partner} AND s.person_id::text = ANY (${ids}) AND s.generated_at < ${changedAt}::timestamptz
      AND EXISTS (SELECT FROM external_results r WHERE r.study_id = s.id AND r.key = ANY (${[...told.keys]}))`;
  await append(tx, {
    institution,
    caseId: null,
    actor: partner,
    action: 'exchange.told-of-change',
    outcome: 'done',
    requestId: told.requestId,
    at: told.at,
    details: { results: told.keys.length, marked },
  });
  return 'taken';
}

/** Days for which a notice is tried, seconds between two visits to an institution, and notices told in one visit. */
const DAYS = 400;
const BETWEEN_VISITS = 60;
const AT_MOST = 50;
/** How long a visit waits for a place among those who ask the institution: what is not told now is told by a later sweep. */
const PATIENCE_MS = 10_000;
/** How long an institution may take over one notice, which it has only to keep. */
const TELLING_MS = 30_000;

type Notice = {
  readonly id: string;
  readonly partner: string;
  readonly person_number: string;
  readonly key: string;
  readonly changed_at: Date;
  readonly attempts: number;
};

/**
 * Notices whose turn it is, the oldest first: those to an institution that has not been visited within the last minute, each
 * after a wait that doubles with every try up to half a day.
 */
const due = (institution: string) => Prisma.sql`
  SELECT n.id, n.partner, n.person_number, n.key, n.changed_at, n.attempts FROM exchange_partners p CROSS JOIN LATERAL (
    SELECT * FROM onward_notices WHERE institution = ${institution} AND partner = p.code AND told_at IS NULL AND changed_at > now() - make_interval(days => ${DAYS}::int)
      AND (tried_at IS NULL OR tried_at < now() - make_interval(secs => ${BETWEEN_VISITS}::int * (2 ^ least(attempts - 1, 10)) * 0.7))
    ORDER BY changed_at LIMIT ${AT_MOST}) n
  WHERE p.listed
    AND NOT EXISTS (SELECT FROM onward_notices v WHERE v.institution = ${institution} AND v.partner = p.code AND v.tried_at > now() - make_interval(secs => ${BETWEEN_VISITS}::int))`;

/**
 * An answer about one notice, that it is refused or has to be told later, holds up no other; where nothing is answered, the rest
 * of the visit is left out.
 */
const aboutThisOne = (cause: unknown): false => {
  if (cause instanceof PartnerRefused || (cause instanceof PartnerUnavailable && cause.reason === 'status')) return false;
  throw cause;
};

/** What telling onward needs of the world. */
export interface OnwardDeps {
  readonly db: Database;
  readonly institutions: Pick<Institutions, 'tell'>;
  /** The same as the rounds take theirs from, so that those who ask and those who tell stand in one line. */
  readonly places: Places;
  readonly institution: string;
  readonly patienceMs?: number;
  readonly tellingMs?: number;
}

/**
 * Tells institutions that results which they fetched have changed here (BE-07), until each has taken it. One that does not
 * answer, or is slow, costs the others nothing; what it was not told is tried again by a later sweep.
 */
export function createOnward(deps: OnwardDeps): { tellOnward(): Promise<void> } {
  const { db, institutions, places, institution, patienceMs = PATIENCE_MS, tellingMs = TELLING_MS } = deps;

  /** A place within the time that a visit waits for one; undefined when there was none. */
  async function placeSoon(partner: string, atOnce: number, enough: AbortSignal): Promise<Place | undefined> {
    const off = new AbortController();
    const taking = places.take(partner, atOnce, AbortSignal.any([off.signal, enough]));
    let timer: NodeJS.Timeout | undefined;
    const place = await Promise.race([
      taking,
      new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), patienceMs))),
    ]).finally(() => clearTimeout(timer));
    if (place) return place;
    off.abort(new Error('no place came free'));
    taking.then(
      (late) => late.free(),
      () => undefined,
    );
    return undefined;
  }

  /** Counts a try; false where another sweep was quicker. */
  const tried = async ({ id, attempts }: Notice): Promise<boolean> =>
    (await db.$executeRaw`UPDATE onward_notices SET attempts = attempts + 1, tried_at = now() WHERE id = ${id}::uuid AND told_at IS NULL AND attempts = ${attempts}`) >
    0;

  async function tell(partner: string, atOnce: number, notices: readonly Notice[], enough: AbortSignal): Promise<void> {
    const listed = await db.exchangePartner.findUniqueOrThrow({ where: { code: partner } });
    for (const notice of notices) {
      if (enough.aborted) return;
      const place = await placeSoon(partner, atOnce, enough);
      if (!place) return;
      try {
        if (!(await tried(notice))) continue;
        const { id, person_number: nationalNumber, key, changed_at: changedAt } = notice;
        const told = await institutions
          .tell(
            { code: partner, url: listed.url, keys: listed.keys },
            { id, nationalNumber, keys: [key], changedAt: changedAt.toISOString() },
            AbortSignal.any([place.lost, AbortSignal.timeout(tellingMs)]),
          )
          .then(() => true, aboutThisOne);
        if (told) await db.onwardNotice.update({ where: { id }, data: { toldAt: new Date() } });
      } finally {
        await place.free();
      }
    }
  }

  async function tellOnward(): Promise<void> {
    const notices = await db.$queryRaw<Notice[]>(due(institution));
    if (notices.length === 0) return;
    const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution } });
    const atOnce = await settingOn(db, { institution, name: 'exchange-calls', on: dayOf(new Date().toISOString(), zone) });
    const partners = [...new Set(notices.map(({ partner }) => partner))];
    const enough = over();
    await Promise.allSettled(
      partners.map((partner) =>
        tell(
          partner,
          atOnce,
          notices.filter((one) => one.partner === partner),
          enough,
        ),
      ),
    );
  }

  return { tellOnward };
}
