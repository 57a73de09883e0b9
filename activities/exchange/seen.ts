import type { Change } from '../../workflows/exchange/changes.js';
import type { Outcome } from '../../workflows/exchange/outcomes.js';
import type { ExchangeData } from '../../workflows/exchange/rules.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { unseenBy } from '../complaint/sight.js';
import type { InquiryDetails } from './ask-round.js';

/** An institution as the registry of the exchange lists it. */
export interface Listed {
  /** Its SCHAC code. */
  readonly code: string;
  /** Its number in the national register, 216; null where it is listed no more. */
  readonly number: string | null;
  readonly nameNb: string;
  readonly nameEn: string;
}

/** How one institution stands in an order (RX-19, RX-26): asked and not answered is `open` with `askedAt`. */
export interface InstitutionSeen {
  readonly institution: Listed;
  readonly round: number;
  readonly state: 'open' | 'answered' | 'dropped';
  readonly outcome: Outcome | null;
  readonly orderedAt: Instant;
  readonly askedAt: Instant | null;
  readonly answeredAt: Instant | null;
  readonly details: InquiryDetails;
}

const namesOf = async (tx: Transaction, codes: readonly string[]): Promise<(code: string) => Listed> => {
  const found = new Map((await tx.exchangePartner.findMany({ where: { code: { in: [...codes] } }, select: { code: true, number: true, nameNb: true, nameEn: true } })).map((one) => [one.code, one]));
  return (code) => found.get(code) ?? { code, number: null, nameNb: code, nameEn: code };
};

/** All institutions of an order as each was asked last, by name. */
export async function institutionsOf(tx: Transaction, caseId: string): Promise<InstitutionSeen[]> {
  const rows = await tx.exchangeInquiry.findMany({ where: { caseId }, orderBy: [{ partner: 'asc' }, { round: 'desc' }], distinct: ['partner'] });
  const named = await namesOf(tx, rows.map(({ partner }) => partner));
  return rows.map((row): InstitutionSeen => ({
    institution: named(row.partner), round: row.round, state: row.state as InstitutionSeen['state'], outcome: row.outcome as Outcome | null, orderedAt: row.orderedAt.toISOString(),
    askedAt: row.askedAt?.toISOString() ?? null, answeredAt: row.answeredAt?.toISOString() ?? null, details: (row.details ?? {}) as InquiryDetails,
  })).toSorted((a, b) => a.institution.nameNb.localeCompare(b.institution.nameNb, 'nb'));
}

/** One result that an order found otherwise than before (RX-24). */
export interface ChangeSeen extends Change {
  readonly institution: Listed;
  /** What the result is, as it is now. */
  readonly result: { readonly code: string | null; readonly nameNb: string | null; readonly nameEn: string | null };
  readonly at: Instant;
}

/** What an order's fetches changed (RX-24). Without courses of the person whose first grade the reader must not see; `withheld` says how many were left out. */
export async function changesOf(tx: Transaction, ask: { readonly caseId: string; readonly person: string; readonly reader: string }): Promise<{ readonly items: ChangeSeen[]; readonly withheld: number }> {
  const changes = await tx.externalChange.findMany({ where: { caseId: ask.caseId }, orderBy: { seq: 'asc' } });
  if (changes.length === 0) return { items: [], withheld: 0 };
  const studies = await tx.externalStudy.findMany({ where: { id: { in: changes.map(({ studyId }) => studyId) } } });
  const [results, named, person, unseen] = await Promise.all([
    tx.externalResult.findMany({ where: { OR: changes.map(({ studyId, key }) => ({ studyId, key })) } }), namesOf(tx, studies.map(({ partner }) => partner)),
    tx.person.findUniqueOrThrow({ where: { id: ask.person }, select: { personNumber: true } }), unseenBy(tx, ask.reader),
  ]);
  const barred = new Set(unseen.filter((one) => [one.personNumber, one.studentNumber].includes(person.personNumber)).map(({ course }) => course));
  const resultOf = (studyId: string, key: string) => results.find((one) => one.studyId === studyId && one.key === key);
  const shown = changes.filter(({ studyId, key }) => !barred.has(resultOf(studyId, key)?.code ?? ''));
  return {
    items: shown.map(({ studyId, key, change, fields, changedAt }) => {
      const { code = null, nameNb = null, nameEn = null } = resultOf(studyId, key) ?? {};
      return { institution: named(studies.find(({ id }) => id === studyId)?.partner ?? ''), result: { code, nameNb, nameEn }, key, change: change as Change['change'], fields: fields as unknown as Change['fields'], at: changedAt.toISOString() };
    }),
    withheld: changes.length - shown.length,
  };
}

/** A document that was not believed, without the document. `hash`: SHA-256 of what came. */
export interface QuarantineSeen {
  readonly id: string;
  readonly institution: Listed;
  readonly reason: 'rejected-signature' | 'rejected-person' | 'rejected-format';
  readonly hash: string;
  readonly bytes: number;
  readonly receivedAt: Instant;
}

/** What an order has put aside. */
export async function quarantinedOf(tx: Transaction, caseId: string): Promise<QuarantineSeen[]> {
  const rows = await tx.$queryRaw<{ id: string; partner: string; reason: QuarantineSeen['reason']; hash: string; bytes: number; received_at: Date }[]>`
    SELECT id, partner, reason, hash, length(document) AS bytes, received_at FROM exchange_quarantine WHERE case_id = ${caseId}::uuid ORDER BY received_at, id`;
  const named = await namesOf(tx, rows.map(({ partner }) => partner));
  return rows.map(({ partner, received_at: received, ...row }) => ({ ...row, institution: named(partner), receivedAt: received.toISOString() }));
}

/** An order as its student sees it: when, on which basis, and what came from where. */
export interface OrderOfMine {
  readonly number: string;
  readonly state: string;
  readonly orderedAt: Instant;
  readonly endedAt: Instant | null;
  readonly basis: ExchangeData['basis'];
  readonly institutions: readonly { readonly institution: Listed; readonly outcome: Outcome | null; readonly answeredAt: Instant | null; readonly results: number }[];
}

/** Who was told what about a student, on which basis (AU-08). */
export interface ToldOfMe {
  readonly institution: Listed;
  readonly question: string;
  readonly basis: string;
  readonly outcome: string;
  readonly results: number;
  readonly askedAt: Instant;
}

const MOST = 100;

/** What was fetched about a student and what others were told, the newest first, at most a hundred of each. */
export async function exchangeAbout(tx: Transaction, { institution, person }: { readonly institution: string; readonly person: string }): Promise<{ readonly orders: OrderOfMine[]; readonly told: ToldOfMe[] }> {
  const cases = await tx.$queryRaw<{ id: string; number: string; state: string; data: ExchangeData; created_at: Date; closed_at: Date | null }[]>`
    SELECT id, number::text, state, data, created_at, closed_at FROM cases
    WHERE institution = ${institution} AND kind = 'exchange' AND data->>'person' = ${person} ORDER BY cases.number DESC LIMIT ${MOST}`;
  const numbers = await tx.$queryRaw<{ number: string }[]>`
    SELECT person_number AS number FROM persons WHERE id = ${person}::uuid UNION SELECT number FROM former_numbers WHERE person_id = ${person}::uuid`;
  const disclosures = await tx.disclosure.findMany({ where: { institution, personNumber: { in: numbers.map(({ number }) => number) } }, orderBy: { seq: 'desc' }, take: MOST });
  const named = await namesOf(tx, disclosures.map(({ partner }) => partner));
  const orders = [];
  for (const { id, number, state, data, created_at: created, closed_at: closed } of cases) {
    const seen = await institutionsOf(tx, id);
    orders.push({
      number, state, orderedAt: created.toISOString(), endedAt: closed?.toISOString() ?? null, basis: data.basis,
      institutions: seen.map(({ institution: where, outcome, answeredAt, details }) => ({ institution: where, outcome, answeredAt, results: details.brought?.results ?? 0 })),
    });
  }
  return {
    orders,
    told: disclosures.map(({ partner, question, basis, outcome, keys, askedAt }) => ({ institution: named(partner), question, basis, outcome, results: keys.length, askedAt: askedAt.toISOString() })),
  };
}
