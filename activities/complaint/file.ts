import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { Actor, CaseView } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';
import { discloseTo, type Undisclosed } from './sight.js';
import type { Recalculated } from './effects.js';

/** All that a complaint keeps about persons, as far as somebody may see it. */
export interface ComplaintFile {
  readonly version: number;
  readonly student: {
    readonly number: string;
    readonly candidate: string | null;
    readonly givenName: string | null;
    readonly surname: string | null;
  };
  readonly firstAssessment: (Omit<Undisclosed, 'firstGrade'> & { readonly grade: string | null }) | null;
  readonly committees: readonly {
    readonly round: number;
    readonly number: number;
    readonly name: string;
    readonly appointedAt: string;
    readonly replacedAt: string | null;
    readonly members: readonly Member[];
  }[];
  readonly gradings: readonly {
    readonly id: string;
    readonly round: number;
    readonly grade: string;
    readonly mark: 'B' | 'S';
    readonly registeredAt: string;
    readonly inProtocolAt: string | null;
    readonly reason: string | null;
    readonly deletedAt: string | null;
  }[];
  readonly recalculations: readonly {
    readonly order: string;
    readonly trial: boolean;
    readonly doneAt: string;
    readonly units: readonly Recalculated[];
  }[];
}

interface Member {
  readonly person: string;
  readonly name: string;
  readonly external: boolean;
}

/** Reads the file for somebody who may open the complaint. Call it with the case locked. */
export async function readFile(tx: Transaction, complaint: CaseView<ComplaintData>, actor: Actor): Promise<ComplaintFile> {
  const { id, version } = complaint;
  const undisclosed = await discloseTo(tx, complaint, actor);
  const student = await tx.complaintStudent.findUniqueOrThrow({ where: { caseId: id } });
  const known = { number: student.studentNumber, candidate: student.candidate };
  const committees = await committeesOf(tx, id);
  if (!undisclosed)
    return {
      version,
      student: { ...known, givenName: null, surname: null },
      firstAssessment: null,
      committees,
      gradings: [],
      recalculations: [],
    };
  const { firstGrade: grade, ...rest } = undisclosed;
  const auditor = actor.roles.some(({ role }) => role === 'auditor');
  const gradings = await tx.complaintGrading.findMany({
    where: { caseId: id, ...(auditor ? {} : { deletedAt: null }) },
    orderBy: { registeredAt: 'asc' },
  });
  const recalculations = await tx.complaintRecalculation.findMany({ where: { caseId: id }, orderBy: { doneAt: 'asc' } });
  return {
    version,
    student: { ...known, givenName: student.givenName, surname: student.surname },
    firstAssessment: { grade, ...rest },
    committees,
    gradings: gradings.map((one) => ({
      id: one.id,
      round: one.round,
      grade: one.grade,
      mark: one.passed ? 'B' : 'S',
      registeredAt: one.registeredAt.toISOString(),
      inProtocolAt: one.inProtocolAt?.toISOString() ?? null,
      reason: one.reason,
      deletedAt: one.deletedAt?.toISOString() ?? null,
    })),
    recalculations: recalculations.map((one) => ({
      order: one.orderId,
      trial: one.trial,
      doneAt: one.doneAt.toISOString(),
      units: one.units as unknown as readonly Recalculated[],
    })),
  };
}

/** The committees that assess, or assessed, a complaint, with their members by name. */
async function committeesOf(tx: Transaction, caseId: string): Promise<ComplaintFile['committees']> {
  const rows = await tx.$queryRaw<
    { round: number; number: number; name: string; appointed_at: Date; replaced_at: Date | null; members: Member[] }[]
  >`
    SELECT a.round, k.number, k.name, a.appointed_at, a.replaced_at,
      json_agg(json_build_object('person', p.id, 'name', p.given_name || ' ' || p.surname, 'external', m.external) ORDER BY p.surname, p.given_name, p.id) AS members
    FROM complaint_appointments a JOIN complaint_committees k ON k.id = a.committee_id JOIN complaint_members m ON m.committee_id = k.id JOIN persons p ON p.id = m.person_id
    WHERE a.case_id = ${caseId}::uuid GROUP BY a.id, k.number, k.name ORDER BY a.appointed_at, a.id`;
  return rows.map((row) => ({
    round: row.round,
    number: row.number,
    name: row.name,
    appointedAt: row.appointed_at.toISOString(),
    replacedAt: row.replaced_at?.toISOString() ?? null,
    members: row.members,
  }));
}
