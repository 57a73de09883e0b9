import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Payload } from '@temporalio/common';
import { createCodec } from '../../activities/codec.js';
import {
  canariesInMessage,
  isPayload,
  readPayload,
  shownHistory,
  type History,
  type WrittenPayload,
} from '../support/histories.js';
import { impatientServer } from '../support/impatient-server.js';
import { startServers } from '../support/servers.js';
import { openUniversity, type University } from '../support/university.js';
import { recordingKey, recordingKeys } from './key.js';
import { scenarios, type Scenario } from './scenarios.js';

/**
 * `npm run record -- <scenario…>`: goes the named ways through a university over HTTP and keeps the histories of their workflows,
 * as the Temporal CLI shows them, for `test/replay`. A recording is never overwritten: the next one of the same name carries its
 * day.
 */
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));

const freeName = (folder: string, name: string): string => {
  const dated = `${name}.${new Date().toISOString().slice(0, 10)}`;
  const names = [name, dated, ...Array.from({ length: 99 }, (_, i) => `${dated}.${i + 2}`)];
  const free = names.find((one) => !existsSync(join(folder, `${one}.json`)));
  if (!free) throw new Error(`${name} was recorded a hundred times today`);
  return join(folder, `${free}.json`);
};

const codec = createCodec(recordingKeys);
const machine = /^\d+@[\w.-]+$/;

/** Which process on which machine did it, and in which folder its code lay, says nothing to a replay. */
async function impersonal(value: unknown): Promise<unknown> {
  if (typeof value === 'string') return machine.test(value) ? 'recorded' : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map(impersonal));
  if (isPayload(value)) return withoutFolder(value);
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, one]) => [name, await impersonal(one)] as const)),
  );
}

async function withoutFolder(written: WrittenPayload): Promise<WrittenPayload> {
  const [clear] = await codec.decode([readPayload(written)]);
  const text = Buffer.from(clear?.data ?? '').toString('utf8');
  if (!text.includes(root)) return written;
  const [again] = await codec.encode([{ metadata: clear?.metadata, data: Buffer.from(text.replaceAll(root, '')) } as Payload]);
  const base64 = (bytes?: Uint8Array | null) => Buffer.from(bytes ?? '').toString('base64');
  return {
    metadata: Object.fromEntries(Object.entries(again?.metadata ?? {}).map(([name, bytes]) => [name, base64(bytes)])),
    data: base64(again?.data),
  };
}

/** One event a line: short, and still readable in a comparison. */
const written = ({ events }: History): string => `{"events":[\n${events.map((event) => JSON.stringify(event)).join(',\n')}\n]}\n`;

async function keep(at: University, name: string, scenario: Scenario): Promise<string> {
  const gone = await scenario.go(at);
  const { workflowId, runId } = typeof gone === 'string' ? { workflowId: gone, runId: undefined } : gone;
  const history = (await impersonal(await shownHistory(at, workflowId, runId))) as History;
  const found = await canariesInMessage(history, recordingKeys);
  if (found.length > 0) throw new Error(`the history of ${name} holds ${found.length} words about persons and is not kept`);
  const folder = join(here, scenario.process);
  mkdirSync(folder, { recursive: true });
  const file = freeName(folder, name);
  writeFileSync(file, written(history), { flag: 'wx' });
  return file;
}

async function recordOne(name: string, scenario: Scenario): Promise<string> {
  const server = scenario.impatient ? await impatientServer({ events: scenario.impatient }) : undefined;
  const at = await openUniversity({
    payloadKeys: recordingKey,
    versioned: true,
    ...(scenario.forgetful ? { maxCachedWorkflows: 0 } : {}),
    ...(server ? { address: server.address } : {}),
  });
  try {
    return await keep(at, name, scenario);
  } finally {
    await at.close();
    await server?.stop();
  }
}

async function record(names: readonly string[]): Promise<void> {
  const servers = await startServers();
  Object.assign(process.env, servers.env);
  try {
    for (const name of names) console.log(await recordOne(name, scenarios[name] as Scenario));
  } finally {
    await servers.stop();
  }
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(scenarios, name));
if (wanted.length === 0 || unknown.length > 0) {
  console.error(`Name what to record: ${Object.keys(scenarios).join(', ')}`);
  process.exit(1);
}
await record(wanted);
process.exit(0);
