/** How much of how much is done; `of` grows where more is found to read. */
export interface Progress {
  readonly done: number;
  readonly of: number;
}
/** Told after each part of a reading; who reads waits for it. */
export type Follow = (progress: Progress) => Promise<void>;

/** In how many steps a whole is shown at most. */
const STEPS = 20;

/**
 * Adds up what several readings tell, one `Follow` each, and shows the sum whenever a twentieth more of it is done: few writes,
 * however many parts.
 */
export function addedUp(show: Follow): () => Follow {
  const parts: Progress[] = [];
  let shown = 0;
  const sum = (of: keyof Progress) => parts.reduce((all, part) => all + part[of], 0);
  return () => {
    const place = parts.push({ done: 0, of: 0 }) - 1;
    return async (part) => {
      parts[place] = part;
      const now = { done: sum('done'), of: sum('of') };
      if (now.done === shown || now.done - shown < now.of / STEPS) return;
      shown = now.done;
      await show(now);
    };
  };
}
