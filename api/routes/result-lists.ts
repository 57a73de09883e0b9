import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { refuse, type Language, type Text } from '../../workflows/process.js';
import { problemsOf } from '../../workflows/result-list/filling.js';
import type { ListData, ListRow } from '../../workflows/result-list/list.js';
import { needingSignedArchiveList } from '../../workflows/result-list/signed-archive-list.js';
import { holding, may } from '../../workflows/rights.js';
import type { TransferReason } from '../../activities/ladok/transfer.js';
import { renderArchiveList } from '../../activities/result-list/archive-list.js';
import { readEntries } from '../../activities/result-list/entries.js';
import { controlNumber, readFrozen } from '../../activities/result-list/frozen.js';
import { settingValues } from '../../activities/settings.js';
import { readRegistrations, readRows } from '../../activities/result-list/rows.js';
import { nameIn, namesOf } from '../../activities/case/people.js';
import type { Process } from '../../activities/case/registered-process.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import { languageOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { openWithResults, respond, warningsOf } from './cases.js';
import { json, number, page, problems, warnings } from './shapes.js';

const rowShape = z
  .object({
    student: z.string(),
    personNumber: z.string(),
    surname: z.string(),
    givenName: z.string(),
    grade: z.string().nullable(),
    examinationDate: z.string().nullable(),
    score: z.string().nullable(),
    problem: z.enum(['date-missing', 'not-registered']).nullable(),
    problemText: z.string().nullable(),
    modules: z
      .array(z.object({ code: z.string(), grade: z.string(), date: z.string() }))
      .readonly()
      .optional()
      .describe('On a T34: what the student has completed (RL-25)'),
    transfer: z
      .object({
        state: z.string(),
        reason: z.string().nullable().describe('Why the register refused the row or differs from it, as a code'),
        reasonText: z.string().nullable().describe("The same in the reader's language, or in the register's own words"),
      })
      .nullable(),
    needsSignedArchiveList: z.boolean().describe('Examined before the electronic signature was enough (RL-50)'),
  })
  .openapi('ResultRow');

const entryShape = z
  .object({
    seq: z.string().describe('The entry of the audit that binds it'),
    at: z.string(),
    by: z.string().describe('Id of the person; of a fetch whoever ordered it'),
    for: z.string().nullable().describe('Whom they acted for (RL-36)'),
    command: z.enum(['save', 'correct', 'remove', 'fetched']),
    rows: z
      .array(
        z.object({
          student: z.string(),
          grade: z.string().nullable().optional(),
          examinationDate: z.string().nullable().optional(),
          score: z.string().nullable().optional(),
          notNow: z.literal(true).optional(),
        }),
      )
      .readonly()
      .describe('As they were given: a fetch fills only what was empty, and who was taken off has nothing beside the id'),
    unchanged: z.boolean().describe('Whether it still says what the audit has bound'),
  })
  .openapi('Entry');

/** What a row that cannot go on says (RL-22: a missing date reads as a missing registration, with its cause). */
const problemText = {
  'date-missing': {
    sv: 'Saknar terminsregistrering: det finns inget examinationsdatum att kontrollera mot.',
    nb: 'Mangler semesterregistrering: det finnes ingen eksamensdato å kontrollere mot.',
    en: 'Lacks term registration: there is no examination date to check against.',
  },
  'not-registered': {
    sv: 'Saknar giltig registrering på examinationsdatumet i den version av kursen som listan gäller.',
    nb: 'Mangler gyldig registrering på eksamensdatoen i den versjonen av emnet som listen gjelder.',
    en: 'Has no valid registration on the examination date in the version of the course that the list is about.',
  },
} as const;

/** Why a row is not where it should be in the register (RL-46). */
const reasonTexts: Readonly<Record<Exclude<TransferReason, 'refused-by-ladok'>, Text>> = {
  'grade-not-in-scale': {
    sv: 'Betyget finns inte i Ladoks betygsskala.',
    nb: 'Karakteren finnes ikke i Ladoks karakterskala.',
    en: "The grade is not in the register's scale.",
  },
  'not-on-occasion': {
    sv: 'Studenten finns i Ladok inte på något kurstillfälle med den version av kursen som listan gäller.',
    nb: 'Studenten er i Ladok ikke på noen undervisningsforekomst med den versjonen av emnet som listen gjelder.',
    en: 'In the register the student is on no occasion with the version of the course that the list is about.',
  },
  'ready-with-other-content': {
    sv: 'I Ladok är redan ett annat resultat klarmarkerat.',
    nb: 'I Ladok er et annet resultat allerede klarmerket.',
    en: 'Another result is already marked ready in the register.',
  },
  'attested-with-other-content': {
    sv: 'I Ladok är ett annat resultat attesterat.',
    nb: 'I Ladok er et annet resultat attestert.',
    en: 'Another result has been attested in the register.',
  },
  'changed-meanwhile': {
    sv: 'Resultatet ändrades i Ladok medan det fördes över.',
    nb: 'Resultatet ble endret i Ladok mens det ble overført.',
    en: 'The result was changed in the register during the transfer.',
  },
  annulled: {
    sv: 'Resultatet är makulerat i Ladok.',
    nb: 'Resultatet er makulert i Ladok.',
    en: 'The result has been annulled in the register.',
  },
  'annulled-later': {
    sv: 'Resultatet makulerades i Ladok efter att studenten hade fått besked.',
    nb: 'Resultatet ble makulert i Ladok etter at studenten hadde fått beskjed.',
    en: 'The result was annulled in the register after the student had been told.',
  },
  'attested-with-other-content-later': {
    sv: 'Ett annat resultat attesterades i Ladok efter att studenten hade fått besked.',
    nb: 'Et annet resultat ble attestert i Ladok etter at studenten hadde fått beskjed.',
    en: 'Another result was attested in the register after the student had been told.',
  },
};

/** What is stored is a code of ours, or what Ladok itself said when it refused. */
const reasonOf = (kept: string | null, language: Language): { reason: string | null; reasonText: string | null } => {
  if (kept === null) return { reason: null, reasonText: null };
  const text = Object.hasOwn(reasonTexts, kept) ? reasonTexts[kept as keyof typeof reasonTexts][language] : undefined;
  return text ? { reason: kept, reasonText: text } : { reason: 'refused-by-ladok', reasonText: kept };
};

/** RL-58: what is needed besides for the rows that say so; null where no row does. */
const byHandShape = z
  .object({ rows: z.number().int(), text: z.string(), confirmed: z.boolean().describe('The course office has it') })
  .nullable();
const byHandText = {
  sv: 'Den elektroniska signaturen räcker inte för rader med tidigare examinationsdatum. Signera som vanligt; arkivlistan skrivs dessutom under för hand, och Kurs- och programstöd bekräftar det före den definitiva inläggningen.',
  nb: 'Den elektroniske signaturen er ikke nok for rader med tidligere eksamensdato. Signer som vanlig; arkivlisten underskrives dessuten for hånd, og studieadministrasjonen bekrefter det før den endelige innleggingen.',
  en: 'The electronic signature is not enough for rows with an earlier examination date. Sign as usual; the archive list is signed by hand as well, and the course office confirms that before the definitive entry.',
} as const;

/** What a result list has beside its commands: rows, and the archive list. */
export function resultListRoutes(app: OpenAPIHono<ApiEnv>, world: World, path: CommandPath, process: Process): void {
  const { db } = world;

  app.openapi(
    createRoute({
      method: 'get',
      path: '/result-lists/{number}/rows',
      tags: ['Result list'],
      summary: 'The rows, in one order whatever brought them (RL-09)',
      request: { params: z.object({ number }), query: page },
      responses: {
        200: json(
          z.object({
            version: z.number().int(),
            total: z.number().int(),
            signedArchiveList: byHandShape,
            warnings,
            items: z.array(rowShape),
            next: z.string().nullable(),
          }),
          'A page of rows',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await openWithResults(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const { limit, after } = c.req.valid('query');
      const [rows, registrations, transfers] = [
        await readRows(db, subject.id),
        await readRegistrations(db, subject),
        await db.rowTransfer.findMany({ where: { caseId: subject.id } }),
      ];
      const found = problemsOf(rows, registrations);
      const language = languageOf(c);
      const from = Number(after ?? 0);
      const byHand = new Set((await rowsByHand(db, subject, rows)).map((row) => row.student));
      const items = rows.slice(from, from + limit).map((row) => {
        const problem = found[row.student] ?? null;
        const transfer = transfers.find((one) => one.studentUid === row.student);
        return {
          ...row,
          problem,
          problemText: problem && problemText[problem][language],
          transfer: transfer ? { state: transfer.state, ...reasonOf(transfer.reason, language) } : null,
          needsSignedArchiveList: byHand.has(row.student),
        };
      });
      const confirmed = (subject.data as ListData).signedArchiveList?.confirmed !== undefined;
      const signedArchiveList = byHand.size ? { rows: byHand.size, text: byHandText[language], confirmed } : null;
      return c.json(
        {
          version: subject.version,
          total: rows.length,
          signedArchiveList,
          warnings: await warningsOf(world, process, subject),
          items,
          next: from + limit < rows.length ? String(from + limit) : null,
        },
        200,
      );
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/result-lists/{number}/entries',
      tags: ['Result list', 'Audit'],
      summary: 'Who entered what for whom, and when (AU-01)',
      description: `By ${holding('read-entries')}. What was saved, corrected, fetched and taken off, the oldest first, as it was given. Rows that came from another list were entered there: see movedFrom.`,
      request: {
        params: z.object({ number }),
        query: page.extend({ student: z.uuid().optional().describe('Only what was entered for this student') }),
      },
      responses: {
        200: json(
          z.object({
            items: z.array(entryShape),
            people: z.record(z.string(), z.string()).describe('Names of those who entered, by id'),
            next: z.string().nullable(),
          }),
          'A page of entries',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await openWithResults(c, world, path, process);
      if (subject instanceof Response) return subject as never;
      const known = c.get('known');
      if (!may(known.actor, 'read-entries'))
        return respond(
          c,
          await path.traced(refuse('forbidden', 'AU-01', 'not-yours-to-open'), {
            known,
            requestId: c.get('requestId'),
            action: 'result-list.read-entries',
            caseId: subject.id,
          }),
        ) as never;
      const { limit, after, student } = c.req.valid('query');
      const found = await readEntries(db, { caseId: subject.id, student, after: BigInt(after ?? 0), most: limit + 1 });
      const items = found.slice(0, limit);
      const people = await namesOf(
        db,
        items.flatMap(({ by, for: whom }) => [by, ...(whom ? [whom] : [])]),
      );
      return c.json({ items, people, next: found.length > limit ? (items.at(-1)?.seq ?? null) : null }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/result-lists/{number}/archive-list',
      tags: ['Result list'],
      summary: 'The archive list as PDF, with the control number (RL-44)',
      request: { params: z.object({ number }), query: z.strictObject({ language: z.enum(['sv', 'nb', 'en']).optional() }) },
      responses: {
        200: { description: 'PDF', content: { 'application/pdf': { schema: z.string().openapi({ format: 'binary' }) } } },
        ...problems,
      },
    }),
    async (c) => {
      const subject = await openWithResults(c, world, path, process);
      if (subject instanceof Response) return subject;
      const known = c.get('known');
      const no = (refusal: ReturnType<typeof refuse>) =>
        path
          .traced(refusal, { known, requestId: c.get('requestId'), action: 'result-list.print', caseId: subject.id })
          .then((given) => respond(c, given) as never);
      if (!may(known.actor, 'print-archive-list'))
        return no(refuse('forbidden', 'RL-44', 'not-yours-to-give', { command: 'archive-list' }));
      const list = subject.data as ListData;
      const kept = list.signed && (await readFrozen(db, subject.id, list.signed.version));
      if (!list.signed || !kept)
        return no(refuse('conflict', 'RL-44', 'wrong-state', { command: 'archive-list', state: subject.state }));
      const institution = await db.institution.findUniqueOrThrow({ where: { code: subject.institution } });
      const names = await namesOf(db, [list.signed.by, list.signed.for ?? list.signed.by]);
      const language = c.req.valid('query').language ?? (institution.language as Language);
      const pdf = await renderArchiveList({
        number: subject.number,
        kind: list.listKind,
        institution: institution.name,
        course: list.course,
        ...(list.module ? { module: list.module } : {}),
        ...(list.title === undefined ? {} : { title: list.title }),
        scale: list.scale.code,
        zone: institution.zone,
        rows: kept.frozen.rows.map(({ row }) => ({
          personNumber: row.personNumber,
          surname: row.surname,
          givenName: row.givenName,
          grade: row.grade ?? '',
          examinationDate: row.examinationDate ?? '',
          score: row.score,
        })),
        signature: { by: nameIn(names, list.signed, language), method: list.signed.method, at: list.signed.at },
        hash: kept.hash,
        controlNumber: controlNumber(
          { list: subject.number, version: list.signed.version, hash: kept.hash },
          world.config.secrets.controlNumber,
        ),
        language,
        ...(list.signedArchiveList ? { signedByHand: list.signedArchiveList.rows } : {}),
      });
      return c.body(new Uint8Array(pdf), 200, {
        'Content-Type': 'application/pdf',
        'Content-Disposition': `inline; filename="archive-list-${subject.number}.pdf"`,
        'Cache-Control': 'no-store',
      }) as never;
    },
  );
}

/** RL-50, RL-58: by the procedure of each row's day; once signed as it was set at the signature, whatever is set later. */
async function rowsByHand<Row extends ListRow>(
  db: World['db'],
  subject: { readonly institution: string; readonly data: unknown },
  rows: readonly Row[],
): Promise<Row[]> {
  const { signed } = subject.data as ListData;
  return needingSignedArchiveList(rows, await settingValues(db, subject.institution, 'electronic-signature', signed?.at));
}
