import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { filledList, newList, type ListInHand } from '../support/lists.js';
import { openUniversity, type Answer, type Login, type University } from '../support/university.js';

describe('pages', () => {
  let at: University;
  let filled: ListInHand;
  const numbers: string[] = [];
  beforeAll(async () => {
    at = await openUniversity();
    filled = await filledList(at);
    numbers.push(filled.number);
    for (let i = 0; i < 8; i += 1) numbers.push((await newList(at, i % 2 ? 'erik' : 'tove')).number);
  });
  afterAll(() => at.close());
  const walk = async (login: Login, path: string, limit: number) => {
    const pages: any[][] = [];
    for (let next: string | null = ''; next !== null;) {
      const { status, body }: Answer = await at
        .as(login)
        .get(`${path}${path.includes('?') ? '&' : '?'}limit=${limit}${next ? `&after=${next}` : ''}`);
      expect(status).toBe(200);
      pages.push(body.items);
      next = body.next;
    }
    return pages;
  };

  it.each([1, 2, 4, 9, 100])('of lists, %i at a time, hold every list once, the newest first', async (limit) => {
    const pages = await walk('karin', '/result-lists', limit);
    expect(pages.flat().map((one) => one.number)).toEqual([...numbers].sort((a, b) => Number(b) - Number(a)));
    for (const page of pages.slice(0, -1)) expect(page).toHaveLength(limit);
  });

  it.each([1, 5, 12, 100])('of rows, %i at a time, hold every student once, in list order', async (limit) => {
    const pages = await walk('tove', `/result-lists/${filled.number}/rows`, limit);
    expect(pages.flat()).toEqual(await filled.rows());
    expect(pages).toHaveLength(Math.ceil(12 / limit));
    expect((await at.as('tove').get(`/result-lists/${filled.number}/rows?limit=${limit}`)).body).toMatchObject({
      total: 12,
      version: await filled.version(),
    });
  });

  it.each([3, 7, 100])('of the audit, %i at a time, hold every entry once, the oldest first', async (limit) => {
    const seqs = (await walk('rut', '/audit', limit)).flat().map((one) => Number(one.seq));
    expect(seqs).toEqual(seqs.map((_seq, index) => index + 1));
    expect(seqs.length).toBeGreaterThan(10);
    const about = (await walk('rut', `/audit?subject=result-list/${filled.number}`, limit)).flat();
    const id = (await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(filled.number) } })).id;
    expect(new Set(about.map((one) => one.entry.case))).toEqual(new Set([id]));
    expect(about).toHaveLength(await at.world.db.auditEntry.count({ where: { caseId: id } }));
  });

  it('hold no list twice and leave none out when lists are made meanwhile', async () => {
    const first = (await at.as('karin').get('/result-lists?limit=4')).body;
    const made = await newList(at, 'tove');
    const second = (await at.as('karin').get(`/result-lists?limit=100&after=${first.next}`)).body;
    expect([...first.items, ...second.items].map((one: any) => one.number)).toEqual(
      [...numbers].sort((a, b) => Number(b) - Number(a)),
    );
    numbers.push(made.number);
  });

  it('can be narrowed by state, course, who is next and attention', async () => {
    await at.as('tove').post(`/result-lists/${filled.number}/send`, { version: await filled.version() });
    const found = async (query: string) =>
      (await at.as('karin').get(`/result-lists?${query}`)).body.items.map((one: any) => one.number);
    expect(await found('state=with-examiner')).toEqual([filled.number]);
    expect(await found('waitingFor=examiner')).toEqual([filled.number]);
    expect(await found('scope=XX1000&state=draft')).toHaveLength(numbers.length - 1);
    expect(await found('scope=YY2000')).toEqual([]);
    expect(await found('attention=true')).toEqual([]);
    expect((await at.as('karin').get('/result-lists?state=nowhere')).status).toBe(422);
  });

  it.each([
    'limit=0',
    'limit=-1',
    'limit=101',
    'limit=many',
    'limit=1.5',
    'limit=',
    'limit=1e400',
    'limit=99999999999999999999',
    'limit=1&limit=2',
    `after=${'9'.repeat(300)}`,
  ])('are refused with 422 for %s', async (query) => {
    for (const [login, path] of [
      ['karin', '/result-lists'],
      ['karin', `/result-lists/${filled.number}/rows`],
      ['rut', '/audit'],
    ] as const)
      expect({ path, status: (await at.as(login).get(`${path}?${query}`)).status }).toEqual({ path, status: 422 });
  });
});
