import TestSequencer from '@jest/test-sequencer';

/** The files that take longest, the longest first. */
export const longest: readonly string[] = [
  'test/e2e/npm-start.test.ts',
  'test/e2e/npm-start.interrupted.test.ts',
  'test/reliability/kill.test.ts',
  'test/process/result-list.register.test.ts',
  'test/reliability/races.test.ts',
  'test/reliability/worker-crash.test.ts',
  'test/process/delegation.test.ts',
  'test/process/deliveries.test.ts',
  'test/api/forms.test.ts',
  'test/reliability/lost-workflow.test.ts',
  'test/signing/bankid-endings.test.ts',
  'test/process/complaint.outside.test.ts',
  'test/process/complaint.reports.test.ts',
  'test/process/subscription.test.ts',
  'test/e2e/operations.test.ts',
  'test/workflows/sweep.test.ts',
  'test/workflows/continue-as-new.test.ts',
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
