import type * as Jest from '@jest/globals';

/**
 * What a test is written with. The files of one jest worker share one process (`jest-light-runner`), so that the SDK, Prisma and
 * all they bring are loaded once and not for each file; that runner has jest's words as globals and knows no time limits, which
 * are set here.
 */
const jest = globalThis as unknown as typeof Jest;
const LONGEST_MS = 120_000;

/** The loader of TypeScript that the runner's own processes need; what a test starts says itself how. */
delete process.env['NODE_OPTIONS'];

/** Who interrupts the run ends its processes as well. */
process.once('disconnect', () => process.exit());

type Run = (...args: any[]) => unknown;

/** The same, failed when it takes longer: a test that hangs must not hang the run. */
const limited =
  (run: Run, ms = LONGEST_MS): (() => Promise<void>) =>
  async (...args: unknown[]) => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, fail) => (timer = setTimeout(() => fail(new Error(`took longer than ${ms} ms`)), ms)));
    try {
      await Promise.race([run(...args), late]);
    } finally {
      clearTimeout(timer);
    }
  };

type Register = (name: string, run: Run, ms?: number) => void;
const register =
  (to: Register): Register =>
  (name, run, ms) =>
    to(name, limited(run, ms));
const hook = (to: (run: Run) => void) => (run: Run, ms?: number) => to(limited(run, ms));
const words = jest.it as unknown as Register & { each: (...table: unknown[]) => Register; skip: Register; only: Register };

export const { describe, expect } = jest;
export const it = Object.assign(register(words), {
  each: (...table: unknown[]) => register(words.each(...table)),
  only: register(words.only),
  // A table that is skipped is one test that is skipped: the runner knows no skipped tables.
  skip: Object.assign(register(words.skip), { each: () => register(words.skip) }),
}) as unknown as typeof Jest.it;
export const [beforeAll, beforeEach, afterAll, afterEach] = [jest.beforeAll, jest.beforeEach, jest.afterAll, jest.afterEach].map(
  (one) => hook(one as never),
) as unknown as [typeof Jest.beforeAll, typeof Jest.beforeEach, typeof Jest.afterAll, typeof Jest.afterEach];
