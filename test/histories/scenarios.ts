import { randomUUID } from 'node:crypto';
import { queues } from '../../workflows/queues.js';
import {
  assessedAnew,
  complaintIn,
  complaintInHand,
  confirmed,
  graded as regraded,
  settled,
  taken,
  toFurther,
  type ComplaintInHand,
} from '../support/complaints.js';
import { delivered, filledList, inHand, newList, sentList, signedList, type ListInHand } from '../support/lists.js';
import {
  adviserAmongFifty,
  answered as consented,
  approvalFor,
  aPerson,
  lastDayOver,
  nextDay,
  nora,
  orderedFor,
  type OrderInHand,
} from '../support/exchange.js';
import { enter, inState, played, registeredList } from '../support/register.js';
import { inDays, subscribed } from '../support/subscriptions.js';
import { bankIdOrder, ended, inTheApp, proofByBankId, sign } from '../support/signing.js';
import { eventually, personOf, type University } from '../support/university.js';

/** A way through a process that is worth keeping. */
export interface Scenario {
  /** Folder of the recording. */
  readonly process:
    'result-list' | 'subscription' | 'delegation' | 'complaint' | 'bankid-order' | 'upkeep' | 'exchange' | 'approval';
  /** Workers that forget a case after every task. */
  readonly forgetful?: boolean;
  /** On a server that asks workflows to continue as new after so many events. */
  readonly impatient?: number;
  /** Goes the way over HTTP; answers with the id of the workflow, and of its run where that is not the newest. */
  readonly go: (at: University) => Promise<string | { readonly workflowId: string; readonly runId: string }>;
}

const closed = async (at: University, list: ListInHand): Promise<string> => {
  const workflowId = `result-list/${list.number}`;
  await at.world.temporal.workflow.getHandle(workflowId).result();
  return workflowId;
};

const attestAll = (at: University) => played(at.simulators.ladok, '/__sim/attest-all');

async function informed(at: University, list: ListInHand): Promise<string> {
  await attestAll(at);
  await inState(list, 'informed');
  return closed(at, list);
}

const mustBe = (status: number, answer: { status: number; body: unknown }) => {
  if (answer.status !== status) throw new Error(`answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
};

async function returnedAndCorrected(at: University): Promise<string> {
  const list = await sentList(at);
  mustBe(200, await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'A date is wrong' }));
  mustBe(200, await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() }));
  const [row] = await list.rows('eva');
  const mended = { student: row.student, grade: 'C', examinationDate: '2026-11-03', score: null };
  mustBe(200, await at.as('eva').post(`/result-lists/${list.number}/correct`, { version: await list.version(), rows: [mended] }));
  mustBe(200, await sign(at, list, await proofByBankId(at, list)));
  await enter(at, list);
  await inState(list, 'registered');
  return informed(at, list);
}

async function refusedRow(at: University): Promise<string> {
  const list = await signedList(at);
  const [row] = await list.rows();
  await played(at.simulators.ladok, '/__sim/obstacle', { studentUID: row.student, vid: 'klarmarkera', text: 'Hinder' });
  await enter(at, list);
  await inState(list, 'registered');
  await played(at.simulators.ladok, '/__sim/obstacle', { studentUID: row.student, borttagen: true });
  mustBe(200, await at.as('karin').post(`/result-lists/${list.number}/transfer-again`, {}));
  await eventually('every row is ready', async () => (await list.rows()).every((one) => one.transfer?.state === 'ready'));
  await inState(list, 'registered');
  return informed(at, list);
}

async function attestedOtherwise(at: University): Promise<string> {
  const list = await registeredList(at);
  const { id } = await at.world.db.case.findFirstOrThrow({ where: { number: BigInt(list.number) } });
  const { resultUid } = await at.world.db.rowTransfer.findFirstOrThrow({ where: { caseId: id } });
  await played(at.simulators.ladok, '/__sim/edit-draft', { resultatUID: resultUid, betygsgrad: 'E' });
  await attestAll(at);
  await eventually('attention is asked for', async () => (await list.read()).needsAttention);
  mustBe(
    200,
    await at.as('karin').post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Read in the register', untold: 1 }),
  );
  await inState(list, 'informed');
  return closed(at, list);
}

async function wholeCourse(at: University): Promise<string> {
  const made = await at.as('eva').post('/result-lists', { kind: 'T34', course: 'ZZ3000' });
  mustBe(201, made);
  const list = inHand(at, made.body.case.number);
  await delivered(list);
  const rows = (await list.rows('eva')).map((row) => ({ student: row.student, grade: row.grade, examinationDate: '2026-11-02' }));
  mustBe(200, await at.as('eva').post(`/result-lists/${list.number}/save`, { version: await list.version(), rows }));
  mustBe(200, await sign(at, list, await proofByBankId(at, list)));
  return throughToTheEnd(at, list);
}

async function order(at: University, act: (place: string) => Promise<unknown>, ending: string): Promise<string> {
  const list = await sentList(at);
  const place = await bankIdOrder(at, list);
  await act(place);
  const { state } = await ended(at, place);
  if (state !== ending) throw new Error(`the order ended as ${state}`);
  const workflowId = `bankid-order/${place.split('/').at(-1)}`;
  await at.world.temporal.workflow.getHandle(workflowId).result();
  return workflowId;
}

/** A sent list on which one row is without valid registration. */
async function oneNotRegistered(at: University): Promise<ListInHand> {
  const list = await filledList(at);
  const [row] = await list.rows();
  const early = { student: row.student, grade: 'C', examinationDate: '2026-03-02', score: null };
  mustBe(200, await at.as('tove').post(`/result-lists/${list.number}/save`, { version: await list.version(), rows: [early] }));
  mustBe(200, await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() }));
  await delivered(list);
  return list;
}

/** The examiner moves such a row to a list of its own, which waits as a draft. */
async function moved(at: University): Promise<{ from: ListInHand; to: ListInHand }> {
  const from = await oneNotRegistered(at);
  mustBe(200, await at.as('eva').post(`/result-lists/${from.number}/move-not-registered`, { version: await from.version() }));
  return { from, to: inHand(at, (await from.read()).data.movedTo[0]) };
}

/** Runs one of the standing jobs now, to its end; answers with its id. */
export async function standing(at: University, job: 'sweep' | 'refresh' | 'refreshStaff' | 'tellSubscribers'): Promise<string> {
  const workflowId = `${job}-${randomUUID()}`;
  await at.world.temporal.workflow.execute(job, { taskQueue: queues.cases, workflowId });
  return workflowId;
}

/** Restarts the worker between two effects; one that is handed to a worker as it leaves waits for its heartbeat to be missed. */
async function restarted(at: University, list: ListInHand): Promise<void> {
  await delivered(list);
  await at.restartWorker({ maxCachedWorkflows: 0 });
}

async function throughToTheEnd(at: University, list: ListInHand): Promise<string> {
  await enter(at, list);
  await inState(list, 'registered');
  return informed(at, list);
}

/** A list that goes to and fro until it continues as new, and then to its end. */
async function continued(at: University): Promise<{ workflowId: string; first: string }> {
  const list = await sentList(at);
  const workflowId = `result-list/${list.number}`;
  const handle = at.world.temporal.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  const first = (await handle.fetchHistory()).events?.[0]?.workflowExecutionStartedEventAttributes?.firstExecutionRunId ?? runId;
  for (let pair = 0; pair < 3; pair += 1) {
    mustBe(200, await at.as('eva').post(`/result-lists/${list.number}/return`, { reason: 'Look again' }));
    mustBe(200, await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() }));
    await delivered(list);
  }
  await eventually('it has continued as new', async () => (await handle.describe()).runId !== first);
  mustBe(200, await sign(at, list, await proofByBankId(at, list)));
  await throughToTheEnd(at, list);
  return { workflowId, first };
}

/** A subscription whose workflow waits. */
async function followed(at: University): Promise<{ number: string; workflowId: string }> {
  const number = await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(365) });
  const workflowId = `subscription/${number}`;
  await eventually('the case is opened', () =>
    at.world.temporal.workflow
      .getHandle(workflowId)
      .query('case')
      .catch(() => undefined),
  );
  return { number, workflowId };
}

/** The workflow of a complaint that has come to its end. */
async function ofComplaint(at: University, complaint: ComplaintInHand): Promise<string> {
  const workflowId = `complaint/${complaint.number}`;
  await at.world.temporal.workflow.getHandle(workflowId).result();
  return workflowId;
}

/** One of the fifty institutions, which does as told. */
const alta = (at: University) => at.simulators.institutions.of('alta.example');

/** An order about Nora while Alta does as told. */
async function orderedWhile(
  at: University,
  behaviour: Parameters<ReturnType<typeof alta>['behave']>[0],
): Promise<OrderInHand & { readonly person: string }> {
  alta(at).behave(behaviour);
  return orderedFor(at, await adviserAmongFifty(at), nora);
}

/** The same, until everybody else has answered. */
async function allButAlta(
  at: University,
  behaviour: Parameters<typeof orderedWhile>[1],
): Promise<OrderInHand & { readonly person: string }> {
  const order = await orderedWhile(at, behaviour);
  await eventually(
    'only one is left',
    async () => (await order.inquiries()).filter(({ state }) => state === 'open').length === 1,
  );
  return order;
}

/** The workflow of an order that has come to such an end. */
async function ofOrder(at: University, order: OrderInHand, state: string): Promise<string> {
  await order.inState(state);
  await at.world.temporal.workflow.getHandle(order.workflowId).result();
  return order.workflowId;
}

/** Every way that is recorded, by name. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'draft-only': {
    process: 'result-list',
    go: async (at) => {
      const workflowId = `result-list/${(await newList(at, 'tove')).number}`;
      await eventually('the case is opened', () =>
        at.world.temporal.workflow
          .getHandle(workflowId)
          .query('case')
          .catch(() => undefined),
      );
      return workflowId;
    },
  },
  'waits-for-the-examiner': { process: 'result-list', go: async (at) => `result-list/${(await sentList(at)).number}` },
  reminded: {
    process: 'result-list',
    go: async (at) => {
      const list = await sentList(at);
      await delivered(list);
      await at.world.temporal.workflow.getHandle(`result-list/${list.number}`).terminate('Started again with the reminder due');
      await at.world.db
        .$executeRaw`UPDATE cases SET changed_at = now() - interval '1 hour', wakes_at = now() - interval '1 hour' WHERE number = ${BigInt(list.number)}`;
      await standing(at, 'sweep');
      await eventually('it has reminded', async () => (await list.read()).step === 2);
      await delivered(list);
      mustBe(200, await sign(at, list, await proofByBankId(at, list)));
      return throughToTheEnd(at, list);
    },
  },
  'informed-after-sms': { process: 'result-list', go: async (at) => throughToTheEnd(at, await signedList(at)) },
  'informed-after-bankid': {
    process: 'result-list',
    go: async (at) => {
      const list = await sentList(at);
      mustBe(200, await sign(at, list, await proofByBankId(at, list)));
      return throughToTheEnd(at, list);
    },
  },
  'returned-and-corrected': { process: 'result-list', go: returnedAndCorrected },
  withdrawn: {
    process: 'result-list',
    go: async (at) => {
      const list = await filledList(at);
      mustBe(200, await at.as('tove').post(`/result-lists/${list.number}/withdraw`, {}));
      return closed(at, list);
    },
  },
  'refused-row-transferred-again': { process: 'result-list', go: refusedRow },
  'arrival-confirmed': {
    process: 'result-list',
    go: async (at) => {
      const list = await registeredList(at);
      mustBe(
        200,
        await at
          .as('karin')
          .post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Read in the register', unattested: 12 }),
      );
      await inState(list, 'informed');
      return closed(at, list);
    },
  },
  'collected-list': {
    process: 'result-list',
    go: async (at) => {
      const list = await oneNotRegistered(at);
      mustBe(200, await at.as('eva').post(`/result-lists/${list.number}/mail-not-registered`, {}));
      await delivered(list);
      const [row] = await list.rows('eva');
      const mended = { student: row.student, grade: 'C', examinationDate: '2026-11-02', score: null };
      mustBe(
        200,
        await at.as('eva').post(`/result-lists/${list.number}/correct`, { version: await list.version(), rows: [mended] }),
      );
      mustBe(200, await sign(at, list, await proofByBankId(at, list)));
      return throughToTheEnd(at, list);
    },
  },
  'rows-moved': {
    process: 'result-list',
    go: async (at) => {
      const { from } = await moved(at);
      mustBe(200, await sign(at, from, await proofByBankId(at, from)));
      return throughToTheEnd(at, from);
    },
  },
  'made-by-moving': {
    process: 'result-list',
    go: async (at) => {
      const { to } = await moved(at);
      await eventually('its workflow runs', () =>
        at.world.temporal.workflow
          .getHandle(`result-list/${to.number}`)
          .query('case')
          .catch(() => undefined),
      );
      mustBe(200, await at.as('eva').post(`/result-lists/${to.number}/withdraw`, {}));
      return closed(at, to);
    },
  },
  'entered-by-hand': {
    process: 'result-list',
    go: async (at) => {
      mustBe(200, await at.as('olle').post('/me/administration-mode', { on: true }));
      mustBe(
        200,
        await at.as('olle').post('/settings/entry-by-hand', { value: true, from: '2026-01-01', reason: 'For the recording' }),
      );
      const list = await signedList(at);
      await enter(at, list);
      await inState(list, 'entering');
      mustBe(
        200,
        await at
          .as('karin')
          .post(`/result-lists/${list.number}/confirm-arrival`, { reason: 'Entered in the register', unattested: 12 }),
      );
      await inState(list, 'informed');
      return closed(at, list);
    },
  },
  'whole-course': { process: 'result-list', go: wholeCourse },
  'attested-otherwise': { process: 'result-list', go: attestedOtherwise },
  'signed-archive-list': {
    process: 'result-list',
    go: async (at) => {
      mustBe(200, await at.as('olle').post('/me/administration-mode', { on: true }));
      const value = { enough: false, decidedBy: 'Rektor', decidedOn: null };
      mustBe(
        200,
        await at.as('olle').post('/settings/electronic-signature', { value, from: '2026-01-01', reason: 'For the recording' }),
      );
      const list = await signedList(at);
      mustBe(200, await at.as('karin').post(`/result-lists/${list.number}/confirm-signed-archive-list`, {}));
      return throughToTheEnd(at, list);
    },
  },
  'failed-letter-sent-again': {
    process: 'result-list',
    go: async (at) => {
      at.simulators.mailbox.faults.push({ match: `RCPT ${personOf('eva').email}`, effect: 'permanent', times: 1 });
      const list = await sentList(at);
      const [lost] = await eventually('the letter has failed', async () => {
        const { items } = (await at.as('olle').get(`/result-lists/${list.number}/deliveries`)).body;
        return items.length > 0 && items;
      });
      mustBe(200, await at.as('olle').post(`/result-lists/${list.number}/deliveries/${lost.id}/send-again`, {}));
      await delivered(list);
      mustBe(200, await sign(at, list, await proofByBankId(at, list)));
      await enter(at, list);
      await inState(list, 'registered');
      return informed(at, list);
    },
  },
  'worker-restarted': {
    process: 'result-list',
    forgetful: true,
    go: async (at) => {
      const list = await sentList(at);
      await restarted(at, list);
      const proof = await proofByBankId(at, list);
      mustBe(200, await sign(at, list, proof));
      await restarted(at, list);
      return throughToTheEnd(at, list);
    },
  },
  'continued-as-new-first-run': {
    process: 'result-list',
    impatient: 60,
    go: async (at) => {
      const { workflowId, first } = await continued(at);
      return { workflowId, runId: first };
    },
  },
  'continued-as-new-last-run': { process: 'result-list', impatient: 60, go: async (at) => (await continued(at)).workflowId },
  'exchange-complete': { process: 'exchange', go: async (at) => ofOrder(at, await orderedWhile(at, {}), 'complete') },
  'exchange-waiting': {
    process: 'exchange',
    go: async (at) => {
      const order = await orderedWhile(at, { down: { how: 'drop' } });
      await order.inState('waiting');
      return order.workflowId;
    },
  },
  'exchange-complete-after-retry': {
    process: 'exchange',
    go: async (at) => {
      const order = await orderedWhile(at, { down: { how: '503' } });
      await order.inState('waiting');
      alta(at).behave({ down: null });
      await nextDay(at, order);
      return ofOrder(at, order, 'complete');
    },
  },
  'exchange-not-complete': {
    process: 'exchange',
    go: async (at) => {
      const order = await orderedWhile(at, { down: { how: 'drop' } });
      await order.inState('waiting');
      await lastDayOver(at, order);
      return ofOrder(at, order, 'not-complete');
    },
  },
  'exchange-stopped-while-asking': {
    process: 'exchange',
    go: async (at) => {
      const order = await allButAlta(at, { slow: 20_000 });
      mustBe(200, await order.give('stop', { reason: 'Ordered by mistake' }));
      return ofOrder(at, order, 'stopped');
    },
  },
  'exchange-stopped-while-waiting': {
    process: 'exchange',
    go: async (at) => {
      const order = await orderedWhile(at, { down: { how: 'drop' } });
      await order.inState('waiting');
      mustBe(200, await order.give('stop', { reason: 'Not needed any more' }));
      return ofOrder(at, order, 'stopped');
    },
  },
  'exchange-consent-withdrawn': {
    process: 'exchange',
    go: async (at) => {
      const order = await allButAlta(at, { slow: 4_000 });
      await consented(at.world.db, order.person, 'N');
      return ofOrder(at, order, 'complete');
    },
  },
  'exchange-extended': {
    process: 'exchange',
    go: async (at) => {
      const order = await allButAlta(at, { slow: 3_000, down: { how: '503' } });
      mustBe(200, await order.give('extend', { until: inDays(20), reason: 'They are away' }));
      await order.inState('waiting');
      mustBe(200, await order.give('extend', { until: inDays(30), reason: 'Still away' }));
      alta(at).behave({ slow: 0, down: null });
      await nextDay(at, order);
      return ofOrder(at, order, 'complete');
    },
  },
  'approval-finished': {
    process: 'approval',
    go: async (at) => {
      const adviser = await adviserAmongFifty(at);
      const number = await approvalFor(adviser, await aPerson(at.world.db, nora));
      for (const command of ['finish', 'reopen', 'finish'])
        mustBe(200, await adviser.post(`/approvals/${number}/${command}`, {}));
      return `approval/${number}`;
    },
  },
  'delegation-ended': {
    process: 'delegation',
    go: async (at) => {
      const born = await at
        .as('eva')
        .post('/delegations', { course: 'XX1000', to: personOf('erik').id, until: inDays(30), reason: 'On leave' });
      mustBe(201, born);
      const { number } = born.body.case;
      const workflowId = `delegation/${number}`;
      await eventually('the case is opened', () =>
        at.world.temporal.workflow
          .getHandle(workflowId)
          .query('case')
          .catch(() => undefined),
      );
      mustBe(200, await at.as('eva').post(`/delegations/${number}/end`, {}));
      await at.world.temporal.workflow.getHandle(workflowId).result();
      return workflowId;
    },
  },
  'delegation-expired': {
    process: 'delegation',
    go: async (at) => {
      await at.stopWorker();
      const born = await at
        .as('eva')
        .post('/delegations', { course: 'XX1000', to: personOf('erik').id, until: inDays(7), reason: 'On leave' });
      mustBe(201, born);
      const { number } = born.body.case;
      await at.world.db.$executeRaw`UPDATE cases SET due_ends = now() + interval '3 seconds' WHERE number = ${BigInt(number)}`;
      await at.restartWorker();
      await at.world.temporal.workflow.getHandle(`delegation/${number}`).result();
      return `delegation/${number}`;
    },
  },
  'subscription-active': { process: 'subscription', go: async (at) => (await followed(at)).workflowId },
  'subscription-ended': {
    process: 'subscription',
    go: async (at) => {
      const { number, workflowId } = await followed(at);
      mustBe(200, await at.as('tove').post(`/subscriptions/${number}/end`, {}));
      await at.world.temporal.workflow.getHandle(workflowId).result();
      return workflowId;
    },
  },
  'subscription-expired': {
    process: 'subscription',
    go: async (at) => {
      await at.stopWorker();
      const number = await subscribed(at.as('tove'), { course: 'XX1000', until: inDays(7) });
      await at.world.db.$executeRaw`UPDATE cases SET due_ends = now() + interval '3 seconds' WHERE number = ${BigInt(number)}`;
      await at.restartWorker();
      await at.world.temporal.workflow.getHandle(`subscription/${number}`).result();
      return `subscription/${number}`;
    },
  },
  'complaint-with-committee': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await assessedAnew(at, { student: '100001' });
      await settled(complaint);
      return `complaint/${complaint.number}`;
    },
  },
  'complaint-closed': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await assessedAnew(at, { student: '100001' });
      await regraded(complaint, 'B');
      await taken(complaint, 'egil', 'check');
      return ofComplaint(at, complaint);
    },
  },
  'complaint-assessed-further-and-corrected': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await assessedAnew(at, { student: '100001' });
      await taken(complaint, 'siri', 'register-grade', { grade: 'F' });
      await toFurther(complaint);
      await regraded(complaint, 'A');
      await taken(complaint, 'siri', 'report-wrong', { reason: 'Typed A for B' });
      await taken(complaint, 'egil', 'correct', { grade: 'B' });
      await complaintIn(complaint, 'to-check');
      await taken(complaint, 'egil', 'check');
      return ofComplaint(at, complaint);
    },
  },
  'complaint-entered-again': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await assessedAnew(at, { student: '100001' });
      const { entries } = at.simulators.fs.store;
      const before = [...entries];
      entries.splice(
        0,
        entries.length,
        ...before.map((entry) => (entry.personlopenummer === 100_001 ? { ...entry, karakter: 'E' } : entry)),
      );
      await taken(complaint, 'siri', 'register-grade', { grade: 'B' });
      await complaintIn(complaint, 'not-entered');
      entries.splice(0, entries.length, ...before);
      await taken(complaint, 'siri', 'enter-again');
      await complaintIn(complaint, 'to-check');
      await taken(complaint, 'egil', 'check');
      return ofComplaint(at, complaint);
    },
  },
  'complaint-halted-and-dismissed': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await confirmed(at, { student: '100004' });
      await taken(complaint, 'siri', 'resume', { diplomaReturned: true, faculty: 'It is back' });
      await taken(complaint, 'siri', 'dismiss', { reason: 'No ground' });
      return ofComplaint(at, complaint);
    },
  },
  'complaint-withdrawn-while-read': {
    process: 'complaint',
    go: async (at) => {
      at.simulators.fs.faults.push({ match: 'GET /fs-sim/v1/protokoll', effect: '502-html', times: 3 });
      const made = await at
        .as('siri')
        .post('/complaints', {
          type: 'grading',
          student: '100002',
          unit: { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' },
        });
      const complaint = complaintInHand(at, made.body.case.number);
      await taken(complaint, 'siri', 'withdraw', {});
      return ofComplaint(at, complaint);
    },
  },
  'complaint-withdrawn-and-lifted': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await confirmed(at, { student: '100001' }, { choice: 'block', reason: 'Admission' });
      await taken(complaint, 'siri', 'withdraw', {});
      await taken(complaint, 'egil', 'lift-block');
      return ofComplaint(at, complaint);
    },
  },
  'complaint-explained': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await confirmed(at, { student: '100001', type: 'explanation' });
      await taken(complaint, 'erik', 'explain', { text: 'Task 3 lacks its proof' });
      return ofComplaint(at, complaint);
    },
  },
  'complaint-formal-error': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await confirmed(at, { student: '100001', type: 'formal-error' });
      await taken(complaint, 'siri', 'decide-error', { outcome: 'no-effect', reason: 'The alarm went off after the end' });
      return ofComplaint(at, complaint);
    },
  },
  'complaint-reminded': {
    process: 'complaint',
    go: async (at) => {
      const complaint = await assessedAnew(at, { student: '100001' });
      await settled(complaint);
      await at.world.temporal.workflow
        .getHandle(`complaint/${complaint.number}`)
        .terminate('Started again with the reminder due');
      await at.world.db
        .$executeRaw`UPDATE cases SET changed_at = now() - interval '1 hour', wakes_at = now() - interval '1 hour' WHERE number = ${BigInt(complaint.number)}`;
      const { step } = await complaint.read();
      await standing(at, 'sweep');
      await eventually('it has reminded', async () => (await complaint.read()).step === step + 1);
      await taken(complaint, 'siri', 'withdraw', {});
      return ofComplaint(at, complaint);
    },
  },
  complete: {
    process: 'bankid-order',
    go: (at) => order(at, () => inTheApp(at, 'sign', { personNumber: personOf('eva').personNumber }), 'complete'),
  },
  failed: {
    process: 'bankid-order',
    go: (at) => order(at, () => inTheApp(at, 'cancel-in-app', { personNumber: personOf('eva').personNumber }), 'failed'),
  },
  cancelled: { process: 'bankid-order', go: (at) => order(at, (place) => at.as('eva').post(`${place}/cancel`, {}), 'cancelled') },
  lost: { process: 'bankid-order', go: (at) => order(at, async () => at.simulators.bankId.store.orders.splice(0), 'lost') },
  'not-started': {
    process: 'bankid-order',
    go: async (at) => {
      at.simulators.bankId.faults.push({ match: 'POST /rp/v6.0/sign', effect: '502-html', times: 1 });
      return order(at, async () => undefined, 'not-started');
    },
  },
  sweep: {
    process: 'upkeep',
    go: async (at) => {
      await newList(at, 'tove');
      return standing(at, 'sweep');
    },
  },
  'sweep-with-late-promises': {
    process: 'upkeep',
    go: async (at) => {
      await delivered(await sentList(at));
      await at.world.db
        .$executeRaw`UPDATE outbox SET state = 'pending', claimed_at = NULL, created_at = created_at - interval '1 hour' WHERE channel IN ('order', 'start')`;
      return standing(at, 'sweep');
    },
  },
  refresh: { process: 'upkeep', go: (at) => standing(at, 'refresh') },
  'refresh-staff': { process: 'upkeep', go: (at) => standing(at, 'refreshStaff') },
  'tell-subscribers': {
    process: 'upkeep',
    go: async (at) => {
      for (const course of ['XX1000', 'YY2000']) await subscribed(at.as('tove'), { course, until: inDays(30) });
      return standing(at, 'tellSubscribers');
    },
  },
};
