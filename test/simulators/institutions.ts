import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import type { ExchangeRegistrySimulator } from './exchange-registry.js';
import { document, documentFaults, type DocumentFault } from './institutions/document.js';
import { simulatedKey } from './institutions/keys.js';
import { sampleInstitutions, type KeptPerson, type KeptResult, type SampleInstitution } from './institutions/sample.js';
import { simulator, type Simulator } from './simulator.js';

/** How an institution behaves until it is told otherwise. */
export interface Behaviour {
  /** Milliseconds before the three questions are answered. */
  slow: number;
  /**
   * Does not answer: 503, or the connection is dropped. With `days`, until each person has been asked about with so many
   * different request ids; else until lifted.
   */
  down: { how: '503' | 'drop'; days?: number } | null;
  reserved: boolean;
  notSharing: boolean;
  /** It wants a consent of its own and has none. */
  noConsent: boolean;
  /** Knows nobody. */
  unknown: boolean;
  /** No diploma has a date. */
  degreeHeldBack: boolean;
  /** What is wrong with its documents. */
  document: DocumentFault | null;
  /**
   * What is wrong with the signatures of its answers, documents aside: none at all, of another institution's key, over another
   * body.
   */
  answer: 'unsigned' | 'other-key' | 'wrong-digest' | 'other-request' | 'old' | null;
  /** Answers the three questions with something else. */
  garbage: boolean;
}

interface InstitutionStore {
  persons: KeptPerson[];
  behaviour: Behaviour;
  refused: Record<string, string[]>;
}

/** One call as it came: whose signature it carried, and what was asked on which basis. */
export interface Call {
  readonly at: string;
  readonly route: 'status' | 'results' | 'changes';
  readonly from: string;
  readonly requestId: string;
  readonly nationalNumber: string;
  readonly basis?: string;
  readonly consentType?: string;
  readonly consentAnswer?: string;
  readonly consentOn?: string;
  readonly keys?: readonly string[];
  readonly changedAt?: string;
}

export type InstitutionSimulator = Simulator<InstitutionStore> & {
  readonly code: string;
  readonly number: string;
  /** Its public key, DER in base64. */
  readonly publicKey: string;
  /** Changes what is given of how it behaves. */
  behave(behaviour: Partial<Behaviour>): void;
  /** The same as `PATCH /__sim/results`. */
  change(number: string, change: Partial<KeptResult> & { readonly key: string; readonly withdrawn?: boolean }): void;
  readonly calls: readonly Call[];
  /** The greatest number of calls at a time so far. */
  most(): number;
};

const well: Behaviour = {
  slow: 0,
  down: null,
  reserved: false,
  notSharing: false,
  noConsent: false,
  unknown: false,
  degreeHeldBack: false,
  document: null,
  answer: null,
  garbage: false,
};

const ROOM = '/resultatutveksling/v1';
const SKEW_MS = 5 * 60_000;
const ERROR = 'https://github.com/erasmus-without-paper/ewp-specs-architecture/blob/stable-v1/common-types.xsd';

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
const digestOf = (body: string) => `SHA-256=${createHash('sha256').update(body).digest('base64')}`;

/** Whose request it is, by its HTTP signature (draft-cavage-http-signatures, as EWP demands it), or why it is nobody's. */
function askerOf(
  c: Context,
  body: string,
  registry: Pick<ExchangeRegistrySimulator, 'ownerOf'>,
): { readonly code: string; readonly signature: string } | { readonly wrong: string } {
  const header = c.req.header('Authorization') ?? '';
  if (!header.startsWith('Signature ')) return { wrong: 'no signature' };
  const fields = Object.fromEntries([...header.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
  const { keyId = '', algorithm, headers = '', signature = '' } = fields as Record<string, string | undefined>;
  const names = headers.split(' ');
  const dated = ['date', 'original-date'].find((name) => names.includes(name));
  if (
    algorithm !== 'rsa-sha256' ||
    !dated ||
    !['(request-target)', 'host', 'digest', 'x-request-id'].every((name) => names.includes(name))
  )
    return { wrong: 'too little is signed' };
  const url = new URL(c.req.url);
  const lines = names.map(
    (name) => `${name}: ${name === '(request-target)' ? `post ${url.pathname}${url.search}` : c.req.header(name)}`,
  );
  const owner = registry.ownerOf(keyId);
  if (!owner) return { wrong: 'a key that is not in the registry' };
  const key = createPublicKey({ key: owner.der, format: 'der', type: 'spki' });
  if (!verify('sha256', Buffer.from(lines.join('\n')), key, Buffer.from(signature, 'base64')))
    return { wrong: 'a wrong signature' };
  if (c.req.header('Digest') !== digestOf(body)) return { wrong: 'another body' };
  if (Math.abs(Date.now() - Date.parse(c.req.header(dated) ?? '')) > SKEW_MS) return { wrong: 'too old' };
  return { code: owner.code, signature };
}

/**
 * One institution of the exchange: answers the three questions (`POST /resultatutveksling/v1/status`), hands results over as
 * signed ELMO (`/results`) and takes notices of changes (`/changes`). Wants an HTTP signature of a key in the registry, and signs
 * its answers. Bodies are forms or JSON, with the names below.
 *
 * Admin calls at its own address:
 * - `PATCH /__sim/behaviour` changes what is given of `Behaviour`; `DELETE /__sim/behaviour` makes all well again.
 * - `PATCH /__sim/results` `{ number, key, …fields }` changes a result, or adds one that is not there (with the whole of it), `{
 *   number, key, withdrawn: true }` takes it away; `PUT /__sim/persons/{number}` `{ givenNames, familyName, birthDate, results }`
 *   adds a person or renames the one with that number by `{ renumber }`.
 * - `GET /__sim/calls` -> `{ calls, most }`, `most` being the greatest number of calls at a time; `DELETE` begins anew.
 */
export function institutionSimulator(
  sample: SampleInstitution & { readonly place: number },
  registry: Pick<ExchangeRegistrySimulator, 'ownerOf'>,
  folder?: string,
): InstitutionSimulator {
  const sim = simulator<InstitutionStore>(
    `institution-${sample.number}`,
    () => ({ persons: structuredClone([...sample.persons]), behaviour: { ...well }, refused: {} }),
    folder,
  );
  const { app, store } = sim;
  const calls: Call[] = [];
  let [now, most] = [0, 0];
  const key = simulatedKey(sample.place);

  /** An answer with its signature, or with what is wrong with it. */
  const answered = (
    c: Context,
    { status = 200, body, type, request }: { status?: number; body: string; type: string; request: string },
  ): Response => {
    const how = store.behaviour.answer;
    const headers: Record<string, string> = {
      Date: new Date(Date.now() - (how === 'old' ? 2 * SKEW_MS : 0)).toUTCString(),
      Digest: digestOf(how === 'wrong-digest' ? `${body} ` : body),
      'X-Request-Id': c.req.header('X-Request-Id') ?? '',
      'X-Request-Signature': how === 'other-request' ? 'c29tZXRoaW5nIGVsc2U=' : request,
    };
    const text = Object.entries(headers)
      .map(([name, value]) => `${name.toLowerCase()}: ${value}`)
      .join('\n');
    const used = how === 'other-key' ? simulatedKey((sample.place + 1) % sampleInstitutions.length) : key;
    const signature = sign('sha256', Buffer.from(text), used.privateKey).toString('base64');
    const names = Object.keys(headers).join(' ').toLowerCase();
    if (how !== 'unsigned')
      headers['Signature'] = `keyId="${used.id}",algorithm="rsa-sha256",headers="${names}",signature="${signature}"`;
    return c.body(body, status as 200, { ...headers, 'Content-Type': type });
  };
  const refused = (c: Context, status: 400 | 401 | 403 | 404, message: string) =>
    c.body(`<error-response xmlns="${ERROR}"><developer-message>${message}</developer-message></error-response>`, status, {
      'Content-Type': 'application/xml',
    });

  const today = () => new Date().toISOString().slice(0, 10);
  const isHeldBack = (one: KeptResult) =>
    one.type === 'Degree Programme' && (store.behaviour.degreeHeldBack || !one.diplomaOn || one.diplomaOn >= today());
  const personOf = (number: string) =>
    store.behaviour.unknown ? undefined : store.persons.find((person) => person.number === number);
  /** Whether it is down for this question. */
  const isDown = (person: string, request: string): boolean => {
    const { down } = store.behaviour;
    if (!down) return false;
    if (down.days === undefined) return true;
    const seen = (store.refused[person] ??= []);
    if (!seen.includes(request) && seen.length >= down.days) return false;
    if (!seen.includes(request)) seen.push(request);
    sim.save();
    return true;
  };

  app.post(`${ROOM}/:route{status|results|changes}`, async (c) => {
    const route = c.req.param('route') as Call['route'];
    now += 1;
    most = Math.max(most, now);
    try {
      const body = await c.req.text();
      const json = c.req.header('Content-Type')?.startsWith('application/json') ?? false;
      const form = new URLSearchParams(body);
      const given: Record<string, unknown> = json ? JSON.parse(body) : Object.fromEntries(form);
      const told = (name: string) => (typeof given[name] === 'string' ? given[name] : undefined);
      const requestId = c.req.header('X-Request-Id') ?? '';
      const nationalNumber = told('national_number') ?? '';
      if (isDown(nationalNumber, requestId)) {
        sim.note({ event: 'down', route, requestId });
        if (store.behaviour.down?.how !== 'drop') return c.text('Service Unavailable', 503);
        (c.env as { incoming: IncomingMessage }).incoming.socket.destroy();
        return c.body(null, 503);
      }
      const asker = askerOf(c, body, registry);
      if ('wrong' in asker) {
        sim.note({ event: 'not-signed', route, wrong: asker.wrong });
        return refused(c, 401, asker.wrong);
      }
      const keys = json ? (given['key'] as string[] | undefined) : form.getAll('key');
      const call: Call = {
        at: new Date().toISOString(),
        route,
        from: asker.code,
        requestId,
        nationalNumber,
        basis: told('basis'),
        consentType: told('consent_type'),
        consentAnswer: told('consent_answer'),
        consentOn: told('consent_on'),
        ...(route === 'changes' ? { keys, changedAt: told('changed_at') } : {}),
      };
      calls.push(call);
      sim.note({ event: 'call', ...call });
      const request = asker.signature;
      if (!nationalNumber || told(route === 'changes' ? 'notice_id' : 'request_id') !== requestId)
        return refused(c, 400, 'no national_number, or another id than the header has');
      if (route === 'changes') return answered(c, { body: '{}', type: 'application/json', request });

      const person = personOf(nationalNumber);
      const { slow, reserved, notSharing, noConsent, garbage, document: fault } = store.behaviour;
      const consented = !noConsent && (call.basis === 'statute' || (call.basis === 'consent' && call.consentAnswer === 'J'));
      const told3 = person?.results.filter((one) => one.status === 'passed' && !isHeldBack(one)) ?? [];
      if (route === 'status') {
        await pause(slow);
        if (garbage) return answered(c, { body: '<html>Velkommen!</html>', type: 'text/html', request });
        const status = {
          shares: !notSharing,
          reserved,
          consent: consented,
          known: Boolean(person),
          hasPassedResults: told3.length > 0,
          degreesHeldBack: person?.results.filter((one) => one.status === 'passed' && isHeldBack(one)).length ?? 0,
          x_build: '7.41',
        };
        return answered(c, { body: JSON.stringify(status), type: 'application/json', request });
      }
      if (notSharing || reserved || !consented) return refused(c, 403, 'not for you');
      if (!person) return refused(c, 404, 'nobody has this number');
      const url = `https://${sample.code}/`;
      const issuer = { ...sample, url, key: key.privateKey, stranger: simulatedKey(54).privateKey };
      // Failed and unfinished results go out as well where the institution is careless: whoever reads has to leave them out.
      const results = person.results.filter((one) => !isHeldBack(one));
      const at = new Date().toISOString();
      return answered(c, {
        body: document({ issuer, person, results, fault, at }),
        type: 'application/xml;charset=UTF-8',
        request,
      });
    } finally {
      now -= 1;
    }
  });

  const behave = (changed: Partial<Behaviour>) => {
    store.behaviour = { ...store.behaviour, ...changed };
    if ('down' in changed) store.refused = {};
    sim.save();
  };
  const change = (
    number: string,
    { withdrawn, ...given }: Partial<KeptResult> & { readonly key: string; readonly withdrawn?: boolean },
  ) => {
    const person = store.persons.find((one) => one.number === number);
    if (!person) throw new Error('nobody has this number');
    const before = person.results.find((one) => one.key === given.key);
    if (withdrawn) person.results = person.results.filter((one) => one !== before);
    else if (before) Object.assign(before, given);
    else person.results.push({ type: 'Course', code: given.key, nb: given.key, status: 'passed', scale: 'no-af', ...given });
    sim.save();
  };

  app.patch('/__sim/behaviour', async (c) => {
    const given = await c.req.json<Partial<Behaviour>>();
    if (Object.keys(given).some((name) => !(name in well)) || (given.document && !documentFaults.includes(given.document)))
      return c.json({ error: 'no such behaviour' }, 400);
    behave(given);
    return c.json(store.behaviour);
  });
  app.delete('/__sim/behaviour', (c) => {
    behave(well);
    return c.body(null, 204);
  });
  app.patch('/__sim/results', async (c) => {
    const { number, ...given } = await c.req.json<Partial<KeptResult> & { number: string; key: string; withdrawn?: boolean }>();
    if (!given.key || !store.persons.some((one) => one.number === number))
      return c.json({ error: 'nobody has this number, or no key' }, 404);
    change(number, given);
    return c.body(null, 204);
  });
  app.put('/__sim/persons/:number', async (c) => {
    const { renumber, ...given } = await c.req.json<Partial<KeptPerson> & { renumber?: string }>();
    const number = c.req.param('number');
    const known = store.persons.find((one) => one.number === number);
    if (known) Object.assign(known, given, renumber ? { number: renumber } : {});
    else
      store.persons.push({ givenNames: 'Ukjent', familyName: 'Ukjent', birthDate: '1990-01-01', results: [], ...given, number });
    sim.save();
    return c.body(null, 204);
  });
  app.get('/__sim/persons', (c) => c.json(store.persons));
  app.get('/__sim/calls', (c) => c.json({ calls, most }));
  app.delete('/__sim/calls', (c) => {
    calls.length = 0;
    most = now;
    return c.body(null, 204);
  });

  return {
    ...sim,
    code: sample.code,
    number: sample.number,
    publicKey: key.der.toString('base64'),
    behave,
    change,
    calls,
    most: () => most,
  };
}

/**
 * The fifty, in the order of the sample, told to the registry once they listen. `firstPort` is the port of the first; the others
 * follow it.
 */
export function institutionSimulators({
  folder,
  registry,
}: {
  readonly folder?: string;
  readonly registry: ExchangeRegistrySimulator;
}) {
  const all = sampleInstitutions.map((sample, place) => institutionSimulator({ ...sample, place }, registry, folder));
  return {
    all,
    /** The one with this code or number. */
    of(name: string): InstitutionSimulator {
      const found = all.find(({ code, number }) => code === name || number === name);
      if (!found) throw new Error(`no institution ${name}`);
      return found;
    },
    async listen(firstPort = 0): Promise<{ urls: Record<string, string>; close(): Promise<void> }> {
      const started = await Promise.allSettled(all.map((one, place) => one.listen(firstPort ? firstPort + place : 0)));
      const servers = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const close = async () => void (await Promise.all(servers.map((server) => server.close())));
      const failed = started.find((one) => one.status === 'rejected');
      if (failed) {
        await close();
        throw failed.reason;
      }
      registry.put(
        ...sampleInstitutions.map(({ code, number, nb, en }, place) => ({
          code,
          number,
          nb,
          en,
          url: `${servers[place]?.url}${ROOM}`,
          keys: [all[place]?.publicKey ?? ''],
        })),
      );
      return { urls: Object.fromEntries(all.map(({ code }, place) => [code, servers[place]?.url ?? ''])), close };
    },
  };
}
