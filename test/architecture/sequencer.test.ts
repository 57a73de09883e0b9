import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '../spec.js';
import Sequencer, { longest } from '../sequencer.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('the order of the test files', () => {
  it('names only files that are there, each once', () => {
    expect(longest.filter((name) => !existsSync(path.join(root, name)))).toEqual([]);
    expect(new Set(longest).size).toBe(longest.length);
  });

  it('begins with the longest, and leaves none out', () => {
    const short = 'test/architecture/sequencer.test.ts';
    const of = (name: string) => ({
      path: path.join(root, name),
      context: { config: { id: 'x', cacheDirectory: '/nowhere', haste: {} }, hasteFS: { getSize: () => 1 } },
    });
    const sorted = new Sequencer({ contexts: [], globalConfig: {} } as never).sort(
      [short, ...longest.toReversed()].map(of) as never,
    );
    expect([...sorted].map((test) => path.relative(root, test.path))).toEqual([...longest, short]);
  });
});
