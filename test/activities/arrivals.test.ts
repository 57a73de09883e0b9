import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { ladok, type Ladok } from '../../activities/ladok.js';
import { followFeed } from '../../activities/result-list/arrivals.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { createRegister } from '../../activities/result-list/register.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { ladokSimulator } from '../simulators/ladok.js';
import { courses, institution, staff, students } from '../simulators/sample.js';
import { freshDatabase } from '../support/database.js';
import { eventually } from '../support/university.js';

const course = courses[0]!;
const module = course.modules[0]!;
const occasion = course.occasions[0]!;
const [NAME, DATE] = [`ladok-feed/${institution.code}`, '2026-11-02'];

describe('following the event feed', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  let sim: ReturnType<typeof ladokSimulator>;
  let server: Awaited<ReturnType<typeof sim.listen>>;
  let client: Ladok;
  let studyResults: ReadonlyMap<number, string>;
  let grades: Awaited<ReturnType<Ladok['gradeScale']>>;
  beforeAll(async () => {
    database = await freshDatabase();
    // Waits are made on purpose here, and a busy machine may take its time.
    db = createDatabase({ url: `${database.url}?lock_timeout=9000&statement_timeout=9000` });
    const { code, name, zone, language } = institution;
    await db.institution.create({ data: { code, name, zone, language } });
    await db.courseOccasion.create({
      data: {
        institution: code,
        uid: occasion.uid,
        courseCode: course.code,
        term: occasion.term,
        fromDate: asDate(occasion.from),
        toDate: asDate(occasion.to),
        takenAt: new Date(),
      },
    });
  });
  beforeEach(async () => {
    sim = ladokSimulator({ eventsOnPage: 3 });
    server = await sim.listen();
    client = ladok({ baseUrl: server.url, timeoutMs: 2_000 });
    studyResults = new Map(
      (await client.reportRows({ moduleInstanceUid: module.instanceUid, occasionUids: [occasion.uid] })).map((row) => [
        students.findIndex((one) => one.uid === row.studentUid),
        row.studyResultUid,
      ]),
    );
    grades = await client.gradeScale((await client.courses({ courseCode: course.code }))[0]!.modules[0]!.scaleId);
  });
  afterEach(async () => {
    await client.close();
    await server.close();
    for (const table of ['case', 'resultRow', 'rowTransfer', 'earlyEvent', 'cursor', 'partnerHealth'] as const)
      await (db[table] as { deleteMany(): Promise<unknown> }).deleteMany();
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const admin = async (path: string, body: object) => {
    const answer = await fetch(`${server.url}/__sim/${path}`, { method: 'POST', body: JSON.stringify(body) });
    expect(answer.ok).toBe(true);
  };
  /** A list that was entered, with a B for each of some students: the transfer is next. */
  const entered = async (...indexes: readonly number[]): Promise<string> => {
    const id = randomUUID();
    const [at, by] = [new Date().toISOString(), staff[1]!.id];
    const rows = indexes.map((index) => ({ student: students[index]!.uid, grade: 'B', examinationDate: DATE, score: null }));
    const data = {
      listKind: 'T33',
      course: { code: course.code, nameSv: '', nameEn: '' },
      module: { code: module.code, nameSv: '', nameEn: '', uid: module.instanceUid },
      scale: { id: String(grades.id), code: grades.code },
      signed: { version: 1, hash: 'h'.repeat(64), by, method: 'sms', at },
      entered: { by, at },
    };
    await db.case.create({
      data: {
        id,
        kind: 'result-list',
        institution: institution.code,
        state: 'registering',
        data,
        createdBy: by,
        createdAt: at,
        changedAt: at,
      },
    });
    await db.frozenVersion.create({
      data: {
        caseId: id,
        version: 1,
        hash: 'h'.repeat(64),
        frozenAt: at,
        content: JSON.stringify({ rows: rows.map((row) => ({ salt: 's', row })) }),
      },
    });
    await db.resultRow.createMany({
      data: rows.map((row) => ({
        caseId: id,
        studentUid: row.student,
        personNumber: '',
        surname: '',
        givenName: '',
        grade: row.grade,
        examinationDate: asDate(DATE),
      })),
    });
    return id;
  };
  /** Carries a list to the register; `read` is done after each look at the drafts there, before what was seen is kept. */
  const transfer = (caseId: string, read: (looks: number) => Promise<unknown> = async () => undefined) => {
    let looks = 0;
    const slow: Ladok = {
      ...client,
      reportRows: async (asked) => {
        const rows = await client.reportRows(asked);
        await read((looks += 1));
        return rows;
      },
    };
    return new MockActivityEnvironment().run(createRegister({ db, ladok: slow }).transferResults, { caseId, attention: false });
  };
  /** The third look is the one whose answer is kept. */
  const LAST_LOOK = 3;
  const follow = (more: Partial<Ladok> = {}, over?: AbortSignal) =>
    followFeed({ db, ladok: { ...client, ...more }, institution: institution.code, ...(over && { over }) });
  const attest = (...indexes: readonly number[]) => admin('attest', { resultatUIDer: indexes.map((index) => uidOf(index)) });
  const uidOf = (index: number) =>
    [...sim.store.drafts, ...sim.store.attested].find((one) => one.studyResultUid === studyResults.get(index))!.uid;

  const states = async (caseId: string) =>
    Object.fromEntries(
      (await db.rowTransfer.findMany({ where: { caseId } })).map((row) => [
        students.findIndex((one) => one.uid === row.studentUid),
        row.state,
      ]),
    );
  const early = () => db.earlyEvent.count();
  const cursor = async () => (await db.cursor.findUnique({ where: { name: NAME } }))?.value;
  const attention = async (id: string) => (await db.case.findUniqueOrThrow({ where: { id } })).needsAttention;
  const traces = async (action: string) =>
    (await db.auditEntry.findMany()).map(({ entry }) => JSON.parse(entry)).filter((one) => one.action === action);
  /** Everything the feed may change, and when. */
  const everything = async () =>
    JSON.stringify(
      [
        await db.rowTransfer.findMany({ orderBy: { studentUid: 'asc' } }),
        await db.earlyEvent.findMany({ orderBy: { eventId: 'asc' } }),
        await db.cursor.findMany(),
        await db.case.findMany({ orderBy: { id: 'asc' } }),
        await db.auditEntry.count(),
      ],
      (_key, value) => (typeof value === 'bigint' ? String(value) : value),
    );

  it('RL-46 marks what was attested at once, row by row, and asks for nothing else', async () => {
    const list = await entered(0, 1, 2);
    await transfer(list);
    expect(await states(list)).toEqual({ 0: 'ready', 1: 'ready', 2: 'ready' });
    await attest(0, 2);
    const asked = () => Promise.reject(new Error('asked'));
    await follow({ attestedResults: asked, reportRows: asked });
    expect(await states(list)).toEqual({ 0: 'attested', 1: 'ready', 2: 'attested' });
    expect(await attention(list)).toBe(false);
  });

  it('RL-46 tells what was decided otherwise apart and asks for attention, once', async () => {
    const list = await entered(0, 1);
    await transfer(list);
    await admin('edit-draft', { resultatUID: uidOf(0), betygsgrad: 'C' });
    sim.store.drafts.find((one) => one.uid === uidOf(1))!.date = '2026-11-03';
    await attest(0, 1);
    await follow();
    expect(await states(list)).toEqual({ 0: 'differs', 1: 'differs' });
    expect(await attention(list)).toBe(true);
    await follow();
    expect((await traces('result-list.differs')).filter((one) => one.case === list)).toMatchObject([
      { actor: 'system', rule: 'RL-46' },
    ]);
  });

  it('RL-46 holds a grade of a scale that nobody knows for another one', async () => {
    const list = await entered(0);
    await transfer(list);
    await attest(0);
    sim.store.events = sim.store.events.map((event) => ({ ...event, result: { ...event.result, scaleId: 1 } }));
    await follow();
    expect(await states(list)).toEqual({ 0: 'differs' });
  });

  it.each([
    ['attested before', true],
    ['still waiting', false],
  ])('RL-46 holds what was annulled for different, also where the row was %s', async (_what, before) => {
    const list = await entered(0);
    await transfer(list);
    const uid = uidOf(0);
    await attest(0);
    if (before) await follow();
    expect(await states(list)).toEqual({ 0: before ? 'attested' : 'ready' });
    await admin('annul', { resultatUIDer: [uid] });
    sim.store.events.reverse();
    await follow();
    expect(await states(list)).toEqual({ 0: 'differs' });
    expect(await attention(list)).toBe(true);
  });

  it.each(['arrived', 'informed'])(
    'RL-46 tells of a result that was annulled when its list was %s already, once',
    async (state) => {
      const [list, other] = [await entered(0, 1), await entered(2)];
      await transfer(list);
      await transfer(other);
      await attest(0, 1, 2);
      await follow();
      await db.case.updateMany({ where: { id: { in: [list, other] } }, data: { state } });
      const uid = uidOf(0);
      await admin('annul', { resultatUIDer: [uid] });
      await follow();
      expect([await states(list), await states(other)]).toEqual([{ 0: 'differs', 1: 'attested' }, { 2: 'attested' }]);
      expect(await db.rowTransfer.findFirst({ where: { caseId: list, state: 'differs' } })).toMatchObject({
        reason: 'annulled-later',
      });
      expect([await attention(list), await attention(other)]).toEqual([true, false]);
      const before = await everything();
      await follow();
      expect(await everything()).toBe(before);
      expect((await traces('result-list.differs')).filter((one) => one.case === list)).toHaveLength(1);
    },
  );

  it.each(['arrived', 'informed'])(
    'RL-46 asks for attention to a row that turns out to differ after a person let the list go on, when it is %s',
    async (state) => {
      const list = await entered(0);
      await transfer(list);
      await admin('edit-draft', { resultatUID: uidOf(0), betygsgrad: 'E' });
      await attest(0);
      await db.case.update({ where: { id: list }, data: { state } });
      await expect(
        new MockActivityEnvironment().run(createRegister({ db, ladok: client }).awaitAttestation, {
          caseId: list,
          attention: false,
        }),
      ).resolves.toBeDefined();
      expect([await states(list), await attention(list)]).toEqual([{ 0: 'differs' }, true]);
      expect(await db.rowTransfer.findFirst({ where: { caseId: list } })).toMatchObject({
        reason: 'attested-with-other-content-later',
      });
    },
  );

  describe('and an own id of the result', () => {
    /** Holds the case as a command does, until told to let go, and then has changed it. */
    const holdCase = async (id: string) => {
      let letGo = () => {};
      const until = new Promise<void>((done) => (letGo = done));
      let holding = () => {};
      const held = new Promise<void>((done) => (holding = done));
      const ended = db.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT id FROM cases WHERE id = ${id}::uuid FOR UPDATE`;
        holding();
        await until;
        await tx.$executeRaw`UPDATE cases SET version = version + 1 WHERE id = ${id}::uuid`;
      });
      await held;
      return { letGo: () => (letGo(), ended) };
    };
    const queue = (many: number) =>
      eventually(`${many} wait for the case`, async () => {
        const [found] = await db.$queryRaw<
          { n: bigint }[]
        >`SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return Number(found!.n) === many;
      });

    it('RL-46 is matched when the event comes before the id is stored', async () => {
      const list = await entered(0, 1);
      await transfer(list, async (looks) => {
        if (looks !== LAST_LOOK) return;
        await attest(0, 1);
        await follow();
        expect([await states(list), await early(), await cursor()]).toEqual([{}, 2, '1']);
      });
      expect(await states(list)).toEqual({ 0: 'attested', 1: 'attested' });
    });

    it('RL-46 is matched when the event of another decision comes before the id is stored', async () => {
      const list = await entered(0, 1);
      await transfer(list, async (looks) => {
        if (looks !== LAST_LOOK) return;
        await admin('edit-draft', { resultatUID: uidOf(0), betygsgrad: 'C' });
        await attest(0, 1);
        await follow();
      });
      expect(await states(list)).toEqual({ 0: 'differs', 1: 'attested' });
      expect(await attention(list)).toBe(true);
    });

    it.each(['event', 'id'])('RL-46 is matched when both come at the same moment, the %s a little earlier', async (first) => {
      for (let round = 0; round < 5; round += 1) {
        const list = await entered(round);
        const held = await holdCase(list);
        let following: Promise<void> | undefined;
        const transferring = transfer(list, async (looks) => {
          if (looks !== LAST_LOOK) return;
          await attest(round);
          if (first === 'id') return;
          following = follow();
          await queue(1);
        });
        if (first === 'id') {
          await queue(1);
          following = follow();
        }
        await queue(2);
        await held.letGo();
        await Promise.all([transferring, following]);
        expect(await states(list)).toEqual({ [round]: 'attested' });
      }
    });

    it('RL-46 is matched whoever comes first', async () => {
      const ends: Record<string, number> = {};
      for (let round = 0; round < 12; round += 1) {
        const list = await entered(round);
        let following: Promise<void> | undefined;
        await transfer(list, async (looks) => {
          if (looks !== LAST_LOOK) return;
          await attest(round);
          following = new Promise<void>((later) => setTimeout(later, round * 2)).then(() => follow());
        });
        await following;
        const [end] = Object.values(await states(list));
        ends[String(end)] = (ends[String(end)] ?? 0) + 1;
      }
      expect(ends).toEqual({ attested: 12 });
    });
  });

  it('RL-46 changes nothing when a page is read again, and takes in what was added to it', async () => {
    const list = await entered(0, 1, 2);
    const other = await entered(3);
    await transfer(list);
    await transfer(other);
    await db.rowTransfer.deleteMany({ where: { caseId: other } });
    await admin('edit-draft', { resultatUID: uidOf(1), betygsgrad: 'C' });
    await attest(0, 1);
    await attest(3);
    await follow();
    expect([await states(list), await early()]).toEqual([{ 0: 'attested', 1: 'differs', 2: 'ready' }, 3]);
    const before = await everything();
    for (let again = 0; again < 3; again += 1) await follow();
    expect(await everything()).toBe(before);
    await attest(2);
    await follow();
    expect(await states(list)).toEqual({ 0: 'attested', 1: 'differs', 2: 'attested' });
  });

  it.each(['event-twice', 'out-of-order'])(
    'RL-46 is not misled when events come otherwise than they happened (%s)',
    async (effect) => {
      const list = await entered(0, 1);
      await transfer(list);
      const uid = uidOf(0);
      await attest(0, 1);
      await admin('annul', { resultatUIDer: [uid] });
      sim.faults.push({ match: 'GET /handelser/*', effect });
      await follow();
      await follow();
      expect(await states(list)).toEqual({ 0: 'differs', 1: 'attested' });
      expect(await early()).toBe(3);
    },
  );

  it('begins at the newest page and goes on from where it stopped, page by page', async () => {
    const list = await entered(0, 1, 2, 3, 4, 5, 6, 7, 8);
    await transfer(list);
    for (const index of [0, 1, 2, 3]) await attest(index);
    await follow();
    expect([await cursor(), await states(list)]).toEqual([
      '2',
      expect.objectContaining({ 0: 'ready', 2: 'ready', 3: 'attested' }),
    ]);
    for (const index of [4, 5, 6, 7]) await attest(index);
    await follow();
    expect([await cursor(), await states(list)]).toEqual([
      '3',
      {
        0: 'ready',
        1: 'ready',
        2: 'ready',
        3: 'attested',
        4: 'attested',
        5: 'attested',
        6: 'attested',
        7: 'attested',
        8: 'ready',
      },
    ]);
  });

  it('begins no further page once its time is over, and goes on from there', async () => {
    const list = await entered(0, 1, 2, 3, 4, 5, 6, 7, 8);
    await transfer(list);
    await follow();
    for (const index of [0, 1, 2, 3, 4, 5, 6, 7]) await attest(index);
    const time = new AbortController();
    const slow: Ladok['feedPage'] = async (id) => {
      const page = await client.feedPage(id);
      if (id === '2') time.abort();
      return page;
    };
    await follow({ feedPage: slow }, time.signal);
    expect(await cursor()).toBe('2');
    await follow();
    expect(await cursor()).toBe('3');
  });

  it('stands where it stood when the feed is down or gives a page twice, and goes on from there', async () => {
    const list = await entered(0, 1, 2, 3, 4);
    await transfer(list);
    await follow();
    for (const index of [0, 1, 2, 3, 4]) await attest(index);
    for (const effect of ['500', '502-html', 'malformed', 'page-twice']) {
      sim.faults.push({ match: 'GET /handelser/feed/2', effect, times: 1 });
      await expect(follow()).rejects.toMatchObject({ name: 'PartnerUnavailable' });
      expect([await cursor(), await states(list)]).toEqual([
        '1',
        { 0: 'attested', 1: 'attested', 2: 'attested', 3: 'ready', 4: 'ready' },
      ]);
    }
    await follow();
    expect([await cursor(), new Set(Object.values(await states(list)))]).toEqual(['2', new Set(['attested'])]);
  });

  it('moves the cursor together with what the page brought, or not at all', async () => {
    const list = await entered(0, 1, 2, 3, 4);
    await transfer(list);
    await follow();
    for (const index of [0, 1, 2, 3]) await attest(index);
    await db.$executeRawUnsafe(
      `ALTER TABLE early_events ADD CONSTRAINT nothing_of_four CHECK (student_uid <> '${students[3]!.uid}')`,
    );
    await expect(follow()).rejects.toThrow('nothing_of_four');
    expect([await cursor(), await states(list)]).toEqual([
      '1',
      { 0: 'attested', 1: 'attested', 2: 'attested', 3: 'ready', 4: 'ready' },
    ]);
    await db.$executeRawUnsafe('ALTER TABLE early_events DROP CONSTRAINT nothing_of_four');
    await follow();
    expect([await cursor(), (await states(list))[3]]).toEqual(['2', 'attested']);
  });

  it('leaves a page to whoever has read it meanwhile', async () => {
    const list = await entered(0, 1, 2, 3);
    await transfer(list);
    await follow();
    for (const index of [0, 1, 2, 3]) await attest(index);
    const slow = async (id?: string) => {
      const page = await client.feedPage(id);
      if (id === '2') await db.cursor.update({ where: { name: NAME }, data: { value: '9' } });
      return page;
    };
    await follow({ feedPage: slow });
    expect([await cursor(), (await states(list))[3]]).toEqual(['9', 'ready']);
  });

  it('goes on past an entry that cannot be read, and says so once the page is behind it', async () => {
    const before = (await traces('ladok-feed.unreadable')).length;
    const list = await entered(0, 1, 2, 3);
    await transfer(list);
    await follow();
    for (const index of [0, 1]) await attest(index);
    sim.faults.push({ match: 'GET /handelser/feed/1', effect: 'malformed-entry' });
    await follow();
    await follow();
    expect([await states(list), (await traces('ladok-feed.unreadable')).length]).toEqual([
      { 0: 'attested', 1: 'ready', 2: 'ready', 3: 'ready' },
      before,
    ]);
    for (const index of [2, 3]) await attest(index);
    await follow();
    await follow();
    expect(await states(list)).toMatchObject({ 1: 'attested', 3: 'attested' });
    expect((await traces('ladok-feed.unreadable')).slice(before)).toMatchObject([
      { actor: 'system', details: { page: '1', entries: 1 } },
    ]);
  });

  it.each([
    ['the next page', '2'],
    ['the page it stopped at', '1'],
  ])('goes on at the newest page where %s is gone, and says so once', async (_what, gone) => {
    const before = (await traces('ladok-feed.gap')).length;
    const list = await entered(0, 1, 2, 3, 4, 5, 6);
    await transfer(list);
    await follow();
    for (const index of [0, 1, 2, 3, 4, 5, 6]) await attest(index);
    sim.faults.push({ match: `GET /handelser/feed/${gone}`, effect: 'gap' });
    await follow();
    await follow();
    expect([await cursor(), (await states(list))[6]]).toEqual(['3', 'attested']);
    expect((await traces('ladok-feed.gap')).slice(before)).toMatchObject([{ details: { from: gone, to: '3' } }]);
  });

  it('calls nothing a gap where the newest page cannot be read by its id', async () => {
    const before = (await traces('ladok-feed.gap')).length;
    const list = await entered(0);
    await transfer(list);
    await follow();
    await attest(0);
    sim.faults.push({ match: 'GET /handelser/feed/1', effect: 'gap' });
    await follow();
    expect([await cursor(), await states(list), (await traces('ladok-feed.gap')).length]).toEqual([
      '1',
      { 0: 'attested' },
      before,
    ]);
  });

  const askAbout = async (list: string) => {
    await db.case.update({ where: { id: list }, data: { state: 'registered' } });
    return new MockActivityEnvironment().run(createRegister({ db, ladok: client }).awaitAttestation, {
      caseId: list,
      attention: false,
    });
  };

  it('RL-46 finds by asking what the feed did not tell', async () => {
    const list = await entered(0, 1);
    await transfer(list);
    await attest(0, 1);
    await askAbout(list);
    expect(await states(list)).toEqual({ 0: 'attested', 1: 'attested' });
  });

  it('does not ask what it was told, and so does not say that the register answers', async () => {
    const list = await entered(0);
    await transfer(list);
    await attest(0);
    await follow();
    await db.partnerHealth.update({ where: { partner: 'ladok' }, data: { up: false } });
    await askAbout(list);
    expect((await db.partnerHealth.findUniqueOrThrow({ where: { partner: 'ladok' } })).up).toBe(false);
  });

  it('asks one question of a register that is away, however many rows wait, and about all of them once it answers', async () => {
    const list = await entered(0, 1, 2);
    await transfer(list);
    await attest(0, 1, 2);
    await db.partnerHealth.update({ where: { partner: 'ladok' }, data: { up: false, failures: 3 } });
    await db.case.update({ where: { id: list }, data: { state: 'registered' } });
    let questions = 0;
    const away = new Proxy(client, {
      get: () => () => {
        questions += 1;
        return Promise.reject(new PartnerUnavailable('Ladok', 'timeout'));
      },
    });
    const asked = new MockActivityEnvironment().run(createRegister({ db, ladok: away }).awaitAttestation, {
      caseId: list,
      attention: false,
    });
    await expect(asked).rejects.toThrow(PartnerUnavailable);
    expect(questions).toBe(1);
    await askAbout(list);
    expect(await states(list)).toEqual({ 0: 'attested', 1: 'attested', 2: 'attested' });
    expect((await db.partnerHealth.findUniqueOrThrow({ where: { partner: 'ladok' } })).up).toBe(true);
  });

  it('keeps no event that no list waits for, of whatever institution, and none longer than a list does', async () => {
    const list = await entered(0, 1);
    await transfer(list);
    await db.rowTransfer.deleteMany();
    await db.case.update({ where: { id: list }, data: { institution: 'another' } });
    await attest(0);
    await follow();
    expect(await early()).toBe(0);
    await db.case.update({ where: { id: list }, data: { institution: institution.code } });
    await follow();
    expect(await early()).toBe(1);
    await db.case.update({ where: { id: list }, data: { state: 'informed' } });
    await follow();
    expect(await early()).toBe(0);
  });

  it('keeps an event once for an institution, and as what it is', async () => {
    const event = {
      institution: 'a',
      eventId: randomUUID(),
      kind: 'attested',
      resultUid: 'r',
      studentUid: randomUUID(),
      moduleUid: 'm',
      grade: 'B',
      examinationDate: asDate(DATE),
      happenedAt: new Date(),
    };
    await db.earlyEvent.create({ data: event });
    await expect(db.earlyEvent.create({ data: event })).rejects.toThrow('Unique constraint');
    await db.earlyEvent.create({ data: { ...event, institution: 'b' } });
    const next = { ...event, eventId: randomUUID() };
    await expect(db.earlyEvent.create({ data: { ...next, kind: 'annulled' } })).rejects.toThrow('early_events_content');
    await expect(db.earlyEvent.create({ data: { ...next, grade: null } })).rejects.toThrow('early_events_content');
    await expect(db.earlyEvent.create({ data: { ...next, kind: 'moved' } })).rejects.toThrow('early_events_');
    await db.earlyEvent.create({ data: { ...next, kind: 'annulled', grade: null, examinationDate: null } });
  });
});
