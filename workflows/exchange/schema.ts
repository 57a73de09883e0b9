import { z } from 'zod';
import { reason } from '../schema.js';

/** What orders a fetch: the approval case (RX-10). */
export const birth = z.strictObject({
  approval: z
    .string()
    .regex(/^\d{1,15}$/)
    .describe('Number of the approval case for whose person everybody is asked (RX-10)')
    .meta({ example: '4711' }),
});

/** What each command takes. */
export const commands = {
  stop: z.strictObject({ reason }),
  extend: z.strictObject({
    until: z
      .string()
      .min(1)
      .max(20)
      .describe('YYYY-MM-DD: the last day on which institutions that do not answer are asked again (RX-25)'),
    reason,
  }),
} as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
/** The body of a command, as parsed. */
export type Body<Name extends keyof typeof commands> = z.infer<(typeof commands)[Name]>;
