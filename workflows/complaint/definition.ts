import { defineProcess } from '../process.js';
import { bases } from './deadline.js';

/** The states in which a complaint has a deadline and is not decided: it can be withdrawn, or turned down. */
const undecided = [
  'received',
  'explaining',
  'with-committee',
  'to-further-assessment',
  'with-further-committee',
  'halted',
] as const;
/** Those in which somebody is reminded: of the deadline, or each week of what the exam office has to do. */
const reminded = ['opened', 'to-confirm', ...undecided, 'to-check', 'to-correct', 'to-lift'] as const;
/** Those in which somebody still has the next step. */
const open = ['opened', 'to-confirm', ...undecided, 'registering', 'not-entered', 'to-check', 'to-correct', 'to-lift'] as const;
const ended = ['closed', 'explained', 'dismissed', 'withdrawn'] as const;

/**
 * A complaint about a grade (klage på karakter), its explanation (begrunnelse) or a formal error (formell feil), from receipt to
 * a communicated decision that the exam office has checked (GC-01..51).
 */
export const definition = defineProcess({
  kind: 'complaint',
  path: 'complaints',
  title: { sv: 'Klagomål på betyg', nb: 'Klage på karakter', en: 'Grade complaint' },
  states: {
    opened: { sv: 'Upprättat, protokollet läses', nb: 'Opprettet, protokollen leses', en: 'Opened, the protocol is being read' },
    'to-confirm': { sv: 'Ska bekräftas', nb: 'Skal bekreftes', en: 'To be confirmed' },
    received: { sv: 'Mottaget', nb: 'Mottatt', en: 'Received' },
    explaining: {
      sv: 'Begäran om motivering hos examinator',
      nb: 'Begrunnelse hos sensor',
      en: 'Explanation asked of the examiner',
    },
    'with-committee': {
      sv: 'Hos kommissionen, andra bedömningen',
      nb: 'Hos klagekommisjonen, 2. gangs sensur',
      en: 'With the committee, second grading',
    },
    'to-further-assessment': { sv: 'Ska bedömas ytterligare', nb: 'Skal vurderes ytterligere', en: 'Needs a further assessment' },
    'with-further-committee': {
      sv: 'Hos kommissionen, tredje bedömningen',
      nb: 'Hos klagekommisjonen, 3. gangs sensur',
      en: 'With the committee, third grading',
    },
    registering: { sv: 'Förs in i FS', nb: 'Føres inn i FS', en: 'Being entered in FS' },
    'not-entered': { sv: 'Kunde inte föras in i FS', nb: 'Kunne ikke føres inn i FS', en: 'Could not be entered in FS' },
    'to-check': {
      sv: 'Kontrolleras av tentamenskontoret',
      nb: 'Kontrolleres av eksamenskontoret',
      en: 'To be checked by the exam office',
    },
    'to-correct': {
      sv: 'Felregistrerat, rättas av tentamenskontoret',
      nb: 'Feilregistrert, rettes av eksamenskontoret',
      en: 'Registered wrongly, to be corrected by the exam office',
    },
    halted: { sv: 'Vilar på grund av examensbeviset', nb: 'Stanset på grunn av vitnemålet', en: 'Halted because of the diploma' },
    'to-lift': {
      sv: 'Avslutat, spärren ska hävas',
      nb: 'Avsluttet, sperren skal oppheves',
      en: 'Ended, the block is to be lifted',
    },
    closed: { sv: 'Avslutat', nb: 'Avsluttet', en: 'Closed' },
    explained: { sv: 'Motivering given', nb: 'Begrunnelse gitt', en: 'Explained' },
    dismissed: { sv: 'Avvisat', nb: 'Avvist', en: 'Dismissed' },
    withdrawn: { sv: 'Återkallat', nb: 'Trukket', en: 'Withdrawn' },
  },
  final: ended,
  birth: {
    by: { 'case-worker': 'institution' },
    rule: 'GC-03',
    title: { sv: 'Registrera klagomål', nb: 'Registrer klagesak', en: 'Register a complaint' },
  },
  readers: ['case-worker', 'exam-office', 'auditor', 'operations'],
  openRule: 'GC-02',
  bases,
  orders: ['read-protocol', 'keep-in-fs', 'archive', 'block', 'postpone-diploma', 'enter-grade', 'recalculate'],
  mendedBy: { operations: 'institution', 'case-worker': 'institution', 'exam-office': 'institution' },
  commands: {
    'read-again': {
      kind: 'order',
      by: { 'case-worker': 'institution' },
      in: ['to-confirm'],
      rule: 'GC-02',
      title: { sv: 'Läs protokollet igen', nb: 'Les protokollen på nytt', en: 'Read the protocol again' },
    },
    confirm: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['to-confirm'],
      rule: 'GC-03',
      title: {
        sv: 'Bekräfta: rätt kurs, del och student',
        nb: 'Bekreft: riktig emne, delvurdering og student',
        en: 'Confirm: the right course, part and student',
      },
    },
    describe: {
      kind: 'edit',
      by: { 'case-worker': 'institution' },
      in: [...open, ...ended],
      rule: 'GC-12',
      title: { sv: 'Ändra uppgifter om ärendet', nb: 'Endre opplysninger om saken', en: 'Change what is noted about the case' },
    },
    appoint: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['received', 'with-committee', 'to-further-assessment', 'with-further-committee'],
      rule: 'GC-13',
      title: { sv: 'Utse kommission', nb: 'Oppnevn kommisjon', en: 'Appoint a committee' },
    },
    send: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['received', 'to-further-assessment'],
      rule: 'GC-16',
      title: { sv: 'Skicka till kommissionen', nb: 'Send til ny kommisjon', en: 'Send to the committee' },
    },
    'move-deadline': {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: undecided,
      rule: 'GC-17',
      title: { sv: 'Ändra sista dag', nb: 'Endre frist', en: 'Move the deadline' },
    },
    protect: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: undecided,
      rule: 'GC-42',
      title: {
        sv: 'Spärra, skjut upp examensbeviset eller ingetdera',
        nb: 'Sperr, utsett vitnemålet eller ingen av delene',
        en: 'Block, postpone the diploma, or neither',
      },
    },
    halt: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['received', 'with-committee', 'to-further-assessment', 'with-further-committee'],
      rule: 'GC-44',
      title: {
        sv: 'Låt ärendet vila på grund av examensbeviset',
        nb: 'Stans behandlingen på grunn av vitnemålet',
        en: 'Halt because of the diploma',
      },
    },
    resume: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['halted'],
      rule: 'GC-06',
      title: { sv: 'Återuppta', nb: 'Gjenoppta', en: 'Resume' },
    },
    'register-grade': {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['with-committee', 'with-further-committee'],
      rule: 'GC-18',
      title: { sv: 'Registrera nytt betyg', nb: 'Registrer klagesensur', en: 'Register the new grade' },
    },
    'enter-again': {
      kind: 'step',
      by: { 'case-worker': 'institution', 'exam-office': 'institution' },
      in: ['not-entered'],
      rule: 'GC-18',
      title: { sv: 'För in i FS igen', nb: 'Før inn i FS på nytt', en: 'Enter in FS again' },
    },
    'delete-grade': {
      kind: 'step',
      by: { 'case-worker': 'institution', 'exam-office': 'institution' },
      in: ['to-further-assessment', 'with-further-committee', 'not-entered'],
      rule: 'GC-30',
      title: { sv: 'Ta bort det nya betyget ur loggen', nb: 'Slett klagesensur', en: 'Delete the new grade from the log' },
    },
    recalculate: {
      kind: 'order',
      by: { 'case-worker': 'institution', 'exam-office': 'institution' },
      in: ['to-check'],
      rule: 'GC-26',
      title: { sv: 'Räkna om kursbetyget', nb: 'Ny resultatberegning', en: 'Recalculate the top grade' },
    },
    check: {
      kind: 'step',
      by: { 'exam-office': 'institution' },
      in: ['to-check'],
      rule: 'GC-41',
      title: { sv: 'Kontrollerat: betyget är rätt', nb: 'Kontrollert: karakteren er riktig', en: 'Checked: the grade is right' },
    },
    'report-wrong': {
      kind: 'step',
      by: { 'case-worker': 'institution', 'exam-office': 'institution' },
      in: ['to-check'],
      rule: 'GC-29',
      title: { sv: 'Fel betyg registrerat', nb: 'Feil karakter er registrert', en: 'A wrong grade was registered' },
    },
    correct: {
      kind: 'step',
      by: { 'exam-office': 'institution' },
      in: ['to-correct'],
      rule: 'GC-31',
      title: { sv: 'För in rätt betyg', nb: 'Registrer korrekt karakter', en: 'Enter the right grade' },
    },
    explain: {
      kind: 'step',
      by: { examiner: 'course', 'case-worker': 'institution' },
      in: ['explaining'],
      rule: 'GC-04',
      title: { sv: 'Ge motivering', nb: 'Gi begrunnelse', en: 'Explain' },
    },
    'decide-error': {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['received'],
      rule: 'GC-04',
      title: { sv: 'Avgör om det finns formellt fel', nb: 'Avgjør om det er formell feil', en: 'Decide about the formal error' },
    },
    dismiss: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: undecided,
      rule: 'GC-24',
      title: { sv: 'Avvisa', nb: 'Avvis', en: 'Dismiss' },
    },
    withdraw: {
      kind: 'step',
      by: { 'case-worker': 'institution' },
      in: ['opened', 'to-confirm', ...undecided, 'not-entered'],
      rule: 'GC-36',
      title: { sv: 'Studenten återkallar', nb: 'Studenten trekker klagen', en: 'Withdrawn by the student' },
    },
    'lift-block': {
      kind: 'step',
      by: { 'exam-office': 'institution' },
      in: ['to-lift'],
      rule: 'GC-42',
      title: { sv: 'Häv spärren', nb: 'Opphev sperren', en: 'Lift the block' },
    },
    remind: {
      kind: 'step',
      by: { system: 'institution' },
      in: reminded,
      rule: 'GC-17',
      title: { sv: 'Påminn', nb: 'Minn om', en: 'Remind' },
    },
    'protocol-read': {
      kind: 'step',
      by: { system: 'institution' },
      in: ['opened'],
      rule: 'GC-02',
      title: { sv: 'Protokollet läst', nb: 'Protokollen er lest', en: 'Protocol read' },
    },
    entered: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['registering'],
      rule: 'GC-18',
      title: { sv: 'Infört i FS', nb: 'Ført inn i FS', en: 'Entered in FS' },
    },
  },
});

/** The states of a complaint. */
export type ComplaintState = keyof (typeof definition)['states'];
/** The commands of a complaint. */
export type ComplaintCommand = keyof (typeof definition)['commands'];
