import { isCivilDate } from '../../../workflows/rules/civil-time.js';
import { childOf, childrenOf, rootOf, tokenOf, type Element } from '../hardened-xml.js';
import type { Report, ReportedLearner, ReportedResult } from '../report.js';
import { ELMO, EXTENSION } from './vocabulary.js';

/** A document is XML, but no ELMO that can be read; the reason names no person. */
export class NotElmo extends Error {
  override readonly name = 'NotElmo';
  constructor(readonly reason: 'not-elmo' | 'no-report' | 'several-issuers' | 'missing' | 'bad-value' | 'too-long' | 'too-many') {
    super(`a document is not read as ELMO (${reason})`);
  }
}

/** More than a life of study, and no more than the elements that a document may have (judge.ts) can hold. */
const MOST_RESULTS = 500;
const LONGEST = 1_000;
const LONGEST_KEY = 500;
const LONGEST_DESCRIPTION = 50_000;

const demand = <T>(value: T | undefined, reason: NotElmo['reason'] = 'missing'): T => {
  if (value === undefined) throw new NotElmo(reason);
  return value;
};

const limited = (value: string | undefined, most = LONGEST): string | undefined => {
  if (value !== undefined && value.length > most) throw new NotElmo('too-long');
  return value;
};

const token = (element: Element | undefined): string | undefined => limited(tokenOf(element));

/** A day; a zone that XML lets stand behind it says nothing here. */
function day(element: Element | undefined): string | undefined {
  const written = token(element)?.replace(/(?:Z|[+-]\d\d:\d\d)$/, '');
  if (written !== undefined && !isCivilDate(written)) throw new NotElmo('bad-value');
  return written;
}

/** The first of some languages that a text is there in. */
const inLanguage = (elements: readonly Element[], ...languages: readonly string[]): Element | undefined =>
  languages
    .map((language) => elements.find(({ attributes }) => (attributes['xml:lang'] ?? '').toLowerCase().split('-')[0] === language))
    .find(Boolean);
/** An institution's own languages; a text in none counts as Norwegian, and a Swedish one stands where there is no Norwegian. */
const ours = ['nb', 'no', 'nn', '', 'sv'] as const;

function namesOf(elements: readonly Element[]): { nameNb?: string; nameEn?: string } {
  const [nb, en] = [token(inLanguage(elements, ...ours)), token(inLanguage(elements, 'en'))];
  const other = nb === undefined && en === undefined ? token(elements[0]) : undefined;
  return { ...((nb ?? other) ? { nameNb: nb ?? other } : {}), ...(en ? { nameEn: en } : {}) };
}

const identifierOf = (element: Element, ...types: readonly string[]): string | undefined => {
  const all = childrenOf(element, 'identifier');
  return (
    types
      .map((type) => all.find(({ attributes }) => attributes['type'] === type))
      .map(token)
      .find((one) => one !== undefined) ?? token(all[0])
  );
};

const categories: Readonly<Record<string, ReportedResult['category']>> = {
  'Degree Programme': 'qualification',
  Course: 'course',
  Module: 'module',
};

/** `2026 VÅR` where the words say so, else as written. */
function termOf(academicTerm: Element): string | undefined {
  const titles = childrenOf(academicTerm, 'title');
  const written = token(inLanguage(titles, ...ours) ?? inLanguage(titles, 'en') ?? titles[0]);
  const [half] = /v[åa]r|h[øo]st|haust|sommer|spring|autumn|summer/i.exec(written ?? '') ?? [];
  const [year] = /\b\d{4}\b/.exec(written ?? '') ?? [];
  if (!half || !year) return written;
  return `${year} ${/^(v|sp)/i.test(half) ? 'VÅR' : /^s/i.test(half) ? 'SOMMER' : 'HØST'}`;
}

/** A decimal number without noughts that say nothing. */
function decimal(element: Element | undefined): string | undefined {
  const written = token(element);
  if (written === undefined) return undefined;
  if (!/^\+?\d{1,6}(?:\.\d{1,6})?$/.test(written)) throw new NotElmo('bad-value');
  return String(Number(written));
}

/** Several lines as they stand, without the white space around them. */
const linesOf = (element: Element | undefined): string | undefined =>
  limited(element?.text.trim() || undefined, LONGEST_DESCRIPTION);

interface Read {
  readonly scales: ReadonlyMap<string, string>;
  readonly taken: Map<string, number>;
  readonly found: ReportedResult[];
}

/** The thesis of our extension: as a result of its own kind, or only its title. */
function thesisOf(instance: Element): { readonly isThesis: boolean; readonly title?: string } {
  const own = childrenOf(instance, 'extension')
    .flatMap(({ children }) => children)
    .filter(({ namespace }) => namespace === EXTENSION);
  const thesis = own.find(({ name }) => name === 'thesis');
  const title = token(thesis ? childOf(thesis, 'title') : own.find(({ name }) => name === 'thesisTitle'));
  return { isThesis: Boolean(thesis), ...(title ? { title } : {}) };
}

/**
 * The source's key of a result, or one made of what stays the same when the grade changes; the second with one key gets a number.
 */
function keyOf(instance: Element, { taken }: Read, otherwise: readonly (string | undefined)[]): string {
  const key = demand(
    limited(identifierOf(instance, 'local', 'elmo') ?? `made:${otherwise.map((part) => part ?? '').join(':')}`, LONGEST_KEY),
  );
  const times = (taken.get(key) ?? 0) + 1;
  taken.set(key, times);
  return times === 1 ? key : `${key}~${times}`;
}

/**
 * A specification with what it has parts of. Failed and unfinished ones are left out, and what is within them belongs to nothing
 * then.
 */
function readSpecification(specification: Element, read: Read, partOf: string | undefined): void {
  const instance = demand(childOf(demand(childOf(specification, 'specifies')), 'learningOpportunityInstance'));
  const status = token(childOf(instance, 'status')) ?? 'passed';
  if (!['passed', 'failed', 'in-progress'].includes(status)) throw new NotElmo('bad-value');
  const type = token(childOf(specification, 'type'));
  const thesis = thesisOf(instance);
  const category = thesis.isThesis ? 'thesis' : (categories[type ?? ''] ?? 'other');
  let within: string | undefined = category === 'qualification' ? undefined : partOf;
  if (status === 'passed') {
    const code = identifierOf(specification, 'local');
    const names = namesOf(childrenOf(specification, 'title'));
    const academicTerm = childOf(instance, 'academicTerm');
    const term = academicTerm && termOf(academicTerm);
    const passedOn = day(childOf(instance, 'date'));
    const credits = childrenOf(instance, 'credit');
    const credit = credits.find((one) => token(childOf(one, 'scheme'))?.toLowerCase() === 'ects') ?? credits[0];
    const scale = token(childOf(instance, 'gradingSchemeLocalId'));
    const key = keyOf(instance, read, [code ?? names.nameNb ?? names.nameEn, term ?? passedOn]);
    const descriptions = childrenOf(specification, 'description');
    const said = {
      ...(partOf === undefined ? {} : { partOf }),
      ...(code === undefined ? {} : { code }),
      ...names,
      thesisTitle: thesis.title,
      term,
      credits: credit && decimal(childOf(credit, 'value')),
      creditScheme: credit && token(childOf(credit, 'scheme')),
      result: token(childOf(instance, 'resultLabel')),
      gradingScheme: scale === undefined ? undefined : read.scales.get(scale),
      passedOn,
      description: linesOf(inLanguage(descriptions, ...ours) ?? inLanguage(descriptions, 'en') ?? descriptions[0]),
    };
    read.found.push({ key, category, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) });
    if (read.found.length > MOST_RESULTS) throw new NotElmo('too-many');
    if (category === 'qualification') within = key;
  }
  for (const part of childrenOf(specification, 'hasPart').flatMap((one) => childrenOf(one, 'learningOpportunitySpecification')))
    readSpecification(part, read, within);
}

/** Which version a document is of: both have one namespace, so that only fields tell. */
const versionOf = (learner: Element, reports: readonly Element[]): '1.7' | '2.0' =>
  ['alternativeName', 'dateOfBirth'].some((name) => childOf(learner, name)) ||
  reports.some((report) => childOf(report, 'resultOfRecognition'))
    ? '2.0'
    : '1.7';

function learnerOf(learner: Element, version: '1.7' | '2.0'): ReportedLearner {
  const numbers = childrenOf(learner, 'identifier')
    .filter(({ attributes }) => attributes['type'] === 'nationalIdentifier')
    .map(token);
  const birthDate = day(childOf(learner, version === '2.0' ? 'dateOfBirth' : 'bday') ?? childOf(learner, 'bday'));
  return {
    nationalNumber: numbers.length === 1 ? (numbers[0] ?? '').replaceAll(/[\s-]/g, '') : '',
    givenNames: token(childOf(learner, 'givenNames')) ?? '',
    familyName: token(childOf(learner, 'familyName')) ?? '',
    ...(birthDate === undefined ? {} : { birthDate }),
  };
}

/**
 * A moment of this century, however it is written, as the one form that every column takes; one without offset is taken for UTC.
 */
function momentOf(element: Element | undefined): string {
  const written = demand(token(element));
  const whole = /(?:Z|[+-]\d\d:\d\d)$/.test(written) ? written : `${written}Z`;
  const [onDay = ''] = /^20\d\d-\d\d-\d\d(?=T)/.exec(whole) ?? [];
  const moment = new Date(whole);
  if (!isCivilDate(onDay) || Number.isNaN(moment.getTime())) throw new NotElmo('bad-value');
  return moment.toISOString();
}

/** An ELMO document, and which version its fields show it to be. */
export interface ReadElmo {
  readonly version: '1.7' | '2.0';
  readonly report: Report;
}

/**
 * Reads ELMO, of 1.7 and of 2.0: what they share by one set of rules, the rest by the field that is there. Elements and
 * attributes it does not know are not seen. Only what was passed is read (RX-13). A learner with no national number, or with
 * several, has an empty one. Throws `NotElmo`, and `Unreadable` for what is no XML.
 */
export function readElmo(text: string): ReadElmo {
  const root = rootOf(text);
  if (root.name !== 'elmo' || root.namespace !== ELMO) throw new NotElmo('not-elmo');
  const [learner, reports] = [demand(childOf(root, 'learner')), childrenOf(root, 'report')];
  const [first, ...others] = reports.map((report) => demand(childOf(report, 'issuer')));
  if (!first) throw new NotElmo('no-report');
  const codeOf = (issuer: Element) => identifierOf(issuer, 'schac')?.toLowerCase();
  if (others.some((issuer) => codeOf(issuer) !== codeOf(first))) throw new NotElmo('several-issuers');
  const version = versionOf(learner, reports);
  const found: ReportedResult[] = [];
  const taken = new Map<string, number>();
  for (const report of reports) {
    const scales = new Map(
      childrenOf(report, 'gradingScheme').flatMap((scheme) => {
        const descriptions = childrenOf(scheme, 'description');
        const words = token(inLanguage(descriptions, ...ours) ?? inLanguage(descriptions, 'en') ?? descriptions[0]);
        return words === undefined ? [] : [[scheme.attributes['localId'] ?? '', words] as const];
      }),
    );
    for (const specification of childrenOf(report, 'learningOpportunitySpecification'))
      readSpecification(specification, { scales, taken, found }, undefined);
  }
  const names = namesOf(childrenOf(first, 'title'));
  const report: Report = {
    learner: learnerOf(learner, version),
    generatedAt: momentOf(childOf(root, 'generatedDate')),
    results: found,
    issuer: {
      code: demand(codeOf(first)),
      nameNb: demand(names.nameNb ?? names.nameEn),
      ...(names.nameEn ? { nameEn: names.nameEn } : {}),
      country: token(childOf(first, 'country')) ?? '',
      url: token(childOf(first, 'url')) ?? '',
    },
  };
  return { version, report };
}
