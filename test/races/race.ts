import { deepStrictEqual, ok, strictEqual } from 'node:assert';
import { inPostgres, inTemporal, saying, type Command } from '../support/command.js';
import { eventually, type Answer, type University } from '../support/university.js';

/** One of the two commands of a round, of which one wins: the only one taken, or the first. */
export interface Side {
  readonly command: Command;
  /** What it is told when the other one was first; null: it is taken all the same, after the other one. */
  readonly beaten: string | null;
}

/** A list on which two commands meet. */
export interface Round {
  readonly list: string;
  readonly sides: readonly [Side, Side];
  /** Throws unless Postgres holds what the winner says, and nothing of the loser. */
  readonly holds: (winner: 0 | 1) => Promise<void>;
}

export interface Race {
  readonly name: string;
  readonly sides: readonly [string, string];
  /** Milliseconds that the second command waits at first; the tuning goes on from there. */
  readonly lag: number;
  readonly prepare: (at: University) => Promise<Round>;
}

/** What a race came to. */
export interface Result {
  readonly wins: readonly [number, number];
  /** Rounds whose end was not one of the legal ones, with what was wrong. */
  readonly illegal: readonly string[];
  /** First answers that were neither yes nor no (202, 503) and were given again with the same key. */
  readonly askedAgain: number;
}

const pause = (ms: number) => new Promise((later) => setTimeout(later, ms));
const JITTER_MS = 12;
const STEP_MS = 3;
const AHEAD = 4;

/** By how much the second command waits: follows the wins so that either side has its chance, and scatters around that. */
export class Lag {
  constructor(private ms: number) {}
  next = (): number => this.ms + (Math.random() * 2 - 1) * JITTER_MS;
  heed(winner: 0 | 1): void {
    this.ms = Math.max(-400, Math.min(400, this.ms + (winner === 0 ? -STEP_MS : STEP_MS)));
  }
}

/** Gives both commands, the second one `lag` ms after the first (before it where negative). */
export const meet = ({ sides }: Round, lag: number): Promise<[Answer, Answer]> =>
  Promise.all([
    pause(Math.max(0, -lag)).then(() => sides[0].command.give()),
    pause(Math.max(0, lag)).then(() => sides[1].command.give()),
  ]);

/**
 * Proves that a round ended in exactly one legal way, that every retry says the same, and that the workflow agrees. Returns the
 * winner.
 */
export async function judge(at: University, round: Round): Promise<0 | 1> {
  const settled = await Promise.all(round.sides.map((side) => side.command.settle()));
  const taken = settled.filter((answer) => answer.status === 200).length;
  const winner = settled[1]?.status === 200 && (taken === 1 || round.sides[0].beaten === null) ? 1 : 0;
  const loser = winner === 0 ? 1 : 0;
  const { beaten } = round.sides[loser];
  strictEqual(taken, beaten === null ? 2 : 1, `${taken} commands won: ${settled.map(saying).join(' | ')}`);
  if (beaten !== null)
    deepStrictEqual({ status: settled[loser]?.status, code: settled[loser]?.body.code }, { status: 409, code: beaten });
  for (const side of [0, 1] as const) {
    const again = await Promise.all([1, 2, 3].map(() => round.sides[side].command.give()));
    deepStrictEqual([...new Set(again.map(saying))], [saying(settled[side] as Answer)], 'a retry says something else');
  }
  await round.holds(winner);
  await eventually('the workflow stands where Postgres does', async () => {
    const [{ state, step }, seen] = [await inPostgres(at, round.list), await inTemporal(at, round.list)];
    return seen?.state === state && seen.step === step;
  });
  return winner;
}

/** Counts rounds as they are judged. */
export class Tally {
  readonly wins: [number, number] = [0, 0];
  readonly illegal: string[] = [];
  askedAgain = 0;
  heard(answers: readonly Answer[]): void {
    this.askedAgain += answers.filter((answer) => ![200, 409].includes(answer.status)).length;
  }
  async count(judged: Promise<0 | 1>): Promise<0 | 1 | undefined> {
    try {
      const winner = await judged;
      this.wins[winner] += 1;
      return winner;
    } catch (cause) {
      this.illegal.push((cause as Error).message);
      return undefined;
    }
  }
}

/** Runs a race on a university whose worker runs. Lists are prepared a few at a time, then met one by one. */
export async function run(at: University, race: Race, rounds: number): Promise<Result> {
  const [tally, lag] = [new Tally(), new Lag(race.lag)];
  for (let done = 0; done < rounds; done += AHEAD) {
    const prepared = await Promise.all(Array.from({ length: Math.min(AHEAD, rounds - done) }, () => race.prepare(at)));
    for (const round of prepared) {
      tally.heard(await meet(round, lag.next()));
      const winner = await tally.count(judge(at, round));
      if (winner !== undefined) lag.heed(winner);
    }
  }
  ok(tally.wins[0] + tally.wins[1] + tally.illegal.length === rounds);
  return tally;
}
