import { randomUUID } from 'node:crypto';
import { givesFor, refuse, type CaseView, type Refusal } from '../../workflows/process.js';
import { definition } from '../../workflows/result-list/definition.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { orderStart, registrationsAnew } from '../../workflows/result-list/signing.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { appendAll, type AuditEvent } from '../audit.js';
import { promise, readCase } from '../case/case-row.js';
import type { Commits } from '../case/commit.js';
import { once, type OnceAsk } from '../case/once.js';
import type { Known } from '../case/people.js';
import { isUp } from '../health.js';
import { eachAtMost } from '../at-a-time.js';
import { writeOrder } from '../orders.js';
import { hasOrder, lay, placeOrder, type LaidCase } from './signing-order.js';

/** A list as the caller read it. */
interface Wanted {
  readonly number: string;
  readonly version: number;
}

/** What became of each list: laid before the signer, or refused by its own rule. */
export type Ordered =
  | { readonly number: string; readonly outcome: 'done'; readonly version: number; readonly sha256: string }
  | { readonly number: string; readonly outcome: 'refused'; readonly refusal: Refusal };

/**
 * The order at BankID, or null where no list is in it; and every list. `checking`: the lists through which the registrations of
 * their course are read anew; absent in answers of before.
 */
export interface BulkOrder {
  readonly order: string | null;
  readonly checking?: readonly string[];
  readonly items: readonly Ordered[];
}

interface Judged {
  readonly wanted: Wanted;
  readonly list?: CaseView<ListData>;
  readonly laid?: LaidCase;
  readonly refusal?: Refusal;
}

const COMMAND = 'order-bankid';
const AT_ONCE = 4;
/** Whether the person has an order under way; locked, so that two orders at once cannot both find none. */
const isRunning = async (tx: Transaction, person: string): Promise<boolean> => {
  await tx.$queryRaw`SELECT id FROM persons WHERE id = ${person}::uuid FOR NO KEY UPDATE`;
  const rows = await tx.$queryRaw<{ yes: boolean }[]>`SELECT ${hasOrder(person)} AS yes`;
  return rows[0]?.yes ?? false;
};

/**
 * Orders one signature with BankID for many lists (RL-38, RL-40). Each list is judged by the rules of `order-bankid` and answered
 * for by itself, and what is laid before the signer is frozen as for one. The order, and an entry in the audit for each list, are
 * one transaction under the caller's key.
 */
export async function orderForMany(
  world: { readonly db: Database; readonly commits: Commits },
  ask: Pick<OnceAsk, 'idempotencyKey' | 'requestId'> & {
    readonly known: Known;
    readonly lists: readonly Wanted[];
    readonly from: string | null;
  },
): Promise<BulkOrder | Refusal> {
  const { db, commits } = world;
  const { actor } = ask.known;
  const { institution } = actor;

  const judged = async (wanted: Wanted): Promise<Judged> => {
    const found = await readCase(db, { kind: definition.kind, number: wanted.number });
    if (found?.subject.institution !== institution) return { wanted, refusal: refuse('missing', 'registrar', 'no-such-case') };
    const list = found.subject as CaseView<ListData>;
    const refusal = await commits.foresee({
      subject: list,
      zone: found.zone,
      command: COMMAND,
      body: { version: wanted.version },
      actor,
      at: new Date().toISOString(),
    });
    return refusal ? { wanted, list, refusal } : { wanted, list, ...(await laidBefore(wanted, list.id)) };
  };

  /** Under the lock of the case, so that what is frozen is the version that was asked for. */
  const laidBefore = (wanted: Wanted, id: string): Promise<{ laid: LaidCase } | { refusal: Refusal }> =>
    db.$transaction(async (tx) => {
      const list = (await readCase(tx, { id }, true))?.subject as CaseView<ListData>;
      return list.version === wanted.version
        ? { laid: await lay(tx, list) }
        : { refusal: refuse('conflict', 'RL-38', 'changed-meanwhile', { version: list.version }) };
    });

  const entry = ({ wanted, list, laid, refusal }: Judged, order: string): AuditEvent => {
    const whom = list && givesFor(definition, COMMAND, actor, list);
    return {
      institution,
      caseId: list?.id ?? null,
      subject: `${definition.kind}/${wanted.number}`,
      actor: actor.id,
      action: `${definition.kind}.${COMMAND}`,
      requestId: ask.requestId,
      at: new Date().toISOString(),
      ...(refusal ? { outcome: 'refused', rule: refusal.rule, code: refusal.code } : { outcome: 'done' }),
      details: {
        ...(whom ? { for: whom } : {}),
        ...(laid ? { bankIdOrder: order, version: laid.frozen.header.version } : refusal?.details),
      },
    };
  };

  const items = await eachAtMost({ items: ask.lists, atOnce: AT_ONCE, work: judged });
  return once(
    db,
    {
      action: `${definition.kind}.${COMMAND}`,
      about: definition.path,
      body: { lists: ask.lists },
      idempotencyKey: ask.idempotencyKey,
      actor,
      requestId: ask.requestId,
    },
    async (tx, trace) => {
      const no = !(await isUp(tx, 'bankid'))
        ? refuse('unavailable', 'RL-52', 'signing-down')
        : (await isRunning(tx, actor.id))
          ? refuse('conflict', 'RL-40', 'bankid-running')
          : undefined;
      if (no) {
        await trace({ caseId: null, details: { lists: items.length } }, no);
        return no;
      }
      const order = randomUUID();
      const lists = items.flatMap(({ laid }) => laid ?? []);
      // RL-23: once a course, however many of its lists are signed.
      const checking = [
        ...new Map(items.flatMap(({ list, laid }) => (list && laid ? [[list.scope, list] as const] : []))).values(),
      ];
      if (lists[0]) {
        await placeOrder(tx, { id: order, person: actor.id, from: ask.from, lists });
        await promise(tx, { institution, caseId: lists[0].caseId, promises: [orderStart(order)] });
      }
      for (const subject of checking) {
        const { writes, promises } = registrationsAnew(randomUUID());
        await writeOrder(tx, { subject, actor, at: new Date().toISOString() }, writes[0]);
        await promise(tx, { institution, caseId: subject.id, promises });
      }
      await appendAll(
        tx,
        items.map((one) => entry(one, order)),
      );
      return {
        order: lists.length ? order : null,
        checking: checking.map((list) => list.number),
        items: items.map(({ wanted: { number }, laid, refusal }): Ordered =>
          laid
            ? { number, outcome: 'done', version: laid.frozen.header.version, sha256: laid.hash }
            : { number, outcome: 'refused', refusal: refusal as Refusal },
        ),
      };
    },
  );
}
