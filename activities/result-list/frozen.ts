import { createHmac, randomBytes } from 'node:crypto';
import type { CaseView } from '../../workflows/process.js';
import { checkDigits } from '../../workflows/rules/control-number.js';
import type { ListData } from '../../workflows/result-list/list.js';
import type { Transaction } from '../../prisma/client.js';
import { canonical, hashOf } from '../case/seal.js';
import { readRows, type StoredRow } from './rows.js';

/** A row as it is signed. The salt keeps its hash from being guessed, should the row be erased one day and only its hash be kept. */
interface FrozenRow {
  readonly salt: string;
  readonly row: StoredRow;
}

/** A version as it was laid before the signer. */
export interface Frozen {
  readonly header: {
    readonly list: string;
    readonly version: number;
    readonly kind: string;
    readonly course: string;
    readonly module?: string;
    readonly title?: string;
    readonly scale: string;
  };
  readonly rows: readonly FrozenRow[];
}

/** The hash that is signed: over the header and the hash of each salted row. */
export const frozenHash = (frozen: Frozen): string =>
  hashOf({ header: frozen.header, rows: frozen.rows.map((row) => hashOf(row)) });

const reported = (rows: readonly StoredRow[]) => rows.filter((row) => row.grade !== null);

const headerOf = (list: CaseView<ListData>): Frozen['header'] => ({
  list: list.number,
  version: list.version,
  kind: list.data.listKind,
  course: list.data.course.code,
  scale: list.data.scale.code,
  ...(list.data.module ? { module: list.data.module.code } : {}),
  ...(list.data.title === undefined ? {} : { title: list.data.title }),
});

/** Freezes the version of the list that is there now, once; returns its hash and content. Only rows with a grade are reported. */
export async function freeze(tx: Transaction, list: CaseView<ListData>): Promise<{ hash: string; frozen: Frozen }> {
  const there = await readFrozen(tx, list.id, list.version);
  if (there) return there;
  const rows = reported(await readRows(tx, list.id));
  const frozen: Frozen = { header: headerOf(list), rows: rows.map((row) => ({ salt: randomBytes(16).toString('hex'), row })) };
  const hash = frozenHash(frozen);
  await tx.$executeRaw`INSERT INTO frozen_versions (case_id, version, content, hash, frozen_at) VALUES (${list.id}::uuid, ${list.version}, ${canonical(frozen)}, ${hash}, now())`;
  return { hash, frozen };
}

/** A frozen version, if there is one. */
export async function readFrozen(
  tx: Transaction,
  caseId: string,
  version: number,
): Promise<{ hash: string; frozen: Frozen } | undefined> {
  const kept = await tx.frozenVersion.findUnique({ where: { caseId_version: { caseId, version } } });
  return kept ? { hash: kept.hash, frozen: JSON.parse(kept.content) as Frozen } : undefined;
}

/**
 * Hash of the rows as they are now, under the salts and in the order of the frozen version: equal to the frozen hash exactly when
 * nothing changed, whatever order they are shown in by now. Null where this version was never frozen.
 */
export async function currentHash(tx: Transaction, list: CaseView<ListData>): Promise<string | null> {
  const kept = await readFrozen(tx, list.id, list.version);
  if (!kept) return null;
  const places = new Map(kept.frozen.rows.map(({ row }, place) => [row.student, place]));
  const placeOf = (row: StoredRow) => places.get(row.student) ?? places.size;
  const rows = reported(await readRows(tx, list.id))
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((row) => ({ salt: kept.frozen.rows[placeOf(row)]?.salt ?? 'unknown', row }));
  return frozenHash({ header: headerOf(list), rows });
}

/**
 * The control number (kontrollnummer, RL-44, AU-04): eight digits of an HMAC over list number, version and content hash, and two
 * check digits. It stands on the archive list only.
 */
export function controlNumber(input: { list: string; version: number; hash: string }, secret: Buffer): string {
  const mac = createHmac('sha256', secret).update(`${input.list}\n${input.version}\n${input.hash}`).digest();
  const eight = String(mac.readBigUInt64BE(0) % 100_000_000n).padStart(8, '0');
  return eight + checkDigits(eight);
}
