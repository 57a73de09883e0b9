import { isAnnulled, type ComplaintData, type LetterName } from '../../workflows/complaint/complaint.js';
import { askedBy } from '../../workflows/complaint/deadline.js';
import type { Language, Text } from '../../workflows/process.js';
import type { Words } from '../post.js';
import { decisionTexts } from './decision-words.js';

/** What a letter about a complaint may say. Grade, explanation and reason stand only in letters to the student they belong to. */
export interface About {
  readonly number: string;
  readonly complaint: ComplaintData;
  readonly link: string;
  /** Whom to ask (GC-51). */
  readonly help: string;
  /** What is cited as the law, of the day of receipt. */
  readonly law: string;
  readonly due?: string | undefined;
  readonly grade?: string | undefined;
  readonly explanation?: string | undefined;
  readonly reason?: string | undefined;
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const what = ({ complaint: { unit } }: About) => `${unit.course} ${unit.term} ${unit.year}`;
const named = (about: About, language: Language) => {
  const { entry } = about.complaint;
  const name = language === 'en' ? entry?.courseNameEn : entry?.courseNameNb;
  return name === undefined ? what(about) : `${what(about)} (${name})`;
};

const asked: Readonly<Record<ComplaintData['type'], Text>> = {
  grading: { sv: 'Ditt klagomål på betyget', nb: 'Klagen din på karakteren', en: 'Your complaint about the grade' },
  explanation: {
    sv: 'Din begäran om motivering av betyget',
    nb: 'Kravet ditt om begrunnelse for karakteren',
    en: 'Your request for an explanation of the grade',
  },
  'formal-error': {
    sv: 'Ditt klagomål om formellt fel',
    nb: 'Klagen din på formell feil',
    en: 'Your complaint about a formal error',
  },
};
/** The last day to complain about the grade, counted from the day of its explanation. */
const lastDay = ({ communicated = '' }: ComplaintData): string => askedBy('grading', { gradedOn: communicated }, 'UTC').on;
/** What was asked for, on which result. */
const askedOn = (about: About, language: Language): string =>
  `${asked[about.complaint.type][language]} ${{ sv: 'på', nb: 'i', en: 'on' }[language]} ${named(about, language)}`;
/** "Begäran" is of another gender than "klagomål", and "krav" than "klage". */
const agreeing = (about: About, complaint: Text, request: Text): Text =>
  about.complaint.type === 'explanation' ? request : complaint;

const errors: Readonly<Record<NonNullable<ComplaintData['formalError']>['outcome'], Text>> = {
  'no-error': {
    sv: 'Inget formellt fel har konstaterats. Betyget står fast.',
    nb: 'Det er ikke funnet noen formell feil. Karakteren blir stående.',
    en: 'No formal error was found. The grade stands.',
  },
  'no-effect': {
    sv: 'Ett fel har konstaterats, men det har inte påverkat resultatet. Betyget står fast.',
    nb: 'Det er funnet en feil, men den har ikke hatt betydning for resultatet. Karakteren blir stående.',
    en: 'An error was found, but it had no effect on the result. The grade stands.',
  },
  annulled: {
    sv: 'Ett fel har konstaterats. Betyget upphävs och bedöms på nytt av en kommission.',
    nb: 'Det er funnet en feil. Karakteren oppheves og vurderes på nytt av en kommisjon.',
    en: 'An error was found. The grade is annulled and assessed anew by a committee.',
  },
  'held-anew': {
    sv: 'Ett fel har konstaterats. Examinationen hålls på nytt.',
    nb: 'Det er funnet en feil. Eksamen holdes på nytt.',
    en: 'An error was found. The examination is held anew.',
  },
};

/** What a withdrawal leaves. */
const unchanged: Text = {
  sv: 'Det tidigare betyget gäller.',
  nb: 'Den opprinnelige karakteren gjelder.',
  en: 'The grade of before stands.',
};
const annulled: Text = {
  sv: 'Beslutet att upphäva betyget gäller fortfarande.',
  nb: 'Vedtaket om å oppheve karakteren gjelder fortsatt.',
  en: 'The decision that annulled the grade still stands.',
};

const questions = ({ help }: About): Text => ({ sv: `Frågor: ${help}`, nb: `Spørsmål: ${help}`, en: `Questions: ${help}` });
const ground = ({ law }: About): Text => ({ sv: `Bestämmelser: ${law}.`, nb: `Hjemmel: ${law}.`, en: `By law: ${law}.` });

/** A letter to the student: what it is about, its own lines, the law, and whom to ask. */
const toStudent =
  (subject: Text, lines: (about: About, language: Language) => readonly string[]): Letter =>
  (about) => {
    const words = (language: Language): Words => ({
      subject: `${subject[language]} ${about.complaint.unit.course}`,
      text: [...lines(about, language), ground(about)[language], questions(about)[language]],
    });
    return { sv: words('sv'), nb: words('nb'), en: words('en') };
  };

/** A letter to staff: what waits, until when, where, and whom to ask (GC-51). */
const toStaff =
  (subject: (about: About) => Text, lines: (about: About) => Text): Letter =>
  (about) => {
    const words = (language: Language): Words => ({
      subject: subject(about)[language],
      text: [lines(about)[language], about.link, questions(about)[language]],
    });
    return { sv: words('sv'), nb: words('nb'), en: words('en') };
  };

/** The letters of a complaint (GC-17, GC-24, GC-25, GC-32, GC-41). Subjects hold neither names nor grades. */
export const letters: Readonly<Record<LetterName, Letter>> = {
  acknowledged: toStudent({ sv: 'Mottaget:', nb: 'Mottatt:', en: 'Received:' }, (about, language) => [
    `${askedOn(about, language)} ${{ sv: 'kom in', nb: 'ble mottatt', en: 'was received on' }[language]} ${about.complaint.received}.`,
    `${agreeing(about, { sv: 'Det ska vara behandlat senast', nb: 'Den skal være behandlet senest', en: 'It is to be dealt with by' }, { sv: 'Den ska vara behandlad senast', nb: 'Det skal være behandlet senest', en: 'It is to be dealt with by' })[language]} ${about.due ?? ''}.`,
  ]),
  'explanation-asked': toStaff(
    ({ complaint: { unit } }) => ({
      sv: `En student begär motivering på ${unit.course}`,
      nb: `En student ber om begrunnelse i ${unit.course}`,
      en: `A student asks for an explanation on ${unit.course}`,
    }),
    (about) => ({
      sv: `En student på ${named(about, 'sv')} begär motivering av sitt betyg. Ge den senast ${about.due ?? ''}:`,
      nb: `En student på ${named(about, 'nb')} krever begrunnelse for karakteren. Gi den senest ${about.due ?? ''}:`,
      en: `A student on ${named(about, 'en')} asks for an explanation of the grade. Give it by ${about.due ?? ''}:`,
    }),
  ),
  'explanation-given': toStudent(
    { sv: 'Motivering av betyg på', nb: 'Begrunnelse for karakter i', en: 'Explanation of your grade on' },
    (about, language) => [
      {
        sv: `Motivering av ditt betyg på ${named(about, 'sv')}:`,
        nb: `Begrunnelse for karakteren din i ${named(about, 'nb')}:`,
        en: `The explanation of your grade on ${named(about, 'en')}:`,
      }[language],
      about.explanation ?? '',
      `${{ sv: 'Du kan klaga på betyget till och med', nb: 'Du kan klage på karakteren til og med', en: 'You can complain about the grade until' }[language]} ${lastDay(about.complaint)}.`,
    ],
  ),
  appointed: toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Du ska bedöma ett resultat på nytt: ${unit.course}, ärende ${number}`,
      nb: `Du er oppnevnt i klagekommisjon: ${unit.course}, sak ${number}`,
      en: `You sit on a complaint committee: ${unit.course}, case ${number}`,
    }),
    (about) => ({
      sv: `Du sitter i kommissionen som bedömer ett resultat på ${named(about, 'sv')} på nytt. Bedömningen ska vara klar senast ${about.due ?? ''}.`,
      nb: `Du sitter i kommisjonen som vurderer et resultat i ${named(about, 'nb')} på nytt. Sensurfristen er ${about.due ?? ''}.`,
      en: `You sit on the committee that assesses a result on ${named(about, 'en')} anew. The assessment is due by ${about.due ?? ''}.`,
    }),
  ),
  released: toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Du ska inte längre bedöma: ${unit.course}, ärende ${number}`,
      nb: `Du skal ikke lenger vurdere: ${unit.course}, sak ${number}`,
      en: `You need not assess any more: ${unit.course}, case ${number}`,
    }),
    (about) => ({
      sv: `Kommissionen som du sitter i har inte längre ärende ${about.number} om ${named(about, 'sv')}.`,
      nb: `Kommisjonen du sitter i, har ikke lenger sak ${about.number} om ${named(about, 'nb')}.`,
      en: `The committee you sit on no longer has case ${about.number} about ${named(about, 'en')}.`,
    }),
  ),
  halted: toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Bedömningen vilar: ${unit.course}, ärende ${number}`,
      nb: `Vurderingen er stanset: ${unit.course}, sak ${number}`,
      en: `The assessment is halted: ${unit.course}, case ${number}`,
    }),
    (about) => ({
      sv: `Ärende ${about.number} om ${named(about, 'sv')} vilar tills vidare. Vänta med bedömningen; du får besked när den går vidare.`,
      nb: `Sak ${about.number} om ${named(about, 'nb')} er stanset inntil videre. Vent med vurderingen; du får beskjed når den går videre.`,
      en: `Case ${about.number} about ${named(about, 'en')} is halted for the time being. Wait with the assessment; you are told when it goes on.`,
    }),
  ),
  resumed: toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Bedömningen går vidare: ${unit.course}, ärende ${number}`,
      nb: `Vurderingen går videre: ${unit.course}, sak ${number}`,
      en: `The assessment goes on: ${unit.course}, case ${number}`,
    }),
    (about) => ({
      sv: `Ärende ${about.number} om ${named(about, 'sv')} går vidare. Bedömningen ska vara klar senast ${about.due ?? ''}.`,
      nb: `Sak ${about.number} om ${named(about, 'nb')} går videre. Sensurfristen er ${about.due ?? ''}.`,
      en: `Case ${about.number} about ${named(about, 'en')} goes on. The assessment is due by ${about.due ?? ''}.`,
    }),
  ),
  'no-explanation-needed': toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Motiveringen behövs inte längre: ${unit.course}, ärende ${number}`,
      nb: `Begrunnelsen trengs ikke lenger: ${unit.course}, sak ${number}`,
      en: `The explanation is not needed any more: ${unit.course}, case ${number}`,
    }),
    (about) => ({
      sv: `Du ombads att motivera ett betyg på ${named(about, 'sv')}. Ärende ${about.number} är avslutat, så du behöver inte göra något.`,
      nb: `Du ble bedt om å begrunne en karakter i ${named(about, 'nb')}. Sak ${about.number} er avsluttet, så du trenger ikke å gjøre noe.`,
      en: `You were asked to explain a grade on ${named(about, 'en')}. Case ${about.number} has ended, so you need not do anything.`,
    }),
  ),
  reminder: toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Påminnelse: klagomål ${number}, ${unit.course}`,
      nb: `Påminnelse: klagesak ${number}, ${unit.course}`,
      en: `Reminder: complaint ${number}, ${unit.course}`,
    }),
    (about) => ({
      sv: `Ärende ${about.number} om ${named(about, 'sv')} är inte avgjort. Sista dag är ${about.due ?? ''}.`,
      nb: `Sak ${about.number} om ${named(about, 'nb')} er ikke avgjort. Fristen er ${about.due ?? ''}.`,
      en: `Case ${about.number} about ${named(about, 'en')} has not been decided. The last day is ${about.due ?? ''}.`,
    }),
  ),
  'further-assessment': toStaff(
    ({ number }) => ({
      sv: `Klagomål ${number} behöver en ytterligare bedömning`,
      nb: `Klagesak ${number} trenger en ytterligere vurdering`,
      en: `Complaint ${number} needs a further assessment`,
    }),
    (about) => ({
      sv: `Betyget efter den andra bedömningen avviker mycket på ${named(about, 'sv')}. Utse en ny kommission; sista dag är ${about.due ?? ''}.`,
      nb: `Karakteren etter 2. gangs sensur avviker vesentlig i ${named(about, 'nb')}. Oppnevn en ny kommisjon; fristen er ${about.due ?? ''}.`,
      en: `The grade of the second grading lies far from the first on ${named(about, 'en')}. Appoint another committee; the last day is ${about.due ?? ''}.`,
    }),
  ),
  result: toStudent(
    { sv: 'Besked om betyg efter klagomål på', nb: 'Sensurvarsel etter klage i', en: 'Result after your complaint on' },
    (about, language) => [
      {
        sv: `Ditt klagomål på ${named(about, 'sv')} är avgjort.`,
        nb: `Klagen din i ${named(about, 'nb')} er avgjort.`,
        en: `Your complaint on ${named(about, 'en')} has been decided.`,
      }[language],
      `${{ sv: 'Betyg efter klagomål', nb: 'Karakter etter klage', en: 'Grade after the complaint' }[language]}: ${about.grade ?? ''} (${decisionTexts[about.complaint.decision ?? 'unchanged'][language]})`,
    ],
  ),
  dismissed: toStudent({ sv: 'Avvisat:', nb: 'Avvist:', en: 'Dismissed:' }, (about, language) => [
    `${askedOn(about, language)} ${{ sv: 'har avvisats', nb: 'er avvist', en: 'has been dismissed' }[language]}.`,
    ...(about.reason === undefined ? [] : [about.reason]),
  ]),
  withdrawn: toStudent({ sv: 'Återkallat:', nb: 'Trukket:', en: 'Withdrawn:' }, (about, language) => [
    `${askedOn(about, language)} ${agreeing(about, { sv: 'är återkallat', nb: 'er trukket', en: 'has been withdrawn' }, { sv: 'är återkallad', nb: 'er trukket', en: 'has been withdrawn' })[language]}.`,
    (isAnnulled(about.complaint) ? annulled : unchanged)[language],
  ]),
  'formal-error': toStudent(
    { sv: 'Beslut om formellt fel på', nb: 'Vedtak om formell feil i', en: 'Decision about a formal error on' },
    (about, language) => {
      const outcome = about.complaint.formalError?.outcome ?? 'no-error';
      return [`${askedOn(about, language)}.`, errors[outcome][language], about.complaint.formalError?.reason ?? ''];
    },
  ),
  'to-check': toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Kontrollera betyg efter klagomål ${number}, ${unit.course}`,
      nb: `Kontroller karakter etter klagesak ${number}, ${unit.course}`,
      en: `Check the grade after complaint ${number}, ${unit.course}`,
    }),
    (about) => ({
      sv: `Ett betyg på ${named(about, 'sv')} är infört i FS efter klagomål. Kontrollera det, och häv en eventuell spärr:`,
      nb: `En karakter i ${named(about, 'nb')} er ført inn i FS etter klage. Kontroller den og fjern en eventuell sperre:`,
      en: `A grade on ${named(about, 'en')} was entered in FS after a complaint. Check it, and lift a block where there is one:`,
    }),
  ),
  'to-correct': toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Fel betyg registrerat: klagomål ${number}, ${unit.course}`,
      nb: `Feil karakter registrert: klagesak ${number}, ${unit.course}`,
      en: `A wrong grade was registered: complaint ${number}, ${unit.course}`,
    }),
    (about) => ({
      sv: `Betyget på ${named(about, 'sv')} är felregistrerat och spärrat. För in rätt betyg:`,
      nb: `Karakteren i ${named(about, 'nb')} er feilregistrert og sperret. Registrer korrekt karakter:`,
      en: `The grade on ${named(about, 'en')} was registered wrongly and is blocked. Enter the right one:`,
    }),
  ),
  'to-lift': toStaff(
    ({ number, complaint: { unit } }) => ({
      sv: `Häv spärren: klagomål ${number}, ${unit.course}`,
      nb: `Opphev sperren: klagesak ${number}, ${unit.course}`,
      en: `Lift the block: complaint ${number}, ${unit.course}`,
    }),
    (about) => ({
      sv: `Ärendet om ${named(about, 'sv')} är avslutat utan nytt betyg, och resultatet är fortfarande spärrat:`,
      nb: `Saken om ${named(about, 'nb')} er avsluttet uten ny karakter, og resultatet er fortsatt sperret:`,
      en: `The case about ${named(about, 'en')} ended without a new grade, and the result is still blocked:`,
    }),
  ),
};
