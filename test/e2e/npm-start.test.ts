import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createDatabase } from '../../prisma/client.js';
import { alive, childrenOf, portsFrom, ready, start, type Started } from '../support/npm-start.js';
import { freePorts } from '../support/ports.js';
import { eventually } from '../support/university.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(path.join(tmpdir(), 'registrar-start-'));
const base = await freePorts(160);
const env = { ...process.env, REGISTRAR_DATA: path.join(folder, 'data'), ...portsFrom(base) };
const api = `http://127.0.0.1:${base}`;
const simulator = (place: number) => `http://127.0.0.1:${base + 10 + place}`;
const [ladok, bankId, mailbox, identityProvider] = [simulator(0), simulator(1), simulator(4), simulator(8)];

const children = () => childrenOf(env.REGISTRAR_DATA);

/** Kills a process that may have followed another one already. */
const kill = (pid: number) => {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ESRCH') throw cause;
  }
};

const run = promisify(execFile);

/** The blocks of a page: what to paste, and what is printed. */
const blocksOf = (text: string) =>
  [...text.matchAll(/```(sh)?\n([\s\S]*?)```/g)].map(([, sh, block]) => ({ paste: sh === 'sh', text: block ?? '' }));
const tryIt = blocksOf(/## Try it\n([\s\S]*?)\n## /.exec(readFileSync(path.join(root, 'README.md'), 'utf8'))?.[1] ?? '');
/** README's "Try it", and every page to be curled through, which begins with README's helpers. */
const pages = [
  { page: 'README.md', blocks: tryIt },
  ...readdirSync(path.join(root, 'docs'))
    .filter((file) => /^try-.*\.md$/.test(file))
    .map((file) => ({
      page: `docs/${file}`,
      blocks: [...tryIt.slice(0, 1), ...blocksOf(readFileSync(path.join(root, 'docs', file), 'utf8'))],
    })),
];
/** As pasted here: other ports, another place for the file, and a program that reads the number for the person. */
const pasted = (blocks: typeof tryIt): string =>
  blocks
    .filter((block) => block.paste)
    .map((block) => block.text)
    .join('\n')
    .replaceAll('127.0.0.1:8080', `127.0.0.1:${base}`)
    .replaceAll(/127\.0\.0\.1:91(\d\d)/g, (_all, place: string) => `127.0.0.1:${base + 10 + Number(place)}`)
    .replaceAll(/(?:archive|protocol)\.pdf/g, (file) => path.join(folder, file))
    .replace('read -r NUMBER', `NUMBER=$(node --import tsx test/support/printed-number.ts ${path.join(folder, 'archive.pdf')})`);
/** Ids, moments, today and the numbers of cases and records are others each time. */
const settled = (said: string) =>
  said
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-(?!0{11})[0-9a-f]{12}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<moment>')
    .replaceAll(/"due":\{.*?\}\}/g, '"due":"<deadline>"')
    .replaceAll(/"(number|exchange|seq)":"\d+"/g, '"$1":"<number>"')
    .replaceAll(/\/([a-z]+(?:-[a-z]+)*s)\/\d+/g, '/$1/<number>')
    .replaceAll(/"on":"\d{4}-\d\d-\d\d"/g, '"on":"<day>"')
    .trim()
    .split('\n')
    .filter(Boolean);

async function call(
  login: string,
  method: string,
  to: string,
  body?: unknown,
): Promise<{ status: number; body: any; headers: Headers; raw: ArrayBuffer }> {
  const token = (await (await fetch(`${identityProvider}/token/${login}`)).text()).trim();
  const answer = await fetch(`${api}${to}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  const raw = await answer.arrayBuffer();
  const json = /json/.test(answer.headers.get('Content-Type') ?? '');
  return {
    status: answer.status,
    headers: answer.headers,
    raw,
    body: json ? JSON.parse(Buffer.from(raw).toString()) : undefined,
  };
}

/** Ports that are free, so that nothing is in the way of what is asked. */
const { TEMPORAL_CLI_PATH: _own, ...free } = portsFrom(base + 80);

/** What a start says that is refused. */
async function refused(more: Record<string, string>): Promise<string> {
  const data = mkdtempSync(path.join(folder, 'other-'));
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'api/embedded.ts')], {
    cwd: root,
    env: { ...env, REGISTRAR_DATA: data, ...more },
  });
  let said = '';
  child.stderr.on('data', (piece: Buffer) => (said += piece.toString()));
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(1);
  return said.trim();
}

describe('npm start, over HTTP only', () => {
  let started: Started;
  let list = '';
  const version = async () => (await call('tove', 'GET', list)).body.version as number;
  const state = async () => (await call('karin', 'GET', list)).body.state as string;

  beforeAll(async () => {
    chmodSync(folder, 0o755);
    started = await ready(start(env));
  }, 240_000);
  afterAll(async () => {
    if (started.process.exitCode === null) started.process.kill('SIGINT');
    await started.ended;
    rmSync(folder, { recursive: true, force: true });
  });

  it('has played one list to its end, so that there is something to look at', async () => {
    const { body } = await call('tove', 'GET', '/result-lists');
    expect(body.items).toMatchObject([{ number: '1', state: 'informed' }]);
    expect(started.said()).toContain(`${api}/docs`);
    expect((await fetch(`${api}/docs`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${base + 2}`)).status).toBe(200);
  });

  it('RX-30 has ordered for one of the test persons, with the switches of the demonstration: module on, not reserved', async () => {
    const { state: ended, data } = await eventually(
      'the order ends',
      async () => {
        const { items } = (await call('stina', 'GET', '/exchanges')).body;
        const { body } = await call('stina', 'GET', `/exchanges/${items[0].number}`);
        return body.state !== 'running' && body;
      },
      30_000,
    );
    expect({ ended, data }).toMatchObject({ ended: 'complete', data: { asked: 50, brought: { results: 1 } } });
    const { items } = (await call('olle', 'GET', '/settings')).body;
    expect(
      items
        .filter(({ name }: { name: string }) => ['exchange-module', 'exchange-reserved'].includes(name))
        .map(({ value }: { value: boolean }) => value),
    ).toEqual([true, false]);
  });

  it.each(pages)(
    'does in bash what $page says to try, and prints what stands there',
    async ({ blocks }) => {
      const { stdout } = await run('bash', ['-c', pasted(blocks)], { cwd: root, timeout: 200_000 });
      expect(settled(stdout)).toEqual(
        settled(
          blocks
            .filter((block) => !block.paste)
            .map((block) => block.text)
            .join('\n'),
        ),
      );
    },
    240_000,
  );

  it('RL-36 takes a list to the examiner', async () => {
    const made = await call('tove', 'POST', '/result-lists', { kind: 'T33', course: 'YY2000', module: 'INL1' });
    list = made.headers.get('Location') ?? '';
    const order = await call('tove', 'POST', `${list}/fetch`, { from: 'term', term: '20262' });
    await eventually(
      'students are fetched',
      async () => (await call('tove', 'GET', order.headers.get('Location') ?? '')).body.state === 'done',
    );
    const { items } = (await call('tove', 'GET', `${list}/rows?limit=100`)).body;
    await call('tove', 'POST', `${list}/save`, {
      version: await version(),
      rows: items.map((row: any) => ({ student: row.student, grade: 'G', examinationDate: '2026-11-03' })),
    });
    const sent = await call('tove', 'POST', `${list}/send`, { version: await version() });
    expect(sent.body).toMatchObject({ case: { state: 'with-examiner' } });
  });

  it('goes on where it was when the parent alone was killed', async () => {
    const before = children();
    started.process.kill('SIGKILL');
    await started.ended;
    expect(before.filter(alive).length).toBeGreaterThan(0);
    started = await ready(start(env));
    expect(started.said()).toContain('which an earlier start had left running');
    expect(before.filter(alive)).toEqual([]);
    expect(await state()).toBe('with-examiner');
  }, 240_000);

  it('RL-40 signs with BankID after that', async () => {
    const order = await call('erik', 'POST', `${list}/order-bankid`, { version: await version() });
    const place = order.headers.get('Location') ?? '';
    await eventually('the order is open', async () => {
      const { body } = await call('erik', 'GET', place);
      if (!['ordered', 'started'].includes(body.state)) throw new Error(`the order ended as ${body.state} ${body.hintCode}`);
      return body.qr;
    });
    await fetch(`${bankId}/__sim/sign`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    const { proof } = await eventually('the signature arrives', async () => {
      const { body } = await call('erik', 'GET', place);
      return body.proof ? body : undefined;
    });
    expect((await call('erik', 'POST', `${list}/sign`, { version: await version(), proof })).body).toMatchObject({
      case: { state: 'signed' },
    });
  });

  it('goes on where it was when everything was killed at once', async () => {
    const all = [started.process.pid as number, ...children()];
    for (const pid of all) kill(pid);
    await started.ended;
    started = await ready(start(env));
    expect(await state()).toBe('signed');
  }, 240_000);

  it('RL-45 takes the control number from the printed archive list and carries the results to the student', async () => {
    const pdf = await call('karin', 'GET', `${list}/archive-list`);
    const file = path.join(folder, 'another.pdf');
    writeFileSync(file, Buffer.from(pdf.raw));
    const controlNumber = (
      await run(process.execPath, ['--import', 'tsx', 'test/support/printed-number.ts', file], { cwd: root })
    ).stdout.trim();
    expect((await call('karin', 'POST', `${list}/enter`, { controlNumber })).body).toMatchObject({
      case: { state: 'registering' },
    });
    await eventually('the register has it', async () => (await state()) === 'registered');
    await fetch(`${ladok}/__sim/attest-all`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
    await eventually('the students are told', async () => (await state()) === 'informed');
    const mails = (await (await fetch(`${mailbox}/messages?to=student20@student.bth.example`)).json()) as { subject: string }[];
    expect(mails.filter((mail) => mail.subject.includes('INL1'))).toHaveLength(1);
  }, 240_000);

  it('says in one sentence when a port is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((listening) => taken.once('listening', listening));
    const { port } = taken.address() as { port: number };
    const said = await Promise.all([
      refused({ ...free, API_PORT: String(port) }),
      refused({ ...free, SIM_PORT_BASE: String(port) }),
      refused({ ...free, API_PORT: free.TEMPORAL_UI_PORT }),
      refused({ ...free, METRICS_PORT: String(Number(free.SIM_PORT_BASE) + 30) }),
    ]);
    expect(said[0]).toMatch(new RegExp(`^Port ${port} is taken[^\\n]*API_PORT[^\\n]*$`));
    expect(said[1]).toMatch(
      new RegExp(
        `^Port ${port} is taken. Set SIM_PORT_BASE \\(now ${port}; thirteen ports from there, and fifty from ${port + 20}\\)[^\\n]*$`,
      ),
    );
    expect(said[2]).toBe(`API_PORT and TEMPORAL_UI_PORT both take port ${free.TEMPORAL_UI_PORT}. Set one of them to another.`);
    expect(said[3]).toMatch(
      /^METRICS_PORT and SIM_PORT_BASE \(now \d+;[^)]*\) both take port \d+\. Set one of them to another\.$/,
    );
    taken.close();
  });

  it("says in one sentence when a setting is wrong, or the database is somebody else's", async () => {
    const wrong = refused({ API_PORT: 'abc', POSTGRES_PORT: '70000', METRICS_PORT: '', SIM_PORT_BASE: '65500' });
    const foreign = new URL(process.env['TEST_POSTGRES_URL'] as string);
    const name = `foreign_${base}`;
    const db = createDatabase({ url: foreign.href, connections: 1 });
    await db.$executeRawUnsafe(`CREATE DATABASE ${name}`);
    foreign.pathname = `/${name}`;
    const other = createDatabase({ url: foreign.href, connections: 1 });
    await other.$executeRaw`CREATE TABLE somebody_elses (id int)`;
    await other.$disconnect();
    const theirs = await refused({ ...free, DATABASE_URL: foreign.href });
    expect(await wrong).toMatch(
      /^API_PORT \(now abc\), POSTGRES_PORT \(now 70000\), SIM_PORT_BASE \(now 65500\): ports are numbers[^\n]*$/,
    );
    expect(theirs).toMatch(
      new RegExp(`^The database at ${foreign.host}/${name} \\(DATABASE_URL\\) holds tables that are not Registrar's[^\\n]*$`),
    );
    await db.$executeRawUnsafe(`DROP DATABASE ${name}`);
    await db.$disconnect();
  });

  it('ends every process it started when it is interrupted', async () => {
    const pids = children();
    expect(pids.length).toBe(5);
    started.process.kill('SIGINT');
    expect(await started.ended).toBe(0);
    expect(pids.filter(alive)).toEqual([]);
  });
});
