import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { refuse, type CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { faultText, verifyList, type Verification } from '../../activities/result-list/verification.js';
import { renderSignatureDocument } from '../../activities/result-list/signature-document.js';
import { checkTitles } from '../../activities/result-list/verification-words.js';
import { nameIn } from '../../activities/case/people.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import { languageOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { openWithResults, respond } from './cases.js';
import { json, number, problems } from './shapes.js';

const verificationShape = z
  .object({
    number: z.string(),
    version: z.number().int(),
    sha256: z.string(),
    rows: z.number().int().nullable(),
    signed: z.object({
      by: z.string(),
      for: z.string().nullable().describe('The examiner they acted for (RL-36)'),
      name: z.string().describe('"X for Y" where X acted for Y'),
      method: z.enum(['sms', 'bankid']),
      at: z.string(),
    }),
    verifiedAt: z.string(),
    holds: z.boolean().describe('Every check holds'),
    checks: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        passed: z.boolean(),
        reason: z.string().nullable(),
        detail: z.string().nullable(),
        text: z.string().nullable(),
      }),
    ),
    audit: z
      .object({ from: z.string(), to: z.string(), before: z.string(), after: z.string() })
      .nullable()
      .describe('The entries of the audit that were walked, and the hashes at both ends'),
    lists: z
      .number()
      .int()
      .nullable()
      .describe('How many lists the one signature with BankID was given for, this one among them'),
    root: z.string().nullable().describe('SHA-256 fingerprint of the root that was trusted at the signing'),
  })
  .openapi('Verification');

/** Verifying the signature of a list, for whoever may open it, also years later (BE-03). */
export function verificationRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { db } = world;

  /** Opens and verifies a list, or answers why not. */
  const verified = async (c: Context<ApiEnv>): Promise<{ subject: CaseView<ListData>; found: Verification } | Response> => {
    const opened = await openWithResults(c, world, path, process);
    if (opened instanceof Response) return opened;
    const subject = opened as CaseView<ListData>;
    const found = await verifyList(db, subject);
    if (found) return { subject, found };
    const refusal = refuse('conflict', 'RL-38', 'wrong-state', { command: 'verification', state: subject.state });
    return respond(
      c,
      await path.traced(refusal, {
        known: c.get('known'),
        requestId: c.get('requestId'),
        action: 'result-list.verify',
        caseId: subject.id,
      }),
    );
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/result-lists/{number}/verification',
      tags: ['Result list'],
      summary: 'Whether the signature holds, check by check',
      request: { params: z.object({ number }) },
      responses: { 200: json(verificationShape, 'Each check, and whether all hold'), ...problems },
    }),
    async (c) => {
      const verification = await verified(c);
      if (verification instanceof Response) return verification as never;
      const {
        subject,
        found: { signed, checks, names, ...found },
      } = verification;
      const language = languageOf(c);
      return c.json(
        {
          number: subject.number,
          version: signed.version,
          sha256: signed.hash,
          signed: {
            by: signed.by,
            for: signed.for ?? null,
            name: nameIn(names, signed, language),
            method: signed.method,
            at: signed.at,
          },
          ...found,
          verifiedAt: new Date().toISOString(),
          checks: checks.map(({ name, fault }) => ({
            name,
            title: checkTitles[name][language],
            passed: !fault,
            reason: fault?.code ?? null,
            detail: fault?.detail ?? null,
            text: fault ? faultText(fault, language) : null,
          })),
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/result-lists/{number}/verification/document',
      tags: ['Result list'],
      summary: 'The verification as PDF, for the archive',
      request: { params: z.object({ number }), query: z.object({ language: z.enum(['sv', 'nb', 'en']).optional() }) },
      responses: {
        200: { description: 'PDF', content: { 'application/pdf': { schema: z.string().openapi({ format: 'binary' }) } } },
        ...problems,
      },
    }),
    async (c) => {
      const verification = await verified(c);
      if (verification instanceof Response) return verification;
      const { subject, found } = verification;
      const institution = await db.institution.findUniqueOrThrow({ where: { code: subject.institution } });
      const pdf = await renderSignatureDocument({
        number: subject.number,
        institution: institution.name,
        course: subject.data.course,
        module: subject.data.module,
        verification: found,
        verifiedAt: new Date().toISOString(),
        zone: institution.zone,
        language: c.req.valid('query').language ?? (institution.language as 'sv'),
      });
      return c.body(new Uint8Array(pdf), 200, {
        'Content-Type': 'application/pdf',
        'Content-Disposition': `inline; filename="signature-${subject.number}.pdf"`,
        'Cache-Control': 'no-store',
      }) as never;
    },
  );
}
