import { createRemoteJWKSet, jwtVerify, type JWTVerifyGetKey } from 'jose';
import type { Known } from '../activities/case/people.js';

/** Who a token says somebody is: the person's id. What they may do is in Postgres, never in the token. */
export type Verify = (token: string) => Promise<string | undefined>;

const PERSON = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Checks tokens of one issuer: signature by its published keys, RS256 or ES256 only, issuer, audience, times. */
export function tokenVerifier(input: { issuer: string; audience: string; keys: JWTVerifyGetKey | string }): Verify {
  const keys = typeof input.keys === 'string' ? createRemoteJWKSet(new URL(input.keys), { timeoutDuration: 5_000, cooldownDuration: 5_000 }) : input.keys;
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: input.issuer, audience: input.audience, algorithms: ['RS256', 'ES256'], requiredClaims: ['sub', 'exp', 'iat'], clockTolerance: 5,
      });
      return payload.sub && PERSON.test(payload.sub) ? payload.sub : undefined;
    } catch {
      return undefined;
    }
  };
}

/** What the middleware puts beside a request. */
export interface Variables {
  requestId: string;
  known: Known;
}
export interface ApiEnv {
  Variables: Variables;
}
