import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import type { Body } from '../../workflows/result-list/schema.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { Database } from '../../prisma/client.js';
import { watched } from '../health.js';
import type { Ladok } from '../ladok.js';
import type { Exam, LadokStudent } from '../ladok/terms.js';
import { swedishPersonNumber } from '../personal-number.js';
import type { FetchedStudent } from './rows.js';

type Fetch<From extends Body<'fetch'>['from']> = Extract<Body<'fetch'>, { from: From }>;

/** Whom a fetch brings, each once, with what else there is to tell about it; or why it brings nobody. */
export type Brought = { readonly students: readonly FetchedStudent[]; readonly besides?: Readonly<Record<string, unknown>> } | { readonly failed: string };

/** What a source is asked: for which list, on which local day, and who is registered on its course. */
export interface Asked<From extends Body<'fetch'>['from'] = Body<'fetch'>['from']> {
  readonly list: CaseView<ListData>;
  readonly body: Fetch<From>;
  readonly today: CivilDate;
  readonly registered: readonly FetchedStudent[];
}

const fetched = ({ studentUid: student, personNumber, surname, givenName }: LadokStudent): FetchedStudent => ({ student, personNumber, surname, givenName });
const once = (students: readonly FetchedStudent[]): FetchedStudent[] => [...new Map(students.map((one) => [one.student, one])).values()];

/** Exams that report to the module of a list; to any module of the course where the list is for the whole course. */
export async function examsOf(ladok: Ladok, list: CaseView<ListData>): Promise<Exam[]> {
  const { course, module } = list.data as { course: ListData['course']; module?: { uid: string } };
  return (await ladok.exams({ courseCode: course.code })).filter((exam) => !module || exam.moduleInstanceUids.includes(module.uid));
}

/** RL-20: the day of an exam, where it had only one; an exam that lasts days has each student's own. */
export const examDate = ({ from, to }: Exam): CivilDate | null => (from === to ? from : null);

/** Where the students of a list come from (RL-10..13, RL-15). Reads only; everything is there before anything is written. */
export function createSources(deps: { db: Database; ladok: Ladok }) {
  const { db, ladok } = deps;

  /** Somebody who is not registered on the course may be fetched; the row says so then. */
  async function single({ body }: Asked<'single'>): Promise<Brought> {
    const number = swedishPersonNumber(body.personNumber, { testNumbers: true });
    if (!number) return { failed: 'not-a-person-number' };
    const found = await watched(db, 'ladok', () => ladok.studentByPersonNumber(number.digits));
    return found ? { students: [fetched(found)] } : { failed: 'no-such-student' };
  }

  /** RL-11, RL-20: who is signed up, with the date of the exam, unless it has not come yet (RL-19). */
  const exam = ({ list, body, today }: Asked<'exam'>): Promise<Brought> =>
    watched(db, 'ladok', async () => {
      const found = (await examsOf(ladok, list)).find(({ examUid }) => examUid === body.occasion);
      if (!found) return { failed: 'no-such-exam' };
      const day = examDate(found);
      const date = day !== null && day <= today ? day : null;
      const students = (await ladok.signedUp({ examUid: found.examUid })).map((one) => ({ ...fetched(one), examinationDate: date }));
      return { students: once(students), besides: { date } };
    });

  return (asked: Asked): Promise<Brought> | Brought => {
    switch (asked.body.from) {
      case 'single':
        return single(asked as Asked<'single'>);
      case 'term':
        return { students: once(asked.registered) };
      case 'exam':
        return exam(asked as Asked<'exam'>);
    }
  };
}
