import { z } from 'zod';

/** What several processes take in. */
export const courseCode = z.string().regex(/^[A-ZÅÄÖ0-9]{2,12}$/).describe('Course code (kurskod)');
