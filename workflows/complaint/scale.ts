import { refuse, type Refusal } from '../process.js';
import type { ComplaintDecision, Scale } from './complaint.js';

/** GC-32: so many steps apart, and a further assessment comes before the final grade. */
const FAR = 2;

/** What the case worker judges where a scale has no order. */
interface Judged {
  readonly decision: 'in-favour' | 'against';
  readonly furtherAssessment: boolean;
}

/**
 * What a new grade comes to beside the first one: the decision (GC-23), and whether they lie so far apart that it is assessed
 * further.
 */
export interface Verdict {
  readonly decision: ComplaintDecision & ('in-favour' | 'against' | 'unchanged');
  readonly far: boolean;
}

/** GC-20: the mark follows the grade. */
export const passes = (scale: Scale, grade: string): boolean => scale.grades.some((one) => one.grade === grade && one.passing);

/** Where there are two grades, the one that passes is the better. */
const order = ({ ordered, grades }: Scale): readonly string[] | undefined => {
  if (ordered) return grades.map(({ grade }) => grade);
  const [passing, failing] = [grades.filter((one) => one.passing), grades.filter((one) => !one.passing)];
  return passing.length === 1 && failing.length === 1 ? [...passing, ...failing].map(({ grade }) => grade) : undefined;
};

/**
 * GC-23, GC-32: the new grade against the first. A..F are five steps, E to F is one like the others; with two grades nothing is
 * two apart. A scale without order is not comparable: the case worker judges, with a reason; on others there is nothing to judge.
 */
export function compared(
  scale: Scale,
  first: string,
  given: { readonly grade: string; readonly judged?: Judged | undefined },
): Verdict | Refusal {
  const { grade, judged } = given;
  if (!scale.grades.some((one) => one.grade === grade))
    return refuse('invalid', 'GC-18', 'not-on-the-scale', { grades: scale.grades.map((one) => one.grade) });
  const best = order(scale);
  if (judged && best) return refuse('invalid', 'GC-32', 'nothing-to-judge');
  if (judged && grade === first) return refuse('invalid', 'GC-32', 'grade-unchanged');
  if (grade === first) return { decision: 'unchanged', far: false };
  if (!best)
    return judged ? { decision: judged.decision, far: judged.furtherAssessment } : refuse('conflict', 'GC-32', 'not-comparable');
  const steps = best.indexOf(first) - best.indexOf(grade);
  return { decision: steps > 0 ? 'in-favour' : 'against', far: Math.abs(steps) >= FAR };
}
