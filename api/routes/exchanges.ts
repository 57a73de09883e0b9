import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { neverAnswered, outcomes, type Outcome } from '../../workflows/exchange/outcomes.js';
import type { ExchangeData } from '../../workflows/exchange/rules.js';
import { refuse, type CaseView } from '../../workflows/process.js';
import { holding, may } from '../../workflows/rights.js';
import { readCase } from '../../activities/case/case-row.js';
import type { Process } from '../../activities/case/registered-process.js';
import { externalStudiesOf } from '../../activities/exchange/external-studies.js';
import {
  changesOf,
  exchangeAbout,
  institutionsOf,
  ordersIn,
  quarantinedOf,
  type InstitutionSeen,
} from '../../activities/exchange/seen.js';
import type { World } from '../../activities/index.js';
import type { CommandPath } from '../command-path.js';
import { languageOf } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import type { Streams } from '../streams.js';
import { openFor, respond } from './cases.js';
import { json, number, problems } from './shapes.js';

const listed = z.object({ code: z.string(), number: z.string().nullable(), nameNb: z.string(), nameEn: z.string() });
const text = z.object({ sv: z.string(), nb: z.string(), en: z.string() });
const institutionShape = z
  .object({
    institution: listed,
    round: z.number().int().describe('1 on the day of the order'),
    state: z.enum(['open', 'answered', 'dropped']),
    outcome: z.string().nullable(),
    outcomeText: text.nullable(),
    orderedAt: z.string(),
    askedAt: z.string().nullable(),
    answeredAt: z.string().nullable(),
    details: z
      .record(z.string(), z.unknown())
      .describe('Counts of what was brought in, degrees held back, why it counts as down'),
    hint: text.nullable().describe('What to do about it'),
  })
  .openapi('AskedInstitution');
const fieldShape = z.object({ from: z.string().nullable(), to: z.string().nullable() });
const changeShape = z
  .object({
    institution: listed,
    result: z.object({ code: z.string().nullable(), nameNb: z.string().nullable(), nameEn: z.string().nullable() }),
    key: z.string(),
    change: z.enum(['new', 'improved', 'corrected', 'withdrawn']),
    fields: z.record(z.string(), fieldShape).describe('Both sides of each field that changed'),
    at: z.string(),
  })
  .openapi('ExternalChange');
const quarantineShape = z
  .object({
    id: z.uuid(),
    institution: listed,
    reason: z.enum(['rejected-signature', 'rejected-person', 'rejected-format']),
    hash: z.string(),
    bytes: z.number().int(),
    receivedAt: z.string(),
  })
  .openapi('QuarantinedDocument');

/** What can be done where something did not come. */
const hints: Readonly<Record<string, z.infer<typeof text>>> = {
  'unknown-there': {
    sv: 'Personen kan ha ett tillfälligt nummer där. Då får studenten be lärosätet att uppdatera numret, och hämtningen beställas på nytt.',
    nb: 'Personen kan ha et midlertidig nummer der. Da må studenten be institusjonen oppdatere nummeret, og hentingen bestilles på nytt.',
    en: 'The person may have a temporary number there. Then the student has to ask the institution to update the number, and the fetch is ordered again.',
  },
  'degree-held-back': {
    sv: 'En examen delas först när dagen då examensbeviset lämnades ut har passerat.',
    nb: 'En grad deles først når utleveringsdatoen for vitnemålet er passert.',
    en: 'A degree is shared once the day on which its diploma was handed out has passed.',
  },
  down: {
    sv: 'Lärosätet frågas igen vid samma tid nästa dag.',
    nb: 'Institusjonen spørres igjen til samme tid neste dag.',
    en: 'The institution is asked again at the same time of the next day.',
  },
  'no-consent-there': {
    sv: 'Studenten behöver samtycka även hos lärosätet.',
    nb: 'Studenten må samtykke også hos institusjonen.',
    en: 'The student has to consent at the institution as well.',
  },
};

/** What can be done where an institution did not answer as long as it was asked. */
const orderAgain: z.infer<typeof text> = {
  sv: 'Beställ på nytt när lärosätet svarar igen.',
  nb: 'Bestill på nytt når institusjonen svarer igjen.',
  en: 'Order again when the institution answers.',
};

/** An outcome in words; `over`: the order is, and nobody is asked again. */
const wordsOf = (outcome: Outcome | null, over: boolean) =>
  outcome && (over && outcome === 'down' ? neverAnswered : outcomes[outcome]);

/** As people read it: the outcome in words, and what to do about it. */
const spoken = (seen: InstitutionSeen, over: boolean) => ({
  ...seen,
  details: { ...seen.details },
  outcomeText: wordsOf(seen.outcome, over),
  hint: seen.outcome === 'down' && over ? orderAgain : ((seen.outcome && hints[seen.outcome]) ?? null),
});

type Order = CaseView<ExchangeData>;

/** Refuses whoever may open a case but not read results from elsewhere: operations. Nothing for who may. */
async function notForReading(
  c: Context<ApiEnv>,
  path: CommandPath,
  { rule, ...about }: { rule: string; action: string; caseId: string },
): Promise<Response | undefined> {
  const known = c.get('known');
  if (may(known.actor, 'read-external-studies')) return undefined;
  return respond(
    c,
    await path.traced(refuse('forbidden', rule, 'not-yours-to-open'), { known, requestId: c.get('requestId'), ...about }),
  );
}

/** What is seen of an order while it runs and after, live and by asking, and what came of it (RX-19, RX-24, RX-26, RX-34). */
export function exchangeRoutes(
  app: OpenAPIHono<ApiEnv>,
  world: World,
  path: CommandPath,
  exchanges: Process,
  streams: Streams,
): void {
  const { db } = world;
  const { definition } = exchanges;
  const tag = definition.title.en;
  const params = z.object({ number });
  const order = (c: Context<ApiEnv>) => openFor(c, world, path, exchanges) as Promise<Order | Response>;

  app.openapi(
    createRoute({
      method: 'get',
      path: '/exchanges/{number}/institutions',
      tags: [tag],
      summary: 'Every institution of the order, as it was asked last (RX-11, RX-19, RX-26)',
      request: { params },
      responses: {
        200: json(z.object({ state: z.string(), items: z.array(institutionShape) }), 'All of them, by name'),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await order(c);
      if (subject instanceof Response) return subject as never;
      const [seen, over] = [await institutionsOf(db, subject.id), definition.final.includes(subject.state)];
      return c.json({ state: subject.state, items: seen.map((one) => spoken(one, over)) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/exchanges/{number}/events',
      tags: [tag],
      summary: 'The same while it happens, as server-sent events (RX-19)',
      description:
        '`institution` for each institution and each time it changes, `state` for the order; ends when the order is over, and after ten minutes, for a client to come back with `Last-Event-ID`. After coming back an event may come twice.',
      request: { params },
      responses: {
        200: { description: 'Events', content: { 'text/event-stream': { schema: z.string() } } },
        406: problems[409],
        ...problems,
      },
    }),
    async (c) => {
      const subject = await order(c);
      if (subject instanceof Response) return subject;
      return streams.open(c, async () => {
        const now = (await readCase(db, { id: subject.id }))?.subject ?? subject;
        const seen = await institutionsOf(db, subject.id);
        const state = {
          state: now.state,
          stateText: definition.states[now.state]?.[languageOf(c)] ?? now.state,
          round: (now.data as ExchangeData).round,
          over: definition.final.includes(now.state),
        };
        return {
          events: [
            ...seen.map((one) => ({
              event: 'institution',
              at: one.answeredAt ?? one.askedAt ?? one.orderedAt,
              data: spoken(one, state.over),
              name: one.institution.code,
            })),
            { event: 'state', at: new Date().toISOString(), data: state, name: 'state' },
          ],
          over: state.over,
          waits: now.state !== 'running',
        };
      });
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/exchanges/{number}/changes',
      tags: [tag],
      summary: 'What this fetch found otherwise than an earlier one, result by result (RX-24)',
      description: `By ${holding('read-external-studies')}.`,
      request: { params },
      responses: {
        200: json(
          z.object({
            items: z.array(changeShape),
            withheld: z.number().int().describe('Left out: you assess the course of the student anew'),
          }),
          'The changes',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const subject = await order(c);
      if (subject instanceof Response) return subject as never;
      const no = await notForReading(c, path, { rule: 'RX-24', action: 'exchange.changes', caseId: subject.id });
      if (no) return no as never;
      const { items, withheld } = await changesOf(db, {
        caseId: subject.id,
        institution: subject.institution,
        person: subject.data.person,
        reader: c.get('known').actor.id,
      });
      return c.json({ items, withheld }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/exchanges/{number}/quarantine',
      tags: [tag],
      summary: 'Documents that were rejected, without the documents (RX-17)',
      description: 'By operations.',
      request: { params },
      responses: { 200: json(z.object({ items: z.array(quarantineShape) }), 'What was put aside'), ...problems },
    }),
    async (c) => {
      const subject = await order(c);
      if (subject instanceof Response) return subject as never;
      const known = c.get('known');
      if (!may(known.actor, 'read-quarantine'))
        return respond(
          c,
          await path.traced(refuse('forbidden', 'RX-17', 'not-yours-to-open'), {
            known,
            requestId: c.get('requestId'),
            action: 'exchange.quarantine',
            caseId: subject.id,
          }),
        ) as never;
      return c.json({ items: await quarantinedOf(db, subject.id) }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/me/exchange',
      tags: ['Consents'],
      summary: 'What was fetched about you, when, on which basis and from where; and who was told what (AU-08)',
      responses: {
        200: json(
          z.object({
            orders: z.array(
              z.object({
                number: z.string(),
                state: z.string(),
                stateText: z.string(),
                orderedAt: z.string(),
                endedAt: z.string().nullable(),
                basis: z.object({ basis: z.enum(['consent', 'statute']), citation: z.string() }),
                institutions: z.array(
                  z.object({
                    institution: listed,
                    outcome: z.string().nullable(),
                    outcomeText: text.nullable(),
                    answeredAt: z.string().nullable(),
                    results: z.number().int(),
                  }),
                ),
              }),
            ),
            told: z.array(
              z.object({
                institution: listed,
                question: z.string(),
                basis: z.string(),
                outcome: z.string(),
                results: z.number().int(),
                askedAt: z.string(),
              }),
            ),
          }),
          'Yours',
        ),
        ...problems,
      },
    }),
    async (c) => {
      const { actor } = c.get('known');
      const { orders, told } = await exchangeAbout(db, { institution: actor.institution, person: actor.id });
      return c.json(
        {
          orders: orders.map((one) => ({
            ...one,
            stateText: definition.states[one.state]?.[languageOf(c)] ?? one.state,
            institutions: one.institutions.map((each) => ({ ...each, outcomeText: wordsOf(each.outcome, one.endedAt !== null) })),
          })),
          told,
        },
        200,
      );
    },
  );
}

const results: z.ZodType = z.lazy(() =>
  z
    .object({
      key: z.string(),
      category: z.string(),
      withdrawnOn: z.string().nullable(),
      parts: z.array(z.record(z.string(), z.unknown())),
    })
    .catchall(z.unknown()),
);
const studyShape = z
  .object({
    institution: listed,
    exchange: z.string().describe('Number of the order that brought it'),
    fetchedAt: z.string(),
    changedAfterFetchOn: z.string().nullable(),
    results: z.array(results),
    changes: z.array(z.object({ key: z.string(), change: z.string(), fields: z.record(z.string(), fieldShape), at: z.string() })),
    withheld: z.number().int(),
  })
  .openapi('ExternalStudy');

const orderShape = z
  .object({
    number: z.string(),
    state: z.string(),
    stateText: z.string(),
    orderedAt: z.string(),
    endedAt: z.string().nullable(),
    needsAttention: z.boolean(),
  })
  .openapi('ExchangeOrder');

/** The orders given in an approval case (RX-19), and the external studies of its person (RX-34). */
export function approvalRoutes(
  app: OpenAPIHono<ApiEnv>,
  world: World,
  path: CommandPath,
  { approvals, exchanges }: { readonly approvals: Process; readonly exchanges: Process },
): void {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/approvals/{number}/exchanges',
      tags: [approvals.definition.title.en],
      summary: 'Resultatbestilling: the orders given in the case, the newest first, those that are over too (RX-19)',
      request: { params: z.object({ number }) },
      responses: { 200: json(z.object({ items: z.array(orderShape) }), 'The newest hundred'), ...problems },
    }),
    async (c) => {
      const subject = (await openFor(c, world, path, approvals)) as CaseView<{ person: string }> | Response;
      if (subject instanceof Response) return subject as never;
      const items = (await ordersIn(world.db, subject)).map((one) => ({
        ...one,
        stateText: exchanges.definition.states[one.state]?.[languageOf(c)] ?? one.state,
      }));
      return c.json({ items }, 200);
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/approvals/{number}/external-studies',
      tags: [approvals.definition.title.en],
      summary: 'Ekstern utdanning: what the person has from elsewhere, one entry an institution (RX-17, RX-34)',
      description: `By ${holding('read-external-studies')}.`,
      request: { params: z.object({ number }) },
      responses: { 200: json(z.object({ items: z.array(studyShape) }), 'As the last fetch found it'), ...problems },
    }),
    async (c) => {
      const subject = (await openFor(c, world, path, approvals)) as CaseView<{ person: string }> | Response;
      if (subject instanceof Response) return subject as never;
      const no = await notForReading(c, path, { rule: 'RX-34', action: 'approval.external-studies', caseId: subject.id });
      if (no) return no as never;
      const { actor } = c.get('known');
      const items = await externalStudiesOf(world.db, {
        institution: subject.institution,
        personId: subject.data.person,
        reader: actor.id,
      });
      return c.json({ items }, 200) as never;
    },
  );
}
