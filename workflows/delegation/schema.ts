import { z } from 'zod';
import { courseCode } from '../schema.js';

const day = (what: string) => z.string().min(1).max(20).describe(`YYYY-MM-DD: ${what}`);
const person = (who: string) =>
  z
    .union([z.uuid().toLowerCase(), z.email().max(320)])
    .describe(`${who}: the person's id, or the mail address in the staff register`);

/** Who acts for whom on which course, from a day to a day. */
export const birth = z.strictObject({
  course: courseCode,
  to: person('Who acts for the examiner'),
  for: person('The examiner; oneself unless told, and told by the course office alone').optional(),
  from: day('the first day; today unless told').optional(),
  until: day('the last whole day; the end of the term unless told, and at most the same date the next year').optional(),
  reason: z.string().trim().min(3).max(2_000).describe('Why, for those who come after'),
});

/** What each command takes. */
export const commands = { end: z.strictObject({}) } as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
