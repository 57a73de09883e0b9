import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '../spec.js';
import { createLogger, type Logger } from '../../activities/logger.js';
import { Runtime } from '@temporalio/worker';
import { installRuntime } from '../../activities/worker.js';
import { searchAttributes } from '../../workflows/case-workflow.js';
import { standing } from '../histories/scenarios.js';
import { fsPersons } from '../simulators/fs/sample.js';
import { students } from '../simulators/sample.js';
import { canaries, canariesIn, fetchedStudent } from '../support/canaries.js';
import { complaintIn, opened, settled, taken, toCommittee } from '../support/complaints.js';
import { adviserAmongFifty, approvalFor, ordered as orderedIn } from '../support/exchange.js';
import { canariesInMessage, shownHistory } from '../support/histories.js';
import { newList, ordered, sentList } from '../support/lists.js';
import { enter, inState, played } from '../support/register.js';
import { bankIdOrder, check, codeFor, ended, inTheApp, sign, wrong } from '../support/signing.js';
import { eventually, openUniversity, personOf, type University } from '../support/university.js';

const folder = mkdtempSync(join(tmpdir(), 'registrar-privacy-'));
const workerLog = join(folder, 'worker.log');
let logger: Logger;
let at: University;

const fault = (
  simulator: { faults: { match: string; effect: string; times?: number; ms?: number }[] },
  match: string,
  effect: string,
  times = 1,
) => simulator.faults.push({ match, effect, times });

async function finishedRun(): Promise<void> {
  const { simulators } = at;
  fault(simulators.ladok, 'GET /resultat/kurstillfallesdeltagare*', '502-html');
  fault(simulators.mailbox, 'RCPT *', 'temporary', 2);
  fault(simulators.mailbox, 'RCPT student3*', 'permanent');
  const list = await sentList(at);
  const single = await newList(at, 'tove');
  await ordered(
    at,
    'tove',
    await at
      .as('tove')
      .post(`/result-lists/${single.number}/fetch`, { from: 'single', personNumber: students[13]?.personNumber }),
  );
  await at
    .as('tove')
    .post(`/result-lists/${single.number}/fetch`, { from: 'single', personNumber: `${students[0]?.personNumber}x` });
  await at
    .as('tove')
    .post(`/result-lists/${students[1]?.personNumber}/send`, {
      version: 1,
      [students[2]?.email as string]: students[2]?.surname,
    });
  await at.as('tove').get(`/result-lists?scope=${encodeURIComponent(students[3]?.surname as string)}`);
  await at
    .as('eva')
    .post(`/result-lists/${list.number}/return`, {
      reason: `The row of ${students[1]?.surname} ${students[1]?.personNumber} is wrong`,
    });
  await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });

  fault(simulators.bankId, 'POST /rp/v6.0/sign', '502-html');
  await ended(at, await bankIdOrder(at, list));
  const refused = await bankIdOrder(at, list);
  await inTheApp(at, 'sign-as', { personNumber: personOf('erik').personNumber });
  await ended(at, refused);
  const challenge = await codeFor(at, list);
  await check(at, challenge, wrong(challenge.code));
  const { proof } = (await check(at, challenge, challenge.code)).body;
  expect((await sign(at, list, proof)).status).toBe(200);
  await played(simulators.ladok, '/__sim/obstacle', {
    studentUID: students[5]?.uid,
    vid: 'klarmarkera',
    text: `${students[5]?.surname} ${students[5]?.personNumber} saknar registrering`,
  });
  fault(simulators.ladok, 'POST /resultat/studieresultat/skapa', 'malformed');
  await enter(at, list);
  await inState(list, 'registered');
  await played(simulators.ladok, '/__sim/attest-all');
  await eventually('nothing is waited for', async () =>
    (await list.rows('karin')).every(({ transfer }) => !transfer || ['attested', 'refused'].includes(transfer.state)),
  );
  await at
    .as('karin')
    .post(`/result-lists/${list.number}/confirm-arrival`, {
      reason: `Asked ${personOf('karin').surname} on ${personOf('karin').mobile}`,
      untold: 1,
    });
  await inState(list, 'informed');
  for (const job of ['sweep', 'refresh'] as const) await standing(at, job);
}

/**
 * A complaint about a grade: FS says no with everybody's name, the archive is away for a moment, and the student's letters come
 * back.
 */
async function finishedComplaint(): Promise<void> {
  const { simulators } = at;
  const student = fsPersons[0] as (typeof fsPersons)[number];
  const number = String(student.personlopenummer);
  fault(simulators.mailbox, `RCPT ${student.epost}`, 'permanent', 3);
  fault(simulators.archive, 'POST *', '502-html');
  const complaint = await opened(at, { student: number, reasons: `${student.fodselsnummer} wrote more than that` });
  await taken(complaint, 'siri', 'describe', { version: (await complaint.read()).version, note: `Rang ${student.epost}` });
  fault(simulators.fs, 'POST /fs-sim/v1/klager', '409');
  await taken(complaint, 'siri', 'confirm', {});
  const refused = await eventually('FS has said no', async () =>
    (await at.as('siri').get(`/complaints/${complaint.number}/deliveries`)).body.items.find(
      ({ problem }: { problem: string | null }) => problem === 'refused-by-fs',
    ),
  );
  expect((await at.as('siri').post(`/complaints/${complaint.number}/deliveries/${refused.id}/send-again`)).status).toBe(200);
  await at.as('siri').get(`/complaints/${number}`);
  await complaint.give('siri', 'appoint', { members: [{ person: number, external: true }] });
  await toCommittee(complaint);
  fault(simulators.fs, 'PATCH /fs-sim/v1/protokoll/*', '409');
  await taken(complaint, 'siri', 'register-grade', { grade: 'B' });
  await complaintIn(complaint, 'not-entered');
  await taken(complaint, 'siri', 'enter-again');
  await complaintIn(complaint, 'to-check');
  await taken(complaint, 'egil', 'check');
  await eventually('the letters are given up', async () => (await complaint.read()).promised.failed >= 2);
  await settled(complaint);
  expect([simulators.fs.faults, simulators.archive.faults, (await complaint.read()).state]).toEqual([[], [], 'closed']);
}

/** An order of results from elsewhere: one institution is down, one forges, one has something. */
async function finishedExchange(): Promise<void> {
  const { number, surname, email } = fetchedStudent;
  const adviser = await adviserAmongFifty(at);
  at.simulators.institutions.of('volda.example').behave({ down: { how: '503' } });
  at.simulators.institutions.of('hamar.example').behave({ document: 'key-not-registered' });
  const { person } = (await adviser.post('/students', fetchedStudent)).body;
  expect((await adviser.post('/find-student', { number })).body).toEqual({ person });
  await adviser.post('/find-student', { number: `${number}x` });
  await adviser.post('/consents', { person, answer: 'J', reason: `${surname} wrote from ${email}` });
  await adviser.post('/approvals', { person: number, reference: number });
  await adviser.get(`/exchanges/${number}`);
  const order = await orderedIn(at, adviser, await approvalFor(adviser, person));
  await order.inState('waiting', 60_000);
  const outcomes = Object.values(await order.outcomes());
  for (const outcome of ['fetched', 'down', 'rejected-signature']) expect(outcomes).toContain(outcome);
  expect((await order.give('stop', { reason: `${surname} (${number}) has withdrawn` })).status).toBe(200);
  expect((await adviser.get(`/approvals/${(await order.read()).data.approval}/external-studies`)).body.items).not.toEqual([]);
  await at.as('egil').post(`/students/${person}/replace-number`, { number: `${number}1`, reason: `${surname} came by` });
  const mistyped = { number: '01819000065', mistyped: true, reason: `${surname} showed her passport` };
  expect((await at.as('egil').post(`/students/${person}/replace-number`, mistyped)).status).toBe(200);
}

beforeAll(async () => {
  logger = createLogger({ level: 'debug', name: 'worker', file: workerLog });
  // A file before this one in the same process may have left one.
  await Runtime.instance().shutdown();
  installRuntime({ logger });
  at = await openUniversity();
  await finishedComplaint();
  await finishedExchange();
  await finishedRun();
}, 180_000);
afterAll(async () => {
  await at?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function executions() {
  const found = [];
  for await (const one of at.world.temporal.workflow.list()) found.push(one);
  return found;
}

const inHistories = async () => {
  const found: [string, string[]][] = [];
  for (const { workflowId, runId } of await executions())
    found.push([workflowId, await canariesInMessage(await shownHistory(at, workflowId, runId), at.config.payloadKeys)]);
  return found;
};

const inVisibility = async () =>
  (await executions()).map(
    ({ workflowId, type, memo, typedSearchAttributes, raw }) =>
      [
        workflowId,
        canariesIn(
          JSON.stringify([workflowId, type, memo, typedSearchAttributes.getAll().map((pair) => String(pair.value)), raw]),
        ),
      ] as [string, string[]],
  );

async function inDescriptions(): Promise<[string, string[]][]> {
  const found: [string, string[]][] = [];
  for (const { workflowId } of await executions()) {
    const handle = at.world.temporal.workflow.getHandle(workflowId);
    const described = await handle.describe();
    const seen = [
      await described.staticSummary(),
      await described.staticDetails(),
      await handle.query('__temporal_workflow_metadata'),
    ];
    found.push([
      workflowId,
      [
        ...canariesIn(JSON.stringify(seen)),
        ...(await canariesInMessage(JSON.parse(JSON.stringify(described.raw)), at.config.payloadKeys)),
      ],
    ]);
  }
  return found;
}

const flushed = (log: string, mark: string) =>
  eventually('the log is written', async () => readFileSync(log, 'utf8').includes(mark));

async function inLogs(): Promise<string[]> {
  const mark = randomUUID();
  logger.info({ mark }, 'the last line');
  await flushed(workerLog, mark);
  return [...canariesIn(readFileSync(workerLog, 'utf8')), ...canariesIn(readFileSync(at.logFile, 'utf8'))];
}

const hits = (found: readonly [string, string[]][]) => found.filter(([, words]) => words.length > 0);

describe('what is about persons', () => {
  it('is in no history of any workflow, as it lies there or decoded', async () => {
    const found = await inHistories();
    const kinds = new Set(found.map(([workflowId]) => workflowId.replace(/[/-][^/]*$/, '').split('-')[0]));
    expect([...kinds]).toEqual(
      expect.arrayContaining(['result', 'bankid', 'complaint', 'exchange', 'approval', 'sweep', 'refresh']),
    );
    expect(hits(found)).toEqual([]);
    const orders = (await executions()).filter(({ type }) => type === 'bankIdOrder');
    const ends = await Promise.all(
      orders.map(async ({ workflowId }) => (await shownHistory(at, workflowId)).events.map(({ eventType }) => eventType)),
    );
    expect(ends.flat().filter((type) => type === 'EVENT_TYPE_ACTIVITY_TASK_FAILED').length).toBeGreaterThan(0);
  });

  it('is in no list, memo, search attribute, summary or details that operators see', async () => {
    expect(hits(await inVisibility())).toEqual([]);
    expect(hits(await inDescriptions())).toEqual([]);
  });

  it('is in no line of the log of worker or API', async () => {
    expect(readFileSync(at.logFile, 'utf8').split('\n').length).toBeGreaterThan(50);
    expect(await inLogs()).toEqual([]);
    expect(
      readFileSync(workerLog, 'utf8')
        .split('\n')
        .filter((line) => line.includes('"activityType"')).length,
    ).toBeGreaterThan(3);
  });

  it('is in no entry of the audit, not even where somebody gave a reason', async () => {
    const entries = (await at.world.db.auditEntry.findMany()).map(({ entry }) => entry);
    expect(
      entries
        .map((entry) => JSON.parse(entry))
        .filter(({ outcome }) => outcome === 'done')
        .map(({ action }) => action),
    ).toEqual(expect.arrayContaining(['result-list.return', 'complaint.describe', 'exchange.stop', 'students.replace-number']));
    expect(entries.flatMap((entry) => canariesIn(entry).map((word) => [word, entry]))).toEqual([]);
  });

  it('is in no metric', async () => {
    const text = await at.meters.text();
    expect(text).toContain('registrar_requests_total{method="POST",status="200"}');
    expect(canariesIn(text)).toEqual([]);
  });
});

describe('the search for it', () => {
  const victim = students[7];
  const planted = victim?.personNumber as string;

  it('looks for the surname, number, address and phone of every sample person', () => {
    expect(canaries.length).toBeGreaterThan(36 * 5);
    for (const word of [
      victim?.surname,
      planted,
      fetchedStudent.number,
      fetchedStudent.surname,
      victim?.email,
      personOf('tove').mobile,
      planted.slice(2),
    ])
      expect(canariesIn(`a ${word}, b`)).toEqual([word]);
    expect(canariesIn('Ekman lundar, 100' + planted)).toEqual([]);
  });

  it('finds a number planted in an argument, a memo, a search attribute, a summary, an ending, a log line and a metric', async () => {
    const { workflow } = at.world.temporal;
    await workflow.start('bankIdOrder', {
      workflowId: 'planted',
      taskQueue: 'nobody-polls',
      args: [{ orderId: planted }],
      memo: { who: victim?.surname },
      staticSummary: `signs for ${victim?.surname}`,
      typedSearchAttributes: [{ key: searchAttributes.waitingFor, value: planted }],
    });
    await workflow.getHandle('planted').signal('note', { name: victim?.email });
    await workflow.getHandle('planted').terminate(`because of ${planted}`);
    await eventually('it is listed', async () => (await executions()).some(({ workflowId }) => workflowId === 'planted'));
    expect(hits(await inHistories())).toEqual([['planted', expect.arrayContaining([planted, victim?.email, victim?.surname])]]);
    expect(hits(await inVisibility())).toEqual([['planted', expect.arrayContaining([planted, victim?.surname])]]);
    logger.warn({ row: victim?.surname }, 'a careless line');
    expect(await inLogs()).toEqual([victim?.surname]);
    at.meters.request({ method: planted, status: 200, seconds: 1 });
    expect(canariesIn(await at.meters.text())).toEqual([planted]);
  });
});
