import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { ComplaintType } from '../../workflows/complaint/deadline.js';
import type { Language, Text } from '../../workflows/process.js';
import { decisionTexts } from './decision-words.js';

/** What an archived document tells. Grades only of the protocol; nothing that was deleted from the log. */
export interface Archived {
  readonly number: string;
  readonly data: ComplaintData;
  readonly student: { readonly number: string; readonly name: string; readonly personNumber: string | null };
  readonly reasons: string | null;
  readonly explanation: string | null;
  readonly firstGrade: string | null;
  readonly finalGrade: string | null;
}

const types: Readonly<Record<ComplaintType, Text>> = {
  grading: { sv: 'Klagomål på betyg', nb: 'Klage på karakter', en: 'Complaint about a grade' },
  explanation: { sv: 'Begäran om motivering', nb: 'Begjæring om begrunnelse', en: 'Request for an explanation' },
  'formal-error': { sv: 'Klagomål på formellt fel', nb: 'Klage på formell feil', en: 'Complaint about a formal error' },
};
const words = {
  case: { sv: 'Ärende', nb: 'Sak', en: 'Case' },
  unit: { sv: 'Bedömningsenhet', nb: 'Vurderingsenhet', en: 'Assessment unit' },
  student: { sv: 'Student', nb: 'Student', en: 'Student' },
  received: { sv: 'Mottaget', nb: 'Klage mottatt', en: 'Received' },
  reasons: { sv: 'Studentens skäl', nb: 'Studentens begrunnelse', en: "The student's reasons" },
  before: { sv: 'Ursprungligt betyg', nb: 'Opprinnelig karakter', en: 'Original grade' },
  after: { sv: 'Betyg efter klagomål', nb: 'Karakter etter klage', en: 'Grade after the complaint' },
  decision: { sv: 'Beslut', nb: 'Vedtak', en: 'Decision' },
  communicated: { sv: 'Meddelat', nb: 'Vedtak formidlet', en: 'Communicated' },
  explanation: { sv: 'Motivering', nb: 'Begrunnelse for karakteren', en: 'Explanation of the grade' },
  why: { sv: 'Skäl för beslutet', nb: 'Begrunnelse for vedtaket', en: 'Reason for the decision' },
  decided: { sv: 'beslut', nb: 'vedtak', en: 'decision' },
} satisfies Record<string, Text>;

/** Title of the archive's case, without persons: what it is about and our number. */
export const caseTitle = (number: string, { type, unit }: ComplaintData, language: Language): string =>
  `${types[type][language]}, ${unit.course} ${unit.term} ${unit.year}, ${words.case[language].toLowerCase()} ${number}`;

/** Title of a document in it. */
export const documentTitle = (
  document: 'complaint' | 'decision',
  number: string,
  data: ComplaintData,
  language: Language,
): string => caseTitle(number, data, language) + (document === 'decision' ? `, ${words.decided[language]}` : '');

/** The complaint as it was received, or the decision as it was taken: plain text in UTF-8, the same again from the same facts. */
export function archiveText(
  document: 'complaint' | 'decision',
  { number, data, student, reasons, explanation, firstGrade, finalGrade }: Archived,
  language: Language,
): string {
  const { unit } = data;
  const said = (word: keyof typeof words, value: string | null | undefined) =>
    value ? [`${words[word][language]}: ${value}`] : [];
  const head = [
    types[data.type][language],
    '',
    ...said('case', number),
    ...said('unit', [unit.course, unit.version, unit.combination, unit.year, unit.term].join(', ')),
    ...said('student', [student.name, student.personNumber ?? student.number].join(', ')),
    ...said('received', data.received),
  ];
  const rest =
    document === 'complaint'
      ? said('reasons', reasons && `\n${reasons}`)
      : [
          ...said('before', firstGrade),
          ...said('after', finalGrade),
          ...said('decision', data.decision && decisionTexts[data.decision][language]),
          ...said('why', data.dismissed?.reason ?? data.formalError?.reason),
          ...said('communicated', data.communicated),
          ...said('explanation', explanation && `\n${explanation}`),
        ];
  return `${[...head, ...rest].join('\n')}\n`;
}
