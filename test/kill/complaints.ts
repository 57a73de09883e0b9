import { fsProtocol, type FsEntry } from '../simulators/fs/sample.js';
import type { Chance } from './chance.js';
import type { Ended } from './driver.js';
import type { About } from './operation-log.js';
import type { People } from './people.js';

/**
 * What somebody at a desk can do: give a command, insist that it is taken, read, and wait; all leave the story when it is time to
 * go home.
 */
export interface Desk {
  give(caller: string, about: About, command: string, path: string, body: unknown): Promise<Ended>;
  done(ended: Ended): NonNullable<Ended> & { readonly is: 'ok' };
  look(caller: string, path: string): Promise<any>;
  until<T>(look: () => Promise<T | undefined | false>): Promise<T>;
}

const tops = new Set(fsProtocol.flatMap(({ toppenhet }) => (toppenhet ? [toppenhet.emnekode] : [])));
/** Results that can be complained about without more ado: no part grades and their tops, and only scales with an order. */
export const results = (): FsEntry[] =>
  fsProtocol.filter(
    ({ vurderingsenhet, karakterskala }) => !tops.has(vurderingsenhet.emnekode) && karakterskala.rekkefolge === 'J',
  );

/** Grades of a scale by how far they are from the first one: `near` at most one step, `far` two or more. */
function gradesBeside({ karakter, karakterskala: { karakterer } }: FsEntry): { near: string[]; far: string[] } {
  const all = karakterer.map((one) => one.karakter);
  const apart = (grade: string) => (all.length === 2 ? 0 : Math.abs(all.indexOf(grade) - all.indexOf(karakter)));
  return { near: all.filter((grade) => apart(grade) < 2), far: all.filter((grade) => apart(grade) >= 2) };
}

/**
 * A complaint from receipt to its end: to a committee, sometimes two, into the protocol, sometimes wrongly and put right, or
 * withdrawn on the way.
 */
export async function complain(
  desk: Desk,
  input: { people: People; chance: Chance; worker: string; result: FsEntry },
): Promise<void> {
  const { give, done, until } = desk;
  const { people, chance, worker, result } = input;
  const {
    emnekode: course,
    versjonskode: version,
    vurdkombkode: combination,
    arstall: year,
    vurdtidkode: term,
  } = result.vurderingsenhet;
  const { near, far } = gradesBeside(result);
  const birth = {
    type: 'grading',
    student: String(result.personlopenummer),
    unit: { course, version, combination, year, term },
    reasons: 'Oppgave 3 er riktig',
  };
  const number = done(await give(worker, { birth: 'complaint' }, 'create', '/complaints', birth)).answer.case.number as string;
  const at = `/complaints/${number}`;
  const say = (caller: string, command: string, body: unknown = {}) =>
    give(caller, { list: number }, command, `${at}/${command}`, body);
  const state = async () => (await desk.look(worker, at)).state as string;
  const reached = (...states: readonly string[]) =>
    until(async () => {
      const now = await state();
      return states.includes(now) && now;
    });

  const withdrawn = async () => {
    done(await say(worker, 'withdraw'));
    if ((await state()) === 'to-lift') done(await say(people.examOffice, 'lift-block'));
    await say(worker, 'withdraw');
  };
  const toCommittee = async (members: readonly string[]) => {
    done(await say(worker, 'appoint', { members: members.map((person, i) => ({ person, external: i === 1 })) }));
    done(await say(worker, 'send'));
  };
  const register = async (grade: string) => done(await say(worker, 'register-grade', { grade }));

  await reached('to-confirm');
  const choice = chance.oneOf(['block', 'block', 'postponement', 'neither'] as const);
  done(await say(worker, 'confirm', { protection: { choice, reason: 'Opptak denne uken' } }));
  if ((await state()) === 'halted')
    done(await say(worker, 'resume', { diplomaReturned: true, faculty: 'Avtalt med fakultetet' }));
  if (chance.next() < 0.2) await say(people.stranger, 'withdraw');
  if (chance.next() < 0.1) return withdrawn();
  await toCommittee(people.second);
  if (chance.next() < 0.1) return withdrawn();
  if (far.length > 0 && chance.next() < 0.4) {
    await register(chance.oneOf(far));
    if (chance.next() < 0.35) return withdrawn();
    await toCommittee(people.further);
    await register(chance.oneOf([...near, ...far]));
  } else await register(chance.oneOf(near));
  await reached('to-check', 'not-entered');
  if (chance.next() < 0.25) {
    done(await say(people.examOffice, 'report-wrong', { reason: 'Feil karakter' }));
    done(await say(people.examOffice, 'correct', { grade: chance.oneOf(near) }));
    await reached('to-check', 'not-entered');
  }
  done(await say(people.examOffice, 'check'));
}
