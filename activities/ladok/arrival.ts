import type { Ladok } from '../ladok.js';
import { LADOK_PARALLEL } from './call.js';
import { eachAtMost } from '../at-a-time.js';
import type { AttestedResult } from './terms.js';

/**
 * A row that was transferred. `resultUid` as the transfer answered it; `moduleCode` serves where Ladok's answer has no uid of the
 * module.
 */
export interface ArrivalRow {
  readonly studentUid: string;
  readonly moduleInstanceUid: string;
  readonly moduleCode: string;
  readonly gradeCode: string;
  readonly examinationDate: string;
  readonly resultUid?: string;
}

/**
 * `attested`: decided as we sent it. `differs`: decided otherwise, or a later result stands in its place. `waiting`: not decided
 * yet.
 */
export interface Arrival {
  readonly studentUid: string;
  readonly status: 'attested' | 'differs' | 'waiting';
  readonly resultUid?: string;
}

function arrivalOf(row: ArrivalRow, results: readonly AttestedResult[]): Arrival {
  const onModule = results.filter((r) =>
    r.moduleInstanceUid ? r.moduleInstanceUid === row.moduleInstanceUid : r.moduleCode === row.moduleCode,
  );
  const own = onModule.find((r) => r.resultUid !== undefined && r.resultUid === row.resultUid);
  const says = (r: AttestedResult) => r.gradeCode === row.gradeCode && r.date === row.examinationDate;
  const same = own ? (says(own) ? own : undefined) : onModule.find(says);
  const other = own ?? onModule.find((r) => r.date >= row.examinationDate);
  const found = same ?? other;
  return {
    studentUid: row.studentUid,
    status: same ? 'attested' : other ? 'differs' : 'waiting',
    ...(found?.resultUid && { resultUid: found.resultUid }),
  };
}

/**
 * Asks Ladok, student by student, whether results have been attested: the only sign that they have arrived (RL-46). An earlier
 * attempt that is attested with another grade is no answer. Reads only. Throws what the adapter throws.
 */
export function readArrival({ ladok, rows }: { ladok: Ladok; rows: readonly ArrivalRow[] }): Promise<Arrival[]> {
  const work = async (row: ArrivalRow) => arrivalOf(row, await ladok.attestedResults({ studentUid: row.studentUid }));
  return eachAtMost({ items: rows, atOnce: LADOK_PARALLEL, work });
}
