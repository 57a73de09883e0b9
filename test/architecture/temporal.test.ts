import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '../spec.js';
import { createActivities } from '../../activities/index.js';
import { afterDeath } from '../../activities/delivery.js';
import { schedules } from '../../activities/rollout.js';
import { searchAttributeTypes } from '../../activities/temporal.js';
import { placesOf } from '../../activities/worker.js';
import { caseQuery, mendedSignal, promisedSignal } from '../../workflows/case-workflow.js';
import * as others from '../../workflows/index.js';
import { systemStates } from '../../workflows/process.js';
import * as processes from '../../workflows/processes.js';
import { queueOf, queues } from '../../workflows/queues.js';

/** docs/temporal.md against the code: whoever changes one of them is told of the other. */
const root = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(path.join(root, 'docs/temporal.md'), 'utf8');

/** The rows of the table under a heading, cell by cell, without the code marks. */
function table(heading: string): string[][] {
  const after = page.split(`\n### ${heading}\n`)[1];
  if (after === undefined) throw new Error(`docs/temporal.md has no part called ${heading}`);
  const lines = (after.split(/\n##/)[0] ?? '').split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.replaceAll('`', '').trim()),
  );
}
const columns = (heading: string, ...wanted: number[]) =>
  table(heading)
    .map((row) => wanted.map((place) => row[place] ?? ''))
    .sort();
const named = (cell = '') => cell.split(',').map((name) => name.trim());

const sources = readdirSync(path.join(root, 'workflows'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(path.join(root, 'workflows', file), 'utf8') }));

/** Stands for everything that activities are made of, and is never asked: only their names are wanted. */
const anything: unknown = new Proxy(() => undefined, { get: () => anything, apply: () => anything });
const activities = createActivities({ world: anything as never, partners: anything as never, roots: [] });

/** How the activities of a proxy are called, read from the source: one row for each `proxyActivities`. */
const proxies = sources.flatMap(({ file, text }) =>
  [...text.matchAll(/const (\w+) = (?:\([^)]*\) =>\s*)?proxyActivities<\w+>\(\{([\s\S]*?)\n\s*\}\);/g)].map(
    ([, name, options = '']) => {
      const option = (key: string) => new RegExp(`\\b${key}: '([^']+)'`).exec(options)?.[1] ?? '–';
      const number = (key: string) => new RegExp(`\\b${key}: ([\\d.]+)`).exec(options)?.[1];
      const called = [...text.matchAll(new RegExp(`\\b${name}(?:\\([^()]*\\))?\\.(\\w+)\\(`, 'g'))].map(
        ([, activity]) => activity,
      );
      const tries = number('maximumAttempts');
      return [
        [...new Set(called)].sort().join(', '),
        /taskQueue: queueOf/.test(options)
          ? 'by channel'
          : queues[/taskQueue: queues\.(\w+)/.exec(options)?.[1] as keyof typeof queues],
        option('startToCloseTimeout'),
        option('scheduleToCloseTimeout'),
        option('heartbeatTimeout'),
        tries ?? `${option('initialInterval')} × ${number('backoffCoefficient')} ≤ ${option('maximumInterval')}`,
        path.dirname(file) === '.' ? path.basename(file, '.ts') : file.replace(/\.ts$/, ''),
      ];
    },
  ),
);

describe('docs/temporal.md', () => {
  it('names every workflow type and what its id looks like', () => {
    const ofCases = Object.entries(processes).map(([name, { definition }]) => [name, `${definition.kind}/<number>`]);
    const told = columns('Workflow types', 0, 1);
    expect(told.map(([name]) => name).sort()).toEqual([...Object.keys(processes), ...Object.keys(others)].sort());
    expect(told).toEqual(expect.arrayContaining(ofCases));
  });

  it('names every task queue, how much a worker does of it at once, and all its activities', () => {
    expect(columns('Task queues', 0, 1)).toEqual(
      Object.values(queues)
        .map((queue) => [queue, String(placesOf[queue])])
        .sort(),
    );
    for (const [queue, , names] of table('Task queues'))
      expect([queue, ...named(names).sort()]).toEqual([
        queue,
        ...Object.keys(activities[queue as keyof typeof activities]).sort(),
      ]);
  });

  it('names the queue, the limits and the tries of every activity as they are called', () => {
    expect(proxies.length).toBeGreaterThan(10);
    expect(
      table('Activities')
        .map(([names, ...rest]) => [named(names).sort().join(', '), ...rest.slice(0, 6)])
        .sort(),
    ).toEqual(proxies.sort());
  });

  it('says for every activity why it has the limits and tries it has', () => {
    expect(table('Activities').filter((row) => (row[7] ?? '').length < 20)).toEqual([]);
  });

  it('names every signal, query and kind of Update', () => {
    const defined = sources.flatMap(({ text }) =>
      [...text.matchAll(/define(?:Signal|Query|Update)<[^;]*?>\(([^)]*)\)/g)].map(([, name]) => name),
    );
    expect(defined.filter((name) => !name?.startsWith("'"))).toEqual(['name', 'name']);
    expect(columns('Messages', 0, 1)).toEqual(
      [
        ['<command>', 'Update'],
        ['<command>', 'Signal'],
        [promisedSignal.name, 'Signal'],
        [mendedSignal.name, 'Signal'],
        [caseQuery.name, 'Query'],
      ].sort(),
    );
  });

  it('names every patch and where it is', () => {
    const patches = sources.flatMap(({ file, text }) =>
      [...text.matchAll(/patched\('([^']+)'\)/g)].map(([, name]) => [name, `workflows/${file}`]),
    );
    expect(columns('Patches', 0, 1)).toEqual(patches.sort());
  });

  it('names every schedule with its workflow and its limits', () => {
    const told = schedules('Europe/Stockholm').map(({ scheduleId, workflowType, spec, catchupWindow, longest }) => [
      scheduleId,
      workflowType,
      spec.intervals ? `every ${String(spec.intervals[0]?.every)}` : '06:00 by the institution’s clock',
      catchupWindow,
      longest,
    ]);
    expect(columns('Schedules', 0, 1, 2, 3, 4)).toEqual(told.sort());
  });

  it('names every search attribute with its type', () => {
    expect(columns('Search attributes', 0, 1)).toEqual(Object.entries(searchAttributeTypes()).sort());
  });

  it('has a row for what every activity does to the world', () => {
    const told = table('Side effects').flatMap(([names]) => named(names));
    const all = Object.values(activities).flatMap((one) => Object.keys(one));
    expect([...new Set(told.map((name) => name.replace(/ .*/, '')))].sort()).toEqual([...new Set(all)].sort());
  });

  it('says of every way out what a death in the gap leaves', () => {
    const told = table('Side effects').filter(([name]) => name?.startsWith('deliver '));
    expect(
      told
        .map(([name, , , gap]) => [name?.replace('deliver ', ''), /uncertain/.test(gap ?? '') ? 'uncertain' : 'pending'])
        .sort(),
    ).toEqual(Object.entries(afterDeath).sort());
    expect(Object.keys(queueOf).sort()).toEqual(Object.keys(afterDeath).sort());
  });

  it('and docs/operations.md names the states in which a lost workflow is started again, by kind', () => {
    const operations = readFileSync(path.join(root, 'docs/operations.md'), 'utf8');
    const own = Object.values(processes)
      .map(({ definition }) => [definition.kind, systemStates(definition)] as const)
      .filter(([, states]) => states.length > 0);
    expect(own.length).toBeGreaterThan(2);
    for (const [kind, states] of own)
      expect(operations).toContain(`${kind}: ${states.map((state) => `\`${state}\``).join(', ')}`);
  });
});
