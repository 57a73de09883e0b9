import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { PartnerUnavailable } from '../../activities/outbound.js';
import { elks, SmsRefused, type Sms } from '../../activities/sms.js';
import { elksSimulator, type ElksSimulator } from '../simulators/elks.js';

const eva = '+46700000001';
const code = { to: eva, message: 'Din kod är 12345', secret: true };
const account = { user: 'u1', password: 'geheim:1' };
const outcome = (doing: Promise<unknown>) =>
  doing.then(
    (said) => said,
    (error: unknown) => error as Error,
  );
const until = async <T>(look: () => T | undefined | false): Promise<T> => {
  for (const end = Date.now() + 30_000; Date.now() < end; await new Promise((next) => setTimeout(next, 5))) {
    const seen = look();
    if (seen) return seen;
  }
  throw new Error('did not happen');
};

describe('SMS', () => {
  const closing: { close(): Promise<void> }[] = [];
  afterEach(async () => void (await Promise.all(closing.splice(0).map((one) => one.close()))));

  const listening = async (answer: (request: IncomingMessage, body: string) => { status: number; body?: string }) => {
    const server: Server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = answer(request, Buffer.concat(chunks).toString('utf8'));
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    closing.push({
      close: () =>
        new Promise<void>((closed) => {
          server.close(() => closed()).closeAllConnections();
        }),
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const sender = (baseUrl: string, more: { from?: string; password?: string; timeoutMs?: number } = {}) => {
    const made = elks({ baseUrl, ...account, from: 'UniExempel', timeoutMs: 5_000, ...more });
    closing.push(made);
    return made;
  };

  describe('towards the simulator', () => {
    let sim: ElksSimulator;
    let url: string;
    let sms: Sms;
    beforeEach(async () => {
      sim = elksSimulator({ ...account, stepMs: 1, retryMs: 5 });
      const server = await sim.listen();
      closing.push(server);
      url = server.url;
      sms = sender(url);
    });
    const arrived = async (id: string) => until(() => sim.store.messages.find((one) => one.id === id && one.delivered));
    const reports = async (effect?: string) => {
      const seen: Record<string, string>[] = [];
      const whenDelivered = await listening((_, body) => {
        seen.push(Object.fromEntries(new URLSearchParams(body)));
        return { status: 204 };
      });
      if (effect) sim.faults.push({ match: 'POST /a1/sms', effect, times: 1 });
      const { id } = await sms.send({ ...code, whenDelivered });
      return { seen, id, statuses: () => seen.map(({ status }) => status) };
    };

    it('RL-39 a code reaches the phone and leaves no text in the history', async () => {
      const { id, status } = await sms.send(code);
      expect([id, status]).toEqual([expect.stringMatching(/^s[0-9a-f]{32}$/), 'created']);
      const at: unknown = expect.stringMatching(/^20.*Z$/);
      expect(sim.phone(eva)).toEqual([{ id, to: eva, from: 'UniExempel', text: code.message, at }]);
      const [entry] = await sms.history({ to: eva, limit: 20 });
      expect(entry?.id).toBe(id);
      expect(entry).not.toHaveProperty('message');
      const one = await fetch(`${url}/a1/sms/${id}`, { headers: { Authorization: `Basic ${btoa('u1:geheim:1')}` } });
      expect(await one.text()).not.toContain('12345');
    });

    it('the phone is read without credentials', async () => {
      await sms.send(code);
      await sms.send({ ...code, to: '+4791234567' });
      const read = async (query = '') => (await fetch(`${url}/__sim/messages${query}`)).json();
      expect(await read()).toHaveLength(2);
      expect(await read(`?to=${encodeURIComponent(eva)}`)).toMatchObject([{ to: eva, text: 'Din kod är 12345' }]);
    });

    it('what is not secret is found in the history, newest first, of one number only', async () => {
      for (const message of ['ett', 'två', 'tre']) await sms.send({ to: eva, message, secret: false });
      await sms.send({ to: '+46700000002', message: 'fyra', secret: false });
      const found = await sms.history({ to: eva, limit: 2 });
      expect(found.map(({ message }) => message)).toEqual(['tre', 'två']);
      const age = Date.now() - Date.parse(found[0]?.createdAt ?? '');
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(60_000);
    });

    it('an SMS whose answer was lost is in the history', async () => {
      sim.faults.push({ match: 'POST /a1/sms', effect: 'timeout-after-commit', times: 1, ms: 20 });
      expect(await outcome(sms.send({ ...code, secret: false }))).toBeInstanceOf(PartnerUnavailable);
      expect(await sms.history({ to: eva, limit: 20 })).toMatchObject([{ message: code.message }]);
      expect(sim.phone(eva)).toHaveLength(1);
    });

    it.each(['500', '502-html', '429', 'malformed', 'timeout-before'])('the fault %s is told as unavailable', async (effect) => {
      sim.faults.push({ match: 'POST /a1/sms', effect, times: 1, ms: 1_200 });
      expect(await outcome(sender(url, { timeoutMs: 800 }).send(code))).toBeInstanceOf(PartnerUnavailable);
      expect(sim.phone()).toEqual([]);
    });

    it('a refusal has its status and none of its words', async () => {
      const refusal = async (doing: Promise<unknown>) => {
        const error = await outcome(doing);
        expect(error).toBeInstanceOf(SmsRefused);
        expect(`${String(error)} ${JSON.stringify(error)}`).not.toMatch(/0700|4670|12345|kod/);
        return (error as SmsRefused).status;
      };
      expect(await refusal(sms.send({ ...code, to: '0700000001' }))).toBe(400);
      expect(await refusal(sender(url, { from: '1Uni' }).send(code))).toBe(400);
      expect(await refusal(sender(url, { from: 'TwelveLetters' }).send(code))).toBe(400);
      expect(await refusal(sender(url, { password: 'wrong' }).send(code))).toBe(401);
      expect(await refusal(sender(url, { password: 'wrong' }).probe())).toBe(401);
      sim.faults.push({ match: 'POST /a1/sms', effect: 'no-credit', times: 1 });
      expect(await refusal(sms.send(code))).toBe(403);
      expect(sim.phone()).toEqual([]);
    });

    it('the probe sends nothing', async () => {
      await sms.probe();
      expect(sim.log).toEqual([]);
    });

    it('delivery is reported as it happens', async () => {
      const { seen, id, statuses } = await reports();
      await until(() => seen.length === 2);
      expect(statuses()).toEqual(['sent', 'delivered']);
      expect(seen[1]).toMatchObject({ id, delivered: expect.stringMatching(/^20\d\d-/) });
      expect(await sms.history({ to: eva, limit: 1 })).toMatchObject([{ id, status: 'delivered' }]);
    });

    it.each([
      ['duplicate-callback', ['sent', 'delivered', 'delivered']],
      ['out-of-order-callback', ['delivered', 'sent']],
      ['undelivered', ['sent', 'failed']],
    ])('with %s the reports are %j', async (effect, expected) => {
      const { seen, statuses } = await reports(effect);
      await until(() => seen.length === expected.length);
      expect(statuses()).toEqual(expected);
    });

    it('a report that is not taken comes again, five times at most', async () => {
      let calls = 0;
      const whenDelivered = await listening((_, body) => ({ status: body.includes('delivered') ? ((calls += 1), 503) : 200 }));
      await sms.send({ ...code, whenDelivered });
      await until(() => calls === 5);
      await new Promise((later) => setTimeout(later, 40));
      expect(calls).toBe(5);
    });

    it('a restart keeps messages and carries them on', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'elks-'));
      try {
        const before = elksSimulator({ folder, stepMs: 60_000 });
        const first = await before.listen();
        const { id } = await sender(first.url).send(code);
        await first.close();
        sim = elksSimulator({ folder, stepMs: 1 });
        closing.push(await sim.listen());
        expect(sim.phone(eva)).toMatchObject([{ id, text: code.message }]);
        expect((await arrived(id)).status).toBe('delivered');
      } finally {
        await Promise.all(closing.splice(0).map((one) => one.close()));
        rmSync(folder, { recursive: true });
      }
    });
  });

  describe('over the wire', () => {
    const basics = 'from=UniExempel&to=%2B46700000001&message=Din+kod+%C3%A4r+12345';
    const form = `${basics}&whendelivered=https%3A%2F%2Fapp.example%2Fhooks%2Fsms&dontlog=message`;
    const id = 's00000000000000000000000000000001';
    const published = `{"id":"${id}","status":"created","direction":"outgoing","from":"UniExempel","to":"+46700000001",
      "message":"Din kod är 12345","created":"2026-11-20T10:15:30.123000","cost":5200,"parts":1}`;

    it('the adapter sends the published form', async () => {
      let asked: { request: IncomingMessage; body: string } | undefined;
      const sms = sender(await listening((request, body) => ((asked = { request, body }), { status: 200, body: published })));
      expect(await sms.send({ ...code, whenDelivered: 'https://app.example/hooks/sms' })).toEqual({ id, status: 'created' });
      expect(asked?.body).toBe(form);
      expect(asked?.request).toMatchObject({ method: 'POST', url: '/a1/sms' });
      expect(asked?.request.headers).toMatchObject({
        authorization: `Basic ${btoa('u1:geheim:1')}`,
        'content-type': 'application/x-www-form-urlencoded',
      });
      await sms.send({ ...code, secret: false });
      expect(asked?.body).toBe(basics);
    });

    it('the adapter asks for the history as published and reads times as UTC', async () => {
      let asked = '';
      const body = `{"data":[${published}],"next":"2026-11-20T10:15:30.123000"}`;
      const sms = sender(await listening((request) => ((asked = request.url ?? ''), { status: 200, body })));
      expect(await sms.history({ to: eva, limit: 20 })).toEqual([
        { id, status: 'created', createdAt: '2026-11-20T10:15:30.123Z', message: 'Din kod är 12345' },
      ]);
      expect(asked).toBe('/a1/sms?to=%2B46700000001&limit=20');
    });

    it.each([
      ...[400, 401, 403, 404].map((status) => [status, 'SmsRefused'] as const),
      ...[408, 429, 500, 503].map((status) => [status, 'PartnerUnavailable'] as const),
    ])('%i in plain text is %s', async (status, name) => {
      const sms = sender(await listening(() => ({ status, body: `Number ${eva} is not allowed` })));
      const error = await outcome(sms.send(code));
      expect(error).toMatchObject({ name, status });
      expect(String(error)).not.toContain(eva);
    });

    it('the simulator takes the published form and answers in the published shape', async () => {
      const server = await elksSimulator({ stepMs: 60_000 }).listen();
      closing.push(server);
      const usual = { Authorization: `Basic ${btoa('a:b')}`, 'Content-Type': 'application/x-www-form-urlencoded' };
      const post = async (body: string, headers: Record<string, string> = {}) =>
        fetch(`${server.url}/a1/sms`, { method: 'POST', headers: { ...usual, ...headers }, body });
      const answer = await (await post(form)).json();
      expect(answer).toMatchObject({
        status: 'created',
        direction: 'outgoing',
        from: 'UniExempel',
        to: eva,
        message: 'Din kod är 12345',
        cost: 5200,
        parts: 1,
        created: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/),
      });
      const refused = await post('from=UniExempel&to=nobody&message=x');
      expect([refused.status, await refused.text()]).toEqual([400, 'Invalid to']);
      expect(refused.headers.get('Content-Type')).toMatch(/^text\/plain/);
      expect((await post(form, { Authorization: 'Bearer x' })).status).toBe(401);
      expect((await post(form, { 'Content-Type': 'application/json' })).status).toBe(400);
      expect(await (await post(`${form}&dryrun=yes`)).json()).toMatchObject({ estimated_cost: 5200 });
      expect(((await (await fetch(`${server.url}/__sim/messages`)).json()) as object[]).length).toBe(1);
    });

    it('the history is paged backwards', async () => {
      const server = await elksSimulator({ stepMs: 60_000 }).listen();
      closing.push(server);
      const sms = sender(server.url);
      for (const message of ['ett', 'två', 'tre']) {
        await sms.send({ to: eva, message, secret: false });
        await new Promise((later) => setTimeout(later, 2));
      }
      const page = async (query: string) =>
        (await (await fetch(`${server.url}/a1/sms?${query}`, { headers: { Authorization: `Basic ${btoa('a:b')}` } })).json()) as {
          data: { message: string }[];
          next?: string;
        };
      const first = await page('limit=2');
      expect(first.data.map(({ message }) => message)).toEqual(['tre', 'två']);
      const second = await page(`limit=2&start=${first.next}`);
      expect(second.data.map(({ message }) => message)).toEqual(['ett']);
      expect(second.next).toBeUndefined();
    });
  });

  it('nobody there is told as unavailable', async () => {
    const error = await outcome(sender('http://127.0.0.1:9').probe());
    expect(error).toMatchObject({ name: 'PartnerUnavailable', reason: 'connection' });
  });
});
