import type { CaseView, Language, Promised } from '../workflows/process.js';
import type { Database } from '../prisma/client.js';
import { readCase } from './case/case-row.js';
import { NotSent, Refused, Unknown, type Way } from './delivery.js';
import { watched } from './health.js';
import { languageOf } from './language.js';
import { MailDeferred, MailRefused, MailUncertain, messageIdOf, type Mailer } from './mail.js';

/** Where a letter goes, and in which language. */
export interface Addressee {
  readonly email: string;
  readonly language: Language;
}
/** A subject without names and grades, and the paragraphs. */
export interface Words {
  readonly subject: string;
  readonly text: readonly string[];
}
/** A letter ready to go. */
export interface Letter extends Words {
  readonly to: Addressee;
}

/**
 * Writes the letters of one process at the last moment: `letter` is its name, `to` whom it was promised to, `payload` all that
 * was promised. Throws `Refused` and `NotSent` as a way out does; undefined where its occasion is over, and nobody needs it any
 * more: asked again just before the content goes, where the case has moved.
 */
export type Letters = (ask: {
  readonly subject: CaseView;
  readonly letter: string;
  readonly to: string;
  readonly payload: Promised['payload'];
}) => Promise<Letter | undefined>;

/** Somebody employed, by the staff register. Throws `Refused` for a person it has not told us of. */
export async function employed(db: Database, id: string): Promise<Addressee> {
  const person = await db.person.findUnique({ where: { id } });
  if (!person) throw new Refused('no-such-person');
  return { email: person.email, language: languageOf(person.language) };
}

/** Writes letters that belong to no case, by what their promise says; undefined where the occasion is over. */
export type FreeLetters = (ask: { readonly to: string; readonly payload: Promised['payload'] }) => Promise<Letter | undefined>;

/**
 * Posts the letters of all processes, each written by its own (`letters` by kind of case), and those that belong to no case
 * (`free`, by what their promise calls `letters`), with one Message-ID for all attempts at a promise.
 */
export function createPost(deps: {
  db: Database;
  mailer: Mailer;
  mailHost: string;
  letters: Readonly<Record<string, Letters>>;
  free: Readonly<Record<string, FreeLetters>>;
}): Way {
  const { db } = deps;
  type Asked = { readonly letter: string; readonly to: string; readonly payload: Promised['payload'] };
  /** A letter, and whether nobody needs it any more, asked again just before its content goes. */
  type Posted = { readonly written: Letter | undefined; readonly unneeded: () => Promise<boolean> };
  const ofCase = async (caseId: string, ask: Asked): Promise<Posted> => {
    const found = await readCase(db, { id: caseId });
    const write = found && deps.letters[found.subject.kind];
    if (!write) throw new Refused('no-such-case');
    const unneeded = async () => {
      const now = (await readCase(db, { id: caseId }))?.subject;
      return now !== undefined && now.step !== found.subject.step && (await write({ subject: now, ...ask })) === undefined;
    };
    return { written: await write({ subject: found.subject, ...ask }), unneeded };
  };
  const free = async ({ to, payload }: Asked): Promise<Posted> => {
    const write = deps.free[String(payload['letters'])];
    if (!write) throw new Refused('no-such-letter');
    return { written: await write({ to, payload }), unneeded: async () => false };
  };
  return async ({ caseId, key, payload }) => {
    const { letter, to } = payload as { letter: string; to: string };
    const { written, unneeded } = await (caseId === null
      ? free({ letter, to, payload })
      : ofCase(caseId, { letter, to, payload }));
    if (!written) return 'unneeded';
    try {
      const sent = await watched(db, 'mail', () =>
        deps.mailer.send({
          to: written.to.email,
          subject: written.subject,
          text: `${written.text.join('\n\n')}\n`,
          language: written.to.language,
          messageId: messageIdOf({ promise: key, recipient: to, host: deps.mailHost }),
          unneeded,
        }),
      );
      return sent === 'unneeded' ? sent : undefined;
    } catch (cause) {
      if (cause instanceof MailUncertain) throw new Unknown('mail');
      if (cause instanceof MailRefused) throw new Refused('mail-refused');
      if (cause instanceof MailDeferred) throw new NotSent('mail-deferred');
      throw cause;
    }
  };
}
