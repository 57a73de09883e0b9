import { condition, proxyActivities } from '@temporalio/workflow';
import { caseWorkflow, type Troubled } from '../case-workflow.js';
import { queues } from '../queues.js';
import { definition } from './definition.js';

/**
 * What a list asks of the register. Both end early, as troubled, when they find something a person has to look at that is not
 * shown yet (`attention`: it is), and are then asked again.
 */
export interface RegisterActivities {
  /** Writes the signed rows as drafts, marks them ready, reads back. Read-first, so it may be repeated. */
  transferResults(input: { caseId: string; attention: boolean }): Promise<Troubled | undefined>;
  /** Returns when every row is attested; until then it fails as "not yet" and is asked again, without growing the history. */
  awaitAttestation(input: { caseId: string; attention: boolean }): Promise<Troubled | undefined>;
}

/** Writing to the register takes its time; a service window lasts hours, so the pauses grow to ten minutes and never end. */
const writing = proxyActivities<RegisterActivities>({
  taskQueue: queues.register,
  startToCloseTimeout: '10m',
  heartbeatTimeout: '1m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10m' },
  summary: 'write the signed rows to the register',
});

/** A person attests in the register, today or in three weeks: asked often at first, every fifteen minutes later. */
const asking = proxyActivities<RegisterActivities>({
  taskQueue: queues.register,
  startToCloseTimeout: '5m',
  heartbeatTimeout: '1m',
  retry: { initialInterval: '2s', backoffCoefficient: 1.5, maximumInterval: '15m' },
  summary: 'has the register attested every row?',
});

/**
 * The story of a result list (RL-35): people write, send and sign; the course office enters; Registrar carries it to the register
 * and tells the students.
 */
export const resultList = caseWorkflow(definition, async (list) => {
  const asked = { caseId: list.id, attention: list.now.needsAttention };
  switch (list.now.state) {
    case 'registering': {
      const outcome = await writing.transferResults(asked);
      return outcome?.needsAttention ? list.attend() : list.advance('transferred');
    }

    case 'entering':
    case 'registered': {
      const outcome = await list.until(() => asking.awaitAttestation(asked));
      if (outcome === 'moved') return;
      return outcome?.needsAttention ? list.attend() : list.advance('attested');
    }

    case 'arrived':
      await condition(() => list.idle);
      return list.advance('told');

    default:
      return list.change();
  }
});
