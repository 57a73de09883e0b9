import { commitsHeardOf, inPostgres } from '../support/command.js';
import type { University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess } from '../support/worker-process.js';
import { judge, Lag, meet, Tally, type Race, type Result, type Round } from './race.js';

/** What a race with kills came to besides. */
export interface KilledResult extends Result {
  readonly kills: number;
  /** Cases whose commit was in Postgres and not in the history when the worker was dead. */
  readonly inTheGap: number;
}

/**
 * Runs a race on a university without a worker of its own. For every `together` cases a worker is started that holds the answers
 * of all its commits and dies by SIGKILL as soon as each case has one; the next worker has to bring every case to its one end.
 */
export async function runKilled(at: University, race: Race, rounds: number, together = 10): Promise<KilledResult> {
  const [tally, lag] = [new Tally(), new Lag(race.lag)];
  let [kills, inTheGap] = [0, 0];
  let worker = await firstWorkerProcess(at);
  try {
    for (let done = 0; done < rounds; done += together) {
      const cases = Math.min(together, rounds - done);
      const prepared = await Promise.all(Array.from({ length: cases }, () => race.prepare(at)));
      const before = await Promise.all(prepared.map((round) => standing(at, round)));
      await worker.kill();
      const dying = await startWorkerProcess(at, { at: 'after-commit', cases });
      const answers = prepared.map((round) => meet(round, lag.next()));
      if ((await dying.ended) !== 'SIGKILL') throw new Error('the worker did not die of the failpoint');
      kills += 1;
      const after = await Promise.all(prepared.map((round) => standing(at, round)));
      inTheGap += after.filter((one, i) => one.step > (before[i]?.step ?? 0) && one.heardOf === before[i]?.heardOf).length;
      worker = await startWorkerProcess(at);
      for (const pair of answers) tally.heard(await pair);
      for (const round of prepared) {
        const winner = await tally.count(judge(at, round));
        if (winner !== undefined) lag.heed(winner);
      }
    }
  } finally {
    await worker.kill();
  }
  return { wins: tally.wins, illegal: tally.illegal, askedAgain: tally.askedAgain, kills, inTheGap };
}

const standing = async (at: University, round: Round) => ({
  step: (await inPostgres(at, round.list)).step,
  heardOf: await commitsHeardOf(at, round.list),
});
