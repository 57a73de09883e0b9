import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import {
  sendAgainstWithdraw,
  sendAgainstWithdrawKilled,
  signatureAgainstEdit,
  signatures,
  verdictAgainstReminder,
  verdictAgainstWithdrawal,
} from '../races/contests.js';
import { runKilled } from '../races/killed.js';
import { run } from '../races/race.js';
import { alsoExaminer } from '../support/signing.js';
import { openUniversity, type University } from '../support/university.js';

/** Few: `npm run races` is the place for many. With a kill ten cases die together in one gap, which costs no more than one. */
const [ROUNDS, KILLED] = [6, 10];

describe('commands that meet', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
    await alsoExaminer(at, 'erik', 'XX1000');
  });
  afterAll(() => at?.close());

  it.each(
    [signatures, signatureAgainstEdit, sendAgainstWithdraw, verdictAgainstWithdrawal, verdictAgainstReminder].map(
      (race) => [race.name, race] as const,
    ),
  )(
    '%s: one legal end each round',
    async (_name, race) => {
      const { wins, illegal } = await run(at, race, ROUNDS);
      expect(illegal).toEqual([]);
      expect(wins[0] + wins[1]).toBe(ROUNDS);
      expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
    },
    240_000,
  );

  it('send against withdraw with the worker killed between COMMIT and answer: one legal end each round', async () => {
    await at.stopWorker();
    const { wins, illegal, inTheGap } = await runKilled(at, sendAgainstWithdrawKilled, KILLED);
    expect(illegal).toEqual([]);
    expect(wins[0] + wins[1]).toBe(KILLED);
    expect(inTheGap).toBeGreaterThan(0);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  }, 240_000);
});
