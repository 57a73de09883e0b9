/** Takes one short line for the person who started Registrar. */
export type Progress = (line: string) => void;

/** Prints one short line. */
export const progress: Progress = (line) => console.log(line);

/**
 * Waits for `promise` and says so every 3 s once it has taken longer than 2 s: `… still starting PostgreSQL, 12 s`.
 * `label` continues the word "still".
 */
export async function withProgress<T>(label: string, promise: Promise<T>, print: Progress = progress): Promise<T> {
  const since = Date.now();
  const say = () => print(`… still ${label}, ${Math.round((Date.now() - since) / 1000)} s`);
  let every: NodeJS.Timeout | undefined;
  const first = setTimeout(() => {
    say();
    every = setInterval(say, 3_000);
  }, 2_000);
  try {
    return await promise;
  } finally {
    clearTimeout(first);
    clearInterval(every);
  }
}
