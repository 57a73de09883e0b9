import { afterEach, describe, expect, it } from '../spec.js';
import { ladok } from '../../activities/ladok.js';
import { readArrival } from '../../activities/ladok/arrival.js';
import { transfer, type TransferRow } from '../../activities/ladok/transfer.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { ladokSimulator } from '../simulators/ladok.js';
import { courses, students } from '../simulators/sample.js';

const course = courses[0]!;
const exam = course.modules[0]!;
const occasion = course.occasions[0]!;
const asked = { moduleInstanceUid: exam.instanceUid, occasionUids: [occasion.uid] };
const ready = { markedBy: 'b0000000-0000-4000-8000-000000000004', deciders: ['b0000000-0000-4000-8000-000000000002'] };
const rowOf = (index: number, gradeCode: string, more: Partial<TransferRow> = {}): TransferRow => ({
  studentUid: students[index]!.uid,
  gradeCode,
  examinationDate: '2026-11-02',
  ...more,
});
const three = [rowOf(0, 'A'), rowOf(1, 'FX'), rowOf(2, 'F')];

const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function begin(timeoutMs = 5_000) {
  const sim = ladokSimulator();
  const server = await sim.listen();
  const client = ladok({ baseUrl: server.url, timeoutMs });
  open.push(server.close, client.close);
  const [first] = await client.courses({ courseCode: 'XX1000' });
  const scale = await client.gradeScale(first!.modules[0]!.scaleId);
  const admin = async (path: string, body: object) => {
    const answer = await fetch(`${server.url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
  };
  const codeOf = (gradeId?: number) => scale.grades.find((g) => g.id === gradeId)!.code;
  const run = (rows: readonly TransferRow[], more: { ready?: typeof ready } = { ready }) =>
    transfer({ ladok: client, ...asked, rows, scale, ...more });
  const statuses = async (...given: Parameters<typeof run>) => (await run(...given)).map((o) => o.status);
  const effects = (effect: string) => sim.log.filter((line) => line['effect'] === effect).length;
  const inLadok = async () =>
    (await client.reportRows(asked))
      .flatMap(({ studentUid, draft }) =>
        draft ? [[students.findIndex((s) => s.uid === studentUid), codeOf(draft.gradeId), draft.status]] : [],
      )
      .sort();
  const draftOf = async (index: number) =>
    (await client.reportRows(asked)).find((r) => r.studentUid === students[index]!.uid)!.draft!;
  return { sim, client, scale, admin, run, statuses, effects, inLadok, draftOf };
}

describe('transfer of results to Ladok', () => {
  it('RL-46 creates the drafts, marks them ready, and does nothing the second time', async () => {
    const { sim, run, statuses, effects, inLadok } = await begin();
    const outcomes = await run(three);
    expect(outcomes.map(({ studentUid, status }) => [studentUid, status])).toEqual(three.map((r) => [r.studentUid, 'ready']));
    expect(outcomes.map((o) => o.resultUid).sort()).toEqual(sim.store.drafts.map((d) => d.uid).sort());
    expect(await inLadok()).toEqual([
      [0, 'A', 'ready'],
      [1, 'FX', 'ready'],
      [2, 'F', 'ready'],
    ]);
    const writes = sim.log.length;
    expect(await statuses(three)).toEqual(['ready', 'ready', 'ready']);
    expect(sim.log.slice(writes).map((line) => line['path'])).toEqual([expect.stringMatching(/\/sok$/)]);
    expect([effects('draft-created'), effects('draft-updated'), effects('marked-ready')]).toEqual([3, 0, 3]);
  });

  it('leaves drafts where marking ready is not ours to do', async () => {
    const { statuses, inLadok } = await begin();
    expect(await statuses(three, {})).toEqual(['sent', 'sent', 'sent']);
    expect((await inLadok()).map((r) => r[2])).toEqual(['draft', 'draft', 'draft']);
  });

  it('updates what differs under its lock and leaves what is equal', async () => {
    const { statuses, effects, inLadok } = await begin();
    await statuses(three, {});
    expect(await statuses([rowOf(0, 'B'), ...three.slice(1)], {})).toEqual(['sent', 'sent', 'sent']);
    expect([effects('draft-created'), effects('draft-updated')]).toEqual([3, 1]);
    expect(await inLadok()).toEqual([
      [0, 'B', 'draft'],
      [1, 'FX', 'draft'],
      [2, 'F', 'draft'],
    ]);
  });

  it('sends scores as notes and sees that they arrived', async () => {
    const { client, statuses, effects, draftOf } = await begin();
    const definitionUid = await client.scoreDefinition();
    expect(await statuses([rowOf(0, 'A', { score: '42.5' })], {})).toEqual(['sent']);
    expect((await draftOf(0)).notes).toEqual([{ definitionUid, value: '42.5' }]);
    expect(await statuses([rowOf(0, 'A', { score: '42.50' })], {})).toEqual(['sent']);
    expect(effects('draft-updated')).toBe(0);
    expect(await statuses([rowOf(0, 'A', { score: '43' })])).toEqual(['ready']);
    expect((await draftOf(0)).notes).toEqual([{ definitionUid, value: '43' }]);
  });

  it.each([
    ['create', 'POST /resultat/studieresultat/skapa'],
    ['update', 'PUT /resultat/studieresultat/uppdatera'],
    ['mark ready', 'PUT /resultat/studieresultat/klarmarkera'],
  ])('RL-46 converges without a second effect when the answer to %s is lost', async (_name, match) => {
    const { sim, run, statuses, effects, inLadok } = await begin(1_000);
    await statuses([rowOf(3, 'C')], {});
    const rows = [...three, rowOf(3, 'D')];
    sim.faults.push({ match, effect: 'timeout-after-commit', times: 1, ms: 1_500 });
    await expect(run(rows)).rejects.toBeInstanceOf(PartnerUnavailable);
    expect(await statuses(rows)).toEqual(['ready', 'ready', 'ready', 'ready']);
    expect([effects('draft-created'), effects('draft-updated'), effects('marked-ready')]).toEqual([4, 1, 4]);
    expect(await inLadok()).toEqual([
      [0, 'A', 'ready'],
      [1, 'FX', 'ready'],
      [2, 'F', 'ready'],
      [3, 'D', 'ready'],
    ]);
  });

  it('RL-46 converges after a crash before or after any of its calls', async () => {
    for (const when of ['before', 'after'])
      for (let crashAt = 1; crashAt <= 5; crashAt++) {
        const { client, scale, statuses, effects, inLadok } = await begin();
        await statuses([rowOf(3, 'C')], {});
        let calls = 0;
        const crashing = new Proxy(client, {
          get: (target, name) => async (given: never) => {
            const last = ++calls === crashAt;
            if (last && when === 'before') throw new Error('crash');
            const answer = await target[name as 'reportRows'](given);
            if (last) throw new Error('crash');
            return answer;
          },
        });
        const rows = [...three, rowOf(3, 'D')];
        await expect(transfer({ ladok: crashing, ...asked, rows, scale, ready })).rejects.toThrow('crash');
        expect(await statuses(rows)).toEqual(['ready', 'ready', 'ready', 'ready']);
        expect([effects('draft-created'), effects('draft-updated'), effects('marked-ready')]).toEqual([4, 1, 4]);
        expect(await inLadok()).toEqual([
          [0, 'A', 'ready'],
          [1, 'FX', 'ready'],
          [2, 'F', 'ready'],
          [3, 'D', 'ready'],
        ]);
      }
  });

  it('RL-46 takes a draft that appeared after the look as its own when it says the same', async () => {
    const { sim, client, scale, statuses, effects } = await begin();
    const rows = await client.reportRows(asked);
    const late = rows.find((r) => r.studentUid === students[0]!.uid)!;
    const gradeId = scale.grades.find((g) => g.code === 'A')!.id;
    const racing = Object.assign(Object.create(client), {
      createDrafts: async (all: Parameters<typeof client.createDrafts>[0]) => {
        if (sim.store.drafts.length === 0)
          await client.createDrafts([
            { studyResultUid: late.studyResultUid, ...asked, gradeId, scaleId: scale.id, date: '2026-11-02' },
          ]);
        return client.createDrafts(all);
      },
    }) as typeof client;
    const outcomes = await transfer({ ladok: racing, ...asked, rows: three, scale, ready });
    expect(outcomes.map((o) => o.status)).toEqual(['ready', 'ready', 'ready']);
    expect(effects('draft-created')).toBe(3);
    expect(await statuses(three)).toEqual(['ready', 'ready', 'ready']);
  });

  it('marks ready under the new lock when somebody saved the same content in between', async () => {
    const { sim, statuses, effects } = await begin();
    sim.faults.push({ match: 'PUT /resultat/studieresultat/klarmarkera', effect: 'stale-lock', times: 1 });
    expect(await statuses(three)).toEqual(['ready', 'ready', 'ready']);
    expect(effects('marked-ready')).toBe(3);
  });

  it('does not force a lost lock: another content stays and a person is told', async () => {
    const { sim, run, statuses, effects, inLadok } = await begin();
    await statuses(three, {});
    sim.faults.push({ match: 'PUT /resultat/studieresultat/uppdatera', effect: 'stale-lock', times: 1 });
    const outcomes = await run([rowOf(0, 'B'), ...three.slice(1)]);
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual([
      ['differs', 'changed-meanwhile'],
      ['ready', undefined],
      ['ready', undefined],
    ]);
    expect(effects('draft-updated')).toBe(0);
    expect((await inLadok())[0]).toEqual([0, 'A', 'draft']);
  });

  it('never overwrites what is marked ready with another grade', async () => {
    const { admin, run, statuses, effects, inLadok, draftOf } = await begin();
    await statuses(three);
    const { resultUid } = await draftOf(1);
    await admin('edit-draft', { resultatUID: resultUid, betygsgrad: 'E' });
    const outcomes = await run(three);
    expect(outcomes[1]).toEqual({
      studentUid: students[1]!.uid,
      status: 'refused',
      resultUid,
      reason: 'ready-with-other-content',
    });
    expect([outcomes[0]!.status, outcomes[2]!.status]).toEqual(['ready', 'ready']);
    expect((await inLadok())[1]).toEqual([1, 'E', 'ready']);
    expect(effects('draft-updated')).toBe(0);
  });

  it('goes on with the others when Ladok refuses one student, and says why', async () => {
    const { admin, run, statuses, inLadok } = await begin();
    await admin('obstacle', { studentUID: students[1]!.uid, text: 'Registrering saknas' });
    await admin('obstacle', { studentUID: students[3]!.uid, vid: 'skapa', text: 'Tillgodoräknande finns' });
    const rows = [...three, rowOf(3, 'A'), rowOf(4, 'Z'), rowOf(25, 'A')];
    const outcomes = await run(rows);
    expect(outcomes.map(({ status, reason, message }) => [status, reason, message])).toEqual([
      ['ready', undefined, undefined],
      ['refused', 'refused-by-ladok', 'Registrering saknas'],
      ['ready', undefined, undefined],
      ['refused', 'refused-by-ladok', 'Tillgodoräknande finns'],
      ['refused', 'grade-not-in-scale', undefined],
      ['refused', 'not-on-occasion', undefined],
    ]);
    expect(outcomes[1]!.resultUid).toBeDefined();
    expect(await inLadok()).toEqual([
      [0, 'A', 'ready'],
      [1, 'FX', 'draft'],
      [2, 'F', 'ready'],
    ]);
    await admin('obstacle', { studentUID: students[1]!.uid, borttagen: true });
    expect((await statuses(rows)).slice(0, 3)).toEqual(['ready', 'ready', 'ready']);
  });

  it('creates a new result beside an earlier attempt, and none beside a later one', async () => {
    const { admin, run, statuses, effects } = await begin();
    await statuses([rowOf(0, 'F', { examinationDate: '2026-10-01' }), rowOf(1, 'F', { examinationDate: '2026-12-01' })]);
    await admin('attest-all', {});
    const outcomes = await run([rowOf(0, 'E'), rowOf(1, 'E')]);
    expect(outcomes.map(({ status, reason }) => [status, reason])).toEqual([
      ['ready', undefined],
      ['differs', 'attested-with-other-content'],
    ]);
    expect(effects('draft-created')).toBe(3);
  });

  it.each([
    ['PUT /resultat/*/sok', 0],
    ['POST /resultat/studieresultat/skapa', 0],
    ['PUT /resultat/studieresultat/klarmarkera', 3],
  ])('throws in a service window (%s) so that the whole is tried again', async (match, created) => {
    const { sim, run, statuses, effects } = await begin();
    sim.faults.push({ match, effect: '502-html', times: 1 });
    await expect(run(three)).rejects.toMatchObject({ name: 'PartnerUnavailable', status: 502 });
    expect(effects('draft-created')).toBe(created);
    expect(await statuses(three)).toEqual(['ready', 'ready', 'ready']);
    expect(effects('draft-created')).toBe(3);
  });

  it('throws an error inside Ladok instead of blaming the rows', async () => {
    const { sim, run } = await begin();
    sim.faults.push({ match: 'POST /resultat/studieresultat/skapa', effect: 'applikationsfel', times: 1 });
    await expect(run(three)).rejects.toMatchObject({ name: 'LadokRefused', status: 500 });
  });

  it('will not take two rows of one student', async () => {
    const { run, effects } = await begin();
    await expect(run([rowOf(0, 'A'), rowOf(0, 'B')])).rejects.toBeInstanceOf(TypeError);
    expect(effects('draft-created')).toBe(0);
  });
});

describe('arrival of results', () => {
  const arrivalRow = (index: number, gradeCode: string, more: { resultUid?: string; examinationDate?: string } = {}) => ({
    ...rowOf(index, gradeCode),
    moduleInstanceUid: exam.instanceUid,
    moduleCode: exam.code,
    ...more,
  });

  it('RL-46 tells attested, decided otherwise and not yet decided apart', async () => {
    const { client, admin, run, draftOf } = await begin();
    const outcomes = await run([...three, rowOf(3, 'C')]);
    const rows = outcomes.map((o, index) =>
      arrivalRow(index, [...three, rowOf(3, 'C')][index]!.gradeCode, { resultUid: o.resultUid! }),
    );
    expect((await readArrival({ ladok: client, rows })).map((a) => a.status)).toEqual([
      'waiting',
      'waiting',
      'waiting',
      'waiting',
    ]);

    await admin('edit-draft', { resultatUID: (await draftOf(1)).resultUid, betygsgrad: 'E' });
    await admin('attest', { resultatUIDer: outcomes.slice(0, 3).map((o) => o.resultUid) });
    expect(await readArrival({ ladok: client, rows })).toEqual([
      { studentUid: students[0]!.uid, status: 'attested', resultUid: outcomes[0]!.resultUid },
      { studentUid: students[1]!.uid, status: 'differs', resultUid: outcomes[1]!.resultUid },
      { studentUid: students[2]!.uid, status: 'attested', resultUid: outcomes[2]!.resultUid },
      { studentUid: students[3]!.uid, status: 'waiting' },
    ]);
    expect((await run(three)).map((o) => o.status)).toEqual(['attested', 'differs', 'attested']);
  });

  it('is not misled by an earlier attempt, and sees a later one', async () => {
    const { client, admin, run } = await begin();
    await run([rowOf(0, 'F', { examinationDate: '2026-10-01' }), rowOf(1, 'E', { examinationDate: '2026-12-01' })]);
    await admin('attest-all', {});
    const arrivals = await readArrival({ ladok: client, rows: [arrivalRow(0, 'E'), arrivalRow(1, 'F')] });
    expect(arrivals.map((a) => a.status)).toEqual(['waiting', 'differs']);
  });

  it('throws when Ladok cannot be asked', async () => {
    const { sim, client } = await begin();
    sim.faults.push({ match: 'GET /resultat/studentresultat/*', effect: '502-html', times: 1 });
    await expect(readArrival({ ladok: client, rows: three.map((_r, index) => arrivalRow(index, 'A')) })).rejects.toBeInstanceOf(
      PartnerUnavailable,
    );
  });

  it('RL-29 writes results of a whole course, with the title of a degree project, and tells when they are attested', async () => {
    const { sim, client, admin } = await begin();
    const [degree] = await client.courses({ courseCode: 'EX4000' });
    expect(degree).toMatchObject({ titleWanted: true, discontinued: true, modules: [{ code: 'ARB1', titleWanted: true }] });
    expect((await client.courses({ courseCode: 'ZZ3000' }))[0]?.modules.map(({ code, decides }) => [code, decides])).toEqual([
      ['HEM1', true],
      ['SEM1', undefined],
    ]);
    const { courseInstanceUid, occasionUid, scaleId } = degree!;
    const scale = await client.gradeScale(scaleId);
    const write = (title?: string) =>
      transfer({
        ladok: client,
        moduleInstanceUid: courseInstanceUid,
        occasionUids: [occasionUid],
        rows: [27, 28, 29].map((index) => rowOf(index, 'G')),
        scale,
        title,
        ready,
      });
    expect((await write()).map(({ status }) => status)).toEqual(['refused', 'refused', 'refused']);
    const outcomes = await write('Om prov');
    expect(outcomes.map(({ status, message }) => [status, message])).toEqual([
      ['ready', undefined],
      ['ready', undefined],
      ['refused', 'Alla moduler är inte godkända'],
    ]);
    expect(sim.store.drafts.map(({ title, moduleInstanceUid }) => [title, moduleInstanceUid])).toEqual([
      ['Om prov', courseInstanceUid],
      ['Om prov', courseInstanceUid],
    ]);
    expect((await write('Om något annat')).map(({ reason }) => reason)).toEqual([
      'ready-with-other-content',
      'ready-with-other-content',
      'refused-by-ladok',
    ]);
    await admin('attest-all', {});
    const sent = outcomes
      .slice(0, 2)
      .map(({ studentUid, resultUid }) => ({
        studentUid,
        moduleInstanceUid: courseInstanceUid,
        moduleCode: 'EX4000',
        gradeCode: 'G',
        examinationDate: '2026-11-02',
        ...(resultUid ? { resultUid } : {}),
      }));
    expect((await readArrival({ ladok: client, rows: sent })).map(({ status }) => status)).toEqual(['attested', 'attested']);
    expect((await client.feedPage())?.events.map(({ kind, moduleInstanceUid }) => [kind, moduleInstanceUid])).toEqual([
      ['attested', courseInstanceUid],
      ['attested', courseInstanceUid],
    ]);
  });
});
