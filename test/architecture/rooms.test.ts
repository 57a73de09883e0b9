import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '../spec.js';
import { breaches, filesOf, sourcesOf, vagueNames } from './rooms.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const breachesOf = (path: string, text: string, others: Record<string, string> = {}) =>
  breaches([{ path, text }, ...Object.entries(others).map(([other, its]) => ({ path: other, text: its }))]);

const story = 'workflows/appeal/workflow.ts';

describe('the house as it stands', () => {
  it('has every room and some files in each', () => {
    const paths = sourcesOf(root).map((file) => file.path);
    for (const room of ['workflows', 'activities', 'api', 'prisma', 'test', 'test/simulators'])
      expect(paths.filter((path) => path.startsWith(`${room}/`)).length).toBeGreaterThan(2);
    expect(paths).toContain('workflows/index.ts');
    expect(paths).not.toContainEqual(expect.stringContaining('node_modules'));
  });

  it('keeps the rules between its rooms', () => {
    expect(breaches(sourcesOf(root))).toEqual([]);
  });

  it('has no file and no folder whose name says nothing', () => {
    expect(vagueNames(filesOf(root))).toEqual([]);
  });
});

describe('imports that a room may not have', () => {
  it.each([
    ['workflows', story, `import { pem } from '../../activities/config.js';`],
    ['workflows, by the side', story, `import '../../activities/config.js';`],
    ['workflows, inline types leave the import behind', story, `import { type Config } from '../../activities/config.js';`],
    ['workflows, handed on', story, `export { pem } from '../../activities/config.js';`],
    ['workflows, handed on whole', story, `export * from '../../activities/config.js';`],
    ['workflows, late', story, `const config = () => import('../../activities/config.js');`],
    ['workflows, required', 'workflows/failures.cjs', `const { pem } = require('../activities/config.js');`],
    ['workflows, types of a test', story, `import type { Sample } from '../../test/support/sample.js';`],
    ['activities from api', 'activities/mail.ts', `import type { App } from '../api/app.js';`],
    ['activities from test', 'activities/mail.ts', `import { lists } from '../test/support/lists.js';`],
    ['prisma', 'prisma/client.ts', `import type { Instant } from '../workflows/rules/civil-time.js';`],
    ['api from test', 'api/server.ts', `import { sample } from '../test/support/sample.js';`],
    ['api/embedded from simulators', 'api/embedded/start.ts', `import { world } from '../../test/simulators/index.js';`],
    ['simulators from activities', 'test/simulators/bankid.ts', `import type { BankId } from '../../activities/bankid.js';`],
    ['simulators from workflows', 'test/simulators/portal.ts', `import type { Text } from '../../workflows/process.js';`],
    ['simulators from api', 'test/simulators/portal.ts', `import { problem } from '../../api/problem.js';`],
    ['simulators from prisma', 'test/simulators/portal.ts', `import type { Database } from '../../prisma/client.js';`],
    ['simulators, by a type expression', 'test/simulators/portal.ts', `type Text = import('../../workflows/process.js').Text;`],
  ])('%s', (_what, path, text) => {
    expect(breachesOf(path, text)).toEqual([expect.stringMatching(/^\S+:1 imports \S+: .+ may not import from /)]);
  });

  it.each([
    ['a bare Node module', story, `import { createHash } from 'crypto';`, 'no Node module'],
    ['a Node module by its scheme', story, `import { createHash } from 'node:crypto';`, 'no Node module'],
    ['a part of a Node module', story, `import { readFile } from 'fs/promises';`, 'no Node module'],
    ['a Node module as a type', story, `import type { Hash } from 'node:crypto';`, 'no Node module'],
    ['zod outside a schema', 'workflows/appeal/rules.ts', `import { z } from 'zod';`, 'zod belongs in schema.ts'],
    ['zod as a type outside a schema', story, `import type { ZodType } from 'zod/v4';`, 'zod belongs in schema.ts'],
    ['luxon elsewhere', 'workflows/rules/working-days.ts', `import { DateTime } from 'luxon';`, 'touches zones'],
    ['another package', story, `import pino from 'pino';`, 'not proven'],
    ['the Temporal client', story, `import { Client } from '@temporalio/client';`, 'not proven'],
  ])('workflows: %s', (_what, path, text, why) => {
    expect(breachesOf(path, text)).toEqual([expect.stringContaining(why)]);
  });

  it('workflow code that reaches a schema as a value, however long the way', () => {
    const found = breachesOf(story, `import { rules } from './rules.js';`, {
      'workflows/appeal/rules.ts': `import { body } from './schema.js';\nexport const rules = body;`,
      'workflows/appeal/schema.ts': `import { z } from 'zod';\nexport const body = z.strictObject({});`,
    });
    const way = 'workflows/appeal/workflow.ts -> workflows/appeal/rules.ts -> workflows/appeal/schema.ts';
    expect(found).toEqual([`${way}: workflow code may take types only from a schema`]);
  });

  it('a schema behind the entry of the bundle', () => {
    const found = breachesOf('workflows/index.ts', `export { body } from './appeal/schema.js';`, {
      'workflows/appeal/schema.ts': `import { z } from 'zod';\nexport const body = z.strictObject({});`,
    });
    expect(found).toHaveLength(1);
  });

  it('an import in workflows whose name is made up on the way', () => {
    expect(breachesOf(story, 'export const load = (name: string) => import(name);')).toHaveLength(1);
  });

  it('the simulators named outside test and the embedded start', () => {
    expect(breachesOf('activities/bankid.ts', `const world = '../test/simulators/main.ts';`)).toHaveLength(1);
    expect(breachesOf('api/server.ts', `const world = join('test', 'simulators', 'main.ts');`)).toHaveLength(1);
    expect(breachesOf('api/server.ts', 'const world = `../test/simulators/main.ts`;')).toHaveLength(1);
  });

  it('a file that cannot be read as a program', () => {
    expect(breachesOf('api/server.ts', 'import from from;')).toEqual([expect.stringContaining('cannot be parsed')]);
  });
});

describe('what workflow code may not ask for', () => {
  it.each([
    ['the clock, through Intl', `export const today = new Intl.NumberFormat('sv').format();`],
    ['the clock, through Intl in parts', `export const parts = (f: Intl.NumberFormat) => f['formatToParts']();`],
    ['the zone of the machine, through Intl', `export const f = new Intl.DateTimeFormat('sv', { dateStyle: 'short' });`],
    ['the zone of the machine, through a getter', 'export const hour = (at: Date) => at.getHours();'],
    ['the zone of the machine, through a setter', 'export const noon = (at: Date) => at.setHours(12);'],
    ['the offset of the machine', 'export const offset = (at: Date) => at.getTimezoneOffset();'],
    ['the language of the machine', 'export const words = (at: Date) => at.toLocaleDateString();'],
    ['local parts', 'export const march = new Date(2026, 2, 1);'],
    ['Temporal.Now', 'export const now = () => Temporal.Now.instant();'],
    ['the environment', 'export const mode = process.env.MODE;'],
    ['the environment, with a name of its own', 'export const mode = (process: NodeJS.Process) => process.env;'],
    ['the process', 'export const folder = () => process.cwd();'],
    ['the process, from the global object', 'export const p = globalThis.process;'],
  ])('%s', (_what, text) => {
    expect(breachesOf('workflows/appeal/rules.ts', text)).toEqual([expect.stringMatching(/^workflows\/appeal\/rules\.ts:1 /)]);
  });
});

describe('names that say nothing', () => {
  it.each([
    'api/utils.ts',
    'activities/mail-helpers.ts',
    'workflows/common/dates.ts',
    'test/shared.test.ts',
    'api/types.ts',
    'activities/ladok/types.d.ts',
  ])('%s', (path) => {
    expect(vagueNames([path])).toHaveLength(1);
  });
});

describe('what stays allowed', () => {
  it.each([
    [story, `import type { Config } from '../../activities/config.js';`],
    [story, `import { condition } from '@temporalio/workflow';\nimport { ApplicationFailure } from '@temporalio/common';`],
    [story, `import type { Body } from './schema.js';`],
    [story, 'export const at = () => new Date().toISOString();'],
    [story, `export const say = (at: Date) => new Intl.DateTimeFormat('sv', { timeZone: 'Europe/Oslo' }).format(at);`],
    ['workflows/appeal/schema.ts', `import { z } from 'zod';\nexport const body = z.strictObject({});`],
    ['workflows/rules/civil-time.ts', `import { DateTime } from 'luxon';`],
    ['activities/mail.ts', `import { queues } from '../workflows/queues.js';`],
    ['activities/mail.ts', `import { createDatabase } from '../prisma/client.js';`],
    ['api/server.ts', `import { readConfig } from '../activities/config.js';\nconst port = process.env['PORT'];`],
    ['api/embedded/start.ts', `const world = new URL('../../test/simulators/main.ts', import.meta.url);`],
    ['test/simulators/main.test.ts', `import { createApi } from '../../api/app.js';`],
    ['test/api/app.test.ts', `import { startSimulators } from '../simulators/index.js';`],
  ])('%s: %s', (path, text) => {
    expect(breachesOf(path, text)).toEqual([]);
  });
});
