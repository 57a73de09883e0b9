import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { workflowBundle } from '../../activities/bundle.js';
import { processesFrom } from '../../activities/case/registered-process.js';
import { startOnce } from '../../activities/index.js';
import { createUpkeep } from '../../activities/upkeep.js';
import * as registry from '../../workflows/processes.js';
import * as keyLoan from '../fixtures/toy/index.js';
import { delivered, mailTo, sentList, signedList, type ListInHand } from '../support/lists.js';
import { enter, inState, played, registeredList } from '../support/register.js';
import { swept } from '../support/staff.js';
import { eventually, openUniversity, type University } from '../support/university.js';
import { student } from '../simulators/sample.js';

const toy = fileURLToPath(new URL('../fixtures/toy/workflow.ts', import.meta.url));
const inWeeks = (weeks: number) => new Date(Date.now() + weeks * 7 * 86_400_000).toISOString().slice(0, 10);

describe('a case whose workflow is gone', () => {
  let at: University;
  beforeAll(async () => {
    const bundle = await workflowBundle({ more: { keyLoan: toy } });
    at = await openUniversity({ bundle, processes: (secrets) => processesFrom(secrets, { ...registry, keyLoan }) });
  });
  afterAll(() => at?.close());

  const workflowOf = (number: string, kind = 'result-list') => at.world.temporal.workflow.getHandle(`${kind}/${number}`);
  const runOf = async (number: string, kind?: string) => (await workflowOf(number, kind).describe()).runId;
  const statusOf = async (number: string, kind?: string) => (await workflowOf(number, kind).describe()).status.name;
  const minutesPass = (number: string) =>
    at.world.db
      .$executeRaw`UPDATE cases SET changed_at = changed_at - interval '10 minutes', due_ends = due_ends - interval '10 minutes' WHERE number = ${BigInt(number)}`;
  const attestAll = () => played(at.simulators.ladok, '/__sim/attest-all');
  const faultless = () => {
    for (const { faults } of [at.simulators.ladok, at.simulators.mailbox]) faults.length = 0;
  };

  const ways: Readonly<Record<string, () => Promise<ListInHand>>> = {
    registering: async () => {
      at.simulators.ladok.faults.push({ match: 'POST /resultat/studieresultat/skapa', effect: '500' });
      const list = await signedList(at);
      await enter(at, list);
      return list;
    },
    registered: () => registeredList(at),
    arrived: async () => {
      at.simulators.mailbox.faults.push({ match: `RCPT ${student(3).email}`, effect: 'temporary' });
      const list = await registeredList(at);
      await attestAll();
      return list;
    },
  };

  it.each(Object.keys(ways))(
    'RL-46 is started again by the sweep while the list is %s, and the list comes to its end',
    async (state) => {
      const letters = async () => (await mailTo(at, student(3).email)).length;
      const before = await letters();
      const list = await (ways[state] as () => Promise<ListInHand>)();
      await inState(list, state);
      await workflowOf(list.number).terminate();
      faultless();
      await swept(at);
      expect(await statusOf(list.number)).toBe('TERMINATED');
      await minutesPass(list.number);
      await swept(at);
      await eventually('the workflow runs again', async () => (await statusOf(list.number)) !== 'TERMINATED');
      if (state === 'registering') await inState(list, 'registered');
      await attestAll();
      await inState(list, 'informed');
      expect(await workflowOf(list.number).result()).toEqual({ state: 'informed' });
      expect(await letters()).toBe(before + 1);
      at.simulators.ladok.store.drafts = [];
      at.simulators.ladok.store.attested = [];
      await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
    },
  );

  it('is left to the command of the person it waits for', async () => {
    const list = await sentList(at);
    await delivered(list);
    await workflowOf(list.number).terminate();
    await minutesPass(list.number);
    await swept(at);
    expect(await statusOf(list.number)).toBe('TERMINATED');
    expect(await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' })).toMatchObject({
      status: 200,
    });
    expect(await statusOf(list.number)).toBe('RUNNING');
  });

  it('RL-35 goes on with the next command after its workflow was cancelled, which changes nothing of the case', async () => {
    const list = await sentList(at);
    await delivered(list);
    const before = await list.read();
    await workflowOf(list.number).cancel();
    await expect(workflowOf(list.number).result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(await list.read()).toEqual(before);
    expect(await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' })).toMatchObject({
      status: 200,
    });
    expect(await statusOf(list.number)).toBe('RUNNING');
  });

  it('is told from one whose workflow runs, which is left alone', async () => {
    const list = await registeredList(at);
    await minutesPass(list.number);
    const before = await runOf(list.number);
    await swept(at);
    expect([await runOf(list.number), await statusOf(list.number)]).toEqual([before, 'RUNNING']);
  });

  it('is started again once its deadline has passed, and not before', async () => {
    const { number } = (await at.as('karin').post('/key-loans', { key: 'A101', until: inWeeks(3) })).body.case;
    await eventually('the workflow has opened the case', () =>
      workflowOf(number, 'key-loan')
        .query('case')
        .catch(() => undefined),
    );
    await workflowOf(number, 'key-loan').terminate();
    await minutesPass(number);
    await swept(at);
    expect(await statusOf(number, 'key-loan')).toBe('TERMINATED');
    await at.world.db.$executeRaw`UPDATE cases SET due_ends = now() - interval '10 minutes' WHERE number = ${BigInt(number)}`;
    await swept(at);
    await eventually(
      'the loan is overdue',
      async () => (await at.as('karin').get(`/key-loans/${number}`)).body.state === 'overdue',
    );
  });

  it('and that has never been there is not waited for: a workflow begun about it ends as failed', async () => {
    const id = 'result-list/999999';
    const { workflow } = at.world.processes.get('result-list')!;
    await startOnce(at.world.temporal, {
      id,
      workflow,
      input: { caseId: randomUUID(), kind: 'result-list', institution: 'bth' },
    });
    await expect(at.world.temporal.workflow.getHandle(id).result()).rejects.toMatchObject({
      name: 'WorkflowFailedError',
      cause: { cause: { message: 'no such case', type: 'no-such-case' } },
    });
  });

  it('is found behind however many others, a part of them at a time, and one that cannot be started holds up none', async () => {
    const list = await registeredList(at);
    await at.world.db.$executeRaw`
      INSERT INTO cases (id, number, kind, institution, state, data, created_by, created_at, changed_at)
      SELECT gen_random_uuid(), n, 'result-list', 'bth', CASE WHEN n % 2 = 0 THEN 'registering' ELSE 'draft' END, '{}', created_by, now() - interval '1 day', now() - interval '1 day'
      FROM cases, generate_series(10001, 10300) n WHERE number = ${BigInt(list.number)}`;
    const cursor = async () => (await at.world.db.cursor.findUniqueOrThrow({ where: { name: 'lost-workflows' } })).value;
    await at.world.db.$executeRaw`UPDATE cursors SET value = '10000' WHERE name = 'lost-workflows'`;
    const asked: string[] = [];
    const start = async ({ id }: { id: string }) => {
      asked.push(id);
      if (id === 'result-list/10010') throw new Error('cannot be started');
    };
    const { startLost } = createUpkeep({ db: at.world.db, processes: at.world.processes, start } as unknown as Parameters<
      typeof createUpkeep
    >[0]);
    await expect(startLost()).rejects.toThrow('cannot be started');
    expect(await cursor()).toBe('10200');
    await startLost();
    expect(await cursor()).toBe('0');
    expect(asked).toEqual(Array.from({ length: 150 }, (_, i) => `result-list/${10_002 + 2 * i}`));
    await at.world.db.case.deleteMany({ where: { number: { gt: 10_000 } } });
  });
});
