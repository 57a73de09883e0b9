import type { OrderReason } from '../../workflows/order-reasons.js';
import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import type { Body } from '../../workflows/result-list/schema.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { Database } from '../../prisma/client.js';
import { watched } from '../health.js';
import type { Itslearning, Participant } from '../itslearning.js';
import { translated, type Untranslated } from '../itslearning/translation.js';
import type { Ladok } from '../ladok.js';
import { eligibleOf } from '../ladok/eligible.js';
import type { Exam, LadokStudent } from '../ladok/terms.js';
import { swedishPersonNumber } from '../personal-number.js';
import type { Follow } from '../progress.js';
import { settingOn } from '../settings.js';
import type { FetchedStudent } from './rows.js';

type Fetch<From extends Body<'fetch'>['from']> = Extract<Body<'fetch'>, { from: From }>;

/** Whom a fetch brings, each once, with what else there is to tell about it; or why it brings nobody. */
export type Brought =
  | { readonly students: readonly FetchedStudent[]; readonly besides?: Readonly<Record<string, unknown>> }
  | { readonly failed: OrderReason };

/** What a source is asked: for which list, on which local day, and who is registered on its course. */
export interface Asked<From extends Body<'fetch'>['from'] = Body<'fetch'>['from']> {
  readonly list: CaseView<ListData>;
  readonly body: Fetch<From>;
  readonly today: CivilDate;
  readonly registered: readonly FetchedStudent[];
  readonly reading: () => Follow;
}

const fetched = ({ studentUid: student, personNumber, surname, givenName }: LadokStudent): FetchedStudent => ({
  student,
  personNumber,
  surname,
  givenName,
});
const once = (students: readonly FetchedStudent[]): FetchedStudent[] => [
  ...new Map(students.map((one) => [one.student, one])).values(),
];

/** Exams that report to the module of a list; to any module of the course where the list is for the whole course. */
export async function examsOf(ladok: Ladok, list: CaseView<ListData>): Promise<Exam[]> {
  const { course, module } = list.data;
  return (await ladok.exams({ courseCode: course.code })).filter(
    (exam) => !module || exam.moduleInstanceUids.includes(module.uid),
  );
}

/** RL-20: the day of an exam, where it had only one; an exam that lasts days has each student's own. */
export const examDate = ({ from, to }: Exam): CivilDate | null => (from === to ? from : null);

/** Where the students of a list come from (RL-10..13, RL-15). Reads only; everything is there before anything is written. */
export function createSources(deps: { db: Database; ladok: Ladok; itslearning: Itslearning }) {
  const { db, ladok, itslearning } = deps;

  /** Somebody who is not registered on the course may be fetched; the row says so then. */
  async function single({ body }: Asked<'single'>): Promise<Brought> {
    const number = swedishPersonNumber(body.personNumber, { testNumbers: true });
    if (!number) return { failed: 'not-a-person-number' };
    const found = await watched(db, 'ladok', () => ladok.studentByPersonNumber(number.digits));
    return found ? { students: [fetched(found)] } : { failed: 'no-such-student' };
  }

  /** RL-24: of those registered, who can get a final grade. */
  const eligible = ({ list, registered, reading }: Asked<'eligible'>): Promise<Brought> =>
    watched(db, 'ladok', async () => {
      const { code: course, uid: version = '' } = list.data.course;
      const able = new Map((await eligibleOf({ ladok, course, version, reading })).map((one) => [one.student, one]));
      return {
        students: once(registered).flatMap((one) => (able.has(one.student) ? [{ ...one, ...able.get(one.student) }] : [])),
      };
    });

  /** RL-11, RL-20: who is signed up, with the date of the exam, unless it has not come yet (RL-19). */
  const exam = ({ list, body, today, reading }: Asked<'exam'>): Promise<Brought> =>
    watched(db, 'ladok', async () => {
      const found = (await examsOf(ladok, list)).find(({ examUid }) => examUid === body.occasion);
      if (!found) return { failed: 'no-such-exam' };
      const day = examDate(found);
      const date = day !== null && day <= today ? day : null;
      const students = (await ladok.signedUp({ examUid: found.examUid, follow: reading() })).map((one) => ({
        ...fetched(one),
        examinationDate: date,
      }));
      return { students: once(students), besides: { date } };
    });

  /**
   * RL-12: the students in a room. The platform has no personal number, so who is not on the course in the register cannot be put
   * on the list.
   */
  async function participants({ body, registered }: Asked<'itslearning'>): Promise<Brought> {
    const found = await itslearning.participants(body.room);
    return found
      ? inRegister(
          found.filter(isStudent).map((one) => one.personKey),
          registered,
        )
      : { failed: 'no-such-room' };
  }

  /**
   * RL-15: who stands in a column, with the grade where the institution's table or the scale knows the word; the other words are
   * told.
   */
  async function grades({ list, body, today, registered, reading }: Asked<'itslearning-grades'>): Promise<Brought> {
    const {
      institution,
      data: { course, scale },
    } = list;
    if (!(await itslearning.columns(body.room)).some(({ id }) => id === body.column)) return { failed: 'no-such-column' };
    const given = await itslearning.grades({ ...body, follow: reading() });
    const known = await db.gradeScale.findUnique({ where: { institution_id: { institution, id: scale.id } } });
    const codes = ((known?.grades ?? []) as unknown as { code: string }[]).map(({ code }) => code);
    const table = (await settingOn(db, { institution, name: 'grade-words', on: today })).filter(
      (row) => row.scale === scale.code,
    );
    const translation = translated(given, { course: course.code, table, codes });
    const gradeOf = new Map(translation.grades.map(({ personKey, grade }) => [personKey, grade]));
    const { students, besides } = inRegister(
      given.map((one) => one.personKey),
      registered,
    );
    return {
      students: students.map((one) => ({ ...one, grade: gradeOf.get(one.student) ?? null })),
      besides: { ...besides, untranslated: counted(translation.told) },
    };
  }

  return (asked: Asked): Promise<Brought> | Brought => {
    switch (asked.body.from) {
      case 'single':
        return single(asked as Asked<'single'>);
      case 'term':
        return { students: once(asked.registered) };
      case 'eligible':
        return eligible(asked as Asked<'eligible'>);
      case 'exam':
        return exam(asked as Asked<'exam'>);
      case 'itslearning':
        return participants(asked as Asked<'itslearning'>);
      case 'itslearning-grades':
        return grades(asked as Asked<'itslearning-grades'>);
    }
  };
}

const isStudent = ({ role }: Participant): boolean => role === 'student';

/** By the register's names and numbers; how many it does not have on the course, each without a key for one. */
function inRegister(
  keys: readonly (string | null)[],
  registered: readonly FetchedStudent[],
): { students: FetchedStudent[]; besides: { notOnCourse: number } } {
  const wanted = new Set(keys.filter((key) => key !== null));
  const students = once(registered).filter(({ student }) => wanted.has(student));
  const unnamed = keys.filter((key) => key === null).length;
  return { students, besides: { notOnCourse: wanted.size + unnamed - students.length } };
}

/** Words without their persons, the same once. */
function counted(told: readonly Untranslated[]): { word: string | null; why: Untranslated['why']; count: number }[] {
  const sums = new Map<string, { word: string | null; why: Untranslated['why']; count: number }>();
  for (const { word, why } of told) {
    const sum = sums.get(JSON.stringify([word, why])) ?? { word, why, count: 0 };
    sums.set(JSON.stringify([word, why]), { ...sum, count: sum.count + 1 });
  }
  return [...sums.values()];
}
