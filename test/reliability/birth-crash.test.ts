import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { commandKey } from '../../activities/case/seal.js';
import { command, inPostgres, inTemporal } from '../support/command.js';
import { swept } from '../support/staff.js';
import { openUniversity, personOf, type University } from '../support/university.js';

const body = { kind: 'T33', course: 'XX1000', module: 'TEN1' };

describe('an API that dies between the COMMIT of a birth and the start', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  async function bornAlone(key = randomUUID()): Promise<string> {
    const caller = personOf('tove').id;
    const outcome = await at.world.commits.bear({
      kind: 'result-list',
      key: commandKey({ caller, about: 'result-list', command: 'create', idempotencyKey: key }),
      caller,
      body,
      at: new Date().toISOString(),
    });
    if (outcome.status !== 'done') throw new Error('not born');
    await expect(at.world.temporal.workflow.getHandle(`result-list/${outcome.case.number}`).describe()).rejects.toThrow(
      'not found',
    );
    return outcome.case.number;
  }
  const promise = async (number: string) =>
    at.world.db.outbox.findFirstOrThrow({ where: { channel: 'start', caseId: (await inPostgres(at, number)).id } });

  it('leaves a case that the sweep starts, once', async () => {
    const number = await bornAlone();
    expect((await promise(number)).state).toBe('pending');
    await at.world.db.$executeRaw`UPDATE outbox SET created_at = created_at - interval '10 seconds' WHERE state = 'pending'`;
    await swept(at);
    const { runId } = await at.world.temporal.workflow.getHandle(`result-list/${number}`).describe();
    expect((await promise(number)).state).toBe('done');
    await swept(at);
    expect((await at.world.temporal.workflow.getHandle(`result-list/${number}`).describe()).runId).toBe(runId);
    const withdraw = command(at, { login: 'tove', list: number, name: 'withdraw', body: {} });
    expect(await withdraw.settle()).toMatchObject({ status: 200, body: { case: { state: 'withdrawn' } } });
    expect(await inTemporal(at, number)).toEqual({ state: 'withdrawn', step: 1 });
  });

  it('leaves a case that its first command starts, where that comes before the sweep', async () => {
    const number = await bornAlone();
    const withdraw = command(at, { login: 'tove', list: number, name: 'withdraw', body: {} });
    expect(await withdraw.give()).toMatchObject({ status: 200, body: { case: { state: 'withdrawn' } } });
    await at.world.db.$executeRaw`UPDATE outbox SET created_at = created_at - interval '10 seconds' WHERE state = 'pending'`;
    await swept(at);
    expect((await promise(number)).state).toBe('done');
    expect(await inTemporal(at, number)).toEqual({ state: 'withdrawn', step: 1 });
  });

  it('answers the same key with the case that is there', async () => {
    const key = randomUUID();
    const number = await bornAlone(key);
    const again = await at.as('tove').post('/result-lists', body, { key });
    expect(again).toMatchObject({ status: 201, body: { case: { number, state: 'draft' } } });
    expect(await at.as('tove').post('/result-lists', { ...body, module: 'LAB1' }, { key })).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
  });
});
