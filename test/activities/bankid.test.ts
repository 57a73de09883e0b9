import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { autoStartUrl, bankId, BankIdRefused, hintText, qrData, type BankId } from '../../activities/bankid.js';
import { compareSigned, verifySignature } from '../../activities/bankid-signature.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { bankIdSimulator } from '../simulators/bankid.js';

const eva = '199001012385';
const other = '198001012392';
const order = {
  endUserIp: '192.0.2.10',
  personNumber: eva,
  visibleText: 'Jag signerar lista 4711 – Åsa',
  nonVisible: '{"list":"4711","sha256":"0123"}',
};
const json = { 'Content-Type': 'application/json' };
const outcome = (doing: Promise<unknown>) =>
  doing.then(
    (said) => said,
    (error: unknown) => error as Error,
  );

describe('BankID', () => {
  const closing: { close(): Promise<void> }[] = [];
  afterEach(async () => void (await Promise.all(closing.splice(0).map((one) => one.close()))));

  const started = async (options: Parameters<typeof bankIdSimulator>[0] = {}) => {
    const sim = bankIdSimulator({ minCollectMs: 0, ...options });
    const { url, close } = await sim.listen();
    const relyingParty = bankId({ baseUrl: url, timeoutMs: 60_000 });
    closing.push({ close }, relyingParty);
    const admin = async (name: string, body: object = {}) =>
      (await fetch(`${url}/__sim/${name}`, { method: 'POST', headers: json, body: JSON.stringify(body) })).status;
    const raw = async (call: string, body: string, type = 'application/json') => {
      const answer = await fetch(`${url}/rp/v6.0/${call}`, { method: 'POST', headers: { 'Content-Type': type }, body });
      return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> };
    };
    return { sim, url, relyingParty, admin, raw };
  };
  type World = Awaited<ReturnType<typeof started>>;

  const completed = async (relyingParty: BankId, orderRef: string) => {
    for (let collects = 0; collects < 6; collects += 1) {
      const answer = await relyingParty.collect(orderRef);
      if (answer.status === 'complete') return answer.completion;
      if (answer.status === 'failed') throw new Error(answer.hintCode);
    }
    throw new Error('never complete');
  };
  const judged = async ({ sim }: World, signature: string) =>
    verifySignature({ signature, roots: [await sim.rootPem()], at: new Date() });
  const signedBy = async (world: World, act: [string, object?] = ['sign']) => {
    const { orderRef } = await world.relyingParty.sign(order);
    await world.admin(...act);
    const completion = await completed(world.relyingParty, orderRef);
    return { completion, verdict: await judged(world, completion.signature) };
  };
  const compared = (verdict: ReturnType<typeof verifySignature>) => {
    if (!verdict.valid) throw new Error(verdict.reason);
    return compareSigned({ ordered: order, completion: verdict });
  };

  it('RL-40 an order is signed, and the signature says who signed what', async () => {
    const world = await started();
    const { completion, verdict } = await signedBy(world);
    expect(completion).toMatchObject({ user: { personNumber: eva }, device: { ipAddress: order.endUserIp } });
    expect(verdict).toMatchObject({ personNumber: eva, visibleText: order.visibleText, nonVisible: order.nonVisible });
    expect(compared(verdict)).toBe('same');
    const chain = verdict.valid ? verdict.certificateChain : [];
    expect(chain).toHaveLength(3);
    expect(chain[2]?.trim()).toBe((await world.sim.rootPem()).trim());
  });

  it("RL-41 somebody else's BankID shows in the answer and in the certificate", async () => {
    const world = await started();
    const { completion, verdict } = await signedBy(world, ['sign-as', { personNumber: other }]);
    expect(completion.user.personNumber).toBe(other);
    expect(verdict).toMatchObject({ valid: true, personNumber: other });
    expect(compared(verdict)).toBe('other-person');
  });

  it.each([
    [{ visible: 'Jag signerar lista 4712' }, 'other-text'],
    [{ nonVisible: '{"list":"4712"}' }, 'other-content'],
  ])('RL-40 other texts than ordered are noticed: %j', async (tampering, expected) => {
    const world = await started();
    const { orderRef } = await world.relyingParty.sign(order);
    await world.admin('tamper', tampering);
    await world.admin('sign');
    const { signature } = await completed(world.relyingParty, orderRef);
    expect(compared(await judged(world, signature))).toBe(expected);
  });

  it('RL-40 a spoilt signature is not accepted', async () => {
    const world = await started();
    const { orderRef } = await world.relyingParty.sign(order);
    await world.admin('tamper', { signature: true });
    await world.admin('sign');
    const { signature } = await completed(world.relyingParty, orderRef);
    expect(await judged(world, signature)).toEqual({ valid: false, reason: 'wrong-signature' });
  });

  it('three pending answers come before complete, which is told once', async () => {
    const { relyingParty, admin } = await started();
    const { orderRef } = await relyingParty.sign(order);
    await admin('sign', { personNumber: eva });
    const hints = [];
    for (let collects = 0; collects < 3; collects += 1) hints.push(await relyingParty.collect(orderRef));
    expect(hints).toEqual(['outstandingTransaction', 'started', 'userSign'].map((hintCode) => ({ status: 'pending', hintCode })));
    expect((await relyingParty.collect(orderRef)).status).toBe('complete');
    expect(await outcome(relyingParty.collect(orderRef))).toMatchObject({ errorCode: 'invalidParameters', httpStatus: 400 });
  });

  it('an answer that is lost on its way takes the signature with it', async () => {
    const { relyingParty, admin, sim } = await started();
    const { orderRef } = await relyingParty.sign(order);
    await admin('sign');
    for (let collects = 0; collects < 3; collects += 1) await relyingParty.collect(orderRef);
    sim.faults.push({ match: 'POST /rp/v6.0/collect', effect: 'timeout-after-commit', times: 1, ms: 10 });
    expect(await outcome(relyingParty.collect(orderRef))).toBeInstanceOf(PartnerUnavailable);
    expect(await outcome(relyingParty.collect(orderRef))).toMatchObject({ errorCode: 'invalidParameters' });
  });

  it('a second order for the same person is refused and stops the first', async () => {
    const { relyingParty } = await started();
    const first = await relyingParty.sign(order);
    expect(await outcome(relyingParty.sign(order))).toMatchObject({ errorCode: 'alreadyInProgress', httpStatus: 400 });
    expect(await relyingParty.collect(first.orderRef)).toEqual({ status: 'failed', hintCode: 'cancelled' });
    expect((await relyingParty.sign(order)).orderRef).not.toBe(first.orderRef);
  });

  it('orders of two people do not disturb each other', async () => {
    const { relyingParty } = await started();
    const first = await relyingParty.sign(order);
    await relyingParty.sign({ ...order, personNumber: other });
    expect(await relyingParty.collect(first.orderRef)).toMatchObject({ status: 'pending' });
  });

  it('collecting more than once a second is refused as too many requests', async () => {
    const { relyingParty, raw, admin } = await started({ minCollectMs: undefined });
    const { orderRef } = await relyingParty.sign(order);
    expect((await relyingParty.collect(orderRef)).status).toBe('pending');
    expect(await outcome(relyingParty.collect(orderRef))).toMatchObject({ name: 'PartnerUnavailable', status: 429 });
    const refused = await raw('collect', JSON.stringify({ orderRef }));
    expect(refused).toMatchObject({ status: 429, body: { errorCode: 'tooManyRequests' } });
    expect(refused.headers.get('RateLimit-Remaining')).toBe('0');
    await admin('clock', { advanceMs: 2_000 });
    expect((await relyingParty.collect(orderRef)).status).toBe('pending');
  });

  it('an order nobody opened fails to start, one that was opened expires', async () => {
    const { relyingParty, admin } = await started();
    const ignored = await relyingParty.sign(order);
    const opened = await relyingParty.sign({ ...order, personNumber: other });
    await admin('hint', { personNumber: other, hintCode: 'userSign' });
    await admin('clock', { advanceMs: 31_000 });
    expect(await relyingParty.collect(ignored.orderRef)).toEqual({ status: 'failed', hintCode: 'startFailed' });
    expect(await relyingParty.collect(opened.orderRef)).toEqual({ status: 'pending', hintCode: 'userSign' });
    await admin('clock', { advanceMs: 150_000 });
    expect(await relyingParty.collect(opened.orderRef)).toEqual({ status: 'failed', hintCode: 'expiredTransaction' });
    await admin('clock', { advanceMs: 301_000 });
    expect(await outcome(relyingParty.collect(opened.orderRef))).toMatchObject({ errorCode: 'invalidParameters' });
  });

  it('a signature nobody fetched within three minutes is gone', async () => {
    const { relyingParty, admin } = await started();
    const { orderRef } = await relyingParty.sign(order);
    await admin('sign');
    await admin('clock', { advanceMs: 181_000 });
    expect(await outcome(relyingParty.collect(orderRef))).toMatchObject({ errorCode: 'invalidParameters' });
  });

  const pendingHints = [
    'outstandingTransaction',
    'noClient',
    'started',
    'userMrtd',
    'userCallConfirm',
    'userSign',
    'processing',
    'somethingNew',
  ];
  const failedHints = [
    'expiredTransaction',
    'certificateErr',
    'userCancel',
    'cancelled',
    'startFailed',
    'userDeclinedCall',
    'notSupportedByUserApp',
    'transactionRiskBlocked',
    'somethingNew',
  ];

  it('every hint code arrives, also one that is not known yet', async () => {
    const { relyingParty, admin } = await started();
    for (const hintCode of pendingHints) {
      const { orderRef } = await relyingParty.sign(order);
      await admin('hint', { hintCode });
      expect(await relyingParty.collect(orderRef)).toEqual({ status: 'pending', hintCode });
      await relyingParty.cancel(orderRef);
    }
    for (const hintCode of failedHints) {
      const { orderRef } = await relyingParty.sign(order);
      await admin('fail', { hintCode });
      expect(await relyingParty.collect(orderRef)).toEqual({ status: 'failed', hintCode });
    }
  });

  it('cancelling in the app ends the order; without one there is nothing to cancel', async () => {
    const { relyingParty, admin } = await started();
    expect(await admin('cancel-in-app')).toBe(404);
    const { orderRef } = await relyingParty.sign(order);
    expect(await admin('cancel-in-app', { orderRef })).toBe(200);
    expect(await relyingParty.collect(orderRef)).toEqual({ status: 'failed', hintCode: 'userCancel' });
  });

  it('a withdrawn order is gone, and withdrawing again does no harm', async () => {
    const { relyingParty } = await started();
    const { orderRef } = await relyingParty.sign(order);
    await relyingParty.cancel(orderRef);
    await relyingParty.cancel(orderRef);
    expect(await outcome(relyingParty.collect(orderRef))).toMatchObject({ errorCode: 'invalidParameters' });
  });

  it('with autoSign the person signs unasked', async () => {
    const world = await started({ autoSign: 4 });
    const { relyingParty } = world;
    const { orderRef } = await relyingParty.sign(order);
    for (let collects = 0; collects < 4; collects += 1) expect((await relyingParty.collect(orderRef)).status).toBe('pending');
    const { signature } = await completed(relyingParty, orderRef);
    expect((await judged(world, signature)).valid).toBe(true);
  });

  describe('over the wire', () => {
    const example = {
      endUserIp: '192.0.2.10',
      userVisibleData: 'SmFnIHNpZ25lcmFyIGxpc3RhIDQ3MTE=',
      userNonVisibleData: 'eyJsaXN0IjoiNDcxMSIsInNoYTI1NiI6IjAxMjMifQ==',
      userVisibleDataFormat: 'simpleMarkdownV1',
      returnRisk: true,
      returnUrl: 'https://app.example/sign/return#nonce=abc',
      requirement: { personalNumber: '199001012385', pinCode: true, certificatePolicies: ['1.2.752.78.1.5'] },
      web: { referringDomain: 'app.example', userAgent: 'Mozilla/5.0', deviceIdentifier: 'd-1' },
    };

    const types = ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'text/plain'];
    it.each(types)('the simulator answers 415 to %s', async (type) => {
      const { raw } = await started();
      const { status, body } = await raw('sign', JSON.stringify(example), type);
      expect([status, body.errorCode]).toEqual([415, 'unsupportedMediaType']);
    });

    it('the simulator takes the published example and answers in the published form', async () => {
      const { raw, admin } = await started();
      const { status, body } = await raw('sign', JSON.stringify(example));
      expect(status).toBe(200);
      expect(Object.keys(body).sort()).toEqual(['autoStartToken', 'orderRef', 'qrStartSecret', 'qrStartToken']);
      const { orderRef } = body;
      const collect = async () => (await raw('collect', JSON.stringify({ orderRef }))).body;
      expect(await collect()).toEqual({ orderRef, status: 'pending', hintCode: 'outstandingTransaction' });
      await admin('sign');
      await collect();
      await collect();
      const complete = await collect();
      expect(complete).toMatchObject({ orderRef, status: 'complete' });
      const data = complete.completionData as { signature: string };
      expect(data).toMatchObject({ user: { personalNumber: '199001012385' }, stepUp: { mrtd: false }, risk: 'low' });
      const fields = ['bankIdIssueDate', 'device', 'ocspResponse', 'risk', 'signature', 'stepUp', 'user'];
      expect(Object.keys(data).sort()).toEqual(fields);
      const xml = Buffer.from(data.signature, 'base64').toString('utf8');
      expect(xml).toContain(`<usrVisibleData charset="UTF-8" visible="wysiwys">${example.userVisibleData}</usrVisibleData>`);
      expect(xml).toContain('URI="#bidKeyInfo"');
    });

    it.each([
      ['no address', { endUserIp: undefined }],
      ['a top-level personalNumber', { personalNumber: '199001012385' }],
      ['no text', { userVisibleData: undefined }],
      ['text that is not base64', { userVisibleData: 'Jag signerar' }],
      ['text that is too long', { userVisibleData: 'AAAA'.repeat(10_001) }],
      ['ten digits', { requirement: { personalNumber: '9001012385' } }],
    ])('the simulator refuses %s', async (_, change) => {
      const { raw } = await started();
      const { status, body } = await raw('sign', JSON.stringify({ ...example, ...change }));
      expect([status, body.errorCode]).toEqual([400, 'invalidParameters']);
    });

    it('the simulator knows its paths and methods, and auth as well', async () => {
      const { raw, url } = await started();
      expect(await raw('nothing', '{}')).toMatchObject({ status: 404, body: { errorCode: 'notFound' } });
      expect((await fetch(`${url}/rp/v6.0/sign`)).status).toBe(405);
      expect((await raw('auth', JSON.stringify({ endUserIp: '192.0.2.10' }))).status).toBe(200);
      const stranger = await raw('collect', '{"orderRef":"5a5a0000-0000-4000-8000-0000000000b1"}');
      expect(stranger).toMatchObject({ status: 400, body: { errorCode: 'invalidParameters' } });
    });

    let partner: Server;
    let adapter: BankId;
    let answer: { status: number; body: string };
    let asked: { path?: string; type?: string; body: string };
    beforeEach(async () => {
      partner = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          asked = { path: request.url, type: request.headers['content-type'], body: Buffer.concat(chunks).toString('utf8') };
          response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(answer.body);
        });
      });
      await new Promise<void>((ready) => partner.listen(0, '127.0.0.1', ready));
      adapter = bankId({ baseUrl: `http://127.0.0.1:${(partner.address() as AddressInfo).port}` });
      closing.push(adapter, {
        close: () =>
          new Promise<void>((closed) => {
            partner.close(() => closed()).closeAllConnections();
          }),
      });
    });

    it('the adapter sends exactly application/json and the published fields', async () => {
      answer = { status: 200, body: '{"orderRef":"r","autoStartToken":"a","qrStartToken":"q","qrStartSecret":"s","more":1}' };
      expect(await adapter.sign({ ...order, visibleText: 'Jag signerar lista 4711' })).toEqual({
        orderRef: 'r',
        autoStartToken: 'a',
        qrStartToken: 'q',
        qrStartSecret: 's',
      });
      expect(asked.path).toBe('/rp/v6.0/sign');
      expect(asked.type).toBe('application/json');
      expect(JSON.parse(asked.body)).toEqual({
        endUserIp: example.endUserIp,
        userVisibleData: example.userVisibleData,
        userNonVisibleData: example.userNonVisibleData,
        requirement: { personalNumber: '199001012385', pinCode: true },
      });
    });

    it('the adapter reads the published answers to collect', async () => {
      const orderRef = '5a5a0000-0000-4000-8000-0000000000b1';
      answer = { status: 200, body: `{"orderRef":"${orderRef}","status":"pending","hintCode":"userSign"}` };
      expect(await adapter.collect(orderRef)).toEqual({ status: 'pending', hintCode: 'userSign' });
      expect(asked).toMatchObject({ path: '/rp/v6.0/collect', body: `{"orderRef":"${orderRef}"}` });
      answer.body = `{"orderRef":"${orderRef}","status":"complete","completionData":{
        "user":{"personalNumber":"199001012385","name":"Eva Examinator","givenName":"Eva","surname":"Examinator"},
        "device":{"ipAddress":"192.0.2.11","uhi":"OZvYM9VvyiAmG7NA5jU5zqGcVpo="},
        "bankIdIssueDate":"2025-03-01","stepUp":{"mrtd":false},
        "signature":"PD94bWwg","ocspResponse":"MIIHfgoB","risk":"low"}}`;
      expect(await adapter.collect(orderRef)).toEqual({
        status: 'complete',
        completion: {
          user: { personNumber: '199001012385', name: 'Eva Examinator', givenName: 'Eva', surname: 'Examinator' },
          device: { ipAddress: '192.0.2.11', uhi: 'OZvYM9VvyiAmG7NA5jU5zqGcVpo=' },
          bankIdIssueDate: '2025-03-01',
          signature: 'PD94bWwg',
          ocspResponse: 'MIIHfgoB',
          risk: 'low',
        },
      });
    });

    it('complete is readable with the least it can hold, since it comes once', async () => {
      const least = '{"user":{"personalNumber":"199001012385"},"device":7,"risk":null,"signature":"QQ=="}';
      answer = { status: 200, body: `{"status":"complete","completionData":${least}}` };
      const completion = { user: { personNumber: '199001012385' }, signature: 'QQ==' };
      expect(await adapter.collect('r')).toMatchObject({ status: 'complete', completion });
    });

    it('a missing hint code is unknown, an unknown status is no answer', async () => {
      answer = { status: 200, body: '{"status":"pending"}' };
      expect(await adapter.collect('r')).toEqual({ status: 'pending', hintCode: 'unknown' });
      answer.body = '{"status":"perhaps","hintCode":"userSign"}';
      expect(await outcome(adapter.collect('r'))).toMatchObject({ name: 'PartnerUnavailable', reason: 'malformed' });
    });

    it.each([
      [400, 'alreadyInProgress'],
      [400, 'invalidParameters'],
      [401, 'unauthorized'],
      [403, 'unauthorized'],
      [404, 'notFound'],
      [405, 'methodNotAllowed'],
      [415, 'unsupportedMediaType'],
    ])('%i %s is a refusal with its code and none of its words', async (status, errorCode) => {
      answer = { status, body: JSON.stringify({ errorCode, details: `No such order for ${eva}` }) };
      const refusal = await outcome(adapter.sign(order));
      expect(refusal).toBeInstanceOf(BankIdRefused);
      expect(refusal).toMatchObject({ errorCode, httpStatus: status });
      expect(JSON.stringify(refusal) + String(refusal)).not.toContain(eva);
    });

    it('an error code that is no code is not repeated', async () => {
      answer = { status: 400, body: JSON.stringify({ errorCode: `no order for ${eva}` }) };
      expect(await outcome(adapter.sign(order))).toMatchObject({ errorCode: 'unknown' });
      answer.body = '<html>';
      expect(await outcome(adapter.sign(order))).toMatchObject({ errorCode: 'unknown', httpStatus: 400 });
    });

    it.each([
      [408, 'requestTimeout'],
      [429, 'tooManyRequests'],
      [500, 'internalError'],
      [503, 'maintenance'],
    ])('%i %s is worth another try', async (status, errorCode) => {
      answer = { status, body: JSON.stringify({ errorCode, details: '' }) };
      expect(await outcome(adapter.collect('r'))).toMatchObject({ name: 'PartnerUnavailable', reason: 'status', status });
    });
  });

  it('the probe succeeds while BankID answers and knows the certificate', async () => {
    const { relyingParty, sim } = await started();
    await relyingParty.probe();
    for (const effect of ['unauthorized', 'maintenance']) sim.faults.push({ match: 'POST /rp/v6.0/*', effect, times: 1 });
    expect(await outcome(relyingParty.probe())).toMatchObject({ name: 'BankIdRefused', errorCode: 'unauthorized' });
    expect(await outcome(relyingParty.probe())).toMatchObject({ name: 'PartnerUnavailable', status: 503 });
  });

  it.each(['500', '502-html', 'malformed', 'timeout-before'])('the fault %s is told as unavailable', async (effect) => {
    const { sim, url } = await started();
    const impatient = bankId({ baseUrl: url, timeoutMs: 1_000 });
    closing.push(impatient);
    sim.faults.push({ match: 'POST /rp/v6.0/sign', effect, times: 1, ms: 1_500 });
    expect(await outcome(impatient.sign(order))).toBeInstanceOf(PartnerUnavailable);
    expect((await impatient.sign(order)).orderRef).toBeTruthy();
  });

  it('nobody there is told as unavailable', async () => {
    const lonely = bankId({ baseUrl: 'http://127.0.0.1:9', timeoutMs: 1_000 });
    closing.push(lonely);
    expect(await outcome(lonely.probe())).toMatchObject({ name: 'PartnerUnavailable', reason: 'connection' });
  });

  it('a restart keeps orders and the root', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bankid-'));
    try {
      const before = await started({ folder });
      const { orderRef } = await before.relyingParty.sign(order);
      const root = await before.sim.rootPem();
      const after = await started({ folder });
      await after.admin('sign', { orderRef });
      const { signature } = await completed(after.relyingParty, orderRef);
      expect(await (await fetch(`${after.url}/__sim/root.pem`)).text()).toBe(root);
      expect(verifySignature({ signature, roots: [root], at: new Date() }).valid).toBe(true);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('the QR code follows the published vector', () => {
    const qrStartToken = '67df3917-fa0d-44e5-b327-edcc928297f8';
    const qrStartSecret = 'd28db9a7-4cde-429e-a983-359be676944c';
    const at = (secondsSinceOrder: number) => qrData({ qrStartToken, qrStartSecret, secondsSinceOrder });
    expect(at(0)).toBe(`bankid.${qrStartToken}.0.dc69358e712458a66a7525beef148ae8526b1c71610eff2c16cdffb4cdac9bf8`);
    expect(at(1.9)).toBe(`bankid.${qrStartToken}.1.949d559bf23403952a94d103e67743126381eda00f0b3cbddbf7c96b1adcbce2`);
    expect(autoStartUrl('a b')).toBe('https://app.bankid.com/?autostarttoken=a%20b&redirect=null');
  });

  it('every code has a text in three languages, and an unknown one too', () => {
    const codes = [...pendingHints, ...failedHints, 'alreadyInProgress', 'internalError', 'maintenance', 'constructor', ''];
    for (const code of codes) for (const text of Object.values(hintText(code))) expect(text).toMatch(/^\p{Lu}.+\.$/u);
    expect(new Set(['userSign', 'userCancel', 'cancelled', 'expiredTransaction'].map((code) => hintText(code).sv)).size).toBe(4);
    expect(hintText('somethingNew', 'pending')).not.toEqual(hintText('somethingNew', 'failed'));
  });
});
