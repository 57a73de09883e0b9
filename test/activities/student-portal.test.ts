import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { studentPortal, type PublishedResult, type StudentPortal } from '../../activities/student-portal.js';
import { student } from '../simulators/sample.js';
import { studentPortalSimulator } from '../simulators/student-portal.js';

const { uid } = student(0);
const result: PublishedResult = {
  key: '4711/1/e0',
  studentUid: uid,
  courseCode: 'XX1000',
  moduleCode: 'TEN1',
  grade: 'B',
  examinationDate: '2026-10-30',
  publishedAt: '2026-11-12T09:00:00.000Z',
};

describe('student portal', () => {
  let simulated: ReturnType<typeof studentPortalSimulator>;
  let server: Awaited<ReturnType<typeof simulated.listen>>;
  let portal: StudentPortal;

  beforeEach(async () => {
    simulated = studentPortalSimulator();
    server = await simulated.listen();
    portal = studentPortal({ baseUrl: server.url, token: 'any', timeoutMs: 5_000 });
  });
  afterEach(async () => {
    await portal.close();
    await server.close();
  });

  const shownTo = async (studentUid: string) => {
    const answer = await fetch(`${server.url}/students/${studentUid}/results`, { headers: { Authorization: 'Bearer any' } });
    return ((await answer.json()) as { results: unknown[] }).results;
  };

  it('RL-48 a published result shows to its student and to nobody else', async () => {
    expect(await portal.publish(result)).toBe('published');
    expect(await shownTo(uid)).toEqual([result]);
    expect(await shownTo(student(1).uid)).toEqual([]);
  });

  it('RL-48 a result published again shows once', async () => {
    await portal.publish(result);
    expect(await portal.publish(result)).toBe('published');
    expect(await shownTo(uid)).toEqual([result]);
  });

  it('RL-48 a result whose answer was lost shows once after it was repeated', async () => {
    simulated.faults.push({ match: 'PUT *', effect: 'timeout-after-commit', times: 1, ms: 1_200 });
    const hasty = studentPortal({ baseUrl: server.url, token: 'any', timeoutMs: 800 });
    await expect(hasty.publish(result)).rejects.toMatchObject({ name: 'PartnerUnavailable', reason: 'timeout' });
    await hasty.close();
    expect(await shownTo(uid)).toEqual([result]);
    expect(await portal.publish(result)).toBe('published');
    expect(await shownTo(uid)).toEqual([result]);
  });

  it('does not overwrite a result under the same key', async () => {
    await portal.publish(result);
    await expect(portal.publish({ ...result, grade: 'F' })).rejects.toMatchObject({ name: 'PartnerRefused', status: 409 });
    expect(await shownTo(uid)).toEqual([result]);
  });

  it('publishes a grade on a whole course', async () => {
    await portal.publish({ ...result, moduleCode: null });
    expect(await shownTo(uid)).toEqual([{ ...result, moduleCode: null }]);
  });

  it('is refused for a student the portal does not know, naming nobody', async () => {
    const error = (await portal.publish({ ...result, studentUid: 'nobody' }).catch((refused: unknown) => refused)) as Error;
    expect(error).toBeInstanceOf(PartnerRefused);
    expect(error.message).toBe('student portal refused (422)');
  });

  it('knows where a student wants mail, as it is now', async () => {
    expect(await portal.contact(student(3).uid)).toEqual({ email: student(3).email, language: 'en' });
    const changed = JSON.stringify({ email: 'new@student.bth.example', language: 'sv', more: 1 });
    await fetch(`${server.url}/__sim/students/${uid}/contact`, { method: 'PUT', body: changed });
    expect(await portal.contact(uid)).toEqual({ email: 'new@student.bth.example', language: 'sv' });
    expect(await portal.contact('nobody')).toBeUndefined();
  });

  it.each(['500', '502-html', '429', 'malformed'])('publishes nothing while the portal answers with %s', async (effect) => {
    simulated.faults.push({ match: '*', effect });
    await expect(portal.publish(result)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(portal.contact(uid)).rejects.toBeInstanceOf(PartnerUnavailable);
    await expect(portal.probe()).rejects.toBeInstanceOf(PartnerUnavailable);
    simulated.faults.length = 0;
    await expect(portal.probe()).resolves.toBeUndefined();
    expect(await shownTo(uid)).toEqual([]);
  });

  it('wants a token', async () => {
    expect((await fetch(`${server.url}/students/${uid}/results`)).status).toBe(401);
  });
});
