import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { RegisterActivities } from '../../workflows/result-list/workflow.js';
import type { Troubled } from '../../workflows/case-workflow.js';
import { reportedOn, type ListData, type TransferState } from '../../workflows/result-list/list.js';
import type { Database } from '../../prisma/client.js';
import { beating } from '../beating.js';
import { readCase } from '../case/case-row.js';
import { isUp, watched } from '../health.js';
import type { Ladok } from '../ladok.js';
import { readArrival } from '../ladok/arrival.js';
import { PartnerUnavailable } from '../outbound.js';
import { transfer, type TransferReason } from '../ladok/transfer.js';
import { askForAttention, matchEvents } from './arrivals.js';
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
  /** A code of ours, or Ladok's own words for a refusal. */
  readonly reason?: string | undefined;
}

const decidedOtherwise: TransferReason = 'attested-with-other-content';
const decidedLater: TransferReason = 'attested-with-other-content-later';

/**
 * Keeps how far each row has come and why, where that is new, and what the event feed told before the id of its result was
 * stored; what is attested stays so. A row that comes to differ after a person has let the list go on says so.
 */
const keep = (
  db: Database,
  { caseId, institution, rows }: { caseId: string; institution: string; rows: readonly Standing[] },
): Promise<void> =>
  db.$transaction(async (tx) => {
    const found = await readCase(tx, { id: caseId }, true);
    const ended = found?.subject.state === 'arrived' || found?.subject.state === 'informed';
    const given = JSON.stringify(
      rows.map((row) => ({
        s: row.studentUid,
        t: row.state,
        u: row.resultUid ?? null,
        r: ended && row.reason === decidedOtherwise ? decidedLater : (row.reason ?? null),
      })),
    );
    await tx.$executeRaw`
      INSERT INTO row_transfers (case_id, student_uid, state, result_uid, reason, changed_at)
      SELECT ${caseId}::uuid, n.s, n.t, n.u, n.r, now() FROM jsonb_to_recordset(${given}::jsonb) AS n(s uuid, t text, u text, r text)
      ON CONFLICT (case_id, student_uid) DO UPDATE SET state = EXCLUDED.state, result_uid = coalesce(EXCLUDED.result_uid, row_transfers.result_uid),
        reason = EXCLUDED.reason, changed_at = now()
      WHERE row_transfers.state <> 'attested' AND NOT (${ended} AND row_transfers.state = 'differs') AND (row_transfers.state, row_transfers.result_uid, row_transfers.reason)
        IS DISTINCT FROM (EXCLUDED.state, coalesce(EXCLUDED.result_uid, row_transfers.result_uid), EXCLUDED.reason)`;
    await matchEvents(tx, institution, [caseId]);
  });

async function signedList(db: Database, caseId: string): Promise<Signed> {
  const found = await readCase(db, { id: caseId });
  const list = found?.subject.data as ListData | undefined;
  const kept = list?.signed && (await readFrozen(db, caseId, list.signed.version));
  if (!found || !list?.signed || !kept)
    throw ApplicationFailure.nonRetryable('a list that is not signed cannot be registered', 'not-signed');
  return {
    list,
    institution: found.subject.institution,
    signer: list.signed.by,
    enteredBy: list.entered?.by ?? list.signed.by,
    rows: kept.frozen.rows.map(({ row }) => ({
      student: row.student,
      grade: row.grade as string,
      examinationDate: row.examinationDate as string,
      score: row.score,
    })),
  };
}

/** Carries signed lists to Ladok and asks whether they arrived (RL-46). Sent, ready and attested are told apart, row by row. */
export function createRegister(deps: { db: Database; ladok: Ladok }): RegisterActivities {
  const { db, ladok } = deps;

  async function transferResults({
    caseId,
    attention = false,
  }: {
    caseId: string;
    attention?: boolean;
  }): Promise<Troubled | undefined> {
    const signed = await signedList(db, caseId);
    const trouble = async (cause: unknown): Promise<Troubled> => {
      if (cause instanceof PartnerUnavailable) throw cause;
      await db.$executeRaw`UPDATE cases SET needs_attention = true WHERE id = ${caseId}::uuid`;
      if (attention) throw cause;
      return { needsAttention: true };
    };
    const occasions = await db.courseOccasion.findMany({
      where: { institution: signed.institution, courseCode: signed.list.course.code },
    });
    return beating(() =>
      watched(db, 'ladok', async () => {
        const scale = await ladok.gradeScale(Number(signed.list.scale.id));
        const outcomes = await transfer({
          ladok,
          moduleInstanceUid: reportedOn(signed.list).uid,
          occasionUids: occasions.map((occasion) => occasion.uid),
          scale,
          title: signed.list.title,
          rows: signed.rows.map((row) => ({
            studentUid: row.student,
            gradeCode: row.grade,
            examinationDate: row.examinationDate,
            ...(row.score ? { score: row.score } : {}),
          })),
          ready: { markedBy: signed.enteredBy, deciders: [signed.signer] },
        });
        const rows = outcomes.map((row) => ({
          studentUid: row.studentUid,
          state: row.status,
          resultUid: row.resultUid,
          reason: row.message ?? row.reason,
        }));
        await keep(db, { caseId, institution: signed.institution, rows });
        return undefined;
      }),
    ).catch(trouble);
  }

  async function awaitAttestation({
    caseId,
    attention = false,
  }: {
    caseId: string;
    attention?: boolean;
  }): Promise<Troubled | undefined> {
    const signed = await signedList(db, caseId);
    const standing = await db.rowTransfer.findMany({ where: { caseId } });
    const open = standing.filter((row) => row.state !== 'attested' && row.state !== 'refused');
    const asked = signed.rows.flatMap((row) => {
      const waiting = open.find((one) => one.studentUid === row.student);
      return waiting
        ? [
            {
              studentUid: row.student,
              moduleInstanceUid: reportedOn(signed.list).uid,
              moduleCode: reportedOn(signed.list).code,
              gradeCode: row.grade,
              examinationDate: row.examinationDate,
              ...(waiting.resultUid ? { resultUid: waiting.resultUid } : {}),
            },
          ]
        : [];
    });
    // Of a register that is away one question is asked, and not one for each row: others wait for this place.
    if (asked.length > 0 && !(await isUp(db, 'ladok'))) await watched(db, 'ladok', () => ladok.probe());
    const arrivals =
      asked.length === 0 ? [] : await beating(() => watched(db, 'ladok', () => readArrival({ ladok, rows: asked })));
    const told = arrivals.filter((row) => row.status !== 'waiting');
    const rows = told.map((row) => ({
      studentUid: row.studentUid,
      state: row.status as TransferState,
      resultUid: row.resultUid,
      ...(row.status === 'differs' ? { reason: decidedOtherwise } : {}),
    }));
    await keep(db, { caseId, institution: signed.institution, rows });
    const left = await db.rowTransfer.findMany({ where: { caseId, state: { not: 'attested' } } });
    const differs = left.some((row) => row.state === 'differs');
    if (differs) await db.$transaction((tx) => askForAttention(tx, caseId, signed.institution));
    if (differs && !attention) return { needsAttention: true };
    if (left.length > 0)
      throw ApplicationFailure.create({
        message: 'not every row is attested yet',
        type: 'not-yet',
        nonRetryable: false,
        category: ApplicationFailureCategory.BENIGN,
      });
    return undefined;
  }

  return { transferResults, awaitAttestation };
}
