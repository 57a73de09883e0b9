import { z } from 'zod';

/** What opens an approval case: the student. */
export const birth = z.strictObject({
  person: z.uuid().toLowerCase().describe('Id of the person whose external education is looked at (RX-32)'),
  reference: z
    .string()
    .regex(/^(?!\d{11,12}$)[A-Za-z0-9ÆØÅÄÖæøåäö./-]{1,40}$/)
    .describe("The institution's own number of the matter, never a national number")
    .optional(),
});

/** What each command takes. */
export const commands = { finish: z.strictObject({}), reopen: z.strictObject({}) } as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
