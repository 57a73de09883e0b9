import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { keepProtocol } from '../../activities/complaint/effects.js';
import { readCase } from '../../activities/case/case-row.js';
import type { ComplaintData } from '../../workflows/complaint/complaint.js';
import type { CaseView } from '../../workflows/process.js';
import { addDays, wallTime } from '../../workflows/rules/civil-time.js';
import { addWorkingDays, type Calendar } from '../../workflows/rules/working-days.js';
import { institution } from '../simulators/sample.js';
import { anEntry } from '../support/complaint-asks.js';
import { members } from '../support/complaints.js';
import { openSkipping, type SkippedCase, type Skipping } from '../support/skipping.js';
import { eventually, personOf } from '../support/university.js';

const { zone } = institution;
const calendar: Calendar = { country: 'SE', own: [] };
const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'HØST' };

let skipping: Skipping;
beforeAll(async () => {
  skipping = await openSkipping({
    activities: {
      /** FS, which answers at once. */
      awaitOrder: async ({ caseId, name }: { caseId: string; name: string }) => {
        const { db } = skipping;
        const subject = (await readCase(db, { id: caseId }))?.subject as CaseView<ComplaintData>;
        const student = { givenName: 'Kari', surname: 'Eksempel', email: null, language: 'nb', personNumber: null };
        if (name === 'read-protocol')
          await keepProtocol(db, subject, {
            entry: anEntry({ gradedOn: '2026-01-01' }),
            grade: 'C',
            examiners: [],
            candidate: '1',
            student,
          });
        await db.order.updateMany({ where: { caseId, name }, data: { state: 'done' } });
      },
    },
  });
}, 120_000);
afterAll(() => skipping?.close());

const row = ({ id }: SkippedCase) => skipping.db.case.findUniqueOrThrow({ where: { id } });
const reminders = ({ id }: SkippedCase) =>
  skipping.db.command.findMany({
    where: { caseId: id, name: 'remind', decidedAt: { not: null } },
    orderBy: { decidedAt: 'asc' },
  });
const recipients = async ({ id }: SkippedCase) =>
  (await skipping.db.outbox.findMany({ where: { caseId: id, key: { startsWith: 'mail:reminder:' } } })).map(
    ({ payload }) => (payload as { to: string }).to,
  );

async function withCommittee(student: string): Promise<SkippedCase> {
  const complaint = await skipping.born('complaint', 'siri', { type: 'grading', student, unit });
  await eventually('the protocol is read', async () => (await row(complaint)).state === 'to-confirm');
  for (const [command, body] of [
    ['confirm', {}],
    ['appoint', { members: members(['mons', 'marte']) }],
    ['send', {}],
  ] as const)
    expect(await skipping.give(complaint, 'siri', command, body)).toMatchObject({ status: 'done' });
  return complaint;
}

describe('a complaint that the committee has', () => {
  it('GC-17 reminds seven and three days before its day, and on each working day after it, at nine, until it is decided and not once after', async () => {
    const complaint = await withCommittee('100001');
    const on = (await row(complaint)).dueOn?.toISOString().slice(0, 10) as string;
    const days = [addDays(on, -7), addDays(on, -3), ...[1, 2, 3].map((n) => addWorkingDays(on, n, calendar))];
    for (const [before, day] of days.entries()) {
      const moment = wallTime(day, '09:00', zone);
      await eventually('it waits for the moment', async () => (await row(complaint)).wakesAt?.toISOString() === moment);
      await skipping.until(moment, -1_000);
      expect(await reminders(complaint)).toHaveLength(before);
      await skipping.until(moment, 1_000);
      await eventually('it has reminded', async () => (await reminders(complaint)).length === before + 1);
    }
    const everybody = ['siri', 'mons', 'marte'].map((login) => personOf(login).id).sort();
    expect((await recipients(complaint)).sort()).toEqual(days.flatMap(() => everybody).sort());
    expect(await row(complaint)).toMatchObject({ state: 'with-committee', waitingFor: 'committee-member' });
    expect((await row(complaint)).dueOn?.toISOString().slice(0, 10)).toBe(on);

    expect(await skipping.give(complaint, 'siri', 'register-grade', { grade: 'B' })).toMatchObject({
      status: 'done',
      case: { due: null },
    });
    await eventually('it stands in the protocol', async () => (await row(complaint)).state === 'to-check');
    await skipping.until(await skipping.now(), 60 * 86_400_000);
    expect(await recipients(complaint)).toHaveLength(days.length * everybody.length);
    const office = await skipping.db.outbox.findMany({ where: { caseId: complaint.id, key: { startsWith: 'mail:to-check:' } } });
    expect(office.length / new Set(office.map(({ payload }) => (payload as { to: string }).to)).size).toBe(9);
  });

  it('GC-17 counts anew from the day that somebody set', async () => {
    const complaint = await withCommittee('100002');
    const on = (await row(complaint)).dueOn?.toISOString().slice(0, 10) as string;
    const later = addDays(on, 21);
    expect(await skipping.give(complaint, 'siri', 'move-deadline', { on: later, reason: 'An examiner is ill' })).toMatchObject({
      status: 'done',
      case: { due: { on: later, why: { moved: [{ from: on }] } } },
    });
    await skipping.until(wallTime(addDays(later, -7), '09:00', zone), -1_000);
    expect(await reminders(complaint)).toEqual([]);
    await skipping.until(wallTime(addDays(later, -7), '09:00', zone), 1_000);
    await eventually('it has reminded', async () => (await reminders(complaint)).length === 1);
  });
});
