import { serve, type ServerType } from '@hono/node-server';
import { Hono } from 'hono';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '../spec.js';
import { ladok, type LadokOptions } from '../../activities/ladok.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { ladokSimulator } from '../simulators/ladok.js';
import { courses, students } from '../simulators/sample.js';

const occasionUid = '5a5a0000-0000-4000-8000-00000000000a';
const moduleInstanceUid = '5a5a0000-0000-4000-8000-0000000000c1';
const studyResultUid = '5a5a0000-0000-4000-8000-0000000000d1';
const resultUid = '5a5a0000-0000-4000-8000-0000000000f1';

const modules = {
  Uid: occasionUid,
  Utbildningskod: 'XX1000',
  Versionsnummer: 1,
  Kurstillfalleskod: '50001',
  Benamning: { sv: 'Exempelkurs', en: 'Example course' },
  Betygsskala: 900001,
  KravPaProjekttitel: false,
  ResultatrapporteringMojlig: true,
  UtbildningsinstansUID: '5a5a0000-0000-4000-8000-0000000000c0',
  IngaendeMoment: [
    {
      Utbildningskod: 'TEN1',
      Omfattning: 4.5,
      BetygsskalaID: 900001,
      KravPaProjekttitel: false,
      ResultatrapporteringMojlig: true,
      UtbildningsinstansUID: moduleInstanceUid,
      Benamning: { sv: 'Tentamen', en: 'Examination' },
    },
  ],
};
const scale = {
  ID: '900001',
  Kod: 'AF',
  Benamning: { sv: 'Sjugradig betygsskala', en: 'Seven-grade scale' },
  Betygsgrad: [
    { ID: '910001', Kod: 'A', GiltigSomSlutbetyg: true },
    { ID: '910006', Kod: 'FX', GiltigSomSlutbetyg: false },
    { ID: '910007', Kod: 'F', GiltigSomSlutbetyg: false },
  ],
};
const search = {
  Filtrering: ['OBEHANDLADE', 'UTKAST', 'KLARMARKERADE'],
  KurstillfallenUID: [occasionUid],
  OrderBy: ['PERSONNUMMER_ASC', 'ANONYMKOD_ASC'],
  Page: 1,
  Limit: 100,
};
const found = {
  TotaltAntalPoster: 1,
  Resultat: [
    {
      Uid: studyResultUid,
      Student: {
        Uid: '5a5a0000-0000-4000-8000-0000000000e1',
        Fornamn: 'Sven',
        Efternamn: 'Exempel',
        Personnummer: '199001012385',
      },
      Rapporteringskontext: {
        UtbildningUID: '5a5a0000-0000-4000-8000-0000000000b1',
        UtbildningsinstansUID: moduleInstanceUid,
        BetygsskalaID: 900001,
        KravPaProjekttitel: false,
        KravPaHanvisningTillBeslutshandling: false,
        Anonymiseringskod: '0001-ABC',
      },
      ResultatPaUtbildningar: [
        {
          UtbildningUID: '5a5a0000-0000-4000-8000-0000000000b1',
          HarTillgodoraknande: false,
          Arbetsunderlag: {
            Uid: resultUid,
            ProcessStatus: 1,
            UtbildningsinstansUID: moduleInstanceUid,
            Betygsgrad: 910002,
            BetygsskalaID: 900001,
            Betygsgradsobjekt: { ID: 910002, Kod: 'B', GiltigSomSlutbetyg: true },
            Examinationsdatum: '2026-11-02',
            SenasteResultatandring: '2026-11-20T10:15:30.123',
          },
        },
      ],
    },
  ],
};
const create = {
  Resultat: [
    {
      StudieresultatUID: studyResultUid,
      UtbildningsinstansUID: moduleInstanceUid,
      AktivitetstillfalleUID: '5a5a0000-0000-4000-8000-0000000000a7',
      Betygsgrad: 910002,
      BetygsskalaID: 900001,
      Examinationsdatum: '2026-11-02',
    },
  ],
};
const update = {
  Resultat: [
    {
      ResultatUID: resultUid,
      Betygsgrad: 910001,
      BetygsskalaID: 900001,
      Examinationsdatum: '2026-11-02',
      SenasteResultatandring: '2026-11-20T10:15:30.123',
    },
  ],
};
const marking = {
  Klarmarkering: {
    KlarmarkeradAvUID: '5a5a0000-0000-4000-8000-000000000021',
    Beslutsfattare: ['5a5a0000-0000-4000-8000-000000000022'],
    RattadAv: ['5a5a0000-0000-4000-8000-000000000023'],
    Klarmarkeringsdatum: '2026-11-20T10:20:00.000',
    ResultatetsSenastSparad: '2026-11-20T10:15:30.123',
  },
  ResultatUIDer: [resultUid],
};
const obstacles = { Hinder: [{ I18nNyckel: 'resultat.domain.hinder.exempel', Stoppande: true, Text: { sv: 'Exempel' } }] };
const error = {
  FelUID: '5a5a0000-0000-4000-8000-0000000000ee',
  Felkategori: 'commons.fel.kategori.valideringsfel',
  FelkategoriText: 'Valideringsfel',
  Felgrupp: 'commons.fel.grupp.felaktigt_format',
  FelgruppText: 'Felaktigt format',
  Detaljkod: 'resultat.fel.detaljkod.exempel',
  DetaljkodText: 'Exempel',
  Meddelande: 'Resultatet är redan attesterat',
  FelkallaAttributID: null,
  FelkallaObjektID: null,
  link: [],
};

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function against(routes: (app: Hono) => unknown, options: Partial<LadokOptions> = {}) {
  const app = new Hono();
  const sent: { method: string; path: string; body: unknown }[] = [];
  app.use(async (c, next) => {
    const text = c.req.method === 'GET' ? '' : await c.req.text();
    sent.push({ method: c.req.method, path: c.req.path, body: text && JSON.parse(text) });
    return next();
  });
  routes(app);
  const server = await new Promise<ServerType>((ready) => {
    const made: ServerType = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => ready(made));
  });
  const client = ladok({ baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, timeoutMs: 2_000, ...options });
  open.push(() => new Promise((closed) => server.close(() => closed(undefined))), client.close);
  return { client, sent };
}

function keys(value: unknown, at = ''): string[] {
  if (Array.isArray(value)) return value.length ? keys(value[0], `${at}[]`) : [];
  if (value === null || typeof value !== 'object') return [at];
  return Object.entries(value).flatMap(([key, inner]) => [`${at}.${key}`, ...keys(inner, `${at}.${key}`)]);
}

describe('the examples of the protocol, read by the adapter', () => {
  it('reads the modules and the grade scale, from either twin', async () => {
    const { Betygsgrad, ...rest } = scale;
    const { client } = await against((app) => {
      app.get('/resultat/kurstillfalle/filtrera', (c) =>
        c.json({ TotaltAntalPoster: 2, Resultat: [{ Uid: occasionUid }, { Uid: 'gone' }] }),
      );
      app.get('/resultat/kurstillfalle/gone/moment', (c) =>
        c.json(
          {
            ...error,
            Felgrupp: 'commons.fel.grupp.obligatoriskt_varde_saknas',
            Detaljkod: 'resultat.fel.detaljkod.utbildningstillfalle',
          },
          400,
        ),
      );
      app.get(`/resultat/kurstillfalle/${occasionUid}/moment`, (c) => c.json(modules));
      app.get('/resultat/grunddata/betygsskala/900001', (c) => c.json(scale));
      app.get('/resultat/grunddata/betygsskala/900002', (c) =>
        c.json({ ...rest, Betygsgrader: Betygsgrad.map((g, i) => ({ ...g, Ordningsnummer: i })) }),
      );
    });
    expect(await client.courses({ courseCode: 'XX1000' })).toEqual([
      {
        courseCode: 'XX1000',
        names: { sv: 'Exempelkurs', en: 'Example course' },
        courseUid: undefined,
        scaleId: 900001,
        occasionUid,
        courseInstanceUid: '5a5a0000-0000-4000-8000-0000000000c0',
        occasionCode: '50001',
        from: undefined,
        to: undefined,
        modules: [
          {
            code: 'TEN1',
            instanceUid: moduleInstanceUid,
            names: { sv: 'Tentamen', en: 'Examination' },
            credits: 4.5,
            scaleId: 900001,
          },
        ],
      },
    ]);
    const known = {
      id: 900001,
      code: 'AF',
      names: { sv: 'Sjugradig betygsskala', en: 'Seven-grade scale' },
      grades: [
        { id: 910001, code: 'A', passing: true },
        { id: 910006, code: 'FX', passing: false },
        { id: 910007, code: 'F', passing: false },
      ],
    };
    expect(await client.gradeScale(900001)).toEqual(known);
    expect(await client.gradeScale(900002)).toEqual(known);
  });

  it('asks for rows to report as in the example and reads them', async () => {
    const { client, sent } = await against((app) =>
      app.put(`/resultat/studieresultat/rapportera/utbildningsinstans/${moduleInstanceUid}/sok`, (c) => c.json(found)),
    );
    expect(await client.reportRows({ moduleInstanceUid, occasionUids: [occasionUid] })).toEqual([
      {
        studyResultUid,
        studentUid: '5a5a0000-0000-4000-8000-0000000000e1',
        draft: { resultUid, status: 'draft', gradeId: 910002, date: '2026-11-02', lock: '2026-11-20T10:15:30.123' },
      },
    ]);
    expect(sent[0]!.body).toEqual({ ...search, Filtrering: [...search.Filtrering, 'ATTESTERADE'] });
  });

  it('writes as in the examples', async () => {
    const { client, sent } = await against((app) => app.all('/resultat/studieresultat/*', (c) => c.json({ Resultat: [] })));
    const content = { scaleId: 900001, date: '2026-11-02' };
    await client.createDrafts([{ ...content, studyResultUid, moduleInstanceUid, gradeId: 910002 }]);
    await client.updateDrafts([{ ...content, resultUid, gradeId: 910001, lock: '2026-11-20T10:15:30.123' }]);
    const { KlarmarkeradAvUID: markedBy, Beslutsfattare: deciders, ResultatetsSenastSparad: lock } = marking.Klarmarkering;
    await client.markReady({ resultUids: [resultUid], lock, markedBy, deciders });
    const { AktivitetstillfalleUID: _at, ...created } = create.Resultat[0]!;
    const { RattadAv: _by, Klarmarkeringsdatum: _when, ...marked } = marking.Klarmarkering;
    expect(sent).toEqual([
      { method: 'POST', path: '/resultat/studieresultat/skapa', body: { Resultat: [created] } },
      { method: 'PUT', path: '/resultat/studieresultat/uppdatera', body: update },
      { method: 'PUT', path: '/resultat/studieresultat/klarmarkera', body: { ...marking, Klarmarkering: marked } },
    ]);
  });

  it('reads obstacles and the error object', async () => {
    const { client } = await against((app) => {
      app.get('/resultat/studieresultat/*', (c) => c.json(obstacles));
      app.post('/resultat/studieresultat/skapa', (c) => c.json(error, 400));
    });
    expect(await client.obstacles({ studyResultUid, resultUid })).toEqual([
      { key: 'resultat.domain.hinder.exempel', blocking: true, text: 'Exempel' },
    ]);
    await expect(client.createDrafts([])).rejects.toMatchObject({
      name: 'LadokRefused',
      status: 400,
      category: 'valideringsfel',
      group: 'felaktigt_format',
      detailCode: 'exempel',
      staffText: 'Resultatet är redan attesterat',
    });
  });

  it('never takes half an answer for a whole one', async () => {
    const { client, sent } = await against((app) =>
      app.put('/resultat/*', async (c) => c.json({ TotaltAntalPoster: 2, Resultat: sent.length > 1 ? [] : found.Resultat })),
    );
    await expect(client.reportRows({ moduleInstanceUid, occasionUids: [] })).rejects.toBeInstanceOf(PartnerUnavailable);
    expect(sent.map((s) => (s.body as { Page: number }).Page)).toEqual([1, 2]);
  });

  it('makes at most four calls at the same time', async () => {
    let running = 0;
    let most = 0;
    const { client } = await against((app) =>
      app.get('/resultat/grunddata/*', async (c) => {
        most = Math.max(most, ++running);
        await new Promise((done) => setTimeout(done, 20));
        running--;
        return c.json(scale);
      }),
    );
    await Promise.all(Array.from({ length: 12 }, () => client.gradeScale(900001)));
    expect(most).toBe(4);
  });
});

describe('the examples of the protocol, spoken by the simulator', () => {
  it('takes the requests and answers with every field of the examples', async () => {
    const sim = ladokSimulator();
    const server = await sim.listen();
    open.push(server.close);
    const type = 'application/vnd.ladok-resultat+json';
    const call = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${server.url}/resultat/${path}`, {
        method,
        headers: { Accept: type, ...(body && { 'Content-Type': type }) },
        ...(body && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, body: JSON.parse(await answer.text()) };
    };
    const course = courses[0]!;
    const uid = course.occasions[0]!.uid;
    const module = course.modules[0]!.instanceUid;

    const moment = await call('GET', `kurstillfalle/${uid}/moment`);
    expect(keys(moment.body)).toEqual(expect.arrayContaining(keys(modules)));
    const betygsskala = await call('GET', `grunddata/betygsskala/${moment.body.IngaendeMoment[0].BetygsskalaID}`);
    expect(keys(betygsskala.body)).toEqual(expect.arrayContaining(keys(scale)));

    const path = `studieresultat/rapportera/utbildningsinstans/${module}/sok`;
    const wanted = { ...search, KurstillfallenUID: [uid] };
    const untouched = (await call('PUT', path, wanted)).body.Resultat.find(
      (r: { Student: { Uid: string } }) => r.Student.Uid === students[0]!.uid,
    );
    const grade = (code: string) => betygsskala.body.Betygsgrad.find((g: { Kod: string }) => g.Kod === code).ID;
    const ids = { UtbildningsinstansUID: module, BetygsskalaID: betygsskala.body.ID };
    const created = await call('POST', 'studieresultat/skapa', {
      Resultat: [{ ...create.Resultat[0], ...ids, StudieresultatUID: untouched.Uid, Betygsgrad: grade('B') }],
    });
    expect(created.status).toBe(201);

    const report = await call('PUT', path, { ...wanted, Filtrering: ['UTKAST'] });
    expect(keys(report.body)).toEqual(expect.arrayContaining(keys(found)));
    const { Uid: ResultatUID, SenasteResultatandring } = report.body.Resultat[0].ResultatPaUtbildningar[0].Arbetsunderlag;
    const { BetygsskalaID } = ids;
    const updated = await call('PUT', 'studieresultat/uppdatera', {
      Resultat: [{ ...update.Resultat[0], BetygsskalaID, ResultatUID, SenasteResultatandring, Betygsgrad: grade('A') }],
    });
    expect(updated.status).toBe(200);
    const ResultatetsSenastSparad = updated.body.Resultat[0].SenasteResultatandring;
    const mark = {
      ...marking,
      Klarmarkering: { ...marking.Klarmarkering, ResultatetsSenastSparad },
      ResultatUIDer: [ResultatUID],
    };
    expect((await call('PUT', 'studieresultat/klarmarkera', marking)).status).toBe(400);
    expect((await call('PUT', 'studieresultat/klarmarkera', mark)).body.Resultat[0]).toMatchObject({
      Uid: ResultatUID,
      ProcessStatus: 2,
    });

    const hinder = await call('GET', `studieresultat/${untouched.Uid}/utbildningsinstans/${module}/resultat/skapa/hinder`);
    expect(keys(hinder.body)).toEqual(expect.arrayContaining(keys(obstacles)));
    const refused = await call('PUT', 'studieresultat/klarmarkera', mark);
    expect(refused).toMatchObject({ status: 400, body: { Felkategori: error.Felkategori } });
    expect(Object.keys(refused.body).sort()).toEqual(Object.keys(error).sort());
    const gone = await call('GET', `kurstillfalle/${occasionUid}/moment`);
    expect(gone.body).toMatchObject({
      Felgrupp: 'commons.fel.grupp.obligatoriskt_varde_saknas',
      Detaljkod: 'resultat.fel.detaljkod.utbildningstillfalle',
    });
    const ids2 = await Promise.all([1, 2].map(() => call('GET', `kurstillfalle/${uid}/moment`)));
    expect(new Set(ids2.flatMap((m) => [typeof m.body.Betygsskala, typeof m.body.IngaendeMoment[0].BetygsskalaID])).size).toBe(2);
  });
});
