import { BEAT_MS } from '../../activities/beating.js';
import type { ComplaintLine, Evidence, OutboxLine } from './evidence.js';
import { fetches } from './fetch-checks.js';
import { countOf, type Finding, type Say } from './finding.js';
import { transitionsOf } from './transitions.js';

/**
 * How little a run may have seen before it proves nothing; `fetches` names where students were brought from at least once,
 * `fetched` counts orders that brought results in from elsewhere.
 */
export interface Least {
  readonly acknowledged: number;
  readonly caughtInTheMiddle: number;
  readonly fetches: readonly string[];
  readonly fetched: number;
}

/** Every way to bring students to a list of one module. */
export const allFetches = ['term', 'exam', 'itslearning', 'itslearning-grades', 'single'] as const;

const named = (about: unknown) => JSON.stringify(about);

/** Judges a run by what its clients, its sinks, its database and Temporal say: every finding is a promise that was not kept. */
export function check(seen: Evidence, least: Least): Finding[] {
  const found: Finding[] = [];
  const say: Say = (invariant, what) => void found.push({ invariant, what });
  commands(seen, say);
  effects(seen, say);
  register(seen, say);
  complaints(seen, say);
  fetches(seen, say);
  records(seen, say);
  workflows(seen, say);
  const acknowledged = seen.operations.filter((one) => one.final.is === 'ok').length;
  if (acknowledged < least.acknowledged)
    say('run', `only ${acknowledged} commands were acknowledged, ${least.acknowledged} are needed`);
  for (const from of least.fetches)
    if (!seen.orders.some((order) => order.name === 'fetch' && order.from === from && order.state === 'done'))
      say('run', `nobody was fetched from ${from}`);
  const fetched = new Set(seen.inquiries.flatMap((one) => (one.outcome === 'fetched' ? [one.caseId] : []))).size;
  if (fetched < least.fetched)
    say('run', `only ${fetched} orders brought results in from elsewhere, ${least.fetched} are needed`);
  if (caughtInTheMiddle(seen) < least.caughtInTheMiddle) say('run', 'too few cases were caught in the middle');
  return found;
}

/** Cases that had an acknowledged command before some kill and another one after it. */
export function caughtInTheMiddle(seen: Evidence): number {
  const kills = seen.lines.flatMap((line) => (line.event === 'kill' ? [line.at] : []));
  const times = new Map<string, number[]>();
  for (const { about, final } of seen.operations) {
    const number =
      final.is === 'ok' && final.answer.case ? (final.answer.case.number as string) : 'list' in about ? about.list : undefined;
    if (number && final.is === 'ok') times.set(number, [...(times.get(number) ?? []), final.at]);
  }
  return [...times.values()].filter((at) => kills.some((kill) => Math.min(...at) < kill && kill < Math.max(...at))).length;
}

/** V1, V2, V3: what was acknowledged is there once, what was refused is not, what was in doubt has one answer for ever. */
function commands(seen: Evidence, say: Say): void {
  const kept = new Map(seen.commands.map((one) => [one.key, one]));
  const done = seen.audit.filter(({ entry }) => entry.outcome === 'done');
  const audited = countOf(
    done.flatMap(({ entry }) =>
      /^(result-list|complaint|approval|exchange|students|consents)\./.test(entry.action) && entry.key ? [entry.key] : [],
    ),
  );
  const checked = countOf(
    done.flatMap(({ entry }) => (entry.action === 'signing.check-code' ? [String(entry.details?.['challenge'])] : [])),
  );
  const steps = new Map(done.flatMap(({ entry }) => (entry.key ? [[entry.key, entry.details] as const] : [])));
  for (const one of seen.operations) {
    const { final, key, command, about } = one;
    const name = `${command} of ${named(about)} (operation ${one.op})`;
    const there = key === null ? undefined : kept.get(key);
    const times = 'code' in about ? (checked.get(about.code) ?? 0) : (audited.get(key ?? '') ?? 0);
    if (final.is === 'ok') {
      if (there?.status !== 'done')
        say('V1', `${name} was acknowledged and is ${there ? (there.status ?? 'undecided') : 'lost'}`);
      if (times !== 1) say('V1', `${name} was acknowledged and stands ${times} times in the audit`);
      const told = final.answer?.case;
      const details = steps.get(key ?? '');
      if (told && details && (details['to'] !== told.state || (details['step'] ?? 0) !== told.step))
        say('V1', `${name} was answered with another state than the audit has`);
    }
    if (final.is === 'fail' && (there?.status === 'done' || (times > 0 && !('code' in about))))
      say('V2', `${name} was refused and is done`);
    if (final.is === 'none') say('V3', `${name} never got a final answer`);
    if (one.again.includes(false)) say('V3', `${name} was answered otherwise when asked again`);
  }
  const decided = seen.commands.filter((one) => one.status === 'done' && one.name !== 'check-code').map((one) => one.key);
  for (const key of decided)
    if (audited.get(key) !== 1)
      say('V5', `command ${key.slice(0, 12)} is done and stands ${audited.get(key) ?? 0} times in the audit`);
  if (audited.size !== decided.length) say('V5', `${audited.size} commands in the audit, ${decided.length} done`);
}

const SLACK_MS = 2_000;

/** V4 and V10: what reached the sinks, against what was promised, and what was ordered. */
function effects(seen: Evidence, say: Say): void {
  const needless = new Set(seen.gradings.flatMap((one) => (one.deleted ? [one.id] : [])));
  const arrived = { mail: countOf(seen.letters), sms: countOf(seen.messages) };
  /**
   * Whether something died while a promise was being kept. A claim is renewed at each beat, so its holder was gone within a beat
   * of the last time; when somebody noticed (`doneAt`) may be minutes later.
   */
  const killed = (row: OutboxLine) =>
    seen.lines.some(
      (line) =>
        line.event === 'kill' &&
        (line.part === 'worker' || line.part === 'database') &&
        line.at > (row.claimedAt ?? 0) - SLACK_MS &&
        line.at < Math.min((row.claimedAt ?? 0) + BEAT_MS, row.doneAt ?? Infinity) + SLACK_MS,
    );
  for (const row of seen.outbox) {
    if (row.state === 'pending' || row.state === 'claimed') say('V10', `${row.channel} ${row.key} is still ${row.state}`);
    if (row.channel !== 'mail' && row.channel !== 'sms') continue;
    const sink = arrived[row.channel];
    const times = row.marks.reduce((sum, mark) => sum + (sink.get(mark) ?? 0), 0);
    if (times > 1) say('V4', `${row.channel} ${row.key} arrived ${times} times`);
    if (row.state === 'done' && times === 0 && !row.overtaken && !needless.has(row.grading ?? ''))
      say('V4', `${row.channel} ${row.key} counts as sent and never arrived`);
    if (row.state === 'failed' && times > 0) say('V4', `${row.channel} ${row.key} counts as failed and arrived`);
    if (row.state === 'uncertain' && !killed(row))
      say('V4', `${row.channel} ${row.key} is uncertain and nothing was killed in its gap`);
  }
  for (const channel of ['mail', 'sms'] as const) {
    const promised = new Set(seen.outbox.flatMap((row) => (row.channel === channel ? row.marks : [])));
    for (const mark of arrived[channel].keys()) if (!promised.has(mark)) say('V4', `a ${channel} arrived that nobody promised`);
  }
  for (const order of seen.orders)
    if (order.state === 'open') say('V10', `order ${order.id.slice(0, 8)} (${order.name}) never ended`);
  for (const whose of ['student', 'personNumber'] as const)
    for (const [row, times] of countOf(seen.rows.map((one) => `${one.caseId} ${one[whose]}`)))
      if (times > 1) say('V4', `a student stands ${times} times on case ${row.slice(0, 8)}`);
  for (const { id, number, state, sentRows } of seen.cases) {
    const grades = seen.outbox.filter((row) => row.caseId === id && row.key.startsWith('mail:grade:')).length;
    if (state === 'informed' && grades !== sentRows) say('V4', `list ${number} told ${grades} students of ${sentRows}`);
  }
}

/** V4 at the register: each row of each list is one draft and one mark. */
function register(seen: Evidence, say: Say): void {
  const created = countOf(seen.register.flatMap((line) => (line.effect === 'draft-created' ? [line.resultUid] : [])));
  const marked = countOf(seen.register.flatMap((line) => (line.effect === 'marked-ready' ? [line.resultUid] : [])));
  const ours = countOf(seen.transfers.flatMap((row) => (row.resultUid ? [row.resultUid] : [])));
  for (const [uid, times] of ours) if (times > 1) say('V4', `result ${uid.slice(0, 8)} stands for ${times} rows`);
  for (const [uid, times] of created)
    if (times > 1 || !ours.has(uid))
      say('V4', `draft ${uid.slice(0, 8)} was registered ${times} times for ${ours.get(uid) ?? 0} rows`);
  for (const [uid, times] of marked) if (times > 1) say('V4', `result ${uid.slice(0, 8)} was marked ready ${times} times`);
  for (const { caseId, state, resultUid } of seen.transfers) {
    if (state === 'refused' || state === 'differs') say('V4', `a row of case ${caseId.slice(0, 8)} is ${state} in the register`);
    else if (created.get(resultUid ?? '') !== 1 || marked.get(resultUid ?? '') !== 1)
      say('V4', `a row of case ${caseId.slice(0, 8)} is ${state} and was not registered once`);
  }
  for (const { id, number, state, sentRows } of seen.cases) {
    const rows = seen.transfers.filter((row) => row.caseId === id).length;
    if (['registered', 'arrived', 'informed'].includes(state) && rows !== sentRows)
      say('V4', `list ${number} has ${rows} of ${sentRows} rows in the register`);
  }
}

const fsDecisions: Readonly<Record<string, string>> = {
  'in-favour': 'TIL GUNST',
  against: 'TIL UGUNST',
  unchanged: 'UENDRET',
  dismissed: 'AVVIST',
  withdrawn: 'TRUKKET',
};

/**
 * V4 and V10 of complaints: the protocol holds each grade once, as it was decided, FS and the archive each complaint once, and
 * nobody is forgotten.
 */
function complaints(seen: Evidence, say: Say): void {
  const entered = countOf(seen.entered.map(({ reference }) => reference));
  const notices = countOf(seen.outbox.flatMap(({ grading }) => (grading ? [grading] : [])));
  const gradings = new Map(seen.gradings.map((one) => [one.id, one]));
  for (const { reference, grade } of seen.entered)
    if (gradings.get(reference)?.grade !== grade)
      say('V4', `a grade was entered under ${reference.slice(0, 8)} that nobody decided`);
  for (const { id, caseId, inProtocol } of seen.gradings) {
    const [times, told] = [entered.get(id) ?? 0, notices.get(id) ?? 0];
    if (times !== (inProtocol ? 1 : 0))
      say(
        'V4',
        `a grade of case ${caseId.slice(0, 8)} was entered ${times} times and ${inProtocol ? 'stands' : 'does not stand'} in the protocol`,
      );
    if (told !== (inProtocol ? 1 : 0))
      say(
        'V4',
        `a grade of case ${caseId.slice(0, 8)} that ${inProtocol ? 'stands' : 'does not stand'} in the protocol has ${told} notices`,
      );
  }
  for (const { reference, files } of seen.documents)
    if (files !== 1) say('V4', `document ${reference} has ${files} files in the archive`);
  const documents = countOf(seen.documents.map(({ reference }) => reference));
  for (const [reference, times] of documents)
    if (times > 1) say('V4', `document ${reference} stands ${times} times in the archive`);
  for (const one of seen.complaints) complaint(one, seen, (what) => say('V4', `complaint ${one.number} ${what}`));
  for (const { id, kind, number, state, closed, waitingFor } of seen.cases) {
    if (kind !== 'complaint') continue;
    if (state === 'not-entered') say('V4', `complaint ${number} could not be entered, and nobody else touched the protocol`);
    if (!closed && (waitingFor === null || ['opened', 'registering'].includes(state)))
      say('V10', `complaint ${number} is ${state} and waits for nobody`);
    if (
      closed &&
      documents.get(`complaint/${number}/decision`) !== (seen.complaints.find(({ caseId }) => caseId === id)?.protocol ? 1 : 0)
    )
      say('V10', `complaint ${number} is closed and its decision is not in the archive`);
  }
}

/** What FS has of one complaint, against what was decided. */
function complaint(
  { inFs, decision, finished, blocked, grading, firstGrade, protocol, caseId }: ComplaintLine,
  seen: Evidence,
  wrong: (what: string) => void,
): void {
  if (inFs.length > 1) wrong(`stands ${inFs.length} times in FS`);
  if (finished && (inFs[0]?.finished !== true || inFs[0].decision !== fsDecisions[decision ?? '']))
    wrong(`is finished as ${decision} and FS says ${inFs[0]?.decision ?? 'nothing'}`);
  if (!protocol) return;
  const meant = seen.gradings.find((one) => one.caseId === caseId && one.id === grading);
  const [grade, reference] = meant ? [meant.grade, meant.id] : [firstGrade, null];
  if (firstGrade !== null && (protocol.grade !== grade || protocol.reference !== reference))
    wrong(`shall have ${reference ? 'its new' : 'the first'} grade in the protocol, and another one stands there`);
  if (protocol.blocked !== blocked) wrong(blocked ? 'has lost its block' : 'has a block that was lifted or never set');
}

/** V5, V6, V7: the chain, the signatures, the order of states. */
function records(seen: Evidence, say: Say): void {
  if (!seen.chain.ok) say('V5', `the chain breaks at entry ${seen.chain.seq} (${seen.chain.why})`);
  for (const { seq, entry } of seen.audit) if (!entry.actor || !entry.at) say('V5', `entry ${seq} lacks actor or time`);
  const signed = new Map(seen.signatures.map((one) => [`${one.caseId}/${one.version}`, one]));
  if (signed.size < seen.signatures.length) say('V6', 'a version was signed twice');
  for (const one of seen.signatures) {
    if (one.hash !== one.frozenHash || one.hash !== one.recomputed)
      say('V6', `the signature of case ${one.caseId.slice(0, 8)} is over another content than was frozen`);
    if (!one.rowsUnchanged) say('V6', `rows of case ${one.caseId.slice(0, 8)} changed after the signature`);
  }
  for (const one of seen.cases)
    if (one.signed && signed.get(`${one.id}/${one.signed.version}`)?.hash !== one.signed.hash)
      say('V6', `list ${one.number} says it is signed and has no such signature`);
  for (const one of seen.cases)
    for (const what of transitionsOf(
      one,
      seen.audit.filter((line) => line.caseId === one.id),
    ))
      say('V7', what);
}

/** V8: one running workflow an open case, none a closed one, none that cannot go on. */
function workflows(seen: Evidence, say: Say): void {
  const running = countOf(seen.workflows.flatMap((one) => (one.status === 'RUNNING' ? [one.id] : [])));
  for (const { kind, number, closed } of seen.cases) {
    const times = running.get(`${kind}/${number}`) ?? 0;
    if (times !== (closed ? 0 : 1))
      say('V8', `${kind} ${number} is ${closed ? 'closed' : 'open'} and has ${times} running workflows`);
  }
  for (const one of seen.workflows) {
    if (one.failingTask) say('V8', `${one.id} fails its workflow task again and again`);
    if (!['RUNNING', 'COMPLETED', 'CONTINUED_AS_NEW'].includes(one.status)) say('V8', `${one.id} ended as ${one.status}`);
  }
  for (const line of seen.trouble) say('V8', `the worker said: ${line.slice(0, 200)}`);
}
