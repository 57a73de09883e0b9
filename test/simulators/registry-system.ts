import { bearer } from './bearer.js';
import { simulator, type Simulator } from './simulator.js';

export interface JournalEntry {
  seq: number;
  at: string;
  entry: string;
  hash: string;
  previousHash: string | null;
}
export interface RegistrySystem extends Simulator<object> {
  journal(institution: string): JournalEntry[];
}

const PAGE = 200;

const readEntry = (seq: number, body: Record<string, unknown>): JournalEntry | undefined => {
  const { at, entry, hash, previousHash } = body;
  if (!Number.isSafeInteger(seq) || seq < 1) return undefined;
  if (![at, entry, hash].every((value) => typeof value === 'string' && value !== '')) return undefined;
  if (previousHash !== null && typeof previousHash !== 'string') return undefined;
  return { seq, at, entry, hash, previousHash } as JournalEntry;
};

/**
 * A registry system such as W3D3, which keeps the journal of entries and signings. It has no public protocol: this REST is
 * invented, and a real registry's has to take its place.
 *
 * - `PUT /journal/{institution}/{seq}` with `{ at, entry, hash, previousHash }`: 201 the first time, 200 for the same hash again,
 *   409 for another hash under the same number. Nothing is ever changed or removed.
 * - `GET /journal/{institution}?after=<seq>` -> `{ entries, last, next }`: entries above `after` (0) in order, at most 200;
 *   `last` is
 *   the journal's newest `{ seq, hash }` or null, `next` the `after` of the next page or null. `GET /ping` -> `{}`.
 *
 * The entries are lines of the append-only log. All routes want `Authorization: Bearer`, any token unless `token` is given.
 */
export function registrySystemSimulator({ folder, token }: { folder?: string; token?: string } = {}): RegistrySystem {
  const base = simulator('registry-system', () => ({}), folder);
  const { app } = base;
  const journals = new Map<string, Map<number, JournalEntry>>();
  const keep = (institution: string, entry: JournalEntry) => {
    if (!journals.has(institution)) journals.set(institution, new Map());
    journals.get(institution)?.set(entry.seq, entry);
  };
  const journal = (institution: string) => [...(journals.get(institution)?.values() ?? [])].sort((a, b) => a.seq - b.seq);
  const kept = base.log.filter(({ event }) => event === 'entry');
  kept.forEach(({ institution, entry }) => keep(institution as string, entry as JournalEntry));
  app.use(bearer(token));

  app.get('/ping', (c) => c.json({}));

  app.put('/journal/:institution/:seq', async (c) => {
    const entry = readEntry(Number(c.req.param('seq')), await c.req.json());
    if (!entry) return c.json({ error: 'not an entry' }, 400);
    const institution = c.req.param('institution');
    const known = journals.get(institution)?.get(entry.seq);
    if (known) return known.hash === entry.hash ? c.json({}, 200) : c.json({ error: 'this number holds another entry' }, 409);
    base.note({ event: 'entry', institution, entry });
    keep(institution, entry);
    return c.json({}, 201);
  });

  app.get('/journal/:institution', (c) => {
    const after = Number(c.req.query('after') ?? 0);
    if (!Number.isSafeInteger(after)) return c.json({ error: 'after is no number' }, 400);
    const whole = journal(c.req.param('institution'));
    const newest = whole.at(-1);
    const left = whole.filter(({ seq }) => seq > after);
    const entries = left.slice(0, PAGE);
    return c.json({
      entries,
      last: newest ? { seq: newest.seq, hash: newest.hash } : null,
      next: left.length > entries.length ? (entries.at(-1)?.seq ?? null) : null,
    });
  });

  return { ...base, journal };
}
