import { mailTo } from './lists.js';
import { eventually, personOf, type Answer, type Login, type University } from './university.js';

/** A complaint as a person meets it over HTTP. */
export interface ComplaintInHand {
  readonly number: string;
  read(login?: Login): Promise<any>;
  file(login?: Login): Promise<any>;
  give(login: Login, command: string, body?: object): Promise<Answer>;
}

export const complaintInHand = (at: University, number: string): ComplaintInHand => ({
  number,
  read: async (login = 'siri') => (await at.as(login).get(`/complaints/${number}`)).body,
  file: async (login = 'siri') => (await at.as(login).get(`/complaints/${number}/file`)).body,
  give: (login, command, body = {}) => at.as(login).post(`/complaints/${number}/${command}`, body),
});

/** Gives a command that has to be taken. */
export async function taken(complaint: ComplaintInHand, login: Login, command: string, body: object = {}): Promise<any> {
  const answer = await complaint.give(login, command, body);
  if (answer.status >= 300) throw new Error(`${command} was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const complaintIn = (complaint: ComplaintInHand, ...states: string[]): Promise<any> =>
  eventually(`the complaint is ${states.join(' or ')}`, async () => {
    const read = await complaint.read();
    return states.includes(read.state) && read;
  });

/** Assessment units of the simulated FS. */
export const unitOf = (course: string, combination: string, term = 'HØST', version = '1') => ({
  course,
  version,
  combination,
  year: 2026,
  term,
});
export const mathematics = unitOf('MAT1000', 'S');

/** A complaint whose protocol has been read. */
export async function opened(
  at: University,
  body: { student: string; unit?: object; type?: string; reasons?: string; received?: string },
): Promise<ComplaintInHand> {
  const made = await at.as('siri').post('/complaints', { type: 'grading', unit: mathematics, ...body });
  if (made.status !== 201) throw new Error(`no complaint was made: ${JSON.stringify(made.body)}`);
  const complaint = complaintInHand(at, made.body.case.number);
  await complaintIn(complaint, 'to-confirm');
  return complaint;
}

export async function confirmed(
  at: University,
  body: Parameters<typeof opened>[1],
  protection?: object,
): Promise<ComplaintInHand> {
  const complaint = await opened(at, body);
  await taken(complaint, 'siri', 'confirm', protection ? { protection } : {});
  return complaint;
}

const second = ['mons', 'marte'] as const;
const further = ['nils', 'nora'] as const;
export const members = (logins: readonly Login[]) =>
  logins.map((login, i) => ({ person: personOf(login).id, external: i === 1 }));

/** Appoints the committee of the round, and sends it the case. */
export async function toCommittee(complaint: ComplaintInHand, logins: readonly Login[] = second): Promise<void> {
  await taken(complaint, 'siri', 'appoint', { members: members(logins) });
  await taken(complaint, 'siri', 'send', {});
}

export const toFurther = (complaint: ComplaintInHand) => toCommittee(complaint, further);

/** A complaint that the second committee has. */
export async function assessedAnew(
  at: University,
  body: Parameters<typeof opened>[1],
  protection?: object,
): Promise<ComplaintInHand> {
  const complaint = await confirmed(at, body, protection);
  await toCommittee(complaint);
  return complaint;
}

/** Registers a grade, and waits until it stands in the protocol. */
export async function graded(complaint: ComplaintInHand, grade: string): Promise<void> {
  await taken(complaint, 'siri', 'register-grade', { grade });
  await complaintIn(complaint, 'to-check');
}

/** Waits until nothing that was promised is on its way. */
export const settled = (complaint: ComplaintInHand): Promise<boolean> =>
  eventually('nothing is on its way', async () => {
    const { promised } = await complaint.read();
    return !promised.pending && !promised.claimed;
  });

/** What stands in the protocol of the simulated FS. */
export const protocolOf = (at: University, student: string, unit = mathematics) => {
  const entry = at.simulators.fs.store.entries.find(
    (one) =>
      String(one.personlopenummer) === student &&
      one.vurderingsenhet.emnekode === unit.course &&
      one.vurderingsenhet.vurdkombkode === unit.combination &&
      one.vurderingsenhet.vurdtidkode === unit.term,
  );
  if (!entry) throw new Error(`${student} has no such result`);
  return entry;
};

/** The complaint as FS has it. */
export const inFs = (at: University, { number }: ComplaintInHand) =>
  at.simulators.fs.store.complaints.find((one) => one['eksternReferanse'] === `complaint/${number}`);

/** Mails to a student of FS. */
export const studentMails = (at: University, student: string) => mailTo(at, `student${student}@student.uni.example`);
