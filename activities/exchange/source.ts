import { createHmac } from 'node:crypto';
import { firstNo, type Answered } from '../../workflows/exchange/asking.js';
import { answersTo, handedOver, type Standing } from '../../workflows/exchange/source.js';
import { refuse, type Refusal } from '../../workflows/process.js';
import { dayOf, type CivilDate, type Instant } from '../../workflows/rules/civil-time.js';
import { civil, Prisma, type Transaction } from '../../prisma/client.js';
import { append } from '../audit.js';
import { coursesReportedWrong } from '../complaint/reported-wrong.js';
import { settingOn } from '../settings.js';
import { numbersOf } from '../students.js';
import type { ThreeAnswers } from './institution.js';
import { newestConsent } from './newest-consent.js';
import { lockEntries, type Kept } from './protocol.js';
import type { Report, ReportedLearner, ReportedResult } from './report.js';

/** A question as another institution put it to us, signed. */
export interface Inquiry {
  readonly institution: string;
  /** SCHAC code of who asks: a known institution, whose signature holds. */
  readonly partner: string;
  /** Theirs: the same for a question that is put again. */
  readonly id: string;
  readonly number: string;
  /** What is kept in place of the number where nobody here has it: `disguised`. */
  readonly disguise: string;
  readonly basis: 'consent' | 'statute';
  readonly consent: { readonly answer: string; readonly on: string } | null;
  readonly at: Instant;
  /** Ours, for log and audit. */
  readonly requestId: string;
}

/** A number that is to be kept, and read by nobody: the same for the same number, and of no use without the key. */
export const disguised = (number: string, key: Buffer): string => createHmac('sha256', key).update(number).digest('hex');

/** What we hand over, before it is written and signed: everything of a report but who issues it. */
export type HandedOver = Omit<Report, 'issuer'>;

interface Person {
  readonly id: string | null;
  readonly learner: ReportedLearner;
}

/** Who has a number today: as a student, or on our protocols only. */
async function personUnder(tx: Transaction, { institution, number }: Inquiry): Promise<Person | undefined> {
  const [student] = await tx.$queryRaw<{ id: string; given_name: string; surname: string; birth_date: Date }[]>`
    SELECT p.id, p.given_name, p.surname, s.birth_date FROM students s JOIN persons p ON p.id = s.person_id WHERE s.institution = ${institution} AND p.person_number = ${number}`;
  if (student)
    return {
      id: student.id,
      learner: {
        nationalNumber: number,
        givenNames: student.given_name,
        familyName: student.surname,
        birthDate: civil(student.birth_date),
      },
    };
  const last = await tx.protocolResult.findFirst({
    where: { institution, personNumber: number },
    orderBy: { changedAt: 'desc' },
  });
  return last
    ? { id: null, learner: { nationalNumber: number, givenNames: last.givenName ?? '-', familyName: last.surname ?? '-' } }
    : undefined;
}

async function standingOn(tx: Transaction, institution: string, on: CivilDate): Promise<Standing> {
  return {
    active: await settingOn(tx, { institution, name: 'exchange-module', on }),
    reserved: await settingOn(tx, { institution, name: 'exchange-reserved', on }),
    wantsOwnConsent: await settingOn(tx, { institution, name: 'exchange-source-consent', on }),
  };
}

/** An entry of ours with whether it is held back until a wrong grade is put right (GC-29). */
type Own = Kept & { readonly reportedWrong: boolean };

const ownResult = (one: Own) => ({ ...one, withdrawn: one.withdrawnOn !== null });

interface Judged {
  readonly answered: Answered;
  readonly entries: readonly Own[];
  readonly person: Person | undefined;
  readonly today: CivilDate;
}

/**
 * The three answers from our own protocols, which are locked meanwhile: who changes a result afterwards finds that it was handed
 * over.
 */
async function judge(tx: Transaction, inquiry: Inquiry): Promise<Judged> {
  const { institution, number, basis, consent } = inquiry;
  const { zone } = await tx.institution.findUniqueOrThrow({ where: { code: institution }, select: { zone: true } });
  const today = dayOf(inquiry.at, zone);
  const kept = await lockEntries(tx, institution, Prisma.sql`person_number = ${number}`, 'hand-over');
  const person = await personUnder(tx, inquiry);
  const entries = await withWrong(tx, inquiry, { kept, person });
  const own = person?.id ? await newestConsent(tx, { institution, person: person.id }) : undefined;
  const answered = answersTo(await standingOn(tx, institution, today), {
    basis,
    consent,
    ownConsent: own?.answer ?? null,
    known: person !== undefined,
    results: entries.map(ownResult),
    today,
  });
  return { answered, entries, person, today };
}

/** GC-29: which entries hold a grade that was entered wrongly and is not put right, under any number the person had. */
async function withWrong(
  tx: Transaction,
  { institution, number }: Inquiry,
  { kept, person }: { readonly kept: readonly Kept[]; readonly person: Person | undefined },
): Promise<Own[]> {
  const numbers = (person?.id && (await numbersOf(tx, { institution, person: person.id }))) || [number];
  const wrong = kept.length > 0 ? await coursesReportedWrong(tx, { institution, numbers }) : new Set();
  return kept.map((one) => ({ ...one, reportedWrong: one.kind === 'assessment' && wrong.has(one.code) }));
}

/** Now, by the clock that stamps changes: of the database, within the locks. */
async function databaseNow(tx: Transaction): Promise<Instant> {
  const [now] = await tx.$queryRaw<[{ at: Date }]>`SELECT clock_timestamp() AS at`;
  return now.at.toISOString();
}

/** How a question ended, in one word for the record (AU-08). */
const outcomeOf = (answered: Answered) => firstNo(answered) ?? 'shared';

/**
 * Writes down who asked what about whom and what they were told, once a question (AU-08); of somebody who is unknown here, not
 * whom. What was written down for the same question before, where it was.
 */
async function disclose(
  tx: Transaction,
  inquiry: Inquiry,
  question: 'status' | 'results',
  told: { readonly person: Person | undefined; readonly outcome: string; readonly keys: readonly string[] },
) {
  const { institution, partner, id, number, disguise, basis, at } = inquiry;
  const made = await tx.disclosure.createMany({
    data: [
      {
        institution,
        requestId: id,
        partner,
        personNumber: told.person ? number : disguise,
        question,
        basis,
        outcome: told.outcome,
        keys: [...told.keys],
        askedAt: at,
      },
    ],
    skipDuplicates: true,
  });
  return made.count === 1
    ? undefined
    : tx.disclosure.findUniqueOrThrow({
        where: { institution_partner_requestId_question: { institution, partner, requestId: id, question } },
      });
}

/**
 * Who was told what about a person, the newest first (AU-08): under each number of theirs, and whoever was handed a result that
 * is theirs today under a number that was mistyped (RX-29).
 */
export async function disclosuresAbout(
  tx: Transaction,
  { institution, numbers, most }: { readonly institution: string; readonly numbers: readonly string[]; readonly most: number },
) {
  const personNumber = { in: [...numbers] };
  const results = await tx.protocolResult.findMany({ where: { institution, personNumber }, select: { key: true } });
  return tx.disclosure.findMany({
    where: { institution, OR: [{ personNumber }, { keys: { hasSome: results.map(({ key }) => key) } }] },
    orderBy: { seq: 'desc' },
    take: most,
  });
}

const traced = (
  tx: Transaction,
  { institution, partner, basis, at, requestId }: Inquiry,
  action: string,
  details: Readonly<Record<string, unknown>>,
  refusal?: Refusal,
) =>
  append(tx, {
    institution,
    caseId: null,
    actor: partner,
    action,
    outcome: refusal ? 'refused' : 'done',
    ...(refusal ? { rule: refusal.rule, code: refusal.code } : {}),
    at,
    requestId,
    details: { basis, ...details },
  });

/** A no where the same id was used about somebody else. */
const usedOtherwise = (before: { personNumber: string } | undefined, { number, disguise }: Inquiry): Refusal | undefined =>
  before && before.personNumber !== number && before.personNumber !== disguise
    ? refuse('invalid', 'registrar', 'key-used-otherwise')
    : undefined;

/**
 * RX-11: the three questions, answered from our own results, written down and traced. The same id for somebody else is refused.
 * Call it in one transaction.
 */
export async function answerThree(tx: Transaction, inquiry: Inquiry): Promise<ThreeAnswers | Refusal> {
  const { answered, person } = await judge(tx, inquiry);
  const outcome = outcomeOf(answered);
  const before = await disclose(tx, inquiry, 'status', { person, outcome, keys: [] });
  const no = usedOtherwise(before, inquiry);
  await traced(tx, inquiry, 'exchange.asked', { outcome }, no);
  return no ?? { ...answered, answeredAt: await databaseNow(tx) };
}

/**
 * RX-12, RX-13: hands over what may be, and writes down what (AU-08); refuses where one of the three answers is not yes. The same
 * question put again, as after a crash, is answered with the same results as they are now, and nothing is written down twice.
 * Call it in one transaction.
 */
export async function handOver(tx: Transaction, inquiry: Inquiry): Promise<HandedOver | Refusal> {
  const { answered, entries, person, today } = await judge(tx, inquiry);
  const outcome = outcomeOf(answered);
  const shared = outcome === 'shared' ? entries.filter((one) => handedOver(ownResult(one), today)) : [];
  const before = await disclose(tx, inquiry, 'results', { person, outcome, keys: shared.map(({ key }) => key) });
  const same = before ? shared.filter(({ key }) => before.keys.includes(key)) : shared;
  const no =
    usedOtherwise(before, inquiry) ??
    (same.length === 0 || !person ? refuse('forbidden', 'RX-12', 'not-three-yes', { outcome }) : undefined);
  await traced(tx, inquiry, 'exchange.handed-over', { outcome, results: no ? 0 : same.length }, no);
  return no ?? { learner: (person as Person).learner, generatedAt: await databaseNow(tx), results: reported(same) };
}

/** Qualifications before their parts; a part of something that is held back stands by itself. */
function reported(entries: readonly Kept[]): ReportedResult[] {
  const there = new Set(entries.map(({ key }) => key));
  const rank = ({ kind }: Kept) => (kind === 'qualification' ? 0 : 1);
  return entries
    .toSorted((a, b) => rank(a) - rank(b))
    .map((one) => {
      const said: Readonly<Record<string, string | null>> = {
        partOf: one.partOf !== null && there.has(one.partOf) ? one.partOf : null,
        code: one.code,
        nameNb: one.nameNb,
        nameLanguage: one.nameLanguage ?? null,
        nameEn: one.nameEn,
        thesisTitle: one.thesisTitle,
        term: one.term,
        credits: one.credits,
        creditScheme: one.credits === null ? null : 'ects',
        result: one.result,
        gradingScheme: one.gradingScheme,
        passedOn: one.passedOn,
        description: one.description,
      };
      return {
        key: one.key,
        category: one.category,
        ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== null)),
      };
    });
}
