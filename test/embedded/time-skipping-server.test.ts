import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { patiently } from '../support/skipping.js';
import { findTimeSkippingServer } from '../../api/embedded/time-skipping-server.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(path.join(tmpdir(), 'registrar-skipping-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const program = (file: string, text = '#!/bin/sh\n') => {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
};

describe('the time-skipping server', () => {
  it('is found, starts, and lets three years pass at once', async () => {
    const file = await findTimeSkippingServer();
    const server = { executable: { type: 'existing-path' as const, path: file } };
    const environment = await patiently(() => TestWorkflowEnvironment.createTimeSkipping({ server }));
    try {
      const before = await environment.currentTimeMs();
      await environment.sleep('1095 days');
      const passed = (await environment.currentTimeMs()) - before;
      expect(passed / 86_400_000).toBeGreaterThanOrEqual(1095);
      expect(passed / 86_400_000).toBeLessThan(1096);
    } finally {
      await environment.teardown();
    }
  }, 600_000);

  it('takes the variable before the cache', async () => {
    const named = program(path.join(folder, 'named'));
    const cached = program(path.join(folder, 'cache', 'bin', 'temporal-test-server'));
    const env = { REGISTRAR_CACHE: path.join(folder, 'cache'), PATH: '' };
    expect(await findTimeSkippingServer({ env: { ...env, TEMPORAL_TEST_SERVER_PATH: named } })).toBe(named);
    expect(await findTimeSkippingServer({ env })).toBe(cached);
  });

  it('names every way when none works, and leaves no half-made folder', async () => {
    const cache = path.join(folder, 'empty');
    const bin = path.join(folder, 'programs');
    program(path.join(bin, 'java'));
    program(path.join(bin, 'mvn'), '#!/bin/sh\necho "[ERROR] repository is not reached"\nexit 1\n');
    const message = await findTimeSkippingServer({ env: { REGISTRAR_CACHE: cache, PATH: bin }, progress: () => undefined }).catch(
      (cause: Error) => cause.message,
    );
    for (const way of ['TEMPORAL_TEST_SERVER_PATH', cache, 'download by the Temporal SDK', 'repository is not reached'])
      expect(message).toContain(way);
    expect(readdirSync(cache)).toEqual(['bin']);
    expect(readdirSync(path.join(cache, 'bin'))).toEqual([]);
  });
});
