import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createApi } from '../../api/app.js';
import { createLogger } from '../../activities/logger.js';
import { settingOn } from '../../activities/settings.js';
import { filledList } from '../support/lists.js';
import { auditOf, callWith } from '../support/staff.js';
import { openUniversity, personOf, type Answer, type University } from '../support/university.js';

const institution = 'bth';
const notice = { sv: 'Stängt i helgen.', nb: 'Stengt i helgen.', en: 'Closed at the weekend.' };
const fourEyes = { value: true, from: '2027-01-01', reason: 'The board wants it.' };

describe('the portal', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  /** Signs somebody in anew: a token of its own, on which nothing is switched. */
  const signedIn = async (login: string) => {
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf(login).id, sid: randomUUID() });
    return {
      get: (path: string) => callWith(at, token, 'GET', path),
      post: (path: string, body: unknown = {}, key: string = randomUUID()): Promise<Answer> =>
        callWith(at, token, 'POST', path, {
          body: JSON.stringify(body),
          headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
        }),
    };
  };
  const administering = async () => {
    const olle = await signedIn('olle');
    expect((await olle.post('/me/administration-mode', { on: true })).body).toEqual({ on: true });
    return olle;
  };
  const refusedOff = { status: 403, body: { rule: 'RL-55', code: 'administration-mode-off' } };

  describe('administration mode', () => {
    it("RL-54 is a switch of one's own, off from the start, on and off again", async () => {
      const olle = await signedIn('olle');
      expect((await olle.get('/me/administration-mode')).body).toEqual({ on: false });
      expect(await olle.post('/me/administration-mode', { on: true })).toMatchObject({ status: 200, body: { on: true } });
      expect((await olle.get('/me/administration-mode')).body).toEqual({ on: true });
      expect(await olle.post('/me/administration-mode', { on: false })).toMatchObject({ status: 200, body: { on: false } });
      expect((await olle.get('/me/administration-mode')).body).toEqual({ on: false });
      const traced = (await auditOf(at)).filter(
        (entry) => entry.action === 'me.administration-mode' && entry.actor === personOf('olle').id,
      );
      expect(traced.slice(-2).map((entry) => entry.details.on)).toEqual([true, false]);
    });

    it('RL-55 is needed for notices, their end and settings, with every no in the audit', async () => {
      const olle = await signedIn('olle');
      for (const [path, body] of [
        ['/notices', notice],
        [`/notices/${randomUUID()}/end`, {}],
        ['/settings/four-eyes', fourEyes],
        [
          '/settings/contacts',
          { value: { suggestions: 'a@b.example', reporting: 'a@b.example' }, from: '2026-01-01', reason: 'New.' },
        ],
      ] as const)
        expect(await olle.post(path, body)).toMatchObject(refusedOff);
      const refused = (await auditOf(at)).filter(
        (entry) => entry.outcome === 'refused' && entry.code === 'administration-mode-off',
      );
      expect(refused.map((entry) => entry.action)).toEqual(['notices.set', 'notices.end', 'settings.set', 'settings.set']);
      expect(await settingOn(at.world.db, { institution, name: 'four-eyes', on: '2027-01-01' })).toBe(false);
      expect((await olle.get('/notices')).body.items).toEqual([]);
    });

    it('RL-55 is gone with the next sign-in, and does not reach another one that goes on beside it', async () => {
      const [other, olle] = [await signedIn('olle'), await administering()];
      expect((await olle.post('/settings/four-eyes', fourEyes)).status).toBe(200);
      expect(await other.post('/settings/four-eyes', fourEyes)).toMatchObject(refusedOff);
      const later = await signedIn('olle');
      expect((await later.get('/me/administration-mode')).body).toEqual({ on: false });
      expect(await later.post('/settings/four-eyes', fourEyes)).toMatchObject(refusedOff);
      expect((await olle.get('/me/administration-mode')).body).toEqual({ on: true });
    });

    it('RL-55 goes by the moment of the sign-in where the issuer names no session, and by the token where it tells nothing', async () => {
      const olle = personOf('olle').id;
      const with_ = async (claims: object) => {
        const token = await at.simulators.identityProvider.makeToken({ sub: olle, ...claims });
        return async (on?: boolean) =>
          (
            await (on === undefined
              ? callWith(at, token, 'GET', '/me/administration-mode')
              : callWith(at, token, 'POST', '/me/administration-mode', {
                  body: JSON.stringify({ on }),
                  headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() },
                }))
          ).body.on;
      };
      const [first, renewed, later] = [
        await with_({ authTime: 1_000 }),
        await with_({ authTime: 1_000, jti: 'another' }),
        await with_({ authTime: 1_001 }),
      ];
      expect(await first(true)).toBe(true);
      expect([await renewed(), await later()]).toEqual([true, false]);
      const [bare, next] = [await with_({ jti: 'one' }), await with_({ jti: 'two' })];
      expect(await bare(true)).toBe(true);
      expect([await bare(), await next()]).toEqual([true, false]);
      const [session, again] = [await with_({ sid: 's', authTime: 1 }), await with_({ sid: 's', authTime: 2 })];
      expect(await session(true)).toBe(true);
      expect([await session(), await again()]).toEqual([true, false]);
    });

    it('RL-55 lasts no longer than a working day', async () => {
      const olle = await administering();
      await at.world.db.$executeRaw`UPDATE administration_modes SET switched_at = switched_at - interval '13 hours'`;
      expect((await olle.get('/me/administration-mode')).body).toEqual({ on: false });
      expect(await olle.post('/notices', notice)).toMatchObject(refusedOff);
    });

    it('RL-55 is no switch for those who may not edit the portal, and gives them nothing', async () => {
      for (const login of ['tove', 'eva', 'karin', 'rut']) {
        const caller = await signedIn(login);
        for (const [path, body] of [
          ['/me/administration-mode', { on: true }],
          ['/notices', notice],
          [`/notices/${randomUUID()}/end`, {}],
          ['/settings/four-eyes', fourEyes],
        ] as const)
          expect(await caller.post(path, body)).toMatchObject({
            status: 403,
            body: { rule: 'RL-55', code: 'not-yours-to-give' },
          });
      }
    });

    it('RL-55 is never asked of somebody who enters, saves and sends results', async () => {
      const list = await filledList(at);
      expect((await at.as('tove').get('/me/administration-mode')).body).toEqual({ on: false });
      expect((await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() })).status).toBe(200);
    });
  });

  describe('settings', () => {
    it("are there with their defaults, in the reader's language", async () => {
      const { body } = await at.as('tove').get('/settings?on=2026-11-22', { 'Accept-Language': 'en' });
      expect(Object.fromEntries(body.items.map((one: any) => [one.name, one.value]))).toEqual({
        'electronic-signature': { enough: true, decidedBy: 'Högskoledirektören', decidedOn: null },
        'four-eyes': false,
        'code-length': 5,
        'person-number-in-mail': true,
        contacts: { suggestions: 'ladok@bth.example', reporting: 'utbildningsstod@bth.example' },
        'grade-words': [],
        holidays: [],
        'result-list-working-days': 10,
        'only-own-courses': false,
        'entry-by-hand': false,
        'complaint-protection': 'neither',
        'complaint-committee': { members: 2, external: 1 },
        'complaint-pilots': [],
        'complaint-help': 'fshjelp@bth.example',
        'exchange-module': false,
        'exchange-reserved': false,
        'exchange-legal-basis': { basis: 'consent', citation: 'lov 15. juni 2018 nr. 38 om behandling av personopplysninger' },
        'exchange-consent': null,
        'exchange-source-consent': false,
        'exchange-retry-days': 14,
        'exchange-calls': 4,
        'exchange-test-numbers': false,
        'exchange-support': 'fs-support@sikt.example',
        'complaint-law': expect.objectContaining({ complaint: expect.stringContaining('lov 8. mars 2024 nr. 9') }),
      });
      expect(body.items[0]).toMatchObject({
        title: 'The electronic signature is enough',
        rule: 'RL-49',
        follows: 'legal-date',
        on: '2026-11-22',
        from: '2015-06-01',
      });
    });

    it('hold from their day on: the latest that began not after the day, the last one set of several', async () => {
      const olle = await administering();
      for (const [value, from] of [
        [6, '2026-03-01'],
        [8, '2026-05-01'],
        [7, '2026-05-01'],
      ] as const)
        expect((await olle.post('/settings/code-length', { value, from, reason: 'Longer is safer.' })).body).toEqual({
          name: 'code-length',
          from,
        });
      const on = (day: string) => settingOn(at.world.db, { institution, name: 'code-length', on: day });
      expect([
        await on('2026-02-28'),
        await on('2026-03-01'),
        await on('2026-04-30'),
        await on('2026-05-01'),
        await on('2027-01-01'),
      ]).toEqual([5, 6, 6, 7, 7]);
      const { body } = await at.as('rut').get('/settings/code-length?on=2026-04-01');
      expect(body).toMatchObject({ value: 6, from: '2026-03-01', on: '2026-04-01' });
      expect(body.values.map((one: any) => [one.from, one.value, one.setBy, one.reason])).toEqual([
        ['0001-01-01', 5, null, null],
        ['2026-03-01', 6, personOf('olle').id, 'Longer is safer.'],
        ['2026-05-01', 8, personOf('olle').id, 'Longer is safer.'],
        ['2026-05-01', 7, personOf('olle').id, 'Longer is safer.'],
      ]);
      expect(await settingOn(at.world.db, { institution: 'elsewhere', name: 'code-length', on: '2026-05-01' })).toBe(5);
    });

    it('are never changed or taken away, not even past the service', async () => {
      const olle = await administering();
      await olle.post('/settings/holidays', {
        value: [{ date: '2026-12-23', name: 'Closed' }],
        from: '2026-12-01',
        reason: 'Decided.',
      });
      await expect(at.world.db.$executeRaw`UPDATE settings SET value = '[]'`).rejects.toThrow('append-only');
      await expect(at.world.db.$executeRaw`DELETE FROM settings`).rejects.toThrow('append-only');
      await expect(at.world.db.$executeRaw`TRUNCATE settings`).rejects.toThrow('append-only');
      expect(await settingOn(at.world.db, { institution, name: 'holidays', on: '2026-12-24' })).toEqual([
        { date: '2026-12-23', name: 'Closed' },
      ]);
    });

    it('are set once however often the same key comes, and traced without free text', async () => {
      const olle = await administering();
      const key = randomUUID();
      const body = { value: false, from: '2028-01-01', reason: 'Anna Andersson asked for it.' };
      for (let n = 0; n < 3; n += 1)
        expect(await olle.post('/settings/person-number-in-mail', body, key)).toMatchObject({ status: 200 });
      expect(await at.world.db.setting.count({ where: { name: 'person-number-in-mail' } })).toBe(1);
      const traced = (await auditOf(at)).filter(
        (entry) => entry.action === 'settings.set' && entry.details.setting === 'person-number-in-mail',
      );
      expect(traced).toMatchObject([
        { outcome: 'done', actor: personOf('olle').id, details: { from: '2028-01-01', entry: expect.any(String) } },
      ]);
      expect(JSON.stringify(traced)).not.toContain('Anna');
    });

    it('are refused in the wrong form, by an unknown name and without a reason', async () => {
      const olle = await administering();
      const fine = { value: 6, from: '2026-12-01', reason: 'Decided.' };
      for (const wrong of [
        { value: 9 },
        { value: '6' },
        { from: '2026-02-30' },
        { from: '0000-01-01' },
        { from: 'today' },
        { reason: ' ' },
        { more: 1 },
      ])
        expect(await olle.post('/settings/code-length', { ...fine, ...wrong })).toMatchObject({
          status: 422,
          body: { code: 'invalid-input' },
        });
      expect([(await olle.get('/settings/nothing')).status, (await olle.post('/settings/nothing', fine)).status]).toEqual([
        404, 404,
      ]);
      expect((await olle.get('/settings/code-length?on=2026-13-01')).status).toBe(422);
    });
  });

  describe('notices and contacts', () => {
    const shown = async () => (await at.as('tove').get('/notices')).body.items;

    it('RL-53 are told to everybody in three languages, on every list too, until operations end them', async () => {
      const olle = await administering();
      const set = await olle.post('/notices', notice);
      expect(set).toMatchObject({ status: 201, body: { id: expect.any(String), to: null } });
      expect(await shown()).toEqual([{ code: 'from-operations', ...notice, ...set.body }]);
      const list = await filledList(at);
      expect((await list.read()).notices).toEqual(await shown());
      expect((await olle.post(`/notices/${set.body.id}/end`)).body).toEqual({ id: set.body.id, ended: true });
      expect(await shown()).toEqual([]);
      expect(await olle.post(`/notices/${set.body.id}/end`)).toMatchObject({
        status: 404,
        body: { rule: 'RL-53', code: 'no-such-notice' },
      });
      const traced = (await auditOf(at)).filter((entry) => entry.details?.notice === set.body.id);
      expect(traced.map((entry) => [entry.action, entry.outcome])).toEqual([
        ['notices.set', 'done'],
        ['notices.end', 'done'],
        ['notices.end', 'refused'],
      ]);
    });

    it('RL-53 show from their beginning to their end, and beside what is down by itself', async () => {
      const olle = await administering();
      const from = new Date(Date.now() + 3_600_000).toISOString();
      const set = await olle.post('/notices', { ...notice, from, to: new Date(Date.now() + 7_200_000).toISOString() });
      expect(await shown()).toEqual([]);
      expect((await at.as('tove').get('/notices?planned=true')).body.items).toMatchObject([{ id: set.body.id, from }]);
      await at.world.db.$executeRaw`UPDATE notices SET from_time = now() - interval '1 minute' WHERE id = ${set.body.id}::uuid`;
      await at.world.db
        .$executeRaw`INSERT INTO partner_health (partner, up, failures, since) VALUES ('ladok', false, 3, now()) ON CONFLICT (partner) DO UPDATE SET up = false`;
      expect((await shown()).map((one: any) => one.code)).toEqual(['from-operations', 'register-down']);
      await at.world.db.$executeRaw`UPDATE notices SET to_time = now() - interval '1 second' WHERE id = ${set.body.id}::uuid`;
      await at.world.db.$executeRaw`UPDATE partner_health SET up = true WHERE partner = 'ladok'`;
      expect(await shown()).toEqual([]);
      expect((await at.as('tove').get('/notices?planned=true')).body.items).toEqual([]);
    });

    it('RL-53 are refused in two languages only, or with an end before the beginning or now', async () => {
      const olle = await administering();
      const { en: _left, ...two } = notice;
      expect((await olle.post('/notices', two)).status).toBe(422);
      for (const times of [{ from: '2026-12-24T00:00:00Z', to: '2026-12-23T00:00:00Z' }, { to: '2026-01-01T00:00:00Z' }])
        expect(await olle.post('/notices', { ...notice, ...times })).toMatchObject({
          status: 422,
          body: { rule: 'RL-53', code: 'notice-already-over' },
        });
      for (const from of ['tomorrow', '0000-01-01T00:00:00Z', '9999-12-31T23:59:59-12:00', '2026-12-24T00:00:00'])
        expect((await olle.post('/notices', { ...notice, from })).status).toBe(422);
      expect(await shown()).toEqual([]);
    });

    it('RL-56 says whom to turn to, as operations have set it', async () => {
      expect((await at.as('tove').get('/contacts')).body).toEqual({
        suggestions: {
          email: 'ladok@bth.example',
          sv: expect.stringContaining('vad du försöker göra'),
          nb: expect.any(String),
          en: expect.stringContaining('where you are'),
        },
        reporting: {
          email: 'utbildningsstod@bth.example',
          sv: expect.stringContaining('Kurs- och programstöd'),
          nb: expect.any(String),
          en: expect.stringContaining('course office'),
        },
        complaints: {
          email: 'fshjelp@bth.example',
          sv: expect.stringContaining('klagomål'),
          nb: expect.stringContaining('brukertilgang til FS'),
          en: expect.stringContaining('complaints'),
        },
      });
      const olle = await administering();
      await olle.post('/settings/contacts', {
        value: { suggestions: 'a@other.example', reporting: 'b@other.example' },
        from: '2026-01-01',
        reason: 'Another university.',
      });
      expect((await at.as('tove').get('/contacts')).body).toMatchObject({
        suggestions: { email: 'a@other.example' },
        reporting: { email: 'b@other.example' },
      });
    });

    it('GC-51 says whom to ask about complaints, as operations have set it', async () => {
      const olle = await administering();
      await olle.post('/settings/complaint-help', {
        value: 'klager@other.example',
        from: '2026-01-01',
        reason: 'Another university.',
      });
      expect((await at.as('siri').get('/contacts')).body.complaints.email).toBe('klager@other.example');
    });
  });

  it('RL-57 keeps nothing in a browser: answers are not stored, scripts of the page are asked for anew', async () => {
    const list = await filledList(at);
    const answers = [
      await at.as('tove').get(`/result-lists/${list.number}`),
      await at.as('tove').get('/me'),
      await at.as('tove').get('/notices'),
      await at.as('tove').get('/nothing-here'),
      await at.as('tove').post(`/result-lists/${list.number}/send`, {}),
      await callWith(at, undefined, 'GET', '/me'),
      await callWith(at, undefined, 'GET', '/openapi.json'),
      await callWith(at, undefined, 'GET', '/docs'),
    ];
    expect(answers.map(({ headers }) => headers.get('Cache-Control'))).toEqual(answers.map(() => 'no-store'));
    for (const path of ['/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js'])
      expect((await callWith(at, undefined, 'GET', path)).headers.get('Cache-Control')).toBe('no-cache');
    expect((await callWith(at, undefined, 'GET', '/docs-start.js')).headers.get('Cache-Control')).toMatch(/^no-(store|cache)$/);
    const failing = createApi({
      world: at.world,
      verify: () => Promise.reject(new Error('broken')),
      logger: createLogger({ level: 'error', name: 'test', file: at.logFile }),
      version: { version: '0', buildId: 'test' },
    });
    const failed = await failing.request('/me', { headers: { Authorization: 'Bearer x' } });
    expect([failed.status, failed.headers.get('Cache-Control')]).toEqual([500, 'no-store']);
  });
});
