import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { Client, Connection, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { createCodec, payloadKeys } from '../../activities/codec.js';
import { startOnce } from '../../activities/index.js';
import { connect } from '../../activities/temporal.js';
import { queues } from '../../workflows/queues.js';
import { caseIdOf, outcomeOf, sealedCommand } from '../support/envelopes.js';
import { filledList, newList, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { inState } from '../support/register.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

let at: University;
let stranger: Client;
let bare: Client;

beforeAll(async () => {
  at = await openUniversity();
  const address = at.env['TEMPORAL_ADDRESS'] as string;
  const namespace = at.config.TEMPORAL_NAMESPACE;
  stranger = await connect({ address, namespace, keys: payloadKeys(`k1:${randomBytes(32).toString('base64')}`) });
  bare = new Client({ connection: await Connection.connect({ address }), namespace });
});
afterAll(async () => {
  await stranger?.connection.close();
  await bare?.connection.close();
  await at?.close();
});

const workflowOf = (list: ListInHand, client: Client = at.world.temporal): WorkflowHandle =>
  client.workflow.getHandle(`result-list/${list.number}`);
const refused = (cause: unknown) => cause instanceof WorkflowUpdateFailedError;
const refusedUnreadably = (cause: unknown) =>
  refused(cause) || (cause instanceof ValueError && cause.message.includes('binary/registrar'));
const give = (list: ListInHand, command: string, envelope: unknown, how: { client?: Client; updateId?: string } = {}) =>
  workflowOf(list, how.client).executeUpdate<any, [unknown]>(command, {
    args: [envelope],
    ...(how.updateId ? { updateId: how.updateId } : {}),
  });

const accepted = async (list: ListInHand): Promise<number> =>
  ((await workflowOf(list).fetchHistory()).events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes)
    .length;

async function unchanged(list: ListInHand, act: () => Promise<unknown>): Promise<void> {
  const look = async () => ({
    ...(await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })),
    known: await workflowOf(list).query('case'),
  });
  const before = await look();
  await act();
  expect(await look()).toEqual(before);
}

async function stillWorks(list: ListInHand): Promise<void> {
  const { step } = await list.read();
  const sent = await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
  expect(sent.body).toMatchObject({ case: { state: 'with-examiner', step: step + 1 } });
  expect(await workflowOf(list).query('case')).toMatchObject({ step: step + 1, state: 'with-examiner' });
}

const forged = async (list: ListInHand) => ({
  key: 'a'.repeat(64),
  caseId: await caseIdOf(at, list),
  command: 'send',
  bodyHash: 'b'.repeat(64),
  caller: personOf('tove').id,
  mac: 'c'.repeat(64),
});

describe('an Update of a case', () => {
  it('is turned away before it is accepted when it is not sealed', async () => {
    const list = await filledList(at);
    const before = await accepted(list);
    const almost = { ...(await forged(list)), mac: undefined };
    await unchanged(list, async () => {
      for (const given of [undefined, null, 'send', 7, [], {}, { version: 2 }, almost])
        expect(await give(list, 'send', given).then(() => 'done', refused)).toBe(true);
    });
    expect(await accepted(list)).toBe(before);
    await stillWorks(list);
    expect(await accepted(list)).toBe(before + 1);
  });

  it('is turned away when it cannot be decoded, and the case goes on', async () => {
    const list = await filledList(at);
    const before = await accepted(list);
    const envelope = await sealedCommand(at, { list, command: 'send', login: 'tove', body: { version: await list.version() } });
    await unchanged(list, async () => {
      for (const client of [stranger, bare])
        expect(await give(list, 'send', envelope, { client }).then(() => 'done', refusedUnreadably)).toBe(true);
    });
    expect(await accepted(list)).toBe(before);
    expect(await outcomeOf(at, envelope.key)).toBeNull();
    await stillWorks(list);
  });

  it('changes nothing with the seal of another case, another command or nobody', async () => {
    const [list, other] = [await filledList(at), await filledList(at)];
    const body = { version: await list.version() };
    const foreign = await sealedCommand(at, { list: other, command: 'send', login: 'tove', body });
    const withdrawal = await sealedCommand(at, { list, command: 'withdraw', login: 'tove', body: {} });
    await unchanged(other, () =>
      unchanged(list, async () => {
        expect(await give(list, 'send', foreign).then(() => 'done', refused)).toBe(true);
        expect(await give(list, 'send', withdrawal).then(() => 'done', refused)).toBe(true);
        const caseId = await caseIdOf(at, list);
        for (const envelope of [
          await forged(list),
          { ...foreign, caseId },
          { ...withdrawal, command: 'send' },
          { ...foreign, caseId, mac: '' },
        ])
          expect(await give(list, 'send', envelope)).toMatchObject({
            status: 'refused',
            refusal: { code: 'unsealed', kind: 'forbidden' },
          });
      }),
    );
    expect(await outcomeOf(at, foreign.key)).toBeNull();
    await stillWorks(list);
  });

  it('cannot be made by somebody who only has a Temporal client', async () => {
    const list = await filledList(at);
    const caseId = await caseIdOf(at, list);
    const input = { caseId, kind: 'result-list', institution: 'bth' };
    await unchanged(list, async () => {
      for (const command of ['send', 'withdraw', 'sign', 'enter', 'transferred', 'told', 'save', 'case'])
        expect(
          await give(list, command, { version: await list.version() }, { client: bare }).then(
            () => 'done',
            () => 'refused',
          ),
        ).toBe('refused');
      const own = await bare.workflow.start('resultList', {
        workflowId: `mine-${randomUUID()}`,
        taskQueue: queues.cases,
        args: [input],
      });
      expect(
        await own
          .executeUpdate('send', { args: [await forged(list)], updateId: randomUUID() })
          .then(() => 'done', refusedUnreadably),
      ).toBe(true);
      await own.terminate();
    });
    await stillWorks(list);
  });

  it('is decided by its own key, also under the raw update id of another', async () => {
    const list = await filledList(at);
    const sending = await sealedCommand(at, { list, command: 'send', login: 'tove', body: { version: await list.version() } });
    const withdrawing = await sealedCommand(at, { list, command: 'withdraw', login: 'tove', body: {} });
    const first = await give(list, 'send', sending, { updateId: 'raw' });
    expect(first).toMatchObject({ status: 'done', case: { state: 'with-examiner' } });
    expect(await give(list, 'withdraw', withdrawing, { updateId: 'raw' })).toEqual(first);
    expect(await outcomeOf(at, withdrawing.key)).toBeNull();
    expect((await list.read()).state).toBe('with-examiner');

    const { step } = await list.read();
    const both = 'the-same-for-both';
    expect(
      (await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' }, { key: both })).body,
    ).toMatchObject({ case: { state: 'draft', step: step + 1 } });
    expect(
      (await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() }, { key: both })).body,
    ).toMatchObject({ case: { state: 'with-examiner', step: step + 2 } });
    expect(
      (await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Something else' }, { key: both })).body,
    ).toMatchObject({ code: 'key-used-otherwise', status: 422 });
  });
});

const taken = (list: ListInHand) =>
  eventually('the signals are taken', async () => {
    const { events } = await workflowOf(list).fetchHistory();
    const last = events?.findLastIndex((event) => event.workflowExecutionSignaledEventAttributes) ?? -1;
    const after = events?.slice(last) ?? [];
    const count = (of: (event: (typeof after)[number]) => unknown) => (events ?? []).filter(of).length;
    const idle =
      count((event) => event.activityTaskScheduledEventAttributes) ===
      count((event) => event.activityTaskCompletedEventAttributes);
    return idle && after.some((event) => event.workflowTaskCompletedEventAttributes);
  });

describe('a Signal of a case', () => {
  it('does nothing unless it is sealed for this case and command, and never ends the case', async () => {
    const [list, other] = [await filledList(at), await sentList(at)];
    await unchanged(other, () =>
      unchanged(list, async () => {
        const foreign = await sealedCommand(at, { list: other, command: 'return', login: 'eva', body: { reason: 'Look again' } });
        const body = { version: await list.version() };
        for (const given of [
          undefined,
          null,
          'send',
          {},
          { undecodable: true },
          await forged(list),
          { ...foreign, command: 'send' },
        ])
          await workflowOf(list).signal('send', given);
        await workflowOf(list).signal('return', foreign);
        for (const client of [stranger, bare])
          await workflowOf(list, client).signal('send', await sealedCommand(at, { list, command: 'send', login: 'tove', body }));
        await bare.workflow.getHandle(`result-list/${list.number}`).signal('no-such-signal', 1);
        await taken(list);
        expect((await workflowOf(list).describe()).status.name).toBe('RUNNING');
      }),
    );
    await stillWorks(list);
  });

  it('RL-38 signs a list when it is properly sealed', async () => {
    const list = await sentList(at);
    const body = { version: await list.version(), proof: await proofBySms(at, list) };
    const envelope = await sealedCommand(at, { list, command: 'sign', login: 'eva', body });
    await workflowOf(list).signal('sign', envelope);
    await inState(list, 'signed');
    expect(await outcomeOf(at, envelope.key)).toMatchObject({ status: 'done', case: { state: 'signed' } });
    expect(await workflowOf(list).query('case')).toMatchObject({ state: 'signed', waitingFor: 'course-office' });
    await unchanged(list, async () => {
      await workflowOf(list).signal('sign', envelope);
      await taken(list);
    });
  });
});

describe('a case in the Temporal UI', () => {
  it('says what it is, where it stands and what may be done, without names', async () => {
    const list = await newList(at, 'tove');
    const handle = workflowOf(list);
    await eventually('the case is opened', () => handle.query('case').catch(() => undefined));
    const described = await handle.describe();
    expect(await described.staticSummary()).toBe(`Result list ${list.number}, XX1000`);
    expect(described.memo ?? {}).toEqual({});
    const attributes = Object.fromEntries(described.typedSearchAttributes.getAll().map((pair) => [pair.key.name, pair.value]));
    expect(attributes).toMatchObject({
      RegistrarKind: 'result-list',
      RegistrarInstitution: 'bth',
      RegistrarState: 'draft',
      RegistrarWaitingFor: 'teacher',
      RegistrarNeedsAttention: false,
    });
    const metadata = await handle.query<any>('__temporal_workflow_metadata');
    expect(metadata.currentDetails).toContain('### Result list — Draft');
    expect(metadata.currentDetails).toContain('waits for **teacher**');
    const updates = metadata.definition.updateDefinitions.map(({ name, description }: { name: string; description: string }) => [
      name,
      description,
    ]);
    expect(updates).toEqual(
      expect.arrayContaining([
        ['send', 'Send to the examiner'],
        ['sign', 'Sign'],
        ['withdraw', 'Withdraw'],
      ]),
    );
    const names = updates.map(([name]: [string]) => name);
    for (const none of ['save', 'correct', 'remove', 'transferred', 'attested', 'told']) expect(names).not.toContain(none);
    expect(metadata.definition.signalDefinitions.map(({ name }: { name: string }) => name).sort()).toEqual(
      [...names, 'mended', 'promised'].sort(),
    );
    await stillListed(list);
  });

  it('RL-37 names each moment that it waits for', async () => {
    const list = await sentList(at);
    const codec = createCodec(at.config.payloadKeys);
    const named = await eventually('it waits for a moment', async () => {
      const timers = ((await workflowOf(list).fetchHistory()).events ?? []).filter((event) => event.timerStartedEventAttributes);
      return timers.length > 0 && codec.decode(timers.flatMap(({ userMetadata }) => userMetadata?.summary ?? []));
    });
    expect(named.map(({ data }) => Buffer.from(data ?? []).toString())).toEqual(['"remind"']);
  });
});

describe('a case that no worker has taken', () => {
  afterAll(() => at.restartWorker());

  it('RL-46 is found by its kind and institution from its start on', async () => {
    await at.stopWorker();
    const id = `result-list/${Date.now()}`;
    const { workflow } = at.world.processes.get('result-list')!;
    const input = { caseId: randomUUID(), kind: 'result-list', institution: 'bth' };
    await startOnce(at.world.temporal, { id, workflow, input });
    const query = `RegistrarKind = 'result-list' AND RegistrarInstitution = 'bth' AND WorkflowId = '${id}'`;
    await eventually('it is listed', async () => (await at.world.temporal.workflow.count(query)).count === 1, 20_000);
    await at.world.temporal.workflow.getHandle(id).terminate();
  });
});

async function stillListed(list: ListInHand): Promise<void> {
  const query = `RegistrarKind = 'result-list' AND RegistrarState = 'draft' AND WorkflowId = 'result-list/${list.number}'`;
  await eventually('it is found by what it is', async () => (await at.world.temporal.workflow.count(query)).count === 1);
}
