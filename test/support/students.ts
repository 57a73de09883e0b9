import { randomUUID } from 'node:crypto';
import { exchangeStudents } from '../simulators/sample.js';
import type { SettingName, SettingValue } from '../../workflows/settings/schema.js';
import { asDate } from '../../prisma/client.js';
import { personOf, type University } from './university.js';

export type TestStudent = (typeof exchangeStudents)[number];
export const testStudent = (login: 'test1' | 'test2'): TestStudent =>
  exchangeStudents.find((one) => one.login === login) as TestStudent;

/** Sets a value from a day on, as operations would. */
export const setting = async <Name extends SettingName>(
  at: University,
  name: Name,
  value: SettingValue<Name>,
  from = '2020-01-01',
): Promise<void> =>
  void (await at.world.db.setting.create({
    data: {
      institution: 'bth',
      name,
      fromDate: asDate(from),
      value: value as never,
      setBy: personOf('olle').id,
      reason: 'For the test.',
    },
  }));

/** What a study adviser writes down of a test student. */
export const registrationOf = ({ login: _login, id, ...rest }: TestStudent) => ({ ...rest, signIn: id });

/** Opens the institution for the exchange: module on, students are asked, test persons are allowed. */
export async function openForExchange(at: University): Promise<void> {
  await setting(at, 'exchange-module', true);
  await setting(at, 'exchange-consent', { termRegistration: 10, studentWebModule: 20 });
  await setting(at, 'exchange-test-numbers', true);
}

/** Registers one of the two test students, who signs in; answers the person's id. */
export async function registered(at: University, login: 'test1' | 'test2'): Promise<string> {
  const answer = await at.as('stina').post('/students', registrationOf(testStudent(login)));
  if (answer.status !== 201) throw new Error(`not registered: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.person;
}

/** Writes a student down as registering does, but with a number of one's own; answers the id. */
export async function aStudent(at: University, number: string, birthDate: string): Promise<string> {
  const answer = await at
    .as('stina')
    .post('/students', {
      number,
      givenName: 'Ny',
      surname: 'Student',
      birthDate,
      email: `${randomUUID()}@student.bth.example`,
      language: 'nb',
    });
  if (answer.status !== 201) throw new Error(`not registered: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.person;
}
