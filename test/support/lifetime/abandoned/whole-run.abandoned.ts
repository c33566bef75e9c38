/** Run by `ended-tests.test.ts` alone: a whole run that never comes to its end, and a test after it. */
import { appendFileSync } from 'node:fs';
import { PHASE_SENTENCES } from '../../../../lib/core/phases';
import { following } from '../../following-plan';
import { runLocally } from '../../local-run-fixture';
import { descendants } from '../processes';

const { STARTED = '', KILLED } = process.env;
const before = descendants(process.pid).map(({ pid }) => pid);
const started = () => descendants(process.pid).filter(({ pid }) => !before.includes(pid));

test('a run that waits for ever while sixteen writers write', async () => {
  await runLocally({
    plan: following(({ local }) => ({ local: { ...local, writers: 16 } })),
    whenEntered: {
      [PHASE_SENTENCES.validate]: async (servers) => {
        appendFileSync(STARTED, `${JSON.stringify(started())}\n`);
        if (KILLED) {
          process.kill(process.pid, 'SIGKILL');
        }
        servers.onBlue('select pg_sleep(1e6)').catch(() => undefined); // blue may be retired meanwhile
        await new Promise(() => undefined);
      },
    },
  });
});

test('nothing of it is there when the next one begins', () => {
  expect(started()).toEqual([]);
});
