import { createHash, createHmac, randomUUID } from 'node:crypto';
import { refuse, type Actor, type Refusal, type RoleName } from '../../workflows/process.js';
import { roleTexts } from '../../workflows/roles.js';
import { asDate, civilOrNull, type Database, type Transaction } from '../../prisma/client.js';
import { whoIs, type Known } from '../case/people.js';
import type { Trace } from '../case/once.js';

const MOST_OPEN = 20;

/**
 * An address as its owner sees it in the list: not the secret, which is told when it is made. `fetchedOn` is the last day a
 * calendar program asked.
 */
export interface CalendarAddress {
  readonly id: string;
  readonly role: RoleName;
  readonly madeAt: string;
  readonly fetchedOn: string | null;
}

/**
 * The secret in an address: derived from its id with a key outside the database, so that no table, no stored answer and no backup
 * tells it. 256 bits.
 */
export const secretOf = (id: string, key: Buffer): string => createHmac('sha256', key).update(id).digest('base64url');

const hashed = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Makes an address for a role that the caller holds today; at most 20 of one person at a time. */
export async function makeAddress(
  tx: Transaction,
  input: { actor: Actor; role: RoleName; key: Buffer },
  trace: Trace,
): Promise<{ readonly id: string; readonly role: RoleName } | Refusal> {
  const { actor, role, key } = input;
  const no = (refusal: Refusal) => trace({ caseId: null, details: { role } }, refusal).then(() => refusal);
  if (!actor.roles.some((held) => held.role === role)) return no(refuse('forbidden', 'registrar', 'role-not-held', { role }));
  await tx.$queryRaw`SELECT FROM persons WHERE id = ${actor.id}::uuid FOR UPDATE`;
  const open = await tx.calendarAddress.count({ where: { personId: actor.id, endedAt: null } });
  if (open >= MOST_OPEN) return no(refuse('conflict', 'registrar', 'too-many-calendars', { most: MOST_OPEN }));
  const id = randomUUID();
  await tx.calendarAddress.create({ data: { id, personId: actor.id, role, secretHash: hashed(secretOf(id, key)) } });
  await trace({ caseId: null, details: { role, address: id } });
  return { id, role };
}

/** Ends an address of the caller's own: from now on nothing is found there. */
export async function endAddress(
  tx: Transaction,
  input: { actor: Actor; id: string },
  trace: Trace,
): Promise<{ readonly id: string; readonly ended: true } | Refusal> {
  const { actor, id } = input;
  const { count } = await tx.calendarAddress.updateMany({
    where: { id, personId: actor.id, endedAt: null },
    data: { endedAt: new Date() },
  });
  const refusal = count === 0 ? refuse('missing', 'registrar', 'no-such-calendar') : undefined;
  await trace({ caseId: null, details: { address: id } }, refusal);
  return refusal ?? { id, ended: true };
}

/** The caller's own addresses that are not ended, the oldest first. */
export const addressesOf = async (db: Database, personId: string): Promise<CalendarAddress[]> =>
  (
    await db.calendarAddress.findMany({
      where: { personId, endedAt: null },
      orderBy: [{ madeAt: 'asc' }, { id: 'asc' }],
      take: MOST_OPEN,
    })
  ).map(({ id, role, madeAt, fetchedOn }) => ({
    id,
    role: role as RoleName,
    madeAt: madeAt.toISOString(),
    fetchedOn: civilOrNull(fetchedOn),
  }));

/**
 * Whose deadlines an address shows, with the rights its owner has now; undefined for an unknown or ended one, and where the owner
 * is staff no more.
 */
export async function ownerOf(
  db: Database,
  secret: string,
  at: string,
): Promise<{ readonly known: Known; readonly role: RoleName } | undefined> {
  const found = await db.calendarAddress.findUnique({ where: { secretHash: hashed(secret) } });
  if (!found || found.endedAt || !Object.hasOwn(roleTexts, found.role)) return undefined;
  const known = await whoIs(db, { person: found.personId, at });
  if (!known) return undefined;
  const today = asDate(known.today);
  await db.calendarAddress.updateMany({
    where: { id: found.id, OR: [{ fetchedOn: null }, { fetchedOn: { lt: today } }] },
    data: { fetchedOn: today },
  });
  return { known, role: found.role as RoleName };
}
