import { readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client';
import { createDatabase, type Database } from '../prisma/client.js';
import { mendedSignal, searchAttributes, type CaseInput } from '../workflows/case-workflow.js';
import type { Start } from '../workflows/process.js';
import { queues } from '../workflows/queues.js';
import { archive, type Archive } from './archive.js';
import { bankId, type BankId } from './bankid.js';
import { createCommits, type Commits } from './case/commit.js';
import { processesFrom, type Processes } from './case/registered-process.js';
import { createAwaiting } from './complaint/await-order.js';
import { complaintOrders } from './complaint/orders.js';
import { complaintLetters } from './complaint/post.js';
import { pem, type Config } from './config.js';
import { consentLetters } from './exchange/consent-letters.js';
import { delegationLetters } from './delegation/letters.js';
import { createDelivery, type Delivery, type Way } from './delivery.js';
import { createRounds, type RoundDeps } from './exchange/ask-round.js';
import { judge } from './exchange/elmo/judge.js';
import { ownKey } from './exchange/http-signature.js';
import type { Institutions } from './exchange/institution.js';
import { institutions } from './exchange/institutions.js';
import { exchangeLetters } from './exchange/letters.js';
import { createOnward } from './exchange/onward.js';
import { ourselves } from './exchange/ourselves.js';
import { createPlaces } from './exchange/places.js';
import { exchangeRegistry, type ExchangeRegistry } from './exchange/registry.js';
import { fs, type Fs } from './fs.js';
import { itslearning, type Itslearning } from './itslearning.js';
import { ladok, type Ladok } from './ladok.js';
import { eligibleOf } from './ladok/eligible.js';
import { mailer, type Mailer } from './mail.js';
import { registrySystem, type RegistrySystem } from './registry-system.js';
import { createOrders } from './orders.js';
import { createPost } from './post.js';
import { listOrders } from './result-list/orders.js';
import { listLetters } from './result-list/post.js';
import { createRegister } from './result-list/register.js';
import { createBankIdActivities } from './signing/bankid-order.js';
import { createCodeSender } from './signing/code.js';
import { elks, type Sms } from './sms.js';
import { staffRegister, type StaffRegister } from './staff-register.js';
import { subscriptionLetters } from './subscription/letters.js';
import { createTelling } from './subscription/telling.js';
import { studentPortal, type StudentPortal } from './student-portal.js';
import { connect } from './temporal.js';
import { createUpkeep } from './upkeep.js';

/** The outside world of one process: opened once, closed at the end. */
export interface World {
  readonly config: Config;
  readonly db: Database;
  readonly temporal: Client;
  readonly processes: Processes;
  readonly commits: Commits;
  close(): Promise<void>;
}

/** Opens database and Temporal, and reads the registry of processes. */
export async function openWorld(input: {
  config: Config;
  name: string;
  address?: string;
  processes?: Processes;
  connections?: number;
}): Promise<World> {
  const { config } = input;
  const db = createDatabase({ url: config.DATABASE_URL, name: input.name, connections: input.connections ?? 10 });
  const temporal = await connect({
    namespace: config.TEMPORAL_NAMESPACE,
    keys: config.payloadKeys,
    ...(input.address ? { address: input.address } : {}),
  });
  const processes = input.processes ?? processesFrom(config.secrets, undefined, ourselves(config));
  return {
    config,
    db,
    temporal,
    processes,
    commits: createCommits({ db, processes, secret: config.secrets.envelope }),
    close: async () => {
      await temporal.connection.close();
      await db.$disconnect();
    },
  };
}

/** The outside systems a worker speaks to. */
export interface Partners {
  readonly ladok: Ladok;
  readonly bankId: BankId;
  readonly sms: Sms;
  readonly mailer: Mailer;
  readonly staffRegister: StaffRegister;
  readonly portal: StudentPortal;
  readonly registrySystem: RegistrySystem;
  readonly itslearning: Itslearning;
  readonly fs: Fs;
  readonly archive: Archive;
  readonly institutions: Institutions;
  readonly exchangeRegistry: ExchangeRegistry;
  close(): Promise<void>;
}

const READ_MS = 20_000;
const WRITE_MS = 30_000;
const BANKID_MS = 10_000;
/** An institution of the exchange may take a minute (RX-18). */
const EXCHANGE_MS = 90_000;
/** A letter asks the portal twice: short, so that a portal that hangs keeps few letters waiting. */
const PORTAL_MS = 10_000;

/** Opens the adapters that the environment names. */
export function openPartners(config: Config): Partners {
  const tls = (cert?: string, key?: string, ca?: string) => {
    const files = { cert: pem(cert), key: pem(key), ca: pem(ca) };
    return { tls: Object.fromEntries(Object.entries(files).filter(([, text]) => text)) };
  };
  const partners = {
    ladok: ladok({ baseUrl: config.LADOK_URL, timeoutMs: WRITE_MS, ...tls(config.LADOK_CERT_FILE, config.LADOK_KEY_FILE) }),
    bankId: bankId({
      baseUrl: config.BANKID_URL,
      timeoutMs: BANKID_MS,
      ...tls(config.BANKID_CERT_FILE, config.BANKID_KEY_FILE, config.BANKID_CA_FILE),
    }),
    sms: elks({
      baseUrl: config.SMS_URL,
      user: config.SMS_USER,
      password: config.SMS_PASSWORD,
      from: config.SMS_FROM,
      timeoutMs: READ_MS,
    }),
    mailer: mailer({
      host: config.SMTP_HOST,
      port: config.SMTP_PORT,
      from: config.MAIL_FROM,
      timeoutMs: WRITE_MS,
      ...(config.SMTP_USER ? { auth: { user: config.SMTP_USER, pass: config.SMTP_PASSWORD ?? '' } } : {}),
    }),
    staffRegister: staffRegister({ baseUrl: config.STAFF_REGISTER_URL, token: config.STAFF_REGISTER_TOKEN, timeoutMs: READ_MS }),
    portal: studentPortal({ baseUrl: config.STUDENT_PORTAL_URL, token: config.STUDENT_PORTAL_TOKEN, timeoutMs: PORTAL_MS }),
    itslearning: itslearning({
      organisation: { baseUrl: config.ITSLEARNING_URL, user: config.ITSLEARNING_USER, password: config.ITSLEARNING_PASSWORD },
      enterprise: {
        baseUrl: config.ITSLEARNING_ENTERPRISE_URL,
        user: config.ITSLEARNING_ENTERPRISE_USER,
        password: config.ITSLEARNING_ENTERPRISE_PASSWORD,
      },
      timeoutMs: READ_MS,
    }),
    fs: fs({
      baseUrl: config.FS_URL,
      user: config.FS_USER,
      password: config.FS_PASSWORD,
      institution: config.FS_INSTITUTION,
      timeoutMs: WRITE_MS,
    }),
    archive: archive({
      baseUrl: config.ARCHIVE_URL,
      token: config.ARCHIVE_TOKEN,
      part: config.ARCHIVE_PART,
      timeoutMs: WRITE_MS,
    }),
    institutions: institutions({ key: ownKey(readFileSync(config.EXCHANGE_KEY_FILE, 'utf8')), timeoutMs: EXCHANGE_MS }),
    exchangeRegistry: exchangeRegistry({ baseUrl: config.EXCHANGE_REGISTRY_URL, timeoutMs: READ_MS }),
    registrySystem: registrySystem({
      baseUrl: config.REGISTRY_SYSTEM_URL,
      token: config.REGISTRY_SYSTEM_TOKEN,
      timeoutMs: READ_MS,
    }),
  };
  return { ...partners, close: async () => void (await Promise.all(Object.values(partners).map((partner) => partner.close()))) };
}

/** Starts what an outbox row asks for: a plain start by id, so that repeating it changes nothing. */
const createStarter =
  (temporal: Client): Way =>
  async ({ payload }) => {
    await startOnce(temporal, payload as unknown as Start);
  };

/** Starts at once what the outbox promises under a key; the sweep does where this does not. */
export async function startPromised({ db, temporal }: Pick<World, 'db' | 'temporal'>, key: string): Promise<void> {
  const row = await db.outbox.findUnique({ where: { key } });
  if (row?.state !== 'pending') return;
  await startOnce(temporal, row.payload as unknown as Start);
  await db.$executeRaw`UPDATE outbox SET state = 'done', done_at = now() WHERE key = ${key} AND state = 'pending'`;
}

/** By what a case is found in Temporal before any worker has taken it; nothing for what is no case. */
const whatNeverChanges = ({ kind, institution }: Partial<CaseInput>) => [
  ...(kind === undefined ? [] : [{ key: searchAttributes.kind, value: kind }]),
  ...(institution === undefined ? [] : [{ key: searchAttributes.institution, value: institution }]),
];

/**
 * Starts a workflow unless one with this id runs or has done its work; one that was terminated or failed may be started again.
 */
export async function startOnce(temporal: Client, start: Start): Promise<void> {
  try {
    await temporal.workflow.start(start.workflow, {
      taskQueue: queues.cases,
      workflowId: start.id,
      args: [start.input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      workflowTaskTimeout: '5s',
      staticSummary: start.summary ?? start.id,
      typedSearchAttributes: whatNeverChanges(start.input as Partial<CaseInput>),
    });
  } catch (cause) {
    if (!(cause instanceof WorkflowExecutionAlreadyStartedError)) throw cause;
  }
}

/** Has a workflow look at its case again; one that does not run has nothing to look at. */
async function lookAgain(temporal: Client, id: string): Promise<void> {
  await temporal.workflow
    .getHandle(id)
    .signal(mendedSignal)
    .catch((cause: unknown) => {
      if (!(cause instanceof WorkflowNotFoundError)) throw cause;
    });
}

/** All activities by task queue. One factory, everything it needs as parameters; a queue's worker registers its own only. */
export function createActivities(input: {
  world: World;
  partners: Partners;
  roots: readonly string[];
  bankIdPollMs?: number;
  exchange?: Pick<RoundDeps, 'institutions' | 'judge'>;
}) {
  const { world, partners, roots } = input;
  const { db, config, commits } = world;
  const ways = {
    mail: createPost({
      db,
      mailer: partners.mailer,
      mailHost: config.MAIL_HOST,
      letters: {
        'result-list': listLetters({ db, portal: partners.portal, publicUrl: config.PUBLIC_URL }),
        subscription: subscriptionLetters({ db, publicUrl: config.PUBLIC_URL }),
        complaint: complaintLetters({ db, publicUrl: config.PUBLIC_URL }),
        delegation: delegationLetters({ db, publicUrl: config.PUBLIC_URL }),
        exchange: exchangeLetters({ db, publicUrl: config.PUBLIC_URL }),
      },
      free: { consent: consentLetters({ db, publicUrl: config.PUBLIC_URL }) },
    }),
    sms: createCodeSender({ db, sms: partners.sms, secret: config.secrets.signingCode }),
    order: createOrders({
      db,
      orders: {
        'result-list': listOrders({ db, ladok: partners.ladok, itslearning: partners.itslearning }),
        complaint: complaintOrders({ db, fs: partners.fs, archive: partners.archive }),
      },
    }),
    start: createStarter(world.temporal),
  };
  const delivery: Delivery = createDelivery(db, ways);
  const { deliver } = delivery;
  const places = createPlaces(db);
  const upkeep = createUpkeep({
    db,
    delivery,
    processes: world.processes,
    start: (one) => startOnce(world.temporal, one),
    lookAgain: (id) => lookAgain(world.temporal, id),
    institution: config.INSTITUTION_CODE,
    staffRegister: partners.staffRegister,
    ladok: partners.ladok,
    registrySystem: partners.registrySystem,
    exchangeRegistry: partners.exchangeRegistry,
    probes: {
      sms: () => partners.sms.probe(),
      bankid: () => partners.bankId.probe(),
      ladok: () => partners.ladok.probe(),
      mail: () => partners.mailer.probe(),
      portal: () => partners.portal.probe(),
      fs: () => partners.fs.probe(),
      archive: () => partners.archive.probe(),
      'exchange-registry': () => partners.exchangeRegistry.probe(),
      'staff-register': () => partners.staffRegister.probe(),
      'registry-system': () => partners.registrySystem.probe(),
    },
  });
  const { open, commit, advance } = commits;
  return {
    [queues.cases]: { open, commit, advance, deliver },
    [queues.mail]: { deliver },
    [queues.sms]: { deliver },
    [queues.bankId]: createBankIdActivities({
      db,
      bankId: partners.bankId,
      roots,
      ...(input.bankIdPollMs ? { pollMs: input.bankIdPollMs } : {}),
    }),
    [queues.exchange]: createRounds({ db, places, institutions: partners.institutions, judge, ...input.exchange }),
    [queues.register]: {
      deliver,
      ...createRegister({ db, ladok: partners.ladok }),
      ...createAwaiting(db),
      ...createTelling({
        db,
        institution: config.INSTITUTION_CODE,
        eligible: async (code) => {
          const known = await db.course.findUnique({
            where: { institution_code: { institution: config.INSTITUTION_CODE, code } },
          });
          const able = known ? await eligibleOf({ ladok: partners.ladok, course: code, version: known.uid }) : [];
          return able.map(({ student }) => student);
        },
      }),
    },
    [queues.upkeep]: {
      ...upkeep,
      ...createOnward({ db, institutions: partners.institutions, places, institution: config.INSTITUTION_CODE }),
    },
  } as const;
}

/** The activities of each task queue. */
export type Activities = ReturnType<typeof createActivities>;
