import type { ListInHand } from './lists.js';
import { changeStaff } from './staff.js';
import { eventually, personOf, type Answer, type Login, type University } from './university.js';

/** A code that was asked for and has reached the phone. */
export interface CodeInHand {
  readonly id: string;
  /** Where it is checked. */
  readonly place: string;
  readonly code: string;
}

/** Asks for a code and reads it from the phone. */
export async function codeFor(at: University, list: ListInHand, login: Login = 'eva'): Promise<CodeInHand> {
  const asked = await at.as(login).post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
  if (asked.status !== 202) throw new Error(`no code: ${JSON.stringify(asked.body)}`);
  const place = asked.headers.get('Location') ?? '';
  await eventually('the code is sent', async () => (await at.as(login).get(place)).body.state === 'sent');
  const text =
    at.simulators.elks.phone(personOf(login).mobile).find((message) => message.text.includes(` ${list.number} `))?.text ?? '';
  return { id: place.split('/').at(-1) as string, place, code: /(\d{5})(?=\.)/.exec(text)?.[1] ?? 'no code' };
}

/** Another code than the right one. */
export const wrong = (code: string, by = 1): string => String((Number(code) + by) % 100_000).padStart(5, '0');

export const check = (
  at: University,
  challenge: { place: string },
  code: string,
  login: Login = 'eva',
  key?: string,
): Promise<Answer> => at.as(login).post(`${challenge.place}/check`, { code }, key ? { key } : {});

/** Orders a signature, and waits until BankID has the order. */
export async function bankIdOrder(at: University, list: ListInHand, login: Login = 'eva'): Promise<string> {
  const asked = await at.as(login).post(`/result-lists/${list.number}/order-bankid`, { version: await list.version() });
  if (asked.status !== 202) throw new Error(`no order: ${JSON.stringify(asked.body)}`);
  const place = asked.headers.get('Location') ?? '';
  await eventually('BankID has the order', async () => (await at.as(login).get(place)).body.state !== 'ordered');
  return place;
}

/** What the person does with the phone, or what befalls the simulated system. */
export const inTheApp = (at: University, act: string, body: object = {}): Promise<Response> =>
  Promise.resolve(
    at.simulators.bankId.app.request(`/__sim/${act}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json' },
    }),
  );

/** Waits until an order has come to its end. */
export const ended = (at: University, place: string, login: Login = 'eva') =>
  eventually('the order has ended', async () => {
    const { body } = await at.as(login).get(place);
    return ['ordered', 'started', 'cancelling'].includes(body.state) ? undefined : body;
  });

/** A proof by the person's own BankID. */
export async function proofByBankId(at: University, list: ListInHand, login: Login = 'eva'): Promise<string> {
  const place = await bankIdOrder(at, list, login);
  await inTheApp(at, 'sign', { personNumber: personOf(login).personNumber });
  const { proof, state } = await ended(at, place, login);
  if (!proof) throw new Error(`no proof: ${state}`);
  return proof;
}

/** The staff register makes somebody examiner of a course, beside what they are. */
export async function alsoExaminer(at: University, login: Login, course: string): Promise<void> {
  const { id, roles } = personOf(login);
  await changeStaff(at, id, { roles: [...roles, { role: 'examiner', course }] });
}

/** Audit entries of an action, the oldest first. */
export async function audited(at: University, action: string): Promise<any[]> {
  const rows = await at.world.db.auditEntry.findMany({ orderBy: { seq: 'asc' } });
  return rows.map((row) => JSON.parse(row.entry)).filter((entry) => entry.action === action);
}

export const sign = async (
  at: University,
  list: ListInHand,
  proof: string,
  login: Login = 'eva',
  key?: string,
): Promise<Answer> =>
  at.as(login).post(`/result-lists/${list.number}/sign`, { version: await list.version(), proof }, key ? { key } : {});
