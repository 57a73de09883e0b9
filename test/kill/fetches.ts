import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { staff } from '../simulators/sample.js';
import type { Chance } from './chance.js';
import type { Desk } from './complaints.js';
import type { Driver } from './driver.js';
import type { OperationLog } from './operation-log.js';
import type { System } from './system.js';

/** A student with passed results elsewhere, and the approval case in which they are ordered. */
export interface Fetched {
  readonly person: string;
  readonly number: string;
  readonly approval: string;
  /** What each institution that knows them has: grades by key. */
  readonly sources: Readonly<Record<string, Record<string, string>>>;
  /** Number of the newest order. */
  order?: string;
  /** Whether the last answer to being fetched for was no. */
  refused: boolean;
}

/** The institutions of the run; nobody knows anybody at the others. */
const knowing = ['alta.example', 'bodo.example', 'gjovik.example', 'hamar.example'] as const;
const strangers = ['drobak.example', 'halden.example', 'narvik.example', 'tynset.example'] as const;
const [slow, down] = ['gjovik.example', 'hamar.example'] as const;
const SLOW_MS = 1_000;
/** Calls at a time to an institution: fewer than there are students, so that they meet the limit. */
export const callsAtOnce = 3;
const grades = ['A', 'B', 'C', 'D', 'E'] as const;
const ours = 'bth.example';

/** The study adviser whose orders they are. */
export const adviser = staff.find(({ login }) => login === 'stina')?.id as string;

const told = async (url: string, method: string, body?: object): Promise<void> => {
  const answer = await fetch(url, { method, ...(body ? { body: JSON.stringify(body) } : {}) });
  if (!answer.ok) throw new Error(`a simulated institution did not do as told (${answer.status})`);
};
const adminOf = (system: System, code: string): string => system.outside.institutions[code] as string;

/**
 * Leaves few institutions in the simulated registry, one of them slow, and opens ours for the exchange. Before the registry is
 * read.
 */
export async function openExchange(system: System): Promise<void> {
  const registry = `${system.outside.exchangeRegistry}/__sim/institutions`;
  const all = (await (await fetch(registry)).json()) as { code: string }[];
  const kept: readonly string[] = [...knowing, ...strangers, ours];
  for (const { code } of all) if (!kept.includes(code)) await told(`${registry}/${code}`, 'DELETE');
  await told(`${adminOf(system, slow)}/__sim/behaviour`, 'PATCH', { slow: SLOW_MS });
  const db = new pg.Client({ connectionString: system.config.DATABASE_URL });
  await db.connect();
  await db.query(
    `INSERT INTO settings (institution, name, from_date, value, set_by, set_at, reason)
     SELECT 'bth', name, '0001-01-01', value::jsonb, $1, now(), 'for the load' FROM (VALUES ('exchange-module', 'true'), ('exchange-consent', '{"termRegistration": 10, "studentWebModule": 20}'), ('exchange-calls', $2)) AS s (name, value)`,
    [adviser, String(callsAtOnce)],
  );
  await db.end();
}

/**
 * Registers students whom some institutions know and who consent in Studentweb, and opens an approval case for each. Their
 * numbers are temporary ones, of nobody.
 */
export async function registerStudents(input: {
  system: System;
  driver: Driver;
  chance: Chance;
  count: number;
}): Promise<Fetched[]> {
  const { system, driver, chance } = input;
  const given = async (command: Parameters<Driver['give']>[0]): Promise<any> => {
    const ended = await driver.give(command);
    if (ended?.is !== 'ok') throw new Error(`${command.command} before the load was not done: ${JSON.stringify(ended)}`);
    return ended.answer;
  };
  const one = async (place: number): Promise<Fetched> => {
    const number = `99000000${String(place).padStart(3, '0')}`;
    const sources = Object.fromEntries(
      knowing.map((code) => [code, { 'e-one': chance.oneOf(grades), 'e-two': chance.oneOf(grades) }]),
    );
    for (const [code, results] of Object.entries(sources)) {
      const kept = Object.entries(results).map(([key, grade]) => ({
        key,
        type: 'Course',
        code: key,
        nb: key,
        term: '2024 VÅR',
        date: '2024-06-01',
        status: 'passed',
        scale: 'no-af',
        credits: '7.5',
        grade,
      }));
      await told(`${adminOf(system, code)}/__sim/persons/${number}`, 'PUT', {
        givenNames: 'Last',
        familyName: `Prøve ${place}`,
        birthDate: '1999-01-01',
        results: kept,
      });
    }
    const student = {
      number,
      temporary: true,
      givenName: 'Last',
      surname: `Prøve ${place}`,
      birthDate: '1999-01-01',
      email: `load-student${place}@bth.example`,
      language: 'nb',
      signIn: randomUUID(),
    };
    const { person } = await given({
      caller: adviser,
      about: { thing: 'students' },
      command: 'register',
      path: '/students',
      body: student,
    });
    await given({
      caller: person,
      about: { thing: `consent/${person}` },
      command: 'enter',
      path: '/consents',
      body: { answer: 'J' },
    });
    const approval = (
      await given({ caller: adviser, about: { birth: 'approval' }, command: 'create', path: '/approvals', body: { person } })
    ).case.number;
    return { person, number, approval, sources, refused: false };
  };
  return Promise.all(Array.from({ length: input.count }, (_, place) => one(place + 1)));
}

/** One institution is down in the middle of the run and answers before and after it. */
export function createOutage(input: { system: System; log: OperationLog; share: () => number }) {
  let state: 'before' | 'down' | 'over' = 'before';
  return {
    look: async (): Promise<void> => {
      const share = input.share();
      const wanted = share < 0.3 ? 'before' : share < 0.6 ? 'down' : 'over';
      if (wanted === state) return;
      state = wanted;
      if (wanted === 'down') input.log.note({ event: 'institution', partner: down, is: 'down' });
      await told(`${adminOf(input.system, down)}/__sim/behaviour`, 'PATCH', { down: wanted === 'down' ? { how: '503' } : null });
      if (wanted === 'over') input.log.note({ event: 'institution', partner: down, is: 'up' });
    },
  };
}

/** Another grade at a source, or one result more. Only while no order of the student runs. */
async function changeSomething(input: { system: System; log: OperationLog; chance: Chance; student: Fetched }): Promise<void> {
  const {
    chance,
    student: { number, person, sources },
  } = input;
  const partner = chance.oneOf(knowing);
  const there = sources[partner] as Record<string, string>;
  const key = chance.next() < 0.7 ? chance.oneOf(Object.keys(there)) : `e-more-${Object.keys(there).length}`;
  const grade = chance.oneOf(grades.filter((other) => other !== there[key]));
  there[key] = grade;
  input.log.note({ event: 'source', partner, person, key, grade });
  await told(`${adminOf(input.system, partner)}/__sim/results`, 'PATCH', { number, key, grade });
}

/**
 * An order from its beginning to its end: sometimes of something that changed at the source, sometimes stopped, sometimes with
 * the student's no meanwhile.
 */
export async function fetchResults(
  desk: Desk,
  input: { system: System; log: OperationLog; chance: Chance; student: Fetched },
): Promise<void> {
  const { give, done, until } = desk;
  const { chance, student } = input;
  const { person } = student;
  const state = async (number: string) => (await desk.look(adviser, `/exchanges/${number}`)).state as string;
  const asked = (number: string) =>
    until(async () => {
      const now = await state(number);
      return now !== 'running' && now;
    });
  const stop = (number: string) =>
    give(adviser, { list: number }, 'stop', `/exchanges/${number}/stop`, { reason: 'Bestilt ved en feil' });
  const answer = (consent: 'J' | 'N') => give(person, { thing: `consent/${person}` }, 'enter', '/consents', { answer: consent });

  if (student.order && (await asked(student.order)) === 'waiting') done(await stop(student.order));
  if (student.refused) {
    done(await answer('J'));
    student.refused = false;
  }
  if (student.order && chance.next() < 0.6) await changeSomething(input);
  const order = done(await give(adviser, { birth: 'exchange' }, 'create', '/exchanges', { approval: student.approval })).answer
    .case.number as string;
  student.order = order;
  const meanwhile = chance.next();
  if (meanwhile < 0.15) await stop(order);
  else if (meanwhile < 0.35) student.refused = (await answer('N'))?.is === 'ok';
  await asked(order);
}
