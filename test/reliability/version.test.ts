import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from '../spec.js';
import { workflowBundle } from '../../activities/bundle.js';
import { setCurrentVersion } from '../../activities/rollout.js';
import { DEPLOYMENT, startWorkers, type Workers } from '../../activities/worker.js';
import { delivered, filledList, type ListInHand } from '../support/lists.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const changed = fileURLToPath(new URL('../fixtures/changed-list/workflow.ts', import.meta.url));
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const opened = async (versioned: boolean): Promise<University> => {
  const at = await openUniversity({ versioned, bundle: { codePath: process.env['TEST_BUNDLE'] as string, buildId: 'a' } });
  closing.push(() => at.close());
  return at;
};

async function another(at: University, bundle: { codePath: string }, buildId: string): Promise<Workers> {
  const where = { address: at.env['TEMPORAL_ADDRESS'] as string, namespace: at.config.TEMPORAL_NAMESPACE };
  const workers = await startWorkers({
    at: where,
    keys: at.config.payloadKeys,
    bundle: { ...bundle, buildId },
    buildId,
    activities: at.activities,
  });
  closing.push(() => workers.shutdown());
  return workers;
}

const history = async (at: University, list: ListInHand) =>
  (await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).fetchHistory()).events ?? [];
const builds = async (at: University, list: ListInHand) =>
  (await history(at, list)).flatMap((event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? []);

const settled = (at: University, list: ListInHand): Promise<number> =>
  eventually('the workflow has heard of everything', async () => {
    const events = await history(at, list);
    const { raw } = await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).describe();
    return !raw.pendingActivities?.length && !raw.pendingWorkflowTask && events.length;
  });

const send = async (at: University, list: ListInHand) =>
  at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
const giveBack = (at: University, list: ListInHand) =>
  at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' });

const micros = (time: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
  Number(time?.seconds ?? 0) * 1e6 + (time?.nanos ?? 0) / 1e3;

async function eagerness(at: University, list: ListInHand): Promise<number> {
  const events = await history(at, list);
  const commits = events
    .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'commit')
    .slice(-20);
  const started = (id: unknown) =>
    events.find((event) => String(event.activityTaskStartedEventAttributes?.scheduledEventId) === String(id));
  return commits.filter((commit) => micros(started(commit.eventId)?.eventTime) - micros(commit.eventTime) < 1_000).length;
}

describe('a new version of the workflows', () => {
  it('goes on with a case that the old one opened, once it is made current and not before', async () => {
    const at = await opened(true);
    const list = await filledList(at);
    await another(at, await workflowBundle({ more: { resultList: changed } }), 'b');
    expect((await send(at, list)).body).toMatchObject({ case: { state: 'with-examiner' } });
    expect(new Set(await builds(at, list))).toEqual(new Set(['a']));
    await delivered(list);
    await settled(at, list);

    await setCurrentVersion(at.world.temporal, 'b');
    await at.stopWorker();
    const before = (await history(at, list)).length;
    expect((await giveBack(at, list)).body).toMatchObject({ case: { state: 'draft', waitingFor: 'teacher' } });
    expect((await send(at, list)).body).toMatchObject({ case: { state: 'with-examiner' } });
    const later = (await history(at, list)).slice(before);
    const answered = later.flatMap((event) => event.workflowTaskCompletedEventAttributes?.deploymentVersion?.buildId ?? []);
    expect(new Set(answered)).toEqual(new Set(['b']));
    expect(later.some((event) => event.markerRecordedEventAttributes?.markerName === 'core_patch')).toBe(true);
    expect(later.some((event) => event.timerStartedEventAttributes)).toBe(true);
    expect((await history(at, list)).filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
    const described = await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).describe();
    expect(described.raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject({
      deploymentName: DEPLOYMENT,
      buildId: 'b',
    });
    expect((await list.read()).step).toBe(4);
  });

  it('is not taken up by a case while an older one is current, also for cases that are opened then', async () => {
    const at = await opened(true);
    await another(at, await workflowBundle({ more: { resultList: changed } }), 'b');
    const list = await filledList(at);
    expect((await send(at, list)).status).toBe(200);
    expect(new Set(await builds(at, list))).toEqual(new Set(['a']));
    expect((await history(at, list)).filter((event) => event.markerRecordedEventAttributes)).toEqual([]);
  });
});

describe('steps with and without versions of workers', () => {
  it('are taken both times, and their median is told', async () => {
    const told: Record<string, string> = {};
    for (const versioned of [true, false]) {
      const at = await opened(versioned);
      const list = await filledList(at);
      const times: number[] = [];
      for (let pair = 0; pair < 10; pair += 1)
        for (const step of [send, giveBack]) {
          const began = performance.now();
          const { status } = await step(at, list);
          times.push(performance.now() - began);
          expect(status).toBe(200);
        }
      const gaps = await eagerness(at, list);
      told[versioned ? 'with versions' : 'without'] =
        `${Math.round(times.sort((one, other) => one - other)[10] as number)} ms, ${gaps} of 20 dispatched with the task`;
      expect((await list.read()).step).toBe(21);
    }
    console.info('median of 20 steps', told);
    expect(Object.keys(told)).toEqual(['with versions', 'without']);
  });
});
