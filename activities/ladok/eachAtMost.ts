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
