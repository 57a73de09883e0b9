import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection, type DataConverter } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import proto from '@temporalio/proto';
import { searchAttributes } from '../workflows/case-workflow.js';
import { createCodec, type PayloadKeys } from './codec.js';

const RETENTION_DAYS = 30;

/**
 * Where Temporal is: by the SDK's own environment configuration (TEMPORAL_ADDRESS, TEMPORAL_API_KEY, TEMPORAL_TLS…), or given.
 */
export interface TemporalAddress {
  readonly address?: string;
  readonly namespace: string;
}

/** Payloads and failures are encrypted on the way in and out. */
export const dataConverter = (keys: PayloadKeys): DataConverter => ({
  payloadCodecs: [createCodec(keys)],
  failureConverterPath: fileURLToPath(new URL('../workflows/failures.cjs', import.meta.url)),
});

/** Options to connect by the environment alone; where an `address` is given (embedded start, tests), by nothing of it. */
export const connectionOptions = (at: TemporalAddress) =>
  at.address ? { address: at.address } : loadClientConnectConfig().connectionOptions;

/** Opens a client. */
export async function connect(at: TemporalAddress & { keys: PayloadKeys }): Promise<Client> {
  const connection = await Connection.connect({ ...connectionOptions(at), connectTimeout: '10s' });
  return new Client({ connection, namespace: at.namespace, dataConverter: dataConverter(at.keys) });
}

/**
 * How long a worker that was just started may take until Temporal has heard of it, and a server until it answers all it is asked,
 * in ms: a busy machine takes long for both.
 */
const PATIENCE_MS = 60_000;
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
/** What may not be done with our credentials, or in no such way on this service. */
const DENIED = [7, 12, 16];
/** Cut, too late, not there: what a server that is only coming up answers, all of which the SDK does not try again. */
const CUT = [1, 4, 14];
const codeOf = (cause: unknown): number => {
  const { code, cause: within } = (cause ?? {}) as { code?: number; cause?: unknown };
  return code ?? (within === undefined ? -1 : codeOf(within));
};

/** Does what may be done twice, again for a minute where it fails in a way that is `worth` it: as far as is said, cut by the server. */
export async function patiently<T>(
  work: () => Promise<T>,
  worth: (cause: unknown) => boolean = (cause) => CUT.includes(codeOf(cause)),
): Promise<T> {
  for (const until = Date.now() + PATIENCE_MS; ; await sleep(100)) {
    try {
      return await work();
    } catch (cause) {
      if (!worth(cause) || Date.now() > until) throw cause;
    }
  }
}

/** Does what has to be made; where that is not allowed, says in a sentence what somebody who may has to make. */
const make = async (work: () => Promise<unknown>, otherwise: string): Promise<void> => {
  await work().catch((cause: unknown) => {
    if (DENIED.includes(codeOf(cause))) throw new Error(`${otherwise} It may not be done with these credentials.`, { cause });
    throw cause;
  });
};

/**
 * Makes the namespace fit: there, with closed histories of 30 days or more, and with our search attributes. What is there already
 * is left as it is. May be repeated. Throws an error that names what is missing and may not be made.
 */
export async function prepareNamespace(client: Client): Promise<void> {
  await patiently(() => ensureNamespace(client));
  await ensureSearchAttributes(client);
}

async function ensureNamespace(client: Client): Promise<void> {
  const { namespace } = client.options;
  const service = client.connection.workflowService;
  const retention = { seconds: RETENTION_DAYS * 24 * 60 * 60 };
  const there = await service.describeNamespace({ namespace }).catch((cause: unknown) => {
    if (codeOf(cause) !== NOT_FOUND) throw cause;
  });
  if (!there)
    return make(
      () =>
        service.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention as never }).catch((cause: unknown) => {
          if (codeOf(cause) !== ALREADY_EXISTS) throw cause;
        }),
      `Make the namespace ${namespace} in Temporal, with at least ${RETENTION_DAYS} days of retention.`,
    );
  if (Number(there.config?.workflowExecutionRetentionTtl?.seconds) >= retention.seconds) return;
  await make(
    () => service.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention as never } }),
    `Have the namespace ${namespace} in Temporal keep closed histories for at least ${RETENTION_DAYS} days.`,
  );
}

async function ensureSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const types = proto.temporal.api.enums.v1.IndexedValueType;
  const kinds = {
    KEYWORD: types.INDEXED_VALUE_TYPE_KEYWORD,
    DATETIME: types.INDEXED_VALUE_TYPE_DATETIME,
    BOOL: types.INDEXED_VALUE_TYPE_BOOL,
  } as const;
  const operator = (client.connection as Connection).operatorService;
  const add = async () => {
    const { customAttributes } = await operator.listSearchAttributes({ namespace });
    const missing = Object.values(searchAttributes).filter((key) => !(key.name in (customAttributes ?? {})));
    if (missing.length === 0) return;
    await operator.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((key) => [key.name, kinds[key.type]])),
    });
    throw new Error(`the search attributes of ${namespace} are still being added`);
  };
  // A namespace that was just made is heard of late.
  await patiently(add, (cause) => !DENIED.includes(codeOf(cause))).catch((cause: unknown) => {
    if (!DENIED.includes(codeOf(cause))) throw cause;
    return refuseWithoutSearchAttributes(client, cause);
  });
}

/** Where search attributes may be neither listed nor added, asking by them tells which are there. */
async function refuseWithoutSearchAttributes(client: Client, cause: unknown): Promise<void> {
  const { namespace } = client.options;
  const missing: string[] = [];
  for (const [name, type] of Object.entries(searchAttributeTypes()))
    await client.connection.workflowService
      .countWorkflowExecutions({ namespace, query: `${name} IS NULL` })
      .catch((unasked: unknown) => {
        if (codeOf(unasked) !== INVALID_ARGUMENT) throw unasked;
        missing.push(`${name} (${type})`);
      });
  if (missing.length > 0)
    throw new Error(
      `Add the search attributes ${missing.join(', ')} to the namespace ${namespace} in Temporal. It may not be done with these credentials.`,
      { cause },
    );
}

/** Names of the search attributes with their types, as the dev server's flag wants them. */
export const searchAttributeTypes = (): Record<string, string> => {
  const words = { KEYWORD: 'Keyword', DATETIME: 'Datetime', BOOL: 'Bool' } as const;
  return Object.fromEntries(Object.values(searchAttributes).map((key) => [key.name, words[key.type]]));
};
