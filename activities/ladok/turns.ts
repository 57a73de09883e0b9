/** Lets at most `atOnce` of the given jobs run at the same time; the others wait their turn, first come first served. */
export function turns(atOnce: number) {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async function turn<T>(job: () => Promise<T>): Promise<T> {
    if (running < atOnce) running++;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await job();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
