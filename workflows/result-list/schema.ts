import { z } from 'zod';
import { courseCode, reason, version } from '../schema.js';
import { MOST_STUDENTS } from './list.js';

/**
 * What comes in from people. Strict: a field nobody knows is an error. Dates and grades are judged by the rules, with their
 * rule's id.
 */
const student = z
  .uuid()
  .toLowerCase()
  .describe("The student's key in the register, as the rows give it")
  .meta({ example: 'e0000000-0000-4000-8000-000000000001' });

const row = z.strictObject({
  student,
  grade: z
    .string()
    .min(1)
    .max(10)
    .nullable()
    .describe("A grade of the module's scale (RL-16); null for none yet")
    .meta({ example: 'B' }),
  examinationDate: z
    .string()
    .min(1)
    .max(20)
    .nullable()
    .describe('YYYY-MM-DD, the day of the examination, not of the report (RL-18, RL-19)')
    .meta({ example: '2026-11-02' }),
  score: z
    .string()
    .regex(/^\d{1,4}([.,]\d{1,2})?$/)
    .nullable()
    .optional()
    .describe('Exam score (skrivningspoäng) where there is one (RL-17)')
    .meta({ example: '42.5' }),
});

const room = z
  .string()
  .regex(/^[A-ZÅÄÖ0-9]{1,12}-[A-Z0-9]{1,12}$/)
  .describe('Course room: course and occasion, such as XX1000-50001 (RL-12)');

const rows = z.strictObject({ version, rows: z.array(row).min(1).max(MOST_STUDENTS) });
const marked = row.extend({
  notNow: z.literal(true).optional().describe('Shall get no grade now: leaves the list with this save. T34 only (RL-26)'),
});
const only = z.strictObject({ version });

const title = z
  .string()
  .trim()
  .min(1)
  .max(300)
  .optional()
  .describe('Of the degree project, one a list; demanded there and refused elsewhere (RL-04)');

/** What makes a list: of a module (T33), or of a whole course (T34). */
export const birth = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('T33').describe('T33: results of one module (RL-01)'),
    course: courseCode,
    module: z
      .string()
      .regex(/^[A-ZÅÄÖ0-9]{1,12}$/)
      .describe('Module code (provkod), exactly one a list')
      .meta({ example: 'TEN1' }),
    title,
  }),
  z.strictObject({
    kind: z.literal('T34').describe('T34: final grades of a whole course, by its examiner (RL-24)'),
    course: courseCode,
    title,
  }),
]);

/** What each command takes. */
export const commands = {
  save: z.strictObject({ version, rows: z.array(marked).min(1).max(MOST_STUDENTS) }),
  correct: rows,
  remove: z.strictObject({ version, students: z.array(student).min(1).max(MOST_STUDENTS) }),
  fetch: z.discriminatedUnion('from', [
    z.strictObject({
      from: z.literal('single'),
      personNumber: z
        .string()
        .regex(/^(\d{2})?\d{6}[-+]?[\dA-Z]\d{3}$/)
        .meta({ example: '19800101-2392' }),
    }),
    z.strictObject({
      from: z.literal('term'),
      term: z
        .string()
        .regex(/^\d{4}[12]$/)
        .describe('20262 is the autumn of 2026')
        .meta({ example: '20262' }),
    }),
    z.strictObject({
      from: z
        .literal('eligible')
        .describe(
          'Everybody who can get a final grade: a T34 is filled so, and by nothing else (RL-24). Where it does not hold them all, the first in list order; `leftOut` of the order says how many are left for the next list',
        ),
    }),
    z.strictObject({ from: z.literal('itslearning'), room }),
    z.strictObject({
      from: z.literal('itslearning-grades'),
      room,
      column: z.number().int().min(0).describe('A column of the gradebook as find-columns tells (RL-15)'),
    }),
    z.strictObject({ from: z.literal('exam'), occasion: z.uuid().describe('An exam as find-exams tells (RL-11)') }),
  ]),
  'find-exams': z.strictObject({}),
  'find-columns': z.strictObject({ room }),
  'check-registrations': z.strictObject({}),
  'mail-not-registered': z.strictObject({}),
  'move-not-registered': only,
  send: only,
  return: z.strictObject({ reason }),
  'request-code': only,
  'order-bankid': only,
  sign: z.strictObject({ version, proof: z.uuid() }),
  'confirm-signed-archive-list': z.strictObject({}),
  enter: z.strictObject({
    controlNumber: z
      .string()
      .regex(/^\d{4}[ -]?\d{4}[ -]?\d{2}$/)
      .describe('From the archive list (RL-45)')
      .meta({ example: '1234 5678 89' }),
  }),
  'transfer-again': z.strictObject({}),
  'confirm-arrival': z.strictObject({
    reason,
    untold: z
      .int()
      .min(0)
      .max(MOST_STUDENTS)
      .optional()
      .describe('How many rows were refused or differ, where there are any: those students get no letter (RL-47)'),
    unattested: z
      .int()
      .min(0)
      .max(MOST_STUDENTS)
      .optional()
      .describe(
        'How many rows nobody has attested there as far as we know, where there are any: their students are mailed (RL-46)',
      ),
  }),
  'note-annulment': z.strictObject({ reason }),
  withdraw: z.strictObject({}),
} as const;

/** As parsed. */
export type BirthBody = z.infer<typeof birth>;
/** The commands that people give. */
export type BodyName = keyof typeof commands;
/** What a command carries, after parsing. */
export type Body<Name extends BodyName> = z.infer<(typeof commands)[Name]>;
