import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '../spec.js';
import { Worker, type ReplayResult } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { workflowBundle } from '../../activities/bundle.js';
import { dataConverter } from '../../activities/temporal.js';
import { recordingKeys } from '../histories/key.js';
import { scenarios } from '../histories/scenarios.js';
import { canariesInMessage, decoded, type History } from '../support/histories.js';
import { quiet } from '../support/university.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = fileURLToPath(new URL('../histories', import.meta.url));
const incompatible = fileURLToPath(new URL('../fixtures/incompatible-list/workflow.ts', import.meta.url));
const recordings = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.json'))
  .sort();
const read = (file: string): History => JSON.parse(readFileSync(join(folder, file), 'utf8')) as History;

const started = (history: History): { workflowId: string } =>
  history.events[0]?.['workflowExecutionStartedEventAttributes'] as { workflowId: string };

async function replayed(files: readonly string[], codePath: string): Promise<Map<string, ReplayResult>> {
  const results = new Map<string, ReplayResult>();
  const histories = files.map((file) => ({ history: read(file), workflowId: started(read(file)).workflowId }));
  const replays = Worker.runReplayHistories(
    { workflowBundle: { codePath }, dataConverter: dataConverter(recordingKeys) },
    histories,
  );
  let place = 0;
  for await (const result of replays) results.set(files[place++] as string, result);
  return results;
}

const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const inGit = (() => {
  try {
    return git('rev-parse', '--is-inside-work-tree').trim() === 'true' && Boolean(git('rev-parse', 'HEAD'));
  } catch {
    return false;
  }
})();

describe('recorded histories', () => {
  beforeAll(quiet);

  it('are there for every scenario', () => {
    const missing = Object.entries(scenarios).filter(
      ([name, { process }]) => !recordings.some((file) => file === join(process, `${name}.json`)),
    );
    expect(missing.map(([name]) => name)).toEqual([]);
  });

  it('are gone through by the workflows of today as they were then', async () => {
    const results = await replayed(recordings, process.env['TEST_BUNDLE'] as string);
    expect([...results.keys()]).toEqual(recordings);
    expect([...results].filter(([, { error }]) => error).map(([file, { error }]) => `${file}: ${error?.message}`)).toEqual([]);
  });

  it('are not gone through by workflows that were changed without a patch', async () => {
    const { codePath } = await workflowBundle({ more: { resultList: incompatible } });
    const lists = recordings.filter(
      (file) =>
        file.startsWith('result-list') && read(file).events.some(({ eventType }) => eventType.endsWith('UPDATE_COMPLETED')),
    );
    const results = await replayed(lists, codePath);
    expect(lists.length).toBeGreaterThan(5);
    expect([...results.keys()]).toEqual(lists);
    for (const { error } of results.values()) expect(error).toBeInstanceOf(DeterminismViolationError);
  });

  it('hold nothing about persons, in clear or decoded, and nothing of the machine they were recorded on', async () => {
    for (const file of recordings) {
      const history = read(file);
      const clear = JSON.stringify(await decoded(history, recordingKeys));
      expect([file, await canariesInMessage(history, recordingKeys)]).toEqual([file, []]);
      expect([file, /"encoding":"(json\/plain|binary\/null)"/.test(clear)]).toEqual([file, true]);
      expect([file, ...(clear.match(/undecodable|"\d+@|[( ]\/[a-z]+\//g) ?? [])]).toEqual([file]);
    }
  });

  (inGit ? it : it.skip)('are only added to (needs git, and is left out without)', () => {
    const changed = git('diff', '--name-status', '--no-renames', 'HEAD', '--', relative(root, folder))
      .split('\n')
      .filter((line) => /^[MDT]\s.*\.json$/.test(line));
    expect(changed).toEqual([]);
    const since = git(
      'log',
      '--diff-filter=MDT',
      '--no-renames',
      '--format=',
      '--name-only',
      '--',
      `${relative(root, folder)}/*.json`,
      `${relative(root, folder)}/**/*.json`,
    );
    expect(since.split('\n').filter(Boolean)).toEqual([]);
  });
});
