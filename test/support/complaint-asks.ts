import type { ComplaintData, ComplaintFacts, Entry, Proposed, Scale } from '../../workflows/complaint/complaint.js';
import { handledBy } from '../../workflows/complaint/deadline.js';
import { definition, type ComplaintCommand } from '../../workflows/complaint/definition.js';
import { rules } from '../../workflows/complaint/rules.js';
import { admit, type Actor, type CaseView, type Decision, type Refusal } from '../../workflows/process.js';
import { actor } from './list-asks.js';

/** What the rules of a complaint are asked, for tests without servers. The day is 22 June 2026, at noon in Oslo. */
export const [today, at, zone] = ['2026-06-22', '2026-06-22T10:00:00.000Z', 'Europe/Oslo'];

export const caseWorker = actor('siri', { role: 'case-worker' });
export const examOffice = actor('egil', { role: 'exam-office' });

const letterScale = 'ABCDEF';
export const letters: Scale = {
  kind: 'letters',
  ordered: true,
  grades: [...letterScale].map((grade) => ({ grade, passing: grade !== 'F' })),
};
export const passedFailed: Scale = {
  kind: 'passed-failed',
  ordered: false,
  grades: [
    { grade: 'B', passing: true },
    { grade: 'S', passing: false },
  ],
};
export const unordered: Scale = {
  kind: 'other',
  ordered: false,
  grades: [
    { grade: 'X', passing: true },
    { grade: 'Y', passing: true },
    { grade: 'Z', passing: false },
  ],
};

export const anEntry = (other: Partial<Entry> = {}): Entry => ({
  courseNameNb: 'Kalkulus',
  courseNameEn: 'Calculus',
  scale: letters,
  gradedOn: '2026-06-15',
  top: null,
  diploma: null,
  blocked: false,
  ...other,
});

/** What FS knows a protocol entry by, as the case worker gives it. */
export const unit = { course: 'MAT1000', version: '1', combination: 'S', year: 2026, term: 'JUN' };

/** A complaint received on 20 June 2026, confirmed unless told. */
export const aComplaint = (
  state: string,
  other: Partial<ComplaintData> = {},
  of: Partial<CaseView<ComplaintData>> = {},
): CaseView<ComplaintData> => ({
  id: 'a-complaint',
  number: '4711',
  kind: 'complaint',
  institution: 'bth',
  state,
  step: 3,
  version: 2,
  scope: 'MAT1000',
  waitingFor: 'case-worker',
  due: handledBy('grading', '2026-06-20', zone),
  wake: '2026-07-04T07:00:00.000Z',
  needsAttention: false,
  createdBy: 'siri',
  data: {
    type: 'grading',
    unit,
    received: '2026-06-20',
    responsible: 'siri',
    initials: 'SS',
    procedure: 'usual',
    entry: anEntry(),
    finished: false,
    ...other,
  },
  ...of,
});

/** A complaint that the committee of a round has. */
export const assessed = (round: 2 | 3, other: Partial<ComplaintData> = {}): CaseView<ComplaintData> =>
  aComplaint(
    round === 2 ? 'with-committee' : 'with-further-committee',
    {
      committees: { second: { number: 1, name: 'K2' }, ...(round === 3 ? { further: { number: 2, name: 'K3' } } : {}) },
      ...other,
    },
    { waitingFor: 'committee-member' },
  );

export const member = (person: string, other: Partial<Proposed> = {}): Proposed => ({
  person,
  external: false,
  mayBe: true,
  firstExaminer: false,
  hasSeen: false,
  satBefore: false,
  ...other,
});

export const someFacts = (other: Partial<ComplaintFacts> = {}): ComplaintFacts => ({
  calendar: { country: 'NO', own: [] },
  settings: { protection: 'neither', committee: { members: 2, external: 1 } },
  ids: ['id-1', 'id-2', 'id-3', 'id-4', 'id-5', 'id-6'],
  firstGrade: 'C',
  log: [],
  proposed: [member('mons'), member('marte', { external: true })],
  committee: { id: 'committee', number: 3, name: 'K' },
  sitting: ['mons', 'marte'],
  examOffice: ['egil'],
  examiners: ['eva'],
  caseWorkers: ['siri', 'sara'],
  recalculated: { written: false, needed: false },
  ...other,
});

type Verdict = (Decision<ComplaintData, { write: string; [field: string]: unknown }> & { code?: undefined }) | Refusal;

/** Gives a command; the rules only, role and state are judged before. */
export const given = (
  command: ComplaintCommand,
  complaint: CaseView<ComplaintData>,
  body: object = {},
  facts: Partial<ComplaintFacts> = {},
  by: Actor = caseWorker,
  when: { at?: string; today?: string } = {},
): Verdict =>
  rules.commands[command]({
    case: complaint,
    body: body as never,
    actor: by,
    facts: { initials: '', pilots: [{ from: '2020-01-01', value: [] }], ...someFacts(facts) },
    at: when.at ?? at,
    today: when.today ?? today,
    zone,
    fresh: 'fresh-id',
  }) as Verdict;

/** Gives a command as the commit judges it: by role and state first, then by the rules. */
export const tried = (
  command: ComplaintCommand,
  complaint: CaseView<ComplaintData>,
  by: Actor,
  body: object = {},
  facts: Partial<ComplaintFacts> = {},
): Verdict => admit(definition, command, complaint, by) ?? given(command, complaint, body, facts, by);

/** What was decided; throws for a no. */
export const decided = (verdict: Verdict): Exclude<Verdict, Refusal> => {
  if ('refused' in verdict && verdict.refused) throw new Error(`refused: ${verdict.code}`);
  return verdict;
};

/** Names and bodies of what a decision orders, in order. */
export const ordersOf = (verdict: Verdict): [string, unknown][] =>
  (decided(verdict).writes ?? []).flatMap((one) =>
    one.write === 'order' ? [[one['name'] as string, one['body']] as [string, unknown]] : [],
  );
/** The letters of a decision, with whom they go to. */
export const lettersOf = (verdict: Verdict): string[] =>
  (decided(verdict).promises ?? []).flatMap(({ channel, payload }) =>
    channel === 'mail' ? [`${String(payload['letter'])} ${String(payload['to'])}`] : [],
  );
/** What a decision writes besides orders. */
export const writesOf = (verdict: Verdict) => (decided(verdict).writes ?? []).filter((one) => one.write !== 'order');
/** Rule and code of a no. */
export const no = (verdict: Verdict): string =>
  'refused' in verdict && verdict.refused ? `${verdict.rule} ${verdict.code}` : 'no refusal';

/** What opening a complaint comes to. */
export const born = (body: object = {}, facts: object = {}) =>
  rules.birth({
    body: { type: 'grading', student: '100001', unit, ...body } as never,
    actor: caseWorker,
    facts: {
      calendar: { country: 'NO', own: [] },
      initials: 'SS',
      pilots: [
        { from: '2026-01-01', value: [{ course: 'MAT1000', about: 'x' }] },
        { from: '2026-06-22', value: [] },
      ],
      ...facts,
    },
    at,
    today,
    zone,
    fresh: 'fresh-id',
  });
