import { serve, type ServerType } from '@hono/node-server';
import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from '../spec.js';
import { archive } from '../../activities/archive.js';
import { noarkSimulator } from '../simulators/noark.js';

const REL = 'https://rel.arkivverket.no/noark5/v5/api/';
const MEDIA = 'application/vnd.noark5+json';
/** The examples of the protocol; `here` stands for the archive's own address. */
const root = (here: string) => ({
  _links: {
    [`${REL}arkivstruktur/`]: { href: `${here}/api/arkivstruktur` },
    [`${REL}sakarkiv/`]: { href: `${here}/api/sakarkiv` },
    [`${REL}admin/system/`]: { href: `${here}/api/admin/system` },
  },
});
const folder = {
  tittel: 'Klage på sensur MAT1000, kandidat 0001',
  saksstatus: { kode: 'B', kodenavn: 'Under behandling' },
  saksansvarlig: 'Nora Eksempel',
  administrativEnhet: 'Eksamen',
};
const madeFields = ['systemID', 'opprettetDato', 'opprettetAv'];
const fileFields = ['filnavn', 'filstoerrelse', 'mimeType', 'sjekksum', 'sjekksumAlgoritme', 'referanseDokumentfil'];

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

describe('the examples of Noark 5, followed by the adapter', () => {
  it('opens a case by the relations it is given, wherever they lead, with the fields of the example', async () => {
    const sent: { path: string; type: string | null; accept: string | null; body: unknown }[] = [];
    const app = new Hono();
    const here = (url: string) => new URL(url).origin;
    const made = {
      ...folder,
      systemID: 'e5e5',
      opprettetDato: '2026-06-20T10:00:00Z',
      opprettetAv: 'registrar',
      saksaar: 2026,
      sakssekvensnummer: 1234,
    };
    app.get('/api', (c) => c.json(root(here(c.req.url))));
    app.get('/api/arkivstruktur', (c) =>
      c.json({
        _links: { [`${REL}arkivstruktur/arkivdel/`]: { href: `${here(c.req.url)}/q?list=17{&$filter,$top}`, templated: true } },
      }),
    );
    app.get('/q', (c) =>
      c.json({
        count: 1,
        results: [
          {
            systemID: 'd1',
            tittel: 'Eksamen',
            _links: {
              [`${REL}sakarkiv/saksmappe/`]: { href: `${here(c.req.url)}/z/1` },
              [`${REL}sakarkiv/ny-saksmappe/`]: { href: `${here(c.req.url)}/z/2` },
            },
          },
        ],
      }),
    );
    app.get('/z/1', (c) => c.json({ count: 0, results: [], _links: {} }));
    app.get('/z/2', (c) =>
      c.json({
        saksstatus: { kode: 'R', kodenavn: 'Opprettet av saksbehandler' },
        dokumentmedium: { kode: 'E', kodenavn: 'Elektronisk arkiv' },
        _links: {},
      }),
    );
    app.post('/z/2', async (c) => {
      sent.push({
        path: c.req.path,
        type: c.req.header('Content-Type') ?? null,
        accept: c.req.header('Accept') ?? null,
        body: await c.req.json(),
      });
      return c.json(
        {
          ...made,
          virksomhetsspesifikkeMetadata: (sent[0]!.body as Record<string, unknown>)['virksomhetsspesifikkeMetadata'],
          _links: {},
        },
        201,
        { Location: '/e5e5' },
      );
    });
    const server = await new Promise<ServerType>((ready) => {
      const begun: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => ready(begun));
    });
    open.push(() => new Promise<void>((closed) => server.close(() => closed())));
    const client = archive({
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
      token: 't',
      part: 'Eksamen',
      timeoutMs: 5_000,
    });
    open.push(client.close);

    const { tittel: title, saksansvarlig: responsible, administrativEnhet: unit } = folder;
    expect(await client.openCase({ reference: 'complaint/1', title, responsible, unit })).toEqual({ number: '2026/1234' });
    expect(sent).toEqual([
      {
        path: '/z/2',
        type: MEDIA,
        accept: MEDIA,
        body: {
          ...folder,
          dokumentmedium: { kode: 'E', kodenavn: 'Elektronisk arkiv' },
          virksomhetsspesifikkeMetadata: { 'registrar-v1:referanse': 'complaint/1' },
        },
      },
    ]);
  });
});

describe('the examples of Noark 5, spoken by the simulator', () => {
  it('shows the root to anybody, and makes case, entry, description and file by their relations', async () => {
    const server = await noarkSimulator().listen();
    open.push(server.close);
    const call = async (href: string, init: RequestInit = {}) => {
      const answer = await fetch(href.replace(/\{.*\}/, ''), {
        ...init,
        headers: { Authorization: 'Bearer t', Accept: MEDIA, 'Content-Type': MEDIA, ...(init.headers as Record<string, string>) },
      });
      return {
        status: answer.status,
        location: answer.headers.get('Location'),
        type: answer.headers.get('Content-Type'),
        body: JSON.parse(await answer.text()),
      };
    };
    const follow = (thing: { _links: Record<string, { href: string }> }, relation: string) =>
      thing._links[`${REL}${relation}/`]!.href;
    const start = await fetch(`${server.url}/api`);
    const first = (await start.json()) as Parameters<typeof follow>[0];
    expect(start.headers.get('Content-Type')).toBe(MEDIA);
    expect(Object.keys(first._links)).toEqual(expect.arrayContaining(Object.keys(root('')._links)));
    expect((await fetch(follow(first, 'arkivstruktur'))).status).toBe(401);

    const structure = (await call(follow(first, 'arkivstruktur'))).body;
    const part = (await call(follow(structure, 'arkivstruktur/arkivdel'))).body.results[0];
    const made = await call(follow(part, 'sakarkiv/ny-saksmappe'), { method: 'POST', body: JSON.stringify(folder) });
    expect(made).toMatchObject({ status: 201, type: MEDIA, location: made.body._links.self.href, body: folder });
    expect(Object.keys(made.body)).toEqual(expect.arrayContaining(madeFields));
    expect((await call(follow(part, 'sakarkiv/ny-saksmappe'), { method: 'POST', body: '{}' })).status).toBe(400);
    const record = await call(follow(made.body, 'sakarkiv/ny-journalpost'), {
      method: 'POST',
      body: JSON.stringify({ tittel: 't', journalposttype: {}, journalstatus: {} }),
    });
    const description = await call(follow(record.body, 'arkivstruktur/ny-dokumentbeskrivelse'), {
      method: 'POST',
      body: JSON.stringify({ tittel: 't', dokumentstatus: {}, tilknyttetRegistreringSom: {} }),
    });
    const file = await call(follow(description.body, 'arkivstruktur/fil'), {
      method: 'POST',
      body: 'abc',
      headers: { 'Content-Type': 'application/pdf' },
    });
    expect(file).toMatchObject({
      status: 201,
      body: {
        sjekksumAlgoritme: 'SHA-256',
        filstoerrelse: 3,
        mimeType: 'application/pdf',
        sjekksum: createHash('sha256').update('abc').digest('hex').toUpperCase(),
      },
    });
    expect(Object.keys(file.body)).toEqual(expect.arrayContaining(fileFields));
    expect((await call(follow(description.body, 'arkivstruktur/fil'), { method: 'POST', body: 'abcd' })).status).toBe(409);
    expect(Object.keys((await call(follow(made.body, 'sakarkiv/journalpost'))).body).sort()).toEqual([
      '_links',
      'count',
      'results',
    ]);
  });
});
