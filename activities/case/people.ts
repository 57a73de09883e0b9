import type { Actor, HeldRole, Language, RoleName } from '../../workflows/process.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { asDate, Prisma, type Transaction } from '../../prisma/client.js';

/** Registrar itself, as the giver of a command. */
export const system = (institution: string): Actor => ({ id: 'system', institution, roles: [{ role: 'system' }] });

/** Somebody who may sign in, with what they may do today and how to speak to them. */
export interface Known {
  readonly actor: Actor;
  readonly zone: string;
  readonly today: CivilDate;
  readonly language: Language;
}

/**
 * Reads a person and the roles in force on the institution's local day: a role that ended is gone with the next command, and one
 * that was taken away once the staff register has told of it, which is asked every two minutes.
 * Undefined for somebody the staff register has not told us of.
 */
export async function whoIs(tx: Transaction, input: { person: string; at: Instant }): Promise<Known | undefined> {
  const rows = await tx.$queryRaw<
    { institution: string; language: string; zone: string; role: string | null; course: string | null; valid_from: Date | null; valid_to: Date | null }[]
  >`SELECT p.institution, p.language, i.zone, r.role, r.course, r.valid_from, r.valid_to
    FROM persons p JOIN institutions i ON i.code = p.institution LEFT JOIN roles r ON r.person_id = p.id
    WHERE p.id = ${input.person}::uuid`;
  const first = rows[0];
  if (!first) return undefined;
  const today = dayOf(input.at, first.zone);
  const inForce = (day: Date | null, keep: (iso: string) => boolean) => day === null || keep(day.toISOString().slice(0, 10));
  const roles: HeldRole[] = rows
    .filter((row) => row.role !== null && inForce(row.valid_from, (from) => from <= today) && inForce(row.valid_to, (to) => to >= today))
    .map((row) => ({ role: row.role as RoleName, ...(row.course ? { course: row.course } : {}) }));
  return { actor: { id: input.person, institution: first.institution, roles }, zone: first.zone, today, language: first.language as Language };
}

/** Who holds a role at an institution on a day, for a course where one is named. */
export async function holders(tx: Transaction, ask: { institution: string; role: RoleName; course?: string | null; today: CivilDate }): Promise<string[]> {
  const course = ask.course === undefined ? Prisma.empty : Prisma.sql`AND r.course = ${ask.course}`;
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT p.id FROM persons p JOIN roles r ON r.person_id = p.id
    WHERE p.institution = ${ask.institution} AND r.role = ${ask.role} ${course}
      AND r.valid_from <= ${asDate(ask.today)}::date AND (r.valid_to IS NULL OR r.valid_to >= ${asDate(ask.today)}::date) ORDER BY p.id`;
  return rows.map((row) => row.id);
}
