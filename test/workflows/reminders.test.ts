import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { dayOf, wallTime } from '../../workflows/rules/civil-time.js';
import { addWorkingDays, type Calendar } from '../../workflows/rules/working-days.js';
import { institution, student } from '../simulators/sample.js';
import { openSkipping, type SkippedCase, type Skipping } from '../support/skipping.js';
import { eventually, personOf } from '../support/university.js';

const { code, zone } = institution;
const calendar: Calendar = { country: 'SE', own: [] };

let skipping: Skipping;
beforeAll(async () => {
  skipping = await openSkipping();
  const { db } = skipping;
  const names = {
    courseNameSv: 'Exempelkurs',
    courseNameEn: 'Example course',
    moduleNameSv: 'Tentamen',
    moduleNameEn: 'Examination',
  };
  await db.course.create({
    data: {
      institution: code,
      code: 'XX1000',
      nameSv: 'Exempelkurs',
      nameEn: 'Example course',
      uid: 'c1000000-0000-4000-8000-000000001000',
      scaleId: '1',
      titleWanted: false,
      discontinued: false,
      takenAt: new Date(),
    },
  });
  await db.courseModule.create({
    data: {
      institution: code,
      courseCode: 'XX1000',
      moduleCode: 'TEN1',
      ...names,
      moduleUid: 'c2000000-0000-4000-8000-000000001001',
      scaleId: '1',
      takenAt: new Date(),
    },
  });
  await db.role.updateMany({ where: { personId: personOf('eva').id, role: 'examiner' }, data: { course: 'XX1000' } });
}, 120_000);
afterAll(() => skipping?.close());

const lettersOf = async ({ id }: SkippedCase) =>
  (await skipping.db.outbox.findMany({ where: { caseId: id, channel: 'mail', key: { startsWith: 'mail:reminder:' } } })).map(
    (one) => (one.payload as { to: string }).to,
  );
const reminders = ({ id }: SkippedCase) =>
  skipping.db.command.findMany({
    where: { caseId: id, name: 'remind', decidedAt: { not: null } },
    orderBy: { decidedAt: 'asc' },
  });
const row = ({ id }: SkippedCase) => skipping.db.case.findUniqueOrThrow({ where: { id } });

async function sent(): Promise<SkippedCase> {
  const list = await skipping.born('result-list', 'tove', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
  await skipping.db.resultRow.create({
    data: {
      caseId: list.id,
      studentUid: student(0).uid,
      personNumber: '19990101-0000',
      surname: 'A',
      givenName: 'B',
      grade: 'B',
      examinationDate: new Date(`${dayOf(await skipping.now(), zone)}T00:00:00Z`),
    },
  });
  expect(await skipping.give(list, 'tove', 'send', { version: 1 })).toMatchObject({
    status: 'done',
    case: { state: 'with-examiner' },
  });
  await skipping.waits(list);
  return list;
}

describe('a list with the examiner', () => {
  it('RL-37 reminds three working days before it is due and on each second one after, at nine, the course office when it is long over', async () => {
    const list = await sent();
    const on = (await row(list)).dueOn?.toISOString().slice(0, 10) as string;
    const days = [addWorkingDays(on, -3, calendar), ...[2, 4, 6].map((n) => addWorkingDays(on, n, calendar))];
    expect((await row(list)).wakesAt?.toISOString()).toBe(wallTime(days[0] as string, '09:00', zone));
    for (const [before, day] of days.entries()) {
      await skipping.until(wallTime(day, '09:00', zone), -1_000);
      expect(await reminders(list)).toHaveLength(before);
      await skipping.until(wallTime(day, '09:00', zone), 1_000);
      await eventually('it has reminded', async () => (await reminders(list)).length === before + 1);
      await skipping.waits(list, before + 2);
    }
    const [eva, karin] = [personOf('eva').id, personOf('karin').id];
    expect((await lettersOf(list)).sort()).toEqual([eva, eva, eva, eva, karin].sort());
    for (const [i, { decidedAt }] of (await reminders(list)).entries()) {
      const late = (decidedAt?.getTime() ?? 0) - Date.parse(wallTime(days[i] as string, '09:00', zone));
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
    }
    expect(await row(list)).toMatchObject({ state: 'with-examiner', step: 5, version: 1 });
    expect((await row(list)).dueOn?.toISOString().slice(0, 10)).toBe(on);
  });

  it('RL-37 reminds nobody after it was sent back, however long it lies; and anew when it is sent again', async () => {
    const list = await sent();
    expect(await skipping.give(list, 'eva', 'return', { reason: 'Look again' })).toMatchObject({
      status: 'done',
      case: { state: 'draft', step: 2, due: null },
    });
    expect(await row(list)).toMatchObject({ dueOn: null, dueWhy: null, wakesAt: null });
    await skipping.until(await skipping.now(), 90 * 86_400_000);
    expect([await reminders(list), await lettersOf(list)]).toEqual([[], []]);
    expect(await skipping.give(list, 'tove', 'send', { version: 2 })).toMatchObject({ status: 'done' });
    await skipping.waits(list, 2);
    const wakes = (await row(list)).wakesAt?.toISOString() as string;
    expect(wakes > (await skipping.now())).toBe(true);
    await skipping.until(wakes, 1_000);
    await eventually('it has reminded', async () => (await reminders(list)).length === 1);
    expect(await lettersOf(list)).toEqual([personOf('eva').id]);
  });

  it('RL-37 leaves out the days off that the institution has set, and counts as many days as it has set', async () => {
    const set = async (name: string, value: object | number) =>
      skipping.db.setting.create({
        data: {
          institution: code,
          name,
          fromDate: new Date('2020-01-01'),
          value,
          setBy: personOf('olle').id,
          reason: 'For this test',
        },
      });
    const today = dayOf(await skipping.now(), zone);
    const off = addWorkingDays(today, 1, calendar);
    await set('holidays', [{ date: off, name: 'Stängt' }]);
    await set('result-list-working-days', 4);
    const list = await sent();
    const own = { ...calendar, own: [{ date: off, name: 'Stängt' }] };
    const on = addWorkingDays(today, 4, own);
    expect((await row(list)).dueOn?.toISOString().slice(0, 10)).toBe(on);
    expect((await row(list)).dueWhy).toMatchObject({ basis: 'sent', from: today, workingDays: 4 });
    expect(((await row(list)).dueWhy as { skipped: unknown[] }).skipped).toContainEqual({ date: off, name: 'Stängt' });
    expect(on).toBe(addWorkingDays(off, 4, calendar));
  });
});
