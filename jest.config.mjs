/** @type {import('jest').Config} */
export default {
  runner: 'jest-light-runner/child-process',
  transform: {},
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/build/'],
  maxWorkers: 3,
};
