import { proxyActivities } from '@temporalio/workflow';
import { caseWorkflow, type RunningCase } from '../case-workflow.js';
import type { OrderName } from './complaint.js';
import { queues } from '../queues.js';
import { definition, type ComplaintCommand } from './definition.js';

/** What the story waits for outside. */
export interface AwaitActivities {
  /**
   * Returns when the newest order of that name has ended; until then it fails as "not yet" and is asked again, without growing
   * the history.
   */
  awaitOrder(input: { caseId: string; name: OrderName }): Promise<void>;
}

/** FS may be away for days: asked often at first, every minute later. */
const orders = proxyActivities<AwaitActivities>({
  taskQueue: queues.register,
  startToCloseTimeout: '30s',
  retry: { initialInterval: '250ms', backoffCoefficient: 1.5, maximumInterval: '1m' },
  summary: 'has FS done what was ordered?',
});

/** Waits for ordered work while people may still move the case, and while they are reminded of it. */
async function after(complaint: RunningCase, name: OrderName, command: ComplaintCommand): Promise<void> {
  const outcome = await complaint.until(
    () => orders.awaitOrder({ caseId: complaint.id, name }),
    () => complaint.change(),
  );
  if (outcome !== 'moved') await complaint.advance(command);
}

/**
 * The story of a complaint: FS says what the protocol holds, people decide, the grade goes into the protocol; deadlines remind
 * and decide nothing.
 */
export const complaint = caseWorkflow(definition, (running) => {
  switch (running.now.state) {
    case 'opened':
      return after(running, 'read-protocol', 'protocol-read');
    case 'registering':
      return after(running, 'enter-grade', 'entered');
    default:
      return running.change();
  }
});
