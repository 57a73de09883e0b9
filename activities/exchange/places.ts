import { randomUUID } from 'node:crypto';
import type { Database } from '../../prisma/client.js';
import { gate } from '../at-a-time.js';

/** A place at which an institution is asked. */
export interface Place {
  /** Aborted when it may be somebody else's, for it could not be renewed in time: whoever holds it ends what they do there. */
  readonly lost: AbortSignal;
  /** Gives it back, when the database is back where it is away; one that is not given back ends by itself. Does not fail. */
  free(): Promise<void>;
}

/** Keeps to so many calls at a time to one institution, over all workers. */
export interface Places {
  /** Waits for a place, first come first served within this process. Throws the signal's reason when it is called off. */
  take(partner: string, atMost: number, signal: AbortSignal): Promise<Place>;
}

/** So long after a worker died its places are free again; one that lives renews them all the while. */
const LEASE_MS = 30_000;
const RENEWALS_A_LEASE = 6;
const LOOK_FIRST_MS = 25;
const LOOK_AT_MOST_MS = 500;
/** Statements about places of a process at a time: the commits share the pool. */
const STATEMENTS_AT_ONCE = 2;
const GIVE_BACK_AGAIN_MS = 1_000;

/** A place that this process holds. `ends`: until when it is ours at least, by the clock of the process. */
interface Held {
  ends: number;
  readonly losing: AbortController;
}

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
 * Places are rows in Postgres, leased by its clock and renewed while they are held. In a process only the first in the line of an
 * institution looks for one, and looks at once when one is given back here; so an institution that is slow costs one small
 * statement now and then, however many orders wait for it.
 */
export function createPlaces(db: Database, leaseMs: number = LEASE_MS): Places {
  const lines = new Map<string, Promise<void>>();
  const looking = new Map<string, () => void>();
  const stated = gate(STATEMENTS_AT_ONCE);
  const held = new Map<string, Held>();
  const everyMs = leaseMs / RENEWALS_A_LEASE;
  let renewing: NodeJS.Timeout | undefined;

  /**
   * Renews all that is held, and lets go what may be over before the next time: the calls at it end before somebody else's begin.
   */
  async function renew(): Promise<void> {
    const asked = performance.now();
    for (const [holder, { ends, losing }] of held)
      if (ends - everyMs <= asked && held.delete(holder)) losing.abort(new Error('the place could not be renewed'));
    if (held.size === 0) return stopRenewing();
    const renewed = await stated(
      () => db.$queryRaw<{ holder: string }[]>`
      UPDATE exchange_places SET until = now() + ${leaseMs} * interval '1 millisecond' WHERE holder = ANY (${[...held.keys()]}::uuid[]) RETURNING holder::text`,
    );
    for (const { holder } of renewed) {
      const one = held.get(holder);
      if (one) one.ends = asked + leaseMs;
    }
  }

  function stopRenewing(): void {
    clearInterval(renewing);
    renewing = undefined;
  }

  function hold(holder: string, since: number): AbortSignal {
    const losing = new AbortController();
    held.set(holder, { ends: since + leaseMs, losing });
    // What fails is tried again the next time: the database is away.
    renewing ??= setInterval(() => void renew().catch(() => undefined), everyMs).unref();
    return losing.signal;
  }

  async function lease(partner: string, atMost: number): Promise<Place | undefined> {
    const [holder, since] = [randomUUID(), performance.now()];
    const rows = await stated(
      () => db.$queryRaw<{ place: number }[]>`
      UPDATE exchange_places SET holder = ${holder}::uuid, until = now() + ${leaseMs} * interval '1 millisecond'
      WHERE partner = ${partner} AND place = (
        SELECT place FROM exchange_places WHERE partner = ${partner} AND place <= ${atMost} AND (holder IS NULL OR until < now()) ORDER BY place LIMIT 1 FOR UPDATE SKIP LOCKED)
      RETURNING place`,
    );
    const place = rows[0]?.place;
    if (place === undefined) return undefined;
    const lost = hold(holder, since);
    const free = async (): Promise<void> => {
      held.delete(holder);
      try {
        await stated(
          () =>
            db.$executeRaw`UPDATE exchange_places SET holder = NULL, until = NULL WHERE partner = ${partner} AND place = ${place} AND holder = ${holder}::uuid`,
        );
        looking.get(partner)?.();
      } catch {
        if (performance.now() < since + leaseMs) setTimeout(() => void free(), GIVE_BACK_AGAIN_MS).unref();
      }
    };
    return { lost, free };
  }

  const prepare = (partner: string, atMost: number) =>
    stated(
      () =>
        db.$executeRaw`INSERT INTO exchange_places (partner, place) SELECT ${partner}, generate_series(1, ${atMost}::int) ON CONFLICT DO NOTHING`,
    );

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
      const passed = mine.then(
        () => undefined,
        () => undefined,
      );
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
