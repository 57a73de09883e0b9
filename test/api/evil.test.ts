import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { serve } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { newList, ordered, type ListInHand } from '../support/lists.js';
import { callWith } from '../support/staff.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';
import { bodies, operationsOf, someStudent, type Operation } from '../support/operations.js';

const deep = (open: string, close: string, n = 1_000) => open.repeat(n) + close.repeat(n);
const texts: Readonly<Record<string, string>> = {
  'a NUL': '"\\u0000"',
  'a NUL among letters': '"abc\\u0000def"',
  'half of a surrogate pair': '"abc\\ud800"',
  'the other half': '"\\udfffabc"',
  'halves in the wrong order': '"abc\\udc00\\ud800"',
  'a byte order mark': '"\\ufeffabc"',
  'text that runs backwards': '"abc\\u202edef"',
  'a whole pair': '"abc\\ud83d\\ude00"',
  'a quote and a comment': JSON.stringify("'; DROP TABLE cases; --"),
  'a template': '"{{7*7}}<%= 7*7 %>"',
  'a long text': JSON.stringify('x'.repeat(100_000)),
  infinity: '1e400',
  'minus infinity': '-1e400',
  'a huge number': '9'.repeat(400),
  'a tiny number': '1e-400',
  'minus nought': '-0',
  'a thousand arrays': deep('[', ']'),
  'a thousand objects': `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`,
  'a prototype': '{"__proto__":{"admin":true}}',
  'a constructor': '{"constructor":{"prototype":{"admin":true}}}',
  'the year 9999': '"9999-12-31"',
  'the year 0': '"0000-01-01"',
  'the year 1': '"0001-01-01"',
  'a year of five digits': '"12026-01-01"',
  'before the common era': '"-000001-01-01"',
};
const lists = [
  '?scope=%00',
  '?waitingFor=%00',
  '?scope=%ff%fe',
  '?scope=%ED%A0%80',
  "?scope=' OR 1=1 --",
  '?after=%00',
  "?after=1' OR '1'='1",
  '?after=99999999999999999999999',
  '?state[]=draft',
  '?__proto__=1',
  '?limit=%00',
  '/999999999999999',
  '/9999999999999999',
  `/${'9'.repeat(400)}`,
  '/-1',
  '/1.5',
  '/1e9',
  '/0x10',
  '/%00',
  '/%2e%2e%2f',
  '/１２',
  '/__proto__',
  '/1;DROP TABLE cases',
  '/999999999999999/rows?after=999999',
  '/1/orders/%00',
  `/1/orders/${randomUUID()}`,
  '//rows',
  '/%',
  '?scope=%',
  '?%00=1',
].map((rest) => `/result-lists${rest}`);
const addresses = [
  ...lists,
  '/audit?subject=result-list/999999999999999',
  '/audit?subject=result-list/%00',
  '/audit?subject=__proto__/1',
  '/audit?after=999999999999999999',
  '/audit?after=9999999999999999999999',
  "/audit?subject=x/1' OR '1'='1",
  '/commands/%00',
  `/commands/${'A'.repeat(64)}`,
  '/signing/codes/%00',
  '/signing/bankid/not-an-id',
  '/settings?on=%00',
  "/settings?on=2026-01-01'--",
  '/settings/four-eyes?on=0000-01-01',
  '/settings/__proto__',
  '/notices?planned=%00',
  '/notices/%00/end',
  '/problems/%00',
  '/result-lists/1/deliveries?after=%00',
  "/result-lists/1/deliveries?after=1'--",
  '/result-lists/%00/deliveries',
  '/people/%00/unlock-signing',
  `/people/${'9'.repeat(400)}/unlock-signing`,
  '/result-lists/../audit',
  '/result-lists/%2e%2e/audit',
  '/docs/../../package.json',
  '/docs/%2e%2e/%2e%2e/package.json',
  '/docs/....//package.json',
  '/docs/swagger-ui.css/../../package.json',
  '/problems/..%2fme',
  '/calendars/%00',
  '/calendars/__proto__',
  `/calendars/${'a'.repeat(43)}.ics`,
  '/calendars/..%2fme',
  '/me/calendars/%00/end',
  '/problems/__proto__',
  '/docs/%00',
  '/docs/__proto__',
  '/docs/constructor',
  '/docs/toString',
  '/docs/..%2f..%2fpackage.json',
  '/%',
  '/%zz',
  '/%E0%A4%A',
  '//',
];

/** With the turn that each of them is. */
const inTurns = <T>(all: Readonly<Record<string, T>>): [what: string, one: T, turn: number][] =>
  Object.entries(all).map(([what, one], turn) => [what, one, turn]);

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
    tokens = Object.fromEntries(
      await Promise.all(
        (['tove', 'eva', 'karin', 'rut'] as const).map(async (login) => [
          login,
          await at.simulators.identityProvider.makeToken({ sub: personOf(login).id }),
        ]),
      ),
    );
  });
  afterAll(() => at.close());
  const post = (login: string, url: string, body: string, headers: Record<string, string> = {}) =>
    callWith(at, tokens[login], 'POST', url, {
      body,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID(), ...headers },
    });
  /** Asks of commands, six at a time: of one case no more than eight are taken at once. */
  const inSixes = async (asked: readonly Operation[], ask: (operation: Operation) => Promise<void>) => {
    const left = [...asked];
    const inTurn = async () => {
      for (let next = left.shift(); next; next = left.shift()) await ask(next);
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(inTurn));
  };
  const ofEach = (ask: (operation: Operation) => Promise<void>) => inSixes(posts, ask);
  /** Every fifth command, others at each turn, for what is looked at before any command's own form. */
  const ofAFifth = (turn: number, ask: (operation: Operation) => Promise<void>) =>
    inSixes(
      posts.filter((_, place) => place % 5 === turn % 5),
      ask,
    );
  const urlOf = (operation: Operation) => operation.url.replace('/4711', `/${list.number}`);
  const loginFor = (path: string) =>
    /enter|transfer|confirm/.test(path) ? 'karin' : /return|correct|sign|code|bankid/.test(path) ? 'eva' : 'tove';
  const ill = ({ status, body }: { status: number; body: any }) =>
    status >= 500 || (status >= 400 && typeof body?.code !== 'string') ? { status, body } : undefined;

  it.each(Object.entries(texts))(
    '%s as the value of any field is refused, and never by a failure of ours',
    async (_what, text) => {
      await ofEach(async (operation) => {
        for (const field of Object.keys(bodies[operation.path] as object)) {
          const { [field]: _left, ...rest } = bodies[operation.path] as Record<string, unknown>;
          const body = `{${[...Object.entries(rest).map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`), `${JSON.stringify(field)}:${text}`].join(',')}}`;
          expect({ path: operation.path, field, ill: ill(await post(loginFor(operation.path), urlOf(operation), body)) }).toEqual(
            { path: operation.path, field, ill: undefined },
          );
        }
      });
    },
  );

  it.each(Object.entries(texts))('%s inside a row is refused or kept, and never a failure of ours', async (_what, text) => {
    const version = (await list.read()).version;
    for (const field of ['student', 'grade', 'examinationDate', 'score']) {
      const { [field]: _left, ...rest } = {
        student: someStudent,
        grade: 'B',
        examinationDate: '2026-11-02',
        score: '1',
      } as Record<string, string>;
      const body = `{"version":${version},"rows":[{${JSON.stringify(rest).slice(1, -1)},${JSON.stringify(field)}:${text}}]}`;
      expect({ field, ill: ill(await post('tove', `/result-lists/${list.number}/save`, body)) }).toEqual({
        field,
        ill: undefined,
      });
    }
    expect((await list.rows()).length).toBe(12);
  });

  it.each([
    ...Object.entries(texts),
    ['a number with a point', '"1.5"'],
    ['a power of ten', '"1e3"'],
    ['letters', '"abc"'],
    ['nothing', '""'],
  ])('%s in one of many lists is refused or answered, and never a failure of ours', async (_what, text) => {
    for (const [path, field] of [
      ['/result-lists/order-bankid', 'number'],
      ['/result-lists/order-bankid', 'version'],
      ['/result-lists/sign', 'number'],
      ['/result-lists/sign', 'proof'],
    ] as const) {
      const one = { number: list.number, version: 1, ...(path.endsWith('sign') ? { proof: randomUUID() } : {}) };
      const { [field as 'number']: _left, ...rest } = one;
      const body = `{"lists":[{${JSON.stringify(rest).slice(1, -1)},${JSON.stringify(field)}:${text}}]}`;
      expect({ path, field, ill: ill(await post('eva', path, body)) }).toEqual({ path, field, ill: undefined });
    }
  });

  it.each(inTurns(texts))('%s as a whole body or as a name', async (_what, text, turn) => {
    await ofAFifth(turn, async (operation) => {
      expect(ill(await post(loginFor(operation.path), urlOf(operation), text))).toBeUndefined();
      if (text.startsWith('"')) expect((await post(loginFor(operation.path), urlOf(operation), `{${text}:1}`)).status).toBe(422);
    });
  });

  it.each([
    '{"__proto__":{"version":1},"reason":"abc"}',
    '{"__proto__":null}',
    '{"constructor":1}',
    '{"toString":1}',
    '{"hasOwnProperty":1}',
  ])('a body of %s pollutes nothing and is refused', async (body) => {
    await ofEach(async (operation) => {
      const { status } = await post(loginFor(operation.path), urlOf(operation), body);
      expect({ path: operation.path, status }).toEqual({ path: operation.path, status: 422 });
    });
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

  it.each([
    ['a condition', `/result-lists?scope=${'x'.repeat(100_000)}`],
    ['a question', `/me?${'a=b&'.repeat(50_000)}`],
    ['a path', `/${'a/'.repeat(20_000)}`],
    ['an id', `/people/${'9'.repeat(100_000)}/unlock-signing`],
  ])('%s without end in the address', async (_what, address) => {
    for (const method of ['GET', 'POST'])
      expect(
        ill(
          await callWith(
            at,
            tokens['rut'],
            method,
            address,
            method === 'POST' ? { body: '{}', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' } } : {},
          ),
        ),
      ).toBeUndefined();
  });

  it.each([
    ['Accept-Language', 'sv'.repeat(5_000)],
    ['Accept-Language', '__proto__'],
    ['Accept-Language', 'constructor'],
    ['Accept-Language', '*;q=1e400'],
    ['Content-Type', `application/json;${'a=b;'.repeat(2_000)}`],
    ['Idempotency-Key', '\'";--'],
    ['Idempotency-Key', '__proto__'],
    ['Content-Length', '99999999999999'],
    ['X-Forwarded-For', "1' OR 1=1"],
    ['Authorization', `Bearer ${'a'.repeat(100_000)}`],
  ])('the header %s', async (name, value) => {
    expect(ill(await post('tove', `/result-lists/${list.number}/withdraw/`, '{}', { [name]: value }))).toBeUndefined();
    expect(
      ill(await callWith(at, tokens['tove'], 'GET', `/result-lists/${list.number}`, { headers: { [name]: value } })),
    ).toBeUndefined();
  });

  it('the methods that ask about an address, and those nobody knows, on every address', async () => {
    for (const { url, open } of (await operationsOf(at)).operations)
      for (const token of [tokens['tove'], undefined])
        for (const method of ['HEAD', 'OPTIONS', 'PROPFIND', 'PURGE', 'X'.repeat(200)]) {
          const answer = await at.app.request(url, { method, headers: token ? { Authorization: `Bearer ${token}` } : {} });
          expect({ method, url, ok: answer.status < 500, unknown: token || open ? undefined : answer.status }).toEqual({
            method,
            url,
            ok: true,
            unknown: token || open ? undefined : 401,
          });
          if (method === 'HEAD') expect(await answer.text()).toBe('');
        }
  });

  const bytes: Readonly<Record<string, Uint8Array>> = {
    'bytes that are no UTF-8': Buffer.from([...Buffer.from('{"reason":"ab'), 0xff, 0xfe, 0xc0, 0x80, ...Buffer.from('"}')]),
    'a surrogate in bytes': Buffer.from([...Buffer.from('{"reason":"ab'), 0xed, 0xa0, 0x80, ...Buffer.from('"}')]),
    'UTF-16': Buffer.from('\ufeff{"reason":"abc"}', 'utf16le'),
    'a byte order mark in front': Buffer.from('\ufeff{"reason":"abc"}'),
    'nothing but noughts': new Uint8Array(1_000),
  };
  it.each(inTurns(bytes))('%s as a body', async (_what, body, turn) => {
    await ofAFifth(turn, async (operation) => {
      const answer = await at.app.request(urlOf(operation), {
        method: 'POST',
        body: new Uint8Array(body),
        headers: {
          Authorization: `Bearer ${tokens[loginFor(operation.path)]}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
        },
      });
      expect(ill({ status: answer.status, body: await answer.json() })).toBeUndefined();
    });
  });

  const large: Readonly<Record<string, string>> = {
    'the same name twice': '{"version":1,"version":"two","reason":"abc","reason":null}',
    'two hundred thousand brackets': deep('[', ']', 100_000),
    'a hundred thousand objects': `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`,
    'a NUL below a hundred thousand arrays': deep('[', ']', 100_000).replace('[]', '["\\u0000"]'),
    'a hundred thousand names': `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":1`).join(',')}}`,
    'rows without end': `{"version":1,"rows":[${'{},'.repeat(200_000)}{}]}`,
    'a number of half a megabyte': `{"version":${'9'.repeat(500_000)}}`,
  };
  it.each(inTurns(large))('%s as a body', async (_what, body, turn) => {
    await ofAFifth(turn, async (operation) => {
      const answer = ill(await post(loginFor(operation.path), urlOf(operation), body));
      expect({ path: operation.path, ill: answer }).toEqual({ path: operation.path, ill: undefined });
    });
  });

  const types = [
    'text/plain',
    'application/json, text/plain',
    'application/json;charset=utf-16',
    'application/json; charset="',
    'multipart/form-data',
    'application/x-www-form-urlencoded',
    'application/vnd.api+json',
    ';',
  ];
  it.each(types.map((type, turn) => [type, turn] as const))('a body that says it is %s', async (type, turn) => {
    await ofAFifth(turn, async (operation) => {
      expect(
        ill(
          await post(loginFor(operation.path), urlOf(operation), JSON.stringify(bodies[operation.path]), {
            'Content-Type': type,
          }),
        ),
      ).toBeUndefined();
    });
  });

  it('a body that is too large and does not say so', async () => {
    const endless = () => new ReadableStream({ pull: (to) => to.enqueue(Buffer.alloc(64 * 1024, 'x')) });
    for (const operation of posts) {
      const answer = await at.app.request(urlOf(operation), {
        method: 'POST',
        body: endless(),
        duplex: 'half',
        headers: {
          Authorization: `Bearer ${tokens['tove']}`,
          'Content-Type': 'application/json',
          'Idempotency-Key': randomUUID(),
        },
      });
      expect({ path: operation.path, status: answer.status, code: ((await answer.json()) as any).code }).toEqual({
        path: operation.path,
        status: 413,
        code: 'too-large',
      });
    }
  });

  it('what no client sends, over a socket: refused or hung up on, and never a failure of ours', async () => {
    let server: ReturnType<typeof serve> | undefined;
    const port = await new Promise<number>((ready) => {
      server = serve({ fetch: at.app.fetch, port: 0, hostname: '127.0.0.1' }, (info) => ready(info.port));
    });
    const say = (text: string | Buffer) =>
      new Promise<string>((heard) => {
        let answer = '';
        const socket = connect(port, '127.0.0.1', () => socket.write(text));
        const enough = (part: Buffer) => {
          answer += part;
          if (/^HTTP[/]1.1 [2-5].*\r\n\r\n/ms.test(answer)) socket.end();
        };
        socket.setTimeout(1_000, () => socket.end());
        socket
          .on('data', enough)
          .on('error', () => undefined)
          .on('close', () => heard(answer));
      });
    const head = (line: string, ...headers: string[]) =>
      `${[line, 'Host: registrar', `Authorization: Bearer ${tokens['tove']}`, ...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`;
    const to = `/result-lists/${list.number}`;
    const said: Record<string, string | Buffer> = {
      'no host': `GET /me HTTP/1.1\r\n\r\n`,
      'a host with blanks': `GET /me HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n`,
      'a host that is a path': `GET /me HTTP/1.1\r\nHost: ../../etc\r\nConnection: close\r\n\r\n`,
      'two hosts': head('GET /me HTTP/1.1', 'Host: other'),
      'HTTP 1.0 without a host': 'GET /me HTTP/1.0\r\n\r\n',
      'another version': 'GET /me HTTP/9.9\r\nHost: x\r\n\r\n',
      'a whole address': head('GET http://elsewhere.example/me HTTP/1.1'),
      'an address of another kind': head('GET ftp://elsewhere.example/me HTTP/1.1'),
      'a star': head('OPTIONS * HTTP/1.1'),
      'a path without a slash': head('GET me HTTP/1.1'),
      'two slashes': head('GET //me HTTP/1.1'),
      'a backslash': head('GET /\\me HTTP/1.1'),
      'a way up': head('GET /docs/../../../../etc/passwd HTTP/1.1'),
      'a hidden way up': head('GET /docs/%2e%2e/%2e%2e/package.json HTTP/1.1'),
      'a doubly hidden way up': head('GET /docs/%252e%252e%252fpackage.json HTTP/1.1'),
      'a fragment': head(`GET ${to}#x HTTP/1.1`),
      'a broken escape': head('GET /result-lists/%E0%A4 HTTP/1.1'),
      'bytes in the path': Buffer.concat([
        Buffer.from('GET /'),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(' HTTP/1.1\r\nHost: x\r\n\r\n'),
      ]),
      'a tunnel': head('CONNECT elsewhere.example:443 HTTP/1.1'),
      'an echo': head('TRACE /me HTTP/1.1'),
      'another protocol': head('GET /me HTTP/1.1', 'Connection: Upgrade', 'Upgrade: websocket'),
      'a very long header': head('GET /me HTTP/1.1', `X-Long: ${'x'.repeat(100_000)}`),
      'very many headers': head('GET /me HTTP/1.1', ...Array.from({ length: 3_000 }, (_, i) => `X-${i}: 1`)),
      'a very long address': head(`GET /me?${'x'.repeat(200_000)} HTTP/1.1`),
      'a header of bytes': Buffer.concat([
        Buffer.from(`GET /me HTTP/1.1\r\nHost: x\r\nAccept-Language: `),
        Buffer.from([0xff, 0x80]),
        Buffer.from('\r\nConnection: close\r\n\r\n'),
      ]),
      'a length below nought': head(`POST ${to}/withdraw HTTP/1.1`, 'Content-Length: -1'),
      'two lengths': head(`POST ${to}/withdraw HTTP/1.1`, 'Content-Length: 2', 'Content-Length: 3'),
      'a length and pieces': `${head(`POST ${to}/withdraw HTTP/1.1`, 'Content-Length: 4', 'Transfer-Encoding: chunked')}0\r\n\r\nGET /me HTTP/1.1\r\n\r\n`,
      'broken pieces': `${head(`POST ${to}/withdraw HTTP/1.1`, 'Content-Type: application/json', 'Idempotency-Key: k', 'Transfer-Encoding: chunked')}zz\r\n{}\r\n`,
      'less than was announced': `${head(`POST ${to}/withdraw HTTP/1.1`, 'Content-Type: application/json', 'Idempotency-Key: k', 'Content-Length: 100')}{}`,
      'a promise to go on': `${head(`POST ${to}/save HTTP/1.1`, 'Content-Type: application/json', 'Idempotency-Key: k', 'Expect: 100-continue', 'Content-Length: 2')}{}`,
      'no HTTP at all': '\u0000\u0001\u0002hello\r\n\r\n',
    };
    try {
      for (const [what, text] of Object.entries(said)) {
        const statuses = [...(await say(text)).matchAll(/^HTTP[/]1.1 (\d)/gm)].map((match) => Number(match[1]));
        expect({ what, answered: statuses.length > 0, failed: statuses.includes(5) }).toEqual({
          what,
          answered: what !== 'a tunnel',
          failed: false,
        });
      }
      expect(
        (await fetch(`http://127.0.0.1:${port}/me`, { headers: { Authorization: `Bearer ${tokens['tove']}` } })).status,
      ).toBe(200);
    } finally {
      server?.close();
      if (server && 'closeAllConnections' in server) server.closeAllConnections();
    }
  });

  it.each([
    ['says so at its head', (head: string) => [`${head}Content-Length: 2000000\r\n\r\n`]],
    [
      'grows as it comes',
      (head: string) => [
        `${head}Transfer-Encoding: chunked\r\n\r\n`,
        ...Array.from({ length: 17 }, () => `10000\r\n${'x'.repeat(65_536)}\r\n`),
      ],
    ],
  ] as const)(
    'a body too large that %s ends the connection with its 413: the rest of it is not waited for, nor taken for another request',
    async (_how, pieces) => {
      let server: ReturnType<typeof serve> | undefined;
      const port = await new Promise<number>((ready) => {
        server = serve({ fetch: at.app.fetch, port: 0, hostname: '127.0.0.1' }, (info) => ready(info.port));
      });
      try {
        const mine = await newList(at, 'tove');
        const head = `POST /result-lists/${mine.number}/withdraw HTTP/1.1\r\nHost: registrar\r\nAuthorization: Bearer ${tokens['tove']}\r\nContent-Type: application/json\r\nIdempotency-Key: large\r\n`;
        const socket = connect(port, '127.0.0.1');
        let answer = '';
        const hungUp = new Promise<void>((resolve) =>
          socket
            .on('data', (part) => void (answer += part))
            .on('error', () => undefined)
            .on('close', () => resolve()),
        );
        for (const piece of pieces(head)) socket.write(piece);
        await hungUp;
        expect(answer).toMatch(/^HTTP\/1\.1 413 .*\r\n[^]*?^connection: close\r\n/im);
        expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
        expect((await mine.read()).state).toBe('draft');
      } finally {
        server?.close();
      }
    },
  );

  it('has left everything whole: the list, the audit, and the way through the workflow', async () => {
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
    expect((await list.read()).kind).toBe('result-list');
    const other = await newList(at, 'tove');
    expect(
      (
        await eventually('withdrawn', async () => {
          const answer = await at.as('tove').post(`/result-lists/${other.number}/withdraw`);
          return answer.status === 200 && answer;
        })
      ).body,
    ).toMatchObject({ case: { state: 'withdrawn' } });
  });
});
