import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { ComplaintData, Round } from '../../workflows/complaint/complaint.js';
import { refuse, type CaseView, type Refusal } from '../../workflows/process.js';
import { may } from '../../workflows/rights.js';
import { readCase } from '../../activities/case/case-row.js';
import type { Process } from '../../activities/case/registered-process.js';
import { appointmentOf } from '../../activities/complaint/committees.js';
import { candidatePage, casesBefore } from '../../activities/complaint/protocol-facts.js';
import { seesWhole } from '../../activities/complaint/sight.js';
import { renderProtocol, type CandidatePage } from '../../activities/complaint/protocol.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import type { ApiEnv } from '../sign-in.js';
import { openFor, respond, traceOpening } from './cases.js';
import { number, problems } from './shapes.js';

/** The assessment protocol of a complaint, to be signed by hand (GC-38..41). */
export function complaintProtocolRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/complaints/{number}/protocol',
      tags: [process.definition.title.en],
      summary: 'FS566.001, the assessment protocol as PDF, with the committee and lines to sign (GC-38)',
      description:
        'By case-worker, exam-office. Says neither the first grade nor the decision, and of the second grading no name of the student, for those who sign must not know them.',
      request: {
        params: z.object({ number }),
        query: z.strictObject({
          round: z.enum(['2', '3']).optional().describe('The second grading or the further assessment; the newest unless told'),
          candidates: z
            .enum(['one', 'all'])
            .default('one')
            .describe("This case's, or all of the committee's, each on a page of their own (GC-39)"),
          language: z.enum(['sv', 'nb', 'en']).optional(),
        }),
      },
      responses: {
        200: { description: 'PDF', content: { 'application/pdf': { schema: z.string().openapi({ format: 'binary' }) } } },
        ...problems,
      },
    }),
    async (c) => {
      const subject = (await openFor(c, world, path, process)) as CaseView<ComplaintData> | Response;
      if (subject instanceof Response) return subject;
      const { db } = world;
      const known = c.get('known');
      const no = (refusal: Refusal) =>
        path
          .traced(refusal, { known, requestId: c.get('requestId'), action: 'complaint.print', caseId: subject.id })
          .then((given) => respond(c, given) as never);
      if (!may(known.actor, 'print-complaint-protocol'))
        return no(refuse('forbidden', 'GC-38', 'not-yours-to-give', { command: 'protocol' }));
      const { round, candidates, language } = c.req.valid('query');
      const appointed = await appointmentOf(db, subject.id, round && (Number(round) as Round));
      if (!appointed) return no(refuse('conflict', 'GC-38', 'no-committee'));
      const pages: CandidatePage[] = [];
      for (const id of candidates === 'all' ? await casesBefore(db, appointed) : [subject.id]) {
        const one = id === subject.id ? subject : ((await readCase(db, { id }))?.subject as CaseView<ComplaintData> | undefined);
        if (!one) continue;
        if (!(await seesWhole(db, one, known.actor))) return no(refuse('forbidden', 'GC-13', 'sits-on-the-committee'));
        const page = await candidatePage(db, one, { ...appointed, zone: known.zone });
        if ('refused' in page) return no(page);
        if (one.id !== subject.id)
          await traceOpening(world, process, {
            subject: one,
            actor: known.actor,
            day: known.today,
            requestId: c.get('requestId'),
          });
        pages.push(page);
      }
      const institution = await db.institution.findUniqueOrThrow({ where: { code: subject.institution } });
      const pdf = await renderProtocol({
        institution: institution.name,
        pages,
        language: language ?? (institution.language as 'nb'),
        at: new Date().toISOString(),
      });
      return c.body(new Uint8Array(pdf), 200, {
        'Content-Type': 'application/pdf',
        'Content-Disposition': `inline; filename="protocol-${subject.number}.pdf"`,
        'Cache-Control': 'no-store',
      }) as never;
    },
  );
}
