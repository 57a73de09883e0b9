import { randomUUID } from 'node:crypto';
import type { Database } from '../../prisma/client.js';
import { gate } from './gate.js';

/** A place at which an institution is asked. */
export interface Place {
  /** Gives it back; one that is not given back ends by itself. */
  free(): Promise<void>;
}

/** Keeps to so many calls at a time to one institution, over all workers. */
export interface Places {
  /** Waits for a place, first come first served within this process. Throws the signal's reason when it is called off. */
  take(partner: string, atMost: number, signal: AbortSignal): Promise<Place>;
}

/** Longer than the two calls that one place is held for may take together (90 s each): whoever holds it still at its end is dead. */
const LEASE_MS = 200_000;
const LOOK_FIRST_MS = 25;
const LOOK_AT_MOST_MS = 500;
/** Statements about places of a process at a time: the commits share the pool. */
const STATEMENTS_AT_ONCE = 2;

/** Waits, or until called. */
function pause(ms: number): { readonly over: Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    end = () => {
      clearTimeout(timer);
      resolve();
    };
  });
  return { over, end };
}

/**
 * Places are rows in Postgres, leased by its clock. In a process only the first in the line of an institution looks for one, and looks at once when one is given
 * back here; so an institution that is slow costs one small statement now and then, however many orders wait for it.
 */
export function createPlaces(db: Database, leaseMs: number = LEASE_MS): Places {
  const lines = new Map<string, Promise<void>>();
  const looking = new Map<string, () => void>();
  const stated = gate(STATEMENTS_AT_ONCE);

  async function lease(partner: string, atMost: number): Promise<Place | undefined> {
    const holder = randomUUID();
    const rows = await stated(() => db.$queryRaw<{ place: number }[]>`
      UPDATE exchange_places SET holder = ${holder}::uuid, until = now() + ${leaseMs} * interval '1 millisecond'
      WHERE partner = ${partner} AND place = (
        SELECT place FROM exchange_places WHERE partner = ${partner} AND place <= ${atMost} AND (holder IS NULL OR until < now()) ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING place`);
    const place = rows[0]?.place;
    if (place === undefined) return undefined;
    const free = async () => {
      await stated(() => db.$executeRaw`UPDATE exchange_places SET holder = NULL, until = NULL WHERE partner = ${partner} AND place = ${place} AND holder = ${holder}::uuid`);
      looking.get(partner)?.();
    };
    return { free };
  }

  const prepare = (partner: string, atMost: number) =>
    stated(() => db.$executeRaw`INSERT INTO exchange_places (partner, place) SELECT ${partner}, generate_series(1, ${atMost}::int) ON CONFLICT DO NOTHING`);

  async function first(partner: string, atMost: number, signal: AbortSignal): Promise<Place> {
    for (let wait = LOOK_FIRST_MS; ; wait = Math.min(wait * 2, LOOK_AT_MOST_MS)) {
      signal.throwIfAborted();
      const place = await lease(partner, atMost);
      if (place) return place;
      if (wait === LOOK_FIRST_MS) await prepare(partner, atMost);
      const { over, end } = pause(wait);
      looking.set(partner, end);
      await over;
    }
  }

  return {
    take: async (partner, atMost, signal) => {
      const before = lines.get(partner) ?? Promise.resolve();
      const mine = before.then(() => first(partner, atMost, signal));
      const passed = mine.then(() => undefined, () => undefined);
      lines.set(partner, passed);
      try {
        return await mine;
      } finally {
        looking.delete(partner);
        if (lines.get(partner) === passed) lines.delete(partner);
      }
    },
  };
}
