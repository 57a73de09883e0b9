import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createUpkeep } from '../../activities/upkeep.js';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { filledList, newList, sentList, signedList } from '../support/lists.js';
import { auditOf, changeStaff, newcomer, refreshed, swept } from '../support/staff.js';
import { openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('what somebody may do', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  it('is what the staff register says today, and told at /me', async () => {
    expect((await at.as('eva').get('/me')).body).toEqual({
      id: personOf('eva').id,
      institution: 'bth',
      language: 'sv',
      roles: expect.arrayContaining([{ role: 'teacher' }, { role: 'examiner', course: 'XX1000' }]),
    });
    const long = await newcomer(at, [
      { role: 'teacher', to: '2020-01-01' },
      { role: 'course-office', from: '2999-01-01' },
      { role: 'planner', from: '2020-01-01', to: '2999-01-01' },
    ]);
    expect((await long.get('/me')).body.roles).toEqual([{ role: 'planner' }]);
    expect(await long.post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })).toMatchObject({
      status: 403,
      body: { rule: 'RL-01' },
    });
  });

  it('is gone at the next request when the role was taken away, with the same token', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }, { role: 'examiner', course: 'XX1000' }]);
    const list = await sentList(at);
    expect((await guest.get(`/result-lists/${list.number}`)).body.commands.map((one: any) => one.name)).toContain('return');
    await changeStaff(at, guest.id, { roles: [{ role: 'committee-member' }] });
    expect((await guest.get('/me')).body.roles).toEqual([{ role: 'committee-member' }]);
    expect(await guest.get(`/result-lists/${list.number}`)).toMatchObject({
      status: 403,
      body: { rule: 'RL-03', code: 'not-yours-to-open' },
    });
    expect(await guest.post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' })).toMatchObject({
      status: 403,
      body: { rule: 'RL-38', code: 'not-yours-to-give' },
    });
    expect(await guest.post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })).toMatchObject({
      status: 403,
      body: { rule: 'RL-01' },
    });
    expect((await list.read()).state).toBe('with-examiner');
    const refusals = (await auditOf(at)).filter((entry) => entry.actor === guest.id && entry.outcome === 'refused');
    expect(refusals.map((entry) => entry.rule).sort()).toEqual(['RL-01', 'RL-03', 'RL-38']);
    await changeStaff(at, guest.id, { roles: [{ role: 'examiner', course: 'XX1000' }] });
    expect((await guest.post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' })).status).toBe(200);
  });

  it('is nothing without a role: only what is their own is reached, and the refusal is kept', async () => {
    const guest = await newcomer(at, []);
    for (const path of ['/me', '/notices', '/contacts'])
      expect({ path, status: (await guest.get(path)).status }).toEqual({ path, status: 200 });
    for (const path of ['/settings', '/delegations', '/subscriptions', '/complaints'])
      expect({ path, ...(await guest.get(path)).body }).toMatchObject({
        path,
        status: 403,
        rule: 'registrar',
        code: 'not-yours-to-open',
      });
    expect((await guest.get('/result-lists')).body.items).toEqual([]);
    expect(await guest.post('/simulations/complaint')).toMatchObject({ status: 403, body: { rule: 'registrar' } });
    const refused = (await auditOf(at)).filter((entry) => entry.actor === guest.id && entry.outcome === 'refused');
    expect(refused.map((entry) => entry.details.route)).toContain('/settings');
  });

  it('is gone also where the staff register tells of others who cannot be read or kept, which the audit says once', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const [one, other] = [randomUUID(), randomUUID()];
    const nobody = { ...at.simulators.staffRegister.store.staff[0]!, changedAt: new Date().toISOString() };
    at.simulators.staffRegister.store.staff.push(
      { ...nobody, id: 'not-a-uuid' },
      { ...nobody, id: one, roles: [{ role: 'teacher', course: null, from: '0000-01-01', to: null }] },
      { ...nobody, id: other, surname: 'Noll\u0000tecken' },
    );
    await changeStaff(at, guest.id, { roles: [] });
    expect((await guest.get('/me')).body.roles).toEqual([]);
    await refreshed(at);
    const noted = (await auditOf(at)).filter((entry) => entry.action === 'staff-register.unreadable');
    expect(noted).toMatchObject([{ actor: 'system', details: { entries: 3, people: [one, other] } }]);
    const { staff } = at.simulators.staffRegister.store;
    staff.splice(
      staff.findIndex(({ id }) => id === 'not-a-uuid'),
      3,
    );
  });

  it('is what the staff register said last, also where something it said earlier is brought later', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const { login: _login, ...earlier } = at.simulators.staffRegister.store.staff.find(({ id }) => id === guest.id)!;
    await changeStaff(at, guest.id, { roles: [] });
    const changes = async () => ({ people: [{ login: 'guest', ...structuredClone(earlier) }], unreadable: [] });
    const deps = { db: at.world.db, institution: 'bth', staffRegister: { changes } };
    await new MockActivityEnvironment().run(createUpkeep(deps as unknown as Parameters<typeof createUpkeep>[0]).refreshStaff);
    expect((await guest.get('/me')).body.roles).toEqual([]);
  });

  it('is shown as not up to date while the staff register does not answer', async () => {
    const codes = async () => (await at.as('tove').get('/notices')).body.items.map((one: { code: string }) => one.code);
    at.simulators.staffRegister.faults.push({ match: 'GET *', effect: '500' });
    for (let tries = 0; tries < 3; tries += 1) await refreshed(at);
    expect(await codes()).toEqual(['staff-register-down']);
    at.simulators.staffRegister.faults.length = 0;
    await swept(at);
    expect(await codes()).toEqual([]);
  });

  it('is not what the caller says about roles', async () => {
    const list = await sentList(at);
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf('tove').id, login: 'eva' });
    const answer = await at.app.request(`/result-lists/${list.number}/return?role=examiner`, {
      method: 'POST',
      body: JSON.stringify({ reason: 'Look once more.' }),
      headers: {
        Authorization: `Bearer ${token}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': 'k',
        'X-Role': 'examiner',
        'X-User': personOf('eva').id,
      },
    });
    expect(answer.status).toBe(403);
  });

  it('is part of the answer about a case: state, who is next, until when, and the commands of this very caller', async () => {
    const offered = async (number: string, login: Login) => {
      const { body } = await at.as(login).get(`/result-lists/${number}`, { 'Accept-Language': 'en' });
      return {
        state: body.state,
        stateText: body.stateText,
        waitingFor: body.waitingFor,
        due: body.due,
        commands: body.commands.map((one: any) => one.name),
      };
    };
    const draft = await filledList(at);
    const common = { state: 'draft', stateText: 'Draft', waitingFor: 'teacher', due: null };
    expect(await offered(draft.number, 'tove')).toEqual({
      ...common,
      commands: ['save', 'remove', 'fetch', 'find-exams', 'find-columns', 'check-registrations', 'send', 'withdraw'],
    });
    expect(await offered(draft.number, 'erik')).toEqual({
      ...common,
      commands: ['save', 'remove', 'fetch', 'find-exams', 'find-columns', 'check-registrations', 'send'],
    });
    expect(await offered(draft.number, 'eva')).toEqual({
      ...common,
      commands: [
        'save',
        'remove',
        'fetch',
        'find-exams',
        'find-columns',
        'check-registrations',
        'send',
        'request-code',
        'order-bankid',
        'sign',
        'withdraw',
      ],
    });
    expect(await offered(draft.number, 'karin')).toEqual({ ...common, commands: ['check-registrations'] });
    for (const login of ['olle', 'rut']) expect((await offered(draft.number, login)).commands).toEqual([]);
    const signed = await signedList(at);
    expect(await offered(signed.number, 'karin')).toMatchObject({
      state: 'signed',
      stateText: 'Signed',
      waitingFor: 'course-office',
      commands: ['enter'],
    });
    expect(await offered(signed.number, 'eva')).toMatchObject({ state: 'signed', commands: [] });
    expect((await at.as('erik').get(`/result-lists/${(await newList(at, 'erik')).number}`)).body.waitingFor).toBe('teacher');
    expect((await at.as('eva').get(`/result-lists/${(await newList(at, 'eva')).number}`)).body.waitingFor).toBe('examiner');
  });

  it('is never more than is offered: what is not among the commands is refused', async () => {
    const list = await sentList(at);
    for (const login of ['tove', 'erik', 'karin', 'olle', 'rut'] as const) {
      const offered = (await list.read(login)).commands.map((one: any) => one.name);
      for (const [command, body] of [
        ['return', { reason: 'Look once more.' }],
        ['withdraw', {}],
        ['send', { version: 1 }],
        ['request-code', { version: await list.version() }],
      ] as const) {
        expect(offered).not.toContain(command);
        expect((await at.as(login).post(`/result-lists/${list.number}/${command}`, body)).status).toBeGreaterThanOrEqual(403);
      }
    }
    expect((await list.read()).state).toBe('with-examiner');
  });

  it("does not reach another person's signing code or command", async () => {
    const list = await sentList(at);
    const asked = await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    const place = asked.headers.get('Location') ?? '';
    expect((await at.as('eva').get(place)).status).toBe(200);
    for (const login of ['tove', 'erik', 'karin', 'olle']) {
      expect((await at.as(login).get(place)).status).toBe(404);
      expect(await at.as(login).post(`${place}/check`, { code: '12345' })).toMatchObject({
        status: 409,
        body: { code: 'code-not-accepted' },
      });
    }
    const command = await at.world.db.command.findFirstOrThrow({ where: { name: 'request-code', caller: personOf('eva').id } });
    expect((await at.as('eva').get(`/commands/${command.key}`)).status).toBeLessThan(300);
    expect((await at.as('tove').get(`/commands/${command.key}`)).status).toBe(404);
  });
});
