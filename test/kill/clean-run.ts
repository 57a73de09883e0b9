import type { Evidence } from './evidence.js';

type Way = readonly (readonly [command: string, from: string | null, to: string, step: number])[];

const key = (n: number) => String(n).padStart(64, '0');
const [id, number, hash] = ['a0000000-0000-4000-8000-000000000001', '4711', 'f'.repeat(64)];
const [complaintId, complaintNumber, second, third] = [
  'a0000000-0000-4000-8000-000000000002',
  '4712',
  'e0000000-0000-4000-8000-000000000002',
  'e0000000-0000-4000-8000-000000000003',
];

const list: Way = [
  ['create', null, 'draft', 0],
  ['save', 'draft', 'draft', 0],
  ['send', 'draft', 'with-examiner', 1],
  ['sign', 'with-examiner', 'signed', 2],
  ['enter', 'signed', 'registering', 3],
  ['transferred', 'registering', 'registered', 4],
  ['attested', 'registered', 'arrived', 5],
  ['told', 'arrived', 'informed', 6],
];
const complaint: Way = [
  ['create', null, 'opened', 0],
  ['protocol-read', 'opened', 'to-confirm', 1],
  ['confirm', 'to-confirm', 'received', 2],
  ['send', 'received', 'with-committee', 3],
  ['register-grade', 'with-committee', 'to-further-assessment', 4],
  ['send', 'to-further-assessment', 'with-further-committee', 5],
  ['register-grade', 'with-further-committee', 'registering', 6],
  ['entered', 'registering', 'to-check', 7],
  ['check', 'to-check', 'closed', 8],
];
const [orderId, orderNumber, student, consented] = [
  'a0000000-0000-4000-8000-000000000004',
  '4714',
  'd0000000-0000-4000-8000-000000000001',
  'consent/d0000000-0000-4000-8000-000000000001',
];
const order: Way = [
  ['create', null, 'running', 0],
  ['round-ended', 'running', 'complete', 1],
];
const ways = [
  ...list.map((step) => ({ kind: 'result-list', caseId: id, step })),
  ...complaint.map((step) => ({ kind: 'complaint', caseId: complaintId, step })),
  ...order.map((step) => ({ kind: 'exchange', caseId: orderId, step })),
];

const ok = (
  n: number,
  [command, , state, step]: Way[number],
  of: { about: Evidence['operations'][number]['about']; number: string },
): Evidence['operations'][number] => ({
  op: n + 1,
  command,
  about: of.about,
  invokedAt: n * 100,
  doubted: command === 'sign',
  key: key(n),
  again: [true],
  final: { is: 'ok', at: n * 100 + 50, status: 200, answer: { case: { number: of.number, state, step } } },
});

/**
 * What a run looks like in which one list went from draft to student, one complaint over two committees into the protocol, and
 * one order of results from two institutions, for somebody whose earlier fetch told of another grade; a worker was killed on the
 * way, and nothing is wrong.
 */
export const cleanRun = (): Evidence => ({
  lines: [
    { at: 350, event: 'kill', part: 'worker', pid: 1 },
    { at: 1_500, event: 'source', partner: 'south.example', person: student, key: 'e1', grade: 'B' },
    { at: 5_000, event: 'institution', partner: 'north.example', is: 'down' },
    { at: 6_000, event: 'institution', partner: 'north.example', is: 'up' },
  ],
  operations: [
    ...list.slice(0, 5).map((step, n) => ok(n, step, { number, about: n === 0 ? { birth: 'result-list' } : { list: number } })),
    ok(14, complaint[6]!, { number: complaintNumber, about: { list: complaintNumber } }),
    ok(17, order[0]!, { number: orderNumber, about: { birth: 'exchange' } }),
    {
      op: 30,
      command: 'enter',
      about: { thing: consented },
      invokedAt: 900,
      doubted: true,
      key: key(91),
      again: [true],
      final: { is: 'ok', at: 1_010, status: 201, answer: {} },
    },
    {
      op: 9,
      command: 'withdraw',
      about: { list: number },
      invokedAt: 500,
      doubted: false,
      key: key(90),
      again: [],
      final: { is: 'fail', at: 550, status: 409, code: 'wrong-state' },
    },
  ],
  commands: [
    ...ways.map(({ step: [name] }, n) => ({ key: key(n), name, status: 'done' as const })),
    { key: key(90), name: 'withdraw', status: 'refused' },
    { key: key(91), name: 'enter', status: 'done' },
  ],
  audit: [
    ...ways.map(({ kind, caseId, step: [command, from, to, step] }, n) => ({
      seq: n + 1,
      caseId,
      entry: {
        action: `${kind}.${command}`,
        outcome: 'done',
        key: key(n),
        actor: 'somebody',
        at: '2026-11-02T08:00:00Z',
        details: from === null ? { to } : { from, to, step },
      },
    })),
    {
      seq: 30,
      caseId: null,
      entry: {
        action: 'consents.enter',
        outcome: 'done',
        key: key(91),
        actor: 'somebody',
        at: '2026-11-02T08:00:00Z',
        details: { answer: 'J' },
      },
    },
  ],
  chain: { ok: true, institution: 'bth', entries: 17, head: hash },
  cases: [
    {
      id,
      kind: 'result-list',
      waitingFor: null,
      number,
      state: 'informed',
      step: 6,
      version: 2,
      closed: true,
      signed: { version: 2, hash },
      sentRows: 1,
    },
    {
      id: complaintId,
      kind: 'complaint',
      waitingFor: null,
      number: complaintNumber,
      state: 'closed',
      step: 8,
      version: 1,
      closed: true,
      signed: null,
      sentRows: 0,
    },
    {
      id: orderId,
      kind: 'exchange',
      waitingFor: null,
      number: orderNumber,
      state: 'complete',
      step: 1,
      version: 1,
      closed: true,
      signed: null,
      sentRows: 0,
    },
  ],
  outbox: [
    {
      caseId: id,
      channel: 'mail',
      key: 'mail:signed',
      state: 'uncertain',
      claimedAt: 300,
      doneAt: 400,
      marks: ['<1@host>'],
      grading: null,
      overtaken: false,
    },
    {
      caseId: id,
      channel: 'mail',
      key: 'mail:grade:one',
      state: 'done',
      claimedAt: 700,
      doneAt: 720,
      marks: ['<2@host>', '<3@host>'],
      grading: null,
      overtaken: false,
    },
    {
      caseId: id,
      channel: 'sms',
      key: 'sms:one',
      state: 'done',
      claimedAt: 250,
      doneAt: 260,
      marks: ['4711 12345'],
      grading: null,
      overtaken: false,
    },
    {
      caseId: complaintId,
      channel: 'mail',
      key: 'mail:result:one',
      state: 'done',
      claimedAt: 800,
      doneAt: 820,
      marks: ['<4@host>'],
      grading: third,
      overtaken: false,
    },
    {
      caseId: orderId,
      channel: 'mail',
      key: 'mail:complete:one',
      state: 'done',
      claimedAt: 2_500,
      doneAt: 2_520,
      marks: ['<6@host>'],
      grading: null,
      overtaken: false,
    },
  ],
  signatures: [{ caseId: id, version: 2, hash, frozenHash: hash, recomputed: hash, rowsUnchanged: true }],
  transfers: [{ caseId: id, student: 's1', state: 'attested', resultUid: 'r1' }],
  complaints: [
    {
      caseId: complaintId,
      number: complaintNumber,
      decision: 'against',
      finished: true,
      blocked: false,
      grading: third,
      firstGrade: 'A',
      inFs: [{ decision: 'TIL UGUNST', finished: true }],
      protocol: { grade: 'D', reference: third, blocked: false },
    },
  ],
  gradings: [
    { id: second, caseId: complaintId, grade: 'C', inProtocol: false, deleted: false },
    { id: third, caseId: complaintId, grade: 'D', inProtocol: true, deleted: false },
  ],
  entered: [{ reference: third, grade: 'D' }],
  documents: ['complaint', 'decision'].map((document) => ({ reference: `complaint/${complaintNumber}/${document}`, files: 1 })),
  orders: [
    { id: 'o1', name: 'fetch', from: 'exam', state: 'done' },
    { id: 'o2', name: 'fetch', from: 'term', state: 'done' },
  ],
  rows: [{ caseId: id, student: 's1', personNumber: 'n1' }],
  letters: ['<2@host>', '<4@host>', '<6@host>'],
  messages: ['4711 12345'],
  register: [
    { effect: 'draft-created', resultUid: 'r1' },
    { effect: 'marked-ready', resultUid: 'r1' },
    { effect: 'attested', resultUid: 'r1' },
  ],
  exchanges: [{ caseId: orderId, number: orderNumber, person: student, state: 'complete', asked: 2 }],
  inquiries: [
    {
      caseId: orderId,
      partner: 'north.example',
      round: 1,
      state: 'answered',
      outcome: 'unknown-there',
      answeredAt: 2_000,
      imported: false,
    },
    {
      caseId: orderId,
      partner: 'south.example',
      round: 1,
      state: 'answered',
      outcome: 'fetched',
      answeredAt: 2_010,
      imported: true,
    },
  ],
  consents: [{ person: student, answer: 'J', at: 1_000 }],
  held: [
    { person: student, partner: 'south.example', key: 'e1', grade: 'B' },
    { person: student, partner: 'south.example', key: 'e2', grade: 'C' },
  ],
  changes: [{ caseId: orderId, person: student, partner: 'south.example', key: 'e1', change: 'improved' }],
  institutions: [
    { code: 'north.example', most: 2, allowed: 2 },
    { code: 'south.example', most: 1, allowed: 2 },
  ],
  workflows: [
    { id: `result-list/${number}`, status: 'COMPLETED', failingTask: false },
    { id: `complaint/${complaintNumber}`, status: 'COMPLETED', failingTask: false },
    { id: `exchange/${orderNumber}`, status: 'COMPLETED', failingTask: false },
  ],
  trouble: [],
});
