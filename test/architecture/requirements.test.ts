import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from '../spec.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const ids = (text: string) => text.match(/\b(RL|RX|SU|GC|AU|BE)-\d\d\b/g) ?? [];

it('has a sentence in docs/requirements.md for every requirement that is named, and for no other', () => {
  const files = ['workflows', 'activities', 'api', 'prisma/migrations', 'test', 'docs']
    .flatMap((room) => readdirSync(path.join(root, room), { recursive: true }).map((name) => path.join(room, String(name))))
    .filter((name) => /\.(ts|sql|md)$/.test(name) && name !== 'docs/requirements.md');
  const named = new Set(
    [...files, 'README.md', 'prisma/schema.prisma'].flatMap((name) => ids(readFileSync(path.join(root, name), 'utf8'))),
  );
  const explained = [
    ...readFileSync(path.join(root, 'docs/requirements.md'), 'utf8').matchAll(/^\| ((?:RL|RX|SU|GC|AU|BE)-\d\d) \|/gm),
  ].map((match) => match[1] as string);
  expect(explained).toEqual([...new Set(explained)]);
  expect([...named].sort()).toEqual([...explained].sort());
});
