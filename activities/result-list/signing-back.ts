import type { Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';

/** A way of signing that may be down, and the command by which people meet it. */
const commands = { sms: 'request-code', bankid: 'order-bankid' } as const;
/** A way to sign: SMS code or BankID. */
export type SigningWay = keyof typeof commands;

/** A failure somebody met before the way counted as down is part of the outage when it is no older than this. */
const MINUTES_BEFORE = 15;

interface Waiting {
  readonly institution: string;
  readonly person: string;
  readonly case_id: string;
  readonly lists: number;
}

/**
 * RL-53: mails those who could not sign, once an outage and person: whoever was refused because this way was down, or whose code
 * or order was lost with it, and still has such a list unsigned. The letter stands with the first of those lists; the sweep
 * delivers it.
 */
export async function tellSigners(tx: Transaction, outage: { way: SigningWay; since: Date }): Promise<void> {
  const { way, since } = outage;
  const lost = since.getTime() - MINUTES_BEFORE * 60_000;
  const waiting = await tx.$queryRaw<Waiting[]>`
    WITH met AS (
      SELECT caller AS person, case_id FROM commands
      WHERE outcome->'refusal'->>'code' = 'signing-down' AND decided_at >= ${since} AND name = ${commands[way]}
      UNION
      SELECT k.caller, c.id FROM commands k, jsonb_array_elements(k.body->'body'->'lists') AS l JOIN cases c ON c.number = (l->>'number')::bigint
      WHERE k.outcome->'refusal'->>'code' = 'signing-down' AND k.decided_at >= ${since} AND k.name = ${commands[way]} AND k.case_id IS NULL
      UNION
      SELECT s.person_id::text, s.case_id FROM signing_codes s JOIN outbox o ON o.key = 'sms:' || s.id
      WHERE ${way} = 'sms' AND s.created_at >= ${new Date(lost)} AND o.state IN ('uncertain', 'failed')
      UNION
      SELECT b.person_id::text, l.case_id FROM bankid_orders b JOIN bankid_order_lists l ON l.order_id = b.id WHERE ${way} = 'bankid' AND b.created_at >= ${new Date(lost)} AND b.state = 'not-started'
    )
    SELECT c.institution, met.person, (array_agg(c.id ORDER BY c.number))[1] AS case_id, count(*)::int AS lists
    FROM met JOIN cases c ON c.id = met.case_id WHERE c.kind = 'result-list' AND c.state IN ('draft', 'with-examiner')
    GROUP BY c.institution, met.person ORDER BY c.institution, met.person`;
  const promises = waiting.map(({ institution, person, case_id: caseId }) => ({
    institution,
    caseId,
    key: `mail:signing-back:${way}:${since.toISOString()}:${person}`,
    payload: { letter: 'signing-back', to: person },
  }));
  await tx.$executeRaw`
    INSERT INTO outbox (institution, case_id, channel, key, payload)
    SELECT p.institution, p."caseId", 'mail', p.key, p.payload
    FROM jsonb_to_recordset(${JSON.stringify(promises)}::jsonb) AS p(institution text, "caseId" uuid, key text, payload jsonb) ON CONFLICT (key) DO NOTHING`;
  for (const institution of new Set(waiting.map((one) => one.institution)))
    await append(tx, {
      institution,
      caseId: null,
      actor: 'system',
      action: 'signing.back',
      outcome: 'done',
      at: new Date().toISOString(),
      details: { way, since: since.toISOString(), told: waiting.filter((one) => one.institution === institution).length },
    });
}
