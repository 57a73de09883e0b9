import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { sentList } from '../support/lists.js';
import { audited, bankIdOrder, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const eva = { personNumber: personOf('eva').personNumber };

describe('signing with BankID', () => {
  let at: University;
  beforeAll(async () => {
    at = await openUniversity();
  });
  afterAll(() => at.close());

  const messages = () => at.simulators.elks.phone().length;
  const text = async (place: string, language: string) =>
    (await at.as('eva').get(place, { 'Accept-Language': language })).body.text;

  it('RL-40 leads from the order over hints and a changing QR code to a proof, and signs with it', async () => {
    const list = await sentList(at);
    const place = await bankIdOrder(at, list);
    const opened = await eventually('a QR code is shown', async () => {
      const { body } = await at.as('eva').get(place);
      return body.qr && body.hintCode === 'outstandingTransaction' ? body : undefined;
    });
    expect(opened).toMatchObject({ state: 'started', proof: null, version: await list.version() });
    expect(opened.qr).toMatch(/^bankid\.[0-9a-f-]{36}\.\d+\.[0-9a-f]{64}$/);
    expect(opened.autoStartUrl).toMatch(/^https:\/\/app\.bankid\.com\/\?autostarttoken=[0-9a-f-]{36}&redirect=null$/);
    expect([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).toEqual([
      'Öppna BankID-appen.',
      'Åpne BankID-appen.',
      'Open the BankID app.',
    ]);
    const moved = await eventually('the QR code is another', async () => {
      const { qr } = (await at.as('eva').get(place)).body;
      return qr !== opened.qr && qr;
    });
    expect(moved.split('.')[1]).toBe(opened.qr.split('.')[1]);
    expect(Number(moved.split('.')[2])).toBeGreaterThan(Number(opened.qr.split('.')[2]));

    for (const hintCode of ['started', 'userSign']) {
      await inTheApp(at, 'hint', { hintCode, ...eva });
      await eventually(`the hint ${hintCode}`, async () => (await at.as('eva').get(place)).body.hintCode === hintCode);
      expect(new Set([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).size).toBe(3);
    }
    await inTheApp(at, 'hint', { hintCode: 'somethingNew', ...eva });
    await eventually('an unknown hint', async () => (await at.as('eva').get(place)).body.hintCode === 'somethingNew');
    expect(await text(place, 'en')).toBe('BankID is working. Please wait.');

    await inTheApp(at, 'sign', eva);
    const done = await ended(at, place);
    expect(done).toMatchObject({ state: 'complete', qr: null, autoStartUrl: null });
    expect([await text(place, 'sv'), await text(place, 'nb'), await text(place, 'en')]).toEqual([
      'Underskriften är mottagen.',
      'Signaturen er mottatt.',
      'The signature was received.',
    ]);
    expect((await list.read()).state).toBe('with-examiner');
    const signed = await sign(at, list, done.proof);
    expect(signed.body).toMatchObject({ case: { state: 'signed' } });
    expect((await list.read()).data.signed).toMatchObject({ method: 'bankid', by: personOf('eva').id });
  });

  it('RL-40 lays number, course, counts and hash before the signer, keeps the signature untouched and drops the QR secret', async () => {
    const list = await sentList(at);
    const place = await bankIdOrder(at, list);
    const [order] = (await (await at.simulators.bankId.app.request('/__sim/orders')).json()) as {
      visible: string;
      nonVisible: string;
    }[];
    const { sha256 } = (await at.as('eva').get(place)).body;
    const visible = Buffer.from(order!.visible, 'base64').toString('utf8');
    for (const part of [`resultatlista ${list.number}`, 'XX1000', 'TEN1', '12 studenter', 'B 8', 'F 4', sha256])
      expect(visible).toContain(part);
    expect(JSON.parse(Buffer.from(order!.nonVisible, 'base64').toString('utf8'))).toEqual({
      lists: [{ list: list.number, version: await list.version(), sha256 }],
    });
    await inTheApp(at, 'sign', eva);
    await ended(at, place);
    const kept = await at.world.db.bankIdOrder.findUniqueOrThrow({ where: { id: place.split('/').at(-1) as string } });
    expect(kept.qrStartSecret).toBeNull();
    expect(Buffer.from((kept.completion as any).signature, 'base64').toString('utf8')).toContain('<SignatureValue>');
    expect((kept.completion as any).ocspResponse).not.toBe('');
  });

  it('RL-42 sends no SMS when BankID is chosen', async () => {
    const list = await sentList(at);
    const before = messages();
    const proof = await proofByBankId(at, list);
    expect((await sign(at, list, proof)).status).toBe(200);
    expect(messages()).toBe(before);
    expect(await at.world.db.outbox.count({ where: { channel: 'sms' } })).toBe(0);
    expect(await at.world.db.signingCode.count()).toBe(0);
  });

  it("RL-41 refuses a signature made with somebody else's BankID, and traces it", async () => {
    const list = await sentList(at);
    const place = await bankIdOrder(at, list);
    await inTheApp(at, 'sign-as', { personNumber: personOf('erik').personNumber });
    expect(await ended(at, place)).toMatchObject({
      state: 'other-person',
      proof: null,
      text: 'Underskriften gjordes med någon annans BankID. Du kan bara signera med ditt eget.',
    });
    const order = place.split('/').at(-1) as string;
    const entry = (await audited(at, 'signing.bankid')).find((one) => one.details.order === order);
    expect(entry).toMatchObject({ outcome: 'refused', rule: 'RL-41', code: 'other-person', actor: personOf('eva').id });
    expect(await at.world.db.signingProof.count({ where: { sourceId: order } })).toBe(0);
    expect(await sign(at, list, order)).toMatchObject({ status: 403, body: { code: 'proof-not-valid', rule: 'RL-38' } });
    expect((await list.read()).state).toBe('with-examiner');
  });

  it.each([
    ['visible text', { visible: 'Jag signerar något annat' }, 'other-text', {}],
    ['hidden content', { nonVisible: '{"list":"1","version":1,"sha256":"00"}' }, 'other-content', {}],
    ['signature', { signature: true }, 'bad-signature', { signature: 'wrong-signature' }],
  ])('RL-41 refuses a signature whose %s was tampered with', async (_what, tampering, ending, why) => {
    const { order } = await refusedSignature(tampering, ending);
    expect((await audited(at, 'signing.bankid')).find((one) => one.details.order === order)).toMatchObject({
      outcome: 'refused',
      code: ending,
      details: { order, ...why },
    });
  });

  it.each([
    ['revoked', 'revoked', 'revoked'],
    ['unknown', 'bad-signature', 'unknown'],
    ['other-certificate', 'bad-signature', 'other-certificate'],
    ['wrong-responder', 'bad-signature', 'untrusted-responder'],
    ['too-old', 'bad-signature', 'out-of-time'],
    ['other-signature', 'bad-signature', 'other-signature'],
    ['garbage', 'bad-signature', 'malformed'],
  ])('RL-40 refuses a signature whose OCSP answer is %s, and says why in the audit', async (ocsp, ending, why) => {
    const { order, place } = await refusedSignature({ ocsp }, ending);
    expect((await audited(at, 'signing.bankid')).find((one) => one.details.order === order)).toMatchObject({
      outcome: 'refused',
      rule: 'RL-40',
      code: ending,
      details: { order, ocsp: why },
    });
    const said = await Promise.all(['sv', 'nb', 'en'].map((language) => text(place, language)));
    expect(said[2]).toBe(
      ending === 'revoked'
        ? 'Your BankID is blocked. Nothing has been signed. Get a new one from your bank.'
        : 'The signature cannot be verified. Sign again.',
    );
    expect(new Set(said).size).toBe(3);
  });

  const refusedSignature = async (tampering: object, ending: string) => {
    const list = await sentList(at);
    const place = await bankIdOrder(at, list);
    await inTheApp(at, 'tamper', { ...tampering, ...eva });
    await inTheApp(at, 'sign', eva);
    expect(await ended(at, place)).toMatchObject({ state: ending, proof: null });
    const order = place.split('/').at(-1) as string;
    expect(await at.world.db.signingProof.count({ where: { sourceId: order } })).toBe(0);
    return { order, place };
  };

  it('RL-40 takes a collector for dead after half a minute, three times as long as a call to BankID may take', async () => {
    const place = await bankIdOrder(at, await sentList(at));
    await inTheApp(at, 'sign', eva);
    await ended(at, place);
    const { events } = await at.world.temporal.workflow.getHandle(`bankid-order/${place.split('/').at(-1)}`).fetchHistory();
    const collecting = events
      ?.map((event) => event.activityTaskScheduledEventAttributes)
      .find((attributes) => attributes?.activityType?.name === 'collectBankId');
    expect(Number(collecting?.heartbeatTimeout?.seconds)).toBe(30);
  });

  it("RL-41 shows somebody's order to nobody else", async () => {
    const place = await bankIdOrder(at, await sentList(at));
    expect((await at.as('eva').get(place)).status).toBe(200);
    expect((await at.as('erik').get(place)).status).toBe(404);
    expect((await at.as('erik').post(`${place}/cancel`)).status).toBe(404);
    expect((await at.as('eva').get(place)).body.state).toBe('started');
    await inTheApp(at, 'sign', eva);
    await ended(at, place);
  });
});
