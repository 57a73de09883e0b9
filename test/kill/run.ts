import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { allFetches } from './checker.js';
import { keepSummary, killRun } from './kill-run.js';
import { tableOf } from './summary.js';

/**
 * `npm run kill [-- --kills 20 --seed N]`: kills parts of a Registrar under load, prints what was counted, writes it to
 * `test-results/kill.json`, and ends with 1 when a promise was not kept.
 */
const results = fileURLToPath(new URL('../../test-results', import.meta.url));
const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, seed: { type: 'string' }, users: { type: 'string', default: '40' } },
});
const seed = Number(values.seed ?? Date.now() % 1_000_000);
const summary = await killRun({
  kills: Number(values.kills),
  users: Number(values.users),
  seed,
  least: { acknowledged: 200, caughtInTheMiddle: 1, fetches: allFetches, fetched: 10 },
  logFile: join(results, 'kill-operations.jsonl'),
  lastListsMs: 70_000,
  progress: (line) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`),
});
keepSummary(join(results, 'kill.json'), summary);
console.log(`\n${tableOf(summary)}`);
process.exit(summary.passed ? 0 : 1);
