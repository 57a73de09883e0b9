import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

/**
 * The mail server has said no for good (5xx to sender, recipient or content), or the letter cannot be posted at all. Nothing
 * was sent.
 */
export class MailRefused extends Error {
  override readonly name = 'MailRefused';
  constructor(
    readonly stage: string,
    readonly code?: number,
  ) {
    super(`mail refused (${stage}${code ? ` ${code}` : ''})`);
  }
}

/** Certainly not sent, and worth another try: no connection, 4xx, or the connection was lost before the content began to flow. */
export class MailDeferred extends Error {
  override readonly name = 'MailDeferred';
  constructor(
    readonly stage: string,
    readonly code?: number,
  ) {
    super(`mail not sent (${stage}${code ? ` ${code}` : ''})`);
  }
}

/**
 * The connection was lost while or after the content was handed over: the letter may have gone or not (RFC 1047). Never repeat
 * it blindly.
 */
export class MailUncertain extends Error {
  override readonly name = 'MailUncertain';
  constructor() {
    super('mail may or may not have been sent (connection lost after the content began)');
  }
}

/** Where mail is posted, and in whose name. */
export interface MailServer {
  readonly host: string;
  readonly port: number;
  /**
   * TLS from the first byte (port 465). Otherwise STARTTLS is used where the server offers it, and demanded as soon as `auth`
   * is given.
   */
  readonly secure?: boolean;
  readonly auth?: { readonly user: string; readonly pass: string };
  /** PEM of the server's own authority, instead of the system store. */
  readonly tls?: { readonly ca?: string };
  /** `Registrar <registrar@example.org>` or a bare address. */
  readonly from: string;
  /** Milliseconds for one letter from connecting to the server's final answer. */
  readonly timeoutMs: number;
}

/** One letter to one person. */
export interface Letter {
  /** One bare address: one letter goes to one person. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** From `messageIdOf`: a letter posted again carries the same one. */
  readonly messageId: string;
  /** Language of the text, such as `sv`, `nb`, `en`. */
  readonly language: string;
  readonly replyTo?: string;
  /**
   * Asked when the server waits for the content, which is the last moment: whether nobody needs the letter any more. Rejects: it
   * is not sent, and worth another try.
   */
  readonly unneeded?: () => Promise<boolean>;
}

/** Posts letters by SMTP. */
export interface Mailer {
  /**
   * Posts one letter, unless nobody needs it any more. Throws `MailRefused`, `MailDeferred` or `MailUncertain`; none of them
   * names a person (RL-37, RL-43, RL-47).
   */
  send(letter: Letter): Promise<'accepted' | 'unneeded'>;
  /** Connects, signs in where that is asked for, and leaves. Throws `MailDeferred`. */
  probe(): Promise<void>;
  /** Breaks off what is under way; its senders learn how far it had come. */
  close(): Promise<void>;
}

/**
 * The Message-ID of a letter: the same at every try of one promise, whatever has become of the case since, so that a second copy
 * can be known as one (docs/temporal.md). The recipient (a person's id, or an address) is only inside the hash.
 */
export function messageIdOf(letter: { readonly promise: string; readonly recipient: string; readonly host: string }): string {
  const what = JSON.stringify([letter.promise, letter.recipient]);
  return `<${createHash('sha256').update(what).digest('hex')}@${letter.host}>`;
}

type SmtpError = Error & { readonly code?: string; readonly command?: string; readonly responseCode?: number };
type Done = (error?: unknown) => void;

const ABOUT_THE_LETTER = ['MAIL FROM', 'RCPT TO', 'DATA'];

/**
 * What a failure means for the letter. A 5xx while connecting or signing in is about us or the server, not about the letter: that
 * is put right by somebody and tried again. 503 and 530 say that the order of talk was wrong, not that the letter was.
 */
function judged(error: SmtpError, contentBegan: boolean): Error {
  const stage = error.command ?? 'CONN';
  const code = error.responseCode ?? 0;
  const final = code >= 500 && code < 600 && code !== 503 && code !== 530;
  if (final && ABOUT_THE_LETTER.includes(stage)) return new MailRefused(stage, code);
  if (code >= 400 && code < 600) return new MailDeferred(stage, code);
  if (contentBegan) return new MailUncertain();
  if (error.code === 'EENVELOPE' || error.code === 'EMESSAGE') return new MailRefused(stage);
  return new MailDeferred(stage);
}

/** Opens a mailer; one connection per letter. */
export function mailer(server: MailServer): Mailer {
  const underWay = new Set<Done>();

  const converse = (work: (smtp: SMTPConnection, done: Done) => void, contentBegan = () => false) =>
    new Promise<void>((resolve, reject) => {
      const smtp = new SMTPConnection({
        host: server.host,
        port: server.port,
        secure: server.secure ?? false,
        requireTLS: server.auth !== undefined && !server.secure,
        tls: { ca: server.tls?.ca },
        connectionTimeout: server.timeoutMs,
        greetingTimeout: server.timeoutMs,
        socketTimeout: server.timeoutMs,
        socketCloseTimeout: 0,
      });
      const done: Done = (error) => {
        if (!underWay.delete(done)) return;
        clearTimeout(limit);
        if (!error) {
          smtp.quit();
          return resolve();
        }
        smtp.close();
        reject(judged(error as SmtpError, contentBegan()));
      };
      const limit = setTimeout(() => done(new Error('time is up')), server.timeoutMs);
      underWay.add(done);
      smtp.on('error', done);
      smtp.connect((failure) => {
        if (failure) return done(failure);
        if (!server.auth) return work(smtp, done);
        smtp.login({ credentials: server.auth }, (refused) => (refused ? done(refused) : work(smtp, done)));
      });
    });

  async function send(letter: Letter): Promise<'accepted' | 'unneeded'> {
    const message = new MailComposer({
      from: server.from,
      to: { name: '', address: letter.to },
      replyTo: letter.replyTo,
      subject: letter.subject,
      text: letter.text,
      messageId: letter.messageId,
      headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': letter.language },
      disableFileAccess: true,
      disableUrlAccess: true,
    }).compile();
    const content = await message.build();
    const { unneeded = () => Promise.resolve(false) } = letter;
    let [began, over] = [false, false];
    // Read for the first time once the server has answered DATA with 354. Of a content that ends in an error it keeps nothing;
    // from the first byte on a lost connection leaves us not knowing.
    const body = new Readable({
      read() {
        unneeded().then(
          (yes) => {
            over = yes;
            if (yes) return void this.destroy(new Error('nobody needs it any more'));
            began = true;
            this.push(content);
            this.push(null);
          },
          (cause: Error) => this.destroy(cause),
        );
      },
    });
    const envelope = { ...message.getEnvelope(), to: [letter.to], size: content.length };
    try {
      await converse(
        (smtp, done) => smtp.send(envelope, body, done),
        () => began,
      );
    } catch (cause) {
      if (over) return 'unneeded';
      throw cause;
    }
    return 'accepted';
  }

  return {
    send,
    probe: () => converse((_smtp, done) => done()),
    close: async () => underWay.forEach((done) => done(new Error('closing'))),
  };
}
