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

/** Makes the namespace fit: there, with 30 days of closed histories, and with our search attributes. May be repeated. */
export async function prepareNamespace(client: Client): Promise<void> {
  const { namespace } = client.options;
  const service = client.connection.workflowService;
  const retention = { seconds: RETENTION_DAYS * 24 * 60 * 60 };
  try {
    await service.registerNamespace({ namespace, workflowExecutionRetentionPeriod: retention as never });
  } catch (cause) {
    if ((cause as { code?: number }).code !== 6) throw cause;
    await service.updateNamespace({ namespace, config: { workflowExecutionRetentionTtl: retention as never } });
  }
  const types = proto.temporal.api.enums.v1.IndexedValueType;
  const kinds = {
    KEYWORD: types.INDEXED_VALUE_TYPE_KEYWORD,
    DATETIME: types.INDEXED_VALUE_TYPE_DATETIME,
    BOOL: types.INDEXED_VALUE_TYPE_BOOL,
  } as const;
  const operator = (client.connection as Connection).operatorService;
  for (let attempt = 0; ; attempt += 1) {
    try {
      const { customAttributes } = await operator.listSearchAttributes({ namespace });
      const missing = Object.values(searchAttributes).filter((key) => !(key.name in (customAttributes ?? {})));
      if (missing.length === 0) return;
      await operator.addSearchAttributes({
        namespace,
        searchAttributes: Object.fromEntries(missing.map((key) => [key.name, kinds[key.type]])),
      });
    } catch (cause) {
      if (attempt >= 50) throw cause;
      await new Promise((later) => setTimeout(later, 200));
    }
  }
}

/** Names of the search attributes with their types, as the dev server's flag wants them. */
export const searchAttributeTypes = (): Record<string, string> => {
  const words = { KEYWORD: 'Keyword', DATETIME: 'Datetime', BOOL: 'Bool' } as const;
  return Object.fromEntries(Object.values(searchAttributes).map((key) => [key.name, words[key.type]]));
};
