import type { CaseView, Language, Warning } from '../process.js';
import { noAssessment } from './committee.js';
import { isAnnulled, type ComplaintData, type Notice } from './complaint.js';
import type { ComplaintCommand } from './definition.js';
import { protectionEffects } from './protection-effects.js';

/** Commands that the case does not have as it is, whatever its state. */
export function notOffered({ data, state }: CaseView<ComplaintData>): ComplaintCommand[] {
  const errorOpen = data.type === 'formal-error' && !data.formalError;
  return [
    ...(errorOpen ? [] : ['decide-error' as const]),
    ...(noAssessment(data) ? ['appoint' as const, 'send' as const] : []),
    ...(data.entry ? [] : ['confirm' as const]),
    ...(data.entry?.top ? [] : ['recalculate' as const]),
    ...(state === 'explaining' ? ['protect' as const] : []),
    ...(data.wrong ? ['withdraw' as const] : []),
    ...(data.wrong || isAnnulled(data) ? ['dismiss' as const] : []),
  ];
}

/**
 * A diploma that is printed has to come back (GC-05, GC-06); one that is produced and not printed stops the handling as well
 * (GC-44).
 */
const diplomas: Readonly<Record<'printed' | 'produced', Warning>> = {
  printed: {
    code: 'diploma-printed',
    rule: 'GC-05',
    sv: 'Resultatet ingår i ett examensbevis som är utskrivet. Det ska lämnas tillbaka innan klagomålet behandlas: kom överens med fakulteten om vem som kontaktar studenten.',
    nb: 'Resultatet inngår i et vitnemål som er skrevet ut. Det må returneres før klagen behandles: avtal med fakultetet hvem som kontakter studenten.',
    en: 'The result is part of a diploma that has been printed. It has to be returned before the complaint is handled: agree with the faculty who contacts the student.',
  },
  produced: {
    code: 'diploma-produced',
    rule: 'GC-44',
    sv: 'Resultatet ingår i ett examensbevis som är framställt men inte utskrivet. Behandlingen vilar: kom överens med fakulteten om vad som händer med det.',
    nb: 'Resultatet inngår i et vitnemål som er produsert, men ikke skrevet ut. Behandlingen er stanset: avtal med fakultetet hva som skjer med det.',
    en: 'The result is part of a diploma that has been produced but not printed. The handling is halted: agree with the faculty what becomes of it.',
  },
};

/** GC-29: whether the student was told of the wrong grade. A notice that had not gone by then is held back. */
export const wrongNotice = ({ notice = 'gone' }: Pick<NonNullable<ComplaintData['wrong']>, 'notice'>): Warning =>
  wrongNotices[notice];

const wrongNotices: Readonly<Record<Notice, Warning>> = {
  gone: {
    code: 'notice-has-gone',
    rule: 'GC-29',
    sv: 'Studenten har redan fått besked om det felaktiga betyget. Ett nytt besked skickas när rätt betyg är infört.',
    nb: 'Studenten har allerede fått sensurvarsel om den feilaktige karakteren. Et nytt sendes når riktig karakter er ført inn.',
    en: 'The student has already been told of the wrong grade. A new notice goes out when the right one is entered.',
  },
  'held-back': {
    code: 'notice-held-back',
    rule: 'GC-29',
    sv: 'Studenten har inte fått något besked om det felaktiga betyget och får det inte heller. Ett besked skickas när rätt betyg är infört.',
    nb: 'Studenten har ikke fått sensurvarsel om den feilaktige karakteren, og får det heller ikke. Et sensurvarsel sendes når riktig karakter er ført inn.',
    en: 'The student has not been told of the wrong grade, and will not be. A notice goes out when the right one is entered.',
  },
  perhaps: {
    code: 'notice-may-have-gone',
    rule: 'GC-29',
    sv: 'Det är osäkert om studenten har fått besked om det felaktiga betyget. Ett nytt besked skickas när rätt betyg är infört.',
    nb: 'Det er usikkert om studenten har fått sensurvarsel om den feilaktige karakteren. Et nytt sendes når riktig karakter er ført inn.',
    en: 'Whether the student has been told of the wrong grade is not certain. A new notice goes out when the right one is entered.',
  },
};

const effectsIn = (language: Language): string => protectionEffects.block.map((effect) => effect[language]).join(' ');

/** GC-43: what a block does while it stands. */
const blocked: Warning = {
  code: 'blocked',
  rule: 'GC-43',
  sv: `Resultatet är spärrat. ${effectsIn('sv')}`,
  nb: `Resultatet er sperret. ${effectsIn('nb')}`,
  en: `The result is blocked. ${effectsIn('en')}`,
};

/**
 * What has to be seen about the case though it stops nothing. `pilot`: what is done otherwise on the course, in the institution's
 * own words; `unknown`: the numbers of first examiners whom the staff register does not know.
 */
export function warnings(data: ComplaintData, pilot: string | undefined, unknown: readonly string[] = []): Warning[] {
  const late = data.late && {
    code: 'late',
    rule: 'GC-24',
    sv: `Kom in ${data.received}, efter den sista dagen ${data.late.on}. Ärendet kan avvisas.`,
    nb: `Kom inn ${data.received}, etter siste frist ${data.late.on}. Saken kan avvises.`,
    en: `Received on ${data.received}, after the last day ${data.late.on}. The case can be dismissed.`,
  };
  const diploma = data.entry?.diploma && diplomas[data.entry.diploma];
  const wrong = data.wrong && !data.corrected && wrongNotice(data.wrong);
  const inPilot =
    pilot === undefined
      ? undefined
      : {
          code: 'pilot',
          rule: 'GC-01',
          sv: `Kursen är med i en pilot: ${pilot}`,
          nb: `Emnet er med i en pilot: ${pilot}`,
          en: `The course is in a pilot: ${pilot}`,
        };
  const strangers =
    unknown.length === 0 || noAssessment(data) || data.type === 'explanation'
      ? undefined
      : {
          code: 'unknown-first-examiners',
          rule: 'GC-13',
          sv: `Det första betyget är satt av någon som personalregistret inte känner (nummer i FS: ${unknown.join(', ')}). Kontrollera att den personen inte sitter i kommissionen.`,
          nb: `Første karakter er satt av noen som personalregisteret ikke kjenner (nummer i FS: ${unknown.join(', ')}). Kontroller at den personen ikke sitter i kommisjonen.`,
          en: `The first grade was set by somebody whom the staff register does not know (number in FS: ${unknown.join(', ')}). Make sure that they do not sit on the committee.`,
        };
  return [late, diploma, wrong, inPilot, strangers, data.blocked && blocked].flatMap((one) => (one ? [one] : []));
}
