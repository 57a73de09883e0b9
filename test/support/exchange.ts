import { randomInt, randomUUID } from 'node:crypto';
import type { Institutions } from '../../activities/exchange/institution.js';
import type { Answered } from '../../workflows/exchange/asking.js';
import { holdPerson } from '../../activities/exchange/import.js';
import { Rejected } from '../../activities/exchange/institution.js';
import type { Judge } from '../../activities/exchange/ask-round.js';
import type { ReportedResult } from '../../activities/exchange/report.js';
import { ourselves, type Ourselves } from '../../activities/exchange/ourselves.js';
import type { Process } from '../../activities/case/registered-process.js';
import { startOf } from '../../workflows/process.js';
import { startOnce } from '../../activities/index.js';
import { PartnerRefused, PartnerUnavailable } from '../../activities/outbound.js';
import { asDate, type Database } from '../../prisma/client.js';
import type { SettingName } from '../../workflows/settings/schema.js';
import { institution } from '../simulators/sample.js';
import { newcomer } from './staff.js';
import { eventually, type Answer, type University } from './university.js';

/** How one institution behaves; everything else is as `willing` says. */
export interface Behaviour {
  readonly answers?: Partial<Answered>;
  /** Milliseconds until it answers the three questions. */
  readonly slow?: number;
  /** Answers the three questions when this does. */
  readonly held?: Promise<void>;
  readonly down?: 'connection' | 'timeout' | 'refused';
  readonly results?: readonly ReportedResult[];
  readonly rejected?: Rejected['reason'];
}

const willing: Answered = {
  shares: true,
  reserved: false,
  consent: true,
  known: true,
  hasPassedResults: true,
  degreesHeldBack: 0,
};
const unknown: Partial<Answered> = { known: false, hasPassedResults: false };

/** A passed course. */
export const passed = (key: string, result: string): ReportedResult => ({
  key,
  category: 'course',
  code: key.toUpperCase(),
  nameNb: `Emne ${key}`,
  result,
  gradingScheme: 'A-F',
  passedOn: '2026-06-01',
});

/** Institutions in this process: nobody knows the person unless told otherwise. */
export function fakeInstitutions() {
  const behaviours = new Map<string, Behaviour>();
  const calls: { readonly code: string; readonly what: 'ask' | 'fetch'; readonly id: string }[] = [];
  const now = new Map<string, number>();
  const most = new Map<string, number>();
  const count = async <T>(code: string, what: 'ask' | 'fetch', id: string, work: () => Promise<T>): Promise<T> => {
    calls.push({ code, what, id });
    now.set(code, (now.get(code) ?? 0) + 1);
    most.set(code, Math.max(most.get(code) ?? 0, now.get(code) ?? 0));
    try {
      return await work();
    } finally {
      now.set(code, (now.get(code) ?? 0) - 1);
    }
  };
  const institutions: Pick<Institutions, 'ask' | 'fetch'> = {
    ask: ({ code }, { id }) =>
      count(code, 'ask', id, async () => {
        const how = behaviours.get(code) ?? { answers: unknown };
        if (how.slow) await new Promise((later) => setTimeout(later, how.slow));
        await how.held;
        if (how.down === 'refused') throw new PartnerRefused(code, 404, '');
        if (how.down) throw new PartnerUnavailable(code, how.down);
        return { ...willing, ...how.answers };
      }),
    fetch: ({ code }, { id, nationalNumber }) =>
      count(code, 'fetch', id, async () => {
        const how = behaviours.get(code) ?? {};
        return {
          document: Buffer.from(JSON.stringify({ code, nationalNumber, results: how.results ?? [], rejected: how.rejected })),
        };
      }),
  };
  const judge: Judge = async ({ document }) => {
    const { code, nationalNumber, results, rejected } = JSON.parse(document.toString());
    if (rejected) throw new Rejected(rejected);
    return {
      learner: { nationalNumber, givenNames: 'Kari', familyName: 'Prøve' },
      issuer: { code, nameNb: code, country: 'NO', url: 'https://x.example' },
      generatedAt: new Date().toISOString(),
      results,
    };
  };
  return {
    institutions,
    judge,
    calls,
    most,
    behave: (code: string, how: Behaviour) => void behaviours.set(code, how),
    asked: (code: string) => calls.filter((call) => call.code === code && call.what === 'ask').length,
  };
}

/** Codes of institutions beside our own. */
export const codesOf = (count: number): string[] =>
  Array.from({ length: count }, (_, i) => `x${String(i + 1).padStart(2, '0')}.example`);

/** Sets what the institution has to have set, since ever unless told otherwise. */
export async function setFor(db: Database, values: Partial<Record<SettingName, unknown>>, from = '0001-01-01'): Promise<void> {
  for (const [name, value] of Object.entries(values))
    await db.setting.create({
      data: {
        institution: institution.code,
        name,
        fromDate: asDate(from),
        value: value as object,
        setBy: randomUUID(),
        reason: 'a test',
      },
    });
}

/** Lists institutions as the registry would, our own among them, and nobody else. */
export async function listed(db: Database, codes: readonly string[], own?: Ourselves): Promise<void> {
  const ours = own ? [{ code: own.code, keys: [own.key.publicKey] }] : [];
  await db.exchangePartner.deleteMany();
  await db.exchangePartner.createMany({
    data: [...ours, ...codes.map((code) => ({ code, keys: [] as string[] }))].map(({ code, keys }, i) => ({
      code,
      keys,
      number: String(1_000 + i),
      nameNb: `Høgskolen ${code}`,
      nameEn: `College ${code}`,
      url: `https://${code}`,
      listed: true,
      takenAt: new Date(),
    })),
  });
}

/** Somebody whose results are asked for: a registered person with a number of nobody, and a consent unless told otherwise. */
export async function aPerson(
  db: Database,
  other: { readonly consent?: 'J' | 'N' | null; readonly numberKind?: string; readonly number?: string } = {},
): Promise<string> {
  const id = randomUUID();
  await db.person.create({
    data: {
      id,
      institution: institution.code,
      givenName: 'Kari',
      surname: 'Prøve',
      personNumber: other.number ?? String(randomInt(10_000_000_000, 99_999_999_999)),
      email: `${id.slice(0, 8)}@student.example`,
      language: 'nb',
      changedAt: new Date(),
    },
  });
  await db.student.create({
    data: {
      personId: id,
      institution: institution.code,
      birthDate: asDate('2001-01-01'),
      numberKind: other.numberKind ?? 'birth',
      registeredBy: id,
      registeredAt: new Date(),
    },
  });
  if (other.consent !== null) await answered(db, id, other.consent ?? 'J');
  return id;
}

/** What somebody answers to being fetched for. */
export const answered = (db: Database, personId: string, answer: 'J' | 'N') =>
  db.$transaction(async (tx) => {
    await holdPerson(tx, personId);
    await tx.consent.create({
      data: {
        institution: institution.code,
        personId,
        type: 'RESULTATUTVEKS',
        answer,
        answeredOn: new Date(),
        cameFrom: 'staff',
        enteredBy: personId,
        enteredAt: new Date(),
        reason: 'a test',
      },
    });
  });

type Adviser = Awaited<ReturnType<typeof newcomer>>;

/** An order in the hands of the adviser who gave it. */
export interface OrderInHand {
  readonly number: string;
  readonly id: string;
  readonly workflowId: string;
  read(): Promise<any>;
  give(command: string, body: object): Promise<Answer>;
  inquiries(): Promise<{ partner: string; round: number; state: string; outcome: string | null; details: any }[]>;
  /** Outcomes by institution, of the latest round each. */
  outcomes(): Promise<Readonly<Record<string, string | null>>>;
  inState(state: string, ms?: number): Promise<any>;
}

/** A study adviser at a university that takes part with these institutions alone, also when their registry is asked again. */
export async function adviserAt(at: University, partners: readonly string[]): Promise<Adviser> {
  await setFor(at.world.db, { 'exchange-module': true, 'exchange-test-numbers': true });
  const { exchangeRegistry } = at.simulators;
  exchangeRegistry.keepOnly(at.config.EXCHANGE_CODE);
  exchangeRegistry.put(
    ...partners.map((code, i) => ({
      code,
      number: String(1_001 + i),
      nb: `Høgskolen ${code}`,
      en: `College ${code}`,
      url: `https://${code}`,
      keys: [],
    })),
  );
  await listed(at.world.db, partners, ourselves(at.config));
  return newcomer(at, [{ role: 'study-adviser' }], { language: 'nb' });
}

/** A study adviser at a university that takes part, with the fifty simulated institutions as the registry lists them. */
export async function adviserAmongFifty(at: University): Promise<Adviser> {
  await setFor(at.world.db, { 'exchange-module': true, 'exchange-test-numbers': true });
  return newcomer(at, [{ role: 'study-adviser' }], { language: 'nb' });
}

/** Nora, whom three of the fifty know. */
export const nora = { number: '01819000049', numberKind: 'synthetic' } as const;

/** Opens an approval case for a person; answers with its number. */
export async function approvalFor(by: Adviser, person: string): Promise<string> {
  const made = await by.post('/approvals', { person });
  if (made.status !== 201) throw new Error(`no approval case: ${JSON.stringify(made.body)}`);
  return made.body.case.number;
}

/** Orders in an approval case. */
export async function ordered(at: University, by: Adviser, approval: string): Promise<OrderInHand> {
  const key = randomUUID();
  const made = await eventually('it is ordered', async () => {
    const answer = await by.post('/exchanges', { approval }, { key });
    return answer.status !== 503 && answer;
  });
  if (made.status !== 201) throw new Error(`no order: ${JSON.stringify(made.body)}`);
  const { number } = made.body.case;
  const { id } = await at.world.db.case.findUniqueOrThrow({ where: { number: BigInt(number) } });
  const read = async () => (await by.get(`/exchanges/${number}`)).body;
  const inquiries = () =>
    at.world.db.exchangeInquiry.findMany({ where: { caseId: id }, orderBy: [{ partner: 'asc' }, { round: 'asc' }] });
  return {
    number,
    id,
    workflowId: `exchange/${number}`,
    read,
    inquiries,
    give: (command, body) => by.post(`/exchanges/${number}/${command}`, body),
    outcomes: async () => Object.fromEntries((await inquiries()).map(({ partner, outcome }) => [partner, outcome])),
    inState: (state, ms) =>
      eventually(
        `order ${number} is ${state}`,
        async () => {
          const order = await read();
          return order.state === state && order;
        },
        ms,
      ),
  };
}

/** Orders for somebody new. */
export const orderedFor = async (
  at: University,
  by: Adviser,
  other: Parameters<typeof aPerson>[1] & { readonly person?: string } = {},
): Promise<OrderInHand & { readonly person: string }> => {
  const person = other.person ?? (await aPerson(at.world.db, other));
  return { ...(await ordered(at, by, await approvalFor(by, person))), person };
};

/** Puts what an order waits for into the past, and starts its workflow anew, as after it was lost. */
async function moved(
  at: University,
  order: Pick<OrderInHand, 'id' | 'workflowId'>,
  waits: { readonly wakesAt: Date | null; readonly dueEnds?: Date },
): Promise<void> {
  await at.world.temporal.workflow.getHandle(order.workflowId).terminate('a test moves time');
  const row = await at.world.db.case.update({ where: { id: order.id }, data: waits });
  await startOnce(
    at.world.temporal,
    startOf(at.world.processes.get('exchange') as Process, { ...row, number: String(row.number) }),
  );
}

/** Lets the time of the next attempt come. */
export const nextDay = (at: University, order: Pick<OrderInHand, 'id' | 'workflowId'>): Promise<void> =>
  moved(at, order, { wakesAt: new Date(Date.now() - 1_000) });

/** Lets the last day pass, after the last attempt. */
export const lastDayOver = (at: University, order: Pick<OrderInHand, 'id' | 'workflowId'>): Promise<void> =>
  moved(at, order, { wakesAt: null, dueEnds: new Date(Date.now() - 1_000) });

/**
 * Has somebody sit on the committee of an open second grading of a student, by a number that the student has or had, on a course.
 */
export async function assessesAnew(
  db: Database,
  by: { readonly member: string; readonly number: string; readonly course: string },
): Promise<void> {
  const [caseId, committeeId, code] = [randomUUID(), randomUUID(), institution.code];
  await db.case.create({
    data: {
      id: caseId,
      kind: 'complaint',
      institution: code,
      state: 'with-committee',
      scope: by.course,
      data: {},
      createdBy: by.member,
      createdAt: new Date(),
      changedAt: new Date(),
    },
  });
  await db.complaintStudent.create({
    data: { caseId, institution: code, course: by.course, studentNumber: '100001', personNumber: by.number },
  });
  await db.complaintCommittee.create({
    data: { id: committeeId, institution: code, unit: randomUUID(), number: 1, name: 'K', madeBy: by.member, madeAt: new Date() },
  });
  await db.complaintMember.create({ data: { committeeId, personId: by.member, external: false } });
  await db.complaintAppointment.create({ data: { caseId, round: 2, committeeId, appointedAt: new Date() } });
}

/** Holds an institution until it is let go. */
export function hold(): { readonly held: Promise<void>; readonly letGo: () => void } {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  return { held, letGo };
}
