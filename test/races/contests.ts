import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert';
import { readCase } from '../../activities/case/case-row.js';
import { currentHash } from '../../activities/result-list/frozen.js';
import { mendedSignal } from '../../workflows/case-workflow.js';
import type { CaseView } from '../../workflows/process.js';
import type { ListData } from '../../workflows/result-list/list.js';
import { command, inPostgres, type Command } from '../support/command.js';
import { assessedAnew, protocolOf, settled } from '../support/complaints.js';
import { filledList, mailTo, sentList } from '../support/lists.js';
import { check, codeFor, proofByBankId } from '../support/signing.js';
import { eventually, personOf, type Answer, type University } from '../support/university.js';
import type { Race, Round } from './race.js';

/** What the audit and the tables have to say of a command that won and one that lost. */
async function decidedOnce(at: University, caseId: string, actions: readonly string[]): Promise<void> {
  const rows = await at.world.db.auditEntry.findMany({ where: { caseId } });
  const entries = rows
    .map((row) => JSON.parse(row.entry) as { action: string; outcome: string })
    .filter((entry) => actions.includes(entry.action));
  deepStrictEqual(entries.map((entry) => entry.outcome).sort(), ['done', 'refused'], 'the audit has another story');
}

async function proofByCode(at: University, list: Awaited<ReturnType<typeof sentList>>): Promise<string> {
  const challenge = await codeFor(at, list);
  const typed = await check(at, challenge, challenge.code);
  await at.world.db.$executeRaw`UPDATE signing_codes SET created_at = created_at - interval '2 days'`;
  return typed.body.proof;
}

let bankIdFree: Promise<unknown> = Promise.resolve();
/** One order of a person at a time. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const mine = bankIdFree.then(work);
  bankIdFree = mine.catch(() => undefined);
  return mine;
};

/** Two examiners of one course (erik has been made one) sign one list, one with a code, one with BankID. */
export const signatures: Race = {
  name: 'signature against signature',
  sides: ['SMS code', 'BankID'],
  lag: 0,
  prepare: async (at) => {
    const list = await sentList(at);
    const version = await list.version();
    const proofs = [await proofByCode(at, list), await inTurn(() => proofByBankId(at, list, 'erik'))] as const;
    const logins = ['eva', 'erik'] as const;
    const side = (i: 0 | 1) => ({
      command: command(at, { login: logins[i], list: list.number, name: 'sign', body: { version, proof: proofs[i] } }),
      beaten: 'wrong-state',
    });
    return {
      list: list.number,
      sides: [side(0), side(1)],
      holds: async (winner) => {
        const { id, state } = await inPostgres(at, list.number);
        strictEqual(state, 'signed');
        const signed = await at.world.db.signature.findMany({ where: { caseId: id } });
        deepStrictEqual(
          signed.map(({ personId, proofId, method }) => ({ personId, proofId, method })),
          [{ personId: personOf(logins[winner]).id, proofId: proofs[winner], method: winner === 0 ? 'sms' : 'bankid' }],
        );
        const kept = await at.world.db.signingProof.findMany({ where: { caseId: id, usedAt: { not: null } } });
        deepStrictEqual(
          kept.map((proof) => proof.id),
          [proofs[winner]],
        );
        await decidedOnce(at, id, ['result-list.sign']);
      },
    };
  },
};

/** A signature meets a correction of the same list. */
export const signatureAgainstEdit: Race = {
  name: 'signature against correction',
  sides: ['sign', 'correct'],
  lag: 40,
  prepare: async (at) => {
    const list = await sentList(at);
    const before = await inPostgres(at, list.number);
    const [row] = await list.rows('eva');
    const proof = await proofByCode(at, list);
    const body = { version: before.version, rows: [{ student: row.student, grade: 'A', examinationDate: '2026-11-02' }] };
    return {
      list: list.number,
      sides: [
        {
          command: command(at, { login: 'eva', list: list.number, name: 'sign', body: { version: before.version, proof } }),
          beaten: 'changed-meanwhile',
        },
        { command: command(at, { login: 'eva', list: list.number, name: 'correct', body }), beaten: 'wrong-state' },
      ],
      holds: async (winner) => {
        const { id, state, version } = await inPostgres(at, list.number);
        const signed = await at.world.db.signature.findMany({ where: { caseId: id } });
        const kept = await at.world.db.resultRow.findFirstOrThrow({ where: { caseId: id, studentUid: row.student } });
        const corrected = winner === 1;
        deepStrictEqual(
          { state, version, signatures: signed.length, grade: kept.grade },
          {
            state: corrected ? 'with-examiner' : 'signed',
            version: before.version + (corrected ? 1 : 0),
            signatures: corrected ? 0 : 1,
            grade: corrected ? 'A' : row.grade,
          },
        );
        notStrictEqual(row.grade, 'A');
        const found = await readCase(at.world.db, { id });
        if (!corrected)
          strictEqual(
            signed[0]?.hash,
            await currentHash(at.world.db, found?.subject as CaseView<ListData>),
            'what is signed is not what is there',
          );
        await decidedOnce(at, id, ['result-list.sign', 'result-list.correct']);
      },
    };
  },
};

/** Makes the meeting of send and withdraw on a draft. */
async function sendAndWithdraw(at: University): Promise<Round> {
  const list = await filledList(at);
  const before = await inPostgres(at, list.number);
  return {
    list: list.number,
    sides: [
      {
        command: command(at, { login: 'tove', list: list.number, name: 'send', body: { version: before.version } }),
        beaten: 'wrong-state',
      },
      { command: command(at, { login: 'tove', list: list.number, name: 'withdraw', body: {} }), beaten: 'wrong-state' },
    ],
    holds: async (winner) => {
      const { id, state, step } = await inPostgres(at, list.number);
      deepStrictEqual({ state, step }, { state: winner === 0 ? 'with-examiner' : 'withdrawn', step: before.step + 1 });
      strictEqual(
        await at.world.db.outbox.count({ where: { caseId: id, channel: 'mail' } }),
        winner === 0 ? 1 + (await examiners(at)) : 0,
        'letters',
      );
      await decidedOnce(at, id, ['result-list.send', 'result-list.withdraw']);
    },
  };
}

/** Examiners of the course beside eva. */
const examiners = (at: University) =>
  at.world.db.role.count({ where: { role: 'examiner', course: 'XX1000', NOT: { personId: personOf('eva').id } } });

export const sendAgainstWithdraw: Race = {
  name: 'send against withdraw',
  sides: ['send', 'withdraw'],
  lag: 0,
  prepare: sendAndWithdraw,
};

/** The same with the worker killed between COMMIT and answer. */
export const sendAgainstWithdrawKilled: Race = {
  ...sendAgainstWithdraw,
  name: 'send against withdraw, worker killed between COMMIT and answer',
};

const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'HØST' };
let students = 200_000;

/** A student of FS whom nobody has complained for, with a C. */
function newStudent(at: University): string {
  const { persons, entries } = at.simulators.fs.store;
  const [person, entry] = [
    persons[0],
    entries.find(
      ({ vurderingsenhet, karakter }) =>
        vurderingsenhet.emnekode === unit.course && vurderingsenhet.vurdtidkode === unit.term && karakter === 'C',
    ),
  ];
  if (!person || !entry) throw new Error('FS has no such result');
  students += 1;
  persons.push({ ...person, personlopenummer: students, epost: `student${students}@student.uni.example` });
  entries.push({ ...entry, id: `race-${students}`, personlopenummer: students });
  return String(students);
}

/** The verdict of a committee meets the withdrawal of the complaint. */
export const verdictAgainstWithdrawal: Race = {
  name: 'verdict against withdrawal',
  sides: ['register-grade', 'withdraw'],
  lag: 0,
  prepare: async (at) => {
    const complaint = await assessedAnew(at, { student: newStudent(at), unit });
    await settled(complaint);
    const list = complaint.number;
    const side = (name: string, body: object) => ({
      command: command(at, { login: 'siri', path: 'complaints', list, name, body }),
      beaten: 'wrong-state',
    });
    return {
      list,
      sides: [side('register-grade', { grade: 'B' }), side('withdraw', {})],
      holds: async (winner) => {
        const { id, state } = await inPostgres(at, list);
        const { decision } = (await complaint.read()).data;
        ok(winner === 0 ? ['registering', 'to-check'].includes(state) : state === 'withdrawn', `it is ${state}`);
        strictEqual(decision, winner === 0 ? 'in-favour' : 'withdrawn');
        const letters = await at.world.db.outbox.findMany({
          where: { caseId: id, channel: 'mail', key: { contains: winner === 0 ? 'mail:withdrawn:' : 'mail:result:' } },
        });
        deepStrictEqual(
          [await at.world.db.complaintGrading.count({ where: { caseId: id } }), letters.length],
          [winner === 0 ? 1 : 0, 0],
        );
        await decidedOnce(at, id, ['complaint.register-grade', 'complaint.withdraw']);
      },
    };
  },
};

/**
 * Milliseconds from saying when the reminder is due until it is: Temporal carries out no timer sooner than about a second after
 * it was set.
 */
const SOON = 1_000;
/** Milliseconds for which the mail server keeps a reminder waiting that has been taken. */
const HELD = 600;

/** The workflow's own reminder, by its own timer: it hears that it is due soon, and one letter of it is held on its way. */
function reminding(
  at: University,
  { id, number, step }: { readonly id: string; readonly number: string; readonly step: number },
): Command {
  const fallDue = async (): Promise<Answer> => {
    at.simulators.mailbox.faults.push({ match: `RCPT ${personOf('mons').email}`, effect: 'slow', ms: HELD, times: 1 });
    await at.world.db
      .$executeRaw`UPDATE cases SET wakes_at = clock_timestamp() + make_interval(secs => ${SOON / 1_000}::float), version = version + 1 WHERE id = ${id}::uuid`;
    await at.world.temporal.workflow.getHandle(`complaint/${number}`).signal(mendedSignal);
    await eventually('one of the two has come', async () => (await inPostgres(at, number)).step > step);
    const taken = await at.world.db.command.count({
      where: { caseId: id, name: 'remind', outcome: { path: ['case', 'step'], equals: step + 1 } },
    });
    return { status: taken ? 200 : 409, headers: new Headers(), body: taken ? {} : { code: 'decided-before' } };
  };
  let fallen: Promise<Answer> | undefined;
  const give = () => (fallen ??= fallDue());
  return { name: 'remind', give, settle: give };
}

/** A command that is given when the reminder is due, and remembers when it was answered with a yes. */
function timed(given: Command): Command & { answered(): number } {
  let answered = Infinity;
  let due: Promise<unknown> | undefined;
  const told = (answer: Answer) => {
    if (answer.status === 200) answered = Math.min(answered, Date.now());
    return answer;
  };
  return {
    ...given,
    give: () => (due ??= new Promise((later) => setTimeout(later, SOON))).then(given.give).then(told),
    settle: () => given.settle().then(told),
    answered: () => answered,
  };
}

const FIVE_DAYS = 5 * 86_400_000;

/**
 * The verdict of a committee meets the moment at which everybody is reminded of the deadline, as the timer of the workflow has
 * it.
 */
export const verdictAgainstReminder: Race = {
  name: 'verdict against reminder',
  sides: ['register-grade', 'remind'],
  lag: -40,
  prepare: async (at) => {
    const student = newStudent(at);
    const complaint = await assessedAnew(at, { student, unit });
    await settled(complaint);
    const list = complaint.number;
    const { id, step } = await inPostgres(at, list);
    const grade = protocolOf(at, student).karakter;
    const verdict = timed(command(at, { login: 'siri', path: 'complaints', list, name: 'register-grade', body: { grade } }));
    return {
      list,
      sides: [
        { command: verdict, beaten: null },
        { command: reminding(at, { id, number: list, step }), beaten: 'decided-before' },
      ],
      holds: async (winner) => {
        const rows = await at.world.db.auditEntry.findMany({ where: { caseId: id }, orderBy: { seq: 'asc' } });
        const done = rows
          .map(({ entry }) => JSON.parse(entry) as { action: string; outcome: string })
          .filter(({ outcome }) => outcome === 'done')
          .map(({ action }) => action.slice('complaint.'.length));
        deepStrictEqual(
          done.filter((action) => ['remind', 'register-grade'].includes(action)),
          winner === 0 ? ['register-grade'] : ['remind', 'register-grade'],
          'the audit has another story',
        );
        strictEqual(
          await at.world.db.outbox.count({ where: { caseId: id, key: { startsWith: 'mail:reminder:' } } }),
          winner === 0 ? 0 : 3,
          'reminders promised',
        );
        await settled(complaint);
        at.simulators.mailbox.faults.length = 0;
        const mails = (
          await Promise.all((['siri', 'mons', 'marte'] as const).map((login) => mailTo(at, personOf(login).email)))
        ).flat();
        const reminders = mails.filter(({ subject }) => subject.includes(`Påminnelse: klagesak ${list}`));
        deepStrictEqual(
          reminders.filter(({ receivedAt }) => Date.parse(receivedAt) > verdict.answered()),
          [],
          'a reminder went out after the verdict',
        );
        if (winner === 0) deepStrictEqual(reminders, [], 'a reminder went out that was never due');
        const { wakesAt } = await at.world.db.case.findUniqueOrThrow({ where: { id } });
        strictEqual(
          wakesAt === null || wakesAt.getTime() > Date.now() + FIVE_DAYS,
          true,
          'who decided is reminded again: only the exam office is, in a week',
        );
      },
    };
  },
};
