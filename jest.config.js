const { readFileSync, statfsSync } = require('node:fs');

/** Where memory is a folder, the servers' data go there: on a disk their being copied takes half of the time of all tests. */
const MEMORY = '/dev/shm';
/** All suites together need less than a tenth of it. */
const ENOUGH_BYTES = 8 * 1024 ** 3;

function memoryServes() {
  try {
    const mount = readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === MEMORY);
    const { bavail, bsize } = statfsSync(MEMORY);
    return mount !== undefined && !/\b(noexec|ro)\b/.test(mount) && bavail * bsize > ENOUGH_BYTES;
  } catch {
    return false; // not Linux
  }
}

if (process.env.TMPDIR === undefined && memoryServes()) process.env.TMPDIR = MEMORY;

// The SDK's notice about the age of Node.js says nothing about these tests.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/**
 * Below `test`, what `npm test` leaves to `npm run test:whole-runs`: faults at every step of a run, whole runs beyond a few, the
 * local RDS at work, every major version, generated values, the prober's own proof.
 */
const WHOLE_RUNS = [
  'chaos/',
  'ended-tests',
  'cli/(failback|local-runs)',
  'contract/rds-(crash|instances|majors|resume|snapshots|storage|work)',
  'integration/changed-rows/changed-rows',
  'integration/following/',
  'integration/lost-values',
  'integration/phases/(guard|long-change|same-schema|undone-run)',
  'integration/prober-(examples|operations)',
  'integration/postgres/(barrier|checks|classification|contents|conversions|declarations|detached-change|exactness|feeds)',
  'integration/postgres/(replica-identities|retyped-columns|schema-kinds|statistics|way-back|wide-tables)',
].map((path) => `/test/${path}.*\\.test\\.ts$`);

const project = {
  globalSetup: '<rootDir>/test/support/lifetime/run-folder.ts',
  testEnvironment: '<rootDir>/test/support/lifetime/ending-environment.ts',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  roots: ['<rootDir>/test'],
};

/** One runner for every suite, by its path whichever group it is in; servers are real, so workers equal the two cores of the smallest machine we promise. */
module.exports = {
  projects: [
    { ...project, displayName: 'tests', testMatch: ['**/*.test.ts'], testPathIgnorePatterns: WHOLE_RUNS },
    { ...project, displayName: 'whole-runs', testRegex: WHOLE_RUNS },
  ],
  maxWorkers: 2,
  // A test that hangs, however slow the machine.
  testTimeout: 30 * 60_000,
};
