import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { newList } from '../support/lists.js';
import { operationsOf } from '../support/operations.js';
import { withCheckDigit } from '../simulators/sample.js';
import { auditOf, changeStaff, newcomer, refreshed } from '../support/staff.js';
import { aStudent, openForExchange, registered, registrationOf, setting, testStudent } from '../support/students.js';
import { openUniversity, personOf, type University } from '../support/university.js';

describe('students', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
    await openForExchange(at);
  });
  afterAll(() => at.close());
  const register = (change: object, login = 'stina') =>
    at.as(login).post('/students', { ...registrationOf(testStudent('test1')), signIn: null, ...change });

  it('RX-31 the two test persons load with their numbers, sign in, and are found by number', async () => {
    for (const login of ['test1', 'test2'] as const) {
      const { id, number, birthDate } = testStudent(login);
      expect((await at.as(login).get('/me')).status).toBe(403);
      expect(await registered(at, login)).toBe(id);
      expect((await at.as(login).get('/me')).body).toMatchObject({ id, roles: [{ role: 'student' }] });
      expect((await at.as('stina').post('/find-student', { number: `${number.slice(0, 6)} ${number.slice(6)}` })).body).toEqual({
        person: id,
      });
      expect((await at.as('stina').get(`/students/${id}`)).body).toMatchObject({
        number,
        numberKind: 'fs-test',
        birthDate,
        signsIn: true,
        surname: 'Resultatutveksling',
        formerNumbers: [],
      });
    }
  });

  it('RX-31 a test person is refused where the setting says no', async () => {
    await setting(at, 'exchange-test-numbers', false, '2026-01-01');
    expect(await register({ number: '01819000200', birthDate: '1990-01-01' })).toMatchObject({
      status: 409,
      body: { rule: 'RX-31', code: 'test-number-not-allowed' },
    });
    await setting(at, 'exchange-test-numbers', true, '2026-01-01');
    expect((await register({ number: '01819000200', birthDate: '1990-01-01' })).status).toBe(201);
  });

  it.each([
    ['RX-31', 'number-not-valid', 422, { number: '01536112186' }],
    ['RX-31', 'number-not-valid', 422, { number: '12345678901' }],
    ['RX-31', 'number-not-temporary', 422, { temporary: true }],
    ['RX-32', 'birth-date-differs', 422, { birthDate: '1961-03-02' }],
    ['RX-32', 'birth-date-differs', 422, { number: '12345678901', temporary: true, birthDate: '2999-01-01' }],
    ['RX-32', 'not-a-day', 422, { birthDate: '1961-02-30' }],
    ['RX-32', 'registered-already', 409, {}],
    ['RX-32', 'sign-in-taken', 409, { number: '01859000270', birthDate: '1990-05-01', signIn: personOf('tove').id }],
  ])('%s refuses with %s', async (rule, code, status, change) => {
    expect(await register(change)).toMatchObject({ status, body: { rule, code } });
  });

  it('RX-29 a temporary number is taken where it is declared as one', async () => {
    const { body, status } = await register({ number: '12345678901', temporary: true, birthDate: '1990-01-01' });
    expect({ status, body }).toEqual({ status: 201, body: { person: expect.any(String), numberKind: 'temporary' } });
    expect((await at.as('egil').post('/find-student', { number: '12345678901' })).body).toEqual({ person: body.person });
  });

  it('RX-29 a student who is employed keeps the number of the student, and the one of the staff register is for signing alone', async () => {
    const number = '12345678902';
    const signIn = randomUUID();
    expect((await register({ number, temporary: true, birthDate: '1990-01-01', signIn })).status).toBe(201);
    const told = withCheckDigit('19900101238');
    const employed = {
      login: 'employed',
      givenName: 'Ny',
      surname: 'Anställd',
      email: 'ny@bth.example',
      mobile: null,
      language: 'sv',
    };
    await changeStaff(at, signIn, { ...employed, personNumber: told, roles: [{ role: 'teacher' }] });
    expect((await at.as('stina').get(`/students/${signIn}`)).body).toMatchObject({
      number,
      surname: 'Anställd',
      formerNumbers: [],
    });
    expect((await at.as('stina').post('/find-student', { number })).body).toEqual({ person: signIn });
    expect(await register({ number, temporary: true, birthDate: '1990-01-01' })).toMatchObject({
      status: 409,
      body: { rule: 'RX-32', code: 'registered-already' },
    });
    const numbers = () =>
      at.world.db.person.findUnique({ where: { id: signIn }, select: { personNumber: true, staffNumber: true } });
    expect(await numbers()).toEqual({ personNumber: number, staffNumber: told });
    const replaced = { number: '01819000391', reason: 'Came with a passport' };
    expect((await at.as('egil').post(`/students/${signIn}/replace-number`, replaced)).status).toBe(200);
    expect(await numbers()).toEqual({ personNumber: '01819000391', staffNumber: told });
  });

  it('RX-32 without a sign-in a student has no role, and nobody signs in as them', async () => {
    const person = await aStudent(at, '41819000113', '1990-01-01');
    expect(await at.world.db.role.count({ where: { personId: person } })).toBe(0);
    expect((await at.as('siri').get(`/students/${person}`)).body.signsIn).toBe(false);
  });

  it('RX-32 the same number at once is registered once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => register({ number: '01419000066', birthDate: '1990-01-01' })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(await at.world.db.person.count({ where: { personNumber: '01419000066' } })).toBe(1);
  });

  it('RX-32 registering, finding and reading are for those who handle students, and traced without the number', async () => {
    const { id, number } = testStudent('test1');
    for (const login of ['tove', 'eva', 'karin', 'olle', 'rut', 'mons']) {
      expect(await register({}, login)).toMatchObject({ status: 403, body: { rule: 'RX-32', code: 'not-yours-to-give' } });
      expect(await at.as(login).post('/find-student', { number })).toMatchObject({
        status: 403,
        body: { rule: 'RX-32', code: 'not-yours-to-give' },
      });
      expect(await at.as(login).get(`/students/${id}`)).toMatchObject({
        status: 403,
        body: { rule: 'RX-32', code: 'not-yours-to-open' },
      });
    }
    expect(await at.as('stina').post('/find-student', { number: '01859000270' })).toMatchObject({
      status: 404,
      body: { rule: 'RX-32', code: 'no-such-number' },
    });
    expect(await at.as('stina').get(`/students/${randomUUID()}`)).toMatchObject({ status: 404, body: { code: 'not-a-student' } });
    const entries = (await auditOf(at)).filter((entry) => entry.action.startsWith('students.'));
    expect(entries.filter((entry) => entry.outcome === 'done').map((entry) => entry.action)).toEqual(
      expect.arrayContaining(['students.register', 'students.find', 'students.open']),
    );
    expect(JSON.stringify(entries)).not.toContain(number);
    expect(JSON.stringify(entries)).not.toContain('Resultatutveksling');
  });

  it('RX-32 a student reaches nothing of anybody: no case, list or report, and no command', async () => {
    const list = await newList(at, 'tove');
    const { operations } = await operationsOf(at);
    const own = ['/me', '/me/consents', '/me/exchange', '/consent-questions', '/notices', '/contacts'];
    for (const { method, path, url, open } of operations) {
      if (open || (method === 'GET' && own.includes(path)) || (method === 'POST' && path === '/consents')) continue;
      const address = url.replace('4711', list.number);
      const { status, body } = method === 'GET' ? await at.as('test1').get(address) : await at.as('test1').post(address, {});
      expect({ method, path, status, rule: body.rule }).toEqual({ method, path, status: 403, rule: 'RX-32' });
    }
    for (const path of own.filter((one) => operations.some((each) => each.path === one)))
      expect({ path, status: (await at.as('test1').get(path)).status }).toEqual({ path, status: 200 });
    expect(await at.as('test1').get('/result-lists?state=draft')).toMatchObject({ status: 403 });
    const refused = (await auditOf(at)).filter((entry) => entry.actor === testStudent('test1').id && entry.outcome === 'refused');
    expect(refused.map((entry) => entry.details?.route)).toContain('/result-lists/:number');
  });

  it('RX-32 the role stays when the staff register tells of people anew, and is no employment', async () => {
    await at.world.db.cursor.deleteMany({});
    await refreshed(at);
    expect((await at.as('test1').get('/me')).body.roles).toEqual([{ role: 'student' }]);
    const told = await newcomer(at, [{ role: 'student' }, { role: 'planner' }]);
    expect((await told.get('/me')).body.roles).toEqual([{ role: 'planner' }]);
    expect(
      await at.as('eva').post('/delegations', { course: 'XX1000', to: testStudent('test1').id, reason: 'On leave.' }),
    ).toMatchObject({ status: 422, body: { rule: 'RL-36', code: 'no-such-person' } });
  });
});
