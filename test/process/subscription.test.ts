import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { verifyChain } from '../../activities/audit.js';
import { addYears } from '../../workflows/rules/civil-time.js';
import { queues } from '../../workflows/queues.js';
import { courses, students } from '../simulators/sample.js';
import { auditOf, changeStaff, newcomer } from '../support/staff.js';
import {
  announced,
  attested,
  coursesOn,
  inDays,
  keysOf,
  lettersTo,
  noonIn,
  posted,
  subscribed,
  told,
} from '../support/subscriptions.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('subscriptions', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const no = async (login: string, path: string, body: object) => {
    const { status, body: problem } = await at.as(login).post(`/subscriptions${path}`, body);
    return [status, problem.rule, problem.code];
  };
  const numbers = async (login: string, query = '') =>
    (await at.as(login).get(`/subscriptions${query}`)).body.items.map((item: { number: string }) => item.number);
  const workflowOf = (number: string) => at.world.temporal.workflow.getHandle(`subscription/${number}`);
  const ends = async (login: string, number: string) =>
    expect((await at.as(login).post(`/subscriptions/${number}/end`, {})).status).toBe(200);

  it('SU-01 is made for a course code and read with its days and its end', async () => {
    const until = inDays(100);
    const born = await at.as('tove').post('/subscriptions', { course: 'XX1000', until });
    expect(born).toMatchObject({
      status: 201,
      body: {
        case: {
          kind: 'subscription',
          state: 'active',
          due: { on: until, rule: 'SU-04', why: { basis: 'chosen', from: inDays(0) } },
        },
      },
    });
    const { number } = born.body.case;
    expect(born.headers.get('Location')).toBe(`/subscriptions/${number}`);
    expect((await at.as('tove').get(`/subscriptions/${number}`)).body).toMatchObject({
      state: 'active',
      stateText: 'Löper',
      data: { course: { code: 'XX1000', nameSv: 'Exempelkurs' }, from: inDays(0), until },
      commands: [{ name: 'end', title: 'Avsluta i förtid' }],
    });
    const followed = await eventually('its workflow waits', () =>
      workflowOf(number)
        .query('case')
        .catch(() => undefined),
    );
    expect(followed).toMatchObject({ state: 'active', due: { on: until } });
    await ends('tove', number);
  });

  it('SU-01 is made for a course without modules too, as a list of the whole course is', async () => {
    const names = { nameSv: 'Utan moduler', nameEn: 'Without modules' };
    const rest = { uid: randomUUID(), scaleId: '1', titleWanted: false, discontinued: false, takenAt: new Date() };
    await at.world.db.course.create({ data: { institution: 'bth', code: 'VV6000', ...names, ...rest } });
    const number = await subscribed(at.as('tove'), { course: 'VV6000', until: inDays(10) });
    expect((await at.as('tove').get(`/subscriptions/${number}`)).body.data.course).toEqual({ code: 'VV6000', ...names });
    await ends('tove', number);
  });

  it('SU-02 is open to teachers, examiners and the course office, and to nobody else', async () => {
    for (const login of ['tove', 'erik', 'karin'])
      await ends(login, await subscribed(at.as(login), { course: 'XX1000', until: inDays(10) }));
    for (const login of ['olle', 'rut'])
      expect(await no(login, '', { course: 'XX1000', until: inDays(10) })).toEqual([403, 'SU-02', 'not-yours-to-give']);
  });

  it('SU-03 is open to several people for one course and period, and to each of them once', async () => {
    const body = { course: 'XX1000', until: inDays(30) };
    const [mine, evas] = [await subscribed(at.as('tove'), body), await subscribed(at.as('eva'), body)];
    expect(await no('tove', '', { course: 'XX1000', from: inDays(30), until: inDays(60) })).toEqual([
      409,
      'SU-03',
      'subscribed-already',
    ]);
    const other = await subscribed(at.as('tove'), { ...body, course: 'YY2000' });
    const later = await subscribed(at.as('tove'), { course: 'XX1000', from: inDays(31), until: inDays(60) });
    for (const number of [mine, other, later]) await ends('tove', number);
    await ends('eva', evas);
    const race = await Promise.all(Array.from({ length: 6 }, () => at.as('tove').post('/subscriptions', body)));
    expect(race.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    await ends('tove', race.find(({ status }) => status === 201)?.body.case.number);
  });

  it('SU-04 is refused for an end more than three years ahead, and for days that are none', async () => {
    const latest = addYears(inDays(0), 3);
    const late = await at.as('tove').post('/subscriptions', { course: 'XX1000', until: addYears(inDays(1), 3) });
    if (addYears(inDays(1), 3) !== latest)
      expect(late).toMatchObject({
        status: 422,
        body: {
          rule: 'SU-04',
          code: 'ends-too-late',
          details: { latest },
          detail: `Slutdatum kan ligga högst tre år framåt i tiden (${latest}).`,
        },
      });
    expect(await no('tove', '', { course: 'XX1000', until: '2027-02-29' })).toEqual([422, 'SU-04', 'not-a-day']);
    expect(await no('tove', '', { course: 'XX1000', until: inDays(-1) })).toEqual([422, 'SU-04', 'ends-before-it-begins']);
    expect(await no('tove', '', { course: 'ZZ9999', until: latest })).toEqual([422, 'SU-01', 'unknown-course']);
    await ends('tove', await subscribed(at.as('tove'), { course: 'XX1000', until: latest }));
  });

  it('SU-05 is listed for its subscriber, opened by nobody else of the staff, and ended early by its subscriber only', async () => {
    const mine = await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(30) });
    const evas = await subscribed(at.as('eva'), { course: 'XX1000', until: inDays(30) });
    expect(await numbers('tove', '?state=active')).toEqual([mine]);
    expect(await numbers('eva', '?state=active')).toEqual([evas]);
    expect(await numbers('rut', '?state=active')).toEqual([evas, mine]);
    expect((await at.as('eva').get(`/subscriptions/${mine}`)).body).toMatchObject({
      status: 403,
      rule: 'SU-05',
      code: 'not-yours-to-open',
    });
    expect(await no('eva', `/${mine}/end`, {})).toEqual([403, 'SU-05', 'not-yours-to-give']);
    expect(await no('olle', `/${mine}/end`, {})).toEqual([403, 'SU-05', 'not-yours-to-give']);
    await ends('tove', mine);
    expect(await workflowOf(mine).result()).toEqual({ state: 'ended' });
    expect(await no('tove', `/${mine}/end`, {})).toEqual([409, 'SU-05', 'wrong-state']);
    expect(await numbers('tove', '?state=active')).toEqual([]);
    expect(await numbers('tove', '?state=ended')).toContain(mine);
    await ends('eva', evas);
  });

  it('SU-01 tells each subscriber once a day how many more can get a final grade, without names, and never twice of one student', async () => {
    const mine = await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(30) });
    const eriks = await subscribed(at.as('erik'), { course: 'XX1000', until: inDays(30) });
    const counts = async (login: string) =>
      (await lettersTo(at, login, 'XX1000')).map(({ text }) => Number(/^\d+/.exec(text)?.[0]));
    const day = async (days: number, ...indexes: number[]) => {
      await told(at, 'XX1000', async () => keysOf(...indexes), days);
      await posted(at);
    };
    await day(0, 0, 1);
    expect([await counts('tove'), await counts('erik')]).toEqual([[2], [2]]);
    await day(0, 0, 1, 2);
    expect(await counts('tove')).toEqual([2]);
    await day(1, 0, 1, 2, 3, 4);
    expect([await counts('tove'), await counts('erik')]).toEqual([
      [2, 3],
      [2, 3],
    ]);
    await day(2, 4, 0);
    await day(3);
    expect(await counts('tove')).toEqual([2, 3]);
    const [letter] = await lettersTo(at, 'tove', 'XX1000');
    expect(letter?.subject).toBe('Slutbetyg kan sättas på XX1000');
    expect(letter?.text).toContain('/result-lists?scope=XX1000');
    expect(letter?.text).toContain(`/subscriptions/${mine}`);
    expect((await lettersTo(at, 'erik', 'XX1000')).at(-1)?.text).toContain(
      '3 more students can get a final grade on XX1000 (Example course).',
    );
    for (const { surname, givenName, personNumber } of students)
      for (const name of [surname, givenName, personNumber]) expect(letter?.text).not.toMatch(new RegExp(`\\b${name}\\b`, 'u'));
    const entries = await auditOf(at, `subscription/${mine}`);
    expect(entries.filter(({ action }) => action === 'subscription.told').map(({ details }) => details)).toEqual([
      { students: 2, day: inDays(0) },
      { students: 3, day: inDays(1) },
    ]);
    for (const [login, number] of [
      ['tove', mine],
      ['erik', eriks],
    ] as const)
      await ends(login, number);
    await told(at, 'XX1000', async () => keysOf(9), 4);
    await posted(at);
    expect(await counts('tove')).toEqual([2, 3]);
    await ends(
      'tove',
      await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(30) }).then(async (again) => {
        await told(at, 'XX1000', async () => keysOf(0, 4, 5), 5);
        return again;
      }),
    );
    await posted(at);
    expect(await counts('tove')).toEqual([2, 3, 1]);
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('SU-04 tells of whoever can from the first day to the last: of the last one on the morning after, when it has expired', async () => {
    const number = await subscribed(at.as('karin'), { course: 'YY2000', from: inDays(10), until: inDays(12) });
    const letters = () =>
      at.world.db.outbox.count({
        where: { channel: 'mail', key: { startsWith: `mail:eligible:${personOf('karin').id}:YY2000` } },
      });
    const on = async (days: number, index: number) => {
      await told(at, 'YY2000', async () => keysOf(index), days);
      return [(await coursesOn(at, days)).includes('YY2000'), await letters()];
    };
    expect([await on(0, 20), await on(9, 21), await on(10, 22), await on(12, 23)]).toEqual([
      [false, 0],
      [false, 0],
      [true, 1],
      [true, 2],
    ]);
    const where = { number: BigInt(number) };
    await at.world.db.case.update({ where, data: { state: 'expired', closedAt: new Date() } });
    expect([await on(13, 24), await on(14, 25)]).toEqual([
      [true, 3],
      [false, 3],
    ]);
    await at.world.db.case.update({ where, data: { state: 'active', closedAt: null } });
    await ends('karin', number);
    expect(await on(13, 26)).toEqual([false, 3]);
  });

  it('SU-04 announces its end once, a week before, and not for one that is shorter', async () => {
    const number = await subscribed(at.as('karin'), { course: 'XX1000', until: inDays(30) });
    const short = await subscribed(at.as('karin'), { course: 'YY2000', until: inDays(7) });
    const letters = async () =>
      (await at.world.db.outbox.findMany({ where: { channel: 'mail', key: { startsWith: 'mail:ends-soon:' } } })).length;
    const counts: number[] = [];
    for (const days of [0, 22, 23, 24, 30, 31]) {
      await announced(at, days);
      counts.push(await letters());
    }
    expect(counts).toEqual([0, 0, 1, 1, 1, 1]);
    await posted(at);
    expect((await lettersTo(at, 'karin', 'XX1000')).map(({ subject, text }) => [subject, text.includes(inDays(30))])).toEqual([
      ['Prenumerationen på XX1000 går snart ut', true],
    ]);
    for (const one of [number, short]) await ends('karin', one);
  });

  it('SU-02 stops telling somebody who could not subscribe any more', async () => {
    const leaving = await newcomer(at, [{ role: 'teacher' }]);
    await subscribed(leaving, { course: 'YY2000', until: inDays(30) });
    await changeStaff(at, leaving.id, { roles: [{ role: 'operations' }] });
    await told(at, 'YY2000', async () => keysOf(25));
    expect(await at.world.db.subscriptionTold.count({ where: { personId: leaving.id } })).toBe(0);
    await changeStaff(at, leaving.id, { roles: [{ role: 'course-office' }] });
    await told(at, 'YY2000', async () => keysOf(25));
    expect(await at.world.db.subscriptionTold.count({ where: { personId: leaving.id } })).toBe(1);
  });

  it('SU-01 asks the register who has passed every module, and tells of the other courses when it does not answer for one', async () => {
    attested(at, 'TEN1', [
      [0, 'B'],
      [1, 'F'],
      [2, 'C'],
      [3, 'E'],
    ]);
    attested(at, 'LAB1', [
      [0, 'G'],
      [1, 'G'],
      [3, 'U'],
    ]);
    attested(at, 'INL1', [[20, 'G']]);
    const subscriber = await newcomer(at, [{ role: 'teacher' }]);
    for (const course of ['XX1000', 'YY2000']) await subscribed(subscriber, { course, until: inDays(30) });
    const module = courses.find(({ code }) => code === 'YY2000')?.modules[0]?.instanceUid;
    at.simulators.ladok.faults.push({
      match: `PUT /resultat/studieresultat/rapportera/utbildningsinstans/${module}/sok`,
      effect: '502-html',
    });
    const run = await at.world.temporal.workflow.start('tellSubscribers', {
      taskQueue: queues.cases,
      workflowId: `tell-${randomUUID()}`,
    });
    const toldOf = async () =>
      (await at.world.db.subscriptionTold.findMany({ where: { personId: subscriber.id }, orderBy: { courseCode: 'asc' } })).map(
        (one) => [one.courseCode, one.studentUid],
      );
    const keys = await eventually('one course is told of', async () => (await toldOf()).length > 0 && toldOf());
    expect(keys).toEqual([['XX1000', ...keysOf(0)]]);
    await eventually('it waits before it asks again', async () =>
      ((await run.fetchHistory()).events ?? []).some((event) => event.timerStartedEventAttributes),
    );
    await run.terminate();
    at.simulators.ladok.faults.length = 0;
    await at.world.temporal.workflow.execute('tellSubscribers', { taskQueue: queues.cases, workflowId: `tell-${randomUUID()}` });
    expect(await toldOf()).toEqual([
      ['XX1000', ...keysOf(0)],
      ['YY2000', ...keysOf(20)],
    ]);
  });

  it('SU-01 tells of those alone whom a list of the whole course would hold, by its newest version', async () => {
    const subscriber = await newcomer(at, [{ role: 'teacher' }]);
    await subscribed(subscriber, { course: 'XX1000', until: inDays(30) });
    const course = { where: { institution_code: { institution: 'bth', code: 'XX1000' } } };
    const { uid } = await at.world.db.course.findUniqueOrThrow(course);
    const toldOf = async () => {
      const { tellOf } = at.activities[queues.register];
      await new MockActivityEnvironment().run(tellOf, { course: 'XX1000', at: noonIn(0) });
      return (await at.world.db.subscriptionTold.findMany({ where: { personId: subscriber.id } })).map((one) => one.studentUid);
    };
    await at.world.db.course.update({ ...course, data: { uid: randomUUID() } });
    expect(await toldOf()).toEqual([]);
    await at.world.db.course.update({ ...course, data: { uid } });
    expect(await toldOf()).toEqual(keysOf(0));
  });

  it("keeps what it told by the register's key alone", async () => {
    const columns = await at.world.db.$queryRaw<
      { name: string }[]
    >`SELECT column_name AS name FROM information_schema.columns WHERE table_name = 'subscription_told' ORDER BY ordinal_position`;
    expect(columns.map(({ name }) => name)).toEqual(['person_id', 'course_code', 'student_uid', 'told_on']);
  });

  it('answers one key once', async () => {
    const key = randomUUID();
    const give = () => at.as('eva').post('/subscriptions', { course: 'YY2000', until: inDays(5) }, { key });
    const [first, again] = [await give(), await give()];
    expect(again.body).toEqual(first.body);
    await ends('eva', first.body.case.number);
  });
});
