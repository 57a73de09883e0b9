import { bearer } from './bearer.js';
import { staff as sample } from './sample.js';
import { simulator, type Simulator } from './simulator.js';

export interface RegisteredRole {
  role: string;
  course: string | null;
  from: string;
  to: string | null;
}
export interface RegisteredPerson {
  id: string;
  login: string;
  givenName: string;
  surname: string;
  personNumber: string;
  email: string;
  mobile: string | null;
  language: string;
  roles: RegisteredRole[];
  changedAt: string;
}

const THE_BEGINNING = '2026-01-01T00:00:00.000Z';

const firstStaff = (): RegisteredPerson[] =>
  sample.map((person) => ({
    ...person,
    mobile: person.mobile ?? null,
    roles: person.roles.map((role) => ({ role: role.role, course: role.course ?? null, from: role.from, to: role.to ?? null })),
    changedAt: THE_BEGINNING,
  }));

const placeOf = (person: RegisteredPerson) => `${person.changedAt}~${person.id}`;

/**
 * A staff register such as BARD. It has no public protocol: this REST is invented, and a real register's has to take its place.
 *
 * - `GET /staff?changedSince=<instant>&page=<token>` -> `{ staff, next }`: everybody changed at or after the instant, oldest
 *   change
 *   first; `next` is the token of the next page or null. Somebody changed meanwhile turns up again at the end.
 * - `GET /staff/{id}` -> a person, or 404. `GET /ping` -> `{}`.
 * - `PUT /__sim/staff/{id}` changes what is given of a person (`{ "roles": [] }`, `{ "mobile": null }`), or adds a whole one.
 *
 * All but the last want `Authorization: Bearer`, any token unless `token` is given.
 */
export function staffRegisterSimulator({
  folder,
  token,
  pageSize = 50,
}: { folder?: string; token?: string; pageSize?: number } = {}): Simulator<{ staff: RegisteredPerson[] }> {
  const base = simulator('staff-register', () => ({ staff: firstStaff() }), folder);
  const { app, store } = base;
  app.use(bearer(token));

  app.get('/ping', (c) => c.json({}));

  app.get('/staff', (c) => {
    const { changedSince = '', page = '' } = c.req.query();
    if (changedSince && Number.isNaN(Date.parse(changedSince))) return c.json({ error: 'changedSince is no instant' }, 400);
    const since = changedSince && new Date(changedSince).toISOString();
    const left = store.staff
      .filter((person) => person.changedAt >= since && placeOf(person) > page)
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
    const shown = left.slice(0, pageSize);
    const last = shown.at(-1);
    return c.json({ staff: shown, next: last && left.length > shown.length ? placeOf(last) : null });
  });

  app.get('/staff/:id', (c) => {
    const person = store.staff.find(({ id }) => id === c.req.param('id'));
    return person ? c.json(person) : c.json({ error: 'nobody with this id' }, 404);
  });

  app.put('/__sim/staff/:id', async (c) => {
    const id = c.req.param('id');
    const at = store.staff.findIndex((person) => person.id === id);
    const latest = store.staff.reduce((max, { changedAt }) => Math.max(max, Date.parse(changedAt)), 0);
    const changedAt = new Date(Math.max(Date.now(), latest + 1)).toISOString();
    const person = { ...store.staff[at], ...(await c.req.json<Partial<RegisteredPerson>>()), id, changedAt } as RegisteredPerson;
    const whole = person.login && person.personNumber && Array.isArray(person.roles);
    if (!whole) return c.json({ error: 'not a whole person' }, 400);
    store.staff.splice(at < 0 ? store.staff.length : at, 1, person);
    base.save();
    return c.json(person);
  });

  return base;
}
