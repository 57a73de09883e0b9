import { readFileSync } from 'node:fs';
import { createCodec } from '../../activities/codec.js';
import type { University } from './university.js';

/**
 * Everything a university has kept anywhere but in the outside systems, as text: rows, log lines, and histories both raw and
 * decoded.
 */
export interface Traces {
  readonly rows: string;
  readonly log: string;
  readonly histories: string;
}

const isPayload = (value: object): value is { data: Uint8Array; metadata: Record<string, Uint8Array> } =>
  'metadata' in value && 'data' in value;

/** Reads it all. */
export async function tracesOf(at: University): Promise<Traces> {
  const { db, temporal } = at.world;
  const tables = await db.$queryRaw<
    { name: string }[]
  >`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1`;
  const rows = await Promise.all(
    tables.map(({ name }) => db.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t`)),
  );

  const codec = createCodec(at.config.payloadKeys);
  const told: string[] = [];
  const tell = async (value: unknown): Promise<void> => {
    if (typeof value === 'string') told.push(value);
    if (value instanceof Uint8Array) return void told.push(Buffer.from(value).toString('utf8'));
    if (typeof value !== 'object' || value === null) return;
    if (isPayload(value))
      for (const payload of await codec.decode([value]))
        told.push(Buffer.from(payload.data ?? new Uint8Array()).toString('utf8'));
    for (const part of Object.values(value)) await tell(part);
  };
  for await (const { workflowId, runId } of temporal.workflow.list())
    await tell(await temporal.workflow.getHandle(workflowId, runId).fetchHistory());
  return {
    rows: rows
      .flat()
      .map(({ row }) => row)
      .join('\n'),
    log: readFileSync(at.logFile, 'utf8'),
    histories: told.join('\n'),
  };
}
