import { refuse, type Actor, type Refusal } from '../../workflows/process.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';
import { may } from '../../workflows/rights.js';
import { civil, Prisma, type Transaction } from '../../prisma/client.js';
import type { Trace } from '../case/once.js';
import { coursesUnseenBy } from '../complaint/sight.js';
import { norwegianNumber, type NorwegianNumber, type NumberKind } from '../norwegian-number.js';
import { findStudent, numbersOf, wrongNumber } from '../students.js';
import { holdPerson } from './import.js';
import { newestAnswer } from './newest-consent.js';
import { lockEntries, promiseOnward, type CameFrom } from './protocol.js';

/** Numbers that somebody has until they get a birth number. */
const replaceable: readonly string[] = ['temporary', 'd-number', 'h-number'] satisfies readonly NumberKind[];

interface Ask {
  readonly actor: Actor;
  readonly person: string;
  /** The real number, as people write it. */
  readonly number: string;
  /** The number so far was never theirs. */
  readonly mistyped?: boolean | undefined;
  /** Who has the number already and is the same human being. */
  readonly merge?: string | undefined;
  readonly reason: string;
  readonly today: CivilDate;
}

/** Whom the number is now: the student asked for, or the one they were merged with. `merged`: who is none any more. */
export interface Replaced {
  readonly person: string;
  readonly merged: string | null;
  readonly numberKind: NumberKind;
}

/** The number as it is written down, where it is a real one that may be used here for somebody born then. */
async function admitted(
  tx: Transaction,
  { actor, number, today }: Ask,
  birthDate: CivilDate,
): Promise<NorwegianNumber | Refusal> {
  const read = norwegianNumber(number);
  if (!read) return refuse('invalid', 'RX-31', 'number-not-valid');
  const { institution } = actor;
  return (await wrongNumber(tx, { read, birthDate, institution, today, rule: 'RX-29' })) ?? read;
}

/**
 * RX-29: a temporary number, a D-number or an H-number becomes another one. Results on our protocols follow, and the former number
 * is kept. One that was mistyped may be of any kind, and of somebody else: it is kept for nothing but GC-13, only results that were
 * entered by hand follow, whoever was handed them is told, and what was fetched under it is removed. A number that somebody has
 * already is refused, unless it is said that they are the same: then what both have becomes one person's. Refused while results
 * are being fetched for one of them, and for whoever assesses a result of theirs anew (GC-13). Why stays with the command, and with
 * the former number.
 */
export async function replaceNumber(tx: Transaction, ask: Ask, trace: Trace): Promise<Replaced | Refusal> {
  const { actor, person, merge = null, mistyped = false, reason } = ask;
  const { institution } = actor;
  const no = (refusal: Refusal) =>
    trace({ caseId: null, details: { person, ...(merge ? { merge } : {}) } }, refusal).then(() => refusal);
  if (!may(actor, 'replace-number')) return no(refuse('forbidden', 'RX-29', 'not-yours-to-give', { command: 'replace-number' }));
  for (const one of [person, ...(merge ? [merge] : [])].sort()) await holdPerson(tx, one);
  const student = await tx.student.findFirst({ where: { personId: person, institution } });
  if (!student) return no(refuse('missing', 'RX-32', 'not-a-student'));
  if (!mistyped && !replaceable.includes(student.numberKind)) return no(refuse('conflict', 'RX-29', 'number-is-real'));
  const read = await admitted(tx, ask, civil(student.birthDate));
  if ('refused' in read) return no(read);
  const numbers = [...((await numbersOf(tx, { institution, person })) ?? []), read.digits];
  if ((await coursesUnseenBy(tx, { person: actor.id, numbers })).length > 0)
    return no(refuse('forbidden', 'GC-13', 'sits-on-the-committee'));
  await tx.$queryRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`student ${institution} ${read.digits}`}, 0))::text`;
  const other = await findStudent(tx, { institution, number: read.digits });
  if (other === person) return no(refuse('conflict', 'RX-29', 'number-is-theirs'));
  if (other && other !== merge) return no(refuse('conflict', 'RX-29', 'number-of-another', { person: other }));
  if (!other && merge) return no(refuse('conflict', 'RX-29', 'number-of-nobody'));
  const [open] = await tx.$queryRaw<{ number: string }[]>`
    SELECT number::text FROM cases WHERE institution = ${institution} AND kind = 'exchange' AND closed_at IS NULL AND data->>'person' = ANY (${[person, ...(other ? [other] : [])]}) LIMIT 1`;
  if (open) return no(refuse('conflict', 'RX-10', 'not-while-asking', { number: open.number }));

  const { personNumber: former } = await tx.person.findUniqueOrThrow({ where: { id: person }, select: { personNumber: true } });
  const kept = other && !((await signsIn(tx, person)) && !(await signsIn(tx, other))) ? other : person;
  const gone = other ? (kept === person ? other : person) : null;
  if (mistyped) {
    await removeStudies(tx, { institution, personId: person });
    await tx.mistypedNumber.createMany({ data: [{ personId: kept, number: former }], skipDuplicates: true });
  } else
    await tx.formerNumber.create({
      data: {
        personId: kept,
        number: former,
        numberKind: student.numberKind,
        replacedBy: actor.id,
        replacedAt: new Date(),
        reason,
      },
    });
  if (gone) await join(tx, { institution, kept, gone });
  await tx.person.update({ where: { id: kept }, data: { personNumber: read.digits, changedAt: new Date() } });
  await tx.student.update({ where: { personId: kept }, data: { numberKind: read.kind } });
  const theirs = Prisma.sql`person_number = ${former} AND (NOT ${mistyped} OR came_from = ${'entered' satisfies CameFrom})`;
  const keys = (await lockEntries(tx, institution, theirs, 'change')).map(({ key }) => key);
  await tx.protocolResult.updateMany({ where: { institution, key: { in: keys } }, data: { personNumber: read.digits } });
  if (mistyped) await promiseOnward(tx, institution, keys);
  await tx.$executeRaw`
    INSERT INTO protocol_readings (institution, person_number, reader_id) SELECT institution, ${read.digits}, reader_id FROM protocol_readings
    WHERE institution = ${institution} AND person_number = ${former} ON CONFLICT DO NOTHING`;
  await trace({
    caseId: null,
    details: { person: kept, ...(gone ? { merged: gone } : {}), numberKind: read.kind, ...(mistyped ? { mistyped } : {}) },
  });
  return { person: kept, merged: gone, numberKind: read.kind };
}

/** What was fetched under a number that was somebody else's. */
async function removeStudies(tx: Transaction, of: { institution: string; personId: string }): Promise<void> {
  const ids = (await tx.externalStudy.findMany({ where: of, select: { id: true } })).map(({ id }) => id);
  await tx.externalResult.deleteMany({ where: { studyId: { in: ids } } });
  await tx.externalStudy.deleteMany({ where: { id: { in: ids } } });
}

const signsIn = async (tx: Transaction, person: string): Promise<boolean> =>
  (await tx.role.count({ where: { personId: person, role: 'student' } })) > 0;

/**
 * Two persons who are one: cases and external studies of the one that goes are the other's from now on. Where both have studies
 * from the same institution, the newer fetch stands, with what only the older one brought beside it. Who goes is no student any
 * more and signs in as none; the name stays, for what was recorded of them.
 */
async function join(
  tx: Transaction,
  { institution, kept, gone }: { institution: string; kept: string; gone: string },
): Promise<void> {
  await tx.$executeRaw`
    UPDATE cases SET data = jsonb_set(data, '{person}', to_jsonb(${kept}::text)) WHERE institution = ${institution} AND kind IN ('approval', 'exchange') AND data->>'person' = ${gone}`;
  await tx.$executeRaw`UPDATE former_numbers SET person_id = ${kept}::uuid WHERE person_id = ${gone}::uuid`;
  await tx.$executeRaw`
    INSERT INTO mistyped_numbers (person_id, number) SELECT ${kept}::uuid, number FROM mistyped_numbers WHERE person_id = ${gone}::uuid ON CONFLICT DO NOTHING`;
  for (const moved of await tx.externalStudy.findMany({ where: { institution, personId: gone } })) {
    const own = await tx.externalStudy.findUnique({
      where: { institution_personId_partner: { institution, personId: kept, partner: moved.partner } },
    });
    const [older, newer] = !own ? [undefined, moved] : own.fetchedAt < moved.fetchedAt ? [own, moved] : [moved, own];
    if (older) {
      await tx.$executeRaw`
        UPDATE external_results SET study_id = ${newer.id}::uuid WHERE study_id = ${older.id}::uuid AND key NOT IN (SELECT key FROM external_results WHERE study_id = ${newer.id}::uuid)`;
      await tx.externalResult.deleteMany({ where: { studyId: older.id } });
      await tx.externalStudy.delete({ where: { id: older.id } });
    }
    await tx.externalStudy.update({ where: { id: newer.id }, data: { personId: kept } });
  }
  const [last, mine] = [
    await newestAnswer(tx, { institution, person: gone }),
    await newestAnswer(tx, { institution, person: kept }),
  ];
  if (last && (!mine || mine.seq < last.seq)) {
    const { seq: _seq, ...answer } = last;
    await tx.consent.create({ data: { ...answer, personId: kept } });
  }
  await tx.role.deleteMany({ where: { personId: gone, role: 'student' } });
  await tx.student.delete({ where: { personId: gone } });
}
