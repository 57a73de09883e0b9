import { refuse, type Actor, type CaseView, type Refusal } from '../../workflows/process.js';
import type { ListCommand } from '../../workflows/result-list/definition.js';
import type { CatalogueFacts, ListData, ListFacts, ListSettings, ListWrite, Proof } from '../../workflows/result-list/list.js';
import type { BirthBody, Body } from '../../workflows/result-list/schema.js';
import { signedItself } from '../../workflows/result-list/entry.js';
import { without } from '../../workflows/result-list/signed-archive-list.js';
import { codeLimits } from '../../workflows/result-list/signing.js';
import { theirsOnly, warnings } from '../../workflows/result-list/whole-course.js';
import type { Transaction } from '../../prisma/client.js';
import { takeNumber } from '../case/case-row.js';
import { holders } from '../case/people.js';
import type { Store } from '../case/store.js';
import { hidesFrom } from '../complaint/sight.js';
import type { Secrets } from '../secrets.js';
import { listInProtocol } from '../exchange/protocol.js';
import { isUp } from '../health.js';
import type { TransferReason } from '../ladok/transfer.js';
import { calendarOf } from '../holidays.js';
import { writeOrder } from '../orders.js';
import { settingOn, settingValues } from '../settings.js';
import { controlNumber, currentHash, freeze } from './frozen.js';
import { moveRows, withoutNotRegistered } from './not-registered.js';
import { readRegistrations, readRows, removeRows, saveRows } from './rows.js';
import { hasOrder, lay, placeOrder } from './signing-order.js';

type Subject = CaseView<ListData>;

/** The tables of a result list: what its rules are told in the deciding transaction, and what its decisions write there. */
export function resultListStore(secrets: Secrets): Store<ListData, Partial<ListFacts> & CatalogueFacts, ListWrite> {
  return {
    birthFacts: catalogue,
    facts: (tx, ask) => facts(tx, ask, secrets),
    obstacle,
    write,
    bars,
    without: async (tx, subject, actor) => [
      ...without(subject.data),
      ...(subject.state === 'informed' && (await changedLater(tx, subject.id)) === 0 ? ['note-annulment'] : []),
      ...theirsOnly(subject.data, actor, subject.scope),
      ...(signedItself(subject.data, actor) ? ['enter'] : []),
      ...(await withoutNotRegistered(tx, subject, actor)),
    ],
    warnings: async (tx, subject) =>
      warnings({ discontinued: (await courseOf(tx, subject.institution, subject.data.course.code))?.discontinued ?? false }),
  };
}

/**
 * GC-13: who assesses one of its results anew gives a list no command either, of which the answer, or what is to be signed, could
 * tell the first grade.
 */
const bars = async (tx: Transaction, list: Subject, actor: Actor): Promise<Refusal | undefined> =>
  actor.id !== 'system' && (await hidesFrom(tx, list, actor)) ? refuse('forbidden', 'GC-13', 'sits-on-the-committee') : undefined;

const courseOf = (tx: Transaction, institution: string, code: string) =>
  tx.course.findUnique({ where: { institution_code: { institution, code } } });

async function catalogue(tx: Transaction, ask: { body: unknown; actor: Actor }): Promise<CatalogueFacts> {
  const body = ask.body as BirthBody;
  const { institution } = ask.actor;
  const course = await courseOf(tx, institution, body.course);
  const module =
    body.kind === 'T33' &&
    (await tx.courseModule.findUnique({
      where: { institution_courseCode_moduleCode: { institution, courseCode: body.course, moduleCode: body.module } },
    }));
  const reported = body.kind === 'T33' ? module : course;
  if (!course || !reported) return {};
  const scale = await tx.gradeScale.findUnique({ where: { institution_id: { institution, id: reported.scaleId } } });
  return {
    titleWanted: reported.titleWanted,
    discontinued: course.discontinued,
    about: {
      course: { code: course.code, nameSv: course.nameSv, nameEn: course.nameEn, ...(module ? {} : { uid: course.uid }) },
      ...(module
        ? { module: { code: module.moduleCode, nameSv: module.moduleNameSv, nameEn: module.moduleNameEn, uid: module.moduleUid } }
        : {}),
      scale: { id: reported.scaleId, code: scale?.code ?? '' },
    },
  };
}

interface Told {
  readonly subject: Subject;
  readonly body: unknown;
  readonly actor: Actor;
  readonly today: string;
  readonly secrets: Secrets;
}

const signed = ['request-code', 'order-bankid', 'sign'] as const;
const ordered = ['request-code', 'order-bankid'] as const;

/** Each fact: the commands whose rules are told it, and where it is read. The others are not told it, and cost nothing. */
const told: {
  readonly [Fact in keyof ListFacts]-?: {
    readonly to: readonly ListCommand[];
    readonly read: (tx: Transaction, ask: Told) => Promise<ListFacts[Fact]>;
  };
} = {
  rows: {
    to: [
      'save',
      'correct',
      'remove',
      'fetch',
      'mail-not-registered',
      'move-not-registered',
      'send',
      ...signed,
      'attested',
      'confirm-arrival',
    ],
    read: (tx, { subject }) => readRows(tx, subject.id),
  },
  registrations: {
    to: ['save', 'correct', 'mail-not-registered', 'move-not-registered', ...signed],
    read: (tx, { subject }) => readRegistrations(tx, subject),
  },
  grades: { to: ['save', 'correct'], read: (tx, { subject }) => grades(tx, subject) },
  examiners: {
    to: ['send', 'remind'],
    read: (tx, { subject: { institution, scope }, today }) =>
      holders(tx, { institution, today, role: 'examiner', course: scope }),
  },
  courseOffice: {
    to: ['sign', 'remind'],
    read: (tx, { subject: { institution }, today }) => holders(tx, { institution, today, role: 'course-office' }),
  },
  working: { to: ['send', 'remind'], read: (tx, { subject, today }) => working(tx, subject, today) },
  transfers: {
    to: ['transferred', 'transfer-again', 'attested', 'confirm-arrival'],
    read: (tx, { subject }) => transfers(tx, subject.id),
  },
  health: { to: ordered, read: async (tx) => ({ sms: await isUp(tx, 'sms'), bankId: await isUp(tx, 'bankid') }) },
  signer: { to: ordered, read: (tx, { actor }) => signer(tx, actor.id) },
  settings: { to: signed, read: (tx, { subject, today }) => settings(tx, subject.institution, today) },
  proof: { to: ['sign'], read: (tx, { body }) => proof(tx, (body as Body<'sign'>).proof) },
  contentHash: { to: ['sign'], read: (tx, { subject }) => currentHash(tx, subject) },
  freshNumber: { to: ['move-not-registered'], read: (tx) => takeNumber(tx) },
  changedLater: { to: ['note-annulment'], read: (tx, { subject }) => changedLater(tx, subject.id) },
  entryByHand: {
    to: ['enter'],
    read: (tx, { subject: { institution }, today }) => settingOn(tx, { institution, name: 'entry-by-hand', on: today }),
  },
  controlNumber: {
    to: ['enter'],
    read: async (_tx, { subject: { number, data }, secrets }) =>
      data.signed && controlNumber({ list: number, version: data.signed.version, hash: data.signed.hash }, secrets.controlNumber),
  },
};

/** What the rule of a command is told. A rule that asks for what it is not told is broken, and says so. */
async function facts(
  tx: Transaction,
  ask: Omit<Told, 'secrets'> & { readonly command: string },
  secrets: Secrets,
): Promise<ListFacts> {
  const known = {};
  for (const [fact, { to, read }] of Object.entries(told))
    Object.defineProperty(
      known,
      fact,
      (to as readonly string[]).includes(ask.command)
        ? { enumerable: true, value: await read(tx, { ...ask, secrets }) }
        : {
            get: () => {
              throw new Error(`the rule of ${ask.command} is not told ${fact}`);
            },
          },
    );
  return known as ListFacts;
}

/** The calendar of the day the list was sent: it is sent now, or says itself since when it waits. */
async function working(tx: Transaction, subject: Subject, today: string): Promise<ListFacts['working']> {
  const on = subject.state === 'with-examiner' ? (subject.data.sentOn ?? today) : today;
  return {
    ...(await calendarOf(tx, subject.institution, on)),
    days: await settingOn(tx, { institution: subject.institution, name: 'result-list-working-days', on }),
  };
}

/** The procedure of each row's own day; the rest as it is today (docs/decisions.md). */
const settings = async (tx: Transaction, institution: string, on: string): Promise<ListSettings> => ({
  electronicSignature: await settingValues(tx, institution, 'electronic-signature'),
  fourEyes: await settingOn(tx, { institution, name: 'four-eyes', on }),
  codeDigits: await settingOn(tx, { institution, name: 'code-length', on }),
});

async function grades(tx: Transaction, subject: Subject): Promise<ListFacts['grades']> {
  const scale = await tx.gradeScale.findUnique({
    where: { institution_id: { institution: subject.institution, id: subject.data.scale.id } },
  });
  return (scale?.grades ?? []) as unknown as ListFacts['grades'];
}

const transfers = async (tx: Transaction, caseId: string) =>
  (await tx.rowTransfer.findMany({ where: { caseId } })).map((row) => ({ student: row.studentUid, state: row.state as 'sent' }));

/** Why a row differs that the register annulled or decided otherwise after the list had arrived, and why once that is noted. */
const later = {
  'annulled-later': 'annulled',
  'attested-with-other-content-later': 'attested-with-other-content',
} as const satisfies { readonly [Reason in TransferReason]?: TransferReason };

const changedLater = (tx: Transaction, caseId: string): Promise<number> =>
  tx.rowTransfer.count({ where: { caseId, reason: { in: Object.keys(later) } } });

/**
 * Rows that the register refused or decided otherwise (RL-46), also after the list had arrived. A transfer under way tells
 * by itself when it is over.
 */
const obstacle = async (tx: Transaction, { id, state, needsAttention }: CaseView): Promise<boolean> =>
  ['arrived', 'informed'].includes(state)
    ? (await changedLater(tx, id)) > 0
    : state === 'registering'
      ? needsAttention
      : ['entering', 'registered'].includes(state) &&
        (await tx.rowTransfer.count({ where: { caseId: id, state: { in: ['refused', 'differs'] } } })) > 0;

/** About the signer, who is locked (after the case, before the chain) so that limits hold over all lists at once. */
async function signer(tx: Transaction, person: string): Promise<NonNullable<ListFacts['signer']>> {
  await tx.$queryRaw`SELECT id FROM persons WHERE id = ${person}::uuid FOR NO KEY UPDATE`;
  const rows = await tx.$queryRaw<
    { mobile: string | null; fresh: boolean; locked: boolean; hour: bigint; day: bigint; open: boolean }[]
  >`
    SELECT p.mobile, coalesce(p.mobile_changed_at > now() - interval '24 hours', false) AS fresh,
      EXISTS (SELECT 1 FROM signing_failures f WHERE f.person_id = p.id AND f.locked_at IS NOT NULL) AS locked,
      (SELECT count(*) FROM signing_codes s WHERE s.person_id = p.id AND s.created_at > now() - interval '1 hour') AS hour,
      (SELECT count(*) FROM signing_codes s WHERE s.person_id = p.id AND s.created_at > now() - interval '1 day') AS day,
      ${hasOrder(person)} AS open
    FROM persons p WHERE p.id = ${person}::uuid`;
  const found = rows[0];
  return {
    mobile: !found?.mobile ? 'none' : found.fresh ? 'changed-today' : 'ready',
    locked: found?.locked ?? false,
    codesLastHour: Number(found?.hour ?? 0),
    codesLastDay: Number(found?.day ?? 0),
    openBankId: found?.open ?? false,
  };
}

/** A proof. It belongs to one case, whose lock sees to it that it is used up once. */
async function proof(tx: Transaction, id: string): Promise<Proof | undefined> {
  const rows = await tx.$queryRaw<
    {
      id: string;
      person_id: string;
      case_id: string;
      version: number;
      hash: string;
      method: 'sms' | 'bankid';
      expired: boolean;
      used: boolean;
    }[]
  >`
    SELECT id, person_id, case_id, version, hash, method, expires_at < now() AS expired, used_at IS NOT NULL AS used
    FROM signing_proofs WHERE id = ${id}::uuid`;
  const found = rows[0];
  return (
    found && {
      id: found.id,
      person: found.person_id,
      caseId: found.case_id,
      version: found.version,
      hash: found.hash,
      method: found.method,
      expired: found.expired,
      used: found.used,
    }
  );
}

async function write(
  tx: Transaction,
  ask: { subject: Subject; writes: readonly ListWrite[]; actor: Actor; at: string; from: string | null },
): Promise<void> {
  for (const one of ask.writes) await writeOne(tx, ask, one);
}

async function writeOne(
  tx: Transaction,
  ask: { subject: Subject; actor: Actor; at: string; from: string | null },
  one: ListWrite,
): Promise<void> {
  const { subject, actor, at } = ask;
  switch (one.write) {
    case 'rows':
      return saveRows(tx, subject.id, one.rows);
    case 'remove':
      return void (await removeRows(tx, subject.id, one.students));
    case 'move':
      return moveRows(tx, ask, one);
    case 'order':
      return void (await writeOrder(tx, ask, one));
    case 'code': {
      const { hash } = await freeze(tx, subject);
      await tx.$executeRaw`UPDATE signing_codes SET ended_at = now(), ending = 'replaced' WHERE person_id = ${actor.id}::uuid AND case_id = ${subject.id}::uuid AND ended_at IS NULL`;
      return void (await tx.$executeRaw`
        INSERT INTO signing_codes (id, case_id, person_id, version, hash, digits, expires_at)
        VALUES (${one.id}::uuid, ${subject.id}::uuid, ${actor.id}::uuid, ${subject.version}, ${hash}, ${one.digits}, now() + make_interval(mins => ${codeLimits.minutes}::int))`);
    }
    case 'bankid':
      return placeOrder(tx, { id: one.id, person: actor.id, from: ask.from, lists: [await lay(tx, subject)] });
    case 'signature': {
      const used =
        await tx.$executeRaw`UPDATE signing_proofs SET used_at = now() WHERE id = ${one.proof.id}::uuid AND used_at IS NULL`;
      if (used !== 1) throw new Error('a proof was used between reading and writing');
      return void (await tx.$executeRaw`
        INSERT INTO signatures (case_id, version, hash, person_id, for_person, method, proof_id, signed_at)
        VALUES (${subject.id}::uuid, ${one.proof.version}, ${one.proof.hash}, ${actor.id}::uuid, ${one.for ?? null}::uuid, ${one.proof.method}, ${one.proof.id}::uuid, ${at}::timestamptz)`);
    }
    case 'await-entry':
      return void (await tx.$executeRaw`
        INSERT INTO row_transfers (case_id, student_uid, state, changed_at)
        SELECT case_id, student_uid, 'awaited', ${at}::timestamptz FROM result_rows WHERE case_id = ${subject.id}::uuid AND grade IS NOT NULL`);
    case 'annulments-noted':
      for (const [reason, noted] of Object.entries(later))
        await tx.rowTransfer.updateMany({ where: { caseId: subject.id, reason }, data: { reason: noted } });
      return;
    case 'transfer-again':
      return void (await tx.$executeRaw`DELETE FROM row_transfers WHERE case_id = ${subject.id}::uuid AND state IN ('refused', 'differs')`);
    case 'in-protocol':
      return listInProtocol(tx, subject, at);
  }
}
