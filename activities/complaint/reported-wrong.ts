import type { Transaction } from '../../prisma/client.js';

/**
 * The courses on which a wrong grade of whoever has or had one of these numbers was entered, and has been reported and not put
 * right (GC-29): until the exam office's own grade is in, and where it is that of a part until the exam office has checked that
 * the top was summed again (GC-26).
 */
export async function coursesReportedWrong(
  tx: Transaction,
  { institution, numbers }: { readonly institution: string; readonly numbers: readonly string[] },
): Promise<ReadonlySet<string>> {
  const rows = await tx.$queryRaw<{ course: string; top: string | null }[]>`
    SELECT s.course, c.data->'entry'->'top'->>'course' AS top FROM complaint_students s JOIN cases c ON c.id = s.case_id
    WHERE s.institution = ${institution} AND s.person_number = ANY (${[...numbers]}) AND c.closed_at IS NULL AND c.data->'wrong' IS NOT NULL
      AND (c.state <> 'to-check' OR jsonb_typeof(c.data->'entry'->'top') = 'object')`;
  return new Set(rows.flatMap(({ course, top }) => (top === null ? [course] : [course, top])));
}
