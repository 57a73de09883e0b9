import type { Change } from '../../workflows/exchange/changes.js';
import type { Warning } from '../../workflows/process.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { civilOrNull, type Transaction } from '../../prisma/client.js';
import { coursesUnseenBy, isOnOneOf } from '../complaint/sight.js';
import { numbersOf } from '../students.js';
import { namesOf, type NamedInstitution } from './institution-names.js';
import type { ReportedResult } from './report.js';

/**
 * A result from elsewhere as people read it, with the parts of a qualification under it (RX-14). Withdrawn at the source: shown
 * with the day.
 */
export interface ExternalResultAnswer extends Omit<ReportedResult, 'partOf'> {
  readonly withdrawnOn: CivilDate | null;
  readonly parts: readonly ExternalResultAnswer[];
}

/** What a person has from one institution (RX-17), as the last fetch found it (RX-21). */
export interface ExternalStudyAnswer {
  readonly institution: NamedInstitution;
  /** The order that brought it, by its number. */
  readonly exchange: string;
  readonly fetchedAt: Instant;
  /** The day on which a result was changed there after that, as the institution told us (BE-07). */
  readonly changedAfterFetchOn: CivilDate | null;
  readonly results: readonly ExternalResultAnswer[];
  /** What the last fetch changed of what was known before (RX-24). */
  readonly changes: readonly (Change & { readonly at: Instant })[];
  /** Results left out, for the reader assesses the same course of the student anew. */
  readonly withheld: number;
}

/** That results were changed at an institution after they were fetched from there. */
export interface ChangedAfterFetch {
  readonly partner: string;
  readonly nameNb: string;
  readonly nameEn: string;
  readonly changedOn: CivilDate;
}

interface Ask {
  readonly institution: string;
  readonly personId: string;
}

const zoneOf = async (tx: Transaction, code: string): Promise<string> =>
  (await tx.institution.findUniqueOrThrow({ where: { code }, select: { zone: true } })).zone;

/**
 * The institutions that told of changes since they were last fetched from, with the day, by their code (BE-07). `caseId`: only
 * what that order brought.
 */
export async function changedAfterFetch(
  tx: Transaction,
  { institution, personId, caseId }: Ask & { readonly caseId?: string },
): Promise<ChangedAfterFetch[]> {
  const studies = await tx.externalStudy.findMany({
    where: { institution, personId, changedThereAt: { not: null }, ...(caseId ? { caseId } : {}) },
    orderBy: { partner: 'asc' },
  });
  if (studies.length === 0) return [];
  const zone = await zoneOf(tx, institution);
  const named = await namesOf(
    tx,
    studies.map(({ partner }) => partner),
  );
  return studies.map(({ partner, changedThereAt }) => {
    const { nameNb, nameEn } = named(partner);
    return { partner, nameNb, nameEn, changedOn: dayOf((changedThereAt as Date).toISOString(), zone) };
  });
}

/** The same as a warning of a case: each institution with the day. */
export function changedWarning(changed: readonly ChangedAfterFetch[]): Warning[] {
  if (changed.length === 0) return [];
  const [nb, en] = [
    changed.map((one) => `${one.nameNb} (${one.changedOn})`).join(', '),
    changed.map((one) => `${one.nameEn} (${one.changedOn})`).join(', '),
  ];
  return [
    {
      code: 'changed-after-fetch',
      rule: 'RX-24',
      sv: `Resultat har ändrats där efter hämtningen: ${nb}. Hämta igen.`,
      nb: `Resultater er endret der etter hentingen: ${nb}. Hent på nytt.`,
      en: `Results were changed there after they were fetched: ${en}. Fetch again.`,
    },
  ];
}

type Flat = Omit<ExternalResultAnswer, 'parts'> & { readonly partOf: string | null };

/**
 * A flat list as a tree: what belongs to a qualification stands under it, everything else, and what belongs to something that is
 * not there, by itself (RX-14).
 */
export function treeOf(results: readonly Flat[]): ExternalResultAnswer[] {
  const whole = new Set(
    results.filter(({ category, partOf }) => category === 'qualification' && partOf === null).map(({ key }) => key),
  );
  const isPart = ({ partOf }: Flat) => partOf !== null && whole.has(partOf);
  const node = ({ partOf: _partOf, ...one }: Flat, parts: readonly Flat[]): ExternalResultAnswer => ({
    ...one,
    parts: parts.map((part) => node(part, [])),
  });
  return results
    .filter((one) => !isPart(one))
    .map((one) =>
      node(
        one,
        results.filter((part) => isPart(part) && part.partOf === one.key),
      ),
    );
}

/**
 * Whether a reader must not see a result of a person under these codes, the one it has and those it had: it is about a course, or
 * a module of one, that they assess anew (GC-13). What has no code cannot be placed, and is withheld from whoever assesses
 * anything of that person.
 */
export async function hides(
  tx: Transaction,
  { institution, personId: person, reader }: Ask & { readonly reader: string },
): Promise<(...codes: readonly (string | null)[]) => boolean> {
  const courses = await coursesUnseenBy(tx, { person: reader, numbers: (await numbersOf(tx, { institution, person })) ?? [] });
  return (...codes) => courses.length > 0 && codes.some((code) => code === null || isOnOneOf(courses, code));
}

/** The codes of a result that changed, before and after. */
export const codesOf = ({ code, fields }: { readonly code: string | null; readonly fields: unknown }): (string | null)[] => {
  const { code: changed } = fields as Change['fields'];
  return [code, ...[changed?.from, changed?.to].filter((one) => typeof one === 'string')];
};

/**
 * What a person has from other institutions: one entry an institution, by its name (RX-17, RX-34). Without what the reader must
 * not see.
 */
export async function externalStudiesOf(tx: Transaction, ask: Ask & { readonly reader: string }): Promise<ExternalStudyAnswer[]> {
  const { institution, personId } = ask;
  const studies = await tx.externalStudy.findMany({ where: { institution, personId } });
  if (studies.length === 0) return [];
  const ids = studies.map(({ id }) => id);
  const [named, orders, results, changes, zone, hidden] = await Promise.all([
    namesOf(
      tx,
      studies.map(({ partner }) => partner),
    ),
    tx.case.findMany({ where: { id: { in: studies.map(({ caseId }) => caseId) } }, select: { id: true, number: true } }),
    tx.externalResult.findMany({
      where: { studyId: { in: ids } },
      orderBy: [{ passedOn: { sort: 'asc', nulls: 'last' } }, { code: 'asc' }, { key: 'asc' }],
    }),
    tx.externalChange.findMany({
      where: { studyId: { in: ids }, caseId: { in: studies.map(({ caseId }) => caseId) } },
      orderBy: { seq: 'asc' },
    }),
    zoneOf(tx, institution),
    hides(tx, ask),
  ]);
  return studies
    .map((study): ExternalStudyAnswer => {
      const all = results.filter(({ studyId }) => studyId === study.id);
      const shown = all.filter(({ code }) => !hidden(code));
      return {
        institution: named(study.partner),
        exchange: String(orders.find(({ id }) => id === study.caseId)?.number ?? ''),
        fetchedAt: study.fetchedAt.toISOString(),
        changedAfterFetchOn: study.changedThereAt && dayOf(study.changedThereAt.toISOString(), zone),
        results: treeOf(
          shown.map(({ studyId: _study, passedOn, withdrawnOn, partOf, category, key, ...rest }) => ({
            key,
            partOf,
            category: category as ReportedResult['category'],
            ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)),
            ...(passedOn ? { passedOn: civilOrNull(passedOn) as string } : {}),
            withdrawnOn: civilOrNull(withdrawnOn),
          })),
        ),
        changes: changes
          .filter((change) => change.studyId === study.id && change.caseId === study.caseId && !hidden(...codesOf(change)))
          .map(({ key, change, fields, changedAt }) => ({
            key,
            change: change as Change['change'],
            fields: fields as unknown as Change['fields'],
            at: changedAt.toISOString(),
          })),
        withheld: all.length - shown.length,
      };
    })
    .toSorted((a, b) => a.institution.nameNb.localeCompare(b.institution.nameNb, 'nb'));
}
