import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { ensureSchedules } from '../../activities/rollout.js';
import { prepareNamespace } from '../../activities/temporal.js';

const DAY = 24 * 60 * 60;
const denied = () => Promise.reject(Object.assign(new Error('7 PERMISSION_DENIED'), { code: 7 }));

describe('what a deploy step makes fit in Temporal', () => {
  let connection: Connection;
  beforeAll(async () => {
    connection = await Connection.connect({ address: process.env['TEST_TEMPORAL_ADDRESS'] as string });
  });
  afterAll(() => connection.close());

  const service = () => connection.workflowService;
  const fresh = () => `rollout-${randomUUID()}`;
  const made = (namespace: string, days: number) =>
    service().registerNamespace({ namespace, workflowExecutionRetentionPeriod: { seconds: days * DAY } as never });
  const days = async (namespace: string) =>
    Number((await service().describeNamespace({ namespace })).config?.workflowExecutionRetentionTtl?.seconds) / DAY;
  const clientOf = (namespace: string) => new Client({ connection, namespace });
  /** The same server for somebody who may not do all of it. */
  const confined = (namespace: string, not: Readonly<Record<string, () => Promise<never>>>): Client => {
    const without = <T extends object>(of: T): T =>
      new Proxy(of, {
        get: (target, name) => not[name as string] ?? (Reflect.get(target, name) as { bind?(to: T): unknown })?.bind?.(target),
      });
    const { workflowService, operatorService } = connection;
    return {
      options: { namespace },
      connection: { workflowService: without(workflowService), operatorService: without(operatorService) },
    } as unknown as Client;
  };

  it('is the namespace, with 30 days of closed histories, and more where somebody has chosen more', async () => {
    const [none, short, long] = [fresh(), fresh(), fresh()];
    await made(short, 3);
    await made(long, 90);
    for (const namespace of [none, short, long]) await prepareNamespace(clientOf(namespace));
    expect([await days(none), await days(short), await days(long)]).toEqual([30, 30, 90]);
  });

  it('is left to somebody else where it is there and may not be made', async () => {
    const there = fresh();
    await prepareNamespace(clientOf(there));
    const not = { registerNamespace: denied, updateNamespace: denied, listSearchAttributes: denied, addSearchAttributes: denied };
    await prepareNamespace(confined(there, not));
  });

  it('is named in a sentence where it is missing and may not be made', async () => {
    const [none, short, bare] = [fresh(), fresh(), fresh()];
    await made(short, 3);
    await made(bare, 30);
    await expect(prepareNamespace(confined(none, { registerNamespace: denied }))).rejects.toThrow(
      `Make the namespace ${none} in Temporal, with at least 30 days of retention. It may not be done with these credentials.`,
    );
    await expect(prepareNamespace(confined(short, { updateNamespace: denied }))).rejects.toThrow(
      `Have the namespace ${short} in Temporal keep closed histories for at least 30 days.`,
    );
    await expect(prepareNamespace(confined(bare, { listSearchAttributes: denied }))).rejects.toThrow(
      /^Add the search attributes RegistrarKind \(Keyword\), .*RegistrarDue \(Datetime\).* to the namespace/,
    );
  });

  it('is made also by a server that is only coming up and cuts every call the first time', async () => {
    const namespace = fresh();
    const cutOff = new Set<string>();
    const cutting = new Proxy(service(), {
      get: (target, name: string) => {
        const call: unknown = Reflect.get(target, name);
        if (typeof call !== 'function') return call;
        return (...given: unknown[]) => {
          if (cutOff.has(name)) return Reflect.apply(call, target, given);
          cutOff.add(name);
          const details = 'stream terminated by RST_STREAM with error code: CANCEL';
          return Promise.reject(Object.assign(new Error(`1 CANCELLED: ${details}`), { code: 1, details, metadata: new Map() }));
        };
      },
    });
    const client = new Client({
      connection: new Proxy(connection, {
        get: (target, name) => (name === 'workflowService' ? cutting : Reflect.get(target, name)),
      }),
      namespace,
    });
    await prepareNamespace(client);
    await ensureSchedules(client, 'Europe/Stockholm');
    expect([...cutOff]).toEqual(expect.arrayContaining(['describeNamespace', 'registerNamespace', 'describeSchedule']));
    expect((await clientOf(namespace).schedule.getHandle('sweep').describe()).spec.intervals).toMatchObject([{ every: 30_000 }]);
  });

  it('are the standing jobs as this code and the zone have them, and one that was paused stays so', async () => {
    const client = clientOf(fresh());
    await prepareNamespace(client);
    await ensureSchedules(client, 'Europe/Stockholm');
    const daily = client.schedule.getHandle('tell-subscribers');
    const sweep = client.schedule.getHandle('sweep');
    await sweep.pause('A test.');
    await sweep.update((before) => ({ ...before, spec: { intervals: [{ every: '7h' }] } }));
    await ensureSchedules(client, 'Europe/Oslo');
    expect((await daily.describe()).spec.timezone).toBe('Europe/Oslo');
    const { spec, state, policies, action } = await sweep.describe();
    // A run that hangs is ended: the next one waits for it.
    expect(action).toMatchObject({ workflowRunTimeout: 600_000 });
    expect(spec.intervals).toMatchObject([{ every: 30_000 }]);
    expect([state.paused, state.note, policies.overlap]).toEqual([true, 'A test.', 'SKIP']);
  });
});
