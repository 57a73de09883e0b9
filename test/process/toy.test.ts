import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { processesFrom } from '../../activities/case/registered-process.js';
import { workflowBundle } from '../../activities/bundle.js';
import * as registry from '../../workflows/processes.js';
import * as keyLoan from '../fixtures/toy/index.js';
import { eventually, openUniversity, type University } from '../support/university.js';

const workflow = fileURLToPath(new URL('../fixtures/toy/workflow.ts', import.meta.url));
const registryFile = fileURLToPath(new URL('../../workflows/processes.ts', import.meta.url));
const inWeeks = (weeks: number) => new Date(Date.now() + weeks * 7 * 86_400_000).toISOString().slice(0, 10);

describe('a process of a folder of its own and one line in the registry', () => {
  let at: University;
  let number: string;
  const karin = () => at.as('karin');
  const lend = (body: object = { key: 'A101', until: inWeeks(3) }) => karin().post('/key-loans', body);

  beforeAll(async () => {
    const bundle = await workflowBundle({ more: { keyLoan: workflow } });
    at = await openUniversity({ bundle, processes: (secrets) => processesFrom(secrets, { ...registry, keyLoan }) });
    number = (await lend()).body.case.number;
  });
  afterAll(() => at?.close());

  it('costs the product one line a process', () => {
    const lines = readFileSync(registryFile, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('export'));
    expect(lines).toHaveLength(Object.keys(registry).length);
    for (const name of Object.keys(registry)) expect(lines.filter((line) => line.includes(`* as ${name} from`))).toHaveLength(1);
  });

  it('is born with its deadline, and read with who is next and what may be done', async () => {
    const until = inWeeks(3);
    const born = await lend({ key: 'B7', until });
    expect(born.status).toBe(201);
    expect(born.headers.get('Location')).toBe(`/key-loans/${born.body.case.number}`);
    const read = await karin().get(`/key-loans/${born.body.case.number}`);
    expect(read.body).toMatchObject({
      state: 'lent',
      stateText: 'Utlånad',
      step: 0,
      waitingFor: 'course-office',
      data: { key: 'B7', notes: [] },
    });
    expect(read.body.due).toEqual({ on: until, ends: expect.stringMatching(/T2[23]:00:00\.000Z$/), rule: 'KEY-5' });
    expect(read.body.commands.map((command: { name: string }) => command.name)).toEqual(['return', 'extend', 'note']);
    const followed = await eventually('the workflow has opened the case', () =>
      at.world.temporal.workflow
        .getHandle(`key-loan/${born.body.case.number}`)
        .query('case')
        .catch(() => undefined),
    );
    expect(followed).toMatchObject({ step: 0, state: 'lent', due: { on: until } });
  });

  it('is listed for those it concerns, newest first, and for nobody else', async () => {
    const listed = await karin().get('/key-loans?state=lent');
    const numbers = listed.body.items.map((item: { number: string }) => Number(item.number));
    expect(numbers).toContain(Number(number));
    expect(numbers).toEqual([...numbers].sort((a: number, b: number) => b - a));
    expect((await at.as('tove').get('/key-loans')).body.items).toEqual([]);
    expect((await at.as('tove').get(`/key-loans/${number}`)).status).toBe(403);
  });

  it('takes an edit, a step that moves the deadline, and the step that ends it', async () => {
    const noted = await karin().post(`/key-loans/${number}/note`, { version: 1, text: 'two keys on the ring' });
    expect(noted.body).toMatchObject({ case: { state: 'lent', step: 0, version: 2, due: { on: inWeeks(3) } } });
    const extended = await karin().post(`/key-loans/${number}/extend`, { until: inWeeks(5) });
    expect(extended.body).toMatchObject({ case: { step: 1, version: 2, due: { on: inWeeks(5) } } });
    const handle = at.world.temporal.workflow.getHandle(`key-loan/${number}`);
    expect(await handle.query('case')).toMatchObject({ step: 1, due: { on: inWeeks(5) } });
    const key = 'once';
    const back = await karin().post(`/key-loans/${number}/return`, {}, { key });
    expect(back.body).toMatchObject({ case: { state: 'returned', step: 2, waitingFor: null, due: null } });
    expect((await karin().post(`/key-loans/${number}/return`, {}, { key })).body).toEqual(back.body);
    expect(await handle.result()).toEqual({ state: 'returned' });
    expect((await karin().get(`/key-loans/${number}`)).body.data.notes).toEqual(['two keys on the ring']);
  });

  it('is refused by role, state, rule, version and form like every other', async () => {
    const other = (await lend({ key: 'C3', until: inWeeks(2) })).body.case.number;
    const refused = async (login: string, path: string, body: object) => {
      const { status, body: problem } = await at.as(login).post(`/key-loans${path}`, body);
      return [status, problem.rule, problem.code];
    };
    expect(await refused('tove', '', { key: 'A1', until: inWeeks(1) })).toEqual([403, 'KEY-1', 'not-yours-to-give']);
    expect(await refused('tove', `/${other}/return`, {})).toEqual([403, 'KEY-2', 'not-yours-to-give']);
    expect(await refused('karin', '', { key: 'A1', until: '2026-02-30' })).toEqual([422, 'KEY-3', 'bad-date']);
    expect(await refused('karin', `/${other}/extend`, { until: inWeeks(1) })).toEqual([422, 'KEY-3', 'bad-date']);
    expect(await refused('karin', `/${other}/note`, { version: 7, text: 'late' })).toEqual([409, 'KEY-4', 'changed-meanwhile']);
    expect(await refused('karin', `/${other}/extend`, { until: inWeeks(3), unknown: true })).toEqual([
      422,
      'registrar',
      'invalid-input',
    ]);
    expect(await refused('karin', `/${number}/extend`, { until: inWeeks(9) })).toEqual([409, 'KEY-3', 'wrong-state']);
    expect(await refused('karin', `/${other}/due`, {})).toEqual([404, 'registrar', 'no-such-page']);
  });

  it('has its routes in the OpenAPI description, without those of the system', async () => {
    const { body } = await karin().get('/openapi.json');
    const paths = Object.keys(body.paths).filter((path) => path.startsWith('/key-loans'));
    expect(paths.sort()).toEqual([
      '/key-loans',
      '/key-loans/{number}',
      ...['deliveries', 'deliveries/{id}/send-again', 'deliveries/{id}/settled', 'extend', 'note', 'return'].map(
        (rest) => `/key-loans/{number}/${rest}`,
      ),
    ]);
    expect(body.paths['/key-loans'].post.requestBody.content['application/json'].schema.required).toEqual(['key', 'until']);
  });
});
