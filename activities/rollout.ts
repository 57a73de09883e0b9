import { ScheduleAlreadyRunning, ScheduleNotFoundError, type Client, type ScheduleSpec } from '@temporalio/client';
import type { Duration } from '@temporalio/common';
import { queues } from '../workflows/queues.js';
import { patiently } from './temporal.js';
import { DEPLOYMENT } from './worker.js';

/** Makes a build the current version, so that open cases go on with it. A deploy step does this, never a worker by itself. */
export async function setCurrentVersion(client: Client, buildId: string): Promise<void> {
  const set = () =>
    client.connection.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: client.options.namespace,
      deploymentName: DEPLOYMENT,
      buildId,
      ignoreMissingTaskQueues: true,
      identity: 'registrar rollout',
    });
  // Of a worker that was just started Temporal has not heard yet.
  await patiently(set, () => true);
}

/**
 * What stands, how late a start that was missed is made up for, and after how long a run that hangs is ended, for the next waits for
 * it. The hour of a daily job is that of the institution's clock.
 */
export const schedules = (
  zone: string,
): readonly { scheduleId: string; workflowType: string; spec: ScheduleSpec; catchupWindow: Duration; longest: Duration }[] => [
  { scheduleId: 'sweep', workflowType: 'sweep', spec: { intervals: [{ every: '30s' }] }, catchupWindow: '1m', longest: '10m' },
  {
    scheduleId: 'refresh-staff',
    workflowType: 'refreshStaff',
    spec: { intervals: [{ every: '2m' }] },
    catchupWindow: '1m',
    longest: '30m',
  },
  { scheduleId: 'refresh', workflowType: 'refresh', spec: { intervals: [{ every: '1h' }] }, catchupWindow: '1m', longest: '2h' },
  {
    scheduleId: 'tell-subscribers',
    workflowType: 'tellSubscribers',
    spec: { calendars: [{ hour: 6, minute: 0 }], timezone: zone },
    catchupWindow: '12h',
    longest: '20h',
  },
];

/** The standing jobs, as this code and the zone have them; one that was paused stays paused. May be repeated. */
export async function ensureSchedules(client: Client, zone: string): Promise<void> {
  for (const { scheduleId, workflowType, spec, catchupWindow, longest } of schedules(zone)) {
    const job = {
      spec,
      policies: { overlap: 'SKIP', catchupWindow },
      action: {
        type: 'startWorkflow',
        workflowType,
        taskQueue: queues.cases,
        workflowId: scheduleId,
        workflowRunTimeout: longest,
      },
    } as const;
    await patiently(async () => {
      try {
        await client.schedule.getHandle(scheduleId).update(({ state }) => ({ ...job, state }));
      } catch (cause) {
        if (!(cause instanceof ScheduleNotFoundError)) throw cause;
        await client.schedule.create({ scheduleId, ...job }).catch((raced: unknown) => {
          if (!(raced instanceof ScheduleAlreadyRunning)) throw raced;
        });
      }
    });
  }
}
