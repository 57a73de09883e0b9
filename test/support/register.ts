import { extractText, getDocumentProxy } from 'unpdf';
import { personOf, eventually, type University } from './university.js';
import { mailTo, signedList, type ListInHand } from './lists.js';

/** Sets a switch of the simulated register, student information or any other simulator. */
export async function played(
  simulator: { app: { request(path: string, init: RequestInit): Response | Promise<Response> } },
  path: string,
  body: unknown = {},
): Promise<any> {
  const answer = await simulator.app.request(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
  if (answer.status >= 300) throw new Error(`${path} was refused (${answer.status})`);
  return answer.status === 204 ? undefined : answer.json();
}

/** The archive list as somebody of the course office reads it. */
export async function archiveList(at: University, list: ListInHand): Promise<string> {
  const answer = await at.app.request(`/result-lists/${list.number}/archive-list`, {
    headers: { Authorization: `Bearer ${await at.simulators.identityProvider.makeToken({ sub: personOf('karin').id })}` },
  });
  if (answer.status !== 200) throw new Error(`no archive list (${answer.status})`);
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(await answer.arrayBuffer())), { mergePages: true });
  return text;
}

/** The control number, read off the archive list. */
export async function printedControlNumber(at: University, list: ListInHand): Promise<string> {
  const found = /\b\d{4} \d{4} \d{2}\b/.exec(await archiveList(at, list));
  if (!found) throw new Error('no control number on the archive list');
  return found[0];
}

/** Makes the definitive entry of a signed list. */
export async function enter(at: University, list: ListInHand): Promise<void> {
  const entered = await at
    .as('karin')
    .post(`/result-lists/${list.number}/enter`, { controlNumber: await printedControlNumber(at, list) });
  if (entered.status !== 200) throw new Error(`not entered: ${JSON.stringify(entered.body)}`);
}

export const inState = (list: ListInHand, state: string): Promise<any> =>
  eventually(`the list is ${state}`, async () => {
    const read = await list.read();
    return read.state === state && read;
  });

/** A list whose rows are in the register, not yet attested. */
export async function registeredList(at: University): Promise<ListInHand> {
  const list = await signedList(at);
  await enter(at, list);
  await inState(list, 'registered');
  return list;
}

/** Waits for mail to somebody that a test asks for. */
export const mailed = (at: University, address: string, wanted: (mail: { subject: string; text: string }) => boolean) =>
  eventually(`mail to ${address}`, async () => (await mailTo(at, address)).find(wanted));
