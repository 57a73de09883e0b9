import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { adviserAmongFifty, nora, nextDay, orderedFor, type OrderInHand } from '../support/exchange.js';
import { eventually, openUniversity, type University } from '../support/university.js';

describe('an order among fifty institutions', () => {
  let at: University;
  let adviser: Awaited<ReturnType<typeof adviserAmongFifty>>;
  beforeAll(async () => {
    at = await openUniversity();
    adviser = await adviserAmongFifty(at);
  });
  afterAll(() => at?.close());

  const well = { slow: 0, down: null, reserved: false, notSharing: false, noConsent: false, document: null, garbage: false };
  const of = (place: string) => at.simulators.institutions.of(`${place}.example`);
  const resultsOf = async ({ person }: OrderInHand & { person: string }) => {
    const studies = await at.world.db.externalStudy.findMany({ where: { personId: person } });
    return at.world.db.externalResult.findMany({
      where: { studyId: { in: studies.map(({ id }) => id) } },
      orderBy: { key: 'asc' },
    });
  };

  it('RX-11 asks every one of them, brings in passed results alone, and keeps the link to the qualification (RX-14)', async () => {
    const slow = of('volda');
    slow.behave({ slow: 20_000 });
    of('drobak').behave({ reserved: true });
    of('egersund').behave({ notSharing: true });
    of('fauske').behave({ noConsent: true });
    of('hamar').behave({ document: 'key-not-registered' });
    of('odda').behave({ garbage: true });
    const order = await orderedFor(at, adviser, nora);
    const rows = await eventually('the fast ones have answered', async () => {
      const all = await order.inquiries();
      return (
        all
          .filter(({ state }) => state === 'open')
          .map(({ partner }) => partner)
          .join() === 'volda.example' && all
      );
    });
    expect(rows).toHaveLength(50);
    expect((await order.read()).state).toBe('running');
    expect(await order.inState('waiting')).toMatchObject({ needsAttention: true, data: { asked: 50 } });
    expect(await order.outcomes()).toMatchObject({
      'alta.example': 'fetched',
      'bodo.example': 'fetched',
      'hamar.example': 'rejected-signature',
      'drobak.example': 'reserved',
      'egersund.example': 'not-sharing',
      'fauske.example': 'no-consent-there',
      'odda.example': 'down',
      'volda.example': 'unknown-there',
    });
    const results = await resultsOf(order);
    expect(results.map(({ key, partOf }) => [key, partOf])).toEqual([
      ['e-hms-1', null],
      ['e-mat-1', 'g-bac-1'],
      ['e-opp-1', 'g-bac-1'],
      ['e-sam-1', 'g-bac-1'],
      ['g-bac-1', null],
    ]);
    expect(await at.world.db.exchangeQuarantine.count({ where: { caseId: order.id } })).toBe(1);
    for (const { behave } of at.simulators.institutions.all) behave(well);
    await nextDay(at, order);
    expect(await order.inState('complete')).toMatchObject({ needsAttention: true, data: { round: 2 } });
    expect(
      (await order.inquiries()).filter(({ round }) => round === 2).map(({ partner, outcome }) => [partner, outcome]),
    ).toEqual([['odda.example', 'unknown-there']]);
  });

  it('RX-18 has asked all fifty when the first of them answers, so that a round is as long as its slowest and not as all together', async () => {
    const number = '01819000391';
    const { all } = at.simulators.institutions;
    const asked = () =>
      all.filter(({ calls }) => calls.some((call) => call.route === 'status' && call.nationalNumber === number)).length;
    for (const { behave } of all) behave({ ...well, slow: 20_000 });
    const order = await orderedFor(at, adviser, { ...nora, number });
    await eventually('one has answered', async () => (await order.inquiries()).some(({ state }) => state !== 'open'));
    expect(asked()).toBe(50);
    for (const { behave } of all) behave(well);
    expect(await order.inState('complete')).toMatchObject({ data: { asked: 50, round: 1 } });
  });

  it('RX-27 meets a degree without diploma date, says that it is held back, and brings its courses in without it', async () => {
    for (const { behave } of at.simulators.institutions.all) behave(well);
    const order = await orderedFor(at, adviser, { ...nora, number: '01859000270' });
    await order.inState('complete');
    expect((await order.inquiries()).find(({ partner }) => partner === 'alta.example')).toMatchObject({
      outcome: 'degree-held-back',
      details: { degreesHeldBack: 1, brought: { results: 1 } },
    });
    expect((await resultsOf(order)).map(({ key, partOf }) => [key, partOf])).toEqual([['e-his-1', null]]);
  });

  it('RX-25 asks one that is down for three days again each day, all three questions anew, until it answers', async () => {
    for (const { behave } of at.simulators.institutions.all) behave(well);
    const alta = of('alta');
    alta.behave({ down: { how: '503' } });
    const order = await orderedFor(at, adviser, { ...nora, number: '01819000200' });
    for (let round = 1; round <= 3; round += 1) {
      const waiting = await order.inState('waiting');
      expect(waiting).toMatchObject({ data: { round } });
      if (round === 3) alta.behave({ down: null });
      await nextDay(at, order);
      await eventually('it is asked again', async () => (await order.read()).data.round === round + 1);
    }
    await order.inState('complete');
    const rows = (await order.inquiries()).filter(({ partner }) => partner === 'alta.example');
    expect(rows.map(({ round, outcome, details }) => [round, outcome, details.hint])).toEqual([
      [1, 'down', 'status'],
      [2, 'down', 'status'],
      [3, 'down', 'status'],
      [4, 'unknown-there', undefined],
    ]);
    expect(await at.world.db.exchangeInquiry.count({ where: { caseId: order.id } })).toBe(53);
    expect((await resultsOf(order)).map(({ key }) => key)).toEqual(['e-fsk-1']);
  });
});
