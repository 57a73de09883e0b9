import type { ZodType } from 'zod';
import type { Definition, Rules } from '../../workflows/process.js';
import * as registry from '../../workflows/processes.js';
import type { Store } from './store.js';
import type { Secrets } from '../secrets.js';
import { approvalStore } from '../approval/store.js';
import { complaintStore } from '../complaint/store.js';
import { delegationStore } from '../delegation/store.js';
import type { Ourselves } from '../exchange/ourselves.js';
import { exchangeStore } from '../exchange/store.js';
import { resultListStore } from '../result-list/store.js';
import { subscriptionStore } from '../subscription/store.js';

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
const storesOf = (secrets: Secrets, own?: Ourselves): Readonly<Record<string, Store>> => ({
  'result-list': resultListStore(secrets),
  subscription: subscriptionStore,
  delegation: delegationStore,
  complaint: complaintStore,
  approval: approvalStore,
  exchange: exchangeStore(own),
});

/**
 * Makes the registry usable: by kind, with tables, and checked that every command people give has a schema and every command a
 * rule. `own`: who we are in the exchange of results; without it nothing can be ordered there.
 */
export function processesFrom(
  secrets: Secrets,
  registered: Readonly<Record<string, unknown>> = registry,
  own?: Ourselves,
): Processes {
  const stores = storesOf(secrets, own);
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
