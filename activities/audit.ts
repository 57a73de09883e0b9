import type { Database, Transaction } from '../prisma/client.js';
import { contentOf } from './case/command-row.js';
import { canonical, hashOf } from './case/seal.js';
import type { RegistrySystem } from './registry-system.js';

/** One thing that happened, or was refused. Ids and facts, never names or grades: the audit outlives an erased person. */
export interface AuditEvent {
  readonly institution: string;
  readonly caseId: string | null;
  /** Case number as people say it. */
  readonly subject?: string;
  /** Person id, or `system`. */
  readonly actor: string;
  readonly action: string;
  readonly outcome: 'done' | 'refused';
  readonly rule?: string;
  readonly code?: string;
  readonly key?: string;
  /** Binds what the command of that key said, which rests with the command (`contentOf`). */
  readonly content?: string;
  readonly requestId?: string;
  readonly at: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Appends to the institution's chain, in the transaction of the change (AU-01, AU-02). Takes the lock of the chain's head: call
 * it last, after the case is locked. The hash is made by the database over the text it stores.
 */
export async function append(tx: Transaction, event: AuditEvent): Promise<void> {
  await tx.$queryRaw`SELECT audit_append(${event.institution}, ${event.caseId}::uuid, ${entryOf(event)})`;
}

/** Appends several entries in their order, in one statement, so that the chain stays locked for a moment only. */
export async function appendAll(tx: Transaction, events: readonly AuditEvent[]): Promise<void> {
  const rows = events.map((event) => ({ institution: event.institution, caseId: event.caseId, entry: entryOf(event) }));
  await tx.$queryRaw`
    SELECT audit_append(e.institution, e."caseId", e.entry) FROM (
      SELECT * FROM ROWS FROM (jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS (institution text, "caseId" uuid, entry text)) WITH ORDINALITY AS e(institution, "caseId", entry, place)
      ORDER BY place) e`;
}

/** The text of an entry, as it is stored and hashed. */
export const entryOf = ({ institution: _institution, caseId, ...rest }: AuditEvent): string =>
  canonical({ ...rest, case: caseId });

/** What `npm run audit:verify` answers: every chain proven, or the first row that is wrong and why. */
export type ChainReport =
  | { readonly ok: true; readonly institution: string; readonly entries: number; readonly head: string }
  | {
      readonly ok: false;
      readonly institution: string;
      readonly seq: string;
      readonly why: 'gap' | 'link' | 'hash' | 'head' | 'case-differs' | 'case-missing' | 'content-differs' | 'content-missing';
    };

const PAGE = 5_000;
const GENESIS = '0'.repeat(64);

interface Link {
  readonly seq: bigint;
  readonly previous_hash: string;
  readonly hash: string;
  readonly right: string;
  readonly case_differs: boolean;
}

const linksAfter = (db: Transaction, institution: string, seq: bigint, most: number) => db.$queryRaw<Link[]>`
  SELECT seq, previous_hash, hash, encode(sha256(convert_to(previous_hash || entry, 'UTF8')), 'hex') AS right,
    CASE WHEN hash = encode(sha256(convert_to(previous_hash || entry, 'UTF8')), 'hex') THEN case_id::text IS DISTINCT FROM entry::jsonb->>'case' ELSE false END AS case_differs
  FROM audit_entries WHERE institution = ${institution} AND seq > ${seq} ORDER BY seq LIMIT ${most}`;

const faultOf = (link: Link, before: { seq: bigint; hash: string }) =>
  link.seq !== before.seq + 1n
    ? 'gap'
    : link.previous_hash !== before.hash
      ? 'link'
      : link.hash !== link.right
        ? 'hash'
        : link.case_differs
          ? 'case-differs'
          : undefined;

/** A stretch of a chain: from its first entry to its last, between the hash it goes on from and the hash it ends with. */
export interface Segment {
  readonly from: string;
  readonly to: string;
  readonly before: string;
  readonly after: string;
}

/**
 * Walks a stretch of one institution's chain; the entry before it is the anchor. For everything from the first entry on:
 * `verifyChain`.
 */
export async function verifySegment(
  db: Transaction,
  { institution, from, to }: { institution: string; from: bigint; to: bigint },
): Promise<({ readonly ok: true } & Segment) | { readonly ok: false; readonly seq: string }> {
  const anchor =
    from === 1n
      ? GENESIS
      : (await db.auditEntry.findUnique({ where: { institution_seq: { institution, seq: from - 1n } } }))?.hash;
  if (anchor === undefined) return { ok: false, seq: String(from - 1n) };
  let last = { seq: from - 1n, hash: anchor };
  while (last.seq < to) {
    const page = await linksAfter(db, institution, last.seq, Math.min(PAGE, Number(to - last.seq)));
    if (page.length === 0) return { ok: false, seq: String(last.seq + 1n) };
    for (const link of page) {
      if (faultOf(link, last)) return { ok: false, seq: String(last.seq + 1n) };
      last = link;
    }
  }
  return { ok: true, from: String(from), to: String(to), before: anchor, after: last.hash };
}

/** How many bodies are read at a time: one may have a thousand rows. */
const BODIES = 200;

/** The first entry whose command says something else by now than it said when it was decided, or is gone (AU-01). */
async function changedContent(db: Transaction, institution: string): Promise<(ChainReport & { ok: false }) | undefined> {
  for (let seq = 0n; ;) {
    const page = await db.$queryRaw<{ seq: bigint; content: string; salt: string | null; body: unknown }[]>`
      SELECT a.seq, a.entry::jsonb->>'content' AS content, k.salt, k.body->'body' AS body
      FROM audit_entries a LEFT JOIN commands k ON k.key = (a.entry::jsonb->>'key')::char(64)
      WHERE a.institution = ${institution} AND a.seq > ${seq} AND a.entry::jsonb->>'content' IS NOT NULL ORDER BY a.seq LIMIT ${BODIES}`;
    for (const { content, salt, body, ...row } of page) {
      if (salt === null) return { ok: false, institution, seq: String(row.seq), why: 'content-missing' };
      if (contentOf({ salt, bodyHash: hashOf(body) }) !== content)
        return { ok: false, institution, seq: String(row.seq), why: 'content-differs' };
      seq = row.seq;
    }
    if (page.length < BODIES) return undefined;
  }
}

/**
 * Walks one institution's chain from the first entry to the head, and finds cases that are in the audit and nowhere else, and
 * commands that say something else than when they were decided.
 */
export async function verifyChain(db: Database, institution: string): Promise<ChainReport> {
  let previous = GENESIS;
  let seq = 0n;
  for (let doubted = false; ;) {
    const page = await linksAfter(db, institution, seq, PAGE);
    for (const row of page) {
      const bad = faultOf(row, { seq, hash: previous });
      if (bad) return { ok: false, institution, seq: String(seq + 1n), why: bad };
      previous = row.hash;
      seq = row.seq;
    }
    if (page.length === PAGE) continue;
    const head = await db.auditHead.findUnique({ where: { institution } });
    if ((head?.seq ?? 0n) === seq && (!head || head.hash === previous)) break;
    // Entries may have come in since the page was read. What the head tells of is there at the next look, or it is gone.
    if (doubted && page.length === 0) return { ok: false, institution, seq: String(seq + 1n), why: 'head' };
    doubted = true;
  }
  const lost = await db.$queryRaw<{ seq: bigint }[]>`
    SELECT min(a.seq) AS seq FROM audit_entries a LEFT JOIN cases c ON c.id = a.case_id
    WHERE a.institution = ${institution} AND a.case_id IS NOT NULL AND c.id IS NULL AND a.entry::jsonb->>'outcome' = 'done'
    HAVING count(*) > 0`;
  if (lost[0]) return { ok: false, institution, seq: String(lost[0].seq), why: 'case-missing' };
  const born = await db.$queryRaw<{ id: string }[]>`
    SELECT c.id FROM cases c WHERE c.institution = ${institution}
    AND NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.case_id = c.id) LIMIT 1`;
  if (born[0]) return { ok: false, institution, seq: String(seq), why: 'case-missing' };
  return (await changedContent(db, institution)) ?? { ok: true, institution, entries: Number(seq), head: previous };
}

/**
 * What comparing with the registry system's copy comes to: equal as far as the copy goes, and how many entries wait to be handed
 * over; or the first entry that is another there than here, or missing in one of the two.
 */
export type CopyReport =
  | { readonly ok: true; readonly institution: string; readonly compared: number; readonly waiting: number }
  | {
      readonly ok: false;
      readonly institution: string;
      readonly seq: string;
      readonly why: 'differs' | 'missing-here' | 'missing-there';
    };

/**
 * Holds one institution's chain against what was handed over to the registry system (AU-01): a chain that was cut off or written
 * anew as a whole proves itself, but not against a copy that somebody else keeps. Throws what `entriesAfter` throws.
 */
export async function compareWithCopy(
  db: Database,
  registry: Pick<RegistrySystem, 'entriesAfter'>,
  institution: string,
): Promise<CopyReport> {
  let seq = 0;
  for (;;) {
    const there = await registry.entriesAfter(institution, seq);
    if (there.length === 0) break;
    const rows = await db.auditEntry.findMany({
      where: { institution, seq: { gt: seq } },
      orderBy: { seq: 'asc' },
      take: there.length,
    });
    for (const [place, copy] of there.entries()) {
      const own = rows[place];
      seq += 1;
      const here = Number(own?.seq) === seq;
      const why =
        copy.seq !== seq
          ? 'missing-there'
          : !own || !here
            ? 'missing-here'
            : own.hash !== copy.hash || own.entry !== copy.entry
              ? 'differs'
              : undefined;
      if (why) return { ok: false, institution, seq: String(seq), why };
    }
  }
  return {
    ok: true,
    institution,
    compared: seq,
    waiting: await db.auditEntry.count({ where: { institution, seq: { gt: seq } } }),
  };
}
