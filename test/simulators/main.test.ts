import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { mailer, messageIdOf } from '../../activities/mail.js';
import { registrySystem } from '../../activities/registry-system.js';
import { staffRegister } from '../../activities/staff-register.js';
import { studentPortal } from '../../activities/student-portal.js';
import { portNames, startSimulators, type SimulatorUrls } from './index.js';
import { staff, student } from './sample.js';

const isFree = (port: number) =>
  new Promise<boolean>((answer) => {
    const probe = createServer().once('error', () => answer(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => answer(true)));
  });

const freeBase = async (): Promise<number> => {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    if ((await Promise.all(Array.from({ length: 70 }, (_, place) => isFree(base + place)))).every(Boolean)) return base;
  }
};

describe('simulated world', () => {
  let folder: string;
  const children: ChildProcess[] = [];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'world-'));
  });
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (base: number) => {
    const child = spawn(process.execPath, ['--import', 'tsx', 'test/simulators/main.ts'], {
      env: { ...process.env, NODE_OPTIONS: '', SIM_FOLDER: folder, SIM_PORT_BASE: String(base) },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    const [line] = (await Promise.race([once(lines, 'line'), once(child, 'exit').then(() => ['{}'])])) as [string];
    return { child, urls: (JSON.parse(line) as { urls: SimulatorUrls }).urls };
  };

  it('stands at the same addresses with the same contents after a kill', async () => {
    const base = await freeBase();
    const before = await start(base);
    expect(before.urls.smtp).toEqual({ host: '127.0.0.1', port: base + portNames.indexOf('smtp') });

    const partner = (baseUrl: string) => ({ baseUrl, token: 'any', timeoutMs: 5_000 });
    const [post, register, portal, registry] = [
      mailer({ ...before.urls.smtp, from: 'registrar@bth.example', timeoutMs: 5_000 }),
      staffRegister(partner(before.urls.staffRegister)),
      studentPortal(partner(before.urls.studentPortal)),
      registrySystem(partner(before.urls.registrySystem)),
    ];
    const eva = staff[1]?.id ?? '';
    const messageId = messageIdOf({ promise: 'mail:list-sent:1', recipient: eva, host: 'bth.example' });
    const result = {
      key: 'k',
      studentUid: student(0).uid,
      courseCode: 'XX1000',
      moduleCode: null,
      grade: 'A',
      examinationDate: '2026-10-30',
      publishedAt: '2026-11-12T09:00:00Z',
    };
    const entry = { institution: 'bth', seq: 1, at: '2026-11-12T09:00:00Z', entry: '{}', hash: 'h', previousHash: null };
    await post.send({ to: 'eva@bth.example', subject: 'Hej', text: 'Hej', messageId, language: 'sv' });
    await portal.publish(result);
    await registry.record([entry]);
    await fetch(`${before.urls.staffRegister}/__sim/staff/${eva}`, { method: 'PUT', body: JSON.stringify({ roles: [] }) });
    const keys = await (await fetch(`${before.urls.identityProvider}/jwks.json`)).json();
    before.child.kill('SIGKILL');
    await once(before.child, 'exit');

    const after = await start(base);
    expect(after.urls).toEqual(before.urls);
    const letters = (await (await fetch(`${after.urls.mailbox}/messages`)).json()) as { messageId: string }[];
    expect(letters.map((letter) => letter.messageId)).toEqual([messageId]);
    expect((await register.person(eva))?.roles).toEqual([]);
    expect(await portal.publish(result)).toBe('published');
    await expect(portal.publish({ ...result, grade: 'B' })).rejects.toMatchObject({ status: 409 });
    expect(await registry.last('bth')).toEqual({ seq: 1, hash: 'h' });
    expect(await (await fetch(`${after.urls.identityProvider}/jwks.json`)).json()).toEqual(keys);
    const { smtp: _smtp, institutions, ...web } = after.urls;
    expect(Object.values(institutions)).toEqual(
      Array.from({ length: 50 }, (_, place) => `http://127.0.0.1:${base + 20 + place}`),
    );
    for (const url of [...Object.values(web), ...Object.values(institutions)])
      expect(await (await fetch(`${url}/__sim/health`)).text()).toBe('ok');

    await Promise.all([post, register, portal, registry].map((adapter) => adapter.close()));
    after.child.kill('SIGTERM');
    expect(await once(after.child, 'exit')).toEqual([0, null]);
    expect(await isFree(base)).toBe(true);
  });

  it('closes what it has started when one port is taken', async () => {
    const base = await freeBase();
    const taken = createServer();
    await new Promise<void>((ready) => taken.listen(base + 8, '127.0.0.1', () => ready()));
    const ports = Object.fromEntries(portNames.map((name, place) => [name, base + place]));
    await expect(startSimulators({ ports })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    const free = await Promise.all(portNames.map((_, place) => isFree(base + place)));
    expect(free).toEqual(portNames.map((_, place) => place !== 8));
    await new Promise((done) => taken.close(done));
  });

  it('reads a log whose last line was cut off by a kill', async () => {
    const first = await startSimulators({ folder });
    const post = mailer({ ...first.urls.smtp, from: 'registrar@bth.example', timeoutMs: 5_000 });
    await post.send({ to: 'eva@bth.example', subject: 'Hej', text: 'Hej', messageId: '<1@bth.example>', language: 'sv' });
    await first.close();
    appendFileSync(join(folder, 'mailbox.log'), '{"at":"2026-11-12T09:00:00Z","event":"mail","subj');
    const second = await startSimulators({ folder });
    expect(second.simulators.mailbox.messages()).toHaveLength(1);
    await second.close();
    expect(readFileSync(join(folder, 'mailbox.log'), 'utf8').endsWith('}\n')).toBe(true);
  });
});
