import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import type { Definition } from '../workflows/process.js';
import type { Known } from '../activities/case/people.js';
import { hashOf } from '../activities/case/seal.js';

/**
 * Who a token says somebody is: the person's id, and a name for the sign-in it comes from. What they may do is in Postgres, never
 * in the token.
 */
export interface SignedIn {
  readonly person: string;
  readonly session: string;
}

/** Believes a token or not. Throws `SignInAway`. */
export type Verify = (token: string) => Promise<SignedIn | undefined>;

/** The issuer's keys cannot be had, so nobody can tell now whether a token is good. */
export class SignInAway extends Error {
  override readonly name = 'SignInAway';
}

/** What the keys say about a token; anything else that comes instead of a key is the issuer's fault. */
const notItsKey = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

const CLOCK_TOLERANCE_S = 5;
const PERSON = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** How long a token is believed without being looked at again, in ms, and how many are remembered at a time. */
const REMEMBERED_MS = 60_000;
const REMEMBERED = 10_000;

/**
 * Checks tokens of one issuer: signature by its published keys, RS256 or ES256 only, issuer, audience, times. One that was good
 * is so for a minute, but never past its end: its signature is most of what it costs. `now` is the clock, in ms.
 */
export function tokenVerifier(input: {
  issuer: string;
  audience: string;
  keys: JWTVerifyGetKey | string;
  now?: () => number;
}): Verify {
  const { now = Date.now } = input;
  const believed = new Map<string, SignedIn & { readonly until: number }>();
  const keys =
    typeof input.keys === 'string'
      ? createRemoteJWKSet(new URL(input.keys), { timeoutDuration: 5_000, cooldownDuration: 5_000 })
      : input.keys;
  const key: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keys(header, token);
    } catch (cause) {
      throw notItsKey.some((kind) => cause instanceof kind)
        ? cause
        : new SignInAway('the keys of the issuer cannot be had', { cause });
    }
  };
  return async (token) => {
    const before = believed.get(token);
    if (before && now() < before.until) return before;
    believed.delete(token);
    try {
      const { payload } = await jwtVerify(token, key, {
        issuer: input.issuer,
        audience: input.audience,
        algorithms: ['RS256', 'ES256'],
        requiredClaims: ['sub', 'exp', 'iat'],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now()),
      });
      if (typeof payload.sub !== 'string' || !PERSON.test(payload.sub)) return undefined;
      const ends = ((payload.exp ?? 0) + CLOCK_TOLERANCE_S) * 1_000;
      const good = { person: payload.sub, session: sessionOf(payload), until: Math.min(now() + REMEMBERED_MS, ends) };
      const [oldest] = believed.keys();
      if (believed.size >= REMEMBERED && oldest !== undefined) believed.delete(oldest);
      believed.set(token, good);
      return good;
    } catch (cause) {
      if (cause instanceof SignInAway) throw cause;
      return undefined;
    }
  };
}

/**
 * Names a sign-in: by the issuer's session and the moment somebody proved who they are; where it tells neither, each token counts
 * as a sign-in of its own, which errs on the side of asking again (RL-55).
 */
function sessionOf({ sub, sid, auth_time: proven, iat, jti }: JWTPayload): string {
  return hashOf({ sub, ...(sid || proven ? { sid: sid ?? null, proven: proven ?? null } : { iat, jti: jti ?? null }) });
}

/** What the middleware puts beside a request. */
export interface Variables {
  requestId: string;
  /** The words of every process, for what is said about commands and states. */
  definitions: readonly Definition[];
  known: Known;
  /** The sign-in this request comes from. */
  session: string;
}
/** What a request carries once it is signed in. */
export interface ApiEnv {
  Variables: Variables;
}
