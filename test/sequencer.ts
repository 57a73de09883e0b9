import TestSequencer from '@jest/test-sequencer';

/** The files that take longest, the longest first. */
export const longest: readonly string[] = [
  'test/e2e/npm-start.test.ts',
  'test/reliability/worker-crash.test.ts',
  'test/e2e/npm-start.interrupted.test.ts',
  'test/reliability/kill.test.ts',
  'test/process/result-list.register.test.ts',
  'test/workflows/exchange.test.ts',
  'test/reliability/races.test.ts',
  'test/api/evil.test.ts',
  'test/process/complaint.story.test.ts',
  'test/process/exchange.fifty.test.ts',
  'test/process/complaint.outside.test.ts',
  'test/process/complaint.sight.test.ts',
  'test/reliability/exchange-kill.test.ts',
  'test/reliability/version.test.ts',
  'test/process/complaint.reminders.test.ts',
  'test/workflows/sweep.test.ts',
  'test/process/exchange.places.test.ts',
  'test/signing/sms-limits.test.ts',
  'test/signing/outage.test.ts',
  'test/signing/bulk.test.ts',
  'test/process/result-list.letters.test.ts',
  'test/process/result-list.settings.test.ts',
  'test/architecture/ci.test.ts',
  'test/process/audit-copy.test.ts',
];

/**
 * Begins with the longest files, so that none of them is alone at the end; jest knows how long a file takes only where it ran
 * before.
 */
export default class extends TestSequencer {
  override sort(tests: Parameters<TestSequencer['sort']>[0]) {
    const place = ({ path }: { path: string }) =>
      longest.findIndex((name) => path.endsWith(`/${name}`)) + 1 || longest.length + 1;
    return [...(super.sort(tests) as typeof tests)].sort((one, other) => place(one) - place(other));
  }
}
