import type { Evidence } from './evidence.js';

const key = (n: number) => String(n).padStart(64, '0');
const [id, number, hash] = ['a0000000-0000-4000-8000-000000000001', '4711', 'f'.repeat(64)];

const way: readonly (readonly [command: string, from: string | null, to: string, step: number])[] = [
  ['create', null, 'draft', 0], ['save', 'draft', 'draft', 0], ['send', 'draft', 'with-examiner', 1], ['sign', 'with-examiner', 'signed', 2], ['enter', 'signed', 'registering', 3],
  ['transferred', 'registering', 'registered', 4], ['attested', 'registered', 'arrived', 5], ['told', 'arrived', 'informed', 6],
];
const given = way.slice(0, 5);

/** What a run looks like in which one list went from draft to student, a worker was killed on the way, and nothing is wrong. */
export const cleanRun = (): Evidence => ({
  lines: [{ at: 350, event: 'kill', part: 'worker', pid: 1 }],
  operations: [
    ...given.map(([command, , state, step], n): Evidence['operations'][number] => ({
      op: n + 1, command, about: command === 'create' ? 'birth' : { list: number }, invokedAt: n * 100, doubted: command === 'sign', key: key(n), again: [true],
      final: { is: 'ok', at: n * 100 + 50, status: 200, answer: { case: { number, state, step } } },
    })),
    { op: 9, command: 'withdraw', about: { list: number }, invokedAt: 500, doubted: false, key: key(90), again: [], final: { is: 'fail', at: 550, status: 409, code: 'wrong-state' } },
  ],
  commands: [...way.map(([name], n) => ({ key: key(n), name, status: 'done' as const })), { key: key(90), name: 'withdraw', status: 'refused' }],
  audit: way.map(([command, from, to, step], n) => ({
    seq: n + 1, caseId: id, entry: { action: `result-list.${command}`, outcome: 'done', key: key(n), actor: 'somebody', at: '2026-11-02T08:00:00Z', details: from === null ? { to } : { from, to, step } },
  })),
  chain: { ok: true, institution: 'bth', entries: 8, head: hash },
  cases: [{ id, number, state: 'informed', step: 6, version: 2, closed: true, signed: { version: 2, hash }, sentRows: 1 }],
  outbox: [
    { caseId: id, channel: 'mail', key: 'mail:signed', state: 'uncertain', claimedAt: 300, doneAt: 400, marks: ['<1@host>'] },
    { caseId: id, channel: 'mail', key: 'mail:grade:one', state: 'done', claimedAt: 700, doneAt: 720, marks: ['<2@host>', '<3@host>'] },
    { caseId: id, channel: 'sms', key: 'sms:one', state: 'done', claimedAt: 250, doneAt: 260, marks: ['4711 12345'] },
  ],
  signatures: [{ caseId: id, version: 2, hash, frozenHash: hash, recomputed: hash, rowsUnchanged: true }],
  transfers: [{ caseId: id, student: 's1', state: 'attested', resultUid: 'r1' }],
  orders: [{ id: 'o1', name: 'fetch', state: 'done' }], rows: [{ caseId: id, student: 's1', personNumber: 'n1' }],
  letters: ['<2@host>'], messages: ['4711 12345'], register: [{ effect: 'draft-created', resultUid: 'r1' }, { effect: 'marked-ready', resultUid: 'r1' }, { effect: 'attested', resultUid: 'r1' }],
  workflows: [{ id: `result-list/${number}`, status: 'COMPLETED', failingTask: false }], trouble: [],
});
