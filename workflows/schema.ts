import { z } from 'zod';

/** What several processes take in. */
export const courseCode = z
  .string()
  .regex(/^[A-ZÅÄÖÆØ0-9]{2,12}$/)
  .describe('Course code (kurskod)');
/** The version of the content that a command was given on. */
export const version = z
  .number()
  .int()
  .min(1)
  .max(1_000_000)
  .describe('Version of the content as you read it')
  .meta({ example: 2 });
/** A reason that somebody gives in their own words. */
export const reason = z.string().trim().min(3).max(2_000);
