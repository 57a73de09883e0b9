import { z } from 'zod';
import { courseCode } from '../schema.js';

const day = (what: string) => z.string().min(1).max(20).describe(`YYYY-MM-DD: ${what}`);

/** A course code and the days (SU-01, SU-04). */
export const birth = z.strictObject({
  course: courseCode,
  from: day('the first day; today unless told').optional(),
  until: day('the last whole day, at most the same date three years from today (SU-04)'),
});

/** What each command takes. */
export const commands = { end: z.strictObject({}) } as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
