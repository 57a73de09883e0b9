import { z } from 'zod';
import { isCivilDate } from '../rules/civil-time.js';
import { courseCode } from '../schema.js';

/** The values an institution may give its settings. Strict, as everything that comes in from people. */
const day = z.iso.date().refine(isCivilDate).describe('YYYY-MM-DD');
const address = z.email().max(200);
const citation = z.string().trim().min(3).max(200);

/** What an institution can set, with the form of each value. */
export const settings = {
  'electronic-signature': z.strictObject({
    enough: z
      .boolean()
      .describe(
        'Whether the electronic signature is enough for a result examined from this day on (RL-49); where not, the signed archive list is needed besides (RL-58)',
      ),
    decidedBy: z.string().trim().min(2).max(200).describe('Who decided on the procedure (RL-51)'),
    decidedOn: day.nullable().describe('The day of the decision (RL-51); null where nobody knows it any more'),
  }),
  'four-eyes': z.boolean().describe('Whoever entered or fetched any of a list cannot sign it (RL-36)'),
  'code-length': z.number().int().min(5).max(8).describe('Digits of the code by SMS (RL-39)'),
  'person-number-in-mail': z
    .boolean()
    .describe('The collected list of not-registered students holds personal numbers; where not, a link (RL-34)'),
  contacts: z.strictObject({
    suggestions: address.describe('Suggestions and faults (RL-56)'),
    reporting: address.describe('Questions about reporting, such as a missing registration (RL-56)'),
  }),
  'grade-words': z
    .array(
      z.strictObject({
        scale: z.string().min(1).max(20).describe('Code of the scale, such as UV'),
        course: z.string().min(1).max(20).nullable().describe('Only in rooms of this course; null: in all that say nothing else'),
        word: z.string().trim().min(1).max(100),
        grade: z.string().min(1).max(10),
      }),
    )
    .max(2_000)
    .describe('What the words of the learning platform mean as grades (RL-15)'),
  holidays: z
    .array(z.strictObject({ date: day, name: z.string().trim().min(1).max(100) }))
    .max(400)
    .describe('Days on which the institution does not work, beside Saturdays, Sundays and public holidays'),
  'only-own-courses': z
    .boolean()
    .describe('Teachers and examiners open only the lists of a course that their role is for, and those they made (RL-03)'),
  'entry-by-hand': z
    .boolean()
    .describe('The register takes no results from outside: the course office enters them there itself (RL-46)'),
  'result-list-working-days': z
    .number()
    .int()
    .min(1)
    .max(60)
    .describe('Working days in which the examiner signs a list that was sent'),
  'complaint-protection': z
    .enum(['block', 'postponement', 'neither'])
    .describe('What stands between a result and a diploma while a complaint about it is handled (GC-42)'),
  'complaint-committee': z
    .strictObject({ members: z.number().int().min(1).max(10), external: z.number().int().min(0).max(10) })
    .refine(({ members, external }) => external <= members, { path: ['external'], message: 'more than all members' })
    .describe('At least so many members of a committee, and of them so many external (GC-13)'),
  'complaint-pilots': z
    .array(
      z.strictObject({
        course: courseCode,
        about: z.string().trim().min(1).max(500).describe('What is done otherwise, as people read it'),
      }),
    )
    .max(1_000)
    .describe(
      'Courses in a pilot, and what is done otherwise there in your own words: it is shown, the steps here stay the same (GC-01)',
    ),
  'complaint-help': address.describe('Questions about the handling of complaints (GC-51)'),
  'complaint-law': z
    .strictObject({
      complaint: citation.describe('On the right to complain about a grade'),
      explanation: citation.describe('On the right to an explanation'),
      'formal-error': citation.describe('On formal errors'),
    })
    .describe('What letters cite as the law, from the day of receipt on (GC-17)'),
  'exchange-module': z
    .boolean()
    .describe('RESUTVEKSL active: the institution takes part in the exchange of results, as asker and as source (RX-02)'),
  'exchange-reserved': z.boolean().describe('RESERVER: the institution has reserved itself; has to be off to take part (RX-03)'),
  'exchange-legal-basis': z
    .strictObject({
      basis: z.enum(['consent', 'statute']).describe("Whether a fetch needs the student's consent"),
      citation: citation.describe('What is cited as the law'),
    })
    .describe('On what results are fetched (RX-01)'),
  'exchange-consent': z
    .strictObject({
      termRegistration: z.number().int().min(1).max(999).describe('Sequence number in term registration'),
      studentWebModule: z.number().int().min(1).max(999).describe('Sequence number in the module of the student web'),
    })
    .nullable()
    .describe('Consent type RESUTVEKSL: null is not active; else at which places students are asked (RX-05)'),
  'exchange-source-consent': z
    .boolean()
    .describe("As a source we want a consent that was given to us, besides the asker's (RX-11)"),
  'exchange-retry-days': z
    .number()
    .int()
    .min(1)
    .max(400)
    .describe('Days on which an institution that is down is asked again (RX-25)'),
  'exchange-calls': z.number().int().min(1).max(50).describe('Calls to one institution at a time, over all workers'),
  'exchange-test-numbers': z.boolean().describe('Test persons and synthetic numbers are allowed (RX-31)'),
  'exchange-support': address.describe('Who makes an institution ready for the exchange (RX-04)'),
} as const;

/** The names of settings. */
export type SettingName = keyof typeof settings;
/** The value of a setting. */
export type SettingValue<Name extends SettingName> = z.infer<(typeof settings)[Name]>;
