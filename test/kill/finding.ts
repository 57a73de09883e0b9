/** Something that must not be, under the invariant it breaks. */
export interface Finding {
  readonly invariant: 'V1' | 'V2' | 'V3' | 'V4' | 'V5' | 'V6' | 'V7' | 'V8' | 'V10' | 'run';
  readonly what: string;
}

/** Tells of a finding. */
export type Say = (invariant: Finding['invariant'], what: string) => void;

/** How often each stands there. */
export const countOf = (items: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
};
