import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '../spec.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = <T>(name: string) => JSON.parse(readFileSync(`${root}/${name}`, 'utf8')) as T;

interface Locked {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
  readonly optionalDependencies?: Record<string, string>;
}
type Lock = Readonly<Record<string, Locked>>;

const manifest = read<{ dependencies: Record<string, string>; devDependencies: Record<string, string> }>('package.json');
const lock = read<{ packages: Lock }>('package-lock.json').packages;
const installed = read<{ packages: Lock }>('node_modules/.package-lock.json').packages;
const direct = { ...manifest.dependencies, ...manifest.devDependencies };

const versionOf = (packages: Lock, name: string) => packages[`node_modules/${name}`]?.version;
const nameAt = (place: string) => place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
const copies = (packages: Lock, wanted: (name: string) => boolean) =>
  Object.entries(packages)
    .filter(([place]) => place !== '' && wanted(nameAt(place)))
    .map(([place, { version }]) => `${place} ${version}`);

const foundBy = (packages: Lock, name: string, from: string): string | undefined => {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in packages) return place;
    if (folder === '') return undefined;
  }
};
const neededBy = (packages: Lock, names: readonly string[]): Set<string> => {
  const places = new Set<string>();
  const visit = (name: string, from: string) => {
    const place = foundBy(packages, name, from);
    if (!place || places.has(place)) return;
    places.add(place);
    for (const next of Object.keys(packages[place]?.dependencies ?? {})) visit(next, place);
  };
  for (const name of names) visit(name, '');
  return places;
};

describe('versions', () => {
  it('are exact for everything the project asks for', () => {
    const loose = Object.entries(direct).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });

  it('in the lock are those of package.json', () => {
    expect({ ...lock['']?.dependencies }).toEqual(manifest.dependencies);
    for (const [name, version] of Object.entries(direct)) expect([name, versionOf(lock, name)]).toEqual([name, version]);
  });

  it('in the lock are there for every platform, without which npm ci would refuse it', () => {
    const missing = Object.entries(lock).flatMap(([place, { dependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...optionalDependencies }).filter((name) => !foundBy(lock, name, place)),
    );
    expect(missing).toEqual([]);
  });

  it('in the lock carry no address of the place they were fetched from', () => {
    expect(readFileSync(`${root}/package-lock.json`, 'utf8')).not.toMatch(/"resolved"/);
  });
});

describe.each([
  ['the lock', lock],
  ['what is installed', installed],
])('families in %s', (_where, packages) => {
  it('have one version of everything of Temporal', () => {
    const versions = copies(packages, (name) => name.startsWith('@temporalio/')).map((copy) => copy.split(' ')[1]);
    expect(versions.length).toBeGreaterThan(7);
    expect(new Set(versions)).toEqual(new Set([direct['@temporalio/workflow']]));
  });

  it('have each package of Temporal once', () => {
    const names = Object.keys(packages)
      .map(nameAt)
      .filter((name) => name.startsWith('@temporalio/'));
    expect(names).toEqual([...new Set(names)]);
  });

  it('have one version of all packages of Prisma that the project names', () => {
    const named = Object.keys(direct).filter((name) => name === 'prisma' || name.startsWith('@prisma/'));
    expect(named.length).toBeGreaterThan(3);
    const versions = named.map((name) => versionOf(packages, name)?.replace(/-.*/, ''));
    expect(new Set(versions)).toEqual(new Set([direct['prisma']]));
  });

  it('have one version of all packages of Prisma that run beside the application', () => {
    const running = [...neededBy(packages, ['@prisma/client', '@prisma/adapter-pg', '@prisma/schema-engine-wasm'])];
    const prisma = running.filter((place) => nameAt(place).startsWith('@prisma/'));
    expect(prisma.length).toBeGreaterThan(3);
    expect(prisma.map(nameAt)).toEqual([...new Set(prisma.map(nameAt))]);
    expect(new Set(prisma.map((place) => packages[place]?.version.replace(/-.*/, '')))).toEqual(new Set([direct['prisma']]));
  });

  it('have the schema engine that this Prisma was made with', () => {
    expect(versionOf(packages, '@prisma/schema-engine-wasm')).toBe(versionOf(packages, '@prisma/engines-version'));
  });

  it.each(['hono', '@hono/node-server', '@hono/zod-openapi', 'zod', '@prisma/client', '@prisma/adapter-pg', 'prisma'])(
    'have %s once',
    (name) => {
      expect(copies(packages, (one) => one === name)).toEqual([`node_modules/${name} ${versionOf(packages, name)}`]);
    },
  );

  it('have one protobufjs 8', () => {
    const eights = copies(packages, (name) => name === 'protobufjs').filter((copy) => / 8\./.test(copy));
    expect(eights).toEqual([`node_modules/protobufjs ${direct['protobufjs']}`]);
  });
});

describe('protobufjs', () => {
  it('is the same file for us, for the protocol and for the worker', () => {
    const ours = createRequire(`${root}/package.json`);
    const seenBy = (name: string) => createRequire(ours.resolve(name)).resolve('protobufjs');
    const seen = ['@temporalio/proto', '@temporalio/worker', '@temporalio/common'].map(seenBy);
    expect(new Set(seen)).toEqual(new Set([ours.resolve('protobufjs')]));
  });
});

describe('a doubled package', () => {
  const planted: Lock = {
    'node_modules/zod': { version: '4.6.7' },
    'node_modules/@hono/zod-openapi': { version: '1.6.3', dependencies: { zod: '^3.0.0' } },
    'node_modules/@hono/zod-openapi/node_modules/zod': { version: '3.25.0' },
  };

  it('is seen', () => {
    expect(copies(planted, (name) => name === 'zod')).toHaveLength(2);
  });

  it('is found where Node would find it', () => {
    const places = ['node_modules/@hono/zod-openapi', 'node_modules/@hono/zod-openapi/node_modules/zod'];
    expect([...neededBy(planted, ['@hono/zod-openapi'])]).toEqual(places);
    expect(foundBy(planted, 'zod', 'node_modules/other')).toBe('node_modules/zod');
  });
});
