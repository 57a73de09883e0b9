import { admitConsent, CONSENT_RECORD, type ConsentAnswer, type ConsentSource } from '../workflows/exchange/consent.js';
import { refuse, type Actor, type Refusal } from '../workflows/process.js';
import type { CivilDate } from '../workflows/rules/civil-time.js';
import { may } from '../workflows/rights.js';
import { asDate, civil, type Transaction } from '../prisma/client.js';
import type { Trace } from './case/once.js';
import { holdPerson } from './exchange/import.js';
import { newestConsent } from './exchange/newest-consent.js';
import { settingOn } from './settings.js';

/** What a student answered (RX-07). `seq` names the record; the one with the highest counts. */
export interface ConsentRecord {
  readonly seq: string;
  readonly type: string;
  readonly answer: ConsentAnswer;
  readonly on: CivilDate;
  readonly cameFrom: ConsentSource;
  readonly enteredBy: string;
  readonly enteredAt: string;
  readonly reason: string | null;
}

interface About {
  readonly institution: string;
  readonly person: string;
}

const recordOf = (row: {
  seq: bigint;
  type: string;
  answer: string;
  answeredOn: Date;
  cameFrom: string;
  enteredBy: string;
  enteredAt: Date;
  reason: string | null;
}): ConsentRecord => ({
  seq: String(row.seq),
  type: row.type,
  answer: row.answer as ConsentAnswer,
  on: civil(row.answeredOn),
  cameFrom: row.cameFrom as ConsentSource,
  enteredBy: row.enteredBy,
  enteredAt: row.enteredAt.toISOString(),
  reason: row.reason,
});

/** All answers of a student, the newest first: at most the last 200. */
export async function consentsOf(tx: Transaction, { institution, person }: About): Promise<ConsentRecord[]> {
  return (await tx.consent.findMany({ where: { institution, personId: person }, orderBy: { seq: 'desc' }, take: 200 })).map(
    recordOf,
  );
}

const sourceOf = (actor: Actor, person: string): ConsentSource =>
  person === actor.id ? 'studentweb' : may(actor, 'bring-consent') ? 'application' : 'staff';

/**
 * RX-07, AU-07: writes down what a student answered, for themselves or entered by staff with a reason (RX-08), or as it came with
 * an application (RX-09). An N is committed under the lock that an import takes, so nothing is imported once it has been
 * acknowledged. A student for whom somebody else entered it is told.
 */
export async function enterConsent(
  tx: Transaction,
  input: { actor: Actor; person: string; answer: ConsentAnswer; on: string; reason?: string | undefined; today: CivilDate },
  trace: Trace,
): Promise<ConsentRecord | Refusal> {
  const { actor, person, answer, on, reason, today } = input;
  const { institution } = actor;
  const no = async (refusal: Refusal) => {
    await trace({ caseId: null, details: { person, answer } }, refusal);
    return refusal;
  };
  if (person !== actor.id && !may(actor, 'handle-students') && !may(actor, 'bring-consent'))
    return no(refuse('forbidden', 'RX-08', 'not-yours-to-give', { command: 'consent' }));
  await holdPerson(tx, person);
  if (!(await tx.student.findFirst({ where: { personId: person, institution } })))
    return no(refuse('missing', 'RX-32', 'not-a-student'));
  const cameFrom = sourceOf(actor, person);
  const newest = (await newestConsent(tx, { institution, person }))?.on;
  const asked =
    (await settingOn(tx, { institution, name: 'exchange-consent', on: today })) !== null &&
    (await settingOn(tx, { institution, name: 'exchange-legal-basis', on: today })).basis === 'consent';
  const refused = admitConsent({ answer, on, today, cameFrom, reason, asked, newest });
  if (refused) return no(refused);
  const row = await tx.consent.create({
    data: {
      institution,
      personId: person,
      type: CONSENT_RECORD,
      answer,
      answeredOn: asDate(on),
      cameFrom,
      enteredBy: actor.id,
      enteredAt: new Date(),
      reason: reason ?? null,
    },
  });
  if (person !== actor.id)
    await tx.outbox.create({
      data: {
        institution,
        caseId: null,
        channel: 'mail',
        key: letterKey(String(row.seq)),
        payload: { letters: 'consent', letter: 'entered', to: person, consent: String(row.seq) },
      },
    });
  await trace({ caseId: null, details: { person, consent: String(row.seq), answer, on, cameFrom } });
  return recordOf(row);
}

/** Names the letter that tells a student of an answer somebody else entered. */
export const letterKey = (seq: string): string => `mail:consent-entered:${seq}`;

/** How those letters stand, by the record they are about: pending, claimed, done, uncertain or failed. */
export async function lettersAbout(tx: Transaction, records: readonly ConsentRecord[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.outbox.findMany({
    where: { key: { in: records.map(({ seq }) => letterKey(seq)) } },
    select: { key: true, state: true },
  });
  return new Map(rows.map(({ key, state }) => [key.slice(letterKey('').length), state]));
}
