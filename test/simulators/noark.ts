import { createHash, randomUUID } from 'node:crypto';
import { bearer } from './bearer.js';
import { simulator, type Simulator } from './simulator.js';

type Fields = Record<string, unknown>;
interface Kept extends Fields {
  readonly systemID: string;
  readonly kind: Kind;
  readonly within: string;
}
interface NoarkStore {
  things: Kept[];
  sequence: Record<string, number>;
}
export type NoarkSimulator = Simulator<NoarkStore> & {
  /** What is kept of a kind, in the order it was made. */
  of(kind: Kind): readonly Kept[];
};

type Kind = 'saksmappe' | 'journalpost' | 'dokumentbeskrivelse' | 'dokumentobjekt';
const RELATIONS = 'https://rel.arkivverket.no/noark5/v5/api/';
const MEDIA = 'application/vnd.noark5+json';
const REFERENCE = 'registrar-v1:referanse';

/** The package each kind belongs to, and what it is made within. */
const packages: Readonly<Record<Kind, string>> = {
  saksmappe: 'sakarkiv',
  journalpost: 'sakarkiv',
  dokumentbeskrivelse: 'arkivstruktur',
  dokumentobjekt: 'arkivstruktur',
};
const childOf: Readonly<Record<string, Kind>> = {
  arkivdel: 'saksmappe',
  saksmappe: 'journalpost',
  journalpost: 'dokumentbeskrivelse',
  dokumentbeskrivelse: 'dokumentobjekt',
};
const demanded: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  saksmappe: ['tittel', 'saksstatus', 'saksansvarlig', 'administrativEnhet'],
  journalpost: ['tittel', 'journalposttype', 'journalstatus'],
  dokumentbeskrivelse: ['tittel', 'dokumentstatus', 'tilknyttetRegistreringSom'],
};

/**
 * An archive with the Noark 5 service interface, as far as a complaint needs it. Addresses mean nothing and differ from one
 * simulator to the next: all is found from the root by relation. The root answers anybody, the rest wants `Authorization:
 * Bearer`, any token unless `token` is given. One part (arkivdel), called `part`. `GET /__sim/documents` counts the files of each
 * journal entry.
 *
 * Effects of its own: `422` (an upload that cannot be stored), `wrong-checksum` (it is stored otherwise than it was sent),
 * `deaf-filter` (a search that does not understand its filter and finds everything), `elsewhere` (links that lead to another
 * host).
 */
export function noarkSimulator({
  folder,
  token,
  part = 'Eksamen',
}: { folder?: string; token?: string; part?: string } = {}): NoarkSimulator {
  const sim = simulator<NoarkStore>('noark', () => ({ things: [], sequence: {} }), folder);
  const { app, store, save } = sim;
  const partId = 'c7a1';
  const salt = createHash('sha256')
    .update(folder ?? randomUUID())
    .digest('hex')
    .slice(0, 6);
  const at = (origin: string, ...words: readonly string[]) => `${origin}/api/${salt}/${words.join('/')}`;

  app.use(async (c, next) => (/^\/api\/?$/.test(new URL(c.req.url).pathname) ? next() : bearer(token)(c, next)));
  app.use(async (c, next) => {
    await next();
    if (c.res.headers.get('Content-Type')?.startsWith('application/json')) c.res.headers.set('Content-Type', MEDIA);
  });

  const rel = (pack: string, name?: string) => `${RELATIONS}${pack}/${name ? `${name}/` : ''}`;
  const linked = (links: Readonly<Record<string, string>>, templated: readonly string[] = []) => ({
    _links: Object.fromEntries(
      Object.entries(links).map(([name, href]) => [
        name,
        templated.includes(name) ? { href: `${href}{?$filter&$orderby&$top&$skip&$search}`, templated: true } : { href },
      ]),
    ),
  });
  const originOf = (url: string) =>
    sim.takeFault('GET', new URL(url).pathname, 'elsewhere') ? 'https://elsewhere.example' : new URL(url).origin;

  /** A thing with what it links to. */
  const shown = (origin: string, thing: Kept | { kind: 'arkivdel'; systemID: string; tittel: string }) => {
    const { kind } = thing;
    const child = childOf[kind];
    const links: Record<string, string> = { self: at(origin, 'r', kind, thing.systemID) };
    const list = child && rel(packages[child], child);
    if (child && list) links[list] = at(origin, 'l', child, thing.systemID);
    if (child && child !== 'dokumentobjekt') links[rel(packages[child], `ny-${child}`)] = at(origin, 'n', child, thing.systemID);
    if (kind === 'dokumentbeskrivelse') links[rel('arkivstruktur', 'fil')] = at(origin, 'f', thing.systemID);
    const { within: _within, kind: _kind, ...fields } = thing as Kept;
    return { ...fields, ...linked(links, list ? [list] : []) };
  };
  const thePart = { kind: 'arkivdel', systemID: partId, tittel: part } as const;

  app.get('/api', (c) => {
    const origin = originOf(c.req.url);
    return c.json(
      linked({
        [rel('arkivstruktur')]: at(origin, 'a'),
        [rel('sakarkiv')]: at(origin, 's'),
        [rel('admin', 'system')]: at(origin, 'sys'),
        [rel('login', 'oidc')]: `${origin}/api/.well-known/openid-configuration`,
      }),
    );
  });
  app.get(`/api/${salt}/a`, (c) => {
    const list = rel('arkivstruktur', 'arkivdel');
    return c.json(linked({ [list]: at(originOf(c.req.url), 'l', 'arkivdel', 'all') }, [list]));
  });

  /** `tittel eq '…'` and our reference are the filters it knows. */
  const filtered = <T extends Fields>(all: readonly T[], filter: string | undefined): T[] | undefined => {
    if (!filter) return [...all];
    const [, field = '', text = ''] = /^(\S+) eq '((?:[^']|'')*)'$/.exec(filter) ?? [];
    const value = text.replaceAll("''", "'");
    if (field === 'tittel') return all.filter((one) => one['tittel'] === value);
    if (field === `virksomhetsspesifikkeMetadata/${REFERENCE}`)
      return all.filter((one) => (one['virksomhetsspesifikkeMetadata'] as Fields | undefined)?.[REFERENCE] === value);
    return undefined;
  };

  app.get(`/api/${salt}/l/:kind/:within`, (c) => {
    const { kind, within } = c.req.param();
    const deaf = sim.takeFault('GET', c.req.path, 'deaf-filter');
    const all: (Kept | typeof thePart)[] =
      kind === 'arkivdel' ? [thePart] : store.things.filter((one) => one.kind === kind && one.within === within);
    const found = filtered(all as Fields[], deaf ? undefined : c.req.query('$filter')) as typeof all | undefined;
    if (!found) return c.json({ kode: 'ugyldig-filter' }, 400);
    const results = found.slice(0, Number(c.req.query('$top') ?? 50)).map((one) => shown(originOf(c.req.url), one));
    return c.json({ count: found.length, results, ...linked({ self: c.req.url }) });
  });

  app.get(`/api/${salt}/n/:kind/:within`, (c) =>
    c.json({ dokumentmedium: { kode: 'E', kodenavn: 'Elektronisk arkiv' }, ...linked({ self: c.req.url }) }),
  );

  app.post(`/api/${salt}/n/:kind/:within`, async (c) => {
    if (c.req.header('Content-Type') !== MEDIA) return c.json({ kode: 'medietype' }, 400);
    const { kind, within } = c.req.param() as { kind: Kind; within: string };
    const body = await c.req.json<Fields>();
    if (demanded[kind]?.some((name) => !body[name])) return c.json({ kode: 'mangler-felt' }, 400);
    const year = new Date().getUTCFullYear();
    const next = () => (store.sequence[`${kind}/${year}`] = (store.sequence[`${kind}/${year}`] ?? 0) + 1);
    const numbered =
      kind === 'saksmappe'
        ? { saksaar: year, sakssekvensnummer: next() }
        : kind === 'journalpost'
          ? { journalaar: year, journalsekvensnummer: next() }
          : {};
    const made: Kept = {
      ...body,
      ...numbered,
      systemID: randomUUID(),
      kind,
      within,
      opprettetDato: new Date().toISOString(),
      opprettetAv: 'registrar',
    };
    store.things.push(made);
    save();
    const whole = shown(originOf(c.req.url), made);
    return c.json(whole, 201, { Location: (whole._links['self'] as { href: string }).href });
  });

  app.post(`/api/${salt}/f/:description`, async (c) => {
    const within = c.req.param('description');
    if (store.things.some((one) => one.kind === 'dokumentobjekt' && one.within === within))
      return c.json({ kode: 'fil-finnes' }, 409);
    if (sim.takeFault('POST', c.req.path, '422')) return c.json({ kode: 'kunne-ikke-lagre' }, 422);
    const bytes = Buffer.from(await c.req.arrayBuffer());
    const stored = sim.takeFault('POST', c.req.path, 'wrong-checksum') ? bytes.subarray(1) : bytes;
    const made: Kept = {
      systemID: randomUUID(),
      kind: 'dokumentobjekt',
      within,
      filnavn: 'dokument',
      filstoerrelse: stored.byteLength,
      mimeType: c.req.header('Content-Type'),
      sjekksum: createHash('sha256').update(stored).digest('hex').toUpperCase(),
      sjekksumAlgoritme: 'SHA-256',
      referanseDokumentfil: at('', 'files', within),
    };
    store.things.push(made);
    save();
    return c.json(shown(originOf(c.req.url), made), 201);
  });

  app.delete(`/api/${salt}/r/dokumentbeskrivelse/:id`, (c) => {
    const place = store.things.findIndex((one) => one.kind === 'dokumentbeskrivelse' && one.systemID === c.req.param('id'));
    if (place < 0) return c.json({ kode: 'finnes-ikke' }, 404);
    store.things.splice(place, 1);
    save();
    return c.body(null, 204);
  });

  const within = (kind: Kind, parent: string) => store.things.filter((one) => one.kind === kind && one.within === parent);
  app.get('/__sim/documents', (c) =>
    c.json(
      store.things
        .filter((one) => one.kind === 'journalpost')
        .map((one) => ({
          reference: (one['virksomhetsspesifikkeMetadata'] as Fields | undefined)?.[REFERENCE] ?? '',
          files: within('dokumentbeskrivelse', one.systemID).flatMap(({ systemID }) => within('dokumentobjekt', systemID)).length,
        })),
    ),
  );

  return { ...sim, of: (kind) => store.things.filter((one) => one.kind === kind) };
}
