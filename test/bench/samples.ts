/** Measured durations in ms. */
export interface Samples {
  readonly n: number;
  readonly median: number;
  readonly p90: number;
}

export const samplesOf = (values: readonly number[]): Samples => {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { n: sorted.length, median: at(0.5), p90: at(0.9) };
};

/** How long something took, in ms. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
