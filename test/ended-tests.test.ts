/** What a test started is gone when it is over, however it ends: seen from outside, in runs of jest that are made to fail. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childOfTest } from './support/lifetime/of-test';
import { type ProcessFacts, untilGone } from './support/lifetime/processes';

const ROOT = join(__dirname, '..');

/** As these tests are run themselves. */
const { projects, ...common } = jest.requireActual<{ projects: readonly object[] }>('../jest.config');

interface Outcome {
  /** What each test came to, by its name. */
  readonly tests: Readonly<Record<string, { readonly status: string; readonly message: string }>>;
  readonly failedFiles: number;
  /** What the run had started when everything was up; empty when it was too early. */
  readonly started: readonly ProcessFacts[];
}

let runs = 0;

async function abandoned({ killed = false } = {}): Promise<Outcome> {
  runs += 1;
  const [json, started] = [join(tmpdir(), `abandoned-${runs}.json`), join(tmpdir(), `started-${runs}`)];
  const config = { ...common, ...projects[0], rootDir: ROOT, testMatch: ['**/abandoned/*.abandoned.ts'] };
  const options = [`--config=${JSON.stringify(config)}`, '--json', `--outputFile=${json}`];
  const child = childOfTest(
    spawn(process.execPath, [join(ROOT, 'node_modules/jest/bin/jest.js'), '--maxWorkers=2', ...options], {
      cwd: ROOT,
      env: { ...process.env, JEST_WORKER_ID: undefined, STARTED: started, ...(killed && { KILLED: 'yes' }) },
      stdio: 'ignore',
    }),
  );
  await once(child, 'exit');
  expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`bluegreen-tests-${child.pid}-`))).toEqual([]);
  const { testResults, numFailedTestSuites } = JSON.parse(readFileSync(json, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }: { assertionResults: Result[] }) =>
    assertionResults.map(({ title, status, failureMessages }) => [title, { status, message: failureMessages.join() }]),
  );
  return {
    tests: Object.fromEntries(tests),
    failedFiles: numFailedTestSuites,
    started: existsSync(started) ? JSON.parse(readFileSync(started, 'utf8')) : [],
  };
}

interface Result {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** Of each kind, so that nobody is missed for having another name. */
function expectEverythingUp(started: readonly ProcessFacts[]): void {
  for (const kind of [
    /postgres -D/,
    /writer|prober-process/,
    /front-process/,
    /-e/,
    /postgres: app/,
    /logical replication/,
  ]) {
    expect(started.map(({ command }) => command)).toContainEqual(expect.stringMatching(kind));
  }
}

test('one that is given up, or takes too long, leaves no process to the next one, nor a folder behind', async () => {
  const outcome = await abandoned();
  expect(outcome.tests).toMatchObject({
    'a run that waits for ever while sixteen writers write is given up': {
      status: 'failed',
      message: expect.stringContaining('given up'),
    },
    'nothing of it is there when the next one begins': { status: 'passed', message: '' },
    'one that waits for a process that never ends takes too long': {
      status: 'failed',
      message: expect.stringContaining('Exceeded timeout'),
    },
    'nothing of that is there either': { status: 'passed', message: '' },
  });
  expectEverythingUp(outcome.started);
  await untilGone(
    outcome.started.map(({ pid }) => pid),
    0,
  );
});

test('a worker that is killed leaves no process and no folder behind', async () => {
  const outcome = await abandoned({ killed: true });
  expect(outcome.tests).toEqual({ 'goes its way': { status: 'passed', message: '' } });
  expect(outcome.failedFiles).toBe(1);
  expectEverythingUp(outcome.started);
  await untilGone(outcome.started.map(({ pid }) => pid));
});
