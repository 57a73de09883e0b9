import { refuse, type Actor, type Refusal } from '../../workflows/process.js';
import type { Database, Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { contentOf, writeDown } from './command-row.js';
import { commandKey, hashOf } from './seal.js';

/** A command that no process decides: about a code, an order at BankID, a promise to the world, a person. */
export interface OnceAsk {
  /** As in the audit: `signing.check-code`. What stands behind the dot is the command's name. */
  readonly action: string;
  /** The id of what it is about. */
  readonly about: string;
  readonly body: unknown;
  readonly idempotencyKey: string;
  readonly actor: Actor;
  readonly requestId: string;
}

/** Writes a decision into the audit: done, or refused with rule and code. Call it last, after everything is locked (AU-02). */
export type Trace = (
  about: { readonly caseId: string | null; readonly subject?: string; readonly details: Readonly<Record<string, unknown>> },
  refusal?: Refusal,
) => Promise<void>;

type Stored<Answer> =
  { readonly status: 'done'; readonly answer: Answer } | { readonly status: 'refused'; readonly refusal: Refusal };

/**
 * Gives such a command: written down under its key, decided and traced in one transaction, so that the same key is answered the
 * same again and nothing happens twice. Refuses a key that came with another content (`key-used-otherwise`), traced as well. A no
 * that `decide` did not trace itself, with what it knows besides, is traced here: none is missing in the audit (AU-02).
 */
export async function once<Answer extends object>(
  db: Database,
  ask: OnceAsk,
  decide: (tx: Transaction, trace: Trace) => Promise<Answer | Refusal>,
): Promise<Answer | Refusal> {
  const { actor, action, requestId } = ask;
  const name = action.slice(action.indexOf('.') + 1);
  const key = commandKey({ caller: actor.id, about: ask.about, command: name, idempotencyKey: ask.idempotencyKey });
  return db.$transaction(async (tx) => {
    const written = await writeDown(tx, { key, caseId: null, name, caller: actor.id, body: ask.body, from: null });
    const otherwise = written.bodyHash !== hashOf(ask.body);
    let traced = false;
    const trace: Trace = (about, refusal) => {
      traced = true;
      return append(tx, {
        ...about,
        institution: actor.institution,
        actor: actor.id,
        action,
        outcome: refusal ? 'refused' : 'done',
        ...(refusal ? { rule: refusal.rule, code: refusal.code } : {}),
        key,
        ...(otherwise ? {} : { content: contentOf(written) }),
        requestId,
        at: new Date().toISOString(),
      });
    };
    const about = { caseId: null, details: { about: ask.about } };
    if (otherwise) {
      const refusal = refuse('invalid', 'registrar', 'key-used-otherwise');
      await trace(about, refusal);
      return refusal;
    }
    const before = written.outcome as Stored<Answer> | null;
    if (before) return before.status === 'done' ? before.answer : before.refusal;
    const verdict = await decide(tx, trace);
    if ('refused' in verdict && !traced) await trace(about, verdict);
    const outcome = 'refused' in verdict ? { status: 'refused', refusal: verdict } : { status: 'done', answer: verdict };
    await tx.$executeRaw`UPDATE commands SET outcome = ${JSON.stringify(outcome)}::jsonb, decided_at = now() WHERE key = ${key}`;
    return verdict;
  });
}
