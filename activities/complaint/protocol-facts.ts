import type { ComplaintData, Round } from '../../workflows/complaint/complaint.js';
import { refuse, type CaseView, type Refusal } from '../../workflows/process.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import type { CandidatePage, Named } from './protocol.js';
import type { Sending } from './protocol-words.js';

type Subject = CaseView<ComplaintData>;

/** Committees print their candidates together; more than this never sit before one. */
const MOST_PAGES = 200;

const nobody: Named = { givenName: '', surname: '' };

/** The ids of the cases that a committee has in a round and that nobody dismissed or withdrew, by number (GC-39). */
export async function casesBefore(
  tx: Transaction,
  { committeeId, round }: { readonly committeeId: string; readonly round: Round },
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT c.id FROM complaint_appointments a JOIN cases c ON c.id = a.case_id
    WHERE a.committee_id = ${committeeId}::uuid AND a.round = ${round} AND a.replaced_at IS NULL AND coalesce(c.data->>'decision', '') NOT IN ('dismissed', 'withdrawn')
    ORDER BY c.number LIMIT ${MOST_PAGES}`;
  return rows.map((row) => row.id);
}

/**
 * What becomes of the paper: a grade that is on its way into the protocol or stands there is sent in (GC-35, GC-41); one of the
 * second round that is only in the log is not (GC-34); after a wrong registration it goes with a note (GC-31).
 */
function sendingOf({ data }: Subject, round: Round, grading: { readonly id: string } | undefined): Sending {
  if (data.wrong && !data.corrected) return 'registered-wrongly';
  if (round === 3 || (grading && data.entering?.grading === grading.id)) return 'to-be-sent';
  return grading ? 'not-to-be-sent' : 'when-in-protocol';
}

/** What the protocol of a complaint says in a round (GC-38..40). Reads neither the first grade nor the decision. */
export async function candidatePage(
  tx: Transaction,
  subject: Subject,
  ask: { readonly round: Round; readonly committeeId: string; readonly zone: string },
): Promise<CandidatePage | Refusal> {
  const { id, data } = subject;
  const { entry } = data;
  const [student, committee, members, grading] = [
    await tx.complaintStudent.findUnique({ where: { caseId: id } }),
    await tx.complaintCommittee.findUnique({ where: { id: ask.committeeId } }),
    await tx.complaintMember.findMany({ where: { committeeId: ask.committeeId } }),
    (await tx.complaintGrading.findFirst({
      where: { caseId: id, round: ask.round, deletedAt: null },
      orderBy: { registeredAt: 'desc' },
    })) ?? undefined,
  ];
  if (!student || !committee || !entry) return refuse('conflict', 'GC-38', 'no-committee');
  const people = await tx.person.findMany({
    where: { id: { in: [...members.map((member) => member.personId), grading?.registeredBy ?? data.responsible] } },
  });
  const named = (person: string): Named => people.find((one) => one.id === person) ?? nobody;
  const sending = sendingOf(subject, ask.round, grading);
  const when = (sending === 'not-to-be-sent' ? grading?.registeredAt : grading?.inProtocolAt) ?? null;
  const newest = ask.round === 3 || !data.committees?.further;
  return {
    number: subject.number,
    journalNumber: data.journalNumber ?? null,
    unit: data.unit,
    courseNameNb: entry.courseNameNb,
    courseNameEn: entry.courseNameEn,
    scale: entry.scale,
    candidate: student.candidate,
    studentNumber: student.studentNumber,
    student: ask.round === 3 ? { givenName: student.givenName ?? '', surname: student.surname ?? '' } : null,
    received: data.received,
    sent: newest ? (data.sentOn ?? null) : null,
    round: ask.round,
    committee: {
      number: committee.number,
      name: committee.name,
      members: members
        .map(({ personId, external }) => ({ ...named(personId), external }))
        .sort((a, b) => `${a.surname}, ${a.givenName}`.localeCompare(`${b.surname}, ${b.givenName}`, 'nb')),
    },
    result: grading ? { grade: grading.grade, passed: grading.passed, on: when && dayOf(when.toISOString(), ask.zone) } : null,
    caseWorker: named(grading?.registeredBy ?? data.responsible),
    sending,
  };
}
