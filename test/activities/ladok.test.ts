import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '../spec.js';
import { ladok, type Ladok, type LadokOptions } from '../../activities/ladok.js';
import { LadokRefused } from '../../activities/ladok/refused.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { ladokSimulator } from '../simulators/ladok.js';
import { courses, students } from '../simulators/sample.js';

const course = courses[0]!;
const [exam, lab] = [course.modules[0]!, course.modules[1]!];
const occasion = course.occasions[0]!;
const asked = { moduleInstanceUid: exam.instanceUid, occasionUids: [occasion.uid] };
const people = { markedBy: 'b0000000-0000-4000-8000-000000000004', deciders: ['b0000000-0000-4000-8000-000000000002'] };

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function begin(simulated: Parameters<typeof ladokSimulator>[0] = {}, options: Partial<LadokOptions> = {}) {
  const sim = ladokSimulator(simulated);
  const server = await sim.listen();
  const client = ladok({ baseUrl: server.url, timeoutMs: 2_000, ...options });
  open.push(server.close, client.close);
  const admin = (path: string, body: object) =>
    fetch(`${server.url}/__sim/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    });
  return { sim, client, admin, url: server.url, close: server.close };
}

async function scaleOf(client: Ladok, code: string) {
  const module = (await client.courses()).flatMap((c) => c.modules).find((m) => m.code === code)!;
  const scale = await client.gradeScale(module.scaleId);
  return { scale, grade: (wanted: string) => scale.grades.find((g) => g.code === wanted)!.id };
}

async function withDraft(begun: Awaited<ReturnType<typeof begin>>, index = 0) {
  const { scale, grade } = await scaleOf(begun.client, 'TEN1');
  const row = (await begun.client.reportRows(asked)).find((r) => r.studentUid === students[index]!.uid)!;
  const draft = { studyResultUid: row.studyResultUid, ...asked, gradeId: grade('B'), scaleId: scale.id, date: '2026-11-02' };
  await begun.client.createDrafts([draft]);
  const read = async () => (await begun.client.reportRows(asked)).find((r) => r.studentUid === students[index]!.uid)!;
  return { draft, scale, grade, read, written: (await read()).draft! };
}

const refusalOf = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => undefined,
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(LadokRefused);
  return error as LadokRefused;
};

describe('reading from Ladok', () => {
  it('gives course occasions with their modules, names and credits', async () => {
    const { client } = await begin({}, { pageSize: 1 });
    const found = await client.courses({ courseCode: 'XX1000' });
    expect(found.map((c) => [c.occasionCode, c.occasionUid])).toEqual(course.occasions.map((o) => [o.code, o.uid]));
    expect(found[0]).toMatchObject({
      courseCode: 'XX1000',
      names: course.name,
      courseUid: course.courseUid,
      courseInstanceUid: course.instanceUid,
      from: occasion.from,
      modules: course.modules.map(({ code, instanceUid, name, credits }) => ({ code, instanceUid, names: name, credits })),
    });
    expect(await client.courses({ courseCode: 'ZZ9999' })).toEqual([]);
    expect(new Set((await client.courses()).map((c) => c.courseCode))).toEqual(new Set(courses.map((c) => c.code)));
  });

  it('finds another id for the same grade in another institution', async () => {
    const here = await scaleOf((await begin({ larosateId: 99 })).client, 'TEN1');
    const there = await scaleOf((await begin({ larosateId: 98 })).client, 'TEN1');
    expect(here.scale).toMatchObject({ code: 'AF', names: { sv: 'Sjugradig betygsskala', en: 'Seven-grade scale' } });
    expect(here.scale.grades.filter((g) => g.passing).map((g) => g.code)).toEqual(['E', 'D', 'C', 'B', 'A']);
    expect(there.scale.id).not.toBe(here.scale.id);
    expect(there.scale.grades.map((g) => g.code)).toEqual(here.scale.grades.map((g) => g.code));
    expect(there.scale.grades.some((g) => here.scale.grades.some((h) => h.id === g.id))).toBe(false);
  });

  it('reads all pages of the participants, everybody once, and who has left', async () => {
    const { client, admin } = await begin({}, { pageSize: 5 });
    await admin('discontinue', { studentUID: students[3]!.uid, kurstillfalleUID: occasion.uid, datum: '2026-10-01' });
    const found = await client.participants({ occasionUid: occasion.uid });
    expect(found).toHaveLength(12);
    expect(new Set(found.map((p) => p.studentUid))).toEqual(new Set(occasion.registered.map((i) => students[i]!.uid)));
    const { uid: studentUid, givenName, surname, personNumber } = students[3]!;
    const left = {
      studentUid,
      givenName,
      surname,
      personNumber,
      from: occasion.from,
      to: occasion.to,
      discontinued: '2026-10-01',
    };
    expect(found.filter((p) => p.discontinued)).toEqual([left]);
    expect(found.map((p) => p.surname)).toEqual(found.map((p) => p.surname).sort((a, b) => a.localeCompare(b, 'sv')));
  });

  it('mixes up the pages for a client that sends no order', async () => {
    const { url } = await begin();
    const page = async (n: number) => {
      const path = `/resultat/kurstillfallesdeltagare/filtrera?kurstillfalleUID=${occasion.uid}&limit=6&page=${n}`;
      const answer = await fetch(url + path, { headers: { Accept: 'application/vnd.ladok-resultat+json' } });
      return ((await answer.json()) as { Resultat: { Uid: string }[] }).Resultat.map((r) => r.Uid);
    };
    expect(new Set([...(await page(1)), ...(await page(2))]).size).toBeLessThan(12);
  });

  it('finds a student by person number, or nobody', async () => {
    const { client } = await begin();
    const { uid: studentUid, givenName, surname, personNumber } = students[7]!;
    expect(await client.studentByPersonNumber(personNumber)).toEqual({ studentUid, givenName, surname, personNumber });
    expect(await client.studentByPersonNumber('190001019999')).toBeUndefined();
  });

  it('says as whom it is known, and is refused without a client identity', async () => {
    const { client, url } = await begin({ demandClient: true }, { headers: { 'X-Sim-Client': 'registrar' } });
    expect(await client.probe()).toEqual({ user: 'integration-99@uni.example' });
    const stranger = ladok({ baseUrl: url });
    open.push(stranger.close);
    expect(await refusalOf(stranger.probe())).toMatchObject({ status: 401, concernsContent: false });
  });
});

describe('writing to Ladok', () => {
  it('sees the draft of the module asked for, not of another one', async () => {
    const begun = await begin();
    const { read, written, grade } = await withDraft(begun);
    expect(written).toMatchObject({ status: 'draft', gradeId: grade('B'), date: '2026-11-02', notes: [] });
    const other = await begun.client.reportRows({ ...asked, moduleInstanceUid: lab.instanceUid });
    expect(other.find((r) => r.studentUid === students[0]!.uid)).toEqual({
      studyResultUid: (await read()).studyResultUid,
      studentUid: students[0]!.uid,
    });
    expect((await begun.client.reportRows({ ...asked, occasionUids: [] })).length).toBe(20);
  });

  it('RL-46 refuses a second draft for the same student and module, in words that name nobody', async () => {
    const begun = await begin();
    const { draft } = await withDraft(begun);
    const refused = await refusalOf(begun.client.createDrafts([draft]));
    expect(refused).toMatchObject({ status: 400, category: 'valideringsfel', detailCode: 'hinder', concernsContent: true });
    expect(refused.staffText).toBe('Det finns redan ett resultat');
    expect(JSON.stringify({ ...refused, message: refused.message })).not.toContain('redan');
    expect(begun.sim.store.drafts).toHaveLength(1);
    const why = await begun.client.obstacles({ studyResultUid: draft.studyResultUid, moduleInstanceUid: exam.instanceUid });
    expect(why).toEqual([{ key: 'resultat.domain.hinder.finns', blocking: true, text: 'Det finns redan ett resultat' }]);
  });

  it('changes a draft under its lock, and nothing under another', async () => {
    const begun = await begin();
    const { draft, read, written, grade } = await withDraft(begun);
    const definitionUid = await begun.client.scoreDefinition();
    const changed = { ...draft, resultUid: written.resultUid, gradeId: grade('A'), notes: [{ definitionUid, value: '42.5' }] };
    expect(await refusalOf(begun.client.updateDrafts([{ ...changed, lock: `${written.lock}0` }]))).toMatchObject({
      category: 'valideringsfel',
    });
    expect((await read()).draft).toEqual(written);
    await begun.client.updateDrafts([{ ...changed, lock: written.lock }]);
    const after = (await read()).draft!;
    expect(after).toMatchObject({ gradeId: grade('A'), notes: [{ definitionUid, value: '42.5' }] });
    expect(after.lock).not.toBe(written.lock);
    await refusalOf(begun.client.updateDrafts([{ ...changed, lock: written.lock }]));
  });

  it('marks ready unless an obstacle stands in the way, and reads what was attested', async () => {
    const begun = await begin();
    const { draft, read, written } = await withDraft(begun);
    const marking = { resultUids: [written.resultUid], lock: written.lock, ...people };
    await begun.admin('obstacle', { studentUID: students[0]!.uid, text: 'Registrering saknas' });
    expect((await refusalOf(begun.client.markReady(marking))).staffText).toBe('Registrering saknas');
    const why = await begun.client.obstacles({ studyResultUid: draft.studyResultUid, resultUid: written.resultUid });
    expect(why).toEqual([{ key: 'resultat.domain.hinder.klarmarkera', blocking: true, text: 'Registrering saknas' }]);
    expect((await read()).draft!.status).toBe('draft');

    await begun.admin('obstacle', { studentUID: students[0]!.uid, borttagen: true });
    await begun.client.markReady(marking);
    expect((await read()).draft).toMatchObject({ status: 'ready', resultUid: written.resultUid });
    expect(await begun.client.attestedResults({ studentUid: students[0]!.uid })).toEqual([]);

    expect(await (await begun.admin('attest-all', { utbildningsinstansUID: exam.instanceUid })).json()).toEqual({ attested: 1 });
    const { draft: gone, attested } = await read();
    expect(gone).toBeUndefined();
    expect(attested).toEqual({ resultUid: written.resultUid, gradeId: draft.gradeId, date: '2026-11-02' });
    expect(await begun.client.attestedResults({ studentUid: students[0]!.uid, courseUid: course.courseUid })).toEqual([
      {
        courseUid: course.courseUid,
        moduleCode: 'TEN1',
        moduleInstanceUid: exam.instanceUid,
        resultUid: written.resultUid,
        gradeCode: 'B',
        date: '2026-11-02',
      },
    ]);
    expect(await begun.client.attestedResults({ studentUid: students[0]!.uid, courseUid: courses[1]!.courseUid })).toEqual([]);
  });

  it('keeps results over a restart of the simulator', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ladok-'));
    const { written } = await withDraft(await begin({ folder }));
    const again = await begin({ folder });
    expect((await again.client.reportRows(asked)).flatMap((r) => r.draft ?? [])).toEqual([written]);
    expect(again.sim.log.filter((line) => line['effect'] === 'draft-created')).toHaveLength(1);
    rmSync(folder, { recursive: true });
  });
});

describe('when Ladok does not answer as it should', () => {
  it.each([
    ['502-html', 'status', 502],
    ['429', 'status', 429],
    ['malformed', 'malformed', 200],
    ['timeout-before', 'timeout', undefined],
  ])('says that Ladok is not available at %s', async (effect, reason, status) => {
    const { sim, client } = await begin({}, { timeoutMs: 300 });
    sim.faults.push({ match: 'PUT /resultat/*/sok', effect, times: 1, ms: 600 });
    const error = await client.reportRows(asked).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(PartnerUnavailable);
    expect(error).toMatchObject({ partner: 'ladok', reason, status });
    expect(await client.reportRows(asked)).toHaveLength(12);
  });

  it('tells an error inside Ladok from a refusal of the content', async () => {
    const { sim, client } = await begin();
    sim.faults.push({ match: 'GET /resultat/service/index', effect: 'applikationsfel', times: 1 });
    expect(await refusalOf(client.probe())).toMatchObject({ status: 500, category: 'applikationsfel', concernsContent: false });
  });

  it.each([
    ['GET', {}, 406],
    ['GET', { Accept: 'application/json' }, 406],
    ['GET', { Accept: 'application/vnd.ladok-kataloginformation+json' }, 406],
    ['POST', { Accept: 'application/vnd.ladok-resultat+json', 'Content-Type': 'text/plain' }, 415],
    ['POST', { Accept: 'application/vnd.ladok-resultat+json', 'Content-Type': 'application/json' }, 404],
    ['GET', { Accept: 'application/vnd.ladok-resultat+json' }, 200],
  ])('has the simulator demand the media types: %s %j is %i', async (method, headers, status) => {
    const { url } = await begin();
    const answer = await fetch(`${url}/resultat/service/index`, {
      method,
      headers: headers as Record<string, string>,
      ...(method === 'POST' && { body: '{}' }),
    });
    expect(answer.status).toBe(status);
    if (status !== 200)
      expect(Object.keys((await answer.json()) as object)).toEqual(
        expect.arrayContaining(['FelUID', 'Felkategori', 'Meddelande']),
      );
  });
});
