import type { Actor, Definition, Due, DueReason, Reach, RoleName } from '../../workflows/process.js';
import { roleTexts } from '../../workflows/roles.js';
import { civil, type Database, type Prisma } from '../../prisma/client.js';
import type { Known } from '../case/people.js';
import type { Process, Processes } from '../case/registered-process.js';
import { calendarText, type CalendarDay } from './ics.js';
import { whyThisDay } from './why.js';

/** Deadlines in one calendar; the nearest ones where there are more. */
const MOST_DAYS = 1_000;

const titles = { sv: 'Registrar, väntar på', nb: 'Registrar, venter på', en: 'Registrar, waiting for' } as const;

/** The states in which a role has a command to give, by how far it reaches there. */
function statesByReach(definition: Definition, role: RoleName): Map<Reach, string[]> {
  const found = new Map<Reach, string[]>();
  for (const { by, in: states } of Object.values(definition.commands)) {
    const reach = by[role];
    if (reach) found.set(reach, [...(found.get(reach) ?? []), ...states]);
  }
  return found;
}

/**
 * The cases of a process that wait for a role where this holder of it reaches: by what the role may do there, or because the
 * process's own tables admit them.
 */
async function reached(
  db: Database,
  { definition, store }: Process,
  role: RoleName,
  actor: Actor,
): Promise<Prisma.CaseWhereInput[]> {
  const held = actor.roles.filter((one) => one.role === role);
  if (held.length === 0) return [];
  const courses = held.flatMap((one) => one.course ?? []);
  const narrowed: Readonly<Record<Reach, Prisma.CaseWhereInput>> = {
    institution: {},
    course: { scope: { in: courses } },
    own: { createdBy: actor.id },
  };
  const admitted = (await (store?.awaiting ?? store?.admittedTo)?.(db, actor)) ?? [];
  return [
    ...[...statesByReach(definition, role)].map(([reach, states]) => ({
      kind: definition.kind,
      state: { in: states },
      ...narrowed[reach],
    })),
    ...(admitted.length ? [{ kind: definition.kind, id: { in: [...admitted] } }] : []),
  ];
}

/**
 * The deadlines of the open cases that wait for a role, where its holder reaches, as a calendar (RFC 5545) in the holder's
 * language: each a whole day, named by kind, number and state, never by a person. Without the role it is empty.
 */
export async function deadlineCalendar(
  deps: { db: Database; processes: Processes; publicUrl: string },
  owner: { known: Known; role: RoleName },
): Promise<string> {
  const {
    known: { actor, language },
    role,
  } = owner;
  const where = (await Promise.all([...deps.processes.values()].map((process) => reached(deps.db, process, role, actor)))).flat();
  const rows =
    where.length === 0
      ? []
      : await deps.db.case.findMany({
          where: { institution: actor.institution, waitingFor: role, closedAt: null, dueOn: { not: null }, OR: where },
          orderBy: [{ dueOn: 'asc' }, { number: 'asc' }],
          take: MOST_DAYS,
        });
  const days = rows.flatMap((row): CalendarDay[] => {
    const definition = deps.processes.get(row.kind)?.definition;
    if (!definition || !row.dueOn || !row.dueEnds || !row.dueRule) return [];
    const due: Due = {
      on: civil(row.dueOn),
      ends: row.dueEnds.toISOString(),
      rule: row.dueRule,
      ...(row.dueWhy ? { why: row.dueWhy as unknown as DueReason } : {}),
    };
    const address = `${deps.publicUrl}/${definition.path}/${row.number}`;
    return [
      {
        id: `${row.id}@registrar`,
        on: due.on,
        title: `${definition.title[language]} ${row.number}: ${definition.states[row.state]?.[language] ?? row.state}`,
        description: `${whyThisDay(definition, due, language)}\n${address}`,
        address,
        revision: row.step,
        changedAt: row.changedAt.toISOString(),
      },
    ];
  });
  return calendarText({ title: `${titles[language]} ${roleTexts[role][language]}`, language, days });
}
