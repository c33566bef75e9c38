import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { isAlive, processStartedAt } from '../../../lib/local/reaper/process-identity';
import { Reaper } from '../../../lib/local/reaper/reaper';
import { childOfTest } from '../../support/lifetime/of-test';

function sleeper(): ChildProcess {
  return childOfTest(spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' }));
}

/** A runtime of its own: starts a reaper and a process in a session of its own, tells their pids, and then waits to be killed. */
const RUNTIME = `
  const { Reaper } = require(${JSON.stringify(join(__dirname, '../../../lib/local/reaper/reaper.ts'))});
  const { spawn } = require('node:child_process');
  const server = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  const reaper = Reaper.start();
  reaper.watch(server.pid);
  setTimeout(() => console.log(JSON.stringify({ server: server.pid, reaper: reaper.pid })), 300);
  setInterval(() => {}, 1000);
`;

async function gone(pid: number): Promise<void> {
  while (await processStartedAt(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('the reaper', () => {
  test('ends what it watches, and itself, when the runtime is killed with SIGKILL', async () => {
    const runtime = childOfTest(
      spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '-e', RUNTIME], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const [line] = (await once(runtime.stdout, 'data')) as [Buffer];
    const { server, reaper } = JSON.parse(line.toString()) as { server: number; reaper: number };
    expect([isAlive(server), isAlive(reaper)]).toEqual([true, true]);

    process.kill(reaper, 'SIGINT');
    process.kill(reaper, 'SIGTERM');
    runtime.kill('SIGKILL');
    await Promise.all([gone(server), gone(reaper)]);
  });

  test('leaves alone what it was told to forget, and ends with the runtime', async () => {
    const reaper = Reaper.start();
    const [kept, ended] = [sleeper(), sleeper()];
    reaper.watch(kept.pid as number);
    reaper.watch(ended.pid as number, { signal: 'SIGTERM' });
    reaper.forget(kept.pid as number);
    const exit = once(ended, 'exit');
    await reaper.close();
    expect(await exit).toEqual([null, 'SIGTERM']);
    expect(isAlive(kept.pid as number)).toBe(true);
    expect(isAlive(reaper.pid as number)).toBe(false);
  });
});
