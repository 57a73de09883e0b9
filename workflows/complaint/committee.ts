import { refuse, stay, type Due, type Promised, type Refusal } from '../process.js';
import { addYears, type CivilDate } from '../rules/civil-time.js';
import {
  atExamOffice,
  counting,
  hasCommittee,
  isAnnulled,
  letter,
  ordered,
  roundOf,
  wrongDay,
  type AnyAsk,
  type ComplaintAsk,
  type ComplaintData,
  type ComplaintOutcome,
  type Round,
} from './complaint.js';
import { movedTo } from './deadline.js';
import type { ComplaintState } from './definition.js';
import { followed } from './protection.js';

/** GC-14: a name by which the committee is known as one for complaints. */
const usualName: Readonly<Record<Round, string>> = { 2: 'Klagekommisjon 2. gangs sensur', 3: 'Klagekommisjon 3. gangs sensur' };
/** What the committee of a round is called in the case's data. */
export const nameOf: Readonly<Record<Round, 'second' | 'further'>> = { 2: 'second', 3: 'further' };

/** A complaint about a formal error has a committee only when the grade was annulled. */
export const noAssessment = (data: ComplaintData): boolean => data.type === 'formal-error' && !isAnnulled(data);

/**
 * GC-13, GC-15: a committee of the result's own assessment unit, a new one or one that is there. Nobody sits in the second
 * grading who set the first grade, handles the case or has opened what a new assessor must not see; nobody in the further
 * assessment who set a grade before. FS hears of it at once, so that the number is the same there.
 */
export function appoint(ask: ComplaintAsk<'appoint'>): ComplaintOutcome | Refusal {
  const { case: complaint, body, facts } = ask;
  const { data } = complaint;
  if (noAssessment(data)) return refuse('conflict', 'GC-04', 'error-first');
  const round = roundOf(complaint.state);
  if (!facts.committee) return refuse('missing', 'GC-15', 'no-such-committee');
  const unfit = unfitFor(round, ask);
  if (unfit) return unfit;
  const unknown = facts.unknownExaminers?.length ?? 0;
  if (unknown > 0 && !body.confirmed) return refuse('conflict', 'GC-13', 'unknown-first-examiners', { count: unknown });
  const { id, number } = facts.committee;
  const made = 'members' in body;
  const name = made ? (body.name ?? usualName[round]) : facts.committee.name;
  const sent = hasCommittee(complaint.state);
  const orders = ordered(ask, ['keep-in-fs', {}]);
  return stay(complaint, {
    data: { ...data, committees: { ...data.committees, [nameOf[round]]: { number, name } } },
    writes: [
      ...(made ? [{ write: 'committee', id, number, name, members: body.members } as const] : []),
      { write: 'appointed', round, committee: id },
      ...orders.writes,
    ],
    promises: [
      ...(sent
        ? [
            ...facts.proposed.map(({ person }) => letter(complaint, 'appointed', person)),
            ...facts.sitting
              .filter((one) => !facts.proposed.some(({ person }) => person === one))
              .map((person) => letter(complaint, 'released', person)),
          ]
        : []),
      ...orders.promises,
    ],
    record: { round, committee: number, members: facts.proposed.length, ...(unknown > 0 ? { unknownExaminers: unknown } : {}) },
  });
}

function unfitFor(
  round: Round,
  {
    facts: {
      proposed,
      settings: { committee: least },
    },
  }: AnyAsk,
): Refusal | undefined {
  const unfit = (
    code: 'not-a-committee-member' | 'set-the-first-grade' | 'has-seen-first-grade' | 'sat-in-second-grading',
    people: typeof proposed,
    rule = 'GC-13',
  ) =>
    people.length
      ? refuse('conflict', rule, code, { count: people.length, people: people.map(({ person }) => person) })
      : undefined;
  const people = new Set(proposed.map(({ person }) => person)).size;
  const external = new Set(proposed.flatMap((one) => (one.external ? [one.person] : []))).size;
  return (
    unfit(
      'not-a-committee-member',
      proposed.filter(({ mayBe }) => !mayBe),
    ) ??
    unfit(
      'set-the-first-grade',
      proposed.filter(({ firstExaminer }) => firstExaminer),
    ) ??
    (round === 2
      ? unfit(
          'has-seen-first-grade',
          proposed.filter(({ hasSeen }) => hasSeen),
        )
      : unfit(
          'sat-in-second-grading',
          proposed.filter(({ satBefore }) => satBefore),
          'GC-32',
        )) ??
    (people < least.members || external < least.external
      ? refuse('conflict', 'GC-13', 'committee-too-small', { ...least })
      : undefined)
  );
}

/** GC-16, GC-17: to the committee of the round, with the day counted from receipt or another one with a reason. */
export function send(ask: ComplaintAsk<'send'>): ComplaintOutcome | Refusal {
  const { case: complaint, body, facts, today } = ask;
  const { data } = complaint;
  const { sent = today, deadline } = body;
  if (noAssessment(data)) return refuse('conflict', 'GC-04', 'error-first');
  const round = roundOf(complaint.state);
  if (!data.committees?.[nameOf[round]] || !complaint.due) return refuse('conflict', 'GC-13', 'no-committee');
  const wrong =
    wrongDay('GC-16', 'sent', sent, { from: data.received, to: today }) ?? wrongDeadline('deadline', deadline?.on, ask);
  if (wrong) return wrong;
  const due = deadline ? moved(ask, complaint.due, deadline.on) : complaint.due;
  const follows = followed({ ...data, sentOn: sent, ...(deadline ? extended(ask, complaint.due, deadline) : {}) }, due);
  const orders = ordered(ask, ['keep-in-fs', {}], ...follows.orders);
  return counting(round === 2 ? 'with-committee' : 'with-further-committee', ask, due, {
    waitingFor: 'committee-member',
    data: follows.data,
    writes: orders.writes,
    promises: [...facts.sitting.map((person) => letter(complaint, 'appointed', person)), ...orders.promises],
    record: { round, sent, due: due.on },
  });
}

/** GC-17: another day is kept with its reason, beside those of before. */
const extended = (
  { case: { data }, actor, at }: AnyAsk,
  due: Due,
  { on, reason }: { readonly on: string; readonly reason: string },
): Pick<ComplaintData, 'deadlineReason' | 'extensions'> => {
  const said = { by: actor.id, at, reason };
  return { deadlineReason: said, extensions: [...(data.extensions ?? []), { ...said, from: due.on, on }] };
};

/** GC-17: from today until a year after receipt, beyond which a deadline was typed wrongly. */
const wrongDeadline = (field: string, on: CivilDate | undefined, { case: { data }, today }: AnyAsk): Refusal | undefined => {
  const latest = addYears(data.received, 1);
  return wrongDay('GC-17', field, on, { from: today, to: latest > today ? latest : addYears(today, 1) });
};

const moved = ({ actor, today, zone }: AnyAsk, due: Due, on: string): Due =>
  on === due.on ? due : movedTo(due, { on, by: actor.id, movedOn: today }, zone);

/** GC-17, GC-46: another last day, with a reason; a postponed diploma follows. */
export function moveDeadline(ask: ComplaintAsk<'move-deadline'>): ComplaintOutcome | Refusal {
  const { case: complaint, body } = ask;
  if (!complaint.due) return refuse('conflict', 'GC-17', 'not-due');
  const wrong = wrongDeadline('on', body.on, ask);
  if (wrong) return wrong;
  const due = moved(ask, complaint.due, body.on);
  const follows = followed({ ...complaint.data, ...extended(ask, complaint.due, body) }, due);
  return counting(complaint.state as ComplaintState, ask, due, {
    data: follows.data,
    ...ordered(ask, ['keep-in-fs', {}], ...follows.orders),
    record: { from: complaint.due.on, due: due.on },
  });
}

/** Tells the committee that has the case, in the state that it is halted in or goes on in. */
const tellCommittee = (ask: AnyAsk, state: ComplaintState, name: 'halted' | 'resumed'): readonly Promised[] =>
  hasCommittee(state) ? ask.facts.sitting.map((person) => letter(ask.case, name, person)) : [];

/**
 * GC-06, GC-44: it stands still until somebody says that it goes on; the deadline counts meanwhile, unless it is moved. A committee
 * that has it is told, and not why.
 */
export const halt = (ask: ComplaintAsk<'halt'>): ComplaintOutcome => {
  const { case: complaint, body, actor, at } = ask;
  const from = complaint.state as ComplaintState;
  return counting('halted', ask, complaint.due, {
    waitingFor: 'case-worker',
    data: { ...complaint.data, halted: { by: actor.id, at, reason: body.reason, from } },
    promises: tellCommittee(ask, from, 'halted'),
    record: { halted: from },
  });
};

/**
 * GC-06, GC-44: goes on where it was halted, once the diploma is back or the faculty has said how; refused while neither is so, by
 * GC-06 where one was printed. A committee that has the case is told.
 */
export function resume(ask: ComplaintAsk<'resume'>): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    body: { diplomaReturned, faculty },
    actor,
    at,
  } = ask;
  const { halted, ...rest } = complaint.data;
  if (!diplomaReturned && faculty === undefined)
    return refuse('conflict', rest.entry?.diploma === 'printed' ? 'GC-06' : 'GC-07', 'diploma-not-back');
  const to = halted?.from ?? 'received';
  return counting(to, ask, complaint.due, {
    waitingFor: hasCommittee(to) ? 'committee-member' : 'case-worker',
    data: { ...rest, resumed: { by: actor.id, at, ...(faculty === undefined ? {} : { reason: faculty }), diplomaReturned } },
    promises: tellCommittee(ask, to, 'resumed'),
    record: { resumed: to, diplomaReturned, byFaculty: faculty !== undefined },
  });
}

/**
 * GC-17: whoever is responsible is reminded, or who holds the role where they do so no more (GC-09), and with them the committee
 * that has it, or the examiners who are asked to explain. Once it is decided only the exam office is, of what waits for it.
 */
export function remind(ask: AnyAsk): ComplaintOutcome | Refusal {
  const { case: complaint, facts, at } = ask;
  const { state } = complaint;
  if (complaint.wake && at >= complaint.wake && (state === 'to-check' || state === 'to-correct' || state === 'to-lift'))
    return atExamOffice(state, ask, { record: { reminded: facts.examOffice.length } });
  if (!complaint.due || !complaint.wake || at < complaint.wake) return refuse('conflict', 'GC-17', 'not-due');
  const beside =
    complaint.waitingFor === 'committee-member' ? facts.sitting : complaint.waitingFor === 'examiner' ? facts.examiners : [];
  const { responsible } = complaint.data;
  const to = [...new Set([...(facts.caseWorkers.includes(responsible) ? [responsible] : facts.caseWorkers), ...beside])];
  return counting(complaint.state as ComplaintState, ask, complaint.due, {
    data: complaint.data,
    needsAttention: complaint.needsAttention || facts.caseWorkers.length === 0,
    promises: to.map((person) => letter(complaint, 'reminder', person)),
    record: { reminded: to.length, due: complaint.due.on },
  });
}
