import type { Evidence, ExchangeLine, InquiryLine } from './evidence.js';
import { countOf, type Say } from './finding.js';

/**
 * After it is lifted an institution may still count as down for whom it was asked before: the round's quick tries take some
 * seconds.
 */
const SLACK_MS = 15_000;

/**
 * V4 and V10 of results from elsewhere: each institution answers each order once, nothing comes in twice or after a no, and only
 * what is down is waited for.
 */
export function fetches(seen: Evidence, say: Say): void {
  for (const order of seen.exchanges) anOrder(order, seen, say);
  const times = (lines: readonly { person: string; partner: string; key: string; caseId?: string }[]) =>
    countOf(lines.map(({ person, partner, key, caseId }) => [person.slice(0, 8), partner, key, caseId?.slice(0, 8)].join(' ')));
  for (const [what, n] of times(seen.held)) if (n > 1) say('V4', `result ${what} is held ${n} times`);
  for (const [what, n] of times(seen.changes)) if (n > 1) say('V4', `the difference ${what} was told ${n} times`);
  changed(seen, say);
  for (const { code, most, allowed } of seen.institutions)
    if (most > allowed) say('V4', `${code} was called ${most} times at a time, ${allowed} are allowed`);
}

/** The last round's answer of each institution. */
function newest(inquiries: readonly InquiryLine[]): InquiryLine[] {
  const last = new Map<string, InquiryLine>();
  for (const one of inquiries) if (one.round >= (last.get(one.partner)?.round ?? 0)) last.set(one.partner, one);
  return [...last.values()];
}

function anOrder({ caseId, number, person, state, asked }: ExchangeLine, seen: Evidence, say: Say): void {
  const all = seen.inquiries.filter((one) => one.caseId === caseId);
  const last = newest(all);
  const stopped =
    seen.operations.flatMap((one) =>
      one.command === 'stop' && 'list' in one.about && one.about.list === number && one.final.is === 'ok' ? [one.final.at] : [],
    )[0] ?? Infinity;
  const silent = last.filter(({ outcome }) => outcome === 'down');
  if (last.length !== asked) say('V4', `order ${number} was to ask ${asked} institutions and knows of ${last.length}`);
  for (const [which, n] of countOf(all.map(({ partner, round }) => `${partner} in round ${round}`)))
    if (n > 1) say('V4', `order ${number} has ${n} answers of ${which}`);
  for (const { partner, state: at, outcome } of all) {
    const over = at === 'answered' ? outcome !== null : at === 'dropped' && state === 'stopped' && outcome === null;
    if (!over) say('V10', `order ${number} is ${state}, and ${partner} is ${at} with ${outcome ?? 'no outcome'}`);
  }
  if (state === 'running') say('V10', `order ${number} never ended`);
  if (state === 'waiting' && silent.length === 0) say('V10', `order ${number} waits for nobody`);
  if (state === 'complete' && silent.length > 0)
    say('V4', `order ${number} is complete without ${silent.map(({ partner }) => partner).join(', ')}`);
  for (const one of all)
    if (one.outcome === 'down' && !wasDown(one, seen))
      say('V10', `order ${number} counts ${one.partner} as down, which it was not`);
  for (const one of all) {
    if (!one.imported || one.answeredAt === null) continue;
    const { answeredAt, partner } = one;
    const meant = seen.consents.filter((consent) => consent.person === person && consent.at < answeredAt).at(-1);
    if (meant?.answer !== 'J') say('V4', `order ${number} brought something in from ${partner} after the student's no`);
    if (answeredAt > stopped) say('V4', `order ${number} brought something in from ${partner} after its stop was acknowledged`);
  }
  const letters = seen.outbox.filter((row) => row.caseId === caseId && row.channel === 'mail').length;
  const due = ['complete', 'not-complete'].includes(state) ? 1 : 0;
  if (letters !== due) say('V4', `order ${number} is ${state} and has ${letters} letters`);
}

function wasDown({ partner, answeredAt }: InquiryLine, { lines }: Evidence): boolean {
  const told = lines.filter((line) => line.event === 'institution' && line.partner === partner && line.at <= (answeredAt ?? 0));
  const last = told.at(-1);
  return last?.event === 'institution' && (last.is === 'down' || (answeredAt ?? 0) < last.at + SLACK_MS);
}

/**
 * No difference is told that was none at the source, nothing is new twice, and what was brought in last is what stood there then.
 */
function changed(seen: Evidence, say: Say): void {
  const made = seen.lines.flatMap((line) => (line.event === 'source' ? [line] : []));
  const nameOf = ({ person, partner, key }: { person: string; partner: string; key: string }) => `${person} ${partner} ${key}`;
  const times = countOf(made.map(nameOf));
  for (const [what, n] of countOf(seen.changes.filter(({ change }) => change === 'new').map(nameOf)))
    if (n > 1) say('V4', `${what.slice(0, 8)}${what.slice(36)} was told ${n} times as new`);
  for (const [what, n] of countOf(seen.changes.filter(({ change }) => change !== 'new').map(nameOf)))
    if (n > (times.get(what) ?? 0))
      say(
        'V4',
        `${n} differences were told of ${what.slice(0, 8)}${what.slice(36)}, which changed ${times.get(what) ?? 0} times`,
      );
  const personOf = new Map(seen.exchanges.map(({ caseId, person }) => [caseId, person]));
  const held = new Map(seen.held.map((one) => [nameOf(one), one.grade]));
  for (const [what, last] of new Map(made.map((line) => [nameOf(line), line]))) {
    const since = seen.inquiries.some(
      (one) =>
        one.outcome === 'fetched' &&
        one.partner === last.partner &&
        personOf.get(one.caseId) === last.person &&
        (one.answeredAt ?? 0) > last.at,
    );
    if (since && held.get(what) !== last.grade)
      say(
        'V4',
        `${last.key} of ${last.person.slice(0, 8)} at ${last.partner} was fetched after it had changed, and is held as before`,
      );
  }
}
