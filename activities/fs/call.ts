import type { z } from 'zod';
import {
  fitting,
  isUnable,
  jsonIn,
  outbound,
  PartnerRefused,
  PartnerUnavailable,
  type Answer,
  type Partner,
} from '../outbound.js';

const NAME = 'fs';

/**
 * Somebody else changed the same thing between our reading and our writing (412): nothing was written, and reading again tells
 * more.
 */
export class FsStale extends PartnerRefused {
  constructor() {
    super(NAME, 412, '');
  }
}

/** One call to the REST: path relative to `fs-sim/v1/`. */
interface Call<Schema extends z.ZodType> {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object;
  /** Writes only while the thing is as it was when this was read. */
  readonly ifMatch?: string;
  /** Makes the thing only where there is none at this path. */
  readonly onlyNew?: true;
  readonly schema: Schema;
}

/**
 * Calls to FS by REST and GraphQL, with Basic credentials. Throws `PartnerUnavailable`, or `PartnerRefused` (as `FsStale`: look
 * again); nothing is repeated here.
 */
export function caller(partner: Omit<Partner, 'name'> & { readonly user: string; readonly password: string }) {
  const { user, password, baseUrl, timeoutMs } = partner;
  const out = outbound({ name: NAME, baseUrl: baseUrl.replace(/\/*$/, '/'), timeoutMs });
  const headers = {
    Authorization: `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`,
    'Content-Type': 'application/json',
  };

  function judged({ status, text }: Answer): void {
    if (isUnable(status)) throw new PartnerUnavailable(NAME, 'status', status);
    if (status === 412) throw new FsStale();
    if (status >= 300) throw new PartnerRefused(NAME, status, text);
  }

  async function rest<Schema extends z.ZodType>({
    method = 'GET',
    path,
    body,
    ifMatch,
    onlyNew,
    schema,
  }: Call<Schema>): Promise<{ value: z.output<Schema>; etag: string }> {
    if (ifMatch === '') throw new PartnerUnavailable(NAME, 'malformed');
    const answer = await out.send(`fs-sim/v1/${path}`, {
      method,
      headers: {
        ...headers,
        Accept: 'application/json',
        ...(ifMatch && { 'If-Match': ifMatch }),
        ...(onlyNew && { 'If-None-Match': '*' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    judged(answer);
    return { value: fitting(NAME, schema, jsonIn(answer.text)), etag: answer.headers.get('ETag') ?? '' };
  }

  /** As `rest`, undefined for what is not there. */
  const found = <Schema extends z.ZodType>(call: Call<Schema>) =>
    rest(call).catch((error: unknown) => {
      if (error instanceof PartnerRefused && error.status === 404) return undefined;
      throw error;
    });

  /**
   * `POST graphql/`. Errors come with status 200: without data it is a no, beside data half an answer, and that is
   * none.
   */
  async function graphql<Schema extends z.ZodType>(query: string, variables: object, schema: Schema): Promise<z.output<Schema>> {
    const answer = await out.send('graphql/', {
      method: 'POST',
      headers: { ...headers, Accept: 'application/json;version=1' },
      body: JSON.stringify({ query, variables }),
    });
    judged(answer);
    const { data, errors } = (jsonIn(answer.text) ?? {}) as { data?: unknown; errors?: unknown };
    if (errors && !data) throw new PartnerRefused(NAME, 400, answer.text);
    if (errors) throw new PartnerUnavailable(NAME, 'malformed');
    return fitting(NAME, schema, data);
  }

  return { rest, found, graphql, close: () => out.close() };
}
