import { z } from 'zod';
import { outbound, PartnerRefused } from './outbound.js';

const contact = z.object({ email: z.string().min(1), language: z.string().min(1) });

/** Where a student wants mail, and in which language. */
export type StudentContact = z.infer<typeof contact>;

/** A result as its student sees it (RL-48). */
export interface PublishedResult {
  /** Names this result for ever: repeated with the same content nothing happens, with other content it is refused. */
  readonly key: string;
  /** Ladok's student UID. */
  readonly studentUid: string;
  readonly courseCode: string;
  /** Null for a grade on the whole course. */
  readonly moduleCode: string | null;
  readonly grade: string;
  /** Date, YYYY-MM-DD. */
  readonly examinationDate: string;
  /** Instant, UTC. Part of the content: the same at every attempt. */
  readonly publishedAt: string;
}

/** The student portal (RL-47, RL-48). */
export interface StudentPortal {
  /** A student's contact, or undefined when the portal does not know the student (RL-47). */
  contact(studentUid: string): Promise<StudentContact | undefined>;
  /**
   * Shows a result to its student (RL-48). Safe to repeat after an unknown outcome. Throws `PartnerUnavailable`, or
   * `PartnerRefused`:
   * 409 when another result has this key, 422 when the portal does not know the student.
   */
  publish(result: PublishedResult): Promise<'published'>;
  /** Answers when the portal does. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The student portal. No protocol of it is public: this neutral REST is invented, and only the adapter would change for a real
 * one.
 * `token` goes as bearer token.
 */
export function studentPortal(partner: {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs: number;
}): StudentPortal {
  const out = outbound({ name: 'student portal', baseUrl: partner.baseUrl.replace(/\/*$/, '/'), timeoutMs: partner.timeoutMs });
  const headers = { Authorization: `Bearer ${partner.token}`, Accept: 'application/json' };

  return {
    contact: (studentUid) =>
      out.json(`students/${encodeURIComponent(studentUid)}/contact`, contact, { headers }).catch((error: unknown) => {
        if (error instanceof PartnerRefused && error.status === 404) return undefined;
        throw error;
      }),
    publish: async ({ key, studentUid, courseCode, moduleCode, grade, examinationDate, publishedAt }) => {
      await out.json(`results/${encodeURIComponent(key)}`, z.object({}), {
        method: 'PUT',
        headers: { ...headers, 'Content-Type': 'application/json' },
        body: JSON.stringify({ studentUid, courseCode, moduleCode, grade, examinationDate, publishedAt }),
      });
      return 'published';
    },
    probe: async () => void (await out.json('ping', z.object({}), { headers })),
    close: () => out.close(),
  };
}
