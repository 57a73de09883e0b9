import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { once } from '../../activities/case/once.js';
import { approvalStore } from '../../activities/approval/store.js';
import { holdPerson } from '../../activities/exchange/import.js';
import { listInProtocol, type CameFrom } from '../../activities/exchange/protocol.js';
import { enterResult, type Entered } from '../../activities/exchange/protocol-commands.js';
import { replaceNumber, type Replaced } from '../../activities/exchange/replace-number.js';
import { exchangeAbout } from '../../activities/exchange/seen.js';
import { exchangeStore } from '../../activities/exchange/store.js';
import { findStudent, readStudent } from '../../activities/students.js';
import type { Refusal, RoleName } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { asDate, createDatabase, type Database, type Transaction } from '../../prisma/client.js';
import { freshDatabase } from '../support/database.js';

const [TEMPORARY, REAL, BORN] = ['12345678901', '01819000049', '1990-01-01'];

describe('a temporary number that becomes a real one', () => {
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
        name: 'exchange-test-numbers',
        fromDate: asDate('2020-01-01'),
        value: true,
        setBy: randomUUID(),
        reason: 'test',
      },
    });
  });
  beforeEach(async () => {
    for (const table of [
      'protocolResult',
      'protocolReading',
      'externalResult',
      'externalStudy',
      'case',
      'formerNumber',
      'mistypedNumber',
      'student',
      'role',
      'person',
    ] as const)
      await (db[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
    person = await student(TEMPORARY, 'temporary');
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const somebody = async (personNumber: string): Promise<string> => {
    const id = randomUUID();
    await db.person.create({
      data: {
        id,
        institution: 'bth',
        givenName: 'Nora',
        surname: 'Eksempel',
        personNumber,
        email: 'a@b.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
    return id;
  };
  const student = async (personNumber: string, numberKind: string, signsIn = false): Promise<string> => {
    const id = await somebody(personNumber);
    await db.student.create({
      data: { personId: id, institution: 'bth', birthDate: asDate(BORN), numberKind, registeredBy: id, registeredAt: new Date() },
    });
    if (signsIn) await db.role.create({ data: { personId: id, role: 'student', validFrom: asDate('2020-01-01') } });
    return id;
  };
  const replace = (
    more: { number?: string; merge?: string; mistyped?: boolean; role?: RoleName } = {},
  ): Promise<Replaced | Refusal> => {
    const actor = { id: randomUUID(), institution: 'bth', roles: [{ role: more.role ?? ('exam-office' as const) }] };
    return once<Replaced>(
      db,
      {
        action: 'students.replace-number',
        about: person,
        body: {},
        idempotencyKey: randomUUID(),
        actor,
        requestId: randomUUID(),
      },
      (tx, trace) =>
        replaceNumber(
          tx,
          {
            actor,
            person,
            number: more.number ?? REAL,
            merge: more.merge,
            mistyped: more.mistyped,
            reason: 'Came with a passport',
            today: '2026-11-27',
          },
          trace,
        ),
    );
  };
  const refusalOf = (answer: object) => ('refused' in answer ? [(answer as Refusal).rule, (answer as Refusal).code] : answer);
  const result = (personNumber: string, cameFrom: CameFrom = 'entered') =>
    db.protocolResult.create({
      data: {
        institution: 'bth',
        personNumber,
        kind: 'assessment',
        key: randomUUID(),
        category: 'course',
        code: 'RES-100',
        nameNb: 'Emne',
        nameEn: 'Course',
        passed: true,
        cameFrom,
        changedAt: new Date(),
      },
    });
  const study = async (personId: string, partner: string, fetchedAt: string, keys: readonly string[]) => {
    const { id } = await db.externalStudy.create({
      data: {
        institution: 'bth',
        personId,
        partner,
        caseId: randomUUID(),
        documentHash: '0'.repeat(64),
        fetchedAt,
        generatedAt: fetchedAt,
      },
    });
    await db.externalResult.createMany({
      data: keys.map((key) => ({ studyId: id, key, category: 'course', result: fetchedAt.slice(0, 4) })),
    });
  };
  const consent = (personId: string, answer: 'J' | 'N') =>
    db.consent.create({
      data: {
        institution: 'bth',
        personId,
        type: 'RESULTATUTVEKS',
        answer,
        answeredOn: asDate('2026-11-01'),
        cameFrom: 'staff',
        enteredBy: person,
        enteredAt: new Date(),
      },
    });

  it('RX-29 takes the results along, keeps the former number, and says so in the audit without a number', async () => {
    await result(TEMPORARY);
    const reader = randomUUID();
    await db.protocolReading.create({ data: { institution: 'bth', personNumber: TEMPORARY, readerId: reader } });
    expect(await replace()).toEqual({ person, merged: null, numberKind: 'synthetic' });
    expect(await db.protocolResult.count({ where: { personNumber: REAL } })).toBe(1);
    expect(await db.protocolReading.count({ where: { personNumber: REAL, readerId: reader } })).toBe(1);
    expect(await readStudent(db, { institution: 'bth', person })).toMatchObject({
      number: REAL,
      numberKind: 'synthetic',
      formerNumbers: [{ number: TEMPORARY, numberKind: 'temporary' }],
    });
    expect(await findStudent(db, { institution: 'bth', number: TEMPORARY })).toBeUndefined();
    const { entry } = await db.auditEntry.findFirstOrThrow({ orderBy: { seq: 'desc' } });
    expect(JSON.parse(entry)).toMatchObject({
      action: 'students.replace-number',
      outcome: 'done',
      details: { person, numberKind: 'synthetic' },
    });
    expect(entry).not.toContain(REAL);
    expect(entry).not.toContain(TEMPORARY);
    expect(refusalOf(await replace({ number: '41819000113' }))).toEqual(['RX-29', 'number-is-real']);
  });

  /** Replaces the number while a transaction that writes under it is not over; answers under which number what it wrote stands. */
  const replacedWhile = async (write: (tx: Transaction) => Promise<unknown>): Promise<string[]> => {
    const { begun } = await db.$transaction(async (tx) => {
      await write(tx);
      const replacing = replace();
      await new Promise((later) => setTimeout(later, 300));
      return { begun: Promise.allSettled([replacing]) };
    });
    expect(await begun).toMatchObject([{ value: { person } }]);
    return (await db.protocolResult.findMany()).map(({ personNumber }) => personNumber);
  };

  it('RX-29 takes along what is being entered for the student at that moment', async () => {
    const actor = { id: randomUUID(), institution: 'bth', roles: [{ role: 'exam-office' as const }] };
    const entry: Entered = {
      kind: 'assessment',
      partOf: null,
      category: 'course',
      code: 'RES-100',
      nameNb: 'Emne',
      nameEn: 'Course',
      thesisTitle: null,
      term: null,
      credits: null,
      result: 'C',
      gradingScheme: null,
      passed: true,
      passedOn: null,
      diplomaOn: null,
      description: null,
    };
    const at = '2026-11-27T12:00:00.000Z';
    expect(
      await replacedWhile((tx) => enterResult(tx, { actor, at, zone: 'Europe/Oslo', person, entry }, async () => undefined)),
    ).toEqual([REAL]);
  });

  it('RX-29 takes along what arrives on a list at that moment', async () => {
    const id = randomUUID();
    await db.resultRow.create({
      data: {
        caseId: id,
        studentUid: randomUUID(),
        personNumber: TEMPORARY,
        surname: 'Eksempel',
        givenName: 'Nora',
        grade: 'B',
        examinationDate: asDate('2026-11-02'),
      },
    });
    const data: ListData = {
      listKind: 'T33',
      course: { code: 'XX1000', nameSv: 'Kurs', nameEn: 'Course' },
      module: { code: 'TEN1', nameSv: 'Tenta', nameEn: 'Exam', uid: randomUUID() },
      scale: { id: '1', code: 'AF' },
    };
    expect(await replacedWhile((tx) => listInProtocol(tx, { id, institution: 'bth', data }, '2026-11-27T12:00:00.000Z'))).toEqual(
      [REAL],
    );
  });

  it.each(['d-number', 'h-number'])('RX-29 replaces a %s too', async (kind) => {
    person = await student('41019012345', kind);
    expect(await replace()).toEqual({ person, merged: null, numberKind: 'synthetic' });
    expect((await readStudent(db, { institution: 'bth', person }))?.formerNumbers).toMatchObject([
      { number: '41019012345', numberKind: kind },
    ]);
  });

  it("RX-29 corrects a number that was mistyped, and takes nothing along that may be somebody else's", async () => {
    const wrong = '41819000113';
    person = await student(wrong, 'birth');
    await result(wrong);
    await result(wrong, 'result-list');
    await study(person, 'north.example', '2026-01-01T00:00:00.000Z', ['a']);
    expect(refusalOf(await replace())).toEqual(['RX-29', 'number-is-real']);
    expect(refusalOf(await replace({ number: wrong, mistyped: true }))).toEqual(['RX-29', 'number-is-theirs']);
    expect(await db.externalStudy.count()).toBe(1);
    expect(await replace({ mistyped: true })).toEqual({ person, merged: null, numberKind: 'synthetic' });
    expect(await readStudent(db, { institution: 'bth', person })).toMatchObject({ number: REAL, formerNumbers: [] });
    expect(
      (await db.protocolResult.findMany({ orderBy: { cameFrom: 'asc' } })).map(({ personNumber, cameFrom }) => [
        personNumber,
        cameFrom,
      ]),
    ).toEqual([
      [REAL, 'entered'],
      [wrong, 'result-list'],
    ]);
    expect([await db.externalStudy.count(), await db.externalResult.count()]).toEqual([0, 0]);
    const { entry } = await db.auditEntry.findFirstOrThrow({ orderBy: { seq: 'desc' } });
    expect(JSON.parse(entry).details).toMatchObject({ person, mistyped: true });
  });

  it.each([
    ['study-adviser', 'RX-29', 'not-yours-to-give'],
    ['auditor', 'RX-29', 'not-yours-to-give'],
  ] as const)('RX-29 is not for a %s', async (role, rule, code) => {
    expect(refusalOf(await replace({ role }))).toEqual([rule, code]);
  });

  it.each([
    ['12345678901', 'RX-31', 'number-not-valid'],
    ['01859000270', 'RX-29', 'birth-date-differs'],
  ])('RX-29 refuses the number %s', async (number, rule, code) => {
    expect(refusalOf(await replace({ number }))).toEqual([rule, code]);
    expect(await readStudent(db, { institution: 'bth', person })).toMatchObject({ number: TEMPORARY, formerNumbers: [] });
  });

  it('RX-29 refuses for who is no student, and a merge with somebody who is none', async () => {
    const staff = await somebody(REAL);
    expect(refusalOf(await replace({ merge: staff }))).toEqual(['RX-29', 'number-of-nobody']);
    person = randomUUID();
    expect(refusalOf(await replace())).toEqual(['RX-32', 'not-a-student']);
  });

  it('RX-29 asks who has the number among students: not who is employed as well, nor who went by an earlier merge', async () => {
    await somebody(REAL);
    expect(await replace()).toEqual({ person, merged: null, numberKind: 'synthetic' });
    const [stays, goes] = [await student('12345678902', 'temporary', true), await student('01819000200', 'synthetic')];
    person = stays;
    expect(await replace({ number: '01819000200', merge: goes })).toMatchObject({ person: stays, merged: goes });
    person = await student('12345678903', 'temporary');
    expect(await replace({ number: '01819000200' })).toMatchObject({ code: 'number-of-another', details: { person: stays } });
    expect(await replace({ number: '01819000200', merge: stays })).toEqual({
      person: stays,
      merged: person,
      numberKind: 'synthetic',
    });
  });

  it('RX-29 a case is opened about a person, and ordered in, only when nobody is being made one with another: the person first, then the case', async () => {
    const approval = await db.case.create({
      data: {
        id: randomUUID(),
        kind: 'approval',
        institution: 'bth',
        state: 'in-progress',
        data: { person },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    const actor = { id: randomUUID(), institution: 'bth', roles: [{ role: 'study-adviser' as const }] };
    const over: string[] = [];
    const { begun: births } = await db.$transaction(async (tx) => {
      await holdPerson(tx, person);
      const begun = Promise.allSettled([
        db
          .$transaction((other) => approvalStore.birthFacts(other, { body: { person }, actor }))
          .then(() => over.push('approval')),
        db
          .$transaction((other) => exchangeStore().birthFacts(other, { body: { approval: String(approval.number) }, actor }))
          .then(() => over.push('exchange')),
      ]);
      await new Promise((later) => setTimeout(later, 300));
      await tx.$queryRaw`SELECT FROM cases WHERE id = ${approval.id}::uuid FOR UPDATE NOWAIT`;
      expect(over).toEqual([]);
      return { begun };
    });
    await births;
    expect(over.sort()).toEqual(['approval', 'exchange']);
  });

  it("RX-29 an order in a case that became another person's meanwhile is of that person", async () => {
    const other = await student(REAL, 'synthetic', true);
    await consent(other, 'J');
    const approval = await db.case.create({
      data: {
        id: randomUUID(),
        kind: 'approval',
        institution: 'bth',
        state: 'in-progress',
        data: { person },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    const actor = { id: randomUUID(), institution: 'bth', roles: [{ role: 'study-adviser' as const }] };
    const born = await db.$transaction(async (tx) => {
      await holdPerson(tx, person);
      const begun = Promise.allSettled([
        db.$transaction((later) => exchangeStore().birthFacts(later, { body: { approval: String(approval.number) }, actor })),
      ]);
      await new Promise((later) => setTimeout(later, 300));
      await tx.case.update({ where: { id: approval.id }, data: { data: { person: other } } });
      return { begun };
    });
    expect(await born.begun).toMatchObject([{ value: { approval: { person: other }, consent: { answer: 'J' } } }]);
  });

  it('AU-08 what is there about a person is found by an index, and what was asked for them in one question', async () => {
    const found = await db.$transaction(async (tx) => {
      await tx.$executeRaw`SET LOCAL enable_seqscan = off`;
      return tx.$queryRaw<
        object[]
      >`EXPLAIN SELECT id FROM cases WHERE institution = 'bth' AND kind IN ('approval', 'exchange') AND data->>'person' = 'x'`;
    });
    expect(JSON.stringify(found)).toContain('cases_about_person');
    for (const day of [1, 2, 3]) {
      const id = randomUUID();
      await db.case.create({
        data: {
          id,
          kind: 'exchange',
          institution: 'bth',
          state: 'complete',
          data: { person, basis: { basis: 'consent', citation: 'x' } },
          createdBy: person,
          createdAt: new Date(2026, 1, day),
          changedAt: new Date(),
        },
      });
      await db.exchangeInquiry.createMany({
        data: [1, 2].map((round) => ({
          caseId: id,
          partner: `x${day}.example`,
          round,
          orderedAt: new Date(),
          state: 'answered',
          outcome: round === 1 ? 'down' : 'fetched',
        })),
      });
    }
    let questions = 0;
    const counted = db.$extends({
      query: { exchangeInquiry: { findMany: ({ args, query }) => ((questions += 1), query(args)) } },
    }) as unknown as Database;
    const { orders } = await exchangeAbout(counted, { institution: 'bth', person });
    expect(orders.map(({ institutions }) => institutions.map(({ institution, outcome }) => [institution.code, outcome]))).toEqual(
      [3, 2, 1].map((day) => [[`x${day}.example`, 'fetched']]),
    );
    expect(questions).toBe(1);
  });

  it('RX-29 refuses a number that somebody has, unless that very person is named, and a name that has another', async () => {
    const other = await student(REAL, 'synthetic');
    const third = await student('41819000113', 'synthetic');
    expect(await replace()).toMatchObject({
      refused: true,
      rule: 'RX-29',
      code: 'number-of-another',
      details: { person: other },
    });
    expect(refusalOf(await replace({ merge: third }))).toEqual(['RX-29', 'number-of-another']);
    expect(refusalOf(await replace({ number: '01819000200', merge: third }))).toEqual(['RX-29', 'number-of-nobody']);
    expect(await replace({ merge: other })).toEqual({ person: other, merged: person, numberKind: 'synthetic' });
  });

  it("RX-29 makes one of two: cases, studies, results and the last answer are the other's, the newer fetch stands", async () => {
    const other = await student(REAL, 'synthetic');
    await consent(other, 'J');
    await consent(person, 'N');
    await study(person, 'north.example', '2025-01-01T00:00:00.000Z', ['a', 'b']);
    await study(other, 'north.example', '2026-01-01T00:00:00.000Z', ['b', 'c']);
    await study(person, 'south.example', '2025-01-01T00:00:00.000Z', ['d']);
    await result(TEMPORARY);
    await result(REAL);
    const approval = randomUUID();
    await db.case.create({
      data: {
        id: approval,
        kind: 'approval',
        institution: 'bth',
        state: 'in-progress',
        data: { person, reference: 'x' },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    await replace({ merge: other });
    const studies = await db.externalStudy.findMany({ orderBy: { partner: 'asc' } });
    expect(studies.map(({ personId, partner, fetchedAt }) => [personId, partner, fetchedAt.getUTCFullYear()])).toEqual([
      [other, 'north.example', 2026],
      [other, 'south.example', 2025],
    ]);
    expect(
      (await db.externalResult.findMany({ where: { studyId: studies[0]!.id }, orderBy: { key: 'asc' } })).map(
        ({ key, result: of }) => [key, of],
      ),
    ).toEqual([
      ['a', '2025'],
      ['b', '2026'],
      ['c', '2026'],
    ]);
    expect(await db.protocolResult.count({ where: { personNumber: REAL } })).toBe(2);
    expect((await db.case.findUniqueOrThrow({ where: { id: approval } })).data).toEqual({ person: other, reference: 'x' });
    expect((await db.consent.findFirstOrThrow({ where: { personId: other }, orderBy: { seq: 'desc' } })).answer).toBe('N');
    expect(await readStudent(db, { institution: 'bth', person })).toBeUndefined();
    expect(await db.person.count({ where: { id: person } })).toBe(1);
  });

  it('RX-29 leaves the newer answer where it is', async () => {
    const other = await student(REAL, 'synthetic');
    await consent(person, 'N');
    await consent(other, 'J');
    await replace({ merge: other });
    expect((await db.consent.findMany({ where: { personId: other } })).map(({ answer }) => answer)).toEqual(['J']);
  });

  it('RX-29 keeps the one of two who signs in', async () => {
    person = await student('12345678902', 'temporary', true);
    const other = await student(REAL, 'synthetic');
    expect(await replace({ merge: other })).toEqual({ person, merged: other, numberKind: 'synthetic' });
    expect(await findStudent(db, { institution: 'bth', number: REAL })).toBe(person);
    expect(await db.role.count({ where: { role: 'student' } })).toBe(1);
  });

  it.each([
    ['the one', true],
    ['the other', false],
  ])('RX-10 waits until no results are being fetched for %s', async (_who, own) => {
    const other = await student(REAL, 'synthetic');
    const { number } = await db.case.create({
      data: {
        id: randomUUID(),
        kind: 'exchange',
        institution: 'bth',
        state: 'waiting',
        data: { person: own ? person : other },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    expect(await replace({ merge: other })).toMatchObject({
      rule: 'RX-10',
      code: 'not-while-asking',
      details: { number: String(number) },
    });
    await db.case.updateMany({ data: { closedAt: new Date() } });
    expect(await replace({ merge: other })).toMatchObject({ merged: person });
  });
});
