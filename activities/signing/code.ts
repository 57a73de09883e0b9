import { createHmac, timingSafeEqual } from 'node:crypto';
import { refuse, type Refusal } from '../../workflows/process.js';
import type { RefusalCode } from '../../workflows/refusals.js';
import { codeLimits } from '../../workflows/result-list/signing.js';
import type { Database, Transaction } from '../../prisma/client.js';
import type { Trace } from '../case/once.js';
import { NotSent, Refused, Unknown, type Way } from '../delivery.js';
import { watched } from '../health.js';
import { languageOf } from '../language.js';
import { PartnerUnavailable } from '../outbound.js';
import { SmsRefused, type Sms } from '../sms.js';

/** Answers by which the provider says that it took nothing; after any other failure the SMS may have gone. */
const NOT_TAKEN = [429, 503];

/**
 * The code that belongs to an id: derived with a key outside the database, so it is stored nowhere and travels only in the SMS
 * (RL-39). Ten decimal digits fit 2^64 so often that no digit is likelier than another by more than 1e-14.
 */
export const codeOf = (id: string, digits: number, secret: Buffer): string =>
  String(createHmac('sha256', secret).update(id).digest().readBigUInt64BE(0) % 10n ** BigInt(digits)).padStart(digits, '0');

const same = (a: string, b: string) => a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));

interface CodeRow {
  id: string;
  institution: string;
  case_id: string;
  person_id: string;
  version: number;
  hash: string;
  digits: number;
  expired: boolean;
  ended: boolean;
  ending: string | null;
  locked: boolean;
  current_version: number;
  mobile: string | null;
  /** It became that one after the code was asked for. */
  mobile_changed: boolean;
  language: string;
  number: bigint;
}

const readCode = async (tx: Transaction, id: string): Promise<CodeRow | undefined> =>
  (
    await tx.$queryRaw<CodeRow[]>`
    SELECT s.id, c.institution, s.case_id, s.person_id, s.version, s.hash, s.digits, s.expires_at < now() AS expired, s.ended_at IS NOT NULL AS ended, s.ending,
      EXISTS (SELECT 1 FROM signing_failures f WHERE f.person_id = s.person_id AND f.locked_at IS NOT NULL) AS locked,
      c.version AS current_version, p.mobile, coalesce(p.mobile_changed_at > s.created_at, false) AS mobile_changed, p.language, c.number
    FROM signing_codes s JOIN cases c ON c.id = s.case_id JOIN persons p ON p.id = s.person_id WHERE s.id = ${id}::uuid`
  )[0];

const smsText = {
  sv: (code: string, list: bigint) => `Din kod för att signera resultatlista ${list} är ${code}. Lämna den inte till någon.`,
  nb: (code: string, list: bigint) => `Koden din for å signere resultatliste ${list} er ${code}. Ikke gi den til noen.`,
  en: (code: string, list: bigint) => `Your code to sign result list ${list} is ${code}. Give it to nobody.`,
} as const;

/** Why a code was not sent, where that is more than that the provider took none. The texts are those of the same refusals. */
const unsent = ['no-mobile', 'mobile-changed'] as const satisfies readonly RefusalCode[];

/** Why a promised code was not sent, of the problem of its promise; undefined where there is nothing to be said of it. */
export const whyUnsent = (problem: string | null): (typeof unsent)[number] | undefined => unsent.find((one) => one === problem);

/**
 * Sends the codes: at most once each, and none to a number that the register has told of since it was asked for. A code whose
 * sending is uncertain is never sent again; the person asks for a new one.
 */
export const createCodeSender =
  (deps: { db: Database; sms: Sms; secret: Buffer }): Way =>
  async ({ payload }) => {
    const row = await readCode(deps.db, (payload as { code: string }).code);
    if (!row || row.ended || row.expired) throw new Refused('code-ended');
    if (!row.mobile) throw new Refused('no-mobile');
    if (row.mobile_changed) throw new Refused('mobile-changed');
    const words = smsText[languageOf(row.language)];
    try {
      await watched(deps.db, 'sms', () =>
        deps.sms.send({
          to: row.mobile as string,
          message: words(codeOf(row.id, row.digits, deps.secret), row.number),
          secret: true,
        }),
      );
    } catch (cause) {
      if (cause instanceof SmsRefused) throw new Refused('sms-refused');
      if (cause instanceof PartnerUnavailable) {
        if (cause.status !== undefined && NOT_TAKEN.includes(cause.status)) throw new NotSent('sms-unavailable');
        throw new Unknown('sms');
      }
      throw cause;
    }
  };

/** What checking a code comes to: a proof to sign with, or a no that tells a stranger nothing. */
export type CodeCheck = { readonly proof: string; readonly expiresAt: string } | Refusal;

/**
 * Checks a code somebody typed (RL-39). The try is counted before the comparison, in one statement, so that a thousand guesses at
 * once are three; the person is locked, so that the limit over all codes holds as well. The answer about anything that is not an
 * open code of one's own is always the same; the audit keeps the true reason.
 */
export async function checkCode(
  tx: Transaction,
  input: { id: string; person: string; typed: string; secret: Buffer },
  trace: Trace,
): Promise<CodeCheck> {
  await tx.$queryRaw`SELECT id FROM persons WHERE id = ${input.person}::uuid FOR NO KEY UPDATE`;
  const counted = await tx.$queryRaw<{ tries: number }[]>`
    UPDATE signing_codes SET tries = tries + 1
    WHERE id = ${input.id}::uuid AND person_id = ${input.person}::uuid AND ended_at IS NULL AND expires_at > now() AND tries < ${codeLimits.triesACode}
      AND NOT EXISTS (SELECT 1 FROM signing_failures f WHERE f.person_id = ${input.person}::uuid AND f.locked_at IS NOT NULL)
    RETURNING tries`;
  const row = await readCode(tx, input.id);
  const tries = counted[0]?.tries;
  const own = row?.person_id === input.person;
  const note = (why: string, refusal?: Refusal) =>
    trace(
      { caseId: own && row ? row.case_id : null, details: { why, challenge: input.id, ...(tries ? { try: tries } : {}) } },
      refusal,
    );
  const no = async (why: string, refusal: Refusal = refuse('conflict', 'RL-39', 'code-not-accepted')) => {
    await note(why, refusal);
    return refusal;
  };

  if (!row || tries === undefined) return no(!row ? 'unknown' : !own ? 'somebody-else' : whyNot(row));
  if (row.version !== row.current_version) {
    await end(tx, input.id, 'content-changed');
    return no('content-changed', refuse('conflict', 'RL-38', 'content-changed'));
  }
  if (!same(input.typed, codeOf(row.id, row.digits, input.secret))) {
    await tx.$executeRaw`
      INSERT INTO signing_failures (person_id, in_a_row) VALUES (${input.person}::uuid, 1)
      ON CONFLICT (person_id) DO UPDATE SET in_a_row = signing_failures.in_a_row + 1,
        locked_at = CASE WHEN signing_failures.in_a_row + 1 >= ${codeLimits.failuresInARow} THEN coalesce(signing_failures.locked_at, now()) END`;
    if (tries >= codeLimits.triesACode) await end(tx, input.id, 'guessed');
    return no('wrong');
  }
  await end(tx, input.id, 'passed');
  await tx.$executeRaw`UPDATE signing_failures SET in_a_row = 0 WHERE person_id = ${input.person}::uuid AND locked_at IS NULL`;
  const [proof] = await writeProofs(tx, {
    lists: [{ caseId: row.case_id, version: row.version, hash: row.hash }],
    person: input.person,
    method: 'sms',
    source: row.id,
  });
  if (!proof) throw new Error('a proof was not written');
  await note('passed');
  return proof;
}

/** Why a code of one's own is no good any more, for the audit. */
const whyNot = (row: CodeRow): string => {
  if (row.ended) return { passed: 'used', guessed: 'guessed-too-often' }[row.ending ?? ''] ?? row.ending ?? 'ended';
  return row.expired ? 'expired' : row.locked ? 'locked' : 'guessed-too-often';
};

const end = (tx: Transaction, id: string, ending: string) =>
  tx.$executeRaw`UPDATE signing_codes SET ended_at = now(), ending = ${ending} WHERE id = ${id}::uuid AND ended_at IS NULL`;

/** A list as somebody was shown it. */
interface Shown {
  readonly caseId: string;
  readonly version: number;
  readonly hash: string;
}

/** Keeps that somebody has shown who they are, for lists in one version and content each; one proof a source and list. */
export async function writeProofs(
  tx: Transaction,
  input: { lists: readonly Shown[]; person: string; method: 'sms' | 'bankid'; source: string },
): Promise<readonly { readonly proof: string; readonly expiresAt: string }[]> {
  const rows = await tx.$queryRaw<{ id: string; expires_at: Date }[]>`
    INSERT INTO signing_proofs (case_id, person_id, version, hash, method, source_id, expires_at)
    SELECT l."caseId", ${input.person}::uuid, l.version, l.hash, ${input.method}, ${input.source}::uuid, now() + make_interval(mins => ${codeLimits.proofMinutes}::int)
    FROM jsonb_to_recordset(${JSON.stringify(input.lists)}::jsonb) AS l("caseId" uuid, version int, hash text)
    ON CONFLICT (source_id, case_id) DO UPDATE SET source_id = EXCLUDED.source_id RETURNING id, expires_at`;
  return rows.map((made) => ({ proof: made.id, expiresAt: made.expires_at.toISOString() }));
}
