import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { refresh, startSystem } from '../kill/system.js';
import { startBare } from './bare/client.js';
import { edits } from './edits.js';
import { exchange } from './exchange.js';
import { openBench, type BenchList } from './lists.js';
import { mass } from './mass.js';
import { samplesOf } from './samples.js';
import { size } from './size.js';
import { eightInFlight, oneInFlight } from './steps.js';
import { tableOf, type Results } from './table.js';
import { warmStarts } from './warm-start.js';

/**
 * `npm run bench [-- --only steps|edits|mass|exchange|size|start] [--samples 120]`: measures Registrar against the least that
 * could do the same, in one run, prints milliseconds and ratios beside the goals, and writes `test-results/bench.json`. A goal
 * that is missed fails nothing.
 */
const results = fileURLToPath(new URL('../../test-results', import.meta.url));
const { values } = parseArgs({ options: { only: { type: 'string' }, samples: { type: 'string', default: '120' } } });
const samples = Number(values.samples);
const wanted = (part: string) => values.only === undefined || values.only === part;
const progress = (line: string) => console.log(`${new Date().toISOString().slice(11, 19)}  ${line}`);
const loadBefore = loadavg()[0] ?? 0;

async function onASystem(): Promise<Pick<Results, 'one' | 'eight' | 'edit' | 'largeEdit' | 'mass' | 'exchange'>> {
  if (!['steps', 'edits', 'mass', 'exchange'].some(wanted)) return {};
  progress('starting database, Temporal, simulators, worker and API');
  const system = await startSystem({ progress, endedByItself: (part) => progress(`${part} ended by itself`) });
  try {
    await refresh(system);
    const bare = await startBare(system, 16);
    try {
      const bench = await openBench(system, 16);
      progress('measuring');
      const eight = wanted('steps') ? await eightInFlight({ bare, bench, rounds: 4, blockMs: 5_000, drafts: 96 }) : undefined;
      const one = wanted('steps') ? await oneInFlight({ bare, bench, samples }) : undefined;
      progress('edits');
      const url = system.config.DATABASE_URL;
      const edit = wanted('edits')
        ? await edits({ lists: [bench.lists[0] as BenchList, bench.lists[1] as BenchList], quiet: bench.quiet, url, samples })
        : undefined;
      const large = wanted('edits')
        ? await edits({
            lists: [await bench.make(1_000), await bench.make(1_000)],
            quiet: bench.quiet,
            url,
            samples: Math.ceil(samples / 4),
          })
        : undefined;
      progress('many cases');
      const many = wanted('mass') ? await mass({ bare, bench, samples: Math.ceil(samples / 2), open: [100, 10_000] }) : undefined;
      progress('fifty institutions');
      const asked = wanted('exchange') ? await exchange({ system, db: bench.db, samples: 10, orders: 200 }) : undefined;
      await bench.close();
      return { one, eight, edit, largeEdit: large, mass: many, exchange: asked };
    } finally {
      await bare.stop();
    }
  } finally {
    await system.stop();
  }
}

const measured = await onASystem();
if (wanted('size')) progress('a list of a thousand students');
const large = wanted('size') ? await size({ rows: 1_000, saves: 200 }) : undefined;
const starts = wanted('start') ? await warmStarts({ times: 3, progress }) : undefined;
const whole: Results = {
  node: process.version,
  cores: cpus().length,
  processor: cpus()[0]?.model ?? 'unknown',
  load: { before: loadBefore, after: loadavg()[0] ?? 0 },
  at: new Date().toISOString(),
  ...measured,
  ...(large ? { size: { ...large, saved: samplesOf(large.saved) } } : {}),
  ...(starts
    ? { start: { firstSeconds: starts.first, laterSeconds: starts.later, median: samplesOf(starts.later).median } }
    : {}),
};
mkdirSync(results, { recursive: true });
writeFileSync(join(results, 'bench.json'), `${JSON.stringify(whole, undefined, 2)}\n`);
console.log(`\n${tableOf(whole)}`);
process.exit(0);
