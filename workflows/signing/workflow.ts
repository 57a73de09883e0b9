import { proxyActivities } from '@temporalio/workflow';
import { queues } from '../queues.js';

/** The two calls of a BankID order and its end. They know the order by id; numbers, texts and signatures stay in Postgres. */
export interface BankIdActivities {
  /** Orders the signature. One attempt: a repeated one would stop the first order. */
  startBankId(input: { orderId: string }): Promise<void>;
  /** Asks every two seconds until the person has signed or not, and keeps the answer before anything else. */
  collectBankId(input: { orderId: string }): Promise<void>;
  /** Ends an order whose start has an unknown outcome: the person is asked to start again. */
  abandonBankId(input: { orderId: string }): Promise<void>;
}

const once = proxyActivities<BankIdActivities>({
  taskQueue: queues.bankId,
  startToCloseTimeout: '30s',
  retry: { maximumAttempts: 1 },
  summary: 'order the signature',
});

/**
 * An order lives a few minutes at BankID; a worker that died is noticed within half a minute. A call may take ten seconds, so a
 * living one is never taken for dead.
 */
const collecting = proxyActivities<BankIdActivities>({
  taskQueue: queues.bankId,
  startToCloseTimeout: '15m',
  heartbeatTimeout: '30s',
  retry: { initialInterval: '1s', backoffCoefficient: 1.5, maximumInterval: '5s' },
  summary: 'has the person signed?',
});

/** One order to sign with BankID, from the order to its end (RL-40). */
export async function bankIdOrder(input: { orderId: string }): Promise<void> {
  try {
    await once.startBankId(input);
  } catch {
    await collecting.abandonBankId(input);
    return;
  }
  await collecting.collectBankId(input);
}
