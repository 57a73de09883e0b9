import { controlNumber } from '../../activities/result-list/frozen.js';
import { rooms, students } from '../simulators/sample.js';
import type { Chance } from './chance.js';
import { complain, results } from './complaints.js';
import type { Driver, Ended } from './driver.js';
import { fetchResults, type Fetched } from './fetches.js';
import type { About, OperationLog } from './operation-log.js';
import { phoneOf, type People } from './people.js';
import { groups, nextDay, type Group } from './students.js';
import type { System } from './system.js';

/** Thrown to leave a story: nothing more is asked of this list. */
class Leave extends Error {}

const AT_ONCE = 16;
const CODES_AN_HOUR = 4;
/**
 * Of all commands, those about results from elsewhere, beside the first order of each student: those are given at once, so that
 * they wait for each other.
 */
const FETCHES_SHARE = 0.1;
const HOUR_MS = 3_600_000;
const pause = (ms: number) => new Promise<void>((later) => setTimeout(later, ms));

/**
 * People at their desks, each with one list in hand at a time, until they are told to go home. At most sixteen commands are asked
 * at once; `share` says how much of the run is over, so that signatures, which are few by the rules of codes, are spread over all
 * of it.
 */
export function createUsers(input: {
  system: System;
  driver: Driver;
  log: OperationLog;
  people: People;
  fetched: readonly Fetched[];
  chance: Chance;
  share: () => number;
  progress: (line: string) => void;
}) {
  const { system, driver, people, chance } = input;
  let [closing, home, asking, signed, turn, given, ofFetches] = [false, false, 0, 0, 0, 0, 0];
  const all = groups();
  const free = chance.shuffled(all);
  const codes = new Map<string, number[]>();
  const most = Object.values(people.examiners).flat().length * CODES_AN_HOUR * 0.75;

  const complaints = chance.shuffled(results());
  const atAll = complaints.length;

  const until = async <T>(look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> => {
    for (;;) {
      if (home) throw new Leave();
      const found = await look();
      if (found) return found;
      await pause(120);
    }
  };
  const give = async (caller: string, about: About, command: string, path: string, body: unknown): Promise<Ended> => {
    await pause(chance.between(0, 250));
    await until(() => asking < AT_ONCE);
    asking += 1;
    given += 1;
    try {
      return await driver.give({ caller, about, command, path, body });
    } finally {
      asking -= 1;
    }
  };
  const done = (ended: Ended): NonNullable<Ended> & { readonly is: 'ok' } => {
    if (ended?.is !== 'ok') throw new Leave();
    return ended;
  };

  /** An examiner of the course who may still have codes this hour. */
  const signerFor = (course: string): string | undefined => {
    const recent = (person: string) => (codes.get(person) ?? []).filter((at) => at > Date.now() - HOUR_MS).length;
    const [next] = (people.examiners[course] ?? []).toSorted((a, b) => recent(a) - recent(b));
    if (!next || recent(next) >= CODES_AN_HOUR) return undefined;
    codes.set(next, [...(codes.get(next) ?? []), Date.now()]);
    return next;
  };

  async function list(teacher: string, group: Group) {
    const born = done(
      await give(teacher, { birth: 'result-list' }, 'create', '/result-lists', {
        kind: 'T33',
        course: group.course,
        module: group.module,
      }),
    );
    const number = born.answer.case.number as string;
    const at = `/result-lists/${number}`;
    const say = (caller: string, command: string, body: unknown) =>
      give(caller, { list: number }, command, `${at}/${command}`, body);
    const read = () => driver.look(teacher, at);
    const version = async () => (await read()).version as number;
    const fill = async () => {
      const fetched = done(await say(teacher, 'fetch', { from: 'term', term: group.term }));
      await until(async () => (await driver.look(teacher, fetched.location)).state !== 'open');
      const { items } = await driver.look(teacher, `${at}/rows?limit=100`);
      const day = nextDay(group);
      const rows = group.places.flatMap((place) =>
        items[place] ? [{ student: items[place].student, grade: group.failing, examinationDate: day }] : [],
      );
      const known = await version();
      done(await say(teacher, 'save', { version: known, rows }));
      if (chance.next() < 0.2) await say(teacher, 'save', { version: known, rows });
      if (chance.next() < 0.6) await ungraded[(turn += 1) % ungraded.length]?.();
    };
    const ends = (location: string) =>
      until(async () => {
        const order = await driver.look(teacher, location);
        return order.state !== 'open' && order;
      });
    const brought = async (body: object) => void (await ends(done(await say(teacher, 'fetch', body)).location));
    const room = rooms.find(({ key }) => key.startsWith(`${group.course}-`))?.key ?? '';
    /** Those signed up for an exam besides, ungraded; some are not on the course, and the collected list tells of them. */
    const fromExam = async () => {
      const { result } = await ends(done(await say(teacher, 'find-exams', {})).location);
      const [exam] = result?.exams ?? [];
      if (!exam) return;
      await brought({ from: 'exam', occasion: exam.occasion });
      await say(teacher, 'mail-not-registered', {});
    };
    /** Ways to bring more students without a grade, in turn. */
    const ungraded = [
      fromExam,
      () => brought({ from: 'itslearning', room }),
      () => brought({ from: 'single', personNumber: chance.oneOf(students).personNumber }),
    ];
    /** With grades, which belong to no group: only for a list that is withdrawn. */
    const fromGradebook = async () => {
      const { result } = await ends(done(await say(teacher, 'find-columns', { room })).location);
      const [first] = result?.columns ?? [];
      if (first) await brought({ from: 'itslearning-grades', room, column: first.column });
    };
    return { number, say, read, version, fill, fromGradebook };
  }

  async function sign(of: Awaited<ReturnType<typeof list>>, signer: string): Promise<void> {
    const asked = done(await of.say(signer, 'request-code', { version: await of.version() }));
    const code = asked.answer.answer.code as string;
    const state = await until(async () => {
      const now = (await driver.look(signer, `/signing/codes/${code}`)).state as string;
      return now !== 'sending' && now;
    });
    if (state !== 'sent') throw new Leave();
    const phone = (await (
      await fetch(`${system.outside.elks}/__sim/messages?to=${encodeURIComponent(phoneOf(signer))}`)
    ).json()) as { text: string }[];
    const typed = phone.flatMap(({ text }) => new RegExp(`\\b${of.number} är (\\d{5})\\b`).exec(text)?.[1] ?? [])[0] ?? '00000';
    const checked = done(await give(signer, { code }, 'check-code', `/signing/codes/${code}/check`, { code: typed }));
    done(await of.say(signer, 'sign', { version: await of.version(), proof: checked.answer.proof }));
  }

  /** From draft to the student. */
  async function whole(teacher: string, group: Group, signer: string, entering: () => void): Promise<void> {
    const of = await list(teacher, group);
    await of.fill();
    done(await of.say(teacher, 'send', { version: await of.version() }));
    if (chance.next() < 0.3) await of.say(people.stranger, 'return', { reason: 'inte mitt' });
    if (chance.next() < 0.2) {
      done(await of.say(signer, 'return', { reason: 'kontrollera poängen' }));
      done(await of.say(teacher, 'send', { version: await of.version() }));
    }
    await sign(of, signer);
    const { data, number } = await of.read();
    const typed = controlNumber(
      { list: number, version: data.signed.version, hash: data.signed.hash },
      system.config.secrets.controlNumber,
    );
    entering();
    done(await of.say(people.courseOffice, 'enter', { controlNumber: typed }));
    await until(async () => (await of.read()).state !== 'registering');
    await attest(group.moduleUid);
    await until(async () => (await of.read()).state === 'informed');
  }

  /** To the examiner, back, and withdrawn: nothing reaches the register. */
  async function withdrawn(teacher: string, group: Group): Promise<void> {
    const of = await list(teacher, group);
    if (chance.next() < 0.5) {
      await of.fill();
      done(await of.say(teacher, 'send', { version: await of.version() }));
      done(await of.say(chance.oneOf(people.examiners[group.course] ?? []), 'return', { reason: 'fel kurs' }));
    } else if (chance.next() < 0.6) await of.fromGradebook();
    done(await of.say(teacher, 'withdraw', {}));
    await of.say(teacher, 'withdraw', {});
  }

  const attest = async (moduleUid?: string) => {
    const body = JSON.stringify(moduleUid ? { utbildningsinstansUID: moduleUid } : {});
    await fetch(`${system.outside.ladok}/__sim/attest-all`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
  };

  async function one(teacher: string): Promise<void> {
    const wanted = signed < most * Math.min(1, input.share()) && free.length > 0;
    const group = wanted ? (free.shift() as Group) : { ...chance.oneOf(all) };
    const signer = wanted ? signerFor(group.course) : undefined;
    if (!signer) {
      if (wanted) free.push(group);
      return withdrawn(teacher, { ...group });
    }
    signed += 1;
    let entered = false;
    try {
      await whole(teacher, group, signer, () => void (entered = true));
      entered = false;
    } finally {
      // A list left on its way to the register may still write there: its students are not given out again.
      if (!entered) free.push(group);
    }
  }

  /** The next complaint, when it is time for it: they are spread over the whole run. */
  async function oneComplaint(worker: string): Promise<void> {
    const due = (atAll - complaints.length) / atAll < input.share();
    const result = due ? complaints.shift() : undefined;
    if (!result) return pause(300);
    await complain({ give, done, look: driver.look, until }, { people, chance, worker, result });
  }

  /** One order of a student's results, when it is time for it. */
  async function oneFetch(student: Fetched): Promise<void> {
    if (student.order && ofFetches > input.fetched.length + given * FETCHES_SHARE) return pause(300);
    const counted: typeof give = (...command) => {
      ofFetches += 1;
      return give(...command);
    };
    await fetchResults({ give: counted, done, look: driver.look, until }, { system, log: input.log, chance, student });
  }

  async function work<Whose>(person: Whose, story: (person: Whose) => Promise<void>): Promise<void> {
    while (!closing) {
      try {
        await story(person);
      } catch (cause) {
        if (!(cause instanceof Leave)) input.progress(`a case was left: ${(cause as Error).message}`);
        await pause(100);
      }
    }
  }

  return {
    /** All at work; resolves when everybody has gone home. */
    work: async () =>
      void (await Promise.all([
        ...people.teachers.map((person) => work(person, one)),
        ...people.caseWorkers.map((person) => work(person, oneComplaint)),
        ...input.fetched.map((student) => work(student, oneFetch)),
      ])),
    /** Nobody begins another list; who is not done with theirs after `ms` leaves it as it is. */
    goHome: (ms: number) => {
      closing = true;
      setTimeout(() => void (home = true), ms).unref();
    },
    attestAll: () => attest(),
  };
}
