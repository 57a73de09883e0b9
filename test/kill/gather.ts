import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import pg from 'pg';
import { verifyChain } from '../../activities/audit.js';
import { commandKey } from '../../activities/case/seal.js';
import { messageIdOf } from '../../activities/mail.js';
import { codeOf } from '../../activities/signing/code.js';
import { connect } from '../../activities/temporal.js';
import { createDatabase } from '../../prisma/client.js';
import type { AuditLine, CaseLine, ComplaintLine, Evidence, Operation, OutboxLine, SignatureLine } from './evidence.js';
import { callsAtOnce } from './fetches.js';
import type { Line } from './operation-log.js';
import type { System } from './system.js';

const sha256 = (value: unknown) =>
  createHash('sha256')
    .update(canonicalize(value) as string)
    .digest('hex');
const ms = (date: Date | null) => date?.getTime() ?? null;

/**
 * Reads what the checker judges: database and chain, the sinks' own logs, and Temporal. Knows nothing of what the product thinks
 * of itself.
 */
export async function gather(input: { system: System; lines: readonly Line[] }): Promise<Evidence> {
  const { system, lines } = input;
  const db = new pg.Client({ connectionString: system.config.DATABASE_URL });
  await db.connect();
  const rows = async (sql: string): Promise<any[]> => (await db.query(sql)).rows;
  try {
    const cases = (
      await rows('SELECT id, kind, number, state, step, version, data, closed_at, waiting_for FROM cases ORDER BY number')
    ).map((row): CaseLine & { data: any } => ({
      id: row.id,
      kind: row.kind,
      number: row.number,
      waitingFor: row.waiting_for,
      state: row.state,
      step: row.step,
      version: row.version,
      closed: row.closed_at !== null,
      data: row.data,
      signed: row.data.signed ? { version: row.data.signed.version, hash: row.data.signed.hash } : null,
      sentRows: 0,
    }));
    const codes = await rows('SELECT s.id, s.digits, c.number FROM signing_codes s JOIN cases c ON c.id = s.case_id');
    const codeMark = new Map(
      codes.map((row) => [`sms:${row.id}`, `${row.number} ${codeOf(row.id, row.digits, system.config.secrets.signingCode)}`]),
    );
    const marks = (row: { channel: string; key: string; payload: { to: string } }): string[] => {
      if (row.channel === 'sms') return [codeMark.get(row.key) ?? 'no such code'];
      return row.channel === 'mail'
        ? [messageIdOf({ promise: row.key, recipient: row.payload.to, host: system.config.MAIL_HOST })]
        : [];
    };
    const outbox = (await rows('SELECT case_id, channel, key, payload, state, problem, claimed_at, done_at FROM outbox')).map(
      (row): OutboxLine => ({
        caseId: row.case_id,
        channel: row.channel,
        key: row.key,
        state: row.state,
        claimedAt: ms(row.claimed_at),
        doneAt: ms(row.done_at),
        marks: marks(row),
        grading: row.payload.grading ?? null,
        overtaken: row.state === 'done' && row.problem === 'unneeded',
      }),
    );
    const owned = createDatabase({ url: system.config.DATABASE_URL, connections: 1 });
    const chain = await verifyChain(owned, system.config.INSTITUTION_CODE);
    await owned.$disconnect();
    const json = async (url: string): Promise<any[]> =>
      (await fetch(url, { headers: { Authorization: 'Bearer simulated' } })).json() as Promise<any[]>;
    const frozen = new Map(
      (await rows('SELECT case_id, version, content, hash FROM frozen_versions')).map((row) => [
        `${row.case_id}/${row.version}`,
        row,
      ]),
    );
    const [entries, filed, entered, documents] = await Promise.all([
      json(`${system.outside.fs}/__sim/protokoll`),
      json(`${system.outside.fs}/__sim/klager`),
      json(`${system.outside.fs}/__sim/entered`),
      json(`${system.outside.archive}/__sim/documents`),
    ]);
    const graded = await rows(
      "SELECT case_id, student_uid, grade, to_char(examination_date, 'YYYY-MM-DD') AS day, score FROM result_rows WHERE grade IS NOT NULL",
    );
    const signatures = (await rows('SELECT case_id, version, hash FROM signatures')).map((row): SignatureLine =>
      judged(row, frozen.get(`${row.case_id}/${row.version}`), graded),
    );
    const reported = (id: string) =>
      Number(
        JSON.parse(frozen.get(`${id}/${cases.find((one) => one.id === id)?.signed?.version}`)?.content ?? '{"rows":[]}').rows
          .length,
      );
    return {
      lines,
      outbox,
      chain,
      signatures,
      cases: cases.map(({ data: _data, ...one }) => ({ ...one, sentRows: reported(one.id) })),
      operations: operationsOf(lines, new Map(cases.map((one) => [one.number, one.id]))),
      commands: (await rows("SELECT key, name, outcome->>'status' AS status FROM commands")).map((row) => ({
        key: row.key,
        name: row.name,
        status: row.status,
      })),
      audit: (await rows('SELECT seq, case_id, entry FROM audit_entries ORDER BY seq')).map((row): AuditLine => ({
        seq: Number(row.seq),
        caseId: row.case_id,
        entry: JSON.parse(row.entry),
      })),
      transfers: (await rows('SELECT case_id, student_uid, state, result_uid FROM row_transfers')).map((row) => ({
        caseId: row.case_id,
        student: row.student_uid,
        state: row.state,
        resultUid: row.result_uid,
      })),
      complaints: (
        await rows(
          `SELECT c.id, c.number, c.data, s.student_number, u.first_grade, (SELECT g.id FROM complaint_gradings g WHERE g.case_id = c.id AND g.in_protocol_at IS NOT NULL ORDER BY g.in_protocol_at DESC LIMIT 1) AS standing FROM cases c JOIN complaint_students s ON s.case_id = c.id JOIN complaint_undisclosed u ON u.case_id = c.id`,
        )
      ).map((row) => complaintLine(row, entries, filed)),
      gradings: (await rows('SELECT id, case_id, grade, in_protocol_at, deleted_at FROM complaint_gradings')).map((row) => ({
        id: row.id,
        caseId: row.case_id,
        grade: row.grade,
        inProtocol: row.in_protocol_at !== null,
        deleted: row.deleted_at !== null,
      })),
      entered,
      documents,
      orders: await rows('SELECT id, name, body->>\'from\' AS "from", state FROM orders'),
      rows: (await rows('SELECT case_id, student_uid, person_number FROM result_rows')).map((row) => ({
        caseId: row.case_id,
        student: row.student_uid,
        personNumber: row.person_number,
      })),
      letters: (await json(`${system.outside.mailbox}/messages`)).map((letter) => letter.messageId),
      messages: (await json(`${system.outside.elks}/__sim/messages`)).map(
        ({ text }) => /resultatlista (\d+) är (\d+)/.exec(text)?.slice(1).join(' ') ?? 'not a code',
      ),
      register: (await json(`${system.outside.ladok}/__sim/log`)).flatMap((line) =>
        line.effect ? [{ effect: line.effect, resultUid: line.resultatUID }] : [],
      ),
      exchanges: (await rows("SELECT id, number, state, data FROM cases WHERE kind = 'exchange'")).map((row) => ({
        caseId: row.id,
        number: row.number,
        person: row.data.person,
        state: row.state,
        asked: row.data.asked,
      })),
      inquiries: (await rows('SELECT case_id, partner, round, state, outcome, details, answered_at FROM exchange_inquiries')).map(
        (row) => ({
          caseId: row.case_id,
          partner: row.partner,
          round: row.round,
          state: row.state,
          outcome: row.outcome,
          answeredAt: ms(row.answered_at),
          imported: Boolean(row.details?.brought),
        }),
      ),
      consents: (await rows('SELECT person_id, answer, entered_at FROM consents ORDER BY seq')).map((row) => ({
        person: row.person_id,
        answer: row.answer,
        at: row.entered_at.getTime(),
      })),
      held: (
        await rows(
          'SELECT s.person_id, s.partner, r.key, r.result FROM external_results r JOIN external_studies s ON s.id = r.study_id',
        )
      ).map((row) => ({ person: row.person_id, partner: row.partner, key: row.key, grade: row.result })),
      changes: (
        await rows(
          'SELECT c.case_id, s.person_id, s.partner, c.key, c.change FROM external_changes c JOIN external_studies s ON s.id = c.study_id',
        )
      ).map((row) => ({ caseId: row.case_id, person: row.person_id, partner: row.partner, key: row.key, change: row.change })),
      institutions: await Promise.all(
        Object.entries(system.outside.institutions).map(async ([code, url]) => ({
          code,
          allowed: callsAtOnce,
          most: ((await (await fetch(`${url}/__sim/calls`)).json()) as { most: number }).most,
        })),
      ),
      workflows: await workflowsOf(system),
      trouble: system
        .logOf('worker')
        .split('\n')
        .filter((line) => /TMPRL11|onDeterminism|Failing workflow task/.test(line))
        .slice(0, 20),
    };
  } finally {
    await db.end();
  }
}

/** A complaint beside what FS has of it and of the result that it is about. */
function complaintLine(
  { id, number, data, student_number: student, first_grade: first, standing }: any,
  entries: readonly any[],
  filed: readonly any[],
): ComplaintLine {
  const { course, version, combination, year, term } = data.unit;
  const entry = entries.find(({ key }) => key === [course, version, combination, year, term, student].join(','));
  return {
    caseId: id,
    number,
    decision: data.decision ?? null,
    finished: data.finished,
    blocked: data.blocked === true,
    grading: data.entering?.grading ?? standing,
    firstGrade: first,
    inFs: filed
      .filter((one) => one.eksternReferanse === `complaint/${number}`)
      .map(({ vedtak, ferdigbehandlet }) => ({ decision: vedtak, finished: ferdigbehandlet === 'J' })),
    protocol: entry
      ? { grade: entry.karakter, reference: entry.endring?.eksternReferanse ?? null, blocked: entry.sperretMotVisning === 'J' }
      : null,
  };
}

/** Recomputes a signed hash from the frozen text, and compares the frozen rows with those of today. */
function judged(signature: any, frozen: any, graded: readonly any[]): SignatureLine {
  const base = { caseId: signature.case_id, version: signature.version, hash: signature.hash };
  if (!frozen) return { ...base, frozenHash: null, recomputed: null, rowsUnchanged: false };
  const content = JSON.parse(frozen.content) as { header: unknown; rows: { row: any }[] };
  const now = graded
    .filter((row) => row.case_id === signature.case_id)
    .map((row) => JSON.stringify([row.student_uid, row.grade, row.day, row.score]))
    .sort();
  const then = content.rows.map(({ row }) => JSON.stringify([row.student, row.grade, row.examinationDate, row.score])).sort();
  return {
    ...base,
    frozenHash: frozen.hash,
    recomputed: sha256({ header: content.header, rows: content.rows.map((row) => sha256(row)) }),
    rowsUnchanged: JSON.stringify(now) === JSON.stringify(then),
  };
}

/** The log of operations, put together by command. */
export function operationsOf(lines: readonly Line[], caseIds: ReadonlyMap<string, string>): Operation[] {
  const of = new Map<number, Line[]>();
  for (const line of lines) if ('op' in line) of.set(line.op, [...(of.get(line.op) ?? []), line]);
  return [...of].flatMap(([op, said]): Operation[] => {
    const invoke = said.find((line) => line.event === 'invoke');
    if (invoke?.event !== 'invoke') return [];
    const { about, command, caller, idempotencyKey } = invoke;
    const what =
      'birth' in about ? about.birth : 'list' in about ? caseIds.get(about.list) : 'thing' in about ? about.thing : about.code;
    const end = said.find((line) => line.event === 'ok' || line.event === 'fail');
    return [
      {
        op,
        command,
        about,
        invokedAt: invoke.at,
        doubted: said.some((line) => line.event === 'info'),
        key: what === undefined ? null : commandKey({ caller, about: what, command, idempotencyKey }),
        final:
          end?.event === 'ok'
            ? { is: 'ok', at: end.at, status: end.status, answer: end.answer }
            : end?.event === 'fail'
              ? { is: 'fail', at: end.at, status: end.status, code: end.code }
              : { is: 'none' },
        again: said.flatMap((line) => (line.event === 'again' ? [line.same] : [])),
      },
    ];
  });
}

/** The workflows of all cases, and how they stand. */
export async function workflowsOf(system: System): Promise<Evidence['workflows']> {
  const client = await connect({
    namespace: system.config.TEMPORAL_NAMESPACE,
    keys: system.config.payloadKeys,
    address: system.temporalAddress,
  });
  try {
    const found = [];
    for await (const one of client.workflow.list({
      query: "WorkflowType IN ('resultList', 'complaint', 'approval', 'exchange')",
    })) {
      const described = one.status.name === 'RUNNING' ? await client.workflow.getHandle(one.workflowId).describe() : undefined;
      found.push({
        id: one.workflowId,
        status: described?.status.name ?? one.status.name,
        failingTask: (described?.raw.pendingWorkflowTask?.attempt ?? 0) > 3,
      });
    }
    return found;
  } finally {
    await client.connection.close();
  }
}
