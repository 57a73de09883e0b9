import type { Actor, HeldRole, Language, RoleName } from '../../workflows/process.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { asDate, Prisma, type Transaction } from '../../prisma/client.js';
import { languageOf } from '../language.js';

/** Registrar itself, as the giver of a command. */
export const system = (institution: string): Actor => ({ id: 'system', institution, roles: [{ role: 'system' }] });

/** Somebody who may sign in, with what they may do today and how to speak to them. */
export interface Known {
  readonly actor: Actor;
  readonly zone: string;
  readonly today: CivilDate;
  readonly language: Language;
}

/** That a row of roles is in force on a day: `validTo` is its last. */
const dated = (row: Prisma.Sql, day: Prisma.Sql) =>
  Prisma.sql`${row}.valid_from <= ${day} AND (${row}.valid_to IS NULL OR ${row}.valid_to >= ${day})`;

/**
 * That a row `r` of roles is in force on a day. One that is held for somebody is so only while that person holds it themselves,
 * and who acts for them still holds a role of their own (RL-36).
 */
export const inForceOn = (day: Prisma.Sql): Prisma.Sql => Prisma.sql`
  ${dated(Prisma.sql`r`, day)} AND (r.for_person IS NULL OR (
    EXISTS (SELECT FROM roles o WHERE o.person_id = r.person_id AND o.for_person IS NULL AND ${dated(Prisma.sql`o`, day)})
    AND EXISTS (SELECT FROM roles o WHERE o.person_id = r.for_person AND o.role = r.role AND o.course = r.course AND o.for_person IS NULL AND ${dated(Prisma.sql`o`, day)})))`;

/**
 * Reads a person and the roles in force on the institution's local day: a role that ended is gone with the next command, and one
 * that was taken away once the staff register has told of it, which is asked every two minutes.
 * Undefined for somebody the staff register has not told us of.
 */
export async function whoIs(tx: Transaction, input: { person: string; at: Instant }): Promise<Known | undefined> {
  const rows = await tx.$queryRaw<
    {
      institution: string;
      language: string;
      zone: string;
      role: string | null;
      course: string | null;
      for_person: string | null;
    }[]
  >`
    SELECT p.institution, p.language, i.zone, r.role, r.course, r.for_person
    FROM persons p JOIN institutions i ON i.code = p.institution
    LEFT JOIN roles r ON r.person_id = p.id AND ${inForceOn(Prisma.sql`(${input.at}::timestamptz AT TIME ZONE i.zone)::date`)}
    WHERE p.id = ${input.person}::uuid ORDER BY r.for_person NULLS FIRST`;
  const first = rows[0];
  if (!first) return undefined;
  const roles: HeldRole[] = rows
    .filter((row) => row.role !== null)
    .map((row) => ({
      role: row.role as RoleName,
      ...(row.course ? { course: row.course } : {}),
      ...(row.for_person ? { for: row.for_person } : {}),
    }));
  return {
    actor: { id: input.person, institution: first.institution, roles },
    zone: first.zone,
    today: dayOf(input.at, first.zone),
    language: languageOf(first.language),
  };
}

/** Full names by id, of those among the ids who are people of the staff register. */
export async function namesOf(tx: Transaction, ids: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const found = ids.length
    ? await tx.person.findMany({ where: { id: { in: [...ids] } }, select: { id: true, givenName: true, surname: true } })
    : [];
  return Object.fromEntries(found.map(({ id, givenName, surname }) => [id, `${givenName} ${surname}`]));
}

const FOR = { sv: 'för', nb: 'for', en: 'for' } as const;

/** Somebody as people read it: the name, or "X for Y" where X acted for Y (RL-36). The id where there is no name. */
export function nameIn(
  names: Readonly<Record<string, string>>,
  who: { readonly by: string; readonly for?: string | undefined },
  language: Language,
): string {
  const name = (id: string) => names[id] ?? id;
  return who.for ? `${name(who.by)} ${FOR[language]} ${name(who.for)}` : name(who.by);
}

/** Who holds a role at an institution on a day, for a course where one is named; also for somebody else. */
export async function holders(
  tx: Transaction,
  ask: { institution: string; role: RoleName; course?: string | null; today: CivilDate },
): Promise<string[]> {
  const course = ask.course === undefined ? Prisma.empty : Prisma.sql`AND r.course = ${ask.course}`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT p.id FROM persons p JOIN roles r ON r.person_id = p.id
    WHERE p.institution = ${ask.institution} AND r.role = ${ask.role} ${course} AND ${inForceOn(Prisma.sql`${asDate(ask.today)}::date`)} ORDER BY p.id`;
  return rows.map((row) => row.id);
}
