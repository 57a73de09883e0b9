import { z } from 'zod';
import { outbound } from './outbound.js';

/** An audit entry on its way to the registry system (AU-01). */
export interface RegistryEntry {
  readonly institution: string;
  /** Place in the institution's journal, from 1. */
  readonly seq: number | bigint;
  /** Instant, UTC. */
  readonly at: string;
  /** The stored text that was hashed, unchanged. */
  readonly entry: string;
  readonly hash: string;
  /** Hash of the entry before; the first has null, or what the chain begins with. */
  readonly previousHash: string | null;
}

const held = z.object({
  seq: z.int(),
  at: z.string(),
  entry: z.string(),
  hash: z.string().min(1),
  previousHash: z.string().nullable(),
});
const journal = z.object({ entries: z.array(held), last: z.object({ seq: z.int(), hash: z.string().min(1) }).nullable() });

/** An entry as the registry gives it back. */
export type HeldEntry = z.infer<typeof held>;

/** The registry system (diarium), which keeps a copy of the audit. */
export interface RegistrySystem {
  /**
   * Hands entries over one after the other, in the order given, and stops at the first that fails: what came before it is
   * recorded. Safe to repeat. Throws `PartnerUnavailable`, or `PartnerRefused`: 409 when the registry holds another
   * entry under that number, which no repeating will cure.
   */
  record(entries: readonly RegistryEntry[]): Promise<void>;
  /** The newest entry the registry holds for an institution, or undefined: where to go on. */
  last(institution: string): Promise<{ readonly seq: number; readonly hash: string } | undefined>;
  /** What the registry holds of an institution above that number, in order, as much as it gives at once; empty at the end. */
  entriesAfter(institution: string, seq: number): Promise<readonly HeldEntry[]>;
  /** Answers when the registry does. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The registry system in which entries and signings are logged (W3D3, AU-01). No protocol of it is public: this neutral
 * REST
 * is invented, and only the adapter would change for a real one. `token` goes as bearer token.
 */
export function registrySystem(partner: {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs: number;
}): RegistrySystem {
  const out = outbound({ name: 'registry system', baseUrl: partner.baseUrl.replace(/\/*$/, '/'), timeoutMs: partner.timeoutMs });
  const headers = { Authorization: `Bearer ${partner.token}`, Accept: 'application/json' };
  const of = (institution: string) => `journal/${encodeURIComponent(institution)}`;
  const read = (institution: string, after: number) => out.json(`${of(institution)}?after=${after}`, journal, { headers });

  return {
    async record(entries) {
      for (const { institution, seq, at, entry, hash, previousHash } of entries)
        await out.json(`${of(institution)}/${seq}`, z.object({}), {
          method: 'PUT',
          headers: { ...headers, 'Content-Type': 'application/json' },
          body: JSON.stringify({ at, entry, hash, previousHash }),
        });
    },
    last: async (institution) => (await read(institution, Number.MAX_SAFE_INTEGER)).last ?? undefined,
    entriesAfter: async (institution, seq) => (await read(institution, seq)).entries,
    probe: async () => void (await out.json('ping', z.object({}), { headers })),
    close: () => out.close(),
  };
}
