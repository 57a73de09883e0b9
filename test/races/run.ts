import { verifyChain } from '../../activities/audit.js';
import { startServers } from '../support/servers.js';
import { alsoExaminer } from '../support/signing.js';
import { openUniversity } from '../support/university.js';
import {
  sendAgainstWithdraw,
  sendAgainstWithdrawKilled,
  signatureAgainstEdit,
  signatures,
  verdictAgainstReminder,
  verdictAgainstWithdrawal,
} from './contests.js';
import { runKilled, type KilledResult } from './killed.js';
import { run, type Race, type Result } from './race.js';

/**
 * `npm run races -- [rounds] [word in the name]`: lets commands meet on real servers, round after round, and proves that each
 * round had exactly one legal end. A race that either side won in fewer than a tenth of its rounds was none, and counts as
 * failed.
 */
const FAIR = 0.1;
const given = process.argv.slice(2);
const rounds = Number(given.find((word) => /^\d+$/.test(word)) ?? 200);
const words = given.filter((word) => !/^\d+$/.test(word));

const races: readonly Race[] = [
  signatures,
  signatureAgainstEdit,
  sendAgainstWithdraw,
  sendAgainstWithdrawKilled,
  verdictAgainstWithdrawal,
  verdictAgainstReminder,
];

async function held(race: Race): Promise<boolean> {
  const killed = race === sendAgainstWithdrawKilled;
  const at = await openUniversity({ worker: !killed });
  const began = performance.now();
  try {
    if (race === signatures) await alsoExaminer(at, 'erik', 'XX1000');
    const kills: KilledResult | undefined = killed ? await runKilled(at, race, rounds) : undefined;
    const result: Result = kills ?? (await run(at, race, rounds));
    const chain = await verifyChain(at.world.db, at.config.INSTITUTION_CODE);
    const seconds = Math.round((performance.now() - began) / 1_000);
    const least = Math.min(...result.wins) / rounds;
    console.log(
      [
        `${race.name}: ${rounds} rounds, ${race.sides[0]} won ${result.wins[0]}, ${race.sides[1]} won ${result.wins[1]}, illegal ${result.illegal.length}`,
        `first answers that were neither yes nor no ${result.askedAgain}`,
        ...(kills ? [`kills ${kills.kills}, cases caught between COMMIT and answer ${kills.inTheGap}`] : []),
        `audit chain ${chain.ok ? `whole (${chain.entries} entries)` : `broken at ${chain.seq}`}, ${seconds} s`,
      ].join('; '),
    );
    for (const wrong of new Set(result.illegal)) console.log(`  illegal: ${wrong}`);
    if (least < FAIR) console.log(`  no race: one side won less than ${FAIR * 100} %`);
    return result.illegal.length === 0 && chain.ok && least >= FAIR;
  } finally {
    await at.close();
  }
}

const servers = await startServers();
let fine = true;
try {
  Object.assign(process.env, servers.env);
  for (const race of races) if (words.every((word) => race.name.includes(word))) fine = (await held(race)) && fine;
} finally {
  await servers.stop();
}
process.exit(fine ? 0 : 1);
