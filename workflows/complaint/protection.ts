import { refuse, type Due, type Refusal } from '../process.js';
import {
  counting,
  ordered,
  type AnyAsk,
  type ComplaintAsk,
  type ComplaintData,
  type ComplaintOutcome,
  type Protection,
} from './complaint.js';
import type { ComplaintState } from './definition.js';

type Effect = Parameters<typeof ordered>[1];

/** What stands between a result and a diploma while a complaint about it is handled, once it is chosen (GC-42..46). */
interface Protected {
  readonly data: ComplaintData;
  readonly orders: readonly Effect[];
}

/**
 * GC-42: block, postponement or neither; other than what the institution has set only with a reason. A postponement ends with the
 * deadline (GC-46). A block is lifted by the exam office, and by nobody else; it is ordered also where the protocol said that
 * there was one, which may be over by now.
 */
export function protecting(
  data: ComplaintData,
  wanted: { readonly choice: Protection; readonly reason: string | undefined; readonly due: Due },
  { facts, actor, at }: AnyAsk,
): Protected | Refusal {
  const { choice, reason, due } = wanted;
  if (choice !== facts.settings.protection && reason === undefined) return refuse('invalid', 'GC-42', 'reason-needed');
  if (choice !== 'block' && data.protection === 'block' && data.blocked) return refuse('conflict', 'GC-42', 'exam-office-lifts');
  const { postponedUntil: _before, ...rest } = data;
  const said = {
    ...rest,
    protection: choice,
    ...(reason === undefined ? {} : { protectionReason: { by: actor.id, at, reason } }),
  };
  const lifted = choice === 'postponement' ? [] : unpostponed(data);
  if (choice === 'postponement')
    return { data: { ...said, postponedUntil: due.on }, orders: [['postpone-diploma', { until: due.on }]] };
  if (choice === 'block') return { data: { ...said, blocked: true }, orders: [...lifted, ['block', { blocked: true }]] };
  return { data: said, orders: lifted };
}

/** GC-42: lifts a block, unless it shall stay or another open complaint about the same result needs it. */
export function lifting(
  { case: { data }, facts }: AnyAsk,
  block: 'lift' | 'leave',
): { readonly lifted: boolean; readonly orders: Effect[] } {
  const lifted = Boolean(data.blocked) && block === 'lift' && !facts.blockedByOthers;
  return { lifted, orders: lifted ? [['block', { blocked: false }]] : [] };
}

/** What takes a postponement back. */
export const unpostponed = (data: ComplaintData): Effect[] =>
  data.postponedUntil === undefined ? [] : [['postpone-diploma', { until: null }]];

/** GC-46: the day of a postponement is that of the deadline, wherever it goes. */
export const followed = (data: ComplaintData, due: Due): Protected =>
  data.postponedUntil === undefined || data.postponedUntil === due.on
    ? { data, orders: [] }
    : { data: { ...data, postponedUntil: due.on }, orders: [['postpone-diploma', { until: due.on }]] };

/** GC-42, GC-45: changes what protects the diploma while the grade is assessed anew. */
export function protect(ask: ComplaintAsk<'protect'>): ComplaintOutcome | Refusal {
  const { case: complaint, body } = ask;
  if (!complaint.due || complaint.data.type === 'explanation') return refuse('conflict', 'GC-42', 'nothing-to-protect');
  const guarded = protecting(complaint.data, { ...body, reason: body.reason, due: complaint.due }, ask);
  if ('refused' in guarded) return guarded;
  return counting(complaint.state as ComplaintState, ask, complaint.due, {
    data: guarded.data,
    ...ordered(ask, ...guarded.orders),
    record: { protection: body.choice },
  });
}
