import { randomUUID } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import type { Answered } from '../../workflows/exchange/asking.js';
import { createRounds } from '../../activities/exchange/ask-round.js';
import { judge } from '../../activities/exchange/elmo/judge.js';
import { signed } from '../../activities/exchange/elmo/signature.js';
import { writeElmo } from '../../activities/exchange/elmo/write.js';
import { ownKey } from '../../activities/exchange/http-signature.js';
import type { Question } from '../../activities/exchange/institution.js';
import { holdPerson } from '../../activities/exchange/import.js';
import { createPlaces } from '../../activities/exchange/places.js';
import { asDate, createDatabase, type Database } from '../../prisma/client.js';
import { simulatedKey } from '../simulators/institutions/keys.js';
import { aPerson, answered } from '../support/exchange.js';
import { freshDatabase } from '../support/database.js';
import { institution as ours } from '../simulators/sample.js';

const NUMBER = '15990812345';
const PARTNER = 'north.example';
const key = ownKey(simulatedKey(7).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
const yes: Answered = { shares: true, reserved: false, consent: true, known: true, hasPassedResults: true, degreesHeldBack: 0 };

const document = (generatedAt: string, number = NUMBER): Buffer =>
  Buffer.from(
    signed(
      writeElmo({
        learner: { nationalNumber: number, givenNames: 'Kari', familyName: 'Prøve' },
        issuer: { code: PARTNER, nameNb: 'Nord', country: 'NO', url: 'https://north.example' },
        generatedAt,
        results: [{ key: 'a', category: 'course', nameNb: 'Emne', result: 'B' }],
      }),
      key,
    ),
  );

describe('a round that asks one institution', () => {
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  let db: Database;
  beforeAll(async () => {
    database = await freshDatabase();
    db = createDatabase({ url: database.url });
    await db.institution.create({ data: { code: ours.code, name: ours.name, zone: ours.zone, language: 'nb' } });
    await db.exchangePartner.create({
      data: {
        code: PARTNER,
        number: '9',
        nameNb: 'Nord',
        nameEn: 'North',
        url: 'https://north.example',
        keys: [key.publicKey],
        listed: true,
        takenAt: new Date(),
      },
    });
  });
  afterAll(async () => {
    await db?.$disconnect();
    await database?.drop();
  });

  const order = async (): Promise<{ id: string; person: string }> => {
    const [id, person] = [randomUUID(), await aPerson(db, { number: NUMBER })];
    const { seq } = await db.consent.findFirstOrThrow({ where: { personId: person } });
    await db.case.create({
      data: {
        id,
        kind: 'exchange',
        institution: ours.code,
        state: 'running',
        createdBy: person,
        createdAt: new Date(),
        changedAt: new Date(),
        data: {
          person,
          approval: '1',
          basis: { basis: 'consent', citation: 'lov' },
          consent: String(seq),
          orderedAt: new Date().toISOString(),
          asked: 1,
          round: 1,
          retry: { time: '10:00', zone: ours.zone, on: '2026-11-27', until: '2026-12-11' },
        },
      },
    });
    await db.exchangeInquiry.create({ data: { caseId: id, partner: PARTNER, round: 1, orderedAt: new Date() } });
    return { id, person };
  };
  /** Runs the round of an order; `meanwhile` happens while the document is on its way. */
  async function round(
    id: string,
    came: Buffer,
    meanwhile: () => Promise<unknown> = async () => undefined,
    judged: typeof judge = judge,
  ): Promise<{ outcome: string | null; details: unknown; quarantined: number; asked: Question[] }> {
    const asked: Question[] = [];
    const { askRound } = createRounds({
      db,
      judge: judged,
      places: createPlaces(db),
      institutions: {
        ask: async (_institution, question) => {
          asked.push(question);
          return yes;
        },
        fetch: async (_institution, question) => {
          asked.push(question);
          await meanwhile();
          return { document: came };
        },
      },
    });
    await new MockActivityEnvironment().run(() => askRound({ caseId: id }));
    const { outcome, details } = await db.exchangeInquiry.findFirstOrThrow({ where: { caseId: id } });
    return { outcome, details, quarantined: await db.exchangeQuarantine.count({ where: { caseId: id } }), asked };
  }

  it.each([
    ['2026-11-20T24:00:00Z', '2026-11-21T00:00:00.000Z'],
    ['2026-11-20T10:00Z', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00', '2026-11-20T10:00:00.000Z'],
    ['2026-11-20T10:00:00.1234567+01:00', '2026-11-20T09:00:00.123Z'],
  ])('RX-13 takes in a document of %s', async (written, moment) => {
    const { id, person } = await order();
    expect(await round(id, document(written))).toMatchObject({ outcome: 'fetched', quarantined: 0 });
    expect((await db.externalStudy.findFirstOrThrow({ where: { personId: person } })).generatedAt.toISOString()).toBe(moment);
  });

  it.each([
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    '1999-12-31T00:00:00Z',
    '2026-02-30T10:00:00Z',
    '2026-11-27T25:00:00Z',
    '+020260-11-27T10:00:00Z',
  ])('RX-17 puts a signed document of %s aside', async (written) => {
    const { id } = await order();
    expect(await round(id, document(written))).toMatchObject({ outcome: 'rejected-format', quarantined: 1 });
  });

  it('RX-01 holds the person before it locks the order', async () => {
    const { id, person } = await order();
    const { begun } = await db.$transaction(async (tx) => {
      await holdPerson(tx, person);
      const running = { begun: round(id, document('2026-11-20T10:00:00Z')) };
      await new Promise((later) => setTimeout(later, 500));
      await tx.$queryRaw`SELECT FROM cases WHERE id = ${id}::uuid FOR UPDATE NOWAIT`;
      expect(await db.exchangeInquiry.count({ where: { caseId: id, state: 'open', askedAt: { not: null } } })).toBe(1);
      return running;
    });
    expect(await begun).toMatchObject({ outcome: 'fetched' });
  });

  it('RX-17 is held for ever by no document that the database does not take', async () => {
    const { id, person } = await order();
    const believed: typeof judge = async (input) => ({ ...(await judge(input)), generatedAt: '0000-01-01T00:00:00.000Z' });
    expect(await round(id, document('2026-11-27T10:00:00Z'), undefined, believed)).toMatchObject({
      outcome: 'rejected-format',
      quarantined: 1,
    });
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
  });

  it('RX-17 is tried again where the database is away, and rejects nothing', async () => {
    const { id } = await order();
    const away: typeof judge = async () => {
      throw Object.assign(new Error('gone'), { code: '57P01' });
    };
    await expect(round(id, document('2026-11-27T10:00:00Z'), undefined, away)).rejects.toThrow('gone');
    expect(await round(id, document('2026-11-27T10:00:00Z'))).toMatchObject({ outcome: 'fetched', quarantined: 0 });
  });

  it.each([
    ['is believed', NUMBER],
    ['is rejected', '01819000049'],
  ])('RX-01 keeps nothing of a document that %s and comes after an acknowledged N', async (_how, number) => {
    const { id, person } = await order();
    expect(await round(id, document('2026-11-27T10:00:00Z', number), () => answered(db, person, 'N'))).toMatchObject({
      outcome: 'no-consent',
      details: {},
      quarantined: 0,
    });
    expect(await db.externalStudy.count({ where: { personId: person } })).toBe(0);
  });

  it('RX-07 asks with the newest consent, also where it is newer than the order', async () => {
    const { id, person } = await order();
    await answered(db, person, 'N');
    await db.consent.create({
      data: {
        institution: ours.code,
        personId: person,
        type: 'RESULTATUTVEKS',
        answer: 'J',
        answeredOn: asDate('2031-02-03'),
        cameFrom: 'staff',
        enteredBy: person,
        enteredAt: new Date(),
        reason: 'a test',
      },
    });
    const { asked } = await round(id, document('2026-11-27T10:00:00Z'));
    const consent = { type: 'RESULTATUTVEKS', answer: 'J', on: '2031-02-03' };
    expect(asked.map((question) => question.consent)).toEqual([consent, consent]);
  });

  it('RX-25 counts an institution as down that the registry lists no more when its turn comes', async () => {
    const { id } = await order();
    await db.exchangePartner.update({ where: { code: PARTNER }, data: { listed: false } });
    expect(await round(id, document('2026-11-27T10:00:00Z'))).toMatchObject({
      outcome: 'down',
      details: { hint: 'unlisted' },
      asked: [],
    });
    await db.exchangePartner.update({ where: { code: PARTNER }, data: { listed: true } });
  });
});
