import { CancellationScope, isCancellation, proxyActivities } from '@temporalio/workflow';
import { queues } from '../queues.js';

/** The two calls of a BankID order and its end. They know the order by id; numbers, texts and signatures stay in Postgres. */
export interface BankIdActivities {
  /** Orders the signature. One attempt: a repeated one would stop the first order. */
  startBankId(input: { orderId: string }): Promise<void>;
  /** Asks every two seconds until the person has signed or not, and keeps the answer before anything else. */
  collectBankId(input: { orderId: string }): Promise<void>;
  /** Ends an order whose start has an unknown outcome, or that is not followed any more: the person is asked to start again. */
  abandonBankId(input: { orderId: string }): Promise<void>;
}

/**
 * Beats while it waits for the database to keep what BankID calls the order, which has run out there after three minutes: waiting
 * longer than a quarter of an hour would keep nothing.
 */
const once = proxyActivities<BankIdActivities>({
  taskQueue: queues.bankId,
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  retry: { maximumAttempts: 1 },
  summary: 'order the signature',
});

/**
 * An order lives a few minutes at BankID, and a worker that died is noticed within half a minute: a call may take ten seconds, so
 * a living one is never taken for dead. What BankID told it tells once, so it is held as long as a database may be away.
 */
const collecting = proxyActivities<BankIdActivities>({
  taskQueue: queues.bankId,
  startToCloseTimeout: '3d',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '5s' },
  summary: 'has the person signed?',
});

/** Two statements; until they are done the person can give no other order. */
const abandoning = proxyActivities<BankIdActivities>({
  taskQueue: queues.bankId,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '5s' },
  summary: 'end the order, to be given anew',
});

/** One order to sign with BankID, from the order to its end (RL-40), which it has also where the workflow is cancelled. */
export async function bankIdOrder(input: { orderId: string }): Promise<void> {
  try {
    await once.startBankId(input);
    await collecting.collectBankId(input);
  } catch (cause) {
    await CancellationScope.nonCancellable(() => abandoning.abandonBankId(input));
    if (isCancellation(cause)) throw cause;
  }
}
