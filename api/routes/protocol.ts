import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { isCivilDate } from '../../workflows/rules/civil-time.js';
import { once } from '../../activities/case/once.js';
import { correctResult, enterResult, readProtocol, withdrawResult } from '../../activities/exchange/protocol-commands.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import { refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';
import { idempotencyKey, json, problems } from './shapes.js';

const day = z.iso.date().refine(isCivilDate);
const text = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u);
const key = z.string().regex(/^[\w-]{8,64}$/);
const reason = text(2_000).min(3).describe('Kept with the command');

const fields = {
  kind: z
    .enum(['assessment', 'qualification'])
    .describe('On which protocol: vurderingsprotokoll or kvalifikasjonsprotokoll (RX-13)'),
  partOf: key.nullable().describe('Key of the qualification that an assessment belongs to (RX-14)'),
  category: z.enum(['qualification', 'course', 'module', 'thesis', 'other']),
  code: text(60).meta({ example: 'RES-100' }),
  nameNb: text(300),
  nameEn: text(300),
  thesisTitle: text(1_000).nullable(),
  term: text(40).nullable().meta({ example: '2026 VÅR' }),
  credits: z
    .string()
    .regex(/^\d{1,4}(\.\d{1,2})?$/)
    .nullable()
    .meta({ example: '7.5' }),
  result: text(40).nullable().meta({ example: 'C' }),
  gradingScheme: text(300).nullable(),
  passed: z.boolean().describe('Only what is passed is handed over (RX-13)'),
  passedOn: day.nullable(),
  diplomaOn: day.nullable().describe('Of a qualification: Dato_Utlev_Vitn. It is handed over from the day after (RX-27)'),
  description: text(20_000).nullable(),
};
const entry = z.strictObject({
  ...fields,
  partOf: fields.partOf.default(null),
  thesisTitle: fields.thesisTitle.default(null),
  term: fields.term.default(null),
  credits: fields.credits.default(null),
  result: fields.result.default(null),
  gradingScheme: fields.gradingScheme.default(null),
  passedOn: fields.passedOn.default(null),
  diplomaOn: fields.diplomaOn.default(null),
  description: fields.description.default(null),
});
const changes = z
  .strictObject(fields)
  .partial()
  .refine((given) => Object.keys(given).length > 0);
const kept = z.object({
  ...fields,
  nameLanguage: z.enum(['sv']).nullable().describe('`sv` where `nameNb` is in Swedish: the name of the register'),
  key: z.string(),
  withdrawnOn: z.string().nullable(),
  cameFrom: z.string().describe('result-list, complaint or entered'),
  changedAt: z.string(),
  onward: z
    .array(
      z.object({
        institution: z.string(),
        changedAt: z.string(),
        toldAt: z.string().nullable().describe('Null until the institution took it; it is tried for 400 days'),
        attempts: z.number().int(),
      }),
    )
    .describe('Whom the last change has to be told, for they had been handed the result (RX-33)'),
});

/** Our own protocols, which we answer from when others ask (RX-13, RX-33). */
export function protocolRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath): void {
  const { db } = world;
  const headers = z.object({ 'idempotency-key': idempotencyKey });
  const tags = ['Exchange of results'];
  const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } });

  app.openapi(
    createRoute({
      method: 'post',
      path: '/protocol',
      tags,
      summary: 'Enter a result or a degree into our own protocols (RX-33)',
      description: 'By exam-office. Results of lists that have arrived, and grades that a complaint changed, come by themselves.',
      request: {
        headers,
        body: body(z.strictObject({ person: z.uuid().toLowerCase().describe('A registered student'), entry })),
      },
      responses: { 201: json(z.object({ key: z.string().describe('Under which it is exchanged') }), 'Entered'), ...problems },
    }),
    async (c) => {
      const { actor, zone } = c.get('known');
      const given = c.req.valid('json');
      const made = await once(
        db,
        {
          action: 'protocol.enter-result',
          about: given.person,
          body: given,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => enterResult(tx, { actor, at: new Date().toISOString(), zone, ...given }, trace),
      );
      return ('refused' in made ? refused(c, made) : c.json(made, 201)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/protocol/{result}/correct',
      tags,
      summary: 'Correct a result on our protocols; institutions that fetched it are told (RX-33)',
      description: 'By exam-office. What is withdrawn stands again.',
      request: { params: z.object({ result: key }), headers, body: body(z.strictObject({ changes, reason })) },
      responses: { 200: json(z.object({ key: z.string(), changed: z.array(z.string()) }), 'Corrected'), ...problems },
    }),
    async (c) => {
      const { actor, zone } = c.get('known');
      const [{ result }, given] = [c.req.valid('param'), c.req.valid('json')];
      const done = await once(
        db,
        {
          action: 'protocol.correct-result',
          about: result,
          body: given,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => correctResult(tx, { actor, at: new Date().toISOString(), zone, key: result, ...given }, trace),
      );
      return ('refused' in done ? refused(c, done) : c.json(done, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/protocol/{result}/withdraw',
      tags,
      summary: 'Withdraw a result from our protocols; institutions that fetched it are told (RX-33)',
      description: 'By exam-office. It is kept, with the day.',
      request: { params: z.object({ result: key }), headers, body: body(z.strictObject({ reason })) },
      responses: { 200: json(z.object({ key: z.string(), withdrawnOn: z.string() }), 'Withdrawn'), ...problems },
    }),
    async (c) => {
      const { actor, zone } = c.get('known');
      const [{ result }, given] = [c.req.valid('param'), c.req.valid('json')];
      const done = await once(
        db,
        {
          action: 'protocol.withdraw-result',
          about: result,
          body: given,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => withdrawResult(tx, { actor, at: new Date().toISOString(), zone, key: result, ...given }, trace),
      );
      return ('refused' in done ? refused(c, done) : c.json(done, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/protocol',
      tags,
      summary: 'Our own protocols of a student, and who asked for them (RX-13, AU-08)',
      description:
        'By exam-office and auditor. That somebody read is kept: they cannot assess a result of the student anew afterwards (GC-13).',
      request: { query: z.strictObject({ person: z.uuid().toLowerCase() }) },
      responses: {
        200: json(
          z.object({
            results: z.array(kept),
            withheld: z.number().int().describe('Results that you must not see, for you assess them anew (GC-13)'),
            disclosures: z
              .array(
                z.object({
                  institution: z.string(),
                  question: z.string(),
                  basis: z.string(),
                  outcome: z.string(),
                  results: z.number().int(),
                  askedAt: z.string(),
                }),
              )
              .describe('The newest 500'),
          }),
          'Protocols',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const known = c.get('known');
      const { person } = c.req.valid('query');
      const read = await db.$transaction((tx) => readProtocol(tx, { actor: known.actor, person, requestId: c.get('requestId') }));
      return (
        'refused' in read
          ? respond(c, await path.traced(read, { known, requestId: c.get('requestId'), action: 'protocol.read', caseId: null }))
          : c.json(read, 200)
      ) as never;
    },
  );
}
