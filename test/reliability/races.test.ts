import { afterEach, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { sendAgainstWithdraw, sendAgainstWithdrawKilled, signatureAgainstEdit, signatures, verdictAgainstReminder, verdictAgainstWithdrawal } from '../races/contests.js';
import { runKilled } from '../races/killed.js';
import { run } from '../races/race.js';
import { alsoExaminer } from '../support/signing.js';
import { openUniversity, type University } from '../support/university.js';

const ROUNDS = 10;

describe('commands that meet', () => {
  let at: University;
  afterEach(() => at.close());

  it.each([signatures, signatureAgainstEdit, sendAgainstWithdraw, verdictAgainstWithdrawal, verdictAgainstReminder].map((race) => [race.name, race] as const))('%s: one legal end each round', async (_name, race) => {
    at = await openUniversity();
    if (race === signatures) await alsoExaminer(at, 'erik', 'XX1000');
    const { wins, illegal } = await run(at, race, ROUNDS);
    expect(illegal).toEqual([]);
    expect(wins[0] + wins[1]).toBe(ROUNDS);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  }, 180_000);

  it('send against withdraw with the worker killed between COMMIT and answer: one legal end each round', async () => {
    at = await openUniversity({ worker: false });
    const { wins, illegal, inTheGap } = await runKilled(at, sendAgainstWithdrawKilled, ROUNDS);
    expect(illegal).toEqual([]);
    expect(wins[0] + wins[1]).toBe(ROUNDS);
    expect(inTheGap).toBeGreaterThan(0);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  }, 180_000);
});
