import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { alive, childrenOf, portsFrom, ready, start, type Started } from '../support/npm-start.js';
import { freePorts } from '../support/ports.js';
import { eventually } from '../support/university.js';

const folder = mkdtempSync(path.join(tmpdir(), 'registrar-interrupted-'));
const data = path.join(folder, 'data');
const base = await freePorts(160);
/** Of somebody who has a Temporal elsewhere: an exported key and address, and a profile in a file. */
const env = {
  ...process.env,
  REGISTRAR_DATA: data,
  ...portsFrom(base),
  XDG_CONFIG_HOME: path.join(folder, 'config'),
  TEMPORAL_ADDRESS: 'elsewhere.example:7233',
  TEMPORAL_NAMESPACE: 'elsewhere',
  TEMPORAL_API_KEY: 'a-key-for-elsewhere',
};

describe('npm start, interrupted', () => {
  let started: Started | undefined;
  beforeAll(() => {
    chmodSync(folder, 0o755);
    mkdirSync(path.join(folder, 'config', 'temporalio'), { recursive: true });
    writeFileSync(path.join(folder, 'config', 'temporalio', 'temporal.toml'), '[profile.default]\napi_key = "another-key"\n');
  });
  afterAll(async () => {
    if (started?.process.exitCode === null) started.process.kill('SIGINT');
    await started?.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends what it has started when Ctrl-C is pressed before it runs', async () => {
    started = start(env);
    const pids = await eventually(
      'something has been started',
      async () => childrenOf(data).length > 0 && childrenOf(data),
      60_000,
    );
    started.process.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(started.said()).toContain('stopping');
    expect(started.said()).not.toContain('Registrar runs.');
    expect([pids.filter(alive), childrenOf(data)]).toEqual([[], []]);
  }, 90_000);

  it("runs at the next start, also when the one before was killed while it played, and whatever somebody's own Temporal is", async () => {
    started = start(env);
    const complaints = async () => {
      const token = (await (await fetch(`http://127.0.0.1:${base + 18}/token/siri`)).text()).trim();
      const answer = await fetch(`http://127.0.0.1:${base}/complaints`, { headers: { Authorization: `Bearer ${token}` } });
      return ((await answer.json()) as { items: object[] }).items.length;
    };
    await eventually('a complaint is being played', () => complaints().catch(() => 0), 180_000);
    started.process.kill('SIGKILL');
    await started.ended;
    started = await ready(start(env));
    expect(await complaints()).toBe(1);
  }, 240_000);

  it('ends everything it started when its terminal is closed', async () => {
    const pids = childrenOf(data);
    expect(pids.length).toBe(5);
    started?.process.stdout?.destroy();
    started?.process.stderr?.destroy();
    started?.process.kill('SIGHUP');
    expect(await started?.ended).toBe(0);
    expect(pids.filter(alive)).toEqual([]);
  }, 90_000);
});
