import type { RoleName, Text } from './process.js';

/** Roles as people call them. */
export const roleTexts: Readonly<Record<RoleName, Text>> = {
  teacher: { sv: 'lärare', nb: 'underviser', en: 'teacher' },
  examiner: { sv: 'examinator', nb: 'sensor', en: 'examiner' },
  'course-office': { sv: 'Kurs- och programstöd', nb: 'studieadministrasjonen', en: 'course office' },
  'exam-office': { sv: 'tentamenskontoret', nb: 'eksamenskontoret', en: 'exam office' },
  'case-worker': { sv: 'handläggare', nb: 'saksbehandler', en: 'case worker' },
  'study-adviser': { sv: 'studievägledare', nb: 'studieveileder', en: 'study adviser' },
  'accommodation-officer': { sv: 'samordnare för anpassning', nb: 'rådgiver for tilrettelegging', en: 'accommodation officer' },
  planner: { sv: 'planerare', nb: 'planlegger', en: 'planner' },
  'committee-member': { sv: 'ledamot i klagokommission', nb: 'medlem av klagekommisjon', en: 'member of a complaint committee' },
  student: { sv: 'student', nb: 'student', en: 'student' },
  operations: { sv: 'drift', nb: 'drift', en: 'operations' },
  auditor: { sv: 'revisor', nb: 'revisor', en: 'auditor' },
  integration: { sv: 'integration', nb: 'integrasjon', en: 'integration' },
  system: { sv: 'Registrar', nb: 'Registrar', en: 'Registrar' },
  attester: { sv: 'den som attesterar', nb: 'den som attesterer', en: 'attester' },
};
