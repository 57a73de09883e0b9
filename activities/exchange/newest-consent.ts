import { civil, type Transaction } from '../../prisma/client.js';
import type { CivilDate } from '../../workflows/rules/civil-time.js';

/** An answer to being fetched for (RX-07). `seq` names the record. */
export interface NewestConsent {
  readonly seq: string;
  readonly type: string;
  readonly answer: 'J' | 'N';
  readonly on: CivilDate;
}

interface About {
  readonly institution: string;
  readonly person: string;
}

/** The last answer as it is written down. */
export const newestAnswer = (tx: Transaction, { institution, person }: About) =>
  tx.consent.findFirst({ where: { institution, personId: person }, orderBy: { seq: 'desc' } });

/**
 * The answer that counts: the last one. Undefined where the student has never answered; `answer` N where they withdrew. Under
 * `holdPerson` it cannot change.
 */
export async function newestConsent(tx: Transaction, about: About): Promise<NewestConsent | undefined> {
  const row = await newestAnswer(tx, about);
  return row ? { seq: String(row.seq), type: row.type, answer: row.answer as 'J' | 'N', on: civil(row.answeredOn) } : undefined;
}

/** The same where it says yes: what a fetch on the ground of consent rests on. */
export async function consentGiven(tx: Transaction, about: About): Promise<NewestConsent | undefined> {
  const newest = await newestConsent(tx, about);
  return newest?.answer === 'J' ? newest : undefined;
}
