import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { mailTo, proofBySms, sentList } from '../support/lists.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('a result list from draft to student', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  it('RL-35 goes from draft over examiner, signature and definitive entry to the student', async () => {
    const list = await sentList(at);
    expect((await list.read()).state).toBe('with-examiner');
    const [asked] = await eventually('the examiner is mailed', async () => {
      const mails = await mailTo(at, personOf('eva').email);
      return mails.length > 0 && mails;
    });
    expect(asked?.subject).toContain(list.number);

    const signed = await at
      .as('eva')
      .post(`/result-lists/${list.number}/sign`, { version: await list.version(), proof: await proofBySms(at, list) });
    expect(signed.body).toMatchObject({ case: { state: 'signed', waitingFor: 'course-office' } });

    const pdf = await at.as('karin').get(`/result-lists/${list.number}/archive-list`);
    expect(pdf.headers.get('Content-Type')).toBe('application/pdf');
    const { controlNumber } = await import('../../activities/result-list/frozen.js');
    const { data, version } = await list.read();
    const typed = controlNumber({ list: list.number, version, hash: data.signed.hash }, at.config.secrets.controlNumber);

    const entered = await at.as('karin').post(`/result-lists/${list.number}/enter`, { controlNumber: typed });
    expect(entered.body).toMatchObject({ case: { state: 'registering' } });
    await eventually('the register has every row ready', async () => (await list.read()).state === 'registered');
    expect((await list.rows()).map((row) => row.transfer.state)).toEqual(Array(12).fill('ready'));

    await at.simulators.ladok.app.request('/__sim/attest-all', {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json' },
    });
    await eventually('the students are told', async () => (await list.read()).state === 'informed');
    const letter = await mailTo(at, 'student0@student.bth.example');
    expect(letter).toHaveLength(1);
    expect(letter[0]?.text).toContain('Betyg: ');
  });
});
