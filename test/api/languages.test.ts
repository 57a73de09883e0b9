import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { orderReasons } from '../../workflows/order-reasons.js';
import { refusalTexts } from '../../workflows/refusals.js';
import { newList } from '../support/lists.js';
import { newcomer } from '../support/staff.js';
import { openUniversity, type University } from '../support/university.js';

describe('the language of an answer', () => {
  let at: University;
  let number: string;
  beforeAll(async () => {
    at = await openUniversity();
    ({ number } = await newList(at, 'tove'));
  });
  afterAll(() => at.close());
  const refused = (language: string, login = 'karin') =>
    at.as(login).post(`/result-lists/${number}/send`, { version: 1 }, { headers: { 'Accept-Language': language } });

  it.each([
    ['sv', 'sv'],
    ['sv-SE,sv;q=0.9,en;q=0.8', 'sv'],
    ['nb', 'nb'],
    ['nb-NO', 'nb'],
    ['no', 'nb'],
    ['nn-NO', 'nb'],
    ['en', 'en'],
    ['en-US,en;q=0.5', 'en'],
    ['EN', 'en'],
    ['fr, nb;q=0.7, en;q=0.3', 'nb'],
    ['en;q=0.2, nb;q=0.9', 'nb'],
  ] as const)('follows Accept-Language: %s is answered in %s', async (wanted, given) => {
    const { body, headers } = await refused(wanted);
    expect(headers.get('Content-Language')).toBe(given);
    expect(body.detail).toBe(
      {
        sv: 'Åtgärden ”Skicka till examinator” kräver en annan roll eller en annan kurs.',
        nb: 'Handlingen «Send til sensor» krever en annen rolle eller et annet emne.',
        en: 'The command "Send to the examiner" needs another role or another course.',
      }[given],
    );
    expect(body).toMatchObject({
      status: 403,
      rule: 'RL-36',
      code: 'not-yours-to-give',
      title: body.detail,
      details: { command: 'send' },
    });
  });

  it.each(['fr', 'xx-YY', '*', '', ';;;,,=', 'q=1', 'sv'.repeat(500)])(
    'falls back on what the staff register says for %j',
    async (wanted) => {
      expect((await refused(wanted)).headers.get('Content-Language')).toBe('sv');
      expect((await refused(wanted, 'rut')).headers.get('Content-Language')).toBe('sv');
      const guest = await newcomer(at, [{ role: 'planner' }], { language: 'nb' });
      expect((await guest.get(`/result-lists/${number}`, { 'Accept-Language': wanted })).headers.get('Content-Language')).toBe(
        'nb',
      );
    },
  );

  it.each([
    ['nn', 'nb', /^Handlingen «Signer» krever/],
    ['fi', 'en', /^The command "Sign" needs/],
    ['sv-FI', 'sv', /^Åtgärden ”Signera” kräver/],
    ['', 'en', /^The command "Sign" needs/],
  ] as const)('RL-36 answers a person for whom the staff register says %j in %s', async (language, given, words) => {
    const person = await newcomer(at, [{ role: 'committee-member' }, { role: 'exam-office' }], { language });
    expect((await person.get('/me')).body.language).toBe(given);
    const no = await person.get(`/result-lists/${number}`);
    expect([no.status, no.headers.get('Content-Language'), typeof no.body.detail]).toEqual([403, given, 'string']);
    const unread = await person.post('/result-lists/sign', { lists: [{ number, version: 1, proof: randomUUID() }] });
    expect(unread.body.items).toMatchObject([{ outcome: 'refused', text: expect.stringMatching(words) }]);
    expect((await person.get('/reports/complaints/unfinished?format=csv')).status).toBe(200);
  });

  it('is English for somebody unknown who says nothing', async () => {
    const answer = await at.app.request('/me');
    expect(answer.headers.get('Content-Language')).toBe('en');
    expect(((await answer.json()) as any).detail).toBe(refusalTexts['sign-in-needed'].en);
    const swedish = await at.app.request('/me', { headers: { 'Accept-Language': 'sv' } });
    expect(((await swedish.json()) as any).detail).toBe(refusalTexts['sign-in-needed'].sv);
  });

  it('is that of state and commands too', async () => {
    const words = async (language: string) => {
      const { body } = await at.as('tove').get(`/result-lists/${number}`, { 'Accept-Language': language });
      return [body.stateText, body.commands.find((one: any) => one.name === 'send').title];
    };
    expect([await words('sv'), await words('nb'), await words('en')]).toEqual([
      ['Utkast', 'Skicka till examinator'],
      ['Utkast', 'Send til sensor'],
      ['Draft', 'Send to the examiner'],
    ]);
  });

  it('is that of a command and a state that a refusal names', async () => {
    const sent = (language: string) =>
      at
        .as('eva')
        .post(`/result-lists/${number}/return`, { reason: 'Look once more.' }, { headers: { 'Accept-Language': language } });
    expect((await sent('sv')).body).toMatchObject({
      code: 'wrong-state',
      detail: 'Åtgärden ”Skicka tillbaka” går inte när ärendet är i läget ”Utkast”.',
      details: { command: 'return', state: 'draft' },
    });
    expect((await sent('nb')).body.detail).toBe('Handlingen «Send tilbake» går ikke når saken er i tilstanden «Utkast».');
    const portal = await at.as('tove').post('/me/administration-mode', { on: true }, { headers: { 'Accept-Language': 'sv' } });
    expect(portal.body.detail).toBe('Åtgärden ”Slå på administrationsläget” kräver en annan roll eller en annan kurs.');
  });

  it('has every refusal in three languages, with the same blanks in each, and every reason of an order', () => {
    for (const [code, { sv, nb, en }] of [...Object.entries(refusalTexts), ...Object.entries(orderReasons)]) {
      const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();
      expect({ code, nb: blanks(nb), en: blanks(en) }).toEqual({ code, nb: blanks(sv), en: blanks(sv) });
      expect(new Set([sv, nb, en]).size).toBe(3);
    }
  });
});
