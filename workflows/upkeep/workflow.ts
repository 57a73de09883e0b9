import { log, proxyActivities } from '@temporalio/workflow';
import type { DeliveryActivities } from '../case-workflow.js';
import type { Channel } from '../process.js';
import { queueOf, queues } from '../queues.js';

/** What is done for all cases together. */
export interface UpkeepActivities {
  /** Promises nobody took: pending too long, or claimed by somebody who died. */
  overdue(): Promise<readonly { readonly caseId: string; readonly channel: Channel }[]>;
  /** Asks what is down whether it is back. */
  probePartners(): Promise<void>;
  /** Brings what the staff register says about people and roles. */
  refreshStaff(): Promise<void>;
  /** Brings courses, modules, occasions and grade scales from the register. */
  refreshCatalogue(): Promise<void>;
  /** Hands new audit entries over to the registry system (AU-01). */
  handOverAudit(): Promise<void>;
}

const own = proxyActivities<UpkeepActivities>({
  taskQueue: queues.register, startToCloseTimeout: '5m', heartbeatTimeout: '1m', retry: { maximumAttempts: 3 },
});

/** Runs every half minute: delivers what nobody took, starts cases that have no workflow, and looks whether what is down is back. */
export async function sweep(): Promise<void> {
  const late = await own.overdue();
  for (const { caseId, channel } of late) {
    const { deliver } = proxyActivities<DeliveryActivities>({ taskQueue: queueOf[channel], startToCloseTimeout: '10m', heartbeatTimeout: '1m', retry: { maximumAttempts: 1 } });
    await deliver({ caseId, channel }).catch(() => log.warn('still not delivered', { channel }));
  }
  await own.probePartners().catch(() => log.warn('probing failed'));
  await own.handOverAudit().catch(() => log.warn('the registry system does not take entries now'));
}

/** Runs at the first start and hourly: people, roles, courses. What fails is brought next time. */
export async function refresh(): Promise<void> {
  await own.refreshStaff().catch(() => log.warn('the staff register does not answer now'));
  await own.refreshCatalogue().catch(() => log.warn('the course catalogue does not come now'));
}
