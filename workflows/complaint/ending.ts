import { refuse, stay, type Refusal } from '../process.js';
import {
  atExamOffice,
  become,
  deadlineOf,
  hasCommittee,
  isAnnulled,
  isUnconfirmed,
  letter,
  ordered,
  STUDENT,
  wrongDay,
  type AnyAsk,
  type ComplaintAsk,
  type ComplaintDecision,
  type ComplaintOutcome,
  type ComplaintWrite,
  type LetterName,
} from './complaint.js';
import type { ComplaintState } from './definition.js';
import { lifting, unpostponed } from './protection.js';

const stateAfter: Readonly<Record<ComplaintDecision, ComplaintState>> = {
  dismissed: 'dismissed',
  withdrawn: 'withdrawn',
  explained: 'explained',
  'in-favour': 'closed',
  against: 'closed',
  unchanged: 'closed',
};

interface Ending {
  readonly decision: ComplaintDecision;
  readonly communicated: string | undefined;
  readonly letter: LetterName;
  readonly writes?: readonly ComplaintWrite[];
  readonly record?: Readonly<Record<string, unknown>>;
}

/**
 * GC-24: an end without a new grade. It is finished with a communicated date, else it would stay among the unfinished for ever;
 * the student is told. A block that still stands becomes a task of the exam office, which no protocol will reach.
 */
function ended(ask: AnyAsk, ending: Ending): ComplaintOutcome | Refusal {
  const { case: complaint, today } = ask;
  const { communicated = today, decision } = ending;
  const wrong = wrongDay('GC-24', 'communicated', communicated, { from: complaint.data.received, to: today });
  if (wrong) return wrong;
  const { postponedUntil: _over, entering: _none, before: _gone, ...rest } = complaint.data;
  const orders = ordered(ask, ...unpostponed(complaint.data), ['keep-in-fs', {}], ['archive', { document: 'decision' }]);
  const blocked = complaint.data.type !== 'explanation' && complaint.data.blocked === true;
  const rests: Partial<ComplaintOutcome> = {
    data: { ...rest, ...deadlineOf(complaint), decision, communicated, finished: true },
    writes: [...(ending.writes ?? []), ...orders.writes],
    promises: [letter(complaint, ending.letter, STUDENT), ...released(ask), ...orders.promises],
    record: { decision, communicated, ...ending.record },
  };
  return blocked ? atExamOffice('to-lift', ask, rests) : become(stateAfter[decision], ask, rests);
}

/** A committee that had the case is told that it has it no more; so are examiners who were asked to explain, and did not. */
export function released({ case: complaint, facts: { sitting, examiners }, actor }: AnyAsk) {
  if (complaint.state === 'explaining')
    return examiners.filter((one) => one !== actor.id).map((person) => letter(complaint, 'no-explanation-needed', person));
  return hasCommittee(complaint.data.halted?.from ?? complaint.state)
    ? sitting.map((person) => letter(complaint, 'released', person))
    : [];
}

/** A grade that only was logged leaves the log with the case. */
function unlogged({ facts: { log } }: AnyAsk): { readonly ids: readonly string[]; readonly writes: readonly ComplaintWrite[] } {
  const ids = log.filter(({ inProtocol }) => !inProtocol).map(({ id }) => id);
  return { ids, writes: ids.length ? [{ write: 'delete-gradings', ids }] : [] };
}

/** GC-24: AVVIST, with the reason that the student is told. */
export function dismiss(ask: ComplaintAsk<'dismiss'>): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    body: { reason, communicated },
    actor,
    at,
  } = ask;
  if (complaint.data.wrong) return refuse('conflict', 'GC-31', 'wrong-grade-stands');
  if (isAnnulled(complaint.data)) return refuse('conflict', 'GC-04', 'grade-annulled');
  const logged = unlogged(ask);
  const data = { ...complaint.data, dismissed: { by: actor.id, at, reason } };
  return ended(
    { ...ask, case: { ...complaint, data } },
    { decision: 'dismissed', communicated, letter: 'dismissed', writes: logged.writes, record: { deleted: logged.ids } },
  );
}

/**
 * GC-03: before the second yes it may be about the wrong student, and nobody has heard of it. It ends without a decision, a letter
 * or an order, and no report has it.
 */
function unopened(ask: ComplaintAsk<'withdraw'>): ComplaintOutcome | Refusal {
  const {
    case: { data },
    body: { note, communicated },
  } = ask;
  if (communicated !== undefined) return refuse('conflict', 'GC-22', 'not-decided');
  return become('withdrawn', ask, {
    data: { ...data, neverConfirmed: true, finished: true },
    writes: noted(note),
    record: { neverConfirmed: true },
  });
}

const noted = (note: string | undefined): readonly ComplaintWrite[] =>
  note === undefined ? [] : [{ write: 'noted', text: note }];

/** GC-36, GC-37: TRUKKET. A second grade that was logged leaves the log; it never was in the protocol. */
export function withdraw(ask: ComplaintAsk<'withdraw'>): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    body: { note, communicated },
  } = ask;
  if (complaint.data.wrong) return refuse('conflict', 'GC-31', 'wrong-grade-stands');
  if (isUnconfirmed(complaint)) return unopened(ask);
  const { ids, writes: deleted } = unlogged(ask);
  const writes = [...deleted, ...noted(note)];
  return ended(ask, { decision: 'withdrawn', communicated, letter: 'withdrawn', writes, record: { deleted: ids } });
}

/** An explanation (begrunnelse): no committee, no new grade. The three weeks to complain then count from it. */
export const explain = (ask: ComplaintAsk<'explain'>): ComplaintOutcome | Refusal =>
  ended(ask, {
    decision: 'explained',
    communicated: undefined,
    letter: 'explanation-given',
    writes: [{ write: 'explanation', text: ask.body.text }],
  });

/**
 * A formal error (formell feil): no error, or none with an effect, leaves the grade; an examination held anew leaves it to that;
 * a grade that is annulled is assessed anew.
 */
export function decideError(ask: ComplaintAsk<'decide-error'>): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    body: { outcome, reason, communicated },
    actor,
    at,
  } = ask;
  if (complaint.data.type !== 'formal-error' || complaint.data.formalError)
    return refuse('conflict', 'GC-04', 'no-error-to-decide');
  const data = { ...complaint.data, formalError: { by: actor.id, at, reason, outcome } };
  if (outcome === 'annulled')
    return stay(complaint, { data, promises: [letter(complaint, 'formal-error', STUDENT)], record: { outcome } });
  return ended(
    { ...ask, case: { ...complaint, data } },
    { decision: outcome === 'held-anew' ? 'in-favour' : 'unchanged', communicated, letter: 'formal-error', record: { outcome } },
  );
}

/** GC-42: only the exam office lifts a block, or lets it stay. */
export function liftBlock(ask: ComplaintAsk<'lift-block'>): ComplaintOutcome {
  const {
    case: { data },
    body: { block = 'lift' },
  } = ask;
  const { lifted, orders } = lifting(ask, block);
  return become(stateAfter[data.decision ?? 'dismissed'], ask, {
    data: { ...data, blocked: !lifted },
    ...ordered(ask, ...orders),
    record: { lifted },
  });
}
