import { z } from 'zod';
import { outbound, PartnerRefused, PartnerUnavailable } from './outbound.js';

const DAY_MS = 86_400_000;
/** Days and moments that a database holds too; no change is of a day to come, or nothing would count as newer ever after. */
const date = z.iso.date().refine((day) => day >= '0001-01-01');
const moment = z.iso.datetime({ offset: true }).refine((at) => at >= '0001-01-02' && Date.parse(at) < Date.now() + DAY_MS);

const role = z.object({ role: z.string().min(1), course: z.string().min(1).nullable(), from: date, to: date.nullable() });

const person = z.object({
  id: z.guid(),
  login: z.string().min(1),
  givenName: z.string(),
  surname: z.string(),
  personNumber: z.string(),
  email: z.string(),
  mobile: z.string().nullable(),
  language: z.string(),
  roles: z.array(role),
  changedAt: moment,
});

/**
 * Somebody employed, as the staff register has them now. `roles` is complete: what is not in it has been taken away, and
 * somebody who
 * has left has none. `from` and `to` are whole days, both included; `course` is null for a role that is not bound to one.
 * `mobile` is where the signing code goes (RL-39), `personNumber` what a BankID is compared with (RL-41).
 */
export type StaffPerson = z.infer<typeof person>;

const page = z.object({ staff: z.array(z.unknown()), next: z.string().min(1).nullable() });

/** What the register tells of people. Who is not what a person has to be holds up nobody else. */
export interface StaffChanges {
  readonly people: readonly StaffPerson[];
  /** As they came. */
  readonly unreadable: readonly unknown[];
}

const MOST_PAGES = 10_000;

/** Where people and their roles come from (RL-36). */
export interface StaffRegister {
  /**
   * Everybody changed at or after `since` (all, without it), the oldest change first; somebody changed twice meanwhile may come
   * twice, the later one last. Ask next time with the highest `changedAt` seen.
   * Throws `PartnerUnavailable` or `PartnerRefused`, and then gives nobody.
   */
  changes(asked?: { readonly since?: string }): Promise<StaffChanges>;
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

  async function changes({ since }: { readonly since?: string } = {}): Promise<StaffChanges> {
    const [people, unreadable]: [StaffPerson[], unknown[]] = [[], []];
    let next: string | null = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const query = new URLSearchParams({ ...(since && { changedSince: since }), ...(next && { page: next }) });
      const answer: z.infer<typeof page> = await out.json(`staff?${query.toString()}`, page, init);
      for (const told of answer.staff) {
        const read = person.safeParse(told);
        if (read.success) people.push(read.data);
        else unreadable.push(told);
      }
      next = answer.next;
      if (next === null) return { people, unreadable };
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
