import { createHash } from 'node:crypto';
import type { Brought } from '../../workflows/exchange/rules.js';
import { changesBetween, type Change, type Held } from '../../workflows/exchange/changes.js';
import { dayOf, isCivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { asDate, civilOrNull, type Transaction } from '../../prisma/client.js';
import { askedBefore } from './earlier-orders.js';
import { SKEW_MS } from './http-signature.js';
import { Rejected } from './institution.js';
import { consentGiven } from './newest-consent.js';
import type { Report, ReportedResult } from './report.js';

/** Whose results are brought in, from where, and for which order. */
export interface ImportAsk {
  readonly institution: string;
  readonly personId: string;
  /** SCHAC code of the institution that was asked. */
  readonly partner: string;
  /** The order. */
  readonly caseId: string;
  readonly at: Instant;
}

/** Brought in, or not: the student has answered no meanwhile, or the order is over (RX-01, RX-07). */
export type Imported =
  { readonly imported: true; readonly counts: Brought } | { readonly imported: false; readonly why: 'no-consent' | 'order-over' };

/**
 * Holds a person for whoever answers about the exchange of their results, or brings some in, until the transaction ends: one
 * after the other (RX-01).
 */
export async function holdPerson(tx: Transaction, person: string): Promise<void> {
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`exchange ${person}`}, 0))::text`;
}

/**
 * Holds the person until the transaction ends, and says whether anything that came for an order may be kept: it rests on a
 * statute, or the newest answer is yes (RX-01, RX-07).
 */
export async function mayKeep(tx: Transaction, { institution, personId, caseId }: ImportAsk): Promise<boolean> {
  await holdPerson(tx, personId);
  const [order] = await tx.$queryRaw<
    { basis: string | null }[]
  >`SELECT data->'basis'->>'basis' AS basis FROM cases WHERE id = ${caseId}::uuid AND institution = ${institution}`;
  return order?.basis === 'statute' || (await consentGiven(tx, { institution, person: personId })) !== undefined;
}

/**
 * Brings in what a document says that was judged and believed (RX-13..17). What an institution has for the first time is new,
 * unless nobody was asked about the person before (RX-24). Call it in one transaction, in which the person is held or nothing is
 * locked: it holds the person, then locks the order. Does nothing where the order runs on a consent that was withdrawn, or is
 * over. Asked again for the same order and institution, as after a crash, it changes nothing and gives the same counts. Throws
 * `Rejected` where the document says the same thing twice, names a day that none is, or is about a number that is not the
 * person's any more.
 */
export async function importReport(
  tx: Transaction,
  ask: ImportAsk & { readonly document: Buffer; readonly report: Report },
): Promise<Imported> {
  const { report, personId } = ask;
  const keys = new Set(report.results.map(({ key }) => key));
  if (
    keys.size < report.results.length ||
    report.results.some(({ passedOn }) => passedOn !== undefined && !isCivilDate(passedOn))
  )
    throw new Rejected('rejected-format');
  return bringIn(tx, ask, report.results, async () => {
    const person = await tx.person.findUniqueOrThrow({ where: { id: personId }, select: { personNumber: true } });
    if (person.personNumber !== report.learner.nationalNumber) throw new Rejected('rejected-person');
    return {
      documentHash: createHash('sha256').update(ask.document).digest('hex'),
      generatedAt: notToCome(report.generatedAt, ask.at),
    };
  });
}

/**
 * The same where the institution knows the person and says that it has no passed results of them (any more): what was fetched
 * earlier is withdrawn (RX-24). Nothing where nothing was. `answeredAt`: when it said so, by its own clock.
 */
export const importNothing = (
  tx: Transaction,
  ask: ImportAsk & { readonly answeredAt?: Instant | undefined },
): Promise<Imported> => bringIn(tx, ask, [], async () => ({ generatedAt: ask.answeredAt }));

/**
 * A document that says it is from the future, as one in local time without offset does, is from now: else no later change would
 * count.
 */
function notToCome(said: Instant, at: Instant): Instant {
  const latest = Date.parse(at) + SKEW_MS;
  return Date.parse(said) > latest ? new Date(latest).toISOString() : said;
}

/** The document, where one came, and when it or the answer was true by the source's clock. */
type Source = { readonly documentHash?: string; readonly generatedAt?: Instant | undefined };

async function bringIn(
  tx: Transaction,
  ask: ImportAsk,
  found: readonly ReportedResult[],
  judged: () => Promise<Source>,
): Promise<Imported> {
  const { institution, personId, partner, caseId, at } = ask;
  const may = await mayKeep(tx, ask);
  const [order] = await tx.$queryRaw<{ open: boolean; zone: string }[]>`
    SELECT c.closed_at IS NULL AS open, i.zone FROM cases c JOIN institutions i ON i.code = c.institution
    WHERE c.id = ${caseId}::uuid AND c.institution = ${institution} FOR SHARE OF c`;
  const key = { institution_personId_partner: { institution, personId, partner } };
  const study = await tx.externalStudy.findUnique({ where: key });
  if (study?.caseId === caseId) return { imported: true, counts: await countsOf(tx, study.id, caseId) };
  if (!order?.open) return { imported: false, why: 'order-over' };
  if (!may) return { imported: false, why: 'no-consent' };
  const source = await judged();
  if (!study && !source.documentHash)
    return { imported: true, counts: { results: 0, new: 0, improved: 0, corrected: 0, withdrawn: 0 } };
  const today = dayOf(at, order.zone);
  const before = study ? await held(tx, study.id) : [];
  const differs = study !== null || (await askedBefore(tx, { caseId, institution, person: personId }));
  const changes = differs
    ? changesBetween(
        before,
        found.map((one) => ({ key: one.key, fields: fieldsOf(one) })),
        today,
      )
    : [];
  const { generatedAt } = source;
  const toldBefore = !generatedAt || (study?.changedThereAt && study.changedThereAt <= new Date(generatedAt));
  const kept = { caseId, fetchedAt: at, ...source, ...(toldBefore ? { changedThereAt: null } : {}) };
  const { id } = study
    ? await tx.externalStudy.update({ where: key, data: kept })
    : await tx.externalStudy.create({ data: { institution, personId, partner, ...kept, ...(source as Required<Source>) } });
  const gone = before
    .filter(
      (one) =>
        one.withdrawnOn !== null || changes.some(({ key: changed, change }) => changed === one.key && change === 'withdrawn'),
    )
    .map((one) => one.key);
  await tx.externalResult.updateMany({
    where: { studyId: id, key: { in: gone }, withdrawnOn: null },
    data: { withdrawnOn: asDate(today) },
  });
  await tx.externalResult.deleteMany({ where: { studyId: id, key: { in: found.map((one) => one.key) } } });
  await tx.externalResult.createMany({ data: found.map((one) => rowOf(id, one)) });
  const codes = new Map([
    ...before.map((one) => [one.key, one.fields['code'] ?? null] as const),
    ...found.map((one) => [one.key, one.code ?? null] as const),
  ]);
  await tx.externalChange.createMany({
    data: changes.map(({ key: changed, change, fields }) => ({
      studyId: id,
      caseId,
      partner,
      code: codes.get(changed) ?? null,
      key: changed,
      change,
      fields,
      changedAt: at,
    })),
  });
  return { imported: true, counts: await countsOf(tx, id, caseId) };
}

const names = [
  'partOf',
  'category',
  'code',
  'nameNb',
  'nameEn',
  'thesisTitle',
  'term',
  'credits',
  'creditScheme',
  'result',
  'gradingScheme',
  'passedOn',
  'description',
] as const;

const fieldsOf = (one: Omit<ReportedResult, 'key'>): Held['fields'] =>
  Object.fromEntries(names.map((name) => [name, one[name] ?? null]));

const rowOf = (studyId: string, { passedOn, nameLanguage: _language, ...rest }: ReportedResult) => ({
  ...rest,
  studyId,
  ...(passedOn ? { passedOn: asDate(passedOn) } : {}),
});

async function held(tx: Transaction, studyId: string): Promise<Held[]> {
  const rows = await tx.externalResult.findMany({ where: { studyId } });
  return rows.map((row) => ({
    key: row.key,
    withdrawnOn: civilOrNull(row.withdrawnOn),
    fields: Object.fromEntries(names.map((name) => [name, name === 'passedOn' ? civilOrNull(row.passedOn) : row[name]])),
  }));
}

async function countsOf(tx: Transaction, studyId: string, caseId: string): Promise<Brought> {
  const [results, changes] = await Promise.all([
    tx.externalResult.count({ where: { studyId, withdrawnOn: null } }),
    tx.externalChange.groupBy({ by: ['change'], where: { studyId, caseId }, _count: true }),
  ]);
  const of = (kind: Change['change']) => changes.find(({ change }) => change === kind)?._count ?? 0;
  return { results, new: of('new'), improved: of('improved'), corrected: of('corrected'), withdrawn: of('withdrawn') };
}

/** Keeps a document that was not believed, as it came, once: nobody reads it but operations (RX-17). */
export async function quarantine(
  tx: Transaction,
  input: {
    readonly caseId: string;
    readonly partner: string;
    readonly reason: Rejected['reason'];
    readonly document: Buffer;
    readonly at: Instant;
  },
): Promise<void> {
  const { document, at, ...rest } = input;
  const hash = createHash('sha256').update(document).digest('hex');
  await tx.exchangeQuarantine.createMany({
    data: [{ ...rest, document: new Uint8Array(document), hash, receivedAt: at }],
    skipDuplicates: true,
  });
}
