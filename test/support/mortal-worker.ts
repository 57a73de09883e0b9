import { afterAll, beforeAll } from '../spec.js';
import { openUniversity, type University } from './university.js';
import { firstWorkerProcess, startWorkerProcess, type Failpoint, type WorkerProcess } from './worker-process.js';

/** A university whose only worker is a process that a test kills. */
export interface MortalWorker {
  readonly at: University;
  kill(): Promise<void>;
  /** Kills the worker; one that will die by itself takes its place. */
  doomed(failpoint: Failpoint): Promise<WorkerProcess>;
  /** Starts a worker in place of the dead one. */
  replaced(): Promise<void>;
  /**
   * Ends the attempts that a dead worker left open in a workflow, as Temporal does when they have not beaten for their time (half
   * a minute, a minute): the next ones begin. That it does is seen in the kill run.
   */
  missed(workflowId: string): Promise<void>;
}

/** Opens one before the tests of a file or block and closes it after them. */
export function mortalWorker(): MortalWorker {
  let at: University;
  let worker: WorkerProcess | undefined;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    worker = await firstWorkerProcess(at);
  });
  afterAll(async () => {
    await worker?.kill();
    await at?.close();
  });
  return {
    get at() {
      return at;
    },
    kill: async () => worker?.kill(),
    doomed: async (failpoint) => {
      await worker?.kill();
      worker = await startWorkerProcess(at, failpoint);
      return worker;
    },
    replaced: async () => {
      worker = await startWorkerProcess(at);
    },
    missed: async (workflowId) => {
      const { temporal } = at.world;
      const { raw } = await temporal.workflow.getHandle(workflowId).describe();
      const left = (raw.pendingActivities ?? []).filter((one) => one.lastStartedTime && one.lastWorkerIdentity);
      if (left.length === 0) throw new Error(`${workflowId} has no attempt that a worker left`);
      for (const { activityId } of left)
        await temporal.activity.fail({ workflowId, activityId: String(activityId) }, new Error('no heartbeat'));
    },
  };
}
