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

/** One runner for every suite; servers are real, so workers equal the two cores of the smallest machine we promise. */
module.exports = {
  globalSetup: '<rootDir>/test/support/lifetime/run-folder.ts',
  testEnvironment: '<rootDir>/test/support/lifetime/ending-environment.ts',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  maxWorkers: 2,
  // A test that hangs, however slow the machine.
  testTimeout: 30 * 60_000,
};
