/** What is compared of a result: every field by its name, null where it has none. */
export type ResultFields = Readonly<Record<string, string | null>>;

/** A result as one fetch found it. `withdrawnOn` (YYYY-MM-DD): the day from which it was not at the source any more. */
export interface Held {
  readonly key: string;
  readonly fields: ResultFields;
  readonly withdrawnOn: string | null;
}

/** What can become of a result between two fetches (RX-24). */
export type ChangeKind = 'new' | 'improved' | 'corrected' | 'withdrawn';

/** One result that is otherwise than before, with both sides of each field that changed. */
export interface Change {
  readonly key: string;
  readonly change: ChangeKind;
  readonly fields: Readonly<Record<string, { readonly from: string | null; readonly to: string | null }>>;
}

/**
 * The scale of which everybody knows the order, the best first. Passed and failed have none, and neither have grades of other
 * scales.
 */
const SCALE = 'ABCDE';

/** The place of a grade in that order, 0 for the best; -1 for one that has none. */
export const gradeOrder = (grade: string | null | undefined): number => (grade?.length === 1 ? SCALE.indexOf(grade) : -1);

/** Whether a grade became a better one of the same scale (RX-24). */
function improved(from: ResultFields, to: ResultFields): boolean {
  const [before, after] = [gradeOrder(from['result']), gradeOrder(to['result'])];
  return before >= 0 && after >= 0 && after < before && from['gradingScheme'] === to['gradingScheme'];
}

/** Both sides of each field in which two results differ, by the name of the field. */
export function fieldsChanged(from: ResultFields, to: ResultFields): Change['fields'] {
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  return Object.fromEntries(
    names
      .map((name) => [name, { from: from[name] ?? null, to: to[name] ?? null }] as const)
      .filter(([, { from: before, to: after }]) => before !== after),
  );
}

/**
 * What a fetch changes of what an earlier one brought (RX-24): new, improved, corrected or withdrawn, in the order of the fetch,
 * the withdrawn last. A result that was withdrawn and is there again is corrected. Same as before: nothing.
 * @param today the day that stands with what was withdrawn
 */
export function changesBetween(before: readonly Held[], found: readonly Omit<Held, 'withdrawnOn'>[], today: string): Change[] {
  const held = new Map(before.map((one) => [one.key, one]));
  const present = new Set(found.map(({ key }) => key));
  const there = found.flatMap(({ key, fields }): Change[] => {
    const old = held.get(key);
    if (!old) return [{ key, change: 'new', fields: fieldsChanged({}, fields) }];
    const changed = fieldsChanged({ ...old.fields, withdrawnOn: old.withdrawnOn }, { ...fields, withdrawnOn: null });
    if (Object.keys(changed).length === 0) return [];
    return [
      { key, change: old.withdrawnOn === null && improved(old.fields, fields) ? 'improved' : 'corrected', fields: changed },
    ];
  });
  const gone = before.filter(({ key, withdrawnOn }) => withdrawnOn === null && !present.has(key));
  return [
    ...there,
    ...gone.map(({ key }): Change => ({ key, change: 'withdrawn', fields: { withdrawnOn: { from: null, to: today } } })),
  ];
}
