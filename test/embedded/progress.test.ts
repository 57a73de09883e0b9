import { mock } from 'node:test';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { withProgress } from '../../api/embedded/progress.js';

describe('progress', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'] }));
  afterEach(() => mock.timers.reset());

  const waiting = () => {
    const lines: string[] = [];
    let finish!: (value: string) => void;
    const result = withProgress('building', new Promise<string>((resolve) => (finish = resolve)), (line) => lines.push(line));
    return { lines, finish, result };
  };

  it('says nothing about what is quick', async () => {
    const { lines, finish, result } = waiting();
    mock.timers.tick(1_900);
    finish('done');
    expect(await result).toBe('done');
    mock.timers.tick(10_000);
    expect(lines).toEqual([]);
  });

  it('says every three seconds how long it has taken, and stops when it is done', async () => {
    const { lines, finish, result } = waiting();
    for (const ms of [2_000, 3_000, 3_000, 100]) mock.timers.tick(ms);
    expect(lines).toEqual(['… still building, 2 s', '… still building, 5 s', '… still building, 8 s']);
    finish('done');
    await result;
    mock.timers.tick(10_000);
    expect(lines).toHaveLength(3);
  });
});
