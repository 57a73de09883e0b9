import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import { protectionEffects } from '../../workflows/complaint/protection-effects.js';
import { scaleNames, simulate } from '../../workflows/complaint/simulation.js';
import { definition } from '../../workflows/complaint/definition.js';
import { isCivilDate } from '../../workflows/rules/civil-time.js';
import { roleTexts } from '../../workflows/roles.js';
import type { RoleName } from '../../workflows/process.js';
import { whyThisDay } from '../../activities/calendar/why.js';
import { calendarOf } from '../../activities/holidays.js';
import type { World } from '../../activities/index.js';
import { settingOn, settingValues } from '../../activities/settings.js';
import { languageOf, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { dueShape, json, problems } from './shapes.js';

const day = z.iso
  .date()
  .refine((date) => isCivilDate(date) && date >= '1900-01-01' && date < '2200-01-01')
  .describe('From 1900 to 2199');
const who = z.object({ role: z.string(), text: z.string() });
const due = dueShape.unwrap().extend({ inWords: z.string().describe('Why this day, a sentence a line') });
const shape = z
  .object({
    received: z.string(),
    lastDay: due.describe('The last day to ask'),
    late: z.boolean().describe('Received after it: shown, and decided by the case worker'),
    procedure: z.enum(['usual', 'pilot']),
    deadline: due.describe('Sensurfrist, as proposed (GC-17)'),
    reminders: z.array(z.string()).describe('The first ones, while nobody decides'),
    reminded: z.array(who),
    stages: z
      .array(
        z.object({
          command: z.string(),
          commandText: z.string(),
          state: z.string(),
          stateText: z.string(),
          waitingFor: who.nullable(),
          letters: z.array(z.object({ letter: z.string(), to: who })),
          orders: z.array(z.string()),
        }),
      )
      .describe('Until somebody has to assess, explain or decide'),
    protection: z
      .object({
        choice: z.string().describe('block, postponement or neither (GC-42)'),
        effects: z.array(z.string()).describe('What it does (GC-43)'),
        until: z.string().nullable(),
      })
      .nullable(),
    furtherAssessment: z
      .enum(['by-distance', 'never', 'judged'])
      .nullable()
      .describe(
        'Whether a second grade can lead to a further assessment (GC-32): by its distance, never, or as the case worker judges',
      ),
  })
  .openapi('SimulatedComplaint');

/**
 * What would happen to a complaint that nobody has made: by the very rules of the process, with the settings of the day of
 * receipt. Nothing is kept.
 */
export function complaintSimulationRoutes(app: OpenAPIHono<ApiEnv>, { db }: World): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/simulations/complaint',
      tags: [definition.title.en],
      summary: 'What would happen to a complaint: deadline and why, reminders, who is asked, what a block does (GC-17, GC-43)',
      description: 'By anybody who is signed in. Nothing is kept, and nobody is written to.',
      request: {
        query: z.strictObject({
          type: z.enum(['grading', 'explanation', 'formal-error']).default('grading'),
          received: day.optional().describe('Today unless told'),
          gradedOn: day.optional().describe('The day of the grade; that of receipt unless told'),
          explainedOn: day.optional().describe('The day on which the same result was explained'),
          course: z
            .string()
            .regex(/^[A-ZÅÄÖØÆ0-9-]{2,12}$/)
            .default('XX0000')
            .describe('Tells whether it is in a pilot (GC-01)'),
          scale: z.enum(scaleNames).default('letters'),
          protection: z
            .enum(['block', 'postponement', 'neither'])
            .optional()
            .describe('What the institution has set, unless told (GC-42)'),
          diploma: z.enum(['produced', 'printed']).optional().describe('That a diploma is built on the grade (GC-05, GC-44)'),
        }),
      },
      responses: { 200: json(shape, 'What would happen'), ...problems },
    }),
    async (c) => {
      const {
        actor: { institution },
        today,
      } = c.get('known');
      const { received = today, gradedOn = received, protection: choice, ...asked } = c.req.valid('query');
      const language = languageOf(c);
      const found = simulate(
        { ...asked, received, gradedOn, choice },
        {
          ...(await calendarOf(db, institution, received)),
          protection: await settingOn(db, { institution, name: 'complaint-protection', on: received }),
          pilots: await settingValues(db, institution, 'complaint-pilots'),
        },
      );
      if ('refused' in found) return refused(c, found) as never;
      const person = (role: RoleName) => ({ role, text: roleTexts[role][language] });
      const explained = (one: typeof found.deadline) => ({ ...one, inWords: whyThisDay(definition, one, language) });
      return c.json(
        {
          ...found,
          received,
          lastDay: explained(found.lastDay),
          deadline: explained(found.deadline),
          reminders: [...found.reminders],
          reminded: found.reminded.map(person),
          stages: found.stages.map(({ command, state, waitingFor, letters, orders }) => ({
            command,
            commandText: definition.commands[command].title[language],
            state,
            stateText: definition.states[state][language],
            waitingFor: waitingFor && person(waitingFor),
            letters: letters.map(({ letter, to }) => ({ letter, to: person(to) })),
            orders: [...orders],
          })),
          protection: found.protection && {
            choice: found.protection,
            effects: protectionEffects[found.protection].map((text) => text[language]),
            until: found.postponedUntil,
          },
        },
        200,
      );
    },
  );
}
