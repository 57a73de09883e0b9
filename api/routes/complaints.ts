import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import { readFile } from '../../activities/complaint/file.js';
import { readCase } from '../../activities/case/case-row.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import type { ApiEnv } from '../sign-in.js';
import { openFor } from './cases.js';
import { json, number, problems } from './shapes.js';

const personShape = z.object({ person: z.string(), name: z.string(), external: z.boolean() });
const fileShape = z
  .object({
    version: z.number().int(),
    student: z
      .object({
        number: z.string(),
        candidate: z.string().nullable(),
        givenName: z.string().nullable(),
        surname: z.string().nullable(),
      })
      .describe('Names only where the first assessment is shown'),
    firstAssessment: z
      .object({
        grade: z.string().nullable(),
        explanation: z.string().nullable(),
        explainedAt: z.string().nullable(),
        reasons: z.string().nullable(),
        note: z.string().nullable(),
      })
      .nullable()
      .describe('Null for whoever must not see it: the committee of an open second grading, whatever other role they hold'),
    committees: z.array(
      z.object({
        round: z.number().int(),
        number: z.number().int(),
        name: z.string(),
        appointedAt: z.string(),
        replacedAt: z.string().nullable(),
        members: z.array(personShape),
      }),
    ),
    gradings: z
      .array(
        z.object({
          id: z.string(),
          round: z.number().int(),
          grade: z.string(),
          mark: z.enum(['B', 'S']).describe('Passed or not (GC-20)'),
          registeredAt: z.string(),
          inProtocolAt: z.string().nullable(),
          reason: z.string().nullable(),
          deletedAt: z.string().nullable().describe('When it was deleted from the log, which only the auditor is shown'),
        }),
      )
      .describe('The log of re-gradings; empty where the first assessment is not shown'),
    recalculations: z
      .array(
        z.object({
          order: z.string(),
          trial: z.boolean(),
          doneAt: z.string(),
          units: z.array(
            z.object({ unit: z.record(z.string(), z.unknown()), before: z.string().nullable(), after: z.string().nullable() }),
          ),
        }),
      )
      .describe('Of the top grade (GC-28)'),
  })
  .openapi('ComplaintFile');

/**
 * What a complaint has beside its commands: the file with all that is about a person, as far as the reader may see it (beyond
 * 15).
 */
export function complaintRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/complaints/{number}/file',
      tags: ['Grade complaint'],
      summary: 'The student, the first assessment, the committees, and the log of re-gradings',
      request: { params: z.object({ number }) },
      responses: { 200: json(fileShape, 'The file, as far as you may see it'), ...problems },
    }),
    async (c) => {
      const opened = await openFor(c, world, path, process);
      if (opened instanceof Response) return opened as never;
      const file = await world.db.$transaction(async (tx) => {
        const found = await readCase(tx, { id: opened.id }, true);
        return readFile(tx, (found?.subject ?? opened) as CaseView<ComplaintData>, c.get('known').actor);
      });
      return c.json(file, 200) as never;
    },
  );
}
