import { Prisma, type Transaction } from '../../prisma/client.js';
import { contentOf } from '../case/command-row.js';
import { hashOf } from '../case/seal.js';

/** A row as somebody gave it, or as a fetch brought it. Of a student who was taken off there is the id alone. */
export interface EnteredRow {
  readonly student: string;
  readonly grade?: string | null;
  readonly examinationDate?: string | null;
  readonly score?: string | null;
  readonly notNow?: true;
}

/** One entry on a list: who said what of which rows, when, in whose name; `seq` is its place in the audit. */
export interface Entry {
  readonly seq: string;
  readonly at: string;
  readonly by: string;
  readonly for: string | null;
  readonly command: 'save' | 'correct' | 'remove' | 'fetched';
  readonly rows: readonly EnteredRow[];
  /** Whether it still says what the audit has bound. */
  readonly unchanged: boolean;
}

/** What was entered on a list, the oldest first, after a place in the audit: all of it, or what one student's row was about. */
export async function readEntries(
  tx: Transaction,
  ask: { caseId: string; student?: string | undefined; after: bigint; most: number },
): Promise<Entry[]> {
  const { student } = ask;
  const ofStudent = student
    ? Prisma.sql`AND (k.body->'body' @> ${JSON.stringify({ rows: [{ student }] })}::jsonb OR k.body->'body' @> ${JSON.stringify({ students: [student] })}::jsonb)`
    : Prisma.empty;
  const found = await tx.$queryRaw<
    {
      seq: bigint;
      entry: string;
      name: Entry['command'];
      salt: string;
      body: { readonly rows?: readonly EnteredRow[]; readonly students?: readonly string[] };
    }[]
  >`
    SELECT a.seq, a.entry, k.name, k.salt, k.body->'body' AS body
    FROM audit_entries a JOIN commands k ON k.key = (a.entry::jsonb->>'key')::char(64)
    WHERE a.case_id = ${ask.caseId}::uuid AND a.seq > ${ask.after} AND a.entry::jsonb->>'outcome' = 'done'
      AND k.name IN ('save', 'correct', 'remove', 'fetched') ${ofStudent} ORDER BY a.seq LIMIT ${ask.most}`;
  return found.map(({ seq, entry: text, name, salt, body }) => {
    const entry = JSON.parse(text) as { at: string; actor: string; content?: string; details?: { for?: string } };
    const rows = body.rows ?? (body.students ?? []).map((one) => ({ student: one }));
    return {
      seq: String(seq),
      at: entry.at,
      by: entry.actor,
      for: entry.details?.for ?? null,
      command: name,
      rows: student ? rows.filter((row) => row.student === student) : rows,
      unchanged: entry.content === contentOf({ salt, bodyHash: hashOf(body) }),
    };
  });
}
