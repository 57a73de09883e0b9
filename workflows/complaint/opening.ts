import { anOrder, refuse, stay, type Birth, type BirthAsk, type Promised, type Refusal } from '../process.js';
import { addYears, type CivilDate } from '../rules/civil-time.js';
import { inForce } from '../settings/values.js';
import { askedBy, handledBy } from './deadline.js';
import {
  counting,
  isUnconfirmed,
  letter,
  ordered,
  STUDENT,
  wrongDay,
  type AnyAsk,
  type BirthFacts,
  type ComplaintAsk,
  type ComplaintData,
  type ComplaintOutcome,
  type ComplaintWrite,
  type Entry,
} from './complaint.js';
import { definition } from './definition.js';
import { protecting } from './protection.js';
import { nextReminder } from './reminders.js';
import type { BirthBody, Body } from './schema.js';

/**
 * GC-03, the first yes: what the protocol holds about the result is read, so that somebody can see whether it is the right one
 * (GC-02). The deadline counts meanwhile.
 */
export function birth(ask: BirthAsk<BirthFacts, BirthBody>): Birth<ComplaintData, ComplaintWrite> | Refusal {
  const { body, facts, actor, today, zone, at, fresh } = ask;
  const { type, unit, received = today } = body;
  const wrong = wrongReceived(received, type, today);
  if (wrong) return wrong;
  if (facts.open !== undefined) return refuse('conflict', 'GC-03', 'complained-already', { number: facts.open });
  const reading = anOrder(fresh, 'read-protocol', {});
  const due = handledBy(type, received, zone);
  return {
    state: 'opened',
    scope: unit.course,
    waitingFor: null,
    due,
    wake: nextReminder(due.on, at, { zone, calendar: facts.calendar }),
    data: {
      type,
      unit,
      received,
      responsible: actor.id,
      initials: body.initials ?? facts.initials,
      procedure: procedureOn(received, unit.course, facts.pilots),
      finished: false,
    },
    writes: [{ write: 'born', student: body.student, reasons: body.reasons ?? null }, ...reading.writes],
    promises: reading.promises,
    record: { type, course: unit.course, received, order: fresh },
    answer: { order: fresh },
  };
}

/** Years that a day of receipt can lie back: what is older was typed wrongly. */
const OLDEST = 5;

/**
 * GC-08: not to come, not years ago, and not before the grade it is about; only a formal error can be complained about before
 * there is one.
 */
function wrongReceived(
  received: CivilDate | undefined,
  type: ComplaintData['type'],
  today: CivilDate,
  entry?: Entry,
): Refusal | undefined {
  const oldest = addYears(today, -OLDEST);
  const from = entry && type !== 'formal-error' && entry.gradedOn > oldest ? entry.gradedOn : oldest;
  return wrongDay('GC-08', 'received', received, { from, to: today });
}

/** GC-01: whether the course is in a pilot on the day of receipt. */
const procedureOn = (day: CivilDate, course: string, pilots: BirthFacts['pilots']): ComplaintData['procedure'] =>
  inForce(pilots, day).some((one) => one.course === course) ? 'pilot' : 'usual';

/** GC-02: the protocol is read; or it cannot be, and somebody has to look at what was typed. */
export function protocolRead(ask: AnyAsk): ComplaintOutcome | Refusal {
  const {
    case: {
      data: { blockIsOurs: _before, ...data },
    },
    facts: { awaited, entry, blockIsOurs },
  } = ask;
  const due = handledBy(data.type, data.received, ask.zone);
  if (awaited === 'open') return refuse('conflict', 'GC-02', 'order-under-way');
  if (awaited === 'failed' || !entry)
    return counting('to-confirm', ask, due, { waitingFor: 'case-worker', needsAttention: true, record: { read: false } });
  return counting('to-confirm', ask, due, {
    waitingFor: 'case-worker',
    data: {
      ...data,
      entry,
      blocked: entry.blocked,
      ...(entry.blocked && blockIsOurs && { blockIsOurs }),
      ...lateness(ask, entry, data.received),
    },
    record: { read: true },
  });
}

/** Received after the last day to ask: it is shown, and the case worker decides. */
function lateness(
  {
    case: {
      data: { type },
    },
    facts: { explainedOn },
    zone,
  }: AnyAsk,
  entry: Entry | undefined,
  received: CivilDate,
): Pick<ComplaintData, 'late'> {
  if (!entry) return {};
  const { on, why } = askedBy(type, { gradedOn: entry.gradedOn, explainedOn }, zone);
  return received > on ? { late: { on, basis: why?.basis ?? '' } } : {};
}

/** GC-02: the protocol is read once more. */
export const readAgain = (ask: ComplaintAsk<'read-again'>): ComplaintOutcome =>
  counting('opened', ask, ask.case.due, {
    waitingFor: null,
    ...anOrder(ask.fresh, 'read-protocol', {}),
    record: { order: ask.fresh },
    answer: { order: ask.fresh },
  });

/**
 * GC-03, the second yes: the right course, part and student. From now on the deadline counts from the day of receipt (GC-17), FS
 * and the archive hear of it (GC-10), and the student is told. With a diploma out on the result it is halted at once (GC-05,
 * GC-44).
 */
export function confirm(ask: ComplaintAsk<'confirm'>): ComplaintOutcome | Refusal {
  const { case: complaint, facts, zone, at, today } = ask;
  const { entry, type, received } = complaint.data;
  if (!entry) return refuse('conflict', 'GC-02', 'protocol-not-read');
  const wrong = wrongReceived(received, type, today, entry);
  if (wrong) return wrong;
  const due = handledBy(type, received, zone);
  const { late: _before, ...before } = complaint.data;
  const data: ComplaintData = { ...before, ...lateness(ask, entry, received) };
  const acknowledged = letter(complaint, 'acknowledged', STUDENT);
  const record = { type, due: due.on, ...(data.late ? { late: true } : {}) };
  if (type === 'explanation') {
    const orders = ordered(ask, ['keep-in-fs', {}], ['archive', { document: 'complaint' }]);
    return counting('explaining', ask, due, {
      waitingFor: 'examiner',
      data,
      writes: orders.writes,
      promises: [
        acknowledged,
        ...facts.examiners.map((examiner): Promised => letter(complaint, 'explanation-asked', examiner)),
        ...orders.promises,
      ],
      record,
    });
  }
  const choice = ask.body.protection?.choice ?? facts.settings.protection;
  const guarded = protecting(data, { choice, reason: ask.body.protection?.reason, due }, ask);
  if ('refused' in guarded) return guarded;
  const orders = ordered(ask, ['keep-in-fs', {}], ['archive', { document: 'complaint' }], ...guarded.orders);
  const printed = entry.diploma !== null;
  return counting(printed ? 'halted' : 'received', ask, due, {
    waitingFor: 'case-worker',
    data: { ...guarded.data, ...(printed ? { halted: { by: 'system', at, from: 'received' } } : {}) },
    writes: orders.writes,
    promises: [acknowledged, ...orders.promises],
    record: { ...record, protection: choice, halted: printed },
  });
}

/** What may be put right of a case that has ended. */
const afterTheEnd: readonly string[] = ['version', 'note', 'communicated'] satisfies (keyof Body<'describe'>)[];

/**
 * GC-08..12, GC-22: what is noted about the case. The day of receipt is fixed once a deadline counts from it; after the end only
 * the note and the day on which the decision was communicated can be put right, and FS is told.
 */
export function describe(ask: ComplaintAsk<'describe'>): ComplaintOutcome | Refusal {
  const { case: complaint, body, facts, today, zone, at } = ask;
  const { data } = complaint;
  const { version, note, reasons, ...said } = body;
  if (version !== complaint.version) return refuse('conflict', 'GC-12', 'changed-meanwhile', { version: complaint.version });
  const fixed = (definition.final as readonly string[]).includes(complaint.state)
    ? Object.keys(body).filter((field) => !afterTheEnd.includes(field))
    : [];
  if (fixed.length > 0) return refuse('conflict', 'GC-12', 'case-has-ended', { fields: fixed });
  const before = isUnconfirmed(complaint);
  if (said.received !== undefined && !before) return refuse('conflict', 'GC-08', 'deadline-counts');
  if (said.communicated !== undefined && !data.decision) return refuse('conflict', 'GC-22', 'not-decided');
  const wrong =
    wrongReceived(said.received, data.type, today, data.entry) ??
    wrongDay('GC-22', 'communicated', said.communicated, { from: data.received, to: today });
  if (wrong) return wrong;
  if (said.responsible !== undefined && !facts.caseWorkers.includes(said.responsible))
    return refuse('conflict', 'GC-09', 'not-a-case-worker');
  if (said.responsible !== undefined && facts.theyAssess) return refuse('conflict', 'GC-13', 'assesses-it-anew');
  const { responsible, received = data.received } = said;
  const handed =
    responsible !== undefined && responsible !== data.responsible ? { initials: facts.theirInitials ?? data.initials } : {};
  const { late, ...counted } = { ...data, ...handed, ...said };
  const anew =
    said.received === undefined
      ? { ...(late && { late }) }
      : { procedure: procedureOn(received, data.unit.course, facts.pilots ?? []), ...lateness(ask, data.entry, received) };
  const due = said.received !== undefined && complaint.due ? handledBy(data.type, received, zone) : complaint.due;
  const wake = due !== complaint.due && due ? { due, wake: nextReminder(due.on, at, { zone, calendar: facts.calendar }) } : {};
  const orders = before ? ordered(ask) : ordered(ask, ['keep-in-fs', {}]);
  return stay(complaint, {
    ...wake,
    data: { ...counted, ...anew },
    writes: [
      { write: 'described', ...(note === undefined ? {} : { note }), ...(reasons === undefined ? {} : { reasons }) },
      ...orders.writes,
    ],
    promises: orders.promises,
    record: { changed: Object.keys(body).filter((name) => name !== 'version') },
  });
}
