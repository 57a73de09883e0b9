import type { Actor } from '../../workflows/process.js';
import {
  mayEnd,
  type DelegationData,
  type DelegationFacts,
  type DelegationWrite,
  type Span,
} from '../../workflows/delegation/rules.js';
import type { BirthBody } from '../../workflows/delegation/schema.js';
import { asDate, civil, civilOrNull, type Transaction } from '../../prisma/client.js';
import type { Store } from '../case/store.js';

/**
 * What the birth of a delegation is told, and the role it gives: a row beside those of the staff register, read with every
 * request (RL-36).
 */
export const delegationStore: Store<DelegationData, DelegationFacts | undefined, DelegationWrite> = {
  birthFacts,
  facts: async () => undefined,
  obstacle: async () => false,
  admits: async (_tx, { data, scope }, actor) =>
    data.for === actor.id || data.to === actor.id || coursesOf(actor).includes(scope ?? ''),
  admittedTo,
  without: async (_tx, delegation, actor) => (mayEnd(delegation, actor) ? [] : ['end']),
  write: async (tx, { subject, writes }) => {
    for (const one of writes)
      if (one.write === 'taken') await tx.role.deleteMany({ where: { caseId: subject.id } });
      else {
        const { course, for: forPerson, to, from, until } = one.data;
        await tx.role.create({
          data: {
            personId: to,
            role: 'examiner',
            course: course.code,
            validFrom: asDate(from),
            validTo: asDate(until),
            forPerson,
            caseId: subject.id,
          },
        });
      }
  },
};

/** The courses whose delegations an examiner sees. */
const coursesOf = (actor: Actor): string[] =>
  actor.roles.flatMap(({ role, course }) => (role === 'examiner' && course ? [course] : []));

/** Delegations to or of somebody, and those on the courses they examine. */
async function admittedTo(tx: Transaction, actor: Actor): Promise<string[]> {
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM cases WHERE institution = ${actor.institution} AND kind = 'delegation'
      AND (data->>'for' = ${actor.id} OR data->>'to' = ${actor.id} OR scope = ANY (${coursesOf(actor)}))`;
  return rows.map(({ id }) => id);
}

/** The one person with this id or mail address. A mailbox that several share names none of them. */
async function personOf(tx: Transaction, institution: string, named: string) {
  const where = named.includes('@') ? { email: { equals: named, mode: 'insensitive' as const } } : { id: named };
  const found = await tx.person.findMany({
    where: { institution, ...where },
    include: { roles: { where: { forPerson: null } } },
    take: 2,
  });
  return found.length === 1 ? found[0] : undefined;
}

/** Locks the examiner, so that two births at once cannot both find nothing open. */
async function birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<DelegationFacts> {
  const body = ask.body as BirthBody;
  const { id, institution } = ask.actor;
  const { zone } = await tx.institution.findUniqueOrThrow({ where: { code: institution } });
  const course = await tx.course.findUnique({ where: { institution_code: { institution, code: body.course } } });
  const [examiner, delegate] = [await personOf(tx, institution, body.for ?? id), await personOf(tx, institution, body.to)];
  const spans = (roles: readonly { validFrom: Date; validTo: Date | null }[]): Span[] =>
    roles.map((role) => ({ from: civil(role.validFrom), until: civilOrNull(role.validTo) }));
  return {
    zone,
    open: examiner && delegate ? await open(tx, { course: body.course, for: examiner.id, to: delegate.id }) : [],
    course: course ? { code: course.code, nameSv: course.nameSv, nameEn: course.nameEn } : undefined,
    for: examiner && {
      id: examiner.id,
      examines: spans(examiner.roles.filter((one) => one.role === 'examiner' && one.course === body.course)),
    },
    to: delegate && { id: delegate.id, employed: spans(delegate.roles.filter((one) => one.role !== 'student')) },
  };
}

async function open(tx: Transaction, which: { course: string; for: string; to: string }): Promise<DelegationFacts['open']> {
  await tx.$queryRaw`SELECT id FROM persons WHERE id = ${which.for}::uuid FOR NO KEY UPDATE`;
  return tx.$queryRaw<{ number: string; from: string; until: string }[]>`
    SELECT c.number::text, c.data->>'from' AS "from", c.data->>'until' AS "until" FROM roles r JOIN cases c ON c.id = r.case_id
    WHERE r.person_id = ${which.to}::uuid AND r.for_person = ${which.for}::uuid AND r.course = ${which.course} ORDER BY c.number`;
}
