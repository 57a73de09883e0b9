import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '../spec.js';
import { allFetches } from '../kill/checker.js';
import { killRun } from '../kill/kill-run.js';
import { tableOf } from '../kill/summary.js';

describe('parts of a Registrar under load, killed and started again', () => {
  const folder = mkdtempSync(join(tmpdir(), 'registrar-kill-log-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('keeps every promise through a kill -9 of worker, API, database and Temporal each', async () => {
    const summary = await killRun({
      kills: 4,
      users: 24,
      seed: 7,
      least: { acknowledged: 60, caughtInTheMiddle: 1, fetches: allFetches, fetched: 3 },
      logFile: join(folder, 'operations.jsonl'),
      lastListsMs: 20_000,
      progress: () => undefined,
    });
    expect({ findings: summary.findings, table: summary.passed ? '' : tableOf(summary) }).toEqual({ findings: [], table: '' });
    expect(Object.values(summary.kills)).toEqual([1, 1, 1, 1]);
  }, 900_000);
});
