import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '../spec.js';
import { SMTPServer } from 'smtp-server';
import {
  MailDeferred,
  mailer,
  MailRefused,
  MailUncertain,
  messageIdOf,
  type Letter,
  type Mailer,
  type MailServer,
} from '../../activities/mail.js';
import { mailboxSimulator, type Mailbox } from '../simulators/mailbox.js';

const eva = 'eva@bth.example';
const letter: Letter = {
  to: eva,
  subject: 'Resultatlista 4711 väntar på dig – Åsa',
  text: 'Hej!\n\nListan 4711 är skickad till dig för signering. Smörgåsbord, Čapek, 漢字.\n.\nEn ensam punkt ovan.\n',
  messageId: messageIdOf({ promise: 'mail:sent-to-examiner:4711:1', recipient: 'b0000000', host: 'registrar.bth.example' }),
  language: 'sv',
  replyTo: 'ladok@bth.example',
};

const portOf = (server: Server) =>
  new Promise<number>((ready) => server.listen(0, '127.0.0.1', () => ready((server.address() as AddressInfo).port)));

describe('mail', () => {
  let box: Mailbox;
  let server: Awaited<ReturnType<Mailbox['listen']>>;
  let post: Mailer;
  const open: Mailer[] = [];
  const at = (more: Partial<MailServer> = {}): Mailer => {
    const made = mailer({ ...server.smtp, from: 'Registrar <registrar@bth.example>', timeoutMs: 5_000, ...more });
    open.push(made);
    return made;
  };

  beforeEach(async () => {
    box = mailboxSimulator();
    server = await box.listen();
    post = at();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.close()));
    await server.close();
  });

  const outcome = (sending: Promise<unknown>) =>
    sending.then(
      (said) => said,
      (error: unknown) => error as Error,
    );
  const arrived = () => box.messages().length;

  it('a letter arrives as written, marked as made by a machine', async () => {
    expect(await post.send(letter)).toBe('accepted');
    const [message] = box.messages();
    const { subject, text, messageId, replyTo } = letter;
    expect(message).toMatchObject({ from: 'registrar@bth.example', to: [eva], subject, text, messageId });
    expect(message?.headers).toMatchObject({ 'auto-submitted': 'auto-generated', 'content-language': 'sv', 'reply-to': replyTo });
    expect(message?.headers['content-type']).toMatch(/charset=utf-8/i);
  });

  it('the mailbox finds letters by recipient and subject', async () => {
    await post.send(letter);
    await post.send({ ...letter, to: 'utbildningsstod@bth.example', subject: 'Signerad' });
    const ask = async (query: string) => (await (await fetch(`${server.url}/messages?${query}`)).json()) as { to: string[] }[];
    expect((await ask('to=Eva@bth.example')).map(({ to }) => to)).toEqual([[eva]]);
    expect((await ask('subject=SIGNERAD')).map(({ to }) => to)).toEqual([['utbildningsstod@bth.example']]);
    expect(await ask('to=nobody@bth.example')).toEqual([]);
    expect(await ask('')).toHaveLength(2);
  });

  it('shows letters on a page without letting them write into it', async () => {
    await post.send({ ...letter, subject: '<script>alert(1)</script>', text: 'a < b' });
    const page = await (await fetch(`${server.url}/`)).text();
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    expect(page).not.toContain('<script>');
    expect(page).toContain('<article lang="sv">');
  });

  it.each(['RCPT', 'DATA'])('a 5xx at %s is a refusal, and nothing was sent', async (stage) => {
    box.faults.push({ match: `${stage} *`, effect: 'permanent', times: 1 });
    const error = await outcome(post.send(letter));
    expect(error).toBeInstanceOf(MailRefused);
    expect(error).toMatchObject({ code: 550, stage: stage === 'RCPT' ? 'RCPT TO' : 'DATA' });
    expect(arrived()).toBe(0);
    expect(await post.send(letter)).toBe('accepted');
  });

  it.each(['RCPT', 'DATA'])('a 4xx at %s is certainly not sent', async (stage) => {
    box.faults.push({ match: `${stage} *`, effect: 'temporary', times: 1 });
    const error = await outcome(post.send(letter));
    expect(error).toBeInstanceOf(MailDeferred);
    expect(error).toMatchObject({ code: 451 });
    expect(arrived()).toBe(0);
    expect(await post.send(letter)).toBe('accepted');
    expect(arrived()).toBe(1);
  });

  it.each(['temporary', 'permanent', 'drop'])('a server that greets with %s has not sent it', async (effect) => {
    box.faults.push({ match: 'CONNECT *', effect, times: 1 });
    expect(await outcome(post.send(letter))).toBeInstanceOf(MailDeferred);
    expect(arrived()).toBe(0);
  });

  it('a server that is not there has not sent it', async () => {
    const free = createServer();
    const port = await portOf(free);
    await new Promise((done) => free.close(done));
    const away = at({ port });
    expect(await outcome(away.send(letter))).toBeInstanceOf(MailDeferred);
    expect(await outcome(away.probe())).toBeInstanceOf(MailDeferred);
    expect(await outcome(at({ host: 'mail.invalid' }).send(letter))).toBeInstanceOf(MailDeferred);
  });

  it('a connection lost before the content has not sent it', async () => {
    box.faults.push({ match: 'RCPT *', effect: 'drop', times: 1 });
    expect(await outcome(post.send(letter))).toBeInstanceOf(MailDeferred);
    expect(arrived()).toBe(0);
  });

  it('a letter that nobody needs any more when the server waits for its content is not sent', async () => {
    let asked = 0;
    const needed = (answer: () => Promise<boolean>) =>
      post.send({
        ...letter,
        unneeded: () => {
          asked += 1;
          return answer();
        },
      });
    expect([await needed(async () => true), arrived(), asked]).toEqual(['unneeded', 0, 1]);
    box.faults.push({ match: 'RCPT *', effect: 'slow', times: 1, ms: 50 });
    expect([await needed(async () => false), arrived(), asked]).toEqual(['accepted', 1, 2]);
    const failed = await outcome(needed(() => Promise.reject(new Error(`no database for ${eva}`))));
    expect([failed, arrived()]).toEqual([expect.any(MailDeferred), 1]);
    expect((failed as Error).message).not.toContain(eva);
    expect(await post.send(letter)).toBe('accepted');
  });

  it('a server that hangs before the content has not sent it', async () => {
    box.faults.push({ match: 'RCPT *', effect: 'hang', times: 1 });
    expect(await outcome(at({ timeoutMs: 300 }).send(letter))).toBeInstanceOf(MailDeferred);
    expect(arrived()).toBe(0);
  });

  it('a letter kept by a server that never said so is uncertain', async () => {
    box.faults.push({ match: 'DATA *', effect: 'accept-then-drop', times: 1 });
    expect(await outcome(post.send(letter))).toBeInstanceOf(MailUncertain);
    expect(box.messages().map(({ messageId }) => messageId)).toEqual([letter.messageId]);
  });

  it.each(['drop', 'hang'])('a %s during the content leaves it uncertain, though nothing was kept', async (effect) => {
    box.faults.push({ match: 'DATA *', effect, times: 1 });
    expect(await outcome(at({ timeoutMs: 300 }).send(letter))).toBeInstanceOf(MailUncertain);
    expect(arrived()).toBe(0);
  });

  it('closing the mailer while a server holds the content leaves it uncertain', async () => {
    box.faults.push({ match: 'DATA *', effect: 'hang', times: 1 });
    const sending = outcome(post.send(letter));
    while (box.faults.length) await new Promise((soon) => setTimeout(soon, 5));
    await post.close();
    expect(await sending).toBeInstanceOf(MailUncertain);
  });

  it('does not let a server that trickles go on beyond the time limit', async () => {
    const trickling = createServer((socket) => {
      socket.on('error', () => undefined);
      const timer = setInterval(() => socket.write('220-still greeting\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    });
    const port = await portOf(trickling);
    const before = Date.now();
    expect(await outcome(at({ port, timeoutMs: 400 }).send(letter))).toBeInstanceOf(MailDeferred);
    expect(Date.now() - before).toBeLessThan(20_000);
    await new Promise((done) => trickling.close(done));
  });

  it.each(['', 'no address', 'a@bth.example>\r\nRCPT TO:<b@bth.example', 'a@bth.example, b@bth.example'])(
    'never posts to %j as if it were one person',
    async (to) => {
      expect(await outcome(post.send({ ...letter, to }))).toBeInstanceOf(MailRefused);
      expect(arrived()).toBe(0);
    },
  );

  it('does not let a subject add headers', async () => {
    await post.send({ ...letter, subject: 'one\r\nBcc: other@bth.example' });
    expect(box.messages()[0]?.headers.bcc).toBeUndefined();
    expect(box.messages()[0]?.to).toEqual([eva]);
  });

  it('names no person in an error', async () => {
    box.faults.push({ match: 'RCPT *', effect: 'permanent', times: 1 }, { match: 'DATA *', effect: 'drop', times: 1 });
    for (const error of [await outcome(post.send(letter)), await outcome(post.send(letter))])
      expect(`${(error as Error).stack} ${JSON.stringify(error)}`).not.toMatch(/eva|4711/i);
  });

  it('probes without sending', async () => {
    await expect(post.probe()).resolves.toBeUndefined();
    box.faults.push({ match: 'CONNECT *', effect: 'temporary', times: 1 });
    expect(await outcome(post.probe())).toBeInstanceOf(MailDeferred);
    expect(arrived()).toBe(0);
  });

  it('makes one Message-ID for one letter, whatever the recipient is called, and does not show it', () => {
    const what = { promise: 'mail:grade:4711:2', recipient: eva, host: 'registrar.bth.example' };
    expect(messageIdOf(what)).toBe(messageIdOf({ ...what }));
    expect(messageIdOf(what)).toMatch(/^<[0-9a-f]{64}@registrar\.bth\.example>$/);
    const others = [
      { promise: 'mail:grade:4711:3' },
      { recipient: 'erik' },
      { promise: `${what.promise}e`, recipient: eva.slice(1) },
    ];
    expect(new Set([what, ...others.map((other) => ({ ...what, ...other }))].map(messageIdOf)).size).toBe(4);
  });
});

describe('mail with sign-in', () => {
  const tlv = (tag: number, ...parts: Buffer[]): Buffer => {
    const content = Buffer.concat(parts);
    const { length } = content;
    return Buffer.concat([Buffer.from(length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255]), content]);
  };
  const hex = (text: string) => Buffer.from(text, 'hex');
  const authority = () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const ecdsaWithSha256 = tlv(0x30, hex('06082a8648ce3d040302'));
    const name = tlv(0x30, tlv(0x31, tlv(0x30, hex('0603550403'), tlv(0x0c, Buffer.from('localhost')))));
    const time = (ms: number) =>
      tlv(
        0x17,
        Buffer.from(
          new Date(ms)
            .toISOString()
            .replace(/[-:T]|\.\d+/g, '')
            .slice(2),
        ),
      );
    const names = tlv(0x30, hex('0603551d11'), tlv(0x04, tlv(0x30, tlv(0x82, Buffer.from('localhost')))));
    const content = tlv(
      0x30,
      hex('a003020102'),
      hex('02020100'),
      ecdsaWithSha256,
      name,
      tlv(0x30, time(Date.now() - 3_600_000), time(Date.now() + 3_600_000)),
      name,
      publicKey.export({ type: 'spki', format: 'der' }),
      tlv(0xa3, tlv(0x30, names)),
    );
    const signed = tlv(0x30, content, ecdsaWithSha256, tlv(0x03, hex('00'), sign('sha256', content, privateKey)));
    return {
      cert: `-----BEGIN CERTIFICATE-----\n${signed.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
      key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
  };
  const relay = async (options: { cert?: string; key?: string; disabledCommands?: string[]; allowInsecureAuth?: boolean }) => {
    let secrets = 0;
    const smtp = new SMTPServer({
      ...options,
      closeTimeout: 100,
      disableReverseLookup: true,
      onAuth: ({ username, password }, _session, callback) => {
        secrets += 1;
        callback(username === 'registrar' && password === 'right' ? null : new Error('no'), { user: username });
      },
      onData: (stream, _session, callback) => void stream.resume().on('end', () => callback()),
    });
    smtp.on('error', () => undefined);
    await new Promise<void>((ready) => smtp.listen(0, '127.0.0.1', () => ready()));
    return {
      port: (smtp.server.address() as AddressInfo).port,
      secretsSeen: () => secrets,
      close: () => new Promise<void>((done) => smtp.close(() => done())),
    };
  };
  const auth = { user: 'registrar', pass: 'right' };
  const mailFrom = (port: number, more: Partial<MailServer>) =>
    mailer({ host: 'localhost', port, from: 'registrar@bth.example', timeoutMs: 5_000, auth, ...more });

  it('signs in over TLS with the right authority, and treats a wrong password as worth another try', async () => {
    const own = authority();
    const server = await relay(own);
    try {
      expect(await mailFrom(server.port, { tls: { ca: own.cert } }).send(letter)).toBe('accepted');
      const wrong = mailFrom(server.port, { tls: { ca: own.cert }, auth: { user: 'registrar', pass: 'wrong' } });
      await expect(wrong.send(letter)).rejects.toBeInstanceOf(MailDeferred);
      await expect(wrong.probe()).rejects.toMatchObject({ code: 535 });
      expect(server.secretsSeen()).toBe(3);
    } finally {
      await server.close();
    }
  });

  it('gives the password to no server it cannot trust, and to none without TLS', async () => {
    const untrusted = await relay(authority());
    const plain = await relay({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
    try {
      await expect(mailFrom(untrusted.port, {}).send(letter)).rejects.toBeInstanceOf(MailDeferred);
      await expect(mailFrom(plain.port, {}).send(letter)).rejects.toBeInstanceOf(MailDeferred);
      expect(untrusted.secretsSeen() + plain.secretsSeen()).toBe(0);
    } finally {
      await Promise.all([untrusted.close(), plain.close()]);
    }
  });
});
