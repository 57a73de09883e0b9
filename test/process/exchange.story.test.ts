import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import {
  adviserAt,
  answered,
  approvalFor,
  aPerson,
  codesOf,
  fakeInstitutions,
  hold,
  lastDayOver,
  nextDay,
  ordered,
  orderedFor,
  passed,
  setFor,
  type OrderInHand,
} from '../support/exchange.js';
import { addDays } from '../../workflows/rules/civil-time.js';
import { mailTo } from '../support/lists.js';
import { inDays } from '../support/subscriptions.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('an order of external education', () => {
  const fake = fakeInstitutions();
  const codes = codesOf(12);
  let at: University;
  let adviser: Awaited<ReturnType<typeof adviserAt>>;
  beforeAll(async () => {
    at = await openUniversity({ exchange: fake });
    adviser = await adviserAt(at, codes);
  });
  afterAll(() => at?.close());

  const lettersFrom = async (of: University, id: string) =>
    mailTo(of, (await of.world.db.person.findUniqueOrThrow({ where: { id } })).email);

  const [fast, other, nothing, consentThere, reserved, closed, held, forged, slow] = codes as [
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
    string,
  ];

  it('RX-11 ends each institution with an outcome of its own, and what two of them have is imported', async () => {
    fake.behave(fast, { results: [passed('a', 'B'), passed('b', 'C')] });
    fake.behave(other, { results: [passed('c', 'A')] });
    fake.behave(nothing, { answers: { hasPassedResults: false } });
    fake.behave(consentThere, { answers: { consent: false } });
    fake.behave(reserved, { answers: { reserved: true } });
    fake.behave(closed, { answers: { shares: false } });
    fake.behave(held, { answers: { hasPassedResults: false, degreesHeldBack: 1 } });
    fake.behave(forged, { results: [passed('d', 'A')], rejected: 'rejected-signature' });
    const order = await orderedFor(at, adviser);
    expect(await order.inState('complete')).toMatchObject({
      needsAttention: true,
      waitingFor: null,
      data: { asked: 12, round: 1, basis: { basis: 'consent' }, brought: { results: 3, new: 0 } },
    });
    expect(await order.outcomes()).toMatchObject({
      [fast]: 'fetched',
      [other]: 'fetched',
      [nothing]: 'nothing-passed',
      [consentThere]: 'no-consent-there',
      [reserved]: 'reserved',
      [closed]: 'not-sharing',
      [held]: 'degree-held-back',
      [forged]: 'rejected-signature',
      [slow]: 'unknown-there',
    });
    expect(await at.world.db.externalStudy.count({ where: { personId: order.person } })).toBe(2);
    expect(await at.world.db.exchangeQuarantine.count({ where: { caseId: order.id } })).toBe(1);
    const entries = await auditOf(at, `exchange/${order.number}`);
    expect(entries.find(({ action }) => action === 'exchange.create').details).toMatchObject({ asked: 12, basis: 'consent' });
    expect(entries.find(({ action }) => action === 'exchange.round-ended').details).toMatchObject({
      outcomes: { fetched: 2, 'unknown-there': 4 },
      reserved: [reserved],
      rejected: [forged],
    });
    fake.behave(forged, { answers: { known: false } });
  });

  it('RX-18 shows the answers of the fast ones while a slow one works', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent, results: [passed('s', 'E')] });
    const order = await orderedFor(at, adviser);
    const answeredNow = await eventually('all but the slow one have answered', async () => {
      const rows = await order.inquiries();
      return rows.filter(({ state }) => state === 'answered').length === 11 && rows;
    });
    expect(answeredNow.find(({ partner }) => partner === slow)).toMatchObject({ state: 'open', outcome: null });
    expect((await order.read()).state).toBe('running');
    letGo();
    await order.inState('complete');
    expect((await order.outcomes())[slow]).toBe('fetched');
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-18 takes a failure of our own database for none of an institution, and asks again', async () => {
    const { db } = at.world;
    // Fails the first four markings; a sequence keeps counting where its transaction is rolled back.
    for (const statement of [
      'CREATE SEQUENCE marked',
      `CREATE FUNCTION fails_at_first() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF nextval('marked') <= 4 THEN RAISE EXCEPTION 'a test'; END IF; RETURN NEW; END $$`,
      'CREATE TRIGGER fails BEFORE UPDATE OF asked_at ON exchange_inquiries FOR EACH ROW EXECUTE FUNCTION fails_at_first()',
    ])
      await db.$executeRawUnsafe(statement);
    const order = await orderedFor(at, adviser);
    const over = await eventually('the round is over', async () => {
      const { state } = await order.read();
      return state !== 'running' && state;
    });
    await db.$executeRawUnsafe('DROP TRIGGER fails ON exchange_inquiries');
    expect({ over, down: Object.values(await order.outcomes()).filter((outcome) => outcome === 'down') }).toEqual({
      over: 'complete',
      down: [],
    });
  });

  it('RX-25 waits for what is down, and asks that alone again when its time comes', async () => {
    fake.behave(slow, { down: 'timeout' });
    const order = await orderedFor(at, adviser);
    const waiting = await order.inState('waiting');
    const { data } = waiting;
    expect(waiting).toMatchObject({ due: { on: data.retry.until, rule: 'RX-25', why: { basis: 'ordered', days: 14 } } });
    const { wakesAt } = await at.world.db.case.findUniqueOrThrow({ where: { id: order.id } });
    expect(wakesAt?.getTime()).toBeGreaterThan(Date.now() + 20 * 3_600_000);
    const before = codes.map((code) => fake.asked(code));
    fake.behave(slow, { results: [passed('s', 'E')] });
    expect((await order.give('extend', { until: data.retry.until, reason: 'no later' })).body).toMatchObject({
      code: 'not-later',
      rule: 'RX-25',
    });
    await nextDay(at, order);
    await order.inState('complete');
    expect(codes.map((code) => fake.asked(code))).toEqual(before.map((count, i) => (codes[i] === slow ? count + 1 : count)));
    expect(
      (await order.inquiries()).filter(({ partner }) => partner === slow).map(({ round, outcome }) => [round, outcome]),
    ).toEqual([
      [1, 'down'],
      [2, 'fetched'],
    ]);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-25 is stopped by staff while a round runs: nothing more is asked or imported', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent, results: [passed('s', 'E')] });
    const order = await orderedFor(at, adviser);
    await eventually(
      'the others have answered',
      async () => (await order.inquiries()).filter(({ state }) => state === 'answered').length === 11,
    );
    expect((await order.give('stop', { reason: 'ordered by mistake' })).status).toBe(200);
    expect((await order.inquiries()).find(({ partner }) => partner === slow)).toMatchObject({ state: 'dropped', outcome: null });
    expect(await at.world.temporal.workflow.getHandle(order.workflowId).result()).toEqual({ state: 'stopped' });
    const calls = fake.calls.length;
    letGo();
    await eventually(
      'its place is free',
      async () => (await at.world.db.exchangePlace.count({ where: { partner: slow, holder: { not: null } } })) === 0,
    );
    expect(fake.calls.length).toBe(calls);
    expect(await at.world.db.externalStudy.count({ where: { personId: order.person, partner: slow } })).toBe(0);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-25 is extended while a round runs, which goes on and asks nobody twice', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent, results: [passed('s', 'E')] });
    const before = fake.asked(slow);
    const order = await orderedFor(at, adviser);
    await eventually('the slow one is being asked', async () => fake.asked(slow) > before);
    const until = addDays(inDays(0), 60);
    expect((await order.give('extend', { until, reason: 'They are away all winter.' })).status).toBe(200);
    expect(await order.read()).toMatchObject({
      state: 'running',
      data: { retry: { until, moved: [{ from: inDays(14), by: adviser.id }] } },
    });
    letGo();
    await order.inState('complete');
    expect(fake.asked(slow)).toBe(before + 1);
    expect((await order.give('extend', { until, reason: 'too late' })).body).toMatchObject({
      status: 409,
      rule: 'RX-25',
      code: 'wrong-state',
    });
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-26 tells the orderer at the end: complete, with changes, or which institutions never answered, and names no person', async () => {
    const letters = async () => (await lettersFrom(at, adviser.id)).map(({ subject, text }) => ({ subject, text }));
    fake.behave(slow, { results: [passed('s', 'E')] });
    const first = await orderedFor(at, adviser);
    await first.inState('complete');
    const one = await eventually('it is told', async () =>
      (await letters()).find(({ subject }) => subject === `Ekstern utdanning er hentet (${first.number})`),
    );
    for (const absent of ['tidligere henting', 'Avviste dokumenter']) expect(one.text).not.toContain(absent);
    fake.behave(forged, { results: [passed('d', 'A')], rejected: 'rejected-signature' });
    const same = await ordered(at, adviser, await approvalFor(adviser, first.person));
    await same.inState('complete');
    const unchanged = await eventually('it is told', async () =>
      (await letters()).find(({ subject }) => subject === `Ekstern utdanning er hentet (${same.number})`),
    );
    for (const there of ['Ingenting er annerledes enn ved en tidligere henting.', 'Avviste dokumenter: 1.'])
      expect(unchanged.text).toContain(there);
    fake.behave(forged, { answers: { known: false } });
    fake.behave(slow, { results: [passed('s', 'B'), passed('t', 'A')] });
    const second = await ordered(at, adviser, await approvalFor(adviser, first.person));
    expect(await second.inState('complete')).toMatchObject({ data: { brought: { new: 1, improved: 1 } } });
    const changed = await eventually('changes are told', async () =>
      (await letters()).find(({ subject }) => subject === `Ekstern utdanning er hentet, med endringer (${second.number})`),
    );
    expect(changed.text).toContain('1 nye, 1 forbedret, 0 rettet, 0 trukket tilbake');
    fake.behave(other, { results: [passed('c', 'A'), passed('e', 'C')] });
    fake.behave(slow, { down: 'refused' });
    const third = await ordered(at, adviser, await approvalFor(adviser, first.person));
    await third.inState('waiting');
    await lastDayOver(at, third);
    expect(await third.inState('not-complete')).toMatchObject({ needsAttention: true, due: null });
    const silent = await eventually('it is told', async () =>
      (await letters()).find(
        ({ subject }) => subject === `Hentingen av ekstern utdanning ble ikke fullstendig (${third.number})`,
      ),
    );
    expect(silent.text).toContain(`: Høgskolen ${slow}.`);
    expect(silent.text).toContain('1 nye, 0 forbedret, 0 rettet, 0 trukket tilbake');
    expect((await adviser.get(`/exchanges/${third.number}/institutions`)).body.items).toContainEqual(
      expect.objectContaining({
        institution: expect.objectContaining({ code: slow }),
        outcome: 'down',
        outcomeText: { sv: 'Svarade inte', nb: 'Svarte ikke', en: 'Did not answer' },
        hint: expect.objectContaining({ nb: 'Bestill på nytt når institusjonen svarer igjen.' }),
      }),
    );
    fake.behave(other, { results: [passed('c', 'A')] });
    for (const { text, subject } of await letters())
      for (const name of ['Kari', 'Prøve']) expect(`${subject} ${text}`).not.toContain(name);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-24 calls the first results of an institution new once it was asked before: held back then, or down, or nothing passed', async () => {
    const told = async ({ number }: Pick<OrderInHand, 'number'>, what: string) =>
      (
        await eventually('it is told', async () =>
          (await lettersFrom(at, adviser.id)).find(({ subject }) => subject === `Ekstern utdanning er hentet${what} (${number})`),
        )
      ).text;
    const changesOf = async ({ number }: Pick<OrderInHand, 'number'>) =>
      (await adviser.get(`/exchanges/${number}/changes`)).body.items.map((one: any) => [
        one.institution.code,
        one.result.code,
        one.change,
      ]);
    fake.behave(held, { answers: { hasPassedResults: false, degreesHeldBack: 1 } });
    fake.behave(slow, { down: 'timeout' });
    const first = await orderedFor(at, adviser);
    await first.inState('waiting');
    expect((await first.give('stop', { reason: 'It is away for long.' })).status).toBe(200);
    expect(await changesOf(first)).toEqual([]);
    fake.behave(held, { results: [passed('g', 'A'), passed('h', 'B')] });
    const second = await ordered(at, adviser, await approvalFor(adviser, first.person));
    await second.inState('waiting');
    fake.behave(slow, { results: [passed('s', 'E')] });
    await nextDay(at, second);
    expect(await second.inState('complete')).toMatchObject({ data: { brought: { results: 6, new: 3, withdrawn: 0 } } });
    expect(await told(second, ', med endringer')).toContain('3 nye, 0 forbedret, 0 rettet, 0 trukket tilbake');
    expect(await changesOf(second)).toEqual([
      [held, 'G', 'new'],
      [held, 'H', 'new'],
      [slow, 'S', 'new'],
    ]);
    const third = await ordered(at, adviser, await approvalFor(adviser, first.person));
    await third.inState('complete');
    expect(await told(third, '')).toContain('Ingenting er annerledes enn ved en tidligere henting.');
    fake.behave(slow, { answers: { reserved: true } });
    const fourth = await ordered(at, adviser, await approvalFor(adviser, first.person));
    await fourth.inState('complete');
    expect(await told(fourth, '')).not.toContain('Ingenting er annerledes');
    for (const code of [held, slow]) fake.behave(code, { answers: { known: false } });
  });

  it('RX-01 imports nothing more once the consent is withdrawn', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent, results: [passed('s', 'E')] });
    const before = fake.asked(slow);
    const order = await orderedFor(at, adviser);
    await eventually('the slow one is being asked, the others have answered', async () => {
      const rows = await order.inquiries();
      return fake.asked(slow) > before && rows.filter(({ state }) => state === 'answered').length === 11;
    });
    await answered(at.world.db, order.person, 'N');
    letGo();
    await order.inState('complete');
    expect((await order.outcomes())[slow]).toBe('no-consent');
    const told = await eventually('it is told', async () =>
      (await lettersFrom(at, adviser.id)).find(({ subject }) => subject.includes(`(${order.number})`)),
    );
    for (const there of ['11 av 12 institusjoner har svart.', 'fordi samtykke fra studenten mangler: 1.'])
      expect(told.text).toContain(there);
    expect(await at.world.db.externalStudy.count({ where: { personId: order.person, partner: slow } })).toBe(0);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-03 asks nobody again once we have reserved ourselves, and tells the orderer why', async () => {
    fake.behave(slow, { down: 'timeout' });
    const order = await orderedFor(at, adviser);
    await order.inState('waiting');
    const before = fake.asked(slow);
    await setFor(at.world.db, { 'exchange-reserved': true });
    await nextDay(at, order);
    expect(await order.inState('not-complete')).toMatchObject({ needsAttention: true, data: { closed: 'exchange-reserved' } });
    expect(fake.asked(slow)).toBe(before);
    const told = await eventually('it is told', async () =>
      (await lettersFrom(at, adviser.id)).find(({ subject }) => subject.includes(order.number)),
    );
    expect(told.text).toContain('De spørres ikke igjen: institusjonen vår har reservert seg mot resultatutveksling.');
    await setFor(at.world.db, { 'exchange-reserved': false });
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-01 ends what is left as without consent where a statute suffices no more', async () => {
    await setFor(at.world.db, { 'exchange-legal-basis': { basis: 'statute', citation: 'lov X' } }, '2020-01-01');
    fake.behave(slow, { down: 'timeout' });
    const order = await orderedFor(at, adviser, { consent: null });
    await order.inState('waiting');
    const before = fake.asked(slow);
    await setFor(at.world.db, { 'exchange-legal-basis': { basis: 'consent', citation: 'lov Y' } }, '2020-01-01');
    await nextDay(at, order);
    expect(await order.inState('complete')).toMatchObject({ data: { round: 2, basis: { basis: 'consent', citation: 'lov Y' } } });
    expect([
      fake.asked(slow),
      (await order.inquiries()).filter(({ partner }) => partner === slow).map(({ outcome }) => outcome),
    ]).toEqual([before, ['down', 'no-consent']]);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-26 asks for attention no more once a later order of the same case has asked everybody to its end', async () => {
    const inNeed = async (approval: string) =>
      (await adviser.get(`/approvals/${approval}/exchanges`)).body.items.map((one: any) => [one.state, one.needsAttention]);
    const approval = await approvalFor(adviser, await aPerson(at.world.db));
    fake.behave(slow, { down: 'timeout' });
    const first = await ordered(at, adviser, approval);
    await first.inState('waiting');
    await lastDayOver(at, first);
    await first.inState('not-complete');
    fake.behave(slow, { results: [passed('s', 'E')], rejected: 'rejected-signature' });
    const second = await ordered(at, adviser, approval);
    await second.inState('complete');
    expect(await inNeed(approval)).toEqual([
      ['complete', true],
      ['not-complete', false],
    ]);
    fake.behave(slow, { down: 'timeout' });
    const third = await ordered(at, adviser, approval);
    await third.inState('waiting');
    expect((await third.give('stop', { reason: 'ordered by mistake' })).status).toBe(200);
    expect((await inNeed(approval))[1]).toEqual(['complete', true]);
    fake.behave(slow, { answers: { known: false } });
    await (await ordered(at, adviser, approval)).inState('complete');
    expect((await inNeed(approval)).map(([, needs]: [string, boolean]) => needs)).toEqual([false, false, false, false]);
  });

  it('RX-10 knows a person by an id in capitals as well: one order at once, and no number replaced meanwhile', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent });
    const person = await aPerson(at.world.db);
    const order = await ordered(at, adviser, await approvalFor(adviser, person.toUpperCase()));
    expect((await order.read()).data.person).toBe(person);
    const again = await adviser.post('/exchanges', { approval: await approvalFor(adviser, person) });
    expect([again.status, again.body.code]).toEqual([409, 'exchange-running']);
    await at.world.db.student.update({
      where: { personId: person },
      data: { numberKind: 'temporary', birthDate: new Date('1990-01-01') },
    });
    const replaced = (id: string, body: object) =>
      at.as('egil').post(`/students/${id}/replace-number`, { number: '01419000066', reason: 'Came with a passport', ...body });
    expect((await replaced(person.toUpperCase(), {})).body).toMatchObject({ rule: 'RX-10', code: 'not-while-asking' });
    letGo();
    await order.inState('complete');
    const real = await aPerson(at.world.db, { number: '01419000066' });
    expect((await replaced(person.toUpperCase(), { merge: real.toUpperCase() })).body).toMatchObject({
      person: real,
      merged: person,
    });
    expect((await order.read()).data.person).toBe(real);
    fake.behave(slow, { answers: { known: false } });
  });

  it('RX-10 is refused for a finished approval case, for a second order at once, and without consent', async () => {
    const { held: silent, letGo } = hold();
    fake.behave(slow, { held: silent });
    const person = await aPerson(at.world.db, { consent: 'N' });
    const approval = await approvalFor(adviser, person);
    const no = async () => {
      const { status, body } = await adviser.post('/exchanges', { approval });
      return [status, body.rule, body.code];
    };
    expect(await no()).toEqual([409, 'RX-01', 'no-consent']);
    await answered(at.world.db, person, 'J');
    expect((await adviser.post(`/approvals/${approval}/finish`, {})).status).toBe(200);
    expect(await no()).toEqual([409, 'RX-10', 'approval-not-in-progress']);
    expect((await adviser.post(`/approvals/${approval}/reopen`, {})).status).toBe(200);
    const both = await Promise.all([1, 2, 3].map(() => adviser.post('/exchanges', { approval })));
    expect(both.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    expect((await adviser.get(`/approvals/${approval}`)).body.warnings).toMatchObject([{ code: 'exchange-running' }]);
    expect(await no()).toEqual([409, 'RX-10', 'exchange-running']);
    letGo();
    fake.behave(slow, { answers: { known: false } });
  });
});
