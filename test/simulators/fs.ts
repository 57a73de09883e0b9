import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { fsCourses, fsInstitution, fsPersons, fsProtocol, type FsEntry, type FsPerson, type FsUnit } from './fs/sample.js';
import { simulator, type Simulator } from './simulator.js';

type Fields = Record<string, unknown>;
export interface FsComplaintRow extends Fields {
  readonly id: string;
  readonly versjon: number;
  readonly person: { readonly personlopenummer: number };
  readonly vurderingsenhet: FsUnit;
}
export interface FsCommittee {
  readonly vurderingsenhet: FsUnit;
  readonly kommisjonsnr: number;
  readonly navn: string;
  readonly klagekommisjon: 'J' | 'N';
  readonly sensorer: readonly { readonly ansattnr: string }[];
  readonly eksternReferanse: string | null;
}
interface Note {
  dato: string;
  merknad: string;
}
interface FsStore {
  persons: FsPerson[];
  entries: FsEntry[];
  complaints: FsComplaintRow[];
  committees: FsCommittee[];
  notes: Record<string, Note>;
  entered: { reference: string; grade: string }[];
}
export type FsSimulator = Simulator<FsStore>;

const keyOf = (unit: FsUnit, person: number) =>
  [unit.emnekode, unit.versjonskode, unit.vurdkombkode, unit.arstall, unit.vurdtidkode, person].join(',');
const sameUnit = (one: FsUnit, other: FsUnit) => keyOf(one, 0) === keyOf(other, 0);
const etag = (what: { id: string; versjon: number }) =>
  `"${createHash('sha256').update(`${what.id}/${what.versjon}`).digest('hex').slice(0, 16)}"`;
const isDate = (value: unknown) => typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value);

const emptyComplaint = {
  eksternReferanse: null,
  mottattDato: null,
  fristDato: null,
  sendtNyKommisjonDato: null,
  kommisjonsnr: null,
  vedtak: null,
  vedtakFormidletDato: null,
  ferdigbehandlet: 'N',
  journalnr: null,
  saksbehandler: null,
};
const decisions = new Set([null, 'TIL GUNST', 'TIL UGUNST', 'UENDRET', 'AVVIST', 'TRUKKET']);
const fitsComplaint = (fields: Fields) =>
  Object.keys(fields).every((name) => name in emptyComplaint) &&
  isDate(fields['mottattDato']) &&
  decisions.has(fields['vedtak'] as string | null) &&
  ['J', 'N'].includes(fields['ferdigbehandlet'] as string);

/** The top grade: the mean of the parts, rounded to the worse one; a part that fails, fails the whole. */
const summed = (grades: readonly string[]): string =>
  grades.includes('F')
    ? 'F'
    : ('ABCDE'[Math.ceil(grades.reduce((sum, grade) => sum + 'ABCDE'.indexOf(grade), 0) / grades.length)] as string);

/**
 * FS as far as a complaint needs it. GraphQL (`POST /graphql/`) knows `emner` and `personer`; the REST under `/fs-sim/v1` is
 * invented, since none of it is public, and an FS that has it takes its place.
 *
 * - `GET|PATCH /protokoll/{emne,versjon,vurdkomb,år,tid,person}`, `GET|POST /klager`, `GET|PATCH /klager/{id}`; both `PATCH` want
 *   `If-Match` and answer 412 when it is stale. `POST /resultatberegninger` calculates a top grade, on trial unless
 *   `oppdaterDatabase` is J.
 * - `GET /kommisjoner?{unit}` and `PUT /kommisjoner/{emne,versjon,vurdkomb,år,tid,nr}` with `If-None-Match: *`, which answers 412
 *   when the number is taken.
 * - `GET|PUT|DELETE /personer/{nr}/merknader/VTM-UTSETTELSE/{referanse}` postpones a diploma.
 *
 * All want Basic credentials, any unless they are given. Effects of its own: `stale-etag` (somebody changes the thing just before
 * the `PATCH`), `graphql-errors` (200 with errors and no data), `graphql-half` (with errors beside data), `deaf-filter` (a search
 * for a complaint finds everything), `lost-calculation` (written, and the connection breaks), `number-taken` (somebody makes a
 * committee with the number just before the `PUT`), `409` (a no that names everybody). `PATCH /__sim/protokoll/{key}` edits an
 * entry by hand, as somebody in the FS client would. `POST /__sim/kommisjoner` makes a committee by hand. `GET /__sim/protokoll`,
 * `/__sim/klager`, `/__sim/kommisjoner` and `/__sim/entered` tell what stands there, and every grade that was entered.
 */
export function fsSimulator({ folder, user, password }: { folder?: string; user?: string; password?: string } = {}): FsSimulator {
  const sim = simulator<FsStore>(
    'fs',
    () => ({
      persons: structuredClone(fsPersons) as FsPerson[],
      entries: structuredClone(fsProtocol) as FsEntry[],
      complaints: [],
      committees: [],
      notes: {},
      entered: [],
    }),
    folder,
  );
  const { app, store, save } = sim;

  app.use(
    createMiddleware(async (c, next) => {
      if (new URL(c.req.url).pathname.startsWith('/__sim')) return next();
      const [name = '', ...rest] = Buffer.from(/^Basic (.+)$/.exec(c.req.header('Authorization') ?? '')?.[1] ?? '', 'base64')
        .toString('utf8')
        .split(':');
      if (!name || (user && name !== user) || (password && rest.join(':') !== password))
        return c.json({ feil: 'ukjent bruker' }, 401, { 'WWW-Authenticate': 'Basic' });
      if (sim.takeFault(c.req.method, c.req.path, '409')) return c.json({ feil: 'opptatt', personer: store.persons }, 409);
      await next();
    }),
  );

  const entryAt = (key: string) => store.entries.find((one) => keyOf(one.vurderingsenhet, one.personlopenummer) === key);
  const replaceEntry = (old: FsEntry, change: Partial<FsEntry>): FsEntry => {
    const karakter = change.karakter ?? old.karakter;
    const passing = old.karakterskala.karakterer.find((one) => one.karakter === karakter)?.bestatt;
    const whole: FsEntry = { ...old, ...change, status: passing === 'J' ? 'B' : 'S', versjon: old.versjon + 1 };
    store.entries[store.entries.indexOf(old)] = whole;
    return whole;
  };
  const shownEntry = ({ versjon: _version, personlopenummer, ...entry }: FsEntry) => ({
    ...entry,
    person: { personlopenummer },
    opprettetAv: 'FSPROD',
  });
  const shownComplaint = ({ versjon: _version, ...complaint }: FsComplaintRow) => ({
    ...complaint,
    sperretMotVisning: entryAt(keyOf(complaint.vurderingsenhet, complaint.person.personlopenummer))?.sperretMotVisning === 'J',
  });
  /** 412 unless the caller has seen the newest version; with `stale-etag` somebody is quicker. */
  const lockedOut = (c: Context, touch: () => { id: string; versjon: number }, current: { id: string; versjon: number }) => {
    const newest = sim.takeFault(c.req.method, c.req.path, 'stale-etag') ? touch() : current;
    return c.req.header('If-Match') === etag(newest) ? undefined : c.json({ feil: 'endret av andre' }, 412);
  };

  app.post('/graphql/', async (c) => {
    if (!c.req.header('Accept')?.startsWith('application/json')) return c.json({ feil: 'Accept' }, 406);
    const { query, variables } = await c.req.json<{ query: string; variables?: { f?: Fields } }>();
    const failed = (message: string, data: unknown) =>
      c.json({ data, errors: [{ message, path: [], extensions: { classification: 'DataFetchingException' } }] });
    if (sim.takeFault('POST', '/graphql/', 'graphql-errors')) return failed('Simulert feil', null);
    const filter = variables?.f ?? {};
    const own = filter['eierInstitusjonsnummer'] === fsInstitution;
    const asked = (name: string) => (own ? ((filter[name] as string[] | undefined) ?? []) : []);
    const page = { pageInfo: { endCursor: null, hasNextPage: false } };
    const half = sim.takeFault('POST', '/graphql/', 'graphql-half');
    const answer = (data: object) => (half ? failed('Simulert feil', data) : c.json({ data }));
    const courses = filter['emnekoder']
      ? fsCourses.filter(({ kode }) => asked('emnekoder').includes(kode))
      : own
        ? fsCourses
        : [];
    if (/\bemner\b/.test(query)) return answer({ emner: { ...page, nodes: courses } });
    if (/\bpersoner\b/.test(query)) {
      const nodes = store.persons.filter((one) => asked('personlopenumre').includes(String(one.personlopenummer)));
      return answer({
        personer: {
          nodes: nodes.map(({ personlopenummer, fornavn, etternavn, epost, maalform, fodselsnummer }) => ({
            personlopenummer: String(personlopenummer),
            navn: { fornavn, etternavn },
            privatEpost: epost,
            maalform,
            fodselsnummer,
          })),
        },
      });
    }
    if (/__typename/.test(query)) return answer({ __typename: 'Query' });
    return failed('Validation error: unknown field', null);
  });

  app.get('/fs-sim/v1/protokoll/:key', (c) => {
    const entry = entryAt(c.req.param('key'));
    return entry ? c.json(shownEntry(entry), 200, { ETag: etag(entry) }) : c.json({ feil: 'finnes ikke' }, 404);
  });

  app.patch('/fs-sim/v1/protokoll/:key', async (c) => {
    const entry = entryAt(c.req.param('key'));
    if (!entry) return c.json({ feil: 'finnes ikke' }, 404);
    const stale = lockedOut(c, () => replaceEntry(entry, {}), entry);
    if (stale) return stale;
    const change = await c.req.json<Fields>();
    const known = ['karakter', 'endring', 'sperretMotVisning'];
    const fits =
      Object.keys(change).every((name) => known.includes(name)) &&
      (change['karakter'] === undefined) === (change['endring'] === undefined);
    if (!fits || !['J', 'N', undefined].includes(change['sperretMotVisning'] as string)) return c.json({ feil: 'ugyldig' }, 400);
    if (
      change['karakter'] !== undefined &&
      !entry.karakterskala.karakterer.some(({ karakter }) => karakter === change['karakter'])
    )
      return c.json({ feil: 'karakteren er ikke i skalaen' }, 422);
    const whole = replaceEntry(entry, change);
    if (change['karakter'] !== undefined)
      store.entered.push({ reference: whole.endring?.eksternReferanse ?? '', grade: whole.karakter });
    save();
    return c.json(shownEntry(whole), 200, { ETag: etag(whole) });
  });

  app.get('/__sim/protokoll', (c) =>
    c.json(store.entries.map((one) => ({ key: keyOf(one.vurderingsenhet, one.personlopenummer), ...one }))),
  );
  app.get('/__sim/klager', (c) => c.json(store.complaints));
  app.get('/__sim/entered', (c) => c.json(store.entered));

  app.patch('/__sim/protokoll/:key', async (c) => {
    const entry = entryAt(c.req.param('key'));
    if (!entry) return c.json({ feil: 'finnes ikke' }, 404);
    replaceEntry(entry, await c.req.json());
    save();
    return c.body(null, 204);
  });

  app.get('/fs-sim/v1/klager', (c) => {
    const reference = c.req.query('eksternReferanse');
    const deaf = sim.takeFault('GET', c.req.path, 'deaf-filter');
    return c.json({ items: store.complaints.filter((one) => deaf || one['eksternReferanse'] === reference).map(shownComplaint) });
  });

  app.get('/fs-sim/v1/klager/:id', (c) => {
    const complaint = store.complaints.find(({ id }) => id === c.req.param('id'));
    return complaint ? c.json(shownComplaint(complaint), 200, { ETag: etag(complaint) }) : c.json({ feil: 'finnes ikke' }, 404);
  });

  app.post('/fs-sim/v1/klager', async (c) => {
    const { klagetype, person, vurderingsenhet, ...fields } = await c.req.json<
      Fields & { person: { personlopenummer: number }; vurderingsenhet: FsUnit }
    >();
    const whole = { ...emptyComplaint, ...fields };
    if (!['SENSUR', 'BEGRUNNELSE', 'FORMELL FEIL'].includes(klagetype as string) || !fitsComplaint(whole))
      return c.json({ feil: 'ugyldig' }, 400);
    if (!entryAt(keyOf(vurderingsenhet, person.personlopenummer))) return c.json({ feil: 'finnes ikke i protokollen' }, 422);
    const complaint: FsComplaintRow = {
      id: `k-${store.complaints.length + 1}`,
      klagetype,
      person,
      vurderingsenhet,
      ...whole,
      versjon: 1,
    };
    store.complaints.push(complaint);
    save();
    return c.json(shownComplaint(complaint), 201, { ETag: etag(complaint) });
  });

  app.patch('/fs-sim/v1/klager/:id', async (c) => {
    const place = store.complaints.findIndex(({ id }) => id === c.req.param('id'));
    const complaint = store.complaints[place];
    if (!complaint) return c.json({ feil: 'finnes ikke' }, 404);
    const put = (change: Fields) => (store.complaints[place] = { ...complaint, ...change, versjon: complaint.versjon + 1 });
    const stale = lockedOut(c, () => put({}), complaint);
    if (stale) return stale;
    const change = await c.req.json<Fields>();
    const before = Object.fromEntries(Object.keys(emptyComplaint).map((name) => [name, complaint[name]]));
    if (!fitsComplaint({ ...before, ...change })) return c.json({ feil: 'ugyldig' }, 400);
    const whole = put(change);
    save();
    return c.json(shownComplaint(whole), 200, { ETag: etag(whole) });
  });

  const unitIn = (found: Readonly<Record<string, string>>): FsUnit => ({
    emnekode: found['emnekode'] ?? '',
    versjonskode: found['versjonskode'] ?? '',
    vurdkombkode: found['vurdkombkode'] ?? '',
    arstall: Number(found['arstall']),
    vurdtidkode: found['vurdtidkode'] ?? '',
  });
  app.get('/fs-sim/v1/kommisjoner', (c) =>
    c.json({ items: store.committees.filter((one) => sameUnit(one.vurderingsenhet, unitIn(c.req.query()))) }),
  );

  app.put('/fs-sim/v1/kommisjoner/:key', async (c) => {
    const key = c.req.param('key');
    const [emnekode = '', versjonskode = '', vurdkombkode = '', arstall = '', vurdtidkode = '', number] = key.split(',');
    const vurderingsenhet = unitIn({ emnekode, versjonskode, vurdkombkode, arstall, vurdtidkode });
    const { navn, klagekommisjon, sensorer, eksternReferanse } = await c.req.json<FsCommittee>();
    const fits =
      Number.isInteger(Number(number)) &&
      navn &&
      ['J', 'N'].includes(klagekommisjon) &&
      sensorer.every(({ ansattnr }) => typeof ansattnr === 'string');
    if (!fits) return c.json({ feil: 'ugyldig' }, 400);
    const committee: FsCommittee = {
      vurderingsenhet,
      kommisjonsnr: Number(number),
      navn,
      klagekommisjon,
      sensorer,
      eksternReferanse,
    };
    if (sim.takeFault('PUT', c.req.path, 'number-taken')) store.committees.push({ ...committee, eksternReferanse: null });
    if (store.committees.some((one) => keyOf(one.vurderingsenhet, one.kommisjonsnr) === key))
      return c.json({ feil: 'finnes' }, 412);
    store.committees.push(committee);
    save();
    return c.json(committee, 201);
  });

  app.get('/__sim/kommisjoner', (c) => c.json(store.committees));
  app.post('/__sim/kommisjoner', async (c) => {
    store.committees.push(await c.req.json<FsCommittee>());
    save();
    return c.body(null, 204);
  });

  app.post('/fs-sim/v1/resultatberegninger', async (c) => {
    const { person, vurderingsenhet, oppdaterDatabase, endringsstatus, endretAv, endretDato, eksternReferanse } =
      await c.req.json<Record<string, string> & { person: { personlopenummer: number }; vurderingsenhet: FsUnit }>();
    const top = entryAt(keyOf(vurderingsenhet, person.personlopenummer));
    const parts = store.entries.filter(
      (one) => one.personlopenummer === person.personlopenummer && one.toppenhet && sameUnit(one.toppenhet, vurderingsenhet),
    );
    if (!top || parts.length === 0) return c.json({ feil: 'ingen deler å beregne' }, 422);
    if (endringsstatus !== 'KLAGE' || (oppdaterDatabase === 'J' && !(endretAv && isDate(endretDato))))
      return c.json({ feil: 'ugyldig' }, 400);
    const karakter = summed(parts.map((part) => part.karakter));
    const after: 'B' | 'S' = karakter === 'F' ? 'S' : 'B';
    if (oppdaterDatabase === 'J')
      replaceEntry(top, {
        karakter,
        endring: { endringsstatus, endretAv: endretAv!, endretDato: endretDato!, eksternReferanse: eksternReferanse ?? null },
      });
    save();
    if (oppdaterDatabase === 'J' && sim.takeFault('POST', c.req.path, 'lost-calculation')) return c.body(null, 504);
    return c.json({
      oppdatert: oppdaterDatabase,
      resultater: [{ vurderingsenhet, for: { karakter: top.karakter, status: top.status }, etter: { karakter, status: after } }],
    });
  });

  const noteAt = '/fs-sim/v1/personer/:person/merknader/VTM-UTSETTELSE/:reference';
  const noteKey = (c: Context) => `${c.req.param('person')}/${c.req.param('reference')}`;
  app.get(noteAt, (c) => {
    const note = store.notes[noteKey(c)];
    return note ? c.json(note) : c.json({ feil: 'finnes ikke' }, 404);
  });
  app.put(noteAt, async (c) => {
    const { dato, merknad } = await c.req.json<Note>();
    if (!isDate(dato) || typeof merknad !== 'string') return c.json({ feil: 'ugyldig' }, 400);
    if (!store.persons.some((one) => String(one.personlopenummer) === c.req.param('person')))
      return c.json({ feil: 'finnes ikke' }, 422);
    store.notes[noteKey(c)] = { dato, merknad };
    save();
    return c.json({ dato, merknad });
  });
  app.delete(noteAt, (c) => {
    if (!store.notes[noteKey(c)]) return c.json({ feil: 'finnes ikke' }, 404);
    delete store.notes[noteKey(c)];
    save();
    return c.body(null, 204);
  });

  return sim;
}
