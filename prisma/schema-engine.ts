import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { Client, type QueryArrayResult } from 'pg';

/**
 * Puts a migration and the note that it was applied into one transaction. Prisma records the end in a transaction of its own: a
 * process killed between the two would leave a migration of which nobody knows whether it happened. A script that still runs
 * although its process was killed, and whose entry was given up since, is undone as a whole.
 */
const noted = (script: string): string => `SELECT set_config('registrar.migration',
  (SELECT id FROM "_prisma_migrations" WHERE finished_at IS NULL AND rolled_back_at IS NULL), true);
${script}
;DO $noted$ BEGIN
  UPDATE "_prisma_migrations" SET applied_steps_count = 1
    WHERE id = current_setting('registrar.migration') AND rolled_back_at IS NULL;
  IF NOT FOUND THEN RAISE EXCEPTION 'The migration was given up meanwhile, or contains a COMMIT'; END IF;
END $noted$`;

const databaseUrl = (url: string, database: string): string => {
  const changed = new URL(url);
  changed.pathname = `/${database}`;
  return changed.toString();
};

/** PostgreSQL refused the script of a migration; the message is its own. */
export class ScriptFailed extends Error {
  override readonly name = 'ScriptFailed';
}

/** PostgreSQL's type numbers of the one-byte `"char"` of its catalogue and of `text`. */
const ONE_BYTE_CHAR = 18;
const TEXT = 25;

function readOneByteChars(adapter: Awaited<ReturnType<PrismaPg['connect']>>): void {
  const columnsOf = new WeakMap<object, number[]>();
  const pool = adapter.underlyingDriver();
  const query = pool.query.bind(pool) as (...all: unknown[]) => Promise<QueryArrayResult>;
  pool.query = (async (...all: unknown[]) => {
    const result = await query(...all);
    const columns = (result.fields ?? []).flatMap((field, column) => (field.dataTypeID === ONE_BYTE_CHAR ? [column] : []));
    for (const field of result.fields ?? []) if (field.dataTypeID === ONE_BYTE_CHAR) field.dataTypeID = TEXT;
    if (columns.length > 0) columnsOf.set(result.rows, columns);
    return result;
  }) as typeof pool.query;
  const queryRaw = adapter.queryRaw.bind(adapter);
  adapter.queryRaw = async (sql) => {
    const result = await queryRaw(sql);
    for (const column of columnsOf.get(result.rows) ?? []) result.columnTypes[column] = ColumnTypeEnum.Character;
    return result;
  };
}

/**
 * Prisma's adapter with three of its habits replaced. It cuts scripts at every semicolon, which tears plpgsql functions apart:
 * here a script goes to the server whole, so each migration is one transaction. Its shadow database is the real one when a
 * connection string is given: here it is one of its own, dropped afterwards. And it cannot read `"char"`, which the engine asks
 * the catalogue for.
 */
function adapterFactory(url: string, opened: SqlDriverAdapter[], failures: Error[]): SqlMigrationAwareDriverAdapterFactory {
  const open = async (connectionString: string, wrap: (script: string) => string): Promise<SqlDriverAdapter> => {
    const factory = new PrismaPg({ connectionString, max: 1, connectionTimeoutMillis: 20_000 });
    const adapter = await factory.connect();
    readOneByteChars(adapter);
    adapter.executeScript = async (script) => {
      if (script.trim() === '') return;
      await adapter.executeRaw({ sql: wrap(script), args: [], argTypes: [] }).catch((cause: Error) => {
        const { originalMessage } = (cause.cause ?? {}) as { originalMessage?: string };
        failures.push(new ScriptFailed(originalMessage ?? cause.message, { cause }));
        throw cause;
      });
    };
    const dispose = adapter.dispose.bind(adapter);
    let disposed: Promise<void> | undefined;
    adapter.dispose = () => (disposed ??= dispose());
    opened.push(adapter);
    return adapter;
  };
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    connect: () => open(url, noted),
    connectToShadowDb: async () => {
      const name = `registrar_shadow_${randomUUID().replaceAll('-', '')}`;
      await inDatabase(url, (client) => client.query(`CREATE DATABASE "${name}"`));
      const shadow = await open(databaseUrl(url, name), (script) => script);
      const close = shadow.dispose;
      let dropped: Promise<void> | undefined;
      shadow.dispose = () =>
        (dropped ??= close().then(async () => {
          await inDatabase(url, (client) => client.query(`DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`));
        }));
      return shadow;
    },
  };
}

/** Runs `work` on one connection of its own, closed afterwards. */
export async function inDatabase<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 20_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

interface Bindings {
  SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: Record<string, unknown>): void;
}

/** As much of the global as is needed here: the types of Node leave it to the browser's. */
declare const WebAssembly: {
  instantiate(code: Uint8Array, imports: Record<string, unknown>): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let loading: Promise<Bindings> | undefined;
let panicked: string | undefined;

/**
 * Prisma's schema engine as WebAssembly. Its package expects a bundler that imports `.wasm`; this does by hand what that would
 * do.
 */
function loadEngine(): Promise<Bindings> {
  loading ??= (async () => {
    const bindings = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as Bindings;
    const folder = path.dirname(createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg'));
    const code = await readFile(path.join(folder, 'schema_engine_bg.wasm'));
    // The engine's own lock has a timer of 10 s that it never clears: it must not keep a process alive that is done.
    const imports = Object.entries(bindings).map(([name, value]) =>
      name.startsWith('__wbg_setTimeout_') ? [name, (run: () => void, ms: number) => setTimeout(run, ms).unref()] : [name, value],
    );
    const { instance } = await WebAssembly.instantiate(code, { './schema_engine_bg.js': Object.fromEntries(imports) });
    Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message: (text: string) => (panicked = text) } });
    bindings.__wbg_set_wasm(instance.exports);
    (instance.exports['__wbindgen_start'] as () => void)();
    return bindings;
  })();
  return loading;
}

/**
 * Runs `work` with Prisma's schema engine on a database. `schemaFile` is the path of `schema.prisma`. Throws ScriptFailed, else
 * Prisma's errors.
 */
export async function withEngine<T>(
  { url, schemaFile }: { readonly url: string; readonly schemaFile: string },
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const bindings = await loadEngine();
  const opened: SqlDriverAdapter[] = [];
  const failures: Error[] = [];
  const factory = bindMigrationAwareSqlAdapterFactory(adapterFactory(url, opened, failures));
  try {
    const datamodels: [string, string][] = [[schemaFile, await readFile(schemaFile, 'utf8')]];
    return await work(await bindings.SchemaEngine.new({ datamodels }, () => undefined, factory));
  } catch (cause) {
    if (panicked === undefined) throw failures[0] ?? cause;
    loading = undefined;
    throw new Error(`Prisma's schema engine broke down: ${panicked}`, { cause });
  } finally {
    panicked = undefined;
    await Promise.all(opened.map((adapter) => adapter.dispose()));
  }
}
