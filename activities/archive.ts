import { createHash } from 'node:crypto';
import type { ZodType } from 'zod';
import {
  caseAnswer,
  descriptionAnswer,
  fileAnswer,
  listOf,
  partAnswer,
  recordAnswer,
  templateAnswer,
  thing,
  type Referenced,
  type Thing,
} from './archive/answers.js';
import { fitting, isUnable, jsonIn, outbound, PartnerRefused, PartnerUnavailable, type Answer } from './outbound.js';

/**
 * The archive holds another file, or another checksum, than the one we have: nothing is overwritten, and a person has to look.
 */
export class ArchiveDiffers extends Error {
  override readonly name = 'ArchiveDiffers';
  constructor() {
    super('the archive holds another file');
  }
}

/** Which way a document went: into the house, out of it, or neither. */
export type Direction = 'incoming' | 'outgoing' | 'internal';

/**
 * An archive that speaks the Noark 5 service interface. `reference` is ours, names a thing for ever, and is looked
 * for before anything is made: every method may be repeated after an unknown outcome. Throws `PartnerUnavailable`,
 * `PartnerRefused`, `ArchiveDiffers`.
 */
export interface Archive {
  /**
   * Opens a case, or finds the one with this reference. `number` is its journal number, `2026/1234` (GC-10). No personal data in
   * the title.
   */
  openCase(asked: {
    readonly reference: string;
    readonly title: string;
    readonly responsible: string;
    readonly unit: string;
  }): Promise<{ readonly number: string }>;
  /**
   * Puts a document into a case as a journal entry, and compares the checksum that comes back. `number` is the entry's,
   * `2026/77`. At most 10 MiB: larger ones would have to go in parts. 404 when no case has this reference.
   */
  addDocument(document: {
    readonly caseReference: string;
    readonly reference: string;
    readonly title: string;
    readonly direction: Direction;
    readonly mimeType: string;
    readonly bytes: Uint8Array;
  }): Promise<{ readonly number: string; readonly sha256: string }>;
  /** Answers when the archive does, knows our credentials and has the part that our cases go to. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/** Where the archive is. `part` is the title of the part (arkivdel) that cases go to; `token` goes as bearer token. */
export interface ArchiveOptions {
  readonly baseUrl: string;
  readonly token: string;
  readonly part: string;
  readonly timeoutMs: number;
}

const NAME = 'archive';
const MEDIA = 'application/vnd.noark5+json';
const MOST_BYTES = 10 * 1024 * 1024;
const RELATIONS = 'https://rel.arkivverket.no/noark5/v5/api/';
const REFERENCE = 'registrar-v1:referanse';

const kinds = {
  incoming: ['I', 'Inngående dokument'],
  outgoing: ['U', 'Utgående dokument'],
  internal: ['X', 'Organinternt dokument uten oppfølging'],
} as const;
const coded = (kode: string, kodenavn: string) => ({ kode, kodenavn });

/** Where things of a kind stand within another: the relation of their list, and the one that makes them. */
interface Place<T> {
  readonly list: string;
  readonly create: string;
  readonly schema: ZodType<T>;
}
const cases = { list: 'sakarkiv/saksmappe', create: 'sakarkiv/ny-saksmappe', schema: caseAnswer };
const records = { list: 'sakarkiv/journalpost', create: 'sakarkiv/ny-journalpost', schema: recordAnswer };
const descriptions = {
  list: 'arkivstruktur/dokumentbeskrivelse',
  create: 'arkivstruktur/ny-dokumentbeskrivelse',
  schema: descriptionAnswer,
};

/** In an OData string a quotation mark is written twice. */
const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** Opens the adapter. Addresses are never made up: all are found by their relation, and none outside the archive is followed. */
export function archive({ baseUrl, token, part, timeoutMs }: ArchiveOptions): Archive {
  const out = outbound({ name: NAME, baseUrl, timeoutMs });
  const headers = { Authorization: `Bearer ${token}`, Accept: MEDIA };

  function judged(answer: Answer): Answer {
    const { status, text } = answer;
    if (isUnable(status) || status === 409) throw new PartnerUnavailable(NAME, 'status', status);
    if (status >= 300) throw new PartnerRefused(NAME, status, text);
    return answer;
  }

  /** Where a relation of a thing leads; the token goes to the archive itself only. */
  function to(from: Thing, relation: string): string {
    const href = from._links[relation === 'self' ? relation : `${RELATIONS}${relation}/`]?.href.replace(/\{[^}]*\}/g, '');
    if (!href || !URL.canParse(href, baseUrl) || new URL(href, baseUrl).origin !== new URL(baseUrl).origin)
      throw new PartnerUnavailable(NAME, 'malformed');
    return href;
  }

  /** What a successful answer told. */
  const told = <T>(schema: ZodType<T>, answer: Answer): T => fitting(NAME, schema, jsonIn(judged(answer).text));

  const get = async <T>(href: string, schema: ZodType<T>): Promise<T> => told(schema, await out.send(href, { headers }));

  /** The first of a list that the filter finds. */
  async function first<T>(href: string, filter: string, schema: ZodType<T>): Promise<T | undefined> {
    const query = new URLSearchParams({ $filter: filter, $top: '1' }).toString();
    return (await get(`${href}${href.includes('?') ? '&' : '?'}${query}`, listOf(schema))).results[0];
  }

  /**
   * The one with our reference. An answer about another one is not believed: a filter that was not understood finds everything.
   */
  async function ours<T extends Referenced>(
    within: Thing,
    { list, schema }: Place<T>,
    reference: string,
  ): Promise<T | undefined> {
    const found = await first(to(within, list), `virksomhetsspesifikkeMetadata/${REFERENCE} eq ${quoted(reference)}`, schema);
    if (found && found.virksomhetsspesifikkeMetadata?.[REFERENCE] !== reference) throw new PartnerUnavailable(NAME, 'malformed');
    return found;
  }

  /** The same, made from the archive's own template when there is none. */
  async function oursOrNew<T extends Referenced>(within: Thing, place: Place<T>, reference: string, content: object): Promise<T> {
    const found = await ours(within, place, reference);
    if (found) return found;
    const href = to(within, place.create);
    const { _links, ...template } = await get(href, templateAnswer);
    const body = JSON.stringify({ ...template, ...content, virksomhetsspesifikkeMetadata: { [REFERENCE]: reference } });
    return told(place.schema, await out.send(href, { method: 'POST', headers: { ...headers, 'Content-Type': MEDIA }, body }));
  }

  async function ourPart(): Promise<Thing> {
    const root = await get('', thing);
    const structure = await get(to(root, 'arkivstruktur'), thing);
    const found = await first(to(structure, 'arkivstruktur/arkivdel'), `tittel eq ${quoted(part)}`, partAnswer);
    if (found?.tittel !== part) throw new PartnerRefused(NAME, 404, '');
    return found;
  }

  /** The stored checksum of a description, if it has a file. */
  const storedIn = async (description: Thing) =>
    (await get(to(description, 'arkivstruktur/dokumentobjekt'), listOf(fileAnswer))).results[0]?.sjekksum.toLowerCase();

  /** Uploads; what the archive could not store leaves no empty description behind (422). */
  async function upload(description: Thing, mimeType: string, bytes: Uint8Array): Promise<string> {
    const answer = await out.send(to(description, 'arkivstruktur/fil'), {
      method: 'POST',
      headers: { ...headers, 'Content-Type': mimeType, 'Content-Length': String(bytes.byteLength) },
      body: bytes,
    });
    if (answer.status === 422) judged(await out.send(to(description, 'self'), { method: 'DELETE', headers }));
    return told(fileAnswer, answer).sjekksum.toLowerCase();
  }

  return {
    async openCase({ reference, title, responsible, unit }) {
      const content = {
        tittel: title,
        saksstatus: coded('B', 'Under behandling'),
        saksansvarlig: responsible,
        administrativEnhet: unit,
      };
      const { saksaar, sakssekvensnummer } = await oursOrNew(await ourPart(), cases, reference, content);
      return { number: `${saksaar}/${sakssekvensnummer}` };
    },

    async addDocument({ caseReference, reference, title, direction, mimeType, bytes }) {
      if (bytes.byteLength > MOST_BYTES) throw new PartnerRefused(NAME, 413, '');
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const folder = await ours(await ourPart(), cases, caseReference);
      if (!folder) throw new PartnerRefused(NAME, 404, '');
      const [kind, kindName] = kinds[direction];
      const entry = { tittel: title, journalposttype: coded(kind, kindName), journalstatus: coded('J', 'Journalført') };
      const record = await oursOrNew(folder, records, reference, entry);
      const document = {
        tittel: title,
        dokumentstatus: coded('F', 'Dokumentet er ferdigstilt'),
        tilknyttetRegistreringSom: coded('H', 'Hoveddokument'),
      };
      const description = await oursOrNew(record, descriptions, reference, document);
      const stored = (await storedIn(description)) ?? (await upload(description, mimeType, bytes));
      if (stored !== sha256) throw new ArchiveDiffers();
      return { number: `${record.journalaar}/${record.journalsekvensnummer}`, sha256 };
    },

    probe: async () => void (await ourPart()),
    close: () => out.close(),
  };
}
