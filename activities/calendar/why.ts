import type { Definition, Due, Language } from '../../workflows/process.js';

interface Words {
  readonly rule: (rule: string) => string;
  /** `from` is what it is counted from, in words; `after` how long, where it is counted. */
  readonly counted: (from: string, on: string, after: string) => string;
  readonly workingDays: (days: number) => string;
  readonly days: (days: number) => string;
  readonly weeks: (weeks: number) => string;
  readonly skipped: (days: string) => string;
  readonly moved: (from: string, on: string) => string;
}

const words: Readonly<Record<Language, Words>> = {
  sv: {
    rule: (rule) => `Regel: ${rule}.`,
    counted: (from, on, after) => `Räknat från ${from} ${on}${after && `: ${after}`}.`,
    workingDays: (days) => (days === 1 ? '1 arbetsdag' : `${days} arbetsdagar`),
    days: (days) => (days === 1 ? '1 dag' : `${days} dagar`),
    weeks: (weeks) => (weeks === 1 ? '1 vecka' : `${weeks} veckor`),
    skipped: (days) => `Överhoppade lediga dagar: ${days}.`,
    moved: (from, on) => `Flyttad från ${from}, den ${on}.`,
  },
  nb: {
    rule: (rule) => `Regel: ${rule}.`,
    counted: (from, on, after) => `Regnet fra ${from} ${on}${after && `: ${after}`}.`,
    workingDays: (days) => (days === 1 ? '1 virkedag' : `${days} virkedager`),
    days: (days) => (days === 1 ? '1 dag' : `${days} dager`),
    weeks: (weeks) => (weeks === 1 ? '1 uke' : `${weeks} uker`),
    skipped: (days) => `Fridager som er hoppet over: ${days}.`,
    moved: (from, on) => `Flyttet fra ${from}, den ${on}.`,
  },
  en: {
    rule: (rule) => `Rule: ${rule}.`,
    counted: (from, on, after) => `Counted from ${from} ${on}${after && `: ${after}`}.`,
    workingDays: (days) => (days === 1 ? '1 working day' : `${days} working days`),
    days: (days) => (days === 1 ? '1 day' : `${days} days`),
    weeks: (weeks) => (weeks === 1 ? '1 week' : `${weeks} weeks`),
    skipped: (days) => `Days off that were skipped: ${days}.`,
    moved: (from, on) => `Moved from ${from}, on ${on}.`,
  },
};

/**
 * Why a deadline lies on its day, a sentence a line: its rule, what it is counted from, the days off skipped, where it was moved.
 * Names nobody.
 */
export function whyThisDay(definition: Pick<Definition, 'bases'>, { rule, why }: Due, language: Language): string {
  const say = words[language];
  if (!why) return say.rule(rule);
  const length = (['workingDays', 'days', 'weeks'] as const)
    .flatMap((unit) => (why[unit] === undefined ? [] : say[unit](why[unit])))
    .join();
  const off = why.skipped.map(({ date, name }) => `${date} ${name}`).join(', ');
  return [
    say.rule(rule),
    say.counted(definition.bases?.[why.basis]?.[language] ?? why.basis, why.from, length),
    ...(off ? [say.skipped(off)] : []),
    ...(why.moved ?? []).map(({ from, movedOn }) => say.moved(from, movedOn)),
  ].join('\n');
}
