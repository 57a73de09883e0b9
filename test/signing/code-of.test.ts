import { randomBytes, randomUUID } from 'node:crypto';
import { describe, expect, it } from '../spec.js';
import { codeOf } from '../../activities/signing/code.js';

const BINS = 100;
const IDS = 100_000;

const chiSquare = (codes: readonly string[], bin: (code: string) => number): number => {
  const counts = Array.from({ length: BINS }, () => 0);
  for (const code of codes) counts[bin(code)]! += 1;
  const expected = codes.length / BINS;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
};

describe('the code of an id', () => {
  const secret = randomBytes(32);
  const codes = Array.from({ length: IDS }, () => codeOf(randomUUID(), 5, secret));

  it('RL-39 has five digits, zeros in front included', () => {
    expect(codes.filter((code) => !/^\d{5}$/.test(code))).toEqual([]);
    expect(codes.filter((code) => code.startsWith('0')).length).toBeGreaterThan(IDS / 20);
  });

  it('RL-39 makes every code as likely as any other, in its first and in its last digits', () => {
    const beyondOneInAMillion = 99 + 4.9 * Math.sqrt(2 * 99) + 16;
    expect(chiSquare(codes, (code) => Number(code.slice(0, 2)))).toBeLessThan(beyondOneInAMillion);
    expect(chiSquare(codes, (code) => Number(code.slice(-2)))).toBeLessThan(beyondOneInAMillion);
    const skewed = codes.map((code, i) => (i % 20 === 0 ? `11${code.slice(2)}` : code));
    expect(chiSquare(skewed, (code) => Number(code.slice(0, 2)))).toBeGreaterThan(beyondOneInAMillion);
  });

  it('RL-39 depends on the key and the id, and on nothing else', () => {
    const id = randomUUID();
    expect(codeOf(id, 8, secret)).toBe(codeOf(id, 8, Buffer.from(secret)));
    const others = Array.from({ length: 50 }, () => codeOf(id, 8, randomBytes(32)));
    expect(new Set(others).size).toBeGreaterThan(45);
  });
});
