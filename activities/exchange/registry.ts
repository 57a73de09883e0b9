import { isUnable, outbound, PartnerRefused, PartnerUnavailable } from '../outbound.js';
import { childOf, childrenOf, hardened, rootOf, tokenOf, type Element } from './hardened-xml.js';
import { keyIdOf, publicKey } from './http-signature.js';
import type { NamedInstitution } from './institution-names.js';
import type { Institution } from './institution.js';

/** An institution with the names and the number that the registry gives it. */
export interface Listed extends Institution, NamedInstitution {
  readonly number: string;
}

/** Says who takes part in the exchange (RX-11). Throws `PartnerUnavailable` or `PartnerRefused`, and then lists nobody. */
export interface ExchangeRegistry {
  /**
   * Everybody who takes part, by code. Throws `PartnerUnavailable` or `PartnerRefused`, and then lists nobody: half a list is
   * none.
   */
  institutions(): Promise<Listed[]>;
  /** Answers when the registry does. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

const NAME = 'exchange registry';
const PATH = 'catalogue-v1.xml';
const CATALOGUE = 'https://github.com/erasmus-without-paper/ewp-specs-api-registry/tree/stable-v1';
/** Our entry among the APIs of a host. Invented: EWP has none for results at large. */
const EXCHANGE = 'urn:registrar:resultatutveksling:1';
const LIMITS = { bytes: 8 * 1024 * 1024, elements: 100_000 };
const CODE = /^[a-z0-9.-]{3,100}$/;
const NATIONAL = /^\d{1,10}$/;

/** The catalogue lacks what it has to have. */
class Malformed extends Error {}

const demand = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Malformed();
  return value;
};

const pemOf = (base64: string): string =>
  `-----BEGIN PUBLIC KEY-----\n${(base64.replaceAll(/\s/g, '').match(/.{1,64}/g) ?? []).join('\n')}\n-----END PUBLIC KEY-----\n`;

/**
 * The keys of the catalogue by their ids. One that is called otherwise than its content says, or too weak, makes the catalogue
 * malformed.
 */
function keysIn(catalogue: Element): ReadonlyMap<string, string> {
  const entries = childrenOf(demand(childOf(catalogue, 'binaries')), 'rsa-public-key').map((entry) => {
    const [id, pem] = [demand(entry.attributes['sha-256']).toLowerCase(), pemOf(entry.text)];
    if (keyIdOf(pem) !== id) throw new Malformed();
    publicKey(pem);
    return [id, pem] as const;
  });
  return new Map(entries);
}

const credentials = (host: Element, name: string): readonly Element[] =>
  childrenOf(host, name).flatMap((used) => childrenOf(used, 'rsa-public-key'));

/** What the hosts that offer the exchange say of the institutions they cover. */
function hostsIn(catalogue: Element, known: ReadonlyMap<string, string>): ReadonlyMap<string, Institution> {
  const found = new Map<string, Institution>();
  for (const host of childrenOf(catalogue, 'host')) {
    const apis = childOf(host, 'apis-implemented')?.children ?? [];
    const entry = apis.find(({ namespace, name }) => namespace === EXCHANGE && name === 'resultatutveksling');
    if (!entry) continue;
    const url = demand(tokenOf(childOf(entry, 'url')));
    if (!/^https?:\/\/[^\s@]+$/.test(url) || !URL.canParse(url)) throw new Malformed();
    const ids = new Set(
      ['client-credentials-in-use', 'server-credentials-in-use']
        .flatMap((name) => credentials(host, name))
        .map((key) => demand(key.attributes['sha-256']).toLowerCase()),
    );
    const keys = [...ids].map((id) => demand(known.get(id)));
    for (const covered of childrenOf(demand(childOf(host, 'institutions-covered')), 'hei-id')) {
      const code = demand(tokenOf(covered));
      if (!CODE.test(code) || found.has(code)) throw new Malformed();
      found.set(code, { code, url, keys });
    }
  }
  return found;
}

/** Reads a catalogue; throws for anything that is none, or that lists nobody. */
export function readCatalogue(xml: Uint8Array): Listed[] {
  const catalogue = rootOf(hardened(xml, LIMITS));
  if (catalogue.name !== 'catalogue' || catalogue.namespace !== CATALOGUE) throw new Malformed();
  const hosts = hostsIn(catalogue, keysIn(catalogue));
  const listed = childrenOf(demand(childOf(catalogue, 'institutions')), 'hei').flatMap((hei) => {
    const host = hosts.get(demand(hei.attributes['id']));
    if (!host) return [];
    const number = childrenOf(hei, 'other-id')
      .filter(({ attributes }) => attributes['type'] === 'local')
      .map(tokenOf)
      .find((one) => one !== undefined && NATIONAL.test(one));
    const names = childrenOf(hei, 'name');
    const named = (...languages: readonly string[]) =>
      tokenOf(languages.map((language) => names.find(({ attributes }) => attributes['xml:lang'] === language)).find(Boolean));
    const nameNb = named('nb', 'no', 'nn') ?? named('en') ?? tokenOf(names[0]);
    return [{ ...host, number: demand(number), nameNb: demand(nameNb), nameEn: named('en') ?? demand(nameNb) }];
  });
  if (listed.length === 0 || listed.length !== hosts.size) throw new Malformed();
  return listed.sort((a, b) => (a.code < b.code ? -1 : 1));
}

/**
 * The registry of the exchange: EWP's catalogue (registry API 1), which says who takes part, at which address, and with which
 * keys. It is believed because it comes over TLS from the address in our settings; everything else is believed because of it.
 */
export function exchangeRegistry({
  baseUrl,
  timeoutMs,
}: {
  readonly baseUrl: string;
  readonly timeoutMs: number;
}): ExchangeRegistry {
  const out = outbound({ name: NAME, baseUrl: `${baseUrl.replace(/\/*$/, '')}/`, timeoutMs });

  async function institutions(): Promise<Listed[]> {
    const { status, text, bytes } = await out.send(PATH, { headers: { Accept: 'application/xml' } });
    if (isUnable(status)) throw new PartnerUnavailable(NAME, 'status', status);
    if (status >= 400) throw new PartnerRefused(NAME, status, text);
    try {
      return readCatalogue(bytes);
    } catch {
      throw new PartnerUnavailable(NAME, 'malformed', status);
    }
  }

  return { institutions, probe: async () => void (await institutions()), close: () => out.close() };
}
