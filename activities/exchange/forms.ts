import { z } from 'zod';
import { isCivilDate } from '../../workflows/rules/civil-time.js';
import { SKEW_MS } from './http-signature.js';
import type { Question, ThreeAnswers } from './institution.js';

/**
 * What one institution sends another, as a form (`application/x-www-form-urlencoded`) or as JSON with the same names, after the
 * manner of EWP. No public specification of this exchange exists: the names are ours (docs/partners.md).
 */
const id = z.string().regex(/^[\w:.-]{8,100}$/);
/** Digits only: a Norwegian number has eleven, a Swedish one twelve. */
const nationalNumber = z.string().regex(/^\d{11,12}$/);
const day = z.string().refine(isCivilDate);
/** Of whatever the source makes its keys; nothing that no column keeps. */
const resultKey = z.string().regex(/^[^\p{C}]{1,500}$/u);
/** In years that clocks show, and not to come: a source's clock may be ahead of ours by as much as that of its signatures. */
const moment = z.iso
  .datetime({ offset: true })
  .refine((text) => /^20\d\d-/.test(text) && Date.parse(text) <= Date.now() + SKEW_MS);

/** `POST status` and `POST results`: the same question, first asked, then fetched on. */
export const questionForm = z
  .strictObject({
    request_id: id,
    national_number: nationalNumber,
    basis: z.enum(['consent', 'statute']),
    consent_type: z.enum(['RESULTATUTVEKS', 'RESUTVEKSL']).optional(),
    consent_answer: z.enum(['J', 'N']).optional(),
    consent_on: day.optional(),
  })
  .describe(
    'Who is asked about, and on which basis (RX-01, RX-11). With the basis `consent` its type, answer and day come along (RX-07)',
  );

/** `POST changes`: results that the receiver fetched have changed since (BE-07). */
export const changesForm = z.strictObject({
  notice_id: id,
  national_number: nationalNumber,
  key: z.union([resultKey, z.array(resultKey).min(1).max(500)]),
  changed_at: moment,
});

/** The answer to `POST status`, JSON. */
export const threeAnswers: z.ZodType<ThreeAnswers> = z.object({
  shares: z.boolean(),
  reserved: z.boolean(),
  consent: z.boolean(),
  known: z.boolean(),
  hasPassedResults: z.boolean(),
  degreesHeldBack: z.number().int().min(0).max(1_000),
  answeredAt: moment.optional(),
});

/** A question as a form. */
export function formOf({ id: request, nationalNumber: number, basis, consent }: Question): URLSearchParams {
  return new URLSearchParams({
    request_id: request,
    national_number: number,
    basis,
    ...(consent ? { consent_type: consent.type, consent_answer: consent.answer, consent_on: consent.on } : {}),
  });
}

/** A notice of changes as a form; `key` comes once for each. */
export function changesFormOf(notice: {
  readonly id: string;
  readonly nationalNumber: string;
  readonly keys: readonly string[];
  readonly changedAt: string;
}): URLSearchParams {
  const form = new URLSearchParams({
    notice_id: notice.id,
    national_number: notice.nationalNumber,
    changed_at: notice.changedAt,
  });
  for (const key of notice.keys) form.append('key', key);
  return form;
}

/** A body as it is read: a name that comes several times becomes a list. Undefined for what is neither form nor JSON object. */
export function readForm(contentType: string, text: string): Readonly<Record<string, unknown>> | undefined {
  if (/^application\/json\s*(;|$)/i.test(contentType)) {
    try {
      const given: unknown = JSON.parse(text);
      return given !== null && typeof given === 'object' && !Array.isArray(given)
        ? (given as Record<string, unknown>)
        : undefined;
    } catch {
      return undefined;
    }
  }
  const form = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(form.keys())].map((name) => [name, form.getAll(name).length > 1 ? form.getAll(name) : form.get(name)]),
  );
}
