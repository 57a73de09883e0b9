import { anOrder, refuse, stay, type Due, type Refusal } from '../process.js';
import {
  atExamOffice,
  become,
  counting,
  deadlineOf,
  letter,
  ordered,
  roundOf,
  STUDENT,
  wrongDay,
  type AnyAsk,
  type ComplaintAsk,
  type ComplaintData,
  type ComplaintOutcome,
  type ComplaintWrite,
} from './complaint.js';
import { handledBy } from './deadline.js';
import type { ComplaintState } from './definition.js';
import { released } from './ending.js';
import { wrongNotice } from './offered.js';
import { lifting, unpostponed } from './protection.js';
import { compared, passes, type Verdict } from './scale.js';

/** GC-33: what the person is told whose grade went into the log only. */
const loggedOnly = {
  code: 'logged-only',
  rule: 'GC-33',
  sv: 'Betyget skiljer sig två steg eller mer från det första. Det är infört i loggen, inte i protokollet, och ingen har meddelats. En ytterligare bedömning görs innan betyget fastställs. Protokollet skickas inte in.',
  nb: 'Karakteren avviker med to eller flere karakterer fra opprinnelig sensur. Den er loggført, ikke protokollført, og ingen er varslet. Det gjøres en ytterligere vurdering før endelig karakter fastsettes. Protokollen sendes ikke inn.',
  en: 'The grade is two or more grades away from the first. It is in the log and not in the protocol, and nobody has been told. A further assessment is made before the grade is final. The protocol is not sent in.',
} as const;

/** What the new grade comes to beside the first. */
function verdictOf({
  case: { data },
  facts: { firstGrade },
  body,
}: ComplaintAsk<'register-grade' | 'correct'>): Verdict | Refusal {
  if (!data.entry || firstGrade === undefined) return refuse('conflict', 'GC-02', 'protocol-not-read');
  return compared(data.entry.scale, firstGrade, body);
}

/** An entry of the log of re-gradings. */
function logged({
  case: { state, data },
  facts: { firstGrade = '', protocolGrade = firstGrade, ids },
  body,
}: ComplaintAsk<'register-grade' | 'correct'>): ComplaintWrite & { readonly id: string } {
  const round = state === 'to-correct' && data.committees?.further ? 3 : roundOf(state);
  return {
    write: 'grading',
    id: ids.at(-1) ?? '',
    round,
    grade: body.grade,
    passed: data.entry ? passes(data.entry.scale, body.grade) : false,
    replaces: protocolGrade,
    reason: body.judged?.reason ?? null,
  };
}

/** On its way into the protocol; the decision follows from the scale (GC-23), and from here on nobody is reminded any more. */
function registering(
  ask: ComplaintAsk<'register-grade' | 'correct'>,
  { decision }: Verdict,
  data: Partial<ComplaintData>,
): ComplaintOutcome {
  const entry = logged(ask);
  const entering = anOrder(ask.facts.ids[0] ?? '', 'enter-grade', { grading: entry.id });
  return become('registering', ask, {
    data: {
      ...ask.case.data,
      ...data,
      ...deadlineOf(ask.case),
      decision,
      before: { state: ask.case.state as ComplaintState, due: ask.case.due },
      entering: { grading: entry.id, order: ask.facts.ids[0] ?? '' },
    },
    writes: [entry, ...entering.writes],
    promises: entering.promises,
    record: { grading: entry.id, decision },
  });
}

/**
 * GC-18, GC-19: the committee's grade, also an unchanged one. Two or more grades from the first it is logged only, and assessed
 * further (GC-32..34); the grade of the further assessment stands however far it is (GC-35).
 */
export function registerGrade(ask: ComplaintAsk<'register-grade'>): ComplaintOutcome | Refusal {
  const { case: complaint, body, today, actor, at } = ask;
  const { communicated } = body;
  const wrong = wrongDay('GC-22', 'communicated', communicated, { from: complaint.data.received, to: today });
  if (wrong) return wrong;
  const verdict = verdictOf(ask);
  if ('refused' in verdict) return verdict;
  if (roundOf(complaint.state) === 2 && verdict.far) return furtherFrom(ask, complaint.due);
  return registering(ask, verdict, {
    registered: { by: actor.id, at },
    ...(communicated === undefined ? {} : { communicated }),
    ...righted(ask),
  });
}

/** GC-32, GC-33: logged, and nothing else; where a wrong grade stands in the protocol it stands there, blocked, until the end. */
function furtherFrom(ask: ComplaintAsk<'register-grade' | 'correct'>, due: Due | null): ComplaintOutcome {
  const { case: complaint } = ask;
  const entry = logged(ask);
  return counting('to-further-assessment', ask, due, {
    waitingFor: 'case-worker',
    writes: [entry],
    promises: [letter(complaint, 'further-assessment', complaint.data.responsible)],
    record: { grading: entry.id, logged: true },
    answer: { message: loggedOnly },
  });
}

/** GC-31: who put a wrong grade right, where there was one. */
const righted = ({ case: { data }, actor, at }: AnyAsk): Pick<ComplaintData, 'corrected'> =>
  data.wrong ? { corrected: { by: actor.id, at } } : {};

/**
 * GC-20..25: it stands in the protocol, so the case is finished, the student is told today unless it was said earlier, and the
 * exam office checks it (GC-41).
 */
export function entered(ask: AnyAsk): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    facts: { awaited },
    today,
  } = ask;
  if (awaited === 'open') return refuse('conflict', 'GC-18', 'order-under-way');
  if (awaited === 'failed' || !complaint.data.entering)
    return become('not-entered', ask, { waitingFor: 'case-worker', needsAttention: true, record: { entered: false } });
  const { before: _gone, ...rest } = complaint.data;
  const orders = ordered(ask, ['keep-in-fs', {}]);
  const result = letter(complaint, 'result', STUDENT);
  return atExamOffice('to-check', ask, {
    data: { ...rest, communicated: rest.communicated ?? today, finished: true },
    writes: [{ write: 'in-protocol', grading: complaint.data.entering.grading }, ...orders.writes],
    promises: [{ ...result, payload: { ...result.payload, grading: complaint.data.entering.grading } }, ...orders.promises],
    record: { entered: complaint.data.entering.grading },
  });
}

/** GC-18: a grade that FS would not take is entered once more. */
export function enterAgain(ask: ComplaintAsk<'enter-again'>): ComplaintOutcome {
  const { case: complaint, fresh } = ask;
  const grading = complaint.data.entering?.grading ?? '';
  return become('registering', ask, {
    data: { ...complaint.data, entering: { grading, order: fresh } },
    ...anOrder(fresh, 'enter-grade', { grading }),
    record: { grading },
  });
}

/**
 * GC-30: a grade that only stands in the log leaves it, and the committee, or the exam office that was to enter the right one, is
 * where it was. When FS would not take it, the protocol is read again: somebody may have put the first grade right there. A
 * committee that was to assess further, or does, has the case no more, and is told.
 */
export function deleteGrade(ask: ComplaintAsk<'delete-grade'>): ComplaintOutcome {
  const {
    case: complaint,
    body: { reason },
    facts: { log },
    actor,
    at,
  } = ask;
  const { decision: _decided, entering, before, communicated: _told, corrected: _gone, committees, ...rest } = complaint.data;
  const failed = complaint.state === 'not-entered';
  const to = failed ? (before?.state ?? 'with-committee') : rest.wrong ? 'to-correct' : 'with-committee';
  const gone = failed
    ? log.filter(({ id }) => id === entering?.grading)
    : log.filter(({ round, inProtocol }) => round === 2 && !inProtocol);
  const ids = gone.map(({ id }) => id);
  const dropped = !failed && committees?.further !== undefined;
  const toCorrect = to === 'to-correct';
  const orders = ordered(
    ask,
    ...(failed && !toCorrect ? [['read-protocol', {}] as const] : []),
    ...(dropped ? [['keep-in-fs', {}] as const] : []),
  );
  const back: Partial<ComplaintOutcome> = {
    data: {
      ...rest,
      ...(toCorrect && deadlineOf(complaint)),
      ...(committees && { committees: dropped && committees.second ? { second: committees.second } : committees }),
      deletedGrade: { by: actor.id, at, reason },
    },
    writes: [
      ...(ids.length ? [{ write: 'delete-gradings', ids } as const] : []),
      ...(dropped ? [{ write: 'released', round: 3 } as const] : []),
      ...orders.writes,
    ],
    promises: [...released(ask), ...orders.promises],
    record: { deleted: ids, from: complaint.state },
  };
  if (toCorrect) return atExamOffice(to, ask, back);
  return counting(to, ask, failed ? (before?.due ?? null) : complaint.due, { waitingFor: 'committee-member', ...back });
}

/** GC-26..28: a trial first, which shows what would change; then that, and nothing else, is written. */
export function recalculate(ask: ComplaintAsk<'recalculate'>): ComplaintOutcome | Refusal {
  const {
    case: complaint,
    body: { trial },
    facts: { recalculated },
    fresh,
  } = ask;
  if (!complaint.data.entry?.top) return refuse('conflict', 'GC-26', 'no-top-grade');
  if (!trial && recalculated.trial === undefined) return refuse('conflict', 'GC-28', 'trial-first');
  const grading = complaint.data.entering?.grading ?? '';
  const body = trial ? { trial, grading } : { trial, grading, after: recalculated.trial };
  return stay(complaint, { ...anOrder(fresh, 'recalculate', body), record: { order: fresh, trial }, answer: { order: fresh } });
}

/**
 * GC-41, AU-11: another unit acts last, so nobody checks a grade that they registered for the committee, whatever roles they hold;
 * one that the exam office put right is checked by the same office (GC-31). It lifts the block, but one that others need and, unless
 * told, one that was there before any complaint; a part grade that changed has its top summed first (GC-26), or closes without where
 * FS will not, with a reason.
 */
export function check(ask: ComplaintAsk<'check'>): ComplaintOutcome | Refusal {
  const {
    case: { data },
    body,
    facts: { recalculated },
    actor,
    at,
  } = ask;
  const { withoutRecalculation: reason, block = data.entry?.blocked && !data.blockIsOurs ? 'leave' : 'lift' } = body;
  if (data.registered?.by === actor.id) return refuse('forbidden', 'AU-11', 'registered-by-you');
  if (data.entry?.top && recalculated.needed && !recalculated.written && reason === undefined)
    return refuse('conflict', 'GC-26', 'not-recalculated');
  const { postponedUntil: _over, ...rest } = data;
  const { lifted, orders } = lifting(ask, block);
  return become('closed', ask, {
    data: {
      ...rest,
      checked: { by: actor.id, at, ...(reason === undefined ? {} : { reason }) },
      blocked: Boolean(data.blocked) && !lifted,
    },
    ...ordered(ask, ...orders, ...unpostponed(data), ['keep-in-fs', {}], ['archive', { document: 'decision' }]),
    record: { lifted, ...(reason === undefined ? {} : { withoutRecalculation: true }) },
  });
}

/**
 * GC-29, GC-30, AU-09: blocked at once; what was registered leaves the log of re-gradings, not the protocol. The exam office
 * enters the right grade (GC-31).
 */
export function reportWrong(ask: ComplaintAsk<'report-wrong'>): ComplaintOutcome {
  const { case: complaint, body, actor, at, facts } = ask;
  const { decision: _wrong, communicated: _told, corrected: _before, entering, ...rest } = complaint.data;
  const { notice = 'held-back' } = facts;
  const orders = ordered(ask, ['block', { blocked: true }], ['keep-in-fs', {}]);
  const deleted = facts.log.filter(({ id }) => id === entering?.grading).map(({ id }) => id);
  return atExamOffice('to-correct', ask, {
    data: { ...rest, finished: false, blocked: true, wrong: { by: actor.id, at, reason: body.reason, notice } },
    writes: [{ write: 'delete-gradings', ids: deleted }, ...orders.writes],
    promises: orders.promises,
    record: { deleted },
    answer: { message: wrongNotice({ notice }) },
  });
}

/**
 * GC-31: the exam office's own grade, with a new notice to the student when it is in. Two or more from the first it is assessed
 * further as any second grade is (GC-32), unless it was.
 */
export function correct(ask: ComplaintAsk<'correct'>): ComplaintOutcome | Refusal {
  const { case: complaint, zone } = ask;
  const { type, received, committees } = complaint.data;
  const verdict = verdictOf(ask);
  if ('refused' in verdict) return verdict;
  if (verdict.far && !committees?.further)
    return furtherFrom(ask, deadlineOf(complaint).deadline ?? handledBy(type, received, zone));
  return registering(ask, verdict, righted(ask));
}
