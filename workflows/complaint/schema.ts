import { z } from 'zod';
import { courseCode, reason, version } from '../schema.js';

/**
 * What comes in from people. Strict: a field nobody knows is an error. Days and grades are judged by the rules, with their rule's
 * id.
 */
const day = (what: string) => z.string().min(1).max(20).describe(`YYYY-MM-DD: ${what}`);
const code = z.string().regex(/^[A-ZÆØÅÄÖ0-9-]{1,12}$/);
/** The largest number that a column of integers holds. */
const LARGEST = 2_147_483_647;
const words = z.string().trim().min(1).max(20_000);
const grade = z.string().min(1).max(10).describe("A grade of the result's scale").meta({ example: 'C' });
const communicated = day('when the decision was told to the student; today unless told (GC-22)').optional();
const initials = z
  .string()
  .regex(/^[A-ZÆØÅÄÖ]{1,8}$/)
  .describe('Initials in FS (GC-09)');
const note = words.describe('Merknad på vedtak: for the report, never for the student (GC-12)').optional();

/** The case worker's own judgement, where the scale has no order (GC-32). */
const judged = z
  .strictObject({
    decision: z.enum(['in-favour', 'against']),
    furtherAssessment: z.boolean().describe('Whether the difference is so large that a further assessment is needed'),
    reason,
  })
  .optional()
  .describe('Only where the scale has no order');

/** An assessment unit as FS names it. */
export const unit = z
  .strictObject({
    course: courseCode,
    version: code.describe('versjonskode'),
    combination: code.describe('vurdkombkode'),
    year: z.number().int().min(1990).max(2100),
    term: code.describe('vurdtidkode, such as JUN'),
  })
  .meta({ example: { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } });

/** What opens a complaint (GC-01..03). */
export const birth = z.strictObject({
  type: z.enum(['grading', 'explanation', 'formal-error']).describe('SENSUR, BEGRUNNELSE or FORMELL FEIL (GC-04)'),
  student: z
    .string()
    .regex(/^\d{1,12}$/)
    .describe("FS's number of the person (personløpenummer)")
    .meta({ example: '100001' }),
  unit,
  received: day('Klage mottatt; today unless told (GC-08)').optional(),
  reasons: words.describe("The student's reasons: never shown to who assesses anew").optional(),
  initials: initials.optional(),
});

const protection = z.strictObject({
  choice: z.enum(['block', 'postponement', 'neither']),
  reason: reason.optional().describe('Needed where it is not what the institution has set'),
});
const block = z
  .enum(['lift', 'leave'])
  .optional()
  .describe(
    'What becomes of the block; unless told it is lifted, except one that was there before the complaint when the grade is checked (GC-42)',
  );
const member = z.strictObject({ person: z.uuid().toLowerCase(), external: z.boolean().default(false) });
const members = z
  .array(member)
  .min(1)
  .max(10)
  .refine((all) => new Set(all.map(({ person }) => person)).size === all.length, { message: 'the same person twice' })
  .describe('Each person once (GC-13)');

const confirmed = z
  .literal(true)
  .optional()
  .describe(
    'That none of them set the first grade: needed where it was set by somebody whom the staff register does not know (GC-13)',
  );

/** What each command takes. */
export const commands = {
  'read-again': z.strictObject({}),
  confirm: z.strictObject({ protection: protection.optional().describe('Other than what the institution has set (GC-42)') }),
  describe: z.strictObject({
    version,
    note,
    reasons: words.optional(),
    journalNumber: z
      .string()
      .regex(/^\d{4}\/\d{1,7}$/)
      .optional()
      .meta({ example: '2026/1234' }),
    received: day('Klage mottatt, until the case is confirmed (GC-08)').optional(),
    communicated,
    initials: initials.optional(),
    responsible: z
      .uuid()
      .toLowerCase()
      .describe('Hands the case over to another case worker, with their initials unless told (GC-09)')
      .optional(),
  }),
  appoint: z.union([
    z.strictObject({
      confirmed,
      committee: z.number().int().min(1).max(LARGEST).describe('Number of one that is there for the assessment unit (GC-15)'),
    }),
    z.strictObject({
      confirmed,
      name: z
        .string()
        .trim()
        .min(3)
        .max(120)
        .regex(/^\P{C}*$/u)
        .optional()
        .describe('Klagekommisjon 2. gangs sensur, unless told (GC-14)'),
      members,
    }),
  ]),
  send: z.strictObject({
    sent: day('Sendt ny kommisjon; today unless told (GC-16)').optional(),
    deadline: z
      .strictObject({ on: day('Sensurfrist'), reason })
      .optional()
      .describe('Another day than three weeks after receipt (GC-17)'),
  }),
  'move-deadline': z.strictObject({ on: day('the new last day'), reason }),
  protect: protection,
  halt: z.strictObject({ reason }),
  resume: z.strictObject({
    diplomaReturned: z.boolean().describe('That the diploma is back (GC-06)'),
    faculty: reason.optional().describe('What was agreed with the faculty (GC-07): needed while the diploma is not back'),
  }),
  'register-grade': z.strictObject({ grade, communicated, judged }),
  'enter-again': z.strictObject({}),
  'delete-grade': z.strictObject({ reason }),
  recalculate: z.strictObject({ trial: z.boolean().describe('Oppdater database: a trial writes nothing (GC-28)') }),
  check: z.strictObject({
    block,
    withoutRecalculation: reason
      .optional()
      .describe('Closes though the top grade was not recalculated, because FS will not (GC-26)'),
  }),
  'report-wrong': z.strictObject({ reason }),
  correct: z.strictObject({ grade, judged }),
  explain: z.strictObject({ text: words }),
  'decide-error': z.strictObject({
    outcome: z
      .enum(['no-error', 'no-effect', 'annulled', 'held-anew'])
      .describe('No error; error without effect; grade annulled and assessed anew; examination held anew'),
    reason,
    communicated,
  }),
  dismiss: z.strictObject({ reason, communicated }),
  withdraw: z.strictObject({ communicated, note }),
  'lift-block': z.strictObject({ block }),
} as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
/** The commands that people give. */
export type BodyName = keyof typeof commands;
/** What a command carries, after parsing. */
export type Body<Name extends BodyName> = z.infer<(typeof commands)[Name]>;
