import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { definition } from '../../workflows/result-list/definition.js';
import { sealedCommand, outcomeOf } from '../support/envelopes.js';
import { shownHistory, type History } from '../support/histories.js';
import { impatientServer } from '../support/impatient-server.js';
import { delivered, filledList, sentList, type ListInHand } from '../support/lists.js';
import { enter, inState, played } from '../support/register.js';
import { proofByBankId, sign } from '../support/signing.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const EVENTS = 25;

let server: Awaited<ReturnType<typeof impatientServer>>;
let at: University;

beforeAll(async () => {
  server = await impatientServer({ events: EVENTS });
  at = await openUniversity({ address: server.address });
}, 120_000);
afterAll(async () => {
  await at?.close();
  await server?.stop();
});

const workflowOf = (list: ListInHand) => at.world.temporal.workflow.getHandle(`result-list/${list.number}`);
const currentRun = async (list: ListInHand) => (await workflowOf(list).describe()).runId;

async function runs(list: ListInHand): Promise<History[]> {
  const workflowId = `result-list/${list.number}`;
  const found: History[] = [];
  let runId: string | undefined = await currentRun(list);
  while (runId) {
    const history: History = await shownHistory(at, workflowId, runId);
    found.unshift(history);
    runId = (history.events[0]?.['workflowExecutionStartedEventAttributes'] as { continuedExecutionRunId?: string } | undefined)
      ?.continuedExecutionRunId;
  }
  return found;
}

const send = async (list: ListInHand, key?: string) =>
  at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() }, key ? { key } : {});
const giveBack = (list: ListInHand, key?: string) =>
  at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' }, key ? { key } : {});
const types = (history: History) => history.events.map(({ eventType }) => eventType);

async function continued(list: ListInHand, runId: string): Promise<void> {
  for (let round = 0; (await currentRun(list)) === runId; round += 1) {
    if (round > 20) throw new Error('the case never continued as new');
    expect((await ((await list.read()).state === 'draft' ? send(list) : giveBack(list))).status).toBe(200);
    await delivered(list);
  }
  await eventually(
    'the new run has opened the case',
    async () =>
      (
        await workflowOf(list)
          .query<any>('case')
          .catch(() => undefined)
      )?.step === (await list.read()).step,
  );
}

describe('a case that continues as new', () => {
  it('RL-35 comes to its end over many runs as it would in one', async () => {
    const list = await sentList(at);
    expect((await giveBack(list)).status).toBe(200);
    expect((await send(list)).status).toBe(200);
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
    await enter(at, list);
    await inState(list, 'registered');
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(list, 'informed');
    expect(await workflowOf(list).result()).toEqual({ state: 'informed' });
    const found = await runs(list);
    expect(found.length).toBeGreaterThan(1);
    for (const run of found.slice(0, -1)) expect(types(run).at(-1)).toBe('EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW');
    expect(found.flatMap(types).filter((type) => type.endsWith('WORKFLOW_TASK_FAILED'))).toEqual([]);
    for (const run of found)
      expect(run.events[0]).toMatchObject({ workflowExecutionStartedEventAttributes: { workflowTaskTimeout: '5s' } });
    const decided = await at.world.db.command.findMany({
      where: { name: { in: ['send', 'return', 'sign', 'enter', 'attested', 'told'] } },
    });
    expect(decided.filter(({ outcome }) => (outcome as { status: string }).status === 'done')).toHaveLength(decided.length);
  });

  it('answers a command of before again, under its key and under its update id, without doing it again', async () => {
    const list = await filledList(at);
    const body = { version: await list.version() };
    const envelope = await sealedCommand(at, { list, command: 'send', login: 'tove', body });
    const give = () => workflowOf(list).executeUpdate('send', { args: [envelope], updateId: 'sent' });
    const first = await give();
    const key = 'back-before-the-new-run';
    const back = await giveBack(list, key);
    await continued(list, await currentRun(list));
    const { step } = await list.read();
    expect(await give()).toEqual(first);
    expect(await outcomeOf(at, envelope.key)).toEqual(first);
    expect((await giveBack(list, key)).body).toEqual(back.body);
    expect((await list.read()).step).toBe(step);
    expect(await workflowOf(list).query('case')).toMatchObject({ step });
  });

  it('keeps what operators see of it', async () => {
    const list = await filledList(at);
    const look = async () => {
      const described = await workflowOf(list).describe();
      const { currentDetails, definition: shown } = await workflowOf(list).query<any>('__temporal_workflow_metadata');
      const { step, state } = await list.read();
      expect(currentDetails).toContain(`| ${step} |`);
      const attributes = Object.fromEntries(described.typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]));
      expect(attributes).toMatchObject({
        RegistrarState: state,
        RegistrarKind: 'result-list',
        RegistrarInstitution: 'bth',
        RegistrarNeedsAttention: false,
      });
      return { updates: shown.updateDefinitions, signals: shown.signalDefinitions };
    };
    const before = await look();
    const given = Object.entries(definition.commands)
      .filter(([, words]) => words.kind !== 'edit' && !('system' in words.by))
      .map(([name]) => name);
    expect(before.updates.map(({ name }: { name: string }) => name).sort()).toEqual(given.sort());
    await continued(list, await currentRun(list));
    expect(await look()).toEqual(before);
  });

  it('loses and doubles nothing while commands keep coming', async () => {
    const list = await sentList(at);
    const first = await currentRun(list);
    const { step } = await list.read();
    for (let pair = 0; pair < 12; pair += 1) {
      const [back, retried] = await Promise.all([giveBack(list, `back-${pair}`), giveBack(list, `back-${pair}`)]);
      expect([back.status, retried.status]).toEqual([200, 200]);
      expect(retried.body).toEqual(back.body);
      const [sent, beside] = await Promise.all([send(list, `send-${pair}`), send(list, `beside-${pair}`)]);
      expect([sent.status, beside.status].sort()).toEqual([200, 409]);
    }
    expect((await list.read()).step).toBe(step + 24);
    await eventually('the workflow knows every step', async () => (await workflowOf(list).query<any>('case')).step === step + 24);
    await eventually('it continues as new once nothing is under way', async () => (await currentRun(list)) !== first);
    expect(await workflowOf(list).query('case')).toMatchObject({ step: step + 24 });
  });

  it('RL-46 goes on with its story while mail cannot be sent and the new run has to wait', async () => {
    at.simulators.mailbox.faults.push({ match: 'RCPT *', effect: 'temporary' });
    const list = await sentList(at);
    const proof = await proofByBankId(at, list);
    const long = async () => (await workflowOf(list).describe()).historyLength > EVENTS;
    for (let pair = 0; pair < 4 && !(await long()); pair += 1)
      for (const step of [giveBack, send]) expect((await step(list)).status).toBe(200);
    const first = await currentRun(list);
    expect(await long()).toBe(true);
    expect((await sign(at, list, proof)).status).toBe(200);
    await enter(at, list);
    await inState(list, 'registered');
    expect((await list.read()).promised.pending).toBeGreaterThan(0);
    expect(await currentRun(list)).toBe(first);
    at.simulators.mailbox.faults.length = 0;
  });
});
