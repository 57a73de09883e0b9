import type { ComplaintData, ComplaintFacts } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';

type Subject = CaseView<ComplaintData>;

/** Complaints about one student on one course wait for each other here, until the transaction ends. */
export const lockResult = (
  tx: Transaction,
  { institution, student, course }: { readonly institution: string; readonly student: string; readonly course: string },
) => tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`complaint ${institution} ${student} ${course}`}, 0))::text`;

/**
 * Whether another open complaint about the same result has it blocked, and one of them without having found a block that was
 * there before any (GC-42). Of several that ask, each sees what those before it decided.
 */
export async function blockedByOthers(
  tx: Transaction,
  { id, institution, data }: Subject,
): Promise<Required<Pick<ComplaintFacts, 'blockedByOthers' | 'blockIsOurs'>>> {
  const mine = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: id } });
  await lockResult(tx, { institution, student: mine.studentNumber, course: mine.course });
  const rows = await tx.$queryRaw<{ ours: boolean }[]>`
    SELECT c.data->'entry'->'blocked' IS DISTINCT FROM 'true' OR c.data->'blockIsOurs' IS NOT DISTINCT FROM 'true' AS ours
    FROM complaint_students s JOIN cases c ON c.id = s.case_id
    WHERE s.institution = ${institution} AND s.course = ${mine.course} AND s.student_number = ${mine.studentNumber} AND s.case_id <> ${id}::uuid
      AND c.closed_at IS NULL AND c.data->'blocked' = 'true' AND (c.data->'protection' = '"block"' OR c.data->'wrong' IS NOT NULL)
      AND c.data->'unit' = ${JSON.stringify(data.unit)}::jsonb`;
  return { blockedByOthers: rows.length > 0, blockIsOurs: rows.some(({ ours }) => ours) };
}

/**
 * Whether an order to block or lift of another complaint about the same result is on its way to FS. Held until the transaction
 * ends, so that of two that ask one is told of the other.
 */
export async function blockUnderWay(tx: Transaction, { id, institution, data }: Subject): Promise<boolean> {
  const { studentNumber, course } = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: id } });
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`block ${institution} ${studentNumber} ${course}`}, 0))::text`;
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM complaint_students s JOIN cases c ON c.id = s.case_id JOIN orders o ON o.case_id = c.id JOIN outbox p ON p.case_id = c.id AND p.channel = 'order' AND p.payload->>'order' = o.id::text
    WHERE s.institution = ${institution} AND s.course = ${course} AND s.student_number = ${studentNumber} AND s.case_id <> ${id}::uuid AND c.data->'unit' = ${JSON.stringify(data.unit)}::jsonb
      AND o.name = 'block' AND o.state = 'open' AND o.began_at IS NOT NULL AND p.state = 'claimed' LIMIT 1`;
  return rows.length > 0;
}
