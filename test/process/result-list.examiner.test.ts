import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { filledList, mailTo, proofBySms, sentList, type ListInHand } from '../support/lists.js';
import { inState, mailed } from '../support/register.js';
import { auditOf, changeStaff } from '../support/staff.js';
import { openUniversity, personOf, type Login, type University } from '../support/university.js';

describe('the list and its examiner', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const give = async (list: ListInHand, login: Login, command: string, body: object = {}) =>
    at.as(login).post(`/result-lists/${list.number}/${command}`, body);
  const versioned = async (list: ListInHand, body: object = {}) => ({ version: await list.version(), ...body });
  const rows = [{ student: student(0).uid, grade: 'C', examinationDate: '2026-11-02' }];
  const about = (list: ListInHand) => (mail: { subject: string }) => mail.subject.includes(list.number);

  it('RL-36 a teacher who is not examiner saves and sends, and cannot sign', async () => {
    const list = await filledList(at);
    for (const command of ['request-code', 'order-bankid'])
      expect(await give(list, 'tove', command, await versioned(list))).toMatchObject({
        status: 403,
        body: { code: 'not-yours-to-give' },
      });
    const sent = await give(list, 'tove', 'send', await versioned(list));
    expect(sent).toMatchObject({ status: 200, body: { case: { state: 'with-examiner', waitingFor: 'examiner' } } });
    expect(
      await give(list, 'tove', 'sign', await versioned(list, { proof: 'b0000000-0000-4000-8000-000000000009' })),
    ).toMatchObject({ status: 403, body: { rule: 'RL-38' } });
  });

  it('RL-36 the course office, operations and the auditor neither save nor send', async () => {
    const list = await filledList(at);
    for (const login of ['karin', 'olle', 'rut']) {
      expect(await give(list, login, 'save', await versioned(list, { rows }))).toMatchObject({
        status: 403,
        body: { rule: 'RL-36', code: 'not-yours-to-give' },
      });
      expect(await give(list, login, 'send', await versioned(list))).toMatchObject({ status: 403, body: { rule: 'RL-36' } });
    }
    expect((await list.read()).state).toBe('draft');
    const refusals = (await auditOf(at, `result-list/${list.number}`)).filter((entry) => entry.outcome === 'refused');
    expect(refusals.map((entry) => [entry.action, entry.rule])).toEqual(
      expect.arrayContaining([
        ['result-list.save', 'RL-36'],
        ['result-list.send', 'RL-36'],
      ]),
    );
    expect(refusals).toHaveLength(6);
  });

  it('RL-36 an examiner who enters the grades signs them too, without sending', async () => {
    const list = await filledList(at, 'eva');
    const signed = await give(list, 'eva', 'sign', await versioned(list, { proof: await proofBySms(at, list) }));
    expect(signed).toMatchObject({ status: 200, body: { case: { state: 'signed', waitingFor: 'course-office' } } });
  });

  it('RL-36 is not sent while the course has no examiner', async () => {
    const list = await filledList(at);
    const eva = personOf('eva').id;
    await changeStaff(at, eva, { roles: [{ role: 'teacher' }] });
    expect(await give(list, 'tove', 'send', await versioned(list))).toMatchObject({
      status: 409,
      body: { rule: 'RL-36', code: 'nobody-examines', details: { course: 'XX1000' } },
    });
    await changeStaff(at, eva, { roles: [{ role: 'teacher' }, { role: 'examiner', course: 'XX1000' }] });
    expect((await give(list, 'tove', 'send', await versioned(list))).status).toBe(200);
  });

  it('RL-37 mails the examiner of the course on sending, once, with the way to the list and no grade', async () => {
    const list = await sentList(at);
    const mail = await mailed(at, personOf('eva').email, about(list));
    expect(mail.text).toContain(`/result-lists/${list.number}`);
    expect(mail.text).not.toMatch(/Betyg|Andersson|\d{8}/);
    await give(list, 'eva', 'return', { reason: 'Look once more.' });
    await mailed(at, personOf('tove').email, about(list));
    expect((await mailTo(at, personOf('eva').email)).filter(about(list))).toHaveLength(1);
    expect((await mailTo(at, personOf('erik').email)).filter(about(list))).toEqual([]);
  });

  it('RL-38 the sender cannot edit, fetch or send while the list lies with the examiner', async () => {
    const list = await sentList(at);
    const before = await list.rows();
    expect(await give(list, 'tove', 'correct', await versioned(list, { rows }))).toMatchObject({
      status: 403,
      body: { rule: 'RL-38', code: 'not-yours-to-give' },
    });
    const closed: [string, object, string][] = [
      ['save', await versioned(list, { rows }), 'RL-36'],
      ['remove', await versioned(list, { students: [student(0).uid] }), 'RL-36'],
      ['send', await versioned(list), 'RL-36'],
      ['fetch', { from: 'term', term: '20261' }, 'RL-10'],
      ['withdraw', {}, 'RL-35'],
    ];
    for (const [command, body, rule] of closed)
      expect(await give(list, 'tove', command, body)).toMatchObject({
        status: 409,
        body: { rule, code: 'wrong-state', details: { command, state: 'with-examiner' } },
      });
    expect(await list.rows()).toEqual(before);
  });

  it('RL-38 the examiner corrects; it is traced, and the sender told', async () => {
    const list = await sentList(at);
    const version = await list.version();
    const corrected = await give(list, 'eva', 'correct', { version, rows });
    expect(corrected).toMatchObject({ status: 200, body: { case: { state: 'with-examiner', version: version + 1 } } });
    expect((await list.rows()).find((row) => row.student === student(0).uid)).toMatchObject({ grade: 'C' });
    const mail = await mailed(at, personOf('tove').email, about(list));
    expect(mail.subject).toContain('rättats');
    const traced = (await auditOf(at, `result-list/${list.number}`)).filter((entry) => entry.action === 'result-list.correct');
    expect(traced).toMatchObject([{ actor: personOf('eva').id, outcome: 'done', details: { version: version + 1, rows: 1 } }]);
    expect(JSON.stringify(traced)).not.toContain(student(0).uid);
  });

  it('RL-38 an examiner of another course neither corrects nor returns nor signs', async () => {
    const list = await sentList(at);
    expect(await give(list, 'erik', 'correct', await versioned(list, { rows }))).toMatchObject({
      status: 403,
      body: { rule: 'RL-38' },
    });
    expect(await give(list, 'erik', 'return', { reason: 'No reason.' })).toMatchObject({ status: 403, body: { rule: 'RL-38' } });
    expect(await give(list, 'erik', 'request-code', await versioned(list))).toMatchObject({
      status: 403,
      body: { rule: 'RL-38' },
    });
    expect((await list.read()).state).toBe('with-examiner');
  });

  it('RL-38 the examiner returns the list with a reason, which the sender is told; then it is a draft again', async () => {
    const list = await sentList(at);
    for (const reason of ['', '  ', 'x'])
      expect(await give(list, 'eva', 'return', { reason })).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    const returned = await give(list, 'eva', 'return', { reason: 'Datum saknas på två studenter.' });
    expect(returned).toMatchObject({ status: 200, body: { case: { state: 'draft', waitingFor: 'teacher' } } });
    expect((await list.read()).data.returned).toMatchObject({ reason: 'Datum saknas på två studenter.', by: personOf('eva').id });
    const mail = await mailed(at, personOf('tove').email, about(list));
    expect(mail.text).toContain('Skäl: Datum saknas på två studenter.');
    expect((await give(list, 'tove', 'save', await versioned(list, { rows }))).status).toBe(200);
    expect((await give(list, 'tove', 'send', await versioned(list))).status).toBe(200);
    expect((await list.read()).data.returned).toBeUndefined();
  });

  it('RL-38 a correction between the code and the signature makes the code void', async () => {
    const list = await sentList(at);
    const proof = await proofBySms(at, list);
    await give(list, 'eva', 'correct', await versioned(list, { rows }));
    expect(await give(list, 'eva', 'sign', await versioned(list, { proof }))).toMatchObject({
      status: 409,
      body: { rule: 'RL-38', code: 'content-changed' },
    });
    expect((await list.read()).state).toBe('with-examiner');
  });

  it('RL-35 is withdrawn while it is a draft, by its maker or the examiner of the course', async () => {
    const [own, others] = [await filledList(at), await filledList(at)];
    expect(await give(own, 'erik', 'withdraw')).toMatchObject({
      status: 403,
      body: { rule: 'RL-35', code: 'not-yours-to-give' },
    });
    expect((await give(own, 'tove', 'withdraw')).body).toMatchObject({ case: { state: 'withdrawn', waitingFor: null } });
    expect((await give(others, 'eva', 'withdraw')).body).toMatchObject({ case: { state: 'withdrawn' } });
    expect(await give(own, 'tove', 'withdraw')).toMatchObject({ status: 409, body: { rule: 'RL-35', code: 'wrong-state' } });
    expect((await inState(own, 'withdrawn')).commands).toEqual([]);
    expect(await own.rows()).toHaveLength(12);
  });
});
