import type { Context } from 'hono';
import { exams, institution, student as sample, type SampleStudent } from './sample.js';
import { simulator, type Simulator } from './simulator.js';
import { catalogOf, type Occasion } from './ladok/catalog.js';
import { Fel, felObject, invalid } from './ladok/fault.js';
import { feedOf } from './ladok/feed.js';
import { attestedBefore, emptyLadok, resultsOf, type LadokStore } from './ladok/results.js';
import { shapesOf } from './ladok/shapes.js';

const services = ['resultat', 'studentinformation', 'kataloginformation', 'handelser'];
const orders = [
  'FORNAMN',
  'EFTERNAMN',
  'PERSONNUMMER',
  'ANONYMKOD',
  'EXAMINATIONSDATUM',
  'BETYGSGRAD',
  'STATUS',
  'KURSKOD',
  'KURSTILLFALLESKOD',
  'START_DATUM',
];
const orderBy = (keys: readonly string[], studentOf: (row: never) => SampleStudent | undefined) => (a: unknown, b: unknown) => {
  for (const key of keys) {
    const value = (row: unknown) => {
      const one = studentOf(row as never);
      if (!one) return (row as Occasion).code ?? (row as Occasion).from;
      return key.startsWith('FORNAMN') ? one.givenName : key.startsWith('EFTERNAMN') ? one.surname : one.personNumber;
    };
    const sign = value(a).localeCompare(value(b), 'sv') * (key.endsWith('_DESC') ? -1 : 1);
    if (sign) return sign;
  }
  return 0;
};

/**
 * Ladok's REST services and event feed as far as results need them. JSON, the feed Atom. Admin calls, all JSON,
 * uids in Ladok's own names: `POST /__sim/attest {resultatUIDer}`, `/__sim/annul {resultatUIDer}`, `/__sim/attest-all
 * {utbildningsinstansUID?}` -> `{attested}`, `/__sim/edit-draft {resultatUID, betygsgrad?}` (id or code; also on what is marked
 * ready), `/__sim/obstacle {studentUID, utbildningsinstansUID?, vid?: 'skapa'|'klarmarkera', text?, stoppande?, borttagen?}`,
 * `/__sim/discontinue {studentUID, kurstillfalleUID, datum}`. Own faults: `stale-lock` (somebody saves in between),
 * `applikationsfel` (500 with an error object), and those of the feed (ladok/feed.ts). Effects are in the log as `draft-created`,
 * `draft-updated`, `marked-ready`, `attested`, `annulled`. `eventsOnPage` is how many events a page of the feed holds.
 */
export function ladokSimulator({
  folder,
  larosateId = institution.larosateId,
  demandClient = false,
  eventsOnPage = 100,
}: { folder?: string; larosateId?: number; demandClient?: boolean; eventsOnPage?: number } = {}): Simulator<LadokStore> {
  const catalog = catalogOf(larosateId);
  const sim = simulator<LadokStore>('ladok', emptyLadok, folder);
  const { app, store } = sim;
  const results = resultsOf(sim, catalog);
  const shapes = shapesOf(catalog, store, larosateId);
  const before = attestedBefore(catalog);
  let reads = 0;

  const type = (c: Context) => `application/vnd.ladok-${c.req.path.split('/')[1]}+json`;
  const answer = (c: Context, body: object, status: 200 | 201 = 200) =>
    c.body(JSON.stringify(body), status, { 'Content-Type': type(c) });
  const json = async (c: Context): Promise<Record<string, unknown>> => {
    try {
      return await c.req.json();
    } catch {
      throw invalid('json', 'Anropet är inte giltig JSON');
    }
  };
  /** Without an order the rows come turned another way at every call, so pages overlap. */
  const page = <Row>(
    rows: readonly Row[],
    asked: { order: readonly string[]; page: unknown; limit: unknown; studentOf: (row: Row) => SampleStudent | undefined },
  ) => {
    if (asked.order.some((o) => !orders.includes(o.replace(/_(ASC|DESC)$/, '')))) throw invalid('orderby', 'OrderBy är okänt');
    const limit = Math.min(Number(asked.limit ?? 25), 400);
    const first = (Number(asked.page ?? 1) - 1) * limit;
    if (!(limit > 0 && first >= 0)) throw invalid('sida', 'Page eller Limit är felaktig');
    const turn = (++reads * 7) % (rows.length || 1);
    const turned = [...rows.slice(turn), ...rows.slice(0, turn)];
    const sorted = asked.order.length ? turned.sort(orderBy(asked.order, asked.studentOf)) : turned;
    return { total: rows.length, rows: sorted.slice(first, first + limit) };
  };
  const query = (c: Context) => ({
    order: c.req.queries('orderby') ?? [],
    page: c.req.query('page'),
    limit: c.req.query('limit'),
  });

  app.use(async (c, next) => {
    const service = c.req.path.split('/')[1] ?? '';
    if (!services.includes(service)) return next();
    if (demandClient && !c.req.header('X-Sim-Client'))
      throw new Fel(401, 'behorighetsfel', 'ej_autentiserad', 'certifikat', 'Klientcertifikat saknas');
    const accepted = (c.req.header('Accept') ?? '').split(',').map((t) => t.split(';')[0]?.trim());
    if (!accepted.includes(service === 'handelser' ? 'application/atom+xml' : type(c)))
      throw new Fel(406, 'valideringsfel', 'mediatyp', 'accept', 'Mediatypen kan inte levereras');
    const sent = c.req.header('Content-Type')?.split(';')[0]?.trim();
    if (c.req.method !== 'GET' && sent !== type(c) && sent !== 'application/json')
      throw new Fel(415, 'valideringsfel', 'mediatyp', 'content_type', 'Mediatypen stöds inte');
    return next();
  });
  app.onError((error, c) => {
    const inside = new Fel(500, 'applikationsfel', 'okant_fel', 'okand', `java.lang.IllegalStateException: ${error.name}`);
    const fel = error instanceof Fel ? error : inside;
    return c.body(JSON.stringify(felObject(fel)), fel.status, { 'Content-Type': type(c) });
  });
  app.notFound(() => {
    throw new Fel(404, 'valideringsfel', 'resurs_saknas', 'resurs', 'Resursen finns inte');
  });
  app.use('/resultat/*', async (c, next) => {
    if (sim.takeFault(c.req.method, c.req.path, 'applikationsfel')) throw new Error('simulated');
    return next();
  });

  app.get('/resultat/service/index', (c) => answer(c, { link: [] }));
  app.get('/kataloginformation/anvandare/autentiserad', (c) =>
    answer(c, { Anvandarnamn: `integration-${larosateId}@uni.example`, link: [] }),
  );
  app.get('/studentinformation/student/personnummer/:personnummer', (c) => {
    const student = catalog.studentByPersonNumber(c.req.param('personnummer'));
    if (!student) throw new Fel(404, 'valideringsfel', 'resurs_saknas', 'student', 'Studenten finns inte');
    const born = student.personNumber.slice(0, 8).replace(/(....)(..)/, '$1-$2-');
    return answer(c, { ...shapes.student(student), Fodelsedata: born, ExterntUID: student.uid });
  });

  app.get('/resultat/kurstillfalle/filtrera', (c) => {
    const { kurskod, tillfalleskod } = c.req.query();
    const rows = catalog.occasions.filter(
      (o) => (!kurskod || o.course.code === kurskod) && (!tillfalleskod || o.code === tillfalleskod),
    );
    const found = page(rows, { ...query(c), studentOf: () => undefined });
    return answer(c, { TotaltAntalPoster: found.total, Resultat: found.rows.map(shapes.occasion), link: [] });
  });
  app.get('/resultat/kurstillfalle/:uid/moment', (c) => {
    const occasion = catalog.occasion(c.req.param('uid'));
    if (!occasion) throw invalid('utbildningstillfalle', 'Utbildningstillfället finns inte', 'obligatoriskt_varde_saknas');
    return answer(c, shapes.modules(occasion));
  });
  app.get('/resultat/grunddata/betygsskala', (c) => answer(c, { Betygsskala: catalog.scales.map(shapes.scale), link: [] }));
  app.get('/resultat/grunddata/betygsskala/:id', (c) => {
    const scale = catalog.scaleById(Number(c.req.param('id')));
    if (!scale) throw new Fel(404, 'valideringsfel', 'resurs_saknas', 'betygsskala', 'Betygsskalan finns inte');
    return answer(c, shapes.scale(scale));
  });
  // X: nothing public says where note definitions are read.
  app.get('/resultat/grunddata/noteringsdefinition', (c) =>
    answer(c, {
      Noteringsdefinition: [
        { Uid: catalog.scoreDefinitionUid, Kod: 'SKRIVNINGSPOANG', Benamning: { sv: 'Skrivningspoäng', en: 'Exam score' } },
      ],
    }),
  );

  app.get('/resultat/kurstillfallesdeltagare/filtrera', (c) => {
    const wanted = c.req.queries('kurstillfalleUID') ?? [];
    const rows = catalog.occasions
      .filter((o) => wanted.includes(o.uid))
      .flatMap((occasion) => occasion.registered.map((student) => ({ occasion, student })));
    const found = page(rows, { ...query(c), studentOf: (row) => row.student });
    const Resultat = found.rows.map((r) => shapes.participant(r.occasion, r.student));
    return answer(c, { TotaltAntalPoster: found.total, Resultat, link: [] });
  });
  app.put('/resultat/studieresultat/rapportera/utbildningsinstans/:uid/sok', async (c) => {
    const body = await json(c);
    const known = catalog.moduleOf(c.req.param('uid'));
    if (!known) throw invalid('utbildningsinstans', 'Utbildningsinstansen finns inte');
    const filters = ((body['Filtrering'] ?? ['OBEHANDLADE']) as string[]).flatMap((f) => f.split('_'));
    const uids = (body['KurstillfallenUID'] ?? []) as string[];
    const rows = catalog.occasions
      .filter((o) => o.course === known.course && (!uids.length || uids.includes(o.uid)))
      .flatMap((occasion) => occasion.registered.map((student, place) => ({ occasion, student, place })))
      .filter(({ student }) => {
        const uid = catalog.studyResultUid(student, known.course);
        const of = (list: LadokStore['drafts']) =>
          list.find((r) => r.studyResultUid === uid && r.moduleInstanceUid === known.module.instanceUid);
        const working = of(store.drafts);
        if (working && filters.includes(working.status === 1 ? 'UTKAST' : 'KLARMARKERADE')) return true;
        return filters.includes(of([...before, ...store.attested]) ? 'ATTESTERADE' : working ? '' : 'OBEHANDLADE');
      });
    const order = (body['OrderBy'] ?? []) as string[];
    const found = page(rows, { order, page: body['Page'], limit: body['Limit'], studentOf: (row) => row.student });
    const Resultat = found.rows.map((r) => shapes.reportRow(r.occasion, r.student, known.module, r.place));
    return answer(c, { TotaltAntalPoster: found.total, Resultat, link: [] });
  });

  app.get('/resultat/aktivitetstillfalle/filtrera', (c) => {
    const rows = exams.filter((exam) => exam.course === c.req.query('kurskod'));
    const found = page(rows, { ...query(c), studentOf: () => undefined });
    return answer(c, { TotaltAntalPoster: found.total, Resultat: found.rows.map(shapes.exam), link: [] });
  });
  app.get('/resultat/aktivitetstillfallesmojlighet/filtrera', (c) => {
    const exam = exams.find((one) => one.uid === c.req.query('aktivitetstillfalleUID'));
    if (!exam) throw invalid('aktivitetstillfalle', 'Aktivitetstillfället finns inte');
    const signedUp = exam.signedUp.map((index) => ({ student: sample(index), signedUp: true }));
    const rows =
      c.req.query('anmalda') === 'true'
        ? signedUp
        : [...signedUp, ...exam.possible.map((index) => ({ student: sample(index), signedUp: false }))];
    const found = page(rows, { ...query(c), studentOf: (row) => row.student });
    return answer(c, {
      TotaltAntalPoster: found.total,
      Resultat: found.rows.map((row) => shapes.possibility(exam, row.student, row.signedUp)),
      link: [],
    });
  });

  const feed = feedOf(sim, catalog, { larosateId, eventsOnPage });
  app.get('/handelser/feed/:page', (c) => {
    const found = feed(c.req.param('page'), (effect) => sim.takeFault(c.req.method, c.req.path, effect) !== undefined);
    if (!found) throw new Fel(404, 'valideringsfel', 'resurs_saknas', 'sida', 'Sidan finns inte');
    return c.body(found, 200, { 'Content-Type': 'application/atom+xml' });
  });

  const stale = (c: Context) => sim.takeFault(c.req.method, c.req.path, 'stale-lock') !== undefined;
  app.post('/resultat/studieresultat/skapa', async (c) =>
    answer(c, { Resultat: results.create(await json(c)).map(shapes.draft), link: [] }, 201),
  );
  app.put('/resultat/studieresultat/uppdatera', async (c) =>
    answer(c, { Resultat: results.update(await json(c), stale(c)).map(shapes.draft), link: [] }),
  );
  app.put('/resultat/studieresultat/klarmarkera', async (c) =>
    answer(c, { Resultat: results.markReady(await json(c), stale(c)).map(shapes.draft), link: [] }),
  );
  const obstacles = (at: 'skapa' | 'klarmarkera', studyResultUid: string, moduleInstanceUid: string) => ({
    Hinder: results
      .obstaclesFor(at, studyResultUid, moduleInstanceUid)
      .map((o) => ({ I18nNyckel: o.key, Stoppande: o.blocking, Text: { sv: o.text }, link: [] })),
    link: [],
  });
  app.get('/resultat/studieresultat/:sr/utbildningsinstans/:ui/resultat/skapa/hinder', (c) =>
    answer(c, obstacles('skapa', c.req.param('sr'), c.req.param('ui'))),
  );
  app.get('/resultat/studieresultat/:sr/resultat/:r/klarmarkera/hinder', (c) =>
    answer(c, obstacles('klarmarkera', c.req.param('sr'), results.draft(c.req.param('r')).moduleInstanceUid)),
  );
  app.get('/resultat/studentresultat/attesterade/student/:uid', (c) => {
    if (!catalog.student(c.req.param('uid')))
      throw new Fel(404, 'valideringsfel', 'resurs_saknas', 'student', 'Studenten finns inte');
    return answer(c, shapes.attested(c.req.param('uid'), c.req.query('kursUID')));
  });

  app.post('/__sim/attest', async (c) =>
    c.json({ attested: results.attest((await json(c))['resultatUIDer'] as string[]).length }),
  );
  app.post('/__sim/annul', async (c) => c.json({ annulled: results.annul((await json(c))['resultatUIDer'] as string[]).length }));
  app.post('/__sim/attest-all', async (c) => {
    const module = (await json(c))['utbildningsinstansUID'];
    const ready = store.drafts.filter((d) => d.status === 2 && (!module || d.moduleInstanceUid === module));
    return c.json({ attested: results.attest(ready.map((d) => d.uid)).length });
  });
  app.post('/__sim/edit-draft', async (c) => {
    const body = await json(c);
    results.editInGui(body['resultatUID'], body['betygsgrad']);
    return c.body(null, 204);
  });
  app.post('/__sim/obstacle', async (c) => {
    const body = await json(c);
    const studentUid = String(body['studentUID']);
    if (body['borttagen']) store.obstacles = store.obstacles.filter((o) => o.studentUid !== studentUid);
    else
      store.obstacles.push({
        studentUid,
        ...(body['utbildningsinstansUID'] ? { moduleInstanceUid: body['utbildningsinstansUID'] as string } : {}),
        at: body['vid'] === 'skapa' ? 'skapa' : 'klarmarkera',
        text: (body['text'] as string | undefined) ?? 'Studenten saknar registrering',
        blocking: body['stoppande'] !== false,
      });
    sim.save();
    return c.body(null, 204);
  });
  app.post('/__sim/discontinue', async (c) => {
    const body = await json(c);
    store.discontinued.push({
      studentUid: String(body['studentUID']),
      occasionUid: String(body['kurstillfalleUID']),
      date: String(body['datum']),
    });
    sim.save();
    return c.body(null, 204);
  });
  return sim;
}
