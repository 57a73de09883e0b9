import { randomUUID } from 'node:crypto';
import { testNumbers } from '../workflows/exchange/rules.js';
import { refuse, type Actor, type Refusal } from '../workflows/process.js';
import { isCivilDate, type CivilDate } from '../workflows/rules/civil-time.js';
import { may } from '../workflows/rights.js';
import { asDate, civil, Prisma, type Transaction } from '../prisma/client.js';
import type { Trace } from './case/once.js';
import { norwegianNumber, type NorwegianNumber, type NumberKind } from './norwegian-number.js';
import { settingOn } from './settings.js';

/** Whether somebody is here as a student at most, or holds no role: they reach what is their own, and nothing of anybody else's. */
export const isStudentAtMost = ({ roles }: Actor): boolean => roles.every((held) => held.role === 'student');

/** A student as staff write them down. */
export interface NewStudent {
  /** The national number as people write it. */
  readonly number: string;
  /** Somebody says that the number is a temporary one (RX-29). */
  readonly temporary?: boolean | undefined;
  readonly givenName: string;
  readonly surname: string;
  /** YYYY-MM-DD. */
  readonly birthDate: string;
  readonly email: string;
  readonly language: 'sv' | 'nb' | 'en';
  /** The id under which they sign in; left out where they do not use Studentweb (RX-32). */
  readonly signIn?: string | null | undefined;
}

/** A student as staff read them. The number is told to those who handle students. */
export interface StudentAnswer {
  readonly person: string;
  readonly number: string;
  readonly numberKind: NumberKind;
  readonly givenName: string;
  readonly surname: string;
  readonly birthDate: string;
  readonly email: string;
  readonly language: string;
  /** Whether they use Studentweb. */
  readonly signsIn: boolean;
  /** Numbers they had before (RX-29). */
  readonly formerNumbers: readonly { readonly number: string; readonly numberKind: string; readonly replacedOn: string }[];
}

/** What a number is refused for that can be read: of a test person where those are not allowed, or of somebody born another day. */
export async function wrongNumber(
  tx: Transaction,
  ask: { read: NorwegianNumber; birthDate: CivilDate; institution: string; today: CivilDate; rule: 'RX-29' | 'RX-32' },
): Promise<Refusal | undefined> {
  const { read, institution, today } = ask;
  if (testNumbers.includes(read.kind) && !(await settingOn(tx, { institution, name: 'exchange-test-numbers', on: today })))
    return refuse('conflict', 'RX-31', 'test-number-not-allowed');
  const [year, month, day] = ask.birthDate.split('-') as [string, string, string];
  return read.born && read.born !== `${day}${month}${year.slice(2)}`
    ? refuse('invalid', ask.rule, 'birth-date-differs')
    : undefined;
}

/** What the number or the birth date is refused for (RX-31). */
async function wrongPerson(
  tx: Transaction,
  { student, actor, today }: { student: NewStudent; actor: Actor; today: CivilDate },
): Promise<Refusal | undefined> {
  if (!isCivilDate(student.birthDate)) return refuse('invalid', 'RX-32', 'not-a-day', { fields: ['birthDate'] });
  const read = norwegianNumber(student.number, { temporary: student.temporary ?? false });
  if (!read) return refuse('invalid', 'RX-31', student.temporary ? 'number-not-temporary' : 'number-not-valid');
  if (student.birthDate > today) return refuse('invalid', 'RX-32', 'birth-date-differs');
  return wrongNumber(tx, { read, birthDate: student.birthDate, institution: actor.institution, today, rule: 'RX-32' });
}

/**
 * RX-32: writes a student down, once a number. With a sign-in they get the role `student`, and their person is the one who signs
 * in. Refuses a number that is none, one of a test person where those are not allowed, a birth date that the number contradicts,
 * and a number or a sign-in that is here already.
 */
export async function registerStudent(
  tx: Transaction,
  input: { actor: Actor; student: NewStudent; today: CivilDate },
  trace: Trace,
): Promise<{ readonly person: string; readonly numberKind: NumberKind } | Refusal> {
  const { actor, student, today } = input;
  const { institution } = actor;
  const no = async (refusal: Refusal) => {
    await trace({ caseId: null, details: { ...refusal.details } }, refusal);
    return refusal;
  };
  if (!may(actor, 'handle-students')) return no(refuse('forbidden', 'RX-32', 'not-yours-to-give', { command: 'register' }));
  const wrong = await wrongPerson(tx, input);
  if (wrong) return no(wrong);
  const { digits, kind } = norwegianNumber(student.number, { temporary: student.temporary ?? false }) as {
    digits: string;
    kind: NumberKind;
  };
  await tx.$queryRaw`SELECT 1 FROM (SELECT pg_advisory_xact_lock(hashtextextended(${`student ${institution} ${digits}`}, 0))) locked`;
  const there = await findStudent(tx, { institution, number: digits });
  if (there) return no(refuse('conflict', 'RX-32', 'registered-already', { person: there }));
  const person = student.signIn ?? randomUUID();
  const now = new Date();
  const made = await tx.person.createMany({
    data: [
      {
        id: person,
        institution,
        givenName: student.givenName,
        surname: student.surname,
        personNumber: digits,
        email: student.email,
        language: student.language,
        changedAt: now,
      },
    ],
    skipDuplicates: true,
  });
  if (made.count === 0) return no(refuse('conflict', 'RX-32', 'sign-in-taken', { person }));
  await tx.student.create({
    data: {
      personId: person,
      institution,
      birthDate: asDate(student.birthDate),
      numberKind: kind,
      registeredBy: actor.id,
      registeredAt: now,
    },
  });
  if (student.signIn) await tx.role.create({ data: { personId: person, role: 'student', validFrom: asDate(today) } });
  await trace({ caseId: null, details: { person, numberKind: kind, signsIn: Boolean(student.signIn) } });
  return { person, numberKind: kind };
}

/** The person under a national number of today, digits only; never one who had it before. */
export async function findStudent(tx: Transaction, ask: { institution: string; number: string }): Promise<string | undefined> {
  const rows = await tx.$queryRaw<{ person_id: string }[]>`
    SELECT s.person_id FROM students s JOIN persons p ON p.id = s.person_id WHERE s.institution = ${ask.institution} AND p.person_number = ${ask.number}`;
  return rows[0]?.person_id;
}

/** All numbers of a student of the institution: the one of today first, then those they had. Undefined for who is none. */
export async function numbersOf(
  tx: Transaction,
  { institution, person }: { institution: string; person: string },
): Promise<readonly [string, ...string[]] | undefined> {
  const [found] = await tx.$queryRaw<{ number: string; former: string[] }[]>`
    SELECT p.person_number AS number, array(SELECT f.number FROM former_numbers f WHERE f.person_id = p.id) AS former
    FROM students s JOIN persons p ON p.id = s.person_id WHERE s.institution = ${institution} AND p.id = ${person}::uuid`;
  return found && [found.number, ...found.former];
}

/**
 * Keeps the numbers of students from being replaced until the transaction ends, for whoever reads and writes under them (RX-29):
 * of those who have, or had, one of these numbers, or of one person.
 */
export async function holdNumbers(
  tx: Transaction,
  ask: { readonly institution: string } & ({ readonly person: string } | { readonly numbers: readonly string[] }),
): Promise<void> {
  const which =
    'person' in ask
      ? Prisma.sql`s.person_id = ${ask.person}::uuid`
      : Prisma.sql`(p.person_number = ANY (${[...ask.numbers]}) OR p.id IN (SELECT person_id FROM former_numbers WHERE number = ANY (${[...ask.numbers]})))`;
  await tx.$queryRaw`
    SELECT FROM students s JOIN persons p ON p.id = s.person_id WHERE s.institution = ${ask.institution} AND ${which} ORDER BY s.person_id FOR SHARE OF s`;
}

/** A student of the institution, or undefined. */
export async function readStudent(
  tx: Transaction,
  ask: { institution: string; person: string },
): Promise<StudentAnswer | undefined> {
  const student = await tx.student.findFirst({ where: { personId: ask.person, institution: ask.institution } });
  const person =
    student && (await tx.person.findUnique({ where: { id: ask.person }, include: { roles: { where: { role: 'student' } } } }));
  if (!person) return undefined;
  const former = await tx.formerNumber.findMany({ where: { personId: ask.person }, orderBy: { replacedAt: 'asc' } });
  return {
    person: person.id,
    number: person.personNumber,
    numberKind: student.numberKind as NumberKind,
    givenName: person.givenName,
    surname: person.surname,
    birthDate: civil(student.birthDate),
    email: person.email,
    language: person.language,
    signsIn: person.roles.length > 0,
    formerNumbers: former.map(({ number, numberKind, replacedAt }) => ({ number, numberKind, replacedOn: civil(replacedAt) })),
  };
}
