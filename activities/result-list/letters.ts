import type { Language } from '../../workflows/process.js';
import type { LetterName, ListData } from '../../workflows/result-list/rules.js';

/** What a letter about a list may say. Grades stand only in the one letter to the student they belong to. */
export interface About {
  readonly number: string;
  readonly list: ListData;
  readonly link: string;
  readonly row?: { readonly grade: string; readonly examinationDate: string; readonly score: string | null };
}

type Words = { readonly subject: string; readonly text: readonly string[] };
type Letter = (about: About) => Readonly<Record<Language, Words>>;

const what = ({ list }: About) => `${list.course.code} ${list.module.code}`;
const how = { sms: { sv: 'SMS-kod', nb: 'SMS-kode', en: 'SMS code' }, bankid: { sv: 'BankID', nb: 'BankID', en: 'BankID' } } as const;

/** The letters of the result list (RL-37, RL-38, RL-43, RL-47). Subjects hold neither names nor grades. */
export const letters: Readonly<Record<LetterName, Letter>> = {
  'sent-to-examiner': (about) => ({
    sv: { subject: `Resultatlista ${about.number} väntar på din signering`, text: [`Resultatlista ${about.number} för ${what(about)} (${about.list.course.nameSv}) har skickats till dig som examinator.`, 'Kontrollera den och signera, rätta eller skicka tillbaka den:', about.link] },
    nb: { subject: `Resultatliste ${about.number} venter på signering`, text: [`Resultatliste ${about.number} for ${what(about)} (${about.list.course.nameSv}) er sendt til deg som sensor.`, 'Kontroller den og signer, rett eller send den tilbake:', about.link] },
    en: { subject: `Result list ${about.number} waits for your signature`, text: [`Result list ${about.number} for ${what(about)} (${about.list.course.nameEn}) was sent to you as examiner.`, 'Check it, and sign, correct or return it:', about.link] },
  }),
  corrected: (about) => ({
    sv: { subject: `Resultatlista ${about.number} har rättats`, text: [`Examinator har rättat resultatlista ${about.number} för ${what(about)}, som du skickade.`, about.link] },
    nb: { subject: `Resultatliste ${about.number} er rettet`, text: [`Sensor har rettet resultatliste ${about.number} for ${what(about)}, som du sendte.`, about.link] },
    en: { subject: `Result list ${about.number} was corrected`, text: [`The examiner corrected result list ${about.number} for ${what(about)}, which you sent.`, about.link] },
  }),
  returned: (about) => ({
    sv: { subject: `Resultatlista ${about.number} har skickats tillbaka`, text: [`Examinator har skickat tillbaka resultatlista ${about.number} för ${what(about)}.`, `Skäl: ${about.list.returned?.reason ?? ''}`, about.link] },
    nb: { subject: `Resultatliste ${about.number} er sendt tilbake`, text: [`Sensor har sendt tilbake resultatliste ${about.number} for ${what(about)}.`, `Begrunnelse: ${about.list.returned?.reason ?? ''}`, about.link] },
    en: { subject: `Result list ${about.number} was returned`, text: [`The examiner returned result list ${about.number} for ${what(about)}.`, `Reason: ${about.list.returned?.reason ?? ''}`, about.link] },
  }),
  signed: (about) => ({
    sv: { subject: `Resultatlista ${about.number} är signerad`, text: [`Resultatlista ${about.number} för ${what(about)} är signerad med ${how[about.list.signed?.method ?? 'sms'].sv}.`, 'Kurs- och programstöd skriver ut arkivlistan och gör definitiv inläggning:', about.link] },
    nb: { subject: `Resultatliste ${about.number} er signert`, text: [`Resultatliste ${about.number} for ${what(about)} er signert med ${how[about.list.signed?.method ?? 'sms'].nb}.`, 'Studieadministrasjonen skriver ut arkivlisten og gjør endelig innlegging:', about.link] },
    en: { subject: `Result list ${about.number} is signed`, text: [`Result list ${about.number} for ${what(about)} was signed with ${how[about.list.signed?.method ?? 'sms'].en}.`, 'The course office prints the archive list and makes the definitive entry:', about.link] },
  }),
  grade: (about) => ({
    sv: { subject: `Resultat på ${what(about)}`, text: [`Ditt resultat på ${about.list.course.nameSv} (${about.list.course.code}), ${about.list.module.nameSv} (${about.list.module.code}), är registrerat.`, `Betyg: ${about.row?.grade ?? ''}`, `Examinationsdatum: ${about.row?.examinationDate ?? ''}`, ...(about.row?.score ? [`Skrivningspoäng: ${about.row.score}`] : []), 'Resultatet visas inom kort i Studentportalen.'] },
    nb: { subject: `Resultat i ${what(about)}`, text: [`Resultatet ditt i ${about.list.course.nameSv} (${about.list.course.code}), ${about.list.module.nameSv} (${about.list.module.code}), er registrert.`, `Karakter: ${about.row?.grade ?? ''}`, `Eksamensdato: ${about.row?.examinationDate ?? ''}`, ...(about.row?.score ? [`Poeng: ${about.row.score}`] : []), 'Resultatet vises snart i studentportalen.'] },
    en: { subject: `Result on ${what(about)}`, text: [`Your result on ${about.list.course.nameEn} (${about.list.course.code}), ${about.list.module.nameEn} (${about.list.module.code}), is registered.`, `Grade: ${about.row?.grade ?? ''}`, `Examination date: ${about.row?.examinationDate ?? ''}`, ...(about.row?.score ? [`Exam score: ${about.row.score}`] : []), 'It will show in the student portal shortly.'] },
  }),
};
