import type { Promised, Refusal } from '../process.js';
import { actsFor, anOrder, refuse, stay } from '../process.js';
import { registeredBy, rowProblem } from './filling.js';
import { fourEyes, signsFor } from './four-eyes.js';
import { deadline } from './reminders.js';
import {
  become,
  examining,
  letter,
  staleness,
  students,
  type ListAsk,
  type ListDecision,
  type ListRow,
  type OrderName,
  type RegisteredFor,
} from './list.js';
import { signedArchiveList } from './signed-archive-list.js';

/** RL-22: what stops sending: nothing to report, or a grade without its date. */
export function sendable(rows: readonly ListRow[]): Refusal | undefined {
  const graded = rows.filter((row) => row.grade !== null);
  if (graded.length === 0) return refuse('conflict', 'RL-16', 'nothing-to-report');
  const undated = graded.filter((row) => row.examinationDate === null);
  return undated.length ? refuse('conflict', 'RL-22', 'date-missing', students(undated)) : undefined;
}

/** RL-23: what stops signing besides: a dated grade without valid registration. */
export function signable(rows: readonly ListRow[], registrations: readonly RegisteredFor[]): Refusal | undefined {
  const stopped = sendable(rows);
  if (stopped) return stopped;
  const registered = registeredBy(registrations);
  const unregistered = rows.filter((row) => row.grade !== null && rowProblem(row, registered) === 'not-registered');
  return unregistered.length ? refuse('conflict', 'RL-23', 'not-registered', students(unregistered)) : undefined;
}

/**
 * RL-23: the registrations are read anew before the signature, in the time that its code or order takes to be answered. Where the
 * register is away, those that were read last stand.
 */
export const registrationsAnew = (order: string) => anOrder(order, 'check-registrations' satisfies OrderName, {});

/** RL-36, RL-37: to the examiners of the course, who are mailed. */
export function send(ask: ListAsk<'send'>): ListDecision | Refusal {
  const { case: list, facts, actor } = ask;
  const stopped = staleness(ask, ask.body.version) ?? sendable(facts.rows);
  if (stopped) return stopped;
  if (facts.examiners.length === 0) return refuse('conflict', 'RL-36', 'nobody-examines', { course: list.data.course.code });
  const check = registrationsAnew(ask.fresh);
  return become('with-examiner', ask, {
    waitingFor: 'examiner',
    ...deadline(ask),
    data: { ...list.data, sentBy: actor.id, sentOn: ask.today, returned: undefined },
    writes: check.writes,
    promises: [...facts.examiners.map((examiner) => letter(list, 'sent-to-examiner', examiner, list.step)), ...check.promises],
    record: { version: list.version, rows: facts.rows.length },
  });
}

/** Whom somebody acted for, where it is kept. */
const onBehalf = (whom: string | undefined) => (whom ? { for: whom } : {});

/** RL-38: back with a reason; the sender is told, and no code, order or proof of before signs what was returned. */
export function giveBack(ask: ListAsk<'return'>): ListDecision {
  const { case: list, body, actor, at } = ask;
  return become('draft', ask, {
    waitingFor: list.data.listKind === 'T34' ? 'examiner' : 'teacher',
    voids: true,
    data: {
      ...list.data,
      returned: { reason: body.reason, by: actor.id, ...onBehalf(actsFor(examining(actor, list.scope))), at },
    },
    promises: [letter(list, 'returned', list.data.sentBy ?? list.createdBy, list.step)],
    record: { version: list.version },
  });
}

/** The limits of codes by SMS (RL-39), all but how many digits they have, which is a setting. */
export const codeLimits = {
  anHour: 5,
  aDay: 20,
  /** How long one may be typed in, how often one may be mistyped, and after how many failures in a row its person is locked. */
  minutes: 10,
  triesACode: 3,
  failuresInARow: 10,
  /** How long what it proved may be used, or what an order at BankID proved. */
  proofMinutes: 10,
} as const;

/** RL-39, RL-52: from the staff register's number, so many an hour and a day, none while locked. */
export function requestCode(ask: ListAsk<'request-code'>): ListDecision | Refusal {
  const { facts, case: list } = ask;
  const stopped = staleness(ask, ask.body.version) ?? fourEyes(ask) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!facts.health.sms) return refuse('unavailable', 'RL-52', 'signing-down');
  if (facts.signer?.mobile !== 'ready')
    return refuse('conflict', 'RL-39', facts.signer?.mobile === 'changed-today' ? 'mobile-changed' : 'no-mobile');
  if (facts.signer.locked) return refuse('conflict', 'RL-39', 'sms-locked');
  if (facts.signer.codesLastHour >= codeLimits.anHour || facts.signer.codesLastDay >= codeLimits.aDay)
    return refuse('conflict', 'RL-39', 'too-many-codes');
  const check = registrationsAnew(ask.fresh);
  return stay(list, {
    writes: [{ write: 'code', id: ask.fresh, digits: facts.settings.codeDigits }, ...check.writes],
    promises: [{ channel: 'sms', key: `sms:${ask.fresh}`, payload: { code: ask.fresh } }, ...check.promises],
    record: { code: ask.fresh, version: list.version },
    answer: { code: ask.fresh },
  });
}

/** What starts the workflow of an order at BankID. */
export const orderStart = (orderId: string): Promised => ({
  channel: 'start',
  key: `bankid:${orderId}`,
  payload: { workflow: 'bankIdOrder', id: `bankid-order/${orderId}`, input: { orderId } },
});

/** RL-40, RL-42: BankID instead; no code is sent. One order in flight for a person. */
export function orderBankId(ask: ListAsk<'order-bankid'>): ListDecision | Refusal {
  const { facts, case: list } = ask;
  const stopped = staleness(ask, ask.body.version) ?? fourEyes(ask) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!facts.health.bankId) return refuse('unavailable', 'RL-52', 'signing-down');
  if (facts.signer?.openBankId) return refuse('conflict', 'RL-40', 'bankid-running');
  const check = registrationsAnew(ask.fresh);
  return stay(list, {
    writes: [{ write: 'bankid', id: ask.fresh }, ...check.writes],
    promises: [orderStart(ask.fresh), ...check.promises],
    record: { bankIdOrder: ask.fresh, version: list.version },
    answer: { bankIdOrder: ask.fresh },
  });
}

/** RL-43: who signed, the examiner they signed for, and the course office; each once. */
const toldOfSignature = (by: string, whom: string | undefined, courseOffice: readonly string[]): string[] => [
  ...new Set([by, ...(whom ? [whom] : []), ...courseOffice]),
];

/**
 * RL-35, RL-38..41, RL-43: the proof is the signer's own, for this list, this version and this content, and is used up here. Where
 * nobody else holds the role that has the next step, the list asks for attention (AU-11).
 */
export function sign(ask: ListAsk<'sign'>): ListDecision | Refusal {
  const { facts, case: list, actor, at } = ask;
  const { proof } = facts;
  const stopped = staleness(ask, ask.body.version) ?? fourEyes(ask) ?? signable(facts.rows, facts.registrations);
  if (stopped) return stopped;
  if (!proof || proof.caseId !== list.id) return refuse('forbidden', 'RL-38', 'proof-not-valid');
  if (proof.person !== actor.id) return refuse('forbidden', 'RL-41', 'not-your-proof');
  if (proof.used || proof.expired) return refuse('conflict', 'RL-39', 'proof-not-valid');
  if (proof.version !== list.version || proof.hash !== facts.contentHash) return refuse('conflict', 'RL-38', 'content-changed');
  const whom = signsFor(ask);
  return become('signed', ask, {
    waitingFor: 'course-office',
    needsAttention: facts.courseOffice.every((person) => person === actor.id || person === whom),
    data: {
      ...list.data,
      ...signedArchiveList(facts.rows, facts.settings.electronicSignature),
      signed: { version: list.version, hash: proof.hash, by: actor.id, ...onBehalf(whom), method: proof.method, at },
    },
    writes: [{ write: 'signature', proof, ...onBehalf(whom) }],
    promises: toldOfSignature(actor.id, whom, facts.courseOffice).map((person) => letter(list, 'signed', person, list.version)),
    record: { ...onBehalf(whom), version: list.version, hash: proof.hash, method: proof.method, proof: proof.id },
  });
}
