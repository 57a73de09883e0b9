import { Context, log } from '@temporalio/activity';
import type { BankIdActivities } from '../../workflows/signing/workflow.js';
import type { Database } from '../../prisma/client.js';
import { appendAll } from '../audit.js';
import { evidenceHash, type Evidence } from './evidence.js';
import { BankIdRefused, type BankId } from '../bankid.js';
import { judgeOcsp, type Doubt } from '../bankid-ocsp.js';
import { compareSigned, verifySignature, type Reason } from '../bankid-signature.js';
import { beating } from '../beating.js';
import { watched } from '../health.js';
import { PartnerUnavailable } from '../outbound.js';
import { writeProofs } from './code.js';

/**
 * What a BankID order can come to, beside BankID's own hint codes. `lost`: signed perhaps, but the answer never reached us; sign
 * again.
 */
export type OrderEnding =
  | 'complete'
  | 'failed'
  | 'lost'
  | 'cancelled'
  | 'other-person'
  | 'other-text'
  | 'other-content'
  | 'bad-signature'
  | 'revoked'
  | 'not-started';

/**
 * Why a signature is not believed, for the audit: what is wrong with the signature, or with BankID's word that its certificate is
 * good.
 */
interface Disbelief {
  readonly signature?: Reason;
  readonly ocsp?: Doubt;
}

/**
 * How long a stored answer is looked for when BankID says that it has been told: as long as a call of another collector may last.
 */
const LOOKS_AGAIN = 5;
const POLL_MS = 2_000;
/**
 * What has waited longer is not ordered any more: an order lives three minutes at BankID, and a person may give another one after
 * ten (`hasOrder`).
 */
const START_WITHIN_MINUTES = 5;

interface OrderRow {
  id: string;
  person_id: string;
  lists: { caseId: string; version: number; hash: string }[];
  end_user_ip: string;
  visible_text: string;
  non_visible: string;
  state: string;
  created_at: Date;
  /** Whether it has waited too long to be ordered. */
  stale: boolean;
  order_ref: string | null;
  ended_at: Date | null;
  completion: unknown;
  staff_number: string;
  institution: string;
}

/** Makes the activities of a BankID order (RL-40, RL-41). `roots`: PEM of the authorities a signer's chain has to end in. */
export function createBankIdActivities(deps: {
  db: Database;
  bankId: BankId;
  roots: readonly string[];
  pollMs?: number;
}): BankIdActivities {
  const { db, pollMs = POLL_MS } = deps;
  const read = async (id: string): Promise<OrderRow> => {
    const rows = await db.$queryRaw<OrderRow[]>`
      SELECT b.id, b.person_id, b.end_user_ip, b.visible_text, b.non_visible, b.state, b.created_at, b.order_ref, b.ended_at, b.completion,
        b.created_at < now() - make_interval(mins => ${START_WITHIN_MINUTES}::int) AS stale, p.staff_number, p.institution,
        (SELECT jsonb_agg(jsonb_build_object('caseId', l.case_id, 'version', l.version, 'hash', l.hash) ORDER BY l.place) FROM bankid_order_lists l WHERE l.order_id = b.id) AS lists
      FROM bankid_orders b JOIN persons p ON p.id = b.person_id WHERE b.id = ${id}::uuid`;
    if (!rows[0]) throw new Error('no such BankID order');
    return rows[0];
  };

  /**
   * Writes down what BankID told us and nobody else, however long the database is away: until the activity is called off (its
   * process leaves, its workflow is cancelled) or its time is over, a quarter of an hour for the start of an order and three days
   * for its end. Beside it something has to beat.
   */
  const keep = async (write: () => Promise<unknown>): Promise<void> => {
    for (;;) {
      try {
        await write();
        return;
      } catch (cause) {
        log.warn('an answer of BankID could not be kept yet', { cause: (cause as Error).name });
        await Context.current().sleep(pollMs);
      }
    }
  };

  /**
   * Ends an order, once, traced for each list; a complete one writes their proofs in the same transaction, and what it was
   * believed by.
   */
  const end = (
    order: OrderRow,
    ending: OrderEnding,
    hint: string | null,
    why: { disbelief?: Disbelief; evidence?: Evidence } = {},
  ): Promise<void> =>
    db.$transaction(async (tx) => {
      const changed = await tx.$executeRaw`
        UPDATE bankid_orders SET state = ${ending}, hint_code = ${hint}, ended_at = now(), qr_start_secret = NULL, evidence = ${why.evidence ? JSON.stringify(why.evidence) : null}::jsonb
        WHERE id = ${order.id}::uuid AND ended_at IS NULL`;
      if (changed === 0) return;
      if (ending === 'complete')
        await writeProofs(tx, { lists: order.lists, person: order.person_id, method: 'bankid', source: order.id });
      const wrong = ending !== 'complete';
      await appendAll(
        tx,
        order.lists.map(({ caseId }) => ({
          institution: order.institution,
          caseId,
          actor: order.person_id,
          action: 'signing.bankid',
          outcome: wrong ? ('refused' as const) : ('done' as const),
          ...(wrong ? { rule: ending === 'other-person' ? 'RL-41' : 'RL-40', code: ending } : {}),
          at: new Date().toISOString(),
          details: {
            order: order.id,
            ...(order.lists.length > 1 ? { lists: order.lists.length } : {}),
            ...(hint ? { hint } : {}),
            ...why.disbelief,
            ...(why.evidence ? { evidence: evidenceHash(order.completion as Completed, why.evidence) } : {}),
          },
        })),
      );
    });

  const startBankId = ({ orderId }: { orderId: string }): Promise<void> => beating(() => give(orderId));

  async function give(orderId: string): Promise<void> {
    const order = await read(orderId);
    if (order.ended_at || order.order_ref) return;
    if (order.state === 'cancelling') return end(order, 'cancelled', null);
    if (order.stale) return end(order, 'not-started', null);
    try {
      const started = await watched(db, 'bankid', () =>
        deps.bankId.sign({
          endUserIp: order.end_user_ip,
          personNumber: order.staff_number,
          visibleText: order.visible_text,
          nonVisible: order.non_visible,
        }),
      );
      await keep(
        () => db.$executeRaw`
        UPDATE bankid_orders SET state = CASE WHEN state = 'cancelling' THEN state ELSE 'started' END, order_ref = ${started.orderRef}, auto_start_token = ${started.autoStartToken},
          qr_start_token = ${started.qrStartToken}, qr_start_secret = ${started.qrStartSecret}, started_at = now() WHERE id = ${orderId}::uuid AND ended_at IS NULL`,
      );
    } catch (cause) {
      if (!(cause instanceof BankIdRefused)) throw cause;
      await end(order, 'failed', cause.errorCode);
    }
  }

  /** Judges what was signed against what was ordered, after the answer is safely kept. */
  const endSigned = (order: OrderRow, completion: Completed): Promise<void> => {
    const at = new Date();
    const { signature, ocspResponse } = completion;
    const verified = verifySignature({ signature, roots: [...deps.roots], at });
    if (!verified.valid) return end(order, 'bad-signature', null, { disbelief: { signature: verified.reason } });
    const standing = judgeOcsp({
      ocspResponse,
      signature,
      certificateChain: verified.certificateChain,
      ordered: order.created_at,
      at,
    });
    if (standing !== 'good')
      return end(order, standing === 'revoked' ? 'revoked' : 'bad-signature', null, { disbelief: { ocsp: standing } });
    const compared = compareSigned({
      ordered: { personNumber: order.staff_number, visibleText: order.visible_text, nonVisible: order.non_visible },
      completion: { personNumber: verified.personNumber, visibleText: verified.visibleText, nonVisible: verified.nonVisible },
    });
    if (compared !== 'same') return end(order, compared, null);
    if (completion.user.personNumber !== order.staff_number) return end(order, 'other-person', null);
    return end(order, 'complete', null, {
      evidence: { judgedAt: at.toISOString(), certificateChain: verified.certificateChain },
    });
  };

  /** Beats also while a call is open, so that a second collector starts only when this one is dead or cut off. */
  const collectBankId = ({ orderId }: { orderId: string }): Promise<void> => beating(() => collect(orderId));

  async function collect(orderId: string): Promise<void> {
    for (let gone = 0; ;) {
      const order = await read(orderId);
      if (order.ended_at) return;
      if (order.completion) return endSigned(order, order.completion as Completed);
      if (!order.order_ref) return end(order, 'not-started', null);
      if (gone > LOOKS_AGAIN) return end(order, 'lost', null);
      if (order.state === 'cancelling') {
        await deps.bankId.cancel(order.order_ref);
        return end(order, 'cancelled', null);
      }
      const answer = gone > 0 ? 'gone' : await collected(order);
      if (answer === 'gone') gone += 1;
      else if (answer.status === 'failed') return end(order, 'failed', answer.hintCode);
      else if (answer.status === 'complete') {
        await keep(
          () =>
            db.$executeRaw`UPDATE bankid_orders SET completion = ${JSON.stringify(answer.completion)}::jsonb WHERE id = ${orderId}::uuid`,
        );
        continue;
      } else if (answer.status === 'pending')
        await db.$executeRaw`UPDATE bankid_orders SET hint_code = ${answer.hintCode} WHERE id = ${orderId}::uuid AND state <> 'cancelling'`;
      await Context.current().sleep(pollMs);
    }
  }

  /**
   * One collect. BankID lets `complete` be read once: where it says it knows no such order, another collector has the answer, or
   * it is lost.
   */
  async function collected(order: OrderRow) {
    try {
      return await watched(db, 'bankid', () => deps.bankId.collect(order.order_ref as string));
    } catch (cause) {
      if (cause instanceof BankIdRefused && cause.errorCode === 'invalidParameters') return 'gone' as const;
      if (cause instanceof PartnerUnavailable) return { status: 'unavailable' as const };
      throw cause;
    }
  }

  async function abandonBankId({ orderId }: { orderId: string }): Promise<void> {
    const order = await read(orderId);
    if (order.ended_at) return;
    if (order.completion) return endSigned(order, order.completion as Completed);
    return end(order, order.order_ref ? 'lost' : 'not-started', null);
  }

  return { startBankId, collectBankId, abandonBankId };
}

interface Completed {
  readonly signature: string;
  readonly ocspResponse: string;
  readonly user: { readonly personNumber: string };
}
