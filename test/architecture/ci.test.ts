import { spawn } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';

const script = fileURLToPath(new URL('../../.ci/run', import.meta.url));
let folder = '';

interface Answers {
  readonly install?: number;
  readonly types?: number;
  readonly lint?: number;
  readonly rooms?: number;
  readonly deadCode?: number;
  readonly tests?: number;
  /** What jest leaves in its file of results; absent: it crashed before. */
  readonly results?: string;
  /** Left behind by the tests, still writing when all is over. */
  readonly straggler?: boolean;
}

const jest = (numPassedTests: number, numFailedTests: number, numRuntimeErrorTestSuites = 0, numPendingTests = 0) =>
  JSON.stringify({
    numPassedTests,
    numFailedTests,
    numRuntimeErrorTestSuites,
    numPendingTests,
    numTotalTests: numPassedTests + numFailedTests + numPendingTests,
  });

const program = async (path: string, text: string) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
};

const run = async (answers: Answers): Promise<{ code: number | null; lines: string[] }> => {
  const place = await mkdtemp(join(folder, 'run-'));
  await mkdir(join(place, '.ci'));
  await copyFile(script, join(place, '.ci', 'run'));
  if (answers.results !== undefined) await writeFile(join(place, 'results'), answers.results);
  await program(
    join(place, 'bin', 'npm'),
    [
      'case "$*" in',
      `ci) exit ${answers.install ?? 0};;`,
      `"run types") exit ${answers.types ?? 0};;`,
      `"run lint") exit ${answers.lint ?? 0};;`,
      `"run dead-code") exit ${answers.deadCode ?? 0};;`,
      `"test -- test/architecture/rooms.test.ts") exit ${answers.rooms ?? 0};;`,
      'test) echo testing; [ -f results ] && cp results test-results/results.json',
      answers.straggler ? '(sleep 60; echo late) &' : '',
      `exit ${answers.tests ?? 0};;`,
      '*) exit 9;;',
      'esac',
    ].join('\n'),
  );
  const child = spawn(join(place, '.ci', 'run'), {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: `${join(place, 'bin')}:${process.env['PATH'] ?? ''}` },
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  child.stderr.on('data', (part: Buffer) => (text += part.toString()));
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, lines: text.trimEnd().split('\n') }));
  });
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registrar-ci-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('.ci/run', () => {
  it.each<[string, Answers, string, number]>([
    ['adds the four checks to the tests', { results: jest(7, 0) }, '11 passed, 0 failed', 0],
    ['counts failed tests', { tests: 1, results: jest(6, 2) }, '10 passed, 2 failed', 1],
    ['counts files that could not be run', { tests: 1, results: jest(6, 0, 1) }, '10 passed, 1 failed', 1],
    ['counts failed checks', { types: 2, lint: 1, rooms: 1, deadCode: 1, results: jest(7, 0) }, '7 passed, 4 failed', 1],
    ['fails when the tests crashed before their results', { tests: 1 }, '4 passed, 1 failed', 1],
    ['fails when the results are cut off', { tests: 1, results: '{"numPassed' }, '4 passed, 1 failed', 1],
    ['fails when no test was run', { results: jest(0, 0) }, '4 passed, 1 failed', 1],
    ['fails when the run failed with no failed test', { tests: 1, results: jest(7, 0) }, '11 passed, 1 failed', 1],
    ['ends when nothing can be installed', { install: 1, results: jest(7, 0) }, '0 passed, 1 failed', 1],
    ['is not held up by a process left behind', { results: jest(1, 0), straggler: true }, '5 passed, 0 failed', 0],
  ])('%s', async (_what, answers, last, code) => {
    const began = Date.now();
    const ended = await run(answers);
    expect(ended.lines.at(-1)).toBe(last);
    expect(ended.code).toBe(code);
    expect(Date.now() - began).toBeLessThan(50_000);
  });

  it('says how many tests were skipped, and shows the output as it goes', async () => {
    const { lines } = await run({ results: jest(7, 0, 0, 2) });
    expect(lines).toEqual(expect.arrayContaining(['== tests: 2 were skipped', 'testing']));
  });
});
