import { createHash } from 'node:crypto';
import type { CaseView, Refusal } from '../../workflows/process.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { hashOf } from './seal.js';

/** What a caller is told, and told again for the same key. */
export type Outcome =
  | { readonly status: 'done'; readonly case: Snapshot; readonly answer?: Readonly<Record<string, unknown>> }
  | { readonly status: 'refused'; readonly refusal: Refusal };

/** The case as it stood right after the command. */
export interface Snapshot {
  readonly number: string;
  readonly kind: string;
  readonly state: string;
  readonly step: number;
  readonly version: number;
  readonly waitingFor: string | null;
  readonly due: CaseView['due'];
}

/** What the caller gave: the body, and the address they came from (BankID asks for it). */
export interface Given {
  readonly body: unknown;
  readonly from: string | null;
}

/** Writes down how a command ended. */
export const decided = (tx: Transaction, key: string, outcome: Outcome, at: Instant) =>
  tx.$executeRaw`UPDATE commands SET outcome = ${JSON.stringify(outcome)}::jsonb, decided_at = ${at}::timestamptz WHERE key = ${key}`;

/** A command as its caller wrote it down before it was sent on its way. */
export interface Written {
  readonly bodyHash: string;
  readonly salt: string;
  readonly outcome: Outcome | null;
}

/**
 * What binds the body of a command to the audit (AU-01): SHA-256 in hex over salt and hash of the body. The salt rests with the
 * command, so who has the audit alone guesses no grade by trying.
 */
export const contentOf = ({ salt, bodyHash }: Pick<Written, 'salt' | 'bodyHash'>): string =>
  createHash('sha256').update(`${salt}\n${bodyHash}`).digest('hex');

/**
 * Writes a command down under its key; says what is there, `known` where the key was. A body may have a thousand rows: its hash
 * is given where it was made already.
 */
export async function writeDown(
  tx: Transaction,
  input: {
    key: string;
    caseId: string | null;
    name: string;
    caller: string;
    body: unknown;
    bodyHash?: string;
    from: string | null;
  },
): Promise<Written & { readonly known: boolean }> {
  const bodyHash = input.bodyHash ?? hashOf(input.body);
  const [made] = await tx.$queryRaw<{ salt: string }[]>`
    INSERT INTO commands (key, case_id, name, caller, body, body_hash)
    VALUES (${input.key}, ${input.caseId}::uuid, ${input.name}, ${input.caller}, ${JSON.stringify({ body: input.body, from: input.from })}::jsonb, ${bodyHash})
    ON CONFLICT (key) DO NOTHING RETURNING salt`;
  if (made) return { bodyHash, salt: made.salt, outcome: null, known: false };
  const there = await written(tx, input.key);
  if (!there) throw new Error('a command that was there is gone');
  return { ...there, known: true };
}

const written = async (tx: Transaction, key: string): Promise<Written | undefined> => {
  const [row] = await tx.$queryRaw<
    { body_hash: string; salt: string; outcome: Outcome | null }[]
  >`SELECT body_hash, salt, outcome FROM commands WHERE key = ${key}`;
  return row && { bodyHash: row.body_hash, salt: row.salt, outcome: row.outcome };
};

/**
 * Writes a step down unless `most` others of its case are on their way. However many they are, a key that is decided has its
 * answer, and one that came with another body is told so.
 */
export async function takeIn(
  tx: Transaction,
  input: {
    key: string;
    caseId: string;
    name: string;
    caller: string;
    body: unknown;
    bodyHash: string;
    from: string | null;
    most: number;
  },
): Promise<Written | 'new' | 'busy'> {
  const rows = await tx.$queryRaw<{ busy: boolean; made: boolean }[]>`
    WITH under_way AS (
      SELECT count(*) AS n FROM commands WHERE case_id = ${input.caseId}::uuid AND outcome IS NULL AND key <> ${input.key} AND asked_at > now() - interval '30 seconds'
    ), made AS (
      INSERT INTO commands (key, case_id, name, caller, body, body_hash)
      SELECT ${input.key}, ${input.caseId}::uuid, ${input.name}, ${input.caller}, ${JSON.stringify({ body: input.body, from: input.from })}::jsonb, ${input.bodyHash}
      FROM under_way WHERE n < ${input.most} ON CONFLICT (key) DO NOTHING RETURNING key
    )
    SELECT n >= ${input.most} AS busy, EXISTS (SELECT FROM made) AS made FROM under_way`;
  if (rows[0]?.made) return 'new';
  const there = (await written(tx, input.key)) ?? 'new';
  const open = there === 'new' || (there.outcome === null && there.bodyHash === input.bodyHash);
  return rows[0]?.busy && open ? 'busy' : there;
}
