import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const READY = 'Registrar runs.';

const free = (port: number) =>
  new Promise<boolean>((resolve) => {
    const probe = connect({ port, host: '127.0.0.1' });
    probe
      .once('connect', () => resolve((probe.destroy(), false)))
      .once('error', () => {
        const server = createServer().once('error', () => resolve(false));
        server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
      });
  });

/** A row of ports nobody uses. */
async function freeRow(length: number): Promise<number> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const all = await Promise.all(Array.from({ length }, (_, n) => free(base + n)));
    if (all.every(Boolean)) return base;
  }
}

/** Seconds from `npm start` to ready: the first time, with a new database and the sample played, and each later time. */
export async function warmStarts(input: {
  times: number;
  progress: (line: string) => void;
}): Promise<{ first: number; later: number[] }> {
  const folder = mkdtempSync(join(tmpdir(), 'registrar-warm-'));
  chmodSync(folder, 0o755);
  const base = await freeRow(80);
  const env = {
    ...process.env,
    REGISTRAR_DATA: join(folder, 'data'),
    API_PORT: String(base),
    METRICS_PORT: String(base + 1),
    WORKER_METRICS_PORT: String(base + 2),
    TEMPORAL_PORT: String(base + 3),
    TEMPORAL_UI_PORT: String(base + 4),
    POSTGRES_PORT: String(base + 5),
    SIM_PORT_BASE: String(base + 6),
  };
  const once = async (): Promise<number> => {
    const began = performance.now();
    const child = spawn(process.execPath, ['--import', 'tsx', join(root, 'api/embedded.ts')], {
      cwd: root,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    let said = '';
    const seconds = await new Promise<number>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr])
        stream.on('data', (piece: Buffer) => {
          said += piece.toString('utf8');
          if (said.includes(READY)) resolve((performance.now() - began) / 1_000);
        });
      void ended.then(() => reject(new Error(`npm start ended before it was ready:\n${said.slice(-2_000)}`)));
    });
    child.kill('SIGTERM');
    await ended;
    return seconds;
  };
  try {
    input.progress('npm start for the first time');
    const first = await once();
    const later = [];
    for (let n = 0; n < input.times; n += 1) {
      input.progress('npm start again');
      later.push(await once());
    }
    return { first, later };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
