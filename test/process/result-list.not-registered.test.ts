import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { student } from '../simulators/sample.js';
import { delivered, filledList, inHand, ordered, proofBySms, type ListInHand } from '../support/lists.js';
import { mailed } from '../support/register.js';
import { sign } from '../support/signing.js';
import { auditOf } from '../support/staff.js';
import { eventually, openUniversity, personOf, type Login, type University } from '../support/university.js';

const stranger = student(25);
const early = student(3);

describe('students without valid registration', () => {
  let at: University;
  let list: ListInHand;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());
  beforeEach(async () => {
    list = await filledList(at);
    await ordered(
      at,
      'tove',
      await at.as('tove').post(`/result-lists/${list.number}/fetch`, { from: 'single', personNumber: stranger.personNumber }),
    );
  });
  const give = (command: string, login: Login = 'tove', body: object = {}) =>
    at.as(login).post(`/result-lists/${list.number}/${command}`, body);
  const save = async (...rows: { student: string; grade: string | null; examinationDate: string | null }[]) => {
    const saved = await give('save', 'tove', { version: await list.version(), rows });
    if (saved.status !== 200) throw new Error(JSON.stringify(saved.body));
  };
  const offered = async (login: Login, which = list): Promise<string[]> =>
    (await which.read(login)).commands.map((one: any) => one.name);
  const twoWithout = () =>
    save(
      { student: stranger.uid, grade: 'B', examinationDate: '2026-11-02' },
      { student: early.uid, grade: null, examinationDate: '2026-08-30' },
      { student: student(0).uid, grade: 'C', examinationDate: null },
    );
  const letterTo = (login: Login) => mailed(at, personOf(login).email, (mail) => mail.subject.endsWith(list.number));
  const set = async (name: string, value: unknown) => {
    await at.as('olle').post('/me/administration-mode', { on: true });
    expect((await at.as('olle').post(`/settings/${name}`, { value, from: '2020-01-01', reason: 'For this test.' })).status).toBe(
      200,
    );
  };

  it('RL-31 is offered beside saving only while somebody dated, graded or not, is without: not for a row without its date', async () => {
    expect(await offered('tove')).not.toContain('mail-not-registered');
    await save({ student: stranger.uid, grade: 'B', examinationDate: null });
    expect(await offered('tove')).not.toContain('mail-not-registered');
    await save({ student: early.uid, grade: null, examinationDate: '2026-08-30' });
    for (const login of ['tove', 'eva', 'erik'] as const) expect(await offered(login)).toContain('mail-not-registered');
    expect(await offered('karin')).not.toContain('mail-not-registered');
    await save({ student: early.uid, grade: null, examinationDate: '2026-08-31' });
    expect(await offered('tove')).not.toContain('mail-not-registered');
  });

  it('RL-31 is refused where there are none, and to the course office', async () => {
    expect(await give('mail-not-registered')).toMatchObject({
      status: 409,
      body: { rule: 'RL-31', code: 'nobody-not-registered' },
    });
    await twoWithout();
    expect(await give('mail-not-registered', 'karin')).toMatchObject({
      status: 403,
      body: { rule: 'RL-31', code: 'not-yours-to-give' },
    });
  });

  it('RL-34 holds name, personal number, course name and code in one line for each of them, and nobody else', async () => {
    await twoWithout();
    expect(await give('mail-not-registered')).toMatchObject({ status: 200, body: { case: { state: 'draft' } } });
    const lines = (await letterTo('tove')).text.split(/\r?\n/);
    const line = ({ givenName, surname, personNumber }: typeof stranger, date: string) =>
      `${givenName} ${surname}, ${personNumber.slice(0, 8)}-${personNumber.slice(8)}, Exempelkurs (XX1000), examinationsdatum ${date}`;
    expect(lines.filter((one) => one.includes('examinationsdatum 2026'))).toEqual([
      line(stranger, '2026-11-02'),
      line(early, '2026-08-30'),
    ]);
  });

  it('RL-30 keeps no personal number with the promise: the letter is written when it is sent', async () => {
    await twoWithout();
    await give('mail-not-registered');
    await letterTo('tove');
    const kept = await at.world.db.outbox.findMany({ where: { key: { startsWith: 'mail:not-registered:' } } });
    expect(kept.map(({ payload }) => payload)).toContainEqual({ letter: 'not-registered', to: personOf('tove').id });
    for (const { payload } of kept) expect(Object.keys(payload as object).sort()).toEqual(['letter', 'to']);
    const audit = JSON.stringify(await auditOf(at, `result-list/${list.number}`));
    for (const { personNumber, surname } of [stranger, early])
      for (const word of [personNumber, surname]) expect(audit).not.toContain(word);
  });

  it('RL-32 goes to whoever asked, in that language, and to nobody else; asked again it is sent again', async () => {
    await twoWithout();
    const about = async () =>
      ((await (await at.simulators.mailbox.app.request('/messages')).json()) as { to: string[]; subject: string }[]).filter(
        (mail) => mail.subject.includes(list.number),
      );
    await give('mail-not-registered', 'erik');
    expect((await letterTo('erik')).text).toContain('Students on result list');
    await give('mail-not-registered', 'erik');
    await give('mail-not-registered', 'eva');
    await letterTo('eva');
    const keys = await at.world.db.outbox.findMany({
      where: { key: { startsWith: 'mail:not-registered:' }, payload: { path: ['to'], equals: personOf('erik').id } },
    });
    expect(keys).toHaveLength(2);
    const receivers = new Set((await about()).flatMap((mail) => mail.to));
    expect([...receivers].sort()).toEqual([personOf('erik').email, personOf('eva').email].sort());
  });

  it('RL-33 registers nobody, and says so and whom to contact', async () => {
    const before = await at.world.db.registration.findMany({ where: { courseCode: 'XX1000' } });
    await twoWithout();
    await set('contacts', { suggestions: 'forslag@bth.example', reporting: 'fragor@bth.example' });
    await give('mail-not-registered');
    const { text } = await letterTo('tove');
    expect(text).toMatch(/registrerar ingen\. Kontakta Kurs- och programstöd: .* vidarebefordra brevet till fragor@bth\.example/);
    expect(await at.world.db.registration.findMany({ where: { courseCode: 'XX1000' } })).toEqual(before);
    const marked = (await list.rows()).filter((row) => row.problem === 'not-registered').map((row) => row.student);
    expect(marked.sort()).toEqual([stranger.uid, early.uid].sort());
  });

  it('RL-34 holds a link instead of personal numbers where the institution has set so', async () => {
    await set('person-number-in-mail', false);
    await twoWithout();
    await give('mail-not-registered');
    const { text } = await letterTo('tove');
    await set('person-number-in-mail', true);
    expect(text).toContain(`${stranger.givenName} ${stranger.surname}, Exempelkurs (XX1000)`);
    expect(text).not.toContain(stranger.personNumber.slice(0, 8));
    expect(text).toMatch(new RegExp(`Personnumren står på resultatlistan:\\s+\\S+/result-lists/${list.number}\\b`));
  });

  describe('on a list of their own', () => {
    const move = async (login: Login, other: { key?: string } = {}) =>
      at.as(login).post(`/result-lists/${list.number}/move-not-registered`, { version: await list.version() }, other);
    const send = async () => expect((await give('send', 'tove', { version: await list.version() })).status).toBe(200);
    const oneWithout = () =>
      save(
        ...Array.from({ length: 12 }, (_, index) => ({ student: student(index).uid, grade: 'B', examinationDate: '2026-11-02' })),
        { student: stranger.uid, grade: 'C', examinationDate: '2026-11-02' },
      );
    const who = async (which: ListInHand) => (await which.rows()).map((row) => row.student).sort();
    const registered = Array.from({ length: 12 }, (_, index) => student(index).uid).sort();

    it('RL-23 moves them with all that stands on the row, and both lists know of each other', async () => {
      await oneWithout();
      const before = (await list.rows()).find((row) => row.student === stranger.uid);
      const moved = await move('eva');
      expect(moved).toMatchObject({ status: 200, body: { answer: { list: expect.stringMatching(/^\d+$/), rows: 1 } } });
      const other = inHand(at, moved.body.answer.list);
      expect(await other.rows()).toEqual([before]);
      expect(await who(list)).toEqual(registered);
      expect(await list.read()).toMatchObject({ state: 'draft', data: { movedTo: [other.number] } });
      expect(await other.read()).toMatchObject({
        state: 'draft',
        waitingFor: 'examiner',
        data: {
          listKind: 'T33',
          course: { code: 'XX1000' },
          module: { code: 'TEN1' },
          movedFrom: list.number,
          enteredBy: [personOf('tove').id],
        },
      });
      expect((await other.read()).data.movedTo).toBeUndefined();
      const traced = await auditOf(at, `result-list/${list.number}`);
      expect(traced.filter((entry) => entry.action === 'result-list.move-not-registered')).toMatchObject([
        { actor: personOf('eva').id, details: { rows: 1, movedTo: other.number } },
      ]);
      expect((await auditOf(at, `result-list/${other.number}`))[0]).toMatchObject({
        action: 'result-list.create',
        actor: personOf('eva').id,
        details: { movedFrom: list.number, rows: 1 },
      });
    });

    it('RL-23 so that they hold up nobody else: the rest is signed, the others stay unsigned until they are registered', async () => {
      await oneWithout();
      await send();
      expect(await give('request-code', 'eva', { version: await list.version() })).toMatchObject({
        status: 409,
        body: { rule: 'RL-23' },
      });
      const other = inHand(at, (await move('eva')).body.answer.list);
      expect((await sign(at, list, await proofBySms(at, list))).status).toBe(200);
      expect(
        await at.as('eva').post(`/result-lists/${other.number}/request-code`, { version: await other.version() }),
      ).toMatchObject({ status: 409, body: { rule: 'RL-23' } });
      expect(
        (await mailed(at, personOf('tove').email, (mail) => mail.subject === `Resultatlista ${list.number} har rättats`)).text,
      ).toContain('Examinator har rättat');
    });

    it('RL-23 the list that was made runs by itself at once, before anybody gives it a command', async () => {
      await oneWithout();
      const { number } = inHand(at, (await move('tove')).body.answer.list);
      const described = await eventually('its workflow runs', () =>
        at.world.temporal.workflow
          .getHandle(`result-list/${number}`)
          .describe()
          .catch(() => undefined),
      );
      expect(described.status.name).toBe('RUNNING');
    });

    it('RL-23 makes one list however often the command is repeated', async () => {
      await oneWithout();
      const version = await list.version();
      const again = () =>
        at.as('tove').post(`/result-lists/${list.number}/move-not-registered`, { version }, { key: 'the-same-key-again' });
      const [first, second] = [await again(), await again()];
      expect(second.body).toEqual(first.body);
      expect((await list.read()).data.movedTo).toEqual([first.body.answer.list]);
      expect(await move('tove')).toMatchObject({ status: 409, body: { rule: 'RL-23', code: 'nobody-not-registered' } });
    });

    it('RL-38 makes void a code for the content as it was', async () => {
      const sent = await filledList(at);
      list = sent;
      await send();
      const proof = await proofBySms(at, sent);
      // Sending and asking for a code read the registrations anew, and might put back what is taken away here.
      await delivered(sent);
      await at.world.db.registration.deleteMany({ where: { studentUid: early.uid, courseCode: 'XX1000' } });
      const read = await sent.version();
      expect((await move('eva')).status).toBe(200);
      expect(await at.as('eva').post(`/result-lists/${sent.number}/sign`, { version: read, proof })).toMatchObject({
        status: 409,
        body: { rule: 'RL-38', code: 'changed-meanwhile' },
      });
      expect(
        await at.as('eva').post(`/result-lists/${sent.number}/sign`, { version: await sent.version(), proof }),
      ).toMatchObject({ status: 409, body: { rule: 'RL-38', code: 'content-changed' } });
      await ordered(at, 'karin', await give('check-registrations', 'karin'));
    });

    it('RL-23 is refused with nobody to move, with everybody, to who read an older version, and to a teacher once the list is sent', async () => {
      expect(await move('tove')).toMatchObject({ status: 409, body: { rule: 'RL-23', code: 'nobody-not-registered' } });
      expect(await offered('tove')).not.toContain('move-not-registered');
      await oneWithout();
      expect(await give('move-not-registered', 'tove', { version: 1 })).toMatchObject({
        status: 409,
        body: { rule: 'RL-38', code: 'changed-meanwhile' },
      });
      expect(await offered('tove')).toContain('move-not-registered');
      await send();
      expect(await move('tove')).toMatchObject({ status: 403, body: { rule: 'RL-23', code: 'not-yours-to-give' } });
      expect([await offered('tove'), await offered('eva')].map((names) => names.includes('move-not-registered'))).toEqual([
        false,
        true,
      ]);
      expect((await give('return', 'eva', { reason: 'Once more' })).status).toBe(200);
      await give('remove', 'tove', { version: await list.version(), students: registered });
      expect(await move('tove')).toMatchObject({ status: 409, body: { rule: 'RL-23', code: 'all-not-registered' } });
      expect(await who(list)).toEqual([stranger.uid]);
    });
  });
});
