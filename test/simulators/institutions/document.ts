import { createHash, sign, type KeyObject } from 'node:crypto';
import type { KeptPerson, KeptResult } from './sample.js';

/** What can be wrong with a document. `null` is a good one, of version 1.7. */
export const documentFaults = [
  'garbage',
  'unsigned',
  'key-not-registered',
  'key-in-document',
  'sha1',
  'two-references',
  'wrapped',
  'entity-bomb',
  'too-large',
  'too-deep',
  'elmo-2.0',
  'wrong-person',
  'other-issuer',
  'no-report',
  'tampered',
  'transform',
  'empty',
] as const;
export type DocumentFault = (typeof documentFaults)[number];

/** Whose document it is, and what it is signed with. `stranger` is a key that no registry lists. */
export interface Issuer {
  readonly code: string;
  readonly number: string;
  readonly nb: string;
  readonly en: string;
  readonly url: string;
  readonly key: KeyObject;
  readonly stranger: KeyObject;
}

const ELMO = 'https://github.com/emrex-eu/elmo-schemas/tree/v1';
const DSIG = 'http://www.w3.org/2000/09/xmldsig#';
const EXTENSION = 'urn:registrar:resultatutveksling:1';
const C14N = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const ENVELOPED = `${DSIG}enveloped-signature`;

const text = (value: string) =>
  value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;');
const attribute = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const element = (name: string, value: string | undefined, lang?: string) =>
  value === undefined ? '' : `<${name}${lang ? ` xml:lang="${lang}"` : ''}>${text(value)}</${name}>`;
const typed = (name: string, type: string, value: string) => `<${name} type="${attribute(type)}">${text(value)}</${name}>`;

const halves: Readonly<Record<string, readonly [string, string]>> = { VÅR: ['01-01', '06-30'], HØST: ['07-01', '12-31'] };

const academicTerm = (term: string) => {
  const [year, half = ''] = term.split(' ');
  const [start, end] = halves[half] ?? ['01-01', '12-31'];
  return `<academicTerm>${element('title', term, 'nb')}${element('start', `${year}-${start}`)}${element('end', `${year}-${end}`)}</academicTerm>`;
};

const instance = (one: KeptResult) =>
  `<learningOpportunityInstance>${typed('identifier', 'local', one.key)}${element('date', one.date)}${one.term ? academicTerm(one.term) : ''}${element('status', one.status)}` +
  `${one.grade ? element('gradingSchemeLocalId', one.scale) : ''}${element('resultLabel', one.grade)}${one.credits ? `<credit>${element('scheme', 'ects')}${element('value', one.credits)}</credit>` : ''}` +
  `${one.thesisTitle ? `<extension><thesis xmlns="${EXTENSION}"><title>${text(one.thesisTitle)}</title></thesis></extension>` : ''}</learningOpportunityInstance>`;

const specification = (one: KeptResult, all: readonly KeptResult[]): string =>
  `<learningOpportunitySpecification>${typed('identifier', 'local', one.code)}${element('title', one.nb, 'nb')}${element('title', one.en, 'en')}${element('type', one.type)}` +
  `${element('description', one.description, 'nb')}<specifies>${instance(one)}</specifies>` +
  `${all
    .filter(({ partOf }) => partOf === one.key)
    .map((part) => `<hasPart>${specification(part, all)}</hasPart>`)
    .join('')}</learningOpportunitySpecification>`;

const schemes = { 'no-af': 'A-F; A to E pass, F fail.', 'no-bs': 'B (bestått) passes, S (ikke bestått) fails.' } as const;

/** In the form that canonical XML would give it: its own text is what is hashed, and no library is needed to sign it. */
function unsigned(
  issuer: Issuer,
  person: KeptPerson,
  results: readonly KeptResult[],
  fault: DocumentFault | null,
  at: string,
): string {
  const number = fault === 'wrong-person' ? '01819000391' : person.number;
  const birth =
    fault === 'elmo-2.0'
      ? `<alternativeName></alternativeName>${element('dateOfBirth', person.birthDate)}`
      : element('bday', person.birthDate);
  const whole = (one: KeptResult) => one.partOf === undefined || !results.some(({ key }) => key === one.partOf);
  const schac = fault === 'other-issuer' ? 'elsewhere.example' : issuer.code;
  const report =
    `<report><issuer>${element('country', 'NO')}${typed('identifier', 'schac', schac)}${typed('identifier', 'local', issuer.number)}${element('title', issuer.nb, 'nb')}${element('title', issuer.en, 'en')}` +
    `${element('url', issuer.url)}</issuer>${results
      .filter(whole)
      .map((one) => specification(one, results))
      .join('')}${element('issueDate', at)}` +
    `${Object.entries(schemes)
      .map(([id, words]) => `<gradingScheme localId="${id}">${element('description', words, 'en')}</gradingScheme>`)
      .join('')}</report>`;
  const padding =
    fault === 'too-large' ? `<extension><padding xmlns="${EXTENSION}">${'x'.repeat(9 * 1024 * 1024)}</padding></extension>` : '';
  const deep =
    fault === 'too-deep' ? `<extension>${`<d xmlns="${EXTENSION}">`.repeat(5_000)}${'</d>'.repeat(5_000)}</extension>` : '';
  return (
    `<elmo xmlns="${ELMO}">${element('generatedDate', at)}<learner>${typed('identifier', 'nationalIdentifier', number)}${element('givenNames', person.givenNames)}` +
    `${element('familyName', person.familyName)}${birth}</learner>${fault === 'no-report' ? '' : report}${padding}${deep}</elmo>`
  );
}

interface Way {
  readonly key: KeyObject;
  readonly sha1?: boolean;
  readonly references?: number;
  readonly transform?: string;
  readonly keyInfo?: string;
  readonly uri?: string;
  readonly digested?: string;
}

function signature(plain: string, way: Way): string {
  const hash = way.sha1 ? 'sha1' : 'sha256';
  const [method, digest] = way.sha1
    ? [`${DSIG}rsa-sha1`, `${DSIG}sha1`]
    : ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'http://www.w3.org/2001/04/xmlenc#sha256'];
  const transforms = [ENVELOPED, way.transform ?? C14N].map((one) => `<Transform Algorithm="${one}"></Transform>`).join('');
  const reference =
    `<Reference URI="${way.uri ?? ''}"><Transforms>${transforms}</Transforms><DigestMethod Algorithm="${digest}"></DigestMethod>` +
    `<DigestValue>${createHash(hash)
      .update(way.digested ?? plain)
      .digest('base64')}</DigestValue></Reference>`;
  const inner = `<CanonicalizationMethod Algorithm="${C14N}"></CanonicalizationMethod><SignatureMethod Algorithm="${method}"></SignatureMethod>${reference.repeat(way.references ?? 1)}`;
  const value = sign(hash, Buffer.from(`<SignedInfo xmlns="${DSIG}">${inner}</SignedInfo>`), way.key).toString('base64');
  return `<Signature xmlns="${DSIG}"><SignedInfo>${inner}</SignedInfo><SignatureValue>${value}</SignatureValue>${way.keyInfo ?? ''}</Signature>`;
}

const END = '</elmo>';
const enveloped = (plain: string, inside: string) => `${plain.slice(0, -END.length)}${inside}${END}`;
const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** The document as it goes out: signed, or wrong in the way that is asked for. */
export function document({
  issuer,
  person,
  results,
  fault,
  at,
}: {
  readonly issuer: Issuer;
  readonly person: KeptPerson;
  readonly results: readonly KeptResult[];
  readonly fault: DocumentFault | null;
  readonly at: string;
}): string {
  if (fault === 'empty') return '';
  if (fault === 'garbage') return '<elmo xmlns="nowhere"><half></elmo> \u0000 ikke XML';
  const plain = unsigned(issuer, person, results, fault, at);
  const signed = (way: Partial<Way> = {}) => DECLARATION + enveloped(plain, signature(plain, { key: issuer.key, ...way }));
  switch (fault) {
    case 'unsigned':
      return DECLARATION + plain;
    case 'key-not-registered':
      return signed({ key: issuer.stranger });
    case 'key-in-document': {
      const { n = '', e = '' } = issuer.stranger.export({ format: 'jwk' });
      const base64 = (value: string) => Buffer.from(value, 'base64url').toString('base64');
      return signed({
        key: issuer.stranger,
        keyInfo: `<KeyInfo><KeyValue><RSAKeyValue><Modulus>${base64(n)}</Modulus><Exponent>${base64(e)}</Exponent></RSAKeyValue></KeyValue></KeyInfo>`,
      });
    }
    case 'sha1':
      return signed({ sha1: true });
    case 'two-references':
      return signed({ references: 2 });
    case 'transform':
      return signed({ transform: 'http://www.w3.org/TR/1999/REC-xpath-19991116' });
    case 'tampered':
      return signed().replace('<resultLabel>', '<resultLabel>A, ');
    case 'wrapped': {
      const good = `<w xmlns="${EXTENSION}" Id="w">${plain}</w>`;
      const forged = plain.replaceAll(/<resultLabel>[^<]*</g, '<resultLabel>A<');
      return (
        DECLARATION +
        enveloped(forged, `<extension>${good}</extension>${signature(plain, { key: issuer.key, uri: '#w', digested: good })}`)
      );
    }
    case 'entity-bomb': {
      const lots = Array.from({ length: 9 }, (_, at9) => `<!ENTITY l${at9 + 1} "${`&l${at9};`.repeat(10)}">`).join('');
      return `<!DOCTYPE elmo [<!ENTITY l0 "lol">${lots}]>${enveloped(plain, signature(plain, { key: issuer.key })).replace(text(person.familyName), '&l9;')}`;
    }
    default:
      return signed();
  }
}
