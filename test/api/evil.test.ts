import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyChain } from '../../activities/audit.js';
import { newList, ordered, type ListInHand } from '../support/lists.js';
import { callWith } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { bodies, operationsOf, someStudent, type Operation } from '../support/operations.js';

const deep = (open: string, close: string, n = 1_000) => open.repeat(n) + close.repeat(n);
const texts: Readonly<Record<string, string>> = {
  'a NUL': '"\\u0000"', 'a NUL among letters': '"abc\\u0000def"', 'half of a surrogate pair': '"abc\\ud800"', 'the other half': '"\\udfffabc"',
  'halves in the wrong order': '"abc\\udc00\\ud800"', 'a byte order mark': '"\\ufeffabc"', 'text that runs backwards': '"abc\\u202edef"',
  'a whole pair': '"abc\\ud83d\\ude00"', 'a quote and a comment': JSON.stringify("'; DROP TABLE cases; --"), 'a template': '"{{7*7}}<%= 7*7 %>"',
  'a long text': JSON.stringify('x'.repeat(100_000)), 'infinity': '1e400', 'minus infinity': '-1e400', 'a huge number': '9'.repeat(400),
  'a tiny number': '1e-400', 'minus nought': '-0', 'a thousand arrays': deep('[', ']'), 'a thousand objects': `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`,
  'a prototype': '{"__proto__":{"admin":true}}', 'a constructor': '{"constructor":{"prototype":{"admin":true}}}', 'the year 9999': '"9999-12-31"',
  'the year 0': '"0000-01-01"', 'the year 1': '"0001-01-01"', 'a year of five digits': '"12026-01-01"', 'before the common era': '"-000001-01-01"',
};
const lists = [
  '?scope=%00', '?waitingFor=%00', '?scope=%ff%fe', '?scope=%ED%A0%80', "?scope=' OR 1=1 --", '?after=%00', "?after=1' OR '1'='1",
  '?after=99999999999999999999999', '?state[]=draft', '?__proto__=1', '?limit=%00', '/999999999999999', '/9999999999999999', `/${'9'.repeat(400)}`, '/-1', '/1.5',
  '/1e9', '/0x10', '/%00', '/%2e%2e%2f', '/１２', '/__proto__', '/1;DROP TABLE cases', '/999999999999999/rows?after=999999', '/1/orders/%00',
  `/1/orders/${randomUUID()}`, '//rows', '/%', '?scope=%', '?%00=1',
].map((rest) => `/result-lists${rest}`);
const addresses = [
  ...lists, '/audit?subject=result-list/999999999999999', '/audit?subject=result-list/%00', '/audit?subject=__proto__/1', '/audit?after=999999999999999999',
  '/audit?after=9999999999999999999999', "/audit?subject=x/1' OR '1'='1", '/commands/%00', `/commands/${'A'.repeat(64)}`, '/signing/codes/%00',
  '/signing/bankid/not-an-id', '/problems/%00', '/problems/__proto__', '/docs/%00', '/docs/..%2f..%2fpackage.json', '/%', '/%zz', '/%E0%A4%A', '//',
];

describe('what nobody means well with', () => {
  let at: University;
  let list: ListInHand;
  let posts: Operation[];
  let tokens: Record<string, string>;
  beforeAll(async () => {
    at = await openUniversity();
    list = await newList(at, 'tove');
    await ordered(at, 'tove', await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'term', term: '20262' }));
    posts = (await operationsOf(at)).operations.filter((one) => one.method === 'POST');
    tokens = Object.fromEntries(await Promise.all((['tove', 'eva', 'karin', 'rut'] as const).map(async (login) => [login, await at.simulators.identityProvider.makeToken({ sub: personOf(login).id })])));
  });
  afterAll(() => at.close());
  const post = (login: string, url: string, body: string, headers: Record<string, string> = {}) =>
    callWith(at, tokens[login], 'POST', url, { body, headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers } });
  const urlOf = (operation: Operation) => operation.url.replace('/4711', `/${list.number}`);
  const loginFor = (path: string) => (/enter|transfer|confirm/.test(path) ? 'karin' : /return|correct|sign|code|bankid/.test(path) ? 'eva' : 'tove');
  const ill = ({ status, body }: { status: number; body: any }) => (status >= 500 || (status >= 400 && typeof body?.code !== 'string') ? { status, body } : undefined);

  it.each(Object.entries(texts))('%s as the value of any field is refused, and never by a failure of ours', async (_what, text) => {
    for (const operation of posts)
      for (const field of Object.keys(bodies[operation.path] as object)) {
        const { [field]: _left, ...rest } = bodies[operation.path] as Record<string, unknown>;
        const body = `{${[...Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), `${JSON.stringify(field)}:${text}`].join(',')}}`;
        expect({ path: operation.path, field, ill: ill(await post(loginFor(operation.path), urlOf(operation), body)) }).toEqual({ path: operation.path, field, ill: undefined });
      }
  });

  it.each(Object.entries(texts))('%s inside a row is refused or kept, and never a failure of ours', async (_what, text) => {
    const version = (await list.read()).version;
    for (const field of ['student', 'grade', 'examinationDate', 'score']) {
      const { [field]: _left, ...rest } = { student: someStudent, grade: 'B', examinationDate: '2026-11-02', score: '1' } as Record<string, string>;
      const body = `{"version":${version},"rows":[{${JSON.stringify(rest).slice(1, -1)},${JSON.stringify(field)}:${text}}]}`;
      expect({ field, ill: ill(await post('tove', `/result-lists/${list.number}/save`, body)) }).toEqual({ field, ill: undefined });
    }
    expect((await list.rows()).length).toBe(12);
  });

  it.each(Object.entries(texts))('%s as a whole body or as a name', async (_what, text) => {
    for (const operation of posts) {
      expect(ill(await post(loginFor(operation.path), urlOf(operation), text))).toBeUndefined();
      if (text.startsWith('"')) expect((await post(loginFor(operation.path), urlOf(operation), `{${text}:1}`)).status).toBe(422);
    }
  });

  it.each(['{"__proto__":{"version":1},"reason":"abc"}', '{"__proto__":null}', '{"constructor":1}', '{"toString":1}', '{"hasOwnProperty":1}'])('a body of %s pollutes nothing and is refused', async (body) => {
    for (const operation of posts) expect({ path: operation.path, status: (await post(loginFor(operation.path), urlOf(operation), body)).status }).toEqual({ path: operation.path, status: 422 });
    expect(({} as any).version).toBeUndefined();
    expect(({} as any).admin).toBeUndefined();
  });

  it.each(addresses)('the address %s', async (address) => {
    for (const login of ['tove', 'rut']) {
      const answer = await callWith(at, tokens[login], 'GET', address.replace(/ /g, '%20'));
      expect(ill(answer)).toBeUndefined();
      expect(JSON.stringify(answer.body)).not.toMatch(/prisma|postgres|syntax error|select |node_modules|\.ts:/i);
    }
  });

  it.each([['Accept-Language', 'sv'.repeat(5_000)], ['Accept-Language', '*;q=1e400'], ['Content-Type', `application/json;${'a=b;'.repeat(2_000)}`], ['Idempotency-Key', '\'";--'], ['Idempotency-Key', '__proto__'], ['Content-Length', '99999999999999'], ['X-Forwarded-For', "1' OR 1=1"], ['Authorization', `Bearer ${'a'.repeat(100_000)}`]])(
    'the header %s', async (name, value) => {
      expect(ill(await post('tove', `/result-lists/${list.number}/withdraw/`, '{}', { [name]: value }))).toBeUndefined();
      expect(ill(await callWith(at, tokens['tove'], 'GET', `/result-lists/${list.number}`, { headers: { [name]: value } }))).toBeUndefined();
    });

  it('has left everything whole: the list, the audit, and the way through the workflow', async () => {
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
    expect((await list.read()).kind).toBe('result-list');
    const other = await newList(at, 'tove');
    expect((await eventually('withdrawn', async () => { const answer = await at.as('tove').post(`/result-lists/${other.number}/withdraw`); return answer.status === 200 && answer; })).body).toMatchObject({ case: { state: 'withdrawn' } });
  });
});
