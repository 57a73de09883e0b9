import type { Client } from '@temporalio/client';
import { ScheduleAlreadyRunning, ScheduleNotFoundError } from '@temporalio/client';
import { queues } from '../workflows/queues.js';
import { DEPLOYMENT } from './worker.js';

/** Makes a build the current version, so that open cases go on with it. A deploy step does this, never a worker by itself. */
export async function setCurrentVersion(client: Client, buildId: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await client.connection.workflowService.setWorkerDeploymentCurrentVersion({
        namespace: client.options.namespace, deploymentName: DEPLOYMENT, buildId, ignoreMissingTaskQueues: true, identity: 'registrar rollout',
      });
      return;
    } catch (cause) {
      if (attempt >= 100) throw cause;
      await new Promise((later) => setTimeout(later, 100));
    }
  }
}

const schedules = [
  { scheduleId: 'sweep', workflowType: 'sweep', every: '30s' },
  { scheduleId: 'refresh', workflowType: 'refresh', every: '1h' },
] as const;

/** The two standing jobs. May be repeated. */
export async function ensureSchedules(client: Client): Promise<void> {
  for (const { scheduleId, workflowType, every } of schedules) {
    try {
      await client.schedule.getHandle(scheduleId).describe();
    } catch (cause) {
      if (!(cause instanceof ScheduleNotFoundError)) throw cause;
      await client.schedule.create({
        scheduleId, spec: { intervals: [{ every }] }, policies: { overlap: 'SKIP', catchupWindow: '1m' },
        action: { type: 'startWorkflow', workflowType, taskQueue: queues.cases, workflowId: scheduleId },
      }).catch((raced: unknown) => {
        if (!(raced instanceof ScheduleAlreadyRunning)) throw raced;
      });
    }
  }
}
