import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { archive, type Archive } from '../../activities/archive.js';
import { complaintOrders } from '../../activities/complaint/orders.js';
import { createDelivery } from '../../activities/delivery.js';
import { fs, type Fs } from '../../activities/fs.js';
import { createOrders } from '../../activities/orders.js';
import { createDatabase, type Database } from '../../prisma/client.js';
import type { AssessmentUnit, ComplaintData, OrderBody, OrderName } from '../../workflows/complaint/complaint.js';
import { fsSimulator, type FsSimulator } from '../simulators/fs.js';
import { fsInstitution } from '../simulators/fs/sample.js';
import { noarkSimulator, type NoarkSimulator } from '../simulators/noark.js';
import { institution } from '../simulators/sample.js';
import { freshDatabase } from '../support/database.js';

const unitOf = (course: string, combination: string, term = 'HØST'): AssessmentUnit => ({
  course,
  version: '1',
  combination,
  year: 2026,
  term,
});
const mathematics = unitOf('MAT1000', 'S', 'JUN');
const [top, written] = [unitOf('FYS1100', 'T'), unitOf('FYS1100', 'S')];
const worker = randomUUID();
const year = new Date().getUTCFullYear();

describe('what is ordered for a complaint', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    const { code, name, zone } = institution;
    await db.institution.create({ data: { code, name, zone, language: 'nb' } });
    await db.person.create({
      data: {
        id: worker,
        institution: 'bth',
        givenName: 'Nora',
        surname: 'Eksempel',
        personNumber: '0',
        email: 'nora@uni.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  let register: FsSimulator;
  let kept: NoarkSimulator;
  let partners: { fs: Fs; archive: Archive };
  const open: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    register = fsSimulator();
    kept = noarkSimulator();
    const [first, second] = [await register.listen(), await kept.listen()];
    partners = {
      fs: fs({ baseUrl: first.url, user: 'a', password: 'b', institution: fsInstitution, timeoutMs: 800 }),
      archive: archive({ baseUrl: `${second.url}/api`, token: 't', part: 'Eksamen', timeoutMs: 800 }),
    };
    open.push(
      first.close,
      second.close,
      () => partners.fs.close(),
      () => partners.archive.close(),
    );
  });
  afterEach(async () => {
    for (const close of open.splice(0).reverse()) await close();
  });

  const newComplaint = async (unit = mathematics, data: Partial<ComplaintData> = {}, due?: string) => {
    const id = randomUUID();
    const whole: object = {
      type: 'grading',
      unit,
      received: '2026-06-20',
      responsible: worker,
      initials: 'NE',
      procedure: 'usual',
      finished: false,
      ...data,
    } satisfies ComplaintData;
    const deadline = due ? { dueOn: new Date(due), dueEnds: new Date(`${due}T22:00:00Z`), dueRule: 'GC-17' } : {};
    await db.case.create({
      data: {
        id,
        kind: 'complaint',
        institution: 'bth',
        state: 'received',
        scope: unit.course,
        data: whole,
        createdBy: worker,
        createdAt: new Date(),
        changedAt: new Date(),
        ...deadline,
      },
    });
    await db.complaintStudent.create({ data: { caseId: id, institution: 'bth', course: unit.course, studentNumber: '100001' } });
    await db.complaintUndisclosed.create({ data: { caseId: id, reasons: 'Oppgave 3 er rettet feil.' } });
    const { number } = await db.case.findUniqueOrThrow({ where: { id } });
    return { id, number: String(number) };
  };
  /** The clock goes back: only the turn in which they were ordered tells which is the newest. */
  let moment = Date.now();
  /** Writes an order down as a decision does. */
  const ordered = async <Name extends OrderName>(caseId: string, name: Name, body: OrderBody[Name], orderedBy = worker) => {
    const id = randomUUID();
    await db.order.create({ data: { id, caseId, name, body, orderedBy, orderedAt: new Date((moment -= 1_000)) } });
    await db.outbox.create({
      data: { institution: 'bth', caseId, channel: 'order', key: `order:${id}`, payload: { order: id } },
    });
    return id;
  };
  /** One attempt to keep all that is promised for a case: the delivery as the worker runs it, with the real way of orders. */
  const attempt = async (caseId: string) => {
    const { deliver } = createDelivery(db, {
      order: createOrders({ db, orders: { complaint: complaintOrders({ db, ...partners }) } }),
    });
    const env = new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') });
    return env.run(deliver, { caseId, channel: 'order' as const }).then(
      () => 'kept',
      (cause: Error) => cause.message,
    );
  };
  const state = async (id: string) => {
    const order = await db.order.findUniqueOrThrow({ where: { id } });
    const promised = await db.outbox.findUniqueOrThrow({ where: { key: `order:${id}` } });
    return { order: order.state, result: order.result, promise: promised.state, problem: promised.problem };
  };
  const done = (result: object = {}) => ({ order: 'done', result, promise: 'done', problem: null });
  const entryOf = (unit: AssessmentUnit) =>
    register.store.entries.find(
      (one) =>
        one.personlopenummer === 100_001 &&
        one.vurderingsenhet.emnekode === unit.course &&
        one.vurderingsenhet.vurdkombkode === unit.combination &&
        one.vurderingsenhet.vurdtidkode === unit.term,
    )!;
  const graded = async (caseId: string, grade: string, replaces: string, registeredBy = worker) => {
    const id = randomUUID();
    await db.complaintGrading.create({
      data: {
        id,
        caseId,
        round: 2,
        grade,
        passed: grade !== 'F',
        replaces,
        registeredBy,
        registeredAt: new Date('2026-07-02T09:00:00Z'),
      },
    });
    return id;
  };
  /** A committee of the unit with a member, which has the cases. */
  const appointed = async (
    caseId: string,
    number: number,
    { committee = randomUUID(), round = 2 }: { committee?: string; round?: number } = {},
  ) => {
    const { data } = await db.case.findUniqueOrThrow({ where: { id: caseId } });
    if (!(await db.complaintCommittee.findUnique({ where: { id: committee } }))) {
      await db.complaintCommittee.create({
        data: {
          id: committee,
          institution: 'bth',
          unit: Object.values((data as unknown as ComplaintData).unit).join(),
          number,
          name: 'Klagekommisjon',
          madeBy: worker,
          madeAt: new Date(),
        },
      });
      await db.complaintMember.create({ data: { committeeId: committee, personId: worker, external: true } });
    }
    await db.complaintAppointment.create({ data: { caseId, round, committeeId: committee, appointedAt: new Date() } });
    await db.case.update({
      where: { id: caseId },
      data: {
        data: { ...(data as object), committees: { [round === 2 ? 'second' : 'further']: { number, name: 'Klagekommisjon' } } },
      },
    });
    return committee;
  };
  const inCase = async (id: string) =>
    ((await db.case.findUniqueOrThrow({ where: { id } })).data as unknown as ComplaintData).committees;
  const unitInFs = { emnekode: 'MAT1000', versjonskode: '1', vurdkombkode: 'S', arstall: 2026, vurdtidkode: 'JUN' };
  const byHand = (kommisjonsnr: number) =>
    register.store.committees.push({
      vurderingsenhet: unitInFs,
      kommisjonsnr,
      navn: 'Ordinær sensur',
      klagekommisjon: 'N',
      sensorer: [],
      eksternReferanse: null,
    });
  const tracesOf = async (...cases: string[]) =>
    (await db.auditEntry.findMany({ where: { caseId: { in: cases } }, orderBy: { seq: 'asc' } })).map(
      ({ entry }) => JSON.parse(entry) as { action: string; details: object },
    );
  const writes = () => register.log.filter(({ method, path }) => method !== 'GET' && path !== '/graphql/').length;

  it('GC-02 reads the protocol, and keeps its grade where a new assessor does not see it', async () => {
    const { id } = await newComplaint();
    const order = await ordered(id, 'read-protocol', {});
    expect(await attempt(id)).toBe('kept');
    expect(await state(order)).toEqual(done());
    const { entry, examiners } = await db.complaintEntry.findUniqueOrThrow({ where: { caseId: id } });
    expect(entry).toMatchObject({
      courseNameNb: 'Innføring i matematikk',
      scale: { kind: 'letters', ordered: true },
      gradedOn: '2026-06-12',
      top: null,
      diploma: null,
      blocked: false,
    });
    expect(Object.keys(entry as object).sort()).toEqual([
      'blocked',
      'courseNameEn',
      'courseNameNb',
      'diploma',
      'gradedOn',
      'scale',
      'top',
    ]);
    expect(examiners).toHaveLength(2);
    expect(await db.complaintUndisclosed.findUniqueOrThrow({ where: { caseId: id } })).toMatchObject({ firstGrade: 'C' });
    expect(await db.complaintStudent.findUniqueOrThrow({ where: { caseId: id } })).toMatchObject({
      givenName: 'Kari',
      surname: 'Eksempel',
      email: 'student100001@student.uni.example',
      candidate: '0001',
    });
  });

  it('GC-36 keeps nothing of the student for a case that was withdrawn before the protocol was read, or meanwhile', async () => {
    for (const when of ['before', 'meanwhile'] as const) {
      const { id } = await newComplaint();
      const order = await ordered(id, 'read-protocol', {});
      const withdrawn = () => db.case.update({ where: { id }, data: { state: 'withdrawn', closedAt: new Date() } });
      if (when === 'before') await withdrawn();
      else {
        const { student } = partners.fs;
        partners.fs = {
          ...partners.fs,
          student: async (number) => {
            await withdrawn();
            return student(number);
          },
        };
      }
      expect([await attempt(id), await state(order)]).toEqual(['kept', done({ outOfDate: true })]);
      expect(await db.complaintStudent.findUniqueOrThrow({ where: { caseId: id } })).toMatchObject({
        givenName: null,
        surname: null,
        email: null,
        personNumber: null,
      });
      expect([
        await db.complaintEntry.count({ where: { caseId: id } }),
        (await db.complaintUndisclosed.findUniqueOrThrow({ where: { caseId: id } })).firstGrade,
      ]).toEqual([0, null]);
    }
  });

  it('GC-13 keeps the first examiners whom the staff register knows, and the numbers of those it does not', async () => {
    const { id } = await newComplaint();
    const first = register.store.entries.find(
      (one) =>
        one.personlopenummer === 100001 &&
        one.vurderingsenhet.emnekode === 'MAT1000' &&
        one.vurderingsenhet.vurdtidkode === mathematics.term,
    ) as { sensorer: unknown };
    const stranger = randomUUID();
    first.sensorer = [{ ansattnr: worker.toUpperCase() }, { ansattnr: '00704711' }, { ansattnr: stranger }];
    await ordered(id, 'read-protocol', {});
    expect(await attempt(id)).toBe('kept');
    expect(await db.complaintEntry.findUniqueOrThrow({ where: { caseId: id } })).toMatchObject({
      examiners: [worker, stranger],
      unknown: ['00704711', stranger],
    });
  });

  it('GC-47 keeps who offers the course, where, and when a part was really assessed', async () => {
    const { id } = await newComplaint(unitOf('FYS1100', 'P'));
    await ordered(id, 'read-protocol', {});
    expect(await attempt(id)).toBe('kept');
    const { entry } = await db.complaintEntry.findUniqueOrThrow({ where: { caseId: id } });
    expect(entry).toMatchObject({
      place: { code: '631520', name: 'Institutt for fysikk' },
      campus: 'GLØSHAUGEN',
      realTime: { year: 2026, term: 'NOV' },
    });
  });

  it('GC-02 says so when the protocol holds no such result', async () => {
    const { id } = await newComplaint(unitOf('MAT1000', 'X'));
    const order = await ordered(id, 'read-protocol', {});
    await attempt(id);
    expect(await state(order)).toEqual({ ...done({ reason: 'no-such-result' }), order: 'failed' });
  });

  it('GC-02 ends the reading when FS says no for good, so that the case waits for a person', async () => {
    const { id } = await newComplaint();
    const order = await ordered(id, 'read-protocol', {});
    register.faults.push({ match: 'GET /fs-sim/v1/protokoll/*', effect: '409', times: 1 });
    expect(await attempt(id)).toBe('kept');
    expect(await state(order)).toEqual({ ...done({ reason: 'refused-by-fs' }), order: 'failed' });
  });

  it('GC-03 keeps the complaint in FS as the case stands, once, and follows it', async () => {
    const { id, number } = await newComplaint(mathematics, { sentOn: '2026-06-22' }, '2026-07-11');
    await appointed(id, 2);
    await ordered(id, 'keep-in-fs', {});
    expect(await attempt(id)).toBe('kept');
    expect(register.store.complaints).toEqual([
      expect.objectContaining({
        eksternReferanse: `complaint/${number}`,
        klagetype: 'SENSUR',
        mottattDato: '2026-06-20',
        fristDato: '2026-07-11',
        sendtNyKommisjonDato: '2026-06-22',
        kommisjonsnr: 2,
        ferdigbehandlet: 'N',
        saksbehandler: 'NE',
        vedtak: null,
      }),
    ]);
    const change = {
      ...((await db.case.findUniqueOrThrow({ where: { id } })).data as object),
      decision: 'in-favour',
      communicated: '2026-07-02',
      finished: true,
      journalNumber: '2026/9',
    };
    await db.case.update({ where: { id }, data: { data: change, dueOn: null, dueEnds: null, dueRule: null } });
    await ordered(id, 'keep-in-fs', {});
    await attempt(id);
    expect(register.store.complaints).toEqual([
      expect.objectContaining({
        fristDato: '2026-07-11',
        vedtak: 'TIL GUNST',
        vedtakFormidletDato: '2026-07-02',
        ferdigbehandlet: 'J',
        journalnr: '2026/9',
      }),
    ]);
  });

  it.each([
    ['explanation', 'BEGRUNNELSE', 'explained', null],
    ['formal-error', 'FORMELL FEIL', 'dismissed', 'AVVIST'],
    ['grading', 'SENSUR', 'withdrawn', 'TRUKKET'],
    ['grading', 'SENSUR', 'against', 'TIL UGUNST'],
    ['grading', 'SENSUR', 'unchanged', 'UENDRET'],
  ] as const)('GC-24 says in FS of %s (%s) that it is %s', async (type, klagetype, decision, vedtak) => {
    const { id } = await newComplaint(mathematics, { type, decision, finished: true });
    await ordered(id, 'keep-in-fs', {});
    await attempt(id);
    expect(register.store.complaints).toMatchObject([{ klagetype, vedtak, ferdigbehandlet: 'J' }]);
  });

  it('GC-13 has the committee in FS as one for complaints, with its examiners, under the number that it has here, once', async () => {
    const { id } = await newComplaint();
    const committee = await appointed(id, 4);
    byHand(1);
    for (let times = 0; times < 2; times += 1) {
      await ordered(id, 'keep-in-fs', {});
      expect(await attempt(id)).toBe('kept');
    }
    expect(register.store.committees.slice(1)).toEqual([
      {
        vurderingsenhet: unitInFs,
        kommisjonsnr: 4,
        navn: 'Klagekommisjon',
        klagekommisjon: 'J',
        sensorer: [{ ansattnr: worker }],
        eksternReferanse: `committee/${committee}`,
      },
    ]);
    expect([register.store.complaints[0]?.['kommisjonsnr'], await inCase(id)]).toEqual([
      4,
      { second: { number: 4, name: 'Klagekommisjon' } },
    ]);
    expect(writes()).toBe(2);
  });

  it('GC-15 takes the next free number where another committee of the unit has it in FS, here and there and in every case of the committee', async () => {
    const [{ id }, other] = [await newComplaint(), await newComplaint()];
    const committee = await appointed(id, 11);
    await appointed(other.id, 11, { committee });
    await appointed((await newComplaint()).id, 12);
    for (const number of [11, 20]) byHand(number);
    await ordered(id, 'keep-in-fs', {});
    await attempt(id);
    expect(register.store.committees.map(({ kommisjonsnr, eksternReferanse }) => [kommisjonsnr, eksternReferanse])).toEqual([
      [11, null],
      [20, null],
      [21, `committee/${committee}`],
    ]);
    expect([
      (await db.complaintCommittee.findUniqueOrThrow({ where: { id: committee } })).number,
      await inCase(id),
    ]).toMatchObject([21, { second: { number: 21 } }]);
    expect(register.store.complaints.map((one) => one['kommisjonsnr'])).toEqual([21]);
    await attempt(other.id);
    expect([await inCase(other.id), register.store.complaints.map((one) => one['kommisjonsnr'])]).toMatchObject([
      { second: { number: 21 } },
      [21, 21],
    ]);
    const entries = await tracesOf(id, other.id);
    expect(entries).toMatchObject([
      { action: 'complaint.keep-in-fs', details: { committee: 21, committeeBefore: 11 } },
      { action: 'complaint.keep-in-fs' },
    ]);
    expect((await db.case.findUniqueOrThrow({ where: { id } })).version).toBe(2);
  });

  it('GC-15 looks again when the number was taken at that moment, and when the answer was lost', async () => {
    const { id } = await newComplaint();
    await appointed(id, 31);
    await ordered(id, 'keep-in-fs', {});
    register.faults.push({ match: 'PUT *', effect: 'number-taken', times: 1 });
    expect(await attempt(id)).toBe('changed-meanwhile');
    register.faults.push({ match: 'PUT *', effect: 'timeout-after-commit', times: 1, ms: 2_000 });
    expect(await attempt(id)).toBe('fs-unavailable');
    expect(await attempt(id)).toBe('kept');
    expect(register.store.committees.map(({ kommisjonsnr }) => kommisjonsnr)).toEqual([31, 32]);
    expect([await inCase(id), register.store.complaints[0]?.['kommisjonsnr']]).toMatchObject([{ second: { number: 32 } }, 32]);
  });

  it('loses nothing while FS is down, does nothing twice, and says what it waits for', async () => {
    const { id } = await newComplaint();
    const grading = await graded(id, 'B', 'C');
    const orders = [
      await ordered(id, 'keep-in-fs', {}),
      await ordered(id, 'enter-grade', { grading }),
      await ordered(id, 'block', { blocked: true }),
    ];
    register.faults.push({ match: '*', effect: '500' });
    expect(await attempt(id)).toBe('fs-unavailable');
    for (const order of orders)
      expect(await state(order)).toEqual({ order: 'open', result: null, promise: 'pending', problem: 'fs-unavailable' });
    expect((await db.partnerHealth.findUniqueOrThrow({ where: { partner: 'fs' } })).up).toBe(false);
    register.faults.length = 0;
    expect(await attempt(id)).toBe('kept');
    for (const order of orders) expect(await state(order)).toEqual(done());
    expect(register.store.complaints).toHaveLength(1);
    expect(entryOf(mathematics)).toMatchObject({
      karakter: 'B',
      sperretMotVisning: 'J',
      endring: { eksternReferanse: grading, endretDato: '2026-07-02', endretAv: 'NE' },
    });
    expect(writes()).toBe(3);
    expect((await db.partnerHealth.findUniqueOrThrow({ where: { partner: 'fs' } })).up).toBe(true);
  });

  it('does each thing once when its answer was lost', async () => {
    const { id } = await newComplaint();
    const grading = await graded(id, 'B', 'C');
    const orders = [
      await ordered(id, 'keep-in-fs', {}),
      await ordered(id, 'enter-grade', { grading }),
      await ordered(id, 'postpone-diploma', { until: '2026-07-11' }),
      await ordered(id, 'archive', { document: 'complaint' }),
    ];
    for (const match of ['POST /fs-sim/v1/klager', 'PATCH *', 'PUT *'])
      register.faults.push({ match, effect: 'timeout-after-commit', times: 1, ms: 2_000 });
    kept.faults.push({ match: 'POST /api/*/n/journalpost/*', effect: 'timeout-after-commit', times: 1, ms: 2_000 });
    expect(await attempt(id)).toBe('fs-unavailable');
    for (const order of orders) expect((await state(order)).promise).toBe('pending');
    // After three in vain the first attempt has ended, and the archive is asked for the first time by the second.
    expect(await attempt(id)).toBe('archive-unavailable');
    expect(await attempt(id)).toBe('kept');
    for (const order of orders) expect((await state(order)).promise).toBe('done');
    expect(writes()).toBe(4);
    expect([register.store.complaints.length, entryOf(mathematics).versjon, Object.keys(register.store.notes).length]).toEqual([
      1, 2, 1,
    ]);
    expect([kept.of('saksmappe').length, kept.of('journalpost').length, kept.of('dokumentobjekt').length]).toEqual([1, 1, 1]);
  });

  it('looks again when somebody in FS was quicker', async () => {
    const { id } = await newComplaint();
    const order = await ordered(id, 'block', { blocked: true });
    register.faults.push({ match: 'PATCH *', effect: 'stale-etag', times: 1 });
    expect(await attempt(id)).toBe('changed-meanwhile');
    expect(await state(order)).toMatchObject({ order: 'open', promise: 'pending' });
    expect(await attempt(id)).toBe('kept');
    expect(entryOf(mathematics).sperretMotVisning).toBe('J');
  });

  it('GC-18 ends the entering of a grade where the protocol holds another one by now, and the story can go on', async () => {
    const { id } = await newComplaint();
    const order = await ordered(id, 'enter-grade', { grading: await graded(id, 'B', 'D') });
    expect(await attempt(id)).toBe('kept');
    expect(await state(order)).toEqual({ ...done({ reason: 'protocol-changed' }), order: 'failed' });
    const wrong = await ordered(id, 'enter-grade', { grading: await graded(id, 'S', 'C') });
    await attempt(id);
    expect(await state(wrong)).toMatchObject({ order: 'failed', result: { reason: 'refused-by-fs' } });
    expect(entryOf(mathematics).karakter).toBe('C');
  });

  it('asks for attention when FS says no for good, and does it when a person sends it again', async () => {
    const { id } = await newComplaint();
    await db.complaintStudent.update({ where: { caseId: id }, data: { studentNumber: '999999' } });
    const order = await ordered(id, 'postpone-diploma', { until: '2026-07-11' });
    expect(await attempt(id)).toBe('kept');
    expect(await state(order)).toEqual({ order: 'open', result: null, promise: 'failed', problem: 'refused-by-fs' });
    expect((await db.case.findUniqueOrThrow({ where: { id } })).needsAttention).toBe(true);
    await db.complaintStudent.update({ where: { caseId: id }, data: { studentNumber: '100001' } });
    await db.outbox.update({ where: { key: `order:${order}` }, data: { state: 'pending', attempts: 0, claimedAt: null } });
    await attempt(id);
    expect(await state(order)).toMatchObject({ order: 'done', promise: 'done' });
  });

  it('GC-41 never lets an old order to block undo a newer one to lift the block', async () => {
    const { id } = await newComplaint();
    const first = await ordered(id, 'block', { blocked: true });
    const second = await ordered(id, 'block', { blocked: false });
    // The newer one is taken first: the older has been tried before.
    await db.outbox.update({ where: { key: `order:${first}` }, data: { claimedAt: new Date() } });
    await attempt(id);
    expect(await state(first)).toEqual(done({ outOfDate: true }));
    expect(await state(second)).toEqual(done());
    expect(entryOf(mathematics).sperretMotVisning).toBe('N');
  });

  it('GC-42 keeps a result blocked while another complaint about it needs that, however late an older lift is carried out', async () => {
    const needsIt = { protection: 'block' as const, blocked: true };
    const [first, second] = [await newComplaint(mathematics, { blocked: false }), await newComplaint(mathematics, needsIt)];
    const [lift, chosen] = [
      await ordered(first.id, 'block', { blocked: false }),
      await ordered(second.id, 'block', { blocked: true }),
    ];
    await db.outbox.update({
      where: { key: `order:${lift}` },
      data: { state: 'claimed', claimedAt: new Date(), claimedBy: 'another worker' },
    });
    await db.order.update({ where: { id: lift }, data: { beganAt: new Date() } });
    expect(await attempt(second.id)).toBe('another-under-way');
    expect(await state(chosen)).toMatchObject({ order: 'open', promise: 'pending' });

    await db.outbox.update({ where: { key: `order:${lift}` }, data: { state: 'pending', claimedBy: null } });
    expect([await attempt(second.id), entryOf(mathematics).sperretMotVisning]).toEqual(['kept', 'J']);
    expect([await attempt(first.id), entryOf(mathematics).sperretMotVisning]).toEqual(['kept', 'J']);
    expect(await tracesOf(first.id)).toMatchObject([{ action: 'complaint.block', details: { blocked: true } }]);

    await db.case.update({
      where: { id: second.id },
      data: { data: { ...((await db.case.findUniqueOrThrow({ where: { id: second.id } })).data as object), blocked: false } },
    });
    const last = await ordered(second.id, 'block', { blocked: false });
    expect([await attempt(second.id), await state(last), entryOf(mathematics).sperretMotVisning]).toEqual(['kept', done(), 'N']);
  });

  it('carries out two orders of a case one after the other', async () => {
    const { id } = await newComplaint();
    const first = await ordered(id, 'keep-in-fs', {});
    const second = await ordered(id, 'block', { blocked: true });
    const elsewhere = await ordered(id, 'archive', { document: 'complaint' });
    const byAnother = { state: 'claimed', claimedAt: new Date(), claimedBy: 'another worker' };
    await db.order.updateMany({ where: { id: { in: [first, elsewhere] } }, data: { beganAt: new Date() } });
    await db.outbox.update({ where: { key: `order:${elsewhere}` }, data: byAnother });
    await db.outbox.update({ where: { key: `order:${first}` }, data: byAnother });
    expect(await attempt(id)).toBe('another-under-way');
    expect(await state(second)).toMatchObject({ order: 'open', promise: 'pending' });
    expect(writes()).toBe(0);
    await db.outbox.update({ where: { key: `order:${first}` }, data: { state: 'pending', claimedBy: null } });
    expect(await attempt(id)).toBe('kept');
    expect(writes()).toBe(2);
  });

  it('lets one of two orders go on that meet, and waits for one that takes long', async () => {
    const { id } = await newComplaint();
    const orders = [await ordered(id, 'keep-in-fs', {}), await ordered(id, 'block', { blocked: true })];
    register.faults.push({ match: 'GET *', effect: 'delay', ms: 300 });
    const seen = await Promise.all([attempt(id), attempt(id)]);
    expect(seen.sort()).toEqual(['another-under-way', 'kept']);
    expect(await attempt(id)).toBe('kept');
    for (const order of orders) expect(await state(order)).toEqual(done());
    expect([register.store.complaints.length, writes()]).toEqual([1, 2]);

    // Both have been tried before: one that waits for its turn does not keep the other from it.
    const [third, fourth] = [await ordered(id, 'block', { blocked: false }), await ordered(id, 'keep-in-fs', {})];
    await db.order.updateMany({ where: { id: { in: [third, fourth] } }, data: { beganAt: new Date() } });
    await db.outbox.update({
      where: { key: `order:${third}` },
      data: { state: 'claimed', claimedAt: new Date(), claimedBy: 'another worker' },
    });
    expect(await attempt(id)).toBe('another-under-way');
    expect((await db.order.findUniqueOrThrow({ where: { id: fourth } })).beganAt).toBeNull();
    await db.order.update({ where: { id: third }, data: { beganAt: null } });
    expect(await attempt(id)).toBe('kept');
    expect(await state(fourth)).toEqual(done());
  });

  const withTop = async () => {
    const complaint = await newComplaint(written, {
      entry: {
        courseNameNb: 'Mekanikk',
        courseNameEn: 'Mechanics',
        scale: { kind: 'letters', ordered: true, grades: [] },
        gradedOn: '2026-11-17',
        top,
        diploma: null,
        blocked: false,
      },
    });
    await db.complaintStudent.update({ where: { caseId: complaint.id }, data: { personNumber: '01819000049' } });
    await db.protocolResult.deleteMany();
    await db.onwardNotice.deleteMany();
    await db.protocolResult.create({
      data: {
        institution: 'bth',
        personNumber: '01819000049',
        kind: 'assessment',
        key: complaint.id,
        category: 'course',
        code: top.course,
        nameNb: 'Mekanikk',
        nameEn: 'Mechanics',
        result: 'C',
        passed: true,
        cameFrom: 'entered',
        changedAt: new Date(),
      },
    });
    await db.disclosure.create({
      data: {
        institution: 'bth',
        requestId: randomUUID(),
        partner: 'north.example',
        personNumber: '01819000049',
        question: 'results',
        basis: 'consent',
        outcome: 'shared',
        keys: [complaint.id],
        askedAt: new Date(),
      },
    });
    const grading = await graded(complaint.id, 'F', 'C');
    const order = await ordered(complaint.id, 'enter-grade', { grading });
    await db.$executeRaw`UPDATE cases SET data = data || ${JSON.stringify({ entering: { grading, order } })}::jsonb WHERE id = ${complaint.id}::uuid`;
    await attempt(complaint.id);
    return { ...complaint, grading };
  };

  /** The result of the course on our own protocols, and whether whoever was handed it is told of it. */
  const ownProtocol = async () => [
    ...(await db.protocolResult.findMany()).map(({ result, passed }) => [result, passed]),
    ...(await db.onwardNotice.findMany()).map(({ partner }) => partner),
  ];

  it('GC-28 shows in a trial what a new calculation would change, and writes only after it', async () => {
    const { id, grading } = await withTop();
    const trial = await ordered(id, 'recalculate', { trial: true, grading });
    // Somebody enters another grade before the calculation is done: it is still about this one.
    await db.$executeRaw`UPDATE cases SET data = data || '{"entering":{"grading":"another","order":"o"}}'::jsonb WHERE id = ${id}::uuid`;
    await attempt(id);
    expect(await state(trial)).toEqual(done({ changes: 1 }));
    expect(entryOf(top).karakter).toBe('C');
    const real = await ordered(id, 'recalculate', { trial: false, grading, after: trial });
    expect(await ownProtocol()).toEqual([['C', true]]);
    await attempt(id);
    expect(await ownProtocol()).toEqual([['F', false], 'north.example']);
    expect(await state(real)).toEqual(done({ changes: 1 }));
    expect(entryOf(top)).toMatchObject({ karakter: 'F', endring: { endringsstatus: 'KLAGE', endretAv: 'NE' } });
    expect(await db.complaintRecalculation.findMany({ where: { caseId: id }, orderBy: { trial: 'desc' } })).toMatchObject([
      { orderId: trial, gradingId: grading, trial: true, units: [{ unit: top, before: 'C', after: 'F' }] },
      { orderId: real, trial: false, units: [{ unit: top, before: 'C', after: 'F' }] },
    ]);
  });

  it('GC-40 names in FS who registered a grade or had the top summed, where that is not the case worker of the case', async () => {
    const egil = randomUUID();
    const named = { givenName: 'Egil', surname: 'Ås', personNumber: egil, email: 'egil@uni.example', language: 'nb' };
    await db.person.create({ data: { id: egil, institution: 'bth', ...named, changedAt: new Date() } });
    const { id } = await withTop();
    const corrected = await graded(id, 'D', 'F', egil);
    await ordered(id, 'enter-grade', { grading: corrected });
    await attempt(id);
    expect(entryOf(written)).toMatchObject({ karakter: 'D', endring: { endretAv: 'EÅ' } });
    const trial = await ordered(id, 'recalculate', { trial: true, grading: corrected }, egil);
    await attempt(id);
    await ordered(id, 'recalculate', { trial: false, grading: corrected, after: trial }, egil);
    await attempt(id);
    expect(entryOf(top)).toMatchObject({ karakter: 'D', endring: { endretAv: 'EÅ' } });
  });

  it('GC-28 writes nothing when the calculation is no longer what the trial showed', async () => {
    const { id, grading } = await withTop();
    const trial = await ordered(id, 'recalculate', { trial: true, grading });
    await attempt(id);
    const part = register.store.entries.indexOf(entryOf(written));
    register.store.entries[part] = { ...register.store.entries[part]!, karakter: 'A', status: 'B' };
    const real = await ordered(id, 'recalculate', { trial: false, grading, after: trial });
    await attempt(id);
    expect(await state(real)).toMatchObject({ order: 'failed', result: { reason: 'trial-differs' } });
    expect(await ownProtocol()).toEqual([['C', true]]);
    expect(entryOf(top).karakter).toBe('C');
  });

  it('GC-27 keeps what was written when its answer was lost', async () => {
    const { id, grading } = await withTop();
    const trial = await ordered(id, 'recalculate', { trial: true, grading });
    await attempt(id);
    const real = await ordered(id, 'recalculate', { trial: false, grading, after: trial });
    register.faults.push({ match: '*', effect: 'lost-calculation', times: 1 });
    expect(await attempt(id)).toBe('fs-unavailable');
    expect(await attempt(id)).toBe('kept');
    expect(await state(real)).toEqual(done({ changes: 1 }));
    expect(await ownProtocol()).toEqual([['F', false], 'north.example']);
    expect(entryOf(top)).toMatchObject({ karakter: 'F', versjon: 2 });
  });

  it('GC-10 opens the case in the archive, puts the complaint into it and keeps its journal number, not over one that was typed', async () => {
    const { id, number } = await newComplaint();
    const order = await ordered(id, 'archive', { document: 'complaint' });
    expect(await attempt(id)).toBe('kept');
    expect(await state(order)).toEqual(done({ journalNumber: `${year}/1` }));
    expect((await db.case.findUniqueOrThrow({ where: { id } })).data).toMatchObject({ journalNumber: `${year}/1` });
    expect(register.store.complaints).toMatchObject([{ eksternReferanse: `complaint/${number}`, journalnr: `${year}/1` }]);
    expect(kept.of('saksmappe')[0]).toMatchObject({
      tittel: `Klage på karakter, MAT1000 JUN 2026, sak ${number}`,
      saksansvarlig: 'Nora Eksempel',
      administrativEnhet: institution.name,
    });
    expect(kept.of('journalpost')[0]).toMatchObject({ journalposttype: { kode: 'I' } });
    expect(JSON.stringify([...kept.of('saksmappe'), ...kept.of('journalpost'), ...kept.of('dokumentbeskrivelse')])).not.toMatch(
      /Kari|100001|Oppgave/,
    );

    const typed = await newComplaint(mathematics, { journalNumber: '2025/7', decision: 'unchanged' });
    await ordered(typed.id, 'archive', { document: 'decision' });
    await attempt(typed.id);
    expect((await db.case.findUniqueOrThrow({ where: { id: typed.id } })).data).toMatchObject({ journalNumber: '2025/7' });
    expect(await db.order.count({ where: { caseId: typed.id, name: 'keep-in-fs' } })).toBe(0);
    expect(kept.of('journalpost')[1]).toMatchObject({
      journalposttype: { kode: 'U' },
      tittel: `Klage på karakter, MAT1000 JUN 2026, sak ${typed.number}, vedtak`,
    });
  });

  it('waits for an archive that is down, while FS goes on', async () => {
    const { id } = await newComplaint();
    const [one, other] = [await ordered(id, 'archive', { document: 'complaint' }), await ordered(id, 'block', { blocked: true })];
    kept.faults.push({ match: '*', effect: '502-html' });
    expect(await attempt(id)).toBe('archive-unavailable');
    expect(await state(one)).toEqual({ order: 'open', result: null, promise: 'pending', problem: 'archive-unavailable' });
    expect(await state(other)).toEqual(done());
    kept.faults.length = 0;
    expect(await attempt(id)).toBe('kept');
    expect(kept.of('dokumentobjekt')).toHaveLength(1);
  });

  it('shows a person an archive that holds another file', async () => {
    const { id } = await newComplaint();
    const order = await ordered(id, 'archive', { document: 'complaint' });
    kept.faults.push({ match: 'POST *', effect: 'wrong-checksum', times: 1 });
    await attempt(id);
    expect(await state(order)).toMatchObject({ order: 'open', promise: 'failed', problem: 'archive-differs' });
  });

  it('AU-10 traces what was done outside, and names nobody', async () => {
    const { id } = await newComplaint();
    const grading = await graded(id, 'B', 'C');
    const orders = [
      await ordered(id, 'block', { blocked: true }),
      await ordered(id, 'enter-grade', { grading }),
      await ordered(id, 'postpone-diploma', { until: '2026-07-11' }),
      await ordered(id, 'keep-in-fs', {}),
      await ordered(id, 'archive', { document: 'complaint' }),
    ];
    await attempt(id);
    const traces = (await db.auditEntry.findMany({ where: { caseId: id }, orderBy: { seq: 'asc' } })).map(({ entry }) => entry);
    expect(traces.map((entry) => JSON.parse(entry))).toMatchObject(
      ['block', 'enter-grade', 'postpone-diploma', 'keep-in-fs', 'archive', 'keep-in-fs'].map((name, place) => ({
        action: `complaint.${name}`,
        actor: worker,
        outcome: 'done',
        details: { order: orders[place] ?? expect.any(String) },
      })),
    );
    expect(traces.join()).not.toMatch(/Kari|100001|Oppgave/);
  });
});
