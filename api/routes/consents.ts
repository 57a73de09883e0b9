import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '../../workflows/process.js';
import { holding, may } from '../../workflows/rights.js';
import { append } from '../../activities/audit.js';
import { once } from '../../activities/case/once.js';
import { namesOf } from '../../activities/case/people.js';
import { consentsOf, enterConsent, lettersAbout, type ConsentRecord } from '../../activities/consents.js';
import { consentQuestion } from '../../activities/exchange/question.js';
import type { World } from '../../activities/index.js';
import { settingOn } from '../../activities/settings.js';
import type { CommandPath } from '../command-path.js';
import { refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';
import { idempotencyKey, json, problems } from './shapes.js';

const consentShape = z
  .object({
    seq: z.string(),
    type: z.string().describe('As the record spells it (RX-07)'),
    answer: z.enum(['J', 'N']),
    on: z.string(),
    cameFrom: z.enum(['studentweb', 'staff', 'application']),
    enteredBy: z.string(),
    enteredAt: z.string(),
    reason: z.string().nullable(),
    counts: z.boolean().describe('The last answer counts'),
    told: z
      .string()
      .nullable()
      .describe('How the letter stands that tells the student of it; null where they answered themselves'),
  })
  .openapi('Consent');
const text = z.object({ sv: z.string(), nb: z.string(), en: z.string() });
const questionShape = z
  .object({
    type: z.string(),
    record: z.string(),
    sequence: z.object({ termRegistration: z.number().int(), studentWebModule: z.number().int() }),
    citation: z.string(),
    title: text,
    text,
    answered: z
      .object({ answer: z.enum(['J', 'N']), on: z.string() })
      .nullable()
      .describe('Your own last answer'),
  })
  .openapi('ConsentQuestion');

/** What students are asked, and what they answered (RX-05..09, AU-07). */
export function consentRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath): void {
  const { db } = world;
  const shown = async (records: readonly ConsentRecord[]) => {
    const letters = await lettersAbout(db, records);
    return records.map((one, place) => ({ ...one, counts: place === 0, told: letters.get(one.seq) ?? null }));
  };

  app.openapi(
    createRoute({
      method: 'post',
      path: '/consents',
      tags: ['Consents'],
      summary: 'Answer whether results may be fetched from elsewhere (RX-06, RX-07)',
      description: `By the student for themselves (\`person\` left out); by ${holding('handle-students')} for a student, with a reason (RX-08); by integration as it came with an application (RX-09). The last answer counts. After an N nothing more is fetched on the ground of consent; \`basis\` says what the institution fetches on.`,
      request: {
        headers: z.object({ 'idempotency-key': idempotencyKey }),
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                answer: z.enum(['J', 'N']),
                person: z.uuid().toLowerCase().optional(),
                on: z
                  .string()
                  .min(1)
                  .max(20)
                  .optional()
                  .describe('YYYY-MM-DD, the day of the answer; today unless told, never in the future'),
                reason: z.string().trim().min(3).max(2_000).optional().describe('How it came in, where staff enter it'),
              }),
            },
          },
        },
      },
      responses: {
        201: json(
          consentShape.omit({ counts: true, told: true }).extend({ basis: z.enum(['consent', 'statute']) }),
          'Written down',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const asked = c.req.valid('json');
      const person = asked.person ?? actor.id;
      const given = await once(
        db,
        {
          action: 'consents.enter',
          about: `consent/${person}`,
          body: asked,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        async (tx, trace) => {
          const { basis } = await settingOn(tx, { institution: actor.institution, name: 'exchange-legal-basis', on: today });
          const entered = await enterConsent(
            tx,
            { actor, person, answer: asked.answer, on: asked.on ?? today, reason: asked.reason, today },
            trace,
          );
          return 'refused' in entered ? entered : { ...entered, basis };
        },
      );
      return ('refused' in given ? refused(c, given) : c.json(given, 201)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/consents',
      tags: ['Consents'],
      summary: 'What a student answered, the newest first (RX-07)',
      description: `By ${holding('read-consents')}. Traced each time.`,
      request: { query: z.strictObject({ person: z.uuid().toLowerCase() }) },
      responses: {
        200: json(
          z.object({ items: z.array(consentShape), people: z.record(z.string(), z.string()).describe('Names by id') }),
          'The answers',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const known = c.get('known');
      const { actor } = known;
      const { person } = c.req.valid('query');
      const about = { known, requestId: c.get('requestId'), action: 'consents.open', caseId: null };
      if (!may(actor, 'read-consents'))
        return respond(c, await path.traced(refuse('forbidden', 'RX-07', 'not-yours-to-open'), about)) as never;
      const records = await consentsOf(db, { institution: actor.institution, person });
      await append(db, {
        institution: actor.institution,
        caseId: null,
        actor: actor.id,
        action: about.action,
        outcome: 'done',
        requestId: about.requestId,
        at: new Date().toISOString(),
        details: { person, answers: records.length },
      });
      return c.json(
        { items: await shown(records), people: await namesOf(db, [...new Set(records.map(({ enteredBy }) => enteredBy))]) },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/me/consents',
      tags: ['Consents'],
      summary: 'What you answered, the newest first',
      responses: { 200: json(z.object({ items: z.array(consentShape) }), 'Your answers'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      return c.json({ items: await shown(await consentsOf(db, { institution: actor.institution, person: actor.id })) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/consent-questions',
      tags: ['Consents'],
      summary: 'What Studentweb has to ask, with its sequence numbers (RX-05, RX-06)',
      responses: {
        200: json(
          z.object({ items: z.array(questionShape) }),
          'One question, or none where the type is not active or no consent is needed',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const question = await consentQuestion(db, { institution: actor.institution, on: today });
      const [newest] = await consentsOf(db, { institution: actor.institution, person: actor.id });
      return c.json(
        { items: question ? [{ ...question, answered: newest ? { answer: newest.answer, on: newest.on } : null }] : [] },
        200,
      );
    },
  );
}
