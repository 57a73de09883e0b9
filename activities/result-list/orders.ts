import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import type { Body } from '../../workflows/result-list/schema.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { readCase } from '../case/case-row.js';
import { NotSent, Refused, type Way } from '../delivery.js';
import { watched } from '../health.js';
import type { Itslearning } from '../itslearning.js';
import type { Ladok } from '../ladok.js';
import { LadokRefused } from '../ladok/refused.js';
import { PartnerRefused, PartnerUnavailable } from '../outbound.js';
import { noteCompleted } from './eligible.js';
import { addStudents, type FetchedStudent } from './rows.js';
import { createSources, examDate, examsOf } from './sources.js';

/** How often an order is tried, before it ends as failed and has added nothing: the register is down, or something is wrong with Registrar. */
const MOST_ATTEMPTS = 6;
const MOST_STUDENTS = 1_000;

interface Registered extends FetchedStudent { readonly occasion: string; readonly from: string; readonly to: string }

/** Carries out what was ordered for a list: fetching students (RL-10..15, RL-24), finding exams (RL-11) and checking registrations (RL-23). Nothing is written before all of it is there. */
export function createListOrders(deps: { db: Database; ladok: Ladok; itslearning: Itslearning }): Way {
  const { db, ladok } = deps;
  const bring = createSources(deps);

  const occasionsOf = (institution: string, courseCode: string, term?: string) =>
    db.courseOccasion.findMany({ where: { institution, courseCode, ...(term ? { term } : {}) } });

  async function registered(occasions: { uid: string; fromDate: Date; toDate: Date }[]): Promise<Registered[]> {
    const all: Registered[] = [];
    for (const occasion of occasions) {
      const day = (date: Date) => date.toISOString().slice(0, 10);
      for (const one of await ladok.participants({ occasionUid: occasion.uid }))
        all.push({
          student: one.studentUid, personNumber: one.personNumber, surname: one.surname, givenName: one.givenName, occasion: occasion.uid,
          from: one.from ?? day(occasion.fromDate), to: one.discontinued ?? one.to ?? day(occasion.toDate),
        });
    }
    return all;
  }

  /** The snapshot that rows are checked against, as the register had it a moment ago. */
  async function keepSnapshot(tx: Transaction, institution: string, courseCode: string, occasions: string[], found: readonly Registered[]): Promise<void> {
    const once = new Map(found.map((one) => [`${one.student} ${one.occasion}`, one]));
    const given = JSON.stringify([...once.values()].map((one) => ({ s: one.student, o: one.occasion, f: one.from, t: one.to })));
    await tx.$executeRaw`DELETE FROM registrations WHERE institution = ${institution} AND occasion_uid = ANY (${occasions}::uuid[])`;
    await tx.$executeRaw`
      INSERT INTO registrations (institution, student_uid, occasion_uid, course_code, from_date, to_date, taken_at)
      SELECT ${institution}, n.s, n.o, ${courseCode}, n.f, n.t, now() FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, o uuid, f date, t date)
      ON CONFLICT (institution, student_uid, occasion_uid) DO UPDATE SET from_date = EXCLUDED.from_date, to_date = EXCLUDED.to_date, taken_at = now()`;
  }

  const finish = (orderId: string, state: 'done' | 'failed', result: Record<string, unknown>, tx: Transaction = db) =>
    tx.$executeRaw`UPDATE orders SET state = ${state}, result = ${JSON.stringify(result)}::jsonb, done_at = now() WHERE id = ${orderId}::uuid AND state = 'open'`;

  return async ({ payload, caseId, attempts }) => {
    const order = await db.order.findUnique({ where: { id: (payload as { order: string }).order } });
    if (!order || order.state !== 'open') return;
    if (attempts > MOST_ATTEMPTS) return void (await finish(order.id, 'failed', { reason: 'fault-in-registrar' }));
    const found = await readCase(db, { id: caseId });
    if (!found?.subject.scope) throw new Refused('no-such-case');
    const list = found.subject as CaseView<ListData>;
    const { institution } = list;
    const course = found.subject.scope;
    try {
      if (order.name === 'find-exams') {
        const exams = await watched(db, 'ladok', () => examsOf(ladok, list));
        const told = exams.map((exam) => ({ occasion: exam.examUid, name: exam.names, from: exam.from, to: exam.to, date: examDate(exam) }));
        return void (await finish(order.id, 'done', { exams: told }));
      }
      if (order.name === 'find-columns') {
        const columns = await deps.itslearning.columns((order.body as Body<'find-columns'>).room);
        return void (await finish(order.id, 'done', { columns: columns.map(({ id, title }) => ({ column: id, title })) }));
      }
      const body = order.body as Body<'fetch'> | Record<string, never>;
      const term = 'term' in body ? body.term : undefined;
      const occasions = await occasionsOf(institution, course, term);
      const people = await watched(db, 'ladok', () => registered(occasions));
      const today = dayOf(new Date().toISOString(), found.zone);
      const brought = order.name === 'fetch' ? await bring({ list, body: body as Body<'fetch'>, today, registered: people.map(named) }) : { students: [] };
      if ('failed' in brought) return void (await finish(order.id, 'failed', { reason: brought.failed }));
      const { students } = brought;
      await db.$transaction(async (tx) => {
        const now = await readCase(tx, { id: caseId }, true);
        if ((await tx.order.findUnique({ where: { id: order.id } }))?.state !== 'open') return;
        if (order.name === 'fetch' && now?.subject.state !== 'draft') return void (await finish(order.id, 'failed', { reason: 'wrong-state' }, tx));
        await keepSnapshot(tx, institution, course, occasions.map((occasion) => occasion.uid), people);
        if (order.name !== 'fetch') return void (await finish(order.id, 'done', { checked: people.length }, tx));
        const here = await tx.resultRow.count({ where: { caseId, studentUid: { notIn: students.map((one) => one.student) } } });
        if (here + students.length > MOST_STUDENTS) return void (await finish(order.id, 'failed', { reason: 'list-full' }, tx));
        const result = await addStudents(tx, caseId, students);
        const noted = await noteCompleted(tx, caseId, students);
        if (result.added + result.filled + noted > 0) await tx.$executeRaw`UPDATE cases SET version = version + 1, changed_at = now() WHERE id = ${caseId}::uuid`;
        await finish(order.id, 'done', { ...result, ...brought.besides }, tx);
        await append(tx, {
          institution, caseId, subject: `result-list/${found.subject.number}`, actor: order.orderedBy, action: 'result-list.fetched', outcome: 'done',
          at: new Date().toISOString(), details: { order: order.id, ...result },
        });
      });
    } catch (cause) {
      if (cause instanceof LadokRefused) return void (await finish(order.id, 'failed', { reason: 'refused-by-register', message: cause.staffText }));
      const reason = reasonFor(cause);
      if (attempts >= MOST_ATTEMPTS) return void (await finish(order.id, 'failed', { reason }));
      throw new NotSent(reason, { cause });
    }
  };
}

const named = ({ student, personNumber, surname, givenName }: Registered): FetchedStudent => ({ student, personNumber, surname, givenName });

/** What the person who ordered is told: somebody before the register or the platform said no (a proxy, a certificate), it did not answer, or the fault is ours. */
function reasonFor(cause: unknown): string {
  if (!(cause instanceof PartnerRefused || cause instanceof PartnerUnavailable)) return 'fault-in-registrar';
  const who = cause.partner === 'itslearning' ? 'platform' : 'register';
  return cause instanceof PartnerRefused ? `refused-by-${who}` : `${who}-unavailable`;
}
