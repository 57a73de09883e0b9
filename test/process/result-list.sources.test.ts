import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { openPartners } from '../../activities/index.js';
import type { Itslearning } from '../../activities/itslearning.js';
import { ladok, type Ladok } from '../../activities/ladok.js';
import { createOrders } from '../../activities/orders.js';
import { listOrders } from '../../activities/result-list/orders.js';
import { courses, exams, student } from '../simulators/sample.js';
import { caseIdOf } from '../support/envelopes.js';
import { newList, ordered, type ListInHand } from '../support/lists.js';
import { auditOf } from '../support/staff.js';
import { openUniversity, personOf, type Login, type University } from '../support/university.js';

const [november, takeHome, laboratory, cancelled, ahead] = exams.map((exam) => ({ from: 'exam', occasion: exam.uid }));
const uids = (indexes: readonly number[]) => indexes.map((index) => student(index).uid).sort();
const term = { from: 'term', term: '20262' };
const single = (index: number) => ({ from: 'single', personNumber: student(index).personNumber });

describe('where the students of a list come from', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const order = async (list: ListInHand, command: string, body: object, login: Login = 'tove') => {
    const answer = await at.as(login).post(`/result-lists/${list.number}/${command}`, body);
    expect(answer.status).toBe(202);
    return ordered(at, login, answer);
  };
  const fetch = (list: ListInHand, body: object | undefined, login: Login = 'tove') => order(list, 'fetch', body ?? {}, login);
  const who = async (list: ListInHand) => (await list.rows()).map((row) => row.student).sort();
  const dates = async (list: ListInHand): Promise<Record<string, string | null>> =>
    Object.fromEntries((await list.rows()).map((row) => [row.student, row.examinationDate]));
  const save = async (list: ListInHand, rows: object[]) =>
    expect((await at.as('tove').post(`/result-lists/${list.number}/save`, { version: await list.version(), rows })).status).toBe(
      200,
    );

  /** An order that this process carries out itself, on its last try. */
  const lastTry = async (list: ListInHand, body: object, partners: { ladok: Ladok; itslearning: Itslearning }) => {
    const [id, caseId] = [randomUUID(), await caseIdOf(at, list)];
    await at.world.db.order.create({
      data: { id, caseId, name: 'fetch', body, orderedBy: personOf('tove').id, orderedAt: new Date() },
    });
    const carryOut = createOrders({ db: at.world.db, orders: { 'result-list': listOrders({ db: at.world.db, ...partners }) } });
    const read = async () => (await at.as('tove').get(`/result-lists/${list.number}/orders/${id}`)).body;
    return { id, read, carry: () => carryOut({ id, institution: 'bth', caseId, key: id, payload: { order: id }, attempts: 6 }) };
  };

  describe('an exam', () => {
    it('RL-11 can be chosen among those of the module that take place, the earliest first', async () => {
      const list = await newList(at, 'tove');
      const found = await order(list, 'find-exams', {});
      expect(found.result.exams.map((exam: any) => [exam.occasion, exam.date])).toEqual([
        [takeHome?.occasion, null],
        [november?.occasion, '2026-11-02'],
        [ahead?.occasion, '2099-01-12'],
      ]);
      expect(found.result.exams[1].name).toEqual({ sv: 'Tentamen november', en: 'Exam November' });
      expect(await at.as('karin').post(`/result-lists/${list.number}/find-exams`)).toMatchObject({
        status: 403,
        body: { rule: 'RL-11', code: 'not-yours-to-give' },
      });
    });

    it('RL-11 brings those who are signed up for it and nobody who only could be, registered on the course or not', async () => {
      const list = await newList(at, 'tove');
      expect(await fetch(list, november)).toMatchObject({
        state: 'done',
        result: { added: 5, alreadyThere: 0, filled: 0, different: 0, date: '2026-11-02' },
      });
      expect(await who(list)).toEqual(uids([0, 2, 5, 14, 25]));
      expect((await auditOf(at, `result-list/${list.number}`)).at(-1)).toMatchObject({
        action: 'result-list.fetched',
        details: { added: 5 },
      });
    });

    it.each([
      ['of another module', laboratory],
      ['that is cancelled', cancelled],
      ['that nobody knows', { from: 'exam', occasion: randomUUID() }],
    ])('RL-11 %s brings nobody and says why', async (_what, body) => {
      const list = await newList(at, 'tove');
      expect(await fetch(list, body)).toMatchObject({ state: 'failed', result: { reason: 'no-such-exam' } });
      expect(await list.rows()).toEqual([]);
    });

    it('RL-20 fills in its date, which no other fetch does', async () => {
      const list = await newList(at, 'tove');
      await fetch(list, november);
      expect(new Set(Object.values(await dates(list)))).toEqual(new Set(['2026-11-02']));
      const version = await list.version();
      await fetch(list, term);
      await fetch(list, single(26));
      const all = await dates(list);
      expect(Object.keys(all)).toHaveLength(15);
      expect(
        Object.entries(all)
          .filter(([, date]) => date !== null)
          .map(([uid]) => uid)
          .sort(),
      ).toEqual(uids([0, 2, 5, 14, 25]));
      expect(await list.version()).toBe(version + 2);
    });

    it('RL-20 fills in none where the exam lasted days, so that each student has a day of their own, RL-19 nor where it has not come', async () => {
      const list = await newList(at, 'tove');
      expect(await fetch(list, takeHome)).toMatchObject({ result: { added: 2, date: null } });
      expect(await fetch(list, ahead)).toMatchObject({ result: { added: 2, date: null } });
      expect(await dates(list)).toEqual(Object.fromEntries([1, 3, 8, 9].map((index) => [student(index).uid, null])));
    });
  });

  describe('one after the other', () => {
    it('RL-14 fills what is empty, replaces nothing that was typed, and says how many are new, there, filled and different', async () => {
      const list = await newList(at, 'tove');
      await fetch(list, term);
      await save(list, [
        { student: student(0).uid, grade: 'C', examinationDate: '2026-10-30', score: '7' },
        { student: student(2).uid, grade: 'B', examinationDate: null, score: '9.5' },
        { student: student(5).uid, grade: null, examinationDate: '2026-11-02', score: null },
      ]);
      const version = await list.version();
      expect(await fetch(list, november)).toMatchObject({
        state: 'done',
        result: { added: 2, alreadyThere: 3, filled: 1, different: 1 },
      });
      const rows = Object.fromEntries((await list.rows()).map((row) => [row.student, row]));
      expect(rows[student(0).uid]).toMatchObject({ grade: 'C', examinationDate: '2026-10-30', score: '7' });
      expect(rows[student(2).uid]).toMatchObject({ grade: 'B', examinationDate: '2026-11-02', score: '9.5' });
      expect(rows[student(5).uid]).toMatchObject({ grade: null, examinationDate: '2026-11-02' });
      expect(rows[student(14).uid]).toMatchObject({ examinationDate: '2026-11-02', grade: null });
      expect(rows[student(1).uid]).toMatchObject({ examinationDate: null });
      expect(await list.version()).toBe(version + 1);
      expect(await fetch(list, november)).toMatchObject({ result: { added: 0, alreadyThere: 5, filled: 0, different: 1 } });
      expect(await list.version()).toBe(version + 1);
    });

    it('RL-14 has no student twice, RL-09 and one order, in whatever order the fetches came', async () => {
      const fetches = [november, term, single(25), takeHome, single(12)];
      const orders = [
        [0, 1, 2, 3, 4],
        [4, 3, 2, 1, 0],
        [2, 0, 4, 1, 3],
        [1, 3, 0, 4, 2],
      ];
      const lists = await Promise.all(
        orders.map(async (places) => {
          const list = await newList(at, 'tove');
          for (const index of places) await fetch(list, fetches[index]);
          return (await list.rows()).map((row) => [row.student, row.surname, row.examinationDate]);
        }),
      );
      expect(lists[0]?.map(([uid]) => uid).sort()).toEqual(uids([...(courses[0]?.occasions[0]?.registered ?? []), 12, 14, 25]));
      expect(lists[0]?.map(([, surname]) => surname)).toEqual([
        'Andersson',
        'Çelik',
        'Ek',
        'Haddad',
        'Lind',
        'Olofsson',
        'Quist',
        'Sárá',
        'Svensson-Østergaard',
        'Vång',
        'Wikström',
        'Zetterström',
        'Åkesson',
        'Ärlig',
        'Öberg',
      ]);
      for (const one of lists) expect(one).toEqual(lists[0]);
    });

    it('RL-14 adds nothing when it fails half-way, and says why', async () => {
      const list = await newList(at, 'tove');
      const pages = ladok({ baseUrl: at.config.LADOK_URL, pageSize: 2 });
      const third = 'GET /resultat/aktivitetstillfallesmojlighet*';
      at.simulators.ladok.faults.push({ match: third, effect: 'delay', ms: 1, times: 2 }, { match: third, effect: '502-html' });
      const fetching = await lastTry(list, november as object, { ladok: pages, itslearning: {} as Itslearning });
      await fetching.carry();
      const left = at.simulators.ladok.faults.splice(0);
      expect(left).toMatchObject([{ effect: '502-html' }]);
      await pages.close();
      expect(await fetching.read()).toMatchObject({ state: 'failed', result: { reason: 'register-unavailable' } });
      expect(await list.rows()).toEqual([]);
      expect(await list.version()).toBe(1);
    });

    it.each([
      [
        'a page of grades',
        { from: 'itslearning-grades', room: 'XX1000-50001', column: 9 },
        { match: 'POST /ContentImport/*', effect: 'fails-on-page-2' },
      ],
      [
        'the names of the participants',
        { from: 'itslearning', room: 'XX1000-50001' },
        { match: 'POST /WCFServiceLibrary/PersonManagement*', effect: '502-html' },
      ],
    ])('RL-14 adds nothing when the platform gives the first of it and not %s, and says why', async (_what, body, fault) => {
      const list = await newList(at, 'tove');
      const partners = openPartners(at.config);
      const column = at.simulators.itslearning.store.rooms[0]?.columns[0];
      const before = column?.grades.slice() ?? [];
      column?.grades.push(
        ...Array.from({ length: 100 }, () => ({ person: null, word: 'A', score: null, assessedAt: '2026-11-18T13:00:00Z' })),
      );
      at.simulators.itslearning.faults.push({ ...fault, times: 1 });
      const fetching = await lastTry(list, body, partners);
      await fetching.carry();
      column?.grades.splice(0, Infinity, ...before);
      await partners.close();
      expect(at.simulators.itslearning.faults.splice(0)).toEqual([]);
      expect(await fetching.read()).toMatchObject({ state: 'failed', result: { reason: 'platform-unavailable' } });
      expect([await list.rows(), await list.version()]).toEqual([[], 1]);
    });

    it('shows how far it has come while it runs, at its address and among the orders of the list', async () => {
      const list = await newList(at, 'tove');
      const pages = ladok({ baseUrl: at.config.LADOK_URL, pageSize: 4 });
      const seen: unknown[] = [];
      const watchedPages: Ladok = {
        ...pages,
        participants: (asked) =>
          pages.participants({
            ...asked,
            follow: async (progress) => {
              await asked.follow?.(progress);
              const { items } = (await at.as('tove').get(`/result-lists/${list.number}/orders`)).body;
              seen.push([(await fetching.read()).progress, items[0].order === fetching.id, items[0].progress]);
            },
          }),
      };
      const fetching = await lastTry(list, term, { ladok: watchedPages, itslearning: {} as Itslearning });
      expect(await fetching.read()).toMatchObject({ state: 'open', progress: null });
      await fetching.carry();
      await pages.close();
      expect(seen).toEqual([4, 8, 12].map((done) => [{ done, of: 12 }, true, { done, of: 12 }]));
      expect(await fetching.read()).toMatchObject({ state: 'done', progress: null, result: { added: 12 } });
    });
  });

  describe('itslearning', () => {
    const room = 'XX1000-50001';

    it('RL-12 brings the students of a room whom the register has on the course, and says how many it has not', async () => {
      const list = await newList(at, 'tove');
      expect(await fetch(list, { from: 'itslearning', room })).toMatchObject({
        state: 'done',
        result: { added: 10, alreadyThere: 0, notOnCourse: 1 },
      });
      expect(await who(list)).toEqual(uids([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
      expect((await list.rows()).find((row) => row.student === student(0).uid)).toMatchObject({
        personNumber: student(0).personNumber,
        surname: student(0).surname,
        grade: null,
        examinationDate: null,
      });
    });

    it('RL-12 counts each whom the platform has no key of as somebody who is not on the course', async () => {
      const list = await newList(at, 'tove');
      const register = ladok({ baseUrl: at.config.LADOK_URL });
      const participants = [student(0).uid, student(0).uid, student(25).uid, null, null, null].map((personKey) => ({
        personKey,
        role: 'student',
      }));
      const platform = { participants: async () => participants } as unknown as Itslearning;
      const fetching = await lastTry(list, { from: 'itslearning', room }, { ladok: register, itslearning: platform });
      await fetching.carry();
      await register.close();
      expect(await fetching.read()).toMatchObject({ state: 'done', result: { added: 1, notOnCourse: 4 } });
    });

    it('RL-12 is refused for a room of another course, and says so when nobody knows the room', async () => {
      const list = await newList(at, 'tove');
      for (const [command, body] of [
        ['fetch', { from: 'itslearning', room: 'YY2000-60001' }],
        ['find-columns', { room: 'YY2000-60001' }],
      ] as const)
        expect(await at.as('tove').post(`/result-lists/${list.number}/${command}`, body)).toMatchObject({
          status: 422,
          body: { rule: 'RL-12', code: 'room-of-another-course' },
        });
      expect(await fetch(list, { from: 'itslearning', room: 'XX1000-99999' })).toMatchObject({
        state: 'failed',
        result: { reason: 'no-such-room' },
      });
      expect(await list.rows()).toEqual([]);
    });

    it("RL-15 brings grades by the institution's words, fills only what is empty, tells the words it does not know, RL-20 and leaves the dates", async () => {
      await at.as('olle').post('/me/administration-mode', { on: true });
      const value = [
        { scale: 'AF', course: null, word: 'Underkänd', grade: 'F' },
        { scale: 'UG', course: null, word: 'Godkänd', grade: 'G' },
      ];
      expect(
        (await at.as('olle').post('/settings/grade-words', { value, from: '2020-01-01', reason: 'For this test.' })).status,
      ).toBe(200);
      const list = await newList(at, 'tove');
      expect((await order(list, 'find-columns', { room })).result.columns).toEqual([
        { column: 9, title: 'Tentamen' },
        { column: 10, title: 'Laboration & rapport' },
      ]);
      await fetch(list, single(1));
      await save(list, [{ student: student(1).uid, grade: 'E', examinationDate: null, score: null }]);
      const order9 = await fetch(list, { from: 'itslearning-grades', room, column: 9 });
      expect(order9).toMatchObject({
        state: 'done',
        result: { added: 6, alreadyThere: 1, filled: 0, different: 1, notOnCourse: 1 },
      });
      expect(order9.result.untranslated).toEqual([
        { word: 'Godkänd', why: 'unknown-word', count: 1 },
        { word: null, why: 'no-word', count: 1 },
      ]);
      const rows = await list.rows();
      expect(Object.fromEntries(rows.map((row) => [row.student, row.grade]))).toEqual(
        Object.fromEntries(['A', 'E', 'C', 'F', null, 'E', null].map((grade, index) => [student(index).uid, grade])),
      );
      expect(new Set(rows.map((row) => row.examinationDate))).toEqual(new Set([null]));
      expect(await fetch(list, { from: 'itslearning-grades', room, column: 77 })).toMatchObject({
        state: 'failed',
        result: { reason: 'no-such-column' },
      });
    });
  });
});
