import { defineProcess, type Text } from '../process.js';

const bases = {
  sent: { sv: 'att listan skickades', nb: 'at listen ble sendt', en: 'when the list was sent' },
  examination: { sv: 'den senaste examinationen', nb: 'den siste eksamenen', en: 'the latest examination' },
  'examination-long-ago': {
    sv: 'att listan skickades, långt efter examinationen',
    nb: 'at listen ble sendt, lenge etter eksamenen',
    en: 'when the list was sent, long after the examination',
  },
} as const satisfies Readonly<Record<string, Text>>;

/** What the rules narrow besides: `whole-course.ts` and `four-eyes.ts` decide, here it is said. */
const [byExaminer, notOfAll, notByWhoEntered] = [
  'On the list of a whole course (T34) by an examiner of it alone (RL-28)',
  'Not on the list of a whole course (T34), which takes its students in one way (RL-24)',
  'Where four eyes are asked for not by, and not for, who entered any of it (RL-36)',
] as const;

/** What a deadline of a list is counted from. */
export type ListBasis = keyof typeof bases;

/**
 * The result list (resultatlista), T33: grades of one module, T34: of a whole course, from draft to the student (RL-35, RL-29).
 */
export const definition = defineProcess({
  kind: 'result-list',
  path: 'result-lists',
  title: { sv: 'Resultatlista', nb: 'Resultatliste', en: 'Result list' },
  states: {
    draft: { sv: 'Utkast', nb: 'Utkast', en: 'Draft' },
    'with-examiner': { sv: 'Hos examinator', nb: 'Hos sensor', en: 'With the examiner' },
    signed: { sv: 'Signerad', nb: 'Signert', en: 'Signed' },
    registering: { sv: 'Förs över till Ladok', nb: 'Overføres til Ladok', en: 'Being registered' },
    entering: { sv: 'Läggs in för hand i Ladok', nb: 'Legges inn for hånd i Ladok', en: 'Being entered by hand' },
    registered: { sv: 'Klarmarkerad i Ladok', nb: 'Klarmerket i Ladok', en: 'Ready in the register' },
    arrived: { sv: 'Attesterad i Ladok', nb: 'Attestert i Ladok', en: 'Arrived in the register' },
    informed: { sv: 'Studenterna meddelade', nb: 'Studentene er varslet', en: 'Students told' },
    withdrawn: { sv: 'Återtagen', nb: 'Trukket tilbake', en: 'Withdrawn' },
  },
  final: ['informed', 'withdrawn'],
  birth: {
    by: { teacher: 'institution', examiner: 'institution' },
    rule: 'RL-01',
    title: { sv: 'Skapa lista', nb: 'Opprett liste', en: 'Create a list' },
  },
  readers: ['teacher', 'examiner', 'course-office', 'auditor', 'operations'],
  narrowing: { setting: 'only-own-courses', roles: ['teacher', 'examiner'] },
  openRule: 'RL-03',
  bases,
  orders: ['fetch', 'find-exams', 'find-columns', 'check-registrations'],
  mendedBy: { operations: 'institution', 'course-office': 'institution', examiner: 'course', teacher: 'own' },
  commands: {
    save: {
      kind: 'edit',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: byExaminer,
      rule: 'RL-36',
      title: { sv: 'Spara som utkast', nb: 'Lagre som utkast', en: 'Save as draft' },
    },
    remove: {
      kind: 'edit',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: byExaminer,
      rule: 'RL-36',
      title: { sv: 'Ta bort studenter', nb: 'Fjern studenter', en: 'Remove students' },
    },
    correct: {
      kind: 'edit',
      by: { examiner: 'course' },
      in: ['with-examiner'],
      rule: 'RL-38',
      title: { sv: 'Rätta', nb: 'Rett', en: 'Correct' },
    },
    fetch: {
      kind: 'order',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: byExaminer,
      rule: 'RL-10',
      title: { sv: 'Hämta studenter', nb: 'Hent studenter', en: 'Fetch students' },
    },
    'find-exams': {
      kind: 'order',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: notOfAll,
      rule: 'RL-11',
      title: { sv: 'Visa tentor att hämta från', nb: 'Vis eksamener å hente fra', en: 'Show exams to fetch from' },
    },
    'find-columns': {
      kind: 'order',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: notOfAll,
      rule: 'RL-15',
      title: { sv: 'Visa kolumner i It’s Learning', nb: 'Vis kolonner i itslearning', en: 'Show columns in itslearning' },
    },
    'check-registrations': {
      kind: 'order',
      by: { teacher: 'institution', examiner: 'course', 'course-office': 'institution' },
      in: ['draft', 'with-examiner'],
      rule: 'RL-23',
      title: { sv: 'Kontrollera registreringar', nb: 'Kontroller registreringer', en: 'Check registrations' },
    },
    'mail-not-registered': {
      kind: 'step',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft', 'with-examiner'],
      rule: 'RL-31',
      title: {
        sv: 'Samlingslista för icke-registrerade',
        nb: 'Samleliste over ikke-registrerte',
        en: 'Collected list of students not registered',
      },
    },
    'move-not-registered': {
      kind: 'edit',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft', 'with-examiner'],
      except: `${byExaminer}, and so on any list that was sent (RL-23)`,
      rule: 'RL-23',
      title: {
        sv: 'Flytta icke-registrerade till en egen lista',
        nb: 'Flytt ikke-registrerte til en egen liste',
        en: 'Move students not registered to a list of their own',
      },
    },
    send: {
      kind: 'step',
      by: { teacher: 'institution', examiner: 'course' },
      in: ['draft'],
      except: byExaminer,
      rule: 'RL-36',
      title: { sv: 'Skicka till examinator', nb: 'Send til sensor', en: 'Send to the examiner' },
    },
    return: {
      kind: 'step',
      by: { examiner: 'course' },
      in: ['with-examiner'],
      rule: 'RL-38',
      title: { sv: 'Skicka tillbaka', nb: 'Send tilbake', en: 'Return with a reason' },
    },
    'request-code': {
      kind: 'order',
      by: { examiner: 'course' },
      in: ['draft', 'with-examiner'],
      except: notByWhoEntered,
      rule: 'RL-38',
      title: { sv: 'Begär kod', nb: 'Be om kode', en: 'Ask for a code' },
    },
    'order-bankid': {
      kind: 'order',
      by: { examiner: 'course' },
      in: ['draft', 'with-examiner'],
      except: notByWhoEntered,
      rule: 'RL-38',
      title: { sv: 'Signera med BankID', nb: 'Signer med BankID', en: 'Sign with BankID' },
    },
    sign: {
      kind: 'step',
      by: { examiner: 'course' },
      in: ['draft', 'with-examiner'],
      except: notByWhoEntered,
      rule: 'RL-38',
      title: { sv: 'Signera', nb: 'Signer', en: 'Sign' },
    },
    'confirm-signed-archive-list': {
      kind: 'step',
      by: { 'course-office': 'institution' },
      in: ['signed'],
      rule: 'RL-58',
      title: {
        sv: 'Bekräfta underskriven arkivlista',
        nb: 'Bekreft underskrevet arkivliste',
        en: 'Confirm the signed archive list',
      },
    },
    enter: {
      kind: 'step',
      by: { 'course-office': 'institution' },
      in: ['signed'],
      except: 'Not by who signed the list, nor by whom it was signed for (AU-11)',
      rule: 'RL-46',
      title: { sv: 'Definitiv inläggning', nb: 'Endelig innlegging', en: 'Definitive entry' },
    },
    'transfer-again': {
      kind: 'step',
      by: { 'course-office': 'institution' },
      in: ['registered'],
      rule: 'RL-46',
      title: { sv: 'För över på nytt', nb: 'Overfør på nytt', en: 'Transfer again' },
    },
    'confirm-arrival': {
      kind: 'step',
      by: { 'course-office': 'institution' },
      in: ['entering', 'registered'],
      rule: 'RL-46',
      title: {
        sv: 'Bekräfta att resultaten finns i Ladok',
        nb: 'Bekreft at resultatene er i Ladok',
        en: 'Confirm that the results are in the register',
      },
    },
    'note-annulment': {
      kind: 'edit',
      by: { 'course-office': 'institution' },
      in: ['informed'],
      rule: 'RL-46',
      title: {
        sv: 'Notera makulering eller annat beslut',
        nb: 'Noter makulering eller annet vedtak',
        en: 'Note an annulment or another decision',
      },
    },
    withdraw: {
      kind: 'step',
      by: { teacher: 'own', examiner: 'course' },
      in: ['draft'],
      rule: 'RL-35',
      title: { sv: 'Ta tillbaka', nb: 'Trekk tilbake', en: 'Withdraw' },
    },
    remind: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['with-examiner'],
      rule: 'RL-37',
      title: { sv: 'Påminn', nb: 'Minn om', en: 'Remind' },
    },
    transferred: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['registering'],
      rule: 'RL-46',
      title: { sv: 'Överföringen klar', nb: 'Overføringen er ferdig', en: 'Transfer done' },
    },
    attested: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['entering', 'registered'],
      rule: 'RL-46',
      title: { sv: 'Attesterad', nb: 'Attestert', en: 'Attested' },
    },
    told: {
      kind: 'step',
      by: { system: 'institution' },
      in: ['arrived'],
      rule: 'RL-47',
      title: { sv: 'Meddelade', nb: 'Varslet', en: 'Told' },
    },
  },
});

/** The states of a result list. */
export type ListState = keyof (typeof definition)['states'];
/** The commands of a result list. */
export type ListCommand = keyof (typeof definition)['commands'];
