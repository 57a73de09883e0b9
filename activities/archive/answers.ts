import { z } from 'zod';

const link = z.object({ href: z.string().min(1) });

/** Anything of the archive: what it links to stands under relations, and all else is found through them. */
export const thing = z.looseObject({ _links: z.record(z.string(), link) });
export type Thing = z.infer<typeof thing>;

/** What the archive proposes for something new. */
export const templateAnswer = z.looseObject({ _links: z.unknown() });

const ownMetadata = z.object({ 'registrar-v1:referanse': z.string().optional() }).nullish();
const named = thing.extend({ systemID: z.string().min(1), virksomhetsspesifikkeMetadata: ownMetadata });
/** What may carry our reference. */
export type Referenced = z.infer<typeof named>;

export const partAnswer = thing.extend({ systemID: z.string().min(1), tittel: z.string() });
export const caseAnswer = named.extend({ saksaar: z.int(), sakssekvensnummer: z.int() });
export const recordAnswer = named.extend({ journalaar: z.int(), journalsekvensnummer: z.int() });
export const descriptionAnswer = named;
export const fileAnswer = z.object({ sjekksum: z.string().min(1), sjekksumAlgoritme: z.literal('SHA-256') });

export const listOf = <T extends z.ZodType>(one: T) => z.object({ count: z.int(), results: z.array(one).default([]) });
