import type { ApprovalData, ApprovalFacts } from '../../workflows/approval/rules.js';
import type { BirthBody } from '../../workflows/approval/schema.js';
import type { Actor, CaseView, Warning } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';
import type { Store } from '../case/store.js';

/** What the birth of an approval case is told. Its commands need nothing but the case; its view warns of what goes on about the person elsewhere. */
export const approvalStore: Store<ApprovalData, ApprovalFacts | undefined> = {
  birthFacts, facts: async () => undefined, obstacle: async () => false, write: async () => undefined, warnings,
};

async function birthFacts(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<ApprovalFacts> {
  const { person } = ask.body as BirthBody;
  return { registered: (await tx.student.count({ where: { personId: person, institution: ask.actor.institution } })) > 0 };
}

/** That an order for the person is not over (RX-19), and that an institution changed results after they were fetched from it (RX-24). */
async function warnings(tx: Transaction, { institution, data }: CaseView<ApprovalData>): Promise<Warning[]> {
  const running = await tx.$queryRaw<{ number: string }[]>`
    SELECT number::text FROM cases WHERE kind = 'exchange' AND closed_at IS NULL AND data->>'person' = ${data.person} AND institution = ${institution}`;
  const changed = await tx.$queryRaw<{ name_nb: string; name_en: string }[]>`
    SELECT coalesce(p.name_nb, s.partner) AS name_nb, coalesce(p.name_en, s.partner) AS name_en FROM external_studies s LEFT JOIN exchange_partners p ON p.code = s.partner
    WHERE s.institution = ${institution} AND s.person_id = ${data.person}::uuid AND s.changed_there_at > s.fetched_at ORDER BY 1`;
  const [nb, en] = [changed.map((one) => one.name_nb).join(', '), changed.map((one) => one.name_en).join(', ')];
  return [
    ...running.map(({ number }) => ({
      code: 'exchange-running', rule: 'RX-19', sv: `En hämtning av extern utbildning pågår (nummer ${number}).`, nb: `En henting av ekstern utdanning pågår (nummer ${number}).`, en: `External education is being fetched (number ${number}).`,
    })),
    ...(changed.length === 0 ? [] : [{
      code: 'changed-after-fetch', rule: 'RX-24', sv: `Resultat har ändrats där efter hämtningen: ${nb}. Hämta igen.`, nb: `Resultater er endret der etter hentingen: ${nb}. Hent på nytt.`, en: `Results were changed there after they were fetched: ${en}. Fetch again.`,
    }]),
  ];
}
