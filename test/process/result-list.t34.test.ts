import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { ladok } from '../../activities/ladok.js';
import { followFeed } from '../../activities/result-list/arrivals.js';
import { institution, student } from '../simulators/sample.js';
import { inHand, mailTo, newList, ordered, proofBySms, type ListInHand } from '../support/lists.js';
import { archiveList, enter, inState, mailed, played } from '../support/register.js';
import { proofByBankId, sign } from '../support/signing.js';
import { auditOf } from '../support/staff.js';
import { attested, keysOf } from '../support/subscriptions.js';
import { openUniversity, personOf, type Answer, type Login, type University } from '../support/university.js';

describe('the list of a whole course', () => {
  let at: University;
  let register: ReturnType<typeof ladok>;
  beforeAll(async () => {
    at = await openUniversity();
    register = ladok({ baseUrl: at.config.LADOK_URL });
    await followFeed({ db: at.world.db, ladok: register, institution: institution.code });
  });
  afterAll(async () => {
    await register?.close();
    await at?.close();
  });

  const create = (login: Login, body: object) => at.as(login).post('/result-lists', body);
  const give = async (list: ListInHand, login: Login, command: string, body: object) =>
    at.as(login).post(`/result-lists/${list.number}/${command}`, body);
  const orderOf = (list: ListInHand, answer: Answer) =>
    ordered(at, 'eva', {
      ...answer,
      headers: new Headers({ Location: `/result-lists/${list.number}/orders/${answer.body.answer.order}` }),
    });
  /** A list as it is once its first students have come. */
  const begun = async (body: object): Promise<ListInHand> => {
    const made = await create('eva', body);
    expect(made).toMatchObject({ status: 201, body: { case: { state: 'draft', waitingFor: 'examiner' } } });
    const list = inHand(at, made.body.case.number);
    expect(await orderOf(list, made)).toMatchObject({ state: 'done' });
    return list;
  };
  const fetched = async (list: ListInHand) => orderOf(list, await give(list, 'eva', 'fetch', { from: 'eligible' }));
  const rowsBy = async (list: ListInHand): Promise<Record<string, any>> =>
    Object.fromEntries((await list.rows('eva')).map((row) => [row.student, row]));
  const save = async (list: ListInHand, rows: object[]) => give(list, 'eva', 'save', { version: await list.version(), rows });
  const [one, two, three, four] = keysOf(21, 22, 23, 25) as [string, string, string, string];
  let zz: ListInHand;

  it('RL-24 is made by the examiner of the course alone, and holds all who can get a final grade on it', async () => {
    for (const login of ['tove', 'erik'])
      expect(await create(login, { kind: 'T34', course: 'ZZ3000' })).toMatchObject({
        status: 403,
        body: { rule: 'RL-24', code: 'not-yours-to-give' },
      });
    expect(await create('eva', { kind: 'T34', course: 'ZZ3000', module: 'HEM1' })).toMatchObject({ status: 422 });
    zz = await begun({ kind: 'T34', course: 'ZZ3000' });
    expect((await zz.read('eva')).data).toMatchObject({ listKind: 'T34', course: { code: 'ZZ3000' }, scale: { code: 'AF' } });
    expect((await zz.read('eva')).data).not.toHaveProperty('module');
    expect(Object.keys(await rowsBy(zz)).sort()).toEqual([one, two, three]);
  });

  it('RL-25 gives the completed modules of every student, with date and grade, and none on the list of a module', async () => {
    const rows = await rowsBy(zz);
    expect(rows[one]?.modules).toEqual([
      { code: 'HEM1', grade: 'B', date: '2026-10-20' },
      { code: 'SEM1', grade: 'G', date: '2026-09-30' },
    ]);
    expect(rows[two]?.modules).toEqual([
      { code: 'HEM1', grade: 'D', date: '2026-10-20' },
      { code: 'SEM1', grade: 'G', date: '2026-10-07' },
    ]);
    const module = await newList(at, 'tove');
    await ordered(at, 'tove', await give(module, 'tove', 'fetch', { from: 'term', term: '20261' }));
    const rowsOfModule = await module.rows();
    expect(rowsOfModule).toHaveLength(8);
    for (const row of rowsOfModule) expect(row).not.toHaveProperty('modules');
  });

  it('RL-27 puts the grade of the deciding module in, without a date, and never over what somebody typed', async () => {
    expect(
      Object.values(await rowsBy(zz))
        .map((row) => [row.student, row.grade, row.examinationDate])
        .sort(),
    ).toEqual([
      [one, 'B', null],
      [two, 'D', null],
      [three, 'A', null],
    ]);
    expect(
      (
        await save(zz, [
          { student: two, grade: 'C', examinationDate: null },
          { student: three, grade: null, examinationDate: '2026-11-02' },
        ])
      ).status,
    ).toBe(200);
    const version = await zz.version();
    attested(at, 'SEM1', [[22, 'G']]);
    expect(await fetched(zz)).toMatchObject({ state: 'done', result: { added: 0, alreadyThere: 3 } });
    const after = await rowsBy(zz);
    expect([after[one]?.grade, after[two]?.grade, after[three]?.grade, after[three]?.examinationDate]).toEqual([
      'B',
      'C',
      'A',
      '2026-11-02',
    ]);
    expect(after[two]?.modules[1]).toEqual({ code: 'SEM1', grade: 'G', date: '2026-11-02' });
    expect(await zz.version()).toBe(version + 1);
    await fetched(zz);
    expect(await zz.version()).toBe(version + 1);
  });

  it('RL-24 adds those who can get a final grade since, and takes nobody in another way', async () => {
    attested(at, 'SEM1', [
      [25, 'G'],
      [26, 'G'],
    ]);
    expect(await fetched(zz)).toMatchObject({ state: 'done', result: { added: 1, alreadyThere: 3 } });
    expect((await rowsBy(zz))[four]).toMatchObject({
      grade: 'C',
      examinationDate: null,
      modules: [{ code: 'HEM1' }, { code: 'SEM1' }],
    });
    expect(await give(zz, 'eva', 'fetch', { from: 'term', term: '20262' })).toMatchObject({
      status: 409,
      body: { rule: 'RL-24', code: 'fetched-otherwise' },
    });
    expect(await give(zz, 'eva', 'find-exams', {})).toMatchObject({
      status: 409,
      body: { rule: 'RL-24', code: 'fetched-otherwise' },
    });
    const module = await newList(at, 'eva');
    expect(await give(module, 'eva', 'fetch', { from: 'eligible' })).toMatchObject({
      status: 409,
      body: { rule: 'RL-24', code: 'fetched-otherwise' },
    });
    expect(
      await give(module, 'eva', 'save', {
        version: 1,
        rows: [{ student: one, grade: null, examinationDate: null, notNow: true }],
      }),
    ).toMatchObject({ status: 422, body: { rule: 'RL-26', code: 'marked-on-module' } });
  });

  it('RL-26 lets those who are marked leave with the save that marks them', async () => {
    const saved = await save(zz, [
      { student: four, grade: 'C', examinationDate: null, notNow: true },
      { student: one, grade: 'B', examinationDate: '2026-11-02' },
    ]);
    expect(saved.status).toBe(200);
    expect(Object.keys(await rowsBy(zz)).sort()).toEqual([one, two, three]);
    const last = (await auditOf(at, `result-list/${zz.number}`)).at(-1);
    expect(last).toMatchObject({ action: 'result-list.save', details: { rows: 1, notNow: 1 } });
  });

  it('RL-28 is filled in by the examiner, and a teacher who opens it is offered none of that', async () => {
    for (const [command, body] of [
      ['save', { version: 1, rows: [{ student: one, grade: 'E', examinationDate: null }] }],
      ['send', { version: 1 }],
      ['fetch', { from: 'eligible' }],
    ] as const)
      expect(await give(zz, 'tove', command, body)).toMatchObject({
        status: 403,
        body: { rule: 'RL-28', code: 'not-yours-to-give' },
      });
    const offered = async (login: Login) => (await zz.read(login)).commands.map((command: { name: string }) => command.name);
    expect(await offered('tove')).toEqual(['check-registrations']);
    expect(await offered('eva')).toEqual(expect.arrayContaining(['save', 'remove', 'fetch', 'send', 'request-code', 'sign']));
    expect(
      await save(
        zz,
        [two, three].map((of, place) => ({ student: of, grade: place ? 'A' : 'C', examinationDate: '2026-11-03' })),
      ),
    ).toMatchObject({ status: 200, body: { answer: { problems: {} } } });
  });

  it('RL-29 is signed, printed, entered, written to the register as results of the course, attested and told to the students', async () => {
    const signed = await give(zz, 'eva', 'sign', { version: await zz.version(), proof: await proofBySms(at, zz) });
    expect(signed).toMatchObject({ status: 200, body: { case: { state: 'signed', waitingFor: 'course-office' } } });
    const printed = await archiveList(at, zz);
    for (const text of ['T34, slutbetyg på hel kurs', 'hel kurs', 'ZZ3000 Helkurs', '2026-11-03'])
      expect(printed).toContain(text);
    expect((await mailed(at, personOf('karin').email, ({ subject }) => subject.includes(zz.number))).text).toContain(
      `Resultatlista ${zz.number} för ZZ3000 hel kurs är signerad`,
    );
    await enter(at, zz);
    await inState(zz, 'registered');
    const { drafts } = at.simulators.ladok.store;
    expect(drafts.map(({ moduleInstanceUid, status, date }) => [moduleInstanceUid, status, date]).sort()).toEqual([
      ['c1000000-0000-4000-8000-000000003000', 2, '2026-11-02'],
      ['c1000000-0000-4000-8000-000000003000', 2, '2026-11-03'],
      ['c1000000-0000-4000-8000-000000003000', 2, '2026-11-03'],
    ]);
    await played(at.simulators.ladok, '/__sim/attest-all');
    await inState(zz, 'informed');
    expect((await zz.rows('eva')).map((row) => row.transfer.state)).toEqual(['attested', 'attested', 'attested']);
    const [letter] = await mailTo(at, student(22).email);
    expect(letter).toMatchObject({ subject: 'Resultat på ZZ3000 hel kurs' });
    expect(letter?.text).toContain('Ditt resultat på Helkurs (ZZ3000), hel kurs, är registrerat.');
    expect((await mailTo(at, student(23).email))[0]?.text).toContain(
      'Your result on Whole course (ZZ3000), whole course, is registered.',
    );
    const shown = Object.values(at.simulators.studentPortal.results()).filter(({ courseCode }) => courseCode === 'ZZ3000');
    expect(shown.map(({ moduleCode, grade }) => [moduleCode, grade]).sort()).toEqual([
      [null, 'A'],
      [null, 'B'],
      [null, 'C'],
    ]);
  });

  it('RL-24 leaves out who has a final grade, and brings back who was marked not to get one then', async () => {
    expect(Object.keys(await rowsBy(await begun({ kind: 'T34', course: 'ZZ3000' })))).toEqual([four]);
  });

  it('RL-24 says so when the register does not answer, and adds nobody', async () => {
    at.simulators.ladok.faults.push({ match: 'PUT /resultat/studieresultat/*', effect: 'applikationsfel' });
    const made = await create('eva', { kind: 'T34', course: 'ZZ3000' });
    const list = inHand(at, made.body.case.number);
    expect(await orderOf(list, made)).toMatchObject({ state: 'failed', result: { reason: 'refused-by-register' } });
    at.simulators.ladok.faults.length = 0;
    expect(await list.rows('eva')).toEqual([]);
    expect(await fetched(list)).toMatchObject({ state: 'done', result: { added: 1 } });
  });

  it('RL-04 has one title where the course is a degree project, on the list, on paper, in letters and in the register', async () => {
    for (const body of [
      { kind: 'T34', course: 'EX4000' },
      { kind: 'T33', course: 'EX4000', module: 'ARB1' },
    ]) {
      expect(await create('eva', body)).toMatchObject({ status: 422, body: { rule: 'RL-04', code: 'title-missing' } });
      expect(await create('eva', { ...body, title: '' })).toMatchObject({ status: 422 });
    }
    expect(await create('eva', { kind: 'T34', course: 'ZZ3000', title: 'Om prov' })).toMatchObject({
      status: 422,
      body: { rule: 'RL-04', code: 'title-not-wanted' },
    });
    const list = await begun({ kind: 'T34', course: 'EX4000', title: 'Prov & <mått> på natten' });
    expect((await list.read('eva')).data).toMatchObject({ title: 'Prov & <mått> på natten' });
    await save(
      list,
      keysOf(27, 28).map((of) => ({ student: of, grade: 'G', examinationDate: '2026-11-04' })),
    );
    expect((await sign(at, list, await proofByBankId(at, list))).status).toBe(200);
    expect(await archiveList(at, list)).toContain('Prov & <mått> på natten');
    await enter(at, list);
    await inState(list, 'registered');
    expect(at.simulators.ladok.store.drafts.map(({ title }) => title)).toEqual([
      'Prov & <mått> på natten',
      'Prov & <mått> på natten',
    ]);
    at.simulators.ladok.faults.push({ match: 'GET /resultat/studentresultat/*', effect: '500' });
    await played(at.simulators.ladok, '/__sim/attest-all');
    await followFeed({ db: at.world.db, ladok: register, institution: institution.code });
    await inState(list, 'informed');
    at.simulators.ladok.faults.length = 0;
    expect((await mailTo(at, student(27).email))[0]?.text).toContain('Examensarbete: Prov & <mått> på natten');
    expect((await mailTo(at, student(28).email))[0]?.text).toContain('Degree project: Prov & <mått> på natten');
  });

  it('RL-05 holds the several students who did the work together', async () => {
    const list = await begun({ kind: 'T34', course: 'EX4000', title: 'Tillsammans' });
    expect(await list.rows('eva')).toEqual([]);
    const module = await create('eva', { kind: 'T33', course: 'EX4000', module: 'ARB1', title: 'Tillsammans' });
    const group = inHand(at, module.body.case.number);
    await ordered(at, 'eva', await give(group, 'eva', 'fetch', { from: 'term', term: '20262' }));
    await save(
      group,
      keysOf(27, 28, 29).map((of) => ({ student: of, grade: 'G', examinationDate: '2026-11-04' })),
    );
    expect(await give(group, 'eva', 'send', { version: await group.version() })).toMatchObject({
      status: 200,
      body: { case: { state: 'with-examiner' } },
    });
    expect((await mailed(at, personOf('eva').email, ({ subject }) => subject.includes(group.number))).text).toContain(
      'Examensarbete: Tillsammans',
    );
  });

  it('RL-06 warns about a discontinued course at birth and whenever the list is read, and goes on', async () => {
    const warnings = [
      {
        code: 'discontinued-course',
        rule: 'RL-06',
        sv: expect.stringContaining('nedlagd'),
        nb: expect.stringContaining('nedlagt'),
        en: expect.stringContaining('discontinued'),
      },
    ];
    for (const body of [
      { kind: 'T34', course: 'EX4000', title: 'Sist' },
      { kind: 'T33', course: 'EX4000', module: 'ARB1', title: 'Sist' },
    ]) {
      const made = await create('eva', body);
      expect(made).toMatchObject({ status: 201, body: { answer: { warnings } } });
      const list = inHand(at, made.body.case.number);
      expect((await list.read('tove')).warnings).toEqual(warnings);
      expect((await at.as('tove').get(`/result-lists/${list.number}/rows`)).body.warnings).toEqual(warnings);
    }
    expect((await zz.read('eva')).warnings).toEqual([]);
  });
});
