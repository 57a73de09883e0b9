import { bearer } from './bearer.js';
import { fsPersons } from './fs/sample.js';
import { students } from './sample.js';
import { simulator, type Simulator } from './simulator.js';

export interface PortalResult {
  studentUid: string;
  courseCode: string;
  moduleCode: string | null;
  grade: string;
  examinationDate: string;
  publishedAt: string;
}
interface PortalStore {
  contacts: Record<string, { email: string; language: string }>;
}
export interface StudentPortal extends Simulator<PortalStore> {
  results(): Record<string, PortalResult>;
}

const firstStore = (): PortalStore => ({
  contacts: Object.fromEntries([
    ...students.map(({ uid, email, language }) => [uid, { email, language }] as const),
    ...fsPersons.map(
      ({ personlopenummer, epost, maalform }) =>
        [String(personlopenummer), { email: epost, language: maalform === 'ENGELSK' ? 'en' : 'nb' }] as const,
    ),
  ]),
});

const readResult = (body: Record<string, unknown>): PortalResult | undefined => {
  const { studentUid, courseCode, moduleCode, grade, examinationDate, publishedAt } = body;
  const texts = [studentUid, courseCode, grade, examinationDate, publishedAt];
  if (!texts.every((value) => typeof value === 'string' && value !== '')) return undefined;
  if (moduleCode !== null && typeof moduleCode !== 'string') return undefined;
  return { studentUid, courseCode, moduleCode, grade, examinationDate, publishedAt } as PortalResult;
};

/**
 * A student portal. It has no public protocol: this REST is invented, and a real portal's has to take its place.
 *
 * - `GET /students/{ladokUid}/contact` -> `{ email, language }`, or 404.
 * - `PUT /results/{key}` with a result: 201 the first time, 200 for the same again, 409 for another under the same key.
 * - `GET /students/{ladokUid}/results` -> `{ results: [{ key, ...result }] }`. `GET /ping` -> `{}`.
 * - `PUT /__sim/students/{ladokUid}/contact` changes or adds a contact.
 *
 * The results are lines of the append-only log. All routes but the last want `Authorization: Bearer`, any token unless `token`
 * is given.
 */
export function studentPortalSimulator({ folder, token }: { folder?: string; token?: string } = {}): StudentPortal {
  const base = simulator('student-portal', firstStore, folder);
  const { app, store } = base;
  const results = new Map<string, PortalResult>();
  const kept = base.log.filter(({ event }) => event === 'result');
  kept.forEach(({ key, result }) => results.set(key as string, result as PortalResult));
  app.use(bearer(token));

  app.get('/ping', (c) => c.json({}));

  app.get('/students/:uid/contact', (c) => {
    const contact = store.contacts[c.req.param('uid')];
    return contact ? c.json(contact) : c.json({ error: 'nobody with this id' }, 404);
  });

  app.put('/__sim/students/:uid/contact', async (c) => {
    store.contacts[c.req.param('uid')] = await c.req.json();
    base.save();
    return c.body(null, 204);
  });

  app.put('/results/:key', async (c) => {
    const key = c.req.param('key');
    const result = readResult(await c.req.json());
    if (!result) return c.json({ error: 'not a result' }, 400);
    if (!store.contacts[result.studentUid]) return c.json({ error: 'no such student' }, 422);
    const known = results.get(key);
    if (known && JSON.stringify(known) !== JSON.stringify(result)) return c.json({ error: 'another result has this key' }, 409);
    if (known) return c.json({}, 200);
    base.note({ event: 'result', key, result });
    results.set(key, result);
    return c.json({}, 201);
  });

  app.get('/students/:uid/results', (c) => {
    const all = [...results].map(([key, result]) => ({ key, ...result }));
    return c.json({ results: all.filter(({ studentUid }) => studentUid === c.req.param('uid')) });
  });

  return { ...base, results: () => Object.fromEntries(results) };
}
