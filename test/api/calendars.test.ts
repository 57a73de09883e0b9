import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { newList, sentList, signedList } from '../support/lists.js';
import { auditOf, changeStaff, newcomer } from '../support/staff.js';
import { openUniversity, type Caller, type University } from '../support/university.js';

describe('a calendar address', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  const made = async (who: Caller, role: string) =>
    (await who.post('/me/calendars', { role })).body as { id: string; address: string };
  const pathOf = (address: string) => new URL(address).pathname;
  /** As a calendar program asks: without a token. */
  const fetched = (address: string) => at.app.request(pathOf(address));
  const events = async (address: string) => {
    const text = (await (await fetched(address)).text()).replace(/\r\n /g, '');
    return text
      .split('BEGIN:VEVENT')
      .slice(1)
      .map((event) =>
        Object.fromEntries(
          event
            .split('\r\n')
            .filter(Boolean)
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]),
        ),
      );
  };
  const numbersIn = async (address: string) => (await events(address)).map((event) => event['SUMMARY']?.match(/\d+/)?.[0]);

  it('shows, without sign-in, the open cases that wait for its role, by kind, number and state, with their deadline and why', async () => {
    const list = await sentList(at);
    const { due } = await list.read();
    const { address } = await made(at.as('eva'), 'examiner');
    const answer = await fetched(address);
    expect([answer.status, answer.headers.get('Content-Type'), answer.headers.get('Cache-Control')]).toEqual([
      200,
      'text/calendar; charset=utf-8',
      'no-store',
    ]);
    const event = (await events(address)).find((one) => one['SUMMARY']?.includes(list.number));
    const { id, step } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
    expect(event).toMatchObject({
      UID: `${id}@registrar`,
      'DTSTART;VALUE=DATE': due.on.replaceAll('-', ''),
      SUMMARY: `Resultatlista ${list.number}: Hos examinator`,
      SEQUENCE: String(step),
      'URL;VALUE=URI': `${at.config.PUBLIC_URL}/result-lists/${list.number}`,
    });
    expect(event?.['DESCRIPTION']).toMatch(
      new RegExp(
        `^Regel: RL-37\\.\\\\nRäknat från att listan skickades.* ${due.why.from}: \\d+ arbetsdag(ar)?\\.\\\\n.*/result-lists/${list.number}$`,
      ),
    );
    const title = (await (await fetched(address)).text()).match(/^NAME:(.*)\r$/m)?.[1];
    expect(title).toBe('Registrar\\, väntar på examinator');
  });

  it('drops a case that waits for somebody else, and names it by the same UID, counted on, when it is back', async () => {
    const list = await sentList(at);
    const { address } = await made(at.as('eva'), 'examiner');
    const shown = async () => (await events(address)).find((one) => one['SUMMARY']?.includes(list.number));
    const first = await shown();
    await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look once more.' });
    expect(await shown()).toBeUndefined();
    expect((await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() })).status).toBe(200);
    const again = await shown();
    expect(again?.['UID']).toBe(first?.['UID']);
    expect(Number(again?.['SEQUENCE'])).toBeGreaterThan(Number(first?.['SEQUENCE']));
    const [signed, draft] = [await signedList(at), await newList(at, 'tove')];
    for (const number of [signed.number, draft.number]) expect(await numbersIn(address)).not.toContain(number);
  });

  it('shows nothing that waits for another role, also where there is something to do about it', async () => {
    const list = await sentList(at);
    expect((await at.as('karin').get(`/result-lists/${list.number}`)).body.commands.map((one: any) => one.name)).toContain(
      'check-registrations',
    );
    expect(await numbersIn((await made(at.as('karin'), 'course-office')).address)).toEqual([]);
  });

  it('shows the courses alone that the role is for, and none of another institution', async () => {
    const list = await sentList(at);
    const [guest, other] = [
      await newcomer(at, [{ role: 'examiner', course: 'XX1000' }]),
      await newcomer(at, [{ role: 'examiner', course: 'YY2000' }]),
    ];
    expect(await numbersIn((await made(guest, 'examiner')).address)).toContain(list.number);
    expect(await numbersIn((await made(other, 'examiner')).address)).toEqual([]);
    const mine = (await made(guest, 'examiner')).address;
    await at.world.db.$executeRaw`UPDATE cases SET institution = 'elsewhere' WHERE number = ${BigInt(list.number)}`;
    expect(await numbersIn(mine)).not.toContain(list.number);
    await at.world.db.$executeRaw`UPDATE cases SET institution = 'bth' WHERE number = ${BigInt(list.number)}`;
  });

  it('shows what its owner may see at that moment: nothing without the role, and no calendar of somebody who is staff no more', async () => {
    const list = await sentList(at);
    const guest = await newcomer(at, [{ role: 'examiner', course: 'XX1000' }], { language: 'nb' });
    const { address } = await made(guest, 'examiner');
    expect((await events(address)).map((event) => event['SUMMARY'])).toContain(`Resultatliste ${list.number}: Hos sensor`);
    await changeStaff(at, guest.id, { roles: [{ role: 'teacher' }] });
    expect(await events(address)).toEqual([]);
    expect((await fetched(address)).status).toBe(200);
    await at.world.db.$executeRaw`DELETE FROM persons WHERE id = ${guest.id}::uuid`;
    expect((await fetched(address)).status).toBe(404);
  });

  it('is made for a role that its owner holds, and is refused and traced for another', async () => {
    const refused = await at.as('tove').post('/me/calendars', { role: 'examiner' }, { headers: { 'Accept-Language': 'sv' } });
    expect(refused).toMatchObject({
      status: 403,
      body: { code: 'role-not-held', rule: 'registrar', detail: 'Du har inte rollen ”examinator” i dag.' },
    });
    expect((await at.as('tove').post('/me/calendars', { role: 'king' })).status).toBe(422);
    expect(
      (await auditOf(at)).filter((entry) => entry.action === 'me.make-calendar' && entry.outcome === 'refused'),
    ).toHaveLength(1);
  });

  it('is listed without its secret, told to have been fetched, and shown to nobody else', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const { id, address } = await made(guest, 'teacher');
    expect((await guest.get('/me/calendars')).body).toEqual({
      items: [{ id, role: 'teacher', madeAt: expect.any(String), fetchedOn: null }],
    });
    await fetched(address);
    expect((await guest.get('/me/calendars')).body.items[0].fetchedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect((await at.as('rut').get('/me/calendars')).body.items).toEqual([]);
  });

  it('is found no more when its owner has ended it; nobody else can', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const { id, address } = await made(guest, 'teacher');
    expect(await at.as('tove').post(`/me/calendars/${id}/end`)).toMatchObject({
      status: 404,
      body: { code: 'no-such-calendar' },
    });
    expect((await fetched(address)).status).toBe(200);
    expect(await guest.post(`/me/calendars/${id}/end`)).toMatchObject({ status: 200, body: { id, ended: true } });
    expect((await fetched(address)).status).toBe(404);
    expect((await guest.get('/me/calendars')).body.items).toEqual([]);
    expect((await guest.post(`/me/calendars/${id}/end`)).status).toBe(404);
  });

  it('is the same again under the same key, and stands in no table, no stored answer, no audit and no log', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    const key = randomUUID();
    const [first, again] = [
      await guest.post('/me/calendars', { role: 'teacher' }, { key }),
      await guest.post('/me/calendars', { role: 'teacher' }, { key }),
    ];
    expect(first.status).toBe(201);
    expect(again.body).toEqual(first.body);
    const secret = pathOf(first.body.address).slice('/calendars/'.length, -'.ics'.length);
    expect(secret).toMatch(/^[\w-]{43}$/);
    await fetched(first.body.address);
    const kept = await at.world.db.$queryRaw<{ text: string }[]>`
      SELECT to_jsonb(c)::text AS text FROM commands c UNION ALL SELECT to_jsonb(a)::text FROM calendar_addresses a UNION ALL SELECT entry FROM audit_entries`;
    const everything = `${kept.map((row) => row.text).join('\n')}\n${readFileSync(at.logFile, 'utf8')}`;
    expect(everything).toContain(first.body.id);
    expect(everything).not.toContain(secret);
  });

  it('is one of at most twenty', async () => {
    const guest = await newcomer(at, [{ role: 'teacher' }]);
    for (let i = 0; i < 20; i += 1) await made(guest, 'teacher');
    expect(await guest.post('/me/calendars', { role: 'teacher' })).toMatchObject({
      status: 409,
      body: { code: 'too-many-calendars', details: { most: 20 } },
    });
  });

  it.each(['a'.repeat(43), `${'a'.repeat(43)}.ics`, `${'a'.repeat(42)}.ics`, '.ics', "';--.ics"])(
    'that nobody made is not found: %s',
    async (name) => {
      expect((await at.app.request(`/calendars/${encodeURIComponent(name)}`)).status).toBe(404);
    },
  );
});
