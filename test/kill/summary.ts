import { caughtInTheMiddle } from './checker.js';
import type { Evidence } from './evidence.js';
import type { Finding } from './finding.js';
import type { Part } from './operation-log.js';

/** What one run showed, as kept in `test-results/kill.json`. Durations in ms. */
export interface Summary {
  readonly seed: number;
  readonly seconds: number;
  readonly kills: Readonly<Record<Part, number>>;
  readonly counts: Readonly<Record<string, number>>;
  /**
   * For each kill: how long it was down, and when, after it was started again, the first command was acknowledged, and the first
   * that goes through a workflow.
   */
  readonly recoveries: readonly {
    readonly part: Part;
    readonly downMs: number;
    readonly firstOkMs: number | null;
    readonly firstStepMs: number | null;
  }[];
  readonly endedByThemselves: readonly Part[];
  readonly findings: readonly Finding[];
  readonly passed: boolean;
}

const edits: readonly string[] = ['create', 'save', 'check-code'];

export function summarise(input: { seen: Evidence; findings: readonly Finding[]; seed: number; seconds: number }): Summary {
  const { seen, findings } = input;
  const count = <T>(items: readonly T[], wanted: (item: T) => boolean) => items.filter(wanted).length;
  const box = (channel: string, state?: string) =>
    count(seen.outbox, (row) => row.channel === channel && (state === undefined || row.state === state));
  const effect = (name: string) => count(seen.register, (line) => line.effect === name);
  const kills = seen.lines.flatMap((line) => (line.event === 'kill' ? [line] : []));
  const oks = seen.operations
    .flatMap((one) => (one.final.is === 'ok' ? [{ at: one.final.at, step: !edits.includes(one.command) }] : []))
    .sort((a, b) => a.at - b.at);
  return {
    seed: input.seed,
    seconds: input.seconds,
    kills: Object.fromEntries(
      (['worker', 'api', 'database', 'temporal'] as const).map((part) => [part, count(kills, (line) => line.part === part)]),
    ) as Record<Part, number>,
    counts: {
      lists: count(seen.cases, (one) => one.kind === 'result-list'),
      complaints: seen.complaints.length,
      'complaints that ended': count(seen.cases, (one) => one.kind === 'complaint' && one.closed),
      'lists that reached the students': count(seen.cases, (one) => one.state === 'informed'),
      'cases caught in the middle': caughtInTheMiddle(seen),
      'commands asked': seen.operations.length,
      acknowledged: count(seen.operations, (one) => one.final.is === 'ok'),
      refused: count(seen.operations, (one) => one.final.is === 'fail'),
      'in doubt at least once': count(seen.operations, (one) => one.doubted),
      'without a final answer': count(seen.operations, (one) => one.final.is === 'none'),
      'asked again': count(seen.operations, (one) => one.again.length > 0),
      'answered otherwise': count(seen.operations, (one) => one.again.includes(false)),
      'audit entries': seen.audit.length,
      signatures: seen.signatures.length,
      'mails intended': box('mail'),
      'mails sent': count(seen.outbox, (row) => row.channel === 'mail' && row.state === 'done' && !row.overtaken),
      'mails that nobody needed any more': count(seen.outbox, (row) => row.channel === 'mail' && row.overtaken),
      'mails uncertain': box('mail', 'uncertain'),
      'mails failed': box('mail', 'failed'),
      'mails in the sink': seen.letters.length,
      'codes intended': box('sms'),
      'codes sent': box('sms', 'done'),
      'codes uncertain': box('sms', 'uncertain'),
      'codes failed': box('sms', 'failed'),
      'codes in the sink': seen.messages.length,
      'rows transferred': seen.transfers.length,
      'drafts in the register': effect('draft-created'),
      'marked ready in the register': effect('marked-ready'),
      'grades decided': seen.gradings.length,
      'grades in the protocol': count(seen.gradings, (one) => one.inProtocol),
      'grades entered in FS': seen.entered.length,
      'result notices': count(seen.outbox, (row) => row.grading !== null),
      'documents in the archive': seen.documents.length,
      'orders of results from elsewhere': seen.exchanges.length,
      ...Object.fromEntries(
        (['complete', 'stopped', 'waiting'] as const).map((state) => [
          `of them ${state}`,
          count(seen.exchanges, (one) => one.state === state),
        ]),
      ),
      'institutions to be asked': seen.exchanges.reduce((sum, one) => sum + one.asked, 0),
      answered: count(seen.inquiries, (one) => one.state === 'answered'),
      'fetched from': count(seen.inquiries, (one) => one.outcome === 'fetched'),
      'not asked or brought in after a no': count(seen.inquiries, (one) => one.outcome === 'no-consent'),
      down: count(seen.inquiries, (one) => one.outcome === 'down'),
      'dropped with a stopped order': count(seen.inquiries, (one) => one.state === 'dropped'),
      'answers no': count(seen.consents, (one) => one.answer === 'N'),
      'results held from elsewhere': seen.held.length,
      'results changed at their sources': count(seen.lines, (line) => line.event === 'source'),
      'differences told': seen.changes.length,
      'most calls at a time to an institution': Math.max(0, ...seen.institutions.map(({ most }) => most)),
    },
    recoveries: kills.map((kill) => {
      const restart = seen.lines.find((line) => line.event === 'restart' && line.at >= kill.at)?.at ?? kill.at;
      const after = (wanted: (ok: { step: boolean }) => boolean) => {
        const first = oks.find((ok) => ok.at >= restart && wanted(ok));
        return first ? first.at - restart : null;
      };
      return { part: kill.part, downMs: restart - kill.at, firstOkMs: after(() => true), firstStepMs: after((ok) => ok.step) };
    }),
    endedByThemselves: seen.lines.flatMap((line) => (line.event === 'ended-by-itself' ? [line.part] : [])),
    findings,
    passed: findings.length === 0,
  };
}

const seconds = (ms: number | null) => (ms === null ? 'none' : `${(ms / 1_000).toFixed(1)} s`);
const middle = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? null;

/** The table that is printed. */
export function tableOf(summary: Summary): string {
  const lines: [string, string][] = [
    ['seed', String(summary.seed)],
    ['seconds', summary.seconds.toFixed(0)],
    ...Object.entries(summary.kills).map(([part, n]): [string, string] => {
      const of = summary.recoveries.filter((one) => one.part === part);
      const steps = of.flatMap((one) => one.firstStepMs ?? []);
      return [
        `kill -9 of ${part}`,
        `${n}; first step acknowledged after its restart: median ${seconds(middle(steps))}, slowest ${seconds(steps.length ? Math.max(...steps) : null)}`,
      ];
    }),
    ...Object.entries(summary.counts).map(([name, n]): [string, string] => [name, String(n)]),
    ['ended by themselves', summary.endedByThemselves.join(', ') || 'none'],
    ['promises not kept', String(summary.findings.length)],
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const findings = summary.findings.slice(0, 40).map(({ invariant, what }) => `  ${invariant}  ${what}`);
  return [
    ...lines.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    ...(findings.length ? ['', ...findings] : []),
    '',
    summary.passed ? 'passed' : 'FAILED',
  ].join('\n');
}
