import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { readConfig } from '../../activities/config.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const sample = readFileSync(join(root, '.env.example'), 'utf8');
const composition = readFileSync(join(root, 'docker-compose.yml'), 'utf8');

interface Service {
  readonly image: string;
  readonly user?: string;
  readonly restart?: string;
  readonly command?: readonly string[] | null;
  readonly read_only?: boolean;
  readonly environment?: Readonly<Record<string, string | null>>;
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
  readonly healthcheck?: unknown;
  readonly ports?: readonly { host_ip?: string }[];
}
interface Composition {
  readonly services: Readonly<Record<string, Service>>;
  readonly configs: Readonly<Record<string, { content: string }>>;
}

const docker = (...words: string[]): Promise<{ code: number; out: string; err: string }> =>
  new Promise((resolve) => {
    const { PATH, HOME, DOCKER_CONFIG } = process.env;
    execFile('docker', words, { cwd: root, env: { PATH, HOME, DOCKER_CONFIG } }, (failure, out, err) => {
      resolve({ code: failure ? Number(failure.code) || 1 : 0, out, err });
    });
  });

const present = (await docker('compose', 'version')).code === 0;
if (!present) process.stderr.write('docker compose is not on this machine: what it makes of docker-compose.yml is SKIPPED\n');
const itWithDocker = present ? it : it.skip;

const secret = (name: string) => {
  if (name === 'MASTER_SECRET') return randomBytes(32).toString('base64');
  return name === 'PAYLOAD_KEYS' ? `k1:${randomBytes(32).toString('base64')}` : randomBytes(24).toString('hex');
};
const filled = sample.replaceAll(/^([A-Z_]+)=$/gm, (_line, name: string) => `${name}=${secret(name)}`);

let folder = '';
const read = async (): Promise<Composition> => JSON.parse((await config(filled)).out);
const config = async (settings: string) => {
  const file = join(folder, `${randomBytes(6).toString('hex')}.env`);
  await writeFile(file, settings);
  return docker('compose', '--env-file', file, 'config', '--format', 'json');
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'registrar-compose-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('the sample of settings', () => {
  it('names every setting that docker-compose.yml demands', () => {
    const demanded = new Set([...composition.matchAll(/\$\{([A-Z_]+):\?/g)].map((found) => found[1]));
    const named = new Set([...sample.matchAll(/^([A-Z_]+)=/gm)].map((found) => found[1]));
    expect(demanded.size).toBeGreaterThan(20);
    expect([...demanded].filter((name) => !named.has(name))).toEqual([]);
  });

  it('RL-47 names whom letters are from, for which there is no usual value', () => {
    const given = Object.fromEntries([...filled.matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name = '', value]) => [name, value]));
    const composed = { DATABASE_URL: 'postgresql://db', SMTP_HOST: 'mailpit', SMTP_PORT: '1025' };
    const files = { BANKID_ROOTS_FILE: 'roots.pem', EXCHANGE_KEY_FILE: 'our.key' };
    const complete = { ...given, ...composed, ...files };
    const settings = (without?: string) => readConfig({ ...complete, ...(without ? { [without]: undefined } : {}) });
    expect(settings()).toMatchObject({ MAIL_FROM: given['MAIL_FROM'], MAIL_HOST: given['MAIL_HOST'] });
    for (const name of ['MAIL_FROM', 'MAIL_HOST']) expect(() => settings(name)).toThrow(name);
  });

  it('holds no secret', () => {
    const secrets = [...sample.matchAll(/^([A-Z_]*(?:PASSWORD|SECRET|TOKEN|KEYS))=(.*)$/gm)];
    expect(secrets.length).toBeGreaterThan(7);
    expect(secrets.filter(([, , value]) => value !== '')).toEqual([]);
  });
});

describe('docker compose config', () => {
  itWithDocker('refuses a start while a secret is missing, and says which', async () => {
    const { code, err } = await config(filled.replace(/^MASTER_SECRET=.*$/m, 'MASTER_SECRET='));
    expect(code).not.toBe(0);
    expect(err).toMatch(/MASTER_SECRET/);
  });

  itWithDocker('accepts the sample once it is filled in', async () => {
    const { code, err, out } = await config(filled);
    expect(err).toBe('');
    expect(code).toBe(0);
    const { services } = JSON.parse(out) as Composition;
    expect(Object.keys(services).sort()).toEqual([
      'api',
      'mailpit',
      'postgres',
      'prepare',
      'roll-out',
      'temporal',
      'temporal-schema',
      'temporal-ui',
      'worker',
    ]);
    expect(services['postgres']?.image).toMatch(/^postgres:18\./);
    expect(
      Object.values(services)
        .filter(({ image }) => !/:v?\d+(\.\d+)+$/.test(image))
        .map(({ image }) => image),
    ).toEqual(Array.from({ length: 4 }, () => 'registrar:local'));
  });

  itWithDocker('gives API and worker settings that they accept', async () => {
    const { services } = await read();
    for (const name of ['api', 'worker', 'prepare', 'roll-out']) {
      const given = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, value ?? undefined]);
      const settings = readConfig(Object.fromEntries(given) as NodeJS.ProcessEnv);
      expect(settings.BANKID_ROOTS_FILE).toBe('/run/certificates/bankid-roots.pem');
      expect(settings.DATABASE_URL).toMatch(/^postgresql:\/\/registrar:[0-9a-f]{48}@postgres:5432\/registrar$/);
    }
  });

  itWithDocker('starts things in order, watches what runs, and opens ports on the loopback only', async () => {
    const { services } = await read();
    const healthy = { condition: 'service_healthy' };
    expect(services['prepare']?.depends_on).toMatchObject({ postgres: healthy, temporal: healthy });
    for (const name of ['api', 'worker'])
      expect(services[name]?.depends_on).toMatchObject({ prepare: { condition: 'service_completed_successfully' } });
    expect(services['roll-out']?.depends_on).toMatchObject({ worker: healthy });
    const running = Object.entries(services).filter(([, { restart }]) => restart === 'unless-stopped');
    expect(running.map(([name]) => name).sort()).toEqual(['api', 'mailpit', 'postgres', 'temporal', 'temporal-ui', 'worker']);
    expect(running.filter(([, { healthcheck }]) => !healthcheck)).toEqual([]);
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(2);
    expect(ports.filter((port) => port.host_ip !== '127.0.0.1')).toEqual([]);
  });

  itWithDocker('lets activities run eagerly, and decodes for the Temporal UI', async () => {
    const { services, configs } = await read();
    expect(configs['temporal-dynamic']?.content).toMatch(/^system\.enableActivityEagerExecution:\n\s+- value: true$/m);
    expect(services['temporal-ui']?.environment?.['TEMPORAL_CODEC_ENDPOINT']).toBe('https://registrar.bth.example/codec');
  });
});
