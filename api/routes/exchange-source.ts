import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { ZodType } from 'zod';
import type { Refusal } from '../../workflows/process.js';
import { countryOf } from '../../workflows/rules/working-days.js';
import { append } from '../../activities/audit.js';
import { signed } from '../../activities/exchange/elmo/signature.js';
import { writeElmo } from '../../activities/exchange/elmo/write.js';
import { changesForm, questionForm, readForm } from '../../activities/exchange/forms.js';
import { NotSigned, signAnswer, verifyRequest, type OwnKey } from '../../activities/exchange/http-signature.js';
import { takeInChange } from '../../activities/exchange/onward.js';
import type { Report } from '../../activities/exchange/report.js';
import { answerThree, disguised, handOver, type Inquiry } from '../../activities/exchange/source.js';
import type { World } from '../../activities/index.js';
import type { Logger } from '../../activities/logger.js';
import type { Transaction } from '../../prisma/client.js';
import { problem, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';

/** Where other institutions ask us; they sign their requests, and have no token. */
export const exchangeRoom = '/resultatutveksling/v1';

const LARGEST_BODY = 512 * 1024;
const SPOKEN = /^application\/(json|x-www-form-urlencoded)\s*(;|$)/i;

/** Another institution, known by its signature, with what its answer has to repeat. */
interface Asker {
  readonly code: string;
  readonly requestId: string;
  readonly signature: string;
}

type Own = { readonly nameNb: string; readonly nameEn: string; readonly url: string };

/**
 * We as a source (RX-11..17): the three questions, the results, and notices of changes elsewhere. What a stranger sends is in the
 * log alone; what a known institution sends is in the audit, also where it is refused. Answers are signed, refusals are problems
 * as everywhere.
 */
export function exchangeSourceRoutes(
  app: OpenAPIHono<ApiEnv>,
  world: World,
  { logger, key }: { readonly logger: Logger; readonly key: OwnKey },
): void {
  const { db, config } = world;
  const institution = config.INSTITUTION_CODE;

  /** Who has signed the request; a refusal for who has not, or is not listed. */
  async function askerOf(c: Context<ApiEnv>, body: Uint8Array, own: Own): Promise<Asker | Response> {
    const listed = await db.exchangePartner.findMany({ where: { listed: true }, select: { code: true, keys: true } });
    try {
      return verifyRequest({
        method: c.req.method,
        url: new URL(c.req.url),
        host: new URL(own.url).host,
        headers: c.req.raw.headers,
        body,
        at: new Date(),
        institutions: listed,
      });
    } catch (cause) {
      const why = cause instanceof NotSigned ? cause.reason : 'unknown-key';
      logger.warn({ requestId: c.get('requestId'), why }, 'a question of a stranger');
      return problem(c, {
        code: 'signature-not-accepted',
        rule: 'RX-11',
        status: 401,
        details: { why },
        headers: { 'WWW-Authenticate': 'Signature realm="EWP"', 'Want-Digest': 'SHA-256' },
      });
    }
  }

  const traced = (
    c: Context<ApiEnv>,
    { code: actor }: Asker,
    { rule, code }: Pick<Refusal, 'rule' | 'code'>,
    details?: Readonly<Record<string, unknown>>,
  ) =>
    append(db, {
      institution,
      caseId: null,
      actor,
      action: 'exchange.refused',
      outcome: 'refused',
      rule,
      code,
      requestId: c.get('requestId'),
      at: new Date().toISOString(),
      ...(details ? { details } : {}),
    });

  /** What a form says, or a refusal that is in the audit. Its id has to be the one that is signed in the headers. */
  async function formOf<Form>(
    c: Context<ApiEnv>,
    asker: Asker,
    body: Uint8Array,
    schema: ZodType<Form>,
    idOf: (form: Form) => string,
  ): Promise<Form | Response> {
    const given = readForm(c.req.header('Content-Type') ?? '', new TextDecoder().decode(body));
    const parsed = given && schema.safeParse(given);
    if (parsed?.success && idOf(parsed.data) === asker.requestId) return parsed.data;
    const code = parsed ? 'invalid-input' : 'malformed';
    const fields = parsed?.success ? ['X-Request-Id'] : (parsed?.error.issues.map(({ path }) => path.join('.') || 'body') ?? []);
    await traced(c, asker, { rule: 'registrar', code }, { fields: [...new Set(fields)].slice(0, 20) });
    return problem(c, { code, status: parsed ? 422 : 400, details: { fields: [...new Set(fields)].slice(0, 20) } });
  }

  function answer(c: Context<ApiEnv>, { requestId, signature }: Asker, body: Uint8Array | string, type: string): Response {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    return c.body(new Uint8Array(bytes), 200, {
      'Content-Type': type,
      ...signAnswer({ key, body: bytes, requestId, requestSignature: signature, at: new Date() }),
    });
  }
  const json = (c: Context<ApiEnv>, asker: Asker, body: object) => answer(c, asker, JSON.stringify(body), 'application/json');

  const limit = bodyLimit({
    maxSize: LARGEST_BODY,
    onError: (c) => problem(c, { code: 'too-large', status: 413, headers: { Connection: 'close' } }),
  });

  /** A question: signed by whom, in which form, and what becomes of it. */
  function room<Form>(
    name: string,
    schema: ZodType<Form>,
    idOf: (form: Form) => string,
    decide: (c: Context<ApiEnv>, asker: Asker, form: Form, own: Own) => Promise<Response>,
  ): void {
    app.post(`${exchangeRoom}/${name}`, limit, async (c) => {
      if (!SPOKEN.test(c.req.header('Content-Type') ?? '')) return problem(c, { code: 'wrong-media-type', status: 415 });
      const own = await db.exchangePartner.findFirst({ where: { code: config.EXCHANGE_CODE, listed: true } });
      if (!own) return problem(c, { code: 'not-now', status: 503, headers: { 'Retry-After': '3600' } });
      const body = new Uint8Array(await c.req.arrayBuffer());
      const asker = await askerOf(c, body, own);
      if (asker instanceof Response) return asker;
      const form = await formOf(c, asker, body, schema, idOf);
      return form instanceof Response ? form : decide(c, asker, form, own);
    });
  }

  type Question = (typeof questionForm)['_output'];
  const inquiryOf = (c: Context<ApiEnv>, { code: partner }: Asker, form: Question): Inquiry => ({
    institution,
    partner,
    id: form.request_id,
    number: form.national_number,
    disguise: disguised(form.national_number, config.secrets.strangers),
    basis: form.basis,
    at: new Date().toISOString(),
    requestId: c.get('requestId'),
    consent:
      form.consent_type && form.consent_answer && form.consent_on ? { answer: form.consent_answer, on: form.consent_on } : null,
  });
  const decided = <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => db.$transaction(work);

  room(
    'status',
    questionForm,
    (form) => form.request_id,
    async (c, asker, form) => {
      const answered = await decided((tx) => answerThree(tx, inquiryOf(c, asker, form)));
      return 'refused' in answered ? refused(c, answered) : json(c, asker, answered);
    },
  );

  room(
    'results',
    questionForm,
    (form) => form.request_id,
    async (c, asker, form, own) => {
      const handed = await decided((tx) => handOver(tx, inquiryOf(c, asker, form)));
      if ('refused' in handed) return refused(c, handed);
      const { zone } = await db.institution.findUniqueOrThrow({ where: { code: institution }, select: { zone: true } });
      const report: Report = {
        issuer: {
          code: config.EXCHANGE_CODE,
          nameNb: own.nameNb,
          nameEn: own.nameEn,
          country: countryOf(zone) ?? 'NO',
          url: own.url,
        },
        ...handed,
      };
      return answer(c, asker, signed(writeElmo(report), key), 'application/xml');
    },
  );

  room(
    'changes',
    changesForm,
    (form) => form.notice_id,
    async (c, asker, form) => {
      const told = await decided((tx) =>
        takeInChange(tx, {
          institution,
          partner: asker.code,
          number: form.national_number,
          keys: [form.key].flat(),
          changedAt: new Date(form.changed_at).toISOString(),
          at: new Date().toISOString(),
          requestId: c.get('requestId'),
        }),
      );
      return told === 'later'
        ? problem(c, { code: 'not-now', status: 503, headers: { 'Retry-After': '300' } })
        : json(c, asker, {});
    },
  );
}
