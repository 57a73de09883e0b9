import { serve, type ServerType } from '@hono/node-server';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from '../spec.js';
import { fs } from '../../activities/fs.js';
import { PartnerRefused } from '../../activities/outbound.js';
import { fsSimulator } from '../simulators/fs.js';

/** Examples of the protocol as it is known (GraphQL), and as we agreed with ourselves (the invented REST). */
const question = {
  query:
    'query($f:EmnerFilter!,$a:String){emner(filter:$f,first:100,after:$a){pageInfo{endCursor hasNextPage} nodes{kode versjonskode}}}',
  variables: { f: { eierInstitusjonsnummer: '9901' }, a: null },
};
const courses = {
  data: {
    emner: { pageInfo: { endCursor: 'b2Zmc2V0OjEwMA==', hasNextPage: false }, nodes: [{ kode: 'MAT1000', versjonskode: '1' }] },
  },
};
const failure = {
  data: null,
  errors: [{ message: 'Exempel', path: ['emner'], extensions: { classification: 'DataFetchingException' } }],
};
const vurderingsenhet = { emnekode: 'MAT1000', versjonskode: '1', vurdkombkode: 'S', arstall: 2026, vurdtidkode: 'JUN' };
const klage = {
  id: 'k-1',
  klagetype: 'SENSUR',
  person: { personlopenummer: 100001 },
  vurderingsenhet,
  mottattDato: '2026-06-20',
  fristDato: '2026-07-11',
  sperretMotVisning: true,
  vedtak: null,
  ferdigbehandlet: 'N',
  journalnr: '2026/1234',
};
const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' };

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

interface Sent {
  method: string;
  path: string;
  headers: Headers;
  body: unknown;
}

async function against(routes: (app: Hono) => void) {
  const sent: Sent[] = [];
  const app = new Hono();
  app.use(async (c, next) => {
    const body = c.req.method === 'GET' ? undefined : await c.req.raw.clone().json();
    sent.push({ method: c.req.method, path: new URL(c.req.url).pathname, headers: c.req.raw.headers, body });
    await next();
  });
  routes(app);
  const server = await new Promise<ServerType>((ready) => {
    const begun: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => ready(begun));
  });
  open.push(() => new Promise<void>((closed) => server.close(() => closed())));
  const client = fs({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    user: 'fs-user',
    password: 'hemmelig',
    institution: '9901',
  });
  open.push(client.close);
  return { client, sent };
}

describe('the examples of FS, read and sent by the adapter', () => {
  it('asks in GraphQL as the example does', async () => {
    const named = { ...courses.data.emner.nodes[0], navnAlleSprak: { nb: 'Matematikk', nn: null, en: null } };
    const { client, sent } = await against((app) =>
      app.post('/graphql/', (c) => c.json({ data: { emner: { ...courses.data.emner, nodes: [named] } } })),
    );
    expect(await client.course(unit)).toEqual({ nb: 'Matematikk', en: 'Matematikk' });
    const [one] = sent;
    expect(one!.headers.get('authorization')).toBe(`Basic ${Buffer.from('fs-user:hemmelig').toString('base64')}`);
    expect(one!.headers.get('accept')).toBe('application/json;version=1');
    expect(one!.headers.get('content-type')).toBe('application/json');
    const { query, variables } = one!.body as typeof question;
    expect(variables.f).toMatchObject(question.variables.f);
    expect(query).toContain('pageInfo{endCursor hasNextPage}');
    expect(query).toContain('emner(filter:$f,first:100');
  });

  it('takes the error example for a no', async () => {
    const { client } = await against((app) => app.post('/graphql/', (c) => c.json(failure)));
    await expect(client.course(unit)).rejects.toBeInstanceOf(PartnerRefused);
  });

  it('reads a complaint, and changes it under the ETag it was read with', async () => {
    const { client, sent } = await against((app) => {
      app.get('/fs-sim/v1/klager/k-1', (c) => c.json(klage, 200, { ETag: '"7"' }));
      app.patch('/fs-sim/v1/klager/k-1', (c) =>
        c.json({ ...klage, vedtak: 'UENDRET', ferdigbehandlet: 'J' }, 200, { ETag: '"8"' }),
      );
    });
    const read = {
      id: 'k-1',
      reference: null,
      received: '2026-06-20',
      deadline: '2026-07-11',
      journalNumber: '2026/1234',
      finished: false,
      decision: null,
      committee: null,
      communicated: null,
      sentToCommittee: null,
      caseWorker: null,
    };
    expect(await client.changeComplaint({ id: 'k-1', facts: { journalNumber: '2026/1234' } })).toEqual(read);
    expect(
      await client.changeComplaint({ id: 'k-1', facts: { decision: 'UENDRET', finished: true, deadline: '2026-07-11' } }),
    ).toEqual({ ...read, decision: 'UENDRET', finished: true });
    expect(sent.at(-1)).toMatchObject({ method: 'PATCH', body: { vedtak: 'UENDRET', ferdigbehandlet: 'J' } });
    expect(sent.at(-1)!.headers.get('if-match')).toBe('"7"');
  });

  it('registers a complaint with the fields of the example', async () => {
    const { client, sent } = await against((app) => {
      app.get('/fs-sim/v1/klager', (c) => c.json({ items: [] }));
      app.post('/fs-sim/v1/klager', (c) => c.json(klage, 201, { ETag: '"1"' }));
    });
    await client.registerComplaint({
      reference: 'complaint/1',
      type: 'SENSUR',
      unit,
      student: '100001',
      received: '2026-06-20',
      deadline: '2026-07-11',
      journalNumber: '2026/1234',
      finished: false,
      decision: null,
      committee: null,
      communicated: null,
      sentToCommittee: null,
      caseWorker: null,
    });
    const { id: _id, sperretMotVisning: _blocked, ...fields } = klage;
    expect(sent.at(-1)!.body).toMatchObject(fields);
  });
});

describe('the examples of FS, spoken by the simulator', () => {
  it('takes the requests and answers with every field of the examples', async () => {
    const server = await fsSimulator().listen();
    open.push(server.close);
    const call = async (method: string, path: string, body: object, headers: Record<string, string> = {}) => {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers: {
          Authorization: `Basic ${Buffer.from('a:b').toString('base64')}`,
          'Content-Type': 'application/json',
          Accept: 'application/json;version=1',
          ...headers,
        },
        body: JSON.stringify(body),
      });
      return { status: answer.status, etag: answer.headers.get('ETag') ?? '', body: JSON.parse(await answer.text()) };
    };
    const listed = (await call('POST', '/graphql/', question)).body.data.emner;
    expect(Object.keys(listed)).toEqual(expect.arrayContaining(Object.keys(courses.data.emner)));
    expect(listed.nodes[0]).toMatchObject(courses.data.emner.nodes[0]!);
    const wrong = await call('POST', '/graphql/', { query: '{klager{id}}' });
    expect(wrong).toMatchObject({ status: 200, body: { data: null } });
    expect(Object.keys(wrong.body.errors[0]).sort()).toEqual(Object.keys(failure.errors[0]!).sort());

    const { id: _id, sperretMotVisning: _blocked, ...fields } = klage;
    const made = await call('POST', '/fs-sim/v1/klager', fields);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...klage, sperretMotVisning: false });
    expect((await call('PATCH', '/fs-sim/v1/klager/k-1', { vedtak: 'UENDRET' }, { 'If-Match': '"old"' })).status).toBe(412);
    expect((await call('PATCH', '/fs-sim/v1/klager/k-1', { vedtak: 'UENDRET' }, { 'If-Match': made.etag })).body.vedtak).toBe(
      'UENDRET',
    );
    expect((await call('PATCH', '/fs-sim/v1/klager/k-1', { vedtak: 'TIL GUNST' }, { 'If-Match': made.etag })).status).toBe(412);
  });
});
