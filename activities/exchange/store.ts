import type { Actor, CaseView } from '../../workflows/process.js';
import type { Outcome } from '../../workflows/exchange/outcomes.js';
import type {
  AgainFacts,
  BirthFacts,
  Brought,
  ExchangeData,
  ExchangeFacts,
  ExchangeWrite,
  Inquiry,
} from '../../workflows/exchange/rules.js';
import type { BirthBody } from '../../workflows/exchange/schema.js';
import type { SettingName } from '../../workflows/settings/schema.js';
import { defaults, type Timeline } from '../../workflows/settings/values.js';
import type { Instant } from '../../workflows/rules/civil-time.js';
import { Prisma, type Transaction } from '../../prisma/client.js';
import { readCase, troubled } from '../case/case-row.js';
import type { Store } from '../case/store.js';
import { settingValues } from '../settings.js';
import { changedAfterFetch, changedWarning } from './external-studies.js';
import { holdPerson } from './import.js';
import { newestConsent } from './newest-consent.js';
import { hasOurKey, type Ourselves } from './ourselves.js';

/**
 * The tables of an order: what its rules are told, and whom they have asked. `own` is how the registry has to list us; without it
 * nothing can be ordered.
 */
export const exchangeStore = (own?: Ourselves): Store<ExchangeData, ExchangeFacts | AgainFacts | BirthFacts, ExchangeWrite> => ({
  birthFacts: (tx, ask) => birthFacts(tx, ask, own),
  facts: async (tx, { subject, command }) => {
    if (command === 'extend') return { inquiries: [] };
    const inquiries = await inquiriesOf(tx, subject.id);
    return command === 'ask-again' ? { inquiries, ...(await againFacts(tx, subject)) } : { inquiries };
  },
  obstacle: async (tx, subject) =>
    (subject.state === 'not-complete' ||
      (await inquiriesOf(tx, subject.id)).some(({ outcome }) => outcome?.startsWith('rejected-'))) &&
    !(await answeredFor(tx, subject as CaseView<ExchangeData>)),
  write,
  warnings: async (tx, { id, institution, data }) =>
    changedWarning(await changedAfterFetch(tx, { institution, personId: data.person, caseId: id })),
});

/**
 * An approval case, locked, and before it the person it is about: the order in which everybody locks. Who became another person
 * meanwhile is held as that one as well.
 */
async function heldApproval(tx: Transaction, number: string): Promise<CaseView<{ person: string }> | undefined> {
  const read = async (lock = false) =>
    (await readCase(tx, { kind: 'approval', number }, lock))?.subject as CaseView<{ person: string }> | undefined;
  let held: string | undefined;
  for (let person = (await read())?.data.person; person && person !== held; person = (await read())?.data.person) {
    await holdPerson(tx, person);
    held = person;
  }
  return read(true);
}

/** No two orders for one person are born at once. */
async function birthFacts(
  tx: Transaction,
  { body, actor }: { body: unknown; actor: Actor },
  own?: Ourselves,
): Promise<BirthFacts> {
  const { institution } = actor;
  const { approval: number } = body as BirthBody;
  const approval = await heldApproval(tx, number);
  const mine = approval?.institution === institution ? approval : undefined;
  const partners = await tx.exchangePartner.findMany({ where: { listed: true }, orderBy: { code: 'asc' } });
  const us = own && partners.find(({ code }) => code === own.code);
  return {
    settings: await settingsOf(tx, institution),
    ready: own !== undefined && us !== undefined && hasOurKey(own, us.keys),
    partners: partners.map(({ code }) => code).filter((code) => code !== own?.code),
    ...(mine
      ? { approval: { state: mine.state, person: mine.data.person }, ...(await personOf(tx, institution, mine.data.person)) }
      : {}),
  };
}

async function againFacts(
  tx: Transaction,
  { institution, data }: CaseView<ExchangeData>,
): Promise<Omit<AgainFacts, 'inquiries'>> {
  const consent = await newestConsent(tx, { institution, person: data.person });
  return { settings: await settingsOf(tx, institution), ...(consent ? { consent } : {}) };
}

async function personOf(
  tx: Transaction,
  institution: string,
  person: string,
): Promise<Pick<BirthFacts, 'numberKind' | 'consent' | 'open'>> {
  const student = await tx.student.findFirst({ where: { personId: person, institution } });
  const consent = await newestConsent(tx, { institution, person });
  const open = await tx.$queryRaw<{ number: string }[]>`
    SELECT number::text FROM cases WHERE kind = 'exchange' AND closed_at IS NULL AND data->>'person' = ${person} AND institution = ${institution}`;
  return {
    ...(student ? { numberKind: student.numberKind } : {}),
    ...(consent ? { consent } : {}),
    ...(open[0] ? { open: open[0].number } : {}),
  };
}

const names = [
  'exchange-module',
  'exchange-reserved',
  'exchange-legal-basis',
  'exchange-retry-days',
  'exchange-test-numbers',
  'exchange-support',
] as const satisfies readonly SettingName[];

async function settingsOf(tx: Transaction, institution: string): Promise<BirthFacts['settings']> {
  const read = new Map<SettingName, Timeline<SettingName>>();
  for (const name of names) read.set(name, await settingValues(tx, institution, name));
  return Object.fromEntries(
    names.map((name) => [name, read.get(name) ?? defaults[name].values]),
  ) as unknown as BirthFacts['settings'];
}

/** Each institution of the order as it was asked last. */
export async function inquiriesOf(tx: Transaction, caseId: string): Promise<Inquiry[]> {
  const rows = await tx.$queryRaw<
    { partner: string; state: Inquiry['state']; outcome: Outcome | null; brought: Brought | null }[]
  >`
    SELECT DISTINCT ON (partner) partner, state, outcome, details->'brought' AS brought FROM exchange_inquiries WHERE case_id = ${caseId}::uuid ORDER BY partner, round DESC`;
  return rows.map(({ brought, ...row }) => ({ ...row, ...(brought ? { brought } : {}) }));
}

async function write(
  tx: Transaction,
  { subject, writes, at }: { subject: CaseView<ExchangeData>; writes: readonly ExchangeWrite[]; at: Instant },
): Promise<void> {
  for (const one of writes) {
    if (one.write === 'ask' || one.write === 'no-consent') {
      const ended = one.write === 'ask' ? {} : { state: 'answered', outcome: one.write, details: {}, answeredAt: at };
      await tx.exchangeInquiry.createMany({
        data: one.partners.map((partner) => ({ caseId: subject.id, partner, round: one.round, orderedAt: at, ...ended })),
      });
    } else if (one.write === 'drop')
      await tx.exchangeInquiry.updateMany({
        where: { caseId: subject.id, state: 'open' },
        data: { state: 'dropped', answeredAt: at },
      });
    else
      for (const { id, letters } of await earlierInNeed(tx, subject))
        await tx.case.update({ where: { id }, data: { needsAttention: letters } });
  }
}

/** Orders of the approval case before this one that ask for attention, and whether a letter of theirs does. */
const earlierInNeed = (
  tx: Transaction,
  { institution, number, data: { person, approval } }: CaseView<ExchangeData>,
): Promise<{ id: string; letters: boolean }[]> =>
  tx.$queryRaw`
    SELECT c.id, ${troubled(Prisma.sql`c.id`)} AS letters FROM cases c
    WHERE c.institution = ${institution} AND c.kind = 'exchange' AND c.data->>'person' = ${person} AND c.data->>'approval' = ${approval}
      AND c.needs_attention AND c.number < ${BigInt(number)} ORDER BY c.id FOR UPDATE OF c`;

/** Whether a later order of the approval case has asked everybody to its end: then that one asks for attention, or none does. */
async function answeredFor(
  tx: Transaction,
  { institution, number, data: { person, approval } }: CaseView<ExchangeData>,
): Promise<boolean> {
  const later = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM cases WHERE institution = ${institution} AND kind = 'exchange' AND data->>'person' = ${person} AND data->>'approval' = ${approval}
      AND state IN ('complete', 'not-complete') AND number > ${BigInt(number)} LIMIT 1`;
  return later.length > 0;
}
