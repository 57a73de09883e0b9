import { escaped } from '../../xml-text.js';
import type { Report, ReportedResult } from '../report.js';
import { ELMO, EXTENSION } from './vocabulary.js';

/** Characters that no XML can hold are shown as the one that stands for them. */
const text = (value: string): string =>
  escaped(value.replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')).replaceAll('\r', '&#xD;');

const element = (name: string, value: string | undefined, language?: string): string =>
  value === undefined ? '' : `<${name}${language ? ` xml:lang="${language}"` : ''}>${text(value)}</${name}>`;
const identifier = (type: string, value: string): string => `<identifier type="${type}">${text(value)}</identifier>`;
const titles = (own: string | undefined, en: string | undefined, otherwise: string, language = 'nb'): string =>
  own === undefined && en === undefined
    ? element('title', otherwise)
    : element('title', own, language) + element('title', en, 'en');

const typeOf: Readonly<Record<ReportedResult['category'], string | undefined>> = {
  qualification: 'Degree Programme',
  course: 'Course',
  module: 'Module',
  thesis: 'Course',
  other: undefined,
};

const halves: Readonly<Record<string, readonly [string, string]>> = {
  VÅR: ['01-01', '06-30'],
  SOMMER: ['07-01', '07-31'],
  HØST: ['08-01', '12-31'],
};

/** ELMO wants the first and last day of a term; a term of another form than `2026 VÅR` is left out. */
function academicTerm(term: string | undefined): string {
  const [, year, half = ''] = /^(\d{4}) (VÅR|SOMMER|HØST)$/.exec(term ?? '') ?? [];
  const days = halves[half];
  return year && days
    ? `<academicTerm>${element('title', term, 'nb')}${element('start', `${year}-${days[0]}`)}${element('end', `${year}-${days[1]}`)}</academicTerm>`
    : '';
}

function extension({ category, thesisTitle }: ReportedResult): string {
  if (category === 'thesis')
    return `<extension><thesis xmlns="${EXTENSION}">${element('title', thesisTitle)}</thesis></extension>`;
  return thesisTitle === undefined
    ? ''
    : `<extension><thesisTitle xmlns="${EXTENSION}">${text(thesisTitle)}</thesisTitle></extension>`;
}

/**
 * A report as ELMO 1.7.0, unsigned. Results stand within the qualification they belong to (RX-14); the source's key
 * of a result is the identifier of the instance, its code that of the specification. What a result lacks is left out.
 */
export function writeElmo({ learner, issuer, generatedAt, results }: Report): string {
  const scales = [...new Set(results.flatMap(({ gradingScheme }) => (gradingScheme === undefined ? [] : [gradingScheme])))];
  const scaleId = (scheme: string | undefined) => (scheme === undefined ? undefined : `scale-${1 + scales.indexOf(scheme)}`);
  const written = new Set<ReportedResult>();

  const specification = (one: ReportedResult): string => {
    written.add(one);
    const parts = results.filter((other) => other.partOf === one.key && !written.has(other));
    const credit =
      one.credits === undefined
        ? ''
        : `<credit>${element('scheme', one.creditScheme ?? 'ects')}${element('value', one.credits)}</credit>`;
    return (
      `<learningOpportunitySpecification>${one.code === undefined ? '' : identifier('local', one.code)}${titles(one.nameNb, one.nameEn, one.code ?? one.key, one.nameLanguage)}${element('type', typeOf[one.category])}` +
      `${element('description', one.description, 'nb')}<specifies><learningOpportunityInstance>${identifier('local', one.key)}${element('date', one.passedOn)}${academicTerm(one.term)}` +
      `<status>passed</status>${element('gradingSchemeLocalId', scaleId(one.gradingScheme))}${element('resultLabel', one.result)}${credit}${extension(one)}` +
      `</learningOpportunityInstance></specifies>${parts.map((part) => `<hasPart>${specification(part)}</hasPart>`).join('')}</learningOpportunitySpecification>`
    );
  };
  const known = new Set(results.map(({ key }) => key));
  const whole = results.filter(({ partOf }) => partOf === undefined || !known.has(partOf)).map(specification);
  if (written.size !== results.length) throw new Error('results are parts of each other');

  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n<elmo xmlns="${ELMO}">${element('generatedDate', generatedAt)}<learner>${identifier('nationalIdentifier', learner.nationalNumber)}` +
    `${element('givenNames', learner.givenNames)}${element('familyName', learner.familyName)}${element('bday', learner.birthDate)}</learner><report><issuer>${element('country', issuer.country)}` +
    `${identifier('schac', issuer.code)}${titles(issuer.nameNb, issuer.nameEn, issuer.code)}${element('url', issuer.url)}</issuer>${whole.join('')}${element('issueDate', generatedAt)}` +
    `${scales.map((scheme) => `<gradingScheme localId="${scaleId(scheme)}">${element('description', scheme)}</gradingScheme>`).join('')}</report></elmo>`
  );
}
