import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { append } from '../../activities/audit.js';
import { readCase } from '../../activities/case/case-row.js';
import { haveSeen } from '../../activities/complaint/sight.js';
import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import { kept } from '../support/complaint-rows.js';
import { newcomer } from '../support/staff.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('who has seen a first grade', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const base = () => at.world.db;
  const worker = () => newcomer(at, [{ role: 'case-worker' }]);
  const member = () => newcomer(at, [{ role: 'committee-member' }]);
  const seen = (id: string) =>
    base().$transaction(async (tx) => haveSeen(tx, (await readCase(tx, { id }))?.subject as CaseView<ComplaintData>));
  const sawIt = async (id: string, people: readonly { readonly id: string }[]) => {
    const found = await seen(id);
    return people.map((person) => found.has(person.id));
  };
  /** A command as it stands when it was decided. */
  const command = async (caseId: string, caller: string, name: string, outcome: object | undefined, body: object = {}) =>
    void (await base().command.create({
      data: {
        key: randomBytes(32).toString('hex'),
        caseId,
        name,
        caller,
        body: { body, from: null },
        bodyHash: '0'.repeat(64),
        ...(outcome ? { outcome } : {}),
      },
    }));
  const refused = (kind: string) => ({ status: 'refused', refusal: { refused: true, kind, rule: 'GC-18', code: 'wrong-state' } });

  it('GC-13 handled the case in between, or gave it a command that was not refused for want of a right', async () => {
    const [first, between, now] = [await worker(), await worker(), await worker()];
    const complaint = await kept(at, first.id, { student: { number: '200001' } });
    for (const { id } of [between, now]) {
      const { version } = (await first.get(`/complaints/${complaint.number}`)).body;
      expect((await first.post(`/complaints/${complaint.number}/describe`, { version, responsible: id })).status).toBe(200);
    }
    const gave = [randomUUID(), randomUUID(), randomUUID(), randomUUID()] as const;
    await command(complaint.id, gave[0], 'decide-error', { status: 'done' });
    await command(complaint.id, gave[1], 'register-grade', refused('conflict'));
    await command(complaint.id, gave[2], 'register-grade', refused('forbidden'));
    await command(complaint.id, gave[3], 'check', undefined);
    expect(await sawIt(complaint.id, [first, between, now, ...gave.map((id) => ({ id }))])).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    const other = await kept(at, first.id, { student: { number: '200002' } });
    expect(await sawIt(other.id, [between, now, { id: gave[0] }])).toEqual([false, false, false]);
  });

  it('GC-13 opened a complaint about the result that they read whole, and not one that was shown to them shortened', async () => {
    const [maker, reader, sits, sat, operations] = [
      await worker(),
      await worker(),
      await member(),
      await newcomer(at, [{ role: 'committee-member' }, { role: 'exam-office' }]),
      await newcomer(at, [{ role: 'operations' }]),
    ];
    const complaint = await kept(at, maker.id, {
      student: { number: '200003' },
      committees: [{ round: 2, number: 1, members: [sits, sat].map(({ id }) => ({ person: id, external: false })) }],
    });
    const closed = await kept(at, maker.id, {
      student: { number: '200003' },
      state: 'closed',
      closed: true,
      data: { decision: 'unchanged', finished: true },
    });
    for (const who of [sits, sat, operations]) expect((await who.get(`/complaints/${complaint.number}`)).status).toBe(200);
    expect(await sawIt(complaint.id, [reader, sits, sat, operations])).toEqual([false, false, false, false]);
    expect((await reader.get(`/complaints/${closed.number}`)).body.data.decision).toBe('unchanged');
    await base().complaintAppointment.updateMany({ where: { caseId: complaint.id }, data: { replacedAt: new Date() } });
    expect(await sawIt(complaint.id, [reader, sits, sat])).toEqual([true, false, false]);
    expect((await sat.get(`/complaints/${complaint.number}`)).status).toBe(200);
    expect(await sawIt(complaint.id, [sits, sat])).toEqual([false, true]);
  });

  it('GC-13 read of its decision in the audit, which is told to nobody who does not read complaints whole', async () => {
    const [maker, auditor, operations] = [
      await worker(),
      await newcomer(at, [{ role: 'auditor' }]),
      await newcomer(at, [{ role: 'operations' }]),
    ];
    const complaint = await kept(at, maker.id, { student: { number: '200008' } });
    const subject = `complaint/${complaint.number}`;
    await base().$transaction((tx) =>
      append(tx, {
        institution: 'bth',
        caseId: complaint.id,
        subject,
        actor: maker.id,
        action: 'complaint.register-grade',
        outcome: 'done',
        at: new Date().toISOString(),
        details: { grading: 'g', decision: 'in-favour', logged: true, step: 4 },
      }),
    );
    const told = async (who: typeof auditor) =>
      (await who.get(`/audit?subject=${subject}`)).body.items.map(({ entry }: any) => entry.details);
    expect(await told(operations)).toEqual([{ grading: 'g', step: 4 }]);
    expect(await sawIt(complaint.id, [auditor, operations])).toEqual([false, false]);
    expect(await told(auditor)).toEqual([{ grading: 'g', decision: 'in-favour', logged: true, step: 4 }]);
    expect(await sawIt(complaint.id, [auditor, operations])).toEqual([true, false]);
  });

  /** A list of the course of a complaint, with a grade for somebody. */
  const listed = async (
    madeBy: string,
    personNumber: string,
    scope = 'MAT1000',
    { data = {}, row = {} }: { data?: object; row?: object } = {},
  ) => {
    const [id, studentUid] = [randomUUID(), randomUUID()];
    const { number } = await base().case.create({
      data: {
        id,
        kind: 'result-list',
        institution: 'bth',
        state: 'draft',
        scope,
        data,
        createdBy: madeBy,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    await base().resultRow.create({
      data: { caseId: id, studentUid, personNumber, surname: 'Student', givenName: 'Stine', grade: 'D', ...row },
    });
    return { id, number: String(number), studentUid };
  };
  const numbered = (caseId: string, personNumber: string) =>
    base().complaintStudent.update({ where: { caseId }, data: { personNumber } });
  /** A student whose number of today took the place of another. */
  async function renumbered(former: string, today: string): Promise<void> {
    const id = randomUUID();
    await base().person.create({
      data: {
        id,
        institution: 'bth',
        givenName: 'Stine',
        surname: 'Student',
        personNumber: today,
        email: `${id}@uni.example`,
        language: 'nb',
        changedAt: new Date(),
      },
    });
    await base().student.create({
      data: {
        personId: id,
        institution: 'bth',
        numberKind: 'birth',
        birthDate: new Date('2000-01-01'),
        registeredBy: id,
        registeredAt: new Date(),
      },
    });
    await base().formerNumber.create({
      data: { personId: id, number: former, numberKind: 'temporary', replacedBy: id, replacedAt: new Date(), reason: 'test' },
    });
  }

  it('GC-13 typed the grade on a list without opening it', async () => {
    const [maker, typist, elsewhere] = [randomUUID(), randomUUID(), randomUUID()];
    const complaint = await kept(at, (await worker()).id, { student: { number: '200004' } });
    await numbered(complaint.id, '199106062384');
    for (const [by, number] of [
      [typist, '199106062384'],
      [elsewhere, '199106062392'],
    ] as const)
      await command((await listed(maker, number)).id, by, 'save', { status: 'done' });
    expect(await sawIt(complaint.id, [{ id: maker }, { id: typist }, { id: elsewhere }])).toEqual([true, true, false]);
  });

  it('GC-13 typed the grade on a list that the row was moved from', async () => {
    const [typist, opener, mover, elsewhere] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    const complaint = await kept(at, (await worker()).id, { student: { number: '200010' } });
    await numbered(complaint.id, '199106062400');
    const first = await listed(typist, '199106062418');
    await listed(elsewhere, '199106062418');
    await base().caseOpening.create({ data: { caseId: first.id, personId: opener, day: new Date('2026-06-12') } });
    const moved = await listed(mover, '199106062418', 'MAT1000', { data: { movedFrom: first.number } });
    await listed(mover, '199106062400', 'MAT1000', { data: { movedFrom: moved.number } });
    expect(await sawIt(complaint.id, [{ id: typist }, { id: opener }, { id: mover }, { id: elsewhere }])).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('GC-13 typed the grade of a row that was removed, or removed it, and not one that was refused', async () => {
    const [maker, typist, remover, refusedOne, elsewhere] = [
      randomUUID(),
      randomUUID(),
      randomUUID(),
      randomUUID(),
      randomUUID(),
    ];
    const complaint = await kept(at, (await worker()).id, { student: { number: '200011' } });
    await numbered(complaint.id, '199106062426');
    const { studentUid } = await listed(maker, '199106062426', 'XX1000');
    const typed = (student: string) => ({ version: 1, rows: [{ student, grade: 'D', examinationDate: '2026-06-12' }] });
    const done = { status: 'done' };
    const list = (by: string) => listed(by, '199106062434');
    await command((await list(typist)).id, typist, 'save', done, typed(studentUid));
    await command((await list(remover)).id, remover, 'remove', done, { version: 1, students: [studentUid] });
    await command((await list(refusedOne)).id, refusedOne, 'save', refused('conflict'), typed(studentUid));
    await command((await list(elsewhere)).id, elsewhere, 'save', done, typed(randomUUID()));
    expect(
      await sawIt(
        complaint.id,
        [typist, remover, refusedOne, elsewhere, maker].map((id) => ({ id })),
      ),
    ).toEqual([true, true, false, false, false]);
  });

  it('GC-13 opened the list of a whole course that shows what the student has completed, without a grade', async () => {
    const [completed, nothing] = [randomUUID(), randomUUID()];
    const complaint = await kept(at, (await worker()).id, { student: { number: '200012' } });
    await numbered(complaint.id, '199106062442');
    const modules = [{ code: 'TEN1', grade: 'D', examinationDate: '2026-06-12' }];
    const list = (by: string, row: object) => listed(by, '199106062442', 'MAT1000', { row: { grade: null, ...row } });
    await list(completed, { modules });
    await list(nothing, { modules: [] });
    await list(nothing, {});
    expect(await sawIt(complaint.id, [{ id: completed }, { id: nothing }])).toEqual([true, false]);
  });

  it('GC-13 read a protocol with a result on the course, where no number of the student is known', async () => {
    const [onCourse, onModule, other] = [randomUUID(), randomUUID(), randomUUID()];
    for (const [readerId, personNumber, code] of [
      [onCourse, '12345660001', 'SVE1000'],
      [onModule, '12345660002', 'SVE1000 TEN1'],
      [other, '12345660003', 'SVE10001'],
    ] as const) {
      await base().protocolReading.create({ data: { institution: 'bth', personNumber, readerId } });
      await base().protocolResult.create({
        data: {
          institution: 'bth',
          personNumber,
          kind: 'course',
          key: randomUUID(),
          category: 'course',
          code,
          nameNb: 'Svensk',
          nameEn: 'Swedish',
          passed: true,
          cameFrom: 'entered',
          changedAt: new Date(),
        },
      });
    }
    const complaint = await kept(at, (await worker()).id, {
      data: { unit: { course: 'SVE1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } },
      student: { number: '200013' },
    });
    const saw = () => sawIt(complaint.id, [{ id: onCourse }, { id: onModule }, { id: other }]);
    expect(await saw()).toEqual([true, true, false]);
    await numbered(complaint.id, '12345660001');
    expect(await saw()).toEqual([true, false, false]);
  });

  it('GC-13 made a list under a number that the student had before or has by now, or any of the course where none is known', async () => {
    const [before, now, other] = [randomUUID(), randomUUID(), randomUUID()];
    await renumbered('12345670001', '12345670002');
    await listed(before, '12345670001');
    await listed(now, '12345670002');
    await listed(other, '12345670003');
    const complaint = await kept(at, (await worker()).id, { student: { number: '200005' } });
    const saw = async () => sawIt(complaint.id, [{ id: before }, { id: now }, { id: other }]);
    expect(await saw()).toEqual([true, true, true]);
    for (const number of ['12345670001', '12345670002']) {
      await numbered(complaint.id, number);
      expect(await saw()).toEqual([true, true, false]);
    }
  });

  it('GC-13 is shown no list with the grade while they assess it, by whatever number, nor any of the course where none is known', async () => {
    const sits = await newcomer(at, [{ role: 'committee-member' }, { role: 'course-office' }]);
    await renumbered('12345680001', '12345680002');
    const lists = await Promise.all(
      ['12345680001', '12345680002', '12345680003'].map((number) => listed(randomUUID(), number, 'XX1000')),
    );
    const complaint = await kept(at, (await worker()).id, {
      data: { unit: { course: 'XX1000', version: '1', combination: 'S', year: 2026, term: 'JUN' } },
      student: { number: '200006' },
      committees: [{ round: 2, number: 7, members: [{ person: sits.id, external: false }] }],
    });
    const answers = async () => {
      const each = await Promise.all(
        lists.map(async ({ number }) =>
          Promise.all(
            ['rows', 'orders', `orders/${randomUUID()}`].map(
              async (what) => (await sits.get(`/result-lists/${number}/${what}`)).body.rule === 'GC-13',
            ),
          ),
        ),
      );
      for (const [rows, ...orders] of each) expect(orders).toEqual([rows, rows]);
      return each.map(([rows]) => rows);
    };
    expect(await answers()).toEqual([true, true, true]);
    for (const number of ['12345680001', '12345680002']) {
      await numbered(complaint.id, number);
      expect(await answers()).toEqual([true, true, false]);
    }
  });

  it('GC-13 is shown no list with the grade while somebody appoints them to assess it', async () => {
    const sits = await newcomer(at, [{ role: 'committee-member' }, { role: 'course-office' }]);
    const list = await listed(randomUUID(), '12345690001', 'YY2000');
    const complaint = await kept(at, (await worker()).id, {
      data: { unit: { course: 'YY2000', version: '1', combination: 'S', year: 2026, term: 'JUN' } },
      student: { number: '200007' },
      committees: [{ round: 2, number: 8, replaced: true, members: [{ person: sits.id, external: false }] }],
    });
    await numbered(complaint.id, '12345690001');
    const reading = await base().$transaction(async (tx) => {
      expect(
        (await haveSeen(tx, (await readCase(tx, { id: complaint.id }))?.subject as CaseView<ComplaintData>)).has(sits.id),
      ).toBe(false);
      const reads = sits.get(`/result-lists/${list.number}/rows`);
      await eventually('the reader waits', async () =>
        base().$queryRaw<object[]>`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`.then(
          ({ length }) => length > 0,
        ),
      );
      await tx.complaintAppointment.updateMany({ where: { caseId: complaint.id }, data: { replacedAt: null } });
      return { reads };
    });
    expect((await reading.reads).status).toBe(403);
  });
});
