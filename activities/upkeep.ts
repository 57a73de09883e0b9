import { Context } from '@temporalio/activity';
import type { UpkeepActivities } from '../workflows/upkeep/workflow.js';
import { termOf } from '../workflows/rules/civil-time.js';
import { asDate, type Database } from '../prisma/client.js';
import type { Delivery } from './delivery.js';
import { isSilent, seen, type PartnerName } from './health.js';
import type { Ladok } from './ladok.js';
import type { RegistrySystem } from './registry-system.js';
import type { StaffPerson, StaffRegister } from './staff-register.js';

const AUDIT_BATCH = 200;

/** What is done for all cases together: late deliveries, probes, people, courses, and the handing over of the audit. */
export function createUpkeep(deps: {
  db: Database; delivery: Delivery; institution: string; staffRegister: StaffRegister; ladok: Ladok; registrySystem: RegistrySystem;
  probes: Readonly<Record<PartnerName, () => Promise<unknown>>>;
}): UpkeepActivities {
  const { db, institution } = deps;

  /** People and roles as the staff register has them; a role that is not told any more is gone. */
  async function refreshStaff(): Promise<void> {
    const name = `staff-register/${institution}`;
    const since = (await db.cursor.findUnique({ where: { name } }))?.value;
    const people = await deps.staffRegister.changes(since ? { since } : {});
    for (const person of people) await keepPerson(person);
    const last = people.map((person) => person.changedAt).sort().at(-1);
    if (last) await db.cursor.upsert({ where: { name }, create: { name, value: last }, update: { value: last } });
  }

  const keepPerson = (person: StaffPerson) =>
    db.$transaction(async (tx) => {
      await tx.$executeRaw`
        INSERT INTO persons (id, institution, given_name, surname, person_number, email, mobile, mobile_changed_at, language, changed_at)
        VALUES (${person.id}::uuid, ${institution}, ${person.givenName}, ${person.surname}, ${person.personNumber}, ${person.email}, ${person.mobile},
                NULL, ${person.language}, ${person.changedAt}::timestamptz)
        ON CONFLICT (id) DO UPDATE SET given_name = EXCLUDED.given_name, surname = EXCLUDED.surname, person_number = EXCLUDED.person_number,
          email = EXCLUDED.email, mobile = EXCLUDED.mobile, language = EXCLUDED.language, changed_at = EXCLUDED.changed_at,
          mobile_changed_at = CASE WHEN persons.mobile IS DISTINCT FROM EXCLUDED.mobile THEN now() ELSE persons.mobile_changed_at END`;
      await tx.role.deleteMany({ where: { personId: person.id } });
      await tx.role.createMany({
        data: person.roles.map((role) => ({ personId: person.id, role: role.role, course: role.course, validFrom: asDate(role.from), validTo: role.to ? asDate(role.to) : null })),
      });
    });

  /** Courses, modules, occasions and scales. */
  async function refreshCatalogue(): Promise<void> {
    const takenAt = new Date();
    const occasions = await deps.ladok.courses({});
    Context.current().heartbeat();
    const scaleIds = [...new Set(occasions.flatMap((occasion) => occasion.modules.map((module) => module.scaleId)))];
    const scales = await Promise.all(scaleIds.map((id) => deps.ladok.gradeScale(id)));
    for (const scale of scales) {
      const kept = { code: scale.code, grades: scale.grades.map(({ code, passing }) => ({ code, passing })), takenAt };
      await db.gradeScale.upsert({ where: { institution_id: { institution, id: String(scale.id) } }, create: { institution, id: String(scale.id), ...kept }, update: kept });
    }
    for (const occasion of occasions) {
      for (const module of occasion.modules) {
        const kept = {
          courseNameSv: occasion.names.sv, courseNameEn: occasion.names.en, moduleNameSv: module.names.sv, moduleNameEn: module.names.en,
          moduleUid: module.instanceUid, scaleId: String(module.scaleId), takenAt,
        };
        const key = { institution, courseCode: occasion.courseCode, moduleCode: module.code };
        await db.courseModule.upsert({ where: { institution_courseCode_moduleCode: key }, create: { ...key, ...kept }, update: kept });
      }
      if (!occasion.from || !occasion.to) continue;
      const term = termOf(occasion.from);
      const kept = { courseCode: occasion.courseCode, term, fromDate: asDate(occasion.from), toDate: asDate(occasion.to), takenAt };
      await db.courseOccasion.upsert({ where: { institution_uid: { institution, uid: occasion.occasionUid } }, create: { institution, uid: occasion.occasionUid, ...kept }, update: kept });
    }
  }

  /** One good probe and a system counts as back. */
  async function probePartners(): Promise<void> {
    const down = await db.partnerHealth.findMany({ where: { up: false } });
    for (const { partner } of down) {
      const probe = deps.probes[partner as PartnerName];
      const answered = await probe().then(() => true, (cause: unknown) => !isSilent(cause));
      await seen(db, partner as PartnerName, answered);
      Context.current().heartbeat();
    }
  }

  /** AU-01: entries and signings are logged in the registry system too, in order, from where it stopped. */
  async function handOverAudit(): Promise<void> {
    for (;;) {
      const last = await deps.registrySystem.last(institution);
      const page = await db.auditEntry.findMany({ where: { institution, seq: { gt: last?.seq ?? 0 } }, orderBy: { seq: 'asc' }, take: AUDIT_BATCH });
      if (page.length === 0) return;
      await deps.registrySystem.record(page.map((row) => ({
        institution, seq: Number(row.seq), at: (JSON.parse(row.entry) as { at: string }).at, entry: row.entry, hash: row.hash,
        previousHash: row.seq === 1n ? null : row.previousHash,
      })));
      Context.current().heartbeat();
    }
  }

  return { overdue: () => deps.delivery.overdue({ most: 100 }), probePartners, refreshStaff, refreshCatalogue, handOverAudit };
}
