import type { Context } from 'hono';
import { parseAccept } from 'hono/utils/accept';
import { roleTexts } from '../workflows/roles.js';
import { refusalTexts, type RefusalCode } from '../workflows/refusals.js';
import type { Definition, Language, Refusal, RoleName, Text } from '../workflows/process.js';
import { canonical } from '../activities/case/seal.js';
import { spokenLanguage } from '../activities/language.js';

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

const statusOf: Readonly<Record<Refusal['kind'], 403 | 404 | 409 | 422>> = {
  forbidden: 403,
  missing: 404,
  conflict: 409,
  unavailable: 409,
  invalid: 422,
};

const shown = (detail: unknown): string =>
  Array.isArray(detail) ? detail.join(', ') : typeof detail === 'string' || typeof detail === 'number' ? String(detail) : '';

/** The words of commands that belong to no process. */
const otherCommands: Readonly<Record<string, Text>> = {
  'archive-list': { sv: 'Skriv ut arkivlistan', nb: 'Skriv ut arkivlisten', en: 'Print the archive list' },
  protocol: { sv: 'Skriv ut bedömningsprotokollet', nb: 'Skriv ut vurderingsprotokollen', en: 'Print the assessment protocol' },
  'unlock-signing': { sv: 'Öppna signering med SMS-kod', nb: 'Åpne signering med SMS-kode', en: 'Open signing by SMS code' },
  'send-again': { sv: 'Skicka igen', nb: 'Send på nytt', en: 'Send again' },
  'enter-result': { sv: 'För in ett resultat', nb: 'Legg inn et resultat', en: 'Enter a result' },
  'correct-result': { sv: 'Rätta ett resultat', nb: 'Rett et resultat', en: 'Correct a result' },
  'withdraw-result': { sv: 'Återkalla ett resultat', nb: 'Trekk tilbake et resultat', en: 'Withdraw a result' },
  'replace-number': { sv: 'Ersätt ett nummer', nb: 'Erstatt et nummer', en: 'Replace a number' },
  settled: { sv: 'Markera som utrett', nb: 'Merk som avklart', en: 'Mark as settled' },
  'administration-mode': {
    sv: 'Slå på administrationsläget',
    nb: 'Slå på administrasjonsmodus',
    en: 'Switch administration mode on',
  },
  set: { sv: 'Ändra en inställning', nb: 'Endre en innstilling', en: 'Change a setting' },
  notice: { sv: 'Sätt upp ett meddelande', nb: 'Sett opp en melding', en: 'Put up a notice' },
  'end-notice': { sv: 'Avsluta ett meddelande', nb: 'Avslutt en melding', en: 'End a notice' },
};

/** Commands and states as people call them, by the process the address belongs to. */
function inWords(c: Context, details: Readonly<Record<string, unknown>>, language: Language): Readonly<Record<string, unknown>> {
  const all = (c.get('definitions') as readonly Definition[] | undefined) ?? [];
  const here = all.toSorted((a, b) => Number(c.req.path.startsWith(`/${b.path}`)) - Number(c.req.path.startsWith(`/${a.path}`)));
  const word = (name: string, of: (definition: Definition) => Text | undefined) => {
    const id = details[name];
    return typeof id === 'string'
      ? { [name]: here.map(of).find((text) => text)?.[language] ?? otherCommands[id]?.[language] ?? id }
      : {};
  };
  return {
    ...details,
    ...word('command', (definition) =>
      details['command'] === 'create' ? definition.birth.title : definition.commands[String(details['command'])]?.title,
    ),
    ...word('state', (definition) => definition.states[String(details['state'])]),
    ...word('role', () => roleTexts[details['role'] as RoleName]),
  };
}

const fill = (sentence: string, details: Readonly<Record<string, unknown>>) =>
  sentence.replace(/\{(\w+)\}/g, (_all, name: string) => shown(details[name]));

/**
 * The reader's language: the one the browser likes best of ours, else what the person's record says, else English. `no` and `nn`
 * are read as bokmål.
 */
export function languageOf(c: Context): Language {
  const known = (c.get('known') as { language?: Language } | undefined)?.language;
  const wanted = parseAccept(c.req.header('Accept-Language') ?? '').filter(({ q }) => q > 0);
  for (const { type } of wanted) {
    const language = spokenLanguage(type);
    if (language) return language;
  }
  return known ?? 'en';
}

/** A no as a sentence in the reader's language. */
export function sentenceOf(
  c: Context,
  { code, details }: { readonly code: RefusalCode; readonly details?: Refusal['details'] },
): string {
  const language = languageOf(c);
  return fill(refusalTexts[code][language], {
    ...inWords(c, { ...details }, language),
    requestId: String(c.get('requestId') ?? ''),
  });
}

/** Answers with a problem. `status` only where the kind does not say it. */
export function problem(
  c: Context,
  input: { code: RefusalCode; rule?: string; status: number; details?: Refusal['details']; headers?: Record<string, string> },
): Response {
  const requestId = String(c.get('requestId') ?? '');
  const language = languageOf(c);
  const sentence = sentenceOf(c, input);
  const body: ProblemBody = {
    type: `/problems/${input.code}`,
    title: sentence,
    status: input.status,
    detail: sentence,
    instance: new URL(c.req.url).pathname,
    code: input.code,
    rule: input.rule ?? 'registrar',
    requestId,
    ...(input.details ? { details: JSON.parse(canonical(input.details)) as Refusal['details'] } : {}),
  };
  return c.body(JSON.stringify(body), input.status as 400, {
    'Content-Type': 'application/problem+json',
    'Content-Language': language,
    ...input.headers,
  });
}

/** A refusal as an answer. */
export const refused = (c: Context, refusal: Refusal): Response =>
  problem(c, {
    code: refusal.code,
    rule: refusal.rule,
    status: statusOf[refusal.kind],
    ...(refusal.details ? { details: refusal.details } : {}),
  });
