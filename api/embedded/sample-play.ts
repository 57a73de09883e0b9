import { randomUUID } from 'node:crypto';
import { controlNumber } from '../../activities/result-list/frozen.js';
import type { Secrets } from '../../activities/secrets.js';
import type { Outside } from '../embedded.js';

/** The few fields of answers that the play looks at. */
interface Answered {
  readonly title: string; readonly number: string; readonly state: string; readonly version: number; readonly proof: string;
  readonly case: { readonly number: string }; readonly items: readonly { readonly student: string }[];
  readonly data: { readonly signed: { readonly version: number; readonly hash: string } };
}

/**
 * Plays one list from draft to student over HTTP, as the people would, so that there is something to look at. Only the control number is
 * made here instead of being read from the printed archive list.
 */
export async function playSample(input: { api: string; outside: Outside; secrets: Secrets }): Promise<void> {
  const { api, outside } = input;
  const tokens = new Map<string, string>();
  const call = async (login: string, method: string, path: string, body?: object): Promise<{ body: Answered; location: string }> => {
    if (!tokens.has(login)) tokens.set(login, (await (await fetch(`${outside.identityProvider}/token/${login}`)).text()).trim());
    const answer = await fetch(`${api}${path}`, {
      method, headers: { Authorization: `Bearer ${tokens.get(login)}`, 'Content-Type': 'application/json', 'Idempotency-Key': randomUUID() }, ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const read = (await answer.json()) as Answered;
    if (!answer.ok) throw new Error(`the sample list stopped at ${path}: ${read.title}`);
    return { body: read, location: answer.headers.get('Location') ?? '' };
  };
  const until = async (what: string, look: () => Promise<boolean>) => {
    for (let tries = 0; tries < 600; tries += 1) {
      if (await look()) return;
      await new Promise((later) => setTimeout(later, 100));
    }
    throw new Error(`the sample list waited in vain: ${what}`);
  };

  const made = await call('tove', 'POST', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
  const list = `/result-lists/${made.body.case.number}`;
  const fetched = await call('tove', 'POST', `${list}/fetch`, { from: 'term', term: '20262' });
  await until('the students are fetched', async () => (await call('tove', 'GET', fetched.location)).body.state === 'done');
  const version = async () => (await call('tove', 'GET', list)).body.version;
  const { items } = (await call('tove', 'GET', `${list}/rows?limit=100`)).body;
  const grades = ['A', 'B', 'C', 'D', 'E', 'F'];
  await call('tove', 'POST', `${list}/save`, { version: await version(), rows: items.map((row, i) => ({ student: row.student, grade: grades[i % 6], examinationDate: '2026-11-02', score: String(48 - i * 2) })) });
  await call('tove', 'POST', `${list}/send`, { version: await version() });
  const asked = await call('eva', 'POST', `${list}/request-code`, { version: await version() });
  await until('the code is sent', async () => (await call('eva', 'GET', asked.location)).body.state === 'sent');
  const [message] = (await (await fetch(`${outside.elks}/__sim/messages`)).json()) as { text: string }[];
  const typed = await call('eva', 'POST', `${asked.location}/check`, { code: /\b(\d{5})\b/.exec(message?.text ?? '')?.[1] ?? '' });
  await call('eva', 'POST', `${list}/sign`, { version: await version(), proof: typed.body.proof });
  const { data, number } = (await call('karin', 'GET', list)).body;
  const control = controlNumber({ list: number, version: data.signed.version, hash: data.signed.hash }, input.secrets.controlNumber);
  await call('karin', 'POST', `${list}/enter`, { controlNumber: control });
  await until('the register has it', async () => (await call('karin', 'GET', list)).body.state === 'registered');
  await fetch(`${outside.ladok}/__sim/attest-all`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
  await until('the students are told', async () => (await call('karin', 'GET', list)).body.state === 'informed');
}
