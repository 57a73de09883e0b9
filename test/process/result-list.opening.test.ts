import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { filledList, newList, type ListInHand } from '../support/lists.js';
import { auditOf, newcomer } from '../support/staff.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('a list is made and opened', () => {
  let at: University;
  let list: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
    list = await filledList(at);
  });
  afterAll(() => at.close());
  const openings = async (login: string) =>
    (await auditOf(at, `result-list/${list.number}`)).filter(
      (entry) => entry.action === 'result-list.opened' && entry.actor === personOf(login).id,
    );

  it('RL-01 holds the results of exactly one module', async () => {
    expect((await list.read()).data).toMatchObject({ listKind: 'T33', course: { code: 'XX1000' }, module: { code: 'TEN1' } });
    for (const body of [
      { kind: 'T33', course: 'XX1000' },
      { kind: 'T33', course: 'XX1000', module: ['TEN1', 'LAB1'] },
      { kind: 'T33', course: 'XX1000', module: '' },
      { kind: 'T99', course: 'XX1000', module: 'TEN1' },
    ])
      expect(await at.as('tove').post('/result-lists', body)).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
  });

  it('RL-01 refuses a module that is not on the course', async () => {
    const made = await at.as('tove').post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'INL1' });
    expect(made).toMatchObject({
      status: 422,
      body: { rule: 'RL-01', code: 'unknown-module', details: { course: 'XX1000', module: 'INL1' } },
    });
    expect(await at.as('tove').post('/result-lists', { kind: 'T33', course: 'ZZ9999', module: 'TEN1' })).toMatchObject({
      status: 422,
      body: { rule: 'RL-01' },
    });
  });

  it('RL-01 is made by teachers and examiners, and by nobody else', async () => {
    expect((await at.as('erik').post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'LAB1' })).status).toBe(201);
    for (const login of ['karin', 'olle', 'rut'])
      expect(await at.as(login).post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })).toMatchObject({
        status: 403,
        body: { rule: 'RL-01', code: 'not-yours-to-give' },
      });
  });

  it('RL-02 gives every list a number of its own, also when many are made at once', async () => {
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        at.as(i % 2 ? 'tove' : 'eva').post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' }),
      ),
    );
    expect(made.map((one) => one.status)).toEqual(Array(12).fill(201));
    const numbers = made.map((one) => one.body.case.number);
    expect(new Set([...numbers, list.number]).size).toBe(13);
    expect(made.map((one) => one.headers.get('Location'))).toEqual(numbers.map((number) => `/result-lists/${number}`));
    await expect(
      at.world.db.$executeRaw`UPDATE cases SET number = ${BigInt(numbers[0])} WHERE number = ${BigInt(numbers[1])}`,
    ).rejects.toThrow(/unique/i);
  });

  it.each(['eva', 'erik', 'karin'])('RL-03 is opened by its number by %s, who did not make it', async (login) => {
    expect(await at.as(login).get(`/result-lists/${list.number}`)).toMatchObject({
      status: 200,
      body: { number: list.number, state: 'draft' },
    });
    expect((await list.rows(login)).length).toBe(12);
  });

  it("RL-03 traces the opening of somebody else's list once a day", async () => {
    const id = (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } })).id;
    await Promise.all([
      at.as('erik').get(`/result-lists/${list.number}`),
      at.as('erik').get(`/result-lists/${list.number}`),
      list.rows('erik'),
    ]);
    expect(await openings('erik')).toHaveLength(1);
    await at.world.db
      .$executeRaw`UPDATE case_openings SET day = day - 1 WHERE case_id = ${id}::uuid AND person_id = ${personOf('erik').id}::uuid`;
    await list.read('erik');
    await list.read('erik');
    expect(await openings('erik')).toHaveLength(2);
    await list.read('tove');
    expect(await openings('tove')).toEqual([]);
  });

  it('RL-03 is not opened by other roles; the attempt is in the audit', async () => {
    const planner = await newcomer(at, [{ role: 'planner' }]);
    for (const path of [
      '',
      '/rows',
      '/archive-list',
      '/verification',
      '/verification/document',
      '/orders/b0000000-0000-4000-8000-000000000009',
    ])
      expect(await planner.get(`/result-lists/${list.number}${path}`)).toMatchObject({
        status: 403,
        body: { rule: 'RL-03', code: 'not-yours-to-open' },
      });
    expect((await planner.get('/result-lists')).body.items).toEqual([]);
    const refused = (await auditOf(at)).filter((entry) => entry.actor === planner.id && entry.action === 'result-list.open');
    expect(refused).toHaveLength(6);
    expect(refused[0]).toMatchObject({ outcome: 'refused', rule: 'RL-03', code: 'not-yours-to-open' });
  });

  it('RL-03 stays open to its maker, whose role has ended', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const own = (await guest.post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })).body.case.number;
    await at.world.db.$executeRaw`UPDATE roles SET valid_to = current_date - 1 WHERE person_id = ${guest.id}::uuid`;
    expect((await guest.get(`/result-lists/${own}`)).status).toBe(200);
    expect(await guest.get(`/result-lists/${list.number}`)).toMatchObject({ status: 403, body: { rule: 'RL-03' } });
    expect((await guest.get('/result-lists')).body.items.map((item: any) => item.number)).toEqual([own]);
  });

  describe('where lists are kept to their courses', () => {
    const kept = async (value: boolean) =>
      expect(
        (await at.as('olle').post('/settings/only-own-courses', { value, from: '2020-01-01', reason: 'For this test.' })).status,
      ).toBe(200);
    beforeAll(async () => {
      await at.as('olle').post('/me/administration-mode', { on: true });
      await kept(true);
    });
    afterAll(() => kept(false));
    const numbers = async (login: string) =>
      (await at.as(login).get('/result-lists?limit=100')).body.items.map((item: any) => item.number);

    it('RL-03 keeps out who is teacher or examiner of another course: neither opened, nor found, nor changed, with the attempts in the audit', async () => {
      const own = await newList(at, 'erik');
      expect(await at.as('erik').get(`/result-lists/${list.number}/rows`)).toMatchObject({
        status: 403,
        body: { rule: 'RL-03', code: 'not-yours-to-open' },
      });
      const body = { version: await list.version() };
      for (const [command, given] of [
        ['send', body],
        ['remove', { ...body, students: [(await list.rows())[0].student] }],
        ['fetch', { from: 'term', term: '20262' }],
      ] as const)
        expect(await at.as('erik').post(`/result-lists/${list.number}/${command}`, given)).toMatchObject({
          status: 403,
          body: { rule: 'RL-03', code: 'not-yours-to-open' },
        });
      expect(await numbers('erik')).not.toContain(list.number);
      expect(await numbers('erik')).toContain(own.number);
      expect((await at.as('erik').get(`/result-lists/${own.number}`)).status).toBe(200);
      const refused = (await auditOf(at)).filter(
        (entry) => entry.actor === personOf('erik').id && entry.outcome === 'refused' && entry.rule === 'RL-03',
      );
      expect(refused.map((entry) => entry.action)).toEqual(
        ['open', 'send', 'remove', 'fetch'].map((what) => `result-list.${what}`),
      );
    });

    it('RL-03 lets in the maker, who is examiner or teacher of the course, and those who work for all courses', async () => {
      const teacher = await newcomer(at, [{ role: 'teacher', course: 'XX1000' }]);
      expect((await teacher.get(`/result-lists/${list.number}`)).status).toBe(200);
      for (const login of ['tove', 'eva', 'karin', 'rut', 'olle']) {
        expect((await at.as(login).get(`/result-lists/${list.number}`)).status).toBe(200);
        expect(await numbers(login)).toContain(list.number);
      }
    });
  });

  it('RL-03 finds nothing under an unknown number, nor under one of another institution', async () => {
    const foreign = await newList(at, 'tove');
    await at.world.db.institution.create({ data: { code: 'elsewhere', name: 'Elsewhere', zone: 'Europe/Oslo', language: 'nb' } });
    await at.world.db.$executeRaw`UPDATE cases SET institution = 'elsewhere' WHERE number = ${BigInt(foreign.number)}`;
    for (const number of ['999999999', foreign.number]) {
      expect(await at.as('eva').get(`/result-lists/${number}`)).toMatchObject({ status: 404, body: { code: 'no-such-case' } });
      expect(await at.as('eva').post(`/result-lists/${number}/withdraw`)).toMatchObject({
        status: 404,
        body: { code: 'no-such-case' },
      });
    }
  });
});
