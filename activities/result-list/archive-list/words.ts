import type { Language } from '../../../workflows/process.js';

/** Every fixed text of the archive list. */
export interface Words {
  readonly title: string;
  readonly list: string;
  readonly listNumber: string;
  readonly kind: string;
  readonly kinds: Readonly<Record<'T33' | 'T34', string>>;
  readonly course: string;
  readonly module: string;
  readonly wholeCourse: string;
  readonly work: string;
  readonly scale: string;
  readonly examiner: string;
  readonly term: string;
  /** A term by its year and whether it is the autumn's. */
  readonly termOf: (year: string, autumn: boolean) => string;
  readonly students: string;
  readonly personNumber: string;
  readonly surname: string;
  readonly givenName: string;
  readonly grade: string;
  readonly examinationDate: string;
  readonly score: string;
  readonly counts: string;
  readonly count: string;
  readonly total: string;
  readonly signature: string;
  readonly signedBy: string;
  readonly signedWith: string;
  readonly methods: Readonly<Record<'sms' | 'bankid', string>>;
  readonly signedAt: string;
  readonly hash: string;
  readonly controlNumber: string;
  readonly controlNumberUse: string;
  readonly page: (page: number, pages: number) => string;
}

/** The fixed texts in each language. */
export const words: Readonly<Record<Language, Words>> = {
  sv: {
    title: 'Arkivlista',
    list: 'Resultatlista',
    listNumber: 'Listnummer',
    kind: 'Typ av lista',
    kinds: { T33: 'T33, resultat på provmoment', T34: 'T34, slutbetyg på hel kurs' },
    course: 'Kurs',
    module: 'Provmoment',
    wholeCourse: 'hel kurs',
    work: 'Examensarbetets titel',
    scale: 'Betygsskala',
    examiner: 'Examinator',
    term: 'Termin',
    termOf: (year, autumn) => `${autumn ? 'HT' : 'VT'} ${year}`,
    students: 'Antal studenter',
    personNumber: 'Personnummer',
    surname: 'Efternamn',
    givenName: 'Förnamn',
    grade: 'Betyg',
    examinationDate: 'Examinationsdatum',
    score: 'Skrivningspoäng',
    counts: 'Betygsfördelning',
    count: 'Antal',
    total: 'Totalt',
    signature: 'Signatur',
    signedBy: 'Signerad av',
    signedWith: 'Signerad med',
    methods: { sms: 'SMS-kod', bankid: 'BankID' },
    signedAt: 'Tidpunkt',
    hash: 'Kontrollsumma för innehållet (SHA-256)',
    controlNumber: 'Kontrollnummer',
    controlNumberUse: 'Anges vid definitiv inläggning',
    page: (page, pages) => `Sida ${page} av ${pages}`,
  },
  nb: {
    title: 'Arkivliste',
    list: 'Resultatliste',
    listNumber: 'Listenummer',
    kind: 'Type liste',
    kinds: { T33: 'T33, resultat på del av emne', T34: 'T34, sluttkarakter på hele emnet' },
    course: 'Emne',
    module: 'Del av emnet',
    wholeCourse: 'hele emnet',
    work: 'Oppgavens tittel',
    scale: 'Karakterskala',
    examiner: 'Sensor',
    term: 'Semester',
    termOf: (year, autumn) => `${autumn ? 'høst' : 'vår'} ${year}`,
    students: 'Antall studenter',
    personNumber: 'Fødselsnummer',
    surname: 'Etternavn',
    givenName: 'Fornavn',
    grade: 'Karakter',
    examinationDate: 'Eksamensdato',
    score: 'Poeng',
    counts: 'Karakterfordeling',
    count: 'Antall',
    total: 'Totalt',
    signature: 'Signatur',
    signedBy: 'Signert av',
    signedWith: 'Signert med',
    methods: { sms: 'SMS-kode', bankid: 'BankID' },
    signedAt: 'Tidspunkt',
    hash: 'Kontrollsum for innholdet (SHA-256)',
    controlNumber: 'Kontrollnummer',
    controlNumberUse: 'Oppgis ved endelig innlegging',
    page: (page, pages) => `Side ${page} av ${pages}`,
  },
  en: {
    title: 'Archive list',
    list: 'Result list',
    listNumber: 'List number',
    kind: 'Kind of list',
    kinds: { T33: 'T33, results of one module', T34: 'T34, final grades of a whole course' },
    course: 'Course',
    module: 'Module',
    wholeCourse: 'whole course',
    work: 'Title of the degree project',
    scale: 'Grading scale',
    examiner: 'Examiner',
    term: 'Term',
    termOf: (year, autumn) => `${autumn ? 'autumn' : 'spring'} ${year}`,
    students: 'Number of students',
    personNumber: 'Personal number',
    surname: 'Surname',
    givenName: 'First name',
    grade: 'Grade',
    examinationDate: 'Examination date',
    score: 'Exam score',
    counts: 'Grades',
    count: 'Number',
    total: 'Total',
    signature: 'Signature',
    signedBy: 'Signed by',
    signedWith: 'Signed with',
    methods: { sms: 'SMS code', bankid: 'BankID' },
    signedAt: 'Signed at',
    hash: 'Content hash (SHA-256)',
    controlNumber: 'Control number',
    controlNumberUse: 'To be given at the definitive entry',
    page: (page, pages) => `Page ${page} of ${pages}`,
  },
};
