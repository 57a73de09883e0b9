import type { Adopted } from '../../workflows/case-workflow.js';
import type { Birth, CaseView, Channel, Decision, Definition, DueReason, Promised, RoleName } from '../../workflows/process.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import { asDate, civilOrNull, Prisma, type Transaction } from '../../prisma/client.js';
import { entryOf, type AuditEvent } from '../audit.js';

interface Row {
  id: string;
  number: bigint;
  kind: string;
  institution: string;
  state: string;
  step: number;
  version: number;
  scope: string | null;
  data: unknown;
  waiting_for: string | null;
  due_on: Date | null;
  due_ends: Date | null;
  due_rule: string | null;
  due_why: DueReason | null;
  wakes_at: Date | null;
  needs_attention: boolean;
  created_by: string;
  zone: string;
}

/** A case with the zone its days are counted in. */
export interface Found {
  readonly subject: CaseView;
  readonly zone: string;
}

/** Reads a case; with `lock` no other command of this case is decided until the transaction ends. */
export async function readCase(
  tx: Transaction,
  by: { id: string } | { kind: string; number: string },
  lock = false,
): Promise<Found | undefined> {
  const where =
    'id' in by ? Prisma.sql`c.id = ${by.id}::uuid` : Prisma.sql`c.number = ${BigInt(by.number)} AND c.kind = ${by.kind}`;
  const rows = await tx.$queryRaw<Row[]>`
    SELECT c.id, c.number, c.kind, c.institution, c.state, c.step, c.version, c.scope, c.data, c.waiting_for, c.due_on, c.due_ends, c.due_rule,
           c.due_why, c.wakes_at, c.needs_attention, c.created_by, i.zone
    FROM cases c JOIN institutions i ON i.code = c.institution WHERE ${where} ${lock ? Prisma.sql`FOR UPDATE OF c` : Prisma.empty}`;
  const row = rows[0];
  return row && { subject: viewOf(row), zone: row.zone };
}

const viewOf = (row: Row): CaseView => ({
  id: row.id,
  number: String(row.number),
  kind: row.kind,
  institution: row.institution,
  state: row.state,
  step: row.step,
  version: row.version,
  scope: row.scope,
  data: row.data,
  waitingFor: row.waiting_for as RoleName | null,
  due:
    row.due_on && row.due_ends && row.due_rule
      ? {
          on: civilOrNull(row.due_on) as string,
          ends: row.due_ends.toISOString(),
          rule: row.due_rule,
          ...(row.due_why ? { why: row.due_why } : {}),
        }
      : null,
  wake: row.wakes_at?.toISOString() ?? null,
  needsAttention: row.needs_attention,
  createdBy: row.created_by,
});

/** A value for a column of JSON that may be empty. */
export const jsonOf = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));

/** What the workflow may know of a case. */
export const adoptedOf = (subject: CaseView, definition: Definition): Adopted => ({
  step: subject.step,
  state: subject.state,
  version: subject.version,
  waitingFor: subject.waitingFor,
  due: subject.due && { on: subject.due.on, ends: subject.due.ends, rule: subject.due.rule },
  ...(subject.wake ? { wake: subject.wake } : {}),
  needsAttention: subject.needsAttention,
  closed: definition.final.includes(subject.state),
});

/** Writes a case as it is born; answers its number: the next one, unless one was taken beforehand. */
export async function writeBirth(
  tx: Transaction,
  input: { id: string; number?: string; kind: string; institution: string; birth: Birth; by: string; at: Instant },
): Promise<string> {
  const { id, birth, at } = input;
  const number = input.number ?? (await takeNumber(tx));
  await tx.$executeRaw`
    INSERT INTO cases (id, number, kind, institution, state, scope, data, waiting_for, due_on, due_ends, due_rule, due_why, wakes_at, needs_attention, created_by, created_at, changed_at)
    VALUES (${id}::uuid, ${BigInt(number)}, ${input.kind}, ${input.institution}, ${birth.state}, ${birth.scope}, ${JSON.stringify(birth.data)}::jsonb,
            ${birth.waitingFor}, ${birth.due ? asDate(birth.due.on) : null}::date, ${birth.due?.ends ?? null}::timestamptz, ${birth.due?.rule ?? null},
            ${jsonOf(birth.due?.why)}::jsonb, ${birth.wake ?? null}::timestamptz, ${birth.needsAttention ?? false}, ${input.by}::uuid, ${at}::timestamptz, ${at}::timestamptz)`;
  return number;
}

/** A number that no other case gets (RL-02). One that is not used leaves a gap. */
export async function takeNumber(tx: Transaction): Promise<string> {
  const rows = await tx.$queryRaw<{ number: bigint }[]>`SELECT nextval('cases_number_seq') AS number`;
  return String(rows[0]?.number);
}

/**
 * Whether a promise of the case has to be looked at: it may have been kept or not, or never will be. A code by SMS is replaced by
 * who asked for it.
 */
export const troubled = (caseId: string | Prisma.Sql) =>
  Prisma.sql`EXISTS (SELECT FROM outbox WHERE case_id = ${caseId}::uuid AND channel <> 'sms' AND state IN ('uncertain', 'failed'))`;

/**
 * Writes all that a decision leaves in the tables every process has, in one statement, because each one is a way to the server
 * and back: the case, its promises, the outcome of the command, and the audit, whose chain so stays locked for a moment only.
 * Attention that the decision does not ask for stays while a promise is troubled; answers whether the case asks for it.
 */
export async function writeDecision(
  tx: Transaction,
  input: {
    next: CaseView;
    final: boolean;
    at: Instant;
    promises: Decision['promises'];
    key: string;
    outcome: unknown;
    event: AuditEvent;
  },
): Promise<{ readonly promised: Channel[]; readonly needsAttention: boolean }> {
  const { next, at, promises = [], event } = input;
  const rows = await tx.$queryRaw<{ needs_attention: boolean }[]>`
    WITH moved AS (
      UPDATE cases SET state = ${next.state}, step = ${next.step}, version = ${next.version}, data = ${JSON.stringify(next.data)}::jsonb,
        waiting_for = ${next.waitingFor}, due_on = ${next.due ? asDate(next.due.on) : null}::date, due_ends = ${next.due?.ends ?? null}::timestamptz,
        due_rule = ${next.due?.rule ?? null}, due_why = ${jsonOf(next.due?.why)}::jsonb, wakes_at = ${next.wake ?? null}::timestamptz,
        needs_attention = ${next.needsAttention}::boolean OR ${troubled(next.id)}, changed_at = ${at}::timestamptz,
        closed_at = CASE WHEN ${input.final} THEN coalesce(closed_at, ${at}::timestamptz) END
      WHERE id = ${next.id}::uuid RETURNING id, needs_attention
    ), promised AS (
      INSERT INTO outbox (institution, case_id, channel, key, payload)
      SELECT ${next.institution}, ${next.id}::uuid, p.channel, p.key, p.payload
      FROM jsonb_to_recordset(${JSON.stringify(promises)}::jsonb) AS p(channel text, key text, payload jsonb) ON CONFLICT (key) DO NOTHING
    ), decided AS (
      UPDATE commands SET outcome = ${JSON.stringify(input.outcome)}::jsonb, decided_at = ${at}::timestamptz WHERE key = ${input.key}
    )
    SELECT audit_append(${event.institution}, id, ${entryOf(event)}), needs_attention FROM moved`;
  return { promised: channelsOf(promises), needsAttention: rows[0]?.needs_attention ?? next.needsAttention };
}

const channelsOf = (promises: readonly Promised[]): Channel[] => [...new Set(promises.map((p) => p.channel))];

/** Writes what was promised to the world. The same key is promised once. */
export async function promise(
  tx: Transaction,
  input: { institution: string; caseId: string; promises: Decision['promises'] },
): Promise<Channel[]> {
  const promises = input.promises ?? [];
  if (promises.length === 0) return [];
  const rows = JSON.stringify(promises);
  await tx.$executeRaw`
    INSERT INTO outbox (institution, case_id, channel, key, payload)
    SELECT ${input.institution}, ${input.caseId}::uuid, p.channel, p.key, p.payload
    FROM jsonb_to_recordset(${rows}::jsonb) AS p(channel text, key text, payload jsonb) ON CONFLICT (key) DO NOTHING`;
  return channelsOf(promises);
}

/** Ways out with something still to deliver: for a commit that is repeated and a workflow that begins. */
export async function undelivered(tx: Transaction, caseId: string): Promise<Channel[]> {
  const rows = await tx.$queryRaw<
    { channel: Channel }[]
  >`SELECT DISTINCT channel FROM outbox WHERE case_id = ${caseId}::uuid AND state = 'pending'`;
  return rows.map((row) => row.channel);
}
