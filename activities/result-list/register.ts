import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { RegisterActivities } from '../../workflows/result-list/workflow.js';
import type { ListData, TransferState } from '../../workflows/result-list/rules.js';
import type { Database } from '../../prisma/client.js';
import { append } from '../audit.js';
import { readCase } from '../case/case-row.js';
import { watched } from '../health.js';
import type { Ladok } from '../ladok.js';
import { readArrival } from '../ladok/arrival.js';
import { PartnerUnavailable } from '../outbound.js';
import { transfer } from '../ladok/transfer.js';
import { readFrozen } from './frozen.js';

interface Signed {
  readonly list: ListData;
  readonly signer: string;
  readonly enteredBy: string;
  readonly institution: string;
  readonly rows: readonly { student: string; grade: string; examinationDate: string; score: string | null }[];
}

/** A row's way in the register, as kept. */
interface Standing {
  readonly studentUid: string;
  readonly state: TransferState;
  readonly resultUid?: string | undefined;
  readonly reason?: string | undefined;
}

/** Keeps how far each row has come; what is attested stays so. */
async function keep(db: Database, caseId: string, rows: readonly Standing[]): Promise<void> {
  const given = JSON.stringify(rows.map((row) => ({ s: row.studentUid, t: row.state, u: row.resultUid ?? null, r: row.reason ?? null })));
  await db.$executeRaw`
    INSERT INTO row_transfers (case_id, student_uid, state, result_uid, reason, changed_at)
    SELECT ${caseId}::uuid, n.s, n.t, n.u, n.r, now() FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, t text, u text, r text)
    ON CONFLICT (case_id, student_uid) DO UPDATE SET state = EXCLUDED.state, result_uid = coalesce(EXCLUDED.result_uid, row_transfers.result_uid),
      reason = EXCLUDED.reason, changed_at = now() WHERE row_transfers.state <> 'attested'`;
}

async function signedList(db: Database, caseId: string): Promise<Signed> {
  const found = await readCase(db, { id: caseId });
  const list = found?.subject.data as ListData | undefined;
  const kept = list?.signed && (await readFrozen(db, caseId, list.signed.version));
  if (!found || !list?.signed || !kept) throw ApplicationFailure.nonRetryable('a list that is not signed cannot be registered', 'not-signed');
  return {
    list, institution: found.subject.institution, signer: list.signed.by, enteredBy: list.entered?.by ?? list.signed.by,
    rows: kept.frozen.rows.map(({ row }) => ({ student: row.student, grade: row.grade as string, examinationDate: row.examinationDate as string, score: row.score })),
  };
}

/** The register decided otherwise than was signed: a person has to look, and the audit says since when. */
const askForAttention = (db: Database, caseId: string, institution: string): Promise<void> =>
  db.$transaction(async (tx) => {
    const first = await tx.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${caseId}::uuid AND NOT needs_attention`;
    if (first > 0) await append(tx, { institution, caseId, actor: 'system', action: 'result-list.differs', outcome: 'done', rule: 'RL-46', at: new Date().toISOString() });
  });

/** Beats while work goes on that has no natural rhythm. */
async function beating<T>(work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const timer = setInterval(() => context.heartbeat(), 5_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Carries signed lists to Ladok and asks whether they arrived (RL-46). Sent, ready and attested are told apart, row by row. */
export function createRegister(deps: { db: Database; ladok: Ladok }): RegisterActivities {
  const { db, ladok } = deps;

  async function transferResults({ caseId }: { caseId: string }): Promise<void> {
    const signed = await signedList(db, caseId);
    const trouble = async (cause: unknown): Promise<never> => {
      if (!(cause instanceof PartnerUnavailable)) await db.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${caseId}::uuid`;
      throw cause;
    };
    const occasions = await db.courseOccasion.findMany({ where: { institution: signed.institution, courseCode: signed.list.course.code } });
    await beating(() => watched(db, 'ladok', async () => {
      const scale = await ladok.gradeScale(Number(signed.list.scale.id));
      const outcomes = await transfer({
        ladok, moduleInstanceUid: signed.list.module.uid, occasionUids: occasions.map((occasion) => occasion.uid), scale,
        rows: signed.rows.map((row) => ({ studentUid: row.student, gradeCode: row.grade, examinationDate: row.examinationDate, ...(row.score ? { score: row.score } : {}) })),
        ready: { markedBy: signed.enteredBy, deciders: [signed.signer] },
      });
      await keep(db, caseId, outcomes.map((row) => ({ studentUid: row.studentUid, state: row.status, resultUid: row.resultUid, reason: row.message ?? row.reason })));
    })).catch(trouble);
  }

  async function awaitAttestation({ caseId }: { caseId: string }): Promise<void> {
    const signed = await signedList(db, caseId);
    const standing = await db.rowTransfer.findMany({ where: { caseId } });
    const open = standing.filter((row) => row.state !== 'attested' && row.state !== 'refused');
    const asked = signed.rows.flatMap((row) => {
      const waiting = open.find((one) => one.studentUid === row.student);
      return waiting
        ? [{ studentUid: row.student, moduleInstanceUid: signed.list.module.uid, moduleCode: signed.list.module.code, gradeCode: row.grade, examinationDate: row.examinationDate, ...(waiting.resultUid ? { resultUid: waiting.resultUid } : {}) }]
        : [];
    });
    const arrivals = await beating(() => watched(db, 'ladok', () => readArrival({ ladok, rows: asked })));
    const told = arrivals.filter((row) => row.status !== 'waiting');
    await keep(db, caseId, told.map((row) => ({ studentUid: row.studentUid, state: row.status as TransferState, resultUid: row.resultUid })));
    if (told.some((row) => row.status === 'differs')) await askForAttention(db, caseId, signed.institution);
    const left = await db.rowTransfer.count({ where: { caseId, state: { not: 'attested' } } });
    if (left > 0)
      throw ApplicationFailure.create({ message: 'not every row is attested yet', type: 'not-yet', nonRetryable: false, category: ApplicationFailureCategory.BENIGN });
  }

  return { transferResults, awaitAttestation };
}
