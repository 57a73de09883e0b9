import type { z } from 'zod';
import {
  fitting,
  isBusy,
  isUnable,
  jsonIn,
  outbound,
  PartnerRefused,
  PartnerUnavailable,
  type Answer,
  type Partner,
} from '../outbound.js';
import type { Follow } from '../progress.js';
import { errorAnswer } from './answers.js';
import { LadokRefused } from './refused.js';
import { gate } from '../at-a-time.js';

/** At once, to one institution. */
export const LADOK_PARALLEL = 4;

/** One call: the path is relative to the service, `resultat` unless told, the method `GET`. */
export interface Call<Schema extends z.ZodType> {
  readonly service?: 'resultat' | 'studentinformation' | 'kataloginformation' | 'handelser';
  readonly method?: 'GET' | 'PUT' | 'POST';
  readonly path: string;
  readonly body?: object;
  readonly schema: Schema;
}

const lastPart = (code: string | undefined) => code?.split('.').at(-1) ?? '';

function failure(answer: Answer): Error {
  const error = errorAnswer.safeParse(jsonIn(answer.text));
  if (error.success && !isBusy(answer.status)) {
    const { Felkategori, Felgrupp, Detaljkod, Meddelande } = error.data;
    return new LadokRefused(answer.status, lastPart(Felkategori), lastPart(Felgrupp), lastPart(Detaljkod), Meddelande ?? '');
  }
  return isUnable(answer.status)
    ? new PartnerUnavailable('ladok', 'status', answer.status)
    : new PartnerRefused('ladok', answer.status, answer.text);
}

/**
 * Calls to Ladok, four at a time, with the media type of the service asked. Throws `PartnerUnavailable` (no answer,
 * a proxy's answer, half an answer), `LadokRefused` (Ladok's own error object, whatever the status) or `PartnerRefused` (somebody
 * else's 4xx).
 */
export function caller(partner: Omit<Partner, 'name'>, headers: Readonly<Record<string, string>> = {}) {
  const out = outbound({ name: 'ladok', ...partner });
  const turn = gate(LADOK_PARALLEL);

  async function send({
    service = 'resultat',
    method = 'GET',
    path,
    body,
    accept,
  }: Omit<Call<never>, 'schema'> & { accept?: string }): Promise<Answer> {
    const type = `application/vnd.ladok-${service}+json`;
    const answer = await turn(() =>
      out.send(`/${service}/${path}`, {
        method,
        headers: { Accept: accept ?? type, ...(body && { 'Content-Type': type }), ...headers },
        ...(body && { body: JSON.stringify(body) }),
      }),
    );
    if (answer.status >= 300) throw failure(answer);
    return answer;
  }

  async function call<Schema extends z.ZodType>({ schema, ...asked }: Call<Schema>): Promise<z.output<Schema>> {
    const answer = await send(asked);
    return fitting('ladok', schema, jsonIn(answer.text), answer.status);
  }

  /** A page of the event feed, as it came. */
  const feed = async (page: string): Promise<string> =>
    (await send({ service: 'handelser', path: `feed/${page}`, accept: 'application/atom+xml' })).text;

  /** All pages of a search. An empty page before the promised number is reached is half an answer, and half an answer is none. */
  async function all<Row>(read: (page: number) => Promise<{ total: number; rows: Row[] }>, follow?: Follow): Promise<Row[]> {
    const rows: Row[] = [];
    for (let page = 1; ; page++) {
      const one = await read(page);
      rows.push(...one.rows);
      await follow?.({ done: rows.length, of: one.total });
      if (rows.length >= one.total) return rows;
      if (one.rows.length === 0) throw new PartnerUnavailable('ladok', 'malformed');
    }
  }

  return { call, all, feed, close: () => out.close() };
}
