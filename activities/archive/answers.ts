import { z } from 'zod';

const link = z.object({ href: z.string().min(1) });

/** Anything of the archive: what it links to stands under relations, and all else is found through them. */
export const thing = z.looseObject({ _links: z.record(z.string(), link) });
/** Anything of the archive: known by its links. */
export type Thing = z.infer<typeof thing>;

/** What the archive proposes for something new. */
export const templateAnswer = z.looseObject({ _links: z.unknown() });

const ownMetadata = z.object({ 'registrar-v1:referanse': z.string().optional() }).nullish();
const named = thing.extend({ systemID: z.string().min(1), virksomhetsspesifikkeMetadata: ownMetadata });
/** What may carry our reference. */
export type Referenced = z.infer<typeof named>;

/** A part of the archive (arkivdel), found by its title. */
export const partAnswer = thing.extend({ systemID: z.string().min(1), tittel: z.string() });
/** A case (saksmappe) with its year and sequence, which make the journal number (GC-10). */
export const caseAnswer = named.extend({ saksaar: z.int(), sakssekvensnummer: z.int() });
/** A record (journalpost) in a case. */
export const recordAnswer = named.extend({ journalaar: z.int(), journalsekvensnummer: z.int() });
/** The description of a document (dokumentbeskrivelse). */
export const descriptionAnswer = named;
/** A stored file with its checksum, by which a repeated upload is known. */
export const fileAnswer = z.object({ sjekksum: z.string().min(1), sjekksumAlgoritme: z.literal('SHA-256') });

/** A page of a list of one kind. */
export const listOf = <T extends z.ZodType>(one: T) => z.object({ count: z.int(), results: z.array(one).default([]) });
