import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList } from '../support/lists.js';
import { check, codeFor, sign, wrong } from '../support/signing.js';
import { tracesOf } from '../support/traces.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const standsIn = (text: string, code: string) => new RegExp(`(?<![0-9a-zA-Z+/=.:-])${code}(?![0-9a-zA-Z+/=:-])`).test(text);

describe('where a code is kept', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  it('RL-39 leaves a code, right or wrong, in no row, no log line and no history', async () => {
    const list = await sentList(at);
    const [replaced, challenge] = [await codeFor(at, list), await codeFor(at, list)];
    const mistyped = wrong(challenge.code);
    expect((await check(at, challenge, mistyped)).status).toBe(409);
    const typed = await check(at, challenge, challenge.code);
    expect((await sign(at, list, typed.body.proof)).status).toBe(200);

    const order = `order-of/${challenge.id}`;
    await at.world.temporal.workflow.start('bankIdOrder', {
      taskQueue: 'nobody-polls',
      workflowId: order,
      args: [{ planted: `code 54321 of ${list.number}` }],
    });
    const traces = await eventually('the planted history is listed', async () => {
      const found = await tracesOf(at);
      return found.histories.includes('54321') && found;
    });
    expect(standsIn(traces.histories, '54321')).toBe(true);
    expect(standsIn(traces.rows, list.number)).toBe(true);
    expect(standsIn(traces.histories, `result-list/${list.number}`)).toBe(true);
    expect(traces.rows).toContain(challenge.id);
    expect(traces.log).toContain('"request"');
    for (const code of [replaced.code, challenge.code, mistyped])
      for (const [where, text] of Object.entries(traces)) expect([where, standsIn(text, code)]).toEqual([where, false]);
    expect(
      at.simulators.elks
        .phone(personOf('eva').mobile)
        .map(({ text }) => [replaced.code, challenge.code].some((code) => standsIn(text, code))),
    ).toEqual([true, true]);
  });

  it('RL-39 keeps the code out of the history of the SMS provider', async () => {
    const answer = await at.simulators.elks.app.request('/a1/sms', {
      headers: { Authorization: `Basic ${Buffer.from('user:password').toString('base64')}` },
    });
    const { data } = (await answer.json()) as { data: { message?: string }[] };
    expect(data.length).toBeGreaterThan(0);
    expect(data.filter((message) => message.message !== undefined)).toEqual([]);
  });
});
