import type { AssessmentUnit, ComplaintData, ComplaintFacts, Proposed, Round } from '../../workflows/complaint/complaint.js';
import { nameOf } from '../../workflows/complaint/committee.js';
import type { Body } from '../../workflows/complaint/schema.js';
import type { CaseView } from '../../workflows/process.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import { holders } from '../case/people.js';
import type { Committee } from '../fs/terms.js';
import { orderInFs } from './effects.js';
import { haveSeen } from './sight.js';

type Subject = CaseView<ComplaintData>;

/** An assessment unit as its committees are kept by. */
const keyOf = ({ course, version, combination, year, term }: AssessmentUnit): string =>
  [course, version, combination, year, term].join(',');

/** No two complaints of a unit get their numbers at once. */
const lockUnit = ({ institution, data }: Subject) => `committee ${institution} ${keyOf(data.unit)}`;

/** The committee that is named by its number, or the number that a new one of the unit gets (GC-15). */
export async function committeeFor(
  tx: Transaction,
  subject: Subject,
  body: Body<'appoint'>,
  fresh: string,
): Promise<ComplaintFacts['committee']> {
  const unit = { institution: subject.institution, unit: keyOf(subject.data.unit) };
  if ('committee' in body) {
    const found = await tx.complaintCommittee.findUnique({
      where: { institution_unit_number: { ...unit, number: body.committee } },
    });
    return found ? { id: found.id, number: found.number, name: found.name } : undefined;
  }
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lockUnit(subject)}, 0))::text`;
  const { _max } = await tx.complaintCommittee.aggregate({ where: unit, _max: { number: true } });
  return { id: fresh, number: (_max.number ?? 0) + 1, name: '' };
}

/** GC-15: writes down a new committee with its members. */
export const makeCommittee = async (
  tx: Transaction,
  ask: { subject: Subject; actor: { readonly id: string }; at: string },
  one: { id: string; number: number; name: string; members: readonly { person: string; external: boolean }[] },
) => {
  const { subject, actor, at } = ask;
  await tx.complaintCommittee.create({
    data: {
      id: one.id,
      institution: subject.institution,
      unit: keyOf(subject.data.unit),
      number: one.number,
      name: one.name,
      madeBy: actor.id,
      madeAt: at,
    },
  });
  await tx.complaintMember.createMany({
    data: one.members.map(({ person, external }) => ({ committeeId: one.id, personId: person, external })),
  });
};

/** The committee of a round has the case no more, and stays on record. */
export const releaseCommittee = async (
  tx: Transaction,
  { caseId, round, at }: { caseId: string; round: Round; at: string },
): Promise<void> =>
  void (await tx.complaintAppointment.updateMany({ where: { caseId, round, replacedAt: null }, data: { replacedAt: at } }));

/** From now on this committee assesses the round; one before it stays on record. */
export async function appointCommittee(
  tx: Transaction,
  { caseId, round, committee, at }: { caseId: string; round: Round; committee: string; at: string },
): Promise<void> {
  await releaseCommittee(tx, { caseId, round, at });
  await tx.complaintAppointment.create({ data: { caseId, round, committeeId: committee, appointedAt: at } });
}

/**
 * The committee that assesses a complaint in its newest round, or in the one that is asked for; undefined where nobody is
 * appointed.
 */
export async function appointmentOf(
  tx: Transaction,
  caseId: string,
  round?: Round,
): Promise<{ readonly round: Round; readonly committeeId: string } | undefined> {
  const found = await tx.complaintAppointment.findFirst({
    where: { caseId, replacedAt: null, ...(round ? { round } : {}) },
    orderBy: { round: 'desc' },
  });
  return found ? { round: found.round as Round, committeeId: found.committeeId } : undefined;
}

/**
 * A committee as FS is to have it: its reference is ours for ever, `highest` the highest number of a committee of the unit here.
 */
export async function committeeForFs(
  tx: Transaction,
  subject: Subject,
  id: string,
): Promise<Committee & { readonly highest: number }> {
  const { institution, unit, number, name } = await tx.complaintCommittee.findUniqueOrThrow({ where: { id } });
  const { _max } = await tx.complaintCommittee.aggregate({ where: { institution, unit }, _max: { number: true } });
  return {
    unit: subject.data.unit,
    reference: `committee/${id}`,
    number,
    name,
    members: (await membersOf(tx, id)).map(({ person }) => person),
    highest: _max.number ?? number,
  };
}

/**
 * GC-15: the number that a committee has in FS is its number here as well, in the case too. Where it is another one, FS is told
 * of it by the other cases that it has. An edit: it counts the version on. Answers the number of before where that was another.
 */
export async function keepNumber(
  tx: Transaction,
  subject: Subject,
  ask: { readonly round: Round; readonly committeeId: string; readonly number: number; readonly orderedBy: string },
): Promise<number | undefined> {
  const { round, committeeId, number, orderedBy } = ask;
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${lockUnit(subject)}, 0))::text`;
  const before = (await tx.complaintCommittee.findUniqueOrThrow({ where: { id: committeeId } })).number;
  await tx.$executeRaw`
    UPDATE cases SET data = jsonb_set(data, ARRAY ['committees', ${nameOf[round]}, 'number']::text[], to_jsonb(${number}::int)), version = version + 1, changed_at = now()
    WHERE id = ${subject.id}::uuid AND (data->'committees'->${nameOf[round]}::text->>'number')::int <> ${number}::int
      AND EXISTS (SELECT FROM complaint_appointments a WHERE a.case_id = cases.id AND a.round = ${round} AND a.committee_id = ${committeeId}::uuid AND a.replaced_at IS NULL)`;
  if (before === number) return undefined;
  await tx.complaintCommittee.update({ where: { id: committeeId }, data: { number } });
  const others = await tx.complaintAppointment.findMany({
    where: { committeeId, replacedAt: null, caseId: { not: subject.id } },
    orderBy: { caseId: 'asc' },
  });
  for (const { caseId } of others) await orderInFs(tx, { id: caseId, institution: subject.institution }, orderedBy);
  return before;
}

/** Who sits on the committee of a round. */
export const sitting = async (tx: Transaction, caseId: string, round: Round): Promise<string[]> =>
  (
    await tx.$queryRaw<{ id: string }[]>`
    SELECT m.person_id AS id FROM complaint_appointments a JOIN complaint_members m ON m.committee_id = a.committee_id
    WHERE a.case_id = ${caseId}::uuid AND a.round = ${round} AND a.replaced_at IS NULL ORDER BY m.person_id`
  ).map(({ id }) => id);

/** What is known of people who are to assess: the members that were named, or those of a committee that is there. */
export async function proposedFor(
  tx: Transaction,
  subject: Subject,
  ask: { readonly today: CivilDate; readonly members: readonly { readonly person: string; readonly external: boolean }[] },
): Promise<Proposed[]> {
  const { id, institution } = subject;
  const mayBe = new Set(await holders(tx, { institution, role: 'committee-member', today: ask.today }));
  const examiners = new Set((await tx.complaintEntry.findUnique({ where: { caseId: id } }))?.examiners);
  const seen = await haveSeen(tx, subject);
  const sat = new Set(
    (
      await tx.$queryRaw<{ id: string }[]>`
    SELECT m.person_id AS id FROM complaint_appointments a JOIN complaint_members m ON m.committee_id = a.committee_id WHERE a.case_id = ${id}::uuid AND a.round = 2`
    ).map((row) => row.id),
  );
  return ask.members.map(({ person, external }) => ({
    person,
    external,
    mayBe: mayBe.has(person),
    firstExaminer: examiners.has(person),
    hasSeen: seen.has(person),
    satBefore: sat.has(person),
  }));
}

/** The members of a committee. */
export const membersOf = async (tx: Transaction, committee: string) =>
  (await tx.complaintMember.findMany({ where: { committeeId: committee }, orderBy: { personId: 'asc' } })).map(
    ({ personId, external }) => ({ person: personId, external }),
  );
