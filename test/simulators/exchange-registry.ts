import { createHash } from 'node:crypto';
import { simulator, type Simulator } from './simulator.js';

/**
 * An institution in the registry; `keys` are RSA public keys, DER in base64. `covered` false leaves its host out: it is known but
 * takes no part.
 */
export interface Registered {
  code: string;
  number: string;
  nb: string;
  en: string;
  url: string;
  keys: string[];
}

export type ExchangeRegistrySimulator = Simulator<{ institutions: Registered[] }> & {
  /** Adds institutions, or puts them in the place of those with their codes. */
  put(...institutions: readonly Registered[]): void;
  /** Takes out all but these. */
  keepOnly(...codes: readonly string[]): void;
  /** Whose key it is. */
  ownerOf(keyId: string): { readonly code: string; readonly der: Buffer } | undefined;
};

const CATALOGUE = 'https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1';
const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const keyId = (base64: string) => createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');

/**
 * The registry of the exchange, in the form of EWP's catalogue: `GET /catalogue-v1.xml` lists hosts with the institutions they
 * cover, their keys and the address of their `resultatutveksling` (that entry is invented), and the institutions with their
 * numbers and names.
 *
 * - `PUT /__sim/institutions/{code}` `{ number, nb, en, url, keys }` adds one or changes it; keys as PEM or DER in base64.
 *   `DELETE` takes it out.
 * - `GET /__sim/institutions` lists them: code, number, names, address.
 *
 * Effects of its own: `empty` (a catalogue with nobody in it), `half` (one that breaks off), `no-key` (a host whose key is not
 * among the keys).
 */
export function exchangeRegistrySimulator({ folder }: { folder?: string } = {}): ExchangeRegistrySimulator {
  const sim = simulator<{ institutions: Registered[] }>('exchange-registry', () => ({ institutions: [] }), folder);
  const { app, store } = sim;

  const put = (...institutions: readonly Registered[]) => {
    for (const institution of institutions) {
      const at = store.institutions.findIndex(({ code }) => code === institution.code);
      store.institutions.splice(at < 0 ? store.institutions.length : at, 1, institution);
    }
    sim.save();
  };

  const credentials = (name: string, { keys }: Registered) =>
    `<${name}>${keys.map((key) => `<rsa-public-key sha-256="${keyId(key)}"/>`).join('')}</${name}>`;
  const host = (one: Registered) =>
    `  <host>\n    <apis-implemented>\n      <discovery xmlns="https://github.com/erasmus-without-paper/ewp-specs-api-discovery/tree/stable-v6" version="6.0.0"><url>${text(one.url)}/manifest</url></discovery>\n` +
    `      <resultatutveksling xmlns="urn:registrar:resultatutveksling:1" version="1.0.0"><url>${text(one.url)}</url></resultatutveksling>\n    </apis-implemented>\n` +
    `    <institutions-covered><hei-id>${text(one.code)}</hei-id></institutions-covered>\n    ${credentials('client-credentials-in-use', one)}\n    ${credentials('server-credentials-in-use', one)}\n  </host>\n`;
  const hei = (one: Registered) =>
    `    <hei id="${text(one.code)}"><other-id type="local">${text(one.number)}</other-id><other-id type="previous-schac">gammel-${text(one.code)}</other-id>` +
    `<name xml:lang="nb">${text(one.nb)}</name><name xml:lang="en">${text(one.en)}</name></hei>\n`;
  const catalogue = (institutions: readonly Registered[], binaries: readonly string[]) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<!-- Simulated. -->\n<catalogue xmlns="${CATALOGUE}">\n${institutions.map(host).join('')}  <institutions>\n${institutions.map(hei).join('')}  </institutions>\n` +
    `  <binaries>\n${binaries.map((key) => `    <rsa-public-key sha-256="${keyId(key)}">\n${(key.match(/.{1,64}/g) ?? []).join('\n')}\n    </rsa-public-key>\n`).join('')}  </binaries>\n</catalogue>\n`;

  app.get('/catalogue-v1.xml', (c) => {
    const path = '/catalogue-v1.xml';
    const shown = sim.takeFault('GET', path, 'empty') ? [] : store.institutions;
    const binaries = sim.takeFault('GET', path, 'no-key') ? [] : [...new Set(shown.flatMap(({ keys }) => keys))];
    const whole = catalogue(shown, binaries);
    return c.body(sim.takeFault('GET', path, 'half') ? whole.slice(0, whole.length / 2) : whole, 200, {
      'Content-Type': 'application/xml;charset=UTF-8',
    });
  });

  app.get('/__sim/institutions', (c) => c.json(store.institutions.map(({ keys: _keys, ...shown }) => shown)));
  app.put('/__sim/institutions/:code', async (c) => {
    const given = await c.req.json<Omit<Registered, 'code'>>();
    const whole =
      [given.number, given.nb, given.en, given.url].every((one) => typeof one === 'string') && Array.isArray(given.keys);
    if (!whole) return c.json({ error: 'not a whole institution' }, 400);
    put({ ...given, code: c.req.param('code'), keys: given.keys.map((key) => key.replaceAll(/-----[^-]+-----|\s/g, '')) });
    return c.body(null, 204);
  });
  const keepOnly = (...codes: readonly string[]) => {
    store.institutions = store.institutions.filter(({ code }) => codes.includes(code));
    sim.save();
  };
  app.delete('/__sim/institutions/:code', (c) => {
    keepOnly(...store.institutions.map(({ code }) => code).filter((code) => code !== c.req.param('code')));
    return c.body(null, 204);
  });

  return {
    ...sim,
    put,
    keepOnly,
    ownerOf: (id) => {
      const owner = store.institutions.find(({ keys }) => keys.some((key) => keyId(key) === id));
      const key = owner?.keys.find((one) => keyId(one) === id);
      return owner && key ? { code: owner.code, der: Buffer.from(key, 'base64') } : undefined;
    },
  };
}
