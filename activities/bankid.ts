import { createHmac } from 'node:crypto';
import { z, type ZodType } from 'zod';
import { fitting, isUnable, jsonIn, outbound, PartnerUnavailable, type Partner } from './outbound.js';

type PendingHint = 'outstandingTransaction' | 'noClient' | 'started' | 'userMrtd' | 'userCallConfirm' | 'userSign' | 'processing';
type FailedHint =
  | 'expiredTransaction'
  | 'certificateErr'
  | 'userCancel'
  | 'cancelled'
  | 'startFailed'
  | 'userDeclinedCall'
  | 'notSupportedByUserApp'
  | 'transactionRiskBlocked';
type ErrorCode =
  | 'alreadyInProgress'
  | 'invalidParameters'
  | 'unauthorized'
  | 'notFound'
  | 'methodNotAllowed'
  | 'requestTimeout'
  | 'unsupportedMediaType'
  | 'tooManyRequests'
  | 'internalError'
  | 'maintenance';

/** BankID says no: a 4xx other than 408 and 429. `errorCode` is BankID's, or `unknown`; its details are not kept. */
export class BankIdRefused extends Error {
  override readonly name = 'BankIdRefused';
  constructor(
    readonly errorCode: string,
    readonly httpStatus: number,
  ) {
    super(`BankID refused (${httpStatus} ${errorCode})`);
  }
}

/** What a new order is known by. `qrStartSecret` stays on the server. */
export interface StartedOrder {
  readonly orderRef: string;
  readonly autoStartToken: string;
  readonly qrStartToken: string;
  readonly qrStartSecret: string;
}

/** What BankID hands over once. `signature` and `ocspResponse` are base64, to be stored untouched. */
export interface Completion {
  readonly user: { readonly personNumber: string; readonly name: string; readonly givenName: string; readonly surname: string };
  readonly device: { readonly ipAddress?: string; readonly uhi?: string };
  /** A date, such as 2025-03-01. */
  readonly bankIdIssueDate?: string;
  readonly signature: string;
  readonly ocspResponse: string;
  readonly risk?: string;
}

/** Hint codes that are not known here are handed on as they came. */
export type Collected =
  | { readonly status: 'pending' | 'failed'; readonly hintCode: string }
  | { readonly status: 'complete'; readonly completion: Completion };

/** Signing with BankID (RL-40, RL-41). Calls throw `BankIdRefused` or `PartnerUnavailable`. */
export interface BankId {
  /**
   * Orders a signature by one person (RL-40, RL-41; `POST sign`). Both texts go as UTF-8, at most 40 000 and 200 000 characters
   * of base64. Give it one attempt: after `PartnerUnavailable` an order may exist, and another one for the same person aborts it.
   */
  sign(order: {
    readonly endUserIp: string;
    readonly personNumber: string;
    readonly visibleText: string;
    readonly nonVisible: string;
  }): Promise<StartedOrder>;
  /** Looks at an order, every two seconds while pending. `complete` is told once, then it is `invalidParameters`. */
  collect(orderRef: string): Promise<Collected>;
  /** Withdraws an order. One that is over or not known counts as withdrawn. */
  cancel(orderRef: string): Promise<void>;
  /** Answers when BankID does and knows our certificate: asks for an order that cannot exist. */
  probe(): Promise<void>;
  close(): Promise<void>;
}

const some = z.string().min(1);
const started = z.object({ orderRef: some, autoStartToken: some, qrStartToken: some, qrStartSecret: some });
const codeOf = (given: unknown) => (typeof given === 'string' && /^[A-Za-z]{1,64}$/.test(given) ? given : 'unknown');
const hint = z.unknown().optional().transform(codeOf);
// `complete` is told once: whatever can be done without must not make the answer unreadable.
const wish = z.string().optional().catch(undefined);
const name = z.string().catch('');
const completion = z.object({
  user: z
    .object({ personalNumber: z.string(), name, givenName: name, surname: name })
    .transform(({ personalNumber, ...names }) => ({ personNumber: personalNumber, ...names })),
  device: z.object({ ipAddress: wish, uhi: wish }).catch({}),
  bankIdIssueDate: wish,
  signature: some,
  ocspResponse: name,
  risk: wish,
});
const collected = z.discriminatedUnion('status', [
  z.object({ status: z.literal('pending'), hintCode: hint }),
  z.object({ status: z.literal('failed'), hintCode: hint }),
  z
    .object({ status: z.literal('complete'), completionData: completion })
    .transform(({ status, completionData }) => ({ status, completion: completionData })),
]);

const NO_ORDER = '00000000-0000-4000-8000-000000000000';
const base64 = (text: string) => Buffer.from(text, 'utf8').toString('base64');

/**
 * BankID's relying party API 6.0. `baseUrl` is the address before `/rp/v6.0`, `tls` holds our client certificate and BankID's own
 * authority. Beside `BankIdRefused` all calls throw `PartnerUnavailable` for 408, 429, 5xx, an unusable answer or none.
 */
export function bankId({
  baseUrl,
  tls,
  timeoutMs = 10_000,
}: {
  readonly baseUrl: string;
  readonly tls?: Partner['tls'];
  readonly timeoutMs?: number;
}): BankId {
  const out = outbound({ name: 'BankID', baseUrl: baseUrl.replace(/\/*$/, '/'), tls, timeoutMs });
  // BankID answers 415 to a charset here.
  const headers = { 'Content-Type': 'application/json' };

  async function post<T>(call: string, schema: ZodType<T>, body: object): Promise<T> {
    const { status, text } = await out.send(`rp/v6.0/${call}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (isUnable(status)) throw new PartnerUnavailable('BankID', 'status', status);
    const answer = jsonIn(text);
    if (status >= 400) throw new BankIdRefused(codeOf((answer as { errorCode?: unknown } | null | undefined)?.errorCode), status);
    return fitting('BankID', schema, answer, status);
  }

  const unlessUnknownOrder = (failure: unknown) => {
    if (!(failure instanceof BankIdRefused && failure.errorCode === 'invalidParameters')) throw failure;
  };

  return {
    sign: ({ endUserIp, personNumber, visibleText, nonVisible }) =>
      post('sign', started, {
        endUserIp,
        userVisibleData: base64(visibleText),
        ...(nonVisible ? { userNonVisibleData: base64(nonVisible) } : {}),
        requirement: { personalNumber: personNumber, pinCode: true },
      }),
    collect: (orderRef) => post('collect', collected, { orderRef }),
    cancel: (orderRef) => post('cancel', z.object({}), { orderRef }).then(() => undefined, unlessUnknownOrder),
    probe: () => post('collect', z.object({}), { orderRef: NO_ORDER }).then(() => undefined, unlessUnknownOrder),
    close: out.close,
  };
}

/** What the animated QR code shows in a given second of the order, counted from 0; it is worth nothing in the next. */
export function qrData({
  qrStartToken,
  qrStartSecret,
  secondsSinceOrder,
}: {
  readonly qrStartToken: string;
  readonly qrStartSecret: string;
  readonly secondsSinceOrder: number;
}): string {
  const second = String(Math.max(0, Math.floor(secondsSinceOrder)));
  return `bankid.${qrStartToken}.${second}.${createHmac('sha256', qrStartSecret).update(second).digest('hex')}`;
}

/** The address that opens BankID on the device itself. */
export const autoStartUrl = (autoStartToken: string): string =>
  `https://app.bankid.com/?autostarttoken=${encodeURIComponent(autoStartToken)}&redirect=null`;

/** A text for the person who signs, in the languages of the pages. */
export interface HintText {
  readonly sv: string;
  readonly nb: string;
  readonly en: string;
}

const open: HintText = { sv: 'Öppna BankID-appen.', nb: 'Åpne BankID-appen.', en: 'Open the BankID app.' };
const failing: HintText = {
  sv: 'Något gick fel hos oss eller hos BankID. Inget är signerat. Försök igen om en stund.',
  nb: 'Noe gikk galt hos oss eller hos BankID. Ingenting er signert. Prøv igjen om litt.',
  en: 'Something went wrong with us or with BankID. Nothing has been signed. Try again in a while.',
};
const working: HintText = {
  sv: 'BankID arbetar. Vänta lite.',
  nb: 'BankID arbeider. Vent litt.',
  en: 'BankID is working. Please wait.',
};

const hintTexts: Record<PendingHint | FailedHint | ErrorCode, HintText> = {
  outstandingTransaction: open,
  noClient: open,
  started: {
    sv: 'BankID-appen är öppen och letar efter ditt BankID.',
    nb: 'BankID-appen er åpen og leter etter din BankID.',
    en: 'The BankID app is open and looking for your BankID.',
  },
  userMrtd: {
    sv: 'Läs av ditt pass eller nationella id-kort i BankID-appen.',
    nb: 'Skann passet eller det nasjonale ID-kortet i BankID-appen.',
    en: 'Scan your passport or national identity card in the BankID app.',
  },
  userCallConfirm: {
    sv: 'Svara i BankID-appen på frågan om samtalet.',
    nb: 'Svar i BankID-appen på spørsmålet om samtalen.',
    en: 'Answer the question about the call in the BankID app.',
  },
  userSign: {
    sv: 'Läs texten i BankID-appen och signera med din säkerhetskod.',
    nb: 'Les teksten i BankID-appen og signer med sikkerhetskoden din.',
    en: 'Read the text in the BankID app and sign with your security code.',
  },
  processing: working,
  expiredTransaction: {
    sv: 'Det tog för lång tid. Inget är signerat. Börja om.',
    nb: 'Det tok for lang tid. Ingenting er signert. Begynn på nytt.',
    en: 'It took too long. Nothing has been signed. Start again.',
  },
  certificateErr: {
    sv: 'Ditt BankID är spärrat eller för gammalt. Skaffa ett nytt hos din bank.',
    nb: 'Din BankID er sperret eller for gammel. Få en ny i banken din.',
    en: 'Your BankID is blocked or too old. Get a new one from your bank.',
  },
  userCancel: {
    sv: 'Du avbröt i BankID-appen. Inget är signerat.',
    nb: 'Du avbrøt i BankID-appen. Ingenting er signert.',
    en: 'You cancelled in the BankID app. Nothing has been signed.',
  },
  cancelled: {
    sv: 'Avbrutet, eftersom BankID startades en gång till för dig. Börja om.',
    nb: 'Avbrutt, fordi BankID ble startet en gang til for deg. Begynn på nytt.',
    en: 'Stopped, because BankID was started once more for you. Start again.',
  },
  startFailed: {
    sv: 'BankID-appen öppnades inte i tid. Läs av QR-koden med appen eller öppna den på den här enheten, och börja om.',
    nb: 'BankID-appen ble ikke åpnet i tide. Skann QR-koden med appen eller åpne den på denne enheten, og begynn på nytt.',
    en: 'The BankID app was not opened in time. Scan the QR code with the app or open it on this device, and start again.',
  },
  userDeclinedCall: {
    sv: 'Du svarade nej på frågan om samtalet. Inget är signerat.',
    nb: 'Du svarte nei på spørsmålet om samtalen. Ingenting er signert.',
    en: 'You said no to the question about the call. Nothing has been signed.',
  },
  notSupportedByUserApp: {
    sv: 'Din BankID-app är för gammal. Uppdatera den och börja om.',
    nb: 'BankID-appen din er for gammel. Oppdater den og begynn på nytt.',
    en: 'Your BankID app is too old. Update it and start again.',
  },
  transactionRiskBlocked: {
    sv: 'BankID stoppade signeringen av säkerhetsskäl. Inget är signerat.',
    nb: 'BankID stanset signeringen av sikkerhetshensyn. Ingenting er signert.',
    en: 'BankID stopped the signing for security reasons. Nothing has been signed.',
  },
  alreadyInProgress: {
    sv: 'En signering med ditt BankID pågick redan och har stoppats. Börja om.',
    nb: 'En signering med din BankID var alt i gang og er stanset. Begynn på nytt.',
    en: 'A signing with your BankID was already going on and has been stopped. Start again.',
  },
  invalidParameters: failing,
  unauthorized: failing,
  notFound: failing,
  methodNotAllowed: failing,
  requestTimeout: failing,
  unsupportedMediaType: failing,
  tooManyRequests: failing,
  internalError: failing,
  maintenance: {
    sv: 'BankID är stängt för underhåll. Försök igen senare.',
    nb: 'BankID er stengt for vedlikehold. Prøv igjen senere.',
    en: 'BankID is closed for maintenance. Try again later.',
  },
};

/** The text for a hint or error code of BankID. A code not known here gets a general one: wait while pending, else try again. */
export const hintText = (code: string, status: 'pending' | 'failed' = 'failed'): HintText =>
  Object.hasOwn(hintTexts, code) ? hintTexts[code as keyof typeof hintTexts] : status === 'pending' ? working : failing;
