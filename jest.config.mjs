/** @type {import('jest').Config} */
export default {
  testSequencer: '<rootDir>/test/sequencer.ts',
  runner: '<rootDir>/test/runner.mjs',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  maxWorkers: 4,
};
