import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach } from '../spec.js';
import { once } from '../../activities/case/once.js';
import { correctResult, enterResult, withdrawResult, type Entered } from '../../activities/exchange/protocol-commands.js';
import { replaceNumber } from '../../activities/exchange/replace-number.js';
import { disguised, handOver, type Inquiry } from '../../activities/exchange/source.js';
import type { Actor, RoleName } from '../../workflows/process.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { freshDatabase } from './database.js';

/** The student of each test, and the moment at which it plays. */
export const NUMBER = '15990812345';
export const AT = '2026-11-27T12:00:00.000Z';
/** A number with right control digits for the same day of birth. */
export const REAL = '15889900064';
/** A result and a degree as the exam office enters them. */
export const course: Entered = {
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
export const degree: Entered = {
  ...course,
  kind: 'qualification',
  category: 'qualification',
  code: 'B-ING',
  result: null,
  diplomaOn: '2026-11-26',
};

/** A database with our protocols, two institutions that ask, and a student: `person`, new for each test. Call it once in a describe. */
export function protocols() {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const at = { person: '' } as { db: Database; person: string };
  beforeAll(async () => {
    database = await freshDatabase();
    const db = (at.db = createDatabase({ url: database.url }));
    await db.institution.create({ data: { code: 'bth', name: 'BTH', zone: 'Europe/Oslo', language: 'nb' } });
    for (const name of ['exchange-module', 'exchange-test-numbers'])
      await db.setting.create({
        data: { institution: 'bth', name, fromDate: asDate('2020-01-01'), value: true, setBy: randomUUID(), reason: 'test' },
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
    const { db } = at;
    for (const table of [
      'onwardNotice',
      'protocolResult',
      'protocolReading',
      'externalResult',
      'externalStudy',
      'exchangeInquiry',
      'case',
      'formerNumber',
      'mistypedNumber',
      'student',
      'person',
    ] as const)
      await (db[table] as unknown as { deleteMany(): Promise<unknown> }).deleteMany();
    at.person = await student(NUMBER);
  });
  afterAll(async () => {
    await at.db?.$disconnect();
    await database?.drop();
  });

  const student = async (personNumber: string): Promise<string> => {
    const id = randomUUID();
    const { db } = at;
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
      at.db,
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
    command(as, (tx, trace) => enterResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', person: at.person, entry }, trace));
  const entered = async (entry: Entered): Promise<string> => ((await enter(entry)) as { key: string }).key;
  const correct = (key: string, changes: Partial<Entered>, as = office) =>
    command(as, (tx, trace) =>
      correctResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', key, changes, reason: 'a slip' }, trace),
    );
  const withdraw = (key: string, as = office) =>
    command(as, (tx, trace) => withdrawResult(tx, { actor: as, at: AT, zone: 'Europe/Oslo', key, reason: 'a slip' }, trace));
  /** Says that the student's number was mistyped, and is `REAL`. */
  const mistyped = (as = office) =>
    command(as, (tx, trace) =>
      replaceNumber(
        tx,
        { actor: as, person: at.person, number: REAL, mistyped: true, reason: 'a slip', today: AT.slice(0, 10) },
        trace,
      ),
    );
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
  const fetch = (more: Partial<Inquiry> = {}) => at.db.$transaction((tx) => handOver(tx, inquiry(more)));
  const notices = async () =>
    (await at.db.onwardNotice.findMany({ orderBy: [{ partner: 'asc' }, { key: 'asc' }] })).map(
      ({ partner, personNumber, key }) => [partner, personNumber, key],
    );
  const refusalOf = (answer: object) =>
    'refused' in answer ? [(answer as unknown as { rule: string }).rule, (answer as unknown as { code: string }).code] : answer;
  /** What was fetched from an institution, without results. */
  const study = async (partner = 'north.example'): Promise<string> => {
    const caseId = randomUUID();
    await at.db.case.create({
      data: {
        id: caseId,
        kind: 'exchange',
        institution: 'bth',
        state: 'complete',
        data: { person: at.person },
        createdBy: at.person,
        createdAt: new Date(),
        changedAt: new Date(),
        closedAt: new Date(),
      },
    });
    return (
      await at.db.externalStudy.create({
        data: {
          institution: 'bth',
          personId: at.person,
          partner,
          caseId,
          documentHash: '0'.repeat(64),
          fetchedAt: AT,
          generatedAt: AT,
        },
      })
    ).id;
  };

  return Object.assign(at, {
    student,
    study,
    actor,
    office,
    enter,
    entered,
    correct,
    withdraw,
    mistyped,
    inquiry,
    fetch,
    notices,
    refusalOf,
  });
}
