import { refuse, type Refusal, type Text } from '../workflows/process.js';
import type { Transaction } from '../prisma/client.js';
import { mayEditPortal, type Portal } from './administration.js';
import type { Trace } from './case/once.js';

/**
 * RL-53: operations tell everybody something, from now or a moment to come, until a moment or until it is ended. Times are ISO
 * 8601.
 */
export async function setNotice(
  tx: Transaction,
  input: Portal & { text: Text; from: string | undefined; to: string | undefined },
  trace: Trace,
): Promise<{ readonly id: string; readonly from: string; readonly to: string | null } | Refusal> {
  const now = new Date();
  const from = input.from ? new Date(input.from) : now;
  const to = input.to ? new Date(input.to) : null;
  const inVain = to && (to <= from || to <= now);
  const no =
    (await mayEditPortal(tx, input, 'notice')) ?? (inVain ? refuse('invalid', 'RL-53', 'notice-already-over') : undefined);
  if (no) {
    await trace({ caseId: null, details: {} }, no);
    return no;
  }
  const { actor, text } = input;
  const { id } = await tx.notice.create({
    data: { institution: actor.institution, ...text, fromTime: from, toTime: to, setBy: actor.id },
  });
  await trace({ caseId: null, details: { notice: id, from: from.toISOString(), to: to?.toISOString() ?? null } });
  return { id, from: from.toISOString(), to: to?.toISOString() ?? null };
}

/** Ends a notice before its time, or one that has none. */
export async function endNotice(
  tx: Transaction,
  input: Portal & { id: string },
  trace: Trace,
): Promise<{ readonly id: string; readonly ended: true } | Refusal> {
  const { actor, id } = input;
  const traced = async (refusal: Refusal) => {
    await trace({ caseId: null, details: { notice: id } }, refusal);
    return refusal;
  };
  const no = await mayEditPortal(tx, input, 'end-notice');
  if (no) return traced(no);
  const ended = await tx.$executeRaw`
    UPDATE notices SET ended_at = now(), ended_by = ${actor.id}::uuid
    WHERE id = ${id}::uuid AND institution = ${actor.institution} AND ended_at IS NULL AND (to_time IS NULL OR to_time > now())`;
  if (ended === 0) return traced(refuse('missing', 'RL-53', 'no-such-notice'));
  await trace({ caseId: null, details: { notice: id } });
  return { id, ended: true };
}
