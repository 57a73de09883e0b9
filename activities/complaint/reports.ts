import type { ComplaintData, ComplaintDecision } from '../../workflows/complaint/complaint.js';
import type { ComplaintType } from '../../workflows/complaint/deadline.js';
import { MIDDLE, monthOf, orderOf, type AssessmentTime } from '../../workflows/complaint/period.js';
import type { Actor, RoleName } from '../../workflows/process.js';
import { civilOrNull, Prisma, type Transaction } from '../../prisma/client.js';
import { discloseAll, unseenBy } from './sight.js';

export type { ComplaintDecision, ComplaintType };

/** What a report is ordered for (GC-47..49). A period counts both its ends. */
export interface ReportFilter {
  readonly place?: string | undefined;
  readonly course?: string | undefined;
  readonly version?: string | undefined;
  readonly combination?: string | undefined;
  readonly campus?: string | undefined;
  readonly from?: AssessmentTime | undefined;
  readonly to?: AssessmentTime | undefined;
  readonly type?: ComplaintType | undefined;
  readonly decision?: ComplaintDecision | undefined;
  readonly finished?: boolean | undefined;
}

/** What every report says of a case. */
interface Reported {
  readonly number: string;
  readonly journalNumber: string | null;
  readonly type: ComplaintType;
  readonly course: string;
  readonly courseNameNb: string | null;
  readonly courseNameEn: string | null;
}

/**
 * A row of FS579.001. Where the reader must not see the first assessment, what would tell of it is null and `withheld` is true.
 * Days are `YYYY-MM-DD`.
 */
export interface ReportRow extends Reported {
  readonly version: string;
  readonly combination: string;
  readonly time: AssessmentTime;
  readonly realTime: AssessmentTime;
  readonly place: { readonly code: string; readonly name: string } | null;
  readonly campus: string | null;
  readonly student: string;
  readonly name: string | null;
  readonly candidate: string | null;
  readonly received: string;
  readonly deadline: string | null;
  readonly sent: string | null;
  readonly committees: readonly number[];
  readonly originalGrade: string | null;
  readonly protocolGrade: string | null;
  readonly decision: ComplaintDecision | null;
  readonly communicated: string | null;
  readonly finished: boolean;
  readonly note: string | null;
  readonly responsible: string;
  readonly withheld: boolean;
}

const real = Prisma.sql`coalesce((c.data->'entry'->'realTime'->>'year')::int, (c.data->'unit'->>'year')::int)`;
const realTerm = Prisma.sql`coalesce(c.data->'entry'->'realTime'->>'term', c.data->'unit'->>'term')`;
const terms = Object.keys(monthOf);
const months = Object.values(monthOf);
const ordered = (year: Prisma.Sql, term: Prisma.Sql) =>
  Prisma.sql`(${year} * 100 + coalesce((${months}::int[])[array_position(${terms}::text[], ${term})], ${MIDDLE}::int))`;
/** GC-47: by the real time, since parts of courses are in it; GC-49: by the time, since it is about courses. */
const orders = {
  real: ordered(real, realTerm),
  unit: ordered(Prisma.sql`(c.data->'unit'->>'year')::int`, Prisma.sql`c.data->'unit'->>'term'`),
} as const;

/**
 * What the reader may know of a decision: none of a complaint whose first assessment they must not see, so that no filter tells
 * it either.
 */
const seenDecision = Prisma.sql`CASE WHEN (s.course, s.student_number) IN (SELECT * FROM unseen) THEN NULL ELSE c.data->>'decision' END`;

/** GC-03: a case without its second yes may be about the wrong student, who has complained about nothing. */
const confirmed = Prisma.sql`c.state NOT IN ('opened', 'to-confirm') AND c.data->>'neverConfirmed' IS NULL`;

async function matching(tx: Transaction, actor: Actor, filter: ReportFilter, by: keyof typeof orders) {
  const unseen = await unseenBy(tx, actor.id);
  const { place, course, version, combination, campus, from, to, type, decision, finished } = filter;
  const wanted = [
    ...(place === undefined ? [] : [Prisma.sql`c.data->'entry'->'place'->>'code' = ${place}`]),
    ...(course === undefined ? [] : [Prisma.sql`c.scope = ${course}`]),
    ...(version === undefined ? [] : [Prisma.sql`c.data->'unit'->>'version' = ${version}`]),
    ...(combination === undefined ? [] : [Prisma.sql`c.data->'unit'->>'combination' = ${combination}`]),
    ...(campus === undefined ? [] : [Prisma.sql`c.data->'entry'->>'campus' = ${campus}`]),
    ...(from === undefined ? [] : [Prisma.sql`${orders[by]} >= ${orderOf(from)}`]),
    ...(to === undefined ? [] : [Prisma.sql`${orders[by]} <= ${orderOf(to)}`]),
    ...(type === undefined ? [] : [Prisma.sql`c.data->>'type' = ${type}`]),
    ...(decision === undefined ? [] : [Prisma.sql`${seenDecision} = ${decision}`]),
    ...(finished === undefined ? [] : [Prisma.sql`(c.data->>'finished')::boolean = ${finished}`]),
  ];
  return {
    unseen: Prisma.sql`unseen AS (SELECT * FROM unnest(${unseen.map((one) => one.course)}::text[], ${unseen.map((one) => one.studentNumber)}::text[]) AS u (course, student_number))`,
    where: Prisma.join([Prisma.sql`c.institution = ${actor.institution}`, Prisma.sql`c.kind = 'complaint'`, ...wanted], ' AND '),
  };
}

const reported = ({
  number,
  data: { journalNumber, type, unit, entry },
}: {
  readonly number: bigint;
  readonly data: ComplaintData;
}): Reported => ({
  number: String(number),
  journalNumber: journalNumber ?? null,
  type,
  course: unit.course,
  courseNameNb: entry?.courseNameNb ?? null,
  courseNameEn: entry?.courseNameEn ?? null,
});

interface Found {
  id: string;
  number: bigint;
  data: ComplaintData;
  due_on: Date | null;
  student_number: string;
  candidate: string | null;
  given_name: string | null;
  surname: string | null;
  entered: string | null;
  committees: number[];
  responsible: string | null;
}

/**
 * FS579.001, confirmed explanations and complaints (GC-47, GC-48), the oldest first, with the original result and the one in the
 * protocol.
 * The sight rule holds row by row, and who reads it is kept with each open complaint. Call it in a transaction. `next` is where
 * the next page begins.
 */
export async function complaintReport(
  tx: Transaction,
  actor: Actor,
  filter: ReportFilter,
  page: { readonly after: string; readonly limit: number },
): Promise<{ readonly rows: ReportRow[]; readonly next: string | null }> {
  const { unseen, where } = await matching(tx, actor, filter, 'real');
  const found = await tx.$queryRaw<Found[]>`
    WITH ${unseen}
    SELECT c.id, c.number, c.data, c.due_on, s.student_number, s.candidate, s.given_name, s.surname,
      (SELECT g.grade FROM complaint_gradings g WHERE g.case_id = c.id AND g.in_protocol_at IS NOT NULL ORDER BY g.in_protocol_at DESC LIMIT 1) AS entered,
      ARRAY (SELECT k.number FROM complaint_appointments a JOIN complaint_committees k ON k.id = a.committee_id WHERE a.case_id = c.id AND a.replaced_at IS NULL ORDER BY a.round) AS committees,
      (SELECT p.given_name || ' ' || p.surname FROM persons p WHERE p.id = (c.data->>'responsible')::uuid) AS responsible
    FROM cases c JOIN complaint_students s ON s.case_id = c.id
    WHERE ${where} AND ${confirmed} AND c.number > ${BigInt(page.after)} ORDER BY c.number LIMIT ${page.limit + 1}`;
  const shown = found.slice(0, page.limit);
  const disclosed = await discloseAll(
    tx,
    shown.map(({ id }) => id),
    actor,
  );
  const rows = shown.map((row): ReportRow => {
    const { data } = row;
    const { unit, entry } = data;
    const first = disclosed.get(row.id);
    const own = { year: unit.year, term: unit.term };
    return {
      ...reported(row),
      version: unit.version,
      combination: unit.combination,
      time: own,
      realTime: entry?.realTime ?? own,
      place: entry?.place ?? null,
      campus: entry?.campus ?? null,
      student: row.student_number,
      name: first && row.surname !== null ? `${row.given_name ?? ''} ${row.surname}`.trim() : null,
      candidate: row.candidate,
      received: data.received,
      deadline: civilOrNull(row.due_on) ?? data.deadline?.on ?? null,
      sent: data.sentOn ?? null,
      committees: row.committees,
      originalGrade: first?.firstGrade ?? null,
      protocolGrade: first ? (row.entered ?? first.firstGrade) : null,
      decision: first ? (data.decision ?? null) : null,
      communicated: data.communicated ?? null,
      finished: data.finished,
      note: first?.note ?? null,
      responsible: row.responsible ?? data.initials,
      withheld: first === undefined,
    };
  });
  return { rows, next: found.length > page.limit ? (rows.at(-1)?.number ?? null) : null };
}

/** A row of FS579.002. `course` and its names where they were asked for. */
export interface DistributionRow {
  readonly type: ComplaintType;
  readonly decision: ComplaintDecision | null;
  readonly course: string | null;
  readonly courseNameNb: string | null;
  readonly courseNameEn: string | null;
  readonly count: number;
}

/**
 * FS579.002, how confirmed complaints fall on types and decisions in a period (GC-49), by the time of the course; with courses where asked.
 */
export async function complaintDistribution(
  tx: Transaction,
  actor: Actor,
  filter: ReportFilter,
  byCourse: boolean,
): Promise<DistributionRow[]> {
  const { unseen, where } = await matching(tx, actor, filter, 'unit');
  const rows = await tx.$queryRaw<
    {
      type: ComplaintType;
      decision: ComplaintDecision | null;
      course: string | null;
      nb: string | null;
      en: string | null;
      count: number;
    }[]
  >`
    WITH ${unseen}, counted AS (
      SELECT c.data->>'type' AS type, ${seenDecision} AS decision, CASE WHEN ${byCourse} THEN c.scope END AS course, c.data->'entry'->>'courseNameNb' AS nb, c.data->'entry'->>'courseNameEn' AS en
      FROM cases c JOIN complaint_students s ON s.case_id = c.id WHERE ${where} AND ${confirmed})
    SELECT type, decision, course, CASE WHEN ${byCourse} THEN max(nb) END AS nb, CASE WHEN ${byCourse} THEN max(en) END AS en, count(*)::int AS count
    FROM counted GROUP BY type, decision, course ORDER BY type, decision NULLS LAST, course`;
  return rows.map(({ nb, en, ...row }) => ({ ...row, courseNameNb: nb, courseNameEn: en }));
}

/** A row of FS579.003: no student and no grade. */
export interface UnfinishedRow extends Reported {
  readonly received: string;
  readonly deadline: string | null;
  readonly state: string;
  readonly waitingFor: RoleName | null;
  readonly responsible: string;
}

/** FS579.003, explanations and complaints that are not finished (GC-50), also those that wait for the second yes, the oldest first. */
export async function unfinishedComplaints(
  tx: Transaction,
  actor: Actor,
  filter: ReportFilter,
  page: { readonly after: string; readonly limit: number },
): Promise<{ readonly rows: UnfinishedRow[]; readonly next: string | null }> {
  const { unseen, where } = await matching(tx, actor, { ...filter, finished: false }, 'real');
  const found = await tx.$queryRaw<
    {
      number: bigint;
      data: ComplaintData;
      due_on: Date | null;
      state: string;
      waiting_for: RoleName | null;
      responsible: string | null;
    }[]
  >`
    WITH ${unseen}
    SELECT c.number, c.data, c.due_on, c.state, c.waiting_for, (SELECT p.given_name || ' ' || p.surname FROM persons p WHERE p.id = (c.data->>'responsible')::uuid) AS responsible
    FROM cases c JOIN complaint_students s ON s.case_id = c.id WHERE ${where} AND c.number > ${BigInt(page.after)} ORDER BY c.number LIMIT ${page.limit + 1}`;
  const rows = found
    .slice(0, page.limit)
    .map(({ number, data, due_on, state, waiting_for, responsible }): UnfinishedRow => ({
      ...reported({ number, data }),
      received: data.received,
      deadline: civilOrNull(due_on) ?? data.deadline?.on ?? null,
      state,
      waitingFor: waiting_for,
      responsible: responsible ?? data.initials,
    }));
  return { rows, next: found.length > page.limit ? (rows.at(-1)?.number ?? null) : null };
}
