import type { Bare } from './bare/client.js';
import type { Bench } from './lists.js';
import { samplesOf, timed, type Samples } from './samples.js';

const at = <T>(items: readonly T[], place: number) => items[place % items.length] as T;

/**
 * One at a time, by turns and each after everything before has come to rest: bare steps, steps that promise nothing and end
 * nothing, and steps that promise a letter.
 */
export async function oneInFlight(input: {
  bare: Bare;
  bench: Bench;
  samples: number;
}): Promise<{ bare: Samples; plain: Samples; registrar: Samples }> {
  const { bare, bench } = input;
  const [ofBare, ofPlain, ofRegistrar]: [number[], number[], number[]] = [[], [], []];
  for (let n = 0; n < input.samples; n += 1) {
    ofBare.push(await timed(() => bare.step(n)));
    ofPlain.push(await timed(() => at(bench.plain, n)()));
    ofRegistrar.push(await timed(() => at(bench.lists, n).step()));
    await bench.quiet();
  }
  return { bare: samplesOf(ofBare), plain: samplesOf(ofPlain), registrar: samplesOf(ofRegistrar) };
}

/** Steps a second, and how many were taken to know it. */
export interface Rate {
  readonly steps: number;
  readonly ms: number;
  readonly aSecond: number;
}

/** Takes steps in eight lanes at once; a lane ends when it is given no more. */
async function eightLanes(
  next: (lane: number, turn: number) => Promise<unknown> | undefined,
): Promise<{ steps: number; ms: number }> {
  const began = performance.now();
  let steps = 0;
  const lane = async (n: number) => {
    for (let turn = 0; ; turn += 1) {
      const step = next(n, turn);
      if (!step) return;
      await step;
      steps += 1;
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => lane(n)));
  return { steps, ms: performance.now() - began };
}

/** What a step is measured of. */
export type Kind = 'bare' | 'plain' | 'alone' | 'promising';

const rateOf = (blocks: readonly { steps: number; ms: number }[]): Rate => {
  const [steps, ms] = [blocks.reduce((sum, one) => sum + one.steps, 0), blocks.reduce((sum, one) => sum + one.ms, 0)];
  return { steps, ms, aSecond: (steps / ms) * 1_000 };
};

/**
 * Eight at once over different cases, in blocks by turns: bare steps; steps that promise nothing and end nothing; steps that
 * promise nothing but end the workflow (withdraw); and steps that each promise a letter, every other one an order to the register
 * as well, which are kept meanwhile by the same worker. A first round is not counted: processes that were just started run slower
 * than those that have run for a day.
 */
export async function eightInFlight(input: {
  bare: Bare;
  bench: Bench;
  rounds: number;
  blockMs: number;
  drafts: number;
}): Promise<Record<Kind, Rate>> {
  const { bare, bench } = input;
  const blocks: Record<Kind, { steps: number; ms: number }[]> = { bare: [], plain: [], alone: [], promising: [] };
  const ready = await bench.drafts(input.drafts * (input.rounds + 1));
  await new Promise((later) => setTimeout(later, 5_000));
  for (let round = 0; round <= input.rounds; round += 1) {
    const drafts = ready.splice(0, input.drafts);
    const timedBlock = (step: (lane: number, turn: number) => Promise<unknown>) => {
      const until = performance.now() + input.blockMs;
      return eightLanes((lane, turn) => (performance.now() < until ? step(lane, turn) : undefined));
    };
    blocks.bare.push(await timedBlock((lane, turn) => bare.step(lane * 2 + (turn % 2))));
    blocks.plain.push(await timedBlock((lane) => at(bench.plain, lane)()));
    blocks.alone.push(await eightLanes(() => drafts.shift()?.()));
    await bench.quiet();
    blocks.promising.push(await timedBlock((lane, turn) => at(bench.lists, lane * 2 + (turn % 2)).step()));
    await bench.quiet();
  }
  const counted = (kind: Kind) => rateOf(blocks[kind].slice(1));
  return { bare: counted('bare'), plain: counted('plain'), alone: counted('alone'), promising: counted('promising') };
}
