import { z } from 'zod';
import type { UpkeepActivities } from '../workflows/upkeep/workflow.js';
import { startOf, systemStates, type Start } from '../workflows/process.js';
import { dayOf, termOf, type CivilDate } from '../workflows/rules/civil-time.js';
import { asDate, type Database } from '../prisma/client.js';
import { append } from './audit.js';
import { beating, over } from './beating.js';
import { brokenRule } from './case/broken-rule.js';
import type { Process, Processes } from './case/registered-process.js';
import { hashOf } from './case/seal.js';
import type { Delivery } from './delivery.js';
import { refreshPartners } from './exchange/partners.js';
import type { ExchangeRegistry } from './exchange/registry.js';
import { isSilent, seen, watched, type PartnerName } from './health.js';
import type { Ladok } from './ladok.js';
import { eachAtMost } from './at-a-time.js';
import type { CourseOccasion } from './ladok/terms.js';
import type { RegistrySystem } from './registry-system.js';
import { followFeed } from './result-list/arrivals.js';
import type { StaffPerson, StaffRegister } from './staff-register.js';

const AUDIT_BATCH = 200;
/** Late deliveries of one way out, and cases looked at for a lost workflow, in one sweep. */
const AT_MOST = 100;
/** Workflows that are asked for at once. */
const AT_ONCE = 8;
/** The cursor that remembers how far the search for lost workflows has come. */
const LOST = 'lost-workflows';

interface OpenCase {
  readonly id: string;
  readonly number: bigint;
  readonly kind: string;
  readonly institution: string;
  readonly scope: string | null;
  /** Whether its deadline or reminder passed and Registrar has not moved it. */
  readonly missed: boolean;
}

/** So that the one that began last comes last: it has the newest version of its course. Before them those that are still to begin. */
function newestLast(occasions: readonly CourseOccasion[], today: CivilDate): CourseOccasion[] {
  const inOrder = occasions.toSorted((a, b) => (a.from ?? '').localeCompare(b.from ?? '', 'en'));
  const begun = ({ from = '' }: CourseOccasion) => from <= today;
  return [...inOrder.filter((one) => !begun(one)).toReversed(), ...inOrder.filter(begun)];
}

/** The size of a course is that of its modules: the register says it of those alone. */
const creditsOf = (modules: CourseOccasion['modules']): string | null =>
  modules.length === 0 ? null : String(Number(modules.reduce((sum, { credits }) => sum + credits, 0).toFixed(2)));

/**
 * What is done for all cases together: late deliveries, lost workflows, probes, people, courses, and the handing over of the
 * audit.
 */
export function createUpkeep(deps: {
  db: Database;
  delivery: Delivery;
  processes: Processes;
  start: (one: Start) => Promise<void>;
  /** Has the workflow with this id, if it runs, look at its case again. */
  lookAgain: (id: string) => Promise<void>;
  institution: string;
  staffRegister: StaffRegister;
  ladok: Ladok;
  registrySystem: RegistrySystem;
  exchangeRegistry: ExchangeRegistry;
  probes: Readonly<Record<PartnerName, () => Promise<unknown>>>;
}): Omit<UpkeepActivities, 'tellOnward'> {
  const { db, institution } = deps;

  /**
   * People and roles as the staff register has them; a role that is not told any more is gone. What somebody holds by a
   * delegation stays, and is in force or not. Who is a student the register does not say. Somebody who cannot be read or kept
   * stays as they were, which the audit says once, and holds up nobody.
   */
  async function refreshStaff(): Promise<void> {
    const name = `staff-register/${institution}`;
    const since = (await db.cursor.findUnique({ where: { name } }))?.value;
    const { people, unreadable } = await watched(db, 'staff-register', () => deps.staffRegister.changes(since ? { since } : {}));
    const unkept: unknown[] = [...unreadable];
    for (const person of people)
      await keepPerson(person).catch((cause: unknown) => {
        if (!brokenRule(cause)) throw cause;
        unkept.push(person);
      });
    await noteUnreadable(unkept);
    const last = people
      .map((person) => person.changedAt)
      .sort()
      .at(-1);
    if (last) await db.cursor.upsert({ where: { name }, create: { name, value: last }, update: { value: last } });
  }

  /** Says in the audit who was told of and could not be read, when they are others than the last time. */
  async function noteUnreadable(entries: readonly unknown[]): Promise<void> {
    const name = `staff-register-unreadable/${institution}`;
    const value = hashOf(entries);
    await db.$transaction(async (tx) => {
      const rows = await tx.$queryRaw<object[]>`
        INSERT INTO cursors (name, value) VALUES (${name}, ${value})
        ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value WHERE cursors.value <> EXCLUDED.value RETURNING name`;
      if (rows.length === 0 || entries.length === 0) return;
      const ids = entries.map((one) => z.object({ id: z.guid() }).safeParse(one).data?.id).filter((id) => id !== undefined);
      await append(tx, {
        institution,
        caseId: null,
        actor: 'system',
        action: 'staff-register.unreadable',
        outcome: 'done',
        at: new Date().toISOString(),
        details: { entries: entries.length, people: ids.slice(0, 100) },
      });
    });
  }

  /**
   * What the register said of somebody earlier changes nothing after what it said later, whoever brings which. A student keeps
   * the number they are registered with (RX-29): the register's is the one they sign with (RL-41).
   */
  const keepPerson = (person: StaffPerson) =>
    db.$transaction(async (tx) => {
      const kept = await tx.$executeRaw`
        INSERT INTO persons (id, institution, given_name, surname, person_number, staff_number, email, mobile, mobile_changed_at, language, changed_at, told_at)
        VALUES (${person.id}::uuid, ${institution}, ${person.givenName}, ${person.surname}, ${person.personNumber}, ${person.personNumber}, ${person.email},
                ${person.mobile}, NULL, ${person.language}, ${person.changedAt}::timestamptz, ${person.changedAt}::timestamptz)
        ON CONFLICT (id) DO UPDATE SET given_name = EXCLUDED.given_name, surname = EXCLUDED.surname, staff_number = EXCLUDED.staff_number,
          person_number = CASE WHEN EXISTS (SELECT FROM students s WHERE s.person_id = persons.id) THEN persons.person_number ELSE EXCLUDED.person_number END,
          email = EXCLUDED.email, mobile = EXCLUDED.mobile, language = EXCLUDED.language, changed_at = EXCLUDED.changed_at, told_at = EXCLUDED.told_at,
          mobile_changed_at = CASE WHEN persons.mobile IS DISTINCT FROM EXCLUDED.mobile THEN now() ELSE persons.mobile_changed_at END
        WHERE persons.told_at IS NULL OR persons.told_at <= EXCLUDED.told_at`;
      if (kept === 0) return;
      await tx.role.deleteMany({ where: { personId: person.id, forPerson: null, role: { not: 'student' } } });
      await tx.role.createMany({
        data: person.roles
          .filter(({ role }) => role !== 'student')
          .map((role) => ({
            personId: person.id,
            role: role.role,
            course: role.course,
            validFrom: asDate(role.from),
            validTo: role.to ? asDate(role.to) : null,
          })),
      });
    });

  /** Courses and modules, each in the newest version that has it, occasions and scales. */
  async function refreshCatalogue(): Promise<void> {
    const takenAt = new Date();
    const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution } });
    const occasions = newestLast(await deps.ladok.courses({}), dayOf(takenAt.toISOString(), zone));
    const scaleIds = [
      ...new Set(occasions.flatMap((occasion) => [occasion.scaleId, ...occasion.modules.map((module) => module.scaleId)])),
    ];
    const scales = await Promise.all(scaleIds.map((id) => deps.ladok.gradeScale(id)));
    for (const scale of scales) {
      const kept = { code: scale.code, grades: scale.grades.map(({ code, passing }) => ({ code, passing })), takenAt };
      await db.gradeScale.upsert({
        where: { institution_id: { institution, id: String(scale.id) } },
        create: { institution, id: String(scale.id), ...kept },
        update: kept,
      });
    }
    for (const course of new Map(occasions.map((one) => [one.courseCode, one])).values()) {
      const kept = {
        nameSv: course.names.sv,
        nameEn: course.names.en,
        uid: course.courseInstanceUid,
        scaleId: String(course.scaleId),
        titleWanted: course.titleWanted ?? false,
        discontinued: course.discontinued ?? false,
        credits: creditsOf(course.modules),
        takenAt,
      };
      const key = { institution, code: course.courseCode };
      await db.course.upsert({ where: { institution_code: key }, create: { ...key, ...kept }, update: kept });
    }
    for (const occasion of occasions) {
      for (const module of occasion.modules) {
        const kept = {
          courseNameSv: occasion.names.sv,
          courseNameEn: occasion.names.en,
          moduleNameSv: module.names.sv,
          moduleNameEn: module.names.en,
          moduleUid: module.instanceUid,
          scaleId: String(module.scaleId),
          titleWanted: module.titleWanted ?? false,
          credits: creditsOf([module]),
          takenAt,
        };
        const key = { institution, courseCode: occasion.courseCode, moduleCode: module.code };
        await db.courseModule.upsert({
          where: { institution_courseCode_moduleCode: key },
          create: { ...key, ...kept },
          update: kept,
        });
      }
      if (!occasion.from || !occasion.to) continue;
      const term = termOf(occasion.from);
      const kept = {
        courseCode: occasion.courseCode,
        term,
        fromDate: asDate(occasion.from),
        toDate: asDate(occasion.to),
        reportsOn: [occasion.courseInstanceUid, ...occasion.modules.map((module) => module.instanceUid)],
        takenAt,
      };
      await db.courseOccasion.upsert({
        where: { institution_uid: { institution, uid: occasion.occasionUid } },
        create: { institution, uid: occasion.occasionUid, ...kept },
        update: kept,
      });
    }
  }

  /** One good probe and a system counts as back. All at once: one that hangs keeps none of the others down. */
  async function probePartners(): Promise<void> {
    const down = await db.partnerHealth.findMany({ where: { up: false } });
    await Promise.all(
      down.map(async ({ partner }) => {
        const answered = await deps.probes[partner as PartnerName]().then(
          () => true,
          (cause: unknown) => !isSilent(cause),
        );
        await seen(db, partner as PartnerName, answered);
      }),
    );
  }

  /**
   * Starts workflows again that were terminated, failed or lost while Registrar itself has the next step (no person's command
   * would come to start them), or while a deadline or the moment of a reminder has passed. One that runs is left alone, unless it
   * has missed a moment of its own: then it never heard of an edit that set it, and looks again. Goes round the open cases in the
   * order of their numbers, some at a time; a case that cannot be started holds up no other.
   */
  async function startLost(): Promise<void> {
    const since = BigInt((await db.cursor.findUnique({ where: { name: LOST } }))?.value ?? 0);
    const waiting = [...deps.processes.values()].flatMap(({ definition }) =>
      systemStates(definition).map((state) => `${definition.kind}/${state}`),
    );
    const ending = [...deps.processes.values()]
      .filter(({ definition }) => definition.commands['due'])
      .map(({ definition }) => definition.kind);
    const cases = await db.$queryRaw<OpenCase[]>`
      SELECT id, number, kind, institution, scope,
        coalesce(least(CASE WHEN kind = ANY (${ending}::text[]) THEN due_ends END, wakes_at) < now() - interval '5 minutes', false) AS missed FROM cases
      WHERE closed_at IS NULL AND number > ${since} AND kind = ANY (${[...deps.processes.keys()]}::text[]) AND changed_at < now() - interval '5 minutes'
        AND (kind || '/' || state = ANY (${waiting}::text[]) OR least(due_ends, wakes_at) < now() - interval '5 minutes')
      ORDER BY number LIMIT ${AT_MOST}`;
    const value = String(cases.length < AT_MOST ? 0 : cases.at(-1)?.number);
    await db.cursor.upsert({ where: { name: LOST }, create: { name: LOST, value }, update: { value } });
    const begin = async ({ number, ...one }: OpenCase): Promise<void> => {
      const start = startOf(deps.processes.get(one.kind) as Process, { ...one, number: String(number) });
      await deps.start(start);
      if (one.missed) await deps.lookAgain(start.id);
    };
    const failures = await eachAtMost({
      items: cases,
      atOnce: AT_ONCE,
      work: (one) =>
        begin(one).then(
          () => [],
          (cause: unknown) => [cause],
        ),
    });
    if (failures.flat().length > 0) throw failures.flat()[0];
  }

  /** AU-01: entries and signings are logged in the registry system too, in order, from where it stopped. */
  async function handOverAudit(): Promise<void> {
    for (const enough = over(); !enough.aborted;) {
      const last = await watched(db, 'registry-system', () => deps.registrySystem.last(institution));
      const page = await db.auditEntry.findMany({
        where: { institution, seq: { gt: last?.seq ?? 0 } },
        orderBy: { seq: 'asc' },
        take: AUDIT_BATCH,
      });
      if (page.length === 0) return;
      for (const row of page) {
        if (enough.aborted) return;
        const entry = {
          institution,
          seq: Number(row.seq),
          at: (JSON.parse(row.entry) as { at: string }).at,
          entry: row.entry,
          hash: row.hash,
          previousHash: row.seq === 1n ? null : row.previousHash,
        };
        await watched(db, 'registry-system', () => deps.registrySystem.record([entry]));
      }
    }
  }

  return {
    followFeed: () => followFeed({ db, ladok: deps.ladok, institution, over: over() }),
    overdue: () => deps.delivery.overdue({ most: AT_MOST }),
    startLost,
    probePartners,
    refreshStaff: () => beating(refreshStaff),
    refreshCatalogue: () => beating(refreshCatalogue),
    refreshPartners: () =>
      beating(() =>
        watched(db, 'exchange-registry', () => refreshPartners({ db, registry: deps.exchangeRegistry, at: new Date() })),
      ),
    handOverAudit,
  };
}
