import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Payload } from '@temporalio/common';
import { createCodec, type PayloadKeys } from '../../activities/codec.js';
import { canariesIn, canariesInBytes } from './canaries.js';
import type { University } from './university.js';

/** A history as `temporal workflow show --output json` writes it: payloads are base64 of what the codec made. */
export interface History {
  readonly events: readonly { readonly eventType: string; readonly [attributes: string]: unknown }[];
}

/** A payload in it. */
export interface WrittenPayload {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data?: string;
}

export const isPayload = (value: object): value is WrittenPayload =>
  typeof (value as WrittenPayload).metadata?.['encoding'] === 'string';

/** The payload as codecs take it. */
export const readPayload = ({ metadata, data }: WrittenPayload): Payload => ({
  metadata: Object.fromEntries(Object.entries(metadata).map(([name, text]) => [name, Buffer.from(text, 'base64')])),
  data: Buffer.from(data ?? '', 'base64'),
});

/** Asks the Temporal CLI for the history of one run, the newest unless it is named. */
export async function shownHistory(at: University, workflowId: string, runId?: string): Promise<History> {
  const { stdout } = await promisify(execFile)(
    process.env['TEST_TEMPORAL_BINARY'] as string,
    [
      'workflow',
      'show',
      '--workflow-id',
      workflowId,
      ...(runId ? ['--run-id', runId] : []),
      '--namespace',
      at.config.TEMPORAL_NAMESPACE,
      '--address',
      at.env['TEMPORAL_ADDRESS'] as string,
      '--output',
      'json',
    ],
    { maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout) as History;
}

/** The bytes of every payload in a written message, as they lie on the server. */
export function payloadsIn(value: unknown): Buffer[] {
  if (typeof value !== 'object' || value === null) return [];
  if (!Array.isArray(value) && isPayload(value)) return [Buffer.from(value.data ?? '', 'base64')];
  return Object.values(value).flatMap(payloadsIn);
}

/**
 * The same message with every payload in clear: its own encoding and its text. What was never encrypted, such as search
 * attributes, stays as it is.
 */
export async function decoded(value: unknown, keys: PayloadKeys): Promise<unknown> {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return Promise.all(value.map((one) => decoded(one, keys)));
  if (isPayload(value)) {
    const there = readPayload(value);
    const encrypted = Buffer.from(there.metadata?.['encoding'] ?? '').toString() === 'binary/registrar';
    const [clear] = encrypted ? await createCodec(keys).decode([there]) : [there];
    return {
      encoding: Buffer.from(clear?.metadata?.['encoding'] ?? '').toString(),
      text: Buffer.from(clear?.data ?? '').toString('utf8'),
    };
  }
  return Object.fromEntries(
    await Promise.all(Object.entries(value).map(async ([name, one]) => [name, await decoded(one, keys)] as const)),
  );
}

/** Canaries in a written message of Temporal: as it lies there, in the bytes of its payloads, and decoded. */
export async function canariesInMessage(message: unknown, keys: PayloadKeys): Promise<string[]> {
  const clear = JSON.stringify(await decoded(message, keys));
  const inBytes = payloadsIn(message).flatMap(canariesInBytes);
  return [
    ...new Set([...canariesIn(JSON.stringify(message).replace(/"data":"[^"]*"/g, '""')), ...inBytes, ...canariesIn(clear)]),
  ];
}
