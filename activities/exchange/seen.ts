import type { Change } from '../../workflows/exchange/changes.js';
import type { Outcome } from '../../workflows/exchange/outcomes.js';
import type { ExchangeData } from '../../workflows/exchange/rules.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import type { InquiryDetails } from './ask-round.js';
import { codesOf, hides } from './external-studies.js';
import { namesOf, type NamedInstitution } from './institution-names.js';
import { disclosuresAbout } from './source.js';

/** Orders in a list, and what others were told, at most. */
const MOST = 100;

/** How one institution stands in an order (RX-19, RX-26): asked and not answered is `open` with `askedAt`. */
export interface InstitutionSeen {
  readonly institution: NamedInstitution;
  readonly round: number;
  readonly state: 'open' | 'answered' | 'dropped';
  readonly outcome: Outcome | null;
  readonly orderedAt: Instant;
  readonly askedAt: Instant | null;
  readonly answeredAt: Instant | null;
  readonly details: InquiryDetails;
}

/** All institutions of an order as each was asked last, by name. */
export const institutionsOf = async (tx: Transaction, caseId: string): Promise<readonly InstitutionSeen[]> =>
  (await institutionsOfAll(tx, [caseId])).get(caseId) ?? [];

/** The same of several orders, by the id of each. */
async function institutionsOfAll(
  tx: Transaction,
  orders: readonly string[],
): Promise<ReadonlyMap<string, readonly InstitutionSeen[]>> {
  const rows = await tx.exchangeInquiry.findMany({
    where: { caseId: { in: [...orders] } },
    orderBy: [{ caseId: 'asc' }, { partner: 'asc' }, { round: 'desc' }],
    distinct: ['caseId', 'partner'],
  });
  const named = await namesOf(
    tx,
    rows.map(({ partner }) => partner),
  );
  const seen = rows
    .map((row): InstitutionSeen & { readonly caseId: string } => ({
      caseId: row.caseId,
      institution: named(row.partner),
      round: row.round,
      state: row.state as InstitutionSeen['state'],
      outcome: row.outcome as Outcome | null,
      orderedAt: row.orderedAt.toISOString(),
      askedAt: row.askedAt?.toISOString() ?? null,
      answeredAt: row.answeredAt?.toISOString() ?? null,
      details: (row.details ?? {}) as InquiryDetails,
    }))
    .toSorted((a, b) => a.institution.nameNb.localeCompare(b.institution.nameNb, 'nb'));
  const each = new Map<string, InstitutionSeen[]>(orders.map((id) => [id, []]));
  for (const { caseId, ...one } of seen) each.get(caseId)?.push(one);
  return each;
}

/** An order in the list of its approval case. */
export interface OrderSeen {
  readonly number: string;
  readonly state: string;
  readonly orderedAt: Instant;
  readonly endedAt: Instant | null;
  readonly needsAttention: boolean;
}

/** The orders that were given in an approval case, the newest first (RX-19). */
export async function ordersIn(
  tx: Transaction,
  approval: { readonly institution: string; readonly number: string; readonly data: { readonly person: string } },
): Promise<OrderSeen[]> {
  const rows = await tx.$queryRaw<
    { number: string; state: string; created_at: Date; closed_at: Date | null; needs_attention: boolean }[]
  >`
    SELECT number::text, state, created_at, closed_at, needs_attention FROM cases
    WHERE institution = ${approval.institution} AND kind = 'exchange' AND data->>'person' = ${approval.data.person} AND data->>'approval' = ${approval.number}
    ORDER BY cases.number DESC LIMIT ${MOST}`;
  return rows.map(({ number, state, created_at: orderedAt, closed_at: endedAt, needs_attention: needsAttention }) => ({
    number,
    state,
    orderedAt: orderedAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    needsAttention,
  }));
}

/** One result that an order found otherwise than before (RX-24). */
export interface ChangeSeen extends Change {
  readonly institution: NamedInstitution;
  /** What the result is, as it is now. */
  readonly result: { readonly code: string | null; readonly nameNb: string | null; readonly nameEn: string | null };
  readonly at: Instant;
}

/** What an order's fetches changed (RX-24). Without what the reader must not see; `withheld` says how many were left out. */
export async function changesOf(
  tx: Transaction,
  ask: { readonly caseId: string; readonly institution: string; readonly person: string; readonly reader: string },
): Promise<{ readonly items: ChangeSeen[]; readonly withheld: number }> {
  const changes = await tx.externalChange.findMany({ where: { caseId: ask.caseId }, orderBy: { seq: 'asc' } });
  if (changes.length === 0) return { items: [], withheld: 0 };
  const { institution, person: personId, reader } = ask;
  const studies = await tx.externalStudy.findMany({
    where: { institution, personId, partner: { in: changes.map(({ partner }) => partner) } },
  });
  const studyOf = (partner: string) => studies.find((one) => one.partner === partner)?.id;
  const [results, named, hidden] = await Promise.all([
    tx.externalResult.findMany({
      where: { studyId: { in: studies.map(({ id }) => id) }, key: { in: changes.map(({ key }) => key) } },
    }),
    namesOf(
      tx,
      changes.map(({ partner }) => partner),
    ),
    hides(tx, { institution, personId, reader }),
  ]);
  const shown = changes.filter((change) => !hidden(...codesOf(change)));
  return {
    items: shown.map(({ partner, code, key, change, fields, changedAt }) => {
      const { nameNb = null, nameEn = null } = results.find((one) => one.studyId === studyOf(partner) && one.key === key) ?? {};
      return {
        institution: named(partner),
        result: { code, nameNb, nameEn },
        key,
        change: change as Change['change'],
        fields: fields as unknown as Change['fields'],
        at: changedAt.toISOString(),
      };
    }),
    withheld: changes.length - shown.length,
  };
}

/** A document that was not believed, without the document. `hash`: SHA-256 of what came. */
export interface QuarantineSeen {
  readonly id: string;
  readonly institution: NamedInstitution;
  readonly reason: 'rejected-signature' | 'rejected-person' | 'rejected-format';
  readonly hash: string;
  readonly bytes: number;
  readonly receivedAt: Instant;
}

/** What an order has put aside. */
export async function quarantinedOf(tx: Transaction, caseId: string): Promise<QuarantineSeen[]> {
  const rows = await tx.$queryRaw<
    { id: string; partner: string; reason: QuarantineSeen['reason']; hash: string; bytes: number; received_at: Date }[]
  >`
    SELECT id, partner, reason, hash, length(document) AS bytes, received_at FROM exchange_quarantine WHERE case_id = ${caseId}::uuid ORDER BY received_at, id`;
  const named = await namesOf(
    tx,
    rows.map(({ partner }) => partner),
  );
  return rows.map(({ partner, received_at: received, ...row }) => ({
    ...row,
    institution: named(partner),
    receivedAt: received.toISOString(),
  }));
}

/** An order as its student sees it: when, on which basis, and what came from where. */
export interface OrderOfMine {
  readonly number: string;
  readonly state: string;
  readonly orderedAt: Instant;
  readonly endedAt: Instant | null;
  readonly basis: ExchangeData['basis'];
  readonly institutions: readonly {
    readonly institution: NamedInstitution;
    readonly outcome: Outcome | null;
    readonly answeredAt: Instant | null;
    readonly results: number;
  }[];
}

/** Who was told what about a student, on which basis (AU-08). */
export interface ToldOfMe {
  readonly institution: NamedInstitution;
  readonly question: string;
  readonly basis: string;
  readonly outcome: string;
  readonly results: number;
  readonly askedAt: Instant;
}

/** What was fetched about a student and what others were told, the newest first, at most a hundred of each. */
export async function exchangeAbout(
  tx: Transaction,
  { institution, person }: { readonly institution: string; readonly person: string },
): Promise<{ readonly orders: OrderOfMine[]; readonly told: ToldOfMe[] }> {
  const cases = await tx.$queryRaw<
    { id: string; number: string; state: string; data: ExchangeData; created_at: Date; closed_at: Date | null }[]
  >`
    SELECT id, number::text, state, data, created_at, closed_at FROM cases
    WHERE institution = ${institution} AND kind = 'exchange' AND data->>'person' = ${person} ORDER BY cases.number DESC LIMIT ${MOST}`;
  const numbers = await tx.$queryRaw<{ number: string }[]>`
    SELECT person_number AS number FROM persons WHERE id = ${person}::uuid UNION SELECT number FROM former_numbers WHERE person_id = ${person}::uuid`;
  const disclosures = await disclosuresAbout(tx, { institution, numbers: numbers.map(({ number }) => number), most: MOST });
  const named = await namesOf(
    tx,
    disclosures.map(({ partner }) => partner),
  );
  const seen = await institutionsOfAll(
    tx,
    cases.map(({ id }) => id),
  );
  return {
    orders: cases.map(({ id, number, state, data, created_at: created, closed_at: closed }) => ({
      number,
      state,
      orderedAt: created.toISOString(),
      endedAt: closed?.toISOString() ?? null,
      basis: data.basis,
      institutions: (seen.get(id) ?? []).map(({ institution: where, outcome, answeredAt, details }) => ({
        institution: where,
        outcome,
        answeredAt,
        results: details.brought?.results ?? 0,
      })),
    })),
    told: disclosures.map(({ partner, question, basis, outcome, keys, askedAt }) => ({
      institution: named(partner),
      question,
      basis,
      outcome,
      results: keys.length,
      askedAt: askedAt.toISOString(),
    })),
  };
}
