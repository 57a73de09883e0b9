import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { once } from '../../activities/case/once.js';
import { changedAfterFetch, externalStudiesOf, treeOf } from '../../activities/exchange/external-studies.js';
import { createOnward, takeInChange } from '../../activities/exchange/onward.js';
import { createPlaces } from '../../activities/exchange/places.js';
import {
  correctResult,
  enterResult,
  readProtocol,
  withdrawResult,
  type Entered,
} from '../../activities/exchange/protocol-commands.js';
import { answerThree, disguised, handOver, type Inquiry } from '../../activities/exchange/source.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import type { Actor, RoleName } from '../../workflows/process.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { freshDatabase } from '../support/database.js';
import { eventually } from '../support/university.js';

const NUMBER = '15990812345';
const AT = '2026-11-27T12:00:00.000Z';
const course: Entered = {
  kind: 'assessment',
  partOf: null,
  category: 'course',
  code: 'RES-100',
  nameNb: 'Resultatutveksling',
  nameEn: 'Exchange of results',
  thesisTitle: null,
  term: '2026 VÅR',
  credits: '7.5',
  result: 'C',
  gradingScheme: 'A-F',
  passed: true,
  passedOn: '2026-06-01',
  diplomaOn: null,
  description: null,
};
const degree: Entered = {
  ...course,
  kind: 'qualification',
  category: 'qualification',
  code: 'B-ING',
  result: null,
  diplomaOn: '2026-11-26',
};

describe('our protocols, and who is told of them', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  let person: string;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    await db.institution.create({ data: { code: 'bth', name: 'BTH', zone: 'Europe/Oslo', language: 'nb' } });
    await db.setting.create({
      data: {
        institution: 'bth',
        name: 'exchange-module',
        fromDate: asDate('2020-01-01'),
        value: true,
        setBy: randomUUID(),
        reason: 'test',
      },
    });
    for (const code of ['north.example', 'south.example'])
      await db.exchangePartner.create({
        data: {
          code,
          number: '9',
          nameNb: code,
          nameEn: code,
          url: `https://${code}`,
          keys: [],
          listed: true,
          takenAt: new Date(),
        },
      });
  });
  beforeEach(async () => {
    for (const table of [
      'onwardNotice',
      'protocolResult',
      'protocolReading',
      'externalResult',
      'externalStudy',
      'exchangeInquiry',
      'case',
      'formerNumber',
      'student',
      'person',
    ] as const)
      await (db[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
    person = await student(NUMBER);
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const student = async (personNumber: string): Promise<string> => {
    const id = randomUUID();
    await db.person.create({
      data: {
        id,
        institution: 'bth',
        givenName: 'Test',
        surname: 'Student',
        personNumber,
        email: 'a@b.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
    await db.student.create({
      data: {
        personId: id,
        institution: 'bth',
        birthDate: asDate('1999-08-15'),
        numberKind: 'birth',
        registeredBy: id,
        registeredAt: new Date(),
      },
    });
    return id;
  };
  const actor = (role: RoleName, id = randomUUID()): Actor => ({ id, institution: 'bth', roles: [{ role }] });
  const office = actor('exam-office');
  const command = <T extends object>(as: Actor, decide: Parameters<typeof once<T>>[2]) =>
    once<T>(
      db,
      {
        action: 'protocol.test',
        about: randomUUID(),
        body: {},
        idempotencyKey: randomUUID(),
        actor: as,
        requestId: randomUUID(),
      },
      decide,
    );
  const enter = (entry: Entered, as = office) =>
    command(as, (tx, trace) => enterResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', person, entry }, trace));
  const entered = async (entry: Entered): Promise<string> => ((await enter(entry)) as { key: string }).key;
  const correct = (key: string, changes: Partial<Entered>, as = office) =>
    command(as, (tx, trace) =>
      correctResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', key, changes, reason: 'a slip' }, trace),
    );
  const withdraw = (key: string, as = office) =>
    command(as, (tx, trace) => withdrawResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', key, reason: 'a slip' }, trace));
  const inquiry = (more: Partial<Inquiry> = {}): Inquiry => ({
    institution: 'bth',
    partner: 'north.example',
    id: randomUUID(),
    number: NUMBER,
    basis: 'consent',
    consent: { answer: 'J', on: '2026-11-01' },
    at: AT,
    requestId: randomUUID(),
    ...more,
    disguise: disguised(more.number ?? NUMBER, Buffer.alloc(32)),
  });
  const fetch = (more: Partial<Inquiry> = {}) => db.$transaction((tx) => handOver(tx, inquiry(more)));
  const notices = async () =>
    (await db.onwardNotice.findMany({ orderBy: [{ partner: 'asc' }, { key: 'asc' }] })).map(({ partner, personNumber, key }) => [
      partner,
      personNumber,
      key,
    ]);
  const refusalOf = (answer: object) =>
    'refused' in answer ? [(answer as unknown as { rule: string }).rule, (answer as unknown as { code: string }).code] : answer;

  it('RX-13 hands over what is passed and achieved, a qualification before its parts, under the same keys', async () => {
    const whole = await entered(degree);
    const part = await entered({ ...course, partOf: whole, thesisTitle: 'On results', description: 'What it is about' });
    await entered({ ...course, code: 'RES-101', result: 'F', passed: false });
    const handed = await fetch();
    expect(handed).toMatchObject({
      learner: { nationalNumber: NUMBER, givenNames: 'Test', familyName: 'Student', birthDate: '1999-08-15' },
    });
    expect((handed as unknown as { results: object[] }).results).toEqual([
      {
        key: whole,
        category: 'qualification',
        code: 'B-ING',
        nameNb: 'Resultatutveksling',
        nameEn: 'Exchange of results',
        term: '2026 VÅR',
        credits: '7.5',
        creditScheme: 'ects',
        gradingScheme: 'A-F',
        passedOn: '2026-06-01',
      },
      {
        key: part,
        partOf: whole,
        category: 'course',
        code: 'RES-100',
        nameNb: 'Resultatutveksling',
        nameEn: 'Exchange of results',
        thesisTitle: 'On results',
        term: '2026 VÅR',
        credits: '7.5',
        creditScheme: 'ects',
        result: 'C',
        gradingScheme: 'A-F',
        passedOn: '2026-06-01',
        description: 'What it is about',
      },
    ]);
  });

  it('RX-27 holds a degree back until the day after its diploma by our clock on the wall, and lets its parts go without it', async () => {
    const whole = await entered({ ...degree, diplomaOn: '2026-11-27' });
    const part = await entered({ ...course, partOf: whole });
    const early = (await fetch({ at: '2026-11-27T22:59:59.000Z' })) as unknown as { results: { key: string; partOf?: string }[] };
    expect(early.results.map(({ key, partOf }) => [key, partOf])).toEqual([[part, undefined]]);
    const late = (await fetch({ at: '2026-11-27T23:00:00.000Z' })) as unknown as { results: { key: string; partOf?: string }[] };
    expect(late.results.map(({ key, partOf }) => [key, partOf])).toEqual([
      [whole, undefined],
      [part, whole],
    ]);
  });

  it('AU-08 writes down who asked for what on which basis, once a question, and what was handed over', async () => {
    const key = await entered(course);
    const id = randomUUID();
    for (let time = 0; time < 2; time += 1) {
      expect(await db.$transaction((tx) => answerThree(tx, inquiry({ id })))).toMatchObject({ hasPassedResults: true });
      expect(await fetch({ id })).toMatchObject({ results: [{ key }] });
    }
    const rows = await db.disclosure.findMany({ where: { requestId: id }, orderBy: { seq: 'asc' } });
    expect(
      rows.map(({ partner, personNumber, question, basis, outcome, keys }) => [
        partner,
        personNumber,
        question,
        basis,
        outcome,
        keys,
      ]),
    ).toEqual([
      ['north.example', NUMBER, 'status', 'consent', 'shared', []],
      ['north.example', NUMBER, 'results', 'consent', 'shared', [key]],
    ]);
    const audit = (await db.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 4 })).map(
      ({ entry }) => JSON.parse(entry) as { actor: string; action: string; details: object },
    );
    expect(audit.map(({ actor: by, action, details }) => [by, action, details])[0]).toEqual([
      'north.example',
      'exchange.handed-over',
      { basis: 'consent', outcome: 'shared', results: 1 },
    ]);
    expect(JSON.stringify(audit)).not.toContain(NUMBER);
  });

  it('AU-08 keeps no number of somebody who is unknown here, and knows the question all the same', async () => {
    const [id, number] = [randomUUID(), '15990899999'];
    const three = (more: Partial<Inquiry>) => db.$transaction((tx) => answerThree(tx, inquiry({ id, ...more })));
    for (let time = 0; time < 2; time += 1) expect(await three({ number })).toMatchObject({ known: false });
    const [row, ...others] = await db.disclosure.findMany({ where: { requestId: id } });
    expect([row?.outcome, others]).toEqual(['unknown', []]);
    expect(row?.personNumber).toMatch(/^[0-9a-f]{64}$/);
    expect(refusalOf(await three({ number: '15990888888' }))).toEqual(['registrar', 'key-used-otherwise']);
    await student(number);
    expect(await three({ number })).toMatchObject({ known: true });
  });

  it('AU-08 answers a question that is put again with the same results, as they are now', async () => {
    const key = await entered(course);
    const id = randomUUID();
    await fetch({ id });
    await entered({ ...course, code: 'RES-101' });
    await correct(key, { result: 'B' });
    expect(await fetch({ id })).toMatchObject({ results: [{ key, result: 'B' }] });
    expect(((await fetch({ id })) as unknown as { results: object[] }).results).toHaveLength(1);
  });

  it('AU-08 refuses a question under an id that was used about somebody else', async () => {
    await entered(course);
    const id = randomUUID();
    await fetch({ id });
    await db.$transaction((tx) => answerThree(tx, inquiry({ id })));
    await student('15990854321');
    expect(refusalOf(await fetch({ id, number: '15990854321' }))).toEqual(['registrar', 'key-used-otherwise']);
    expect(refusalOf(await db.$transaction((tx) => answerThree(tx, inquiry({ id, number: '15990854321' }))))).toEqual([
      'registrar',
      'key-used-otherwise',
    ]);
  });

  it('RX-28 keeps in the audit whom it told that it has reserved itself', async () => {
    await entered(course);
    const reserve = (value: boolean) =>
      db.setting.create({
        data: {
          institution: 'bth',
          name: 'exchange-reserved',
          fromDate: asDate('2020-01-01'),
          value,
          setBy: person,
          reason: 'test',
        },
      });
    await reserve(true);
    try {
      expect(await db.$transaction((tx) => answerThree(tx, inquiry()))).toMatchObject({
        reserved: true,
        hasPassedResults: false,
      });
      expect(refusalOf(await fetch())).toEqual(['RX-12', 'not-three-yes']);
      const audit = (await db.auditEntry.findMany({ orderBy: { seq: 'desc' }, take: 2 })).map(
        ({ entry }) => JSON.parse(entry) as { actor: string; details: { outcome: string } },
      );
      expect(audit.map(({ actor: by, details }) => [by, details.outcome])).toEqual(Array(2).fill(['north.example', 'reserved']));
    } finally {
      await reserve(false);
    }
  });

  it.each([
    ['nothing-passed', {}, { passed: false, result: 'F' }],
    ['no-consent', { consent: null }, {}],
    ['unknown', { number: '15990899999' }, {}],
  ])('RX-12 hands nothing over where the answer is %s', async (outcome, more, result) => {
    await entered({ ...course, ...result });
    expect(await fetch(more)).toMatchObject({ rule: 'RX-12', code: 'not-three-yes', details: { outcome } });
  });

  it('RX-11 asks for a consent of our own where that is set, and takes the last answer', async () => {
    await entered(course);
    await db.setting.create({
      data: {
        institution: 'bth',
        name: 'exchange-source-consent',
        fromDate: asDate('2020-01-01'),
        value: true,
        setBy: person,
        reason: 'test',
      },
    });
    try {
      const answers: boolean[] = [];
      for (const answer of [undefined, 'J', 'N'] as const) {
        if (answer)
          await db.consent.create({
            data: {
              institution: 'bth',
              personId: person,
              type: 'RESULTATUTVEKS',
              answer,
              answeredOn: asDate('2026-11-01'),
              cameFrom: 'staff',
              enteredBy: person,
              enteredAt: new Date(),
            },
          });
        answers.push(((await db.$transaction((tx) => answerThree(tx, inquiry()))) as { consent: boolean }).consent);
      }
      expect(answers).toEqual([false, true, false]);
    } finally {
      await db.setting.create({
        data: {
          institution: 'bth',
          name: 'exchange-source-consent',
          fromDate: asDate('2020-01-01'),
          value: false,
          setBy: person,
          reason: 'test',
        },
      });
    }
  });

  it('RX-33 tells of a correction to each institution that was handed the result, under the number of then, and to no other', async () => {
    const [key, other] = [await entered(course), await entered({ ...course, code: 'RES-101' })];
    await fetch();
    await fetch();
    await db.person.update({ where: { id: person }, data: { personNumber: '15990854321' } });
    await db.protocolResult.updateMany({ data: { personNumber: '15990854321' } });
    await fetch({ partner: 'south.example', number: '15990854321' });
    const late = await entered({ ...course, code: 'RES-102' });
    expect(await correct(key, { result: 'B' })).toEqual({ key, changed: ['result'] });
    await correct(late, { result: 'B' });
    expect(await notices()).toEqual([
      ['north.example', NUMBER, key],
      ['south.example', '15990854321', key],
    ]);
    await withdraw(other);
    expect((await notices()).filter(([, , of]) => of === other)).toHaveLength(2);
    expect(refusalOf(await withdraw(other))).toEqual(['RX-33', 'withdrawn-already']);
    expect(refusalOf(await correct(key, { result: 'B' }))).toEqual(['RX-33', 'nothing-corrected']);
    expect(await notices()).toHaveLength(4);
  });

  it('RX-33 misses no institution that is handed a result while it is being corrected', async () => {
    const key = await entered(course);
    let correcting: Promise<unknown> | undefined;
    await db.$transaction(async (tx) => {
      await handOver(tx, inquiry());
      correcting = correct(key, { result: 'B' });
      await new Promise((later) => setTimeout(later, 200));
    });
    await correcting;
    expect(await notices()).toEqual([['north.example', NUMBER, key]]);
  });

  it.each([
    ['RX-27', 'diploma-of-no-degree', { ...course, diplomaOn: '2026-01-01' }],
    ['RX-15', 'kind-and-category-differ', { ...course, category: 'qualification' }],
    ['RX-14', 'no-such-qualification', { ...course, partOf: 'nowhere' }],
    ['RX-14', 'no-such-qualification', { ...degree, partOf: 'nowhere' }],
  ] as const)('RX-33 refuses by %s what makes no entry: %s', async (rule, code, entry) => {
    expect(refusalOf(await enter(entry as Entered))).toEqual([rule, code]);
    const key = await entered(entry.kind === 'assessment' ? course : degree);
    expect(refusalOf(await correct(key, entry as Entered))).toEqual([rule, code]);
  });

  it('RX-33 lets nobody but the exam office enter, correct or withdraw, and the exam office and auditors read', async () => {
    const key = await entered(course);
    for (const role of ['study-adviser', 'case-worker', 'auditor', 'teacher'] as const) {
      const as = actor(role);
      expect(
        [await enter(course, as), await correct(key, { result: 'A' }, as), await withdraw(key, as)].map((no) => refusalOf(no)),
      ).toEqual(Array(3).fill(['RX-33', 'not-yours-to-give']));
      const read = await db.$transaction((tx) => readProtocol(tx, { actor: as, person, requestId: randomUUID() }));
      expect(role === 'auditor' ? (read as unknown as { results: { key: string }[] }).results[0]?.key : refusalOf(read)).toEqual(
        role === 'auditor' ? key : ['RX-13', 'not-yours-to-open'],
      );
    }
    expect(refusalOf(await correct('nowhere', { result: 'A' }))).toEqual(['RX-33', 'no-such-result']);
    person = randomUUID();
    expect(refusalOf(await enter(course))).toEqual(['RX-32', 'not-a-student']);
    expect(
      refusalOf(await db.$transaction((tx) => readProtocol(tx, { actor: office, person, requestId: randomUUID() }))),
    ).toEqual(['RX-32', 'not-a-student']);
  });

  describe('whoever assesses a result anew', () => {
    /** An open second grading of the student on a course, with a member. */
    const assessing = async (member: string, code = 'RES-100') => {
      const [caseId, committeeId] = [randomUUID(), randomUUID()];
      await db.case.create({
        data: {
          id: caseId,
          kind: 'complaint',
          institution: 'bth',
          state: 'appointed',
          scope: code,
          data: {},
          createdBy: person,
          createdAt: new Date(),
          changedAt: new Date(),
        },
      });
      await db.complaintStudent.create({
        data: { caseId, institution: 'bth', course: code, studentNumber: '100001', personNumber: NUMBER },
      });
      await db.complaintCommittee.create({
        data: {
          id: committeeId,
          institution: 'bth',
          unit: randomUUID(),
          number: 1,
          name: 'K',
          madeBy: person,
          madeAt: new Date(),
        },
      });
      await db.complaintMember.create({ data: { committeeId, personId: member, external: false } });
      await db.complaintAppointment.create({ data: { caseId, round: 2, committeeId, appointedAt: new Date() } });
    };

    it('GC-13 reads the result on no protocol, of the course or a module of it, and guesses it by no correction', async () => {
      const as = actor('exam-office');
      const [key, module, other] = [
        await entered(course),
        await entered({ ...course, code: 'RES-100 1401' }),
        await entered({ ...course, code: 'RES-1000' }),
      ];
      await assessing(as.id);
      const read = (await db.$transaction((tx) =>
        readProtocol(tx, { actor: as, person, requestId: randomUUID() }),
      )) as unknown as { results: { key: string }[]; withheld: number };
      expect([read.results.map((one) => one.key), read.withheld]).toEqual([[other], 2]);
      for (const hidden of [key, module])
        expect([await correct(hidden, { result: 'C' }, as), await withdraw(hidden, as)].map((no) => refusalOf(no))).toEqual(
          Array(2).fill(['GC-13', 'sits-on-the-committee']),
        );
      expect(refusalOf(await enter(course, as))).toEqual(['GC-13', 'sits-on-the-committee']);
      expect(await correct(other, { result: 'B' }, as)).toMatchObject({ changed: ['result'] });
    });

    it('GC-13 reads it under no number that the student has got since', async () => {
      const as = actor('exam-office');
      await entered(course);
      await assessing(as.id);
      await db.formerNumber.create({
        data: {
          personId: person,
          number: NUMBER,
          numberKind: 'temporary',
          replacedBy: person,
          replacedAt: new Date(),
          reason: 'test',
        },
      });
      await db.person.update({ where: { id: person }, data: { personNumber: '15990854321' } });
      await db.protocolResult.updateMany({ data: { personNumber: '15990854321' } });
      expect(await db.$transaction((tx) => readProtocol(tx, { actor: as, person, requestId: randomUUID() }))).toMatchObject({
        results: [],
        withheld: 1,
      });
    });

    it('GC-13 is kept as a reader, so that who has read cannot assess it anew', async () => {
      const as = actor('auditor');
      await db.$transaction((tx) => readProtocol(tx, { actor: as, person, requestId: randomUUID() }));
      expect(await db.protocolReading.findMany({ select: { personNumber: true, readerId: true } })).toEqual([
        { personNumber: NUMBER, readerId: as.id },
      ]);
    });

    it('GC-13 is told nothing of the course by what came from elsewhere either', async () => {
      const as = actor('study-adviser');
      const studyId = await study();
      await db.externalResult.createMany({
        data: [
          { studyId, key: 'a', category: 'course', code: 'RES-100', result: 'C' },
          { studyId, key: 'b', category: 'course', code: 'RES-200', result: 'D' },
        ],
      });
      const keysSeen = async () =>
        (await externalStudiesOf(db, { institution: 'bth', personId: person, reader: as.id })).map(({ results, withheld }) => [
          results.map(({ key }) => key),
          withheld,
        ]);
      expect(await keysSeen()).toEqual([[['a', 'b'], 0]]);
      await assessing(as.id);
      expect(await keysSeen()).toEqual([[['b'], 1]]);
    });
  });

  const study = async (partner = 'north.example'): Promise<string> => {
    const caseId = randomUUID();
    await db.case.create({
      data: {
        id: caseId,
        kind: 'exchange',
        institution: 'bth',
        state: 'complete',
        data: { person },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
        closedAt: new Date(),
      },
    });
    return (
      await db.externalStudy.create({
        data: {
          institution: 'bth',
          personId: person,
          partner,
          caseId,
          documentHash: '0'.repeat(64),
          fetchedAt: AT,
          generatedAt: AT,
        },
      })
    ).id;
  };
  const told = (more: Partial<Parameters<typeof takeInChange>[1]> = {}) =>
    db.$transaction((tx) =>
      takeInChange(tx, {
        institution: 'bth',
        partner: 'north.example',
        number: NUMBER,
        keys: ['a'],
        changedAt: '2026-11-28T12:00:00.000Z',
        at: AT,
        requestId: randomUUID(),
        ...more,
      }),
    );

  describe('a change that we are told of', () => {
    beforeEach(async () => {
      await db.externalResult.create({ data: { studyId: await study(), key: 'a', category: 'course' } });
    });
    const changed = () => changedAfterFetch(db, { institution: 'bth', personId: person });

    it('RX-23 shows with its day until the next fetch, and is the same told twice', async () => {
      expect(await changed()).toEqual([]);
      for (let time = 0; time < 2; time += 1) expect(await told()).toBe('taken');
      expect(await changed()).toEqual([
        { partner: 'north.example', nameNb: 'north.example', nameEn: 'north.example', changedOn: '2026-11-28' },
      ]);
      expect(
        (await externalStudiesOf(db, { institution: 'bth', personId: person, reader: randomUUID() })).map(
          (one) => one.changedAfterFetchOn,
        ),
      ).toEqual(['2026-11-28']);
    });

    it.each([
      ['from an institution that we have it not from', { partner: 'south.example' }],
      ['about a result that we do not hold', { keys: ['b'] }],
      ["about a number that is nobody's", { number: '15990899999' }],
      ['that is in our document already', { changedAt: '2026-11-27T12:00:00.000Z' }],
    ])('RX-23 marks nothing %s, and answers the same', async (_what, more) => {
      expect(await told(more)).toBe('taken');
      expect(await changed()).toEqual([]);
    });

    it('RX-22 fetches nothing by itself', async () => {
      const before = await db.case.count();
      await told();
      expect([(await db.case.count()) - before, await db.outbox.count()]).toEqual([0, 0]);
    });

    it('RX-29 is found under the number that the person had when it was handed over', async () => {
      await db.formerNumber.create({
        data: {
          personId: person,
          number: NUMBER,
          numberKind: 'temporary',
          replacedBy: person,
          replacedAt: new Date(),
          reason: 'test',
        },
      });
      await db.person.update({ where: { id: person }, data: { personNumber: '15990854321' } });
      await told();
      expect(await changed()).toHaveLength(1);
    });

    it('RX-21 has to be told again where a fetch of the person from there is under way', async () => {
      const caseId = randomUUID();
      await db.case.create({
        data: {
          id: caseId,
          kind: 'exchange',
          institution: 'bth',
          state: 'running',
          data: { person },
          createdBy: person,
          createdAt: new Date(),
          changedAt: new Date(),
        },
      });
      await db.exchangeInquiry.create({ data: { caseId, partner: 'north.example', round: 1, orderedAt: new Date() } });
      expect(await told()).toBe('later');
      expect(await told({ partner: 'south.example' })).toBe('taken');
      await db.exchangeInquiry.updateMany({ data: { state: 'answered', outcome: 'fetched', answeredAt: new Date() } });
      expect(await told()).toBe('taken');
    });
  });

  describe('telling onward', () => {
    const notice = (partner: string, more: object = {}) =>
      db.onwardNotice.create({
        data: { institution: 'bth', partner, personNumber: NUMBER, key: randomUUID(), changedAt: new Date(), ...more },
      });
    const sweep = async (
      fail: (partner: string, key: string, off?: AbortSignal) => Error | undefined | Promise<Error> = () => undefined,
      places = createPlaces(db),
      worker = new MockActivityEnvironment(),
    ): Promise<string[]> => {
      const asked: string[] = [];
      const { tellOnward } = createOnward({
        db,
        institution: 'bth',
        places,
        patienceMs: 300,
        tellingMs: 400,
        institutions: {
          tell: async ({ code }, { keys }, off) => {
            asked.push(code);
            const cause = await fail(code, keys[0] as string, off);
            if (cause) throw cause;
          },
        },
      });
      await worker.run(tellOnward);
      return asked.sort();
    };
    const minutesLater = (minutes: number) =>
      db.$executeRaw`UPDATE onward_notices SET tried_at = tried_at - make_interval(mins => ${minutes}::int)`;
    const open = () => db.onwardNotice.count({ where: { toldAt: null } });

    it('RX-33 tells each once, and an institution that is away costs the others nothing and is told later', async () => {
      await notice('north.example');
      await notice('north.example');
      await notice('south.example');
      expect(
        await sweep((partner) => (partner === 'north.example' ? new PartnerUnavailable(partner, 'timeout') : undefined)),
      ).toEqual(['north.example', 'south.example']);
      expect(await open()).toBe(2);
      expect(await sweep()).toEqual([]);
      await minutesLater(2);
      expect(await sweep()).toEqual(['north.example', 'north.example']);
      await minutesLater(600);
      expect(await sweep()).toEqual([]);
      expect(await open()).toBe(0);
    });

    it('RX-33 waits longer with every try, visits an institution once a minute, and gives up after 400 days', async () => {
      const { id } = await notice('north.example', { attempts: 6, triedAt: new Date(Date.now() - 10 * 60_000) });
      expect(await sweep()).toEqual([]);
      await db.onwardNotice.update({ where: { id }, data: { triedAt: new Date(Date.now() - 40 * 60_000) } });
      await notice('north.example', { toldAt: new Date(), triedAt: new Date(Date.now() - 30_000) });
      expect(await sweep()).toEqual([]);
      await minutesLater(1);
      await notice('north.example', { changedAt: new Date(Date.now() - 401 * 86_400_000) });
      await notice('north.example', { changedAt: new Date(Date.now() - 399 * 86_400_000) });
      expect(await sweep()).toEqual(['north.example', 'north.example']);
    });

    it('RX-33 goes on with the rest where one is refused, and leaves out institutions that are not listed now', async () => {
      const refused = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      await notice('gone.example');
      expect(await sweep((partner, key) => (key === refused.key ? new PartnerRefused(partner, 400, '') : undefined))).toEqual([
        'north.example',
        'north.example',
      ]);
      expect(await open()).toBe(2);
    });

    it('RX-33 goes on with the rest where one is to be told later', async () => {
      const later = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      expect(
        await sweep((partner, key) => (key === later.key ? new PartnerUnavailable(partner, 'status', 503) : undefined)),
      ).toEqual(['north.example', 'north.example']);
      expect(await db.onwardNotice.findMany({ where: { toldAt: null }, select: { id: true, attempts: true } })).toEqual([
        { id: later.id, attempts: 1 },
      ]);
    });

    it('RX-33 counts a try for what was tried alone, and lets one institution that is away with many notices starve no other', async () => {
      const all = await Promise.all(
        Array.from({ length: 60 }, (_, i) => notice('north.example', { changedAt: new Date(Date.now() - 60_000 + i) })),
      );
      await notice('south.example');
      expect(
        await sweep((partner) => (partner === 'north.example' ? new PartnerUnavailable(partner, 'connection') : undefined)),
      ).toEqual(['north.example', 'south.example']);
      expect(await db.onwardNotice.findMany({ where: { attempts: { gt: 0 }, toldAt: null }, select: { id: true } })).toEqual([
        { id: all[0]?.id },
      ]);
      await minutesLater(2);
      expect(await sweep()).toHaveLength(50);
    });

    it('RX-33 waits for one notice no longer than it may take, and leaves the rest of a slow institution to a later sweep', async () => {
      const north = await notice('north.example', { changedAt: new Date(Date.now() - 1_000) });
      await notice('north.example');
      await notice('south.example');
      const silent = (off?: AbortSignal) =>
        new Promise<Error>((resolve) => off?.addEventListener('abort', () => resolve(off.reason as Error)));
      expect(await sweep((partner, _key, off) => (partner === 'north.example' ? silent(off) : undefined))).toEqual([
        'north.example',
        'south.example',
      ]);
      expect(await db.onwardNotice.findMany({ where: { attempts: 1, toldAt: null }, select: { id: true } })).toEqual([
        { id: north.id },
      ]);
      expect(await open()).toBe(2);
    });

    it('RX-33 begins no further notice once its time is over', async () => {
      await notice('north.example');
      await notice('north.example');
      const worker = new MockActivityEnvironment();
      const over = () => {
        worker.cancel('CANCELLED');
        return undefined;
      };
      expect(await sweep(over, createPlaces(db), worker)).toEqual(['north.example']);
      expect(await open()).toBe(1);
    });

    it('RX-18 tells at a place among those who ask, and leaves for later where none comes free', async () => {
      await notice('north.example');
      const places = createPlaces(db);
      const taken = await Promise.all([1, 2, 3, 4].map(() => places.take('north.example', 4, new AbortController().signal)));
      expect(await sweep(undefined, places)).toEqual([]);
      expect(await db.onwardNotice.count({ where: { attempts: 0 } })).toBe(1);
      for (const place of taken) await place.free();
      expect(await sweep(undefined, places)).toEqual(['north.example']);
      await eventually(
        'every place is free',
        async () => (await db.exchangePlace.count({ where: { holder: { not: null } } })) === 0,
      );
    });
  });

  it('RX-14 shows the parts of a qualification under it, and what belongs to nothing that is there by itself', () => {
    const one = (key: string, category: 'qualification' | 'course', partOf: string | null) => ({
      key,
      category,
      partOf,
      withdrawnOn: null,
    });
    const shape = (nodes: readonly ReturnType<typeof treeOf>[number][]): unknown =>
      nodes.map(({ key, parts }) => (parts.length ? [key, shape(parts)] : key));
    expect(
      shape(
        treeOf([
          one('a', 'course', 'q'),
          one('q', 'qualification', null),
          one('b', 'course', 'gone'),
          one('c', 'course', 'a'),
          one('x', 'qualification', 'y'),
          one('y', 'qualification', 'x'),
          one('d', 'course', null),
        ]),
      ),
    ).toEqual([['q', ['a']], 'b', 'c', 'x', 'y', 'd']);
  });
});
