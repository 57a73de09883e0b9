import { createHmac } from 'node:crypto';
import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '../../workflows/process.js';
import { refusalTexts } from '../../workflows/refusals.js';
import { autoStartUrl, hintText, qrData } from '../../activities/bankid.js';
import { once } from '../../activities/case/once.js';
import { sumOf } from '../../activities/result-list/signed-text.js';
import { cancelOrder } from '../../activities/signing/cancel.js';
import { checkCode, whyUnsent } from '../../activities/signing/code.js';
import type { World } from '../../activities/index.js';
import { languageOf, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { idempotencyKey, json, problems } from './shapes.js';

const id = z.uuid().toLowerCase();
const codeState = z
  .object({
    state: z.enum(['sending', 'sent', 'failed', 'uncertain', 'ended']),
    expiresAt: z.string(),
    version: z.number().int(),
    digits: z.number().int(),
    sha256: z.string(),
    problem: z.enum(['no-mobile', 'mobile-changed']).nullable().describe('Why it was not sent, where that is known'),
    problemText: z.string().nullable().describe("The same in the reader's language"),
  })
  .openapi('SigningCode');
const orderState = z
  .object({
    state: z.string(),
    hintCode: z.string().nullable(),
    text: z.string(),
    autoStartUrl: z.string().nullable(),
    qr: z.string().nullable().describe('To be drawn as a QR code; new every second'),
    lists: z
      .array(
        z.object({
          number: z.string(),
          version: z.number().int(),
          sha256: z.string(),
          proof: z.string().nullable().describe('To sign the list with, when the order is complete'),
        }),
      )
      .describe('What is signed'),
    proof: z.string().nullable().describe('Where it is one list'),
    version: z.number().int().nullable().describe('Where it is one list'),
    sha256: z.string().describe('The checksum the app shows'),
  })
  .openapi('BankIdOrder');

/**
 * How somebody shows who they are: codes by SMS and orders at BankID. Only one's own are there; anything else looks the same as
 * nothing.
 */
export function signingRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db, config } = world;
  const missing = refuse('missing', 'RL-38', 'no-such-page');

  app.openapi(
    createRoute({
      method: 'get',
      path: '/signing/codes/{id}',
      tags: ['Signing'],
      summary: 'Whether the code was sent (RL-39)',
      request: { params: z.object({ id }) },
      responses: { 200: json(codeState, 'The code'), ...problems },
    }),
    async (c) => {
      const code = await db.signingCode.findFirst({ where: { id: c.req.valid('param').id, personId: c.get('known').actor.id } });
      if (!code) return refused(c, missing) as never;
      const sms = await db.outbox.findUnique({ where: { key: `sms:${code.id}` } });
      const ended = code.endedAt !== null || code.expiresAt < new Date();
      const sending = {
        pending: 'sending',
        claimed: 'sending',
        done: 'sent',
        uncertain: 'uncertain',
        failed: 'failed',
      } as const satisfies Record<string, z.infer<typeof codeState>['state']>;
      const state: z.infer<typeof codeState>['state'] = ended
        ? 'ended'
        : sending[(sms?.state ?? 'pending') as keyof typeof sending];
      const problem = sms?.state === 'failed' ? whyUnsent(sms.problem) : undefined;
      return c.json(
        {
          state,
          expiresAt: code.expiresAt.toISOString(),
          version: code.version,
          digits: code.digits,
          sha256: code.hash,
          problem: problem ?? null,
          problemText: problem ? refusalTexts[problem][languageOf(c)] : null,
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/signing/codes/{id}/check',
      tags: ['Signing'],
      summary: 'Type the code: a right one gives a proof to sign with',
      request: {
        params: z.object({ id }),
        headers: z.object({ 'idempotency-key': idempotencyKey }),
        body: {
          required: true,
          content: { 'application/json': { schema: z.strictObject({ code: z.string().regex(/^\d{5,8}$/) }) } },
        },
      },
      responses: { 201: json(z.object({ proof: z.string(), expiresAt: z.string() }), 'The proof'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const challenge = c.req.valid('param').id;
      const typed = c.req.valid('json').code;
      const disguised = createHmac('sha256', config.secrets.signingCode).update(`typed\n${challenge}\n${typed}`).digest('hex');
      const checked = await once(
        db,
        {
          action: 'signing.check-code',
          about: challenge,
          body: { challenge, disguised },
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => checkCode(tx, { id: challenge, person: actor.id, typed, secret: config.secrets.signingCode }, trace),
      );
      return (
        'refused' in checked ? refused(c, checked) : c.json({ proof: checked.proof, expiresAt: checked.expiresAt }, 201)
      ) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/signing/bankid/{id}',
      tags: ['Signing'],
      summary: 'How the BankID order stands (RL-40)',
      request: { params: z.object({ id }) },
      responses: { 200: json(orderState, 'The order'), ...problems },
    }),
    async (c) => {
      const order = await db.bankIdOrder.findFirst({ where: { id: c.req.valid('param').id, personId: c.get('known').actor.id } });
      if (!order) return refused(c, missing) as never;
      const open = order.state === 'started' && order.startedAt;
      const lists = await listsOf(db, order.id);
      const [one, ...others] = lists;
      const alone = one && others.length === 0 ? one : undefined;
      const qr =
        open && order.qrStartToken && order.qrStartSecret
          ? qrData({
              qrStartToken: order.qrStartToken,
              qrStartSecret: order.qrStartSecret,
              secondsSinceOrder: Math.floor((Date.now() - open.getTime()) / 1_000),
            })
          : null;
      return c.json(
        {
          state: order.state,
          hintCode: order.hintCode,
          text: stateText(order.state, order.hintCode)[languageOf(c)],
          lists,
          sha256: sumOf(lists.map(({ number, version, sha256 }) => ({ list: number, version, sha256 }))),
          autoStartUrl: open && order.autoStartToken ? autoStartUrl(order.autoStartToken) : null,
          qr,
          proof: alone?.proof ?? null,
          version: alone?.version ?? null,
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/signing/bankid/{id}/cancel',
      tags: ['Signing'],
      summary: 'Stop a BankID order',
      request: {
        params: z.object({ id }),
        headers: z.object({ 'idempotency-key': idempotencyKey }),
        body: { required: true, content: { 'application/json': { schema: z.strictObject({}) } } },
      },
      responses: { 202: json(z.object({ state: z.literal('cancelling') }), 'Being stopped'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const order = c.req.valid('param').id;
      const cancelled = await once(
        db,
        {
          action: 'signing.cancel-bankid',
          about: order,
          body: {},
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => cancelOrder(tx, { id: order, person: actor.id }, trace),
      );
      return ('refused' in cancelled ? refused(c, cancelled) : c.json(cancelled, 202)) as never;
    },
  );
}

/** The lists of an order as they were laid before the signer, with the proof of each once there is one. */
const listsOf = (db: World['db'], order: string) =>
  db.$queryRaw<{ number: string; version: number; sha256: string; proof: string | null }[]>`
    SELECT c.number::text, l.version, l.hash AS sha256, p.id AS proof FROM bankid_order_lists l JOIN cases c ON c.id = l.case_id
    LEFT JOIN signing_proofs p ON p.source_id = l.order_id AND p.case_id = l.case_id WHERE l.order_id = ${order}::uuid ORDER BY l.place`;

/** Words for how an order ended on our side; BankID's own hints have theirs. */
const ownText = {
  complete: { sv: 'Underskriften är mottagen.', nb: 'Signaturen er mottatt.', en: 'The signature was received.' },
  lost: {
    sv: 'Underskriften nådde inte fram. Signera igen.',
    nb: 'Signaturen kom ikke frem. Signer på nytt.',
    en: 'The signature was not received. Sign again.',
  },
  'not-started': {
    sv: 'BankID svarade inte när underskriften beställdes. Visas den ändå i din BankID-app, avbryt den där: den räknas inte. Försök sedan igen.',
    nb: 'BankID svarte ikke da signeringen ble bestilt. Vises den likevel i BankID-appen din, avbryt den der: den teller ikke. Prøv så igjen.',
    en: 'BankID did not answer when the signature was ordered. If it shows in your BankID app all the same, cancel it there: it does not count. Then try again.',
  },
  cancelled: { sv: 'Underskriften avbröts.', nb: 'Signeringen ble avbrutt.', en: 'The signature was cancelled.' },
  'other-person': {
    sv: 'Underskriften gjordes med någon annans BankID. Du kan bara signera med ditt eget.',
    nb: 'Signaturen ble laget med noen andres BankID. Du kan bare signere med ditt eget.',
    en: "The signature was made with somebody else's BankID. You can only sign with your own.",
  },
  'other-text': {
    sv: 'Det som skrevs under är inte det som beställdes. Signera igen.',
    nb: 'Det som ble signert, er ikke det som ble bestilt. Signer på nytt.',
    en: 'What was signed is not what was ordered. Sign again.',
  },
  'other-content': {
    sv: 'Det som skrevs under är inte det som beställdes. Signera igen.',
    nb: 'Det som ble signert, er ikke det som ble bestilt. Signer på nytt.',
    en: 'What was signed is not what was ordered. Sign again.',
  },
  'bad-signature': {
    sv: 'Underskriften går inte att verifiera. Signera igen.',
    nb: 'Signaturen kan ikke verifiseres. Signer på nytt.',
    en: 'The signature cannot be verified. Sign again.',
  },
  revoked: {
    sv: 'Ditt BankID är spärrat. Inget är signerat. Skaffa ett nytt hos din bank.',
    nb: 'Din BankID er sperret. Ingenting er signert. Få en ny i banken din.',
    en: 'Your BankID is blocked. Nothing has been signed. Get a new one from your bank.',
  },
} as const;

const stateText = (state: string, hint: string | null): { sv: string; nb: string; en: string } =>
  state in ownText
    ? ownText[state as keyof typeof ownText]
    : hintText(hint ?? 'outstandingTransaction', state === 'failed' ? 'failed' : 'pending');
