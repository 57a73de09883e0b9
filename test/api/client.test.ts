import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, Problem } from '../../api/client.js';
import { openUniversity, type University } from '../support/university.js';

describe('the typed client', () => {
  let at: University;
  let token: string;
  beforeAll(async () => {
    at = await openUniversity();
    token = await (await fetch(`${at.config.OIDC_ISSUER}/token/tove`)).text();
  });
  afterAll(() => at.close());

  const registrar = () => createClient({ baseUrl: 'http://registrar.example', token: token.trim(), fetch: (request) => at.app.request(request) });

  it('gives commands whose bodies are checked by the compiler, and reads the case', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    const made = await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' });
    expect(made.case).toMatchObject({ kind: 'result-list', state: 'draft' });
    expect((await lists.read(made.case.number)).commands.map((command) => command.name)).toContain('withdraw');
    expect((await lists.give(made.case.number, 'withdraw', {})).case.state).toBe('withdrawn');
    // @ts-expect-error A sending without its version does not compile.
    await expect(lists.give(made.case.number, 'send', {})).rejects.toBeInstanceOf(Problem);
  });

  it('gives the same key the same answer', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    const [first, second] = [await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' }, { key: 'one' }), await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' }, { key: 'one' })];
    expect(second).toEqual(first);
  });

  it('turns a refusal into an error with its rule', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    await expect(lists.create({ kind: 'T33', course: 'XX1000', module: 'NONE' })).rejects.toMatchObject({ problem: { rule: 'RL-01', code: 'unknown-module' } });
  });
});
