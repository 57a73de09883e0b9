import type { University, Login, Answer } from './university.js';
import { eventually, personOf } from './university.js';

/** A result list as a person meets it over HTTP, with the steps that stories are told with. */
export interface ListInHand {
  readonly number: string;
  read(login?: Login): Promise<any>;
  rows(login?: Login): Promise<any[]>;
  version(): Promise<number>;
}

export const inHand = (at: University, number: string): ListInHand => ({
  number,
  read: async (login = 'tove') => (await at.as(login).get(`/result-lists/${number}`)).body,
  rows: async (login = 'tove') => (await at.as(login).get(`/result-lists/${number}/rows?limit=100`)).body.items,
  version: async () => (await at.as('tove').get(`/result-lists/${number}`)).body.version,
});

const born = async (at: University, login: Login): Promise<ListInHand> => {
  const made = await at.as(login).post('/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
  if (made.status !== 201) throw new Error(`no list was made: ${JSON.stringify(made.body)}`);
  return inHand(at, made.body.case.number);
};

/** Waits for an ordered work to end. */
export const ordered = (at: University, login: Login, answer: Answer) =>
  eventually('the order ends', async () => {
    const order = await at.as(login).get(answer.headers.get('Location') ?? '');
    return order.body.state === 'open' ? undefined : order.body;
  });

/** A list with the students registered in the autumn of 2026, all of them graded and dated. */
export async function filledList(at: University, login: Login = 'tove'): Promise<ListInHand> {
  const list = await born(at, login);
  await ordered(at, login, await at.as(login).post(`/result-lists/${list.number}/fetch`, { from: 'term', term: '20262' }));
  await graded(at, list, login);
  return list;
}

export { born as newList };

/** Fills in every row. */
export async function graded(at: University, list: ListInHand, login: Login = 'tove', grade = 'B'): Promise<Answer> {
  const rows = await list.rows(login);
  return at
    .as(login)
    .post(`/result-lists/${list.number}/save`, {
      version: await list.version(),
      rows: rows.map((row, i) => ({
        student: row.student,
        grade: i % 3 === 2 ? 'F' : grade,
        examinationDate: '2026-11-02',
        score: '42.5',
      })),
    });
}

export async function sentList(at: University): Promise<ListInHand> {
  const list = await filledList(at);
  const sent = await at.as('tove').post(`/result-lists/${list.number}/send`, { version: await list.version() });
  if (sent.status !== 200) throw new Error(`not sent: ${JSON.stringify(sent.body)}`);
  return list;
}

/** Asks for a code, reads it from the phone, and types it in. */
export async function proofBySms(at: University, list: ListInHand, login: Login = 'eva'): Promise<string> {
  const asked = await at.as(login).post(`/result-lists/${list.number}/request-code`, { version: await list.version() });
  if (asked.status !== 202) throw new Error(`no code: ${JSON.stringify(asked.body)}`);
  const place = asked.headers.get('Location') ?? '';
  await eventually('the code is sent', async () => (await at.as(login).get(place)).body.state === 'sent');
  const typed = await at.as(login).post(`${place}/check`, { code: await lastCode(at, login) });
  if (typed.status !== 201) throw new Error(`code refused: ${JSON.stringify(typed.body)}`);
  return typed.body.proof;
}

/** The newest code on somebody's phone. */
export const lastCode = async (at: University, login: Login): Promise<string> =>
  /\b(\d{5})\b/.exec(at.simulators.elks.phone(personOf(login).mobile)[0]?.text ?? '')?.[1] ?? 'no code';

export async function signedList(at: University): Promise<ListInHand> {
  const list = await sentList(at);
  const signed = await at
    .as('eva')
    .post(`/result-lists/${list.number}/sign`, { version: await list.version(), proof: await proofBySms(at, list) });
  if (signed.status !== 200) throw new Error(`not signed: ${JSON.stringify(signed.body)}`);
  return list;
}

/** Mails so far, by recipient. */
export async function mailTo(
  at: University,
  address: string,
): Promise<{ subject: string; text: string; messageId: string; receivedAt: string }[]> {
  const answer = await at.simulators.mailbox.app.request(`/messages?to=${encodeURIComponent(address)}`);
  return (await answer.json()) as { subject: string; text: string; messageId: string; receivedAt: string }[];
}

/** Waits until every letter and order of a list is delivered. */
export const delivered = (list: ListInHand): Promise<boolean> =>
  eventually('nothing is on its way', async () => {
    const { promised } = await list.read();
    return !promised.pending && !promised.claimed;
  });
