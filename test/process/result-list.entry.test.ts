import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { mailTo, sentList, signedList, type ListInHand } from '../support/lists.js';
import { archiveList, enter, inState, mailed, printedControlNumber } from '../support/register.js';
import { auditOf } from '../support/staff.js';
import { openUniversity, personOf, type Answer, type University } from '../support/university.js';

describe('signed, printed and entered', () => {
  let at: University;
  let list: ListInHand;
  let other: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
    [list, other] = [await signedList(at), await signedList(at)];
  });
  afterAll(() => at.close());
  const about = (mail: { subject: string }) => mail.subject.includes(list.number) && mail.subject.includes('signerad');
  const entered = (controlNumber: string, login = 'karin'): Promise<Answer> =>
    at.as(login).post(`/result-lists/${list.number}/enter`, { controlNumber });
  const traced = async (action: string, outcome = 'done') =>
    (await auditOf(at, `result-list/${list.number}`)).filter((entry) => entry.action === action && entry.outcome === outcome);

  it('RL-43 mails the examiner and the course office after signing, once each', async () => {
    for (const login of ['eva', 'karin']) {
      const { email } = personOf(login);
      expect((await mailed(at, email, about)).text).toContain('är signerad med SMS-kod');
      expect((await mailTo(at, email)).filter(about)).toHaveLength(1);
    }
    expect((await mailTo(at, personOf('tove').email)).filter(about)).toEqual([]);
  });

  it('AU-03 keeps who signed, how, when, which list and which content', async () => {
    const { signed } = (await list.read()).data;
    expect(signed).toMatchObject({
      by: personOf('eva').id,
      method: 'sms',
      version: await list.version(),
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const [entry, ...more] = await traced('result-list.sign');
    expect(more).toEqual([]);
    expect(entry).toMatchObject({
      actor: personOf('eva').id,
      subject: `result-list/${list.number}`,
      at: signed.at,
      details: { method: 'sms', version: signed.version, hash: signed.hash, to: 'signed' },
    });
    const [code] = await traced('signing.check-code');
    expect(code).toMatchObject({ actor: personOf('eva').id });
    const { id } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    const kept = await at.world.db.signature.findMany({ where: { caseId: id } });
    expect(kept).toMatchObject([
      { personId: personOf('eva').id, method: 'sms', hash: signed.hash, version: signed.version, proofId: entry.details.proof },
    ]);
    const frozen = await at.world.db.frozenVersion.findUniqueOrThrow({
      where: { caseId_version: { caseId: id, version: signed.version } },
    });
    expect(JSON.parse(frozen.content).rows).toHaveLength(12);
    for (const change of [
      at.world.db.$executeRaw`UPDATE signatures SET method = 'bankid'`,
      at.world.db.$executeRaw`DELETE FROM signatures`,
      at.world.db.$executeRaw`TRUNCATE signatures`,
    ])
      await expect(change).rejects.toThrow('append-only');
  });

  it('AU-03 holds neither names nor numbers nor grades in the audit', async () => {
    const text = JSON.stringify(await auditOf(at, `result-list/${list.number}`));
    for (const index of [0, 1, 5])
      for (const word of [student(index).surname, student(index).personNumber, student(index).email])
        expect(text).not.toContain(word);
    expect(text).not.toMatch(/"grade"|Examinator|\+4670/);
  });

  it('RL-44 the course office prints the archive list with the control number', async () => {
    const text = await archiveList(at, list);
    for (const part of [
      list.number,
      'XX1000',
      'TEN1',
      'Eva Examinator',
      'SMS',
      'Svensson-Østergaard',
      'Kontrollnummer',
      (await list.read()).data.signed.hash.slice(0, 16),
    ])
      expect(text.replace(/\s+/g, ' ')).toContain(part);
    expect(await printedControlNumber(at, list)).not.toBe(await printedControlNumber(at, other));
    expect(await printedControlNumber(at, list)).toBe(await printedControlNumber(at, list));
  });

  it('RL-44 refuses the archive list to others, and before the signature', async () => {
    for (const login of ['tove', 'eva', 'olle', 'rut'])
      expect(await at.as(login).get(`/result-lists/${list.number}/archive-list`)).toMatchObject({
        status: 403,
        body: { rule: 'RL-44' },
      });
    const unsigned = await sentList(at);
    expect(await at.as('karin').get(`/result-lists/${unsigned.number}/archive-list`)).toMatchObject({
      status: 409,
      body: { rule: 'RL-44', code: 'wrong-state' },
    });
  });

  it('RL-44 shows the control number in no JSON answer and no mail', async () => {
    const number = (await printedControlNumber(at, list)).replace(/ /g, '');
    const answers = await Promise.all(
      [`/result-lists/${list.number}`, `/result-lists/${list.number}/rows`, '/result-lists'].map((path) =>
        at.as('karin').get(path),
      ),
    );
    const everything = JSON.stringify([
      answers.map((answer) => answer.body),
      await mailTo(at, personOf('karin').email),
      await auditOf(at),
    ]).replace(/(\d) (?=\d)/g, '$1');
    expect(everything).not.toContain(number);
  });

  it('RL-45 refuses a control number with a slip of the hand, and says so', async () => {
    const right = (await printedControlNumber(at, list)).replace(/ /g, '');
    const slip = right.slice(0, 3) + ((Number(right[3]) + 1) % 10) + right.slice(4);
    expect(await entered(slip)).toMatchObject({ status: 409, body: { rule: 'RL-45', code: 'control-number-mistyped' } });
  });

  it('RL-45 refuses the control number of another list, and words that are none', async () => {
    expect(await entered(await printedControlNumber(at, other))).toMatchObject({
      status: 409,
      body: { rule: 'RL-45', code: 'control-number-wrong' },
    });
    for (const typed of ['', '123', 'abcd efgh ij', '12345678901'])
      expect(await entered(typed)).toMatchObject({ status: 422, body: { code: 'invalid-input' } });
    expect((await list.read()).state).toBe('signed');
    const refusals = await traced('result-list.enter', 'refused');
    expect(refusals.map((entry) => entry.code)).toEqual(['control-number-mistyped', 'control-number-wrong']);
  });

  it('RL-46 is entered by nobody but the course office', async () => {
    const right = await printedControlNumber(at, list);
    for (const login of ['tove', 'eva', 'erik', 'olle', 'rut'])
      expect(await entered(right, login)).toMatchObject({ status: 403, body: { rule: 'RL-46', code: 'not-yours-to-give' } });
    expect((await list.read()).state).toBe('signed');
  });

  it('AU-04 ties the definitive entry to the signed content by the control number', async () => {
    await enter(at, list);
    const { signed, entered: entry } = (await list.read()).data;
    expect(entry).toMatchObject({ by: personOf('karin').id });
    const [kept, ...more] = await traced('result-list.enter');
    expect(more).toEqual([]);
    expect(kept).toMatchObject({ actor: personOf('karin').id, details: { hash: signed.hash, version: signed.version } });
    const [printed] = /[0-9a-f]{64}/.exec((await archiveList(at, list)).replace(/\s+/g, '')) ?? [];
    expect(printed).toBe(signed.hash);
    await inState(list, 'registered');
  });

  it('RL-46 is entered once: the second time is refused', async () => {
    const written = at.simulators.ladok.store.drafts.length;
    expect(await entered(await printedControlNumber(at, list))).toMatchObject({
      status: 409,
      body: { rule: 'RL-46', code: 'wrong-state' },
    });
    expect(at.simulators.ladok.store.drafts.length).toBe(written);
    expect(written).toBe(12);
  });

  it('RL-45 is entered once also when two hands press at the same time', async () => {
    const number = await printedControlNumber(at, other);
    const answers = await Promise.all(
      [1, 2, 3].map(() => at.as('karin').post(`/result-lists/${other.number}/enter`, { controlNumber: number })),
    );
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409]);
    await inState(other, 'registered');
  });
});
