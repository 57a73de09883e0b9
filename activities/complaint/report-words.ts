import type { ComplaintType } from './reports.js';
import type { Language, Text } from '../../workflows/process.js';

/** The types of a case as the reports name them (GC-48). */
export const typeTexts: Readonly<Record<ComplaintType, Text>> = {
  grading: { sv: 'ny bedömning', nb: 'sensur', en: 'grading' },
  explanation: { sv: 'motivering', nb: 'begrunnelse', en: 'explanation' },
  'formal-error': { sv: 'formellt fel', nb: 'formell feil', en: 'formal error' },
};

/** What the reports say of a case that is not decided. */
export const notDecided: Text = { sv: 'inte avgjort', nb: 'ikke avgjort', en: 'not decided' };

/** The heads of the columns. */
export const heads = {
  number: { sv: 'Ärende', nb: 'Klagesak', en: 'Case' },
  journalNumber: { sv: 'Diarienummer', nb: 'Journalnummer', en: 'Journal number' },
  type: { sv: 'Typ', nb: 'Klagetype', en: 'Type' },
  course: { sv: 'Kurskod', nb: 'Emnekode', en: 'Course code' },
  courseName: { sv: 'Kursnamn', nb: 'Emnenavn', en: 'Course name' },
  version: { sv: 'Version', nb: 'Versjon', en: 'Version' },
  combination: { sv: 'Bedömningskombination', nb: 'Vurderingskombinasjon', en: 'Assessment combination' },
  time: { sv: 'Tid', nb: 'Tid', en: 'Time' },
  realTime: { sv: 'Verklig tid', nb: 'Reell tid', en: 'Real time' },
  place: { sv: 'Plats', nb: 'Sted', en: 'Place' },
  campus: { sv: 'Campus', nb: 'Campus', en: 'Campus' },
  student: { sv: 'Studentnummer', nb: 'Studentnummer', en: 'Student number' },
  name: { sv: 'Namn', nb: 'Navn', en: 'Name' },
  candidate: { sv: 'Kandidatnummer', nb: 'Kandidatnummer', en: 'Candidate number' },
  received: { sv: 'Mottaget', nb: 'Klage mottatt', en: 'Received' },
  deadline: { sv: 'Sista dag', nb: 'Sensurfrist', en: 'Deadline' },
  sent: { sv: 'Skickat till ny kommission', nb: 'Sendt ny kommisjon', en: 'Sent to a new committee' },
  committees: { sv: 'Kommissioner', nb: 'Kommisjoner', en: 'Committees' },
  originalGrade: { sv: 'Ursprungligt resultat', nb: 'Opprinnelig resultat', en: 'Original result' },
  protocolGrade: { sv: 'Resultat i protokollet', nb: 'Resultat i protokollen', en: 'Result in the protocol' },
  decision: { sv: 'Beslut', nb: 'Vedtak', en: 'Decision' },
  communicated: { sv: 'Beslut meddelat', nb: 'Vedtak formidlet', en: 'Decision communicated' },
  finished: { sv: 'Färdigbehandlat', nb: 'Ferdigbehandlet', en: 'Finished' },
  note: { sv: 'Anteckning', nb: 'Merknad på vedtak', en: 'Note' },
  responsible: { sv: 'Handläggare', nb: 'Saksbehandler', en: 'Case worker' },
  state: { sv: 'Läge', nb: 'Tilstand', en: 'State' },
  waitingFor: { sv: 'Väntar på', nb: 'Venter på', en: 'Waiting for' },
  daysLeft: { sv: 'Dagar kvar', nb: 'Dager igjen', en: 'Days left' },
  count: { sv: 'Antal', nb: 'Antall', en: 'Number' },
  withheld: { sv: 'Undanhållet', nb: 'Holdt tilbake', en: 'Withheld' },
} as const satisfies Readonly<Record<string, Text>>;

const yesNo = { sv: ['ja', 'nej'], nb: ['J', 'N'], en: ['yes', 'no'] } as const;
/** Yes or no in a language. */
export const yes = (is: boolean, language: Language): string => yesNo[language][is ? 0 : 1];
