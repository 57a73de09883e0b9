import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { definition } from '../../workflows/complaint/definition.js';
import { timeFrom } from '../../workflows/complaint/period.js';
import { refuse, type Language, type Refusal, type Text } from '../../workflows/process.js';
import { roleTexts } from '../../workflows/roles.js';
import { daysBetween } from '../../workflows/rules/civil-time.js';
import { may } from '../../workflows/rights.js';
import { append } from '../../activities/audit.js';
import { csv, type Cell } from '../../activities/csv.js';
import { decisionTexts } from '../../activities/complaint/decision-words.js';
import { heads, notDecided, typeTexts, yes } from '../../activities/complaint/report-words.js';
import {
  complaintDistribution,
  complaintReport,
  unfinishedComplaints,
  type DistributionRow,
  type ReportRow,
  type UnfinishedRow,
} from '../../activities/complaint/reports.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import { languageOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { respond } from './cases.js';
import { json, page, problems } from './shapes.js';

/** Rows of one CSV; more are ordered for a shorter period or fewer courses. */
const MOST_ROWS = 5_000;

const code = z.string().min(1).max(20);
const time = z
  .string()
  .max(10)
  .refine((text) => timeFrom(text) !== undefined, 'year and month or season')
  .transform((text) => timeFrom(text))
  .meta({ example: '2026-JUN' });
const types = z.enum(['grading', 'explanation', 'formal-error']);
const form = z.strictObject({
  format: z.enum(['json', 'csv']).default('json'),
  separator: z.enum(['comma', 'semicolon']).default('comma').describe('Of a CSV'),
  mark: z.enum(['true', 'false']).default('false').describe('A byte order mark before a CSV, for Excel'),
});
const ordered = form.extend({
  course: code.optional(),
  from: time.optional().describe('First month or season, such as 2026-JAN'),
  to: time.optional().describe('Last month or season'),
  type: types.optional(),
});
const placed = ordered.extend({
  place: code.optional().describe('Code of the place (sted) that offers the course'),
  campus: code.optional(),
});

const timeShape = z.object({ year: z.number().int(), term: z.string() });
const nullable = z.string().nullable();
const named = { course: z.string(), courseName: nullable };
const rowShape = z
  .object({
    number: z.string(),
    journalNumber: nullable,
    type: types,
    typeText: z.string(),
    ...named,
    version: z.string(),
    combination: z.string(),
    time: timeShape,
    realTime: timeShape,
    place: z.object({ code: z.string(), name: z.string() }).nullable(),
    campus: nullable,
    student: z.string(),
    name: nullable,
    candidate: nullable,
    received: z.string(),
    deadline: nullable,
    sent: nullable,
    committees: z.array(z.number().int()),
    originalGrade: nullable,
    protocolGrade: nullable,
    decision: nullable,
    decisionText: z.string(),
    communicated: nullable,
    finished: z.boolean(),
    note: nullable,
    responsible: z.string(),
    withheld: z
      .boolean()
      .describe('You sit on the committee of its open second grading: what would tell of the first assessment is left out'),
  })
  .openapi('ComplaintReportRow');
const distributionShape = z
  .object({
    type: types,
    typeText: z.string(),
    decision: nullable,
    decisionText: z.string(),
    course: nullable,
    courseName: nullable,
    count: z.number().int(),
  })
  .openapi('ComplaintDistributionRow');
const unfinishedShape = z
  .object({
    number: z.string(),
    journalNumber: nullable,
    type: types,
    typeText: z.string(),
    ...named,
    received: z.string(),
    deadline: nullable,
    daysLeft: z.number().int().nullable().describe('Below zero: so many days late'),
    state: z.string(),
    stateText: z.string(),
    waitingFor: nullable,
    waitingForText: nullable,
    responsible: z.string(),
  })
  .openapi('UnfinishedComplaint');

type Column = keyof typeof heads;

/** Leaves a reading without a trace of what was read: nothing of it is handed over. */
class TooLarge extends Error {}

/** FS579.001 to .003, the reports on explanations and complaints (GC-47..50), as JSON by page or as CSV. */
export function complaintReportRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath): void {
  const { db } = world;
  const tags = ['Reports'];
  const answers = <S extends z.ZodType>(shape: S, what: string) => ({
    200: { description: what, content: { ...json(shape, what).content, 'text/csv': { schema: z.string() } } },
    ...problems,
  });
  const description = 'By case-worker, exam-office, auditor.';
  const nameIn = (row: { courseNameNb: string | null; courseNameEn: string | null }, language: Language) =>
    language === 'en' ? row.courseNameEn : row.courseNameNb;

  const decidedIn = ({ decision }: Pick<ReportRow, 'decision'>, language: Language): string =>
    (decision ? decisionTexts[decision] : notDecided)[language];

  /** A report that is not given, traced (AU-02). */
  const notGiven = async (c: Context<ApiEnv>, refusal: Refusal): Promise<Response> =>
    respond(
      c,
      await path.traced(refusal, {
        known: c.get('known'),
        requestId: c.get('requestId'),
        action: 'complaint.report',
        caseId: null,
      }),
    );

  /** Refuses whom the reports are not for. */
  const notForThem = async (c: Context<ApiEnv>, rule: string): Promise<Response | undefined> =>
    may(c.get('known').actor, 'report-complaints') ? undefined : notGiven(c, refuse('forbidden', rule, 'not-yours-to-open'));

  /** A table in the reader's language as CSV, with a name to be saved under. */
  function table<Name extends Column>(
    c: Context<ApiEnv>,
    { report, separator, mark }: { report: string; separator: string; mark: string },
    rows: readonly Readonly<Record<Name, Cell>>[],
    columns: readonly Name[],
  ): Response {
    const language = languageOf(c);
    const text = csv(
      columns.map((name) => (heads[name] as Text)[language]),
      rows.map((row) => columns.map((name) => row[name])),
      { separator: separator === 'semicolon' ? ';' : ',', mark: mark === 'true' },
    );
    return c.body(text, 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Language': language,
      'Content-Disposition': `attachment; filename="${report}.csv"`,
    });
  }

  const tooLarge = (c: Context<ApiEnv>, rule: string) =>
    notGiven(c, refuse('invalid', rule, 'report-too-large', { most: MOST_ROWS }));
  const rowsWanted = (asked: { format: string; limit: number }) => (asked.format === 'csv' ? MOST_ROWS : asked.limit);

  app.openapi(
    createRoute({
      method: 'get',
      path: '/reports/complaints',
      tags,
      summary: 'FS579.001, explanations and complaints, with the original result and the one in the protocol (GC-47, GC-48)',
      description: `${description} By place or course in a period, or by assessment unit (course, version, combination, time), by real time. Who reads an open complaint here cannot assess it anew.`,
      request: {
        query: placed.extend({
          ...page.shape,
          version: code.optional(),
          combination: code.optional(),
          decision: z
            .enum(['in-favour', 'against', 'unchanged', 'dismissed', 'withdrawn', 'explained'])
            .optional()
            .describe('Any unless told'),
          finished: z.enum(['yes', 'no']).optional().describe('Any unless told'),
        }),
      },
      responses: answers(z.object({ items: z.array(rowShape), next: nullable }), 'A page, the oldest first'),
    }),
    async (c) => {
      const no = await notForThem(c, 'GC-47');
      if (no) return no;
      const { actor } = c.get('known');
      const language = languageOf(c);
      const { finished, limit, after, format, separator, mark, ...asked } = c.req.valid('query');
      const filter = { ...asked, finished: finished === undefined ? undefined : finished === 'yes' };
      const read = db.$transaction(async (tx) => {
        const report = await complaintReport(tx, actor, filter, { after: after ?? '0', limit: rowsWanted({ format, limit }) });
        if (format === 'csv' && report.next !== null) throw new TooLarge();
        await append(tx, {
          institution: actor.institution,
          caseId: null,
          actor: actor.id,
          action: 'complaint.report',
          outcome: 'done',
          requestId: c.get('requestId'),
          at: new Date().toISOString(),
          details: { report: 'FS579.001', rows: report.rows.length, ...given(asked) },
        });
        return report;
      });
      const found = await read.catch((cause: unknown) => {
        if (cause instanceof TooLarge) return undefined;
        throw cause;
      });
      if (!found) return tooLarge(c, 'GC-47');
      const shown = ({ courseNameNb, courseNameEn, ...row }: ReportRow) => ({
        ...row,
        committees: [...row.committees],
        courseName: nameIn({ courseNameNb, courseNameEn }, language),
        typeText: typeTexts[row.type][language],
        decisionText: row.withheld ? '' : decidedIn(row, language),
      });
      if (format === 'json') return c.json({ items: found.rows.map(shown), next: found.next }, 200);
      const written = found.rows
        .map(shown)
        .map((row) => ({
          ...row,
          type: row.typeText,
          decision: row.decisionText,
          time: `${row.time.year} ${row.time.term}`,
          realTime: `${row.realTime.year} ${row.realTime.term}`,
          place: row.place && `${row.place.code} ${row.place.name}`,
          committees: row.committees.join(' '),
          finished: yes(row.finished, language),
          withheld: yes(row.withheld, language),
        }));
      return table(c, { report: 'FS579.001', separator, mark }, written, [
        'number',
        'journalNumber',
        'type',
        'course',
        'courseName',
        'version',
        'combination',
        'time',
        'realTime',
        'place',
        'campus',
        'student',
        'name',
        'candidate',
        'received',
        'deadline',
        'sent',
        'committees',
        'originalGrade',
        'protocolGrade',
        'decision',
        'communicated',
        'finished',
        'note',
        'responsible',
        'withheld',
      ]) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/reports/complaints/distribution',
      tags,
      summary: 'FS579.002, how explanations and complaints fall on types and decisions in a period (GC-49)',
      description,
      request: {
        query: ordered.extend({
          courses: z.enum(['true', 'false']).default('false').describe('Code and name of the course on each row (emnefordeling)'),
        }),
      },
      responses: answers(z.object({ items: z.array(distributionShape), total: z.number().int() }), 'The distribution'),
    }),
    async (c) => {
      const no = await notForThem(c, 'GC-49');
      if (no) return no;
      const language = languageOf(c);
      const { courses, format, separator, mark, ...filter } = c.req.valid('query');
      const rows = await complaintDistribution(db, c.get('known').actor, filter, courses === 'true');
      const items = rows.map(({ courseNameNb, courseNameEn, ...row }: DistributionRow) => ({
        ...row,
        courseName: nameIn({ courseNameNb, courseNameEn }, language),
        typeText: typeTexts[row.type][language],
        decisionText: decidedIn(row, language),
      }));
      if (format === 'json') return c.json({ items, total: items.reduce((sum, { count }) => sum + count, 0) }, 200);
      const written = items.map((row) => ({ ...row, type: row.typeText, decision: row.decisionText }));
      return table(c, { report: 'FS579.002', separator, mark }, written, [
        'type',
        'decision',
        ...(courses === 'true' ? (['course', 'courseName'] as const) : []),
        'count',
      ]) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/reports/complaints/unfinished',
      tags,
      summary: 'FS579.003, explanations and complaints that are not finished (GC-50)',
      description,
      request: { query: placed.extend(page.shape) },
      responses: answers(z.object({ items: z.array(unfinishedShape), next: nullable }), 'A page, the oldest first'),
    }),
    async (c) => {
      const no = await notForThem(c, 'GC-50');
      if (no) return no;
      const { actor, today } = c.get('known');
      const language = languageOf(c);
      const { limit, after, format, separator, mark, ...filter } = c.req.valid('query');
      const found = await unfinishedComplaints(db, actor, filter, { after: after ?? '0', limit: rowsWanted({ format, limit }) });
      const items = found.rows.map(({ courseNameNb, courseNameEn, ...row }: UnfinishedRow) => ({
        ...row,
        courseName: nameIn({ courseNameNb, courseNameEn }, language),
        typeText: typeTexts[row.type][language],
        daysLeft: row.deadline === null ? null : daysBetween(today, row.deadline),
        stateText: (definition.states as Readonly<Record<string, Text>>)[row.state]?.[language] ?? row.state,
        waitingForText: row.waitingFor && roleTexts[row.waitingFor][language],
      }));
      if (format === 'json') return c.json({ items, next: found.next }, 200);
      if (found.next !== null) return tooLarge(c, 'GC-50');
      const written = items.map((row) => ({ ...row, type: row.typeText, state: row.stateText, waitingFor: row.waitingForText }));
      return table(c, { report: 'FS579.003', separator, mark }, written, [
        'number',
        'journalNumber',
        'type',
        'course',
        'courseName',
        'received',
        'deadline',
        'daysLeft',
        'state',
        'waitingFor',
        'responsible',
      ]) as never;
    },
  );
}

/** What was asked for, without what was not. */
const given = (asked: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
