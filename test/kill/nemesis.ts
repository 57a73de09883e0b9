import type { Chance } from './chance.js';
import type { OperationLog, Part } from './operation-log.js';
import type { System } from './system.js';

const parts: readonly Part[] = ['worker', 'api', 'database', 'temporal'];
const pause = (ms: number) => new Promise<void>((later) => setTimeout(later, ms));

/** Kills one part after another at random moments and starts it again; each part about as often as the others. */
export function createNemesis(input: { system: System; log: OperationLog; chance: Chance; progress: (line: string) => void }) {
  const { system, log, chance } = input;
  let [up, since] = [true, Date.now()];

  async function strike(part: Part): Promise<void> {
    up = false;
    const pid = await system.kill(part);
    log.note({ event: 'kill', part, pid });
    await pause(chance.between(500, 3_000));
    log.note({ event: 'restart', part });
    await system.start(part);
    log.note({ event: 'back', part });
    [up, since] = [true, Date.now()];
  }

  return {
    /** Since when everything has been up; now, while something is down. */
    upSince: () => (up ? since : Date.now()),
    /** `before` is done before each kill. */
    async rage(kills: number, before: () => Promise<void>): Promise<void> {
      let bag: Part[] = [];
      for (let n = 1; n <= kills; n += 1) {
        bag = bag.length > 0 ? bag : chance.shuffled(parts);
        const part = bag.shift() as Part;
        await before();
        await pause(chance.between(2_500, 8_000));
        await strike(part);
        input.progress(`kill ${n} of ${kills}: ${part}`);
      }
    },
  };
}
