import type { AuditLine, CaseLine } from './evidence.js';

type Ways = Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;

/** Written down anew, not taken from the product: which command leads from where to where. */
const lists: Ways = {
  save: [['draft', 'draft']],
  remove: [['draft', 'draft']],
  correct: [['with-examiner', 'with-examiner']],
  fetch: [['draft', 'draft']],
  'find-exams': [['draft', 'draft']],
  'find-columns': [['draft', 'draft']],
  'mail-not-registered': [
    ['draft', 'draft'],
    ['with-examiner', 'with-examiner'],
  ],
  'check-registrations': [
    ['draft', 'draft'],
    ['with-examiner', 'with-examiner'],
  ],
  'request-code': [
    ['draft', 'draft'],
    ['with-examiner', 'with-examiner'],
  ],
  'order-bankid': [
    ['draft', 'draft'],
    ['with-examiner', 'with-examiner'],
  ],
  send: [['draft', 'with-examiner']],
  return: [['with-examiner', 'draft']],
  withdraw: [['draft', 'withdrawn']],
  sign: [
    ['draft', 'signed'],
    ['with-examiner', 'signed'],
  ],
  enter: [['signed', 'registering']],
  transferred: [['registering', 'registered']],
  'transfer-again': [['registered', 'registering']],
  attested: [['registered', 'arrived']],
  'confirm-arrival': [['registered', 'arrived']],
  told: [['arrived', 'informed']],
};
const undecided = [
  'to-confirm',
  'received',
  'with-committee',
  'to-further-assessment',
  'with-further-committee',
  'halted',
] as const;
const complaints: Ways = {
  'protocol-read': [['opened', 'to-confirm']],
  confirm: [
    ['to-confirm', 'received'],
    ['to-confirm', 'halted'],
  ],
  resume: [['halted', 'received']],
  appoint: [
    ['received', 'received'],
    ['to-further-assessment', 'to-further-assessment'],
  ],
  send: [
    ['received', 'with-committee'],
    ['to-further-assessment', 'with-further-committee'],
  ],
  'register-grade': [
    ['with-committee', 'registering'],
    ['with-committee', 'to-further-assessment'],
    ['with-further-committee', 'registering'],
  ],
  entered: [
    ['registering', 'to-check'],
    ['registering', 'not-entered'],
  ],
  'report-wrong': [['to-check', 'to-correct']],
  correct: [['to-correct', 'registering']],
  check: [['to-check', 'closed']],
  withdraw: undecided.flatMap(
    (state) =>
      [
        [state, 'withdrawn'],
        [state, 'to-lift'],
      ] as const,
  ),
  'lift-block': [['to-lift', 'withdrawn']],
};
const approvals: Ways = {
  finish: [['in-progress', 'finished']],
  reopen: [['finished', 'in-progress']],
  due: [['finished', 'closed']],
};
const exchanges: Ways = {
  'round-ended': [
    ['running', 'complete'],
    ['running', 'waiting'],
    ['running', 'not-complete'],
  ],
  'ask-again': [['waiting', 'running']],
  due: [['waiting', 'not-complete']],
  stop: [
    ['running', 'stopped'],
    ['waiting', 'stopped'],
  ],
  extend: [
    ['running', 'running'],
    ['waiting', 'waiting'],
  ],
};
const waysOf: Readonly<Record<string, Ways>> = {
  'result-list': lists,
  complaint: complaints,
  approval: approvals,
  exchange: exchanges,
};
const edits: readonly string[] = ['result-list.save', 'result-list.remove', 'result-list.correct'];

/** What is wrong with the way a case went, by its entries in the order of the chain. */
export function transitionsOf(subject: CaseLine, entries: readonly AuditLine[]): string[] {
  const wrong: string[] = [];
  let [state, step, born] = ['', 0, 0];
  for (const { entry, seq } of entries) {
    const [kind, command] = entry.action.split('.');
    if (kind !== subject.kind || entry.outcome !== 'done' || !entry.details || command === undefined) continue;
    if (command === 'create') {
      born += 1;
      state = String(entry.details['to']);
      continue;
    }
    const [from, to] = [entry.details['from'], entry.details['to']];
    if (typeof from !== 'string' || typeof to !== 'string') continue;
    if (from !== state)
      wrong.push(`${subject.kind} ${subject.number}, entry ${seq}: ${command} starts from ${from}, the case was ${state}`);
    if (!waysOf[kind]?.[command]?.some(([a, b]) => a === from && b === to))
      wrong.push(`${subject.kind} ${subject.number}, entry ${seq}: ${command} led from ${from} to ${to}`);
    const next = step + (edits.includes(entry.action) ? 0 : 1);
    if (entry.details['step'] !== next)
      wrong.push(`${subject.kind} ${subject.number}, entry ${seq}: ${command} is step ${entry.details['step']}, not ${next}`);
    [state, step] = [to, Number(entry.details['step'])];
  }
  if (born !== 1) wrong.push(`${subject.kind} ${subject.number} was born ${born} times`);
  if (state !== subject.state || step !== subject.step)
    wrong.push(
      `${subject.kind} ${subject.number} is ${subject.state} at step ${subject.step}, its entries say ${state} at step ${step}`,
    );
  return wrong;
}
