import type { TellingActivities } from '../../workflows/subscription/telling.js';
import { definition } from '../../workflows/subscription/definition.js';
import type { LetterName, SubscriptionData } from '../../workflows/subscription/rules.js';
import { promisedLetter } from '../../workflows/process.js';
import { addDays, dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { asDate, type Database } from '../../prisma/client.js';
import { append } from '../audit.js';
import { beating } from '../beating.js';
import { promise, readCase } from '../case/case-row.js';
import { whoIs } from '../case/people.js';
import { watched } from '../health.js';

/** Days before its last day on which the end of a subscription is announced. */
const ANNOUNCED_DAYS = 7;

/** Students of a course who can get a final grade now, by the register's key: the set that a T34 list holds (RL-24). */
export type EligibleStudents = (course: string) => Promise<readonly string[]>;

/** Tells subscribers, once a day, of students who can get a final grade (SU-01). */
export function createTelling(deps: { db: Database; institution: string; eligible: EligibleStudents }): TellingActivities {
  const { db, institution } = deps;

  async function today(at: Instant): Promise<CivilDate> {
    const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution } });
    return dayOf(at, zone);
  }

  /**
   * Subscriptions to be told of on a day. SU-04: one look a day, early: the last whole day is looked at on the morning after it,
   * when the subscription has expired.
   */
  async function subscriptions(at: Instant): Promise<readonly { readonly id: string; readonly scope: string }[]> {
    const day = await today(at);
    return db.$queryRaw`
      SELECT id, scope FROM cases WHERE institution = ${institution} AND kind = ${definition.kind} AND state IN ('active', 'expired')
        AND data->>'from' <= ${day} AND data->>'until' >= ${addDays(day, -1)} ORDER BY number`;
  }

  const subscribedCourses = async ({ at }: { at: Instant }): Promise<string[]> =>
    [...new Set((await subscriptions(at)).map(({ scope }) => scope))].toSorted();

  /**
   * One transaction a subscription: who is new to the subscriber, the letter about them, and that they were told of, all or
   * nothing.
   */
  const tell = (id: string, students: readonly string[], at: Instant): Promise<void> =>
    db.$transaction(async (tx) => {
      const found = await readCase(tx, { id }, true);
      if (!found || found.subject.state === 'ended') return;
      const { subject, zone } = found;
      const { course } = subject.data as SubscriptionData;
      const day = dayOf(at, zone);
      const known = await whoIs(tx, { person: subject.createdBy, at });
      if (!known?.actor.roles.some((held) => Object.hasOwn(definition.birth.by, held.role))) return;
      const key = `mail:eligible:${subject.createdBy}:${course.code}:${day}`;
      if (await tx.outbox.findUnique({ where: { key } })) return;
      const count = await tx.$executeRaw`
        INSERT INTO subscription_told (person_id, course_code, student_uid, told_on)
        SELECT ${subject.createdBy}::uuid, ${course.code}, student, ${asDate(day)}::date FROM unnest(${students}::uuid[]) AS student ON CONFLICT DO NOTHING`;
      if (count === 0) return;
      const letter: LetterName = 'eligible';
      await promise(tx, {
        institution,
        caseId: id,
        promises: [{ channel: 'mail', key, payload: { letter, to: subject.createdBy, count } }],
      });
      await append(tx, {
        institution,
        caseId: id,
        subject: `${subject.kind}/${subject.number}`,
        actor: 'system',
        action: `${subject.kind}.told`,
        outcome: 'done',
        at,
        details: { students: count, day },
      });
    });

  async function tellOf({ course, at }: { course: string; at: Instant }): Promise<void> {
    const students = await watched(db, 'ladok', () => deps.eligible(course));
    if (students.length === 0) return;
    for (const { id, scope } of await subscriptions(at)) if (scope === course) await tell(id, students, at);
  }

  /** Subscriptions that were made in the last week of their own are not announced. */
  async function announceEnds({ at }: { at: Instant }): Promise<void> {
    const day = await today(at);
    const soon = await db.$queryRaw<{ id: string }[]>`
      SELECT id FROM cases WHERE institution = ${institution} AND kind = ${definition.kind} AND closed_at IS NULL
        AND due_on BETWEEN ${asDate(day)}::date AND ${asDate(addDays(day, ANNOUNCED_DAYS))}::date AND created_at < due_ends - make_interval(days => ${ANNOUNCED_DAYS + 1}::int) ORDER BY number`;
    for (const { id } of soon) await announce(id, day, at);
  }

  const announce = (id: string, day: CivilDate, at: Instant): Promise<void> =>
    db.$transaction(async (tx) => {
      const found = await readCase(tx, { id }, true);
      if (found?.subject.state !== 'active') return;
      const { subject } = found;
      const name: LetterName = 'ends-soon';
      const letter = promisedLetter(subject, name, subject.createdBy, (subject.data as SubscriptionData).until);
      if (await tx.outbox.findUnique({ where: { key: letter.key } })) return;
      await promise(tx, { institution, caseId: id, promises: [letter] });
      await append(tx, {
        institution,
        caseId: id,
        subject: `${subject.kind}/${subject.number}`,
        actor: 'system',
        action: `${subject.kind}.end-announced`,
        outcome: 'done',
        at,
        details: { day },
      });
    });

  return {
    announceEnds: (input) => beating(() => announceEnds(input)),
    subscribedCourses,
    tellOf: (input) => beating(() => tellOf(input)),
  };
}
