import type { Instant } from '../../workflows/rules/civil-time.js';
import { Prisma, type Database, type Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { beating } from '../beating.js';
import { PartnerRefused } from '../outbound.js';
import type { Institutions } from './institution.js';

/** What another institution tells us: results that we fetched from it have changed there since (beyond 7). */
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
 * Marks what we hold of those results as changed after it was fetched, unless the document is newer than the change. Told twice, it is as told once. `later`: a fetch
 * of that person from there is under way, and may have been answered before the change: the source has to tell again. Found by number, today's or one the person had,
 * and the source's own keys.
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
    institution, caseId: null, actor: partner, action: 'exchange.told-of-change', outcome: 'done', requestId: told.requestId, at: told.at, details: { results: told.keys.length, marked },
  });
  return 'taken';
}

/** Days for which a notice is tried, seconds between two visits to an institution, and notices told in one visit. */
const DAYS = 400;
const BETWEEN_VISITS = 60;
const AT_MOST = 50;

type Notice = { readonly id: string; readonly partner: string; readonly person_number: string; readonly key: string; readonly changed_at: Date };

/**
 * Notices whose turn it is, taken for this sweep: those of an institution that has not been visited within the last minute, each after a wait that doubles with every
 * try up to half a day.
 */
const due = (institution: string) => Prisma.sql`
  UPDATE onward_notices SET attempts = attempts + 1, tried_at = now() WHERE id IN (
    SELECT n.id FROM onward_notices n JOIN exchange_partners p ON p.code = n.partner AND p.listed
    WHERE n.institution = ${institution} AND n.told_at IS NULL AND n.changed_at > now() - make_interval(days => ${DAYS}::int)
      AND (n.tried_at IS NULL OR n.tried_at < now() - make_interval(secs => ${BETWEEN_VISITS}::int * (2 ^ least(n.attempts - 1, 10)) * 0.7))
      AND NOT EXISTS (SELECT FROM onward_notices v WHERE v.institution = n.institution AND v.partner = n.partner AND v.tried_at > now() - make_interval(secs => ${BETWEEN_VISITS}::int))
    ORDER BY n.changed_at LIMIT ${AT_MOST} FOR UPDATE OF n SKIP LOCKED)
  RETURNING id, partner, person_number, key, changed_at`;

/** One notice that an institution refuses holds up no other; where it does not answer, the rest of the visit is left out. */
const refusedOnly = (cause: unknown): false => {
  if (!(cause instanceof PartnerRefused)) throw cause;
  return false;
};

/**
 * Tells institutions that results which they fetched have changed here (beyond 7), until each has taken it. One that does not answer costs the others nothing; what it
 * was not told is tried again by a later sweep.
 */
export function createOnward(deps: { db: Database; institutions: Pick<Institutions, 'tell'>; institution: string }): { tellOnward(): Promise<void> } {
  const { db, institutions, institution } = deps;

  async function tell(partner: string, notices: readonly Notice[]): Promise<void> {
    const listed = await db.exchangePartner.findUniqueOrThrow({ where: { code: partner } });
    for (const { id, person_number: nationalNumber, key, changed_at: changedAt } of notices) {
      const told = await institutions.tell({ code: partner, url: listed.url, keys: listed.keys }, { id, nationalNumber, keys: [key], changedAt: changedAt.toISOString() }).then(() => true, refusedOnly);
      if (told) await db.onwardNotice.update({ where: { id }, data: { toldAt: new Date() } });
    }
  }

  async function tellOnward(): Promise<void> {
    const notices = await db.$queryRaw<Notice[]>(due(institution));
    const partners = [...new Set(notices.map(({ partner }) => partner))];
    await beating(() => Promise.allSettled(partners.map((partner) => tell(partner, notices.filter((one) => one.partner === partner)))));
  }

  return { tellOnward };
}
