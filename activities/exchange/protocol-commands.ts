import { randomUUID } from 'node:crypto';
import { refuse, type Actor, type Refusal } from '../../workflows/process.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { may } from '../../workflows/rights.js';
import { Prisma, type Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import type { Trace } from '../case/once.js';
import { isOnOneOf, readsProtocol } from '../complaint/sight.js';
import { findStudent, holdNumbers, numbersOf } from '../students.js';
import { addEntries, changeEntry, lockEntries, type Kept, type ProtocolEntry } from './protocol.js';
import { disclosuresAbout } from './source.js';

/** A result as somebody enters it: everything but where it ends. */
export type Entered = Omit<ProtocolEntry, 'withdrawnOn'>;

interface Command {
  readonly actor: Actor;
  readonly at: Instant;
  readonly zone: string;
}

const notGiven = (command: string): Refusal => refuse('forbidden', 'RX-33', 'not-yours-to-give', { command });
const assesses = (): Refusal => refuse('forbidden', 'GC-13', 'sits-on-the-committee');

/** What is wrong with an entry as a whole (RX-14, RX-27). */
async function wrongEntry(
  tx: Transaction,
  institution: string,
  number: string,
  entry: Entered,
  own?: string,
): Promise<Refusal | undefined> {
  if (entry.kind === 'assessment' && entry.diplomaOn !== null) return refuse('invalid', 'RX-27', 'diploma-of-no-degree');
  if ((entry.kind === 'qualification') !== (entry.category === 'qualification'))
    return refuse('invalid', 'RX-15', 'kind-and-category-differ');
  if (entry.partOf === null) return undefined;
  const whole =
    entry.partOf === own
      ? null
      : await tx.protocolResult.findFirst({
          where: { institution, personNumber: number, key: entry.partOf, kind: 'qualification' },
        });
  return whole && entry.kind === 'assessment' ? undefined : refuse('invalid', 'RX-14', 'no-such-qualification');
}

/** Enters a result or a degree by hand, as a contact at the source does (RX-33). Answers the key under which it is exchanged. */
export async function enterResult(
  tx: Transaction,
  input: Command & { person: string; entry: Entered },
  trace: Trace,
): Promise<{ readonly key: string } | Refusal> {
  const { actor, at, person, entry } = input;
  const { institution } = actor;
  const details = { person, kind: entry.kind };
  const no = (refusal: Refusal) => trace({ caseId: null, details }, refusal).then(() => refusal);
  if (!may(actor, 'write-protocol')) return no(notGiven('enter-result'));
  await holdNumbers(tx, { institution, person });
  const numbers = await numbersOf(tx, { institution, person });
  if (!numbers) return no(refuse('missing', 'RX-32', 'not-a-student'));
  if (isOnOneOf(await readsProtocol(tx, { institution, numbers, person: actor.id }), entry.code)) return no(assesses());
  const wrong = await wrongEntry(tx, institution, numbers[0], entry);
  if (wrong) return no(wrong);
  const key = randomUUID();
  await addEntries(tx, {
    institution,
    cameFrom: 'entered',
    at,
    entries: [{ personNumber: numbers[0], key, entry: { ...entry, withdrawnOn: null } }],
  });
  await trace({ caseId: null, details: { ...details, result: key } });
  return { key };
}

/** Finds and locks an entry for whoever changes it; a refusal for who may not, or where there is none. */
async function forChange(tx: Transaction, { actor }: Command, key: string, command: string): Promise<Kept | Refusal> {
  const { institution } = actor;
  if (!may(actor, 'write-protocol')) return notGiven(command);
  const [before] = await lockEntries(tx, institution, Prisma.sql`key = ${key}`, 'change');
  if (!before) return refuse('missing', 'RX-33', 'no-such-result');
  const person = await findStudent(tx, { institution, number: before.personNumber });
  const numbers = (person && (await numbersOf(tx, { institution, person }))) || [before.personNumber];
  return isOnOneOf(await readsProtocol(tx, { institution, numbers, person: actor.id }), before.code) ? assesses() : before;
}

/**
 * Corrects a result on our protocols (RX-33); whoever was handed it is told (BE-07). Answers which fields changed. Withdrawn,
 * it stands again. The reason rests with the command: it may tell the grade, and the audit holds no free text.
 */
export async function correctResult(
  tx: Transaction,
  input: Command & { key: string; changes: { readonly [Field in keyof Entered]?: Entered[Field] | undefined }; reason: string },
  trace: Trace,
): Promise<{ readonly key: string; readonly changed: readonly string[] } | Refusal> {
  const { actor, key, changes, at } = input;
  const no = (refusal: Refusal) => trace({ caseId: null, details: { result: key } }, refusal).then(() => refusal);
  const before = await forChange(tx, input, key, 'correct-result');
  if ('refused' in before) return no(before);
  const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const after = { ...before, ...given, ...(changes.nameNb === undefined ? {} : { nameLanguage: null }), withdrawnOn: null };
  const wrong = await wrongEntry(tx, actor.institution, before.personNumber, after, key);
  if (wrong) return no(wrong);
  const changed = await changeEntry(tx, { institution: actor.institution, before, after, cameFrom: 'entered', at });
  if (changed.length === 0) return no(refuse('conflict', 'RX-33', 'nothing-corrected'));
  await trace({ caseId: null, details: { result: key, fields: changed } });
  return { key, changed };
}

/** Withdraws a result: it is none any more from today on, is kept, and whoever was handed it is told (BE-07). */
export async function withdrawResult(
  tx: Transaction,
  input: Command & { key: string; reason: string },
  trace: Trace,
): Promise<{ readonly key: string; readonly withdrawnOn: CivilDate } | Refusal> {
  const { actor, key, at } = input;
  const no = (refusal: Refusal) => trace({ caseId: null, details: { result: key } }, refusal).then(() => refusal);
  const before = await forChange(tx, input, key, 'withdraw-result');
  if ('refused' in before) return no(before);
  if (before.withdrawnOn !== null) return no(refuse('conflict', 'RX-33', 'withdrawn-already', { on: before.withdrawnOn }));
  const withdrawnOn = dayOf(at, input.zone);
  await changeEntry(tx, { institution: actor.institution, before, after: { ...before, withdrawnOn }, cameFrom: 'entered', at });
  await trace({ caseId: null, details: { result: key } });
  return { key, withdrawnOn };
}

/** Whom the last change of a result was to be told, for they had been handed it (BE-07). `toldAt`: null until they took it. */
export interface Onward {
  readonly institution: string;
  readonly changedAt: Instant;
  readonly toldAt: Instant | null;
  readonly attempts: number;
}

/** The same of some results, by the key of each. */
async function onwardOf(tx: Transaction, institution: string, keys: readonly string[]): Promise<ReadonlyMap<string, Onward[]>> {
  const notices = await tx.onwardNotice.findMany({
    where: { institution, key: { in: [...keys] } },
    orderBy: [{ partner: 'asc' }, { key: 'asc' }, { changedAt: 'desc' }],
    distinct: ['partner', 'key'],
  });
  const each = new Map<string, Onward[]>(keys.map((key) => [key, []]));
  for (const { key, partner, changedAt, toldAt, attempts } of notices)
    each
      .get(key)
      ?.push({ institution: partner, changedAt: changedAt.toISOString(), toldAt: toldAt?.toISOString() ?? null, attempts });
  return each;
}

/**
 * Our protocols of one person, and who asked for them (AU-08). `withheld`: results that the reader must not see, for they assess
 * them anew.
 */
export interface ProtocolAnswer {
  readonly results: readonly (Omit<Kept, 'personNumber'> & { readonly onward: readonly Onward[] })[];
  readonly withheld: number;
  readonly disclosures: readonly {
    readonly institution: string;
    readonly question: string;
    readonly basis: string;
    readonly outcome: string;
    readonly results: number;
    readonly askedAt: Instant;
  }[];
}

/** Reads our protocols of a person, for the exam office and auditors; that somebody did is kept, and in the audit. */
export async function readProtocol(
  tx: Transaction,
  ask: { readonly actor: Actor; readonly person: string; readonly requestId: string },
): Promise<ProtocolAnswer | Refusal> {
  const {
    actor: { institution, id },
    person,
  } = ask;
  if (!may(ask.actor, 'read-protocol')) return refuse('forbidden', 'RX-13', 'not-yours-to-open');
  const numbers = await numbersOf(tx, { institution, person });
  if (!numbers) return refuse('missing', 'RX-32', 'not-a-student');
  const unseen = await readsProtocol(tx, { institution, numbers, person: id });
  const rows = await lockEntries(tx, institution, Prisma.sql`person_number = ${numbers[0]}`, 'hand-over');
  const seen = rows.filter(({ code }) => !isOnOneOf(unseen, code));
  const onward = await onwardOf(
    tx,
    institution,
    seen.map(({ key }) => key),
  );
  const disclosures = await disclosuresAbout(tx, { institution, numbers, most: 500 });
  await append(tx, {
    institution,
    caseId: null,
    actor: id,
    action: 'protocol.read',
    outcome: 'done',
    requestId: ask.requestId,
    at: new Date().toISOString(),
    details: { person, results: seen.length, withheld: rows.length - seen.length },
  });
  return {
    results: seen.map(({ personNumber: _number, ...row }) => ({ ...row, onward: onward.get(row.key) ?? [] })),
    withheld: rows.length - seen.length,
    disclosures: disclosures.map(({ partner, question, basis, outcome, keys, askedAt }) => ({
      institution: partner,
      question,
      basis,
      outcome,
      results: keys.length,
      askedAt: askedAt.toISOString(),
    })),
  };
}
