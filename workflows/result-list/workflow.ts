import { condition, proxyActivities } from '@temporalio/workflow';
import { caseWorkflow } from '../case-workflow.js';
import { queues } from '../queues.js';
import { definition } from './definition.js';

/** What a list asks of the register. */
export interface RegisterActivities {
  /** Writes the signed rows as drafts, marks them ready, reads back. Read-first, so it may be repeated (systems: retry table). */
  transferResults(input: { caseId: string }): Promise<void>;
  /** Returns when every row is attested; until then it fails as "not yet" and is asked again, without growing the history. */
  awaitAttestation(input: { caseId: string }): Promise<void>;
}

/** Writing to the register takes its time; a service window lasts hours, so the pauses grow to ten minutes and never end. */
const writing = proxyActivities<RegisterActivities>({
  taskQueue: queues.register, startToCloseTimeout: '10m', heartbeatTimeout: '1m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10m' },
  summary: 'write the signed rows to the register',
});

/** A person attests in the register, today or in three weeks: asked often at first, every fifteen minutes later. */
const asking = proxyActivities<RegisterActivities>({
  taskQueue: queues.register, startToCloseTimeout: '5m', heartbeatTimeout: '1m',
  retry: { initialInterval: '2s', backoffCoefficient: 1.5, maximumInterval: '15m' },
  summary: 'has the register attested every row?',
});

/** The story of a result list (RL-35): people write, send and sign; the course office enters; Registrar carries it to the register and tells the students. */
export const resultList = caseWorkflow(definition, async (list) => {
  switch (list.now.state) {
    case 'registering':
      await writing.transferResults({ caseId: list.id });
      return list.advance('transferred');

    case 'registered': {
      const outcome = await list.until(() => asking.awaitAttestation({ caseId: list.id }));
      return outcome === 'moved' ? undefined : list.advance('attested');
    }

    case 'arrived':
      await condition(() => list.idle);
      return list.advance('told');

    default:
      return list.change();
  }
});
