import { randomUUID } from 'node:crypto';
import { controlNumber } from '../../activities/result-list/frozen.js';
import type { Secrets } from '../../activities/secrets.js';
import type { Outside } from '../embedded.js';

/** The few fields of answers that the play looks at. */
interface Answered {
  readonly id: string;
  readonly title: string;
  readonly number: string;
  readonly state: string;
  readonly version: number;
  readonly proof: string;
  readonly person: string;
  readonly case: { readonly number: string };
  readonly items: readonly { readonly student: string }[];
  readonly data: { readonly signed: { readonly version: number; readonly hash: string } };
}

type Call = (login: string, method: string, path: string, body?: object) => Promise<{ body: Answered; location: string }>;
type Until = (what: string, look: () => Promise<boolean>) => Promise<void>;

/**
 * Plays a list to its end and a complaint to its committee, and orders somebody's results from elsewhere, over HTTP, as the
 * people would, so that there is something to look at.
 */
export async function playSample(input: { api: string; outside: Outside; secrets: Secrets }): Promise<void> {
  const { api, outside } = input;
  const tokens = new Map<string, string>();
  const call: Call = async (login, method, path, body) => {
    if (!tokens.has(login)) tokens.set(login, (await (await fetch(`${outside.identityProvider}/token/${login}`)).text()).trim());
    const answer = await fetch(`${api}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${tokens.get(login)}`,
        'Content-Type': 'application/json',
        'Idempotency-Key': randomUUID(),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const read = (await answer.json()) as Answered;
    if (!answer.ok) throw new Error(`the sample stopped at ${path}: ${read.title}`);
    return { body: read, location: answer.headers.get('Location') ?? '' };
  };
  const until: Until = async (what, look) => {
    for (let tries = 0; tries < 600; tries += 1) {
      if (await look()) return;
      await new Promise((later) => setTimeout(later, 100));
    }
    throw new Error(`the sample waited in vain: ${what}`);
  };
  await playList({ ...input, call, until });
  await playComplaint({ call, until });
  await playExchange({ call });
}

/**
 * The institution opens for the exchange of results, the two test persons are registered (RX-31), and what one of them has
 * elsewhere is ordered. The institutions answer while the people look.
 */
async function playExchange({ call }: { call: Call }): Promise<void> {
  const open = { from: '2020-01-01', reason: 'The institution takes part in the exchange of results.' };
  await call('olle', 'POST', '/me/administration-mode', { on: true });
  await call('olle', 'POST', '/settings/exchange-module', { ...open, value: true });
  await call('olle', 'POST', '/settings/exchange-consent', { ...open, value: { termRegistration: 10, studentWebModule: 20 } });
  await call('olle', 'POST', '/settings/exchange-test-numbers', { ...open, value: true });
  await call('olle', 'POST', '/me/administration-mode', { on: false });
  const register = async (place: 1 | 2, number: string, birthDate: string) =>
    (
      await call('stina', 'POST', '/students', {
        number,
        birthDate,
        givenName: `Testperson${place}`,
        surname: 'Resultatutveksling',
        email: `test${place}@student.bth.example`,
        language: 'nb',
        signIn: `e5000000-0000-4000-8000-00000000000${place}`,
      })
    ).body.person;
  const person = await register(1, '01536112185', '1961-03-01');
  await register(2, '19588312510', '1983-08-19');
  await call('test1', 'POST', '/consents', { answer: 'J' });
  const approval = await call('stina', 'POST', '/approvals', { person });
  await call('stina', 'POST', '/exchanges', { approval: approval.body.case.number });
}

/**
 * A complaint about a grade, which its committee has (GC-16). Its people are those of the sample: Mons, and Marte from outside.
 */
async function playComplaint({ call, until }: { call: Call; until: Until }): Promise<void> {
  const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'HØST' };
  const made = await call('siri', 'POST', '/complaints', {
    type: 'grading',
    student: '100001',
    unit,
    reasons: 'Oppgave 3 er besvart fullt ut.',
  });
  const complaint = `/complaints/${made.body.case.number}`;
  await until('the protocol is read', async () => (await call('siri', 'GET', complaint)).body.state === 'to-confirm');
  await call('siri', 'POST', `${complaint}/confirm`, {});
  const [mons, marte] = [(await call('mons', 'GET', '/me')).body.id, (await call('marte', 'GET', '/me')).body.id];
  await call('siri', 'POST', `${complaint}/appoint`, { members: [{ person: mons }, { person: marte, external: true }] });
  await call('siri', 'POST', `${complaint}/send`, {});
}

/** A list from draft to student. Only the control number is made here instead of being read from the printed archive list. */
async function playList(input: { outside: Outside; secrets: Secrets; call: Call; until: Until }): Promise<void> {
  const { outside, call, until } = input;
  const made = await call('tove', 'POST', '/result-lists', { kind: 'T33', course: 'XX1000', module: 'TEN1' });
  const list = `/result-lists/${made.body.case.number}`;
  const fetched = await call('tove', 'POST', `${list}/fetch`, { from: 'term', term: '20262' });
  await until('the students are fetched', async () => (await call('tove', 'GET', fetched.location)).body.state === 'done');
  const version = async () => (await call('tove', 'GET', list)).body.version;
  const { items } = (await call('tove', 'GET', `${list}/rows?limit=100`)).body;
  const grades = ['A', 'B', 'C', 'D', 'E', 'F'];
  await call('tove', 'POST', `${list}/save`, {
    version: await version(),
    rows: items.map((row, i) => ({
      student: row.student,
      grade: grades[i % 6],
      examinationDate: '2026-11-02',
      score: String(48 - i * 2),
    })),
  });
  await call('tove', 'POST', `${list}/send`, { version: await version() });
  const asked = await call('eva', 'POST', `${list}/request-code`, { version: await version() });
  await until('the code is sent', async () => (await call('eva', 'GET', asked.location)).body.state === 'sent');
  const [message] = (await (await fetch(`${outside.elks}/__sim/messages`)).json()) as { text: string }[];
  const typed = await call('eva', 'POST', `${asked.location}/check`, {
    code: /\b(\d{5})\b/.exec(message?.text ?? '')?.[1] ?? '',
  });
  await call('eva', 'POST', `${list}/sign`, { version: await version(), proof: typed.body.proof });
  const { data, number } = (await call('karin', 'GET', list)).body;
  const control = controlNumber(
    { list: number, version: data.signed.version, hash: data.signed.hash },
    input.secrets.controlNumber,
  );
  await call('karin', 'POST', `${list}/enter`, { controlNumber: control });
  await until('the register has it', async () => (await call('karin', 'GET', list)).body.state === 'registered');
  await fetch(`${outside.ladok}/__sim/attest-all`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{}',
  });
  await until('the students are told', async () => (await call('karin', 'GET', list)).body.state === 'informed');
}
