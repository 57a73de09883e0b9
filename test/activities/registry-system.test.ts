import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { registrySystem, type RegistryEntry, type RegistrySystem } from '../../activities/registry-system.js';
import { registrySystemSimulator } from '../simulators/registry-system.js';

const chain = (length: number): RegistryEntry[] => {
  const entries: RegistryEntry[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const previousHash = entries.at(-1)?.hash ?? null;
    const entry = JSON.stringify({ list: 4711, step: seq, what: 'sparad å' });
    const hash = createHash('sha256').update(`${previousHash}${entry}`).digest('hex');
    entries.push({ institution: 'bth', seq, at: '2026-11-12T09:00:00.000Z', entry, hash, previousHash });
  }
  return entries;
};

describe('registry system', () => {
  let simulated: ReturnType<typeof registrySystemSimulator>;
  let server: Awaited<ReturnType<typeof simulated.listen>>;
  let registry: RegistrySystem;

  beforeEach(async () => {
    simulated = registrySystemSimulator();
    server = await simulated.listen();
    registry = registrySystem({ baseUrl: server.url, token: 'any', timeoutMs: 5_000 });
  });
  afterEach(async () => {
    await registry.close();
    await server.close();
  });

  const held = () => simulated.journal('bth').map((kept) => ({ institution: 'bth', ...kept }));

  it('AU-01 entries stand in the registry as they were written, in order', async () => {
    const entries = chain(5);
    await registry.record(entries);
    expect(held()).toEqual(entries);
    expect(await registry.last('bth')).toEqual({ seq: 5, hash: entries[4]?.hash });
  });

  it('AU-01 entries recorded again stand there once', async () => {
    const entries = chain(3);
    await registry.record(entries.slice(0, 2));
    await registry.record(entries);
    expect(held()).toEqual(entries);
  });

  it('AU-01 another entry under a number that is taken is refused, and nothing after it is recorded', async () => {
    const entries = chain(3);
    await registry.record(entries.slice(0, 2));
    const forged = entries.map((entry) => (entry.seq === 2 ? { ...entry, hash: 'other' } : entry));
    const refusal = { name: 'PartnerRefused', status: 409, message: 'registry system refused (409)' };
    await expect(registry.record(forged)).rejects.toMatchObject(refusal);
    expect(held()).toEqual(entries.slice(0, 2));
  });

  it('goes on after an answer was lost', async () => {
    const entries = chain(4);
    simulated.faults.push({ match: 'PUT /journal/bth/3', effect: 'timeout-after-commit', times: 1, ms: 1_200 });
    const hasty = registrySystem({ baseUrl: server.url, token: 'any', timeoutMs: 800 });
    await expect(hasty.record(entries)).rejects.toBeInstanceOf(PartnerUnavailable);
    await hasty.close();
    expect((await registry.last('bth'))?.seq).toBe(3);
    await registry.record(entries);
    expect(held()).toEqual(entries);
  });

  it('stops at the first entry that fails', async () => {
    const entries = chain(4);
    simulated.faults.push({ match: 'PUT /journal/bth/3', effect: '500', times: 1 });
    await expect(registry.record(entries)).rejects.toBeInstanceOf(PartnerUnavailable);
    expect(held()).toEqual(entries.slice(0, 2));
  });

  it('keeps the institutions apart', async () => {
    const [first] = chain(1);
    await registry.record([{ ...(first as RegistryEntry), institution: 'b/th å' }]);
    expect(await registry.last('bth')).toBeUndefined();
    expect((await registry.last('b/th å'))?.seq).toBe(1);
  });

  it('reads a long journal back in pages', async () => {
    const entries = chain(250);
    await registry.record(entries);
    const read: unknown[] = [];
    for (let page; (page = await registry.entriesAfter('bth', read.length)).length > 0;)
      read.push(...page.map((entry) => ({ institution: 'bth', ...entry })));
    expect(read).toEqual(entries);
    expect((await registry.last('bth'))?.seq).toBe(250);
  });

  it.each(['500', '502-html', '429', 'malformed'])('is unavailable while the registry answers with %s', async (effect) => {
    simulated.faults.push({ match: '*', effect });
    await expect(registry.record(chain(1))).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(registry.last('bth')).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(registry.entriesAfter('bth', 0)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(registry.probe()).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.length = 0;
    await expect(registry.probe()).resolves.toBeUndefined();
    expect(held()).toEqual([]);
  });
});
