import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createClient, NoAnswer, Problem, type Accepted, type Done } from 'registrar/client';
import { sentList } from '../support/lists.js';
import { openForExchange, registrationOf, testStudent } from '../support/students.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

describe('the typed client', () => {
  let at: University;
  let token: string;
  beforeAll(async () => {
    at = await openUniversity();
    token = await (await fetch(`${at.config.OIDC_ISSUER}/token/tove`)).text();
  });
  afterAll(() => at.close());

  const registrar = () =>
    createClient({ baseUrl: 'http://registrar.example', token: token.trim(), fetch: (request) => at.app.request(request) });

  it('gives commands whose bodies are checked by the compiler, and reads the case', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    const made = await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' });
    expect(made.case).toMatchObject({ kind: 'result-list', state: 'draft' });
    expect((await lists.read(made.case.number)).commands.map((command) => command.name)).toContain('withdraw');
    const given = await lists.give(made.case.number, 'withdraw', {});
    expect('accepted' in given ? 'not yet' : given.case.state).toBe('withdrawn');
    // @ts-expect-error What is only taken has no case yet.
    expect(given.case).toMatchObject({ state: 'withdrawn' });
    // @ts-expect-error A sending without its version does not compile.
    await expect(lists.give(made.case.number, 'send', {})).rejects.toBeInstanceOf(Problem);
  });

  it('reads and sets settings with the value that belongs to each', async () => {
    const ofOlle = createClient({
      baseUrl: 'http://registrar.example',
      token: await at.simulators.identityProvider.makeToken({ sub: personOf('olle').id }),
      fetch: (request) => at.app.request(request),
    });
    const longer = { value: 7, from: '2027-01-01', reason: 'Decided.' };
    await expect(ofOlle.set('code-length', longer)).rejects.toMatchObject({
      problem: { rule: 'RL-55', code: 'administration-mode-off' },
    });
    expect(await ofOlle.administration(true)).toEqual({ on: true });
    await ofOlle.set('code-length', longer, { key: 'once' });
    // @ts-expect-error The length of a code is a number.
    await expect(ofOlle.set('code-length', { ...longer, value: 'long' })).rejects.toMatchObject({ problem: { status: 422 } });
    expect([
      (await ofOlle.setting('code-length', '2026-12-31')).value,
      (await ofOlle.setting('code-length', '2027-01-01')).value,
    ]).toEqual([5, 7]);
    expect((await ofOlle.setting('contacts')).value.reporting).toBe('utbildningsstod@bth.example');
  });

  it('RX-08 registers and finds a student, and enters and reads what they answered', async () => {
    await openForExchange(at);
    const ofStina = createClient({
      baseUrl: 'http://registrar.example',
      token: await at.simulators.identityProvider.makeToken({ sub: personOf('stina').id }),
      fetch: (request) => at.app.request(request),
    });
    const { person, numberKind } = await ofStina.registerStudent(registrationOf(testStudent('test1')));
    expect(numberKind).toBe('fs-test');
    expect(await ofStina.findStudent('01536112185')).toBe(person);
    expect((await ofStina.student(person)).surname).toBe('Resultatutveksling');
    await ofStina.enterConsent({ person, answer: 'J', reason: 'On paper.' });
    expect((await ofStina.consents(person)).map(({ answer }) => answer)).toEqual(['J']);
    // @ts-expect-error A consent is J or N.
    await expect(ofStina.enterConsent({ person, answer: 'yes' })).rejects.toBeInstanceOf(Problem);
    const { case: approval } = await ofStina.process('approval', 'approvals').create({ person });
    expect(await ofStina.externalStudies(approval.number)).toEqual([]);
    await expect(ofStina.askedInstitutions('4711')).rejects.toMatchObject({ problem: { code: 'no-such-case' } });
    await expect(ofStina.externalChanges('4711')).rejects.toMatchObject({ problem: { code: 'no-such-case' } });
  });

  it('gives the same key the same answer', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    const [first, second] = [
      await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' }, { key: 'one' }),
      await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' }, { key: 'one' }),
    ];
    expect(second).toEqual(first);
  });

  it('turns a refusal into an error with its rule', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    await expect(lists.create({ kind: 'T33', course: 'XX1000', module: 'NONE' })).rejects.toMatchObject({
      problem: { rule: 'RL-01', code: 'unknown-module' },
    });
  });

  it('tells what is uncertain or failed, mends it, and opens the SMS way for operations', async () => {
    at.simulators.mailbox.faults.push({ match: `RCPT ${personOf('eva').email}`, effect: 'permanent', times: 1 });
    const list = await sentList(at);
    const ofOlle = createClient({
      baseUrl: 'http://registrar.example',
      token: await at.simulators.identityProvider.makeToken({ sub: personOf('olle').id }),
      fetch: (request) => at.app.request(request),
    });
    const lists = ofOlle.process('resultList', 'result-lists');
    const [one] = await eventually('the letter has failed', async () => {
      const { items } = await lists.deliveries(list.number, { limit: 1 });
      return items.length > 0 && items;
    });
    expect(one).toMatchObject({ channel: 'mail', letter: 'sent-to-examiner', state: 'failed' });
    expect(await lists.deliveries(list.number, { after: one?.id ?? '' })).toEqual({ items: [], next: null });
    expect(await lists.mend(list.number, one?.id ?? '', 'send-again', { key: 'one' })).toEqual({
      id: one?.id,
      state: 'pending',
      needsAttention: false,
    });
    // @ts-expect-error There is no other way to mend one.
    await expect(lists.mend(list.number, one?.id ?? '', 'forget')).rejects.toMatchObject({ problem: { status: 404 } });
    await expect(ofOlle.unlockSigning(personOf('eva').id, 'Asked at the desk.')).rejects.toMatchObject({
      problem: { code: 'not-locked' },
    });
    await at.world.db.signingFailure.create({ data: { personId: personOf('eva').id, inARow: 10, lockedAt: new Date() } });
    await ofOlle.unlockSigning(personOf('eva').id, 'Asked at the desk.');
    expect(await at.world.db.signingFailure.findUnique({ where: { personId: personOf('eva').id } })).toMatchObject({
      lockedAt: null,
    });
  });

  it('tells a command that was taken from one that is done, and hears later what became of it', async () => {
    const lists = registrar().process('resultList', 'result-lists');
    const { case: list } = await lists.create({ kind: 'T33', course: 'XX1000', module: 'TEN1' });
    await lists.give(list.number, 'withdraw', {});
    const { key } = await at.world.db.command.findFirstOrThrow({
      where: { name: 'withdraw', caller: personOf('tove').id },
      orderBy: { askedAt: 'desc' },
    });
    const place = `/commands/${key}`;
    const slow = createClient({
      baseUrl: 'http://registrar.example',
      token: token.trim(),
      fetch: (request) =>
        request.method === 'POST'
          ? Response.json({ accepted: true }, { status: 202, headers: { Location: place } })
          : at.app.request(request),
    });
    const taken: Done | Accepted = await slow.process('resultList', 'result-lists').give(list.number, 'withdraw', {});
    expect(taken).toEqual({ accepted: true, location: place });
    expect(await slow.look(taken as Accepted)).toMatchObject({ case: { state: 'withdrawn' }, location: null });
    await at.world.db.$transaction([
      at.world.db.$executeRaw`ALTER TABLE commands DISABLE TRIGGER USER`,
      at.world.db.$executeRaw`UPDATE commands SET outcome = NULL WHERE key = ${key}`,
      at.world.db.$executeRaw`ALTER TABLE commands ENABLE TRIGGER USER`,
    ]);
    expect(await slow.look(taken as Accepted)).toEqual({ accepted: true, location: place });
  });

  it.each([
    [429, 'too-busy', '1', 1],
    [503, 'not-now', '2', 2],
    [409, 'wrong-state', '', null],
  ])('says with %s %s when to ask again', async (status, code, header, retryAfter) => {
    const problem = { type: `/problems/${code}`, status, code, rule: 'registrar' };
    const refusing = createClient({
      baseUrl: 'http://registrar.example',
      token: 'token',
      fetch: () => Response.json(problem, { status, headers: header ? { 'Retry-After': header } : {} }),
    });
    await expect(refusing.consents('somebody')).rejects.toEqual(
      expect.objectContaining({ name: 'Problem', problem, retryAfter }),
    );
  });

  it.each([
    ['the page of a proxy', 502, '<html>Bad gateway</html>'],
    ['JSON of somebody else', 500, '{"message":"upstream"}'],
    ['an answer that came in half', 200, '{"case":{"number":"47'],
    ['nothing', 504, ''],
  ])('says that %s is no answer', async (_what, status, body) => {
    const lost = createClient({
      baseUrl: 'http://registrar.example',
      token: 'token',
      fetch: () => new Response(body, { status }),
    });
    const given = lost.process('resultList', 'result-lists').give('4711', 'withdraw', {});
    await expect(given).rejects.toEqual(expect.objectContaining({ name: 'NoAnswer', status }));
    await expect(given).rejects.toBeInstanceOf(NoAnswer);
  });
});
