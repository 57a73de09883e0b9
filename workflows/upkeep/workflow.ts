import { CancellationScope, patched, proxyActivities } from '@temporalio/workflow';
import type { DeliveryActivities } from '../case-workflow.js';
import { leftUndone } from '../left-undone.js';
import type { Channel } from '../process.js';
import { queueOf, queues } from '../queues.js';

/** What is done for all cases together. */
export interface UpkeepActivities {
  /** Promises nobody took: pending too long, claimed by somebody who died, or of no case (null), which no workflow takes. */
  overdue(): Promise<readonly { readonly caseId: string | null; readonly channel: Channel }[]>;
  /** Starts the workflows again that are gone while Registrar itself has the next step of their case. */
  startLost(): Promise<void>;
  /** Asks what is down whether it is back. */
  probePartners(): Promise<void>;
  /** Reads on in the register's event feed: results that were attested or annulled there (RL-46). */
  followFeed(): Promise<void>;
  /** Brings what the staff register says about people and roles. */
  refreshStaff(): Promise<void>;
  /** Brings courses, modules, occasions and grade scales from the register. */
  refreshCatalogue(): Promise<void>;
  /** Brings the institutions of the exchange from its registry. */
  refreshPartners(): Promise<void>;
  /** Hands new audit entries over to the registry system (AU-01). */
  handOverAudit(): Promise<void>;
  /** Tells other institutions of results that they fetched from us and that have changed here (BE-07). */
  tellOnward(): Promise<void>;
}

/**
 * Jobs of the sweep: a minute each, waiting for a place included, and one try, for the next sweep goes on where this one stopped.
 */
const own = proxyActivities<UpkeepActivities>({
  taskQueue: queues.upkeep,
  startToCloseTimeout: '1m',
  scheduleToCloseTimeout: '1m',
  retry: { maximumAttempts: 1 },
});

/** Jobs that stand by themselves. */
const whole = proxyActivities<UpkeepActivities>({
  taskQueue: queues.upkeep,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '1m',
  retry: { maximumAttempts: 3 },
});

/** Deliveries at once on one way out, and how long a sweep goes on with them: what is left is for the next one. */
const AT_ONCE = 3;
const DELIVERING = '1m';

type Late = Awaited<ReturnType<UpkeepActivities['overdue']>>;

/** One delivery that nobody took; what fails is found again by the next sweep. */
async function deliver({ caseId, channel }: Late[number]): Promise<void> {
  const outside = proxyActivities<DeliveryActivities>({
    taskQueue: queueOf[channel],
    startToCloseTimeout: '10m',
    heartbeatTimeout: '1m',
    retry: { maximumAttempts: 1 },
  });
  await outside.deliver({ caseId, channel }).catch(leftUndone(`still not delivered: ${channel}`));
}

/** Each way out has a lane of its own, so that one that hangs holds up no other. */
async function deliverLate(): Promise<void> {
  const late = await own.overdue();
  const lanes = Object.keys(queueOf).map((channel) => late.filter((one) => one.channel === channel)[Symbol.iterator]());
  const worker = async (lane: Iterator<Late[number]>) => {
    for (let next = lane.next(); !next.done; next = lane.next()) await deliver(next.value);
  };
  await Promise.all(lanes.flatMap((lane) => Array.from({ length: AT_ONCE }, () => worker(lane))));
}

/**
 * Runs every half minute, unless the one before is still running: delivers what nobody took, starts what has no workflow, looks
 * whether what is down is back, reads the register's events, tells changed results onward, and hands the audit over. None of it
 * waits for another, and none takes longer than a minute, so that one that is slow does not keep the next sweep waiting.
 */
export async function sweep(): Promise<void> {
  if (!patched('at-once')) return oneAfterTheOther();
  const feed = patched('feed') ? own.followFeed().catch(leftUndone('the event feed does not come now')) : undefined;
  const onward = patched('onward') ? own.tellOnward().catch(leftUndone('changes of results were not told onward')) : undefined;
  await Promise.all([
    feed,
    onward,
    own.probePartners().catch(leftUndone('probing failed')),
    own.handOverAudit().catch(leftUndone('the registry system does not take entries now')),
    own.startLost().catch(leftUndone('workflows that are gone were not started')),
    CancellationScope.withTimeout(DELIVERING, deliverLate).catch(leftUndone('the rest is left to the next sweep')),
  ]);
}

/** The sweep as it was; recorded histories go through it. */
async function oneAfterTheOther(): Promise<void> {
  for (const one of await own.overdue()) await deliver(one);
  await own.probePartners().catch(leftUndone('probing failed'));
  await own.handOverAudit().catch(leftUndone('the registry system does not take entries now'));
}

/** Runs every two minutes: a role that was taken away is known soon. What fails is brought next time. */
export async function refreshStaff(): Promise<void> {
  await whole.refreshStaff().catch(leftUndone('the staff register does not answer now'));
}

/** Runs at every `npm start` and hourly: people, roles, courses, institutions of the exchange. What fails is brought next time. */
export async function refresh(): Promise<void> {
  await whole.refreshStaff().catch(leftUndone('the staff register does not answer now'));
  await whole.refreshCatalogue().catch(leftUndone('the course catalogue does not come now'));
  if (patched('exchange')) await whole.refreshPartners().catch(leftUndone('the registry of the exchange does not answer now'));
}
