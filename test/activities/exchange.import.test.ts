import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { holdPerson, importNothing, importReport, quarantine, type Imported } from '../../activities/exchange/import.js';
import { Rejected } from '../../activities/exchange/institution.js';
import type { Report, ReportedResult } from '../../activities/exchange/report.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { freshDatabase } from '../support/database.js';

const NUMBER = '15990812345';
const PARTNER = 'hinesna.example';
const course = (key: string, more: Partial<ReportedResult> = {}): ReportedResult => ({
  key,
  category: 'course',
  code: key.toUpperCase(),
  nameNb: 'Emne',
  result: 'C',
  passedOn: '2025-06-01',
  ...more,
});
const none = { new: 0, improved: 0, corrected: 0, withdrawn: 0 };

describe('bringing results in', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  let person: string;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    await db.institution.create({ data: { code: 'bth', name: 'BTH', zone: 'Europe/Oslo', language: 'nb' } });
  });
  beforeEach(async () => {
    person = randomUUID();
    await db.person.create({
      data: {
        id: person,
        institution: 'bth',
        givenName: 'Test',
        surname: 'Student',
        personNumber: NUMBER,
        email: 'a@b.example',
        language: 'nb',
        changedAt: new Date(),
      },
    });
    await answered('J');
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const answered = (answer: 'J' | 'N') =>
    db.consent.create({
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
  /** An order; `others` is what another institution said in it. */
  const order = async (basis = 'consent', others?: string): Promise<string> => {
    const id = randomUUID();
    await db.case.create({
      data: {
        id,
        kind: 'exchange',
        institution: 'bth',
        state: 'running',
        data: { person, basis: { basis } },
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
      },
    });
    if (others)
      await db.exchangeInquiry.create({
        data: { caseId: id, partner: 'other.example', round: 1, state: 'answered', outcome: others, orderedAt: new Date() },
      });
    return id;
  };
  const report = (results: readonly ReportedResult[], more: Partial<Report> = {}): Report => ({
    learner: { nationalNumber: NUMBER, givenNames: 'Test', familyName: 'Student' },
    issuer: { code: PARTNER, nameNb: 'HiNe', country: 'NO', url: 'https://hinesna.example' },
    generatedAt: '2026-11-27T10:00:00+01:00',
    results,
    ...more,
  });
  const bring = (caseId: string, given: Report | readonly ReportedResult[], at = '2026-11-27T09:00:05.000Z'): Promise<Imported> =>
    db.$transaction((tx) =>
      importReport(tx, {
        institution: 'bth',
        personId: person,
        partner: PARTNER,
        caseId,
        document: Buffer.from('<elmo/>'),
        report: 'results' in given ? given : report(given),
        at,
      }),
    );
  const held = async () =>
    (await db.externalResult.findMany({ where: { studyId: (await study()).id }, orderBy: { key: 'asc' } })).map(
      ({ key, result, withdrawnOn }) => [key, result, withdrawnOn?.toISOString().slice(0, 10) ?? null],
    );
  const study = () => db.externalStudy.findFirstOrThrow({ where: { personId: person } });

  it('RX-17 keeps one entry of an institution, a qualification with its parts, and calls nothing of the first fetch a change', async () => {
    const whole: ReportedResult = {
      key: 'part',
      partOf: 'degree',
      category: 'thesis',
      code: 'RES-100',
      nameNb: 'Emne',
      nameEn: 'Course',
      thesisTitle: 'On results',
      term: '2026 VÅR',
      credits: '7.5',
      creditScheme: 'ects',
      result: 'B',
      gradingScheme: 'A-F',
      passedOn: '2026-06-01',
      description: 'What it is about',
    };
    expect(await bring(await order(), [{ key: 'degree', category: 'qualification', nameNb: 'Bachelor' }, whole])).toEqual({
      imported: true,
      counts: { results: 2, ...none },
    });
    const { id } = await study();
    const {
      studyId: _study,
      withdrawnOn,
      passedOn,
      ...row
    } = await db.externalResult.findUniqueOrThrow({ where: { studyId_key: { studyId: id, key: 'part' } } });
    expect({ ...row, passedOn: passedOn?.toISOString().slice(0, 10) }).toEqual(whole);
    expect(withdrawnOn).toBeNull();
    expect(await db.externalChange.count({ where: { studyId: id } })).toBe(0);
  });

  it('RX-24 keeps what a later fetch changed, with both sides, and answers how much', async () => {
    await bring(await order(), [course('a'), course('b'), course('c'), course('d')]);
    const second = await order();
    const counts = { results: 4, new: 1, improved: 1, corrected: 1, withdrawn: 1 };
    expect(
      await bring(second, [course('a', { result: 'A' }), course('b', { code: 'RES-200' }), course('c'), course('e')]),
    ).toEqual({ imported: true, counts });
    expect(await held()).toEqual([
      ['a', 'A', null],
      ['b', 'C', null],
      ['c', 'C', null],
      ['d', 'C', '2026-11-27'],
      ['e', 'C', null],
    ]);
    expect(
      (await db.externalChange.findMany({ where: { caseId: second }, orderBy: { key: 'asc' } }))
        .map(({ key, change, fields }) => [key, change, fields])
        .slice(0, 2),
    ).toEqual([
      ['a', 'improved', { result: { from: 'C', to: 'A' } }],
      ['b', 'corrected', { code: { from: 'B', to: 'RES-200' } }],
    ]);
    expect((await study()).caseId).toBe(second);
  });

  it.each(['nothing-passed', 'unknown-there', 'degree-held-back', 'down'])(
    'RX-24 calls new what an institution has for the first time after an order in which one ended as %s',
    async (outcome) => {
      await order('consent', outcome);
      const caseId = await order();
      const brought = { imported: true, counts: { results: 2, ...none, new: 2 } };
      for (let time = 0; time < 2; time += 1) expect(await bring(caseId, [course('a'), course('b')])).toEqual(brought);
      expect(
        (await db.externalChange.findMany({ where: { caseId }, orderBy: { key: 'asc' } })).map(({ key, change, code }) => [
          key,
          change,
          code,
        ]),
      ).toEqual([
        ['a', 'new', 'A'],
        ['b', 'new', 'B'],
      ]);
    },
  );

  it('RX-24 calls nothing a change where this order alone asked others, or an earlier one nobody for want of consent', async () => {
    await order('consent', 'no-consent');
    const counts = { results: 1, ...none };
    expect(await bring(await order('consent', 'unknown-there'), [course('a')])).toEqual({ imported: true, counts });
  });

  it('RX-24 keeps what is there again as if it had never gone, and says so', async () => {
    await bring(await order(), [course('a'), course('b')]);
    await bring(await order(), [course('a')], '2026-11-28T09:00:00.000Z');
    expect(await held()).toEqual([
      ['a', 'C', null],
      ['b', 'C', '2026-11-28'],
    ]);
    await bring(await order(), [course('a')], '2026-11-29T09:00:00.000Z');
    expect(await held()).toEqual([
      ['a', 'C', null],
      ['b', 'C', '2026-11-28'],
    ]);
    expect(await bring(await order(), [course('a'), course('b')])).toMatchObject({
      counts: { results: 2, corrected: 1, withdrawn: 0 },
    });
    expect(await held()).toEqual([
      ['a', 'C', null],
      ['b', 'C', null],
    ]);
  });

  it('RX-24 withdraws everything where the institution has no passed results any more, and keeps nothing of one that never had', async () => {
    const ask = { institution: 'bth', personId: person, partner: PARTNER, at: '2026-11-28T09:00:00.000Z' };
    expect(await db.$transaction(async (tx) => importNothing(tx, { ...ask, caseId: await order() }))).toEqual({
      imported: true,
      counts: { results: 0, ...none },
    });
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
    await bring(await order(), [course('a')]);
    const caseId = await order();
    for (let time = 0; time < 2; time += 1)
      expect(await db.$transaction((tx) => importNothing(tx, { ...ask, caseId }))).toEqual({
        imported: true,
        counts: { results: 0, ...none, withdrawn: 1 },
      });
    expect(await held()).toEqual([['a', 'C', '2026-11-28']]);
    expect((await study()).generatedAt).toEqual(new Date('2026-11-27T09:00:00.000Z'));
    await db.$transaction(async (tx) =>
      importNothing(tx, { ...ask, caseId: await order(), answeredAt: '2026-11-28T08:59:59.500Z' }),
    );
    expect((await study()).generatedAt).toEqual(new Date('2026-11-28T08:59:59.500Z'));
  });

  it('RX-21 changes nothing when the same order brings the same institution again, and gives the same counts', async () => {
    await bring(await order(), [course('a')]);
    const second = await order();
    const first = await bring(second, [course('a', { result: 'B' })]);
    expect(await bring(second, [course('a', { result: 'A' }), course('x')])).toEqual(first);
    expect(await held()).toEqual([['a', 'B', null]]);
    expect(await db.externalChange.count({ where: { caseId: second } })).toBe(1);
  });

  it('RX-01 brings nothing in once the student has answered no, and does where the basis is a statute', async () => {
    await answered('N');
    expect(await bring(await order(), [course('a')])).toEqual({ imported: false, why: 'no-consent' });
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
    expect(await bring(await order('statute'), [course('a')])).toMatchObject({ imported: true });
  });

  it('RX-01 waits for an answer that is being given, and then brings nothing in', async () => {
    const caseId = await order();
    let importing: Promise<Imported> | undefined;
    await db.$transaction(async (tx) => {
      await holdPerson(tx, person);
      importing = bring(caseId, [course('a')]);
      await new Promise((later) => setTimeout(later, 200));
      await tx.consent.create({
        data: {
          institution: 'bth',
          personId: person,
          type: 'RESULTATUTVEKS',
          answer: 'N',
          answeredOn: asDate('2026-11-27'),
          cameFrom: 'studentweb',
          enteredBy: person,
          enteredAt: new Date(),
        },
      });
    });
    expect(await importing).toEqual({ imported: false, why: 'no-consent' });
  });

  it('RX-25 brings nothing in for an order that was stopped', async () => {
    const caseId = await order();
    await db.case.update({ where: { id: caseId }, data: { state: 'stopped', closedAt: new Date() } });
    expect(await bring(caseId, [course('a')])).toEqual({ imported: false, why: 'order-over' });
    expect(await bring(randomUUID(), [course('a')])).toEqual({ imported: false, why: 'order-over' });
  });

  it("RX-29 rejects what is about a number that is not the person's any more", async () => {
    const other = report([course('a')], {
      learner: { nationalNumber: '15990899999', givenNames: 'Test', familyName: 'Student' },
    });
    await expect(bring(await order(), other)).rejects.toEqual(new Rejected('rejected-person'));
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
  });

  it.each([
    ['one thing twice', [course('a'), course('a')]],
    ['a day that none is', [course('a', { passedOn: '2026-02-30' })]],
  ])('RX-17 rejects a document that says %s', async (_what, results) => {
    await expect(bring(await order(), results)).rejects.toEqual(new Rejected('rejected-format'));
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
  });

  it('RX-23 forgets that the source told of a change once a document is newer than it, and not before', async () => {
    await bring(await order(), [course('a')]);
    const told = (at: string) => db.externalStudy.updateMany({ where: { personId: person }, data: { changedThereAt: at } });
    await told('2026-11-27T09:30:00.000Z');
    await bring(await order(), report([course('a')], { generatedAt: '2026-11-27T10:29:59+01:00' }), '2026-11-27T09:40:00.000Z');
    expect((await study()).changedThereAt).toEqual(new Date('2026-11-27T09:30:00.000Z'));
    await bring(await order(), report([course('a')], { generatedAt: '2026-11-27T10:30:01+01:00' }), '2026-11-27T09:40:00.000Z');
    expect((await study()).changedThereAt).toBeNull();
    await bring(await order(), report([course('a')], { generatedAt: '2099-01-01T00:00:00Z' }), '2026-11-27T09:50:00.000Z');
    expect((await study()).generatedAt).toEqual(new Date('2026-11-27T09:55:00.000Z'));
  });

  it('RX-17 keeps a document that was not believed as it came, once', async () => {
    const caseId = await order();
    const document = Buffer.from([0, 255, 60]);
    for (let time = 0; time < 2; time += 1)
      await quarantine(db, { caseId, partner: PARTNER, reason: 'rejected-signature', document, at: '2026-11-27T09:00:00.000Z' });
    const kept = await db.exchangeQuarantine.findMany({ where: { caseId } });
    expect(kept.map((one) => [one.reason, Buffer.from(one.document)])).toEqual([['rejected-signature', document]]);
  });
});
