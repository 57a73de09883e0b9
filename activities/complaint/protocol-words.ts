import type { Round } from '../../workflows/complaint/complaint.js';
import type { Language } from '../../workflows/process.js';

/**
 * What becomes of the paper: it is sent to the exam office, perhaps, not at all (GC-34), or with the note that a wrong grade was
 * registered (GC-31).
 */
export type Sending = 'to-be-sent' | 'when-in-protocol' | 'not-to-be-sent' | 'registered-wrongly';

/** Every fixed text of the assessment protocol. */
interface Words {
  readonly title: string;
  readonly candidate: string;
  readonly studentNumber: string;
  readonly report: string;
  readonly complaints: string;
  readonly yes: string;
  readonly course: string;
  readonly combination: string;
  readonly time: string;
  readonly version: string;
  readonly complaint: string;
  readonly journal: string;
  readonly student: string;
  readonly received: string;
  readonly sent: string;
  readonly round: string;
  readonly rounds: Readonly<Record<Round, string>>;
  readonly sendings: Readonly<Record<Sending, string>>;
  readonly result: string;
  readonly grade: string;
  readonly passed: string;
  readonly scale: string;
  readonly changeStatus: string;
  readonly committee: (number: number, name: string) => string;
  readonly external: string;
  readonly caseWorker: string;
  readonly registered: string;
  readonly logged: string;
  readonly placeAndDate: string;
  readonly signature: string;
  readonly page: (page: number, pages: number) => string;
}

/** The fixed texts in each language. */
export const words: Readonly<Record<Language, Words>> = {
  sv: {
    title: 'Bedömningsprotokoll',
    candidate: 'Kandidatnummer',
    studentNumber: 'Studentnummer',
    report: 'Rapport',
    complaints: 'Klagomål',
    yes: 'ja',
    course: 'Kurs',
    combination: 'Bedömningskombination',
    time: 'Tid',
    version: 'version',
    complaint: 'Ärende',
    journal: 'Diarienummer',
    student: 'Student',
    received: 'Klagomålet mottaget',
    sent: 'Skickat till ny kommission',
    round: 'Bedömning',
    rounds: { 2: 'Andra bedömningen', 3: 'Tredje bedömningen (ytterligare bedömning)' },
    sendings: {
      'to-be-sent': 'Undertecknat protokoll skickas till tentamenskontoret när ärendet är färdigbehandlat.',
      'when-in-protocol':
        'Skickas till tentamenskontoret bara om betyget förs in i protokollet, inte om det loggförs i väntan på ytterligare bedömning.',
      'not-to-be-sent': 'Skickas INTE till tentamenskontoret: betyget är bara loggfört, en ytterligare bedömning görs.',
      'registered-wrongly': 'Skickas till tentamenskontoret: betyget är FELREGISTRERAT i FS och ska rättas.',
    },
    result: 'Resultat',
    grade: 'Betyg efter klagomål',
    passed: 'Godkänd (B/S)',
    scale: 'Betygsskala',
    changeStatus: 'Ändringsstatus',
    committee: (number, name) => `Kommission ${number}, ${name}`,
    external: 'extern',
    caseWorker: 'Handläggare',
    registered: 'Betyget registrerat i FS',
    logged: 'Betyget loggfört, inte infört i protokollet',
    placeAndDate: 'Ort och datum',
    signature: 'Underskrift',
    page: (page, pages) => `Sida ${page} av ${pages}`,
  },
  nb: {
    title: 'Vurderingsprotokoll',
    candidate: 'Kandidatnummer',
    studentNumber: 'Studentnummer',
    report: 'Rapport',
    complaints: 'Klagesaker',
    yes: 'J',
    course: 'Emne',
    combination: 'Vurderingskombinasjon',
    time: 'Tid',
    version: 'versjon',
    complaint: 'Klagesak',
    journal: 'Journalnummer',
    student: 'Student',
    received: 'Klage mottatt',
    sent: 'Sendt ny kommisjon',
    round: 'Sensur',
    rounds: { 2: '2. gangs sensur', 3: '3. gangs sensur (ytterligere vurdering)' },
    sendings: {
      'to-be-sent': 'Signert protokoll sendes til eksamenskontoret når saken er ferdigbehandlet.',
      'when-in-protocol':
        'Sendes til eksamenskontoret bare hvis karakteren protokollføres, ikke hvis den loggføres i påvente av ytterligere vurdering.',
      'not-to-be-sent': 'Sendes IKKE til eksamenskontoret: karakteren er bare loggført, det gjøres en ytterligere vurdering.',
      'registered-wrongly': 'Sendes til eksamenskontoret: karakteren er registrert FEIL i FS og skal rettes.',
    },
    result: 'Resultat',
    grade: 'Karakter etter klage',
    passed: 'Bestått (B/S)',
    scale: 'Karakterskala',
    changeStatus: 'Endringsstatus',
    committee: (number, name) => `Kommisjon ${number}, ${name}`,
    external: 'ekstern',
    caseWorker: 'Saksbehandler',
    registered: 'Karakteren registrert i FS',
    logged: 'Karakteren loggført, ikke protokollført',
    placeAndDate: 'Sted og dato',
    signature: 'Underskrift',
    page: (page, pages) => `Side ${page} av ${pages}`,
  },
  en: {
    title: 'Assessment protocol',
    candidate: 'Candidate number',
    studentNumber: 'Student number',
    report: 'Report',
    complaints: 'Complaints',
    yes: 'yes',
    course: 'Course',
    combination: 'Assessment combination',
    time: 'Time',
    version: 'version',
    complaint: 'Complaint',
    journal: 'Journal number',
    student: 'Student',
    received: 'Complaint received',
    sent: 'Sent to a new committee',
    round: 'Grading',
    rounds: { 2: 'Second grading', 3: 'Third grading (further assessment)' },
    sendings: {
      'to-be-sent': 'The signed protocol is sent to the exam office when the case is finished.',
      'when-in-protocol':
        'Sent to the exam office only if the grade enters the protocol, not if it is logged until a further assessment.',
      'not-to-be-sent': 'NOT to be sent to the exam office: the grade is logged only, a further assessment is made.',
      'registered-wrongly': 'Sent to the exam office: the grade was registered WRONGLY in FS and is to be corrected.',
    },
    result: 'Result',
    grade: 'Grade after complaint',
    passed: 'Passed (B/S)',
    scale: 'Grading scale',
    changeStatus: 'Change status',
    committee: (number, name) => `Committee ${number}, ${name}`,
    external: 'external',
    caseWorker: 'Case worker',
    registered: 'Grade registered in FS',
    logged: 'Grade logged, not in the protocol',
    placeAndDate: 'Place and date',
    signature: 'Signature',
    page: (page, pages) => `Page ${page} of ${pages}`,
  },
};
