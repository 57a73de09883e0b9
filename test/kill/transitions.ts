import type { AuditLine, CaseLine } from './evidence.js';

/** Written down anew, not taken from the product: which command leads from where to where. */
const legal: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  save: [['draft', 'draft']], remove: [['draft', 'draft']], correct: [['with-examiner', 'with-examiner']], fetch: [['draft', 'draft']],
  'find-exams': [['draft', 'draft']], 'mail-not-registered': [['draft', 'draft'], ['with-examiner', 'with-examiner']],
  'check-registrations': [['draft', 'draft'], ['with-examiner', 'with-examiner']],
  'request-code': [['draft', 'draft'], ['with-examiner', 'with-examiner']],
  'order-bankid': [['draft', 'draft'], ['with-examiner', 'with-examiner']],
  send: [['draft', 'with-examiner']], return: [['with-examiner', 'draft']], withdraw: [['draft', 'withdrawn']],
  sign: [['draft', 'signed'], ['with-examiner', 'signed']], enter: [['signed', 'registering']], transferred: [['registering', 'registered']],
  'transfer-again': [['registered', 'registering']], attested: [['registered', 'arrived']], 'confirm-arrival': [['registered', 'arrived']], told: [['arrived', 'informed']],
};
const edits: readonly string[] = ['save', 'remove', 'correct'];

/** What is wrong with the way a list went, by its entries in the order of the chain. */
export function transitionsOf(subject: CaseLine, entries: readonly AuditLine[]): string[] {
  const wrong: string[] = [];
  let [state, step, born] = ['', 0, 0];
  for (const { entry, seq } of entries) {
    const [kind, command] = entry.action.split('.');
    if (kind !== 'result-list' || entry.outcome !== 'done' || !entry.details || command === undefined) continue;
    if (command === 'create') {
      born += 1;
      state = String(entry.details['to']);
      continue;
    }
    const [from, to] = [entry.details['from'], entry.details['to']];
    if (typeof from !== 'string' || typeof to !== 'string') continue;
    if (from !== state) wrong.push(`list ${subject.number}, entry ${seq}: ${command} starts from ${from}, the list was ${state}`);
    if (!legal[command]?.some(([a, b]) => a === from && b === to)) wrong.push(`list ${subject.number}, entry ${seq}: ${command} led from ${from} to ${to}`);
    const next = step + (edits.includes(command) ? 0 : 1);
    if (entry.details['step'] !== next) wrong.push(`list ${subject.number}, entry ${seq}: ${command} is step ${entry.details['step']}, not ${next}`);
    [state, step] = [to, Number(entry.details['step'])];
  }
  if (born !== 1) wrong.push(`list ${subject.number} was born ${born} times`);
  if (state !== subject.state || step !== subject.step) wrong.push(`list ${subject.number} is ${subject.state} at step ${subject.step}, its entries say ${state} at step ${step}`);
  return wrong;
}
