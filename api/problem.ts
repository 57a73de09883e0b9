import type { Context } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { refusalTexts, type RefusalCode } from '../workflows/refusals.js';
import type { Language, Refusal } from '../workflows/process.js';
import { canonical } from '../activities/case/seal.js';

/** What a no looks like on the wire (RFC 9457), with the rule's id and the sentence in the reader's language. */
export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly instance: string;
  readonly code: RefusalCode;
  readonly rule: string;
  readonly requestId: string;
  readonly details?: Refusal['details'];
}

const statusOf: Readonly<Record<Refusal['kind'], 403 | 404 | 409 | 422>> = { forbidden: 403, missing: 404, conflict: 409, unavailable: 409, invalid: 422 };

const shown = (detail: unknown): string => (Array.isArray(detail) ? detail.join(', ') : typeof detail === 'string' || typeof detail === 'number' ? String(detail) : '');

const fill = (sentence: string, details: Readonly<Record<string, unknown>>) =>
  sentence.replace(/\{(\w+)\}/g, (_all, name: string) => shown(details[name]));

const spoken: Readonly<Record<string, Language>> = { sv: 'sv', nb: 'nb', no: 'nb', nn: 'nb', en: 'en' };

/** The reader's language: the one the browser likes best of ours, else what the person's record says, else English. `no` and `nn` are read as bokmål. */
export function languageOf(c: Context): Language {
  const known = (c.get('known') as { language?: Language } | undefined)?.language;
  const wanted = parseAccept(c.req.header('Accept-Language') ?? '').filter(({ q }) => q > 0);
  for (const { type } of wanted) {
    const language = spoken[type.split('-')[0]?.toLowerCase() ?? ''];
    if (language) return language;
  }
  return known ?? 'en';
}

/** Answers with a problem. `status` only where the kind does not say it. */
export function problem(c: Context, input: { code: RefusalCode; rule?: string; status: number; details?: Refusal['details']; headers?: Record<string, string> }): Response {
  const requestId = String(c.get('requestId') ?? '');
  const details = { ...input.details };
  const language = languageOf(c);
  const body: ProblemBody = {
    type: `/problems/${input.code}`, title: fill(refusalTexts[input.code].en, { ...details, requestId }), status: input.status,
    detail: fill(refusalTexts[input.code][language], { ...details, requestId }), instance: new URL(c.req.url).pathname, code: input.code,
    rule: input.rule ?? 'registrar', requestId, ...(input.details ? { details: JSON.parse(canonical(input.details)) as Refusal['details'] } : {}),
  };
  return c.body(JSON.stringify(body), input.status as 400, { 'Content-Type': 'application/problem+json', 'Content-Language': language, ...input.headers });
}

/** A refusal as an answer. */
export const refused = (c: Context, refusal: Refusal): Response =>
  problem(c, { code: refusal.code, rule: refusal.rule, status: statusOf[refusal.kind], ...(refusal.details ? { details: refusal.details } : {}) });
