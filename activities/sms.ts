import { z, type ZodType } from 'zod';
import { fitting, isUnable, jsonIn, outbound, PartnerUnavailable, type Answer } from './outbound.js';

/** The SMS provider says no: wrong number, no credit, wrong credentials. Its words may hold the number, so they are not kept. */
export class SmsRefused extends Error {
  override readonly name = 'SmsRefused';
  constructor(readonly status: number) {
    super(`SMS refused (${status})`);
  }
}

/** `created`, `sent`, `delivered`, `failed`, or what the provider has thought of since. */
export interface SentSms {
  readonly id: string;
  readonly status: string;
}

/** An SMS as the provider remembers it. */
export interface SmsInHistory extends SentSms {
  /** Instant, UTC. */
  readonly createdAt: string;
  /** Absent for a message that was sent as secret. */
  readonly message?: string;
}

/** Sends codes by SMS (RL-39). */
export interface Sms {
  /**
   * Sends one SMS to an E.164 number. A `secret` one leaves no text in the provider's history. `whenDelivered` is the address
   * for delivery reports, which come late, twice and out of order. There is no idempotency key: after `PartnerUnavailable` the
   * SMS may have gone; a code is then replaced, never resent (RL-39).
   */
  send(sms: {
    readonly to: string;
    readonly message: string;
    readonly secret: boolean;
    readonly whenDelivered?: string;
  }): Promise<SentSms>;
  /** What was sent to a number, newest first, at most 100: the only way to learn whether an SMS with an unknown outcome went. */
  history(asked: { readonly to: string; readonly limit: number }): Promise<readonly SmsInHistory[]>;
  /** Answers when the provider does and knows our credentials. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

const sent = z.object({ id: z.string().min(1), status: z.string() });
const history = z.object({
  data: z.array(
    z
      .object({ id: z.string(), status: z.string(), created: z.iso.datetime({ local: true }), message: z.string().nullish() })
      .transform(({ id, status, created, message }) => ({
        id,
        status,
        createdAt: new Date(created.endsWith('Z') ? created : `${created}Z`).toISOString(),
        ...(message ? { message } : {}),
      })),
  ),
});

function checked<T>(answer: Answer, schema: ZodType<T>): T {
  if (isUnable(answer.status)) throw new PartnerUnavailable('SMS', 'status', answer.status);
  if (answer.status >= 400) throw new SmsRefused(answer.status);
  return fitting('SMS', schema, jsonIn(answer.text), answer.status);
}

/**
 * 46elks. `baseUrl` is the address before `/a1`, `from` a number or at most eleven letters and digits beginning with a letter.
 * All calls throw `SmsRefused` for a 4xx, and `PartnerUnavailable` for 408, 429, 5xx, an unusable answer or none.
 */
export function elks({
  baseUrl,
  user,
  password,
  from,
  timeoutMs = 20_000,
}: {
  readonly baseUrl: string;
  readonly user: string;
  readonly password: string;
  readonly from: string;
  readonly timeoutMs?: number;
}): Sms {
  const out = outbound({ name: 'SMS', baseUrl: baseUrl.replace(/\/*$/, '/'), timeoutMs });
  const headers = { Authorization: `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}` };
  const listed = async (query: Record<string, string>) =>
    checked(await out.send(`a1/sms?${new URLSearchParams(query).toString()}`, { headers }), history).data;

  return {
    async send({ to, message, secret, whenDelivered }) {
      const form = new URLSearchParams({
        from,
        to,
        message,
        ...(whenDelivered ? { whendelivered: whenDelivered } : {}),
        ...(secret ? { dontlog: 'message' } : {}),
      });
      const answer = await out.send('a1/sms', {
        method: 'POST',
        headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' },
        body: form.toString(),
      });
      return checked(answer, sent);
    },
    history: ({ to, limit }) => listed({ to, limit: String(Math.min(limit, 100)) }),
    probe: async () => void (await listed({ limit: '1' })),
    close: out.close,
  };
}
