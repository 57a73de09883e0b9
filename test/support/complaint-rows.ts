import { randomUUID } from 'node:crypto';
import type { ComplaintData, Entry } from '../../workflows/complaint/complaint.js';
import type { University } from './university.js';

/**
 * A complaint put into the tables as if it had come that far: for reads, which wake no workflow. Its grades in the order they
 * were registered.
 */
export interface Kept {
  readonly data?: Partial<ComplaintData>;
  readonly entry?: Partial<Entry>;
  readonly state?: string;
  readonly closed?: boolean;
  readonly waitingFor?: string | null;
  readonly dueOn?: string | null;
  readonly student?: {
    readonly number?: string;
    readonly givenName?: string;
    readonly surname?: string;
    readonly candidate?: string | null;
  };
  readonly firstGrade?: string | null;
  readonly note?: string | null;
  readonly gradings?: readonly {
    readonly round: 2 | 3;
    readonly grade: string;
    readonly inProtocol: boolean;
    readonly deleted?: boolean;
    readonly at?: string;
    readonly by?: string;
  }[];
  readonly committees?: readonly {
    readonly round: 2 | 3;
    readonly number: number;
    readonly id?: string;
    readonly members: readonly { readonly person: string; readonly external: boolean }[];
    readonly replaced?: boolean;
  }[];
}

const scale: Entry['scale'] = {
  kind: 'letters',
  ordered: true,
  grades: [...'ABCDEF'].map((grade) => ({ grade, passing: grade !== 'F' })),
};

export async function kept(
  at: University,
  by: string,
  { data = {}, entry = {}, student = {}, ...one }: Kept = {},
): Promise<{ readonly id: string; readonly number: string }> {
  const { db } = at.world;
  const id = randomUUID();
  const unit = data.unit ?? { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' };
  const whole: ComplaintData = {
    type: 'grading',
    unit,
    received: '2026-06-20',
    responsible: by,
    initials: 'KW',
    procedure: 'usual',
    finished: false,
    entry: {
      courseNameNb: 'Matematikk',
      courseNameEn: 'Mathematics',
      scale,
      gradedOn: '2026-06-12',
      top: null,
      diploma: null,
      blocked: false,
      ...entry,
    },
    ...data,
  };
  const now = new Date();
  const { number } = await db.case.create({
    data: {
      id,
      kind: 'complaint',
      institution: 'bth',
      state: one.state ?? 'received',
      scope: unit.course,
      data: JSON.parse(JSON.stringify(whole)),
      waitingFor: one.waitingFor ?? null,
      createdBy: by,
      createdAt: now,
      changedAt: now,
      closedAt: one.closed ? now : null,
      ...(one.dueOn
        ? { dueOn: new Date(`${one.dueOn}T00:00:00Z`), dueEnds: new Date(`${one.dueOn}T22:00:00Z`), dueRule: 'GC-17' }
        : {}),
    },
  });
  await db.complaintStudent.create({
    data: {
      caseId: id,
      institution: 'bth',
      course: unit.course,
      studentNumber: student.number ?? '100001',
      givenName: student.givenName ?? 'Stine',
      surname: student.surname ?? 'Student',
      candidate: student.candidate ?? null,
    },
  });
  await db.complaintUndisclosed.create({
    data: {
      caseId: id,
      firstGrade: one.firstGrade === undefined ? 'D' : one.firstGrade,
      note: one.note ?? null,
      reasons: 'THE-REASONS',
      explanation: 'THE-EXPLANATION',
    },
  });
  for (const [index, grading] of (one.gradings ?? []).entries())
    await db.complaintGrading.create({
      data: {
        id: randomUUID(),
        caseId: id,
        round: grading.round,
        grade: grading.grade,
        passed: grading.grade !== 'F',
        replaces: 'D',
        registeredBy: grading.by ?? by,
        registeredAt: new Date(grading.at ?? `2026-07-0${index + 1}T10:00:00Z`),
        inProtocolAt: grading.inProtocol ? new Date(`2026-07-0${index + 1}T11:00:00Z`) : null,
        ...(grading.deleted ? { deletedBy: by, deletedAt: now } : {}),
      },
    });
  for (const committee of one.committees ?? []) {
    const committeeId = committee.id ?? randomUUID();
    if ((await db.complaintCommittee.count({ where: { id: committeeId } })) === 0) {
      await db.complaintCommittee.create({
        data: {
          id: committeeId,
          institution: 'bth',
          unit: `${unit.course} ${randomUUID()}`,
          number: committee.number,
          name: `Klagekommisjon ${committee.round}. gangs sensur`,
          madeBy: by,
          madeAt: now,
        },
      });
      await db.complaintMember.createMany({
        data: committee.members.map(({ person, external }) => ({ committeeId, personId: person, external })),
      });
    }
    await db.complaintAppointment.create({
      data: { caseId: id, round: committee.round, committeeId, appointedAt: now, replacedAt: committee.replaced ? now : null },
    });
  }
  return { id, number: String(number) };
}
