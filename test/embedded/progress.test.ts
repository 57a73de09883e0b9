import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { withProgress } from '../../api/embedded/progress.js';

describe('progress', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const waiting = () => {
    const lines: string[] = [];
    let finish!: (value: string) => void;
    const result = withProgress('building', new Promise<string>((resolve) => (finish = resolve)), (line) => lines.push(line));
    return { lines, finish, result };
  };

  it('says nothing about what is quick', async () => {
    const { lines, finish, result } = waiting();
    await jest.advanceTimersByTimeAsync(1_900);
    finish('done');
    expect(await result).toBe('done');
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lines).toEqual([]);
  });

  it('says every three seconds how long it has taken, and stops when it is done', async () => {
    const { lines, finish, result } = waiting();
    await jest.advanceTimersByTimeAsync(8_100);
    expect(lines).toEqual(['… still building, 2 s', '… still building, 5 s', '… still building, 8 s']);
    finish('done');
    await result;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lines).toHaveLength(3);
  });
});
