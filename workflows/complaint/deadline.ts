import type { Due, Text } from '../process.js';
import { addWeeks, endOfDay, type CivilDate } from '../rules/civil-time.js';

/**
 * What is asked for: a new assessment (sensur), an explanation (begrunnelse), or that a formal error is put right (formell feil)
 * (GC-04, GC-48).
 */
export type ComplaintType = 'grading' | 'explanation' | 'formal-error';

/** What a deadline of a complaint is counted from. */
export const bases = {
  received: { sv: 'att klagomålet kom in', nb: 'klagen ble mottatt', en: 'when the complaint was received' },
  grade: { sv: 'betyget', nb: 'karakteren', en: 'the grade' },
  explanation: { sv: 'motiveringen', nb: 'begrunnelsen', en: 'the explanation' },
  set: { sv: 'att dagen bestämdes', nb: 'at dagen ble bestemt', en: 'when the day was set' },
} as const satisfies Readonly<Record<string, Text>>;

/** Weeks from receipt in which it is dealt with: three by GC-17, two for an explanation (docs/decisions.md). */
const HANDLED_IN: Readonly<Record<ComplaintType, number>> = { grading: 3, explanation: 2, 'formal-error': 3 };
/** Weeks in which the student has to ask (docs/decisions.md). */
const ASKED_IN: Readonly<Record<ComplaintType, number>> = { grading: 3, explanation: 1, 'formal-error': 3 };
/** GC-17 is the complaint's own rule; of the other two types the document knows the names (GC-04), the times are decisions. */
const ruleOf = (type: ComplaintType) => (type === 'grading' ? 'GC-17' : 'GC-04');

/** Whole weeks as a date in the zone, which ends with its day there: never so many hours. */
const counted = (
  rule: string,
  basis: keyof typeof bases,
  { from, weeks, zone }: { from: CivilDate; weeks: number; zone: string },
): Due => {
  const on = addWeeks(from, weeks);
  return { on, ends: endOfDay(on, zone), rule, why: { basis, from, weeks, skipped: [] } };
};

/** GC-17: "Sensurfrist" as proposed, counted from the day the complaint was received. Passing it decides nothing by itself. */
export const handledBy = (type: ComplaintType, received: CivilDate, zone: string): Due =>
  counted(ruleOf(type), 'received', { from: received, weeks: HANDLED_IN[type], zone });

/**
 * The last day on which the student may ask, counted from the grade; to complain about the grading, from an explanation that came
 * after it.
 */
export function askedBy(
  type: ComplaintType,
  result: { readonly gradedOn: CivilDate; readonly explainedOn?: CivilDate | undefined },
  zone: string,
): Due {
  const { gradedOn, explainedOn } = result;
  const explained = type === 'grading' && explainedOn !== undefined && explainedOn > gradedOn;
  const [basis, from] = explained ? (['explanation', explainedOn] as const) : (['grade', gradedOn] as const);
  return counted(ruleOf(type), basis, { from, weeks: ASKED_IN[type], zone });
}

/**
 * GC-17: the deadline on another day, as the case worker sets it. Who moved it and when stays with what it was counted from; the
 * reason is somebody's words and so stands in the case, not here: a deadline travels through histories.
 */
export const movedTo = (
  due: Due,
  move: { readonly on: CivilDate; readonly by: string; readonly movedOn: CivilDate },
  zone: string,
): Due => {
  const { on, by, movedOn } = move;
  const why = due.why ?? { basis: 'set' satisfies keyof typeof bases, from: movedOn, skipped: [] };
  return { ...due, on, ends: endOfDay(on, zone), why: { ...why, moved: [...(why.moved ?? []), { from: due.on, by, movedOn }] } };
};
