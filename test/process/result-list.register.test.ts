import { afterAll, afterEach, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { queues } from '../../workflows/queues.js';
import { openPartners } from '../../activities/index.js';
import { transfer } from '../../activities/ladok/transfer.js';
import { student } from '../simulators/sample.js';
import { mailTo, signedList, type ListInHand } from '../support/lists.js';
import { enter, inState, played, registeredList } from '../support/register.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('the definitive entry in the register', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterEach(async () => {
    const { store, faults } = at.simulators.ladok;
    [store.drafts, store.attested, store.obstacles] = [[], [], []];
    faults.length = 0;
    await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
  });
  afterAll(() => at.close());
  const ladok = () => at.simulators.ladok;
  const standing = async (list: ListInHand) =>
    Object.fromEntries((await list.rows('karin')).map((row) => [row.student, row.transfer?.state ?? null]));
  const count = async (list: ListInHand, state: string) =>
    Object.values(await standing(list)).filter((one) => one === state).length;
  const draftOf = async (list: ListInHand, index: number) => {
    const id = (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;
    return (
      await at.world.db.rowTransfer.findUniqueOrThrow({
        where: { caseId_studentUid: { caseId: id, studentUid: student(index).uid } },
      })
    ).resultUid;
  };
  const attention = async (list: ListInHand) => {
    const described = await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).describe();
    return described.typedSearchAttributes.getAll().find(({ key }) => key.name === 'RegistrarNeedsAttention')?.value;
  };
  const shownInTemporal = async (list: ListInHand): Promise<string> => {
    await eventually('Temporal shows that attention is asked for', () => attention(list));
    return (await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).query<any>('__temporal_workflow_metadata'))
      .currentDetails;
  };
  const studentMail = async () => (await Promise.all(Array.from({ length: 12 }, (_, i) => mailTo(at, student(i).email)))).flat();

  it('RL-46 tells sent, ready and arrived apart, row by row', async () => {
    const list = await signedList(at);
    expect(await count(list, 'ready')).toBe(0);
    ladok().faults.push({ match: 'PUT /resultat/studieresultat/klarmarkera', effect: '500' });
    await enter(at, list);
    expect((await list.read()).state).toBe('registering');
    await eventually('drafts lie in the register', async () => ladok().store.drafts.length === 12);
    expect((await list.read()).state).toBe('registering');
    expect(await count(list, 'ready')).toBe(0);
    ladok().faults.length = 0;
    expect(await inState(list, 'registered')).toMatchObject({ waitingFor: 'attester', needsAttention: false });
    expect(await count(list, 'ready')).toBe(12);
    const some = ladok()
      .store.drafts.slice(0, 5)
      .map((draft) => draft.uid);
    await played(ladok(), '/__sim/attest', { resultatUIDer: some });
    await eventually('five rows are attested', async () => (await count(list, 'attested')) === 5);
    expect((await list.read()).state).toBe('registered');
    expect(await count(list, 'ready')).toBe(7);
    await played(ladok(), '/__sim/attest-all');
    expect((await inState(list, 'informed')).data.arrived).toMatchObject({ by: 'register' });
    expect(await count(list, 'attested')).toBe(12);
    expect(
      new Set(
        ladok()
          .log.filter((line) => line['effect'] === 'draft-created')
          .map((line) => line['studieresultatUID']),
      ).size,
    ).toBe(12);
  });

  it('RL-46 writes what was signed: grade, date and score, as drafts marked ready', async () => {
    const list = await registeredList(at);
    const rows = await list.rows();
    expect(ladok().store.drafts).toHaveLength(rows.length);
    for (const draft of ladok().store.drafts)
      expect(draft).toMatchObject({ status: 2, date: '2026-11-02', notes: [{ Varde: '42.5' }] });
    const failed = rows.filter((row) => row.grade === 'F').length;
    const perGrade = new Map<number, number>();
    for (const draft of ladok().store.drafts) perGrade.set(draft.gradeId, (perGrade.get(draft.gradeId) ?? 0) + 1);
    expect([...perGrade.values()].sort((a, b) => a - b)).toEqual([failed, 12 - failed]);
    expect((await list.read()).stateText).toBe('Klarmarkerad i Ladok');
  });

  it('RL-46 shows a row that the register refuses with its reason; the others go on, and it can be repeated', async () => {
    const list = await signedList(at);
    await played(ladok(), '/__sim/obstacle', { studentUID: student(2).uid, vid: 'skapa', text: 'Studenten har ett hinder' });
    await enter(at, list);
    expect(await inState(list, 'registered')).toMatchObject({ needsAttention: true, waitingFor: 'course-office' });
    expect(await standing(list)).toMatchObject({ [student(2).uid]: 'refused' });
    expect(await count(list, 'ready')).toBe(11);
    const row = (await list.rows('karin')).find((one) => one.student === student(2).uid);
    expect(row.transfer).toEqual({ state: 'refused', reason: 'refused-by-ladok', reasonText: 'Studenten har ett hinder' });
    expect((await at.as('karin').get('/result-lists?attention=true')).body.items.map((one: any) => one.number)).toContain(
      list.number,
    );

    await played(ladok(), '/__sim/obstacle', { studentUID: student(2).uid, borttagen: true });
    const again = await at.as('karin').post(`/result-lists/${list.number}/transfer-again`);
    expect(again.body).toMatchObject({ case: { state: 'registering' } });
    expect(await inState(list, 'registered')).toMatchObject({ needsAttention: false });
    expect(await count(list, 'ready')).toBe(12);
    expect(ladok().store.drafts).toHaveLength(12);
    expect(await at.as('karin').post(`/result-lists/${list.number}/transfer-again`)).toMatchObject({
      status: 409,
      body: { rule: 'RL-46', code: 'nothing-to-repeat' },
    });
  });

  describe('where the register takes nothing from outside', () => {
    const byHand = async (value: boolean) =>
      expect(
        (await at.as('olle').post('/settings/entry-by-hand', { value, from: '2020-01-01', reason: 'For this test.' })).status,
      ).toBe(200);
    beforeAll(async () => {
      await at.as('olle').post('/me/administration-mode', { on: true });
      await byHand(true);
    });
    afterAll(() => byHand(false));
    /** A person enters results in the register and marks them ready. */
    const entered = async (list: ListInHand, results: readonly { student: string; grade: string; examinationDate: string }[]) => {
      const { ladok: register, close } = openPartners(at.config);
      const { module, scale } = (await list.read()).data;
      const rows = results.map((row) => ({
        studentUid: row.student,
        gradeCode: row.grade,
        examinationDate: row.examinationDate,
      }));
      const ready = { markedBy: personOf('karin').id, deciders: [personOf('eva').id] };
      await transfer({
        ladok: register,
        moduleInstanceUid: module.uid,
        occasionUids: [],
        rows,
        scale: await register.gradeScale(Number(scale.id)),
        ready,
      });
      await close();
    };

    it('RL-46 writes nothing, waits for what a person enters there, and goes on when every row can be read with the grade and the date that were signed', async () => {
      const list = await signedList(at);
      await enter(at, list);
      expect(await list.read('karin')).toMatchObject({
        state: 'entering',
        waitingFor: 'course-office',
        commands: [{ name: 'confirm-arrival' }],
      });
      expect(await count(list, 'awaited')).toBe(12);
      const caseId = (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;
      const asks = () =>
        new MockActivityEnvironment().run(at.activities[queues.register].awaitAttestation as never, { caseId, attention: false });
      await expect(asks()).rejects.toMatchObject({ type: 'not-yet' });
      expect(ladok().store.drafts).toEqual([]);

      await entered(list, await list.rows());
      const [first] = ladok().store.drafts;
      await played(ladok(), '/__sim/attest', { resultatUIDer: [first?.uid] });
      await expect(asks()).rejects.toMatchObject({ type: 'not-yet' });
      expect([await count(list, 'attested'), await count(list, 'awaited')]).toEqual([1, 11]);
      await played(ladok(), '/__sim/attest-all');
      expect((await inState(list, 'informed')).data.arrived).toMatchObject({ by: 'register' });
    });

    it('RL-46 asks for attention where a person entered something else, and goes on at the word of the course office', async () => {
      const list = await signedList(at);
      await enter(at, list);
      await entered(list, [{ ...(await list.rows())[0], grade: 'E' }]);
      await played(ladok(), '/__sim/attest-all');
      await eventually('attention is asked for', async () => (await list.read()).needsAttention);
      expect(await count(list, 'differs')).toBe(1);
      expect(
        (
          await at
            .as('karin')
            .post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Entered by hand.', untold: 1, unattested: 11 })
        ).status,
      ).toBe(200);
      expect((await inState(list, 'informed')).data.arrived).toMatchObject({ by: 'course-office', unattested: 11 });
    });
  });

  it('RL-46 shows a row that was attested otherwise as different, asks for attention and tells no student', async () => {
    const before = (await studentMail()).length;
    const list = await registeredList(at);
    await played(ladok(), '/__sim/edit-draft', { resultatUID: await draftOf(list, 0), betygsgrad: 'E' });
    await played(ladok(), '/__sim/attest-all');
    await eventually('one row differs', async () => (await count(list, 'differs')) === 1);
    expect(await standing(list)).toMatchObject({ [student(0).uid]: 'differs' });
    await eventually('the others are attested', async () => (await count(list, 'attested')) === 11);
    await eventually('attention is asked for', async () => (await list.read()).needsAttention);
    expect((await list.read()).state).toBe('registered');
    const asked = (await auditOf(at, `result-list/${list.number}`)).filter((entry) => entry.action === 'result-list.differs');
    expect(asked).toMatchObject([{ actor: 'system', rule: 'RL-46' }]);
    expect((await studentMail()).length).toBe(before);
    expect(await shownInTemporal(list)).toContain('**needs attention**');
    expect(await at.as('karin').post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Looked at.' })).toMatchObject({
      status: 409,
      body: { rule: 'RL-47', code: 'students-untold', details: { count: 1 } },
    });
    expect(
      (await at.as('karin').post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Looked at.', untold: 1 })).status,
    ).toBe(200);
    expect(await inState(list, 'informed')).toMatchObject({
      needsAttention: false,
      data: { arrived: { by: 'course-office', untold: 1 } },
    });
    expect((await studentMail()).length).toBe(before + 11);
  });

  it('RL-46 keeps why a row differs and since when, however often the register is asked', async () => {
    const list = await registeredList(at);
    await played(ladok(), '/__sim/edit-draft', { resultatUID: await draftOf(list, 0), betygsgrad: 'E' });
    await played(ladok(), '/__sim/attest-all');
    await eventually('attention is asked for', async () => (await list.read()).needsAttention);
    const caseId = (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;
    const differing = () => at.world.db.rowTransfer.findMany({ where: { caseId, state: 'differs' } });
    await eventually('the others are attested', async () => (await count(list, 'attested')) === 11);
    const before = await differing();
    expect(before).toMatchObject([{ studentUid: student(0).uid, reason: 'attested-with-other-content' }]);
    await expect(
      new MockActivityEnvironment().run(at.activities[queues.register].awaitAttestation as never, { caseId, attention: true }),
    ).rejects.toMatchObject({ type: 'not-yet' });
    expect(await differing()).toEqual(before);
    const transferOf = async (language: string) =>
      (await at.as('karin').get(`/result-lists/${list.number}/rows`, { 'Accept-Language': language })).body.items.find(
        (row: any) => row.student === student(0).uid,
      ).transfer;
    expect(await transferOf('sv')).toEqual({
      state: 'differs',
      reason: 'attested-with-other-content',
      reasonText: 'I Ladok är ett annat resultat attesterat.',
    });
    expect((await transferOf('en')).reasonText).toBe('Another result has been attested in the register.');
    await at.as('karin').post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Looked at.', untold: 1 });
    await inState(list, 'informed');
  });

  it('RL-46 asks for attention when the register answers with an error of its own, goes on by itself once that is over, and is at rest again', async () => {
    const list = await signedList(at);
    ladok().faults.push({ match: 'POST /resultat/studieresultat/skapa', effect: 'applikationsfel' });
    await enter(at, list);
    await eventually('attention is asked for', async () => (await list.read()).needsAttention);
    expect(await list.read()).toMatchObject({ state: 'registering', needsAttention: true });
    expect(await shownInTemporal(list)).toContain('**needs attention**');
    ladok().faults.length = 0;
    expect(await inState(list, 'registered')).toMatchObject({ needsAttention: false });
    expect(await count(list, 'ready')).toBe(12);
    await eventually('Temporal shows that it is over', async () => (await attention(list)) === false);
  });

  it('RL-46 goes on when the course office confirms the arrival, and shows that a person did', async () => {
    const list = await registeredList(at);
    for (const login of ['tove', 'eva', 'olle'])
      expect(await at.as(login).post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Seen there.' })).toMatchObject({
        status: 403,
        body: { rule: 'RL-46' },
      });
    expect(await at.as('karin').post(`/result-lists/${list.number}/confirm-arrival`, {})).toMatchObject({
      status: 422,
      body: { code: 'invalid-input' },
    });
    const confirm = (unattested?: number) =>
      at
        .as('karin')
        .post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Attesterad i Ladok, sett där.', unattested });
    expect(await confirm()).toMatchObject({
      status: 409,
      body: { rule: 'RL-46', code: 'rows-not-attested', details: { count: 12 } },
    });
    expect((await confirm(12)).status).toBe(200);
    const read = await inState(list, 'informed');
    expect(read.data.arrived).toMatchObject({ by: 'course-office', reason: 'Attesterad i Ladok, sett där.', unattested: 12 });
    expect(await count(list, 'ready')).toBe(12);
    const [entry] = (await auditOf(at, `result-list/${list.number}`)).filter(
      (one) => one.action === 'result-list.confirm-arrival' && one.outcome === 'done',
    );
    expect(entry).toMatchObject({ actor: personOf('karin').id, details: { by: 'course-office', unattested: 12, ready: 12 } });
  });

  it('RL-46 waits through an outage of the register and writes every row once', async () => {
    const list = await signedList(at);
    ladok().faults.push({ match: 'POST /resultat/studieresultat/skapa', effect: '500', times: 2 });
    await enter(at, list);
    await inState(list, 'registered');
    expect(ladok().store.drafts).toHaveLength(12);
    expect(await count(list, 'ready')).toBe(12);
  });
});
