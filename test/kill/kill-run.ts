import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import pg from 'pg';
import { chanceFrom } from './chance.js';
import { check, type Least } from './checker.js';
import { createDriver } from './driver.js';
import { createOutage, openExchange, registerStudents } from './fetches.js';
import { gather, workflowsOf } from './gather.js';
import { createNemesis } from './nemesis.js';
import { operationLog } from './operation-log.js';
import { hire } from './people.js';
import { summarise, type Summary } from './summary.js';
import { refresh, startSystem, type System } from './system.js';
import { createUsers } from './users.js';

const SETTLE_MS = 420_000;
/** Whose results are fetched from elsewhere, again and again. */
const STUDENTS = 10;
const pause = (ms: number) => new Promise<void>((later) => setTimeout(later, ms));

/**
 * One kill run: a whole Registrar of separate processes under load, parts of it killed at random moments and started again, and
 * then judged by what clients, sinks, database and Temporal say. `logFile` keeps the log of operations. After the last kill
 * people have `lastListsMs` to finish what they began; a delivery whose worker died is taken up again after 60 s.
 */
export async function killRun(input: {
  kills: number;
  users: number;
  seed: number;
  least: Least;
  logFile: string;
  lastListsMs: number;
  progress: (line: string) => void;
}): Promise<Summary> {
  const { kills, progress } = input;
  const began = Date.now();
  mkdirSync(dirname(input.logFile), { recursive: true });
  rmSync(input.logFile, { force: true });
  const log = operationLog(input.logFile);
  progress('starting database, Temporal, simulators, worker and API');
  const system = await startSystem({ progress, endedByItself: (part) => log.note({ event: 'ended-by-itself', part }) });
  try {
    const people = await hire(system, { teachers: input.users, examiners: Math.min(40, 8 + Math.ceil(kills / 5)) });
    await openExchange(system);
    await refresh(system);
    const nemesis = createNemesis({ system, log, chance: chanceFrom(input.seed), progress });
    const driver = createDriver({ system, log, upSince: nemesis.upSince });
    const share = () => (log.lines.filter((line) => line.event === 'kill').length + 1.5) / (kills + 1);
    const fetched = await registerStudents({ system, driver, chance: chanceFrom(input.seed + 2), count: STUDENTS });
    const outage = createOutage({ system, log, share });
    const users = createUsers({ system, driver, log, people, fetched, chance: chanceFrom(input.seed + 1), share, progress });
    const working = users.work();
    await nemesis.rage(kills, outage.look);
    await outage.look();
    await pause(3_000);
    progress('the last lists');
    users.goHome(input.lastListsMs);
    await working;
    progress('letting everything settle');
    await settled(system, users.attestAll);
    await driver.askAgain(600);
    const seen = await gather({ system, lines: log.lines });
    return summarise({ seen, findings: check(seen, input.least), seed: input.seed, seconds: (Date.now() - began) / 1_000 });
  } finally {
    await system.stop();
  }
}

/**
 * Waits until nothing is promised any more, no list is on its way, and the workflows of closed cases have ended, or until waiting
 * has no point: the checker then says what is left. A delivery whose end Temporal did not hear of before it was killed is taken
 * for dead after a minute, and its workflow ends then.
 */
async function settled(system: System, attestAll: () => Promise<void>): Promise<void> {
  const db = new pg.Client({ connectionString: system.config.DATABASE_URL });
  await db.connect();
  const left = async () =>
    (
      await db.query(`
    SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed'))
         + (SELECT count(*) FROM cases WHERE state IN ('opened', 'registering', 'registered', 'arrived', 'running')) AS n`)
    ).rows[0].n as string;
  const until = Date.now() + SETTLE_MS;
  for (; (await left()) !== '0' && Date.now() < until; await pause(500)) await attestAll();
  const lingering = async () => {
    const closed = new Set(
      (await db.query('SELECT kind, number FROM cases WHERE closed_at IS NOT NULL')).rows.map(
        ({ kind, number }) => `${kind}/${number}`,
      ),
    );
    return (await workflowsOf(system)).some(({ id, status }) => status === 'RUNNING' && closed.has(id));
  };
  while ((await lingering()) && Date.now() < until) await pause(2_000);
  await db.end();
  await pause(2_000);
}

/** Keeps the numbers. */
export function keepSummary(file: string, summary: Summary): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(summary, undefined, 2)}\n`);
}
