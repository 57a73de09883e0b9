import type { ZodType } from 'zod';
import type { Definition, Rules } from '../../workflows/process.js';
import * as registry from '../../workflows/processes.js';
import type { Store } from './store.js';
import type { Secrets } from '../secrets.js';
import { resultListStore } from '../result-list/store.js';

/** A process as the rooms outside the sandbox need it. */
export interface Process {
  /** Name of the workflow function: the name in the registry. */
  readonly workflow: string;
  readonly definition: Definition;
  readonly rules: Rules<unknown, unknown, unknown>;
  readonly schema: { readonly birth: ZodType; readonly commands: Readonly<Record<string, ZodType>> };
  readonly store?: Store;
}

/** All processes by kind. */
export type Processes = ReadonlyMap<string, Process>;

type Registered = Pick<Process, 'definition' | 'rules' | 'schema'>;

/** Tables of those processes that have any. */
const storesOf = (secrets: Secrets): Readonly<Record<string, Store>> => ({ 'result-list': resultListStore(secrets) });

/** Makes the registry usable: by kind, with tables, and checked that every command people give has a schema and every command a rule. */
export function processesFrom(secrets: Secrets, registered: Readonly<Record<string, unknown>> = registry): Processes {
  const stores = storesOf(secrets);
  return new Map(
    Object.entries(registered as Record<string, Registered>).map(([workflow, { definition, rules, schema }]) => {
      for (const [name, words] of Object.entries(definition.commands)) {
        if (!rules.commands[name]) throw new Error(`${definition.kind} has no rule for ${name}`);
        if (!words.by.system && !schema.commands[name]) throw new Error(`${definition.kind} has no schema for ${name}`);
      }
      const store = stores[definition.kind];
      return [definition.kind, { workflow, definition, rules, schema, ...(store ? { store } : {}) }];
    }),
  );
}
