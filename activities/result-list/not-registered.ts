import type { Actor, CaseView, Language } from '../../workflows/process.js';
import type { ListData, ListWrite } from '../../workflows/result-list/list.js';
import { movableBy, notRegistered } from '../../workflows/result-list/not-registered.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { writeBirth } from '../case/case-row.js';
import { personNumberText } from '../personal-number.js';
import type { Words } from '../post.js';
import { settingOn } from '../settings.js';
import { readRegistrations, readRows, type StoredRow } from './rows.js';

/** Rows of a list without valid registration, as they stand now (RL-31). */
export const rowsNotRegistered = async (
  tx: Transaction,
  list: Pick<CaseView, 'id' | 'institution' | 'scope' | 'data'>,
): Promise<StoredRow[]> => notRegistered(await readRows(tx, list.id), await readRegistrations(tx, list));

/** RL-23, RL-31: what is for such rows is not offered where there are none. */
export async function withoutNotRegistered(tx: Transaction, list: CaseView<ListData>, actor: Actor): Promise<string[]> {
  if (!['draft', 'with-examiner'].includes(list.state)) return [];
  if ((await rowsNotRegistered(tx, list)).length === 0) return ['mail-not-registered', 'move-not-registered'];
  return movableBy(actor, list) ? [] : ['move-not-registered'];
}

/**
 * RL-23: the new list and its rows, in the transaction that decides. Nobody sees the new list before it ends, so it needs no
 * lock.
 */
export async function moveRows(
  tx: Transaction,
  ask: { subject: CaseView<ListData>; actor: Actor; at: Instant },
  move: Extract<ListWrite, { write: 'move' }>,
): Promise<void> {
  const {
    subject: { id: from, number, kind, institution },
    actor,
    at,
  } = ask;
  await writeBirth(tx, { id: move.id, number: move.number, kind, institution, birth: move.birth, by: actor.id, at });
  await tx.$executeRaw`UPDATE result_rows SET case_id = ${move.id}::uuid WHERE case_id = ${from}::uuid AND student_uid = ANY (${move.students}::uuid[])`;
  await append(tx, {
    institution,
    caseId: move.id,
    subject: `${kind}/${move.number}`,
    actor: actor.id,
    action: `${kind}.create`,
    outcome: 'done',
    at,
    details: { movedFrom: number, rows: move.students.length, to: move.birth.state },
  });
}

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
    .map((row) =>
      [
        `${row.givenName} ${row.surname}`,
        ...(personNumbers ? [personNumberText(row.personNumber)] : []),
        course,
        `${date} ${row.examinationDate ?? ''}`,
      ].join(', '),
    )
    .join('\n');

/** RL-30..34: a reminder to oneself; it registers nobody. */
export function collectedLetter(input: {
  number: string;
  course: ListData['course'];
  link: string;
  collected: Collected;
}): Readonly<Record<Language, Words>> {
  const { number, course, link, collected: list } = input;
  const [sv, en] = [`${course.nameSv} (${course.code})`, `${course.nameEn} (${course.code})`];
  const count = list.rows.length;
  return {
    sv: {
      subject: `Samlingslista för icke-registrerade, resultatlista ${number}`,
      text: [
        `Studenter på resultatlista ${number}, ${sv}, utan giltig registrering på examinationsdatumet: ${count}.`,
        lines(list, sv, 'examinationsdatum'),
        `Brevet är en påminnelse till dig och registrerar ingen. Kontakta Kurs- och programstöd: markera vilka studenter det gäller och vidarebefordra brevet till ${list.contact}.`,
        list.personNumbers ? 'Resultatlistan:' : 'Personnumren står på resultatlistan:',
        link,
      ],
    },
    nb: {
      subject: `Samleliste over ikke-registrerte, resultatliste ${number}`,
      text: [
        `Studenter på resultatliste ${number}, ${sv}, uten gyldig registrering på eksamensdatoen: ${count}.`,
        lines(list, sv, 'eksamensdato'),
        `Brevet er en påminnelse til deg og registrerer ingen. Kontakt studieadministrasjonen: merk hvilke studenter det gjelder, og videresend brevet til ${list.contact}.`,
        list.personNumbers ? 'Resultatlisten:' : 'Fødselsnumrene står på resultatlisten:',
        link,
      ],
    },
    en: {
      subject: `Collected list of students not registered, result list ${number}`,
      text: [
        `Students on result list ${number}, ${en}, without valid registration on the examination date: ${count}.`,
        lines(list, en, 'examination date'),
        `This letter is a reminder to you and registers nobody. Contact the course office: mark the students you mean and forward the letter to ${list.contact}.`,
        list.personNumbers ? 'The result list:' : 'The personal numbers are on the result list:',
        link,
      ],
    },
  };
}
