import { z } from 'zod';
import { outbound, PartnerRefused, PartnerUnavailable } from './outbound.js';

const date = z.iso.date();

const role = z.object({ role: z.string().min(1), course: z.string().min(1).nullable(), from: date, to: date.nullable() });

const person = z.object({
  id: z.string().min(1),
  login: z.string().min(1),
  givenName: z.string(),
  surname: z.string(),
  personNumber: z.string(),
  email: z.string(),
  mobile: z.string().nullable(),
  language: z.string(),
  roles: z.array(role),
  changedAt: z.iso.datetime({ offset: true }),
});

/**
 * Somebody employed, as the staff register has them now. `roles` is complete: what is not in it has been taken away, and
 * somebody who
 * has left has none. `from` and `to` are whole days, both included; `course` is null for a role that is not bound to one.
 * `mobile` is where the signing code goes (RL-39), `personNumber` what a BankID is compared with (RL-41).
 */
export type StaffPerson = z.infer<typeof person>;

const page = z.object({ staff: z.array(person), next: z.string().min(1).nullable() });

const MOST_PAGES = 10_000;

/** Where people and their roles come from (RL-36). */
export interface StaffRegister {
  /**
   * Everybody changed at or after `since` (all, without it), the oldest change first; somebody changed twice meanwhile may come
   * twice, the later one last. Ask next time with the highest `changedAt` seen.
   * Throws `PartnerUnavailable` or `PartnerRefused`, and then gives nobody.
   */
  changes(asked?: { readonly since?: string }): Promise<StaffPerson[]>;
  /** One person, or undefined when the register knows nobody with this id. */
  person(id: string): Promise<StaffPerson | undefined>;
  /** Answers when the register does. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The staff register (BARD). No protocol of it is public: this neutral REST is invented, and only the adapter would change
 * for a real one. Read only. `token` goes as bearer token.
 */
export function staffRegister(partner: {
  readonly baseUrl: string;
  readonly token: string;
  readonly timeoutMs: number;
}): StaffRegister {
  const name = 'staff register';
  const out = outbound({ name, baseUrl: partner.baseUrl.replace(/\/*$/, '/'), timeoutMs: partner.timeoutMs });
  const init = { headers: { Authorization: `Bearer ${partner.token}`, Accept: 'application/json' } };

  async function changes({ since }: { readonly since?: string } = {}): Promise<StaffPerson[]> {
    const found: StaffPerson[] = [];
    let next: string | null = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const query = new URLSearchParams({ ...(since && { changedSince: since }), ...(next && { page: next }) });
      const answer: z.infer<typeof page> = await out.json(`staff?${query.toString()}`, page, init);
      found.push(...answer.staff);
      next = answer.next;
      if (next === null) return found;
    }
    throw new PartnerUnavailable(name, 'malformed');
  }

  return {
    changes,
    person: (id) =>
      out.json(`staff/${encodeURIComponent(id)}`, person, init).catch((error: unknown) => {
        if (error instanceof PartnerRefused && error.status === 404) return undefined;
        throw error;
      }),
    probe: async () => void (await out.json('ping', z.object({}), init)),
    close: () => out.close(),
  };
}
