/** Run by `ended-tests.test.ts` alone: a whole run that is abandoned when all of it is up, a test that takes too long, and one after each. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { PHASE_ROWS } from '../../../../lib/core/phases';
import { following } from '../../following-plan';
import { runLocally } from '../../local-run-fixture';
import type { Lifetime } from '../lifetime';
import { childOfTest } from '../of-test';
import { descendants } from '../processes';

const { STARTED = '', KILLED } = process.env;
const before = descendants(process.pid).map(({ pid }) => pid);
const started = () => descendants(process.pid).filter(({ pid }) => !before.includes(pid));

/** The lifetime of the test waits for what it runs, as it does for a test that took too long. */
const { lifetimeOfCaller } = globalThis as unknown as { lifetimeOfCaller: () => Lifetime };

test('a run that waits for ever while sixteen writers write is given up', async () => {
  const isUp = new Promise<void>((up, failed) => {
    const run = async () => {
      await runLocally({
        plan: following(({ local }) => ({ local: { ...local, writers: 16 } })),
        whenEntered: {
          [PHASE_ROWS.validate.sentence]: async (servers) => {
            appendFileSync(STARTED, `${JSON.stringify(started())}\n`);
            if (KILLED) {
              process.kill(process.pid, 'SIGKILL');
            }
            up();
            await servers.onBlue('select pg_sleep(1e6)'); // until blue is ended
          },
        },
      });
    };
    lifetimeOfCaller().run(run).catch(failed);
  });
  await isUp;
  throw new Error('given up');
});

test('nothing of it is there when the next one begins', () => {
  expect(started()).toEqual([]);
});

test('one that waits for a process that never ends takes too long', async () => {
  const child = childOfTest(spawn('sleep', ['1000000'], { stdio: 'ignore' }));
  expect(started()).not.toEqual([]);
  await once(child, 'exit');
}, 1_000);

test('nothing of that is there either', () => {
  expect(started()).toEqual([]);
});
