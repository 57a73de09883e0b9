import type { Language } from '../../workflows/process.js';
import type { LetterName, ListData } from '../../workflows/result-list/list.js';
import { nameIn } from '../case/people.js';
import type { Words } from '../post.js';
import { collectedLetter, type Collected } from './not-registered.js';

/** What a letter about a list may say. Grades stand only in the one letter to the student they belong to. */
export interface About {
  readonly number: string;
  readonly list: ListData;
  readonly link: string;
  readonly due?: string | undefined;
  readonly collected?: Collected;
  /** Who did what the letter tells, where they did it for the examiner. */
  readonly by?: {
    readonly names: Readonly<Record<string, string>>;
    readonly who: { readonly by: string; readonly for?: string };
  };
  /** Name of the examiner that the reader acts for. */
  readonly readerFor?: string;
  readonly row?: { readonly grade: string; readonly examinationDate: string; readonly score: string | null };
}

type Letter = (about: About) => Readonly<Record<Language, Words>>;

const wholeCourse = { sv: 'hel kurs', nb: 'hele emnet', en: 'whole course' } as const;
const what = ({ list }: About, language: Language) => `${list.course.code} ${list.module?.code ?? wholeCourse[language]}`;

/** The course and what of it, by name: for the student. */
const named = ({ list: { course, module } }: About, language: Language) => {
  const of = (one: { nameSv: string; nameEn: string }) => (language === 'en' ? one.nameEn : one.nameSv);
  return `${of(course)} (${course.code}), ${module ? `${of(module)} (${module.code})` : wholeCourse[language]},`;
};

/** RL-04: the title of the degree project, in every letter about it. */
export const workOf = ({ list: { title } }: About, language: Language): string[] =>
  title === undefined ? [] : [`${{ sv: 'Examensarbete', nb: 'Oppgave', en: 'Degree project' }[language]}: ${title}`];

/** RL-36: that somebody acted for the examiner, and whom the reader acts for. Nothing where nobody did. */
export const actingOf = ({ by, readerFor }: About, language: Language): string[] => [
  ...(by
    ? [
        {
          sv: `Det gjordes av ${nameIn(by.names, by.who, 'sv')}.`,
          nb: `Det ble gjort av ${nameIn(by.names, by.who, 'nb')}.`,
          en: `It was done by ${nameIn(by.names, by.who, 'en')}.`,
        }[language],
      ]
    : []),
  ...(readerFor
    ? [
        {
          sv: `Du får brevet som ställföreträdare för ${readerFor}.`,
          nb: `Du får brevet som stedfortreder for ${readerFor}.`,
          en: `You get this letter because you act for ${readerFor}.`,
        }[language],
      ]
    : []),
];

const how = {
  sms: { sv: 'SMS-kod', nb: 'SMS-kode', en: 'SMS code' },
  bankid: { sv: 'BankID', nb: 'BankID', en: 'BankID' },
} as const;

/** RL-58: that the signature is not enough for some of it. Nothing on other lists. */
function byHand({ list }: About, language: Language): string[] {
  const rows = list.signedArchiveList?.rows;
  if (!rows) return [];
  return [
    {
      sv: `${rows} rader har examinationsdatum före den dag då den elektroniska signaturen räcker. Arkivlistan ska därför också skrivas under för hand, och Kurs- och programstöd bekräftar det före den definitiva inläggningen.`,
      nb: `${rows} rader har eksamensdato før den dagen da den elektroniske signaturen er nok. Arkivlisten skal derfor også underskrives for hånd, og studieadministrasjonen bekrefter det før den endelige innleggingen.`,
      en: `${rows} rows were examined before the day from which the electronic signature is enough. The archive list therefore has to be signed by hand as well, and the course office confirms that before the definitive entry.`,
    }[language],
  ];
}

/** The letters of the result list (RL-30, RL-37, RL-38, RL-43, RL-47). Subjects hold neither names nor grades. */
export const letters: Readonly<Record<LetterName, Letter>> = {
  'sent-to-examiner': (about) => ({
    sv: {
      subject: `Resultatlista ${about.number} väntar på din signering`,
      text: [
        `Resultatlista ${about.number} för ${what(about, 'sv')} (${about.list.course.nameSv}) har skickats till dig som examinator.`,
        'Kontrollera den och signera, rätta eller skicka tillbaka den:',
        about.link,
      ],
    },
    nb: {
      subject: `Resultatliste ${about.number} venter på signering`,
      text: [
        `Resultatliste ${about.number} for ${what(about, 'nb')} (${about.list.course.nameSv}) er sendt til deg som sensor.`,
        'Kontroller den og signer, rett eller send den tilbake:',
        about.link,
      ],
    },
    en: {
      subject: `Result list ${about.number} waits for your signature`,
      text: [
        `Result list ${about.number} for ${what(about, 'en')} (${about.list.course.nameEn}) was sent to you as examiner.`,
        'Check it, and sign, correct or return it:',
        about.link,
      ],
    },
  }),
  reminder: (about) => ({
    sv: {
      subject: `Resultatlista ${about.number} väntar fortfarande på signering`,
      text: [
        `Resultatlista ${about.number} för ${what(about, 'sv')} (${about.list.course.nameSv}) väntar på examinators signatur. Sista dag är ${about.due ?? ''}.`,
        'Kontrollera den och signera, rätta eller skicka tillbaka den:',
        about.link,
      ],
    },
    nb: {
      subject: `Resultatliste ${about.number} venter fortsatt på signering`,
      text: [
        `Resultatliste ${about.number} for ${what(about, 'nb')} (${about.list.course.nameSv}) venter på sensors signatur. Siste dag er ${about.due ?? ''}.`,
        'Kontroller den og signer, rett eller send den tilbake:',
        about.link,
      ],
    },
    en: {
      subject: `Result list ${about.number} still waits for a signature`,
      text: [
        `Result list ${about.number} for ${what(about, 'en')} (${about.list.course.nameEn}) waits for the examiner's signature. The last day is ${about.due ?? ''}.`,
        'Check it, and sign, correct or return it:',
        about.link,
      ],
    },
  }),
  corrected: (about) => ({
    sv: {
      subject: `Resultatlista ${about.number} har rättats`,
      text: [`Examinator har rättat resultatlista ${about.number} för ${what(about, 'sv')}, som du skickade.`, about.link],
    },
    nb: {
      subject: `Resultatliste ${about.number} er rettet`,
      text: [`Sensor har rettet resultatliste ${about.number} for ${what(about, 'nb')}, som du sendte.`, about.link],
    },
    en: {
      subject: `Result list ${about.number} was corrected`,
      text: [`The examiner corrected result list ${about.number} for ${what(about, 'en')}, which you sent.`, about.link],
    },
  }),
  returned: (about) => ({
    sv: {
      subject: `Resultatlista ${about.number} har skickats tillbaka`,
      text: [
        `Examinator har skickat tillbaka resultatlista ${about.number} för ${what(about, 'sv')}.`,
        `Skäl: ${about.list.returned?.reason ?? ''}`,
        about.link,
      ],
    },
    nb: {
      subject: `Resultatliste ${about.number} er sendt tilbake`,
      text: [
        `Sensor har sendt tilbake resultatliste ${about.number} for ${what(about, 'nb')}.`,
        `Begrunnelse: ${about.list.returned?.reason ?? ''}`,
        about.link,
      ],
    },
    en: {
      subject: `Result list ${about.number} was returned`,
      text: [
        `The examiner returned result list ${about.number} for ${what(about, 'en')}.`,
        `Reason: ${about.list.returned?.reason ?? ''}`,
        about.link,
      ],
    },
  }),
  signed: (about) => ({
    sv: {
      subject: `Resultatlista ${about.number} är signerad`,
      text: [
        `Resultatlista ${about.number} för ${what(about, 'sv')} är signerad med ${how[about.list.signed?.method ?? 'sms'].sv}.`,
        'Kurs- och programstöd skriver ut arkivlistan och gör definitiv inläggning:',
        about.link,
        ...byHand(about, 'sv'),
      ],
    },
    nb: {
      subject: `Resultatliste ${about.number} er signert`,
      text: [
        `Resultatliste ${about.number} for ${what(about, 'nb')} er signert med ${how[about.list.signed?.method ?? 'sms'].nb}.`,
        'Studieadministrasjonen skriver ut arkivlisten og gjør endelig innlegging:',
        about.link,
        ...byHand(about, 'nb'),
      ],
    },
    en: {
      subject: `Result list ${about.number} is signed`,
      text: [
        `Result list ${about.number} for ${what(about, 'en')} was signed with ${how[about.list.signed?.method ?? 'sms'].en}.`,
        'The course office prints the archive list and makes the definitive entry:',
        about.link,
        ...byHand(about, 'en'),
      ],
    },
  }),
  'signing-back': (about) => ({
    sv: {
      subject: 'Det går att signera igen',
      text: [
        `Signeringen, som inte fungerade när du försökte, fungerar igen. Resultatlista ${about.number} för ${what(about, 'sv')} väntar på din signatur; inget behöver matas in igen.`,
        about.link,
      ],
    },
    nb: {
      subject: 'Det går an å signere igjen',
      text: [
        `Signeringen, som ikke virket da du prøvde, virker igjen. Resultatliste ${about.number} for ${what(about, 'nb')} venter på signaturen din; ingenting må legges inn på nytt.`,
        about.link,
      ],
    },
    en: {
      subject: 'Signing works again',
      text: [
        `Signing, which did not work when you tried, works again. Result list ${about.number} for ${what(about, 'en')} waits for your signature; nothing has to be entered again.`,
        about.link,
      ],
    },
  }),
  'not-registered': (about) => collectedLetter({ ...about, course: about.list.course, collected: about.collected as Collected }),
  grade: (about) => ({
    sv: {
      subject: `Resultat på ${what(about, 'sv')}`,
      text: [
        `Ditt resultat på ${named(about, 'sv')} är registrerat.`,
        `Betyg: ${about.row?.grade ?? ''}`,
        `Examinationsdatum: ${about.row?.examinationDate ?? ''}`,
        ...(about.row?.score ? [`Skrivningspoäng: ${about.row.score}`] : []),
        'Resultatet visas inom kort i Studentportalen.',
      ],
    },
    nb: {
      subject: `Resultat i ${what(about, 'nb')}`,
      text: [
        `Resultatet ditt i ${named(about, 'nb')} er registrert.`,
        `Karakter: ${about.row?.grade ?? ''}`,
        `Eksamensdato: ${about.row?.examinationDate ?? ''}`,
        ...(about.row?.score ? [`Poeng: ${about.row.score}`] : []),
        'Resultatet vises snart i studentportalen.',
      ],
    },
    en: {
      subject: `Result on ${what(about, 'en')}`,
      text: [
        `Your result on ${named(about, 'en')} is registered.`,
        `Grade: ${about.row?.grade ?? ''}`,
        `Examination date: ${about.row?.examinationDate ?? ''}`,
        ...(about.row?.score ? [`Exam score: ${about.row.score}`] : []),
        'It will show in the student portal shortly.',
      ],
    },
  }),
};
