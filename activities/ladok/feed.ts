import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { z } from 'zod';

/**
 * Something that happened to a result, of a module or of a whole course. `at` is an instant (ISO, UTC); uids as elsewhere in
 * Ladok.
 */
export type FeedEvent = {
  /** `HandelseUID`: the same event may come more than once. */
  readonly eventId: string;
  readonly at: string;
  readonly resultUid: string;
  readonly studentUid: string;
  readonly moduleInstanceUid: string;
} & (
  | { readonly kind: 'attested'; readonly gradeId: number; readonly scaleId: number; readonly date: string }
  | { readonly kind: 'annulled' }
);

/** A page of the event feed. What an archived page says never changes; the newest one has no `next` and grows. */
export interface FeedPage {
  readonly id: string;
  /** The page after this one, once there is one. */
  readonly next?: string;
  /** In no order that may be relied on. */
  readonly events: readonly FeedEvent[];
  /** Entries that are not what an entry has to be. */
  readonly unreadable: number;
}

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  removeNSPrefix: true,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  ignoreDeclaration: true,
  isArray: (name) => name === 'entry' || name === 'link',
});

/** `urn:id:4856` and `https://…/feed/4856` both name page 4856: addresses are ours to make. */
const pageId = z
  .string()
  .regex(/[\w.-]+$/)
  .transform((text) => /[\w.-]+$/.exec(text)?.[0] ?? '');
const id = z.string().regex(/^\d+$/).transform(Number);
const uid = z.guid();

const feed = z.object({
  feed: z.object({
    id: pageId,
    link: z.array(z.object({ '@rel': z.string(), '@href': z.string() })).default([]),
    entry: z.array(z.unknown()).default([]),
  }),
});
const entry = z.object({ updated: z.iso.datetime({ offset: true }), content: z.record(z.string(), z.unknown()) });

const about = { HandelseUID: uid, StudentUID: uid, UtbildningsinstansUID: uid };
const attested = z
  .object({
    ...about,
    Resultat: z.object({ ResultatUID: uid, BetygsgradID: id, BetygsskalaID: id, Examinationsdatum: z.iso.date() }),
  })
  .transform(({ Resultat: result, ...event }) => ({
    kind: 'attested' as const,
    event,
    resultUid: result.ResultatUID,
    gradeId: result.BetygsgradID,
    scaleId: result.BetygsskalaID,
    date: result.Examinationsdatum,
  }));
const annulled = z
  .object({ ...about, ResultatUID: uid })
  .transform(({ ResultatUID, ...event }) => ({ kind: 'annulled' as const, event, resultUid: ResultatUID }));

/** The events that are read; of all others only that they are events. */
const readers = new Map<string, typeof attested | typeof annulled>([
  ['ResultatPaModulAttesteratEvent', attested],
  ['ResultatPaHelKursAttesteratEvent', attested],
  ['AttesteratResultatMakuleratEvent', annulled],
]);

/** What an entry tells: an event, one that is none of ours, or undefined when it cannot be read. */
function told(one: unknown): FeedEvent | 'other' | undefined {
  const read = entry.safeParse(one);
  const [name, content] = Object.entries(read.data?.content ?? {}).find(([key]) => key.endsWith('Event')) ?? [];
  if (!read.success || name === undefined) return undefined;
  const reader = readers.get(name);
  if (!reader) return 'other';
  const found = reader.safeParse(content);
  if (!found.success) return undefined;
  const { event, ...rest } = found.data;
  return {
    ...rest,
    eventId: event.HandelseUID,
    at: read.data.updated,
    studentUid: event.StudentUID,
    moduleInstanceUid: event.UtbildningsinstansUID,
  };
}

/**
 * Reads a page of Ladok's event feed (Atom); undefined when it is none. An entry that cannot be read is counted and
 * holds up no other.
 */
export function pageOfFeed(xml: string): FeedPage | undefined {
  // Deprecated in favour of another package; the parser alone takes text that is not well-formed.
  // oxlint-disable-next-line typescript/no-deprecated
  if (XMLValidator.validate(xml) !== true) return undefined;
  const page = feed.safeParse(parser.parse(xml)).data?.feed;
  const link = page?.link.find((one) => one['@rel'] === 'next-archive');
  const next = link && pageId.safeParse(link['@href']);
  if (!page || (next && !next.success)) return undefined;
  const entries = page.entry.map(told);
  return {
    id: page.id,
    ...(next ? { next: next.data } : {}),
    events: entries.filter((one) => one !== undefined && one !== 'other'),
    unreadable: entries.filter((one) => one === undefined).length,
  };
}
