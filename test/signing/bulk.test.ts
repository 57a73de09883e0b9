import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { verifyChain } from '../../activities/audit.js';
import { hashOf } from '../../activities/case/seal.js';
import { seen } from '../../activities/health.js';
import { courses, student } from '../simulators/sample.js';
import { filledList, inHand, newList, ordered as fetched, sentList, type ListInHand } from '../support/lists.js';
import { audited, ended, inTheApp, sign } from '../support/signing.js';
import { played } from '../support/register.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Answer, type Login, type University } from '../support/university.js';

const eva = { personNumber: personOf('eva').personNumber };

describe('signing many lists with one order at BankID', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at?.close());

  const lists = (count: number) => Promise.all(Array.from({ length: count }, () => sentList(at)));
  const wanted = (all: readonly ListInHand[]) =>
    Promise.all(all.map(async (list) => ({ number: list.number, version: await list.version() })));
  const orderOf = (items: readonly object[], how: { key?: string; login?: Login } = {}): Promise<Answer> =>
    at.as(how.login ?? 'eva').post('/result-lists/order-bankid', { lists: items }, how.key ? { key: how.key } : {});
  const started = (place: string) =>
    eventually('BankID has the order', async () => (await at.as('eva').get(place)).body.state !== 'ordered');
  /** Orders, signs in the app, and answers with the lists and their proofs. */
  const proven = async (
    all: readonly ListInHand[],
  ): Promise<{ place: string; proofs: { number: string; version: number; proof: string }[] }> => {
    const asked = await orderOf(await wanted(all));
    expect(asked.status).toBe(202);
    const place = asked.headers.get('Location') ?? '';
    await started(place);
    await inTheApp(at, 'sign', eva);
    const { state, lists: items } = await ended(at, place);
    expect(state).toBe('complete');
    return { place, proofs: items.map(({ number, version, proof }: any) => ({ number, version, proof })) };
  };
  const signAll = (items: readonly object[], key = randomUUID(), login: Login = 'eva') =>
    at.as(login).post('/result-lists/sign', { lists: items }, { key });
  const verification = async (list: ListInHand) => (await at.as('rut').get(`/result-lists/${list.number}/verification`)).body;
  const stopped = async (place: string) => {
    await at.as('eva').post(`${place}/cancel`);
    await ended(at, place);
  };

  it('RL-40 shows what is signed, gives each list a proof of its own, and each is verified by itself', async () => {
    const all = await lists(5);
    const items = await wanted(all);
    const asked = await orderOf(items);
    expect(asked).toMatchObject({
      status: 202,
      body: {
        order: expect.any(String),
        items: items.map((one) => ({ ...one, outcome: 'done', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) })),
      },
    });
    const place = asked.headers.get('Location') ?? '';
    expect(place).toBe(`/signing/bankid/${asked.body.order}`);
    await started(place);
    const order = at.simulators.bankId.store.orders.at(-1)!;
    const named = asked.body.items.map(({ number, version, sha256 }: any) => ({ list: number, version, sha256 }));
    const said = (text: string | null) => Buffer.from(text ?? '', 'base64').toString('utf8');
    expect(said(order.visible)).toBe(
      [
        'Jag signerar 5 resultatlistor med sammanlagt 60 resultat',
        `Kontrollsumma för alla: ${hashOf(named)}`,
        '',
        ...items.map(({ number }) => `${number}: XX1000 TEN1, 12 studenter`),
      ].join('\n'),
    );
    expect(JSON.parse(said(order.nonVisible))).toEqual({ lists: named });
    expect((await at.as('eva').get(place)).body).toMatchObject({
      proof: null,
      version: null,
      sha256: hashOf(named),
      lists: items.map((one) => ({ ...one, proof: null })),
    });

    await inTheApp(at, 'sign', eva);
    const { lists: found } = await ended(at, place);
    expect(new Set(found.map((one: any) => one.proof)).size).toBe(5);
    const proofs = found.map(({ number, version, proof }: any) => ({ number, version, proof }));
    const key = randomUUID();
    const signed = await signAll(proofs, key);
    expect(signed).toMatchObject({
      status: 200,
      body: { items: items.map(({ number }) => ({ number, outcome: 'done', state: 'signed' })) },
    });
    expect((await signAll(proofs, key)).body).toEqual(signed.body);
    expect((await signAll(proofs)).body.items).toEqual(
      items.map(({ number }) =>
        expect.objectContaining({
          number,
          outcome: 'refused',
          rule: 'RL-38',
          code: 'wrong-state',
          text: expect.stringContaining('Signera'),
        }),
      ),
    );
    expect(await at.world.db.signature.count({ where: { proofId: { in: proofs.map((one: any) => one.proof) } } })).toBe(5);

    for (const list of all) {
      expect(await verification(list)).toMatchObject({
        holds: true,
        lists: 5,
        signed: { by: personOf('eva').id, method: 'bankid' },
      });
      const entries = await auditOf(at, `result-list/${list.number}`);
      expect(entries.find(({ action }) => action === 'result-list.order-bankid')).toMatchObject({
        outcome: 'done',
        actor: personOf('eva').id,
        details: { bankIdOrder: asked.body.order, version: await list.version() },
      });
      expect(
        (await audited(at, 'signing.bankid')).filter((one) => one.case && one.details.order === asked.body.order),
      ).toHaveLength(5);
    }
    const pdf = await at.as('rut').get(`/result-lists/${all[0]?.number}/verification/document`);
    expect(pdf.status).toBe(200);
  });

  it('RL-23 reads the registrations of a course anew, once however many of its lists are signed', async () => {
    const own = [await filledList(at, 'eva'), await filledList(at, 'eva')];
    await played(at.simulators.ladok, '/__sim/discontinue', {
      studentUID: student(0).uid,
      kurstillfalleUID: courses[0]?.occasions[0]?.uid,
      datum: '2026-10-01',
    });
    const checks = () => at.world.db.order.count({ where: { name: 'check-registrations' } });
    const before = await checks();
    try {
      const { proofs } = await proven(own);
      for (const list of own)
        await eventually('the registrations were read anew', async () =>
          (await list.rows('eva')).some((one) => one.student === student(0).uid && one.problem === 'not-registered'),
        );
      expect(await checks()).toBe(before + 1);
      expect((await signAll(proofs)).body.items.map((one: any) => one.code)).toEqual(['not-registered', 'not-registered']);
    } finally {
      at.simulators.ladok.store.discontinued.length = 0;
    }
  });

  it('RL-40 is verified for each list without the others: whatever befalls them', async () => {
    const [one, other] = (await lists(2)) as [ListInHand, ListInHand];
    const { proofs } = await proven([one, other]);
    expect((await signAll(proofs)).body.items.map((item: any) => item.outcome)).toEqual(['done', 'done']);
    await at.world.db
      .$executeRaw`UPDATE result_rows SET grade = 'A' WHERE case_id = (SELECT id FROM cases WHERE number = ${BigInt(other.number)})`;
    await at.world.db
      .$executeRaw`DELETE FROM bankid_order_lists WHERE case_id = (SELECT id FROM cases WHERE number = ${BigInt(other.number)})`;
    expect(await verification(one)).toMatchObject({ holds: true, lists: 2 });
    expect(
      (await verification(other)).checks.filter((check: any) => !check.passed).map((check: any) => [check.name, check.reason]),
    ).toEqual([
      ['rows', 'rows-differ'],
      ['proof', 'not-kept'],
    ]);
  });

  it.each([
    ['visible_text', 'Jag signerar 2 resultatlistor'],
    ['non_visible', '{"lists":[{"list":"1","version":1,"sha256":"00"},{"list":"2","version":1,"sha256":"00"}]}'],
  ])('RL-40 finds in every list that the %s was another when it was signed', async (column, text) => {
    const all = await lists(2);
    await at.stopWorker();
    const asked = await orderOf(await wanted(all));
    await at.world.db.$executeRawUnsafe(`UPDATE bankid_orders SET ${column} = $1 WHERE id = $2::uuid`, text, asked.body.order);
    await at.restartWorker();
    const place = asked.headers.get('Location') ?? '';
    await started(place);
    await inTheApp(at, 'sign', eva);
    const { lists: found } = await ended(at, place);
    expect(
      (await signAll(found.map(({ number, version, proof }: any) => ({ number, version, proof })))).body.items,
    ).toMatchObject([{ outcome: 'done' }, { outcome: 'done' }]);
    for (const list of all)
      expect(
        (await verification(list)).checks.filter((check: any) => !check.passed).map((check: any) => [check.name, check.reason]),
      ).toEqual([['signed-data', 'names-another']]);
  });

  it('RL-38 leaves out what cannot be signed, and says of each list why not', async () => {
    const [good] = (await lists(1)) as [ListInHand];
    const empty = await newList(at, 'eva');
    const foreign = (await at.as('erik').post('/result-lists', { kind: 'T33', course: 'YY2000', module: 'INL1' })).body.case
      ?.number as string;
    const items = [
      ...(await wanted([good])),
      { number: (await sentList(at)).number, version: 99 },
      ...(await wanted([empty])),
      { number: foreign, version: 1 },
      { number: '1', version: 1 },
    ];
    const asked = await orderOf(items);
    expect(asked.status).toBe(202);
    const said = asked.body.items.map(({ number, outcome, rule, code }: any) => [number, outcome, rule, code]);
    expect(said).toEqual([
      [good.number, 'done', undefined, undefined],
      [items[1]?.number, 'refused', 'RL-38', 'changed-meanwhile'],
      [empty.number, 'refused', 'RL-16', 'nothing-to-report'],
      [foreign, 'refused', 'RL-38', 'not-yours-to-give'],
      ['1', 'refused', 'registrar', 'no-such-case'],
    ]);
    expect(asked.body.items[2].text).toBe('Ingen rad på listan har betyg.');
    expect((await at.as('eva').get(asked.headers.get('Location') ?? '')).body.lists).toMatchObject([{ number: good.number }]);
    const traced = (await audited(at, 'result-list.order-bankid'))
      .slice(-5)
      .map(({ subject, outcome, rule, code }) => [subject.split('/')[1], outcome, rule, code]);
    expect(traced).toEqual(said);
    await stopped(asked.headers.get('Location') ?? '');

    const none = await orderOf(items.slice(2));
    expect(none).toMatchObject({
      status: 200,
      body: { order: null, items: [{ outcome: 'refused' }, { outcome: 'refused' }, { outcome: 'refused' }] },
    });
    expect(none.headers.get('Location')).toBeNull();
  });

  it('RL-38 signs the others when one was changed meanwhile', async () => {
    const [changed, ...others] = (await lists(3)) as [ListInHand, ...ListInHand[]];
    const { proofs } = await proven([changed, ...others]);
    const [row] = await changed.rows('eva');
    expect(
      (
        await at
          .as('eva')
          .post(`/result-lists/${changed.number}/correct`, {
            version: await changed.version(),
            rows: [{ student: row.student, grade: 'C', examinationDate: '2026-11-02' }],
          })
      ).status,
    ).toBe(200);
    const now = proofs.map((one) => (one.number === changed.number ? { ...one, version: one.version + 1 } : one));
    expect((await signAll(now)).body.items).toMatchObject([
      { outcome: 'refused', rule: 'RL-38', code: 'content-changed' },
      { outcome: 'done' },
      { outcome: 'done' },
    ]);
    expect((await changed.read()).state).toBe('with-examiner');
    for (const list of others) expect(await verification(list)).toMatchObject({ holds: true, lists: 3 });
    const again = await proven([changed]);
    expect((await signAll(again.proofs)).body.items).toMatchObject([{ outcome: 'done', state: 'signed' }]);
    expect(await verification(changed)).toMatchObject({ holds: true, lists: 1 });
  });

  it('RL-38 takes a proof for its own list alone, from whom it belongs to, also among many', async () => {
    const [one, other] = (await proven(await lists(2))).proofs as [any, any];
    const swapped = [
      { ...one, proof: other.proof },
      { ...other, proof: one.proof },
    ];
    expect((await signAll(swapped)).body.items).toMatchObject([
      { rule: 'RL-38', code: 'proof-not-valid' },
      { rule: 'RL-38', code: 'proof-not-valid' },
    ]);
    expect((await signAll([one, other], randomUUID(), 'erik')).body.items).toMatchObject([
      { code: 'not-yours-to-give' },
      { code: 'not-yours-to-give' },
    ]);
    expect((await signAll([one])).body.items).toMatchObject([{ outcome: 'done' }]);
    expect((await sign(at, inHand(at, other.number), other.proof)).status).toBe(200);
  });

  it('RL-40 is ordered once under its key, and the key is no good for other lists', async () => {
    const items = await wanted(await lists(2));
    const key = randomUUID();
    const race = await Promise.all([1, 2, 3].map(() => orderOf(items, { key })));
    expect(new Set(race.map(({ status, body }) => `${status} ${body.order}`)).size).toBe(1);
    expect(await at.world.db.bankIdOrderList.count({ where: { orderId: race[0]?.body.order } })).toBe(2);
    expect(await orderOf(items, { key })).toMatchObject({ status: 202, body: race[0]?.body });
    expect(await orderOf(items.slice(1), { key })).toMatchObject({ status: 422, body: { code: 'key-used-otherwise' } });
    await stopped(race[0]?.headers.get('Location') ?? '');
    expect(
      (await audited(at, 'signing.cancel-bankid')).filter(({ details }) => details.order === race[0]?.body.order),
    ).toHaveLength(2);
  });

  it('RL-40 lets a person have one order at a time, of one list or of many', async () => {
    const [one, other] = (await lists(2)) as [ListInHand, ListInHand];
    const first = await orderOf(await wanted([one]));
    const second = await orderOf(await wanted([other]));
    expect(second).toMatchObject({ status: 409, body: { rule: 'RL-40', code: 'bankid-running' } });
    expect(
      await at.as('eva').post(`/result-lists/${other.number}/order-bankid`, { version: await other.version() }),
    ).toMatchObject({ status: 409, body: { code: 'bankid-running' } });
    await stopped(first.headers.get('Location') ?? '');
    const race = await Promise.all([1, 2, 3].map(async () => orderOf(await wanted([one, other]))));
    expect(race.map(({ status }) => status).sort()).toEqual([202, 409, 409]);
    await stopped(race.find(({ status }) => status === 202)?.headers.get('Location') ?? '');
  });

  it("RL-41 gives no list a proof when somebody else's BankID signed, and says so of each in the audit", async () => {
    const all = await lists(2);
    const asked = await orderOf(await wanted(all));
    const place = asked.headers.get('Location') ?? '';
    await started(place);
    await inTheApp(at, 'sign-as', { personNumber: personOf('erik').personNumber });
    expect(await ended(at, place)).toMatchObject({ state: 'other-person', lists: [{ proof: null }, { proof: null }] });
    const traced = (await audited(at, 'signing.bankid')).filter(({ details }) => details.order === asked.body.order);
    expect(traced).toMatchObject([
      { outcome: 'refused', rule: 'RL-41', code: 'other-person' },
      { outcome: 'refused', rule: 'RL-41', code: 'other-person' },
    ]);
    expect(new Set(traced.map((one) => one.case)).size).toBe(2);
  });

  it('RL-52 is refused as a whole while BankID is down, and who tried is told when it is back', async () => {
    const items = await wanted(await lists(2));
    for (let n = 0; n < 3; n += 1) await seen(at.world.db, 'bankid', false);
    expect(await orderOf(items)).toMatchObject({ status: 409, body: { rule: 'RL-52', code: 'signing-down' } });
    await seen(at.world.db, 'bankid', true);
    const promised = await at.world.db.outbox.findMany({ where: { key: { startsWith: 'mail:signing-back:bankid:' } } });
    expect(promised.map(({ payload }) => payload)).toEqual([{ letter: 'signing-back', to: personOf('eva').id }]);
    expect((await audited(at, 'signing.back')).at(-1)).toMatchObject({ details: { way: 'bankid', told: 1 } });
  });

  it('RL-36 asks four eyes of each list, before whether it can be signed', async () => {
    expect((await at.as('olle').post('/me/administration-mode', { on: true })).status).toBe(200);
    expect(
      (await at.as('olle').post('/settings/four-eyes', { value: true, from: '2020-01-01', reason: 'For this test.' })).status,
    ).toBe(200);
    const [hers, empty, toves] = [await filledList(at, 'eva'), await newList(at, 'eva'), await sentList(at)];
    const [row] = await hers.rows('eva');
    await fetched(
      at,
      'eva',
      await at.as('eva').post(`/result-lists/${empty.number}/fetch`, { from: 'single', personNumber: row.personNumber }),
    );
    const asked = await orderOf(await wanted([hers, empty, toves]));
    expect(asked.body.items).toMatchObject([
      { rule: 'RL-36', code: 'entered-it-yourself' },
      { rule: 'RL-36', code: 'entered-it-yourself' },
      { outcome: 'done' },
    ]);
    await stopped(asked.headers.get('Location') ?? '');
  });

  it('AU-02 keeps the chain whole through entries that are written many at a time', async () => {
    expect(await verifyChain(at.world.db, 'bth')).toMatchObject({ ok: true });
  });

  it('RL-40 tries no more lists than at once while nothing takes commands, and goes on under the same key afterwards', async () => {
    const all = await lists(10);
    const { proofs } = await proven(all);
    const key = randomUUID();
    await at.stopWorker();
    const began = Date.now();
    const none = await signAll(proofs, key);
    expect(none.body.items).toEqual(all.map(({ number }) => ({ number, outcome: 'not-now' })));
    expect(Date.now() - began).toBeLessThan(14_000);
    const ids = (
      await at.world.db.case.findMany({
        where: { number: { in: all.map(({ number }) => BigInt(number)) } },
        select: { id: true },
      })
    ).map(({ id }) => id);
    expect(await at.world.db.command.count({ where: { caseId: { in: ids }, name: 'sign' } })).toBe(8);
    await at.restartWorker();
    const rest = await signAll(proofs, key);
    expect(rest.body.items).toEqual(all.map(({ number }) => ({ number, outcome: 'done', state: 'signed' })));
  });

  it('takes each list once, and at most 200', async () => {
    const one = { number: '1', version: 1 };
    const some = (count: number) => Array.from({ length: count }, (_, i) => ({ number: String(i + 1), version: 1 }));
    for (const items of [[one, one], [one, { ...one, number: '01' }], some(201), []])
      expect([items.length, (await orderOf(items)).status]).toEqual([items.length, 422]);
    expect((await orderOf(some(200))).body.items).toHaveLength(200);
  });
});
