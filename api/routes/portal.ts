import { createRoute, z, type OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { settings, type SettingName } from '../../workflows/settings/schema.js';
import { isCivilDate } from '../../workflows/rules/civil-time.js';
import { defaults, inForceOn } from '../../workflows/settings/values.js';
import { isAdministering, switchAdministration } from '../../activities/administration.js';
import { once, type Trace } from '../../activities/case/once.js';
import type { World } from '../../activities/index.js';
import { endNotice, setNotice } from '../../activities/notices.js';
import { setSetting, settingHistory, settingOn, type SetValue } from '../../activities/settings.js';
import type { Refusal } from '../../workflows/process.js';
import type { Transaction } from '../../prisma/client.js';
import { languageOf, refused } from '../problem.js';
import type { ApiEnv } from '../sign-in.js';
import { notices } from './notices.js';
import { idempotencyKey, json, problems } from './shapes.js';

const names = Object.keys(settings) as [SettingName, ...SettingName[]];
const day = z.iso.date().refine(isCivilDate);
const moment = z.iso.datetime({ offset: true }).refine((text) => text > '2000' && text < '2200');
const sentence = z.string().trim().min(3).max(2_000);
const reason = sentence.describe('Why, for those who come after');

const settingShape = z
  .object({
    name: z.enum(names),
    title: z.string(),
    rule: z.string(),
    follows: z.enum(['legal-date', 'moment']).describe('Whose day counts: that of the matter, or that of the act'),
    on: z.string(),
    value: z.unknown(),
    from: z.string().describe('The first day this value is in force'),
  })
  .openapi('Setting');
const setShape = z
  .object({
    from: z.string(),
    value: z.unknown(),
    setBy: z.string().nullable().describe('null: the default'),
    setAt: z.string().nullable(),
    reason: z.string().nullable(),
  })
  .openapi('SetValue');

const contactTexts = {
  suggestions: {
    sv: 'Synpunkter och fel: ange var du är, vad du försöker göra och vad du föreslår.',
    nb: 'Synspunkter og feil: oppgi hvor du er, hva du prøver å gjøre og hva du foreslår.',
    en: 'Suggestions and faults: say where you are, what you try to do and what you propose.',
  },
  reporting: {
    sv: 'Frågor om rapporteringen, till exempel att en student saknar registrering: Kurs- och programstöd.',
    nb: 'Spørsmål om rapporteringen, for eksempel at en student mangler registrering: studieadministrasjonen.',
    en: 'Questions about reporting, such as a student without registration: the course office.',
  },
  complaints: {
    sv: 'Frågor om handläggningen av klagomål på betyg, och om åtkomst till FS.',
    nb: 'Spørsmål om behandlingen av klager på karakter, og om brukertilgang til FS.',
    en: 'Questions about the handling of grade complaints, and about access to FS.',
  },
} as const;
const contactShape = z.object({ email: z.string(), sv: z.string(), nb: z.string(), en: z.string() });
const noticeShape = z.object({
  code: z.string(),
  sv: z.string(),
  nb: z.string(),
  en: z.string(),
  id: z.string().optional().describe('Of a notice that operations have set'),
  from: z.string().optional(),
  to: z.string().nullable().optional(),
});

/** The portal's own content: settings, notices, contacts, and the switch without which nobody edits it (RL-53..56). */
export function portalRoutes(app: OpenAPIHono<ApiEnv>, world: World): void {
  const { db } = world;
  const headers = z.object({ 'idempotency-key': idempotencyKey });
  const body = <S extends z.ZodType>(schema: S) => ({ required: true, content: { 'application/json': { schema } } });
  const portal = (c: Context<ApiEnv>) => ({ actor: c.get('known').actor, session: c.get('session') });
  const given = <Answer extends object>(
    c: Context<ApiEnv>,
    ask: { action: string; about: string; body: unknown; key: string },
    decide: (tx: Transaction, trace: Trace) => Promise<Answer | Refusal>,
  ) =>
    once(
      db,
      {
        action: ask.action,
        about: ask.about,
        body: ask.body,
        idempotencyKey: ask.key,
        actor: c.get('known').actor,
        requestId: c.get('requestId'),
      },
      decide,
    );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/me/administration-mode',
      tags: ['Service'],
      summary: 'Switch administration mode for this sign-in (RL-54, RL-55)',
      description:
        'By operations. Off at each sign-in; only the portal itself (settings, notices) is edited in it, never a result.',
      request: { headers, body: body(z.strictObject({ on: z.boolean() })) },
      responses: { 200: json(z.object({ on: z.boolean() }), 'Switched'), ...problems },
    }),
    async (c) => {
      const { on } = c.req.valid('json');
      const switched = await given(
        c,
        {
          action: 'me.administration-mode',
          about: `sign-in/${c.get('session')}`,
          body: { on },
          key: c.req.valid('header')['idempotency-key'],
        },
        (tx, trace) => switchAdministration(tx, { ...portal(c), on }, trace),
      );
      return ('refused' in switched ? refused(c, switched) : c.json(switched, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/me/administration-mode',
      tags: ['Service'],
      summary: 'Whether administration mode is on in this sign-in (RL-54)',
      responses: { 200: json(z.object({ on: z.boolean() }), 'On or off'), ...problems },
    }),
    async (c) => c.json({ on: await isAdministering(db, portal(c)) }, 200),
  );

  const said = (c: Context<ApiEnv>, name: SettingName, on: string, history: readonly SetValue[]) => {
    const { title, rule, follows } = defaults[name];
    const { value, from } = inForceOn(history, on);
    return { name, title: title[languageOf(c)], rule, follows, on, value, from };
  };

  app.openapi(
    createRoute({
      method: 'get',
      path: '/settings',
      tags: ['Portal'],
      summary: 'The settings of the institution, as they are on a day',
      request: { query: z.strictObject({ on: day.optional() }) },
      responses: { 200: json(z.object({ items: z.array(settingShape) }), 'Settings'), ...problems },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const on = c.req.valid('query').on ?? today;
      const items = await Promise.all(
        names.map(async (name) => said(c, name, on, await settingHistory(db, actor.institution, name))),
      );
      return c.json({ items }, 200) as never;
    },
  );

  for (const name of names) {
    app.openapi(
      createRoute({
        method: 'get',
        path: `/settings/${name}`,
        tags: ['Portal'],
        summary: `On a day, and every value it has had or will have: ${defaults[name].title.en}`,
        request: { query: z.strictObject({ on: day.optional() }) },
        responses: { 200: json(settingShape.extend({ values: z.array(setShape) }), 'The setting'), ...problems },
      }),
      async (c) => {
        const { actor, today } = c.get('known');
        const values = await settingHistory(db, actor.institution, name);
        return c.json({ ...said(c, name, c.req.valid('query').on ?? today, values), values }, 200) as never;
      },
    );

    app.openapi(
      createRoute({
        method: 'post',
        path: `/settings/${name}`,
        tags: ['Portal'],
        summary: `Set from a day on: ${defaults[name].title.en}`,
        description: `By operations in administration mode. Nothing is overwritten: of several values for one day the last one set holds. Rule ${defaults[name].rule}.`,
        request: {
          headers,
          body: body(z.strictObject({ value: settings[name] as z.ZodType, from: day.describe('First day'), reason })),
        },
        responses: { 200: json(z.object({ name: z.string(), from: z.string() }), 'Set'), ...problems },
      }),
      async (c) => {
        const asked = c.req.valid('json');
        const set = await given(
          c,
          { action: 'settings.set', about: `setting/${name}`, body: asked, key: c.req.valid('header')['idempotency-key'] },
          (tx, trace) => setSetting(tx, { ...portal(c), ...asked, name }, trace),
        );
        return ('refused' in set ? refused(c, set) : c.json(set, 200)) as never;
      },
    );
  }

  app.openapi(
    createRoute({
      method: 'get',
      path: '/notices',
      tags: ['Portal'],
      summary: 'What is out of order now, and what operations tell (RL-53)',
      request: {
        query: z.strictObject({ planned: z.enum(['true']).optional().openapi({ description: 'Those that are still to come' }) }),
      },
      responses: { 200: json(z.object({ items: z.array(noticeShape) }), 'Notices'), ...problems },
    }),
    async (c) =>
      c.json({ items: await notices(db, c.get('known').actor.institution, c.req.valid('query').planned === 'true') }, 200),
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/notices',
      tags: ['Portal'],
      summary: 'Tell everybody something, in the three languages (RL-53)',
      description: 'By operations in administration mode.',
      request: {
        headers,
        body: body(
          z.strictObject({
            sv: sentence,
            nb: sentence,
            en: sentence,
            from: moment.optional().describe('When it begins to show; left out: now'),
            to: moment.optional().describe('When it ends by itself; left out: when it is ended'),
          }),
        ),
      },
      responses: { 201: json(z.object({ id: z.string(), from: z.string(), to: z.string().nullable() }), 'Set'), ...problems },
    }),
    async (c) => {
      const { from, to, ...text } = c.req.valid('json');
      const set = await given(
        c,
        { action: 'notices.set', about: 'notices', body: c.req.valid('json'), key: c.req.valid('header')['idempotency-key'] },
        (tx, trace) => setNotice(tx, { ...portal(c), text, from, to }, trace),
      );
      return ('refused' in set ? refused(c, set) : c.json(set, 201)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'post',
      path: '/notices/{id}/end',
      tags: ['Portal'],
      summary: 'End a notice now',
      description: 'By operations in administration mode.',
      request: { params: z.object({ id: z.uuid().toLowerCase() }), headers, body: body(z.strictObject({})) },
      responses: { 200: json(z.object({ id: z.string(), ended: z.literal(true) }), 'Ended'), ...problems },
    }),
    async (c) => {
      const { id } = c.req.valid('param');
      const ended = await given(
        c,
        { action: 'notices.end', about: `notice/${id}`, body: {}, key: c.req.valid('header')['idempotency-key'] },
        (tx, trace) => endNotice(tx, { ...portal(c), id }, trace),
      );
      return ('refused' in ended ? refused(c, ended) : c.json(ended, 200)) as never;
    },
  );

  app.openapi(
    createRoute({
      method: 'get',
      path: '/contacts',
      tags: ['Portal'],
      summary: 'Whom to turn to (RL-56, GC-51)',
      responses: {
        200: json(z.object({ suggestions: contactShape, reporting: contactShape, complaints: contactShape }), 'Contacts'),
        ...problems,
      },
    }),
    async (c) => {
      const { actor, today } = c.get('known');
      const { suggestions, reporting } = await settingOn(db, { institution: actor.institution, name: 'contacts', on: today });
      const complaints = await settingOn(db, { institution: actor.institution, name: 'complaint-help', on: today });
      return c.json(
        {
          suggestions: { email: suggestions, ...contactTexts.suggestions },
          reporting: { email: reporting, ...contactTexts.reporting },
          complaints: { email: complaints, ...contactTexts.complaints },
        },
        200,
      );
    },
  );
}
