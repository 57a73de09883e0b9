import { randomUUID } from 'node:crypto';
import { queues } from '../../workflows/queues.js';
import { withCheckDigit } from '../simulators/sample.js';
import type { Answer, Caller, University } from './university.js';

export interface GivenRole {
  readonly role: string;
  readonly course?: string | null;
  readonly from?: string;
  readonly to?: string | null;
}

const whole = (roles: readonly GivenRole[]) => roles.map((role) => ({ course: null, from: '2012-08-01', to: null, ...role }));

/** Has Registrar ask the staff register and the course catalogue once more. */
export const refreshed = (at: University): Promise<void> =>
  at.world.temporal.workflow.execute('refresh', { taskQueue: queues.cases, workflowId: `refresh-${randomUUID()}` });

/** Runs what Registrar does every half minute. */
export const swept = (at: University): Promise<void> =>
  at.world.temporal.workflow.execute('sweep', { taskQueue: queues.cases, workflowId: `sweep-${randomUUID()}` });

/** Changes somebody in the staff register, and waits until Registrar has heard of it. */
export async function changeStaff(
  at: University,
  id: string,
  change: { roles?: readonly GivenRole[]; [field: string]: unknown },
): Promise<void> {
  const body = { ...change, ...(change.roles ? { roles: whole(change.roles) } : {}) };
  const answer = await at.simulators.staffRegister.app.request(`/__sim/staff/${id}`, {
    method: 'PUT',
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
  });
  if (answer.status !== 200) throw new Error(`the staff register refused (${answer.status})`);
  await refreshed(at);
}

/** Calls the API with whatever token is given, or none. */
export async function callWith(
  at: University,
  token: string | undefined,
  method: string,
  path: string,
  init: { body?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answer = await at.app.request(path, {
    method,
    headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...init.headers },
    ...(init.body === undefined ? {} : { body: init.body }),
  });
  const text = await answer.text();
  return {
    status: answer.status,
    headers: answer.headers,
    body: /json/.test(answer.headers.get('Content-Type') ?? '') ? JSON.parse(text) : text,
  };
}

/** Somebody new in the staff register, signed in. */
export async function newcomer(
  at: University,
  roles: readonly GivenRole[],
  other: { language?: string } = {},
): Promise<Caller & { readonly id: string; readonly token: string }> {
  const id = randomUUID();
  const login = `new${id.slice(0, 8)}`;
  await changeStaff(at, id, {
    login,
    givenName: 'Ny',
    surname: 'Person',
    personNumber: withCheckDigit('19910606238'),
    email: `${login}@bth.example`,
    mobile: null,
    language: 'sv',
    ...other,
    roles,
  });
  const token = await at.simulators.identityProvider.makeToken({ sub: id });
  return {
    id,
    token,
    get: (path, headers = {}) => callWith(at, token, 'GET', path, { headers }),
    post: (path, body = {}, how = {}) =>
      callWith(at, token, 'POST', path, {
        body: JSON.stringify(body),
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': how.key ?? randomUUID(), ...how.headers },
      }),
  };
}

/** The audit of one list, as the auditor reads it: every page, the oldest entry first. */
export async function auditOf(at: University, subject?: string): Promise<any[]> {
  const entries: any[] = [];
  for (let next: string | null = '0'; next !== null;) {
    const page: Answer = await at.as('rut').get(`/audit?limit=100&after=${next}${subject ? `&subject=${subject}` : ''}`);
    entries.push(...page.body.items.map((item: { entry: unknown }) => item.entry));
    next = page.body.next;
  }
  return entries;
}
