import { X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { CaseView, Language } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import type { Transaction } from '../../prisma/client.js';
import { verifySegment, type Segment } from '../audit.js';
import { namesOf } from '../case/people.js';
import { judgeOcsp } from '../bankid-ocsp.js';
import { verifySignature } from '../bankid-signature.js';
import { evidenceHash } from '../signing/evidence.js';
import { currentHash, frozenHash, type Frozen } from './frozen.js';
import { namedIn, sumOf } from './signed-text.js';
import { faultTexts, type CheckName, type FaultCode } from './verification-words.js';

/** Why a check does not hold. */
interface Fault {
  readonly code: FaultCode;
  readonly detail?: string;
}

/** One check of a verification: whether it holds, and what is wrong where it does not. */
export interface Check {
  readonly name: CheckName;
  readonly fault?: Fault;
}

/** What can be proven about a signed list, from what was kept at the signing. Holds when every check does. */
export interface Verification {
  readonly signed: NonNullable<ListData['signed']>;
  /** Full names by id, as the staff register has them, of the signer and of the examiner they acted for. */
  readonly names: Readonly<Record<string, string>>;
  /** How many rows were signed; null where the content is not kept. */
  readonly rows: number | null;
  readonly holds: boolean;
  readonly checks: readonly Check[];
  /** The stretch of the audit that was walked, between its anchors; null where it is broken. */
  readonly audit: Segment | null;
  /**
   * How many lists one signature with BankID was given for, this one among them; null for a code by SMS, or where it cannot be
   * read.
   */
  readonly lists: number | null;
  /** SHA-256 fingerprint of the root that was trusted at the signing, as `AB:CD:…`; null for a code by SMS. */
  readonly root: string | null;
}

type Signed = Verification['signed'];
type List = CaseView<ListData>;
interface Entry {
  readonly seq: bigint;
  readonly actor?: string;
  readonly action?: string;
  readonly outcome?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

const fault = (code: FaultCode, detail?: string): Fault => ({ code, ...(detail === undefined ? {} : { detail }) });

/** The words for a fault. */
export const faultText = ({ code, detail }: Fault, language: Language): string =>
  faultTexts[code][language].replace('{detail}', detail ?? '');

/** Names of the facts of which two records say different things. */
const disagreeing = (pairs: Readonly<Record<string, readonly [unknown, unknown]>>): Fault | undefined => {
  const names = Object.entries(pairs)
    .filter(([, [one, other]]) => one !== other)
    .map(([name]) => name);
  return names.length ? fault('records-disagree', names.join(', ')) : undefined;
};

/**
 * Verifies the signature of a list (BE-03; RL-38, RL-40, RL-41, AU-02) from what was kept at the signing alone: no outside
 * system is asked, and roots trusted today do not matter. Undefined where the list is not signed.
 */
export async function verifyList(db: Transaction, list: List): Promise<Verification | undefined> {
  const { signed } = list.data;
  if (!signed) return undefined;
  const kept = await readKept(db, list, signed);
  const entries = await readEntries(db, list.id);
  const chain = await audited(db, list, { signed, entries });
  const bankId = signed.method === 'bankid' ? byBankId(list, signed, { ...kept, entries }) : undefined;
  const checks: Check[] = Object.entries({
    content: contentFault(list, signed, kept),
    rows: await rowsFault(db, list, signed, kept.frozen),
    record: recordFault(signed, kept.signature),
    proof: proofFault(list, signed, kept),
    ...bankId?.faults,
    'audit-entries': entriesFault(signed, kept.signature?.proofId, kept.proof?.sourceId, entries),
    'audit-chain': chain.fault,
  } satisfies Partial<Record<CheckName, Fault | undefined>>).map(([name, found]) => ({
    name: name as CheckName,
    ...(found ? { fault: found } : {}),
  }));
  return {
    signed,
    names: await namesOf(db, [signed.by, signed.for ?? signed.by]),
    rows: kept.frozen?.rows.length ?? null,
    holds: checks.every((check) => !check.fault),
    checks,
    audit: chain.segment,
    lists: bankId?.lists ?? null,
    root: bankId?.root ?? null,
  };
}

async function readKept(db: Transaction, list: List, { version, by }: Signed) {
  const key = { caseId_version: { caseId: list.id, version } };
  const [content, signature] = [await db.frozenVersion.findUnique({ where: key }), await db.signature.findUnique({ where: key })];
  const proof = signature && (await db.signingProof.findUnique({ where: { id: signature.proofId } }));
  return {
    content,
    signature,
    proof,
    frozen: content ? frozenIn(content.content) : undefined,
    code: proof && (await db.signingCode.findUnique({ where: { id: proof.sourceId } })),
    order: proof && (await db.bankIdOrder.findUnique({ where: { id: proof.sourceId } })),
    ordered:
      proof && (await db.bankIdOrderList.findUnique({ where: { orderId_caseId: { orderId: proof.sourceId, caseId: list.id } } })),
    signer: await db.person.findUnique({ where: { id: by } }),
  };
}

type Kept = Awaited<ReturnType<typeof readKept>>;

const frozenForm = z.object({
  header: z.record(z.string(), z.unknown()),
  rows: z.array(z.object({ salt: z.string(), row: z.record(z.string(), z.unknown()) })),
});

/** What was frozen, if it can still be read as such. */
function frozenIn(content: string): Frozen | undefined {
  const read = jsonIn(content);
  return frozenForm.safeParse(read).success ? (read as Frozen) : undefined;
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readEntries(db: Transaction, caseId: string): Promise<Entry[]> {
  const rows = await db.auditEntry.findMany({ where: { caseId }, orderBy: { seq: 'asc' }, select: { seq: true, entry: true } });
  return rows.map(({ seq, entry }) => ({ ...(jsonIn(entry) as object | undefined), seq }));
}

const doneOnes = (entries: readonly Entry[], action: string) =>
  entries.filter((one) => one.action === action && one.outcome === 'done');
const signingIn = (entries: readonly Entry[], { version }: Signed) =>
  doneOnes(entries, 'result-list.sign').findLast((one) => one.details?.['version'] === version);

function contentFault(list: List, signed: Signed, { content, frozen }: Kept): Fault | undefined {
  if (!content) return fault('not-kept');
  if (!frozen || content.hash !== signed.hash || frozenHash(frozen) !== signed.hash) return fault('content-differs');
  return frozen.header.list === list.number && frozen.header.version === signed.version ? undefined : fault('names-another');
}

/** Under the signed version: a list goes on being edited after its end, and its rows do not (`note-annulment`). */
async function rowsFault(db: Transaction, list: List, signed: Signed, frozen: Frozen | undefined): Promise<Fault | undefined> {
  if (!frozen) return fault('not-kept');
  return (await currentHash(db, { ...list, version: signed.version })) === signed.hash ? undefined : fault('rows-differ');
}

function recordFault(signed: Signed, signature: Kept['signature']): Fault | undefined {
  if (!signature) return fault('not-kept');
  return disagreeing({
    sha256: [signature.hash, signed.hash],
    person: [signature.personId, signed.by],
    for: [signature.forPerson ?? undefined, signed.for],
    method: [signature.method, signed.method],
    time: [signature.signedAt.getTime(), Date.parse(signed.at)],
  });
}

function proofFault(list: List, signed: Signed, { proof, code, order, ordered }: Kept): Fault | undefined {
  const source = signed.method === 'sms' ? code : order && ordered && { ...ordered, personId: order.personId };
  if (!proof || !source) return fault('not-kept');
  const same = (what: { caseId: string; version: number; hash: string; personId: string }) =>
    [what.caseId, what.version, what.hash, what.personId].join();
  const due = [list.id, signed.version, signed.hash, signed.by].join();
  return disagreeing({
    proof: [same(proof), due],
    method: [proof.method, signed.method],
    used: [proof.usedAt !== null, true],
    [signed.method === 'sms' ? 'code' : 'order']: [same(source), due],
    ending: signed.method === 'sms' ? [code?.ending, 'passed'] : [order?.state, 'complete'],
  });
}

const completionForm = z.object({ signature: z.string(), ocspResponse: z.string() });
const evidenceForm = z.object({ judgedAt: z.iso.datetime(), certificateChain: z.array(z.string()).min(1) });

type BankIdCheck = 'signed-data' | 'signature' | 'certificates' | 'certificate-status' | 'evidence';

/** The checks of a BankID signature, by the chain, root and time that were kept with it. */
function byBankId(
  list: List,
  signed: Signed,
  { order, signer, entries, proof }: Kept & { entries: readonly Entry[] },
): {
  readonly faults: Readonly<Record<BankIdCheck, Fault | undefined>>;
  readonly lists: number | null;
  readonly root: string | null;
} {
  const all = (one: Fault) => ({
    'signed-data': one,
    signature: one,
    certificates: one,
    'certificate-status': one,
    evidence: one,
  });
  const [completion, evidence] = [completionForm.safeParse(order?.completion), evidenceForm.safeParse(order?.evidence)];
  const root = evidence.success ? certificateIn(evidence.data.certificateChain.at(-1) ?? '') : undefined;
  if (!order || !completion.success || !evidence.success || !root)
    return { faults: all(fault('not-kept')), lists: null, root: null };

  const named = doneOnes(entries, 'signing.bankid').find((one) => one.details?.['order'] === proof?.sourceId)?.details?.[
    'evidence'
  ];
  const evidenceFault = named === evidenceHash(completion.data, evidence.data) ? undefined : fault('evidence-differs');
  const at = new Date(evidence.data.judgedAt);
  const verified = verifySignature({ signature: completion.data.signature, roots: [root.toString()], at });
  if (!verified.valid) {
    const ofChain = verified.reason === 'untrusted-chain' || verified.reason === 'outside-validity';
    const wrong = ofChain
      ? { signature: undefined, certificates: fault('chain-wrong', verified.reason) }
      : { signature: fault('signature-wrong', verified.reason), certificates: fault('not-proven') };
    return { faults: { ...all(fault('not-proven')), ...wrong, evidence: evidenceFault }, lists: null, root: root.fingerprint256 };
  }
  const standing = judgeOcsp({ ...completion.data, certificateChain: verified.certificateChain, ordered: order.createdAt, at });
  const lists = namedIn(verified.nonVisible) ?? [];
  const namesIt =
    lists.some((one) => one.list === list.number && one.version === signed.version && one.sha256 === signed.hash) &&
    verified.visibleText.includes(sumOf(lists));
  return {
    faults: {
      'signed-data': !namesIt
        ? fault('names-another')
        : verified.personNumber === signer?.staffNumber
          ? undefined
          : fault('other-person'),
      signature: undefined,
      certificates: undefined,
      'certificate-status': standing === 'good' ? undefined : fault('status-wrong', standing),
      evidence: evidenceFault,
    },
    lists: lists.length || null,
    root: root.fingerprint256,
  };
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function entriesFault(
  signed: Signed,
  proofId: string | undefined,
  source: string | undefined,
  entries: readonly Entry[],
): Fault | undefined {
  const signing = signingIn(entries, signed);
  if (!signing) return fault('not-audited', 'result-list.sign');
  const [action, named] = signed.method === 'sms' ? ['signing.check-code', 'challenge'] : ['signing.bankid', 'order'];
  const shown = doneOnes(entries, action).find((one) => source !== undefined && one.details?.[named] === source);
  if (!shown) return fault('not-audited', action);
  return disagreeing({
    sha256: [signing.details?.['hash'], signed.hash],
    person: [signing.actor, signed.by],
    for: [signing.details?.['for'], signed.for],
    method: [signing.details?.['method'], signed.method],
    proof: [signing.details?.['proof'], proofId],
    identified: [shown.actor, signed.by],
  });
}

/**
 * From the case's first entry to its signing: what came later (years of openings, perhaps) is the whole chain's verification to
 * prove.
 */
async function audited(
  db: Transaction,
  list: List,
  { signed, entries }: { signed: Signed; entries: readonly Entry[] },
): Promise<{ fault?: Fault; segment: Segment | null }> {
  const [first, last] = [entries[0], signingIn(entries, signed) ?? entries.at(-1)];
  if (!first || !last) return { fault: fault('not-audited', 'result-list.create'), segment: null };
  const walked = await verifySegment(db, { institution: list.institution, from: first.seq, to: last.seq });
  return walked.ok
    ? { segment: { from: walked.from, to: walked.to, before: walked.before, after: walked.after } }
    : { fault: fault('chain-broken', walked.seq), segment: null };
}
