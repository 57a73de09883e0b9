import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { besideWorkflows, workflowBundle, type WorkflowFiles } from '../../activities/bundle.js';
import * as processes from '../../workflows/processes.js';
import { staff, students } from '../simulators/sample.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const build = join(root, 'build');
const MARK = 'sourceMappingURL=data:application/json;charset=utf-8;base64,';
const planted = (name: string) => fileURLToPath(new URL(`fixtures/${name}/workflow.ts`, import.meta.url));

interface SourceMap {
  readonly sources: readonly string[];
  readonly sourcesContent: readonly string[];
}
interface Opened {
  readonly bytes: number;
  readonly code: string;
  readonly modules: readonly string[];
  readonly own: string;
}

let folder = '';
let opened: Opened;

const open = async (more: WorkflowFiles = {}): Promise<Opened> => {
  const { codePath } = await workflowBundle({ folder, more });
  const text = await readFile(codePath, 'utf8');
  const at = text.lastIndexOf(MARK);
  const map = JSON.parse(Buffer.from(text.slice(at + MARK.length), 'base64').toString()) as SourceMap;
  const own = map.sourcesContent.filter((_text, place) => !/node_modules|^webpack\//.test(map.sources[place] ?? ''));
  return { bytes: Buffer.byteLength(text), code: text.slice(0, at), modules: map.sources, own: own.join('\n') };
};

const packagesIn = ({ modules }: Opened) =>
  [...new Set(modules.flatMap((module) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(module)?.[1] ?? []))].sort();

const personal = [
  /\b(person|personal|given|sur|first|last)_?(number|name)\b/i,
  /personnummer|fødselsnummer|födelsedatum/i,
  /\b(e-?mail|phone|mobile)(address|number)?\b/i,
  /\b(19|20)?\d{6}[-+]?\d{4}\b/,
  /[\w.]+@[\w-]+\.\w+/,
];
const names = [...staff, ...students].flatMap((one) => [`${one.givenName} ${one.surname}`, one.personNumber, one.email]);
const personalIn = ({ code, own }: Opened) => [
  ...personal.flatMap((words) => words.exec(own)?.[0] ?? []),
  ...names.filter((name) => code.includes(name) || own.includes(name)),
];

beforeAll(async () => {
  await mkdir(build, { recursive: true });
  folder = await mkdtemp(join(build, 'test-'));
  opened = await open();
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the bundle of the workflows', () => {
  it('holds the SDK, luxon and our own files, and no other package', () => {
    expect(packagesIn(opened)).toEqual(['@temporalio/common', '@temporalio/workflow', 'long', 'luxon', 'ms', 'nexus-rpc']);
  });

  it('holds no zod and none of our schemas', () => {
    expect(opened.modules.filter((module) => /zod|schema\.ts$/.test(module))).toEqual([]);
    expect(opened.code).not.toMatch(/\bzod\b/i);
  });

  it('holds no Node module', () => {
    expect(opened.modules.filter((module) => /^(external |node:)/.test(module))).toEqual([]);
    expect(opened.code).not.toMatch(/\brequire\(["'][^"'.]/);
  });

  it('holds nothing that names or numbers a person', () => {
    expect(personalIn(opened)).toEqual([]);
  });

  it('stays below 3 MB with its source map, which is two thirds of it', () => {
    expect(opened.bytes).toBeGreaterThan(500_000);
    expect(opened.bytes).toBeLessThan(3_000_000);
  });

  it('exports the workflow of every process, and nothing that is not a workflow', () => {
    const context = createContext({ __webpack_module_cache__: {} });
    runInContext(opened.code, context);
    const workflows = runInContext('__TEMPORAL__.importWorkflows()', context) as Record<string, unknown>;
    expect(Object.keys(processes).length).toBeGreaterThan(0);
    const expected = [...Object.keys(processes), 'bankIdOrder', 'sweep', 'refresh'];
    expect(Object.keys(workflows)).toEqual(expect.arrayContaining(expected));
    expect(Object.entries(workflows).filter(([name, value]) => typeof value !== 'function' || name === 'default')).toEqual([]);
  });
});

describe('the name of a build', () => {
  it('is another one after a change beside the workflows, while their bundle stays', async () => {
    const activity = join(folder, 'activity.ts');
    await writeFile(activity, 'export const says = 1;\n');
    const built = () => workflowBundle({ folder, beside: [activity] });
    const before = await built();
    expect(await built()).toEqual(before);
    await appendFile(activity, 'export const also = 2;\n');
    const after = await built();
    expect(after.codePath).toBe(before.codePath);
    expect(after.buildId).not.toBe(before.buildId);
  });

  it('takes in the activities, the schema of the database and every library, and nothing that is made from them', async () => {
    const files = besideWorkflows().map((file) => relative(root, file));
    expect(files).toEqual(expect.arrayContaining(['activities/worker.ts', 'prisma/schema.prisma', 'package-lock.json']));
    expect(files.filter((file) => file.startsWith('prisma/generated'))).toEqual([]);
    const [whole, bare] = [await workflowBundle({ folder }), await workflowBundle({ folder, beside: [] })];
    expect(bare.codePath).toBe(whole.codePath);
    expect(bare.buildId).not.toBe(whole.buildId);
  });
});

describe('a careless workflow', () => {
  it('is noticed by the packages, the words and the size that it brings', async () => {
    const careless = await open({ careless: planted('careless') });
    expect(packagesIn(careless)).toContain('zod');
    expect(careless.code).toMatch(/\bzod\b/i);
    expect(personalIn(careless)).toEqual(expect.arrayContaining(['personNumber', 'tove@bth.example', 'Tove Lärare']));
    expect(careless.bytes).toBeGreaterThan(2_500_000);
  });

  it('cannot bring a Node module', async () => {
    await expect(open({ unsealed: planted('unsealed') })).rejects.toThrow(/webpack/i);
  });
});
