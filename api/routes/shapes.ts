import { z } from '@hono/zod-openapi';

/** Shapes that several routes answer with. */
export const problemShape = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.number().int(),
    detail: z.string().describe("In the reader's language"),
    instance: z.string(),
    code: z.string(),
    rule: z.string().describe('Requirement id of the rule that refused, or "registrar"'),
    requestId: z.string(),
    details: z.record(z.string(), z.unknown()).optional(),
  })
  .openapi('Problem');

const json = <S extends z.ZodType>(schema: S, description: string) => ({
  description,
  content: { 'application/json': { schema } },
});
export { json };

const problem = (description: string) => ({ description, content: { 'application/problem+json': { schema: problemShape } } });

/** The refusals every route may answer with. */
export const problems = {
  400: problem('Malformed, or a header is missing'),
  401: problem('Not signed in'),
  403: problem('Refused: role, course or ownership'),
  404: problem('Not there'),
  409: problem('Refused by a rule or by the state of the case'),
  413: problem('Too large'),
  415: problem('Not JSON'),
  422: problem('Wrong form, or refused by a rule about the content'),
  429: problem('Too many commands of one case at once'),
  503: problem('Not now; retry with the same key'),
} as const;

/** The number of a case in an address. */
export const number = z
  .string()
  .regex(/^\d{1,15}$/)
  .openapi({ param: { name: 'number', in: 'path' }, example: '4711', description: 'Case number' });
/** The key of a command: at most 200 printable characters. */
export const idempotencyKey = z
  .string()
  .regex(/^[\x21-\x7e]{1,200}$/)
  .openapi({
    param: { name: 'idempotency-key', in: 'header' },
    description: 'Your own key for this command: the same key is answered the same, and happens once',
  });

/** What has to be seen about a case though it stops nothing. */
export const warnings = z.array(z.object({ code: z.string(), rule: z.string(), sv: z.string(), nb: z.string(), en: z.string() }));

const whyShape = z
  .object({
    basis: z.string(),
    from: z.string(),
    workingDays: z.number().int().optional(),
    days: z.number().int().optional(),
    weeks: z.number().int().optional(),
    skipped: z.array(z.object({ date: z.string(), name: z.string() })).readonly(),
    moved: z
      .array(z.object({ from: z.string(), by: z.string().describe('Id of the person'), movedOn: z.string() }))
      .readonly()
      .optional()
      .describe('Each time a person set another day: from which, who, when'),
  })
  .describe('What the day is counted from, and the days off that were skipped beside Saturdays and Sundays');

/** A deadline with its reason. */
export const dueShape = z.object({ on: z.string(), ends: z.string(), rule: z.string(), why: whyShape.optional() }).nullable();

/** A case after a command. */
export const snapshotShape = z
  .object({
    number: z.string(),
    kind: z.string(),
    state: z.string(),
    step: z.number().int(),
    version: z.number().int(),
    waitingFor: z.string().nullable(),
    due: dueShape,
  })
  .openapi('Snapshot');

/** The answer to a command that was decided. */
export const doneShape = z.object({ case: snapshotShape, answer: z.record(z.string(), z.unknown()).optional() }).openapi('Done');

/** Which page of a list is asked for. */
export const page = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(50).openapi({ description: 'At most 100' }),
  after: z
    .string()
    .regex(/^\d{1,15}$/)
    .optional()
    .openapi({ description: '`next` of the page before' }),
});
