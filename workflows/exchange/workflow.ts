import { ActivityCancellationType, condition, proxyActivities } from '@temporalio/workflow';
import { caseWorkflow } from '../case-workflow.js';
import { queues } from '../queues.js';
import { definition } from './definition.js';

/** What the story has done outside. */
export interface RoundActivities {
  /**
   * Asks every institution whose inquiry of the case is open, all at once, and writes each answer as it comes. Repeated after a
   * crash it asks those that are left.
   */
  askRound(input: { caseId: string }): Promise<void>;
}

/**
 * A round is as long as its slowest institution, and longer where many orders wait for one; it beats every ten seconds. A stopped
 * order waits for no institution: what is still under way writes nothing any more.
 */
const rounds = proxyActivities<RoundActivities>({
  taskQueue: queues.exchange,
  startToCloseTimeout: '6h',
  heartbeatTimeout: '30s',
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
  summary: 'ask the institutions',
});

/**
 * The story of an order: everybody is asked at once; what is down is asked again each day, until it answers, the last day is
 * over, or somebody stops it.
 */
export const exchange = caseWorkflow(definition, async (order) => {
  if (order.now.state !== 'running') return order.change();
  const outcome = await order.until(
    () => rounds.askRound({ caseId: order.id }),
    () => condition(() => order.now.state !== 'running'),
  );
  if (outcome !== 'moved') await order.advance('round-ended');
});
