import type { Database, Transaction } from '../prisma/client.js';
import { canonical } from './case/seal.js';
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
  readonly requestId?: string;
  readonly at: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * Appends to the institution's chain, in the transaction of the change (AU-01, AU-02). Takes the lock of the chain's head: call it last,
 * after the case is locked. The hash is made by the database over the text it stores.
 */
export async function append(tx: Transaction, event: AuditEvent): Promise<void> {
  await tx.$queryRaw`SELECT audit_append(${event.institution}, ${event.caseId}::uuid, ${entryOf(event)})`;
}

/** The text of an entry, as it is stored and hashed. */
export const entryOf = ({ institution: _institution, caseId, ...rest }: AuditEvent): string => canonical({ ...rest, case: caseId });

/** What `npm run audit:verify` answers: every chain proven, or the first row that is wrong and why. */
export type ChainReport =
  | { readonly ok: true; readonly institution: string; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly institution: string; readonly seq: string; readonly why: 'gap' | 'link' | 'hash' | 'head' | 'case-differs' | 'case-missing' };

const PAGE = 5_000;

/** Walks one institution's chain from the first entry to the head, and finds cases that are in the audit and nowhere else. */
export async function verifyChain(db: Database, institution: string): Promise<ChainReport> {
  let previous = '0'.repeat(64);
  let seq = 0n;
  for (let doubted = false; ; ) {
    const page = await db.$queryRaw<{ seq: bigint; previous_hash: string; hash: string; right: string; case_differs: boolean }[]>`
      SELECT seq, previous_hash, hash, case_id::text IS DISTINCT FROM entry::jsonb->>'case' AS case_differs, encode(sha256(convert_to(previous_hash || entry, 'UTF8')), 'hex') AS right
      FROM audit_entries WHERE institution = ${institution} AND seq > ${seq} ORDER BY seq LIMIT ${PAGE}`;
    for (const row of page) {
      const bad = row.seq !== seq + 1n ? 'gap' : row.previous_hash !== previous ? 'link' : row.hash !== row.right ? 'hash' : row.case_differs ? 'case-differs' : undefined;
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
  return { ok: true, institution, entries: Number(seq), head: previous };
}

/**
 * What comparing with the registry system's copy comes to: equal as far as the copy goes, and how many entries wait to be handed over; or the first entry
 * that is another there than here, or missing in one of the two.
 */
export type CopyReport =
  | { readonly ok: true; readonly institution: string; readonly compared: number; readonly waiting: number }
  | { readonly ok: false; readonly institution: string; readonly seq: string; readonly why: 'differs' | 'missing-here' | 'missing-there' };

/**
 * Holds one institution's chain against what was handed over to the registry system (AU-01): a chain that was cut off or written anew as a whole proves
 * itself, but not against a copy that somebody else keeps. Throws what `entriesAfter` throws.
 */
export async function compareWithCopy(db: Database, registry: Pick<RegistrySystem, 'entriesAfter'>, institution: string): Promise<CopyReport> {
  let seq = 0;
  for (;;) {
    const there = await registry.entriesAfter(institution, seq);
    if (there.length === 0) break;
    const rows = await db.auditEntry.findMany({ where: { institution, seq: { gt: seq } }, orderBy: { seq: 'asc' }, take: there.length });
    for (const [place, copy] of there.entries()) {
      const own = rows[place];
      seq += 1;
      const here = Number(own?.seq) === seq;
      const why = copy.seq !== seq ? 'missing-there' : !own || !here ? 'missing-here' : own.hash !== copy.hash || own.entry !== copy.entry ? 'differs' : undefined;
      if (why) return { ok: false, institution, seq: String(seq), why };
    }
  }
  return { ok: true, institution, compared: seq, waiting: await db.auditEntry.count({ where: { institution, seq: { gt: seq } } }) };
}
