import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { filledList, lastCode, mailTo, newList, sentList, signedList } from '../support/lists.js';
import { printedControlNumber } from '../support/register.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('the same command under the same key', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const raw = async (login: Login, path: string, body: unknown, key: string) => {
    const token = await at.simulators.identityProvider.makeToken({ sub: personOf(login).id });
    const answer = await at.app.request(path, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json', 'Idempotency-Key': key },
    });
    return {
      status: answer.status,
      location: answer.headers.get('Location'),
      text: (await answer.text()).replace(/"requestId":"[^"]+"/, '"requestId":""'),
    };
  };
  const twice = async (login: Login, path: string, body: unknown) => {
    const key = randomUUID();
    const [first, second] = [await raw(login, path, body, key), await raw(login, path, body, key)];
    expect(second).toEqual(first);
    return { ...first, body: JSON.parse(first.text) };
  };
  const steps = async (number: string, action: string) =>
    (await auditOf(at, `result-list/${number}`)).filter((entry) => entry.action === `result-list.${action}`);

  it('makes one list, and answers it byte for byte again', async () => {
    const before = await at.world.db.case.count();
    const made = await twice('tove', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
    expect(made).toMatchObject({ status: 201, location: `/result-lists/${made.body.case.number}` });
    expect(await at.world.db.case.count()).toBe(before + 1);
  });

  it('is found again when the body is written in another order', async () => {
    const key = randomUUID();
    const first = await raw('tove', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' }, key);
    expect(await raw('tove', '/result-lists', { module: 'TEN1', kind: 'T33', course: 'XX1000' }, key)).toEqual(first);
  });

  it('saves once, fetches once, and answers byte for byte again', async () => {
    const list = await newList(at, 'tove');
    const fetched = await twice('tove', `/result-lists/${list.number}/fetch`, { from: 'term', term: '20262' });
    expect(fetched.status).toBe(202);
    await eventually('twelve rows', async () => (await list.rows()).length === 12);
    const rows = [
      { student: student(0).uid, grade: 'B', examinationDate: null },
      { student: student(1).uid, grade: 'B', examinationDate: '2026-01-05' },
    ];
    const version = await list.version();
    const saved = await twice('tove', `/result-lists/${list.number}/save`, { version, rows });
    expect(saved).toMatchObject({ status: 200, body: { case: { version: version + 1 } } });
    expect(await list.version()).toBe(version + 1);
    expect([await steps(list.number, 'fetch'), await steps(list.number, 'save')].map((entries) => entries.length)).toEqual([
      1, 1,
    ]);
    expect(await at.world.db.order.count({ where: { name: 'fetch', result: { not: {} } } })).toBeGreaterThan(0);
  });

  it('sends, signs and enters once, and answers byte for byte again', async () => {
    const list = await filledList(at);
    const path = `/result-lists/${list.number}`;
    const version = await list.version();
    expect(await twice('tove', `${path}/send`, { version })).toMatchObject({
      status: 200,
      body: { case: { state: 'with-examiner' } },
    });
    const asked = await twice('eva', `${path}/request-code`, { version });
    const place = asked.location ?? '';
    await eventually('the code is sent', async () => (await at.as('eva').get(place)).body.state === 'sent');
    expect(at.simulators.elks.phone(personOf('eva').mobile)).toHaveLength(1);
    const typed = await twice('eva', `${place}/check`, { code: await lastCode(at, 'eva') });
    expect(typed.status).toBe(201);
    expect(await twice('eva', `${path}/sign`, { version, proof: typed.body.proof })).toMatchObject({
      status: 200,
      body: { case: { state: 'signed' } },
    });
    expect(await twice('karin', `${path}/enter`, { controlNumber: await printedControlNumber(at, list) })).toMatchObject({
      status: 200,
      body: { case: { state: 'registering' } },
    });
    for (const action of ['send', 'request-code', 'sign', 'enter'])
      expect({ action, times: (await steps(list.number, action)).length }).toEqual({ action, times: 1 });
    await eventually('registered', async () => (await list.read()).state === 'registered');
    expect(at.simulators.ladok.store.drafts).toHaveLength(12);
    expect((await mailTo(at, personOf('karin').email)).filter((mail) => mail.subject.includes(list.number))).toHaveLength(1);
  });

  it('is refused the same way again, and traced once', async () => {
    const list = await signedList(at);
    const refused = await twice('karin', `/result-lists/${list.number}/enter`, { controlNumber: '1234567889' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'control-number-wrong' } });
    expect(
      await twice('tove', `/result-lists/${list.number}/save`, {
        version: 1,
        rows: [{ student: student(0).uid, grade: 'B', examinationDate: null }],
      }),
    ).toMatchObject({ status: 409, body: { code: 'wrong-state' } });
    expect(await twice('karin', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' })).toMatchObject({
      status: 403,
    });
    const refusals = [...(await steps(list.number, 'enter')), ...(await steps(list.number, 'save'))].filter(
      (entry) => entry.outcome === 'refused',
    );
    expect(refusals.map((entry) => entry.code)).toEqual(['control-number-wrong', 'wrong-state']);
  });

  it('happens once when many arrive at the same moment', async () => {
    const list = await sentList(at);
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => raw('eva', `/result-lists/${list.number}/return`, { reason: 'Look once more.' }, key)),
    );
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
    expect(answers[0]?.status).toBe(200);
    expect(await steps(list.number, 'return')).toHaveLength(1);
    const births = await Promise.all(
      Array.from({ length: 5 }, () => raw('tove', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'LAB1' }, key)),
    );
    expect(new Set(births.map((answer) => answer.text)).size).toBe(1);
    expect(births[0]?.status).toBe(201);
  });

  it('with another body is refused with 422, changes nothing and is in the audit', async () => {
    const list = await filledList(at);
    const [path, version] = [`/result-lists/${list.number}`, await list.version()];
    const uses: [Login, string, object, object][] = [
      [
        'tove',
        '/result-lists',
        { kind: 'T33', course: 'XX1000', module: 'TEN1' },
        { kind: 'T33', course: 'XX1000', module: 'LAB1' },
      ],
      [
        'tove',
        `${path}/save`,
        { version, rows: [{ student: student(0).uid, grade: 'B', examinationDate: null }] },
        { version, rows: [{ student: student(0).uid, grade: 'A', examinationDate: null }] },
      ],
      ['tove', `${path}/fetch`, { from: 'term', term: '20262' }, { from: 'term', term: '20261' }],
    ];
    for (const [login, url, body, other] of uses) {
      const key = randomUUID();
      expect((await raw(login, url, body, key)).status).toBeLessThan(300);
      const before = [await list.rows(), await at.world.db.case.count()];
      const answer = await at.as(login).post(url, other, { key });
      expect({ url, status: answer.status, code: answer.body.code }).toEqual({ url, status: 422, code: 'key-used-otherwise' });
      expect([await list.rows(), await at.world.db.case.count()]).toEqual(before);
      const traced = (await auditOf(at)).filter((entry) => entry.requestId === answer.body.requestId);
      expect({ url, traced }).toEqual({
        url,
        traced: [expect.objectContaining({ actor: personOf(login).id, outcome: 'refused', code: 'key-used-otherwise' })],
      });
    }
  });

  it('with another code is refused with 422, and costs no try', async () => {
    const list = await sentList(at);
    const asked = await at.as('eva').post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
    const place = asked.headers.get('Location') ?? '';
    await eventually('the code is sent', async () => (await at.as('eva').get(place)).body.state === 'sent');
    const right = await lastCode(at, 'eva');
    const wrong = right === '11111' ? '22222' : '11111';
    const key = randomUUID();
    expect(await at.as('eva').post(`${place}/check`, { code: wrong }, { key })).toMatchObject({
      status: 409,
      body: { code: 'code-not-accepted' },
    });
    expect(await at.as('eva').post(`${place}/check`, { code: right }, { key })).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
    expect((await at.as('eva').post(`${place}/check`, { code: right })).status).toBe(201);
  });

  it('is another command on another list, for another person, or by another name', async () => {
    const [one, other] = [await sentList(at), await sentList(at)];
    const key = randomUUID();
    for (const list of [one, other])
      expect(
        await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' }, { key }),
      ).toMatchObject({ status: 200, body: { case: { number: list.number } } });
    expect((await at.as('tove').post(`/result-lists/${one.number}/withdraw`, {}, { key })).status).toBe(200);
    expect(
      await at.as('tove').post(`/result-lists/${other.number}/return`, { reason: 'Look once more.' }, { key }),
    ).toMatchObject({ status: 403 });
  });

  it('is answered again while eight others of the case are on their way, and only what is not decided has to wait', async () => {
    const list = await sentList(at);
    const path = `/result-lists/${list.number}`;
    const [decided, open] = [randomUUID(), randomUUID()];
    const returned = await raw('eva', `${path}/return`, { reason: 'Look once more.' }, decided);
    expect(returned.status).toBe(200);
    const { id: caseId } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const others = Array.from({ length: 8 }, () => ({
      key: randomUUID(),
      caseId,
      name: 'withdraw',
      caller: personOf('tove').id,
      body: {},
      bodyHash: 'ab',
    }));
    await at.world.db.command.createMany({ data: others });
    expect(await raw('eva', `${path}/return`, { reason: 'Look once more.' }, decided)).toEqual(returned);
    expect(await at.as('eva').post(`${path}/return`, { reason: 'Another.' }, { key: decided })).toMatchObject({
      status: 422,
      body: { code: 'key-used-otherwise' },
    });
    const busy = await at.as('tove').post(`${path}/withdraw`, {}, { key: open });
    expect(busy).toMatchObject({ status: 429, body: { code: 'too-busy' } });
    expect(busy.headers.get('Retry-After')).toBe('1');
    const over = { outcome: { status: 'refused' } };
    await at.world.db.command.updateMany({ where: { key: { in: others.map(({ key }) => key) } }, data: over });
    expect((await at.as('tove').post(`${path}/withdraw`, {}, { key: open })).status).toBe(200);
  });
});
