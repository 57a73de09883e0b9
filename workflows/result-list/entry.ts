import type { Actor, Ask, Refusal } from '../process.js';
import { refuse, stay } from '../process.js';
import { mistyped } from '../rules/control-number.js';
import { become, letter, type ListAsk, type ListData, type ListDecision, type ListFacts, type TransferState } from './list.js';
import { unconfirmed } from './signed-archive-list.js';

/**
 * RL-45, RL-46, AU-04: the control number from the archive list ties the entry to the signed content; who makes it in the
 * register, Registrar or a person, is a setting.
 */
export function enter(ask: ListAsk<'enter'>): ListDecision | Refusal {
  if (signedItself(ask.case.data, ask.actor)) return refuse('forbidden', 'AU-11', 'signed-it-yourself');
  const stopped = unconfirmed(ask.case.data);
  if (stopped) return stopped;
  const typed = ask.body.controlNumber.replace(/[ -]/g, '');
  if (mistyped(typed)) return refuse('conflict', 'RL-45', 'control-number-mistyped');
  if (typed !== ask.facts.controlNumber) return refuse('conflict', 'RL-45', 'control-number-wrong');
  const entered = {
    data: { ...ask.case.data, entered: { by: ask.actor.id, at: ask.at } },
    record: { version: ask.case.data.signed?.version, hash: ask.case.data.signed?.hash },
  };
  return ask.facts.entryByHand
    ? become('entering', ask, { ...entered, waitingFor: 'course-office', writes: [{ write: 'await-entry' }] })
    : become('registering', ask, entered);
}

/** AU-11: another unit acts last, so nobody enters what they signed, or what was signed in their name. */
export const signedItself = ({ signed }: ListData, { id }: Pick<Actor, 'id'>): boolean => signed?.by === id || signed?.for === id;

const count = (facts: ListFacts) => {
  const states: Record<TransferState, number> = { awaited: 0, sent: 0, ready: 0, attested: 0, differs: 0, refused: 0 };
  for (const row of facts.transfers ?? []) states[row.state] += 1;
  return states;
};

/**
 * RL-46: written and read back. Rows the register refused or decided otherwise need the course office; else who attests there is
 * waited for.
 */
export function transferred(ask: Ask<ListData, ListFacts>): ListDecision {
  const states = count(ask.facts);
  const needsAttention = states.refused + states.differs > 0;
  return become('registered', ask, {
    waitingFor: needsAttention ? 'course-office' : 'attester',
    needsAttention,
    record: { ...states },
  });
}

/** RL-46: writes once more what the register refused, has otherwise, or has not shown yet. */
export function transferAgain(ask: ListAsk<'transfer-again'>): ListDecision | Refusal {
  const states = count(ask.facts);
  if (states.refused + states.differs + states.sent === 0) return refuse('conflict', 'RL-46', 'nothing-to-repeat');
  return become('registering', ask, { writes: [{ write: 'transfer-again' }], record: { ...states } });
}

/** RL-47: the students are told once the register says that every row is attested. */
export function attested(ask: Ask<ListData, ListFacts>): ListDecision | Refusal {
  const states = count(ask.facts);
  if (states.attested < (ask.facts.transfers ?? []).length) return refuse('conflict', 'RL-46', 'not-all-arrived');
  return arrived(ask, { by: 'register', at: ask.at });
}

/**
 * Where the register cannot be asked, or stays with what it has, a person of the course office says so, and it is shown as such.
 * Whose row it refused or decided otherwise is told nothing by us, whatever else was signed: how many, the person has to say, so
 * that nobody is left out unseen; and how many nobody has attested there as far as we know, for sent is not arrived.
 */
export function confirmArrival(ask: ListAsk<'confirm-arrival'>): ListDecision | Refusal {
  const { reason, untold: saidUntold = 0, unattested: saidUnattested = 0 } = ask.body;
  const states = count(ask.facts);
  const untold = states.refused + states.differs;
  if (saidUntold !== untold) return refuse('conflict', 'RL-47', 'students-untold', { count: untold });
  const unattested = states.awaited + states.sent + states.ready;
  if (saidUnattested !== unattested) return refuse('conflict', 'RL-46', 'rows-not-attested', { count: unattested });
  return arrived(ask, {
    by: 'course-office',
    at: ask.at,
    reason,
    ...(untold > 0 ? { untold } : {}),
    ...(unattested > 0 ? { unattested } : {}),
  });
}

const undecided = ({ state }: { readonly state: TransferState }): boolean => state === 'refused' || state === 'differs';

const arrived = (ask: Ask<ListData, ListFacts>, how: NonNullable<ListData['arrived']>): ListDecision =>
  become('arrived', ask, {
    data: { ...ask.case.data, arrived: how },
    writes: [{ write: 'in-protocol' }],
    promises: ask.facts.rows
      .filter((row) => row.grade !== null && !ask.facts.transfers?.some((t) => t.student === row.student && undecided(t)))
      .map((row) => letter(ask.case, 'grade', row.student, ask.case.data.signed?.version ?? ask.case.version)),
    record: {
      by: how.by,
      ...(how.untold ? { untold: how.untold } : {}),
      ...(how.unattested ? { unattested: how.unattested } : {}),
      ...count(ask.facts),
    },
  });

/** A letter that may not have gone stays in sight after the end. */
export const told = (ask: Ask<ListData, ListFacts>): ListDecision =>
  become('informed', ask, { needsAttention: ask.case.needsAttention });

/**
 * RL-46: a result was annulled in the register, or another one attested, after the student had been told. What follows is decided by people, outside; the
 * course office says that it has looked.
 */
export function noteAnnulment(ask: ListAsk<'note-annulment'>): ListDecision | Refusal {
  const { changedLater = 0 } = ask.facts;
  if (changedLater === 0) return refuse('conflict', 'RL-46', 'nothing-annulled');
  return stay(ask.case, { needsAttention: false, writes: [{ write: 'annulments-noted' }], record: { changed: changedLater } });
}

/** RL-35: a draft is given up, by whoever may fill it. */
export const withdraw = (ask: ListAsk<'withdraw'>): ListDecision =>
  become('withdrawn', ask, { record: { version: ask.case.version } });
