import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { readCase } from '../../activities/case/case-row.js';
import { haveSeen } from '../../activities/complaint/sight.js';
import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import { kept } from '../support/complaint-rows.js';
import { newcomer } from '../support/staff.js';
import { openUniversity, type University } from '../support/university.js';

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
  const command = async (caseId: string, caller: string, name: string, outcome: object | undefined) =>
    void (await base().command.create({
      data: {
        key: randomBytes(32).toString('hex'),
        caseId,
        name,
        caller,
        body: { body: {}, from: null },
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

  it('GC-13 typed the grade on a list without opening it', async () => {
    const [maker, typist, elsewhere] = [randomUUID(), randomUUID(), randomUUID()];
    const complaint = await kept(at, (await worker()).id, { student: { number: '200004' } });
    await base().complaintStudent.update({ where: { caseId: complaint.id }, data: { personNumber: '199106062384' } });
    for (const [by, personNumber] of [
      [typist, '199106062384'],
      [elsewhere, '199106062392'],
    ] as const) {
      const id = randomUUID();
      await base().case.create({
        data: {
          id,
          kind: 'result-list',
          institution: 'bth',
          state: 'draft',
          scope: 'MAT1000',
          data: {},
          createdBy: maker,
          createdAt: new Date(),
          changedAt: new Date(),
        },
      });
      await base().resultRow.create({
        data: { caseId: id, studentUid: randomUUID(), personNumber, surname: 'Student', givenName: 'Stine', grade: 'D' },
      });
      await command(id, by, 'save', { status: 'done' });
    }
    expect(await sawIt(complaint.id, [{ id: maker }, { id: typist }, { id: elsewhere }])).toEqual([true, true, false]);
  });
});
