import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createApi } from '../../api/app.js';
import { dayOf } from '../../workflows/rules/civil-time.js';
import { createLogger } from '../../activities/logger.js';
import {
  adviserAt,
  aPerson,
  approvalFor,
  assessesAnew,
  codesOf,
  fakeInstitutions,
  nextDay,
  nora,
  ordered,
  orderedFor,
  passed,
  type Behaviour,
} from '../support/exchange.js';
import { auditOf, newcomer } from '../support/staff.js';
import { openForExchange, registered, testStudent } from '../support/students.js';
import { eventually, openUniversity, type University } from '../support/university.js';

interface Event {
  readonly event: string;
  readonly id: string;
  readonly data: any;
}

/** What a stream says, block by block. */
const eventsIn = (text: string): Event[] =>
  text
    .split('\n\n')
    .filter((block) => block.startsWith('event:'))
    .map((block) => {
      const field = (name: string) =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? '';
      return { event: field('event'), id: field('id'), data: JSON.parse(field('data')) };
    });

describe('an order, as it is seen', () => {
  const fake = fakeInstitutions();
  const codes = codesOf(8);
  const [slow, fast] = codes as [string, string];
  const unknown: Behaviour = { answers: { known: false, hasPassedResults: false } };
  let at: University;
  let adviser: Awaited<ReturnType<typeof adviserAt>>;
  beforeAll(async () => {
    at = await openUniversity({ exchange: fake });
    adviser = await adviserAt(at, codes);
  });
  afterAll(() => at?.close());

  const ask = (path: string, headers: Record<string, string> = {}, app = at.app) =>
    app.request(path, { headers: { Authorization: `Bearer ${adviser.token}`, ...headers } });
  const closed = (streams: object, closing?: AbortSignal) =>
    createApi({
      world: at.world,
      logger: createLogger({ level: 'silent', name: 'test' }),
      version: { version: '0', buildId: 'x' },
      streams,
      ...(closing ? { closing } : {}),
      verify: async () => ({ person: adviser.id, session: 's' }),
    });

  it('RX-19 is seen with date and time while it runs, each institution as it answers, and ends', async () => {
    fake.behave(slow, { slow: 1_200, results: [passed('s', 'B')] });
    fake.behave(fast, { results: [passed('f', 'C')] });
    const order = await orderedFor(at, adviser);
    const stream = await ask(`/exchanges/${order.number}/events`, { Accept: 'text/event-stream', 'Accept-Language': 'nb' });
    expect([stream.status, stream.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    const seen = eventsIn(await stream.text());
    const states = seen.filter(({ event }) => event === 'state');
    expect(states[0]?.data).toMatchObject({
      state: 'running',
      stateText: 'Bestilt, institusjonene spørres',
      round: 1,
      over: false,
    });
    expect(states.at(-1)).toBe(seen.at(-1));
    expect(states.at(-1)?.data).toMatchObject({ state: 'complete', over: true });
    const of = (code: string) => seen.filter(({ data }) => data.institution?.code === code).map(({ data }) => data.outcome);
    expect(of(slow).at(0)).toBeNull();
    expect(of(slow).at(-1)).toBe('fetched');
    const place = (code: string, outcome: string) =>
      seen.findIndex(({ data }) => data.institution?.code === code && data.outcome === outcome);
    expect(place(fast, 'fetched')).toBeLessThan(place(slow, 'fetched'));
    expect(new Set(seen.filter(({ event }) => event === 'institution').map(({ data }) => data.institution.code))).toEqual(
      new Set(codes),
    );

    const { body } = await adviser.get(`/exchanges/${order.number}/institutions`);
    expect(body.state).toBe('complete');
    expect(body.items.map((one: any) => one.institution.code)).toEqual(codes);
    expect(body.items[0]).toMatchObject({
      round: 1,
      state: 'answered',
      outcome: 'fetched',
      outcomeText: { nb: 'Hentet' },
      hint: null,
      details: { brought: { results: 1 } },
      orderedAt: expect.any(String),
      askedAt: expect.any(String),
      answeredAt: expect.any(String),
    });
    expect(body.items[2]).toMatchObject({ outcome: 'unknown-there', hint: { en: expect.stringContaining('temporary number') } });
  });

  it('RX-19 the approval case says when it was ordered while it runs, and leads to its orders that are over', async () => {
    fake.behave(slow, { slow: 1_200 });
    const person = await aPerson(at.world.db);
    const approval = await approvalFor(adviser, person);
    const other = await approvalFor(adviser, person);
    const first = await ordered(at, adviser, approval);
    const { orderedAt, retry } = (await first.read()).data;
    const given = `Bestilt ${dayOf(orderedAt, retry.zone)} kl. ${retry.time}: ekstern utdanning hentes (nummer ${first.number}).`;
    expect((await adviser.get(`/approvals/${approval}`)).body.warnings.map(({ nb }: any) => nb)).toEqual([given]);
    await first.inState('complete');
    const second = await ordered(at, adviser, approval);
    await second.inState('complete');
    expect((await adviser.get(`/approvals/${approval}`)).body.warnings).toEqual([]);
    const { body } = await adviser.get(`/approvals/${approval}/exchanges`, { 'Accept-Language': 'en' });
    expect(body.items.map((one: any) => one.number)).toEqual([second.number, first.number]);
    expect(body.items[1]).toEqual({
      number: first.number,
      state: 'complete',
      stateText: 'Complete: no institution is waited for',
      orderedAt,
      endedAt: expect.any(String),
      needsAttention: false,
    });
    expect((await adviser.get(`/approvals/${other}/exchanges`)).body.items).toEqual([]);
    expect(await at.as('tove').get(`/approvals/${approval}/exchanges`)).toMatchObject({ status: 403, body: { rule: 'RX-10' } });
    fake.behave(slow, unknown);
  });

  it('RX-19 who comes back with the last event gets what came since, and not all of it again', async () => {
    fake.behave(slow, unknown);
    fake.behave(fast, unknown);
    const order = await orderedFor(at, adviser);
    await order.inState('complete');
    const after = async (id?: string) =>
      eventsIn(await (await ask(`/exchanges/${order.number}/events`, id ? { 'Last-Event-ID': id } : {})).text());
    expect(await after()).toHaveLength(codes.length + 1);
    expect(await after(new Date(Date.now() - 1_000).toISOString())).toHaveLength(codes.length + 1);
    await at.world.db
      .$executeRaw`UPDATE exchange_inquiries SET answered_at = answered_at - interval '1 hour' WHERE case_id = ${order.id}::uuid`;
    expect((await after(new Date().toISOString())).map(({ event }) => event)).toEqual(['state']);
    for (const id of ['nonsense', '2026-13-45T99:99:99.999Z', "';--"]) expect(await after(id)).toHaveLength(codes.length + 1);
  });

  it('RX-19 a stream is refused to who asks for something else, and beyond so many, of which a HEAD is none', async () => {
    fake.behave(slow, { slow: 2_500 });
    const order = await orderedFor(at, adviser);
    const path = `/exchanges/${order.number}/events`;
    const refused = await ask(path, { Accept: 'application/json' });
    expect([refused.status, ((await refused.json()) as any).code]).toEqual([406, 'not-acceptable']);
    const few = closed({ mostAPerson: 2, lookMs: 50 });
    for (let times = 0; times < 3; times += 1) {
      const head = await few.request(path, { method: 'HEAD', headers: { Authorization: 'Bearer x' } });
      expect([head.status, head.headers.get('Content-Type')]).toEqual([200, 'text/event-stream']);
    }
    const [first, second] = [await ask(path, {}, few), await ask(path, {}, few)];
    const third = await ask(path, {}, few);
    expect([third.status, third.headers.get('Retry-After'), ((await third.json()) as any).code]).toEqual([
      429,
      '10',
      'too-many-streams',
    ]);
    await order.inState('complete');
    await Promise.all([first.text(), second.text()]);
    expect((await ask(path, {}, few)).status).toBe(200);
    fake.behave(slow, unknown);
  });

  it('RX-19 a stream stays alive while nothing happens, and ends with its time, with its client, and with the process', async () => {
    fake.behave(slow, { down: 'refused' });
    const order = await orderedFor(at, adviser);
    await order.inState('waiting');
    const path = `/exchanges/${order.number}/events`;
    const short = await (await ask(path, {}, closed({ lookWaitingMs: 20, aliveMs: 60, longestMs: 400 }))).text();
    expect(short).toContain(': alive');
    expect(eventsIn(short).filter(({ event }) => event === 'state')).toHaveLength(1);
    const closing = new AbortController();
    const ended = (await ask(path, {}, closed({}, closing.signal))).text();
    closing.abort();
    expect(eventsIn(await ended).filter(({ data }) => data.over)).toEqual([]);
    expect((await ask(path, {}, closed({}, closing.signal))).status).toBe(429);
    const one = closed({ mostAPerson: 1, lookWaitingMs: 20 });
    const reader = (await ask(path, {}, one)).body?.getReader();
    await reader?.read();
    await reader?.cancel();
    const again = await eventually(
      'its place is free',
      async () => {
        const answer = await ask(path, {}, one);
        return answer.status === 200 && answer;
      },
      5_000,
    );
    await again.body?.cancel();
    expect((await adviser.get(`/exchanges/${order.number}/institutions`)).body.items[0]).toMatchObject({
      state: 'answered',
      outcome: 'down',
      details: { hint: 'refused' },
      hint: { nb: expect.stringContaining('samme tid neste dag') },
    });
    fake.behave(slow, unknown);
    await nextDay(at, order);
    await order.inState('complete');
  });

  it('RX-34 the approval case shows what there is now, and the order result by result what its fetch changed', async () => {
    fake.behave(fast, { results: [passed('a', 'C'), passed('b', 'D'), passed('c', 'B')] });
    const first = await orderedFor(at, adviser);
    await first.inState('complete');
    expect((await adviser.get(`/exchanges/${first.number}/changes`)).body).toEqual({ items: [], withheld: 0 });
    fake.behave(fast, { results: [passed('a', 'A'), passed('b', 'D'), passed('n', 'E')] });
    const approval = await approvalFor(adviser, first.person);
    const second = await ordered(at, adviser, approval);
    await second.inState('complete');
    const { body } = await adviser.get(`/exchanges/${second.number}/changes`);
    expect(body.items.map((one: any) => [one.result.code, one.change, one.fields.result])).toEqual([
      ['A', 'improved', { from: 'C', to: 'A' }],
      ['N', 'new', { from: null, to: 'E' }],
      ['C', 'withdrawn', undefined],
    ]);
    expect(body.items[0].institution.code).toBe(fast);
    const studies = (await adviser.get(`/approvals/${approval}/external-studies`)).body.items;
    expect(studies).toEqual([
      expect.objectContaining({
        institution: expect.objectContaining({ code: fast }),
        exchange: second.number,
        changedAfterFetchOn: null,
        withheld: 0,
      }),
    ]);
    expect(studies[0].results.map((one: any) => [one.code, one.result, one.withdrawnOn === null])).toEqual([
      ['A', 'A', true],
      ['B', 'D', true],
      ['C', 'B', false],
      ['N', 'E', true],
    ]);
  });

  /**
   * Two fetches of a person from one institution, of which the second improves a module of XX1000 and a course of its own.
   * Answers the second order.
   */
  async function improvedModule(person: string): Promise<Awaited<ReturnType<typeof ordered>> & { readonly approval: string }> {
    const course = (grade: string) => [{ ...passed('m', grade), code: 'XX1000 TEN1' }, passed('a', grade)];
    const approval = await approvalFor(adviser, person);
    fake.behave(fast, { results: course('C') });
    await (await ordered(at, adviser, approval)).inState('complete');
    fake.behave(fast, { results: course('B') });
    const order = await ordered(at, adviser, approval);
    await order.inState('complete');
    return { ...order, approval };
  }
  const replaced = (person: string, body: object) =>
    at.as('egil').post(`/students/${person}/replace-number`, { reason: 'Came with a passport', ...body });
  const placed = (items: readonly any[]) => items.map((one) => [one.institution.code, one.result.code]);

  it('GC-13 whoever assesses a course anew sees no result of it and no module from elsewhere, also when the number was another then', async () => {
    const number = '12345678904';
    const person = await aPerson(at.world.db, { number, numberKind: 'temporary' });
    await at.world.db.student.update({ where: { personId: person }, data: { birthDate: new Date('1990-01-01') } });
    const order = await improvedModule(person);
    const member = await newcomer(at, [{ role: 'study-adviser' }]);
    await assessesAnew(at.world.db, { member: member.id, number, course: 'XX1000' });
    const seen = async (who: Pick<typeof adviser, 'get'>) => {
      const [changes, studies] = [
        (await who.get(`/exchanges/${order.number}/changes`)).body,
        (await who.get(`/approvals/${order.approval}/external-studies`)).body.items,
      ];
      return [
        changes.items.map((one: any) => one.result.code),
        changes.withheld,
        studies[0].results.map((one: any) => one.code),
        studies[0].changes.map((one: any) => one.key),
        studies[0].withheld,
      ];
    };
    const [theirs, whole] = [
      [['A'], 1, ['A'], ['a'], 1],
      [['XX1000 TEN1', 'A'], 0, ['A', 'XX1000 TEN1'], ['m', 'a'], 0],
    ];
    expect(await seen(member)).toEqual(theirs);
    expect((await replaced(person, { number: nora.number })).body).toMatchObject({ person, merged: null });
    expect([await seen(member), await seen(adviser)]).toEqual([theirs, whole]);
  });

  it('RX-29 what a fetch changed is still told by institution and code when two persons have become one, and withheld as before', async () => {
    const [number, real] = ['12345678905', '01819000200'];
    const gone = await aPerson(at.world.db, { number, numberKind: 'temporary' });
    const kept = await aPerson(at.world.db, { number: real, numberKind: 'synthetic' });
    await at.world.db.student.updateMany({
      where: { personId: { in: [gone, kept] } },
      data: { birthDate: new Date('1990-01-01') },
    });
    const order = await improvedModule(gone);
    await improvedModule(kept);
    expect((await replaced(gone, { number: real, merge: kept })).body).toMatchObject({ person: kept, merged: gone });
    const changes = async (who: Pick<typeof adviser, 'get'>) => (await who.get(`/exchanges/${order.number}/changes`)).body;
    const whole = await changes(adviser);
    expect([placed(whole.items), whole.items[0].result.nameNb]).toEqual([
      [
        [fast, 'XX1000 TEN1'],
        [fast, 'A'],
      ],
      'Emne m',
    ]);
    const member = await newcomer(at, [{ role: 'study-adviser' }]);
    await assessesAnew(at.world.db, { member: member.id, number, course: 'XX1000' });
    expect(await changes(member)).toMatchObject({ items: [{ result: { code: 'A' } }], withheld: 1 });
    await at.world.db.$transaction(async (tx) => {
      await tx.$executeRaw`ALTER TABLE external_changes DISABLE TRIGGER external_changes_kept`;
      await tx.$executeRaw`UPDATE external_changes SET code = NULL WHERE case_id = ${order.id}::uuid`;
      await tx.$executeRaw`ALTER TABLE external_changes ENABLE TRIGGER external_changes_kept`;
    });
    expect(await changes(member)).toEqual({ items: [], withheld: 2 });
  });

  it('RX-34 operations see who was asked and how it went, and what was put aside, but neither results nor what changed of them', async () => {
    const order = await improvedModule(await aPerson(at.world.db));
    const no = async (path: string) => {
      const { status, body } = await at.as('olle').get(path);
      return [status, body.rule, body.code];
    };
    expect(await no(`/exchanges/${order.number}/changes`)).toEqual([403, 'RX-24', 'not-yours-to-open']);
    expect(await no(`/approvals/${order.approval}/external-studies`)).toEqual([403, 'RX-34', 'not-yours-to-open']);
    for (const path of [
      `/exchanges/${order.number}`,
      `/exchanges/${order.number}/institutions`,
      `/exchanges/${order.number}/quarantine`,
      `/approvals/${order.approval}`,
    ]) {
      const { status, body } = await at.as('olle').get(path);
      expect([path, status]).toEqual([path, 200]);
      expect(JSON.stringify(body)).not.toMatch(/XX1000|"result"|Emne/);
    }
    for (const path of [`/exchanges/${order.number}/changes`, `/approvals/${order.approval}/external-studies`])
      expect((await at.as('rut').get(path)).status).toBe(200);
    expect(
      (await auditOf(at, `exchange/${order.number}`))
        .filter(({ outcome }) => outcome === 'refused')
        .map(({ action, code }) => [action, code]),
    ).toEqual([['exchange.changes', 'not-yours-to-open']]);
  });

  it('RX-17 what was rejected is listed for operations, without the document', async () => {
    fake.behave(fast, { results: [passed('f', 'A')], rejected: 'rejected-person' });
    const order = await orderedFor(at, adviser);
    await order.inState('complete');
    const { body } = await at.as('olle').get(`/exchanges/${order.number}/quarantine`);
    expect(body.items).toEqual([
      {
        id: expect.any(String),
        institution: expect.objectContaining({ code: fast }),
        reason: 'rejected-person',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        bytes: expect.any(Number),
        receivedAt: expect.any(String),
      },
    ]);
    expect(await adviser.get(`/exchanges/${order.number}/quarantine`)).toMatchObject({
      status: 403,
      body: { rule: 'RX-17', code: 'not-yours-to-open' },
    });
    fake.behave(fast, unknown);
  });

  it('AU-08 a student sees what ran for them: when, on which basis, and from where something came', async () => {
    await openForExchange(at);
    const person = await registered(at, 'test1');
    await at.as('test1').post('/consents', { answer: 'J' });
    fake.behave(fast, { results: [passed('f', 'A')] });
    const order = await ordered(at, adviser, await approvalFor(adviser, person));
    await order.inState('complete');
    await at.world.db.disclosure.create({
      data: {
        institution: 'bth',
        requestId: 'r',
        partner: slow,
        personNumber: testStudent('test1').number,
        question: 'status',
        basis: 'consent',
        outcome: 'told',
        keys: ['x'],
        askedAt: new Date(),
      },
    });
    const { body } = await at.as('test1').get('/me/exchange', { 'Accept-Language': 'en' });
    expect(body.orders).toEqual([
      expect.objectContaining({
        number: order.number,
        state: 'complete',
        stateText: 'Complete: no institution is waited for',
        basis: expect.objectContaining({ basis: 'consent', citation: expect.any(String) }),
        endedAt: expect.any(String),
      }),
    ]);
    expect(body.orders[0].institutions.find((one: any) => one.institution.code === fast)).toMatchObject({
      outcome: 'fetched',
      results: 1,
    });
    expect(body.told).toEqual([
      expect.objectContaining({ institution: expect.objectContaining({ code: slow }), question: 'status', results: 1 }),
    ]);
    await registered(at, 'test2');
    expect((await at.as('test2').get('/me/exchange')).body).toEqual({ orders: [], told: [] });
    for (const path of ['', '/institutions', '/events', '/changes', '/quarantine'])
      expect((await at.as('test1').get(`/exchanges/${order.number}${path}`)).status).toBe(403);
    fake.behave(fast, unknown);
  });

  it('RX-19 is for study advisers, auditors and operations, and traced once a day where somebody else gave it', async () => {
    const order = await orderedFor(at, adviser);
    await order.inState('complete');
    for (const login of ['tove', 'eva', 'karin', 'siri', 'egil', 'mons'])
      for (const path of ['institutions', 'events', 'changes', 'quarantine'])
        expect(await at.as(login).get(`/exchanges/${order.number}/${path}`)).toMatchObject({
          status: 403,
          body: { rule: 'RX-19', code: 'not-yours-to-open' },
        });
    for (const path of ['institutions', 'changes'])
      expect((await at.as('stina').get(`/exchanges/${order.number}/${path}`)).status).toBe(200);
    expect((await auditOf(at, `exchange/${order.number}`)).filter(({ action }) => action === 'exchange.opened')).toHaveLength(1);
    expect((await adviser.get('/exchanges/999999999999/events')).status).toBe(404);
    expect(await at.as('tove').get(`/approvals/${(await order.read()).data.approval}/external-studies`)).toMatchObject({
      status: 403,
      body: { rule: 'RX-10' },
    });
  });
});
