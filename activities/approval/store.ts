import type { ApprovalData, ApprovalFacts } from '../../workflows/approval/rules.js';
import type { BirthBody } from '../../workflows/approval/schema.js';
import type { Actor, CaseView, Warning } from '../../workflows/process.js';
import { dayOf, timeOf } from '../../workflows/rules/civil-time.js';
import type { Transaction } from '../../prisma/client.js';
import type { Store } from '../case/store.js';
import { changedAfterFetch, changedWarning } from '../exchange/external-studies.js';
import { holdPerson } from '../exchange/import.js';

/**
 * What the birth of an approval case is told. Its commands need nothing but the case; its view warns of what goes on about the
 * person elsewhere.
 */
export const approvalStore: Store<ApprovalData, ApprovalFacts | undefined> = {
  birthFacts,
  facts: async () => undefined,
  obstacle: async () => false,
  write: async () => undefined,
  warnings,
};

/** Holds the person, so that nobody is made one with another meanwhile (RX-29). */
async function birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<ApprovalFacts> {
  const { person } = ask.body as BirthBody;
  await holdPerson(tx, person);
  return { registered: (await tx.student.count({ where: { personId: person, institution: ask.actor.institution } })) > 0 };
}

/**
 * That an order for the person is not over, with the day and time it was given (RX-19), and that an institution changed results after they were fetched from it
 * (RX-24).
 */
async function warnings(tx: Transaction, { institution, data }: CaseView<ApprovalData>): Promise<Warning[]> {
  const running = await tx.$queryRaw<{ number: string; created_at: Date; zone: string }[]>`
    SELECT c.number::text, c.created_at, i.zone FROM cases c JOIN institutions i ON i.code = c.institution
    WHERE c.kind = 'exchange' AND c.closed_at IS NULL AND c.data->>'person' = ${data.person} AND c.institution = ${institution}`;
  return [
    ...running.map(({ number, created_at: created, zone }) => {
      const at = created.toISOString();
      const [day, time] = [dayOf(at, zone), timeOf(at, zone)];
      return {
        code: 'exchange-running',
        rule: 'RX-19',
        sv: `Beställd ${day} kl. ${time}: extern utbildning hämtas (nummer ${number}).`,
        nb: `Bestilt ${day} kl. ${time}: ekstern utdanning hentes (nummer ${number}).`,
        en: `Ordered ${day} at ${time}: external education is being fetched (number ${number}).`,
      };
    }),
    ...changedWarning(await changedAfterFetch(tx, { institution, personId: data.person })),
  ];
}
