import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse } from '../../workflows/process.js';
import { holding, may } from '../../workflows/rights.js';
import { append } from '../../activities/audit.js';
import { once } from '../../activities/case/once.js';
import { replaceNumber } from '../../activities/exchange/replace-number.js';
import type { World } from '../../activities/index.js';
import { norwegianNumber } from '../../activities/norwegian-number.js';
import { findStudent, readStudent, registerStudent } from '../../activities/students.js';
import type { CommandPath } from '../command-path.js';
import { refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';
import { idempotencyKey, json, problems } from './shapes.js';

const kind = z.enum(['birth', 'd-number', 'h-number', 'synthetic', 'fs-test', 'temporary']);
const nationalNumber = z
  .string()
  .min(1)
  .max(20)
  .describe('National number, as people write it')
  .openapi({ example: '01536112185' });
const name = z.string().trim().min(1).max(200);
const registration = z.strictObject({
  number: nationalNumber,
  temporary: z.boolean().optional().describe('The number is a temporary one, of an institution (RX-29)'),
  givenName: name,
  surname: name,
  birthDate: z.string().min(1).max(20).describe('YYYY-MM-DD'),
  email: z.email().max(320),
  language: z.enum(['sv', 'nb', 'en']),
  signIn: z.uuid().toLowerCase().nullish().describe('The id under which they sign in (Studentweb); left out where they do not'),
});
const studentShape = z
  .object({
    person: z.uuid(),
    number: z.string(),
    numberKind: kind,
    givenName: z.string(),
    surname: z.string(),
    birthDate: z.string(),
    email: z.string(),
    language: z.string(),
    signsIn: z.boolean(),
    formerNumbers: z.array(z.object({ number: z.string(), numberKind: z.string(), replacedOn: z.string() })).readonly(),
  })
  .openapi('Student');

/** Students: registered, found, read (RX-31, RX-32). National numbers travel in bodies, never in addresses. */
export function studentRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath): void {
  const headers = z.object({ 'idempotency-key': idempotencyKey });
  const by = `By ${holding('handle-students')}.`;

  app.openapi(
    createRoute({
      method: 'post',
      path: '/students',
      tags: ['Students'],
      summary: 'Register a student (RX-32)',
      description: by,
      request: { headers, body: { required: true, content: { 'application/json': { schema: registration } } } },
      responses: { 201: json(z.object({ person: z.uuid(), numberKind: kind }), 'Registered'), ...problems },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const student = c.req.valid('json');
      const made = await once(
        world.db,
        {
          action: 'students.register',
          about: 'students',
          body: student,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => registerStudent(tx, { actor, student, today }, trace),
      );
      return ('refused' in made ? refused(c, made) : c.json(made, 201, { Location: `/students/${made.person}` })) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/students/{person}/replace-number',
      tags: ['Students'],
      summary: 'Replace a number that is temporary, a D-number, an H-number or mistyped (RX-29)',
      description: `By ${holding('replace-number')}. Results on our protocols follow, and the former number is kept. One that was \`mistyped\` is not among their former ones, only results that were entered by hand follow, whoever was handed them is told, and what was fetched from elsewhere is removed: it may be somebody else's. With \`merge\`, the person who has the number already and this one become one; \`person\` of the answer is who stays.`,
      request: {
        params: z.object({ person: z.uuid().toLowerCase() }),
        headers,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.strictObject({
                number: nationalNumber,
                mistyped: z.boolean().optional().describe('The number so far was never theirs'),
                merge: z.uuid().toLowerCase().optional().describe('Who has the number already, and is the same human being'),
                reason: z.string().trim().min(3).max(2_000),
              }),
            },
          },
        },
      },
      responses: {
        200: json(z.object({ person: z.uuid(), merged: z.uuid().nullable(), numberKind: kind }), 'Replaced'),
        ...problems,
      },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const [{ person: id }, given] = [c.req.valid('param'), c.req.valid('json')];
      const done = await once(
        world.db,
        {
          action: 'students.replace-number',
          about: id,
          body: given,
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        (tx, trace) => replaceNumber(tx, { actor, person: id, today, ...given }, trace),
      );
      return ('refused' in done ? refused(c, done) : c.json(done, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/find-student',
      tags: ['Students'],
      summary: 'Find a student by national number',
      description: `${by} Traced each time.`,
      request: {
        headers,
        body: { required: true, content: { 'application/json': { schema: z.strictObject({ number: nationalNumber }) } } },
      },
      responses: { 200: json(z.object({ person: z.uuid() }), 'Found'), ...problems },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const { number } = c.req.valid('json');
      const found = await once<{ person: string }>(
        world.db,
        {
          action: 'students.find',
          about: 'students',
          body: { number },
          idempotencyKey: c.req.valid('header')['idempotency-key'],
          actor,
          requestId: c.get('requestId'),
        },
        async (tx, trace) => {
          const digits = (norwegianNumber(number) ?? norwegianNumber(number, { temporary: true }))?.digits;
          const person =
            may(actor, 'handle-students') && digits
              ? await findStudent(tx, { institution: actor.institution, number: digits })
              : undefined;
          const no = may(actor, 'handle-students')
            ? refuse('missing', 'RX-32', 'no-such-number')
            : refuse('forbidden', 'RX-32', 'not-yours-to-give', { command: 'find' });
          await trace({ caseId: null, details: person ? { person } : {} }, person ? undefined : no);
          return person ? { person } : no;
        },
      );
      return ('refused' in found ? refused(c, found) : c.json(found, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/students/{person}',
      tags: ['Students'],
      summary: 'One student',
      description: `${by} Traced each time.`,
      request: { params: z.object({ person: z.uuid().toLowerCase() }) },
      responses: { 200: json(studentShape, 'The student'), ...problems },
    }),
    async (c) => {
      const known = c.get('known');
      const { actor } = known;
      const about = { known, requestId: c.get('requestId'), action: 'students.open', caseId: null };
      if (!may(actor, 'handle-students'))
        return respond(c, await path.traced(refuse('forbidden', 'RX-32', 'not-yours-to-open'), about)) as never;
      const student = await readStudent(world.db, { institution: actor.institution, person: c.req.valid('param').person });
      if (!student) return respond(c, await path.traced(refuse('missing', 'RX-32', 'not-a-student'), about)) as never;
      await append(world.db, {
        institution: actor.institution,
        caseId: null,
        actor: actor.id,
        action: about.action,
        outcome: 'done',
        requestId: about.requestId,
        at: new Date().toISOString(),
        details: { person: student.person },
      });
      return c.json(student, 200);
    },
  );
}
