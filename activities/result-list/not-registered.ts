import type { CaseView, Language } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { notRegistered } from '../../workflows/result-list/not-registered.js';
import { dayOf, type CivilDate } from '../../workflows/rules/civil-time.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { personNumberText } from '../personal-number.js';
import type { Words } from '../post.js';
import { settingOn } from '../settings.js';
import { readRegistrations, readRows, type StoredRow } from './rows.js';

/** Rows of a list without valid registration, as they stand now (RL-31). */
export const rowsNotRegistered = async (tx: Transaction, list: Pick<CaseView, 'id' | 'institution' | 'scope'>): Promise<StoredRow[]> =>
  notRegistered(await readRows(tx, list.id), await readRegistrations(tx, list));

/** What the collected list (samlingslista) says: whom, whether with personal numbers, and whom to contact (RL-33, RL-34). */
export interface Collected {
  readonly rows: readonly StoredRow[];
  readonly personNumbers: boolean;
  readonly contact: string;
}

/** Reads it at the moment of sending. */
export async function collected(db: Database, list: CaseView): Promise<Collected> {
  const { institution } = list;
  const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution } });
  const on: CivilDate = dayOf(new Date().toISOString(), zone);
  const personNumbers = await settingOn(db, { institution, name: 'person-number-in-mail', on });
  const { reporting } = await settingOn(db, { institution, name: 'contacts', on });
  return { rows: await rowsNotRegistered(db, list), personNumbers, contact: reporting };
}

/** One line a student, each with all that whoever registers needs, so that marking is enough (RL-34). */
const lines = ({ rows, personNumbers }: Collected, course: string, date: string): string =>
  rows
    .map((row) => [`${row.givenName} ${row.surname}`, ...(personNumbers ? [personNumberText(row.personNumber)] : []), course, `${date} ${row.examinationDate ?? ''}`].join(', '))
    .join('\n');

/** RL-30..34: a reminder to oneself; it registers nobody. */
export function collectedLetter(input: { number: string; course: ListData['course']; link: string; collected: Collected }): Readonly<Record<Language, Words>> {
  const { number, course, link, collected: list } = input;
  const [sv, en] = [`${course.nameSv} (${course.code})`, `${course.nameEn} (${course.code})`];
  const count = list.rows.length;
  return {
    sv: {
      subject: `Samlingslista för icke-registrerade, resultatlista ${number}`,
      text: [
        `Studenter på resultatlista ${number}, ${sv}, utan giltig registrering på examinationsdatumet: ${count}.`, lines(list, sv, 'examinationsdatum'),
        `Brevet är en påminnelse till dig och registrerar ingen. Kontakta Kurs- och programstöd: markera vilka studenter det gäller och vidarebefordra brevet till ${list.contact}.`,
        list.personNumbers ? 'Resultatlistan:' : 'Personnumren står på resultatlistan:', link,
      ],
    },
    nb: {
      subject: `Samleliste over ikke-registrerte, resultatliste ${number}`,
      text: [
        `Studenter på resultatliste ${number}, ${sv}, uten gyldig registrering på eksamensdatoen: ${count}.`, lines(list, sv, 'eksamensdato'),
        `Brevet er en påminnelse til deg og registrerer ingen. Kontakt studieadministrasjonen: merk hvilke studenter det gjelder, og videresend brevet til ${list.contact}.`,
        list.personNumbers ? 'Resultatlisten:' : 'Fødselsnumrene står på resultatlisten:', link,
      ],
    },
    en: {
      subject: `Collected list of students not registered, result list ${number}`,
      text: [
        `Students on result list ${number}, ${en}, without valid registration on the examination date: ${count}.`, lines(list, en, 'examination date'),
        `This letter is a reminder to you and registers nobody. Contact the course office: mark the students you mean and forward the letter to ${list.contact}.`,
        list.personNumbers ? 'The result list:' : 'The personal numbers are on the result list:', link,
      ],
    },
  };
}
