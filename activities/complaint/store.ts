import { randomUUID } from 'node:crypto';
import {
  roundOf,
  type BirthFacts,
  type ComplaintData,
  type ComplaintFacts,
  type ComplaintWrite,
  type Entry,
  type Notice,
} from '../../workflows/complaint/complaint.js';
import { definition } from '../../workflows/complaint/definition.js';
import { notOffered, warnings } from '../../workflows/complaint/offered.js';
import type { BirthBody, Body } from '../../workflows/complaint/schema.js';
import type { Actor, CaseView } from '../../workflows/process.js';
import { dayOf, isCivilDate, type CivilDate } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { holders } from '../case/people.js';
import type { Store } from '../case/store.js';
import { complaintInProtocol } from '../exchange/protocol.js';
import { calendarOf } from '../holidays.js';
import { writeOrder } from '../orders.js';
import { settingOn, settingValues } from '../settings.js';
import {
  appointCommittee,
  committeeFor,
  makeCommittee,
  membersOf,
  proposedFor,
  releaseCommittee,
  sitting,
} from './committees.js';
import { initialsOf } from './effects.js';
import { blockedByOthers, lockResult } from './same-result.js';
import { admits, admittedTo, awaiting, bars, keepOpening, notAssessing, shownOf, undisclosedOf } from './sight.js';

type Subject = CaseView<ComplaintData>;

/** The tables of a complaint: what its rules are told in the deciding transaction, and what its decisions write there. */
export const complaintStore: Store<ComplaintData, ComplaintFacts & BirthFacts, ComplaintWrite> = {
  birthFacts: async (tx, ask) => ({ ...nothing, ...(await birthFacts(tx, ask)) }),
  facts,
  write,
  obstacle: async (tx, subject) =>
    subject.state === 'not-entered' ||
    (subject.state === 'to-confirm' && !(subject as Subject).data.entry) ||
    (subject.state === 'explaining' && (await nobodyExplains(tx, subject as Subject))),
  without: async (tx, subject, actor) =>
    (await bars(tx, subject, actor))
      ? Object.keys(definition.commands)
      : [...notOffered(subject), ...(subject.data.registered?.by === actor.id ? ['check'] : [])],
  warnings: async (tx, { id, data, institution }) =>
    warnings(data, await pilotOf(tx, institution, data), await unknownExaminers(tx, id)),
  admits,
  admittedTo,
  awaiting,
  bars,
  shown: shownOf,
  opened: keepOpening,
};

const nothing: ComplaintFacts & BirthFacts = {
  calendar: { country: null, own: [] },
  settings: { protection: 'neither', committee: { members: 2, external: 1 } },
  ids: [],
  log: [],
  proposed: [],
  sitting: [],
  examOffice: [],
  examiners: [],
  caseWorkers: [],
  recalculated: { written: false, needed: false },
  initials: '',
  pilots: [],
};

/** What is done otherwise on a course in a pilot, in the institution's words. */
async function pilotOf(tx: Transaction, institution: string, { received, unit }: ComplaintData): Promise<string | undefined> {
  return (await settingOn(tx, { institution, name: 'complaint-pilots', on: received })).find(
    ({ course }) => course === unit.course,
  )?.about;
}

/** No two complaints about one result are born at once. */
async function birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<BirthFacts> {
  const { type, student, unit, received } = ask.body as BirthBody;
  const { id, institution } = ask.actor;
  await lockResult(tx, { institution, student, course: unit.course });
  const person = await tx.person.findUniqueOrThrow({ where: { id } });
  const rows = await tx.$queryRaw<{ number: string }[]>`
    SELECT c.number::text FROM complaint_students s JOIN cases c ON c.id = s.case_id
    WHERE s.institution = ${institution} AND s.course = ${unit.course} AND s.student_number = ${student} AND c.closed_at IS NULL
      AND c.data->>'type' = ${type} AND c.data->'unit' = ${JSON.stringify(unit)}::jsonb LIMIT 1`;
  const on = received !== undefined && isCivilDate(received) ? received : new Date().toISOString().slice(0, 10);
  return {
    calendar: (await calendarOf(tx, institution, on)).calendar,
    initials: initialsOf(person),
    pilots: await settingValues(tx, institution, 'complaint-pilots'),
    ...(rows[0] ? { open: rows[0].number } : {}),
  };
}

/** Commands that need more than the case itself; the rest are told nothing and cost nothing. */
const needs = {
  settings: ['confirm', 'protect', 'appoint'],
  calendar: [
    'read-again',
    'confirm',
    'send',
    'move-deadline',
    'protect',
    'halt',
    'resume',
    'register-grade',
    'correct',
    'delete-grade',
    'remind',
    'describe',
    'protocol-read',
  ],
  explanation: ['protocol-read', 'confirm', 'describe'],
  grades: ['register-grade', 'correct'],
  log: ['withdraw', 'dismiss', 'report-wrong', 'delete-grade'],
  sitting: ['send', 'remind', 'appoint', 'halt', 'resume', 'dismiss', 'withdraw', 'delete-grade'],
  caseWorkers: ['remind', 'describe'],
  examOffice: ['entered', 'report-wrong', 'dismiss', 'withdraw', 'decide-error', 'delete-grade', 'remind'],
  examiners: ['confirm', 'move-deadline', 'remind', 'explain', 'dismiss', 'withdraw'],
  recalculated: ['recalculate', 'check'],
  others: ['protocol-read', 'check', 'lift-block'],
} as const satisfies Record<string, readonly string[]>;

async function facts(
  tx: Transaction,
  ask: { subject: Subject; command: string; body: unknown; today: CivilDate },
): Promise<ComplaintFacts & BirthFacts> {
  const { subject, command, today } = ask;
  const { id, institution, scope, data } = subject;
  const wants = (what: keyof typeof needs) => (needs[what] as readonly string[]).includes(command);
  const here = { institution, today };
  return {
    ...nothing,
    ids: Array.from({ length: 6 }, () => randomUUID()),
    ...(wants('calendar') ? { calendar: (await calendarOf(tx, institution, data.received)).calendar } : {}),
    ...(wants('settings') ? { settings: await settingsOf(tx, institution, data) } : {}),
    ...(wants('explanation') ? await explanationOf(tx, subject) : {}),
    ...(wants('grades') ? await gradesOf(tx, id) : {}),
    ...(wants('log') ? { log: await log(tx, id) } : {}),
    ...(wants('sitting') ? { sitting: await sitting(tx, id, roundOf(data.halted?.from ?? subject.state)) } : {}),
    ...(wants('examOffice') ? { examOffice: await holders(tx, { ...here, role: 'exam-office' }) } : {}),
    ...(wants('examiners') && data.type === 'explanation'
      ? { examiners: await examinersOf(tx, subject, await holders(tx, { ...here, role: 'examiner', course: scope })) }
      : {}),
    ...(wants('recalculated') ? { recalculated: await recalculated(tx, subject) } : {}),
    ...(wants('caseWorkers') ? { caseWorkers: await holders(tx, { ...here, role: 'case-worker' }) } : {}),
    ...(command === 'describe'
      ? {
          pilots: await settingValues(tx, institution, 'complaint-pilots'),
          ...(await takenOver(tx, subject, ask.body as Body<'describe'>)),
        }
      : {}),
    ...(wants('others') ? await blockedByOthers(tx, subject) : {}),
    ...(command === 'appoint' ? await proposal(tx, subject, ask.body as Body<'appoint'>, today) : {}),
    ...(command === 'protocol-read' ? { ...(await awaited(tx, id, 'read-protocol')), ...(await entryOf(tx, id)) } : {}),
    ...(command === 'report-wrong' ? { notice: await noticeOf(tx, subject) } : {}),
    ...(command === 'entered' ? await awaited(tx, id, 'enter-grade') : {}),
  };
}

const settingsOf = async (
  tx: Transaction,
  institution: string,
  { received }: ComplaintData,
): Promise<ComplaintFacts['settings']> => ({
  protection: await settingOn(tx, { institution, name: 'complaint-protection', on: received }),
  committee: await settingOn(tx, { institution, name: 'complaint-committee', on: received }),
});

/** The initials of whoever a case is handed over to, and whether they assess its result anew. */
async function takenOver(
  tx: Transaction,
  subject: Subject,
  { responsible }: Body<'describe'>,
): Promise<Pick<ComplaintFacts, 'theirInitials' | 'theyAssess'>> {
  const person = responsible === undefined ? null : await tx.person.findUnique({ where: { id: responsible } });
  return person
    ? { theirInitials: initialsOf(person), theyAssess: (await notAssessing(tx, subject, [person.id])).length === 0 }
    : {};
}

/** When the same result was explained, where it was. */
async function explanationOf(tx: Transaction, { id, institution, data }: Subject): Promise<Pick<ComplaintFacts, 'explainedOn'>> {
  const rows = await tx.$queryRaw<{ on: string }[]>`
    SELECT max(c.data->>'communicated') AS "on" FROM complaint_students mine
    JOIN complaint_students s ON s.institution = mine.institution AND s.course = mine.course AND s.student_number = mine.student_number JOIN cases c ON c.id = s.case_id
    WHERE mine.case_id = ${id}::uuid AND c.institution = ${institution} AND c.state = 'explained' AND c.data->'unit' = ${JSON.stringify(data.unit)}::jsonb HAVING count(*) > 0`;
  return rows[0] ? { explainedOn: rows[0].on } : {};
}

/** The first grade, and what stands in the protocol now. */
async function gradesOf(tx: Transaction, caseId: string): Promise<Pick<ComplaintFacts, 'firstGrade' | 'protocolGrade'>> {
  const { firstGrade } = await undisclosedOf(tx, caseId);
  const entered = await tx.complaintGrading.findFirst({
    where: { caseId, inProtocolAt: { not: null } },
    orderBy: { inProtocolAt: 'desc' },
  });
  return firstGrade === null ? {} : { firstGrade, protocolGrade: entered?.grade ?? firstGrade };
}

const log = async (tx: Transaction, caseId: string): Promise<ComplaintFacts['log']> =>
  (await tx.complaintGrading.findMany({ where: { caseId, deletedAt: null }, orderBy: { registeredAt: 'asc' } })).map(
    ({ id, round, grade, inProtocolAt }) => ({ id, round: round as 2 | 3, grade, inProtocol: inProtocolAt !== null }),
  );

/**
 * What became of the student's notice of the newest grade. One that has not gone is held fast until the decision, after which it
 * is not sent any more.
 */
async function noticeOf(tx: Transaction, { id, data }: Subject): Promise<Notice> {
  const rows = await tx.$queryRaw<{ state: string }[]>`
    SELECT state FROM outbox WHERE case_id = ${id}::uuid AND channel = 'mail' AND payload->>'letter' = 'result' AND payload->>'grading' = ${data.entering?.grading ?? ''} FOR UPDATE`;
  const [{ state } = { state: 'pending' }] = rows;
  if (state === 'done') return 'gone';
  return state === 'claimed' || state === 'uncertain' ? 'perhaps' : 'held-back';
}

/**
 * Those examiners of the course who set the grade; all of them where none of those is one today. Nobody who assesses it anew
 * (GC-13).
 */
async function examinersOf(tx: Transaction, complaint: Subject, holding: readonly string[]): Promise<readonly string[]> {
  const first = (await tx.complaintEntry.findUnique({ where: { caseId: complaint.id } }))?.examiners ?? [];
  const today = await notAssessing(tx, complaint, holding);
  const own = today.filter((person) => first.includes(person));
  return own.length ? own : today;
}

/** That there is no examiner today who could give the explanation. */
async function nobodyExplains(tx: Transaction, complaint: Subject): Promise<boolean> {
  const { institution, scope } = complaint;
  const { zone } = await tx.institution.findUniqueOrThrow({ where: { code: institution } });
  return (
    (
      await examinersOf(
        tx,
        complaint,
        await holders(tx, { institution, role: 'examiner', course: scope, today: dayOf(new Date().toISOString(), zone) }),
      )
    ).length === 0
  );
}

/** Recalculations of what was entered last. */
async function recalculated(tx: Transaction, { id, data }: Subject): Promise<ComplaintFacts['recalculated']> {
  const grading = data.entering?.grading;
  const all = await tx.complaintRecalculation.findMany({ where: { caseId: id }, orderBy: { doneAt: 'asc' } });
  const entered = grading === undefined ? null : await tx.complaintGrading.findUnique({ where: { id: grading } });
  const [own, earlier] = [all.filter((one) => one.gradingId === grading), all.filter((one) => one.gradingId !== grading)];
  const trial = own.findLast((one) => one.trial);
  return {
    ...(trial ? { trial: trial.orderId } : {}),
    written: own.some((one) => !one.trial),
    needed: entered?.grade !== entered?.replaces || earlier.some((one) => !one.trial),
  };
}

async function proposal(
  tx: Transaction,
  subject: Subject,
  body: Body<'appoint'>,
  today: CivilDate,
): Promise<Partial<ComplaintFacts>> {
  const committee = await committeeFor(tx, subject, body, randomUUID());
  if (!committee) return {};
  return {
    committee,
    unknownExaminers: await unknownExaminers(tx, subject.id),
    proposed: await proposedFor(tx, subject, {
      today,
      members: 'members' in body ? body.members : await membersOf(tx, committee.id),
    }),
  };
}

const unknownExaminers = async (tx: Transaction, caseId: string): Promise<readonly string[]> =>
  (await tx.complaintEntry.findUnique({ where: { caseId } }))?.unknown ?? [];

/** How the newest order of a name stands. One that a person settled has told nothing of FS, so that it is looked at again. */
async function awaited(tx: Transaction, caseId: string, name: string): Promise<Pick<ComplaintFacts, 'awaited'>> {
  const order = await tx.order.findFirst({ where: { caseId, name }, orderBy: { seq: 'desc' } });
  const settled = (order?.result as { settled?: boolean } | null)?.settled;
  return order ? { awaited: settled ? 'failed' : (order.state as NonNullable<ComplaintFacts['awaited']>) } : {};
}

async function entryOf(tx: Transaction, caseId: string): Promise<Pick<ComplaintFacts, 'entry'>> {
  const kept = await tx.complaintEntry.findUnique({ where: { caseId } });
  return kept ? { entry: kept.entry as unknown as Entry } : {};
}

interface Writing {
  readonly subject: Subject;
  readonly actor: Actor;
  readonly at: string;
}

async function write(tx: Transaction, ask: Writing & { readonly writes: readonly ComplaintWrite[] }): Promise<void> {
  for (const one of ask.writes) await writeOne(tx, ask, one);
}

async function writeOne(tx: Transaction, ask: Writing, one: ComplaintWrite): Promise<void> {
  const {
    subject: { id, institution, data, createdBy },
    actor,
    at,
  } = ask;
  const by = actor.id === 'system' ? createdBy : actor.id;
  switch (one.write) {
    case 'order':
      return void (await writeOrder(tx, { ...ask, actor: { id: by } }, one));
    case 'born':
      await tx.complaintStudent.create({
        data: { caseId: id, institution, course: data.unit.course, studentNumber: one.student },
      });
      return void (await tx.complaintUndisclosed.create({ data: { caseId: id, reasons: one.reasons } }));
    case 'described':
      return void (await tx.complaintUndisclosed.update({
        where: { caseId: id },
        data: {
          ...(one.note === undefined ? {} : { note: one.note }),
          ...(one.reasons === undefined ? {} : { reasons: one.reasons }),
        },
      }));
    case 'noted':
      return void (await tx.$executeRaw`UPDATE complaint_undisclosed SET note = concat_ws(E'\n\n', note, ${one.text}::text) WHERE case_id = ${id}::uuid`);
    case 'committee':
      return makeCommittee(tx, ask, one);
    case 'appointed':
      return appointCommittee(tx, { caseId: id, round: one.round, committee: one.committee, at });
    case 'released':
      return releaseCommittee(tx, { caseId: id, round: one.round, at });
    case 'grading':
      return void (await tx.complaintGrading.create({
        data: {
          id: one.id,
          caseId: id,
          round: one.round,
          grade: one.grade,
          passed: one.passed,
          replaces: one.replaces,
          reason: one.reason,
          registeredBy: by,
          registeredAt: at,
        },
      }));
    case 'in-protocol':
      return inProtocol(tx, ask.subject, one.grading, at);
    case 'delete-gradings':
      return void (await tx.complaintGrading.updateMany({
        where: { id: { in: [...one.ids] }, deletedAt: null },
        data: { deletedAt: at, deletedBy: by },
      }));
    case 'explanation':
      return void (await tx.complaintUndisclosed.update({
        where: { caseId: id },
        data: { explanation: one.text, explainedBy: by, explainedAt: at },
      }));
  }
}

/**
 * The grade stands in the protocol; where it is another one than before, our own protocols have it as well and tell it onward
 * (BE-07). That of a part is no result of the course: its recalculation is.
 */
async function inProtocol(tx: Transaction, { id, institution, data }: Subject, grading: string, at: string): Promise<void> {
  const { replaces, grade } = await tx.complaintGrading.update({ where: { id: grading }, data: { inProtocolAt: at } });
  const { entry, unit } = data;
  if (replaces === grade || !entry || entry.top) return;
  const { scale, gradedOn } = entry;
  await complaintInProtocol(tx, { id, institution, data }, { course: unit.course, grade, replaces, scale, gradedOn }, at);
}
