import type { AddressInfo, Socket } from 'node:net';
import { html } from 'hono/html';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { simulator, type Simulator } from './simulator.js';

/** One letter as it arrived. `to` holds the envelope's recipients; header names are in lower case. */
export interface ReceivedMessage {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly receivedAt: string;
}

export interface Mailbox extends Omit<Simulator<object>, 'listen'> {
  messages(): ReceivedMessage[];
  listen(): Promise<{ url: string; port: number; smtp: { host: string; port: number }; close(): Promise<void> }>;
}

const reply = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });

/**
 * A mail server (SMTP) that keeps every letter, and a page to read them. Letters are lines of the append-only log, written
 * before the server says 250: counting lines with one Message-ID counts doubles.
 *
 * Faults are matched as `CONNECT /`, `RCPT <address>` and `DATA <address>`, for example `{ match: 'DATA *', effect: 'hang' }`:
 * - `temporary` 451 and `permanent` 550 at any of the three
 * - `drop` ends the connection without an answer; at `DATA` nothing is kept
 * - `slow` at CONNECT or RCPT answers after `ms`
 * - `hang` never answers and ends the connection after `ms` (120 s)
 * - `accept-then-drop` at `DATA`: the letter is kept, and the connection ends before the 250 is sent
 */
export function mailboxSimulator({
  folder,
  smtpPort = 0,
  httpPort = 0,
}: { folder?: string; smtpPort?: number; httpPort?: number } = {}): Mailbox {
  const base = simulator('mailbox', () => ({}), folder);
  const sockets = new Map<number, Socket>();
  const messages = () => base.log.filter((line) => line.event === 'mail') as unknown as ReceivedMessage[];

  const drop = (session: SMTPServerSession) => sockets.get(session.remotePort)?.destroy();

  type Stage = 'CONNECT' | 'RCPT' | 'DATA';
  const played = (stage: Stage, about: string, session: SMTPServerSession, answer: (error?: Error) => void) => {
    if (base.takeFault(stage, about, 'temporary')) return (answer(reply(451, 'Try again later')), true);
    if (base.takeFault(stage, about, 'permanent')) return (answer(reply(550, 'Not accepted')), true);
    if (base.takeFault(stage, about, 'drop')) return (drop(session), true);
    const slow = base.takeFault(stage, about, 'slow');
    if (slow) return (setTimeout(answer, slow.ms ?? 500), true);
    const hang = base.takeFault(stage, about, 'hang');
    if (hang) setTimeout(() => drop(session), hang.ms ?? 120_000).unref();
    return hang !== undefined;
  };

  const keep = async (raw: Buffer, session: SMTPServerSession) => {
    const letter = await PostalMime.parse(raw);
    const sender = session.envelope.mailFrom;
    base.note({
      event: 'mail',
      messageId: letter.messageId ?? '',
      from: sender ? sender.address : '',
      to: session.envelope.rcptTo.map(({ address }) => address),
      subject: letter.subject ?? '',
      text: letter.text ?? '',
      headers: Object.fromEntries(letter.headers.map(({ key, value }) => [key, value])),
      receivedAt: new Date().toISOString(),
    });
  };

  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect: (session, callback) => void (played('CONNECT', '/', session, callback) || callback()),
    onRcptTo: ({ address }, session, callback) => void (played('RCPT', address, session, callback) || callback()),
    onData(stream, session, callback) {
      const to = session.envelope.rcptTo[0]?.address ?? '';
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        if (played('DATA', to, session, callback)) return;
        keep(Buffer.concat(chunks), session).then(
          () => (base.takeFault('DATA', to, 'accept-then-drop') ? drop(session) : callback()),
          () => callback(reply(451, 'Could not keep the letter')),
        );
      });
    },
  });
  smtp.server.on('connection', (socket: Socket) => {
    const port = socket.remotePort ?? 0;
    sockets.set(port, socket);
    socket.once('close', () => sockets.delete(port));
  });

  base.app.get('/messages', (c) => {
    const { to, subject } = c.req.query();
    return c.json(
      messages()
        .filter((m) => !to || m.to.some((address) => address.toLowerCase() === to.toLowerCase()))
        .filter((m) => !subject || m.subject.toLowerCase().includes(subject.toLowerCase())),
    );
  });

  base.app.get('/', (c) =>
    c.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width, initial-scale=1" />
            <title>Mailbox of the simulated world</title>
            <style>
              body {
                font:
                  1rem/1.5 system-ui,
                  sans-serif;
                max-width: 50rem;
                margin: 2rem auto;
                padding: 0 1rem;
                color: #111;
                background: #fff;
              }
              article {
                border-top: 1px solid #767676;
                padding: 1rem 0;
              }
              h2 {
                font-size: 1.1rem;
                margin: 0;
              }
              pre {
                white-space: pre-wrap;
                font: inherit;
              }
            </style>
          </head>
          <body>
            <h1>Mailbox</h1>
            <p>
              Everything sent by mail here lands in this box, the newest first, at most 200.
              <a href="/messages">All of it as JSON</a>
            </p>
            <main>
              ${messages()
                .slice(-200)
                .reverse()
                .map(
                  (m) =>
                    html` <article lang="${m.headers['content-language'] ?? 'sv'}">
                      <h2>${m.subject}</h2>
                      <p lang="en">
                        To ${m.to.join(', ')}, from ${m.from}, <time datetime="${m.receivedAt}">${m.receivedAt}</time>
                      </p>
                      <pre>${m.text}</pre>
                    </article>`,
                )}
            </main>
          </body>
        </html>`,
    ),
  );

  return {
    ...base,
    messages,
    async listen() {
      await new Promise<void>((ready, failed) => {
        smtp.once('error', failed);
        smtp.listen(smtpPort, '127.0.0.1', () => {
          smtp.off('error', failed);
          // A client that goes away in the middle is nothing to stop for.
          smtp.on('error', () => undefined);
          ready();
        });
      });
      const http = await base.listen(httpPort);
      return {
        ...http,
        smtp: { host: '127.0.0.1', port: (smtp.server.address() as AddressInfo).port },
        async close() {
          const closed = new Promise<void>((done) => smtp.close(() => done()));
          sockets.forEach((socket) => socket.destroy());
          await Promise.all([closed, http.close()]);
        },
      };
    },
  };
}
