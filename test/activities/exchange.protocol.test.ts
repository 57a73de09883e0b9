import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { complaintInProtocol, listInProtocol } from '../../activities/exchange/protocol.js';
import type { ComplaintData, Entry } from '../../workflows/complaint/complaint.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { freshDatabase } from '../support/database.js';

const NUMBER = '01819000049';
const AT = '2026-11-27T12:00:00.000Z';
const student = randomUUID();
const data: ListData = {
  listKind: 'T33',
  course: { code: 'XX1000', nameSv: 'Kurs', nameEn: 'Course' },
  module: { code: 'TEN1', nameSv: 'Tenta', nameEn: 'Exam', uid: randomUUID() },
  scale: { id: '1', code: 'AF' },
};
const entry: Entry = {
  courseNameNb: 'Emne',
  courseNameEn: 'Course',
  scale: { kind: 'letters', ordered: true, grades: [...'ABCDEF'].map((grade) => ({ grade, passing: grade !== 'F' })) },
  gradedOn: '2026-06-12',
  top: null,
  diploma: null,
  blocked: false,
};

describe('our own protocols', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    await db.institution.create({ data: { code: 'bth', name: 'BTH', zone: 'Europe/Stockholm', language: 'sv' } });
    await db.gradeScale.create({
      data: {
        institution: 'bth',
        id: '1',
        code: 'AF',
        grades: [...'ABCDEF'].map((code) => ({ code, passing: code !== 'F' })),
        takenAt: new Date(),
      },
    });
  });
  beforeAll(async () => {
    const names = { courseNameSv: 'Kurs', courseNameEn: 'Course', moduleNameSv: 'Tenta', moduleNameEn: 'Exam' };
    const of = { institution: 'bth', scaleId: '1', takenAt: new Date() };
    await db.courseModule.create({
      data: { ...of, ...names, courseCode: 'XX1000', moduleCode: 'TEN1', moduleUid: randomUUID(), credits: '7.5' },
    });
    const course = {
      code: 'XX1000',
      nameSv: 'Kurs',
      nameEn: 'Course',
      uid: randomUUID(),
      titleWanted: false,
      discontinued: false,
    };
    await db.course.create({ data: { ...of, ...course, credits: '12' } });
  });
  beforeEach(async () => {
    for (const table of ['protocolResult', 'onwardNotice', 'formerNumber', 'student', 'person'] as const)
      await (db[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  /** A list that has arrived with rows: grade, day, and how the row stands in the register. */
  const arrived = async (
    rows: readonly (readonly [grade: string | null, on: string | null, state: string, number?: string, studentUid?: string])[],
    about: Partial<ListData> = {},
  ): Promise<void> => {
    const id = randomUUID();
    for (const [grade, on, state, personNumber = NUMBER, studentUid = student] of rows) {
      await db.resultRow.create({
        data: {
          caseId: id,
          studentUid,
          personNumber,
          surname: 'Eksempel',
          givenName: 'Nora',
          grade,
          ...(on ? { examinationDate: asDate(on) } : {}),
        },
      });
      await db.rowTransfer.create({ data: { caseId: id, studentUid, state, changedAt: new Date() } });
    }
    await db.$transaction((tx) => listInProtocol(tx, { id, institution: 'bth', data: { ...data, ...about } }, AT));
  };
  const complained = async (
    grade: string,
    {
      replaces = 'C',
      gradedOn = '2026-06-12',
      course = 'XX1000',
      personNumber = NUMBER,
    }: { replaces?: string; gradedOn?: string; course?: string; personNumber?: string | null } = {},
  ): Promise<void> => {
    const id = randomUUID();
    await db.complaintStudent.create({
      data: {
        caseId: id,
        institution: 'bth',
        course,
        studentNumber: '100001',
        personNumber,
        givenName: 'Nora',
        surname: 'Eksempel',
      },
    });
    const complaint = {
      unit: { course, version: '1', combination: 'S', year: 2026, term: 'JUN' },
      entry,
    } as unknown as ComplaintData;
    const changed = { course, grade, replaces, scale: entry.scale, gradedOn };
    await db.$transaction((tx) => complaintInProtocol(tx, { id, institution: 'bth', data: complaint }, changed, AT));
  };
  const stands = async () =>
    (await db.protocolResult.findMany({ orderBy: { code: 'asc' } })).map(({ code, result, passed, personNumber, cameFrom }) => [
      code,
      result,
      passed,
      personNumber,
      cameFrom,
    ]);
  const whole = { listKind: 'T34' as const, module: undefined } as unknown as Partial<ListData>;

  it('RX-13 hold the rows of a list that arrived, the failed ones as failed, under a key that tells nobody', async () => {
    await arrived([
      ['B', '2026-11-02', 'attested'],
      ['F', '2026-06-30', 'attested', '199001012385', randomUUID()],
      ['A', '2026-11-02', 'awaited', '01819000200', randomUUID()],
    ]);
    expect((await stands()).map(([, ...rest]) => rest).sort()).toEqual([
      ['A', true, '01819000200', 'result-list'],
      ['B', true, NUMBER, 'result-list'],
      ['F', false, '199001012385', 'result-list'],
    ]);
    const [row] = await db.protocolResult.findMany({ where: { personNumber: NUMBER } });
    expect(row).toMatchObject({
      kind: 'assessment',
      category: 'module',
      code: 'XX1000 TEN1',
      nameNb: 'Kurs: Tenta',
      nameEn: 'Course: Exam',
      term: '2026 HØST',
      gradingScheme: 'AF: A, B, C, D, E / F',
      credits: '7.5',
      nameLanguage: 'sv',
      givenName: 'Nora',
      surname: 'Eksempel',
    });
    expect(row?.key).toMatch(/^[0-9a-f]{32}$/);
  });

  it('RX-13 hold no row that the register refused or decided otherwise, and none without a grade', async () => {
    await arrived([
      ['B', '2026-11-02', 'refused'],
      ['B', '2026-11-02', 'differs', '1', randomUUID()],
      [null, null, 'attested', '2', randomUUID()],
    ]);
    expect(await stands()).toEqual([]);
  });

  it('RX-14 hold one result of a student on a course and module, the best, under the same key; another module is another', async () => {
    await arrived([['C', '2026-06-01', 'attested']]);
    const keyThen = (await db.protocolResult.findFirstOrThrow()).key;
    await arrived([['F', '2026-08-01', 'attested']]);
    await arrived([['D', '2026-09-01', 'attested']]);
    expect(await stands()).toEqual([['XX1000 TEN1', 'C', true, NUMBER, 'result-list']]);
    await arrived([['A', '2026-11-01', 'attested']]);
    expect(await db.protocolResult.findMany()).toEqual([
      expect.objectContaining({ key: keyThen, result: 'A', term: '2026 HØST' }),
    ]);
    await arrived([['E', '2026-11-01', 'attested']], whole);
    await arrived([['E', '2026-11-01', 'attested']], {
      module: { code: 'LAB1', nameSv: 'Labb', nameEn: 'Lab', uid: randomUUID() },
      title: 'On results',
    });
    expect(
      (await db.protocolResult.findMany({ orderBy: { code: 'asc' } })).map(({ code, category, thesisTitle, credits }) => [
        code,
        category,
        thesisTitle,
        credits,
      ]),
    ).toEqual([
      ['XX1000', 'course', null, '12'],
      ['XX1000 LAB1', 'thesis', 'On results', null],
      ['XX1000 TEN1', 'module', null, '7.5'],
    ]);
  });

  it('RX-29 hold what arrives under a number that the student had before under the one of today', async () => {
    const id = randomUUID();
    await db.person.create({
      data: {
        id,
        institution: 'bth',
        givenName: 'Nora',
        surname: 'Eksempel',
        personNumber: NUMBER,
        email: 'a@b.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
    await db.formerNumber.create({
      data: {
        personId: id,
        number: '12345678901',
        numberKind: 'temporary',
        replacedBy: id,
        replacedAt: new Date(),
        reason: 'test',
      },
    });
    await arrived([['B', '2026-11-02', 'attested', '12345678901']]);
    expect(await stands()).toEqual([['XX1000 TEN1', 'B', true, NUMBER, 'result-list']]);
  });

  it('RX-33 hold the grade that a complaint put in, better or worse, in place of the one that stood there, and tell it onward', async () => {
    await arrived([['C', '2026-06-12', 'attested']], whole);
    const { key } = await db.protocolResult.findFirstOrThrow();
    await db.disclosure.create({
      data: {
        institution: 'bth',
        requestId: randomUUID(),
        partner: 'north.example',
        personNumber: NUMBER,
        question: 'results',
        basis: 'consent',
        outcome: 'shared',
        keys: [key],
        askedAt: new Date(),
      },
    });
    await complained('D');
    expect(await stands()).toEqual([['XX1000', 'D', true, NUMBER, 'complaint']]);
    await complained('F', { replaces: 'D' });
    expect(await stands()).toEqual([['XX1000', 'F', false, NUMBER, 'complaint']]);
    expect((await db.onwardNotice.findMany()).map((one) => [one.partner, one.key])).toEqual([
      ['north.example', key],
      ['north.example', key],
    ]);
  });

  it('RX-33 hold it also where nothing stood there, once, and not where nobody knows the number', async () => {
    await complained('B');
    await complained('A', { replaces: 'B' });
    await complained('A', { personNumber: null, course: 'YY1000' });
    expect(await stands()).toEqual([['XX1000', 'A', true, NUMBER, 'complaint']]);
    expect(await db.protocolResult.findFirstOrThrow()).toMatchObject({
      nameNb: 'Emne',
      term: '2026 VÅR',
      passedOn: asDate('2026-06-12'),
    });
  });

  it('RX-13 keep the best where a complaint is about another sitting than the one that stands', async () => {
    await arrived([['C', '2026-06-12', 'attested']], whole);
    const autumn = { replaces: 'E', gradedOn: '2026-11-20' };
    await complained('D', autumn);
    await complained('F', autumn);
    expect(await stands()).toEqual([['XX1000', 'C', true, NUMBER, 'result-list']]);
    await complained('B', autumn);
    expect(await db.protocolResult.findMany()).toMatchObject([
      { result: 'B', passed: true, term: '2026 HØST', passedOn: asDate('2026-11-20'), cameFrom: 'complaint', nameNb: 'Kurs' },
    ]);
  });

  /** An entry about the course that the exam office put in by hand. */
  const byHand = (key: string, result: string, on: string) =>
    db.protocolResult.create({
      data: {
        institution: 'bth',
        personNumber: NUMBER,
        kind: 'assessment',
        key,
        category: 'course',
        code: 'XX1000',
        nameNb: 'Kurs',
        nameEn: 'Course',
        result,
        passed: true,
        passedOn: asDate(on),
        cameFrom: 'entered',
        changedAt: AT,
      },
    });
  const byKey = async () =>
    Object.fromEntries((await db.protocolResult.findMany()).map(({ key, result, withdrawnOn }) => [key, [result, withdrawnOn]]));

  it('RX-33 change the entry with the grade that was complained about, then that of its day, whatever their keys', async () => {
    await byHand('0', 'C', '2025-12-01');
    await byHand('1', 'B', '2026-06-12');
    await byHand('2', 'C', '2026-06-12');
    await byHand('3', 'C', '2024-06-12');
    await complained('E');
    await complained('D', { replaces: 'B', gradedOn: '2020-01-01' });
    expect(await byKey()).toEqual({ 0: ['C', null], 1: ['D', null], 2: ['E', null], 3: ['C', null] });
  });

  it('RX-33 have stand again what was withdrawn by hand, under its key, and not what was withdrawn beside it', async () => {
    await byHand('0', 'C', '2026-06-12');
    await db.protocolResult.updateMany({ data: { withdrawnOn: asDate('2026-07-01') } });
    await complained('D');
    const [own] = await db.protocolResult.findMany({ where: { key: { not: '0' } } });
    await db.protocolResult.updateMany({ data: { withdrawnOn: asDate('2026-07-01') } });
    await complained('E', { replaces: 'D' });
    expect(await byKey()).toEqual({ 0: ['C', asDate('2026-07-01')], [own?.key ?? '']: ['E', null] });
    await db.protocolResult.updateMany({
      where: { key: own?.key ?? '' },
      data: { withdrawnOn: asDate('2026-07-01'), result: 'A' },
    });
    await complained('F', { replaces: 'E' });
    expect(await byKey()).toMatchObject({ [own?.key ?? '']: ['F', null] });
  });
});
