import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '../spec.js';
import { judge } from '../../activities/exchange/elmo/judge.js';
import { changesFormOf, formOf } from '../../activities/exchange/forms.js';
import { ownKey, signRequest, verifyAnswer, type OwnKey } from '../../activities/exchange/http-signature.js';
import type { Question } from '../../activities/exchange/institution.js';
import { asDate } from '../../prisma/client.js';
import { openUniversity, type University } from '../support/university.js';
import { problemShape } from '../support/operations.js';

const NUMBER = '01819000049';
const ROOM = 'http://us.example/resultatutveksling/v1';
const key = (bits = 2048): OwnKey =>
  ownKey(generateKeyPairSync('rsa', { modulusLength: bits }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());

describe('what other institutions send us', () => {
  let at: University;
  let ours: OwnKey;
  const [theirs, strangers, former] = [key(), key(), key()];
  beforeAll(async () => {
    at = await openUniversity({ worker: false });
    const { db } = at.world;
    ours = ownKey(readFileSync(at.config.EXCHANGE_KEY_FILE, 'utf8'));
    const list = (code: string, url: string, keys: readonly string[], listed = true) =>
      db.exchangePartner.create({
        data: { code, number: '9', nameNb: `Høgskolen ${code}`, nameEn: code, url, keys: [...keys], listed, takenAt: new Date() },
      });
    await list(at.config.EXCHANGE_CODE, ROOM, [ours.publicKey]);
    await list('north.example', 'http://north.example/resultatutveksling/v1', [
      '-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----',
      theirs.publicKey,
    ]);
    await list('former.example', 'http://former.example/resultatutveksling/v1', [former.publicKey], false);
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
    await db.student.create({
      data: {
        personId: id,
        institution: 'bth',
        birthDate: asDate('1990-01-01'),
        numberKind: 'synthetic',
        registeredBy: id,
        registeredAt: new Date(),
      },
    });
    await db.protocolResult.create({
      data: {
        institution: 'bth',
        personNumber: NUMBER,
        kind: 'assessment',
        key: 'a-key-of-ours',
        category: 'course',
        code: 'RES-100',
        nameNb: 'Emne',
        nameEn: 'Course',
        result: 'C',
        passed: true,
        passedOn: asDate('2026-06-01'),
        cameFrom: 'entered',
        changedAt: new Date(),
      },
    });
  });
  afterAll(() => at.close());
  let before: number;
  beforeEach(async () => {
    before = (await entries()).length;
  });

  const entries = async () =>
    (await at.world.db.auditEntry.findMany({ orderBy: { seq: 'asc' } })).map(
      ({ entry }) => JSON.parse(entry) as { actor: string; action: string; outcome: string; code?: string },
    );
  const question = (more: Partial<Question> = {}): Question => ({
    id: randomUUID(),
    nationalNumber: NUMBER,
    basis: 'consent',
    consent: { type: 'RESULTATUTVEKS', answer: 'J', on: '2026-11-01' },
    ...more,
  });
  interface Sending {
    readonly by?: OwnKey;
    readonly at?: Date;
    readonly headers?: Record<string, string>;
    readonly sent?: string;
    readonly id?: string;
    readonly type?: string;
    readonly to?: string;
  }
  async function send(
    name: string,
    body: string,
    id: string,
    how: Sending = {},
  ): Promise<{ status: number; text: string; headers: Headers; signature: string; json: any }> {
    const url = new URL(`${how.to ?? ROOM}/${name}`);
    const { headers, signature } = signRequest({
      key: how.by ?? theirs,
      method: 'POST',
      url,
      body,
      requestId: how.id ?? id,
      at: how.at ?? new Date(),
    });
    const answer = await at.app.request(`${ROOM}/${name}`, {
      method: 'POST',
      body: how.sent ?? body,
      headers: { Host: url.host, 'Content-Type': how.type ?? 'application/x-www-form-urlencoded', ...headers, ...how.headers },
    });
    const text = await answer.text();
    return {
      status: answer.status,
      text,
      headers: answer.headers,
      signature,
      json: /json/.test(answer.headers.get('Content-Type') ?? '') ? JSON.parse(text) : undefined,
    };
  }
  const ask = (name: 'status' | 'results', how?: Sending, asked = question()) =>
    send(name, formOf(asked).toString(), asked.id, how);
  const traced = async () =>
    (await entries()).slice(before).map(({ actor, action, outcome, code }) => [actor, action, outcome, ...(code ? [code] : [])]);
  const signedByUs = ({ headers, text, signature }: Awaited<ReturnType<typeof send>>) =>
    verifyAnswer({
      headers,
      body: Buffer.from(text),
      keys: [ours.publicKey],
      requestId: headers.get('X-Request-Id') ?? '',
      requestSignature: signature,
      at: new Date(),
    });

  it('RX-11 answers the three questions, signed, and says who asked', async () => {
    const answer = await ask('status');
    expect([answer.status, answer.json]).toEqual([
      200,
      {
        shares: true,
        reserved: false,
        consent: true,
        known: true,
        hasPassedResults: true,
        degreesHeldBack: 0,
        answeredAt: expect.any(String),
      },
    ]);
    expect(() => signedByUs(answer)).not.toThrow();
    expect(await traced()).toEqual([['north.example', 'exchange.asked', 'done']]);
  });

  it('RX-11 answers the same question as JSON', async () => {
    const { id, nationalNumber, basis } = question({ basis: 'statute' });
    const answer = await send('status', JSON.stringify({ request_id: id, national_number: nationalNumber, basis }), id, {
      type: 'application/json; charset=utf-8',
    });
    expect([answer.status, answer.json?.consent]).toEqual([200, true]);
  });

  it('RX-13 hands results over as a document that whoever asks believes', async () => {
    const answer = await ask('results');
    expect([answer.status, answer.headers.get('Content-Type')]).toEqual([200, 'application/xml']);
    expect(() => signedByUs(answer)).not.toThrow();
    const report = await judge({
      institution: { code: at.config.EXCHANGE_CODE, url: ROOM, keys: [ours.publicKey] },
      nationalNumber: NUMBER,
      document: Buffer.from(answer.text),
    });
    expect(report.results).toEqual([
      expect.objectContaining({ key: 'a-key-of-ours', category: 'course', code: 'RES-100', result: 'C', passedOn: '2026-06-01' }),
    ]);
    expect(
      await at.world.db.disclosure.count({
        where: { partner: 'north.example', question: 'results', keys: { has: 'a-key-of-ours' } },
      }),
    ).toBe(1);
    expect(await traced()).toEqual([['north.example', 'exchange.handed-over', 'done']]);
  });

  it('RX-12 hands nothing over without a consent, and says so in the audit', async () => {
    const { consent: _none, ...rest } = question();
    const answer = await ask('results', {}, rest);
    expect([answer.status, answer.json.code, answer.json.rule]).toEqual([403, 'not-three-yes', 'RX-12']);
    expect(await traced()).toEqual([['north.example', 'exchange.handed-over', 'refused', 'not-three-yes']]);
  });

  it('RX-33 takes a notice of a change, told twice as well, and answers the same whether it holds the result or not', async () => {
    const notice = { id: randomUUID(), nationalNumber: NUMBER, keys: ['a', 'b'], changedAt: new Date().toISOString() };
    for (let time = 0; time < 2; time += 1) {
      const answer = await send('changes', changesFormOf(notice).toString(), notice.id);
      expect([answer.status, answer.json]).toEqual([200, {}]);
      expect(() => signedByUs(answer)).not.toThrow();
    }
    expect(await traced()).toEqual(Array(2).fill(['north.example', 'exchange.told-of-change', 'done']));
  });

  it.each<[string, string, Sending]>([
    ['nothing that signs it', 'no-signature', { headers: { Authorization: 'Bearer abc' } }],
    ['a signature of somebody that is not listed', 'unknown-key', { by: strangers }],
    ['a signature of somebody that is listed no more', 'unknown-key', { by: former }],
    ['another body than was signed', 'wrong-digest', { sent: 'request_id=somebody-elses' }],
    ['a date of yesterday', 'wrong-time', { at: new Date(Date.now() - 86_400_000) }],
    ['a date of tomorrow', 'wrong-time', { at: new Date(Date.now() + 86_400_000) }],
    ['a signature for another institution', 'wrong-host', { to: 'http://other.example/resultatutveksling/v1' }],
    ['a signature for another place here', 'wrong-signature', { to: 'http://us.example/elsewhere' }],
    ['a signature that is none', 'no-signature', { headers: { Authorization: 'Signature keyId=' } }],
    [
      "a key's name that is none",
      'unknown-key',
      { headers: { Authorization: 'Signature keyId="__proto__",algorithm="rsa-sha256",headers="host",signature="AAAA"' } },
    ],
  ])("RX-11 refuses what comes with %s as a stranger's, in the log alone", async (_what, why, how) => {
    for (const name of ['status', 'results', 'changes']) {
      const asked = question();
      const answer = await send(name, formOf(asked).toString(), asked.id, how);
      expect({ ...answer.json }).toEqual({
        ...problemShape(expect),
        status: 401,
        rule: 'RX-11',
        code: 'signature-not-accepted',
        details: { why },
      });
    }
    expect(await traced()).toEqual([]);
  });

  it.each<[string, string, Record<string, string | string[]>]>([
    ['a field that nobody knows', 'status', { extra: '1' }],
    ['no number', 'status', { national_number: '' }],
    ['a number twice', 'status', { national_number: [NUMBER, NUMBER] }],
    ['a number with a letter', 'status', { national_number: '0181900004X' }],
    ['another basis', 'results', { basis: 'curiosity' }],
    ['a day that none is', 'results', { consent_on: '2026-02-30' }],
    ['an id that is not the signed one', 'results', { request_id: 'another-id' }],
    ['an id with a NUL', 'status', { request_id: 'abc\u0000defgh' }],
  ])('RX-11 refuses %s from a known institution, in the audit', async (_what, name, changed) => {
    const asked = question();
    const form = formOf(asked);
    for (const [field, value] of Object.entries(changed)) {
      form.delete(field);
      for (const one of [value].flat()) form.append(field, one);
    }
    const answer = await send(name, form.toString(), asked.id);
    expect(answer.json).toEqual({
      ...problemShape(expect),
      status: 422,
      code: 'invalid-input',
      details: { fields: expect.any(Array) },
    });
    expect(await traced()).toEqual([['north.example', 'exchange.refused', 'refused', 'invalid-input']]);
  });

  it.each<[string, Record<string, string>]>([
    ['a key with a NUL', { key: 'a\u0000b' }],
    ['half a letter as a key', { key: '\ud800' }],
    ['a moment before all clocks', { changed_at: '0000-01-01T00:00:00Z' }],
    ['a moment to come', { changed_at: new Date(Date.now() + 10 * 60_000).toISOString() }],
    ['a moment that none is', { changed_at: '2026-02-30T00:00:00Z' }],
    ['a moment in another time', { changed_at: '2026-11-27 10:00' }],
    ['a very long key', { key: 'x'.repeat(501) }],
  ])('RX-33 refuses a notice with %s', async (_what, changed) => {
    const id = randomUUID();
    const answer = await send(
      'changes',
      JSON.stringify({ notice_id: id, national_number: NUMBER, key: 'a', changed_at: '2026-11-27T10:00:00+01:00', ...changed }),
      id,
      { type: 'application/json' },
    );
    expect([answer.status, answer.json.code]).toEqual([422, 'invalid-input']);
  });

  it.each(['{', 'null', '[]', '"text"', ''])('RX-11 refuses the JSON %s', async (body) => {
    const answer = await send('status', body, randomUUID(), { type: 'application/json' });
    expect([answer.status, answer.json.code]).toEqual([400, 'malformed']);
    expect(await traced()).toEqual([['north.example', 'exchange.refused', 'refused', 'malformed']]);
  });

  it.each(['text/plain', 'multipart/form-data', 'application/xml', ''])('RX-11 refuses the media type %s', async (type) => {
    const answer = await ask('status', { type });
    expect([answer.status, answer.json.code]).toEqual([415, 'wrong-media-type']);
  });

  it('RX-11 refuses what is too large, from anybody, and another method', async () => {
    const answer = await send('status', 'x'.repeat(600 * 1024), randomUUID());
    expect([answer.status, answer.json.code]).toEqual([413, 'too-large']);
    expect((await at.app.request(`${ROOM}/status`)).status).toBe(405);
    expect((await at.app.request('http://us.example/resultatutveksling/v2', { method: 'POST' })).status).toBe(404);
  });

  it('RX-11 tells whoever has a bearer token alone nothing', async () => {
    const token = await at.simulators.identityProvider.makeToken({ sub: randomUUID() });
    const asked = question();
    const answer = await at.app.request(`${ROOM}/status`, {
      method: 'POST',
      body: formOf(asked).toString(),
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/x-www-form-urlencoded' },
    });
    expect(answer.status).toBe(401);
  });

  it('RX-04 answers nobody while the registry does not list ourselves', async () => {
    const { db } = at.world;
    await db.exchangePartner.update({ where: { code: at.config.EXCHANGE_CODE }, data: { listed: false } });
    try {
      expect((await ask('status')).status).toBe(503);
    } finally {
      await db.exchangePartner.update({ where: { code: at.config.EXCHANGE_CODE }, data: { listed: true } });
    }
  });

  it('RX-11 has no number of a student in log or audit', async () => {
    await ask('results');
    await ask('results', { by: strangers });
    expect(JSON.stringify(await entries())).not.toContain(NUMBER);
    expect(readFileSync(at.logFile, 'utf8')).not.toContain(NUMBER);
  });
});
