import { generateKeyPairSync } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { refreshPartners } from '../../activities/exchange/partners.js';
import { exchangeRegistry, readCatalogue, type ExchangeRegistry } from '../../activities/exchange/registry.js';
import { createDatabase, type Database } from '../../prisma/client.js';
import { exchangeRegistrySimulator } from '../simulators/exchange-registry.js';
import { simulatedKey } from '../simulators/institutions/keys.js';
import { freshDatabase } from '../support/database.js';

const keyAt = (place: number) => simulatedKey(place).der.toString('base64');
const one = {
  code: 'north.example',
  number: '301',
  nb: 'Høgskolen i Čáhput',
  en: 'Čáhput College',
  url: 'https://north.example/resultatutveksling/v1',
  keys: [keyAt(1), keyAt(2)],
};
const two = {
  code: 'south.example',
  number: '302',
  nb: 'Høgskolen i Sør',
  en: 'South College',
  url: 'https://south.example/r',
  keys: [keyAt(3)],
};

describe('the registry of the exchange', () => {
  let simulated: ReturnType<typeof exchangeRegistrySimulator>;
  let registry: ExchangeRegistry;
  let url: string;
  let close: () => Promise<void>;
  beforeEach(async () => {
    simulated = exchangeRegistrySimulator();
    const server = await simulated.listen();
    ({ url, close } = server);
    registry = exchangeRegistry({ baseUrl: url, timeoutMs: 2_000 });
    simulated.put(two, one);
  });
  afterEach(async () => {
    await registry.close();
    await close();
  });
  const fault = (effect: string) => simulated.faults.push({ match: 'GET /catalogue-v1.xml', effect });

  it('RX-11 tells who takes part: code, number, names, address and keys', async () => {
    const [north, south, ...others] = await registry.institutions();
    expect(others).toEqual([]);
    expect(north).toMatchObject({
      code: 'north.example',
      number: '301',
      nameNb: 'Høgskolen i Čáhput',
      nameEn: 'Čáhput College',
      url: one.url,
    });
    expect(north?.keys.map((pem) => pem.replaceAll(/-----[^-]+-----|\s/g, ''))).toEqual(one.keys);
    expect(south).toMatchObject({ code: 'south.example', keys: [expect.stringMatching(/^-----BEGIN PUBLIC KEY-----\n/)] });
    await registry.probe();
  });

  it('RX-11 takes in a Registrar with a key of its own', async () => {
    const pem = generateKeyPairSync('rsa', { modulusLength: 2_048 }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const put = await fetch(`${url}/__sim/institutions/bth.example`, {
      method: 'PUT',
      body: JSON.stringify({ number: '399', nb: 'Eksempelhøgskolen', en: 'Example', url: 'http://127.0.0.1:1/r', keys: [pem] }),
    });
    expect(put.status).toBe(204);
    expect((await registry.institutions()).find(({ code }) => code === 'bth.example')?.keys).toEqual([pem]);
    expect(await (await fetch(`${url}/__sim/institutions`)).json()).toHaveLength(3);
  });

  it.each([
    ['empty', 'malformed'],
    ['half', 'malformed'],
    ['no-key', 'malformed'],
    ['malformed', 'malformed'],
    ['500', 'status'],
    ['502-html', 'status'],
    ['429', 'status'],
  ])('RX-11 lists nobody where it is %s', async (effect, reason) => {
    fault(effect);
    await expect(registry.institutions()).rejects.toMatchObject({ name: 'PartnerUnavailable', reason });
    await expect(registry.probe()).rejects.toMatchObject({ name: 'PartnerUnavailable' });
  });

  const catalogue = async () => (await fetch(`${url}/catalogue-v1.xml`)).text();
  it.each([
    [
      'a weak key',
      (xml: string) => {
        const weak = generateKeyPairSync('rsa', { modulusLength: 1_024 })
          .publicKey.export({ type: 'spki', format: 'der' })
          .toString('base64');
        return xml.replace(/(<binaries>\s*<rsa-public-key[^>]*>)[^<]*/, `$1${weak}`);
      },
    ],
    [
      'a key under another id',
      (xml: string) => xml.replace(/(<binaries>\s*<rsa-public-key sha-256=")[^"]*/, `$1${'0'.repeat(64)}`),
    ],
    ['an institution at two hosts', (xml: string) => xml.replace('<hei-id>north.example', '<hei-id>south.example')],
    [
      'a host of an institution it does not name',
      (xml: string) => xml.replace('<hei id="north.example">', '<hei id="elsewhere.example">'),
    ],
    [
      'an address that is none',
      (xml: string) => xml.replaceAll('https://north.example/resultatutveksling/v1', 'javascript:alert(1)'),
    ],
    ['no number', (xml: string) => xml.replace('>301<', '>tre hundre<')],
    ['a DTD', (xml: string) => xml.replace('<catalogue', '<!DOCTYPE catalogue><catalogue')],
    ['another root', (xml: string) => xml.replaceAll('catalogue', 'katalog')],
  ])('RX-11 is not read with %s', async (_name, change) => {
    const good = await catalogue();
    expect(readCatalogue(Buffer.from(good))).toHaveLength(2);
    expect(change(good)).not.toBe(good);
    expect(() => readCatalogue(Buffer.from(change(good)))).toThrow();
  });

  it('RX-11 is read with prefixes, and leaves out who offers something else', async () => {
    const prefixed = (await catalogue())
      .replaceAll(
        /<(\/?)(catalogue|host|apis-implemented|institutions-covered|hei-id|client-credentials-in-use|server-credentials-in-use|rsa-public-key|institutions|hei|other-id|name|binaries)\b/g,
        '<$1r:$2',
      )
      .replace('xmlns="', 'xmlns:r="');
    const other = prefixed.replace(/<resultatutveksling[^>]*><url>https:\/\/south[\s\S]*?<\/resultatutveksling>/, '');
    expect(readCatalogue(Buffer.from(prefixed)).map(({ code }) => code)).toEqual(['north.example', 'south.example']);
    expect(readCatalogue(Buffer.from(other)).map(({ code }) => code)).toEqual(['north.example']);
  });

  describe('kept', () => {
    let database: Awaited<ReturnType<typeof freshDatabase>>;
    let db: Database;
    beforeAll(async () => {
      database = await freshDatabase();
      db = createDatabase({ url: database.url, name: 'test', connections: 2 });
    });
    afterAll(async () => {
      await db.$disconnect();
      await database.drop();
    });
    const at = new Date('2026-11-20T10:00:00Z');
    const refresh = () => refreshPartners({ db, registry, at });
    const kept = async () =>
      (await db.exchangePartner.findMany({ orderBy: { code: 'asc' } })).map(({ code, listed, url: address, keys }) => ({
        code,
        listed,
        address,
        keys: keys.length,
      }));
    const both = [
      { code: 'north.example', listed: true, address: one.url, keys: 2 },
      { code: 'south.example', listed: true, address: two.url, keys: 1 },
    ];

    it('RX-11 is brought as it is, and one that is listed no more keeps its row', async () => {
      await refresh();
      expect(await kept()).toEqual(both);
      simulated.keepOnly('north.example');
      simulated.put({ ...one, url: 'https://new.north.example/r', keys: [keyAt(9)] });
      await refresh();
      expect(await kept()).toEqual([
        { code: 'north.example', listed: true, address: 'https://new.north.example/r', keys: 1 },
        { ...both[1], listed: false },
      ]);
      expect(await db.exchangePartner.findUnique({ where: { code: 'south.example' } })).toMatchObject({
        number: '302',
        nameNb: 'Høgskolen i Sør',
        takenAt: at,
      });
    });

    it.each(['500', 'half', 'empty', 'no-key'])('RX-25 changes nothing while the registry is %s', async (effect) => {
      await refresh();
      fault(effect);
      await expect(refresh()).rejects.toMatchObject({ name: 'PartnerUnavailable' });
      expect(await kept()).toEqual(both);
    });
  });
});
