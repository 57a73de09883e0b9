import { Agent, fetch, type RequestInit } from 'undici';
import type { z, ZodType } from 'zod';

/**
 * One way out of the house: every call to an outside system goes through here, so that each has a time limit, a size limit
 * and an answer that was checked before anybody used it.
 */
export interface Partner {
  /** Name used in errors, logs and health: never an address, never a person. */
  readonly name: string;
  readonly baseUrl: string;
  /** PEM files for mutual TLS; `ca` pins the partner's own authority instead of the system store. */
  readonly tls?: { readonly cert?: string; readonly key?: string; readonly ca?: string };
  /** Milliseconds for the whole call, headers and body. */
  readonly timeoutMs: number;
  /** Bytes of an answer at most; 8 MiB unless told. */
  readonly largest?: number;
}

/** The partner could not be reached, did not answer in time, or answered that it is not able now. Worth another try. */
export class PartnerUnavailable extends Error {
  override readonly name = 'PartnerUnavailable';
  constructor(
    readonly partner: string,
    readonly reason: 'connection' | 'timeout' | 'status' | 'malformed',
    readonly status?: number,
  ) {
    super(`${partner} is not available (${reason}${status ? ` ${status}` : ''})`);
  }
}

/**
 * The partner answered, and the answer is no. `body` may hold personal data: it is kept for the case, never logged or thrown
 * onwards.
 */
export class PartnerRefused extends Error {
  override readonly name = 'PartnerRefused';
  constructor(
    readonly partner: string,
    readonly status: number,
    readonly body: string,
  ) {
    super(`${partner} refused (${status})`);
  }
}

/**
 * The partner said no in words of its own. `staffText` is free text, for the case and the staff and not for logs: no own
 * property, so that what writes errors down leaves it out.
 */
export abstract class SaidNo extends Error {
  abstract readonly partner: string;
  abstract get staffText(): string;
}

/** Asked to come back later. */
export const isBusy = (status: number): boolean => status === 408 || status === 429;

/** Busy, or not able now (5xx): what was asked is worth another try. */
export const isUnable = (status: number): boolean => status >= 500 || isBusy(status);

/** The JSON of an answer; undefined where it holds none. */
export function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a partner told, where it fits the schema; throws `PartnerUnavailable` (malformed) where it does not. */
export function fitting<Schema extends z.ZodType>(
  partner: string,
  schema: Schema,
  value: unknown,
  status?: number,
): z.output<Schema> {
  const fit = schema.safeParse(value);
  if (!fit.success) throw new PartnerUnavailable(partner, 'malformed', status);
  return fit.data;
}

const LARGEST_ANSWER = 8 * 1024 * 1024;

/** What came back: status, headers, and the body, as it came and as text. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
}

/** The way to one partner. */
export interface Outbound {
  /** Sends and returns whatever status came; throws `PartnerUnavailable` when nothing usable did. */
  send(path: string, init?: RequestInit): Promise<Answer>;
  /**
   * As `send`, and the answer must be 2xx and fit the schema. 5xx, 408 and 429 are `PartnerUnavailable`, other refusals
   * `PartnerRefused`.
   */
  json<T>(path: string, schema: ZodType<T>, init?: RequestInit): Promise<T>;
  close(): Promise<void>;
}

/** Whether undici's limits, which are ours, were quicker than our own clock. */
const ownLimit = (cause: unknown): boolean =>
  /^UND_ERR_.*_TIMEOUT$/.test((cause as { cause?: { code?: string } }).cause?.code ?? '');

/** Opens a connection pool to a partner. Close it when the process ends. */
export function outbound(partner: Partner): Outbound {
  const agent = new Agent({
    connect: { ...partner.tls, timeout: Math.min(partner.timeoutMs, 10_000) },
    headersTimeout: partner.timeoutMs,
    bodyTimeout: partner.timeoutMs,
    maxResponseSize: partner.largest ?? LARGEST_ANSWER,
  });

  async function send(path: string, init: RequestInit = {}): Promise<Answer> {
    const own = AbortSignal.timeout(partner.timeoutMs);
    const signal = init.signal ? AbortSignal.any([own, init.signal]) : own;
    try {
      const response = await fetch(new URL(path, partner.baseUrl), { ...init, signal, dispatcher: agent, redirect: 'error' });
      const bytes = Buffer.from(await response.arrayBuffer());
      return {
        status: response.status,
        headers: response.headers as unknown as Headers,
        bytes,
        text: new TextDecoder().decode(bytes),
      };
    } catch (cause) {
      if (init.signal?.aborted) throw cause;
      throw new PartnerUnavailable(partner.name, own.aborted || ownLimit(cause) ? 'timeout' : 'connection');
    }
  }

  async function json<T>(path: string, schema: ZodType<T>, init: RequestInit = {}): Promise<T> {
    const answer = await send(path, init);
    if (isUnable(answer.status)) throw new PartnerUnavailable(partner.name, 'status', answer.status);
    if (answer.status >= 400) throw new PartnerRefused(partner.name, answer.status, answer.text);
    return fitting(partner.name, schema, jsonIn(answer.text), answer.status);
  }

  return { send, json, close: () => agent.destroy() };
}
