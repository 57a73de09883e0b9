import { randomUUID } from 'node:crypto';
import type { AssessmentUnit, ComplaintData, Entry, OrderName } from '../../workflows/complaint/complaint.js';
import { anOrder, type CaseView } from '../../workflows/process.js';
import { dayOf, type CivilDate } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { promise } from '../case/case-row.js';
import { complaintInProtocol } from '../exchange/protocol.js';
import { sameUnit, type ProtocolEntry } from '../fs/terms.js';
import { writeOrder } from '../orders.js';

/** One student's result in one unit, as FS names it. */
export interface ResultKey {
  readonly unit: AssessmentUnit;
  readonly student: string;
}

/**
 * What `read-protocol` brings (GC-02). `examiners` are the numbers by which FS names who set the grade: ids of the staff
 * register, or others.
 */
export interface ReadProtocol {
  readonly entry: Entry;
  readonly grade: string;
  readonly examiners: readonly string[];
  readonly candidate: string | null;
  readonly student: {
    readonly givenName: string;
    readonly surname: string;
    readonly email: string | null;
    readonly language: string;
    readonly personNumber: string | null;
  };
}

/**
 * A grade on its way into the protocol. `reference` names this entering for ever, `expects` is what has to stand there before,
 * `by` are the initials of who registered it.
 */
export interface GradeToEnter extends ResultKey {
  readonly grade: string;
  readonly expects: string;
  readonly reference: string;
  readonly by: string;
  readonly on: CivilDate;
}

type Subject = CaseView<ComplaintData>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whose result a complaint is about. */
export async function resultOf(tx: Transaction, { id, data }: Subject): Promise<ResultKey> {
  const { studentNumber } = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: id } });
  return { unit: data.unit, student: studentNumber };
}

/**
 * Keeps what the protocol said: the grade where a new assessor does not see it, the rest for the step that takes it into the
 * case.
 */
export async function keepProtocol(tx: Transaction, { id }: Subject, read: ReadProtocol): Promise<void> {
  const { givenName, surname, email, language, personNumber } = read.student;
  const ids = read.examiners.filter((number) => uuid.test(number));
  const known = (await tx.person.findMany({ where: { id: { in: ids } }, select: { id: true } })).map((person) => person.id);
  const kept = {
    entry: read.entry as object,
    examiners: ids,
    unknown: read.examiners.filter((number) => !known.includes(number.toLowerCase())),
    readAt: new Date(),
  };
  await tx.complaintEntry.upsert({ where: { caseId: id }, create: { caseId: id, ...kept }, update: kept });
  // Read again later: a grade that this case has entered, or was to enter, is no first one.
  const newest = await tx.complaintGrading.findFirst({ where: { caseId: id }, orderBy: { registeredAt: 'desc' } });
  const entered = (await tx.complaintGrading.count({ where: { caseId: id, inProtocolAt: { not: null } } })) > 0;
  if (!entered && (newest?.grade !== read.grade || newest.replaces === read.grade))
    await tx.complaintUndisclosed.update({ where: { caseId: id }, data: { firstGrade: read.grade } });
  await tx.complaintStudent.update({
    where: { caseId: id },
    data: { givenName, surname, email, language, personNumber, candidate: read.candidate },
  });
}

/**
 * Keeps the number that the archive gave its case, unless somebody typed one (GC-10), and has FS told of it. An edit: it counts
 * the version on.
 */
export async function keepJournalNumber(
  tx: Transaction,
  subject: Subject,
  found: { readonly journalNumber: string; readonly orderedBy: string },
): Promise<void> {
  const kept = await tx.$executeRaw`
    UPDATE cases SET data = data || jsonb_build_object('journalNumber', ${found.journalNumber}::text), version = version + 1, changed_at = now()
    WHERE id = ${subject.id}::uuid AND data->>'journalNumber' IS NULL`;
  if (kept > 0) await orderInFs(tx, subject, found.orderedBy);
}

/**
 * Orders that FS is told of a complaint as it is by then: for what came to be while an order was carried out, and not by
 * somebody's step.
 */
export async function orderInFs(
  tx: Transaction,
  { id, institution }: Pick<Subject, 'id' | 'institution'>,
  orderedBy: string,
): Promise<void> {
  const {
    writes: [order],
    promises,
  } = anOrder(randomUUID(), 'keep-in-fs' satisfies OrderName, {});
  await writeOrder(tx, { subject: { id }, actor: { id: orderedBy }, at: new Date().toISOString() }, order);
  await promise(tx, { institution, caseId: id, promises });
}

/** A person's initials, unless they said others (GC-09). */
export const initialsOf = ({ givenName, surname }: { readonly givenName: string; readonly surname: string }): string =>
  [givenName, surname].map((name) => name.charAt(0).toUpperCase()).join('');

/** By which initials FS names who did something: those of the case for who is responsible for it (GC-09), else their own (GC-40). */
export async function initialsFor(tx: Transaction, { data }: Subject, id: string): Promise<string> {
  const person = id === data.responsible ? null : await tx.person.findUnique({ where: { id } });
  return person ? initialsOf(person) : data.initials;
}

/** The grade that an order enters into the protocol, by its place in the log of re-gradings (`OrderBody['enter-grade']`). */
export async function gradeToEnter(
  tx: Transaction,
  subject: Subject,
  ask: { readonly grading: string; readonly zone: string },
): Promise<GradeToEnter> {
  const grading = await tx.complaintGrading.findFirstOrThrow({ where: { id: ask.grading, caseId: subject.id } });
  return {
    ...(await resultOf(tx, subject)),
    grade: grading.grade,
    expects: grading.replaces,
    reference: grading.id,
    by: await initialsFor(tx, subject, grading.registeredBy),
    on: dayOf(grading.registeredAt.toISOString(), ask.zone),
  };
}

/** One unit of a recalculation, with its grade before and after; null for none. */
export interface Recalculated {
  readonly unit: AssessmentUnit;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Keeps what a recalculation showed or wrote (GC-28), by its order and the entry in the log of re-gradings that it is about. A top
 * grade that was written over another is the new result of the course on our own protocols, and told onward (BE-07); `top` is
 * what FS holds of it then.
 */
export async function keepRecalculation(
  tx: Transaction,
  subject: Subject,
  done: {
    readonly order: string;
    readonly trial: boolean;
    readonly grading: string;
    readonly units: readonly Recalculated[];
    readonly top: Pick<ProtocolEntry, 'scale' | 'gradedOn'> | undefined;
  },
): Promise<void> {
  const { order, trial, grading, units, top } = done;
  const now = new Date();
  await tx.complaintRecalculation.create({
    data: { orderId: order, caseId: subject.id, gradingId: grading, trial, units: [...units] as object[], doneAt: now },
  });
  const unit = subject.data.entry?.top;
  const written = units.find((one) => unit && sameUnit(one.unit, unit));
  if (!top || !unit || !written || written.after === null || written.before === written.after) return;
  const { scale, gradedOn } = top;
  const changed = { course: unit.course, grade: written.after, replaces: written.before, scale, gradedOn };
  await complaintInProtocol(tx, subject, changed, now.toISOString());
}

/** What a trial showed (`OrderBody['recalculate'].after`). */
export async function trialOf(tx: Transaction, order: string): Promise<readonly Recalculated[]> {
  const { units } = await tx.complaintRecalculation.findUniqueOrThrow({ where: { orderId: order } });
  return units as unknown as readonly Recalculated[];
}
