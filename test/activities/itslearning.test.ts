import { beforeEach, describe, expect, it } from '../spec.js';
import type { Itslearning } from '../../activities/itslearning.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { itslearningSimulator } from '../simulators/itslearning.js';
import { staff, strangerIndex } from '../simulators/sample.js';
import { EXAM, MEMBERSHIPS, ORGANISATION, PERSONS, ROOM, uid, platforms } from '../support/itslearning-platform.js';

const { open, platformAt } = platforms();
const LAB = 10;

describe('itslearning', () => {
  let simulated: ReturnType<typeof itslearningSimulator>;
  let url: string;
  let platform: Itslearning;

  beforeEach(async () => {
    simulated = itslearningSimulator({ user: 'partner-site', password: 'right' });
    const server = await simulated.listen();
    open.push(server.close);
    url = server.url;
    platform = platformAt(url);
  });

  const columnOf = (id: number) => simulated.store.rooms[0]!.columns.find((one) => one.id === id)!;
  const gradeMany = (count: number) => {
    columnOf(EXAM).grades = Array.from({ length: count }, (_, index) => ({
      person: uid(index),
      word: 'A',
      score: null,
      assessedAt: '2026-11-18T13:00:00Z',
    }));
  };
  const soon = async (holds: () => boolean) => {
    for (let looks = 0; !holds() && looks < 4_000; looks += 1) await new Promise((later) => setTimeout(later, 5));
  };

  it('RL-12 tells who is in a course room, and who of them is a student', async () => {
    const everybody = (await platform.participants(ROOM))!;
    const students = everybody.filter(({ role }) => role === 'student');
    expect(students.map(({ personKey }) => personKey)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => uid(index)),
      uid(strangerIndex),
    ]);
    expect(students[0]).toEqual({ personKey: uid(0), role: 'student', givenName: 'Åsa', surname: 'Öberg' });
    expect(everybody.filter(({ role }) => role === 'teacher')).toEqual([
      { personKey: staff[0]?.id, role: 'teacher', givenName: 'Tove', surname: 'Lärare' },
    ]);
  });

  it('RL-12 has no key and no name for somebody added by hand, and no role but other for a guest', async () => {
    const room = simulated.store.rooms[0]!;
    room.participants.push({ key: null, givenName: 'Hans', surname: 'Handlagd', role: 'Learner' });
    const everybody = (await platform.participants(ROOM))!;
    expect(everybody.slice(-2)).toEqual([
      { personKey: null, role: 'other', givenName: null, surname: null },
      { personKey: null, role: 'student', givenName: null, surname: null },
    ]);
  });

  it.each([
    ['01', 'student'],
    ['Learner', 'student'],
    ['02', 'teacher'],
    ['Instructor', 'teacher'],
    ['03', 'other'],
    ['04', 'other'],
    ['Mentor', 'other'],
    ['Administrator', 'other'],
    ['student', 'other'],
  ])('RL-12 takes the role type %s for %s', async (role, meant) => {
    simulated.store.rooms[0]!.participants = [{ key: 'somebody', givenName: 'A', surname: 'B', role }];
    expect(await platform.participants(ROOM)).toEqual([{ personKey: 'somebody', role: meant, givenName: 'A', surname: 'B' }]);
  });

  it('RL-15 gives what stands in one column, in the words of the platform', async () => {
    const words = ['A', 'B', 'C', 'Underkänd', 'Godkänd', 'E', null];
    expect(await platform.grades({ room: ROOM, column: EXAM })).toEqual([
      ...words.map((word, index) => ({ personKey: uid(index), word, score: index * 2.5 })),
      { personKey: uid(strangerIndex), word: 'D', score: 0 },
    ]);
    expect((await platform.grades({ room: ROOM, column: LAB })).map(({ word }) => word)).toEqual(['G', 'Godkänd', 'Ej godkänd']);
    expect(await platform.grades({ room: ROOM, column: 4711 })).toEqual([]);
  });

  it('RL-15 gives a grade that a teacher has just set', async () => {
    const path = `/__sim/rooms/${ROOM}/columns/${LAB}/grades/${uid(1)}`;
    expect((await fetch(`${url}${path}`, { method: 'PUT', body: JSON.stringify({ word: 'Ej godkänd' }) })).status).toBe(204);
    expect(await platform.grades({ room: ROOM, column: LAB })).toContainEqual({
      personKey: uid(1),
      word: 'Ej godkänd',
      score: null,
    });
  });

  it('RL-20 gives no date with a grade, though the platform tells when it was set', async () => {
    expect(columnOf(EXAM).grades.every(({ assessedAt }) => assessedAt)).toBe(true);
    for (const grade of await platform.grades({ room: ROOM, column: EXAM }))
      expect(Object.keys(grade)).toEqual(['personKey', 'word', 'score']);
  });

  it('lists the columns of a gradebook', async () => {
    expect(await platform.columns(ROOM)).toEqual([
      { id: EXAM, title: 'Tentamen' },
      { id: LAB, title: 'Laboration & rapport' },
    ]);
    simulated.store.rooms[0]!.columns = [];
    expect(await platform.columns(ROOM)).toEqual([]);
  });

  it.each([99, 100, 101, 250])('gives all of %s grades, over all pages', async (count) => {
    gradeMany(count);
    const found = await platform.grades({ room: ROOM, column: EXAM });
    expect(found.map(({ personKey }) => personKey)).toEqual(Array.from({ length: count }, (_, index) => uid(index)));
  });

  it('gives nothing when the second page fails, and everything the next time', async () => {
    gradeMany(150);
    simulated.faults.push({ match: 'POST *', effect: 'fails-on-page-2', times: 1 });
    await expect(platform.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({
      name: 'PartnerUnavailable',
      reason: 'status',
    });
    expect(simulated.faults).toEqual([]);
    expect(await platform.grades({ room: ROOM, column: EXAM })).toHaveLength(150);
  });

  it('does not take one page for another', async () => {
    gradeMany(150);
    simulated.faults.push(
      { match: 'POST *', effect: 'delay', ms: 1, times: 1 },
      { match: 'POST *', effect: 'delay', ms: 300, times: 1 },
    );
    const asked = platform.grades({ room: ROOM, column: EXAM });
    await soon(() => simulated.faults.length === 0);
    simulated.faults.push({ match: 'POST *', effect: 'other-page', times: 1 });
    await expect(asked).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it.each([120, 100, 90])('gives nothing when 150 grades become %s between two pages', async (left) => {
    gradeMany(150);
    simulated.faults.push(
      { match: 'POST *', effect: 'delay', ms: 1, times: 1 },
      { match: 'POST *', effect: 'delay', ms: 300, times: 1 },
    );
    const asked = platform.grades({ room: ROOM, column: EXAM });
    await soon(() => simulated.faults.length === 0);
    gradeMany(left);
    await expect(asked).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
  });

  it('refuses a gradebook larger than any course has', async () => {
    gradeMany(5_001);
    await expect(platform.grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({ reason: 'malformed' });
    expect(simulated.log).toHaveLength(1);
  });

  it('has no participants for a room nobody knows, and the gradebook of one is refused', async () => {
    expect(await platform.participants('XX1000-99999')).toBeUndefined();
    await expect(platform.columns('XX1000-99999')).rejects.toMatchObject({ name: 'PartnerRefused', status: 400 });
    await expect(platform.grades({ room: 'XX1000-99999', column: EXAM })).rejects.toMatchObject({
      name: 'PartnerRefused',
      status: 400,
    });
  });

  it('sends names with signs of XML as they are', async () => {
    const [room] = simulated.store.rooms;
    room!.key = `R&D <"'> 50001`;
    room!.participants = [{ key: 'a&b', givenName: '<Åsa>', surname: 'Öberg & Co', role: '01' }];
    expect(await platform.participants(room!.key)).toEqual([
      { personKey: 'a&b', role: 'student', givenName: '<Åsa>', surname: 'Öberg & Co' },
    ]);
    expect(await platform.columns(room!.key)).toHaveLength(2);
  });

  const everyCall: [string, (client: Itslearning) => Promise<unknown>][] = [
    ['participants', (client) => client.participants(ROOM)],
    ['columns', (client) => client.columns(ROOM)],
    ['grades', (client) => client.grades({ room: ROOM, column: EXAM })],
    ['probe', (client) => client.probe()],
  ];

  it.each(['500', '502-html', '429', 'malformed', 'soap-fault'])(
    'is unavailable while itslearning answers with %s',
    async (effect) => {
      for (const [, ask] of everyCall) await expect(ask(platform)).resolves.not.toBeNull();
      simulated.faults.push({ match: 'POST *', effect });
      for (const [, ask] of everyCall) await expect(ask(platform)).rejects.toBeInstanceOf(PartnerUnavailable);
      simulated.faults.length = 0;
      for (const [, ask] of everyCall) await expect(ask(platform)).resolves.not.toBeNull();
    },
  );

  it('is unavailable while the service of the members is busy, and nobody is given when only their names fail', async () => {
    simulated.faults.push({ match: `POST ${MEMBERSHIPS}`, effect: 'busy' });
    await expect(platform.participants(ROOM)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(platform.probe()).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.splice(0, 1, { match: `POST ${PERSONS}`, effect: '500' });
    await expect(platform.participants(ROOM)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(platform.probe()).resolves.toBeUndefined();
  });

  it.each(everyCall)('is unavailable when no answer comes in time to %s', async (_name, ask) => {
    simulated.faults.push({ match: 'POST *', effect: 'timeout-before', ms: 500 });
    await expect(ask(platformAt(url, { timeoutMs: 200 }))).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('is unavailable when it is down', async () => {
    const gone = await itslearningSimulator().listen();
    await gone.close();
    const nobody = platformAt(gone.url);
    for (const [, ask] of everyCall)
      await expect(ask(nobody)).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'connection' });
  });

  it('asks for no further page when the whole has taken too long', async () => {
    gradeMany(1_000);
    simulated.faults.push({ match: 'POST *', effect: 'delay', ms: 100 });
    await expect(platformAt(url, { wholeMs: 250 }).grades({ room: ROOM, column: EXAM })).rejects.toMatchObject({
      reason: 'timeout',
    });
    expect(simulated.log.length).toBeLessThan(10);
  });

  it.each(everyCall)('is refused with wrong credentials at %s, and says so without them or a name', async (_name, ask) => {
    const error = (await ask(platformAt(url, { password: 'guessed' })).catch((refused: unknown) => refused)) as PartnerRefused;
    expect(error).toBeInstanceOf(PartnerRefused);
    expect([error.status, error.message]).toEqual([401, 'itslearning refused (401)']);
    expect(error.body).not.toMatch(/guessed|partner-site/);
  });

  it('is refused when credentials were changed, and when a method is not enabled', async () => {
    simulated.faults.push(
      { match: 'POST *', effect: 'wrong-credentials', times: 1 },
      { match: 'POST *', effect: 'no-such-method', times: 1 },
    );
    await expect(platform.columns(ROOM)).rejects.toMatchObject({ name: 'PartnerRefused', status: 401 });
    await expect(platform.columns(ROOM)).rejects.toMatchObject({
      name: 'PartnerRefused',
      status: 400,
      message: 'itslearning refused (400)',
    });
  });

  it('notices credentials that only one of the two services knows', async () => {
    simulated.faults.push(
      { match: `POST ${MEMBERSHIPS}`, effect: 'wrong-credentials', times: 1 },
      { match: `POST ${ORGANISATION}`, effect: 'wrong-credentials', times: 1 },
    );
    await expect(platform.probe()).rejects.toMatchObject({ status: 401 });
    await expect(platform.probe()).rejects.toMatchObject({ status: 401 });
    await expect(platform.probe()).resolves.toBeUndefined();
  });
});
