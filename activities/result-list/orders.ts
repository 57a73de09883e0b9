import type { CaseView } from '../../workflows/process.js';
import { MOST_STUDENTS, type ListData, type OrderName } from '../../workflows/result-list/list.js';
import type { Body } from '../../workflows/result-list/schema.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import { civil, type Database, type Transaction } from '../../prisma/client.js';
import { watched } from '../health.js';
import type { Itslearning } from '../itslearning.js';
import type { Ladok } from '../ladok.js';
import type { Ended, Ordered, Orders, Write } from '../orders.js';
import { noteCompleted } from './completed.js';
import { addStudents, inListOrder, type FetchedStudent } from './rows.js';
import { createSources, examDate, examsOf } from './sources.js';

interface Registered extends FetchedStudent {
  readonly occasion: string;
  readonly from: string;
  readonly to: string;
}
/** Who is registered on which occasions of the course, as the register has it now. */
interface Registrations {
  readonly occasions: readonly string[];
  readonly people: readonly Registered[];
}

/**
 * Carries out what is ordered for a list: fetching students (RL-10..15, RL-24), finding exams (RL-11) and columns (RL-15),
 * checking registrations (RL-23).
 */
export function listOrders(deps: { db: Database; ladok: Ladok; itslearning: Itslearning }): Orders<OrderName> {
  const { db, ladok, itslearning } = deps;
  const bring = createSources(deps);

  async function registrations({ subject: { institution, scope }, reading }: Ordered, term?: string): Promise<Registrations> {
    const occasions = await db.courseOccasion.findMany({
      where: { institution, courseCode: scope ?? '', ...(term ? { term } : {}) },
    });
    const people = await watched(db, 'ladok', async () => {
      const all: Registered[] = [];
      for (const occasion of occasions)
        for (const one of await ladok.participants({ occasionUid: occasion.uid, follow: reading() }))
          all.push({
            student: one.studentUid,
            personNumber: one.personNumber,
            surname: one.surname,
            givenName: one.givenName,
            occasion: occasion.uid,
            from: one.from ?? civil(occasion.fromDate),
            to: one.discontinued ?? one.to ?? civil(occasion.toDate),
          });
      return all;
    });
    return { occasions: occasions.map((occasion) => occasion.uid), people };
  }

  async function fetch(ordered: Ordered): Promise<Ended | Write> {
    const body = ordered.body as Body<'fetch'>;
    const found = await registrations(ordered, 'term' in body ? body.term : undefined);
    const today = dayOf(new Date().toISOString(), ordered.zone);
    const brought = await bring({
      list: ordered.subject as CaseView<ListData>,
      body,
      today,
      registered: found.people.map(named),
      reading: ordered.reading,
    });
    if ('failed' in brought) return brought;
    return async (tx, list) => {
      if (list.state !== 'draft') return { failed: 'wrong-state' };
      await keepSnapshot(tx, list, found);
      const { students, leftOut } = await fitting(tx, list, brought.students);
      if (leftOut > 0 && body.from !== 'eligible') return { failed: 'list-full' };
      const besides = { ...brought.besides, ...(leftOut > 0 ? { leftOut } : {}) };
      const result = await addStudents(tx, list.id, students);
      const noted = await noteCompleted(tx, list.id, students);
      if (result.added + result.filled + noted > 0)
        await tx.$executeRaw`UPDATE cases SET version = version + 1, changed_at = now() WHERE id = ${list.id}::uuid`;
      const rows = students.map(({ student, grade = null, examinationDate = null }) => ({ student, grade, examinationDate }));
      return {
        done: { ...result, ...besides },
        event: { action: 'result-list.fetched', details: { ...result }, brought: { rows } },
      };
    };
  }

  async function checkRegistrations(ordered: Ordered): Promise<Write> {
    const found = await registrations(ordered);
    return async (tx, list) => {
      await keepSnapshot(tx, list, found);
      return { done: { checked: found.people.length } };
    };
  }

  async function findExams({ subject }: Ordered): Promise<Ended> {
    const exams = await watched(db, 'ladok', () => examsOf(ladok, subject as CaseView<ListData>));
    return {
      done: {
        exams: exams.map((exam) => ({
          occasion: exam.examUid,
          name: exam.names,
          from: exam.from,
          to: exam.to,
          date: examDate(exam),
        })),
      },
    };
  }

  async function findColumns({ body }: Ordered): Promise<Ended> {
    const columns = await itslearning.columns((body as Body<'find-columns'>).room);
    return { done: { columns: columns.map(({ id, title }) => ({ column: id, title })) } };
  }

  return { fetch, 'find-exams': findExams, 'find-columns': findColumns, 'check-registrations': checkRegistrations };
}

/** Those who are on the list already, and of the others, in list order, as many as it still holds; how many it does not. */
async function fitting(
  tx: Transaction,
  { id, institution }: CaseView,
  students: readonly FetchedStudent[],
): Promise<{ students: readonly FetchedStudent[]; leftOut: number }> {
  const { language } = await tx.institution.findUniqueOrThrow({ where: { code: institution } });
  const here = new Set(
    (await tx.resultRow.findMany({ where: { caseId: id }, select: { studentUid: true } })).map((row) => row.studentUid),
  );
  const others = inListOrder(
    students.filter(({ student }) => !here.has(student)),
    language,
  );
  const some = others.slice(0, Math.max(0, MOST_STUDENTS - here.size));
  return { students: [...students.filter(({ student }) => here.has(student)), ...some], leftOut: others.length - some.length };
}

const named = ({ student, personNumber, surname, givenName }: Registered): FetchedStudent => ({
  student,
  personNumber,
  surname,
  givenName,
});

/** The snapshot that rows are checked against, as the register had it a moment ago. */
async function keepSnapshot(
  tx: Transaction,
  { institution, scope }: CaseView,
  { occasions, people }: Registrations,
): Promise<void> {
  const once = new Map(people.map((one) => [`${one.student} ${one.occasion}`, one]));
  const given = JSON.stringify([...once.values()].map((one) => ({ s: one.student, o: one.occasion, f: one.from, t: one.to })));
  await tx.$executeRaw`DELETE FROM registrations WHERE institution = ${institution} AND occasion_uid = ANY (${occasions}::uuid[])`;
  await tx.$executeRaw`
    INSERT INTO registrations (institution, student_uid, occasion_uid, course_code, from_date, to_date, taken_at)
    SELECT ${institution}, n.s, n.o, ${scope}, n.f, n.t, now() FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, o uuid, f date, t date)
    ON CONFLICT (institution, student_uid, occasion_uid) DO UPDATE SET from_date = EXCLUDED.from_date, to_date = EXCLUDED.to_date, taken_at = now()`;
}
