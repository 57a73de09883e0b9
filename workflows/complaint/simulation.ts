import { nextCase, type CaseView, type Decision, type Due, type Refusal, type RoleName } from '../process.js';
import { dayOf, wallTime, type CivilDate, type Instant } from '../rules/civil-time.js';
import type { Calendar } from '../rules/working-days.js';
import type { Timeline } from '../settings/values.js';
import {
  STUDENT,
  type BirthFacts,
  type ComplaintData,
  type ComplaintFacts,
  type ComplaintWrite,
  type Entry,
  type LetterName,
  type OrderName,
  type Protection,
  type Scale,
} from './complaint.js';
import { askedBy, type ComplaintType } from './deadline.js';
import { definition, type ComplaintCommand, type ComplaintState } from './definition.js';
import { remindersAfter } from './reminders.js';
import { rules } from './rules.js';
import { compared } from './scale.js';

/**
 * What is asked: a complaint that nobody has made. `choice` is what the case worker chooses, where it is not what the institution
 * has set.
 */
export interface Simulated {
  readonly type: ComplaintType;
  readonly received: CivilDate;
  readonly gradedOn: CivilDate;
  readonly explainedOn?: CivilDate | undefined;
  readonly course: string;
  readonly scale: keyof typeof scales;
  readonly choice?: Protection | undefined;
  readonly diploma?: 'produced' | 'printed' | undefined;
}

/** What the institution had set on the day of receipt, and where its days are. */
export interface Institution {
  readonly zone: string;
  readonly calendar: Calendar;
  readonly protection: Protection;
  readonly pilots: Timeline<'complaint-pilots'>;
}

/** One step of the story: where the case then is, for whom it waits, who is written to, and what is ordered outside. */
export interface Stage {
  readonly command: ComplaintCommand;
  readonly state: ComplaintState;
  readonly waitingFor: RoleName | null;
  readonly letters: readonly { readonly letter: LetterName; readonly to: RoleName }[];
  readonly orders: readonly OrderName[];
}

/**
 * What would happen (BE-10). `lastDay` is the last day to ask; `reminded` who is reminded at the first moments of `reminders`
 * while nobody decides.
 */
export interface Simulation {
  readonly lastDay: Due;
  readonly late: boolean;
  readonly procedure: ComplaintData['procedure'];
  readonly deadline: Due;
  readonly reminders: readonly Instant[];
  readonly reminded: readonly RoleName[];
  readonly stages: readonly Stage[];
  readonly protection: Protection | null;
  readonly postponedUntil: CivilDate | null;
  /**
   * Whether a second grade can ask for a further assessment (GC-32): by its distance, never, or as the case worker judges; null
   * where nothing is graded anew.
   */
  readonly furtherAssessment: 'by-distance' | 'never' | 'judged' | null;
}

const graded = (grades: string, failing: string) => [...grades].map((grade) => ({ grade, passing: grade !== failing }));
/** Scales to choose from. */
const scales = {
  letters: { kind: 'letters', ordered: true, grades: graded('ABCDEF', 'F') },
  'passed-failed': { kind: 'passed-failed', ordered: false, grades: graded('BS', 'S') },
  'without-order': { kind: 'other', ordered: false, grades: graded('123', '') },
} as const satisfies Readonly<Record<string, Scale>>;

/** The scales that can be asked about. */
export const scaleNames = Object.keys(scales) as [keyof typeof scales, ...(keyof typeof scales)[]];

const REMINDERS = 5;
/** Nobody of flesh and blood: each role stands for its holders. */
const facts = {
  sitting: ['committee-member'],
  examOffice: ['exam-office'],
  examiners: ['examiner'],
  caseWorkers: ['case-worker'],
  initials: '',
  ids: Array.from({ length: 6 }, (_one, i) => String(i)),
} as const;
const MEMBER = {
  person: 'committee-member',
  external: true,
  mayBe: true,
  firstExaminer: false,
  hasSeen: false,
  satBefore: false,
} as const;

type Outcome = Decision<ComplaintData, ComplaintWrite>;

/** Plays the story by the rules of the process, and tells what they decide; or their first refusal. */
export function simulate(asked: Simulated, institution: Institution): Simulation | Refusal {
  const { type, received, gradedOn, explainedOn, course } = asked;
  const { zone, calendar } = institution;
  const scale: Scale = scales[asked.scale];
  const entry: Entry = {
    courseNameNb: '',
    courseNameEn: '',
    scale,
    gradedOn,
    top: null,
    diploma: asked.diploma ?? null,
    blocked: false,
  };
  const known: ComplaintFacts & BirthFacts = {
    ...facts,
    calendar,
    settings: { protection: institution.protection, committee: { members: 1, external: 0 } },
    awaited: 'done',
    entry,
    log: [],
    proposed: [MEMBER],
    committee: { id: 'committee', number: 1, name: '' },
    recalculated: { written: false, needed: false },
    pilots: institution.pilots,
    ...(explainedOn === undefined ? {} : { explainedOn }),
  };
  const asking = {
    actor: { id: 'case-worker', institution: '', roles: [] },
    facts: known,
    at: wallTime(received, '12:00', zone),
    today: received,
    zone,
    fresh: 'fresh',
  };
  const born = rules.birth({
    ...asking,
    body: { type, student: '1', unit: { course, version: '1', combination: 'S', year: 2000, term: 'X' }, received },
  });
  if (born.refused) return born;

  let now: CaseView<ComplaintData> = {
    id: 'case',
    number: '0',
    kind: definition.kind,
    institution: '',
    step: 0,
    version: 1,
    createdBy: 'case-worker',
    needsAttention: false,
    ...born,
    due: born.due ?? null,
  };
  const stages: Stage[] = [];
  const give = (command: ComplaintCommand, body: object): Refusal | undefined => {
    const decided = rules.commands[command]({ ...asking, case: now, body: body as never });
    if (decided.refused) return decided;
    now = nextCase(now, decided, definition.commands[command].kind === 'edit' ? 'version' : 'step') as CaseView<ComplaintData>;
    stages.push(stageOf(command, decided));
    return undefined;
  };
  const chosen =
    asked.choice === undefined || type === 'explanation' ? {} : { protection: { choice: asked.choice, reason: 'simulated' } };
  const told: readonly (readonly [ComplaintCommand, object])[] = [
    ['protocol-read', {}],
    ['confirm', chosen],
  ];
  const assessed: readonly (readonly [ComplaintCommand, object])[] =
    type === 'grading'
      ? [
          ['appoint', { members: [{ person: MEMBER.person, external: true }] }],
          ['send', {}],
        ]
      : [];
  for (const [command, body] of [...told, ...assessed]) {
    if (now.state === 'halted') break;
    const no = give(command, body);
    if (no) return no;
  }
  const { due, data } = now;
  if (!due) throw new Error('a complaint that is confirmed has a deadline');
  const reminders = remindersAfter(due.on, asking.at, { zone, calendar, count: REMINDERS });
  const reminded = rules.commands.remind({
    ...asking,
    case: now,
    at: now.wake ?? asking.at,
    today: dayOf(now.wake ?? asking.at, zone),
    body: {} as never,
  });
  return {
    lastDay: askedBy(type, { gradedOn, explainedOn }, zone),
    late: data.late !== undefined,
    procedure: data.procedure,
    deadline: due,
    reminders,
    reminded: reminded.refused ? [] : stageOf('remind', reminded).letters.map(({ to }) => to),
    stages,
    protection: data.protection ?? null,
    postponedUntil: data.postponedUntil ?? null,
    furtherAssessment: type === 'explanation' ? null : furtherIn(scale),
  };
}

const stageOf = (command: ComplaintCommand, { state, waitingFor, promises = [], writes = [] }: Outcome): Stage => ({
  command,
  state: state as ComplaintState,
  waitingFor,
  letters: promises
    .filter(({ channel }) => channel === 'mail')
    .map(({ payload }) => ({
      letter: payload['letter'] as LetterName,
      to: (payload['to'] === STUDENT ? 'student' : payload['to']) as RoleName,
    })),
  orders: writes.flatMap((one) => (one.write === 'order' ? [one.name] : [])),
});

/** GC-32: compares every two grades of a scale. */
function furtherIn(scale: Scale): 'by-distance' | 'never' | 'judged' {
  const verdicts = scale.grades.flatMap((first) => scale.grades.map(({ grade }) => compared(scale, first.grade, { grade })));
  if (verdicts.some((verdict) => 'refused' in verdict)) return 'judged';
  return verdicts.some((verdict) => 'far' in verdict && verdict.far) ? 'by-distance' : 'never';
}
