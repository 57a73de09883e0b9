import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { staffRegister, type StaffRegister } from '../../activities/staff-register.js';
import { staff as sample } from '../simulators/sample.js';
import { staffRegisterSimulator } from '../simulators/staff-register.js';

const [, eva] = sample.map(({ id }) => id);

describe('staff register', () => {
  const firstPageWell = () => ({ match: 'GET /staff', effect: 'delay', ms: 1, times: 1 });
  let simulated: ReturnType<typeof staffRegisterSimulator>;
  let server: Awaited<ReturnType<typeof simulated.listen>>;
  let register: StaffRegister;

  beforeEach(async () => {
    simulated = staffRegisterSimulator({ pageSize: 2, token: 'right' });
    server = await simulated.listen();
    register = staffRegister({ baseUrl: server.url, token: 'right', timeoutMs: 5_000 });
  });
  afterEach(async () => {
    await register.close();
    await server.close();
  });

  const told = async (asked?: { since?: string }) => (await register.changes(asked)).people;
  const change = async (id: string | undefined, what: object) => {
    const answer = await fetch(`${server.url}/__sim/staff/${id}`, { method: 'PUT', body: JSON.stringify(what) });
    expect(answer.status).toBe(200);
  };

  it('gives everybody, over all pages', async () => {
    const everybody = await told();
    expect(everybody.map(({ id }) => id).sort()).toEqual(sample.map(({ id }) => id).sort());
    expect(everybody.find(({ login }) => login === 'eva')).toMatchObject({
      personNumber: sample[1]?.personNumber,
      mobile: '+46700000002',
      roles: [
        { role: 'teacher', course: null, from: '2012-08-01', to: null },
        ...['XX1000', 'ZZ3000', 'EX4000'].map((course) => ({ role: 'examiner', course, from: '2012-08-01', to: null })),
      ],
    });
    expect(everybody.find(({ login }) => login === 'olle')?.mobile).toBeNull();
  });

  it('gives whom something changed for since an instant, and again whom it changed for at that instant', async () => {
    const newest = (await told()).at(-1)?.changedAt ?? '';
    await change(eva, { roles: [{ role: 'teacher', course: null, from: '2012-08-01', to: null }] });
    const after = new Date(Date.parse(newest) + 1).toISOString();
    const [changed, ...others] = await told({ since: after });
    expect(others).toEqual([]);
    expect(changed).toMatchObject({ id: eva, roles: [{ role: 'teacher' }] });
    expect(await told({ since: changed?.changedAt })).toEqual([changed]);
    expect(await told({ since: '2999-01-01T00:00:00.000Z' })).toEqual([]);
  });

  it('loses nobody when somebody changes between two pages', async () => {
    const first = (await told())[0]?.id;
    simulated.faults.push(firstPageWell(), { match: 'GET /staff', effect: 'delay', ms: 1_000, times: 1 });
    const ask = told();
    while (simulated.faults.length) await new Promise((soon) => setTimeout(soon, 5));
    await change(first, { mobile: null });
    const found = await ask;
    expect(found.at(-1)).toMatchObject({ id: first, mobile: null });
    expect([...new Set(found.map(({ id }) => id))].sort()).toEqual(sample.map(({ id }) => id).sort());
  });

  it('gives one person as they are now, and nobody for an unknown id', async () => {
    await change(eva, { mobile: '+46700000099' });
    expect(await register.person(eva ?? '')).toMatchObject({ id: eva, mobile: '+46700000099' });
    expect(await register.person('nobody')).toBeUndefined();
    expect(await register.person('../__sim/log')).toBeUndefined();
  });

  it('works below a path', async () => {
    const below = staffRegister({ baseUrl: `${server.url}/nothing/here`, token: 'right', timeoutMs: 5_000 });
    await expect(below.changes()).rejects.toMatchObject({ name: 'PartnerRefused', status: 404 });
    await below.close();
  });

  it('gives nobody when one page fails', async () => {
    simulated.faults.push(firstPageWell(), { match: 'GET /staff', effect: '500', times: 1 });
    await expect(register.changes()).rejects.toBeInstanceOf(PartnerUnavailable);
    expect(await told()).toHaveLength(sample.length);
  });

  it.each(['500', '502-html', '429', 'malformed'])('is unavailable while the register answers with %s', async (effect) => {
    simulated.faults.push({ match: 'GET *', effect });
    await expect(register.changes()).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(register.person(eva ?? '')).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(register.probe()).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.length = 0;
    await expect(register.probe()).resolves.toBeUndefined();
  });

  it('is unavailable when no answer comes in time', async () => {
    simulated.faults.push({ match: 'GET *', effect: 'timeout-before', ms: 2_000 });
    const hasty = staffRegister({ baseUrl: server.url, token: 'right', timeoutMs: 800 });
    await expect(hasty.changes()).rejects.toMatchObject({ reason: 'timeout' });
    await hasty.close();
  });

  it('refuses a person without roles rather than taking their rights away', async () => {
    const broken = simulated.store.staff.find(({ id }) => id === eva) as unknown as Record<string, unknown>;
    delete broken.roles;
    const { people, unreadable } = await register.changes();
    expect([people.some(({ id }) => id === eva), unreadable]).toEqual([false, [broken]]);
    await expect(register.person(eva ?? '')).rejects.toMatchObject({ reason: 'malformed' });
  });

  it.each([
    ['an id of another kind', { id: '4711' }],
    ['a role from a day before our years', { roles: [{ role: 'teacher', course: null, from: '0000-01-01', to: null }] }],
    ['a change that is still to come', { changedAt: '9999-12-31T00:00:00.000Z' }],
    ['a change before our years', { changedAt: '0000-01-01T00:00:00.000Z' }],
    ['a name that is none', { surname: 7 }],
  ])('puts somebody aside with %s, and gives all others', async (_what, wrong) => {
    Object.assign(simulated.store.staff.find(({ id }) => id === eva) as object, wrong);
    const { people, unreadable } = await register.changes();
    expect(people.map(({ id }) => id).sort()).toEqual(
      sample
        .map(({ id }) => id)
        .filter((id) => id !== eva)
        .sort(),
    );
    expect(unreadable).toMatchObject([wrong]);
  });

  it('is refused with a wrong token, and says so without the token or a name', async () => {
    const stranger = staffRegister({ baseUrl: server.url, token: 'wrong', timeoutMs: 5_000 });
    const error = (await stranger.changes().catch((refused: unknown) => refused)) as PartnerRefused;
    expect(error).toBeInstanceOf(PartnerRefused);
    expect(error.message).toBe('staff register refused (401)');
    await stranger.close();
  });
});
