/** Lets at most `atOnce` works run at a time, the others in the order in which they came. */
export function gate(atOnce: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = atOnce;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}

/**
 * Does the work for every item, at most `atOnce` at a time, answers in the order of the items. After a failure nothing new
 * begins; what runs is waited for, then the failure is thrown: nobody is still writing when the caller tries again.
 */
export async function eachAtMost<Item, Result>({
  items,
  atOnce,
  work,
}: {
  items: readonly Item[];
  atOnce: number;
  work: (item: Item) => Promise<Result>;
}): Promise<Result[]> {
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [place, item] of queue) {
      if (failures.length) return;
      try {
        results[place] = await work(item);
      } catch (failure) {
        failures.push(failure);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.length) throw failures[0];
  return results;
}
