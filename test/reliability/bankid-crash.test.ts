import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList } from '../support/lists.js';
import { audited, bankIdOrder, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { firstWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-process.js';

describe('a worker killed between BankID\'s answer and its storing', () => {
  let at: University;
  let worker: WorkerProcess;
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    worker = await firstWorkerProcess(at);
  });
  afterAll(async () => {
    await worker.kill();
    await at.close();
  });

  it('RL-40 shows a signature whose completion died with the worker as not received: sign again', async () => {
    const list = await sentList(at);
    await worker.kill();
    const dying = await startWorkerProcess(at, { at: 'bankid-after-complete' });
    const place = await bankIdOrder(at, list);
    await inTheApp(at, 'sign', { personNumber: personOf('eva').personNumber });
    expect(await dying.ended).toBe('SIGKILL');
    expect((await at.as('eva').get(place)).body).toMatchObject({ state: 'started', proof: null });

    worker = await startWorkerProcess(at);
    const lost = await eventually('the order has ended', async () => {
      const { body } = await at.as('eva').get(place, { 'Accept-Language': 'en' });
      return body.state !== 'started' && body;
    }, 100_000);
    expect(lost).toMatchObject({ state: 'lost', proof: null, text: 'The signature was not received. Sign again.' });
    expect(await ended(at, place)).toMatchObject({ text: 'Underskriften nådde inte fram. Signera igen.' });
    expect((await audited(at, 'signing.bankid')).at(-1)).toMatchObject({ outcome: 'refused', rule: 'RL-40', code: 'lost' });
    expect((await list.read()).state).toBe('with-examiner');
    expect((await sign(at, list, await proofByBankId(at, list))).body).toMatchObject({ case: { state: 'signed' } });
  }, 200_000);
});
