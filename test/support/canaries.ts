import { fsPersons } from '../simulators/fs/sample.js';
import { sampleInstitutions } from '../simulators/institutions/sample.js';
import { staff, students } from '../simulators/sample.js';

/** A student about whom the fifty institutions are asked; three of them know the number. */
export const fetchedStudent = {
  number: '01819000049',
  givenName: 'Nora',
  surname: 'Hjelmtveit',
  birthDate: '1990-01-01',
  email: 'nora.hjelmtveit@student.example',
  language: 'nb',
} as const;

/**
 * What the sample people are known by: surname, personal number in the ways it is written, mail address, mobile number; those of
 * FS and of the institutions of the exchange, whose surnames are words, by their numbers.
 */
export const canaries: readonly string[] = [
  ...new Set([
    ...[...staff, ...students].flatMap(({ surname, personNumber, email, ...rest }) => [
      surname,
      personNumber,
      personNumber.slice(2),
      `${personNumber.slice(2, 8)}-${personNumber.slice(8)}`,
      `${personNumber.slice(0, 8)}-${personNumber.slice(8)}`,
      email,
      ...('mobile' in rest && rest.mobile ? [rest.mobile, rest.mobile.slice(1)] : []),
    ]),
    ...sampleInstitutions.flatMap(({ persons }) => persons.map(({ number }) => number)),
    fetchedStudent.surname,
    fetchedStudent.email,
    fetchedStudent.number.replace(/^\d{6}/, '$& '),
    ...fsPersons.flatMap(({ personlopenummer, fodselsnummer, epost }) => [String(personlopenummer), fodselsnummer, epost]),
  ]),
];

const escaped = (text: string) => text.replace(/[.+*?^${}()|[\]\\]/g, '\\$&');
const words = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${canaries
    .map(escaped)
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![\\p{L}\\p{N}])`,
  'gu',
);

/** Canaries that occur as whole words in a text. */
export const canariesIn = (text: string): string[] => [...new Set(text.match(words) ?? [])];

const lasting = canaries.filter((one) => Buffer.byteLength(one) >= 6).map((one) => [one, Buffer.from(one)] as const);

/** Canaries that occur in bytes that may be encrypted; those of fewer than six bytes would be found by chance. */
export const canariesInBytes = (bytes: Buffer): string[] =>
  lasting.flatMap(([one, written]) => (bytes.includes(written) ? [one] : []));
