import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { auditOf, newcomer } from '../support/staff.js';
import { aStudent, openForExchange, registered } from '../support/students.js';
import { openUniversity, type University } from '../support/university.js';

const entry = {
  kind: 'assessment',
  category: 'course',
  code: 'RES-100',
  nameNb: 'Emne',
  nameEn: 'Course',
  result: 'C',
  gradingScheme: 'A-F',
  passed: true,
  passedOn: '2026-06-01',
};

describe('our own protocols over HTTP', () => {
  let at: University;
  let office: Awaited<ReturnType<typeof newcomer>>;
  let auditor: Awaited<ReturnType<typeof newcomer>>;
  let adviser: Awaited<ReturnType<typeof newcomer>>;
  let person: string;
  beforeAll(async () => {
    at = await openUniversity();
    await openForExchange(at);
    [office, auditor, adviser] = [
      await newcomer(at, [{ role: 'exam-office' }]),
      await newcomer(at, [{ role: 'auditor' }]),
      await newcomer(at, [{ role: 'study-adviser' }]),
    ];
    person = await aStudent(at, '01819000049', '1990-01-01');
  });
  afterAll(() => at?.close());

  it('RX-33 are written, corrected and withdrawn by the exam office, once a key, in the audit without grades and without reasons', async () => {
    const key = randomUUID();
    const made = await office.post('/protocol', { person, entry }, { key });
    expect([made.status, made.body]).toEqual([201, { key: expect.any(String) }]);
    expect((await office.post('/protocol', { person, entry }, { key })).body).toEqual(made.body);
    expect((await office.post('/protocol', { person, entry: { ...entry, result: 'A' } }, { key })).body.code).toBe(
      'key-used-otherwise',
    );
    const path = `/protocol/${made.body.key}`;
    expect(
      (await office.post(`${path}/correct`, { changes: { result: 'B', thesisTitle: 'On results' }, reason: 'Typed wrongly.' }))
        .body,
    ).toEqual({ key: made.body.key, changed: ['thesisTitle', 'result'] });
    const read = (await auditor.get(`/protocol?person=${person}`)).body;
    expect(read).toMatchObject({
      results: [{ ...entry, result: 'B', thesisTitle: 'On results', term: null, withdrawnOn: null, cameFrom: 'entered' }],
      withheld: 0,
      disclosures: [],
    });
    expect(JSON.stringify(read)).not.toContain('01819000049');
    expect((await office.post(`${path}/withdraw`, { reason: 'A mistake.' })).body).toMatchObject({
      withdrawnOn: expect.any(String),
    });
    expect((await office.post(`${path}/withdraw`, { reason: 'A mistake.' })).body).toMatchObject({
      status: 409,
      rule: 'RX-33',
      code: 'withdrawn-already',
    });
    expect((await office.post(`${path}/correct`, { changes: { result: 'B' }, reason: 'It stands after all.' })).body).toEqual({
      key: made.body.key,
      changed: ['withdrawnOn'],
    });
    const audit = (await auditOf(at)).filter(({ action }: any) => action.startsWith('protocol.'));
    expect(audit.map(({ action, outcome }: any) => [action, outcome])).toEqual([
      ['protocol.enter-result', 'done'],
      ['protocol.enter-result', 'refused'],
      ['protocol.correct-result', 'done'],
      ['protocol.read', 'done'],
      ['protocol.withdraw-result', 'done'],
      ['protocol.withdraw-result', 'refused'],
      ['protocol.correct-result', 'done'],
    ]);
    expect(JSON.stringify(audit)).not.toMatch(/"(result|grade)":"[A-F]"|01819000049|Typed wrongly|A mistake/);
    const withdrawn = audit.find(({ action }: any) => action === 'protocol.withdraw-result');
    expect(await at.world.db.command.findUnique({ where: { key: withdrawn.key } })).toMatchObject({
      body: { body: { reason: 'A mistake.' } },
    });
  });

  it('RX-33 refuse others by the rule, in the audit, and a student altogether', async () => {
    expect((await adviser.post('/protocol', { person, entry }, { headers: { 'Accept-Language': 'nb' } })).body).toMatchObject({
      status: 403,
      rule: 'RX-33',
      code: 'not-yours-to-give',
      detail: 'Handlingen «Legg inn et resultat» krever en annen rolle eller et annet emne.',
    });
    expect((await adviser.get(`/protocol?person=${person}`)).body).toMatchObject({
      status: 403,
      rule: 'RX-13',
      code: 'not-yours-to-open',
    });
    expect(
      (await auditOf(at)).filter(({ actor }: any) => actor === adviser.id).map(({ action, code }: any) => [action, code]),
    ).toEqual([
      ['protocol.enter-result', 'not-yours-to-give'],
      ['protocol.read', 'not-yours-to-open'],
    ]);
    await registered(at, 'test1');
    for (const answer of [
      await at.as('test1').get(`/protocol?person=${person}`),
      await at.as('test1').post('/protocol', { person, entry }),
    ])
      expect(answer.status).toBe(403);
  });

  it.each<[string, object]>([
    ['another kind', { kind: 'rumour' }],
    ['a day that none is', { passedOn: '2026-02-30' }],
    ['size in words', { credits: 'ten' }],
    ['a code with a NUL', { code: 'a\u0000' }],
    ['no name', { nameNb: ' ' }],
    ['a field that nobody knows', { grade: 'A' }],
    ['a withdrawal by hand', { withdrawnOn: '2026-01-01' }],
  ])('RX-15 refuse an entry with %s', async (_what, wrong) => {
    expect((await office.post('/protocol', { person, entry: { ...entry, ...wrong } })).status).toBe(422);
  });

  it('RX-29 follow a temporary number that becomes a real one, over HTTP', async () => {
    const made = await at
      .as('stina')
      .post('/students', {
        number: '12345678901',
        temporary: true,
        givenName: 'Jón',
        surname: 'Øvrebø',
        birthDate: '1990-01-01',
        email: 'jon@student.example',
        language: 'nb',
      });
    const student = made.body.person;
    await office.post('/protocol', { person: student, entry });
    const body = { number: '018190 00391', reason: 'Came with a passport.' };
    expect((await adviser.post(`/students/${student}/replace-number`, body)).body).toMatchObject({
      status: 403,
      rule: 'RX-29',
      code: 'not-yours-to-give',
    });
    expect((await office.post(`/students/${student}/replace-number`, { ...body, number: '01819000049' })).body).toMatchObject({
      status: 409,
      rule: 'RX-29',
      code: 'number-of-another',
      details: { person },
    });
    expect((await office.post(`/students/${student}/replace-number`, body)).body).toEqual({
      person: student,
      merged: null,
      numberKind: 'synthetic',
    });
    expect((await at.as('stina').get(`/students/${student}`)).body).toMatchObject({
      number: '01819000391',
      numberKind: 'synthetic',
      formerNumbers: [{ number: '12345678901', numberKind: 'temporary' }],
    });
    expect((await office.get(`/protocol?person=${student}`)).body.results).toHaveLength(1);
  });
});
